//! The detector from pictures to findings, without a host.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use huoyan_sdk::{CreateContext, Detector, Emitted, MemoryBatch, MemoryColumn, Resource, SinkBuffer, TaskContext};
use huoyan_vision::pdq::Hash;
use huoyan_vision::{Limits, Suspect, gallery};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
use image_counterfeit::ImageCounterfeit;

/// A drawn picture of many soft-edged rectangles and discs, the same for the same seed.
fn drawn(seed: u64) -> RgbImage {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |n: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20) % n
    };
    let (width, height) = (640u32, 480u32);
    let mut picture = RgbImage::from_pixel(width, height, Rgb([245, 244, 240]));
    for i in 0..90 {
        let (x, y) = (below(u64::from(width)) as i64, below(u64::from(height)) as i64);
        let (w, h) = (6 + below(80) as i64, 6 + below(60) as i64);
        let colour = Rgb([below(256) as u8, below(256) as u8, below(256) as u8]);
        for py in (y - h).max(0)..(y + h).min(i64::from(height)) {
            for px in (x - w).max(0)..(x + w).min(i64::from(width)) {
                let (dx, dy) = ((px - x) as f64 / w as f64, (py - y) as f64 / h as f64);
                if i % 2 == 0 || dx * dx + dy * dy <= 1.0 {
                    picture.put_pixel(px as u32, py as u32, colour);
                }
            }
        }
    }
    picture
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture.clone()).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

const BRANDS: &str = "[[brand]]\nname = \"澄屿棠\"\naliases = [\"NORDAVIK\"]\n\
    [[brand.shop]]\nid = \"official\"\n\
    [[brand.item]]\nitem = \"item-1\"\ncategory = \"杯具\"\nlist_price = 200.0\n";

/// The files of a gallery as a host hands them over.
fn resources_of(dir: &Path) -> Vec<(&'static str, Resource)> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let bytes: &'static [u8] = Box::leak(std::fs::read(entry.path()).unwrap().into_boxed_slice());
            let name = format!("gallery/0/{}", entry.file_name().to_string_lossy());
            (&*Box::leak(name.into_boxed_str()), Resource::from_static(bytes))
        })
        .collect()
}

fn detector(with_gallery: bool) -> Arc<ImageCounterfeit> {
    let folder = tempfile::tempdir().unwrap();
    for seed in 1..=4u64 {
        std::fs::write(folder.path().join(format!("p{seed}.jpg")), jpeg(&drawn(seed))).unwrap();
    }
    std::fs::write(folder.path().join("gallery.csv"), "file,item,brand\np1.jpg,item-1,澄屿棠\n").unwrap();
    let out = folder.path().join("brand.gallery");
    let report = gallery::build(folder.path(), &out, &gallery::Options::default(), |path| std::fs::read(path)).unwrap();
    assert_eq!((report.added.new, report.skipped.len()), (4, 0));
    let mut resources = vec![("brands", Resource::from_static(BRANDS.as_bytes()))];
    if with_gallery {
        resources.extend(resources_of(&out));
    }
    let context = CreateContext::new("image-counterfeit", "{}", resources);
    Arc::new(ImageCounterfeit::create(&context).unwrap())
}

fn run(detector: &Arc<ImageCounterfeit>, stage: &str, batch: &MemoryBatch) -> Emitted {
    let mut task = detector.open(stage, &TaskContext::new(0, Vec::new())).unwrap();
    let mut buffer = SinkBuffer::new();
    buffer.with(|sink| {
        batch.with(|batch| task.push(batch, sink)).unwrap().unwrap();
        task.close(sink).unwrap();
    });
    buffer.into_emitted()
}

fn judge(detector: &Arc<ImageCounterfeit>, rows: &[(&str, &str, &str, &[u8])]) -> Emitted {
    let batch = MemoryBatch::new(vec![
        MemoryColumn::text("_record", rows.iter().map(|r| Some(r.0))),
        MemoryColumn::text("owner_kind", rows.iter().map(|r| Some(r.1))),
        MemoryColumn::text("shop_id", rows.iter().map(|r| Some(r.2))),
        MemoryColumn::binary("bytes", rows.iter().map(|r| Some(r.3))),
    ])
    .unwrap();
    run(detector, "image", &batch)
}

