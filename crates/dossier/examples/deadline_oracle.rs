//! Compares every case that `benches/calendar/oracle.py --cases FILE` wrote with our own calendar, and says how many differ.
#![expect(clippy::print_stdout, reason = "a command for benches/calendar")]

use std::error::Error;
use std::time::Instant;

use huoyan_dossier::deadline::{Calendar, Flag};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the file of cases")?;
    let text = std::fs::read_to_string(path)?;
    let calendar = Calendar::built_in();
    let (mut cases, mut differences) = (0, 0);
    let began = Instant::now();
    for line in text.lines() {
        let [start, amount, due, estimated] = line.split(',').collect::<Vec<_>>()[..] else {
            return Err(format!("no case: {line}").into());
        };
        let shifted =
            calendar.after(start.parse().map_err(|_| "no day")?, amount.parse()?).ok_or("beyond the calendar")?;
        let flagged = shifted.flags.iter().any(|flag| matches!(flag, Flag::UnknownYear { .. }));
        cases += 1;
        if shifted.date.to_string() != due || flagged != (estimated == "estimated") {
            differences += 1;
            println!("{line}: ours {} {:?}", shifted.date, shifted.flags);
        }
    }
    println!("{cases} cases, {differences} differences, {:?}", began.elapsed());
    Ok(())
}
