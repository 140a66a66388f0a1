//! Detectors in child processes: what a plugin does there costs its own process and nothing else.
//!
//! ```text
//! Detector ─► ChildInstance ─► pool of idle children ─► Process ══ channel ══ serve() ─► the plugin, through the same `ffi`
//!                                                          ╚══ shared area: batches as Arrow IPC ══╝
//! ```
//!
//! A child is one process with one thread and one detector. Batches go to it as an Arrow stream in an area of memory that it
//! may read; findings come back as flat frames, which the host checks as it checks a plugin of its own process, so what comes
//! out is the same byte for byte. A child that crashes, hangs or closes its channel is replaced once, when all that it was
//! told can be told again; one that lies is not.
//!
//! What must stay true: nothing that a child sends is believed before it is checked; no wait is without an end; a child that
//! has once been out of step is killed and never used again.

mod area;
mod channel;
mod frames;
mod nursery;
mod process;
mod protocol;
mod sandbox;
mod serve;

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use arrow_array::RecordBatch;
use huoyan_model::{AbiVersion, Localized};

pub(crate) use area::file_of;
#[doc(hidden)]
pub use frames::hear_frames;
pub use sandbox::{Gap, confine};
pub use serve::serve;

use self::area::{Area, Encoder};
use self::process::{Broken, Heard, LOG_LINES, Process};
use self::protocol::{Frame, Kind, Malformed, Payload, hear, hear_done, hear_failed, hear_ready};
use crate::collect::Collector;
use crate::error::Unmade;
use crate::{Cancel, ChildSettings, Fault, ResourceData};

/// Asks a child that loads nothing what this platform cannot enforce.
///
/// # Errors
/// When no child can be started.
pub fn gaps(settings: &ChildSettings) -> Result<BTreeSet<Gap>, Fault> {
    let mut process = Process::start(settings).map_err(|e| not_started(&e))?;
    let mut request = Vec::new();
    create_frame(&mut request, settings).u8(0).end();
    let mut gaps = BTreeSet::new();
    process
        .ask(&request, &[], settings.time_limit, &Cancel::default(), &mut |kind, payload| {
            gaps = hello(kind, payload)?;
            Ok(Heard::Last)
        })
        .map_err(Broken::fault)?;
    Ok(gaps)
}

fn not_started(error: &std::io::Error) -> Fault {
    Fault::new(format!("无法为它启动子进程：{error}"), format!("could not be given a child process: {error}"))
}

fn create_frame<'b>(request: &'b mut Vec<u8>, settings: &ChildSettings) -> Frame<'b> {
    let seconds = settings.time_limit.as_secs().max(1);
    Frame::begin(request, Kind::Create).u64(settings.memory_limit).u64(seconds).u32(std::process::id())
}

fn hello(kind: Kind, payload: &[u8]) -> Result<BTreeSet<Gap>, Broken> {
    if kind != Kind::Hello {
        return Err(Malformed::new("别的内容，而不是问候", "something else than its greeting").into());
    }
    let mut payload = Payload::new(payload);
    let count = payload.count(1)?;
    let mut gaps = BTreeSet::new();
    for _ in 0..count {
        gaps.insert(Gap::of(payload.u8()?).ok_or(Malformed::new("不存在的隔离缺口", "a gap that does not exist"))?);
    }
    payload.end()?;
    Ok(gaps)
}

const WRONG_KIND: Malformed = Malformed::new("类型不对的回答", "an answer of the wrong kind");

/// A detector in child processes. Shared by its tasks on all threads; each takes a child of its own.
pub(crate) struct ChildInstance {
    settings: ChildSettings,
    detector: String,
    config: String,
    path: PathBuf,
    library: File,
    resources: Vec<ResourceData>,
    abi: AbiVersion,
    cancel: Cancel,
    idle: Mutex<Vec<Process>>,
    gaps: BTreeSet<Gap>,
}

