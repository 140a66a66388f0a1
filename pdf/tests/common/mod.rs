//! Documents and renderings that the tests share.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::unwrap_used, reason = "only tests call this")]

use std::path::{Path, PathBuf};

use huoyan_pdf::document::{Block, Document};
use huoyan_pdf::error::Error;
use huoyan_pdf::font::Choice;
use huoyan_pdf::{Options, Rendered};

/// The folder of the samples.
pub fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// A sample document.
pub fn sample(name: &str) -> Document {
    huoyan_pdf::parse(&std::fs::read(samples().join(name)).unwrap()).unwrap()
}

/// A document of blocks.
pub fn document(blocks: Vec<Block>) -> Document {
    Document {
        title: "申诉书".into(),
        lang: "zh-CN".into(),
        case_id: "CASE-1".into(),
        made_at: "2026-11-22T10:30:00+08:00".into(),
        stamp: String::new(),
        footer: "页脚".into(),
        blocks,
    }
}

pub fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph { text: text.into() }
}

/// Renders with the system's fonts and at most 1000 pages.
pub fn try_render(document: &Document) -> Result<Rendered, Error> {
    let files = samples().join("files");
    huoyan_pdf::render(document, &Options { files: &files, fonts: Choice::default(), max_pages: 1000 })
}

/// Renders, and shows the message of an error: without fonts it says what to install.
pub fn render(document: &Document) -> Rendered {
    try_render(document).unwrap_or_else(|error| panic!("{}", error.message(huoyan_pdf::error::Lang::En)))
}

/// The text of each page as a reader of the PDF finds it.
pub fn read(rendered: &Rendered) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.pdf");
    std::fs::write(&path, &rendered.bytes).unwrap();
    huoyan_pdf::check::extract(&path).unwrap_or_else(|error| panic!("{}", error.message(huoyan_pdf::error::Lang::En)))
}

/// A generator of numbers below a bound, the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }
}
