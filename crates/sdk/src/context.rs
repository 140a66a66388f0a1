//! What a detector is given besides rows.

use core::ops::Deref;

use huoyan_abi as abi;

use crate::{Host, StandIn, TaskHost};

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
    host: Host,
}

impl<'a> CreateContext<'a> {
    /// A context, for tests without a host: what is logged goes nowhere.
    pub fn new(detector: &'a str, config: &'a str, resources: Vec<(&'a str, Resource)>) -> Self {
        Self::of_host(detector, config, resources, Host::new(detector, None))
    }

    pub(crate) fn of_host(detector: &'a str, config: &'a str, resources: Vec<(&'a str, Resource)>, host: Host) -> Self {
        Self { detector, config, resources, host }
    }

    /// The same context in a test that looks at what is logged.
    #[must_use]
    pub fn hosted_by(mut self, stand_in: &StandIn) -> Self {
        self.host = Host::standing_in(self.detector, stand_in);
        self
    }

    /// The host's log. The detector may keep the handle; whether the run is being stopped its tasks know, by
    /// [`TaskContext::host`] and [`crate::Sink::is_open`].
    pub fn host(&self) -> Host {
        self.host.clone()
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
    host: TaskHost,
}

impl<'a> TaskContext<'a> {
    /// A context, for tests without a host: what is logged goes nowhere, and the run is never stopped.
    pub fn new(seed: u64, summaries: Vec<(&'a str, &'a [u8])>) -> Self {
        Self::of_host(seed, summaries, TaskHost::new("", None))
    }

    pub(crate) fn of_host(seed: u64, summaries: Vec<(&'a str, &'a [u8])>, host: TaskHost) -> Self {
        Self { seed, summaries, host }
    }

    /// The same context in a test that looks at what a task of `stage` logs, or stops the run.
    #[must_use]
    pub fn hosted_by(mut self, stand_in: &StandIn, stage: &str) -> Self {
        self.host = TaskHost::standing_in(stage, stand_in);
        self
    }

    /// The host's log, and whether the run is being stopped. The task may keep the handle.
    pub fn host(&self) -> TaskHost {
        self.host.clone()
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
