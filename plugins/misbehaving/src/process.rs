//! Misbehaviour that a process does not survive, or that a plugin has no business trying. Asked for only in child processes.

use std::hint::black_box;

use huoyan_sdk::Sink;

#[cfg(unix)]
#[expect(unsafe_code, reason = "what a plugin in C may call")]
mod calls {
    unsafe extern "C" {
        fn close(fd: i32) -> i32;
        fn write(fd: i32, bytes: *const u8, len: usize) -> isize;
        fn fork() -> i32;
        fn _exit(status: i32) -> !;
    }

    /// Closes every file this process could have.
    pub(super) fn close_all() {
        for fd in 0..1024 {
            // SAFETY: closing a file that others still think theirs is the misbehaviour that is asked for.
            unsafe { close(fd) };
        }
    }

    /// Writes what is no frame to every file but the standard ones.
    pub(super) fn write_everywhere(bytes: &[u8]) {
        for fd in 3..1024 {
            // SAFETY: the bytes live during the call.
            unsafe { write(fd, bytes.as_ptr(), bytes.len()) };
        }
    }

    pub(super) fn try_fork() -> String {
        // SAFETY: the new process, should there be one, ends at once.
        match unsafe { fork() } {
            // SAFETY: as above; nothing of this process is touched.
            0 => unsafe { _exit(0) },
            -1 => format!("no process: {}", std::io::Error::last_os_error()),
            _ => "GOT a process".to_owned(),
        }
    }

    /// The limit of processor time of another process, which nobody may see and far less set.
    pub(super) fn limit_of(process: i32) -> String {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        #[cfg(target_os = "linux")]
        // SAFETY: the limit lives during the call, and none is set.
        let status = unsafe { libc::prlimit(process, libc::RLIMIT_CPU, std::ptr::null(), &raw mut limit) };
        #[cfg(not(target_os = "linux"))]
        let status = -1;
        let _ = (process, &mut limit);
        if status == 0 { "GOT a limit".to_owned() } else { format!("no limit: {}", std::io::Error::last_os_error()) }
    }

    /// Sends open files to whoever holds the other ends, until nothing more is taken.
    pub(super) fn send_files() {
        const FILES: usize = 60;
        let mut control = [0_u64; 64];
        let (mut byte, mut sent) = ([0_u8], 0);
        let mut part = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: 1 };
        for socket in 3..64 {
            // SAFETY: a header of zeros is one without parts; all that is put in lives during the calls, and the control
            // bytes have room for what their header says: 60 numbers of 4 bytes and a header of 16 in 512.
            unsafe {
                let mut message: libc::msghdr = std::mem::zeroed();
                message.msg_iov = &raw mut part;
                message.msg_iovlen = 1;
                message.msg_control = control.as_mut_ptr().cast();
                message.msg_controllen = libc::CMSG_SPACE((FILES * 4) as u32) as _;
                let header = libc::CMSG_FIRSTHDR(&raw const message);
                (*header).cmsg_level = libc::SOL_SOCKET;
                (*header).cmsg_type = libc::SCM_RIGHTS;
                (*header).cmsg_len = libc::CMSG_LEN((FILES * 4) as u32) as _;
                let files = libc::CMSG_DATA(header).cast::<i32>();
                for i in 0..FILES {
                    files.add(i).write_unaligned(2);
                }
                while sent < 20 && libc::sendmsg(socket, &raw const message, libc::MSG_DONTWAIT) > 0 {
                    sent += 1;
                }
            }
        }
    }

    pub(super) fn touch_nothing() {
        // SAFETY: none; there is no memory there, which is the point.
        unsafe { std::ptr::without_provenance_mut::<u8>(4096).write_volatile(1) };
    }
}

#[expect(unconditional_recursion, reason = "overflowing the stack is what is asked for")]
fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 128]);
    deeper(depth + 1) + frame[7]
}

/// Never comes back.
pub(crate) fn forever() -> ! {
    loop {
        black_box(());
    }
}

/// Does what `mode` says, if it is one of these. What it managed to get is said as the reason of an unjudged record.
pub(crate) fn misbehave(mode: &str, key: &str, sink: &mut Sink<'_>) -> bool {
    #[cfg(unix)]
    if let Some(process) = mode.strip_prefix("limit-process-") {
        sink.unjudged(key, &calls::limit_of(process.parse().unwrap_or_default()));
        return true;
    }
    let got = match mode {
        "read-file-loading" | "write-file-loading" | "inherit" => crate::loading::got(),
        #[cfg(unix)]
        "send-files" => {
            calls::send_files();
            return true;
        }
        "abort" => std::process::abort(),
        "exit" => std::process::exit(0),
        "stack-overflow" => {
            black_box(deeper(0));
            return true;
        }
        "endless-loop" => forever(),
        "memory-hog" => {
            let mut all = Vec::new();
            loop {
                all.push(black_box(vec![1_u8; 16 << 20]));
            }
        }
        #[cfg(unix)]
        "segfault" => {
            calls::touch_nothing();
            return true;
        }
        #[cfg(unix)]
        "close-pipe" => {
            calls::close_all();
            loop {
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        }
        #[cfg(unix)]
        "write-garbage" => {
            calls::write_everywhere(b"this is no frame, whoever reads it");
            return true;
        }
        #[cfg(unix)]
        "fork" => calls::try_fork(),
        "read-file" => match std::fs::read("/etc/passwd") {
            Ok(bytes) => format!("GOT {} bytes", bytes.len()),
            Err(e) => format!("no file: {e}"),
        },
        "write-file" => match std::fs::write("/tmp/huoyan-misbehaving", "x") {
            Ok(()) => "GOT a file".to_owned(),
            Err(e) => format!("no file: {e}"),
        },
        "read-environment" => {
            let names: Vec<String> = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
            if names.is_empty() { "no environment".to_owned() } else { format!("GOT {}", names.join(" ")) }
        }
        "connect" => match std::net::TcpStream::connect(("127.0.0.1", 9)) {
            Ok(_) => "GOT a connection".to_owned(),
            // Refused by the other side means that it was asked.
            Err(e) if e.kind() == std::io::ErrorKind::ConnectionRefused => "GOT an answer".to_owned(),
            Err(e) => format!("no connection: {e}"),
        },
        "thread" => match std::thread::Builder::new().spawn(|| ()) {
            Ok(_) => "GOT a thread".to_owned(),
            Err(e) => format!("no thread: {e}"),
        },
        _ => return false,
    };
    sink.unjudged(key, &got);
    true
}
