//! Galleries are built, changed, read in place, checked, and refused when damaged.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use huoyan_vision::gallery::{
    Added, Entry, Gallery, GalleryError, MANIFEST, Options, Prepared, Segment, Store, build, prepare, read_hashes,
    write_hashes,
};
use huoyan_vision::pdq::Hash;
use huoyan_vision::search::candidates;
use huoyan_vision::verify::verify;
use huoyan_vision::{Limits, Suspect};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

fn drawn(seed: u32) -> RgbImage {
    RgbImage::from_fn(200, 150, |x, y| {
        let (x, y) = (x + 13 * seed, y + 7 * seed);
        let on = (x / (9 + seed % 5) + y / 13).is_multiple_of(2) ^ (x * y).is_multiple_of(11 + seed);
        Rgb([if on { 220 } else { 30 }, (x % 256) as u8, (y % 256) as u8])
    })
}

fn png(seed: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(drawn(seed)).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn picture(file: &str, seed: u32) -> Prepared {
    let entry = Entry { file: file.to_owned(), item: format!("item-{seed}"), brand: "P".to_owned() };
    prepare(entry, &png(seed), &Limits::default()).unwrap()
}

fn bare(file: &str, byte: u8) -> Prepared {
    let entry = Entry { file: file.to_owned(), item: "i".to_owned(), brand: "b".to_owned() };
    Prepared::hash_only(entry, Hash([byte; 32]), 90)
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    for (i, name) in ["b.png", "a.png", "sub/c.png"].into_iter().enumerate() {
        fs::write(folder.path().join(name), png(i as u32)).unwrap();
    }
    fs::write(folder.path().join("broken.jpg"), b"no picture").unwrap();
    fs::write(folder.path().join("gallery.csv"), "file,item,brand\nsub/c.png,cup,NORDA\nmissing.png,x,y\n").unwrap();
    folder
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    fs::read(path)
}

fn open(dir: &Path) -> Result<Gallery<Vec<u8>>, GalleryError> {
    Gallery::open_folder(dir, read)
}

/// The files of a folder but its lock, with their bytes.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let named = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let kept = named.filter(|path| !path.ends_with(".lock"));
    kept.map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), fs::read(p).unwrap())).collect()
}

#[test]
fn building_twice_gives_the_same_bytes_and_says_what_was_left_out() {
    let folder = folder();
    let (one, two) = (folder.path().join("1"), folder.path().join("2"));
    let report = build(folder.path(), &one, &Options::default(), read).unwrap();
    assert_eq!(build(folder.path(), &two, &Options::default(), read).unwrap(), report);
    assert_eq!(files(&one), files(&two));
    // Building over a gallery replaces it.
    let mut store = Store::open(&two, read).unwrap();
    store.add(&[picture("z.png", 9)]).unwrap();
    drop(store);
    build(folder.path(), &two, &Options::default(), read).unwrap();
    assert_eq!(open(&one).unwrap().digest(), open(&two).unwrap().digest());
    assert_eq!((report.added.new, report.unmatched), (3, vec!["missing.png".to_owned()]));
    assert_eq!(report.skipped.len(), 1);
    assert_eq!(report.skipped[0].file, "broken.jpg");
    let gallery = open(&one).unwrap();
    gallery.verify().unwrap();
    let names: Vec<_> = gallery.pictures().map(|(_, p)| (p.file, p.item, p.brand)).collect();
    assert_eq!(names, [("a.png", "a", ""), ("b.png", "b", ""), ("sub/c.png", "cup", "NORDA")]);
}

