//! The detector from pictures to findings, without a host.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use huoyan_sdk::{CreateContext, Detector, Emitted, MemoryBatch, MemoryColumn, Resource, SinkBuffer, TaskContext};
use huoyan_vision::gallery;
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

fn detector(with_gallery: bool) -> Arc<ImageCounterfeit> {
    let folder = tempfile::tempdir().unwrap();
    for seed in 1..=4u64 {
        std::fs::write(folder.path().join(format!("p{seed}.jpg")), jpeg(&drawn(seed))).unwrap();
    }
    std::fs::write(folder.path().join("gallery.csv"), "file,item,brand\np1.jpg,item-1,澄屿棠\n").unwrap();
    let out = folder.path().join("brand.gallery");
    let report = gallery::build(folder.path(), &out, &gallery::Options::default()).unwrap();
    assert_eq!((report.pictures, report.skipped.len()), (4, 0));
    let bytes: &'static [u8] = Box::leak(std::fs::read(out).unwrap().into_boxed_slice());
    let mut resources = vec![("brands", Resource::from_static(BRANDS.as_bytes()))];
    if with_gallery {
        resources.push(("gallery", Resource::from_static(bytes)));
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

#[test]
fn a_damaged_gallery_is_refused_with_its_name() {
    let context = CreateContext::new("image-counterfeit", "{}", vec![("gallery", Resource::from_static(b"HYGALERY"))]);
    let error = ImageCounterfeit::create(&context).err().unwrap().to_string();
    assert!(error.starts_with("resource 'gallery': this is no usable gallery file"), "{error}");
}
