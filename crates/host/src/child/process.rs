//! One child process: starting it, asking it, waiting for it no longer than allowed, and saying how it ended.

use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use huoyan_model::Localized;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::area::Area;
use super::channel::{FILES_AT_ONCE, Inbox, pair, send};
use super::nursery;
use super::protocol::{Kind, Malformed, Payload};
use crate::ChildSettings;
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
    Lost(Fault),
    /// It said what nobody may say. Asking again would only give it another try.
    Lied(Malformed),
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
            Self::Lost(fault) | Self::Failed(fault) | Self::Panicked(fault) => fault,
            Self::Lied(Malformed { zh, en }) => Fault::new(
                format!("违反了子进程的协议：发来了{zh}"),
                format!("broke the protocol of its child process: it sent {en}"),
            ),
            Self::Stopped => Fault::new("随运行一起停止", "was stopped with the run"),
        }
    }
}

impl From<Malformed> for Broken {
    fn from(what: Malformed) -> Self {
        Self::Lied(what)
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
        let (ours, theirs) = pair()?;
        for socket in [&ours, &theirs] {
            // Bigger is faster; the kernel takes what it allows.
            let _ = rustix::net::sockopt::set_socket_send_buffer_size(socket, 1 << 20);
        }
        let mut command = Command::new(&settings.program);
        command.args(&settings.arguments).env_clear().current_dir("/");
        command.stdin(Stdio::from(theirs)).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = nursery::spawn(command)?;
        rustix::io::ioctl_fionbio(&ours, true)?;
        let stderr = child.stderr.take();
        if let Some(stderr) = &stderr {
            rustix::io::ioctl_fionbio(stderr, true)?;
        }
        Ok(Self {
            child,
            socket: ours,
            inbox: Inbox::without_files(),
            stderr,
            tail: Vec::new(),
            area: None,
            spare: Vec::new(),
        })
    }

    /// Whether it has not ended yet.
    pub(crate) fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
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
        let start = Instant::now();
        if self.inbox.has_more() {
            return Err(Malformed::new("没有要求过的回答", "an answer that nobody had asked for").into());
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
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => self.wait(PollFlags::OUT, start, limit, cancel)?,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Broken::Lost(self.how_it_ended())),
            }
        }
        loop {
            while let Some((kind, at)) = self.inbox.next()? {
                if let Heard::Last = hear(kind, self.inbox.payload(at))? {
                    self.inbox.shrink();
                    return Ok(());
                }
            }
            match self.inbox.fill(&self.socket) {
                Ok(0) => return Err(Broken::Lost(self.how_it_ended())),
                // One that never stops talking is not waited for, so it is stopped here.
                Ok(_) => drop(still(start, limit, cancel)?),
                Err(e) if e.kind() == io::ErrorKind::InvalidData => {
                    let what = Malformed::new("没有要求过的打开的文件", "open files, which nobody asked for");
                    return Err(what.into());
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => self.wait(PollFlags::IN, start, limit, cancel)?,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Broken::Lost(self.how_it_ended())),
            }
        }
    }

    /// Says something short that has no answer. Whether it could be said.
    pub(crate) fn tell(&self, request: &[u8]) -> bool {
        send(&self.socket, request, &[]).is_ok_and(|n| n == request.len())
    }

    /// Waits until the channel is ready, within the limit of a call that began at `start`.
    fn wait(&mut self, ready: PollFlags, start: Instant, limit: Duration, cancel: &Cancel) -> Result<(), Broken> {
        loop {
            let left = still(start, limit, cancel)?;
            let nap = Timespec::try_from(left.min(GLANCE)).map_err(|_| Broken::Stopped)?;
            let mut fds = vec![PollFd::new(&self.socket, ready)];
            if let Some(stderr) = &self.stderr {
                fds.push(PollFd::from_borrowed_fd(stderr.as_fd(), PollFlags::IN));
            }
            match poll(&mut fds, Some(&nap)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => {
                    let e = io::Error::from(e);
                    let fault = Fault::new(format!("无法等待它：{e}"), format!("could not be waited for: {e}"));
                    return Err(Broken::Lost(fault));
                }
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
    fn how_it_ended(&mut self) -> Fault {
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
            None => Fault::new("关闭了它的通道", "closed its channel"),
            Some(status) => ending(status, &tail),
        };
        match last_line(&tail) {
            Some(line) => {
                let Localized { zh, en } = what.into();
                Fault::new(format!("{zh}；它最后写出：{line}"), format!("{en}; the last it wrote was: {line}"))
            }
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

/// The time that is left of a call that began at `start`, unless there is none or the run is being stopped.
fn still(start: Instant, limit: Duration, cancel: &Cancel) -> Result<Duration, Broken> {
    if cancel.is_cancelled() {
        return Err(Broken::Stopped);
    }
    let left = limit.saturating_sub(start.elapsed());
    if left.is_zero() { Err(Broken::Lost(too_long(limit))) } else { Ok(left) }
}

fn ending(status: ExitStatus, tail: &str) -> Fault {
    let Some(signal) = status.signal() else {
        let code = status.code().unwrap_or_default();
        return Fault::new(
            format!("以状态 {code} 结束了它的子进程"),
            format!("ended its child process with status {code}"),
        );
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
    let name = named.iter().find(|(n, _)| n.as_raw() == signal).map_or("", |(_, name)| name);
    let (zh, en) = if tail.contains("has overflowed its stack") {
        ("使它的子进程栈溢出", "overflowed the stack of its child process")
    } else if tail.contains("memory allocation of") {
        (
            "需要的内存超过了 memory_limit 允许它的子进程使用的",
            "wanted more memory than memory_limit allows its child process",
        )
    } else {
        match name {
            "SIGABRT" => ("中止了它的子进程", "aborted its child process"),
            "SIGKILL" => ("失去了它的子进程，该进程被强行终止", "lost its child process, which was killed"),
            "SIGXCPU" => (
                "在它的子进程中用的处理器时间超过了 time_limit",
                "used more processor time in its child process than time_limit allows",
            ),
            _ => ("使它的子进程崩溃", "crashed its child process"),
        }
    };
    if name.is_empty() {
        return Fault::new(format!("{zh}（信号 {signal}）"), format!("{en} (signal {signal})"));
    }
    Fault::new(format!("{zh}（{name}）"), format!("{en} ({name})"))
}

/// The last line that says something, made harmless.
fn last_line(tail: &str) -> Option<String> {
    let line = tail.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().filter(|c| !c.is_control()).take(200).collect())
}

fn too_long(limit: Duration) -> Fault {
    let seconds = limit.as_secs_f64();
    Fault::new(
        format!("一次调用超过了 time_limit = \"{seconds}s\""),
        format!("took longer than time_limit = \"{seconds}s\" for one call"),
    )
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::tests::in_both;

    #[test]
    fn every_end_of_a_child_is_told_in_both_languages() {
        let tails = ["", "thread 'main' has overflowed its stack", "memory allocation of 9 bytes failed"];
        // An exit, SIGABRT, SIGKILL, SIGSEGV, SIGTERM and SIGXCPU.
        for status in [1 << 8, 6, 9, 11, 15, 24] {
            for tail in tails {
                in_both(ending(ExitStatus::from_raw(status), tail).text());
            }
        }
        in_both(too_long(Duration::from_millis(1500)).text());
        in_both(Broken::from(Malformed::new("别的内容", "something else")).fault().text());
        in_both(Broken::Stopped.fault().text());
    }
}