impl ChildInstance {
    /// Starts the first child, so that a configuration is refused before the run.
    pub(crate) fn create(
        settings: &ChildSettings,
        library: &Path,
        abi: AbiVersion,
        detector: &str,
        config: &str,
        resources: Vec<ResourceData>,
        cancel: &Cancel,
    ) -> Result<Self, Unmade> {
        let file = File::open(library)
            .map_err(|e| Unmade::Refused(Fault::new(format!("无法打开：{e}"), format!("cannot be opened: {e}"))))?;
        let mut this = Self {
            settings: settings.clone(),
            detector: detector.to_owned(),
            config: config.to_owned(),
            path: library.to_owned(),
            library: file,
            resources,
            abi,
            cancel: cancel.clone(),
            idle: Mutex::default(),
            gaps: BTreeSet::new(),
        };
        let (first, gaps) = again(&mut |_| this.spawn()).map_err(|broken| match broken {
            Broken::Lost(_) | Broken::Lied(_) | Broken::Panicked(_) => Unmade::Broke(broken.fault()),
            Broken::Failed(_) | Broken::Stopped => Unmade::Refused(broken.fault()),
        })?;
        this.gaps = gaps;
        this.give_back(first);
        Ok(this)
    }

    /// What this platform cannot enforce.
    pub(crate) fn gaps(&self) -> &BTreeSet<Gap> {
        &self.gaps
    }

    /// The process ids of idle children.
    pub(crate) fn idle(&self) -> Vec<u32> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).iter().map(Process::id).collect()
    }

    fn spawn(&self) -> Result<(Process, BTreeSet<Gap>), Broken> {
        let mut process = Process::start(&self.settings).map_err(|e| Broken::Failed(not_started(&e)))?;
        let mut request = Vec::new();
        let frame = create_frame(&mut request, &self.settings).u8(1);
        let frame = frame.bytes(self.detector.as_bytes()).bytes(self.config.as_bytes());
        let frame = frame.bytes(self.path.to_string_lossy().as_bytes());
        let mut files = vec![self.library.as_fd()];
        with_resources(frame, &self.resources, &mut files).map_err(Broken::Failed)?.end();
        let mut gaps = None;
        let mut lines = 0;
        process.ask(
            &request,
            &files,
            self.settings.time_limit,
            &self.cancel,
            &mut |kind, payload| match (kind, &gaps) {
                (Kind::Log, Some(_)) => self.log(payload, &mut lines, true),
                (Kind::Failed, Some(_)) => {
                    let (broke, fault) = hear_failed(payload)?;
                    Err(if broke { Broken::Panicked(fault) } else { Broken::Failed(fault) })
                }
                (Kind::Ready, Some(_)) => {
                    let built = hear_ready(payload)?;
                    if built != self.abi {
                        let said = self.abi;
                        return Err(Broken::Failed(Fault::new(
                            format!("代码属于 ABI {built}，而清单写的是 {said}"),
                            format!("has code of ABI {built} but its manifest says {said}"),
                        )));
                    }
                    Ok(Heard::Last)
                }
                (kind, None) => {
                    gaps = Some(hello(kind, payload)?);
                    Ok(Heard::More)
                }
                _ => Err(WRONG_KIND.into()),
            },
        )?;
        Ok((process, gaps.unwrap_or_default()))
    }

    fn log(&self, payload: &[u8], lines: &mut usize, pass_on: bool) -> Result<Heard, Broken> {
        *lines += 1;
        if *lines > LOG_LINES {
            return Err(Malformed::new("超过一次调用上限的日志行", "more log lines than a call may have").into());
        }
        if pass_on {
            process::pass_on(&self.detector, payload)?;
        }
        Ok(Heard::More)
    }

    /// An idle child that has not ended, or a new one. Where a child was lost just now, others may be on their way out: only
    /// a new one is another try.
    fn take(&self, fresh: bool) -> Result<Process, Broken> {
        let pop = || self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        while !fresh && let Some(mut process) = pop() {
            if process.lives() {
                return Ok(process);
            }
        }
        self.spawn().map(|(process, _)| process)
    }

    fn give_back(&self, process: Process) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(process);
    }

    /// One call: what comes is given to `out`, log lines are passed on if `logs` says so. Whether the child still holds the batch.
    fn call(
        &self,
        process: &mut Process,
        request: &[u8],
        files: &[BorrowedFd<'_>],
        out: &mut Collector<'_>,
        logs: bool,
    ) -> Result<bool, Broken> {
        let (mut held, mut lines) = (false, 0);
        process.ask(request, files, self.settings.time_limit, &self.cancel, &mut |kind, payload| match kind {
            Kind::Output => {
                hear(payload, out)?;
                match out.outcome(Ok(())) {
                    Ok(()) => Ok(Heard::More),
                    Err(fault) => Err(Broken::Failed(fault)),
                }
            }
            Kind::Log => self.log(payload, &mut lines, logs),
            Kind::Done => {
                let (holds, fault) = hear_done(payload)?;
                held = holds;
                fault.map_or(Ok(Heard::Last), |fault| Err(Broken::Failed(fault)))
            }
            _ => Err(WRONG_KIND.into()),
        })?;
        Ok(held)
    }

    pub(crate) fn open(&self, stage: &str, seed: u64, summaries: &[ResourceData]) -> ChildTask<'_> {
        ChildTask {
            instance: self,
            stage: stage.to_owned(),
            seed,
            summaries: summaries.to_vec(),
            process: None,
            encoder: Encoder::default(),
            given: Given::default(),
            replaced: false,
        }
    }

    /// Merges two summaries; a lost child is replaced once.
    pub(crate) fn merge(
        &self,
        stage: &str,
        a: &[u8],
        b: &[u8],
        collector: &mut WithCollector<'_>,
    ) -> Result<(), Fault> {
        let both = [ResourceData::copy("a", a), ResourceData::copy("b", b)];
        let mut request = Vec::new();
        let mut files = Vec::new();
        with_resources(Frame::begin(&mut request, Kind::Merge).bytes(stage.as_bytes()), &both, &mut files)?.end();
        let mut once = |fresh| {
            collector(&mut |out| {
                let mut process = self.take(fresh)?;
                self.call(&mut process, &request, &files, out, true)?;
                self.give_back(process);
                Ok(())
            })
        };
        again(&mut once).map_err(Broken::fault)
    }
}

