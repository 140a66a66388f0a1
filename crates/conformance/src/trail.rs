//! Says what is being judged before it is, so that whoever finds the process dead knows the input.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::report::LawReport;
use crate::rows::Row;

/// Larger inputs than this are not written down: nobody would read them.
const MOST_BYTES: usize = 64 << 20;

/// What was being judged.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) detector: String,
    /// How many rows there were, also where they are too many to be written down.
    pub(crate) rows: usize,
    pub(crate) input: Vec<Value>,
    /// The configuration, where it is not the one that was asked for.
    pub(crate) config: Option<String>,
    /// What was found to be wrong with these rows, while a smaller input is looked for.
    pub(crate) found: Option<Localized>,
    /// What came of the detectors before this one.
    pub(crate) done: Vec<LawReport>,
}

/// Where that is written; nowhere when a law is judged in the caller's own process.
#[derive(Default)]
pub(crate) struct Trail {
    file: Option<RefCell<File>>,
    detector: RefCell<String>,
    done: RefCell<Vec<LawReport>>,
    /// From here on only a smaller input of the same breach is worth telling.
    found: Cell<bool>,
}

impl Trail {
    /// Opens the file at once: later the process may open none.
    pub(crate) fn to(path: &Path) -> std::io::Result<Self> {
        Ok(Self { file: Some(RefCell::new(File::create(path)?)), ..Self::default() })
    }

    /// From here on it is this detector that is judged.
    pub(crate) fn begin(&self, detector: &str, done: &[LawReport]) {
        detector.clone_into(&mut self.detector.borrow_mut());
        done.clone_into(&mut self.done.borrow_mut());
        self.found.set(false);
        self.step(&[], None);
    }

    /// These rows are judged now, with this configuration where it is another than was asked for.
    pub(crate) fn step(&self, rows: &[Row], config: Option<&str>) {
        if !self.found.get() {
            self.write(rows, config, None);
        }
    }

    /// These rows break the law.
    pub(crate) fn found(&self, rows: &[Row], what: &Localized, config: Option<&str>) {
        self.found.set(true);
        self.write(rows, config, Some(what));
    }

    fn write(&self, rows: &[Row], config: Option<&str>, found: Option<&Localized>) {
        let Some(file) = &self.file else { return };
        let mut step = Step {
            detector: self.detector.borrow().clone(),
            rows: rows.len(),
            input: rows.iter().map(Row::to_json).collect(),
            config: config.map(str::to_owned),
            found: found.cloned(),
            done: self.done.borrow().clone(),
        };
        let mut bytes = serde_json::to_vec(&step).unwrap_or_default();
        if bytes.len() > MOST_BYTES {
            step.input.clear();
            bytes = serde_json::to_vec(&step).unwrap_or_default();
        }
        // Without a trail a crash is still told, only without its input.
        let mut file = file.borrow_mut();
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(&bytes));
    }

    pub(crate) fn read(path: &Path) -> Option<Step> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}
