use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::pack::{LintPack, LintRule, Scope};
use super::text::Text;
use super::{ChatFinding, Kind};
use crate::deadline::Instant;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// The shop or its staff.
    Merchant,
    /// The buyer.
    Buyer,
    /// The platform, a robot, or somebody unknown.
    Other,
}

/// A message of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who wrote it.
    pub who: Who,
    /// When.
    pub at: Instant,
    /// What.
    pub text: String,
}

/// Checks a chat, given in the order of its messages: the merchant's for what would sink the appeal, the buyer's for what can
/// be cited in it. Findings come by message and place.
pub fn check_chats(messages: &[Message], pack: &LintPack) -> Vec<ChatFinding> {
    let mut found = Vec::new();
    let mut offers = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let scope = match message.who {
            Who::Merchant => Scope::Merchant,
            Who::Buyer => Scope::Buyer,
            Who::Other => continue,
        };
        let ready = Text::new(&message.text, pack);
        for rule in pack.rules().filter(|rule| rule.scope.contains(&scope)) {
            for span in ready.find(rule) {
                if rule.id == OFFER {
                    offers.push((index, span));
                } else {
                    found.push(finding(index, &message.text, span, rule, None));
                }
            }
        }
    }
    tie(messages, &offers, pack, &mut found);
    // What makes the review depend on money is not also the pressing of a right: one sentence gets one verdict.
    let extorts: Vec<(usize, Range<usize>)> = found
        .iter()
        .filter(|finding| finding.kind == Kind::Extortion)
        .map(|finding| (finding.message, finding.span.clone()))
        .collect();
    found.retain(|finding| {
        let told = |(message, span): &(usize, Range<usize>)| {
            *message == finding.message && span.start < finding.span.end && finding.span.start < span.end
        };
        finding.kind != Kind::ConditionalThreat || !extorts.iter().any(told)
    });
    found.sort_by(|a, b| (a.message, a.span.start, a.kind, &a.rule).cmp(&(b.message, b.span.start, b.kind, &b.rule)));
    found
}

/// The rule for an offer that is harmless on its own.
const OFFER: &str = "offer_near_pressure";

/// Offers of the merchant near his own pressure, in the same message or a few before or after, are taken to be tied to it.
fn tie(messages: &[Message], offers: &[(usize, Range<usize>)], pack: &LintPack, found: &mut Vec<ChatFinding>) {
    let Some(rule) = pack.rules().find(|rule| rule.id == OFFER) else { return };
    let mut tied = Vec::new();
    for (index, span) in offers {
        let told = |finding: &ChatFinding| finding.kind == Kind::CompensationForReview && finding.message == *index;
        if found.iter().any(told) {
            continue;
        }
        let near = found
            .iter()
            .filter(|finding| matches!(finding.kind, Kind::ReviewPressure))
            .map(|finding| finding.message)
            .filter(|other| {
                let apart = messages[*other].at.seconds_until(messages[*index].at).abs();
                other.abs_diff(*index) <= pack.settings.tie_messages && apart <= pack.settings.tie_minutes * 60
            })
            .min_by_key(|other| other.abs_diff(*index));
        if let Some(other) = near {
            tied.push(finding(*index, &messages[*index].text, span.clone(), rule, Some(other)));
        }
    }
    found.extend(tied);
}

fn finding(message: usize, text: &str, span: Range<usize>, rule: &LintRule, with: Option<usize>) -> ChatFinding {
    ChatFinding {
        message,
        words: text[span.clone()].to_owned(),
        span,
        kind: rule.kind,
        severity: rule.severity,
        helps: rule.scope == [Scope::Buyer],
        with,
        rule: rule.id.clone(),
        why: rule.reason.clone(),
        suggestion: rule.suggestion.clone(),
    }
}