/// Does it, and once more, told that it is with a fresh child, if the child was lost.
fn again<T>(once: &mut dyn FnMut(bool) -> Result<T, Broken>) -> Result<T, Broken> {
    match once(false) {
        Err(Broken::Lost(first)) => {
            tracing::debug!("a child process was lost and is replaced: {first}");
            once(true).map_err(|second| match second {
                Broken::Lost(fault) => {
                    let Localized { zh, en } = fault.into();
                    Broken::Lost(Fault::new(
                        format!("{zh}；换一个新的子进程也一样"),
                        format!("{en}; a fresh child process did no better"),
                    ))
                }
                other => other,
            })
        }
        result => result,
    }
}

fn with_resources<'b, 'f>(
    frame: Frame<'b>,
    resources: &'f [ResourceData],
    files: &mut Vec<BorrowedFd<'f>>,
) -> Result<Frame<'b>, Fault> {
    let mut frame = frame.u32(resources.len() as u32);
    for resource in resources {
        let file = resource.file().map_err(|e| {
            let name = &resource.name;
            Fault::new(format!("无法把 '{name}' 交给它：{e}"), format!("could not be given '{name}': {e}"))
        })?;
        files.push(file.as_fd());
        let len = resource.as_slice().len() as u64;
        frame = frame.bytes(resource.name.as_bytes()).bytes(resource.digest.as_bytes()).u64(len);
    }
    Ok(frame)
}

/// So much of what a task's child was given is kept, to be given again to the one that takes a lost one's place, in bytes.
const KEPT: usize = 16 << 20;

/// What a task's child was given so far.
#[derive(Default)]
struct Given {
    batches: Vec<RecordBatch>,
    bytes: usize,
    /// It is more than is kept, so nothing is.
    too_much: bool,
}

impl Given {
    fn add(&mut self, batch: &RecordBatch) {
        self.bytes = self.bytes.saturating_add(batch.get_array_memory_size());
        // A first batch is at hand anyway.
        self.too_much |= self.bytes > KEPT && !self.batches.is_empty();
        if self.too_much {
            self.batches = Vec::new();
        } else {
            self.batches.push(batch.clone());
        }
    }
}

/// One stage over one partition in a child of its own.
pub(crate) struct ChildTask<'i> {
    instance: &'i ChildInstance,
    stage: String,
    seed: u64,
    summaries: Vec<ResourceData>,
    process: Option<Process>,
    encoder: Encoder,
    given: Given,
    /// One that dies again and again would be given everything again each time.
    replaced: bool,
}

/// Runs a body with a collector; a second run starts from the same state.
pub(crate) type WithCollector<'w> = dyn FnMut(&mut Speak<'_>) -> Result<(), Broken> + 'w;

/// One try of a call, with the collector that hears it.
pub(crate) type Speak<'s> = dyn FnMut(&mut Collector<'_>) -> Result<(), Broken> + 's;

