//! The command line, as plain data.

use std::path::PathBuf;

use huoyan_pdf::error::{Error, Lang};
use huoyan_pdf::font::Choice;
use lexopt::prelude::*;

/// The help text.
pub const HELP: &str = "\
Writes an appeal dossier as PDF/A-2b with embedded fonts.

Usage: huoyan-pdf render --files DIR --out FILE [DOCUMENT.json]
       huoyan-pdf check --pdf FILE --files DIR [DOCUMENT.json]

The document comes from the file or from standard input.

render   Write the PDF; it is there whole or not at all
check    Read the text of a PDF again (needs pdftotext) and compare it with the document

  --files DIR      The folder of the pictures [default: .]
  --out FILE       The PDF to write
  --pdf FILE       The PDF to check
  --font FILE      The font [default: Noto Sans CJK SC of the system, else another Chinese font]
  --bold FILE      Its bold face [default: the one beside it]
  --max-pages N    The most pages [default: 1000]
  --lang zh|en     The language of messages [default: that of the document]
  -h, --help       Print this help
  -V, --version    Print the version

Exit codes: 0 done; 1 done, and some characters stand as □ (a JSON line each on standard error); 2 error
";

/// What to do.
pub enum Action {
    /// Print a text and end.
    Print(String),
    /// Render, and write or check.
    Render(Args),
}

/// The arguments of `render` and `check`.
pub struct Args {
    /// The document; `None` is standard input.
    pub input: Option<PathBuf>,
    /// The folder of the pictures.
    pub files: PathBuf,
    /// The PDF to write; empty for a check.
    pub out: PathBuf,
    /// The PDF to check.
    pub check: Option<PathBuf>,
    /// The fonts.
    pub fonts: Choice,
    /// The most pages.
    pub max_pages: usize,
    /// The language of messages.
    pub lang: Option<Lang>,
}

/// The language of messages before a document is read.
pub fn environment_lang() -> Lang {
    let tag = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|tag| !tag.is_empty()));
    Lang::of(&tag.unwrap_or_default())
}

/// Reads the command line of the process.
pub fn parse() -> Result<Action, Error> {
    read(lexopt::Parser::from_env()).map_err(|error| Error::Usage { detail: error.to_string() })
}

fn read(mut parser: lexopt::Parser) -> Result<Action, lexopt::Error> {
    let mut command: Option<String> = None;
    let (mut input, mut files, mut out, mut pdf, mut lang) = (None, None, None, None, None);
    let mut fonts = Choice::default();
    let mut max_pages = huoyan_pdf::MOST_PAGES;
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Action::Print(HELP.to_owned())),
            Short('V') | Long("version") => {
                return Ok(Action::Print(concat!("huoyan-pdf ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
            }
            Long("files") => files = Some(parser.value()?.into()),
            Long("out") => out = Some(PathBuf::from(parser.value()?)),
            Long("pdf") => pdf = Some(PathBuf::from(parser.value()?)),
            Long("font") => fonts.regular = Some(parser.value()?.into()),
            Long("bold") => fonts.bold = Some(parser.value()?.into()),
            Long("max-pages") => max_pages = parser.value()?.parse()?,
            Long("lang") => lang = Some(Lang::of(&parser.value()?.string()?)),
            Value(value) if command.is_none() => command = Some(value.string()?),
            Value(value) if input.is_none() => {
                input = Some(value.into()).filter(|path: &PathBuf| path.as_os_str() != "-")
            }
            arg => return Err(arg.unexpected()),
        }
    }
    let (out, check) = match command.as_deref() {
        Some("render") => (out.ok_or("render needs --out FILE")?, None),
        Some("check") => (PathBuf::new(), Some(pdf.ok_or("check needs --pdf FILE")?)),
        Some(other) => return Err(format!("there is no command {other:?}").into()),
        None => return Err("a command is needed: render or check".into()),
    };
    let files = files.unwrap_or_else(|| PathBuf::from("."));
    Ok(Action::Render(Args { input, files, out, check, fonts, max_pages, lang }))
}
