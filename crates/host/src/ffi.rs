//! Everything of the host that needs `unsafe`: mapped and aligned memory, the library, and calls through the table.
//!
//! What must stay true: every pointer handed to a plugin lives as long as `huoyan.h` promises, and nothing a plugin hands
//! back is used before it was checked or copied.

mod exit;
mod memory;

use std::ffi::c_void;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{mem, slice};

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::{Array, RecordBatch, StructArray};
use arrow_data::ArrayData;
use huoyan_abi::{self as abi, Status, Str};

use self::exit::inside;
pub use self::exit::tell_of_exits;
pub(crate) use self::memory::Bytes;
#[cfg(unix)]
pub(crate) use self::memory::map_shared;
use crate::Fault;
use crate::collect::{RawFinding, Receiver};
use crate::error::Unmade;

/// A decoder of what the host encodes: its arrays were valid there, and to look through all their text again would cost more
/// than all the rest of the way.
#[cfg(unix)]
pub(crate) fn decoder_of_the_host() -> arrow_ipc::reader::StreamDecoder {
    // SAFETY: the only sender is the host, which encodes arrays that arrow has built or validated.
    unsafe { arrow_ipc::reader::StreamDecoder::new().with_skip_validation(true) }
}

/// Closes every open file of this process but the standard ones and `kept`.
#[cfg(unix)]
pub(crate) fn close_all_but(kept: &impl std::os::fd::AsRawFd) -> std::io::Result<()> {
    let kept = kept.as_raw_fd();
    // A system that lists them elsewhere need not have the other place. Read in full before anything is closed, the list's own
    // file among them.
    let place = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    let listed = std::fs::read_dir(place)?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let open: Vec<std::os::fd::RawFd> = listed.collect();
    for file in open.into_iter().filter(|&file| file > 2 && file != kept) {
        // SAFETY: this is a child that has just been started: whatever is open was inherited, and nothing here owns it. A
        // number that is no file any more only gives an error.
        let _ = unsafe { libc::close(file) };
    }
    Ok(())
}

/// Opens a library for good and asks it for its table. `named`: the file that the user knows.
pub(crate) fn load(path: &Path, named: &Path) -> Result<&'static abi::Plugin, Fault> {
    let named = named.display().to_string();
    // SAFETY: loading runs the library's constructors; the caller has decided to trust this file.
    let library = inside(&named, || unsafe { libloading::Library::new(path) })
        .map_err(|e| Fault::new(format!("它无法加载：{e}"), format!("it cannot be loaded: {e}")))?;
    // Rule R5: pointers to its code and constants must stay valid, so the library is never closed.
    let library: &'static libloading::Library = Box::leak(Box::new(library));
    // SAFETY: the symbol has this type by the contract of its name.
    let table = unsafe {
        let entry: libloading::Symbol<'_, abi::EntryFn> = library.get(abi::ENTRY_SYMBOL).map_err(|_| {
            Fault::new(
                format!("它没有导出函数 '{}'；请用插件 SDK 构建", abi::ENTRY_SYMBOL),
                format!("it exports no function '{}'; build it with the plugin SDK", abi::ENTRY_SYMBOL),
            )
        })?;
        inside(&named, || entry(abi::ABI_MINOR))
    };
    if table.is_null() {
        let (major, minor) = (abi::ABI_MAJOR, abi::ABI_MINOR);
        return Err(Fault::new(
            format!("它自称不能用于 ABI {major}.{minor} 的宿主"),
            format!("it says that it cannot serve a host of ABI {major}.{minor}"),
        ));
    }
    // SAFETY: a table begins with its size (header, R1), which says how much of the rest is there.
    let size = unsafe { table.cast::<usize>().read() };
    if size < PLUGIN_1_0 {
        return Err(Fault::new(
            format!("它的函数表有 {size} 字节，至少应有 {PLUGIN_1_0} 字节"),
            format!("its table has {size} bytes, at least {PLUGIN_1_0} are expected"),
        ));
    }
    // SAFETY: a table that is not null is a constant of the library (header, huoyan_plugin_v1_fn), and it is whole.
    Ok(unsafe { &*table })
}

/// The size of a table and of a finding of ABI 1.0. Fields that a later minor appends are read only where the size says that they
/// are there.
const PLUGIN_1_0: usize = mem::offset_of!(abi::Plugin, summary_merge) + size_of::<usize>();
const FINDING_1_0: usize = mem::offset_of!(abi::Finding, n_members) + size_of::<usize>();

/// Where what a plugin logs goes: level, target, message.
pub(crate) type Logger = Box<dyn Fn(i32, &str, &str) + Send + Sync>;

struct HostContext {
    cancel: Arc<AtomicBool>,
    log: Logger,
}

