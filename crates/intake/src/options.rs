use std::path::PathBuf;

use huoyan_model::{Column, RecordKind, columns_of, find_column};

use crate::Error;

/// How inputs are read. [`Options::default`] reads everything with no flag.
#[derive(Clone, Debug)]
pub struct Options {
    /// The kind of all inputs; guessed per input when absent.
    pub kind: Option<RecordKind>,
    /// Columns told by the user; they overrule the guess.
    pub map: Vec<FieldMap>,
    /// Which columns are decoded. The key and the provenance always are.
    pub columns: ColumnSelection,
    /// Rows of a batch at most.
    pub batch_rows: usize,
    /// Bytes of input text of a batch at most, one row aside.
    pub batch_bytes: usize,
    /// Bytes of a row at most; a longer one is quarantined.
    pub max_row_bytes: usize,
    /// Bytes that a packed input may unpack to.
    pub max_decompressed_bytes: u64,
    /// Bytes of an input that must be held in memory as a whole: a workbook (packed and unpacked), a packed Parquet file.
    pub max_workbook_bytes: u64,
    /// What the one input is told to be instead of a file by its path.
    pub stand_in: Option<StandIn>,
}

/// Where a record comes from that was handed over as text, and is in a file only to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// What provenance names.
    pub name: String,
    /// The folder that relative paths of pictures start from.
    pub folder: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            kind: None,
            map: Vec::new(),
            columns: ColumnSelection::all(),
            batch_rows: 4096,
            batch_bytes: 4 << 20,
            max_row_bytes: 4 << 20,
            max_decompressed_bytes: 1 << 40,
            max_workbook_bytes: 1 << 30,
            stand_in: None,
        }
    }
}

/// "This header is that field", as the user says with `--map FIELD=HEADER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMap {
    /// A field of listings or reviews.
    pub field: String,
    /// The header in the file; for a file without a header, the number of the column from 1.
    pub header: String,
}

impl FieldMap {
    /// Reads `FIELD=HEADER`.
    ///
    /// # Errors
    /// When there is no `=` or no such field; the message names the fields there are.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let Some((field, header)) = text.split_once('=') else {
            return Err(Error::BadMap { text: text.to_owned() });
        };
        let map = Self { field: field.trim().to_owned(), header: header.trim().to_owned() };
        map.check()?;
        Ok(map)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let known =
            [RecordKind::Listing, RecordKind::Review].into_iter().any(|k| find_column(k, &self.field).is_some());
        if known { Ok(()) } else { Err(Error::UnknownField { field: self.field.clone() }) }
    }
}

/// The columns of each kind that are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnSelection {
    listing: Vec<bool>,
    review: Vec<bool>,
}

impl ColumnSelection {
    /// Every column.
    pub fn all() -> Self {
        Self::filled(true)
    }

    /// No column but the key.
    pub fn none() -> Self {
        Self::filled(false)
    }

    fn filled(value: bool) -> Self {
        Self {
            listing: vec![value; columns_of(RecordKind::Listing).len()],
            review: vec![value; columns_of(RecordKind::Review).len()],
        }
    }

    /// Adds a column.
    ///
    /// # Errors
    /// When records of the kind have no such column, or no file holds records of that kind.
    pub fn select(&mut self, kind: RecordKind, name: &str) -> Result<(), Error> {
        let at = columns_of(kind).iter().position(|column| column.name == name);
        let flags = match kind {
            RecordKind::Listing => &mut self.listing,
            RecordKind::Review => &mut self.review,
            RecordKind::Image => return Err(Error::UnknownField { field: name.to_owned() }),
        };
        match at.and_then(|at| flags.get_mut(at)) {
            Some(flag) => *flag = true,
            None => return Err(Error::UnknownField { field: name.to_owned() }),
        }
        Ok(())
    }

    /// The selected columns of a kind with their index among [`columns_of`], in that order.
    pub fn columns(&self, kind: RecordKind) -> impl Iterator<Item = (usize, Column)> {
        let flags = match kind {
            RecordKind::Listing => &self.listing[..],
            RecordKind::Review => &self.review[..],
            RecordKind::Image => &[],
        };
        columns_of(kind).iter().copied().enumerate().zip(flags).filter(|(_, on)| **on).map(|(column, _)| column)
    }
}

impl Default for ColumnSelection {
    fn default() -> Self {
        Self::all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_keeps_the_order_of_the_model() {
        let mut columns = ColumnSelection::none();
        columns.select(RecordKind::Listing, "price").unwrap();
        columns.select(RecordKind::Listing, "title").unwrap();
        let names: Vec<_> = columns.columns(RecordKind::Listing).map(|(_, c)| c.name).collect();
        assert_eq!(names, ["title", "price"]);
        assert_eq!(columns.columns(RecordKind::Review).count(), 0);
        assert!(columns.select(RecordKind::Review, "title").is_err());
    }

    #[test]
    fn a_map_names_a_field_that_exists() {
        assert_eq!(FieldMap::parse("title=商品名").unwrap().header, "商品名");
        assert!(FieldMap::parse("titel=x").unwrap_err().to_string().contains("titel"));
        assert!(FieldMap::parse("title").is_err());
    }
}
