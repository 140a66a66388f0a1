//! Any bytes as a list of hashes, and as the manifest of a gallery.
#![no_main]

use huoyan_vision::gallery::{Gallery, GalleryError, read_hashes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut pictures = 0;
    let read = read_hashes(bytes, "brand", |more| {
        pictures += more.len();
        Ok(())
    });
    assert_eq!(read.is_ok(), pictures > 0);
    let _ = Gallery::open(|_| -> Result<&[u8], GalleryError> { Ok(bytes) });
});
