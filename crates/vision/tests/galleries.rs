//! Galleries are built, read in place, checked, and refused when damaged.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use huoyan_vision::gallery::{Gallery, GalleryError, Options, build};
use image::{Rgb, RgbImage};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    for (i, name) in ["b.png", "a.png", "sub/c.png"].into_iter().enumerate() {
        let picture = RgbImage::from_fn(200, 150, |x, y| {
            let on = (x / (9 + i as u32) + y / 13).is_multiple_of(2);
            Rgb([if on { 220 } else { 30 }, (x % 256) as u8, (y % 256) as u8])
        });
        picture.save(folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("broken.jpg"), b"no picture").unwrap();
    std::fs::write(folder.path().join("gallery.csv"), "file,item,brand\nsub/c.png,cup,NORDA\nmissing.png,x,y\n")
        .unwrap();
    folder
}

#[test]
fn building_twice_gives_the_same_bytes_and_says_what_was_left_out() {
    let folder = folder();
    let (one, two) = (folder.path().join("1.gallery"), folder.path().join("2.gallery"));
    let report = build(folder.path(), &one, &Options::default()).unwrap();
    assert_eq!(build(folder.path(), &two, &Options::default()).unwrap(), report);
    let bytes = std::fs::read(&one).unwrap();
    assert_eq!(bytes, std::fs::read(&two).unwrap());
    assert_eq!((report.pictures, report.unmatched), (3, vec!["missing.png".to_owned()]));
    assert_eq!(report.skipped.len(), 1);
    assert_eq!(report.skipped[0].file, "broken.jpg");
    let gallery = Gallery::open(bytes.as_slice()).unwrap();
    gallery.verify().unwrap();
    assert_eq!(gallery.digest(), report.digest);
    let names: Vec<_> = gallery.pictures().map(|p| (p.file, p.item, p.brand)).collect();
    assert_eq!(names, [("a.png", "a", ""), ("b.png", "b", ""), ("sub/c.png", "cup", "NORDA")]);
}

#[test]
fn damage_is_refused_or_found_and_never_a_panic() {
    let folder = folder();
    let out = folder.path().join("x.gallery");
    build(folder.path(), &out, &Options::default()).unwrap();
    let whole = std::fs::read(&out).unwrap();
    for length in [0, 7, 63, 64, 600, whole.len() - 1] {
        assert!(matches!(Gallery::open(&whole[..length]), Err(GalleryError::Format(_))), "{length}");
    }
    for at in (0..whole.len()).step_by(whole.len() / 97).chain(0..640) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x81;
        if let Ok(gallery) = Gallery::open(bytes.as_slice()) {
            // Bytes between sections belong to nothing.
            let _ = gallery.verify();
            let suspect = huoyan_vision::Suspect::decode(
                &std::fs::read(folder.path().join("a.png")).unwrap(),
                &Default::default(),
            );
            if at % 5 == 0 {
                let suspect = suspect.unwrap();
                for candidate in huoyan_vision::search::candidates(&gallery, &suspect) {
                    let _ = huoyan_vision::verify::verify(&gallery, &suspect, &candidate);
                }
            }
        }
    }
    let mut bytes = whole.clone();
    let last = bytes.iter().rposition(|&b| b != 0).unwrap();
    bytes[last] ^= 1;
    assert!(matches!(Gallery::open(bytes.as_slice()).unwrap().verify(), Err(GalleryError::Digest("proof pixels"))));
}

#[test]
fn a_folder_without_pictures_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = build(folder.path(), &folder.path().join("x"), &Options::default()).unwrap_err();
    assert!(error.to_string().starts_with("no picture that can be used was found"), "{error}");
}
