//! Findings as JSON lines: everything a program needs, raw.
//!
//! The first line is the header (`"type":"header"`), then one line a finding (`"type":"finding"`, with the fields of
//! [`Finding`](huoyan_model::Finding) at the top level), one a record that could not be judged (`"type":"unjudged"`),
//! and the summary (`"type":"summary"`), which says whether the run is complete: a file without it was cut off.

use huoyan_model::{ReportItem, RunHeader, RunSummary, Unjudged};
use serde::Serialize;

use crate::sink::Sink;
use crate::{Error, Output};

pub(crate) struct Jsonl {
    sink: Sink,
    line: Vec<u8>,
}

#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    body: &'a T,
}

impl Jsonl {
    pub(crate) fn new(sink: Sink) -> Self {
        Self { sink, line: Vec::new() }
    }

    fn put<T: Serialize>(&mut self, kind: &'static str, body: &T) -> Result<(), Error> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, &Line { kind, body }).map_err(|e| Error::format(self.sink.name(), e))?;
        self.line.push(b'\n');
        self.sink.put(&self.line)
    }
}

impl Output for Jsonl {
    fn begin(&mut self, header: &RunHeader) -> Result<(), Error> {
        self.put("header", header)
    }

    fn finding(&mut self, item: &ReportItem) -> Result<(), Error> {
        self.put("finding", &item.finding)
    }

    fn unjudged(&mut self, item: &Unjudged) -> Result<(), Error> {
        self.put("unjudged", item)
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        self.put("summary", summary)?;
        self.sink.commit()
    }
}
