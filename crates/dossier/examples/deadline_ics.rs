//! Writes every deadline of the pack, in both languages, as one calendar file for `benches/calendar/check_ics.py`.
#![expect(clippy::print_stdout, reason = "a command for benches/calendar")]

use std::error::Error;

use huoyan_dossier::deadline::{Calendar, Instant, Rules, ics};
use huoyan_model::Locale;

fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::parse("2026-11-30T23:30:00+08:00")?;
    let rules = Rules::built_in();
    let deadlines = rules
        .iter()
        .map(|rule| rules.deadline(&rule.id, start, Calendar::built_in()))
        .collect::<Result<Vec<_>, _>>()?;
    let locale = if std::env::args().any(|arg| arg == "en") { Locale::En } else { Locale::Zh };
    print!("{}", ics("CASE-20261130-0001；甲,乙\\丙", &deadlines, start, locale));
    Ok(())
}