#[test]
fn a_picture_that_takes_the_place_of_another_shows_what_that_one_showed() {
    let folder = folder();
    let dir = folder.path().join("g");
    build(folder.path(), &dir, &Options::default(), read).unwrap();
    let new = tempfile::tempdir().unwrap();
    fs::create_dir(new.path().join("sub")).unwrap();
    fs::write(new.path().join("sub/c.png"), png(8)).unwrap();
    fs::write(new.path().join("d.png"), png(9)).unwrap();
    let mut store = Store::open(&dir, read).unwrap();
    let report = huoyan_vision::gallery::add(&mut store, new.path(), &Options::default()).unwrap();
    assert_eq!(report.added, Added { new: 1, replaced: 1, unchanged: 0 });
    let told = |file: &str| store.known(file).map(|entry| (entry.item, entry.brand));
    assert_eq!(told("sub/c.png"), Some(("cup".to_owned(), "NORDA".to_owned())));
    assert_eq!(told("d.png"), Some(("d".to_owned(), String::new())));
    assert_eq!(told("e.png"), None);
}

#[test]
fn a_damaged_segment_is_refused_or_found_and_never_a_panic() {
    let folder = folder();
    let out = folder.path().join("g");
    build(folder.path(), &out, &Options::default(), read).unwrap();
    let kept = files(&out);
    let (name, whole) = kept.iter().find(|(name, _)| name.ends_with(".segment")).unwrap();
    for length in [0, 7, 63, 64, 600, whole.len() - 1] {
        assert!(matches!(Segment::open(&whole[..length]), Err(GalleryError::Format(_))), "{length}");
    }
    let suspect = Suspect::decode(&png(1), &Limits::default()).unwrap();
    let opened =
        |bytes: &[u8]| Gallery::open(|wanted| Ok(if wanted == name { bytes.to_vec() } else { kept[wanted].clone() }));
    let mut between = 0;
    for at in (0..whole.len()).step_by(whole.len() / 997).chain(0..800) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x81;
        let Ok(gallery) = opened(&bytes) else { continue };
        // Bytes between sections belong to nothing.
        between += usize::from(gallery.verify().is_ok());
        if at % 5 == 0 {
            for candidate in candidates(&gallery, &suspect) {
                let _ = verify(&gallery, &suspect, &candidate);
            }
        }
    }
    assert!(between < 40, "{between}");
    let mut bytes = whole.clone();
    let last = bytes.iter().rposition(|&b| b != 0).unwrap();
    bytes[last] ^= 1;
    let error = opened(&bytes).unwrap().verify().unwrap_err();
    assert!(matches!(&error, GalleryError::Digest(part) if part.starts_with("proof pixels in ")), "{error}");
}

#[test]
fn a_damaged_manifest_or_list_of_removals_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("g");
    let mut store = Store::open_or_create(&dir, read).unwrap();
    store.add(&(0..9).map(|i| bare(&format!("{i}"), i)).collect::<Vec<_>>()).unwrap();
    assert!(store.remove_named("3").unwrap() && store.remove_named("5").unwrap());
    drop(store);
    let kept = files(&dir);
    let opened = |name: &str, bytes: &[u8]| {
        Gallery::open(|wanted| {
            let missing = || GalleryError::Io(wanted.into(), std::io::ErrorKind::NotFound.into());
            if wanted == name { Ok(bytes.to_vec()) } else { kept.get(wanted).cloned().ok_or_else(missing) }
        })
    };
    for name in [MANIFEST, "0.removed"] {
        for at in 0..kept[name].len() {
            let mut bytes = kept[name].clone();
            bytes[at] ^= 0x15;
            // Blanks of the manifest may be other blanks; nothing else may change.
            assert!(opened(name, &bytes).is_err() || kept[name][at].is_ascii_whitespace(), "{name} {at}");
        }
        assert!(opened(name, &kept[name][..kept[name].len() - 2]).is_err());
    }
}

#[test]
fn a_manifest_cannot_name_files_elsewhere() {
    let text = r#"{"format":"huoyan-gallery","version":1,"digest":"","segments":[{"digest":"../../etc/passwd","pictures":1,
        "bytes":1}],"removed":{"generation":0,"count":0,"digest":""}}"#;
    let error = Gallery::open(|name| {
        assert_eq!(name, MANIFEST, "nothing else may be asked for");
        Ok(text.as_bytes().to_vec())
    });
    assert!(matches!(error.unwrap_err(), GalleryError::Format(_)));
}

