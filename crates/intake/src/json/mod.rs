//! JSON records: one object a line, objects one after another, or an array of objects.
//!
//! [`scan`] reads one object without building a tree: values borrow from the text, and only escaped strings are copied.
//! [`split`] finds where each object of an array ends, so that the objects can be read in parallel.

pub(crate) mod scan;
pub(crate) mod split;
