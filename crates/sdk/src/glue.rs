//! The C functions behind [`crate::export_detector!`]. Not for authors: the macro names them.
//!
//! What must stay true: nothing here unwinds, every batch that is pushed is released, after a panic an instance answers
//! `HY_PANIC` to everything but drop and destroy, and a task that was told of a stopped run never answers `HY_OK`.
#![doc(hidden)]

use core::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use huoyan_abi::{self as abi, ABI_MAJOR, ABI_MINOR, ArrowArray, ArrowSchema, Plugin, Status, Str};

use crate::context::Lender;
use crate::detector::EachRecord;
use crate::guard::catch;
use crate::host::{Table, Tether};
use crate::{Batch, CreateContext, Detector, Error, Host, RecordDetector, Sink, Task, TaskContext, TaskHost};

struct Instance<D> {
    // Dropped before its lender and its tether, so that it may read and log to the last.
    detector: Arc<D>,
    host: Option<Table>,
    // Before the tether, so that it may say what is wrong.
    _lender: Lender,
    _tether: Tether,
    poisoned: Arc<AtomicBool>,
}

struct TaskBox {
    // Dropped before its tether, as above.
    task: Box<dyn Task>,
    host: TaskHost,
    _tether: Tether,
    poisoned: Arc<AtomicBool>,
}

/// The table for a detector.
pub const fn plugin<D: Detector>() -> Plugin {
    Plugin {
        struct_size: size_of::<Plugin>(),
        abi_major: ABI_MAJOR,
        abi_minor: ABI_MINOR,
        create: Some(create::<D>),
        destroy: Some(destroy::<D>),
        task_open: Some(task_open::<D>),
        task_push: Some(task_push),
        task_close: Some(task_close),
        task_drop: Some(task_drop),
        summary_merge: Some(summary_merge::<D>),
    }
}

/// The table for a detector of the simple kind.
pub const fn record_plugin<T: RecordDetector>() -> Plugin {
    plugin::<EachRecord<T>>()
}

unsafe extern "C" fn create<D: Detector>(
    host: *const abi::Host,
    detector: Str,
    config: Str,
    resources: *const abi::Resource,
    n_resources: usize,
    out: *mut *mut abi::Instance,
    error: *mut abi::Error,
) -> Status {
    // SAFETY: the host keeps the header's promises about every argument of `create`.
    unsafe {
        answer(error, None, || {
            let table = Table::read(host);
            let host = Host::new(text(detector), table);
            // A host may go when `create` fails, and its bytes with it, so the link is cut and the lending over then, too.
            let tether = host.tether();
            let lender = Lender::new(&host);
            let resources = lender.read(resources, n_resources);
            let cx = CreateContext::of_host(text(detector), text(config), resources, host);
            let instance = Instance {
                detector: Arc::new(D::create(&cx)?),
                host: table,
                _lender: lender,
                _tether: tether,
                poisoned: Arc::new(AtomicBool::new(false)),
            };
            *out = Box::into_raw(Box::new(instance)).cast();
            Ok(())
        })
    }
}

unsafe extern "C" fn destroy<D: Detector>(instance: *mut abi::Instance) {
    if !instance.is_null() {
        // SAFETY: the pointer came from `create` of the same table and is given up by the host.
        let instance = unsafe { Box::from_raw(instance.cast::<Instance<D>>()) };
        let _ = catch(move || drop(instance));
    }
}

unsafe extern "C" fn task_open<D: Detector>(
    instance: *mut abi::Instance,
    stage: Str,
    call: *const abi::Call,
    seed: u64,
    summaries: *const abi::Resource,
    n_summaries: usize,
    out: *mut *mut abi::Task,
    error: *mut abi::Error,
) -> Status {
    // SAFETY: the host keeps the header's promises about every argument of `task_open`.
    unsafe {
        let instance = &*instance.cast::<Instance<D>>();
        answer(error, Some(&instance.poisoned), || {
            let summaries = if summaries.is_null() {
                Vec::new()
            } else {
                core::slice::from_raw_parts(summaries, n_summaries)
                    .iter()
                    .map(|s| (text(s.name), Str { ptr: s.ptr.cast(), len: s.len }.as_bytes()))
                    .collect()
            };
            let host = TaskHost::new(text(stage), instance.host.map(|table| table.of_task(call)));
            let tether = host.tether();
            let cx = TaskContext::of_host(seed, summaries, host.clone());
            let task = instance.detector.open(text(stage), &cx)?;
            let boxed = TaskBox { task, host, _tether: tether, poisoned: Arc::clone(&instance.poisoned) };
            *out = Box::into_raw(Box::new(boxed)).cast();
            Ok(())
        })
    }
}

