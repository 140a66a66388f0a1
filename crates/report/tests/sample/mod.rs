//! A made-up run with hostile text in every place that text can stand, shared by the tests and the demo.

use std::collections::BTreeMap;

use huoyan_model::{
    Confidence, ContentHash, DetectorOutcome, DetectorReport, Finding, Fingerprint, InputReport, Localized, Provenance,
    RecordCard, RecordKind, RecordVerdict, ReportItem, RuleInfo, RunHeader, RunStatus, RunSummary, ScoreRow, Severity,
    Source, Span, Unjudged, Verdict, VerdictReason,
};
use serde_json::{Map, Value, json};

/// What a hostile seller writes: markup, a formula, a terminal escape, a right-to-left override, a NUL.
pub const HOSTILE: &str =
    "=cmd()|' /C calc'!A0 </script><script>alert(1)</script> \x1b[31m\u{202e}nekot\0 <img src=x onerror=alert(1)>";

fn localized(zh: &str, en: &str) -> Localized {
    Localized { zh: zh.to_owned(), en: en.to_owned() }
}

fn rule(id: &str, severity: Severity, name: (&str, &str), message: (&str, &str)) -> (String, RuleInfo) {
    let info = RuleInfo {
        id: id.to_owned(),
        name: localized(name.0, name.1),
        message: localized(message.0, message.1),
        severity,
        clause: Some(localized("《广告法》第九条", "Advertising Law, article 9")),
        source: Provenance {
            title: "中华人民共和国广告法".to_owned(),
            as_of: "2021-04-29".to_owned(),
            confidence: Confidence::High,
        },
        rewrite: Some(localized(
            "删除该用语，改为可核实的客观描述",
            "drop the wording and state a fact that can be checked",
        )),
        examples: Default::default(),
    };
    (id.to_owned(), info)
}

pub fn header() -> RunHeader {
    let digest = |byte: &str| byte.repeat(32);
    let rules = [
        rule(
            "PK001",
            Severity::Medium,
            ("绝对化用语", "Absolute claim"),
            ("疑似使用“最、第一、国家级”等绝对化用语", "suspected absolute claim such as “best” or “number one”"),
        ),
        rule(
            "PK014",
            Severity::Critical,
            ("处方药", "Prescription drug"),
            ("疑似销售处方药或宣称疗效", "suspected sale of a prescription drug"),
        ),
        rule(
            "PM003",
            Severity::High,
            ("站外引流：微信", "Off-site contact: WeChat"),
            ("疑似引导买家到微信交易", "suspected attempt to move the buyer to WeChat"),
        ),
        rule(
            "IC001",
            Severity::High,
            ("品牌图片盗用", "Copied brand picture"),
            (
                "疑似使用品牌方图片，且店铺不在授权名单",
                "suspected copy of a brand's picture by a shop that is not authorised",
            ),
        ),
        rule(
            "RM001",
            Severity::High,
            ("疑似恶意评价", "Suspected malicious review"),
            ("多个独立信号显示该评价疑似恶意", "several independent signals suggest that this review is malicious"),
        ),
    ];
    RunHeader {
        schema: "huoyan-findings/1".to_owned(),
        tool_version: "0.1.0".to_owned(),
        run_id: digest("a7"),
        inputs: BTreeMap::from([("商品.csv".to_owned(), digest("11")), ("reviews.jsonl".to_owned(), digest("12"))]),
        plugins: BTreeMap::from([("prohibited-keyword 0.1.0".to_owned(), digest("21"))]),
        isolation: BTreeMap::from([("prohibited-keyword 0.1.0".to_owned(), "in-process".to_owned())]),
        resources: BTreeMap::from([("prohibited-keyword/rules/goods".to_owned(), digest("31"))]),
        config: digest("41"),
        profile: "default".to_owned(),
        rules: rules.into(),
    }
}