#[test]
fn pictures_are_added_replaced_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("g");
    let mut store = Store::open_or_create(&dir, read).unwrap();
    let added = store.add(&[picture("a", 1), picture("b", 2), picture("c", 3)]).unwrap();
    assert_eq!(added, Added { new: 3, replaced: 0, unchanged: 0 });
    let before = store.gallery().digest().to_owned();
    assert_eq!(store.add(&[picture("b", 2)]).unwrap(), Added { new: 0, replaced: 0, unchanged: 1 });
    assert_eq!(store.gallery().digest(), before);
    assert_eq!(store.add(&[picture("b", 4), picture("d", 5)]).unwrap(), Added { new: 1, replaced: 1, unchanged: 0 });
    let items = |store: &Store<_, _>| -> Vec<String> {
        let mut all: Vec<_> = store.gallery().pictures().map(|(_, p)| format!("{} {}", p.file, p.item)).collect();
        all.sort();
        all
    };
    assert_eq!(items(&store), ["a item-1", "b item-4", "c item-3", "d item-5"]);
    assert!(!store.remove_named("x").unwrap());
    assert_eq!(store.remove(|p| p.item == "item-5").unwrap(), 1);
    // What was removed can come back, and is not found in between.
    let suspect = Suspect::decode(&png(3), &Limits::default()).unwrap();
    let names = |store: &Store<_, _>| -> Vec<String> {
        let found = candidates(store.gallery(), &suspect);
        found.iter().map(|c| store.gallery().picture(c.picture).unwrap().file.to_owned()).collect()
    };
    assert!(names(&store).contains(&"c".to_owned()));
    assert!(store.remove_named("c").unwrap());
    assert!(!names(&store).contains(&"c".to_owned()));
    assert_eq!(store.add(&[picture("c", 3)]).unwrap(), Added { new: 1, replaced: 0, unchanged: 0 });
    assert!(names(&store).contains(&"c".to_owned()));
    drop(store);
    let again = open(&dir).unwrap();
    again.verify().unwrap();
    assert_eq!(again.len(), 3);
}

/// What happens to a gallery is held against a map; every eighth step it is opened anew.
#[test]
fn any_changes_leave_what_a_map_would_hold() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("g");
    let mut store = Store::open_or_create(&dir, read).unwrap();
    let mut model: BTreeMap<String, u8> = BTreeMap::new();
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut most = 0;
    for step in 0..400 {
        if random(3) > 0 {
            let pictures: Vec<_> = (0..random(6)).map(|_| (format!("p{}", random(60)), random(4) as u8)).collect();
            store.add(&pictures.iter().map(|(file, byte)| bare(file, *byte)).collect::<Vec<_>>()).unwrap();
            model.extend(pictures);
        } else if random(20) == 0 {
            store.remove(|p| p.hash.0[0] == 2).unwrap();
            model.retain(|_, byte| *byte != 2);
        } else {
            let file = format!("p{}", random(60));
            assert_eq!(store.remove_named(&file).unwrap(), model.remove(&file).is_some());
        }
        if step % 8 == 0 {
            drop(store);
            store = Store::open(&dir, read).unwrap();
        }
        let gallery = store.gallery();
        most = most.max(gallery.segments());
        let held: BTreeMap<String, u8> = gallery.pictures().map(|(_, p)| (p.file.to_owned(), p.hash.0[0])).collect();
        assert_eq!((held, gallery.len()), (model.clone(), model.len()), "step {step}");
    }
    store.gallery().verify().unwrap();
    assert!(most > 4 && store.gallery().segments() < 12, "segments are joined: {most}");
    // No file stays behind that the manifest does not name.
    assert!(files(&dir).len() <= store.gallery().segments() + 2);
}

