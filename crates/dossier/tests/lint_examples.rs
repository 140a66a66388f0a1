//! Every rule finds what its own examples say, and nothing in those that are innocent.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use huoyan_dossier::deadline::Instant;
use huoyan_dossier::lint::{ExhibitId, LintPack, LintRule, Message, Scope, Who, check_chats, check_statement};

fn message(who: Who, text: &str) -> Message {
    Message { who, at: Instant::parse("2026-11-22T10:00:00+08:00").unwrap(), text: text.to_owned() }
}

/// The spans that a rule finds in a text, for each scope that the rule has.
fn found(rule: &LintRule, text: &str) -> Vec<String> {
    let pack = LintPack::built_in();
    let mut words = Vec::new();
    for scope in &rule.scope {
        match scope {
            Scope::Statement => {
                let report = check_statement(text, &[ExhibitId(1)], pack);
                words.extend(report.findings.into_iter().filter(|f| f.rule == rule.id).map(|f| f.words));
            }
            Scope::Merchant | Scope::Buyer => {
                let who = if *scope == Scope::Buyer { Who::Buyer } else { Who::Merchant };
                let findings = check_chats(&[message(who, text)], pack);
                words.extend(findings.into_iter().filter(|f| f.rule == rule.id).map(|f| f.words));
            }
        }
    }
    words
}

#[test]
fn every_rule_finds_its_positive_examples_and_spares_its_negative_ones() {
    let mut wrong = Vec::new();
    for rule in LintPack::built_in().rules() {
        assert!(!rule.positive.is_empty() && !rule.negative.is_empty(), "{} has no examples", rule.id);
        assert!(!rule.source.title.is_empty() && rule.source.as_of.starts_with("20"), "{}", rule.id);
        for text in &rule.positive {
            if found(rule, text).is_empty() {
                wrong.push(format!("{}: nothing in {text}", rule.id));
            }
        }
        for text in &rule.negative {
            let words = found(rule, text);
            if !words.is_empty() {
                wrong.push(format!("{}: {words:?} in {text}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
