//! `#[repr(C)]` mirrors of the header's structs, in its order. See `include/huoyan.h` for what each field means.
#![expect(missing_docs, reason = "the header documents every field; a second copy here would drift from it")]

use core::ffi::{c_char, c_void};
use core::marker::{PhantomData, PhantomPinned};

/// `hy_str`: borrowed bytes, UTF-8 where the header says text.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Str {
    pub ptr: *const u8,
    pub len: usize,
}

impl Str {
    /// No text.
    pub const EMPTY: Self = Self { ptr: core::ptr::null(), len: 0 };

    /// Borrows a text; the caller keeps it alive for as long as the other side may read.
    pub const fn new(text: &str) -> Self {
        Self { ptr: text.as_ptr(), len: text.len() }
    }

    /// Borrows bytes; the caller keeps them alive for as long as the other side may read.
    pub const fn bytes(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// `ptr` must be null with `len` 0, or point to `len` bytes that stay valid and unchanged for `'a`.
    pub unsafe fn as_bytes<'a>(self) -> &'a [u8] {
        if self.ptr.is_null() || self.len == 0 {
            return &[];
        }
        // SAFETY: the caller promises `len` readable bytes at `ptr` for 'a.
        unsafe { core::slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// `hy_status`. A newtype and not an enum, since the other side may send any number.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub i32);

impl Status {
    pub const OK: Self = Self(0);
    pub const INVALID_CONFIG: Self = Self(1);
    pub const INVALID_INPUT: Self = Self(2);
    pub const UNSUPPORTED: Self = Self(3);
    pub const CANCELLED: Self = Self(4);
    pub const LIMIT: Self = Self(5);
    pub const INTERNAL: Self = Self(6);
    pub const PANIC: Self = Self(7);

    /// The header's name for the value.
    pub fn name(self) -> &'static str {
        match self.0 {
            0 => "ok",
            1 => "invalid configuration",
            2 => "invalid input",
            3 => "unsupported",
            4 => "cancelled",
            5 => "limit",
            7 => "panic",
            _ => "internal error",
        }
    }
}

#[repr(C)]
#[derive(Debug)]
pub struct ArrowSchema {
    pub format: *const c_char,
    pub name: *const c_char,
    pub metadata: *const c_char,
    pub flags: i64,
    pub n_children: i64,
    pub children: *mut *mut ArrowSchema,
    pub dictionary: *mut ArrowSchema,
    pub release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    pub private_data: *mut c_void,
}

#[repr(C)]
#[derive(Debug)]
pub struct ArrowArray {
    pub length: i64,
    pub null_count: i64,
    pub offset: i64,
    pub n_buffers: i64,
    pub n_children: i64,
    pub buffers: *mut *const c_void,
    pub children: *mut *mut ArrowArray,
    pub dictionary: *mut ArrowArray,
    pub release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    pub private_data: *mut c_void,
}

#[repr(C)]
#[derive(Debug)]
pub struct Error {
    pub struct_size: usize,
    pub code: Status,
    pub message: Str,
    pub detail_json: Str,
    pub release: Option<unsafe extern "C" fn(*mut Error)>,
    pub private_data: *mut c_void,
}

impl Error {
    /// An empty error, as the host passes it.
    pub const fn empty() -> Self {
        Self {
            struct_size: size_of::<Self>(),
            code: Status::OK,
            message: Str::EMPTY,
            detail_json: Str::EMPTY,
            release: None,
            private_data: core::ptr::null_mut(),
        }
    }
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    pub name: Str,
    pub digest: Str,
    pub ptr: *const c_void,
    pub len: usize,
}

macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[repr(C)]
        pub struct $name {
            _data: [u8; 0],
            _marker: PhantomData<(*mut u8, PhantomPinned)>,
        }
    };
}
opaque!(
    /// `hy_call`, host-owned. Valid from `task_open` until `task_drop` returns.
    Call
);
opaque!(
    /// `hy_instance`, plugin-owned.
    Instance
);
opaque!(
    /// `hy_task`, plugin-owned.
    Task
);

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Host {
    pub struct_size: usize,
    pub abi_minor: u32,
    pub ctx: *mut c_void,
    pub log: Option<unsafe extern "C" fn(ctx: *mut c_void, level: i32, target: Str, message: Str)>,
    pub is_cancelled: Option<unsafe extern "C" fn(ctx: *mut c_void, call: *const Call) -> i32>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    pub struct_size: usize,
    pub record: Str,
    pub rule: Str,
    pub field: Str,
    pub evidence_json: Str,
    pub score: f64,
    pub span_start: u32,
    pub span_end: u32,
    pub members: *const Str,
    pub n_members: usize,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Sink {
    pub struct_size: usize,
    pub ctx: *mut c_void,
    pub finding: Option<unsafe extern "C" fn(ctx: *mut c_void, finding: *const Finding) -> Status>,
    pub score: Option<unsafe extern "C" fn(ctx: *mut c_void, record: Str, score: f64) -> Status>,
    pub row: Option<unsafe extern "C" fn(ctx: *mut c_void, key: Str, order: i64, record: Str, payload: Str) -> Status>,
    pub unjudged: Option<unsafe extern "C" fn(ctx: *mut c_void, record: Str, reason: Str) -> Status>,
    pub summary: Option<unsafe extern "C" fn(ctx: *mut c_void, bytes: Str) -> Status>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Plugin {
    pub struct_size: usize,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub create: Option<
        unsafe extern "C" fn(
            host: *const Host,
            detector: Str,
            config_json: Str,
            resources: *const Resource,
            n_resources: usize,
            out: *mut *mut Instance,
            error: *mut Error,
        ) -> Status,
    >,
    pub destroy: Option<unsafe extern "C" fn(*mut Instance)>,
    pub task_open: Option<
        unsafe extern "C" fn(
            instance: *mut Instance,
            stage: Str,
            call: *const Call,
            seed: u64,
            summaries: *const Resource,
            n_summaries: usize,
            out: *mut *mut Task,
            error: *mut Error,
        ) -> Status,
    >,
    pub task_push: Option<
        unsafe extern "C" fn(
            task: *mut Task,
            batch: *mut ArrowArray,
            schema: *const ArrowSchema,
            sink: *const Sink,
            error: *mut Error,
        ) -> Status,
    >,
    pub task_close: Option<unsafe extern "C" fn(task: *mut Task, sink: *const Sink, error: *mut Error) -> Status>,
    pub task_drop: Option<unsafe extern "C" fn(*mut Task)>,
    pub summary_merge: Option<
        unsafe extern "C" fn(
            instance: *mut Instance,
            stage: Str,
            a: Str,
            b: Str,
            sink: *const Sink,
            error: *mut Error,
        ) -> Status,
    >,
}

// SAFETY: a `Plugin` is a constant table of function pointers, which the header allows to be called from any thread.
unsafe impl Sync for Plugin {}
// SAFETY: as for Sync; it owns nothing.
unsafe impl Send for Plugin {}

/// `huoyan_plugin_v1_fn`.
pub type EntryFn = unsafe extern "C" fn(host_abi_minor: u32) -> *const Plugin;
