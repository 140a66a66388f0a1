//! The calendar of working days: what it says, and which files it refuses.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use chrono::{Datelike, NaiveDate};
use huoyan_dossier::deadline::{Calendar, CalendarError, Confidence, DayKind, Flag};
use sha2::{Digest, Sha256};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn days_of(year: i32) -> impl Iterator<Item = NaiveDate> {
    day(&format!("{year}-01-01")).iter_days().take_while(move |day| day.year() == year)
}

#[test]
fn equals_the_oracle_for_every_start_of_2004_to_2026_and_1_3_5_15_working_days() {
    let calendar = Calendar::built_in();
    let oracle = include_str!("../data/calendar/oracle.txt");
    let (mut years, mut cases, mut estimated) = (0, 0, 0);
    for line in oracle.lines().filter(|line| !line.starts_with('#')) {
        let [year, bits, digest] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let year: i32 = year.parse().unwrap();
        for (i, date) in days_of(year).enumerate() {
            let figure = u8::from_str_radix(&bits[i / 4..=i / 4], 16).unwrap();
            assert_eq!(calendar.is_working(date), figure >> (3 - i % 4) & 1 == 1, "{date}");
        }
        let mut hash = Sha256::new();
        for start in days_of(year) {
            for amount in [1, 3, 5, 15] {
                let shifted = calendar.after(start, amount).unwrap();
                let unknown = shifted.flags.iter().any(|flag| matches!(flag, Flag::UnknownYear { .. }));
                let word = if unknown { "estimated" } else { "" };
                hash.update(format!("{start},{amount},{},{word}\n", shifted.date));
                cases += 1;
                estimated += usize::from(unknown);
            }
        }
        let ours: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(ours, digest, "{year}");
        years += 1;
    }
    assert_eq!((years, cases, estimated), (23, 33_604, 32));
}

#[test]
fn five_working_days_after_29_september_2026_are_12_october() {
    let shifted = Calendar::built_in().after(day("2026-09-29"), 5).unwrap();
    assert_eq!((shifted.date, shifted.flags), (day("2026-10-12"), vec![]));
}

#[test]
fn a_make_up_saturday_is_worked_and_a_holiday_monday_is_not() {
    let calendar = Calendar::built_in();
    assert_eq!(calendar.kind(day("2026-10-10")), DayKind::MakeUp);
    assert_eq!(calendar.kind(day("2026-10-05")), DayKind::Holiday("国庆节".to_owned()));
    assert_eq!(calendar.kind(day("2026-10-11")), DayKind::Weekend);
    assert_eq!(calendar.kind(day("2026-10-12")), DayKind::Weekday);
}

#[test]
fn the_last_saturday_of_2005_was_worked_as_the_notice_for_2006_says() {
    assert!(Calendar::built_in().is_working(day("2005-12-31")));
}

#[test]
fn an_unknown_year_is_counted_by_weekends_and_flagged() {
    let calendar = Calendar::built_in();
    let shifted = calendar.after(day("2027-01-01"), 5).unwrap();
    assert_eq!((shifted.date, shifted.flags), (day("2027-01-08"), vec![Flag::UnknownYear { year: 2027 }]));
    let before = calendar.before(day("2004-01-02"), 3).unwrap();
    assert_eq!((before.date, before.flags), (day("2003-12-29"), vec![Flag::UnknownYear { year: 2003 }]));
    assert_eq!(Flag::UnknownYear { year: 2027 }.message().zh, "2027 年放假安排未知，按周末估算");
    for year in (1971..2004).chain(2027..2100) {
        let start = day(&format!("{year}-06-01"));
        assert_eq!(calendar.after(start, 15).unwrap().flags, [Flag::UnknownYear { year }]);
    }
}

#[test]
fn the_last_days_of_the_last_known_year_are_flagged_as_unsettled() {
    let calendar = Calendar::built_in();
    assert_eq!(calendar.flag(day("2026-12-24")), None);
    assert_eq!(calendar.flag(day("2026-12-25")), Some(Flag::UnsettledYearEnd { year: 2026 }));
    assert_eq!(calendar.flag(day("2025-12-31")), None);
}