unsafe extern "C" fn host_log(ctx: *mut c_void, level: i32, target: Str, message: Str) {
    // SAFETY: ctx is the HostContext of a live instance; the texts live during the call.
    let (cx, target, message) = unsafe { (&*ctx.cast::<HostContext>(), target.as_bytes(), message.as_bytes()) };
    let clip = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned();
    (cx.log)(level, &clip(target), &clip(message));
}

unsafe extern "C" fn host_is_cancelled(ctx: *mut c_void, _call: *const abi::Call) -> i32 {
    // SAFETY: ctx is the HostContext of a live instance.
    i32::from(unsafe { &*ctx.cast::<HostContext>() }.cancel.load(Ordering::Relaxed))
}

/// A live instance of a plugin's detector. Dropped after its tasks, which borrow it.
pub(crate) struct RawInstance {
    table: &'static abi::Plugin,
    pointer: NonNull<abi::Instance>,
    detector: Box<str>,
    /// It has said that it panicked: no call but those that give up what it made (header, R4).
    panicked: AtomicBool,
    // Both are read by the plugin until destroy.
    host: Box<abi::Host>,
    context: *mut HostContext,
    _resources: Vec<crate::ResourceData>,
}

// SAFETY: the header lets an instance be shared by tasks on any thread.
unsafe impl Send for RawInstance {}
// SAFETY: as for Send.
unsafe impl Sync for RawInstance {}

impl RawInstance {
    pub(crate) fn create(
        table: &'static abi::Plugin,
        detector: &str,
        config: &str,
        resources: Vec<crate::ResourceData>,
        cancel: Arc<AtomicBool>,
        log: Logger,
    ) -> Result<Self, Unmade> {
        let create = table.create.ok_or_else(|| Unmade::Refused(lacks("create")))?;
        let context = Box::into_raw(Box::new(HostContext { cancel, log }));
        let host = Box::new(abi::Host {
            struct_size: size_of::<abi::Host>(),
            abi_minor: abi::ABI_MINOR,
            ctx: context.cast(),
            log: Some(host_log),
            is_cancelled: Some(host_is_cancelled),
        });
        let raw: Vec<abi::Resource> = resources.iter().map(raw_resource).collect();
        let mut out = ptr::null_mut();
        let mut panicked = false;
        let result = call(detector, |error| {
            // SAFETY: every argument lives during the call; host and resources live until destroy, kept in self.
            let status = unsafe {
                create(&*host, Str::new(detector), Str::new(config), raw.as_ptr(), raw.len(), &mut out, error)
            };
            panicked = status == Status::PANIC;
            status
        });
        let pointer = match result {
            Ok(()) => NonNull::new(out).ok_or_else(|| {
                Unmade::Broke(Fault::new("自称已创建，却没有给出实例", "said that it was created but gave no instance"))
            }),
            Err(fault) if panicked => Err(Unmade::Broke(fault)),
            Err(fault) => Err(Unmade::Refused(fault)),
        };
        match pointer {
            Ok(pointer) => Ok(Self {
                table,
                pointer,
                detector: detector.into(),
                panicked: AtomicBool::new(false),
                host,
                context,
                _resources: resources,
            }),
            Err(unmade) => {
                // SAFETY: made above by Box::into_raw and not kept by a plugin whose create failed.
                drop(unsafe { Box::from_raw(context) });
                Err(unmade)
            }
        }
    }

    /// As the function [`call`], unless it has panicked.
    fn call(&self, function: impl FnOnce(*mut abi::Error) -> Status) -> Result<(), Fault> {
        if self.panicked.load(Ordering::Relaxed) {
            return Err(Fault::new("早先的调用中崩溃过", "panicked in an earlier call").aftermath());
        }
        call(&self.detector, |error| {
            let status = function(error);
            if status == Status::PANIC {
                self.panicked.store(true, Ordering::Relaxed);
            }
            status
        })
    }

    pub(crate) fn open(&self, stage: &str, seed: u64, summaries: &[crate::ResourceData]) -> Result<RawTask<'_>, Fault> {
        let open = self.table.task_open.ok_or_else(|| lacks("task_open"))?;
        let raw: Vec<abi::Resource> = summaries.iter().map(raw_resource).collect();
        let mut out = ptr::null_mut();
        self.call(|error| {
            // SAFETY: the instance is live; summaries live until the task is dropped, kept in RawTask.
            unsafe {
                open(
                    self.pointer.as_ptr(),
                    Str::new(stage),
                    ptr::from_ref(&*self.host).cast(),
                    seed,
                    raw.as_ptr(),
                    raw.len(),
                    &mut out,
                    error,
                )
            }
        })?;
        let pointer = NonNull::new(out).ok_or_else(|| {
            Fault::new("自称已打开阶段，却没有给出任务", "said that it opened a stage but gave no task")
        })?;
        Ok(RawTask { instance: self, pointer, _summaries: summaries.to_vec() })
    }

    pub(crate) fn merge(&self, stage: &str, a: &[u8], b: &[u8], out: &mut dyn Receiver) -> Result<(), Fault> {
        let merge = self.table.summary_merge.ok_or_else(|| lacks("summary_merge"))?;
        let mut out = out;
        let sink = sink(&mut out);
        self.call(|error| {
            // SAFETY: the instance is live and every argument lives during the call.
            unsafe { merge(self.pointer.as_ptr(), Str::new(stage), Str::bytes(a), Str::bytes(b), &sink, error) }
        })
    }
}

