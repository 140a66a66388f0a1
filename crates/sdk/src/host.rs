//! What the host offers a detector besides rows: its log, and whether the run is being stopped.
//!
//! What must stay true: a handle calls the host only while the instance or the task that it came from lives. All copies of a
//! handle share one [`Link`], which is cut when that ends; a call in progress holds its lock, so the end waits for it.

use core::ffi::c_void;
use core::mem::offset_of;
use core::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use huoyan_abi::{self as abi, Str};

/// How much a line of the log matters. `huoyan` shows errors and warnings, and more when `HUOYAN_LOG` asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something failed.
    Error = 1,
    /// Something is not as it should be, and the detector goes on.
    Warn = 2,
    /// What happens.
    Info = 3,
    /// What only the author wants to know.
    Debug = 4,
}

/// The host's log, for the people who run a detector. A cheap handle that a detector may keep for as long as it lives, and use from
/// any thread inside a call; once the detector is dropped it does nothing.
///
/// The log is no output: it is not kept, and what a run gives must not depend on it. A record that cannot be judged belongs into
/// [`crate::Sink::unjudged`], a failure into [`crate::Error`]. Never log what a record says: it may be personal data.
#[derive(Clone)]
pub struct Host(Arc<Link>);

/// As [`Host`], for one task: it also knows whether the run is being stopped. A task may keep it; once the task is dropped it does
/// nothing.
#[derive(Clone)]
pub struct TaskHost(Host);

struct Link {
    /// What the lines are about: the detector, or the stage of a task.
    target: Box<str>,
    end: RwLock<End>,
    /// The detector was told that the run is being stopped, so what it gave may not be all.
    told: AtomicBool,
}

/// Who is at the other end.
enum End {
    Host(Table),
    StandIn(StandIn),
    Nobody,
}

/// The functions of a `hy_host` with what they are called with.
#[derive(Clone, Copy)]
pub(crate) struct Table {
    ctx: *mut c_void,
    log: Option<unsafe extern "C" fn(*mut c_void, i32, Str, Str)>,
    is_cancelled: Option<unsafe extern "C" fn(*mut c_void, *const abi::Call) -> i32>,
    call: *const abi::Call,
}

// SAFETY: both functions may be called from any thread (header, hy_host).
unsafe impl Send for Table {}
// SAFETY: as for Send.
unsafe impl Sync for Table {}

impl Table {
    /// Reads what this host provides; an older one may provide less, and a test's none at all.
    ///
    /// # Safety
    /// `host` is null or points to a `hy_host` as large as its `struct_size` says, whose functions may be called until the link
    /// that this goes into is cut.
    pub(crate) unsafe fn read(host: *const abi::Host) -> Option<Self> {
        if host.is_null() {
            return None;
        }
        // SAFETY: every host has a struct_size; the other fields are read only where it says that they are there (R1).
        unsafe {
            let size = (&raw const (*host).struct_size).read();
            let has = |offset: usize| size >= offset + size_of::<*const ()>();
            if !has(offset_of!(abi::Host, ctx)) {
                return None;
            }
            Some(Self {
                ctx: (&raw const (*host).ctx).read(),
                log: if has(offset_of!(abi::Host, log)) { (&raw const (*host).log).read() } else { None },
                is_cancelled: if has(offset_of!(abi::Host, is_cancelled)) {
                    (&raw const (*host).is_cancelled).read()
                } else {
                    None
                },
                call: core::ptr::null(),
            })
        }
    }

    /// The same for a task, whose `call` stays the host's until the task is dropped.
    pub(crate) fn of_task(self, call: *const abi::Call) -> Self {
        Self { call, ..self }
    }
}

impl Link {
    fn new(target: &str, end: End) -> Arc<Self> {
        Arc::new(Self { target: target.into(), end: RwLock::new(end), told: AtomicBool::new(false) })
    }

    fn log(&self, level: Level, message: &str) {
        match &*self.end.read().unwrap_or_else(PoisonError::into_inner) {
            End::Host(table) => {
                if let Some(log) = table.log {
                    // SAFETY: the link is not cut while its lock is held, so the function may be called with its ctx; the texts
                    // live during the call.
                    unsafe { log(table.ctx, level as i32, Str::new(&self.target), Str::new(message)) };
                }
            }
            End::StandIn(stand_in) => {
                stand_in.keep(LogLine { level, target: self.target.to_string(), message: message.to_owned() })
            }
            End::Nobody => {}
        }
    }

