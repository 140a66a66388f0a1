//! What is said when a plugin of this process ends the whole process.

use std::cell::Cell;
use std::ptr::NonNull;
#[cfg(unix)]
use std::sync::atomic::{AtomicU32, Ordering};

/// What a run ends with that could not do all it was to do.
#[cfg(unix)]
const INCOMPLETE: i32 = 3;

/// The process that is told of: a plugin may have made others of it.
#[cfg(unix)]
static HOST: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// The detector or library whose code this thread runs; alive while it does.
    static INSIDE: Cell<Option<NonNull<str>>> = const { Cell::new(None) };
}

/// From now on, if code of a plugin exits, this process says whose it was and ends with status 3, as a run does that is not complete;
/// without this it would end without a word, and with status 0 if the plugin likes. For the process of a run: of a child, its host tells.
/// Heard is what exits on a thread of the host, in a call; not what exits on a thread of its own, nor `_exit`. Only on Unix.
pub fn tell_of_exits() {
    #[cfg(unix)]
    {
        static TOLD: std::sync::Once = std::sync::Once::new();
        HOST.store(std::process::id(), Ordering::Relaxed);
        // SAFETY: the function has the type that is asked for, and is never unloaded.
        TOLD.call_once(|| _ = unsafe { libc::atexit(at_exit) });
    }
}

/// Calls into the code of a detector, or of a library.
pub(super) fn inside<R>(detector: &str, call: impl FnOnce() -> R) -> R {
    /// Puts back what was there, whichever way the call ends.
    struct Outside(Option<NonNull<str>>);
    impl Drop for Outside {
        fn drop(&mut self) {
            INSIDE.set(self.0);
        }
    }

    let _outside = Outside(INSIDE.replace(Some(NonNull::from(detector))));
    call()
}

#[cfg(unix)]
extern "C" fn at_exit() {
    let Ok(Some(detector)) = INSIDE.try_with(Cell::get) else { return };
    if HOST.load(Ordering::Relaxed) != std::process::id() {
        return;
    }
    // SAFETY: `inside` has not returned on this thread, so the name it borrows is alive.
    let detector = unsafe { detector.as_ref() };
    // In both languages: which one was asked for is not known here, and this is the last word.
    let last = format!(
        "huoyan: '{detector}' 的代码在本进程内结束了整个程序，本次运行不完整；请用子进程运行它（`huoyan plugin trust` 不加 --in-process）\n\
         huoyan: the code of '{detector}' ended the whole program, so this run is not complete; run it in a child process (`huoyan plugin trust` without --in-process)\n"
    );
    // SAFETY: writes bytes that are alive, and leaves at once: the other threads still run.
    unsafe {
        libc::write(2, last.as_ptr().cast(), last.len());
        libc::_exit(INCOMPLETE);
    }
}
