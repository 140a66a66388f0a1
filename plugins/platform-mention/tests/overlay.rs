//! What a tenant changes in the pack, and that nobody else sees it.

use platform_mention::BUNDLED;
use platform_mention::lexicon::Lexicon;
use platform_mention::overlay::{Overlaid, Overlay};
use platform_mention::screen::{Setting, Voice, Work, screen};

fn lexicon() -> Lexicon {
    Lexicon::new(&BUNDLED).expect("invariant: the bundled pack is valid")
}

/// Rule and target of what an overlay leaves flagged.
fn flagged(lexicon: &Lexicon, overlay: &str, text: &str) -> Vec<(String, String)> {
    let overlay = Overlay::parse("overlay/test", overlay).expect("parses");
    let overlaid = Overlaid::new(lexicon, &overlay).expect("fits the pack");
    let mut seen = Vec::new();
    for overlay in [None, Some(&overlaid)] {
        let setting = Setting { overlay, ..Setting::of(Voice::Shop) };
        seen = screen(lexicon, text, setting, &mut Work::default());
        seen.retain(|seen| seen.score >= 0.5);
    }
    seen.iter().map(|seen| (seen.rule.to_owned(), seen.target.to_owned())).collect()
}

fn targets(lexicon: &Lexicon, overlay: &str, text: &str) -> Vec<String> {
    flagged(lexicon, overlay, text).into_iter().map(|(_, target)| target).collect()
}

#[test]
fn an_added_name_is_found_in_its_disguises_and_only_with_the_overlay() {
    let lexicon = lexicon();
    let overlay = r#"names.taobao.words = ["逛逛橙站"]"#;
    for text in ["去逛逛橙站搜店名", "去逛逛❤橙站搜店名", "去逛逛程站搜店名"] {
        assert_eq!(targets(&lexicon, "", text), [""; 0], "{text}");
        assert_eq!(targets(&lexicon, overlay, text), ["taobao"], "{text}");
    }
}

#[test]
fn a_new_target_needs_its_class() {
    let lexicon = lexicon();
    let overlay = "names.pinbaba = {words = [\"拼粑粑\"], class = \"market\"}";
    assert_eq!(flagged(&lexicon, overlay, "去拼粑粑搜店名"), [("PM001".to_owned(), "pinbaba".to_owned())]);
    let unclassed = Overlay::parse("o", r#"names.pinbaba.words = ["拼粑粑"]"#).expect("parses");
    assert!(Overlaid::new(&lexicon, &unclassed).expect_err("no class").to_string().contains("pinbaba"));
}

#[test]
fn a_name_is_removed_a_phrase_allowed_a_rule_switched_off() {
    let lexicon = lexicon();
    let text = "去淘宝搜店名";
    assert_eq!(targets(&lexicon, "", text), ["taobao"]);
    assert_eq!(targets(&lexicon, r#"names.taobao.remove = ["淘宝"]"#, text), [""; 0]);
    assert_eq!(targets(&lexicon, r#"allow = ["去淘宝搜"]"#, text), [""; 0]);
    assert_eq!(targets(&lexicon, r#"allow = ["去淘"]"#, text), ["taobao"]);
    assert_eq!(targets(&lexicon, r#"off = ["PM001"]"#, text), [""; 0]);
    assert_eq!(targets(&lexicon, r#"allow = ["去淘宝搜", "宝搜店名"]"#, "去淘宝搜店名 加微信abc123"), ["wechat"]);
}

#[test]
fn the_shops_own_domain_is_nobody_elses_place() {
    let lexicon = lexicon();
    let text = "官网 www.huoyan-example.com";
    assert_eq!(targets(&lexicon, "", text), ["url"]);
    assert_eq!(targets(&lexicon, r#"domains = ["huoyan-example.com"]"#, text), [""; 0]);
    assert_eq!(targets(&lexicon, r#"domains = ["example.com"]"#, text), ["url"]);
}

#[test]
fn what_the_pack_does_not_have_is_named() {
    let lexicon = lexicon();
    for (overlay, named) in
        [(r#"names.taobao.remove = ["桃宝"]"#, "桃宝"), (r#"off = ["PM999"]"#, "PM999"), (r#"allow = ["——"]"#, "——")]
    {
        let overlay = Overlay::parse("o", overlay).expect("parses");
        let error = Overlaid::new(&lexicon, &overlay).expect_err("does not fit").to_string();
        assert!(error.contains(named), "{error}");
    }
}
