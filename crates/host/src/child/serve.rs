//! The child's side: gives up what it must, loads one plugin, makes one detector and answers one call after another.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use huoyan_abi::{MAX_SUMMARY_BYTES, Status};
use huoyan_model::Localized;

use super::area::file_of;
use super::channel::{Inbox, send};
use super::process::LOG_LINES;
use super::protocol::{self, Frame, Kind, Malformed, Payload};
use super::sandbox;
use crate::collect::{Limits, RawFinding, Receiver, too_large_a_summary, too_much_output};
use crate::error::Unmade;
use crate::ffi::{self, Bytes, Logger, RawInstance, RawTask};
use crate::{Fault, ResourceData};

/// Output is sent on when this much has gathered.
const FLUSH: usize = 128 << 10;

/// Why a child gives up. Nobody but its host reads it, if at all.
struct Ended(String);

impl From<Malformed> for Ended {
    fn from(what: Malformed) -> Self {
        what.en.into()
    }
}

impl From<&str> for Ended {
    fn from(what: &str) -> Self {
        Self(what.to_owned())
    }
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Runs a child: what `huoyan plugin-host` does. Its standard input is the channel that the host made; it ends when the
/// host closes it. Must be called before the process has started any thread.
#[expect(clippy::print_stderr, reason = "the host keeps the end of it for the fault's text")]
pub fn serve() -> ExitCode {
    match Child::take_channel().and_then(|mut child| child.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Ended(why)) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

struct Child {
    socket: OwnedFd,
    inbox: Inbox,
    answer: Vec<u8>,
    log: Arc<Mutex<Log>>,
}

/// Log lines of the call at hand, as frames.
#[derive(Default)]
struct Log {
    frames: Vec<u8>,
    lines: usize,
    left_out: usize,
}

impl Log {
    fn put(&mut self, level: u8, target: &str, message: &str) {
        Frame::begin(&mut self.frames, Kind::Log).u8(level).bytes(target.as_bytes()).bytes(message.as_bytes()).end();
    }
}

/// What the child is to make, as its first request says it.
struct Order {
    detector: String,
    config: String,
    path: std::path::PathBuf,
    library: File,
    resources: Vec<ResourceData>,
    memory: u64,
    seconds: u64,
}

impl Child {
    /// Moves the channel away from standard input, where a plugin could read it, and leaves nothing there.
    fn take_channel() -> Result<Self, Ended> {
        let socket = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3)
            .and_then(|socket| rustix::net::sockopt::socket_type(&socket).map(|_| socket))
            .map_err(|_| Ended("this command is started by huoyan itself, with a channel as its input".into()))?;
        let nothing = File::options().read(true).write(true).open("/dev/null")?;
        rustix::stdio::dup2_stdin(&nothing).map_err(io::Error::from)?;
        rustix::stdio::dup2_stdout(&nothing).map_err(io::Error::from)?;
        drop(nothing);
        // What whoever started the host had left open is nothing for a plugin.
        ffi::close_all_but(&socket)?;
        Ok(Self { socket, inbox: Inbox::with_files(), answer: Vec::new(), log: Arc::default() })
    }

    fn request(&mut self) -> Result<Option<(Kind, std::ops::Range<usize>)>, Ended> {
        loop {
            if let Some(request) = self.inbox.next()? {
                return Ok(Some(request));
            }
            match self.inbox.fill(&self.socket) {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
    }

    fn run(&mut self) -> Result<(), Ended> {
        let Some((Kind::Create, at)) = self.request()? else { return Ok(()) };
        let payload = self.inbox.payload(at).to_vec();
        let mut payload = Payload::new(&payload);
        let (memory, seconds) = (payload.u64()?, payload.u64()?);
        sandbox::with_the_host(payload.u32()?).map_err(|what| Ended(what.to_owned()))?;
        if payload.u8()? == 0 {
            // Only asked what this platform can enforce, on a file such as a plugin's is.
            return self.hello(&sandbox::before_loading(&file_of(b"")?, memory));
        }
        let order = self.order(payload, memory, seconds)?;
        sandbox::processor_time(order.seconds);
        let gaps = sandbox::before_loading(&order.library, order.memory);
        self.hello(&gaps)?;
        let made = self.make(&order).and_then(|made| {
            sandbox::before_judging(&gaps).map_err(Unmade::Refused)?;
            Ok(made)
        });
        let (instance, abi) = match made {
            Ok(made) => made,
            Err(unmade) => {
                self.take_log();
                let broke = u8::from(matches!(unmade, Unmade::Broke(_)));
                Frame::begin(&mut self.answer, Kind::Failed).u8(broke).fault(unmade.fault()).end();
                return Ok(flush(&self.socket, &mut self.answer)?);
            }
        };
        self.take_log();
        Frame::begin(&mut self.answer, Kind::Ready).u32(abi.0).u32(abi.1).end();
        flush(&self.socket, &mut self.answer)?;
        self.judge(&instance, order.seconds)
    }

    fn order(&mut self, mut payload: Payload<'_>, memory: u64, seconds: u64) -> Result<Order, Ended> {
        let (detector, config) = (payload.text()?.to_owned(), payload.text()?.to_owned());
        let path = payload.text()?.into();
        let library = self.inbox.file().ok_or("no library came")?;
        let resources = resources(&mut self.inbox, &mut payload)?;
        payload.end()?;
        Ok(Order { detector, config, path, library, resources, memory, seconds })
    }

    fn hello(&mut self, gaps: &[sandbox::Gap]) -> Result<(), Ended> {
        let mut frame = Frame::begin(&mut self.answer, Kind::Hello).u32(gaps.len() as u32);
        for gap in gaps {
            frame = frame.u8(*gap as u8);
        }
        frame.end();
        Ok(flush(&self.socket, &mut self.answer)?)
    }

    fn make(&self, order: &Order) -> Result<(RawInstance, (u32, u32)), Unmade> {
        use std::os::fd::AsRawFd as _;
        // The verified copy is the open file; only systems that can load from it do.
        let path = if cfg!(target_os = "linux") {
            format!("/proc/self/fd/{}", order.library.as_raw_fd()).into()
        } else {
            order.path.clone()
        };
        let table = ffi::load(&path, &path).map_err(Unmade::Refused)?;
        let log = Arc::clone(&self.log);
        let logger: Logger = Box::new(move |level, target, message| {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            // One line is kept for saying how many are left out.
            if log.lines + 1 < LOG_LINES {
                log.lines += 1;
                log.put(level.clamp(1, 4) as u8, target, message);
            } else {
                log.left_out += 1;
            }
        });
        let cancel = Arc::new(AtomicBool::new(false));
        let resources = order.resources.clone();
        let instance = RawInstance::create(table, &order.detector, &order.config, resources, cancel, logger)?;
        Ok((instance, (table.abi_major, table.abi_minor)))
    }

    fn take_log(&mut self) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.left_out > 0 {
            let what = format!("{} more lines of this call are left out", log.left_out);
            log.put(2, "huoyan", &what);
        }
        self.answer.append(&mut log.frames);
        (log.lines, log.left_out) = (0, 0);
    }

    fn judge(&mut self, instance: &RawInstance, seconds: u64) -> Result<(), Ended> {
        let mut open: Option<Open<'_>> = None;
        let mut area: Option<Arc<memmap2::Mmap>> = None;
        let mut area_file: Option<File> = None;
        while let Some((kind, at)) = self.request()? {
            sandbox::processor_time(seconds);
            let payload = self.inbox.payload(at).to_vec();
            let mut payload = Payload::new(&payload);
            let mut held = false;
            let mut output = Output::new(&self.socket, std::mem::take(&mut self.answer));
            let result = match kind {
                Kind::Open => {
                    // A task must be gone before the next is there: plugins may count on one at a time per thread.
                    drop(open.take());
                    let (stage, seed) = (payload.text()?, payload.u64()?);
                    let summaries = resources(&mut self.inbox, &mut payload)?;
                    instance.open(stage, seed, &summaries).map(|task| {
                        open = Some(Open { task, decoder: ffi::decoder_of_the_host() });
                    })
                }
                Kind::Push => {
                    let (fresh, len) = (payload.u8()? != 0, payload.u64()?);
                    if fresh {
                        (area, area_file) = (None, Some(self.inbox.file().ok_or("no area came")?));
                    }
                    let len = usize::try_from(len).map_err(|_| "a batch larger than memory")?;
                    let map = match area.take().filter(|map| map.len() >= len) {
                        Some(map) => map,
                        None => {
                            let file = area_file.as_ref().ok_or("no area came")?;
                            Arc::new(ffi::map_shared(file, len.max(1 << 20).next_power_of_two())?)
                        }
                    };
                    let task = open.as_mut().ok_or("a batch for no task")?;
                    let result = task.push(&map, len, &mut output);
                    held = Arc::strong_count(&map) > 1;
                    area = (!held).then_some(map);
                    result
                }
                Kind::Close => {
                    let task = open.as_mut().ok_or("the end of no task")?;
                    let result = task.task.close(&mut output);
                    drop(open.take());
                    result
                }
                Kind::Drop => {
                    drop(open.take());
                    self.answer = output.buffer;
                    continue;
                }
                Kind::Merge => {
                    let stage = payload.text()?;
                    let both = resources(&mut self.inbox, &mut payload)?;
                    let [a, b] = both.as_slice() else { return Err("not two summaries".into()) };
                    instance.merge(stage, a.as_slice(), b.as_slice(), &mut output)
                }
                _ => return Err("a request of a kind that does not exist".into()),
            };
            output.finish();
            self.answer = output.buffer;
            self.take_log();
            let done = Frame::begin(&mut self.answer, Kind::Done).u8(u8::from(held));
            match result {
                Ok(()) => done.end(),
                Err(fault) => done.fault(&fault).end(),
            }
            flush(&self.socket, &mut self.answer)?;
        }
        Ok(())
    }
}

/// Maps resources, whose files came beside the request.
fn resources(inbox: &mut Inbox, payload: &mut Payload<'_>) -> Result<Vec<ResourceData>, Ended> {
    let count = payload.count(16)?;
    let mut resources = Vec::with_capacity(count);
    for _ in 0..count {
        let (name, digest) = (payload.text()?.to_owned(), payload.text()?.to_owned());
        let len = usize::try_from(payload.u64()?).map_err(|_| "a resource larger than memory")?;
        let file = inbox.file().ok_or("a resource did not come")?;
        resources.push(ResourceData::from_parts(name, digest, Bytes::map_file(file, len)?));
    }
    Ok(resources)
}

/// An open task and its stream of batches.
struct Open<'i> {
    task: RawTask<'i>,
    decoder: StreamDecoder,
}

/// Lets an Arrow buffer own its part of the map, so that it is known when the plugin has let go of it.
struct Shared(Arc<memmap2::Mmap>, usize);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0[..self.1]
    }
}

