//! Judges one plugin by one law.

use std::time::Duration;

use huoyan_host::Plugin;
use huoyan_model::Localized;

use crate::laws::{Breach, Law};
use crate::report::{Break, LawReport, Outcome};
use crate::rows::Row;
use crate::shrink::{Effort, shrink};
use crate::subject::{Context, Subject};

/// Judges every detector of the plugin by a law.
pub(crate) fn law(plugin: &Plugin, law: &Law, context: Context<'_>) -> Result<Vec<LawReport>, Localized> {
    let mut reports = Vec::new();
    for spec in &plugin.file().manifest.detectors {
        let subject = Subject::new(plugin, spec, context)?;
        context.trail.begin(&spec.name, &reports);
        let outcome = outcome(law, &subject);
        reports.push(LawReport { spoke: subject.spoke(), ..report(law, &spec.name, outcome) });
    }
    Ok(reports)
}

pub(crate) fn report(law: &Law, detector: &str, outcome: Outcome) -> LawReport {
    LawReport { law: law.id.to_owned(), name: law.info().name, detector: detector.to_owned(), spoke: None, outcome }
}

fn outcome(law: &Law, subject: &Subject<'_>) -> Outcome {
    if let Some(why) = (law.moot)(subject) {
        return Outcome::Moot { why };
    }
    let inputs = (law.inputs)(subject);
    let (count, mut unjudged) = (inputs.len(), None);
    for rows in inputs {
        subject.trail.step(&rows, None);
        match (law.holds)(subject, &rows) {
            Ok(()) => {}
            Err(Breach::Elsewhere(why)) => unjudged = unjudged.or(Some(why)),
            Err(Breach::Here { what, config }) => {
                return Outcome::Broken(smallest(law, subject, rows, what, config));
            }
        }
    }
    match unjudged {
        Some(why) => Outcome::Unjudged { why },
        None => Outcome::Kept { inputs: count, note: (law.note)(subject) },
    }
}

fn smallest(law: &Law, subject: &Subject<'_>, rows: Vec<Row>, what: Localized, config: Option<String>) -> Break {
    // Should the process be gone while a smaller input is looked for, what was found stays.
    subject.trail.found(&rows, &what, config.as_deref());
    let mut found = (what, config);
    let rows = if law.shrinks {
        let share = subject.options.time_limit / 4;
        let effort = Effort { tries: 400, time: share.min(Duration::from_secs(4)) };
        shrink(rows, effort, |rows| match (law.holds)(subject, rows) {
            Err(Breach::Here { what, config }) => {
                subject.trail.found(rows, &what, config.as_deref());
                found = (what, config);
                true
            }
            _ => false,
        })
    } else {
        rows
    };
    let input = rows.iter().map(Row::to_json).collect();
    Break { what: found.0, config: found.1, input, by_fixture: law.by_fixture }
}
