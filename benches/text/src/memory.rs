//! How many bytes something holds.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use cpu_time::ThreadTime;

/// The system's allocator, with a count of the bytes in use: the resident size of a pack is what building it leaves behind.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator is unsafe by its trait; every call goes to the system's as it came")]
// SAFETY: each method hands its arguments to `System` unchanged and returns what that returns.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the trait's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the trait's contract.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes in use now.
pub fn in_use() -> usize {
    IN_USE.load(Ordering::Relaxed)
}

/// The least milliseconds of five calls, and the bytes that one result holds.
pub fn build<T>(mut make: impl FnMut() -> T) -> (f64, usize) {
    let (mut best, mut size) = (f64::MAX, 0);
    for _ in 0..5 {
        let before = in_use();
        let started = ThreadTime::now();
        let made = make();
        best = best.min(started.elapsed().as_secs_f64() * 1e3);
        size = in_use() - before;
        drop(made);
    }
    (best, size)
}

/// Prints what [`build`] gave.
pub fn row(name: &str, (milliseconds, bytes): (f64, usize)) {
    println!("{name:<52} {milliseconds:>8.2} ms {:>8.2} MB", bytes as f64 / 1e6);
}
