//! The calendar file.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use huoyan_dossier::deadline::{Calendar, Deadline, Instant, Rules, ics};
use huoyan_model::Locale;

fn appeal() -> Deadline {
    let start = Instant::parse("2026-11-22T10:00:00+08:00").unwrap();
    Rules::built_in().deadline("appeal", start, Calendar::built_in()).unwrap()
}

fn written(case: &str, stamp: &str) -> String {
    ics(case, &[appeal()], Instant::parse(stamp).unwrap(), Locale::Zh)
}

#[test]
fn names_the_moment_in_utc_and_alarms_at_72_24_and_4_hours() {
    let file = written("CASE-1", "2026-11-22T12:00:00+08:00");
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "DTSTAMP:20261122T040000Z",
        "DTSTART:20261128T155959Z",
        "TRIGGER:-PT72H",
        "TRIGGER:-PT24H",
        "TRIGGER:-PT4H",
        "SUMMARY:【CASE-1】罚单申诉 截止",
    ] {
        assert!(file.split("\r\n").any(|found| found == line), "{line} is missing:\n{file}");
    }
}

#[test]
fn folds_long_lines_at_75_octets_between_characters() {
    let file = written("CASE-1", "2026-11-22T12:00:00+08:00");
    let folded: Vec<&str> = file.split("\r\n").skip_while(|line| !line.starts_with("DESCRIPTION")).take(2).collect();
    assert!((73..=75).contains(&folded[0].len()) && folded[1].starts_with(' '), "{folded:?}");
    assert!(file.replace("\r\n ", "").contains("以较早者为准。\\n收到当日为第 1 天：2026-11-28T23:59:59+08:00\\n"));
}

#[test]
fn escapes_what_would_end_a_value() {
    let file = written("a;b,c\\d\ne\r\u{7}f", "2026-11-22T12:00:00+08:00");
    assert!(file.contains("SUMMARY:【a\\;b\\,c\\\\d\\nef】"), "{file}");
}

#[test]
fn keeps_its_uid_when_exported_again_and_has_another_in_another_case() {
    let uid = |file: &str| file.split("\r\n").find(|line| line.starts_with("UID:")).unwrap().to_owned();
    let first = written("CASE-1", "2026-11-22T12:00:00+08:00");
    assert_eq!(uid(&first), uid(&written("CASE-1", "2026-11-24T12:00:00+08:00")));
    assert_ne!(uid(&first), uid(&written("CASE-2", "2026-11-22T12:00:00+08:00")));
}
