//! Columns that a stage reads without declaring them: the host gives none, so a test must not either.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use super::texts;
use crate::Error;

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

struct Stage {
    name: String,
    declared: BTreeSet<String>,
    undeclared: BTreeSet<String>,
}

/// While it lives, reads of this thread are those of a stage.
pub(super) struct Reading;

impl Reading {
    pub(super) fn of(stage: &Value) -> Self {
        let declared = texts(&stage["reads"]["columns"]).into_iter().map(str::to_owned).collect();
        let name = stage["name"].as_str().unwrap_or_default().to_owned();
        STAGE.set(Some(Stage { name, declared, undeclared: BTreeSet::new() }));
        Self
    }

    /// Ends the stage.
    ///
    /// # Errors
    /// When it read what it does not declare.
    pub(super) fn end(self) -> Result<(), Error> {
        let Some(stage) = STAGE.take() else { return Ok(()) };
        let columns: Vec<&str> = stage.undeclared.iter().map(String::as_str).collect();
        if columns.is_empty() {
            return Ok(());
        }
        let (name, columns) = (stage.name, columns.join("', '"));
        Err(Error::input(format!(
            "stage '{name}' reads '{columns}', which its manifest does not declare, so the host would give nothing; add it to \"columns\""
        )))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        STAGE.set(None);
    }
}

/// Whether a column is read by nobody's stage or by one that declares it. Columns that the host makes begin with `_`.
pub(crate) fn may_read(column: &str) -> bool {
    STAGE.with_borrow_mut(|stage| match stage {
        Some(stage) if !column.starts_with('_') && !stage.declared.contains(column) => {
            stage.undeclared.insert(column.to_owned());
            false
        }
        _ => true,
    })
}
