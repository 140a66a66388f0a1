//! The deadline.
