//! Tokens, commitments, profiles, fields, and what holds for any text.

use huoyan_dossier::privacy::{
    CaseKey, Context, FieldKind, Kind, Known, Language, OpeningError, Profile, Redactor, Source, field_kind, find,
    leaks, verify_opening,
};
use serde_json::json;

fn redactor() -> Redactor {
    Redactor::new(CaseKey::from_bytes([1; 32]))
}

fn source() -> Source<'static> {
    Source { exhibit: "E02", field: "" }
}

#[test]
fn disguised_forms_of_a_value_get_one_token_and_another_case_another() {
    let mut redactor = redactor();
    let token = |redactor: &mut Redactor, text: &str| redactor.text(text, source()).redactions[0].token.clone();
    let plain = token(&mut redactor, "电话13800138000");
    for text in ["手机一三八零零一三八零零零", "138-0013-8000", "１３８００１３８０００"] {
        assert_eq!(token(&mut redactor, text), plain, "{text}");
    }
    assert_ne!(token(&mut redactor, "电话13800138001"), plain);
    let mut other = Redactor::new(CaseKey::from_bytes([2; 32]));
    assert_ne!(token(&mut other, "电话13800138000"), plain);
    assert!(plain.starts_with("[手机·"));
    let mut english = self::redactor().with_language(Language::En);
    assert!(token(&mut english, "电话13800138000").starts_with("[phone·"));
}

#[test]
fn tokens_of_two_values_never_collide() {
    let mut redactor = redactor();
    let mut seen = std::collections::HashSet::new();
    for i in 0..5_000 {
        assert!(seen.insert(redactor.token(Kind::Mobile, &format!("138{i:08}"))), "value {i}");
    }
    assert_eq!(redactor.token(Kind::Mobile, "13800000000"), redactor.token(Kind::Mobile, "13800000000"));
}

#[test]
fn a_redaction_opens_alone_and_wrong_openings_are_refused() {
    let mut redactor = redactor();
    let done = redactor.text("收货人：张建国，电话13800138000", source());
    assert_eq!(done.redactions.len(), 2);
    for redaction in &done.redactions {
        assert_eq!(&done.text[redaction.range.clone()], redaction.token);
        let opening = redactor.open(redaction).unwrap();
        assert_eq!(verify_opening(&redaction.commitment, &opening), Ok(()));
        let other = done.redactions.iter().find(|other| *other != redaction).unwrap();
        assert_eq!(verify_opening(&other.commitment, &opening), Err(OpeningError::Differs));
        let mut wrong = opening.clone();
        wrong.value.push('0');
        assert_eq!(verify_opening(&redaction.commitment, &wrong), Err(OpeningError::Differs));
        let mut wrong = opening.clone();
        wrong.salt.replace_range(..1, if opening.salt.starts_with('0') { "1" } else { "0" });
        assert_eq!(verify_opening(&redaction.commitment, &wrong), Err(OpeningError::Differs));
        wrong.salt = "é".repeat(32);
        assert_eq!(verify_opening(&redaction.commitment, &wrong), Err(OpeningError::Salt));
    }
}

#[test]
fn the_same_value_twice_has_two_commitments() {
    let done = redactor().text("13800138000 和 13800138000", source());
    assert_eq!(done.redactions[0].token, done.redactions[1].token);
    assert_ne!(done.redactions[0].commitment, done.redactions[1].commitment);
}

#[test]
fn profiles_differ_in_orders_and_buyers() {
    let text = "订单号6923456789012345678，电话13800138000";
    let with = |name: &str| redactor().with_profile(Profile::named(name).unwrap()).text(text, source()).text;
    assert!(with("platform").contains("6923456789012345678"));
    for name in ["public", "confidential"] {
        assert!(!with(name).contains("6923456789012345678"), "{name}");
    }
    assert!(["platform", "public", "confidential"].iter().all(|name| !with(name).contains("13800138000")));
    assert_eq!(Profile::named("unknown"), None);
}

#[test]
fn fields_are_known_by_name() {
    for (name, kind) in [
        ("收货人", FieldKind::Whole(Kind::Name)),
        ("Receiver_Name", FieldKind::Whole(Kind::Name)),
        ("备用手机号", FieldKind::Whole(Kind::Mobile)),
        ("buyer_phone", FieldKind::Whole(Kind::Mobile)),
        ("省份", FieldKind::Stays),
        ("标题", FieldKind::Free),
        ("shop_name", FieldKind::Shop),
        ("订单编号", FieldKind::Whole(Kind::Order)),
    ] {
        assert_eq!(field_kind(name), kind, "{name}");
    }
}

#[test]
fn json_and_tables_lose_whole_fields_and_values_in_free_text() {
    let mut redactor = redactor();
    let mut value = json!({
        "订单编号": "6923456789012345678",
        "receiver": {"name": "张建国", "phone": 13_800_138_000_u64, "province": "浙江省", "address": "浙江省杭州市西湖区文三路478号"},
        "备注": ["张建国先生的电话是138-0013-8000", "无"],
        "邮箱": "-",
    });
    let redactions = redactor.json(&mut value, Source { exhibit: "E03", field: "" });
    let text = value.to_string();
    assert!(text.contains("6923456789012345678") && text.contains("浙江省杭州市["), "{text}");
    assert!(leaks(text.as_bytes(), &["张建国", "13800138000", "138-0013-8000", "文三路478号"]).is_empty(), "{text}");
    assert_eq!(value["备注"][1], "无");
    assert_eq!(value["邮箱"], "-");
    let fields: Vec<&str> = redactions.iter().map(|redaction| redaction.field.as_str()).collect();
    assert!(fields.contains(&"/receiver/phone") && fields.contains(&"/备注/0"), "{fields:?}");
    let tokens: std::collections::HashSet<_> =
        redactions.iter().filter(|r| r.kind == Kind::Mobile).map(|r| &r.token).collect();
    assert_eq!(tokens.len(), 1, "one number, one token");

    let mut rows = [["收货人", "备注"], ["王小明", "打13900139000"]].map(|row| row.map(str::to_owned).to_vec());
    let redactions = redactor.table(&mut rows, Source { exhibit: "E03", field: "" });
    assert_eq!(redactions.len(), 2);
    assert_eq!((redactions[0].field.as_str(), &rows[0][0]), ("1/0", &"收货人".to_owned()));
    assert!(leaks(rows[1].join(",").as_bytes(), &["王小明", "13900139000"]).is_empty());
}

