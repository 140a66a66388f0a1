//! Every rule's own examples behave as its pack says.

use prohibited_keyword::pack::Pack;
use prohibited_keyword::{PACKS, Workspace, bundled};

#[test]
fn every_example_behaves_as_declared() {
    let screen = bundled().expect("the bundled packs compile");
    let (mut work, mut found) = (Workspace::new(), Vec::new());
    let mut wrong = Vec::new();
    for (name, toml) in PACKS {
        for rule in Pack::parse(name, toml).expect("the pack parses").rules {
            let examples = &rule.examples;
            assert!(
                examples.positive.len() >= 3 && examples.negative.len() >= 3,
                "{} needs three examples each",
                rule.id
            );
            let both = [(&examples.positive, true), (&examples.negative, false)];
            for (texts, want) in both {
                for text in texts {
                    screen.scan(text, "", &mut work, &mut found);
                    let hits: Vec<_> = found.iter().filter(|hit| hit.score >= 0.5).collect();
                    let met = hits.iter().any(|hit| screen.rules()[hit.rule].id == rule.id);
                    // An innocent example is innocent of every rule, not only of the one it stands under.
                    if met != want || !want && !hits.is_empty() {
                        let told: Vec<_> = hits
                            .iter()
                            .map(|hit| format!("{} '{}'", screen.rules()[hit.rule].id, &text[hit.start..hit.end]))
                            .collect();
                        wrong.push(format!("{} wants {want} for '{text}', found {told:?}", rule.id));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