#[test]
fn a_user_file_adds_a_year_and_settles_the_one_before() {
    let mine = Calendar::parse(&file(
        "[[year]]\nyear = 2027\nnotices = ['测试']\nconfidence = 'low'\nholidays = [{ name = '元旦', from = 2027-01-01, to = '2027-01-03' }]",
    ))
    .unwrap();
    let calendar = Calendar::built_in().clone().with(mine);
    let shifted = calendar.after(day("2026-12-31"), 1).unwrap();
    assert_eq!((shifted.date, shifted.flags), (day("2027-01-04"), vec![]));
    assert_eq!(calendar.years().count(), 24);
    assert_eq!(calendar.notices(2027).unwrap().1, Confidence::Low);
}

#[test]
fn every_year_that_ships_names_its_notices() {
    let calendar = Calendar::built_in();
    assert_eq!(calendar.years().collect::<Vec<_>>(), (2004..=2026).collect::<Vec<_>>());
    for year in calendar.years() {
        let (notices, _) = calendar.notices(year).unwrap();
        assert!(notices.iter().any(|notice| notice.contains(&format!("{year}年"))), "{year}");
    }
}

fn file(years: &str) -> String {
    format!("name = 'mine'\nas_of = 2026-11-30\nsource = 'me'\n{years}\n")
}

fn year(body: &str) -> String {
    file(&format!("[[year]]\nyear = 2027\nnotices = []\nconfidence = 'low'\n{body}"))
}

#[test]
fn refuses_days_that_contradict_each_other() {
    let refused = |body: &str| Calendar::parse(&year(body)).unwrap_err();
    let name = || "春节".to_owned();
    assert_eq!(
        refused("holidays = [{ name = '春节', from = 2028-02-05 }]"),
        CalendarError::OutsideYear { year: 2027, day: day("2028-02-05") }
    );
    assert_eq!(
        refused("holidays = [{ name = '春节', from = 2027-02-05, to = 2027-02-01 }]"),
        CalendarError::Reversed { name: name(), from: day("2027-02-05"), to: day("2027-02-01") }
    );
    assert_eq!(
        refused(
            "holidays = [{ name = '春节', from = 2027-02-05, to = 2027-02-11 }, { name = '除夕', from = 2027-02-11 }]"
        ),
        CalendarError::Overlap { day: day("2027-02-11"), first: name(), second: "除夕".to_owned() }
    );
    assert_eq!(refused("make_up = [2027-02-12]"), CalendarError::WeekdayMakeUp { day: day("2027-02-12") });
    assert_eq!(refused("make_up = [2027-02-13, 2027-02-13]"), CalendarError::MakeUpTwice { day: day("2027-02-13") });
    assert_eq!(
        refused("holidays = [{ name = '春节', from = 2027-02-13 }]\nmake_up = [2027-02-13]"),
        CalendarError::MakeUpInHoliday { day: day("2027-02-13"), name: name() }
    );
    assert_eq!(
        Calendar::parse(&file(
            "[[year]]\nyear = 2027\nnotices = []\nconfidence = 'low'\n[[year]]\nyear = 2027\nnotices = []\nconfidence = 'low'"
        )),
        Err(CalendarError::YearTwice { year: 2027 })
    );
    assert_eq!(
        Calendar::parse(&file("[[year]]\nyear = 27\nnotices = []\nconfidence = 'low'")),
        Err(CalendarError::Year { year: 27 })
    );
}

#[test]
fn refuses_files_of_another_form_and_says_where() {
    for body in
        ["make_up = ['2027-2-13']", "make_up = [2027-02-30]", "weekends = []", "make_up = [2027-02-13T08:00:00Z]"]
    {
        let error = Calendar::parse(&year(body)).unwrap_err();
        assert!(matches!(error, CalendarError::Form { .. }), "{body}: {error}");
    }
    let error = Calendar::parse("name = ").unwrap_err().to_string();
    assert!(error.contains("line 1"), "{error}");
}
