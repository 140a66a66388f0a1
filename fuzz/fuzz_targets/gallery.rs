//! A gallery whose segment is damaged but bears right digests, as one made to hurt would: opened or refused, then searched.
#![no_main]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use huoyan_vision::gallery::{Entry, Gallery, GalleryError, Prepared, Store, prepare};
use huoyan_vision::pdq::Hash;
use huoyan_vision::search::candidates;
use huoyan_vision::verify::verify;
use huoyan_vision::{Limits, Suspect};
use libfuzzer_sys::fuzz_target;

/// A picture of blocks, as a BMP of 256 greys.
fn bmp(seed: u8) -> Vec<u8> {
    let side = 64u32;
    let mut bytes = b"BM".to_vec();
    let size = 54 + 1024 + side * side;
    for number in [size, 0, 54 + 1024, 40, side, side, 1 | 8 << 16, 0, side * side, 0, 0, 256, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend((0..=255u8).flat_map(|grey| [grey, grey, grey, 0]));
    for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
        let block = (x / 7 + u32::from(seed)).wrapping_mul(2_654_435_761) ^ (y / 9).wrapping_mul(40_503);
        bytes.push((block >> 11) as u8);
    }
    bytes
}

struct World {
    files: BTreeMap<String, Vec<u8>>,
    segment: String,
    suspect: Suspect,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let dir = std::env::temp_dir().join(format!("huoyan-fuzz-{}", std::process::id()));
    let mut store = Store::open_or_create(&dir, |path: &Path| std::fs::read(path)).unwrap();
    let entry = |name: &str| Entry { file: name.to_owned(), item: name.to_owned(), brand: "brand".to_owned() };
    let mut pictures: Vec<_> = (0..3u8)
        .map(|i| prepare(entry(&format!("p{i}")), &bmp(i), &Limits::default()).unwrap())
        .collect();
    pictures.push(Prepared::hash_only(entry("bare"), Hash([7; 32]), 90));
    store.add(&pictures).unwrap();
    drop(store);
    let mut files = BTreeMap::new();
    for file in std::fs::read_dir(&dir).unwrap().flatten() {
        files.insert(file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap());
    }
    std::fs::remove_dir_all(&dir).unwrap();
    let segment = files.keys().find(|name| name.ends_with(".segment")).unwrap().clone();
    let suspect = Suspect::decode(&bmp(1), &Limits::default()).unwrap();
    World { files, segment, suspect }
});

fuzz_target!(|changes: &[u8]| {
    if changes.len() < 5 {
        return;
    }
    let world = &*WORLD;
    let mut bytes = world.files[&world.segment].clone();
    // Each five bytes: where, what. Half of the places are in the header, the table and the pictures.
    for change in changes.chunks_exact(5) {
        let place = u32::from_le_bytes([change[0], change[1], change[2], 0]) as usize;
        let within = if change[3] & 1 == 0 { 1200.min(bytes.len()) } else { bytes.len() };
        bytes[place % within] = change[4];
    }
    let table = blake3::hash(&bytes[64..64 + 10 * 64]);
    bytes[32..64].copy_from_slice(table.as_bytes());
    let opened = Gallery::open(|name| {
        if name == huoyan_vision::gallery::MANIFEST {
            let old = world.segment.trim_end_matches(".segment");
            let text = String::from_utf8(world.files[name].clone()).unwrap().replace(old, &table.to_hex());
            // The root follows from the only segment's digest.
            let mut hasher = blake3::Hasher::new();
            hasher.update(b"huoyan-gallery");
            hasher.update(&1u64.to_le_bytes());
            hasher.update(table.as_bytes());
            hasher.update(&[0; 32]);
            let mut manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
            manifest["digest"] = hasher.finalize().to_hex().to_string().into();
            return Ok(manifest.to_string().into_bytes());
        }
        if name.ends_with(".segment") {
            return Ok(bytes.clone());
        }
        Err(GalleryError::Io(name.into(), std::io::ErrorKind::NotFound.into()))
    });
    let Ok(gallery) = opened else { return };
    let _ = gallery.verify();
    gallery.pictures().for_each(|(number, _)| {
        let _ = gallery.proof(number);
    });
    for candidate in candidates(&gallery, &world.suspect).iter().take(2) {
        let _ = verify(&gallery, &world.suspect, candidate);
    }
});
