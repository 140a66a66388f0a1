//! Deadlines as the articles state them, and what must hold of every one.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use huoyan_dossier::deadline::{Calendar, Deadline, Flag, Instant, RuleError, Rules, Urgency};

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn due(rule: &str, start: &str) -> Deadline {
    Rules::built_in().deadline(rule, at(start), Calendar::built_in()).unwrap()
}

fn ends(deadline: &Deadline) -> Vec<String> {
    deadline.readings.iter().map(|reading| format!("{} {}", reading.id, reading.due)).collect()
}

#[test]
fn an_appeal_shows_both_readings_and_works_to_the_earlier() {
    let appeal = due("appeal", "2026-11-22T10:00:00+08:00");
    assert_eq!(ends(&appeal), ["inclusive 2026-11-28T23:59:59+08:00", "exclusive 2026-11-29T23:59:59+08:00"]);
    assert_eq!(appeal.working, at("2026-11-28T23:59:59+08:00"));
    assert_eq!(appeal.flags, [Flag::ReadingsDiffer]);
    assert!(appeal.source.title.contains("7 天"));
}

#[test]
fn the_day_of_a_notice_is_its_day_in_china() {
    assert_eq!(due("appeal", "2026-11-22T16:00:00Z").working, at("2026-11-29T23:59:59+08:00"));
    assert_eq!(due("appeal", "2026-11-22T15:59:59Z").working, at("2026-11-28T23:59:59+08:00"));
}

#[test]
fn an_answer_is_expected_within_one_to_five_working_days() {
    let answer = due("appeal_answer", "2026-09-29T10:00:00+08:00");
    assert_eq!(ends(&answer), ["earliest 2026-09-30T23:59:59+08:00", "latest 2026-10-12T23:59:59+08:00"]);
    assert_eq!(answer.working, answer.readings[1].due);
    assert!(answer.flags.is_empty());
}

#[test]
fn complaints_take_three_to_five_working_days_and_complex_ones_fifteen() {
    let ordinary = due("complaint_answer", "2026-11-02T10:00:00+08:00");
    assert_eq!(ends(&ordinary), ["earliest 2026-11-05T23:59:59+08:00", "latest 2026-11-09T23:59:59+08:00"]);
    let complex = due("complaint_answer_complex", "2026-11-02T10:00:00+08:00");
    assert_eq!(ends(&complex), ["working_days 2026-11-23T23:59:59+08:00", "calendar_days 2026-11-17T23:59:59+08:00"]);
    assert_eq!(complex.flags, [Flag::LowConfidence, Flag::ReadingsDiffer]);
}

#[test]
fn an_answer_that_runs_into_an_unknown_year_says_so() {
    let answer = due("appeal_answer", "2026-12-30T10:00:00+08:00");
    assert_eq!(answer.flags, [Flag::UnknownYear { year: 2027 }, Flag::UnsettledYearEnd { year: 2026 }]);
}

#[test]
fn a_counter_notice_waits_fifteen_days_and_may_roll_over_a_holiday() {
    // 15 days after 2026-09-18 is Saturday 3 October, in the holiday that ends on the 7th.
    let wait = due("counter_notice_wait", "2026-09-18T09:00:00+08:00");
    assert_eq!(ends(&wait), ["exclusive 2026-10-03T23:59:59+08:00", "rolled 2026-10-08T23:59:59+08:00"]);
    assert_eq!(wait.working, at("2026-10-08T23:59:59+08:00"));
}

#[test]
fn hours_are_counted_from_the_moment_itself() {
    assert_eq!(ends(&due("refund_response", "2026-11-22T10:00:00+00:00")), ["hours 2026-11-23T18:00:00+08:00"]);
    let shipping = due("ship_timeout", "2026-11-22T10:00:00+08:00");
    assert_eq!(
        ends(&shipping),
        ["first 2026-11-22T10:00:00+08:00", "second 2026-11-23T10:00:00+08:00", "third 2026-11-24T10:00:00+08:00"]
    );
    assert_eq!(shipping.next(at("2026-11-22T10:00:01+08:00")).unwrap().id, "second");
    assert_eq!(shipping.next(at("2026-11-24T10:00:01+08:00")), None);
}

#[test]
fn an_appointment_is_made_three_working_days_before_the_visit() {
    // 8 October is the first working day after the holiday.
    assert_eq!(ends(&due("offline_appointment", "2026-10-09T10:00:00+08:00")), ["exclusive 2026-09-29T23:59:59+08:00"]);
}

