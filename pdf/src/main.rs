//! The command `huoyan-pdf`: a document on standard input, a PDF as a file.

mod args;

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;

use args::{Action, Args};
use huoyan_pdf::error::{Error, Lang};
use huoyan_pdf::font::Replaced;
use huoyan_pdf::{Options, Rendered, check};

fn main() -> ExitCode {
    let mut lang = args::environment_lang();
    match run(&mut lang) {
        Ok(code) => code,
        Err(error) => {
            say(&format!("huoyan-pdf: {}: {}", error.code(), error.message(lang)));
            ExitCode::from(2)
        }
    }
}

fn run(lang: &mut Lang) -> Result<ExitCode, Error> {
    let args = match args::parse()? {
        Action::Print(text) => {
            // A reader that has gone away needs no help text.
            let _ = std::io::stdout().write_all(text.as_bytes());
            return Ok(ExitCode::SUCCESS);
        }
        Action::Render(args) => args,
    };
    let document = huoyan_pdf::parse(&input(&args)?)?;
    *lang = args.lang.unwrap_or(Lang::of(&document.lang));
    let options = Options { files: &args.files, fonts: args.fonts.clone(), max_pages: args.max_pages };
    let rendered = huoyan_pdf::render(&document, &options)?;
    match &args.check {
        Some(pdf) => check::compare(&check::drawn(&rendered.laid), &check::extract(pdf)?)?,
        None => save(&args.out, &rendered)?,
    }
    Ok(report(&rendered.replaced))
}

fn input(args: &Args) -> Result<Vec<u8>, Error> {
    let limit = huoyan_pdf::MOST_JSON as u64 + 1;
    let mut json = Vec::new();
    let (path, read) = match &args.input {
        None => (Path::new("standard input"), std::io::stdin().take(limit).read_to_end(&mut json)),
        Some(path) => (path.as_path(), fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut json))),
    };
    read.map_err(|error| Error::Read { path: path.into(), detail: error.to_string() })?;
    Ok(json)
}

/// Writes beside the target and renames, so that a PDF is there whole or not at all.
fn save(out: &Path, rendered: &Rendered) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::Write { path: out.into(), detail: error.to_string() };
    let name =
        out.file_name().ok_or_else(|| Error::Usage { detail: format!("--out {} names no file", out.display()) })?;
    let part = out.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    let written = fs::File::create(&part)
        .and_then(|mut file| file.write_all(&rendered.bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, out));
    written.map_err(|error| {
        // The first error is the one to report; the part may not even be there.
        let _ = fs::remove_file(&part);
        failed(error)
    })
}

/// One JSON line for each character that is not drawn as itself; 1 when a □ stands in the pages.
fn report(replaced: &[Replaced]) -> ExitCode {
    for line in replaced {
        if let Ok(line) = serde_json::to_string(line) {
            say(&line);
        }
    }
    ExitCode::from(u8::from(replaced.iter().any(|line| !line.shown.is_empty())))
}

fn say(line: &str) {
    // Where standard error is closed, the exit code still tells.
    let _ = writeln!(std::io::stderr(), "{line}");
}
