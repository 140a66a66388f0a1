//! Numbers that the system tells in a file, read again and again: opened once, since a law's process may open nothing later.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::sync::{Mutex, PoisonError};

/// A file of numbers.
pub(crate) struct Told {
    path: &'static str,
    file: Mutex<Option<File>>,
}

impl Told {
    pub(crate) const fn of(path: &'static str) -> Self {
        Self { path, file: Mutex::new(None) }
    }

    /// The number at a place of its first line; none where the system does not tell.
    pub(crate) fn number(&self, at: usize) -> Option<u64> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.is_none() {
            *file = File::open(self.path).ok();
        }
        let (file, mut text) = (file.as_mut()?, String::new());
        file.rewind().ok()?;
        file.read_to_string(&mut text).ok()?;
        text.split_whitespace().nth(at)?.parse().ok()
    }
}
