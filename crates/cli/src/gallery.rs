//! `huoyan gallery`: reference pictures of a brand.

use std::fmt::Write as _;
use std::path::Path;

use huoyan_host::ResourceData;
use huoyan_model::Locale;
use huoyan_report::sanitise;
use huoyan_vision::gallery::{Gallery, Options, build};

use crate::args::{GalleryArgs, GalleryCommand};
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(crate) fn run(args: &GalleryArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        GalleryCommand::Build { dir, out } => make(dir, out, terminal),
        GalleryCommand::List { file } => list(file, terminal),
        GalleryCommand::Verify { file } => verify(file, terminal),
    }
}

fn make(dir: &Path, out: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let report = build(dir, out, &Options::default()).map_err(|e| failure(e.to_string()))?;
    let locale = terminal.language();
    for skipped in &report.skipped {
        let (file, reason) = (sanitise(&skipped.file), sanitise(&skipped.reason));
        terminal.note(&match locale {
            Locale::Zh => format!("未收入 {file}：{reason}"),
            Locale::En => format!("left out {file}: {reason}"),
        });
    }
    for file in &report.unmatched {
        let file = sanitise(file);
        terminal.note(&match locale {
            Locale::Zh => format!("gallery.csv 提到的 {file} 不存在"),
            Locale::En => format!("gallery.csv names {file}, which is not there"),
        });
    }
    let (pictures, bytes) = (report.pictures, report.bytes);
    terminal.note(&match locale {
        Locale::Zh => format!("{}：{pictures} 张图片，{bytes} 字节，摘要 {}", out.display(), report.digest),
        Locale::En => format!("{}: {pictures} pictures, {bytes} bytes, digest {}", out.display(), report.digest),
    });
    Ok(Exit::Complete)
}

fn open(file: &Path) -> Result<ResourceData, Failure> {
    ResourceData::map("gallery", file).map_err(failure)
}

fn list(file: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let data = open(file)?;
    let gallery = Gallery::open(data.as_slice()).map_err(|e| failure(format!("{}: {e}", file.display())))?;
    let mut out = String::new();
    for picture in gallery.pictures() {
        let _ = writeln!(
            out,
            "{}\t{}\t{}\t{}x{}\tq{}",
            sanitise(picture.item),
            sanitise(picture.brand),
            sanitise(picture.file),
            picture.width,
            picture.height,
            picture.quality
        );
    }
    terminal.print(&out);
    Ok(Exit::Complete)
}

fn verify(file: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let data = open(file)?;
    let bad = |e: huoyan_vision::gallery::GalleryError| failure(format!("{}: {e}", file.display()));
    let gallery = Gallery::open(data.as_slice()).map_err(bad)?;
    gallery.verify().map_err(bad)?;
    terminal.print(&match terminal.language() {
        Locale::Zh => format!("完好：{} 张图片，摘要 {}\n", gallery.len(), gallery.digest()),
        Locale::En => format!("intact: {} pictures, digest {}\n", gallery.len(), gallery.digest()),
    });
    Ok(Exit::Complete)
}
