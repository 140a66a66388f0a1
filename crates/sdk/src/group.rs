//! Folding a group stage: rows arrive sorted by key, possibly over several pushes; a [`Fold`] sees one key at a time.

use crate::{Batch, Error, Sink, Task};

/// Judges the groups of a group stage one after the other. `start` begins a key, `row` sees its rows in order, `finish`
/// ends it. Keep what one group needs and clear it in `start`.
pub trait Fold: Send {
    /// Columns of a batch, looked up once per push.
    type Columns<'a>;

    /// Looks the columns up.
    ///
    /// # Errors
    /// When a column has another type than the manifest asked for.
    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Self::Columns<'a>, Error>;

    /// A new key begins.
    fn start(&mut self, key: &str);

    /// One row of the current key.
    ///
    /// # Errors
    /// When a payload of an earlier stage cannot be read.
    fn row(&mut self, columns: &Self::Columns<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error>;

    /// The current key has no more rows.
    ///
    /// # Errors
    /// When the group cannot be judged.
    fn finish(&mut self, key: &str, sink: &mut Sink<'_>) -> Result<(), Error>;
}

/// A [`Task`] that feeds a [`Fold`].
pub struct Grouped<F> {
    fold: F,
    key: Option<String>,
}

impl<F: Fold> Grouped<F> {
    /// A task over one partition.
    pub fn new(fold: F) -> Self {
        Self { fold, key: None }
    }
}

impl<F: Fold> Task for Grouped<F> {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let keys = batch.text("_key")?;
        let columns = self.fold.columns(batch)?;
        for row in 0..batch.len() {
            let key = keys.get(row).ok_or_else(|| Error::input("a grouped row has no key"))?;
            if self.key.as_deref() != Some(key) {
                if let Some(done) = self.key.take() {
                    self.fold.finish(&done, sink)?;
                }
                self.fold.start(key);
                self.key = Some(key.to_owned());
            }
            self.fold.row(&columns, row, sink)?;
        }
        Ok(())
    }

    fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        match self.key.take() {
            Some(done) => self.fold.finish(&done, sink),
            None => Ok(()),
        }
    }
}

/// The columns of a batch of rows that earlier stages emitted, ready for [`Fold::columns`].
pub struct Rows<'a> {
    /// Keys of records.
    pub record: crate::TextColumn<'a>,
    /// The emitting stage.
    pub input: crate::TextColumn<'a>,
    /// What it emitted.
    pub payload: crate::BinaryColumn<'a>,
    /// The order given with the row.
    pub order: crate::IntegerColumn<'a>,
}

impl<'a> Rows<'a> {
    /// Looks the columns up.
    ///
    /// # Errors
    /// When one has another type.
    pub fn of(batch: &Batch<'a>) -> Result<Self, Error> {
        Ok(Self {
            record: batch.text("_record")?,
            input: batch.text("_input")?,
            payload: batch.binary("_payload")?,
            order: batch.integer("_order")?,
        })
    }
}