/// One finding to build on.
#[derive(Clone, Copy)]
pub struct Seed<'a> {
    pub rule: &'a str,
    pub detector: &'a str,
    pub kind: RecordKind,
    pub owner: &'a str,
    pub shop: Option<&'a str>,
    pub field: &'a str,
    pub text: &'a str,
    pub matched: &'a str,
    pub score: f64,
    pub severity: Severity,
    pub verdict: Verdict,
    pub day: &'a str,
    pub evidence: &'a Value,
}

pub fn item(seed: &Seed<'_>) -> ReportItem {
    let span = seed.text.find(seed.matched).filter(|_| !seed.matched.is_empty()).map(|start| {
        let at = |offset: usize| u32::try_from(offset).expect("invariant: sample texts are short");
        Span(at(start), at(start + seed.matched.len()))
    });
    let evidence = match seed.evidence {
        Value::Object(map) => map.clone(),
        _ => Map::new(),
    };
    ReportItem {
        finding: Finding {
            owner_kind: seed.kind,
            owner: seed.owner.to_owned(),
            record_kind: seed.kind,
            record: seed.owner.to_owned(),
            record_version: ContentHash([7; 16]),
            detector: seed.detector.to_owned(),
            rule: seed.rule.to_owned(),
            score: seed.score,
            severity: seed.severity,
            field: Some(seed.field.to_owned()),
            span,
            matched: span.map(|_| seed.matched.to_owned()),
            evidence,
            members: Vec::new(),
            fingerprint: Fingerprint::of(seed.detector, seed.rule, seed.owner, seed.field, seed.matched),
            copies: 1,
            shop_id: seed.shop.map(str::to_owned),
            source: Source { file: "商品.csv".to_owned(), sheet: None, line: 12 },
            suppressed: None,
        },
        card: RecordCard {
            headline: seed.text.to_owned(),
            field_text: Some(seed.text.to_owned()),
            day: Some(seed.day.to_owned()),
            rating: (seed.kind == RecordKind::Review).then_some(1.0),
            price: (seed.kind == RecordKind::Listing).then_some(39.9),
            listing_id: (seed.kind == RecordKind::Review).then(|| "L1001".to_owned()),
            image: None,
        },
        verdict: seed.verdict,
    }
}

/// A handful of findings, one of each sort, hostile ones among them.
pub fn items() -> Vec<ReportItem> {
    let base = Seed {
        rule: "PK001",
        detector: "prohibited-keyword",
        kind: RecordKind::Listing,
        owner: "L1001",
        shop: Some("s-青木家居"),
        field: "title",
        text: "全网最低价 国家级工艺 纯棉浴巾",
        matched: "国家级",
        score: 0.93,
        severity: Severity::Medium,
        verdict: Verdict::Review,
        day: "2026-11-20",
        evidence: &json!({"category": "absolute"}),
    };
    let plain = item(&base);
    let mut contact = item(&Seed {
        rule: "PM003",
        detector: "platform-mention",
        owner: "L1002",
        shop: Some("s-晨光数码"),
        field: "description",
        text: "拍前请先咨询，加 V❤ xin：abc_12345 有优惠，老客户可走线下",
        matched: "V❤ xin：abc_12345",
        score: 1.0 / 3.0 + 0.6,
        severity: Severity::High,
        day: "2026-11-21",
        evidence: &json!({"target": "wechat", "disguise": "拆字与表情 V❤ xin → vxin", "normalised": "vxin:abc_12345"}),
        ..base
    });
    contact.finding.copies = 3;
    let review = item(&Seed {
        rule: "RM001",
        detector: "review-malice",
        kind: RecordKind::Review,
        owner: "R77",
        field: "text",
        text: "不给返现就差评，让你店开不下去",
        matched: "不给返现就差评",
        score: 0.97,
        severity: Severity::High,
        evidence: &json!({"families": 2, "ledger": [
            {"signal": "extortion wording", "family": "text", "contribution": 2.4},
            {"signal": "burst of one-star reviews", "family": "time", "contribution": 1.31},
            {"signal": "verified purchase", "family": "order", "contribution": -0.42}]}),
        ..base
    });
    let mut review = review;
    review.finding.members = vec!["R78".to_owned(), "R79".to_owned()];
    let hostile = item(&Seed {
        rule: "PK014",
        owner: "=L\u{202e}9<b>",
        shop: Some("@SUM(A1)\r\n<i>"),
        text: HOSTILE,
        matched: "<script>alert(1)</script>",
        severity: Severity::Critical,
        verdict: Verdict::Reject,
        score: 0.999,
        day: "2026-11-22",
        evidence: &json!({"category": "prescription", "rewrite": "<b>=1+1</b>", "\u{202e}k": "</script>\u{2028}"}),
        ..base
    });
    let mut known = item(&Seed { owner: "L1003", text: "第一次使用前请清洗", matched: "第一", ..base });
    known.finding.suppressed = Some("baseline".to_owned());
    let mut set_aside = item(&Seed { owner: "L1004", text: "品质第一", matched: "第一", ..base });
    set_aside.finding.suppressed = Some("suppression until 2027-01-01 by li: authorised".to_owned());
    let unsure = item(&Seed {
        owner: "L1005",
        text: "最爱的颜色",
        matched: "最",
        score: 0.31,
        severity: Severity::Low,
        verdict: Verdict::Pass,
        ..base
    });
    let mut picture = item(&Seed {
        rule: "IC001",
        detector: "image-counterfeit",
        owner: "L1006",
        field: "images",
        text: "Norda 同款保温杯",
        matched: "",
        severity: Severity::High,
        evidence: &json!({"gallery_item": "norda-cup-01", "match": "copy", "transform": "mirrored, cropped 12 %"}),
        ..base
    });
    picture.finding.record_kind = RecordKind::Image;
    picture.finding.record = "L1006#0".to_owned();
    picture.card.field_text = None;
    picture.card.image = Some("/nowhere/cup.jpg".to_owned());
    vec![plain, contact, review, hostile, known, set_aside, unsure, picture]
}