impl Drop for RawInstance {
    fn drop(&mut self) {
        // SAFETY: no task is left, since tasks borrow self; after destroy nothing reads the context.
        unsafe {
            if let Some(destroy) = self.table.destroy {
                inside(&self.detector, || destroy(self.pointer.as_ptr()));
            }
            drop(Box::from_raw(self.context));
        }
    }
}

/// A live task: one stage over one partition.
pub(crate) struct RawTask<'i> {
    instance: &'i RawInstance,
    pointer: NonNull<abi::Task>,
    _summaries: Vec<crate::ResourceData>,
}

// SAFETY: the header asks for one thread at a time, which `&mut self` gives.
unsafe impl Send for RawTask<'_> {}

impl RawTask<'_> {
    /// Hands over the rows from `from` on, as arrays with an offset: half of it on the struct, the rest on each child.
    pub(crate) fn push(&mut self, batch: &RecordBatch, from: usize, out: &mut dyn Receiver) -> Result<(), Fault> {
        let push = self.instance.table.task_push.ok_or_else(|| lacks("task_push"))?;
        let mut data = StructArray::from(batch.clone()).into_data();
        if from > 0 {
            // Slicing an `ArrayData` keeps its buffers and sets the offset; slicing an array would cut the buffers. Children of a
            // struct with an offset have the rows before it, too.
            let (len, on_struct) = (batch.num_rows().saturating_sub(from), from / 2);
            let column = |column: &ArrayData| column.slice(from - on_struct, on_struct + len);
            data = ArrayData::builder(data.data_type().clone())
                .len(len)
                .offset(on_struct)
                .child_data(data.child_data().iter().map(column).collect())
                .build()
                .map_err(|e| Fault::no_batch(e.to_string()))?;
        }
        let schema = FFI_ArrowSchema::try_from(data.data_type()).map_err(|e| Fault::no_batch(e.to_string()))?;
        let mut array = FFI_ArrowArray::new(&data);
        let mut out = out;
        let sink = sink(&mut out);
        self.instance.call(|error| {
            // SAFETY: FFI_ArrowArray and FFI_ArrowSchema have the layout of the Arrow C Data Interface, as have the
            // mirrors. The array is moved in: the plugin releases it, or its drop here does.
            unsafe { push(self.pointer.as_ptr(), (&raw mut array).cast(), (&raw const schema).cast(), &sink, error) }
        })
    }

    pub(crate) fn close(&mut self, out: &mut dyn Receiver) -> Result<(), Fault> {
        let close = self.instance.table.task_close.ok_or_else(|| lacks("task_close"))?;
        let mut out = out;
        let sink = sink(&mut out);
        self.instance.call(|error| {
            // SAFETY: the task is live and every argument lives during the call.
            unsafe { close(self.pointer.as_ptr(), &sink, error) }
        })
    }
}

impl Drop for RawTask<'_> {
    fn drop(&mut self) {
        if let Some(task_drop) = self.instance.table.task_drop {
            // SAFETY: the pointer came from task_open and is given up here.
            inside(&self.instance.detector, || unsafe { task_drop(self.pointer.as_ptr()) });
        }
    }
}

fn raw_resource(resource: &crate::ResourceData) -> abi::Resource {
    let bytes = resource.as_slice();
    abi::Resource {
        name: Str::new(&resource.name),
        digest: Str::new(&resource.digest),
        ptr: bytes.as_ptr().cast(),
        len: bytes.len(),
    }
}

/// Calls a function of a detector and turns its status and error into a fault.
fn call(detector: &str, function: impl FnOnce(*mut abi::Error) -> Status) -> Result<(), Fault> {
    let mut error = abi::Error::empty();
    let status = inside(detector, || function(&raw mut error));
    let message = if status == Status::OK {
        String::new()
    } else {
        // SAFETY: a failing call leaves the message empty or pointing to text that lives until release.
        let bytes = unsafe { error.message.as_bytes() };
        String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned()
    };
    if let Some(release) = error.release {
        // SAFETY: release belongs to this error and is called once.
        inside(detector, || unsafe { release(&raw mut error) });
    }
    match status {
        Status::OK => Ok(()),
        // So answers the SDK, too, when another thread calls after a panic.
        Status::PANIC if message.is_empty() => Err(Fault::new("调用失败：崩溃", "failed: panic").aftermath()),
        status if message.is_empty() => {
            Err(Fault::new(format!("调用失败：{}", status_zh(status)), format!("failed: {}", status.name())))
        }
        // The plugin's words stand as they are; its SDK begins them with "panic".
        Status::PANIC => Err(Fault::new(format!("调用中崩溃：{message}"), message)),
        status => Err(Fault::new(
            format!("调用失败（{}）：{message}", status_zh(status)),
            format!("failed ({}): {message}", status.name()),
        )),
    }
}

