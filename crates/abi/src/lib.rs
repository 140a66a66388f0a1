//! The contract between host and plugin, as `include/huoyan.h` states it, mirrored for Rust.
//!
//! The header is the authority: lifetimes, ownership and thread-safety are described there, once. What must stay true
//! here is that every struct has the header's layout; `tests/layout.rs` compares both with a C compiler and with golden
//! numbers. This crate has no dependencies and no code that can fail.

#![no_std]
#![expect(unsafe_code, reason = "function pointers of the C contract are unsafe to call")]

mod blob;
mod structs;

pub use blob::{
    Blob, BlobError, END, MANIFEST_MAGIC, RESOURCES_MAGIC, ResourceEntry, Resources, read_manifest, read_resources,
};
pub use structs::{
    ArrowArray, ArrowSchema, Call, EntryFn, Error, Finding, Host, Instance, Plugin, Resource, Sink, Status, Str, Task,
};

/// The ABI's major version: majors do not mix.
pub const ABI_MAJOR: u32 = 1;
/// The ABI's minor version: each only appends to the one before.
pub const ABI_MINOR: u32 = 0;
/// Name of the exported entry function.
pub const ENTRY_SYMBOL: &str = "huoyan_plugin_v1";
/// Name of the exported manifest.
pub const MANIFEST_SYMBOL: &str = "HUOYAN_MANIFEST_V1";
/// Name of the exported embedded resources.
pub const RESOURCES_SYMBOL: &str = "HUOYAN_RESOURCES_V1";
/// The most bytes a corpus summary may have.
pub const MAX_SUMMARY_BYTES: usize = 64 << 20;

/// The most bytes of one finding's evidence.
pub const MAX_EVIDENCE_BYTES: usize = 1 << 20;