    fn is_cancelled(&self) -> bool {
        let cancelled = match &*self.end.read().unwrap_or_else(PoisonError::into_inner) {
            // SAFETY: as in `log`; `call` is the one that the task was opened with.
            End::Host(table) => table.is_cancelled.is_some_and(|ask| unsafe { ask(table.ctx, table.call) } != 0),
            End::StandIn(stand_in) => stand_in.is_stopped(),
            End::Nobody => false,
        };
        if cancelled {
            self.told.store(true, Ordering::Relaxed);
        }
        cancelled
    }
}

impl Host {
    /// A handle on the host, or on nobody.
    pub(crate) fn new(detector: &str, table: Option<Table>) -> Self {
        Self(Link::new(detector, table.map_or(End::Nobody, End::Host)))
    }

    pub(crate) fn standing_in(detector: &str, stand_in: &StandIn) -> Self {
        Self(Link::new(detector, End::StandIn(stand_in.clone())))
    }

    /// What must be kept as long as the host may be called, and no longer.
    pub(crate) fn tether(&self) -> Tether {
        Tether(Arc::clone(&self.0))
    }

    /// Logs one line. The host adds the name of the detector, and cuts a line after 4,096 bytes.
    pub fn log(&self, level: Level, message: impl AsRef<str>) {
        self.0.log(level, message.as_ref());
    }

    /// [`Host::log`] of an error.
    pub fn error(&self, message: impl AsRef<str>) {
        self.log(Level::Error, message);
    }

    /// [`Host::log`] of a warning.
    pub fn warn(&self, message: impl AsRef<str>) {
        self.log(Level::Warn, message);
    }

    /// [`Host::log`] of information.
    pub fn info(&self, message: impl AsRef<str>) {
        self.log(Level::Info, message);
    }

    /// [`Host::log`] for the author.
    pub fn debug(&self, message: impl AsRef<str>) {
        self.log(Level::Debug, message);
    }
}

impl TaskHost {
    pub(crate) fn new(stage: &str, table: Option<Table>) -> Self {
        Self(Host::new(stage, table))
    }

    pub(crate) fn standing_in(stage: &str, stand_in: &StandIn) -> Self {
        Self(Host::standing_in(stage, stand_in))
    }

    /// Whether the run is being stopped: then finish the row at hand and return `Ok`. [`crate::Sink::is_open`] says the same where
    /// a sink is at hand. Cheap enough to be asked for each row.
    pub fn is_cancelled(&self) -> bool {
        self.0.0.is_cancelled()
    }

    /// Whether the detector was told that the run is being stopped.
    pub(crate) fn told(&self) -> bool {
        self.0.0.told.load(Ordering::Relaxed)
    }
}

impl Deref for TaskHost {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.0
    }
}

/// Cuts a link when it goes out of scope. In a struct it stands behind what may use the link.
pub(crate) struct Tether(Arc<Link>);

impl Drop for Tether {
    fn drop(&mut self) {
        *self.0.end.write().unwrap_or_else(PoisonError::into_inner) = End::Nobody;
    }
}

/// A line that was logged without a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// The detector, or the stage of the task that logged it.
    pub target: String,
    /// What it says.
    pub message: String,
}

/// Stands in for the host in tests: keeps what is logged, and stops the run when asked to. Copies are the same stand-in.
///
/// ```
/// use huoyan_sdk::{Level, StandIn, TaskContext};
///
/// let stand_in = StandIn::new();
/// let host = TaskContext::new(0, Vec::new()).hosted_by(&stand_in, "listing").host();
/// host.warn("the gallery is empty");
/// assert_eq!((stand_in.log()[0].level, host.is_cancelled()), (Level::Warn, false));
/// stand_in.stop();
/// assert!(host.is_cancelled());
/// ```
#[derive(Clone, Default)]
pub struct StandIn(Arc<Standing>);

struct Standing {
    lines: Mutex<Vec<LogLine>>,
    /// Calls of the sink until the run is stopped.
    left: AtomicU64,
}

impl Default for Standing {
    fn default() -> Self {
        Self { lines: Mutex::default(), left: AtomicU64::new(u64::MAX) }
    }
}

impl StandIn {
    /// One that stops no run.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that stops the run once the sink has taken that many calls.
    pub fn stopping_after(calls: u64) -> Self {
        Self(Arc::new(Standing { left: AtomicU64::new(calls), ..Standing::default() }))
    }

    /// Stops the run.
    pub fn stop(&self) {
        self.0.left.store(0, Ordering::Relaxed);
    }

    /// Whether the run is being stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.left.load(Ordering::Relaxed) == 0
    }

    /// What was logged so far.
    pub fn log(&self) -> Vec<LogLine> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, line: LogLine) {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Counts a call of the sink; false when it is not to be taken.
    pub(crate) fn take(&self) -> bool {
        let one_less = |left: u64| if left == u64::MAX { Some(left) } else { left.checked_sub(1) };
        self.0.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }
}