/// [`Status::name`] in Chinese.
fn status_zh(status: Status) -> &'static str {
    match status {
        Status::INVALID_CONFIG => "配置无效",
        Status::INVALID_INPUT => "输入无效",
        Status::UNSUPPORTED => "不支持",
        Status::CANCELLED => "已取消",
        Status::LIMIT => "超出限制",
        Status::PANIC => "崩溃",
        _ => "内部错误",
    }
}

fn lacks(function: &str) -> Fault {
    Fault::new(format!("没有提供函数 '{function}'"), format!("provides no function '{function}'"))
}

fn sink(out: &mut &mut dyn Receiver) -> abi::Sink {
    abi::Sink {
        struct_size: size_of::<abi::Sink>(),
        ctx: ptr::from_mut(out).cast(),
        finding: Some(sink_finding),
        score: Some(sink_score),
        row: Some(sink_row),
        unjudged: Some(sink_unjudged),
        summary: Some(sink_summary),
    }
}

/// # Safety
/// `ctx` comes from `sink` and the receiver is not used otherwise during the call.
unsafe fn receiver<'a>(ctx: *mut c_void) -> &'a mut dyn Receiver {
    // SAFETY: promised by the caller.
    unsafe { &mut **ctx.cast::<&mut dyn Receiver>() }
}

unsafe extern "C" fn sink_finding(ctx: *mut c_void, finding: *const abi::Finding) -> Status {
    // SAFETY: the plugin passes the ctx it was given and a finding whose parts live during the call.
    unsafe {
        let out = receiver(ctx);
        if finding.is_null() || (*finding).struct_size < FINDING_1_0 {
            return out.refuse(Fault::new(
                "报告的发现的 struct_size 太小",
                "reported a finding whose struct_size is too small",
            ));
        }
        let f = &*finding;
        if f.n_members > 0 && f.members.is_null() {
            return out.refuse(Fault::new("声称有成员，却没有给出", "reported members without giving them"));
        }
        let members = if f.n_members == 0 { &[][..] } else { slice::from_raw_parts(f.members, f.n_members) };
        out.finding(&RawFinding {
            record: f.record.as_bytes(),
            rule: f.rule.as_bytes(),
            field: f.field.as_bytes(),
            evidence: f.evidence_json.as_bytes(),
            score: f.score,
            span: (f.span_start, f.span_end),
            members: members.iter().map(|member| member.as_bytes()).collect(),
        })
    }
}

unsafe extern "C" fn sink_score(ctx: *mut c_void, record: Str, score: f64) -> Status {
    // SAFETY: as in `sink_finding`.
    unsafe { receiver(ctx).score(record.as_bytes(), score) }
}

unsafe extern "C" fn sink_row(ctx: *mut c_void, key: Str, order: i64, record: Str, payload: Str) -> Status {
    // SAFETY: as in `sink_finding`.
    unsafe { receiver(ctx).row(key.as_bytes(), order, record.as_bytes(), payload.as_bytes()) }
}

unsafe extern "C" fn sink_unjudged(ctx: *mut c_void, record: Str, reason: Str) -> Status {
    // SAFETY: as in `sink_finding`.
    unsafe { receiver(ctx).unjudged(record.as_bytes(), reason.as_bytes()) }
}

unsafe extern "C" fn sink_summary(ctx: *mut c_void, bytes: Str) -> Status {
    // SAFETY: as in `sink_finding`.
    unsafe { receiver(ctx).summary(bytes.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::tests::in_both;

    #[test]
    fn whatever_a_call_answers_is_told_in_both_languages() {
        for status in (1..=7).chain([99]).map(Status) {
            for message in ["", "its own words"] {
                let fault = call("d", |error| {
                    // SAFETY: `call` hands over an error of its own.
                    unsafe { (*error).message = Str::new(message) };
                    status
                })
                .unwrap_err();
                in_both(fault.text());
                assert!(fault.text().zh.contains(message) && fault.text().en.contains(message), "{fault:?}");
            }
        }
        in_both(lacks("create").text());
        in_both(load("/nonexistent/library".as_ref(), "x".as_ref()).unwrap_err().text());
        #[cfg(target_os = "linux")]
        in_both(load("libc.so.6".as_ref(), "x".as_ref()).unwrap_err().text());
    }
}
