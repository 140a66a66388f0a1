//! What a tenant changes in the rules, and that nobody else sees it.

use huoyan_sdk::{CreateContext, EmittedFinding, MemoryBatch, MemoryColumn, RecordDetector, Resource, SinkBuffer};
use prohibited_keyword::overlay::Overlay;
use prohibited_keyword::{CONTEXTS, Found, PACKS, ProhibitedKeyword, Screen, Workspace, bundled};

fn rules(screen: &Screen, overlay: &str, text: &str) -> Vec<String> {
    let overlay = Overlay::parse("overlay/test", overlay).expect("parses");
    let overlaid = screen.overlay(&overlay).expect("fits the packs");
    let mut found: Vec<Found> = Vec::new();
    screen.scan_with(Some(&overlaid), text, "", &mut Workspace::new(), &mut found);
    found.iter().map(|hit| screen.rules()[hit.rule].id.clone()).collect()
}

fn plain(screen: &Screen, text: &str) -> Vec<String> {
    rules(screen, "", text)
}

#[test]
fn an_added_term_is_found_in_its_disguises_and_only_with_the_overlay() {
    let screen = bundled().expect("compiles");
    let overlay = r#"rule.PK110.terms = ["量子速读课程"]"#;
    for text in ["量子速读课程", "量❤子速读课程", "量子速毒课程", "量 子 速 读 课 程", "liangzi速读课程"]
    {
        assert_eq!(plain(&screen, text), [""; 0], "{text}");
        assert_eq!(rules(&screen, overlay, text), ["PK110"], "{text}");
    }
}

#[test]
fn added_terms_and_those_of_the_pack_are_weighed_together() {
    let screen = bundled().expect("compiles");
    // One weak term of the pack and one of the overlay.
    assert_eq!(plain(&screen, "龙纹神锋 开刃"), [""; 0]);
    assert_eq!(rules(&screen, r#"rule.PK003.weak = ["龙纹神锋"]"#, "龙纹神锋 开刃"), ["PK003"]);
    // The longer term wins, whichever has it.
    let mut found = Vec::new();
    let overlay = Overlay::parse("o", r#"rule.PK003.terms = ["匕首收藏版"]"#).expect("parses");
    let overlaid = screen.overlay(&overlay).expect("fits");
    screen.scan_with(Some(&overlaid), "新款匕首收藏版", "", &mut Workspace::new(), &mut found);
    assert_eq!(found.iter().map(|hit| hit.canonical.as_str()).collect::<Vec<_>>(), ["匕首收藏版"]);
}

#[test]
fn a_term_is_removed_a_phrase_allowed_a_rule_switched_off() {
    let screen = bundled().expect("compiles");
    let text = "弹簧刀 匕首";
    assert_eq!(plain(&screen, text), ["PK003", "PK003"]);
    assert_eq!(rules(&screen, r#"rule.PK003.remove = ["弹簧刀"]"#, text), ["PK003"]);
    assert_eq!(rules(&screen, r#"rule.PK003.allow = ["弹簧刀 匕首"]"#, text), [""; 0]);
    assert_eq!(rules(&screen, r#"allow = ["新款弹簧刀"]"#, "新款弹簧刀 匕首"), ["PK003"]);
    assert_eq!(rules(&screen, "rule.PK003.off = true", text), [""; 0]);
    assert_eq!(rules(&screen, "rule.PK001.off = true", text), ["PK003", "PK003"]);
    assert_eq!(plain(&screen, text), ["PK003", "PK003"]);
}

#[test]
fn what_the_packs_do_not_have_is_named() {
    let screen = bundled().expect("compiles");
    let wrong = |overlay: &str| {
        let overlay = Overlay::parse("overlay/a", overlay).expect("parses");
        screen.overlay(&overlay).expect_err("does not fit").to_string()
    };
    assert!(wrong(r#"rule.PK999.terms = ["x"]"#).contains("PK999"));
    assert!(wrong(r#"rule.PK003.remove = ["弹 簧刀"]"#).contains("弹 簧刀"));
    assert!(
        wrong("overlay = {name = \"甲店\", version = \"1\", as_of = \"2026-11\"}\nrule.PK003.terms = [\"(a\"]")
            .contains("甲店")
    );
    assert!(Overlay::parse("overlay/a", "alow = []").expect_err("unknown key").to_string().contains("overlay/a"));
}

fn scan(config: &str, overlays: &[(&'static str, &'static str)], rows: &[(&str, &str)]) -> Vec<EmittedFinding> {
    let mut resources = vec![("contexts", Resource::from_static(CONTEXTS.as_bytes()))];
    resources.extend(PACKS.iter().chain(overlays).map(|(name, toml)| (*name, Resource::from_static(toml.as_bytes()))));
    let detector =
        ProhibitedKeyword::create(&CreateContext::new("prohibited-keyword", config, resources)).expect("is made");
    let keys: Vec<String> = (0..rows.len()).map(|i| format!("l{i}")).collect();
    let column =
        |name: &str, values: Vec<&str>| MemoryColumn::text(name, values.into_iter().map(Some).collect::<Vec<_>>());
    let batch = MemoryBatch::new(vec![
        column("_record", keys.iter().map(String::as_str).collect()),
        column("title", rows.iter().map(|row| row.1).collect()),
        column("shop_id", rows.iter().map(|row| row.0).collect()),
    ])
    .expect("columns of one length");
    let mut buffer = SinkBuffer::new();
    buffer.with(|sink| batch.with(|batch| detector.scan("listing", batch, sink))).expect("a batch").expect("scans");
    buffer.into_emitted().findings
}

#[test]
fn each_shop_has_its_own_overlay_beside_those_for_all() {
    let overlays = [
        ("overlay/all", r#"rule.PK110.terms = ["量子速读"]"#),
        ("overlay/knives", "shops = [\"s1\"]\nrule.PK003.off = true"),
    ];
    let rows = [("s1", "弹簧刀"), ("s2", "弹簧刀"), ("s1", "量子速读"), ("s3", "量子速读"), ("s3", "国家级面料")];
    let found = scan(r#"{"allow": ["国家级面料"]}"#, &overlays, &rows);
    let found: Vec<_> = found.iter().map(|finding| (&*finding.record, &*finding.rule)).collect();
    assert_eq!(found, [("l1", "PK003"), ("l2", "PK110"), ("l3", "PK110")]);
}
