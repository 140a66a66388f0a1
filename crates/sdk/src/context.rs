//! What a detector is given besides rows.
//!
//! What must stay true: nobody reads a resource of the host after the detector is gone. All handles of a detector share one
//! [`Lender`]; what is still lent when that goes ends the process.

use core::ops::Deref;
use std::sync::Arc;

use huoyan_abi as abi;

use crate::{Host, StandIn, TaskHost};

/// Bytes of a resource: a rule pack, a gallery. A cheap handle that a detector may keep for as long as it lives; the host
/// keeps the bytes, aligned to 64, until after the detector is dropped.
///
/// A handle that is kept for longer, in a `static`, in a thread that goes on or in what is leaked, ends the process when the
/// detector is dropped: the host takes the bytes back then. Whoever needs them for longer copies them.
#[derive(Clone)]
pub struct Resource {
    ptr: *const u8,
    len: usize,
    /// Counts the handles; constant bytes are nobody's to take back.
    _lent: Option<Arc<()>>,
}

// SAFETY: the bytes are read-only, and live as long as any handle: they are constant, or a `Lender` sees to it.
unsafe impl Send for Resource {}
// SAFETY: as for Send.
unsafe impl Sync for Resource {}

impl Resource {
    /// A handle on constant bytes, for tests and for defaults a plugin carries.
    pub const fn from_static(bytes: &'static [u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len(), _lent: None }
    }
}

impl Deref for Resource {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: `ptr` points to `len` bytes that live as long as this handle: constant ones, or the host's, whose `Lender` lets
        // nobody go on while there is a handle.
        unsafe { core::slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// Lends a detector the host's bytes until it goes out of scope. In a struct it stands behind what may keep them.
///
/// A link that is cut, as that of a [`Host`], would not do: a slice that was taken from a handle cannot be called back.
pub(crate) struct Lender {
    lent: Arc<()>,
    /// Hears why the process ends.
    host: Host,
}

impl Lender {
    pub(crate) fn new(host: &Host) -> Self {
        Self { lent: Arc::new(()), host: host.clone() }
    }

    /// # Safety
    /// `resources` is null or points to `n` valid entries whose names are UTF-8 that lives for `'a`, and whose bytes live until this
    /// lender is dropped.
    pub(crate) unsafe fn read<'a>(&self, resources: *const abi::Resource, n: usize) -> Vec<(&'a str, Resource)> {
        if resources.is_null() {
            return Vec::new();
        }
        // SAFETY: promised by the caller.
        let entries = unsafe { core::slice::from_raw_parts(resources, n) };
        let mut out: Vec<_> = entries
            .iter()
            .map(|entry| {
                // SAFETY: names are UTF-8 (R2), promised by the caller.
                let name = unsafe { core::str::from_utf8_unchecked(entry.name.as_bytes()) };
                let lent = Some(Arc::clone(&self.lent));
                (name, Resource { ptr: entry.ptr.cast(), len: entry.len, _lent: lent })
            })
            .collect();
        out.sort_by_key(|(name, _)| *name);
        out
    }
}

impl Drop for Lender {
    #[expect(clippy::print_stderr, reason = "in a child the log ends with the process, and what stands there is told")]
    fn drop(&mut self) {
        if Arc::get_mut(&mut self.lent).is_none() {
            let why = "a resource is kept for longer than its detector lives, and the host takes its bytes back now";
            self.host.error(why);
            eprintln!("{why}");
            // A panic could be caught, and then somebody could read what is gone.
            std::process::abort();
        }
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
        self.resources.iter().find(|(n, _)| *n == name).map(|(_, resource)| resource.clone())
    }

    /// All resources, ordered by name.
    pub fn resources(&self) -> impl Iterator<Item = (&'a str, Resource)> + '_ {
        self.resources.iter().cloned()
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
