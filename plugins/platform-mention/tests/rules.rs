//! Every rule's own examples, and the promises of the detector.

use platform_mention::BUNDLED;
use platform_mention::lexicon::Lexicon;
use platform_mention::pack::{RuleFile, read};
use platform_mention::screen::{Seen, Setting, Voice, Work, screen};

fn lexicon() -> Lexicon {
    Lexicon::new(&BUNDLED).expect("invariant: the bundled pack is valid")
}

fn flagged<'l>(lexicon: &'l Lexicon, text: &str, own: Option<&'l str>, voice: Voice) -> Vec<Seen<'l>> {
    let mut seen = screen(lexicon, text, Setting { own, ..Setting::of(voice) }, &mut Work::default());
    seen.retain(|seen| seen.score >= 0.5);
    seen
}

fn targets(text: &str, own: Option<&str>) -> Vec<String> {
    flagged(&lexicon(), text, own, Voice::Shop).into_iter().map(|seen| seen.target.to_owned()).collect()
}

#[test]
fn every_rule_meets_its_own_examples() {
    let lexicon = lexicon();
    let mut wrong = Vec::new();
    for (name, text) in [("rules/mention", BUNDLED.mention), ("rules/contact", BUNDLED.contact)] {
        for rule in read::<RuleFile>(name, text).unwrap().rule {
            for example in &rule.examples.positive {
                let seen = flagged(&lexicon, example, None, Voice::Shop);
                if !seen.iter().any(|seen| seen.rule == rule.id) {
                    let all = screen(&lexicon, example, Setting::of(Voice::Shop), &mut Work::default());
                    wrong.push(format!("{} misses '{example}': {all:?}", rule.id));
                }
            }
            for example in &rule.examples.negative {
                let seen = flagged(&lexicon, example, None, Voice::Shop);
                if seen.iter().any(|seen| seen.rule == rule.id) && rule.id != "PM050" {
                    wrong.push(format!("{} flags '{example}': {seen:?}", rule.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn own_platform_is_never_a_third_party() {
    assert_eq!(targets("抖音搜店名", Some("douyin")), [""; 0]);
    assert_eq!(targets("抖音搜店名", None), ["douyin"]);
    assert_eq!(targets("天猫旗舰店", Some("taobao")), [""; 0]);
    assert_eq!(lexicon().platform(" 抖音 "), Some("douyin"));
}

#[test]
fn neutral_mentions_stay_under_the_line() {
    for text in [
        "支持微信支付",
        "微信表情包公仔",
        "威信县特产",
        "北京东路店",
        "大V领T恤",
        "加V型支架",
        "淘宝贝",
        "V+V拼接",
        "QQ糖",
        "微信读书会员卡",
    ] {
        assert_eq!(targets(text, None), [""; 0], "{text}");
    }
}

#[test]
fn a_buyers_complaint_is_about_the_shop() {
    let lexicon = lexicon();
    let text = "客服让我加微信返现，一直不回";
    assert!(flagged(&lexicon, text, None, Voice::Buyer).is_empty());
    let seen = screen(&lexicon, text, Setting::of(Voice::Buyer), &mut Work::default());
    assert!(seen.iter().any(|seen| seen.rule == "PM050"), "{seen:?}");
    assert!(!flagged(&lexicon, "想要便宜的加微信 lucky_shop8", None, Voice::Buyer).is_empty());
}

#[test]
fn what_a_buyer_bought_elsewhere_is_no_invitation_but_a_shop_that_says_so_invites() {
    let lexicon = lexicon();
    for text in [
        "比淘宝买的贵，但是质量好",
        "在京东买过一次，这次更好",
        "拼多多也卖，质量不如这家",
        "比京东便宜，质量也好",
        "比淘宝上买的差远了，还是拼多多便宜",
        "京东半价就能买到，后悔",
    ] {
        assert_eq!(flagged(&lexicon, text, None, Voice::Buyer), [], "{text}");
    }
    assert!(!flagged(&lexicon, "家人们去淘宝搜小鹿家，有优惠", None, Voice::Buyer).is_empty());
    for text in ["淘宝也卖，搜店名下单", "拼多多价格更低，同款", "淘宝店铺价格更优惠"] {
        assert!(!flagged(&lexicon, text, None, Voice::Shop).is_empty(), "{text}");
    }
}

#[test]
fn spans_lie_on_character_boundaries_and_do_not_overlap() {
    let lexicon = lexicon();
    let mut work = Work::default();
    for text in [
        "加❤️V信：ａｂｃ12345，淘🔥宝 微\u{200B}信\u{301}",
        "➕微🐧QQ：一二三四五六七",
        "￥aB3dE6gH9jK￥www。shop。com",
        "\\/x abc8866 ☎️①③⑨①②③④⑤⑥⑦⑧",
    ] {
        let mut last = 0;
        for seen in screen(&lexicon, text, Setting::of(Voice::Shop), &mut work) {
            assert!(text.get(seen.start as usize..seen.end as usize).is_some(), "{text}: {seen:?}");
            assert!(seen.start >= last);
            last = seen.end;
        }
    }
}

#[test]
fn a_row_of_pictures_is_flagged_however_long_it_is() {
    for pictures in [1, 3, 40, 500] {
        let text = "加".to_owned() + &"🐧".repeat(pictures) + " 保温杯";
        assert_eq!(targets(&text, None).first().map(String::as_str), Some("qq"), "{pictures}");
    }
}
