use std::fmt;
use std::io::Write;
use std::sync::Arc;

use huoyan_model::{Locale, RecordVerdict, ReportItem, RunHeader, RunSummary, ScoreRow, Unjudged};

use crate::{Error, Format, Spec};
use crate::{baseline, csv, html, jsonl, parquet, scores, text, verdicts, xlsx};

/// One writer. The pipeline's final pass calls `begin`, then rows in its own deterministic order, then `finish`.
///
/// An output writes every row it is handed: which findings are written (scores below 0.5, disabled rules) is decided
/// before. One that is dropped without `finish` leaves no file behind.
pub trait Output: Send {
    /// The start of the run.
    fn begin(&mut self, _header: &RunHeader) -> Result<(), Error> {
        Ok(())
    }

    /// One finding.
    fn finding(&mut self, _item: &ReportItem) -> Result<(), Error> {
        Ok(())
    }

    /// The verdict on one record; every record has one.
    fn verdict(&mut self, _verdict: &RecordVerdict) -> Result<(), Error> {
        Ok(())
    }

    /// The score that a scoring detector gave one record.
    fn score(&mut self, _row: &ScoreRow) -> Result<(), Error> {
        Ok(())
    }

    /// A record that a detector could not judge.
    fn unjudged(&mut self, _item: &Unjudged) -> Result<(), Error> {
        Ok(())
    }

    /// The end of the run: writes what is left, flushes, and moves the file to its name.
    fn finish(&mut self, _summary: &RunSummary) -> Result<(), Error> {
        Ok(())
    }
}

/// A grey picture, as galleries keep them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GreyPicture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height` bytes, row by row, 0 for black.
    pub pixels: Vec<u8>,
}

/// Finds a reference picture by its item's name and, where evidence tells it, its file; nothing when no gallery at hand
/// holds it.
pub type References = Arc<dyn Fn(&str, Option<&str>) -> Option<GreyPicture> + Send + Sync>;

/// How outputs are written, beyond their format.
#[derive(Clone)]
pub struct Options {
    /// The language of texts for people. The HTML report holds both and opens in this one.
    pub locale: Locale,
    /// Whether the text format may use colour (the caller knows the terminal and `NO_COLOR`).
    pub colour: bool,
    /// Terminal columns for the text format; 0 means 100.
    pub width: usize,
    /// The most findings the HTML report holds in full, the most severe first. Its counts always cover all.
    pub html_findings: usize,
    /// Where the HTML report takes the reference picture beside a suspected copy from (`evidence.gallery_item`), unless
    /// the evidence carries one.
    pub references: Option<References>,
    /// Opens standard output. Called once for each output that goes there.
    pub stdout: fn() -> Box<dyn Write + Send>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            locale: Locale::Zh,
            colour: false,
            width: 100,
            html_findings: 5_000,
            references: None,
            stdout: || Box::new(std::io::stdout()),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("locale", &self.locale)
            .field("colour", &self.colour)
            .field("width", &self.width)
            .field("html_findings", &self.html_findings)
            .finish_non_exhaustive()
    }
}

/// Opens the writer of one output. Its temporary file is made at once, so that a folder nobody may write to is told
/// before the scan and not after it.
pub fn open(spec: &Spec, options: &Options) -> Result<Box<dyn Output>, Error> {
    let sink = crate::sink::Sink::open(&spec.destination, options.stdout)?;
    Ok(match spec.format {
        Format::Text => Box::new(text::Text::new(sink, options)),
        Format::Jsonl => Box::new(jsonl::Jsonl::new(sink)),
        Format::Csv => Box::new(csv::Csv::new(sink, options.locale)),
        Format::Parquet => Box::new(parquet::Parquet::new(sink)?),
        Format::Xlsx => Box::new(xlsx::Xlsx::new(sink, options.locale)),
        Format::Html => Box::new(html::Html::new(sink, options)),
        Format::Scores => Box::new(scores::Scores::new(sink)),
        Format::Verdicts => Box::new(verdicts::Verdicts::new(sink)),
        Format::Baseline => Box::new(baseline::Baseline::new(sink)),
    })
}

/// Several outputs written in one run.
#[derive(Default)]
pub struct Outputs(Vec<Box<dyn Output>>);

impl Outputs {
    /// Opens all of them; none is left behind when one fails.
    pub fn open(specs: &[Spec], options: &Options) -> Result<Self, Error> {
        specs.iter().map(|spec| open(spec, options)).collect::<Result<_, _>>().map(Self)
    }

    /// Adds an output of the caller's own.
    pub fn push(&mut self, output: Box<dyn Output>) {
        self.0.push(output);
    }
}

impl Output for Outputs {
    fn begin(&mut self, header: &RunHeader) -> Result<(), Error> {
        self.0.iter_mut().try_for_each(|output| output.begin(header))
    }

    fn finding(&mut self, item: &ReportItem) -> Result<(), Error> {
        self.0.iter_mut().try_for_each(|output| output.finding(item))
    }

    fn verdict(&mut self, verdict: &RecordVerdict) -> Result<(), Error> {
        self.0.iter_mut().try_for_each(|output| output.verdict(verdict))
    }

    fn score(&mut self, row: &ScoreRow) -> Result<(), Error> {
        self.0.iter_mut().try_for_each(|output| output.score(row))
    }

    fn unjudged(&mut self, item: &Unjudged) -> Result<(), Error> {
        self.0.iter_mut().try_for_each(|output| output.unjudged(item))
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        self.0.iter_mut().try_for_each(|output| output.finish(summary))
    }
}
