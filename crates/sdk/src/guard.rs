//! Keeps panics on this side of the boundary.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Runs `body`; a panic in it becomes its message with the place it was raised at.
///
/// The library's own copy of the standard library gets a quiet hook: the host reports the message once, in its own words.
pub(crate) fn catch<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    HOOK.call_once(|| {
        if !cfg!(test) {
            panic::set_hook(Box::new(|info| {
                let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
                PLACE.with(|slot| *slot.borrow_mut() = place);
            }));
        }
    });
    panic::catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        let what = message(&*payload).to_owned();
        // A payload may panic again when dropped; leaking it is the only safe way out.
        std::mem::forget(payload);
        match PLACE.with(|slot| slot.borrow_mut().take()) {
            Some(place) => format!("panic at {place}: {what}"),
            None => format!("panic: {what}"),
        }
    })
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
