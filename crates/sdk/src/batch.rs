//! A batch of rows, as a detector sees it.

use core::ffi::CStr;
use core::marker::PhantomData;

use huoyan_abi::{ArrowArray, ArrowSchema};

use crate::column::{BinaryColumn, BooleanColumn, FloatColumn, IntegerColumn, RawColumn, TextColumn};
use crate::detector::Error;

/// Some rows with named columns, borrowed from the host for the duration of a call: about 4,096 rows and at most 4 MiB, or one
/// row, or none.
///
/// Which columns there are depends on the stage: records have `_record` and the declared columns; records of a group stage
/// have `_key` too; rows of earlier stages have those of [`crate::Rows`]. A column that the user's file lacks, or that the
/// manifest does not ask for, is null in every row and no error. The test kit alone refuses a column that a stage reads without
/// asking for it.
pub struct Batch<'a> {
    len: usize,
    columns: Vec<(&'a str, &'a str, RawColumn<'a>)>,
    _array: PhantomData<&'a ArrowArray>,
}

impl<'a> Batch<'a> {
    /// Wraps the two structs of the Arrow C Data Interface.
    ///
    /// # Safety
    /// Both are valid for `'a`, belong together and describe a struct array.
    ///
    /// # Errors
    /// When they are not a struct array or a name is not UTF-8.
    pub unsafe fn from_ffi(array: &'a ArrowArray, schema: &'a ArrowSchema) -> Result<Self, Error> {
        // SAFETY: the caller promises a valid schema; its format is a C string.
        let format = unsafe { text(schema.format) }?;
        if format != "+s" || array.n_children != schema.n_children {
            return Err(Error::input("a batch must be a struct array with as many children as its schema"));
        }
        let len = usize::try_from(array.length).map_err(|_| Error::input("a batch has a negative length"))?;
        let offset = usize::try_from(array.offset).map_err(|_| Error::input("a batch has a negative offset"))?;
        let n = usize::try_from(array.n_children).map_err(|_| Error::input("a batch has negative children"))?;
        let mut columns = Vec::with_capacity(n);
        for i in 0..n {
            // SAFETY: `children` has n_children valid pointers by the Arrow specification.
            let (child, field) = unsafe { (&**array.children.add(i), &**schema.children.add(i)) };
            // SAFETY: names and formats of a valid schema are C strings; the child covers the batch's rows.
            unsafe {
                columns.push((text(field.name)?, text(field.format)?, RawColumn::new(child, offset, len)?));
            }
        }
        Ok(Self { len, columns, _array: PhantomData })
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The records' keys: the column `_record`, never null.
    ///
    /// # Errors
    /// When the column is not text.
    pub fn keys(&self) -> Result<TextColumn<'a>, Error> {
        self.text("_record")
    }

    fn find(&self, name: &str) -> Option<(&'a str, &RawColumn<'a>)> {
        #[cfg(feature = "testkit")]
        if !crate::testkit::may_read(name) {
            return None;
        }
        self.columns.iter().find(|(column, _, _)| *column == name).map(|(_, format, raw)| (*format, raw))
    }

    /// A column of texts (UTF-8), or of JSON as text: `attributes` is an object, `images` a list of texts.
    ///
    /// # Errors
    /// When the batch has a column of that name and another type.
    pub fn text(&self, name: &str) -> Result<TextColumn<'a>, Error> {
        self.find(name).map_or(Ok(TextColumn::absent()), |(format, raw)| {
            TextColumn::new(raw, format).map_err(|e| e.of_column(name))
        })
    }

    /// A column of byte strings: a picture's file, a row's payload.
    ///
    /// # Errors
    /// When the batch has a column of that name and another type.
    pub fn binary(&self, name: &str) -> Result<BinaryColumn<'a>, Error> {
        self.find(name).map_or(Ok(BinaryColumn::absent()), |(format, raw)| {
            BinaryColumn::new(raw, format).map_err(|e| e.of_column(name))
        })
    }

    /// A column of measures: `price` in the record's `currency`, `rating` as the platform gives it (1 to 5, mostly), hours, days.
    ///
    /// # Errors
    /// When the batch has a column of that name and another type.
    pub fn float(&self, name: &str) -> Result<FloatColumn<'a>, Error> {
        self.find(name).map_or(Ok(FloatColumn::absent()), |(format, raw)| {
            FloatColumn::new(raw, format).map_err(|e| e.of_column(name))
        })
    }

    /// A column of whole numbers, or of times in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// When the batch has a column of that name and another type.
    pub fn integer(&self, name: &str) -> Result<IntegerColumn<'a>, Error> {
        self.find(name).map_or(Ok(IntegerColumn::absent()), |(format, raw)| {
            IntegerColumn::new(raw, format).map_err(|e| e.of_column(name))
        })
    }

    /// A column of yes and no: `refunded`, `verified_purchase`.
    ///
    /// # Errors
    /// When the batch has a column of that name and another type.
    pub fn boolean(&self, name: &str) -> Result<BooleanColumn<'a>, Error> {
        self.find(name).map_or(Ok(BooleanColumn::absent()), |(format, raw)| {
            BooleanColumn::new(raw, format).map_err(|e| e.of_column(name))
        })
    }
}

/// # Safety
/// `pointer` is null or a C string valid for `'a`.
unsafe fn text<'a>(pointer: *const core::ffi::c_char) -> Result<&'a str, Error> {
    if pointer.is_null() {
        return Ok("");
    }
    // SAFETY: the caller promises a C string.
    unsafe { CStr::from_ptr(pointer) }.to_str().map_err(|_| Error::input("a column name is not UTF-8"))
}
