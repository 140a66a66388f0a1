//! What holds of every deadline, tried on seeded random ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use chrono::{Days, NaiveDate};
use huoyan_dossier::deadline::{Calendar, Countdown, Instant, Rules, ics};
use huoyan_model::Locale;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ z >> 31) % end
    }

    fn moment(&mut self) -> Instant {
        let (date, zone) = (self.date(), [-11, -5, 0, 3, 8, 14][self.below(6) as usize]);
        let (h, m, s) = (self.below(24), self.below(60), self.below(60));
        Instant::parse(&format!("{date}T{h:02}:{m:02}:{s:02}{zone:+03}:00")).unwrap()
    }

    fn date(&mut self) -> NaiveDate {
        NaiveDate::from_ymd_opt(2002, 1, 1).unwrap() + Days::new(self.below(27 * 365))
    }
}

#[test]
fn a_later_start_or_a_greater_amount_never_ends_earlier() {
    let (calendar, mut random) = (Calendar::built_in(), Random(1));
    for _ in 0..20_000 {
        let (start, later) = (random.date(), random.below(40));
        let (amount, more) = (random.below(30) as u32, random.below(10) as u32);
        let end = |start, amount| calendar.after(start, amount).unwrap().date;
        assert!(end(start, amount) <= end(start + Days::new(later), amount), "{start} +{later} {amount}");
        assert!(end(start, amount) <= end(start, amount + more), "{start} {amount} +{more}");
        assert!(end(start, amount) >= start + Days::new(u64::from(amount)));
        let back = |start, amount| calendar.before(start, amount).unwrap().date;
        assert!(back(start, amount) <= back(start + Days::new(later), amount), "{start} -{later} {amount}");
        // Going back from a working day comes to the last day from which one would have reached it.
        let reached = end(start, amount);
        if amount > 0 {
            assert!(back(reached, amount) <= start || !calendar.is_working(start), "{start} {amount}");
            assert!(calendar.is_working(reached));
        }
    }
}

#[test]
fn every_rule_is_monotone_and_inclusive_never_ends_after_exclusive() {
    let (calendar, rules, mut random) = (Calendar::built_in(), Rules::built_in(), Random(2));
    for _ in 0..3_000 {
        let (one, other) = (random.moment(), random.moment());
        let (early, late) = (one.min(other), one.max(other));
        for rule in rules.iter() {
            let first = rules.deadline(&rule.id, early, calendar).unwrap();
            let second = rules.deadline(&rule.id, late, calendar).unwrap();
            assert!(first.working <= second.working, "{} {early} {late}", rule.id);
            for (a, b) in first.readings.iter().zip(&second.readings) {
                assert!(a.due <= b.due, "{} {} {early} {late}", rule.id, a.id);
            }
        }
        let appeal = rules.deadline("appeal", early, calendar).unwrap();
        assert!(appeal.readings[0].due <= appeal.readings[1].due && appeal.working == appeal.readings[0].due);
    }
}

#[test]
fn a_countdown_only_falls_and_its_parts_add_up() {
    let mut random = Random(3);
    for _ in 0..20_000 {
        let (due, now) = (random.moment(), random.moment());
        let later = now.plus_hours(random.below(400) as i64).unwrap();
        let (a, b) = (Countdown::new(due, now, &[72, 24, 4]), Countdown::new(due, later, &[72, 24, 4]));
        assert!(a.seconds >= b.seconds && a.urgency <= b.urgency, "{due} {now} {later}");
        let whole = (a.days * 24 + u64::from(a.hours)) * 60 + u64::from(a.minutes);
        assert_eq!(whole, a.seconds.unsigned_abs() / 60);
        assert_eq!(a.overdue, now > due);
    }
}

#[test]
fn calendar_lines_are_short_and_cut_no_character() {
    let (calendar, rules, mut random) = (Calendar::built_in(), Rules::built_in(), Random(4));
    let letters: Vec<char> = "甲乙丙，；,;\\\n\r\t\u{7}a ❤é🐟".chars().collect();
    for _ in 0..500 {
        let case: String =
            (0..random.below(90)).map(|_| letters[random.below(letters.len() as u64) as usize]).collect();
        let start = random.moment();
        let deadlines: Vec<_> = rules.iter().map(|rule| rules.deadline(&rule.id, start, calendar).unwrap()).collect();
        let locale = if random.below(2) == 0 { Locale::Zh } else { Locale::En };
        let file = ics(&case, &deadlines, start, locale);
        assert_eq!(file, ics(&case, &deadlines, start, locale));
        let lines: Vec<&str> = file.strip_suffix("\r\n").unwrap().split("\r\n").collect();
        for line in &lines {
            assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line}");
        }
        // Unfolded, every line is a property or a component's border.
        let unfolded = file.replace("\r\n ", "");
        for line in unfolded.split_terminator("\r\n") {
            assert!(
                line.split([':', ';']).next().unwrap().chars().all(|c| c.is_ascii_uppercase() || c == '-'),
                "{line}"
            );
        }
        assert_eq!(unfolded.matches("BEGIN:VALARM").count(), 3 * deadlines.len());
    }
}
