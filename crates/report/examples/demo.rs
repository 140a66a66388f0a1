//! Writes the HTML report of a made-up run, to look at it in a browser.
//!
//!     cargo run -p huoyan-report --example demo -- OUT.html [FINDINGS [PICTURE...]]

use std::sync::Arc;

#[path = "../tests/sample/mod.rs"]
#[expect(dead_code, reason = "the demo shows no scores")]
mod sample;

use huoyan_model::{RecordKind, ReportItem, RunStatus, Severity, Verdict};
use huoyan_report::{GreyPicture, Options, References, Spec, open};
use sample::Seed;
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name the file to write")?;
    let count: usize = arguments.next().map_or(Ok(200), |text| text.parse())?;
    let pictures: Vec<String> = arguments.collect();

    let spec: Spec = format!("html={path}").parse()?;
    // The gallery: every item is the first picture.
    let reference = pictures.first().map(image::open).transpose()?.map(|picture| {
        let grey = picture.thumbnail(160, 160).to_luma8();
        GreyPicture { width: grey.width(), height: grey.height(), pixels: grey.into_raw() }
    });
    let references: References = Arc::new(move |_, _| reference.clone());
    let mut output = open(&spec, &Options { references: Some(references), ..Options::default() })?;
    output.begin(&sample::header())?;
    if count > 0 {
        for (index, mut item) in sample::items().into_iter().enumerate() {
            if item.card.image.is_some() && !pictures.is_empty() {
                item.card.image = pictures.get(index % pictures.len()).cloned();
            }
            output.finding(&item)?;
        }
        sample::campaign().iter().try_for_each(|item| output.finding(item))?;
        (0..count).try_for_each(|index| output.finding(&made_up(index, &pictures)))?;
        sample::verdicts().iter().try_for_each(|verdict| output.verdict(verdict))?;
        output.unjudged(&sample::unjudged())?;
    }
    let incomplete =
        RunStatus::Incomplete { reasons: vec!["检测器 third-party 被隔离：span 落在字符中间".to_owned()] };
    let status = if count > 0 { incomplete } else { RunStatus::Complete };
    Ok(output.finish(&sample::summary(status))?)
}

/// A finding that differs from its neighbours, with no randomness.
fn made_up(index: usize, pictures: &[String]) -> ReportItem {
    let texts = [
        (
            "PK001",
            "prohibited-keyword",
            "title",
            "顶级真丝四件套 全网销量第一 限时特惠 送收纳袋",
            "全网销量第一",
            Severity::Medium,
        ),
        ("PK001", "prohibited-keyword", "title", "【正品】最好用的厨房去油剂 家用强力清洁", "最好用", Severity::Medium),
        (
            "PM003",
            "platform-mention",
            "description",
            "需要大货的老板可加薇❤xin 详聊，量大从优",
            "薇❤xin",
            Severity::High,
        ),
        ("PK014", "prohibited-keyword", "title", "阿莫西林胶囊 24粒 消炎 家庭常备", "阿莫西林", Severity::Critical),
        ("RM001", "review-malice", "text", "质量太差了大家千万别买，跟我加群一起退款", "加群一起退款", Severity::High),
        ("IC001", "image-counterfeit", "images", "Norda 同款保温杯 316 不锈钢 大容量", "", Severity::High),
    ];
    let (rule, detector, field, text, matched, severity) = texts[index * 7 % texts.len()];
    let owner = format!("L{}", 20_000 + index);
    let shop = format!("shop-{:03}", index * index % 37);
    let day = format!("2026-{:02}-{:02}", 10 + index % 2, 1 + index * 13 % 28);
    let evidence = match detector {
        "review-malice" => json!({"families": ["burst", "copy"], "ledger": [
            {"signal": "phrase_nearest", "family": "copy", "contribution": 1.9}, {"signal": "burst_short", "family": "burst", "contribution": 1.2},
            {"signal": "ordinary_buyers", "family": "burst", "contribution": -0.4}]}),
        "platform-mention" => json!({"target": "wechat", "disguise": "拆字与表情"}),
        "image-counterfeit" => json!({"gallery_item": "norda-cup-01", "match": "copy", "transform": "镜像，裁切 12%"}),
        _ => json!({"category": if rule == "PK014" { "prescription" } else { "absolute" }}),
    };
    let mut item = sample::item(&Seed {
        rule,
        detector,
        kind: if detector == "review-malice" { RecordKind::Review } else { RecordKind::Listing },
        owner: &owner,
        shop: Some(&shop),
        field,
        text,
        matched,
        score: 0.5 + (index * 37 % 50) as f64 / 100.0,
        severity,
        verdict: if severity == Severity::Critical { Verdict::Reject } else { Verdict::Review },
        day: &day,
        evidence: &evidence,
    });
    if detector == "image-counterfeit" && !pictures.is_empty() {
        item.finding.record_kind = RecordKind::Image;
        item.finding.record = format!("{owner}#0");
        item.card.image = pictures.get(index % pictures.len()).cloned();
    }
    item
}