/// Six suspected reviews that hang together, by hostile accounts, and one that hangs with none.
pub fn campaign() -> Vec<ReportItem> {
    let start = 1_795_305_600_i64; // 2026-11-22
    let seed = |owner: &str, text: &str, score: f64, evidence: &Value| {
        item(&Seed {
            rule: "RM001",
            detector: "review-malice",
            kind: RecordKind::Review,
            owner,
            shop: Some("s-青木家居"),
            field: "text",
            text,
            matched: "",
            score,
            severity: Severity::High,
            verdict: Verdict::Review,
            day: "2026-11-22",
            evidence,
        })
    };
    let mut items = Vec::new();
    for index in 0..6_i64 {
        let (account, listing) = (format!("acc-{index}<script>"), format!("L{}\u{202e}\"><img src=x>", index % 2));
        let at = start + index / 2 * 86_400 + 3_600;
        let evidence = json!({
            "review": {"at": at, "listing": listing, "shop": "s-青木家居", "account": account, "stars": 1, "verified": false,
                "refunded": false, "delay_hours": 1.25, "account_age_days": 6},
            "families": ["burst", "copy", "</i>family"],
            "ledger": [
                {"signal": "base", "family": "base", "contribution": -4.0},
                {"signal": "burst_short", "family": "burst", "contribution": 2.0 + index as f64 / 8.0},
                {"signal": "phrase_nearest", "family": "copy", "contribution": 2.5},
                {"signal": "<b>", "family": "</i>family", "contribution": 0.5},
                {"signal": "verified", "family": "transaction", "contribution": -0.25}],
            "log_odds": 0.75 + index as f64 / 8.0,
            "speaks_against": ["ordinary_buyers", "</li><b>against"],
            "window": {"from": start, "to": start + 3 * 86_400, "observed": 6, "expected": 0.8},
            "counterfactual": [{"without": "burst", "score": 0.21}, {"without": "copy", "score": 0.14},
                {"without": "</i>family", "score": 0.61}],
            "copies": [{"record": "C1</b>", "percent": 83, "shared": [[0, 12, 0, 12], [15, 21, 3, 9], [1, 2, 0, 0]]}],
            "ring": {"agreed": 3, "met": 3, "chance": 0.000_42, "meetings": [
                {"account": account, "listing": listing, "at": at, "stars": 1},
                {"account": account, "listing": "L9</td>", "at": at - 86_400 * 9, "stars": 1}]},
        });
        let owner = format!("C{index}</b>");
        let mut review = seed(&owner, "质量太差<b>大家别买", 0.6 + index as f64 / 16.0, &evidence);
        review.finding.members = vec!["C0</b>".to_owned(), "X<i>companion".to_owned()];
        items.push(review);
    }
    items.push(seed("C7", "掉色", 0.55, &json!({"families": ["burst"]})));
    items.push(seed(
        "C8",
        "掉色",
        0.4,
        &json!({"ledger": [{"signal": "one_family", "family": "policy", "contribution": -1}]}),
    ));
    items
}