/// One gallery made at once, one made a picture at a time with joins: both find the same with the same evidence.
#[test]
fn a_gallery_grown_step_by_step_finds_what_one_made_at_once_does() {
    let folder = tempfile::tempdir().unwrap();
    let pictures: Vec<_> = (0..12).map(|i| picture(&format!("{i:02}"), i)).collect();
    let mut at_once = Store::open_or_create(&folder.path().join("1"), read).unwrap();
    at_once.add(&pictures).unwrap();
    let mut grown = Store::open_or_create(&folder.path().join("2"), read).unwrap();
    for picture in pictures.iter().rev() {
        grown.add(std::slice::from_ref(picture)).unwrap();
    }
    assert!(grown.gallery().segments() > 1 && grown.gallery().segments() < 8);
    for seed in [0, 5, 11] {
        let suspect = Suspect::decode(&png(seed), &Limits::default()).unwrap();
        let best = |gallery: &Gallery<Vec<u8>>| {
            let found = candidates(gallery, &suspect);
            let mut all: Vec<_> = found
                .iter()
                .filter_map(|c| verify(gallery, &suspect, c))
                .map(|v| (v.agreement.agreeing, gallery.picture(v.candidate.picture).unwrap().file.to_owned()))
                .collect();
            all.sort();
            all.pop().unwrap()
        };
        assert_eq!(best(at_once.gallery()), best(grown.gallery()));
        assert_eq!(best(grown.gallery()).1, format!("{seed:02}"));
    }
}

#[test]
fn who_is_killed_half_way_leaves_the_gallery_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("g");
    // Killed while the gallery was made: nothing counts yet.
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join(".lock"), b"").unwrap();
    fs::write(dir.join(".part-17"), b"half a mani").unwrap();
    let mut store = Store::open_or_create(&dir, read).unwrap();
    store.add(&[bare("a", 1), bare("b", 2)]).unwrap();
    store.remove_named("a").unwrap();
    drop(store);
    let before = open(&dir).unwrap().digest().to_owned();
    // Killed before the manifest was replaced: a segment nobody names, removals nobody counts, half a file.
    let kept = files(&dir);
    let (_, segment) = kept.iter().find(|(name, _)| name.ends_with(".segment")).unwrap();
    fs::write(dir.join(format!("{}.segment", "0".repeat(64))), segment).unwrap();
    fs::write(dir.join(".part-18"), &segment[..100]).unwrap();
    let removals = kept.keys().find(|name| name.ends_with(".removed"));
    if let Some(name) = removals {
        fs::write(dir.join(name), [kept[name].as_slice(), &[7; 55]].concat()).unwrap();
    }
    assert_eq!(open(&dir).unwrap().digest(), before);
    let mut store = Store::open(&dir, read).unwrap();
    assert_eq!(store.gallery().len(), 1);
    store.add(&[bare("c", 3), bare("d", 4), bare("e", 5)]).unwrap();
    assert!(store.remove_named("d").unwrap());
    drop(store);
    assert_eq!(open(&dir).unwrap().len(), 3);
}

#[test]
fn one_at_a_time_changes_a_gallery_and_nothing_else_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("g");
    let store = Store::open_or_create(&dir, read).unwrap();
    assert!(matches!(Store::open(&dir, read), Err(GalleryError::Busy(_))));
    assert!(open(&dir).is_ok(), "reading goes on");
    drop(store);
    assert!(Store::open(&dir, read).is_ok());
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("letter.txt"), b"dear").unwrap();
    assert!(matches!(Store::open_or_create(&other, read), Err(GalleryError::Occupied(_))));
    let file = other.join("letter.txt");
    assert!(matches!(Store::open_or_create(&file, read), Err(GalleryError::Occupied(_))));
    assert_eq!(fs::read(file).unwrap(), b"dear");
    assert_eq!(fs::read_dir(&other).unwrap().count(), 1);
}

