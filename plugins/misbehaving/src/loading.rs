//! What a plugin has no business trying while it is loaded and while its detector is made. What it got is told later.

use std::sync::Mutex;

/// What was got, to be told while judging.
static GOT: Mutex<String> = Mutex::new(String::new());

/// Whether a file could be opened before any function of this library was called; 0 when nothing was tried.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a constructor, as any library may have")]
mod constructor {
    use std::sync::atomic::{AtomicI32, Ordering};

    pub(super) static OPENED: AtomicI32 = AtomicI32::new(0);

    extern "C" fn run() {
        // SAFETY: the path is a C string, and nothing else is touched.
        let file = unsafe { libc::open(c"/etc/passwd".as_ptr(), libc::O_RDONLY) };
        OPENED.store(file, Ordering::Relaxed);
        if file >= 0 {
            // SAFETY: opened above and used by nobody.
            unsafe { libc::close(file) };
        }
    }

    // SAFETY: the loader calls what this section lists, once, and a library may have such functions.
    #[used]
    #[unsafe(link_section = ".init_array")]
    static CONSTRUCTOR: extern "C" fn() = run;
}

/// Tries what `mode` says, if it is one of these.
pub(crate) fn misbehave(mode: &str) {
    let got = match mode {
        #[cfg(target_os = "linux")]
        "read-file-loading" => {
            let early = constructor::OPENED.load(std::sync::atomic::Ordering::Relaxed);
            match std::fs::read("/etc/passwd") {
                Ok(_) => "GOT a file".to_owned(),
                Err(_) if early >= 0 => "GOT a file in a constructor".to_owned(),
                Err(e) => format!("no file: {e}"),
            }
        }
        "write-file-loading" => match std::fs::write("/tmp/huoyan-misbehaving", "x") {
            Ok(()) => "GOT a file".to_owned(),
            Err(e) => format!("no file: {e}"),
        },
        #[cfg(unix)]
        "inherit" => inherited(),
        _ => return,
    };
    *GOT.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = got;
}

/// What [`misbehave`] got.
pub(crate) fn got() -> String {
    GOT.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
}

/// The beginning of each file that this process has not opened itself and that is no library.
#[cfg(unix)]
#[expect(unsafe_code, reason = "what a plugin in C may call")]
fn inherited() -> String {
    let mut got = String::new();
    for file in 0..1024 {
        let mut bytes = [0_u8; 16];
        // SAFETY: the buffer lives during the call and is as long as said.
        let read = unsafe { libc::pread(file, bytes.as_mut_ptr().cast(), bytes.len(), 0) };
        if let Ok(read @ 1..) = usize::try_from(read)
            && !bytes.starts_with(b"\x7fELF")
        {
            got += &format!(" {file}: {}", String::from_utf8_lossy(&bytes[..read]));
        }
    }
    if got.is_empty() { "nothing".to_owned() } else { format!("GOT{got}") }
}
