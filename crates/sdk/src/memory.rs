//! Batches made from values in memory, so that a detector can be tested, or run, without a host.
//!
//! They go through the same Arrow structs as the host's, so a test sees what production sees.

use core::ffi::c_void;
use core::ptr;
use std::ffi::CString;

use huoyan_abi::{ArrowArray, ArrowSchema};

use crate::{Batch, Error};

/// One column of a [`MemoryBatch`].
pub struct MemoryColumn {
    name: String,
    format: &'static str,
    validity: Vec<u8>,
    nulls: i64,
    offsets: Vec<i32>,
    data: Vec<u8>,
    words: Vec<u64>,
    len: usize,
}

impl MemoryColumn {
    fn empty(name: &str, format: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            format,
            validity: Vec::new(),
            nulls: 0,
            offsets: Vec::new(),
            data: Vec::new(),
            words: Vec::new(),
            len: 0,
        }
    }

    fn push_valid(&mut self, valid: bool) {
        if self.len.is_multiple_of(8) {
            self.validity.push(0);
        }
        if valid {
            self.validity[self.len / 8] |= 1 << (self.len % 8);
        } else {
            self.nulls += 1;
        }
        self.len += 1;
    }

    fn variable<'v>(name: &str, format: &'static str, values: impl IntoIterator<Item = Option<&'v [u8]>>) -> Self {
        let mut column = Self::empty(name, format);
        column.offsets.push(0);
        for value in values {
            column.push_valid(value.is_some());
            column.data.extend_from_slice(value.unwrap_or_default());
            column.offsets.push(i32::try_from(column.data.len()).unwrap_or(i32::MAX));
        }
        column
    }

    /// A column of texts.
    pub fn text<'v>(name: &str, values: impl IntoIterator<Item = Option<&'v str>>) -> Self {
        Self::variable(name, "u", values.into_iter().map(|v| v.map(str::as_bytes)))
    }

    /// A column of byte strings.
    pub fn binary<'v>(name: &str, values: impl IntoIterator<Item = Option<&'v [u8]>>) -> Self {
        Self::variable(name, "z", values)
    }

    /// A column of measures.
    pub fn float(name: &str, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let mut column = Self::empty(name, "g");
        for value in values {
            column.push_valid(value.is_some());
            column.words.push(value.unwrap_or(0.0).to_bits());
        }
        column
    }

    /// A column of whole numbers or times.
    pub fn integer(name: &str, values: impl IntoIterator<Item = Option<i64>>) -> Self {
        let mut column = Self::empty(name, "l");
        for value in values {
            column.push_valid(value.is_some());
            column.words.push(value.unwrap_or(0).cast_unsigned());
        }
        column
    }

    /// A column of yes and no.
    pub fn boolean(name: &str, values: impl IntoIterator<Item = Option<bool>>) -> Self {
        let mut column = Self::empty(name, "b");
        for value in values {
            if column.len.is_multiple_of(8) {
                column.data.push(0);
            }
            if value == Some(true) {
                column.data[column.len / 8] |= 1 << (column.len % 8);
            }
            column.push_valid(value.is_some());
        }
        column
    }

    fn buffers(&self) -> Vec<*const c_void> {
        let validity = if self.nulls == 0 { ptr::null() } else { self.validity.as_ptr().cast() };
        match self.format {
            "u" | "z" => vec![validity, self.offsets.as_ptr().cast(), self.data.as_ptr().cast()],
            "b" => vec![validity, self.data.as_ptr().cast()],
            _ => vec![validity, self.words.as_ptr().cast()],
        }
    }
}

/// Rows in memory.
pub struct MemoryBatch {
    columns: Vec<MemoryColumn>,
    len: usize,
}

