//! The detector as a host runs it.

use huoyan_sdk::{CreateContext, EmittedFinding, MemoryBatch, MemoryColumn, RecordDetector, Resource, SinkBuffer};
use prohibited_keyword::{CONTEXTS, PACKS, ProhibitedKeyword};

fn detector() -> ProhibitedKeyword {
    let mut resources = vec![("contexts", Resource::from_static(CONTEXTS.as_bytes()))];
    resources.extend(PACKS.iter().map(|(name, toml)| (*name, Resource::from_static(toml.as_bytes()))));
    ProhibitedKeyword::create(&CreateContext::new("prohibited-keyword", "{}", resources)).expect("is made")
}

fn scan(rows: &[(&str, &str)]) -> Vec<EmittedFinding> {
    let keys: Vec<String> = (0..rows.len()).map(|i| format!("l{i}")).collect();
    let column =
        |name: &str, values: Vec<&str>| MemoryColumn::text(name, values.into_iter().map(Some).collect::<Vec<_>>());
    let batch = MemoryBatch::new(vec![
        column("_record", keys.iter().map(String::as_str).collect()),
        column("title", rows.iter().map(|row| row.0).collect()),
        column("category", rows.iter().map(|row| row.1).collect()),
    ])
    .expect("columns of one length");
    let mut buffer = SinkBuffer::new();
    let detector = detector();
    buffer.with(|sink| batch.with(|batch| detector.scan("listing", batch, sink))).expect("a batch").expect("scans");
    buffer.into_emitted().findings
}

#[test]
fn reports_the_exact_span_with_category_clause_and_rewrite() {
    let found = scan(&[("新款保温杯 销❤量第一", "")]);
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.rule.as_str(), finding.field.as_str()), ("PK101", "title"));
    assert_eq!(&"新款保温杯 销❤量第一"[finding.span.clone()], "销❤量第一");
    for part in
        [r#""category":"absolute""#, r#""canonical":"销量第一""#, r#""disguise":["emoji_noise"]"#, "clause", "rewrite"]
    {
        assert!(finding.evidence.contains(part), "{part} in {}", finding.evidence);
    }
    assert!(finding.score >= 0.5);
}

#[test]
fn the_canonical_form_has_the_character_that_another_stands_for() {
    for (title, canonical, how) in [
        ("敷在脸上三夭见效", "三天见效", "glyph"),
        ("敷在脸上三忝见效", "三天见效", "homophone"),
        ("独冢配方 手工熬制", "独家", "glyph"),
    ] {
        let found = scan(&[(title, "")]);
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        for part in [format!(r#""canonical":"{canonical}""#), format!(r#""disguise":["{how}"]"#)] {
            assert!(finding.evidence.contains(&part), "{part} in {}", finding.evidence);
        }
    }
}

#[test]
fn a_category_clears_what_belongs_in_it() {
    assert_eq!(scan(&[("狙击步枪 拼装套装", "")]).len(), 1);
    assert!(scan(&[("狙击步枪 拼装套装", "玩具/益智积木")]).is_empty());
}

#[test]
fn sees_a_figure_in_a_letters_place() {
    let found = scan(&[("v1agra 100mg", ""), ("0zempic pen", ""), ("top code women dress", "")]);
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["PK031", "PK031"]);
    assert!(found[0].evidence.contains(r#""canonical":"viagra","disguise":["confusable"]"#), "{}", found[0].evidence);
}

/// Titles as decent shops write them, of the kinds that a crude word list would flag.
#[test]
fn ordinary_titles_stay_untouched() {
    let titles = [
        "【七夕礼物】玛丽黛佳女士淡香水花果香调礼盒装50ml",
        "安踏速干POLO衫男夏季官方旗舰新款短袖透气运动服",
        "骆驼户外耳罩男冬季加绒加厚防寒护耳骑行耳包耳捂子",
        "2025韩国新款保暖护耳罩可折叠男女骑行防冻耳套",
        "会动的兔耳朵耳罩儿童加厚毛绒可爱小熊护耳",
        "真兔毛耳罩女秋冬百搭保暖毛绒耳包伸缩防风",
        "【新年惊喜礼盒】商务双肩包男大容量旅行电脑背包书包",
        "一次性浴巾旅行单独包装加大6条男女便携酒店洗澡用品",
        "【珍珠纹】一次性毛巾浴巾民宿宾馆公寓桑拿洗浴大巾",
        "5A抗菌一次性浴巾加厚非纯棉独立包装出差旅行用品",
        "西班牙进口植物染发膏无刺激有机遮白发男士自己染170ml",
        "原装进口正品脱色漂粉染膏褪色剂漂发剂国行",
        "哺乳内衣大码产后喂奶专用孕妇文胸罩蕾丝棉薄款",
        "孕妇瑜伽运动内衣裸感舒适收副乳产后喂奶文胸秋季",
        "压缩毛巾洗脸巾礼盒套装加大加厚酒店一次性旅行",
    ];
    let rows: Vec<_> = titles.iter().map(|title| (*title, "")).collect();
    assert_eq!(scan(&rows), []);
}
