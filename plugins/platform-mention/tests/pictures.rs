//! QR codes in pictures, from bytes to findings, without a host.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use huoyan_sdk::{CreateContext, Emitted, MemoryBatch, MemoryColumn, RecordDetector, Resource, SinkBuffer};
use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use platform_mention::PlatformMention;
use qrcode::{Color, QrCode};

/// A grey picture with codes side by side.
fn picture(texts: &[&str]) -> Vec<u8> {
    const MODULE: u32 = 5;
    let codes: Vec<QrCode> = texts.iter().map(|text| QrCode::new(text).unwrap()).collect();
    let mut picture =
        GrayImage::from_fn(40 + 260 * texts.len() as u32, 300, |x, y| Luma([(100 + x % 50 + y % 90) as u8]));
    for (i, code) in codes.iter().enumerate() {
        let modules = code.width() as u32;
        for (x, y) in (0..modules + 8).flat_map(|x| (0..modules + 8).map(move |y| (x, y))) {
            let at = |v: u32| v.checked_sub(4).filter(|&v| v < modules).map(|v| v as usize);
            let dark = at(x).zip(at(y)).is_some_and(|at| code[at] == Color::Dark);
            for (dx, dy) in (0..MODULE).flat_map(|x| (0..MODULE).map(move |y| (x, y))) {
                let place = (20 + 260 * i as u32 + x * MODULE + dx, 20 + y * MODULE + dy);
                picture.put_pixel(place.0, place.1, Luma([if dark { 20 } else { 240 }]));
            }
        }
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn judge(config: &str, resources: Vec<(&'static str, Resource)>, rows: &[(&str, &str, &[u8])]) -> Emitted {
    let detector = PlatformMention::create(&CreateContext::new("platform-mention", config, resources)).unwrap();
    let batch = MemoryBatch::new(vec![
        MemoryColumn::text("_record", rows.iter().map(|row| Some(row.0))),
        MemoryColumn::text("owner_kind", rows.iter().map(|row| Some(row.1))),
        MemoryColumn::text("platform", rows.iter().map(|_| None)),
        MemoryColumn::text("shop_id", rows.iter().map(|_| Some("S1"))),
        MemoryColumn::text("uri", rows.iter().map(|_| Some("p/1.png"))),
        MemoryColumn::binary("bytes", rows.iter().map(|row| Some(row.2))),
    ])
    .unwrap();
    let mut buffer = SinkBuffer::new();
    buffer.with(|sink| batch.with(|batch| detector.scan("image", batch, sink)).unwrap().unwrap());
    buffer.into_emitted()
}

/// Rule, target and score of what codes in one picture lead to.
fn told(config: &str, texts: &[&str]) -> Vec<(String, String, f64)> {
    let emitted = judge(config, Vec::new(), &[("L1#0", "listing", &picture(texts))]);
    let finding = |f: &huoyan_sdk::EmittedFinding| {
        let evidence: serde_json::Value = serde_json::from_str(&f.evidence).unwrap();
        assert!(texts.contains(&evidence["code"].as_str().unwrap()));
        assert_eq!(evidence["codes"], texts.len());
        assert_eq!(evidence["uri"], "p/1.png");
        let region: Vec<i64> = evidence["region"].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect();
        assert!(region[0] > 10 && region[1] > 10 && region[2] > region[0] + 80 && region[3] > region[1] + 80);
        (f.rule.clone(), evidence["target"].as_str().unwrap().to_owned(), f.score)
    };
    emitted.findings.iter().map(finding).collect()
}

#[test]
fn codes_to_messengers_other_markets_and_numbers_are_suspected() {
    for (text, rule, target) in [
        ("https://u.wechat.com/EHx7abcdefg", "PM030", "wechat"),
        ("https://m.tb.cn/h.5xyzabc", "PM030", "taobao"),
        ("WXP://f2f0abcdefg", "PM030", "wechat"),
        ("加微信：norda8899", "PM010", "wechat"),
        ("TEL:13800138000", "PM020", "phone"),
    ] {
        let told = told("{}", &[text]);
        let strongest = told.iter().max_by(|a, b| a.2.total_cmp(&b.2)).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((strongest.0.as_str(), strongest.1.as_str()), (rule, target), "{text}");
        assert!(strongest.2 >= 0.5, "{text}");
    }
}

#[test]
fn the_makers_codes_and_the_platforms_own_stay_under_the_threshold() {
    for text in [
        "http://www.norda-outdoor.com/verify?c=8839201",
        "6901234567892",
        "WIFI:S:shop;T:WPA;P:pass;;",
        "批号 20250318 合格",
    ] {
        let told = told("{}", &[text]);
        assert!(told.iter().all(|lead| lead.2 < 0.5), "{text}: {told:?}");
    }
    let own = r#"{"platform":"douyin"}"#;
    assert!(told(own, &["https://v.douyin.com/iRNBho6u/"]).iter().all(|lead| lead.2 < 0.5));
    assert!(told(r#"{"platform":"wechat"}"#, &["weixin://dl/business/?t=abc"]).is_empty());
    assert!(told(r#"{"off":["PM030"]}"#, &["weixin://dl/business/?t=abc"]).is_empty());
}

#[test]
fn the_strongest_of_several_codes_is_told_once_a_rule() {
    let told = told("{}", &["http://www.norda-outdoor.com/v?c=88", "https://u.wechat.com/EHx7abcdefg"]);
    assert_eq!(told.iter().map(|lead| (lead.0.as_str(), lead.1.as_str())).collect::<Vec<_>>(), [("PM030", "wechat")]);
}

#[test]
fn a_customers_photograph_accuses_nobody_and_what_is_no_picture_is_unjudged() {
    let code = picture(&["https://u.wechat.com/EHx7abcdefg"]);
    let emitted = judge("{}", Vec::new(), &[("R1#0", "review", &code), ("L2#0", "listing", b"<html>404</html>")]);
    assert!(emitted.findings.is_empty());
    assert_eq!(emitted.unjudged.len(), 1);
    assert_eq!(emitted.unjudged[0].0, "L2#0");
}

#[test]
fn a_confidence_out_of_range_and_an_unknown_key_are_refused() {
    for text in
        ["unknown_address = 1.4\nscheme = 0.8\n[schemes]\n", "unknown_adress = 0.4\nscheme = 0.8\n[schemes]\n", "\u{0}"]
    {
        let bytes: &'static [u8] = Box::leak(text.to_owned().into_bytes().into_boxed_slice());
        let context = CreateContext::new("platform-mention", "{}", vec![("picture", Resource::from_static(bytes))]);
        let error = PlatformMention::create(&context).err().unwrap().to_string();
        assert!(error.contains("resource 'picture'"), "{error}");
    }
}
