//! What a detector is given besides rows.

use core::ops::Deref;

use huoyan_abi as abi;

/// Bytes of a resource: a rule pack, a gallery. A cheap handle that a detector may keep for as long as it lives; the host
/// keeps the bytes, aligned to 64, until after the detector is dropped.
#[derive(Clone, Copy)]
pub struct Resource {
    ptr: *const u8,
    len: usize,
}

// SAFETY: the bytes are read-only and live until the detector is dropped (header, hy_resource).
unsafe impl Send for Resource {}
// SAFETY: as for Send.
unsafe impl Sync for Resource {}

impl Resource {
    /// # Safety
    /// `ptr` points to `len` bytes that outlive every copy of this handle.
    pub(crate) unsafe fn new(ptr: *const u8, len: usize) -> Self {
        Self { ptr, len }
    }

    /// A handle on constant bytes, for tests and for defaults a plugin carries.
    pub const fn from_static(bytes: &'static [u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }
}

impl Deref for Resource {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: see `new`.
        unsafe { core::slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// What [`crate::Detector::create`] gets.
pub struct CreateContext<'a> {
    /// Which detector of this plugin to make.
    pub detector: &'a str,
    /// The detector's configuration: a JSON object, `{}` when the user set nothing. [`CreateContext::settings`] reads it.
    pub config: &'a str,
    resources: Vec<(&'a str, Resource)>,
}

impl<'a> CreateContext<'a> {
    /// A context, for tests without a host.
    pub fn new(detector: &'a str, config: &'a str, resources: Vec<(&'a str, Resource)>) -> Self {
        Self { detector, config, resources }
    }

    /// The resource called `name`; `None` when the plugin carries none of that name and the user configured none.
    pub fn resource(&self, name: &str) -> Option<Resource> {
        self.resources.iter().find(|(n, _)| *n == name).map(|(_, resource)| *resource)
    }

    /// All resources, ordered by name.
    pub fn resources(&self) -> impl Iterator<Item = (&'a str, Resource)> + '_ {
        self.resources.iter().copied()
    }
}

/// What [`crate::Detector::open`] gets.
pub struct TaskContext<'a> {
    /// For pseudo-randomness; the same for the same run, stage and partition.
    pub seed: u64,
    summaries: Vec<(&'a str, &'a [u8])>,
}

impl<'a> TaskContext<'a> {
    /// A context, for tests without a host.
    pub fn new(seed: u64, summaries: Vec<(&'a str, &'a [u8])>) -> Self {
        Self { seed, summaries }
    }

    /// The merged summary of a corpus stage; `None` when that stage saw no row.
    pub fn summary(&self, stage: &str) -> Option<&'a [u8]> {
        self.summaries.iter().find(|(name, _)| *name == stage).map(|(_, bytes)| *bytes)
    }
}

/// # Safety
/// `resources` points to `n` valid entries whose names are UTF-8 and whose bytes outlive the handles.
pub(crate) unsafe fn read_resources<'a>(resources: *const abi::Resource, n: usize) -> Vec<(&'a str, Resource)> {
    if resources.is_null() {
        return Vec::new();
    }
    // SAFETY: promised by the caller.
    let entries = unsafe { core::slice::from_raw_parts(resources, n) };
    let mut out: Vec<_> = entries
        .iter()
        .map(|entry| {
            // SAFETY: names are UTF-8 (R2) and the bytes stay valid, both promised by the caller.
            unsafe {
                let name = core::str::from_utf8_unchecked(entry.name.as_bytes());
                (name, Resource::new(entry.ptr.cast(), entry.len))
            }
        })
        .collect();
    out.sort_by_key(|(name, _)| *name);
    out
}