#[test]
fn escalates_at_72_24_and_4_hours() {
    let appeal = due("appeal", "2026-11-22T10:00:00+08:00");
    for (now, urgency, within, zh) in [
        ("2026-11-25T23:59:58+08:00", Urgency::Calm, None, "还剩 3 天 0 小时 0 分钟"),
        ("2026-11-25T23:59:59+08:00", Urgency::Step(1), Some(72), "还剩 3 天 0 小时 0 分钟"),
        ("2026-11-28T00:00:00+08:00", Urgency::Step(2), Some(24), "还剩 0 天 23 小时 59 分钟"),
        ("2026-11-28T20:00:00+08:00", Urgency::Step(3), Some(4), "还剩 0 天 3 小时 59 分钟"),
        ("2026-11-28T23:59:59+08:00", Urgency::Step(3), Some(4), "还剩 0 天 0 小时 0 分钟"),
        ("2026-11-29T00:00:00+08:00", Urgency::Overdue, None, "已超期 0 天 0 小时 0 分钟"),
        ("2026-12-01T01:02:00+08:00", Urgency::Overdue, None, "已超期 2 天 1 小时 2 分钟"),
    ] {
        let count = appeal.countdown(at(now));
        assert_eq!((count.urgency, count.within_hours, count.text().zh.as_str()), (urgency, within, zh), "{now}");
    }
}

#[test]
fn the_platform_answers_from_nine_to_midnight() {
    let chat = Rules::built_in().contact("platform_chat").unwrap();
    assert!(chat.is_open(at("2026-11-22T09:00:00+08:00")) && chat.is_open(at("2026-11-22T23:59:59+08:00")));
    assert!(!chat.is_open(at("2026-11-22T08:59:59+08:00")) && !chat.is_open(at("2026-11-22T16:00:00Z")));
    let next = |now| chat.next_open(at(now)).unwrap();
    assert_eq!(next("2026-11-22T03:00:00+08:00"), at("2026-11-22T09:00:00+08:00"));
    assert_eq!(next("2026-11-22T12:00:00+08:00"), at("2026-11-22T12:00:00+08:00"));
    assert_eq!(chat.answer_minutes, 30);
}

#[test]
fn three_unanswered_calls_within_a_day_are_lost_contact() {
    let rule = Rules::built_in().unanswered("lost_contact").unwrap();
    let calls = |times: &[&str]| rule.worst(&times.iter().map(|time| at(time)).collect::<Vec<_>>());
    let near = ["2026-11-22T12:00:00+08:00", "2026-11-22T10:00:00+08:00", "2026-11-23T09:59:59+08:00"];
    assert_eq!(calls(&near), (rule.limit, Some(at("2026-11-23T09:59:59+08:00"))));
    let far = ["2026-11-22T10:00:00+08:00", "2026-11-22T12:00:00+08:00", "2026-11-23T10:00:00+08:00"];
    assert_eq!(calls(&far).0, rule.warn);
    assert_eq!(calls(&[]), (0, None));
}

#[test]
fn every_rule_names_its_source_and_date_and_an_unknown_one_is_refused() {
    for rule in Rules::built_in().iter() {
        assert!(!rule.source.title.is_empty() && rule.source.as_of.starts_with("20"), "{}", rule.id);
        assert!(!rule.text.zh.is_empty() && !rule.text.en.is_empty(), "{}", rule.id);
        due(&rule.id, "2026-11-22T10:00:00+08:00");
    }
    assert_eq!(Rules::built_in().started_by("complaint_filed").count(), 2);
    let error = Rules::built_in().deadline("apeal", at("2026-11-22T10:00:00Z"), Calendar::built_in()).unwrap_err();
    assert!(error.to_string().starts_with("there is no deadline rule 'apeal'; there are appeal, "), "{error}");
    let far = Rules::built_in().deadline("appeal", at("9000-12-30T10:00:00Z"), Calendar::built_in());
    assert!(far.is_err());
}

fn rules(rule: &str) -> Result<Rules, RuleError> {
    let head = "[pack]\nname = 'mine'\nas_of = 2026-11-30\nescalate_hours = [24]\n";
    let rest = "starts = 'now'\nside = 'merchant'\nname = { zh = '甲', en = 'a' }\ntext = { zh = '甲', en = 'a' }\n\
                source = { title = 'me', as_of = '2026', confidence = 'low' }\n";
    Rules::parse(&format!("{head}[[rule]]\nid = 'r'\n{rest}{rule}\n"))
}

#[test]
fn refuses_rules_that_cannot_be_counted() {
    let reading = |more: &str| format!("readings = [{{ id = 'x', name = {{ zh = '甲', en = 'a' }}, {more} }}]");
    assert!(rules(&format!("unit = 'hours'\n{}", reading("amount = 3"))).is_ok());
    assert!(matches!(rules("unit = 'hours'\nreadings = []"), Err(RuleError::NoReading { .. })));
    for (unit, more) in [
        ("hours", "amount = 3, counts_start = true"),
        ("hours", "amount = 3, rolls = true"),
        ("working_days", "amount = 0, counts_start = true"),
        ("calendar_days'\ndirection = 'before", "amount = 3, counts_start = true"),
    ] {
        let error = rules(&format!("unit = '{unit}'\n{}", reading(more)));
        assert!(matches!(error, Err(RuleError::Contradiction { .. })), "{unit} {more}: {error:?}");
    }
    assert!(matches!(
        rules(&format!("unit = 'hours'\n{}", reading("amount = 3651"))),
        Err(RuleError::TooLong { amount: 3_651, .. })
    ));
    assert!(matches!(rules(&format!("unit = 'weeks'\n{}", reading("amount = 3"))), Err(RuleError::Form { .. })));
}