#[test]
fn damaged_pictures_are_not_joined_into_a_sound_segment() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("g");
    let mut store = Store::open_or_create(&dir, read).unwrap();
    for i in 0..7 {
        store.add(&[bare(&format!("{i}"), i)]).unwrap();
    }
    drop(store);
    let name = files(&dir).into_keys().find(|name| name.ends_with(".segment")).unwrap();
    let mut bytes = fs::read(dir.join(&name)).unwrap();
    let at = bytes.iter().rposition(|&b| b != 0).unwrap();
    bytes[at] ^= 0xff;
    fs::write(dir.join(&name), bytes).unwrap();
    let mut store = Store::open(&dir, read).unwrap();
    // What was asked for is done and said to be done; the damage stays where it is and is still told.
    for i in 9..30 {
        assert_eq!(store.add(&[bare(&format!("{i}"), i)]).unwrap().new, 1);
    }
    assert_eq!(store.gallery().len(), 28);
    drop(store);
    assert!(dir.join(&name).exists());
    assert!(matches!(open(&dir).unwrap().verify(), Err(GalleryError::Digest(_))));
}

#[test]
fn a_hash_alone_takes_no_pictures_place() {
    let folder = folder();
    let dir = folder.path().join("g");
    build(folder.path(), &dir, &Options::default(), read).unwrap();
    let mut list = Vec::new();
    write_hashes(&open(&dir).unwrap(), &mut list).unwrap();
    let before = files(&dir);
    let mut store = Store::open(&dir, read).unwrap();
    let mut added = Added::default();
    read_hashes(&list[..], "", |more| {
        added = store.add(&more)?;
        Ok(())
    })
    .unwrap();
    assert_eq!((added.new, added.replaced, added.unchanged), (0, 0, 3));
    let why = store.add(&[bare("a.png", 3)]).unwrap_err().to_string();
    assert!(why.contains("a.png"), "{why}");
    drop(store);
    assert_eq!(files(&dir), before);
}

#[test]
fn a_removal_cannot_be_taken_back_unseen() {
    let folder = folder();
    let dir = folder.path().join("g");
    build(folder.path(), &dir, &Options::default(), read).unwrap();
    assert!(Store::open(&dir, read).unwrap().remove_named("a.png").unwrap());
    let text = fs::read_to_string(dir.join(MANIFEST)).unwrap();
    assert!(text.contains("\"count\": 1"));
    fs::write(dir.join(MANIFEST), text.replace("\"count\": 1", "\"count\": 0")).unwrap();
    assert!(matches!(open(&dir), Err(GalleryError::Digest(_))));
}

#[test]
fn a_damaged_gallery_can_be_built_anew() {
    let folder = folder();
    let dir = folder.path().join("g");
    build(folder.path(), &dir, &Options::default(), read).unwrap();
    let sound = open(&dir).unwrap().digest().to_owned();
    let segment = files(&dir).into_keys().find(|name| name.ends_with(".segment")).unwrap();
    let damage: [&dyn Fn(); 4] = [
        &|| fs::write(dir.join(MANIFEST), "").unwrap(),
        &|| fs::write(dir.join(MANIFEST), "{\"format\": 1").unwrap(),
        &|| fs::remove_file(dir.join(&segment)).unwrap(),
        &|| fs::write(dir.join(&segment), vec![0; 1000]).unwrap(),
    ];
    for (i, damage) in damage.into_iter().enumerate() {
        damage();
        assert!(open(&dir).is_err(), "{i}");
        build(folder.path(), &dir, &Options::default(), read).unwrap();
        let gallery = open(&dir).unwrap();
        gallery.verify().unwrap();
        assert_eq!(gallery.digest(), sound, "{i}");
    }
}

#[test]
fn a_picture_too_large_is_never_read() {
    let folder = folder();
    fs::File::create(folder.path().join("huge.jpg")).unwrap().set_len(1 << 40).unwrap();
    let dir = folder.path().join("g");
    let report = build(folder.path(), &dir, &Options::default(), read).unwrap();
    assert_eq!(report.added.new, 3);
    assert!(report.skipped.iter().any(|s| s.file == "huge.jpg" && s.reason.contains("1099511627776")));
}

