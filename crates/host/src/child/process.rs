//! One child process: starting it, asking it, waiting for it no longer than allowed, and saying how it ended.

use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

use super::ChildSettings;
use super::area::Area;
use super::channel::{FILES_AT_ONCE, Inbox, send};
use super::protocol::{Kind, Malformed, Payload};
use crate::{Cancel, Fault};

/// How often a stop of the run is looked for while waiting.
const GLANCE: Duration = Duration::from_millis(50);

/// How long a child that closed its channel is given to say by its end why.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What is kept of a child's standard error.
const TAIL: usize = 4096;

/// Why a call to a child came to nothing.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The process ended, hung or closed its channel: another one may do better.
    Lost(String),
    /// It said what nobody may say. Asking again would only give it another try.
    Lied(String),
    /// The detector itself said that the call failed, or the host found fault with what came.
    Failed(Fault),
    /// It panicked while it was made.
    Panicked(Fault),
    /// The run is being stopped.
    Stopped,
}

impl Broken {
    /// As the detector's fault.
    pub(crate) fn fault(self) -> Fault {
        match self {
            Self::Lost(what) => Fault::new(what),
            Self::Lied(what) => Fault::new(format!("broke the protocol of its child process: it sent {what}")),
            Self::Failed(fault) | Self::Panicked(fault) => fault,
            Self::Stopped => Fault::new("was stopped with the run"),
        }
    }
}

impl From<Malformed> for Broken {
    fn from(Malformed(what): Malformed) -> Self {
        Self::Lied(what.to_owned())
    }
}

/// What is done with an answer: told whether it was the last.
pub(crate) enum Heard {
    More,
    Last,
}

/// Hears one answer: its kind and its payload.
pub(crate) type Hear<'h> = dyn FnMut(Kind, &[u8]) -> Result<Heard, Broken> + 'h;

/// A child process. Killed when dropped.
pub(crate) struct Process {
    child: std::process::Child,
    socket: OwnedFd,
    inbox: Inbox,
    stderr: Option<ChildStderr>,
    tail: Vec<u8>,
    /// Where its batches are put, and whether it knows.
    pub(crate) area: Option<Area>,
    /// Memory in which its batches are encoded.
    pub(crate) spare: Vec<u8>,
}

