//! Any bytes as a picture: decoded or refused, then hashed, described and searched for codes.
#![no_main]

use huoyan_vision::{Limits, Suspect, decode, qr};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Small, so that a run tries many pictures; the limits themselves are what is to hold.
    let limits = Limits { bytes: 1 << 20, pixels: 200_000, side: 2_000, ..Limits::default() };
    let Ok(picture) = decode(bytes, &limits) else { return };
    assert!(picture.width() * picture.height() <= 200_000);
    let _ = qr::read(&picture);
    let _ = Suspect::new(&picture);
});
