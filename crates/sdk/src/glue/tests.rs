//! The table against hosts made here: of the size of today, older, and none.

use core::ffi::c_void;
use core::mem::offset_of;
use std::sync::Mutex;

use super::*;
use crate::Resource;

/// A host that writes down what it is told, and what it is asked with.
#[derive(Default)]
struct Notes {
    lines: Mutex<Vec<(i32, String, String)>>,
    calls: Mutex<Vec<usize>>,
    cancelled: AtomicBool,
}

impl Notes {
    fn host(&self) -> abi::Host {
        abi::Host {
            struct_size: size_of::<abi::Host>(),
            abi_minor: 0,
            ctx: ptr::from_ref(self).cast_mut().cast(),
            log: Some(log),
            is_cancelled: Some(is_cancelled),
        }
    }

    fn lines(&self) -> Vec<(i32, String, String)> {
        self.lines.lock().unwrap().clone()
    }
}

unsafe extern "C" fn log(ctx: *mut c_void, level: i32, target: Str, message: Str) {
    // SAFETY: ctx is the `Notes` of a test in progress.
    unsafe {
        let line = (level, self::text(target).to_owned(), self::text(message).to_owned());
        (*ctx.cast::<Notes>()).lines.lock().unwrap().push(line);
    }
}

unsafe extern "C" fn is_cancelled(ctx: *mut c_void, call: *const abi::Call) -> i32 {
    // SAFETY: as in `log`.
    let notes = unsafe { &*ctx.cast::<Notes>() };
    notes.calls.lock().unwrap().push(call as usize);
    i32::from(notes.cancelled.load(Ordering::Relaxed))
}

/// The test of this name, in a process that may end: what it wrote to stderr, and whether it came to its end.
fn alone(test: &str) -> (String, bool) {
    let this = std::env::current_exe().unwrap();
    let mut alone = std::process::Command::new(this);
    let output = alone.args(["--exact", &format!("glue::tests::{test}"), "--nocapture"]).env(ALONE, "1").output();
    let output = output.unwrap();
    (String::from_utf8_lossy(&output.stderr).into_owned(), output.status.success())
}

/// Set in a process that may end.
const ALONE: &str = "HUOYAN_SDK_TEST_ALONE";

/// Logs whatever happens to it, and waits for the end of the run in the way its stage is called.
struct Talker(Host);

struct Talk {
    stage: String,
    host: TaskHost,
}

/// Handles that outlive what they came from, as they must not, but can.
static KEPT: Mutex<Vec<Host>> = Mutex::new(Vec::new());

impl Detector for Talker {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        cx.host().info(format!("made with {}", cx.config));
        if cx.config.contains("keep") {
            KEPT.lock().unwrap().push(cx.host());
        }
        if cx.config.contains("refuse") { Err(Error::config("no")) } else { Ok(Self(cx.host())) }
    }

    fn open(self: &Arc<Self>, stage: &str, cx: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        Ok(Box::new(Talk { stage: stage.to_owned(), host: cx.host() }))
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        self.0.debug("gone");
    }
}

impl Task for Talk {
    fn push(&mut self, _: &Batch<'_>, _: &mut Sink<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        match self.stage.as_str() {
            "by the sink" if !sink.is_open() => self.host.warn("the sink is closed"),
            "by the host" if self.host.is_cancelled() => self.host.error("the run is stopped"),
            _ => {}
        }
        Ok(())
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.host.debug("closed");
    }
}

fn made(host: *const abi::Host, config: &str) -> (Status, *mut abi::Instance) {
    let (mut out, mut error) = (ptr::null_mut(), abi::Error::empty());
    // SAFETY: every argument lives during the call, the host longer.
    unsafe {
        let status =
            create::<Talker>(host, Str::new("talker"), Str::new(config), ptr::null(), 0, &raw mut out, &raw mut error);
        if let Some(release) = error.release {
            release(&raw mut error);
        }
        (status, out)
    }
}

/// Opens the stage, closes it and drops it: what closing said.
fn closed(instance: *mut abi::Instance, stage: &str, call: &u64) -> Status {
    let sink = abi::Sink {
        struct_size: size_of::<abi::Sink>(),
        ctx: ptr::null_mut(),
        finding: None,
        score: None,
        row: None,
        unjudged: None,
        summary: None,
    };
    let (mut task, mut error) = (ptr::null_mut(), abi::Error::empty());
    let call = ptr::from_ref(call).cast();
    // SAFETY: the instance is live, and so is every argument.
    unsafe {
        let stage = Str::new(stage);
        let opened = task_open::<Talker>(instance, stage, call, 0, ptr::null(), 0, &raw mut task, &raw mut error);
        assert_eq!(opened, Status::OK);
        let status = task_close(task, &raw const sink, &raw mut error);
        task_drop(task);
        status
    }
}

fn destroyed(instance: *mut abi::Instance) {
    // SAFETY: the instance came from `made` and is given up.
    unsafe { destroy::<Talker>(instance) };
}

#[test]
fn what_is_logged_reaches_the_host_until_the_last() {
    let notes = Notes::default();
    let (host, call) = (notes.host(), 0);
    let (status, instance) = made(&raw const host, "{}");
    assert_eq!((status, closed(instance, "quiet", &call)), (Status::OK, Status::OK));
    destroyed(instance);
    let line = |level, target: &str, message: &str| (level, target.to_owned(), message.to_owned());
    let expected = [line(3, "talker", "made with {}"), line(4, "quiet", "closed"), line(4, "talker", "gone")];
    assert_eq!(notes.lines(), expected);
}

