//! One JSON object a record, pass included, and nothing else: as many lines as records.

use huoyan_model::{RecordVerdict, RunSummary};

use crate::sink::Sink;
use crate::{Error, Output};

pub(crate) struct Verdicts {
    sink: Sink,
    line: Vec<u8>,
}

impl Verdicts {
    pub(crate) fn new(sink: Sink) -> Self {
        Self { sink, line: Vec::new() }
    }
}

impl Output for Verdicts {
    fn verdict(&mut self, verdict: &RecordVerdict) -> Result<(), Error> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, verdict).map_err(|e| Error::format(self.sink.name(), e))?;
        self.line.push(b'\n');
        self.sink.put(&self.line)
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        self.sink.commit_marked(summary)
    }
}
