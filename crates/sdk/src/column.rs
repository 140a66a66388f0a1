//! Views of one Arrow column. They borrow the host's memory; nothing is copied.
//!
//! `get` answers `None` where the value is null and for every row of a column that the batch does not have, so a detector
//! treats "no such field in this file" and "empty in this row" alike.

use core::ffi::c_void;
use core::slice;

use huoyan_abi::ArrowArray;

use crate::detector::Error;

/// The parts all columns share: how many rows, where they start, which of them are null.
#[derive(Clone, Copy)]
pub(crate) struct Shape<'a> {
    len: usize,
    offset: usize,
    validity: Option<&'a [u8]>,
}

impl<'a> Shape<'a> {
    const ABSENT: Self = Self { len: 0, offset: 0, validity: None };

    fn valid(&self, row: usize) -> Option<usize> {
        if row >= self.len {
            return None;
        }
        let at = self.offset + row;
        match self.validity {
            Some(bits) if bits[at / 8] & (1 << (at % 8)) == 0 => None,
            _ => Some(at),
        }
    }
}

/// One child array, with the slice offset of the batch added to its own.
#[derive(Clone, Copy)]
pub(crate) struct RawColumn<'a> {
    array: &'a ArrowArray,
    shape: Shape<'a>,
}

impl<'a> RawColumn<'a> {
    /// # Safety
    /// `array` is a valid Arrow array for `'a`, and `offset + len` rows of it exist.
    pub(crate) unsafe fn new(array: &'a ArrowArray, offset: usize, len: usize) -> Result<Self, Error> {
        let offset =
            offset + usize::try_from(array.offset).map_err(|_| Error::input("a column has a negative offset"))?;
        let end = offset + len;
        let mut raw = Self { array, shape: Shape { len, offset, validity: None } };
        if array.null_count != 0 && array.n_buffers > 0 {
            // SAFETY: buffer 0 of every layout used here is the validity bitmap, or null when nothing is null.
            raw.shape.validity = unsafe { raw.buffer::<u8>(0, end.div_ceil(8)) };
        }
        Ok(raw)
    }

    /// # Safety
    /// Buffer `i` holds at least `len` values of `T`, or is null.
    unsafe fn buffer<T>(&self, i: usize, len: usize) -> Option<&'a [T]> {
        if i as i64 >= self.array.n_buffers {
            return None;
        }
        // SAFETY: `buffers` has n_buffers entries by the Arrow specification.
        let pointer: *const c_void = unsafe { *self.array.buffers.add(i) };
        if pointer.is_null() || len == 0 {
            return None;
        }
        // SAFETY: the caller promises `len` values; Arrow buffers are aligned for their type.
        Some(unsafe { slice::from_raw_parts(pointer.cast::<T>(), len) })
    }

    fn end(&self) -> usize {
        self.shape.offset + self.shape.len
    }
}

#[derive(Clone, Copy)]
enum Bytes<'a> {
    Absent,
    Small { offsets: &'a [i32], data: &'a [u8] },
    Large { offsets: &'a [i64], data: &'a [u8] },
    View { views: &'a [[u32; 4]], buffers: &'a [*const c_void], sizes: &'a [i64] },
}

impl<'a> Bytes<'a> {
    /// `formats`: the three layouts, with offsets of 32 and of 64 bits and with views, of what the column is to hold.
    fn new(raw: &RawColumn<'a>, format: &str, formats: [&str; 3]) -> Result<Self, Error> {
        let [small, large, view] = formats;
        let Some(layout) = formats.iter().position(|known| *known == format) else {
            let why = format!("a column has the Arrow format '{format}', not '{small}', '{large}' or '{view}'");
            return Err(Error::input(why));
        };
        if raw.shape.len == 0 {
            return Ok(Self::Absent);
        }
        let end = raw.end();
        // SAFETY: the layouts of the formats told apart here, as the Arrow columnar format gives them: offsets have one
        // more entry than rows, and the last offset is the length of the data.
        unsafe {
            match layout {
                0 => {
                    let offsets: &[i32] = raw.buffer(1, end + 1).ok_or_else(missing)?;
                    let data = raw.buffer(2, offsets[end] as usize).unwrap_or(&[]);
                    Ok(Self::Small { offsets, data })
                }
                1 => {
                    let offsets: &[i64] = raw.buffer(1, end + 1).ok_or_else(missing)?;
                    let data = raw.buffer(2, offsets[end] as usize).unwrap_or(&[]);
                    Ok(Self::Large { offsets, data })
                }
                _ => {
                    let views: &[[u32; 4]] = raw.buffer(1, end).ok_or_else(missing)?;
                    let n = raw.array.n_buffers as usize;
                    let buffers = slice::from_raw_parts(raw.array.buffers, n);
                    let sizes = raw.buffer(n - 1, n - 3).unwrap_or(&[]);
                    Ok(Self::View { views, buffers: &buffers[2..n - 1], sizes })
                }
            }
        }
    }

