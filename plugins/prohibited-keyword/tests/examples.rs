//! Every rule's own examples behave as its pack says.

use prohibited_keyword::pack::Pack;
use prohibited_keyword::{PACKS, bundled, test_examples};

#[test]
fn every_rule_has_three_examples_of_each_kind() {
    for (name, toml) in PACKS {
        for rule in Pack::parse(name, toml).expect("the pack parses").rules {
            let examples = &rule.examples;
            assert!(examples.positive.len() >= 3 && examples.negative.len() >= 3, "{}", rule.id);
        }
    }
}

#[test]
fn every_example_behaves_as_declared() {
    let screen = bundled().expect("the bundled packs compile");
    let packs = PACKS.iter().map(|(name, toml)| Pack::parse(name, toml).expect("the pack parses"));
    let wrong: Vec<String> =
        packs.flat_map(|pack| test_examples(&screen, &pack).mismatches).map(|wrong| format!("{wrong:?}")).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_says_suspected_and_has_a_known_category() {
    const CATEGORIES: &str = "absolute medical_claim false_discount weapon explosive flammable prescription tobacco drug toxic \
                              wildlife adult gambling spy false_document counterfeit incentive other";
    for (name, toml) in PACKS {
        for rule in Pack::parse(name, toml).expect("the pack parses").rules {
            assert!(
                rule.message.zh.contains("疑似") && rule.message.en.to_lowercase().contains("suspected"),
                "{}",
                rule.id
            );
            assert!(CATEGORIES.split(' ').any(|known| known == rule.category), "{}", rule.id);
            assert!(rule.clause.is_some() && rule.rewrite.is_some(), "{}", rule.id);
        }
    }
}