#[test]
fn finds_an_edited_copy_and_says_how_it_was_edited() {
    let detector = detector(true);
    let edited = imageops::crop_imm(&imageops::flip_horizontal(&drawn(1)), 60, 40, 520, 400).to_image();
    let emitted =
        judge(&detector, &[("L1#0", "listing", "S9", &jpeg(&edited)), ("L2#0", "listing", "S9", &jpeg(&drawn(9)))]);
    assert_eq!(emitted.findings.len(), 1, "{:?}", emitted.findings);
    let finding = &emitted.findings[0];
    assert_eq!((finding.record.as_str(), finding.rule.as_str()), ("L1#0", "IC001"));
    assert!(finding.score >= 0.9, "{}", finding.score);
    let evidence: serde_json::Value = serde_json::from_str(&finding.evidence).unwrap();
    assert_eq!((evidence["gallery_item"].as_str(), evidence["match"].as_str()), (Some("item-1"), Some("copy")));
    let transform = evidence["transform"].as_str().unwrap();
    assert!(transform.contains("flipped") && transform.contains("crop 3"), "{transform}");
    // The reference's unit square, mirrored, in the unit square of what was cut out of it.
    let expected = [-640.0 / 520.0, 0.0, 580.0 / 520.0, 0.0, 480.0 / 400.0, -40.0 / 400.0, 0.0, 0.0, 1.0];
    let aligned: Vec<f64> = evidence["aligned"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
    assert_eq!(aligned.len(), 9);
    for (told, expected) in aligned.iter().zip(expected) {
        assert!((told / aligned[8] - expected).abs() < 0.01, "{aligned:?}");
    }
}

#[test]
fn an_authorised_shop_and_a_review_are_left_alone() {
    let detector = detector(true);
    let copy = jpeg(&drawn(1));
    let emitted = judge(&detector, &[("L1#0", "listing", "official", &copy), ("R1#0", "review", "S9", &copy)]);
    assert_eq!(emitted.findings, []);
}

#[test]
fn a_picture_that_cannot_be_decoded_is_unjudged_with_its_reason() {
    let detector = detector(true);
    let whole = jpeg(&drawn(1));
    let emitted =
        judge(&detector, &[("L1#0", "listing", "S9", &whole[..whole.len() / 2]), ("L2#0", "listing", "S9", b"<svg/>")]);
    let reasons: Vec<&str> = emitted.unjudged.iter().map(|(_, reason)| reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["the picture is cut off before its end", "the picture is a vector drawing (SVG), which is not rendered"]
    );
}

#[test]
fn near_copies_across_shops_are_found_without_a_gallery() {
    let detector = detector(false);
    let (one, other) = (jpeg(&drawn(5)), jpeg(&imageops::flip_horizontal(&drawn(5))));
    let rows = [
        ("A#0", "listing", "S1", one.as_slice()),
        ("B#0", "listing", "S2", &one),
        ("C#0", "listing", "official", &other),
        ("D#0", "listing", "S1", &jpeg(&drawn(6))),
    ];
    let emitted = judge(&detector, &rows);
    assert_eq!(emitted.findings, []);
    let near = run(&detector, "near", &as_batch(emitted, "image"));
    let found = run(&detector, "copies", &as_batch(near, "near")).findings;
    let told: Vec<(&str, Vec<String>)> = found.iter().map(|f| (f.record.as_str(), f.members.clone())).collect();
    assert_eq!(
        told,
        [("A#0", vec!["B#0".to_owned(), "C#0".to_owned()]), ("B#0", vec!["A#0".to_owned(), "C#0".to_owned()])]
    );
    assert!(found.iter().all(|f| f.score >= 0.5 && f.evidence.contains("澄屿棠")), "{found:?}");
}

#[test]
fn of_shops_with_the_same_picture_the_earliest_is_named_and_not_suspected() {
    let detector = detector(false);
    let picture = jpeg(&drawn(5));
    let day = 86_400;
    let shops = [
        ("A", "S1", Some(9 * day)),
        ("B", "S2", Some(3 * day)),
        ("C", "S3", Some(7 * day)),
        ("D", "S4", None),
        ("E", "S5", Some(8 * day)),
    ];
    let batch = MemoryBatch::new(vec![
        MemoryColumn::text("_record", ["A#0", "B#0", "C#0", "D#0", "E#0"].map(Some)),
        MemoryColumn::text("owner_kind", shops.map(|_| Some("listing"))),
        MemoryColumn::text("owner", shops.map(|s| Some(s.0))),
        MemoryColumn::text("shop_id", shops.map(|s| Some(s.1))),
        MemoryColumn::integer("updated_at", shops.map(|s| s.2)),
        MemoryColumn::binary("bytes", shops.map(|_| Some(picture.as_slice()))),
    ])
    .unwrap();
    let near = run(&detector, "near", &as_batch(run(&detector, "image", &batch), "image"));
    let found = run(&detector, "copies", &as_batch(near, "near")).findings;
    assert_eq!(found.len(), 5);
    for finding in found {
        let evidence: serde_json::Value = serde_json::from_str(&finding.evidence).unwrap();
        let earliest = ["earliest_record", "earliest_shop", "earliest_at"].map(|key| evidence[key].as_str().unwrap());
        assert_eq!(earliest, ["B#0", "S2", "1970-01-04"]);
        assert_eq!(finding.score < 0.5, finding.record == "B#0", "{finding:?}");
    }
}

/// What `copies` finds among pictures that all show the same: record, shop and day.
fn near_copies(
    detector: &Arc<ImageCounterfeit>,
    rows: &[(String, String, i64)],
) -> BTreeMap<String, (f64, serde_json::Value)> {
    let picture = jpeg(&drawn(5));
    let column = |name, get: fn(&(String, String, i64)) -> &str| {
        MemoryColumn::text(name, rows.iter().map(move |r| Some(get(r))))
    };
    let batch = MemoryBatch::new(vec![
        column("_record", |r| &r.0),
        MemoryColumn::text("owner_kind", rows.iter().map(|_| Some("listing"))),
        column("owner", |r| &r.0),
        column("shop_id", |r| &r.1),
        MemoryColumn::integer("updated_at", rows.iter().map(|r| Some(r.2 * 86_400))),
        MemoryColumn::binary("bytes", rows.iter().map(|_| Some(picture.as_slice()))),
    ])
    .unwrap();
    let near = run(detector, "near", &as_batch(run(detector, "image", &batch), "image"));
    let found = run(detector, "copies", &as_batch(near, "near")).findings;
    found.into_iter().map(|f| (f.record, (f.score, serde_json::from_str(&f.evidence).unwrap()))).collect()
}

#[test]
fn many_shops_all_hear_of_the_authorised_one_and_of_the_earliest() {
    let detector = detector(false);
    let shops = |official: usize| -> Vec<_> {
        let shop = |i| if i == official { "official".to_owned() } else { format!("S{i}") };
        (0..80).map(|i| (format!("R{i:03}#0"), shop(i), 1000 - i as i64)).collect()
    };
    let found = near_copies(&detector, &shops(15));
    assert_eq!(found.len(), 79);
    assert!(found.values().all(|(_, evidence)| evidence["authorised_record"] == "R015#0"));
    let found = near_copies(&detector, &shops(usize::MAX));
    assert_eq!(found.len(), 80);
    for (record, (score, evidence)) in found {
        assert_eq!(evidence["earliest_record"], "R079#0", "{record}");
        assert_eq!(score < 0.5, record == "R079#0", "{record}");
    }
}

#[test]
fn a_shop_with_many_listings_hides_no_other() {
    let mut rows: Vec<_> = (0..60).map(|i| (format!("A{i:02}#0"), "A".to_owned(), i)).collect();
    rows.extend((0..5).map(|i| (format!("B{i}#0"), format!("S{i}"), 100 + i)));
    let found = near_copies(&detector(false), &rows);
    assert_eq!(found.len(), 65);
    assert!(found.values().all(|(_, evidence)| evidence["shops"] == 5.0), "{found:?}");
}

#[test]
fn picture_name_and_price_are_put_together_for_the_listing() {
    let detector = detector(true);
    let picture = jpeg(&drawn(1));
    let images = MemoryBatch::new(vec![
        MemoryColumn::text("_record", ["cheap#0", "fair#0", "own#0"].map(Some)),
        MemoryColumn::text("owner_kind", ["listing"; 3].map(Some)),
        MemoryColumn::text("owner", ["cheap", "fair", "own"].map(Some)),
        MemoryColumn::text("shop_id", ["S9", "S9", "official"].map(Some)),
        MemoryColumn::float("price", [20.0, 190.0, 20.0].map(Some)),
        MemoryColumn::binary("bytes", [picture.as_slice(); 3].map(Some)),
    ])
    .unwrap();
    let listings = MemoryBatch::new(vec![
        MemoryColumn::text("_record", ["cheap", "fair", "own", "words"].map(Some)),
        MemoryColumn::text("shop_id", ["S9", "S9", "official", "S9"].map(Some)),
        MemoryColumn::text("title", ["高仿杯子", "杯子", "澄屿棠杯子", "高仿包"].map(Some)),
        MemoryColumn::float("price", [20.0, 190.0, 20.0, 9.0].map(Some)),
    ])
    .unwrap();
    let mut emitted = run(&detector, "image", &images);
    emitted.rows.extend(run(&detector, "listing", &listings).rows);
    let found = run(&detector, "together", &as_batch(emitted, "image")).findings;
    assert_eq!(found.iter().map(|f| (f.record.as_str(), f.rule.as_str())).collect::<Vec<_>>(), [("cheap", "IC006")]);
    let evidence: serde_json::Value = serde_json::from_str(&found[0].evidence).unwrap();
    let ledger = evidence["ledger"].as_array().unwrap();
    let signals: Vec<&str> = ledger.iter().map(|e| e["signal"].as_str().unwrap()).collect();
    assert_eq!(signals, ["base", "picture_copy", "price_far_under", "counterfeit_words", "shop_unlisted"]);
    let total: f64 = ledger.iter().map(|e| e["contribution"].as_f64().unwrap()).sum();
    assert!((found[0].score - 1.0 / (1.0 + (-total).exp())).abs() < 1e-9);
    assert_eq!(evidence["picture"], "cheap#0");
}

/// Rows as a group stage gets them: sorted by key, order, record.
fn as_batch(emitted: Emitted, stage: &str) -> MemoryBatch {
    let mut rows = emitted.rows;
    rows.sort();
    MemoryBatch::new(vec![
        MemoryColumn::text("_key", rows.iter().map(|r| Some(r.0.as_str()))),
        MemoryColumn::text("_record", rows.iter().map(|r| Some(r.2.as_str()))),
        MemoryColumn::text("_input", rows.iter().map(|_| Some(stage))),
        MemoryColumn::binary("_payload", rows.iter().map(|r| Some(r.3.as_slice()))),
        MemoryColumn::integer("_order", rows.iter().map(|r| Some(r.1))),
    ])
    .unwrap()
}

#[test]
fn look_alike_names_and_low_prices_are_suspected_but_not_of_spare_parts() {
    let detector = detector(false);
    let listings = [
        ("look", "S9", "澄屿糖保温杯大容量", 180.0),
        ("cheap", "S9", "澄屿棠保温杯", 39.0),
        ("fair", "S9", "澄屿棠保温杯", 150.0),
        ("part", "S9", "适用澄屿棠保温杯替换密封圈", 9.0),
        ("own", "official", "澄屿棠保温杯", 39.0),
        ("figure", "S9", "N0RDAVIK 保温杯", 190.0),
        ("plain", "S9", "不锈钢保温杯", 19.0),
    ];
    let batch = MemoryBatch::new(vec![
        MemoryColumn::text("_record", listings.iter().map(|l| Some(l.0))),
        MemoryColumn::text("shop_id", listings.iter().map(|l| Some(l.1))),
        MemoryColumn::text("title", listings.iter().map(|l| Some(l.2))),
        MemoryColumn::text("category", listings.iter().map(|_| Some("杯具"))),
        MemoryColumn::float("price", listings.iter().map(|l| Some(l.3))),
    ])
    .unwrap();
    let emitted = run(&detector, "listing", &batch);
    let told: Vec<(&str, &str, bool)> =
        emitted.findings.iter().map(|f| (f.record.as_str(), f.rule.as_str(), f.score >= 0.5)).collect();
    assert_eq!(told, [("look", "IC003", true), ("cheap", "IC004", true), ("figure", "IC003", true)]);
    let look = &emitted.findings[0];
    assert_eq!((look.field.as_str(), look.span.clone()), ("title", 0..9));
}

/// A gallery of hashes alone, its files as resources.
fn hashes_only(hashes: &[(&str, Hash, u8)]) -> Vec<(&'static str, Resource)> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("g");
    let mut store = gallery::Store::open_or_create(&out, |path| std::fs::read(path)).unwrap();
    let entry =
        |file: &str| gallery::Entry { file: file.to_owned(), item: file.to_owned(), brand: "澄屿棠".to_owned() };
    let pictures: Vec<_> =
        hashes.iter().map(|(file, hash, quality)| gallery::Prepared::hash_only(entry(file), *hash, *quality)).collect();
    store.add(&pictures).unwrap();
    resources_of(&out)
}

#[test]
fn a_hash_without_a_picture_is_matched_and_the_evidence_says_on_what_it_rests() {
    let own = Suspect::decode(&jpeg(&drawn(1)), &Limits::default()).unwrap().pdq().unwrap().hashes;
    let (mut near, mut far) = (own[5], own[0]);
    (0..31).for_each(|bit| near.0[bit] ^= 1);
    (0..32).for_each(|bit| far.0[bit] ^= 1);
    let told = |hashes: &[(&str, Hash, u8)]| {
        let context = CreateContext::new("image-counterfeit", "{}", hashes_only(hashes));
        let detector = Arc::new(ImageCounterfeit::create(&context).unwrap());
        let findings = judge(&detector, &[("L#0", "listing", "S9", &jpeg(&drawn(1)))]).findings;
        assert!(findings.len() < 2);
        findings.into_iter().next().map(|finding| {
            let evidence: serde_json::Value = serde_json::from_str(&finding.evidence).unwrap();
            assert_eq!((finding.rule.as_str(), evidence["proof"].as_str()), ("IC001", Some("hash")));
            assert!(evidence.get("transform").is_none() && evidence.get("region").is_none());
            (
                evidence["gallery_item"].as_str().unwrap().to_owned(),
                evidence["distance"].as_u64().unwrap(),
                finding.score,
            )
        })
    };
    assert_eq!(told(&[("same", own[0], 100), ("near", near, 100)]), Some(("same".to_owned(), 0, 0.9)));
    assert_eq!(told(&[("near", near, 50), ("far", far, 100)]), Some(("near".to_owned(), 31, 0.5)));
    assert_eq!(told(&[("far", far, 100)]), None, "32 bits are not the same picture");
    assert_eq!(told(&[("poor", own[0], 49)]), None, "flat pictures are alike by nature");
}

#[test]
fn a_damaged_gallery_is_refused_with_its_name() {
    let refusal = |resources| {
        let context = CreateContext::new("image-counterfeit", "{}", resources);
        ImageCounterfeit::create(&context).err().unwrap().to_string()
    };
    let error = refusal(vec![("gallery/0/gallery.json", Resource::from_static(b"{}"))]);
    assert!(error.starts_with("resource 'gallery/0': this is no usable gallery"), "{error}");
    let mut resources = hashes_only(&[("a", Hash([7; 32]), 100)]);
    let segment = resources.iter_mut().find(|(name, _)| name.ends_with(".segment")).unwrap();
    let mut bytes = segment.1.to_vec();
    let at = bytes.windows(4).position(|w| w == [7; 4]).unwrap();
    bytes[at] = 8;
    segment.1 = Resource::from_static(Box::leak(bytes.into_boxed_slice()));
    let error = refusal(resources);
    assert!(error.contains("hashes in ") && error.contains("do not match their digest"), "{error}");
    let mut resources = hashes_only(&[("a", Hash([7; 32]), 100)]);
    resources.retain(|(name, _)| !name.ends_with(".segment"));
    assert!(refusal(resources).contains(".segment"));
}