impl MemoryBatch {
    /// A batch of columns that all have the same length.
    ///
    /// # Errors
    /// When the lengths differ.
    pub fn new(columns: Vec<MemoryColumn>) -> Result<Self, Error> {
        let len = columns.first().map_or(0, |column| column.len);
        match columns.iter().find(|column| column.len != len) {
            Some(odd) => Err(Error::input(format!("column '{}' has {} rows, not {len}", odd.name, odd.len))),
            None => Ok(Self { columns, len }),
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Runs `body` over all rows.
    pub fn with<R>(&self, body: impl FnOnce(&Batch<'_>) -> R) -> Result<R, Error> {
        self.slice(0, self.len, body)
    }

    /// Runs `body` over `len` rows from `offset` on, as a sliced Arrow array.
    ///
    /// # Errors
    /// When there are not that many rows.
    pub fn slice<R>(&self, offset: usize, len: usize, body: impl FnOnce(&Batch<'_>) -> R) -> Result<R, Error> {
        if offset + len > self.len {
            return Err(Error::input(format!("rows {offset} to {} of a batch of {}", offset + len, self.len)));
        }
        let names: Vec<(CString, CString)> =
            self.columns.iter().map(|c| Ok((c_string(&c.name)?, c_string(c.format)?))).collect::<Result<_, Error>>()?;
        let mut buffers: Vec<Vec<*const c_void>> = self.columns.iter().map(MemoryColumn::buffers).collect();
        let mut arrays: Vec<ArrowArray> = self
            .columns
            .iter()
            .zip(&mut buffers)
            .map(|(column, buffers)| array(column.len, 0, column.nulls, buffers, &mut []))
            .collect();
        let mut fields: Vec<ArrowSchema> = names.iter().map(|(name, format)| schema(format, name, &mut [])).collect();
        let mut array_pointers: Vec<*mut ArrowArray> = arrays.iter_mut().map(|a| &raw mut *a).collect();
        let mut field_pointers: Vec<*mut ArrowSchema> = fields.iter_mut().map(|f| &raw mut *f).collect();
        let mut none = vec![ptr::null()];
        let whole = array(len, offset, 0, &mut none, &mut array_pointers);
        let (format, name) = (c_string("+s")?, c_string("")?);
        let whole_schema = schema(&format, &name, &mut field_pointers);
        // SAFETY: both structs follow the Arrow layout and everything they point to lives until the end of this call.
        let batch = unsafe { Batch::from_ffi(&whole, &whole_schema)? };
        Ok(body(&batch))
    }
}

fn c_string(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error::input("a column name contains a NUL byte"))
}

fn array(
    len: usize,
    offset: usize,
    nulls: i64,
    buffers: &mut [*const c_void],
    children: &mut [*mut ArrowArray],
) -> ArrowArray {
    ArrowArray {
        length: len as i64,
        null_count: nulls,
        offset: offset as i64,
        n_buffers: buffers.len() as i64,
        n_children: children.len() as i64,
        buffers: buffers.as_mut_ptr(),
        children: children.as_mut_ptr(),
        dictionary: ptr::null_mut(),
        release: None,
        private_data: ptr::null_mut(),
    }
}

fn schema(format: &CString, name: &CString, children: &mut [*mut ArrowSchema]) -> ArrowSchema {
    ArrowSchema {
        format: format.as_ptr(),
        name: name.as_ptr(),
        metadata: ptr::null(),
        flags: 2,
        n_children: children.len() as i64,
        children: children.as_mut_ptr(),
        dictionary: ptr::null_mut(),
        release: None,
        private_data: ptr::null_mut(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> MemoryBatch {
        MemoryBatch::new(vec![
            MemoryColumn::text("_record", ["a", "b", "c"].map(Some)),
            MemoryColumn::text("title", [Some("你好"), None, Some("")]),
            MemoryColumn::float("price", [None, Some(2.5), Some(-1.0)]),
            MemoryColumn::integer("created_at", [Some(1), Some(2), None]),
            MemoryColumn::boolean("refunded", [Some(true), None, Some(false)]),
            MemoryColumn::binary("bytes", [None, Some(&b"\xff\x00"[..]), None]),
        ])
        .unwrap()
    }

    #[test]
    fn values_and_nulls_come_back() {
        batch()
            .with(|b| {
                assert_eq!(b.len(), 3);
                let title = b.text("title").unwrap();
                assert_eq!(
                    [title.get(0), title.get(1), title.get(2), title.get(3)],
                    [Some("你好"), None, Some(""), None]
                );
                let price = b.float("price").unwrap();
                assert_eq!([price.get(0), price.get(1), price.get(2)], [None, Some(2.5), Some(-1.0)]);
                let refunded = b.boolean("refunded").unwrap();
                assert_eq!([refunded.get(0), refunded.get(1), refunded.get(2)], [Some(true), None, Some(false)]);
                assert_eq!(b.binary("bytes").unwrap().get(1), Some(&b"\xff\x00"[..]));
                assert_eq!(b.text("brand").unwrap().get(0), None);
                assert!(b.float("title").is_err());
            })
            .unwrap();
    }

    #[test]
    fn text_is_no_column_of_bytes_nor_the_other_way_round() {
        batch()
            .with(|b| {
                let refused = |error: Option<Error>| error.expect("it is refused").to_string();
                let told = "column 'bytes': a column has the Arrow format 'z', not 'u', 'U' or 'vu'";
                assert_eq!(refused(b.text("bytes").err()), told);
                let told = "column 'title': a column has the Arrow format 'u', not 'z', 'Z' or 'vz'";
                assert_eq!(refused(b.binary("title").err()), told);
            })
            .unwrap();
    }

    #[test]
    fn a_slice_starts_at_its_offset() {
        batch()
            .slice(1, 2, |b| {
                assert_eq!(b.keys().unwrap().get(0), Some("b"));
                assert_eq!(b.keys().unwrap().get(2), None);
                assert_eq!(b.integer("created_at").unwrap().get(0), Some(2));
                assert_eq!(b.boolean("refunded").unwrap().get(1), Some(false));
            })
            .unwrap();
    }
}
