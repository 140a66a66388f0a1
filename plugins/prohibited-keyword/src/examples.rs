//! Do the rules' own examples behave as their packs say?

use crate::pack::Pack;
use crate::{Screen, Workspace};

/// An example that does not behave as its rule declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The rule whose example it is.
    pub rule: String,
    /// The example.
    pub text: String,
    /// Whether the rule should have been met.
    pub wanted: bool,
    /// The rules that were met, each with the words it was met by.
    pub met: Vec<(String, String)>,
}

/// How a pack's examples behaved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many examples were run.
    pub run: usize,
    /// Those that did not behave; empty when all is well.
    pub mismatches: Vec<Mismatch>,
}

/// Runs every example of `pack` through `screen`, which must hold the pack. A positive one must meet its rule; a negative one
/// must meet no rule at all, for an innocent title is innocent of the others too.
pub fn test_examples(screen: &Screen, pack: &Pack) -> Report {
    let mut report = Report::default();
    let (mut work, mut found) = (Workspace::new(), Vec::new());
    for rule in &pack.rules {
        for (texts, wanted) in [(&rule.examples.positive, true), (&rule.examples.negative, false)] {
            for text in texts {
                report.run += 1;
                screen.scan(text, "", &mut work, &mut found);
                let met: Vec<(String, String)> = found
                    .iter()
                    .filter(|hit| hit.score >= 0.5)
                    .map(|hit| (screen.rules()[hit.rule].id.clone(), text[hit.start..hit.end].to_owned()))
                    .collect();
                let behaves = if wanted { met.iter().any(|(id, _)| *id == rule.id) } else { met.is_empty() };
                if !behaves {
                    report.mismatches.push(Mismatch { rule: rule.id.clone(), text: text.clone(), wanted, met });
                }
            }
        }
    }
    report
}