pub fn verdicts() -> Vec<RecordVerdict> {
    let verdict = |item: &ReportItem| RecordVerdict {
        record_kind: item.finding.owner_kind,
        record: item.finding.owner.clone(),
        record_version: item.finding.record_version,
        shop_id: item.finding.shop_id.clone(),
        verdict: item.verdict,
        reasons: vec![VerdictReason {
            rule: item.finding.rule.clone(),
            detector: item.finding.detector.clone(),
            severity: item.finding.severity,
            score: item.finding.score,
            fingerprint: item.finding.fingerprint,
        }],
        copies: item.finding.copies,
        unjudged: Vec::new(),
        source: item.finding.source.clone(),
    };
    items().iter().map(verdict).collect()
}

pub fn scores() -> Vec<ScoreRow> {
    let row = |record: &str, score: f64| ScoreRow {
        detector: "review-malice".to_owned(),
        record_kind: RecordKind::Review,
        record: record.to_owned(),
        score,
    };
    vec![row("R1", 0.1), row("=R2,\"x\"", 1.0 / 3.0), row("R3\nx", 0.0), row("R4", 1.0), row("R5", 1.5e-7)]
}

pub fn unjudged() -> Unjudged {
    Unjudged {
        detector: "image-counterfeit".to_owned(),
        record_kind: RecordKind::Image,
        record: "L1007#1".to_owned(),
        reason: "the picture is truncated after 812 bytes <b>".to_owned(),
        source: Source { file: "商品.csv".to_owned(), sheet: Some("=1".to_owned()), line: 19 },
    }
}

pub fn summary(status: RunStatus) -> RunSummary {
    RunSummary {
        status,
        read: 1_264,
        scanned: BTreeMap::from([("listing".to_owned(), 980), ("review".to_owned(), 240), ("image".to_owned(), 1_410)]),
        duplicates: 41,
        quarantined: 3,
        verdicts: BTreeMap::from([("pass".to_owned(), 1_212), ("review".to_owned(), 7), ("reject".to_owned(), 1)]),
        severities: BTreeMap::from([(Severity::Medium, 1), (Severity::High, 3), (Severity::Critical, 1)]),
        suppressed: 2,
        unjudged: 1,
        detectors: vec![
            DetectorReport {
                name: "prohibited-keyword".to_owned(),
                outcome: DetectorOutcome::Complete,
                findings: 4,
                judged: 980,
                unjudged: 0,
            },
            DetectorReport {
                name: "third-party".to_owned(),
                outcome: DetectorOutcome::Quarantined { reason: "gave a span inside a character <x>".to_owned() },
                findings: 0,
                judged: 0,
                unjudged: 0,
            },
            DetectorReport {
                name: "image-counterfeit".to_owned(),
                outcome: DetectorOutcome::Skipped { reason: "no gallery; pass one with --gallery".to_owned() },
                findings: 0,
                judged: 0,
                unjudged: 1,
            },
        ],
        inputs: vec![InputReport {
            source: Source { file: "商品.csv".to_owned(), sheet: None, line: 0 },
            account: vec![
                "CSV, GB18030, header in line 3".to_owned(),
                "宝贝标题 → title; 价格 → price".to_owned(),
                "2 repeated headers left out".to_owned(),
            ],
            read: 1_024,
            scanned: 980,
            duplicates: 41,
            quarantined: 3,
        }],
    }
}