    fn get(&self, at: usize) -> &'a [u8] {
        match *self {
            Self::Absent => &[],
            Self::Small { offsets, data } => &data[offsets[at] as usize..offsets[at + 1] as usize],
            Self::Large { offsets, data } => &data[offsets[at] as usize..offsets[at + 1] as usize],
            Self::View { views, buffers, sizes } => {
                let view: &'a [u32; 4] = &views[at];
                let len = view[0] as usize;
                if len <= 12 {
                    // SAFETY: a view is 16 bytes; short values stand in the 12 after the length.
                    return unsafe { slice::from_raw_parts(view.as_ptr().add(1).cast::<u8>(), len) };
                }
                let (buffer, start) = (view[2] as usize, view[3] as usize);
                let size = sizes[buffer] as usize;
                // SAFETY: buffer `buffer` has `size` bytes; the slice below checks the range.
                let data = unsafe { slice::from_raw_parts(buffers[buffer].cast::<u8>(), size) };
                &data[start..start + len]
            }
        }
    }
}

fn missing() -> Error {
    Error::input("a column lacks a buffer that its Arrow format requires")
}

/// A column of texts.
#[derive(Clone, Copy)]
pub struct TextColumn<'a> {
    shape: Shape<'a>,
    bytes: Bytes<'a>,
}

impl<'a> TextColumn<'a> {
    pub(crate) fn absent() -> Self {
        Self { shape: Shape::ABSENT, bytes: Bytes::Absent }
    }

    pub(crate) fn new(raw: &RawColumn<'a>, format: &str) -> Result<Self, Error> {
        // Bytes have the same layouts, but `get` says that these are UTF-8.
        Ok(Self { shape: raw.shape, bytes: Bytes::new(raw, format, ["u", "U", "vu"])? })
    }

    /// The text in `row`; `None` when it is null or absent.
    pub fn get(&self, row: usize) -> Option<&'a str> {
        let bytes = self.bytes.get(self.shape.valid(row)?);
        // SAFETY: rule R2 of the ABI: what the host hands over as text is valid UTF-8, and `new` takes no other column.
        Some(unsafe { core::str::from_utf8_unchecked(bytes) })
    }
}

/// A column of byte strings.
#[derive(Clone, Copy)]
pub struct BinaryColumn<'a> {
    shape: Shape<'a>,
    bytes: Bytes<'a>,
}

impl<'a> BinaryColumn<'a> {
    pub(crate) fn absent() -> Self {
        Self { shape: Shape::ABSENT, bytes: Bytes::Absent }
    }

    pub(crate) fn new(raw: &RawColumn<'a>, format: &str) -> Result<Self, Error> {
        Ok(Self { shape: raw.shape, bytes: Bytes::new(raw, format, ["z", "Z", "vz"])? })
    }

    /// The bytes in `row`; `None` when null or absent.
    pub fn get(&self, row: usize) -> Option<&'a [u8]> {
        Some(self.bytes.get(self.shape.valid(row)?))
    }
}

macro_rules! primitive {
    ($(#[$doc:meta])* $name:ident, $ty:ty, $format:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'a> {
            shape: Shape<'a>,
            values: &'a [$ty],
        }

        impl<'a> $name<'a> {
            pub(crate) fn absent() -> Self {
                Self { shape: Shape::ABSENT, values: &[] }
            }

            pub(crate) fn new(raw: &RawColumn<'a>, format: &str) -> Result<Self, Error> {
                if format != $format {
                    return Err(Error::input(format!("a column has the Arrow format '{format}', not '{}'", $format)));
                }
                // SAFETY: the primitive layout: buffer 1 holds one value per row.
                let values = unsafe { raw.buffer::<$ty>(1, raw.end()) }.unwrap_or(&[]);
                Ok(Self { shape: raw.shape, values })
            }

            /// The number in `row`; `None` when null or absent.
            pub fn get(&self, row: usize) -> Option<$ty> {
                self.values.get(self.shape.valid(row)?).copied()
            }
        }
    };
}
primitive!(
    /// A column of measures: prices, ratings, hours, days.
    FloatColumn, f64, "g"
);
primitive!(
    /// A column of whole numbers; times are seconds since 1970-01-01T00:00:00Z.
    IntegerColumn, i64, "l"
);

/// A column of yes and no.
#[derive(Clone, Copy)]
pub struct BooleanColumn<'a> {
    shape: Shape<'a>,
    bits: &'a [u8],
}

impl<'a> BooleanColumn<'a> {
    pub(crate) fn absent() -> Self {
        Self { shape: Shape::ABSENT, bits: &[] }
    }

    pub(crate) fn new(raw: &RawColumn<'a>, format: &str) -> Result<Self, Error> {
        if format != "b" {
            return Err(Error::input(format!("a column has the Arrow format '{format}', not 'b'")));
        }
        // SAFETY: the boolean layout: buffer 1 is a bitmap with one bit per row.
        let bits = unsafe { raw.buffer::<u8>(1, raw.end().div_ceil(8)) }.unwrap_or(&[]);
        Ok(Self { shape: raw.shape, bits })
    }

    /// Yes or no in `row`; `None` when null or absent.
    pub fn get(&self, row: usize) -> Option<bool> {
        let at = self.shape.valid(row)?;
        Some(self.bits.get(at / 8)? & (1 << (at % 8)) != 0)
    }
}