impl Process {
    /// Starts a child that waits for its first request.
    pub(crate) fn start(settings: &ChildSettings) -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC;
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        for socket in [&ours, &theirs] {
            // Bigger is faster; the kernel takes what it allows.
            let _ = rustix::net::sockopt::set_socket_send_buffer_size(socket, 1 << 20);
        }
        let mut child = Command::new(&settings.program)
            .args(&settings.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        rustix::io::ioctl_fionbio(&ours, true)?;
        let stderr = child.stderr.take();
        if let Some(stderr) = &stderr {
            rustix::io::ioctl_fionbio(stderr, true)?;
        }
        Ok(Self {
            child,
            socket: ours,
            inbox: Inbox::default(),
            stderr,
            tail: Vec::new(),
            area: None,
            spare: Vec::new(),
        })
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks and hears every answer until one is the last, within the time limit.
    pub(crate) fn ask(
        &mut self,
        request: &[u8],
        files: &[BorrowedFd<'_>],
        limit: Duration,
        cancel: &Cancel,
        hear: &mut Hear<'_>,
    ) -> Result<(), Broken> {
        let deadline = Instant::now() + limit;
        let result = self.exchange(request, files, deadline, cancel, hear);
        match result {
            Err(Broken::Lost(what)) if what.is_empty() => Err(Broken::Lost(self.how_it_ended())),
            Err(Broken::Lost(_)) if Instant::now() >= deadline => {
                Err(Broken::Lost(format!("took longer than time_limit = \"{}\" for one call", seconds(limit))))
            }
            result => result,
        }
    }

    /// Says something short that has no answer. Whether it could be said.
    pub(crate) fn tell(&self, request: &[u8]) -> bool {
        send(&self.socket, request, &[]).is_ok_and(|n| n == request.len())
    }

    /// As [`Self::ask`]; an end of the child is `Lost` without words.
    fn exchange(
        &mut self,
        request: &[u8],
        files: &[BorrowedFd<'_>],
        deadline: Instant,
        cancel: &Cancel,
        hear: &mut Hear<'_>,
    ) -> Result<(), Broken> {
        if self.inbox.has_more() {
            return Err(Broken::Lied("an answer that nobody had asked for".into()));
        }
        let (mut sent, mut groups) = (0, files.chunks(FILES_AT_ONCE));
        let mut group = groups.next().unwrap_or_default();
        while sent < request.len() {
            // Files ride on bytes: of a request with many, a byte each for all groups but the last.
            let more = groups.len() > 0;
            let piece = if more { &request[sent..sent + 1] } else { &request[sent..] };
            match send(&self.socket, piece, group) {
                Ok(n) => {
                    sent += n;
                    group = groups.next().unwrap_or_default();
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => self.wait(PollFlags::OUT, deadline, cancel)?,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Broken::Lost(String::new())),
            }
        }
        loop {
            while let Some((kind, at)) = self.inbox.next()? {
                if let Heard::Last = hear(kind, self.inbox.payload(at))? {
                    return Ok(());
                }
            }
            match self.inbox.fill(&self.socket) {
                Ok(0) => return Err(Broken::Lost(String::new())),
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => self.wait(PollFlags::IN, deadline, cancel)?,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Broken::Lost(String::new())),
            }
        }
    }

    /// Waits until the channel is ready.
    fn wait(&mut self, ready: PollFlags, deadline: Instant, cancel: &Cancel) -> Result<(), Broken> {
        loop {
            if cancel.is_cancelled() {
                return Err(Broken::Stopped);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Broken::Lost("took too long".into()));
            }
            let nap = Timespec::try_from(left.min(GLANCE)).map_err(|_| Broken::Stopped)?;
            let mut fds = vec![PollFd::new(&self.socket, ready)];
            if let Some(stderr) = &self.stderr {
                fds.push(PollFd::from_borrowed_fd(stderr.as_fd(), PollFlags::IN));
            }
            match poll(&mut fds, Some(&nap)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(Broken::Lost(format!("could not be waited for: {}", io::Error::from(e)))),
            }
            let channel = !fds[0].revents().is_empty();
            if fds.get(1).is_some_and(|fd| !fd.revents().is_empty()) {
                self.read_tail();
            }
            if channel {
                return Ok(());
            }
        }
    }

    /// Keeps the end of what the child wrote to its standard error.
    fn read_tail(&mut self) {
        let mut chunk = [0; TAIL];
        // Bounded, so that a child that writes without end cannot keep the host here.
        for _ in 0..16 {
            let Some(stderr) = &mut self.stderr else { return };
            match stderr.read(&mut chunk) {
                Ok(0) => self.stderr = None,
                Ok(n) => {
                    self.tail.extend_from_slice(&chunk[..n]);
                    let surplus = self.tail.len().saturating_sub(TAIL);
                    self.tail.drain(..surplus);
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => self.stderr = None,
            }
        }
    }

    /// Says how a child ended that has closed its channel.
    fn how_it_ended(&mut self) -> String {
        let deadline = Instant::now() + LAST_WORDS;
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
                _ => break None,
            }
        };
        self.read_tail();
        let tail = String::from_utf8_lossy(&self.tail);
        let what = match status {
            None => "closed its channel".to_owned(),
            Some(status) => ending(status, &tail),
        };
        match last_line(&tail) {
            Some(line) => format!("{what}; the last it wrote was: {line}"),
            None => what,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ending(status: ExitStatus, tail: &str) -> String {
    let Some(signal) = status.signal() else {
        let code = status.code().unwrap_or_default();
        return format!("ended its child process with status {code}");
    };
    let named = [
        (rustix::process::Signal::ABORT, "SIGABRT"),
        (rustix::process::Signal::SEGV, "SIGSEGV"),
        (rustix::process::Signal::BUS, "SIGBUS"),
        (rustix::process::Signal::ILL, "SIGILL"),
        (rustix::process::Signal::FPE, "SIGFPE"),
        (rustix::process::Signal::KILL, "SIGKILL"),
        (rustix::process::Signal::XCPU, "SIGXCPU"),
    ];
    let name = named.iter().find(|(n, _)| n.as_raw() == signal).map_or("a signal", |(_, name)| name);
    let how = if tail.contains("has overflowed its stack") {
        "overflowed the stack of its child process"
    } else if tail.contains("memory allocation of") {
        "wanted more memory than memory_limit allows its child process"
    } else {
        match name {
            "SIGABRT" => "aborted its child process",
            "SIGKILL" => "lost its child process, which was killed",
            "SIGXCPU" => "used more processor time in its child process than time_limit allows",
            _ => "crashed its child process",
        }
    };
    format!("{how} ({name})")
}

/// The last line that says something, made harmless.
fn last_line(tail: &str) -> Option<String> {
    let line = tail.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().filter(|c| !c.is_control()).take(200).collect())
}

fn seconds(limit: Duration) -> String {
    format!("{}s", limit.as_secs_f64())
}

/// Passes a line of a child's log on.
pub(crate) fn pass_on(detector: &str, payload: &[u8]) -> Result<(), Malformed> {
    let mut payload = Payload::new(payload);
    let level = payload.u8()?;
    let clip = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned();
    let (target, message) = (clip(payload.bytes()?), clip(payload.bytes()?));
    payload.end()?;
    crate::detector::log(detector, i32::from(level), &target, &message);
    Ok(())
}

/// The most lines of one call that are passed on, whatever the child keeps to.
pub(crate) const LOG_LINES: usize = 64;
