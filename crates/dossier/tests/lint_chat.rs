//! The self-check of chats: who says what to whom, and across messages.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use huoyan_dossier::deadline::Instant;
use huoyan_dossier::lint::{ChatFinding, Kind, LintPack, Message, PackError, Severity, Who, check_chats};

/// Messages one minute apart, `m:` of the merchant, `b:` of the buyer, `o:` of others; a number before it waits so long.
fn chat(lines: &[&str]) -> Vec<Message> {
    let mut minute = 0;
    lines
        .iter()
        .map(|line| {
            let (head, text) = line.split_once(':').unwrap();
            let (wait, who) = head.split_at(head.len() - 1);
            minute += wait.parse().unwrap_or(1);
            let who = match who {
                "m" => Who::Merchant,
                "b" => Who::Buyer,
                _ => Who::Other,
            };
            let at = format!("2026-11-22T{:02}:{:02}:00+08:00", 8 + minute / 60, minute % 60);
            Message { who, at: Instant::parse(&at).unwrap(), text: text.to_owned() }
        })
        .collect()
}

fn found(lines: &[&str]) -> Vec<ChatFinding> {
    check_chats(&chat(lines), LintPack::built_in())
}

fn kinds(lines: &[&str]) -> Vec<(usize, Kind)> {
    found(lines).into_iter().map(|finding| (finding.message, finding.kind)).collect()
}

#[test]
fn tells_the_merchants_offer_from_the_buyers_demand() {
    assert_eq!(
        kinds(&["m:您把差评删了，我们给您返10元"]),
        [(0, Kind::ReviewPressure), (0, Kind::CompensationForReview)]
    );
    let demand = found(&["b:给我返10元我就删差评"]);
    assert_eq!((demand[0].kind, demand[0].helps, demand[0].severity), (Kind::Extortion, true, Severity::High));
    assert_eq!(kinds(&["o:您把差评删了，我们给您返10元"]), []);
}

#[test]
fn one_sentence_gets_one_verdict() {
    assert_eq!(kinds(&["b:不退款50元我就给差评"]), [(0, Kind::Extortion)]);
    assert_eq!(kinds(&["b:不退款我就差评"]), [(0, Kind::ConditionalThreat)]);
}

#[test]
fn what_is_denied_quoted_or_refused_is_not_done() {
    assert_eq!(kinds(&["m:我们不会要求您改评价"]), []);
    assert_eq!(kinds(&["m:您刚才说“不返现就差评”，我们不能答应"]), []);
    assert_eq!(kinds(&["m:您要求我们返现才删差评，平台不允许"]), []);
    assert_eq!(kinds(&["b:客服说删了差评就给我返10元"]), []);
}

#[test]
fn an_offer_ties_to_pressure_a_few_messages_away_and_soon_after() {
    let tied = found(&["m:麻烦您把差评删一下", "b:有什么好处", "m:给您发10元红包"]);
    let offer = tied.iter().find(|finding| finding.kind == Kind::CompensationForReview).unwrap();
    assert_eq!((offer.message, offer.with, offer.severity), (2, Some(0), Severity::Medium));
    let later = kinds(&["m:麻烦您把差评删一下", "b:不删", "45m:给您发10元红包"]);
    assert_eq!(later, [(0, Kind::ReviewPressure)]);
    assert_eq!(kinds(&["b:少了一个配件", "m:给您退10元可以吗"]), []);
}

#[test]
fn sees_words_through_disguises() {
    assert_eq!(kinds(&["m:加我薇❤信"]), [(0, Kind::OffPlatform)]);
    assert_eq!(kinds(&["m:麻烦您把差·評刪一下"]), [(0, Kind::ReviewPressure)]);
}

#[test]
fn spans_are_where_their_words_are_and_both_languages_are_there() {
    let messages = chat(&["m:亲❤️麻烦删掉差评，给您转５０元；加V详谈", "b:不给红包就差评！"]);
    let found = check_chats(&messages, LintPack::built_in());
    assert!(found.len() >= 4, "{found:?}");
    for finding in &found {
        assert_eq!(&messages[finding.message].text[finding.span.clone()], finding.words);
        assert!(!finding.why.zh.is_empty() && !finding.why.en.is_empty() && !finding.suggestion.zh.is_empty());
    }
    let json = serde_json::to_value(&found[0]).unwrap();
    assert_eq!(json["kind"], "review_pressure");
}

#[test]
fn refuses_packs_that_cannot_be_read() {
    let head = "[pack]\nname = 'x'\nas_of = '2026-11-30'\nsource = 'x'\nconfidence = 'low'\n";
    let settings = "[settings]\nexclamation_run = 2\nheading = 12\ntie_messages = 3\ntie_minutes = 30\ndomains = []\n";
    let refused = |more: &str| LintPack::parse(&[&format!("{head}{settings}{more}")]).unwrap_err();
    assert!(matches!(LintPack::parse(&[head]), Err(PackError::Missing { .. })));
    assert!(matches!(refused(""), PackError::Missing { .. }));
    assert!(matches!(refused("[[list]]\nid = 'a'\nwords = ['。']"), PackError::Pattern { .. }));
    assert!(matches!(refused("[[list]]\nid = 'a'\n[[list]]\nid = 'a'"), PackError::Twice { .. }));
    assert!(matches!(refused("[[list]]\nid = 'a'\npatterns = ['[b]']"), PackError::UnknownList { .. }));
    assert!(matches!(refused("[[list]]\nid = 'a'\npatterns = ['3 甲']"), PackError::Pattern { .. }));
    assert!(matches!(refused("[[list]]\nid = 'a'\nvariants = ['upside-down']"), PackError::Pattern { .. }));
    assert!(matches!(LintPack::parse(&["nonsense"]), Err(PackError::Form { .. })));
}

#[test]
fn no_message_makes_it_panic_and_spans_stay_on_characters() {
    let parts = [
        "删",
        "差评",
        "，",
        "。",
        "给",
        "10",
        "元",
        "不",
        "就",
        "微",
        "❤",
        "信",
        "「",
        "」",
        "说",
        "您",
        "我们",
        "Ｖ",
        "vx:",
        "abc12345",
        "\n",
        " ",
        "\u{301}",
        "🐟",
        "发错",
        "如果",
        "吗",
        "100%",
        "review",
        "five stars",
        "红包",
        "⑫",
        "亻言",
        "",
    ];
    // SplitMix64.
    let mut state = 11_u64;
    let mut below = |end: usize| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ z >> 31) % end as u64) as usize
    };
    for _ in 0..2_000 {
        let text: String = (0..below(20)).map(|_| parts[below(parts.len())]).collect();
        let messages = [chat(&["m:"]), chat(&["b:"])].concat().into_iter().map(|m| Message { text: text.clone(), ..m });
        let messages: Vec<_> = messages.collect();
        let found = check_chats(&messages, LintPack::built_in());
        assert_eq!(found, check_chats(&messages, LintPack::built_in()));
        for finding in found {
            assert_eq!(text[finding.span.clone()], finding.words);
        }
    }
}