#[test]
fn what_stays_of_a_field_is_looked_into_all_the_same() {
    for (name, value, stays) in [
        ("订单号", "6934567890123456789 联系13812345678", "6934567890123456789"),
        ("order_id", "6934567890123456789/13812345678", "6934567890123456789"),
        ("运单号", "SF1390000123456，收件人电话13812345678", "SF1390000123456"),
        ("省", "浙江省13812345678", "浙江省"),
        ("city", "杭州市 微信13812345678", "杭州市"),
        ("买家昵称", "小鱼干13812345678", "小鱼干"),
        ("邮编", "310012", "310012"),
    ] {
        let mut json = json!({ name: value });
        redactor().json(&mut json, source());
        let mut rows = [vec![name.to_owned(), "备注".to_owned()], vec![value.to_owned(), "好".to_owned()]];
        redactor().table(&mut rows, source());
        for text in [json.to_string(), rows[1].join(",")] {
            assert!(text.contains(stays) && !text.contains("13812345678"), "{name}: {text}");
        }
    }
    // A number that is the order's by its column is nobody's card.
    let alone = redactor().value(field_kind("订单号"), "6222021234567890128", source());
    assert!(alone.redactions.is_empty(), "{alone:?}");
}

#[test]
fn places_stay_whole_in_their_fields() {
    for place in ["宁夏回族自治区", "张家口市", "安康", "石家庄", "高雄", "包头市", "金华市", "广东", "香港特别行政区"]
    {
        let done = redactor().value(FieldKind::Stays, place, source());
        assert!(done.redactions.is_empty(), "{place}: {}", done.text);
    }
}

#[test]
fn a_digest_behind_other_words_exempts_nothing() {
    let mut value =
        json!({"device": "用户 13987654321 身份证330106199003076512 token:9e107d9d372bb6826bd81d3542a419d6"});
    redactor().json(&mut value, source());
    assert!(leaks(value.to_string().as_bytes(), &["13987654321", "330106199003076512"]).is_empty(), "{value}");
}

#[test]
fn two_names_of_fields_that_are_one_value_leave_both_fields() {
    let mut value = json!({"13800138000": 1, "138-0013-8000": 2});
    redactor().json(&mut value, source());
    assert_eq!(value.as_object().unwrap().len(), 2, "{value}");
}

#[test]
fn file_names_keep_their_extension() {
    let done = redactor().file_name("张建国_13800138000_聊天.png", source());
    assert!(
        done.text.ends_with("_聊天.png") && !done.text.contains("13800138000") && !done.text.contains("张建国"),
        "{}",
        done.text
    );
}

#[test]
fn known_names_are_found_where_nothing_says_that_they_are_names() {
    let known = Known::new([(Kind::Name, "张建国".to_owned()), (Kind::Name, "张".to_owned())]);
    let context = Context { known: Some(&known) };
    assert!(find("张建国你好", &Context::default()).is_empty());
    assert_eq!(find("张建国你好", &context).len(), 1);
    assert_eq!(find("张 建 国你好", &context).len(), 1);
    assert!(find("夸张的建国大业", &context).is_empty());
}

/// A small generator, so that the texts are the same on every machine.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn any_text_is_redacted_once_and_for_all() {
    let parts: Vec<&str> = "电话 微信 QQ 收货人 ： ， 。 \n 138 0013 8000 13800138000 张 建国 先生 女士 文三路 478 号 3 幢 浙江省 杭州市 西湖区 @ qq .com [手机·A3F7] [ ] · \u{200B} ❤ ①③⑧ 一三八 SF 订单号 6222021234567890128 11010519491231002X x 身份证 卡号 abc_123 京A 12345 - . / : 203.0.113.77 :: 地址 寄到 IMEI 490154203237518 １３８ 👨‍👩‍👧 é 幺 吧 散 E12345678 护照 Mr. John Road 陆 伍"
        .split(' ')
        .collect();
    let mut state = 7;
    let mut redactor = redactor();
    for round in 0..4_000 {
        let count = 1 + next(&mut state) % 14;
        let mut text = String::new();
        for _ in 0..count {
            text.push_str(parts[next(&mut state) % parts.len()]);
            if next(&mut state).is_multiple_of(4) {
                text.push(char::from_u32(next(&mut state) as u32 % 0x1_1000).unwrap_or(' '));
            }
        }
        let spans = find(&text, &Context::default());
        let mut last = 0;
        for span in &spans {
            assert!(span.range.start >= last && span.range.start < span.range.end, "round {round}: {text:?} {spans:?}");
            assert!(
                text.is_char_boundary(span.range.start) && text.is_char_boundary(span.range.end),
                "{text:?} {spans:?}"
            );
            last = span.range.end;
        }
        let once = redactor.text(&text, source());
        let twice = redactor.text(&once.text, source());
        assert_eq!(once.text, twice.text, "round {round}: {text:?}");
        assert!(twice.redactions.is_empty());
    }
}