impl ChildTask<'_> {
    /// Judges a batch. A lost child is replaced once for the task, if all it was given can be given again.
    pub(crate) fn push(&mut self, batch: &RecordBatch, collector: &mut WithCollector<'_>) -> Result<(), Fault> {
        self.call_again(&mut |task, fresh| {
            task.ready(fresh)?;
            collector(&mut |out| task.hand_over(batch, out, true))
        })?;
        self.given.add(batch);
        Ok(())
    }

    /// As [`again`], where that is possible.
    fn call_again(&mut self, once: &mut dyn FnMut(&mut Self, bool) -> Result<(), Broken>) -> Result<(), Fault> {
        let last = self.given.too_much || self.replaced;
        let mut once = |fresh| {
            self.replaced |= fresh;
            once(self, fresh)
        };
        if last { once(false) } else { again(&mut once) }.map_err(Broken::fault)
    }

    /// Ends the partition. A lost child is replaced as when a batch is judged.
    pub(crate) fn close(&mut self, collector: &mut WithCollector<'_>) -> Result<(), Fault> {
        self.call_again(&mut |task, fresh| {
            task.ready(fresh)?;
            collector(&mut |out| {
                let mut request = Vec::new();
                Frame::begin(&mut request, Kind::Close).end();
                let mut process = task.process.take().ok_or(Broken::Stopped)?;
                task.instance.call(&mut process, &request, &[], out, true)?;
                process.spare = std::mem::take(&mut task.encoder).into_memory();
                task.instance.give_back(process);
                Ok(())
            })
        })
    }

    /// Takes a child, a fresh one if need be, opens the stage in it and gives it what the one before it was given, unless that was done.
    fn ready(&mut self, fresh: bool) -> Result<(), Broken> {
        if self.process.is_some() {
            return Ok(());
        }
        let mut process = self.instance.take(fresh)?;
        self.encoder = Encoder::reusing(std::mem::take(&mut process.spare));
        let mut request = Vec::new();
        let mut files = Vec::new();
        let frame = Frame::begin(&mut request, Kind::Open).bytes(self.stage.as_bytes()).u64(self.seed);
        with_resources(frame, &self.summaries, &mut files).map_err(Broken::Failed)?.end();
        let mut none = crate::Output::default();
        let any = |_: &str| false;
        let mut nothing = Collector::new(&any, crate::Limits::default(), None, 0, 0, &mut none);
        self.instance.call(&mut process, &request, &files, &mut nothing, true)?;
        self.process = Some(process);
        let batches = std::mem::take(&mut self.given.batches);
        let given = batches.iter().try_for_each(|batch| {
            // Heard already, and counted, from the child that was lost; what it logged, too.
            let any = |_: &str| true;
            let mut heard = crate::Output::default();
            let limits = crate::Limits::default();
            let out = &mut Collector::new(&any, limits, None, usize::MAX, u64::MAX, &mut heard);
            self.hand_over(batch, out, false)
        });
        self.given.batches = batches;
        given
    }

    /// Puts the batch where the child reads it and hears what it says. The child stays the task's only while it is in step.
    fn hand_over(&mut self, batch: &RecordBatch, out: &mut Collector<'_>, logs: bool) -> Result<(), Broken> {
        let Some(mut process) = self.process.take() else { return Err(Broken::Stopped) };
        let bytes = self.encoder.encode(batch).map_err(Broken::Failed)?;
        let unable = |e: std::io::Error| Broken::Failed(Fault::no_batch(e.to_string()));
        let fresh = process.area.is_none();
        let mut area = process.area.take().map_or_else(Area::new, Ok).map_err(unable)?;
        area.put(bytes).map_err(unable)?;
        let mut request = Vec::new();
        Frame::begin(&mut request, Kind::Push).u8(u8::from(fresh)).u64(bytes.len() as u64).end();
        let files: &[BorrowedFd<'_>] = if fresh { &[area.file().as_fd()] } else { &[] };
        let held = self.instance.call(&mut process, &request, files, out, logs)?;
        process.area = (!held).then_some(area);
        self.process = Some(process);
        Ok(())
    }
}

impl Drop for ChildTask<'_> {
    fn drop(&mut self) {
        // A task that was not closed. Should its child hang in giving it up, the next call to it will find out.
        let mut request = Vec::new();
        Frame::begin(&mut request, Kind::Drop).end();
        if let Some(mut process) = self.process.take()
            && process.tell(&request)
        {
            process.spare = std::mem::take(&mut self.encoder).into_memory();
            self.instance.give_back(process);
        }
    }
}
