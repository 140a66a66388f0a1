//! One end of the channel between a host and its child: bytes, and open files beside them.

use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};

use super::protocol::{Kind, Malformed, frame};

/// Open files in one message; the kernel takes 253.
pub(crate) const FILES_AT_ONCE: usize = 64;

/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// A pair of connected sockets that no other program inherits.
pub(crate) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let made = |flags| socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None);
    #[cfg(not(target_vendor = "apple"))]
    let pair = made(SocketFlags::CLOEXEC)?;
    // This system sets it in a step of its own, and says for a socket what others say with each message.
    #[cfg(target_vendor = "apple")]
    let pair = {
        let pair = made(SocketFlags::empty())?;
        for socket in [&pair.0, &pair.1] {
            rustix::io::fcntl_setfd(socket, rustix::io::FdFlags::CLOEXEC)?;
            rustix::net::sockopt::set_socket_nosigpipe(socket, true)?;
        }
        pair
    };
    Ok(pair)
}

/// A lost partner is an error, not a signal.
#[cfg(not(target_vendor = "apple"))]
const SEND: SendFlags = SendFlags::NOSIGNAL;
#[cfg(target_vendor = "apple")]
const SEND: SendFlags = SendFlags::empty();

/// No program that this process starts inherits a file that came.
#[cfg(not(target_vendor = "apple"))]
const RECEIVE: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(target_vendor = "apple")]
const RECEIVE: RecvFlags = RecvFlags::empty();

/// Sends what fits, at least a byte, with the files on the first of them.
pub(crate) fn send(socket: impl AsFd, bytes: &[u8], files: &[BorrowedFd<'_>]) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES_AT_ONCE))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(files));
    }
    Ok(sendmsg(socket, &[IoSlice::new(bytes)], &mut control, SEND)?)
}

/// What has arrived and was not taken yet.
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// The open files that came; none are taken where nobody is to send any.
    files: Option<VecDeque<OwnedFd>>,
}

impl Inbox {
    /// The inbox of a host: its child sends no files, and each that were taken would be one less for everybody else.
    pub(crate) fn without_files() -> Self {
        Self { bytes: Vec::new(), start: 0, end: 0, files: None }
    }

    /// The inbox of a child.
    pub(crate) fn with_files() -> Self {
        Self { files: Some(VecDeque::new()), ..Self::without_files() }
    }

    /// Reads what is there; 0 at the end. The buffer grows with what has arrived, never with what was announced. Files that
    /// nobody takes are an error of kind `InvalidData`.
    pub(crate) fn fill(&mut self, socket: impl AsFd) -> io::Result<usize> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.bytes.len() - self.end < CHUNK {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            let wanted = (self.end + CHUNK).max(self.end * 2);
            if self.bytes.len() < wanted {
                self.bytes.resize(wanted, 0);
            }
        }
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES_AT_ONCE))];
        // Without room for them the kernel drops files at once.
        let mut control = RecvAncillaryBuffer::new(if self.files.is_some() { &mut space } else { &mut [] });
        let free = &mut self.bytes[self.end..];
        let got = recvmsg(socket, &mut [IoSliceMut::new(free)], &mut control, RECEIVE)?;
        for message in control.drain() {
            if let (RecvAncillaryMessage::ScmRights(came), Some(files)) = (message, &mut self.files) {
                for file in came {
                    #[cfg(target_vendor = "apple")]
                    rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::CLOEXEC)?;
                    files.push_back(file);
                }
            }
        }
        if got.flags.contains(ReturnFlags::CTRUNC) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "more open files came than are taken"));
        }
        self.end += got.bytes;
        Ok(got.bytes)
    }

    /// The next frame, if it is there in full: its kind, and where its payload lies in [`Self::payload`].
    pub(crate) fn next(&mut self) -> Result<Option<(Kind, std::ops::Range<usize>)>, Malformed> {
        let Some((kind, payload, taken)) = frame(&self.bytes[self.start..self.end])? else { return Ok(None) };
        let (at, len) = (self.start + taken - payload.len(), payload.len());
        self.start += taken;
        Ok(Some((kind, at..at + len)))
    }

    /// A payload, valid until the next [`Self::fill`].
    pub(crate) fn payload(&self, at: std::ops::Range<usize>) -> &[u8] {
        &self.bytes[at]
    }

    /// The next open file that came.
    pub(crate) fn file(&mut self) -> Option<std::fs::File> {
        self.files.as_mut()?.pop_front().map(Into::into)
    }

    /// Whether something has come that nobody took.
    pub(crate) fn has_more(&self) -> bool {
        self.start < self.end || self.files.as_ref().is_some_and(|files| !files.is_empty())
    }

    /// Gives back the memory of an answer that was larger than most.
    pub(crate) fn shrink(&mut self) {
        if self.start == self.end && self.bytes.len() > 4 * CHUNK {
            (self.bytes, self.start, self.end) = (Vec::new(), 0, 0);
        }
    }
}