/// Releases a batch when it goes out of scope, also on a panic.
struct Released(*mut ArrowArray);

impl Drop for Released {
    fn drop(&mut self) {
        // SAFETY: the host moved the array in; release is called once and nulls itself (Arrow C Data Interface).
        unsafe {
            if let Some(release) = (*self.0).release {
                release(self.0);
            }
        }
    }
}

unsafe extern "C" fn task_push(
    task: *mut abi::Task,
    batch: *mut ArrowArray,
    schema: *const ArrowSchema,
    sink: *const abi::Sink,
    error: *mut abi::Error,
) -> Status {
    let batch = Released(batch);
    // SAFETY: the host keeps the header's promises about every argument of `task_push`; a task is used by one thread.
    unsafe {
        let task = &mut *task.cast::<TaskBox>();
        let poisoned = Arc::clone(&task.poisoned);
        let mut sink = Sink::of_task(&*sink, &task.host);
        let status = answer(error, Some(&poisoned), || {
            let rows = Batch::from_ffi(&*batch.0, &*schema)?;
            task.task.push(&rows, &mut sink)
        });
        or_stopped(status, &sink)
    }
}

unsafe extern "C" fn task_close(task: *mut abi::Task, sink: *const abi::Sink, error: *mut abi::Error) -> Status {
    // SAFETY: the host keeps the header's promises about every argument of `task_close`.
    unsafe {
        let task = &mut *task.cast::<TaskBox>();
        let poisoned = Arc::clone(&task.poisoned);
        let mut sink = Sink::of_task(&*sink, &task.host);
        let status = answer(error, Some(&poisoned), || task.task.close(&mut sink));
        or_stopped(status, &sink)
    }
}

unsafe extern "C" fn task_drop(task: *mut abi::Task) {
    if !task.is_null() {
        // SAFETY: the pointer came from `task_open` and is given up by the host.
        let task = unsafe { Box::from_raw(task.cast::<TaskBox>()) };
        let _ = catch(move || drop(task));
    }
}

unsafe extern "C" fn summary_merge<D: Detector>(
    instance: *mut abi::Instance,
    stage: Str,
    a: Str,
    b: Str,
    sink: *const abi::Sink,
    error: *mut abi::Error,
) -> Status {
    // SAFETY: the host keeps the header's promises about every argument of `summary_merge`.
    unsafe {
        let instance = &*instance.cast::<Instance<D>>();
        let mut sink = Sink::from_ffi(&*sink);
        let status = answer(error, Some(&instance.poisoned), || {
            let merged = instance.detector.merge(text(stage), a.as_bytes(), b.as_bytes())?;
            sink.summary(&merged);
            Ok(())
        });
        or_stopped(status, &sink)
    }
}

fn or_stopped(status: Status, sink: &Sink<'_>) -> Status {
    if status == Status::OK { sink.stopped().unwrap_or(Status::OK) } else { status }
}

/// # Safety
/// `text` holds UTF-8 (R2) that lives for `'a`.
unsafe fn text<'a>(text: Str) -> &'a str {
    // SAFETY: promised by the caller.
    unsafe { core::str::from_utf8_unchecked(text.as_bytes()) }
}

/// Runs `body`, turning an error or a panic into a status and a filled-in `hy_error`.
///
/// # Safety
/// `error` is null or points to an error that the host set up.
unsafe fn answer(
    error: *mut abi::Error,
    poisoned: Option<&AtomicBool>,
    body: impl FnOnce() -> Result<(), Error>,
) -> Status {
    if poisoned.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
        return Status::PANIC;
    }
    let (status, message) = match catch(body) {
        Ok(Ok(())) => return Status::OK,
        Ok(Err(e)) => (e.status(), e.to_string()),
        Err(panic) => {
            if let Some(flag) = poisoned {
                flag.store(true, Ordering::Relaxed);
            }
            (Status::PANIC, panic)
        }
    };
    if !error.is_null() {
        let message = Box::new(message);
        // SAFETY: promised by the caller; the boxed message is freed by `release_error`.
        unsafe {
            (*error).code = status;
            (*error).message = Str::new(&message);
            (*error).private_data = Box::into_raw(message).cast();
            (*error).release = Some(release_error);
        }
    }
    status
}

unsafe extern "C" fn release_error(error: *mut abi::Error) {
    // SAFETY: called by the host with the error that `answer` filled in, once: release is nulled here.
    unsafe {
        drop(Box::from_raw((*error).private_data.cast::<String>()));
        (*error).private_data = ptr::null_mut();
        (*error).message = Str::EMPTY;
        (*error).release = None;
    }
}

#[cfg(test)]
mod tests;
