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
    let got = match mode {
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