impl Open<'_> {
    fn push(&mut self, map: &Arc<memmap2::Mmap>, len: usize, output: &mut Output<'_>) -> Result<(), Fault> {
        let batch = self.decode(map, len).map_err(Fault::no_batch)?;
        self.task.push(&batch, 0, output)
    }

    fn decode(&mut self, map: &Arc<memmap2::Mmap>, len: usize) -> Result<RecordBatch, Localized> {
        let mut bytes = Buffer::from(bytes::Bytes::from_owner(Shared(Arc::clone(map), len)));
        while !bytes.is_empty() {
            match self.decoder.decode(&mut bytes) {
                Ok(Some(batch)) if bytes.is_empty() => return Ok(batch),
                Ok(Some(_)) => return Err(("来了不止一批", "more than one came").into()),
                Ok(None) => {}
                Err(e) => return Err(e.to_string().into()),
            }
        }
        Err(("没有收到", "none came").into())
    }
}

fn flush(socket: &OwnedFd, answer: &mut Vec<u8>) -> io::Result<()> {
    let mut sent = 0;
    while sent < answer.len() {
        match send(socket, &answer[sent..], &[]) {
            Ok(n) => sent += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    answer.clear();
    // One huge answer must not be kept for all that follow.
    answer.shrink_to(4 * FLUSH);
    Ok(())
}

/// Encodes what the plugin says, and sends it on as it grows: the host stops a runaway, not the memory of this process.
struct Output<'s> {
    socket: &'s OwnedFd,
    buffer: Vec<u8>,
    start: Option<usize>,
    stopped: bool,
}

impl<'s> Output<'s> {
    fn new(socket: &'s OwnedFd, buffer: Vec<u8>) -> Self {
        Self { socket, buffer, start: None, stopped: false }
    }

    /// Adds one item of about `size` bytes.
    fn put(&mut self, size: usize, write: impl FnOnce(&mut Vec<u8>)) -> Status {
        if self.stopped {
            return Status::LIMIT;
        }
        if size > Limits::default().bytes {
            return self.refuse(too_much_output(Limits::default().bytes));
        }
        self.item(size, write)
    }

    fn item(&mut self, size: usize, write: impl FnOnce(&mut Vec<u8>)) -> Status {
        if self.buffer.len().saturating_add(size) > FLUSH && self.start.is_some() {
            self.finish();
            if flush(self.socket, &mut self.buffer).is_err() {
                // The host has gone; whatever is said now is for nobody.
                self.stopped = true;
                return Status::CANCELLED;
            }
        }
        if self.start.is_none() {
            self.start = Some(self.buffer.len());
            self.buffer.extend([0, 0, 0, 0, Kind::Output as u8]);
        }
        write(&mut self.buffer);
        Status::OK
    }

    /// Ends the frame at hand.
    fn finish(&mut self) {
        if let Some(start) = self.start.take() {
            protocol::end(&mut self.buffer, start);
        }
    }
}

impl Receiver for Output<'_> {
    fn finding(&mut self, finding: &RawFinding<'_>) -> Status {
        let texts = finding.record.len() + finding.rule.len() + finding.field.len() + finding.evidence.len();
        let size = texts + finding.members.iter().map(|m| m.len() + 24).sum::<usize>() + 64;
        self.put(size, |out| protocol::put_finding(out, finding))
    }

    fn score(&mut self, record: &[u8], score: f64) -> Status {
        self.put(record.len() + 16, |out| protocol::put_score(out, record, score))
    }

    fn row(&mut self, key: &[u8], order: i64, record: &[u8], payload: &[u8]) -> Status {
        let size = key.len() + record.len() + payload.len() + 32;
        self.put(size, |out| protocol::put_row(out, key, order, record, payload))
    }

    fn unjudged(&mut self, record: &[u8], reason: &[u8]) -> Status {
        self.put(record.len() + reason.len() + 16, |out| protocol::put_unjudged(out, record, reason))
    }

    fn summary(&mut self, bytes: &[u8]) -> Status {
        if bytes.len() > MAX_SUMMARY_BYTES {
            return self.refuse(too_large_a_summary(bytes.len()));
        }
        self.put(bytes.len() + 5, |out| protocol::put_summary(out, bytes))
    }

    fn refuse(&mut self, fault: Fault) -> Status {
        if !self.stopped {
            let text = fault.text();
            self.item(text.zh.len() + text.en.len() + 9, |out| protocol::put_refused(out, &fault));
            self.stopped = true;
        }
        Status::LIMIT
    }
}