#[test]
fn who_is_told_of_the_end_of_the_run_never_says_that_all_is_well() {
    let notes = Notes::default();
    let (host, call) = (notes.host(), 0);
    let (_, instance) = made(&raw const host, "{}");
    let close = |stage: &str| closed(instance, stage, &call);
    assert_eq!(["by the sink", "by the host", "quiet"].map(close), [Status::OK; 3]);
    notes.cancelled.store(true, Ordering::Relaxed);
    // Who never asks has done all it was to do.
    let said = ["by the sink", "by the host", "quiet"].map(close);
    assert_eq!(said, [Status::CANCELLED, Status::CANCELLED, Status::OK]);
    destroyed(instance);
    assert!(notes.calls.lock().unwrap().iter().all(|asked| *asked == ptr::from_ref(&call) as usize));
    let told: Vec<_> = notes.lines().into_iter().filter(|line| line.0 < 3).collect();
    let line = |level, stage: &str, message: &str| (level, stage.to_owned(), message.to_owned());
    assert_eq!(told, [line(2, "by the sink", "the sink is closed"), line(1, "by the host", "the run is stopped")]);
}

#[test]
fn a_host_that_provides_less_is_not_asked_for_more() {
    let call = 0;
    let whole = Notes::default().host();
    let sized = |struct_size| abi::Host { struct_size, ..whole };
    let log_end = offset_of!(abi::Host, is_cancelled);
    for (what, host, heard, asked) in [
        ("whole", whole, true, true),
        ("without is_cancelled", sized(log_end), true, false),
        ("without log", sized(log_end - 1), false, false),
        ("nothing but its size", sized(size_of::<usize>()), false, false),
        ("no log", abi::Host { log: None, ..whole }, false, true),
        ("no is_cancelled", abi::Host { is_cancelled: None, ..whole }, true, false),
    ] {
        let notes = Notes { cancelled: AtomicBool::new(true), ..Notes::default() };
        let host = abi::Host { ctx: ptr::from_ref(&notes).cast_mut().cast(), ..host };
        let (_, instance) = made(&raw const host, "{}");
        let expected = if asked { Status::CANCELLED } else { Status::OK };
        assert_eq!(closed(instance, "by the sink", &call), expected, "{what}");
        destroyed(instance);
        assert_eq!((!notes.lines().is_empty(), !notes.calls.lock().unwrap().is_empty()), (heard, asked), "{what}");
    }
    let (status, instance) = made(ptr::null(), "{}");
    assert_eq!((status, closed(instance, "by the host", &call)), (Status::OK, Status::OK));
    destroyed(instance);
}

#[test]
fn a_handle_that_outlives_its_host_does_nothing() {
    for config in ["keep", "keep and refuse"] {
        let notes = Box::new(Notes::default());
        let host = Box::new(notes.host());
        let (_, instance) = made(&raw const *host, config);
        let kept = KEPT.lock().unwrap().pop().unwrap();
        destroyed(instance);
        let before = notes.lines().len();
        kept.error("too late");
        assert_eq!(notes.lines().len(), before, "{config}");
        drop((host, notes));
        kept.error("far too late");
    }
}

/// Keeps its resource for as long as its configuration says.
struct Reader(Resource);

static FOR_EVER: Mutex<Vec<Resource>> = Mutex::new(Vec::new());

impl Detector for Reader {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        let words = cx.resource("words").ok_or_else(|| Error::config("no words"))?;
        if cx.config.contains("for ever") {
            FOR_EVER.lock().unwrap().push(words.clone());
        }
        if cx.config.contains("refuse") { Err(Error::config("no")) } else { Ok(Self(words)) }
    }

    fn open(self: &Arc<Self>, stage: &str, _: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        assert_eq!(&*self.0, b"some words");
        Err(Error::unsupported(stage))
    }
}

/// Makes a [`Reader`] of bytes that go when it is destroyed, or when it cannot be made.
fn read(config: &str) -> Vec<(i32, String, String)> {
    let notes = Notes::default();
    let (host, bytes) = (notes.host(), b"some words".to_vec());
    let (name, digest) = (Str::new("words"), Str::EMPTY);
    let resource = abi::Resource { name, digest, ptr: bytes.as_ptr().cast(), len: bytes.len() };
    let (mut out, mut error) = (ptr::null_mut(), abi::Error::empty());
    // SAFETY: every argument lives during the calls, host and bytes until `destroy`.
    unsafe {
        let (detector, config) = (Str::new("reader"), Str::new(config));
        create::<Reader>(&raw const host, detector, config, &raw const resource, 1, &raw mut out, &raw mut error);
        if let Some(release) = error.release {
            release(&raw mut error);
        }
        destroy::<Reader>(out);
    }
    drop(bytes);
    notes.lines()
}

#[test]
fn a_resource_is_given_back_with_the_detector() {
    assert_eq!(read("{}"), []);
    assert_eq!(read("refuse"), []);
}

#[test]
fn a_resource_kept_for_ever_ends_the_process() {
    if std::env::var_os(ALONE).is_some() {
        read("for ever");
    } else {
        let (told, survived) = alone("a_resource_kept_for_ever_ends_the_process");
        assert!(!survived && told.contains("the host takes its bytes back now"), "{told}");
    }
}

#[test]
fn a_resource_kept_by_a_detector_that_cannot_be_made_ends_the_process() {
    if std::env::var_os(ALONE).is_some() {
        read("for ever, and refuse");
    } else {
        let (told, survived) = alone("a_resource_kept_by_a_detector_that_cannot_be_made_ends_the_process");
        assert!(!survived && told.contains("the host takes its bytes back now"), "{told}");
    }
}
