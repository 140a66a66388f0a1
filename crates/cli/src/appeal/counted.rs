//! By what deadlines are counted: the tables that this version came with, and what the user's own files put beside them.

use std::path::Path;

use huoyan_dossier::check::Tables;
use huoyan_dossier::deadline::{Calendar, Rules};
use huoyan_model::Localized;

use crate::args::appeal::Counted;
use crate::plugins::Failure;

/// The deadlines and the days that are worked.
pub(super) struct Numbers {
    pub rules: Rules,
    pub calendar: Calendar,
}

impl Numbers {
    pub fn read(args: &Counted) -> Result<Self, Failure> {
        let (mut rules, mut calendar) = (Rules::built_in().clone(), Calendar::built_in().clone());
        if let Some(file) = &args.rules {
            rules = rules.with(read(file, |text| Rules::parse(text).map_err(|e| e.message()))?);
        }
        if let Some(file) = &args.calendar {
            calendar = calendar.with(read(file, |text| Calendar::parse(text).map_err(|e| e.message()))?);
        }
        Ok(Self { rules, calendar })
    }

    /// The tables of a check, with these among them.
    pub fn tables(&self) -> Tables<'_> {
        Tables { rules: &self.rules, calendar: &self.calendar, ..Tables::built_in() }
    }
}

fn read<T>(file: &Path, parse: impl Fn(&str) -> Result<T, Localized>) -> Result<T, Failure> {
    let text = std::fs::read_to_string(file).map_err(super::unreadable(file))?;
    parse(&text).map_err(|why| super::of_file(file, &why))
}