#[test]
fn hashes_are_imported_and_exported() {
    let (one, two) = ("a1".repeat(32), "0f".repeat(32));
    let read_list = |text: &str| {
        let mut pictures = Vec::new();
        let refused = read_hashes(text.as_bytes(), "NORDA", |more| {
            pictures.extend(more);
            Ok(())
        });
        (pictures, refused.unwrap())
    };
    let told = |text: &str| -> Vec<(String, String, String)> {
        let (pictures, refused) = read_list(text);
        assert!(refused.is_empty(), "{refused:?}");
        let entries = pictures.iter().map(Prepared::entry);
        entries.map(|e| (e.file.clone(), e.item.clone(), e.brand.clone())).collect()
    };
    let row = |file: &str, item: &str, brand: &str| (file.to_owned(), item.to_owned(), brand.to_owned());
    assert_eq!(
        told(&format!("# a list\n{one}\n\n{two}\n{one}\n")),
        [&one, &two, &one].map(|hash| row(hash, hash, "NORDA"))
    );
    assert_eq!(
        told(&format!("{one},100,x/p.jpg\r\n{two},49,q.jpg\r\n")),
        [row("x/p.jpg", "p", "NORDA"), row("q.jpg", "q", "NORDA")]
    );
    let detailed = format!("hash={one},norm=128,delta=0,quality=100,filename=p.jpg\n");
    assert_eq!(told(&detailed), [row("p.jpg", "p", "NORDA")]);
    assert_eq!(
        told(&format!("\u{feff}Hash,Quality,File,Item,Brand\n{one},77,p.jpg,杯,澄屿棠\n")),
        [row("p.jpg", "杯", "澄屿棠")]
    );
    let lines = format!(
        "{{\"signal_type\":\"pdq\",\"signal_value\":\"{one}\",\"id\":7}}\n{{\"pdq\":\"{two}\",\"quality\":60,\"id\":7}}\n"
    );
    assert_eq!(told(&lines), [row("7", "7", "NORDA"), row(&format!("7#{two}"), &format!("7#{two}"), "NORDA")]);
    let refused = read_list(&format!("{one}\nabc\n{{\"type\":\"md5\",\"hash\":\"00\"}}\n{two},101x,\n{{\n")).1;
    assert_eq!(refused.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 5]);
    for nothing in ["", "hash\n", "PK\u{3}\u{4}\n", &"x".repeat(70_000)] {
        assert!(matches!(read_hashes(nothing.as_bytes(), "", |_| panic!("no picture")), Err(GalleryError::Table(_))));
    }
    // Out and in again.
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_or_create(&folder.path().join("1"), read).unwrap();
    store.add(&[picture("p", 3), bare("q,\"r\"", 5)]).unwrap();
    let mut out = Vec::new();
    assert_eq!(write_hashes(store.gallery(), &mut out).unwrap(), 0);
    let mut copy = Store::open_or_create(&folder.path().join("2"), read).unwrap();
    copy.add(&read_list(std::str::from_utf8(&out).unwrap()).0).unwrap();
    let kept = |store: &Store<_, _>| -> Vec<_> {
        store
            .gallery()
            .pictures()
            .map(|(_, p)| (p.file.to_owned(), p.item.to_owned(), p.brand.to_owned(), p.hash, p.quality))
            .collect()
    };
    assert_eq!(kept(&store), kept(&copy));
    assert_eq!(store.gallery().pictures().filter(|(_, p)| p.is_whole()).count(), 1);
    assert_eq!(copy.gallery().pictures().filter(|(_, p)| p.is_whole()).count(), 0);
}

/// Above 20,000 pictures hashes are found through the index, or all compared where a segment is small; both see the close ones.
#[test]
fn large_galleries_find_close_hashes_in_every_segment() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = 7u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    let suspect = Suspect::decode(&png(3), &Limits::default()).unwrap();
    let own = suspect.pdq().unwrap().hashes;
    let mut pictures: Vec<_> = (0..70_000)
        .map(|i| {
            let entry = Entry { file: format!("r{i}"), item: String::new(), brand: String::new() };
            Prepared::hash_only(entry, Hash(std::array::from_fn(|_| random())), 100)
        })
        .collect();
    let planted = |file: &str, mut hash: Hash, bits: u8| {
        (0..bits).for_each(|bit| hash.0[usize::from(bit)] ^= 1 << (bit % 8));
        Prepared::hash_only(Entry { file: file.to_owned(), item: "cup".to_owned(), brand: String::new() }, hash, 100)
    };
    pictures.push(planted("near", own[0], 29));
    pictures.push(planted("far", own[0], 32));
    let mut store = Store::open_or_create(&folder.path().join("g"), read).unwrap();
    store.add(&pictures).unwrap();
    store.add(&[planted("turned", own[5], 12)]).unwrap();
    let found = candidates(store.gallery(), &suspect);
    let found: Vec<_> = found.iter().map(|c| (store.gallery().picture(c.picture).unwrap().file, c.distance)).collect();
    assert_eq!(found, [("turned", 12), ("near", 29)]);
    store.gallery().verify().unwrap();
}

#[test]
fn a_folder_without_pictures_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = build(folder.path(), &folder.path().join("x"), &Options::default(), read).unwrap_err();
    assert!(error.to_string().starts_with("no picture that can be used was found"), "{error}");
    assert!(!folder.path().join("x").exists());
}

#[test]
fn a_table_that_contradicts_itself_and_names_that_cannot_be_written_are_told() {
    let folder = folder();
    let dir = folder.path().join("g");
    let says = |table: &str| {
        fs::write(folder.path().join("gallery.csv"), table).unwrap();
        build(folder.path(), &dir, &Options::default(), read).map_err(|e| e.to_string())
    };
    let twice = says("file,item,brand\na.png,cup,P\na.png,mug,P\n").unwrap_err();
    assert!(twice.contains("line 3") && twice.contains("a.png"), "{twice}");
    let nameless = says("file,item,brand\n,cup,P\n").unwrap_err();
    assert!(nameless.contains("line 2 names no file"), "{nameless}");
    let report = says("file,item,brand\na.png,cup,P\na.png,cup,P\n").unwrap();
    assert_eq!(report.added.new, 3);
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let name = std::ffi::OsStr::from_bytes(b"\xc9\xcc\xc6\xb7.png");
        fs::write(folder.path().join(name), png(5)).unwrap();
        let report = build(folder.path(), &dir, &Options::default(), read).unwrap();
        assert!(report.skipped.iter().any(|skipped| skipped.reason.contains("UTF-8")), "{:?}", report.skipped);
    }
    let wide: Vec<u8> = std::iter::once(0xfeff).chain("00".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let refused = read_hashes(&wide[..], "", |_| Ok(())).unwrap_err().to_string();
    assert!(refused.contains("UTF-16"), "{refused}");
}

#[test]
fn bytes_between_the_sections_are_not_for_hiding_anything() {
    let folder = folder();
    let dir = folder.path().join("g");
    build(folder.path(), &dir, &Options::default(), read).unwrap();
    let segment = files(&dir).into_iter().find(|(name, _)| name.ends_with(".segment")).unwrap().1;
    let intact = Segment::open(&segment[..]).unwrap();
    intact.verify().unwrap();
    // Every byte counts: whichever is changed, the segment cannot be opened or is found changed.
    for at in 0..segment.len() {
        let mut changed = segment.clone();
        changed[at] ^= 0x10;
        let found = Segment::open(&changed[..]).and_then(|segment| segment.verify());
        assert!(found.is_err(), "byte {at}");
    }
}
