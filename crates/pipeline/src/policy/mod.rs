//! Policy: what is made of what detectors saw. A finding gets a severity, may be set aside, and asks for a verdict; a
//! record gets the strictest verdict that its findings ask for.
//!
//! It exists apart from the detectors so that one plugin serves a strict platform and a cautious merchant. What must
//! stay true: it is pure once made (no clock: the day is given; no files: they are read in [`Policy::new`]); a finding
//! below 0.5 never moves a verdict; whatever sets a finding aside names its reason, and nothing is set aside silently.

mod decisions;
mod known;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use huoyan_model::{Finding, Fingerprint, Localized, RuleInfo, Severity, Verdict, VerdictReason};
use serde_json::Value;

pub use crate::config::Date;
use crate::config::{Cap, Config, ConfigError, FailOn, PolicyConfig, RuleConfig, Suppression};
pub use decisions::{Decision, read_decisions};
use known::Known;

/// The policy in force.
#[derive(Clone, Debug)]
pub struct Policy {
    settings: PolicyConfig,
    fail_on: FailOn,
    rules: BTreeMap<String, RuleConfig>,
    severities: BTreeMap<String, Severity>,
    allow: Vec<AllowEntry>,
    suppressions: BTreeMap<Fingerprint, String>,
    known: Known,
    notes: Vec<Localized>,
}

/// An allow entry with its phrase normalised.
#[derive(Clone, Debug)]
struct AllowEntry {
    rule: Option<String>,
    phrase: Option<String>,
    record: Option<String>,
    shop: Option<String>,
    reason: String,
}

impl Policy {
    /// The policy of a configuration on a day, given the rules that detectors declare. Reads the baseline and
    /// decisions files that the configuration names.
    ///
    /// # Errors
    /// A baseline or decisions file that cannot be read or understood.
    pub fn new(config: &Config, rules: &BTreeMap<String, RuleInfo>, today: Date) -> Result<Self, ConfigError> {
        let mut notes = Vec::new();
        let mut suppressions = BTreeMap::new();
        for entry in &config.suppress {
            // The configuration was checked when it was loaded; one built by hand may hold anything.
            let Some(fingerprint) = Fingerprint::parse(&entry.fingerprint) else { continue };
            if entry.until < today {
                let (until, reason) = (entry.until, &entry.reason);
                notes.push(Localized::new(
                    format!("对 {fingerprint} 的豁免已于 {until} 到期，该发现重新计入（{reason}）"),
                    format!("the suppression of {fingerprint} ended on {until}; its finding counts again ({reason})"),
                ));
            } else {
                suppressions.insert(fingerprint, describe(entry));
            }
        }
        let allowed = config.allow.iter().filter_map(|entry| entry.rule.as_ref());
        let capped = config.policy.caps.iter().filter_map(|cap| cap.rule.as_ref());
        let ids: Vec<&str> = rules.keys().map(String::as_str).collect();
        for id in config.rules.keys().chain(allowed).chain(capped) {
            if !rules.contains_key(id) {
                let help = crate::config::suggest(id, &ids);
                let note = Localized::new(
                    format!("配置里的规则 '{id}' 不属于本次运行的任何检测器{}", help.zh),
                    format!("the configuration names rule '{id}', which no detector of this run declares{}", help.en),
                );
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
        let mut known = Known::default();
        for path in [&config.baseline, &config.decisions].into_iter().flatten() {
            known.read(path)?;
        }
        let allow = config.allow.iter().map(|entry| AllowEntry {
            rule: entry.rule.clone(),
            phrase: entry.phrase.as_deref().map(normalised),
            record: entry.record.clone(),
            shop: entry.shop.clone(),
            reason: entry.reason.clone(),
        });
        Ok(Self {
            settings: config.policy.clone(),
            fail_on: config.fail_on,
            rules: config.rules.clone(),
            severities: rules.iter().map(|(id, rule)| (id.clone(), rule.severity)).collect(),
            allow: allow.collect(),
            suppressions,
            known,
            notes,
        })
    }

    /// What a person should know: suppressions that have ended, rules that nothing declares.
    pub fn notes(&self) -> &[Localized] {
        &self.notes
    }

    /// Whether findings of a rule are kept at all.
    pub fn enabled(&self, rule: &str) -> bool {
        self.rules.get(rule).is_none_or(|rule| rule.enabled)
    }

    /// Whether a finding counts: its rule is on, and its score reaches 0.5 and the rule's threshold.
    pub fn stands(&self, finding: &Finding) -> bool {
        let threshold = self.rules.get(&finding.rule).and_then(|rule| rule.threshold).unwrap_or(0.5);
        self.enabled(&finding.rule) && finding.score >= threshold.max(0.5)
    }

    /// How bad a finding is: the configuration's word on its rule, else the rule's own, else medium.
    pub fn severity(&self, finding: &Finding) -> Severity {
        let configured = self.rules.get(&finding.rule).and_then(|rule| rule.severity);
        configured.or_else(|| self.severities.get(&finding.rule).copied()).unwrap_or(Severity::Medium)
    }

    /// Why a finding is set aside, if it is. The reason starts with `suppression`, `allow`, `decision` or `baseline`;
    /// where several apply, the first of these is given.
    pub fn suppressed(&self, finding: &Finding) -> Option<String> {
        if let Some(reason) = self.suppressions.get(&finding.fingerprint) {
            return Some(reason.clone());
        }
        if let Some(entry) = self.allow.iter().find(|entry| entry.covers(finding)) {
            return Some(format!("allow: {}", entry.reason));
        }
        self.known.reason(finding.fingerprint)
    }

    /// The verdict on a record and the reasons for it, most severe first, from all its findings, those of its pictures
    /// included. Severity and suppression are asked of this policy, whatever the findings carry.
    pub fn verdict<'f>(&self, findings: impl IntoIterator<Item = &'f Finding>) -> (Verdict, Vec<VerdictReason>) {
        let mut verdict = Verdict::Pass;
        let mut reasons: BTreeMap<Fingerprint, VerdictReason> = BTreeMap::new();
        for finding in findings {
            if !self.stands(finding) || self.suppressed(finding).is_some() {
                continue;
            }
            let severity = self.severity(finding);
            verdict = verdict.max(self.asked(finding, severity));
            let reason = VerdictReason {
                rule: finding.rule.clone(),
                detector: finding.detector.clone(),
                severity,
                score: finding.score,
                fingerprint: finding.fingerprint,
            };
            // The same words twice in a field have one fingerprint and are one reason, at the higher score.
            let slot = reasons.entry(finding.fingerprint).or_insert_with(|| reason.clone());
            if slot.score < reason.score {
                *slot = reason;
            }
        }
        let mut reasons: Vec<VerdictReason> = reasons.into_values().collect();
        reasons.sort_by(|a, b| {
            let strength = b.severity.cmp(&a.severity).then(b.score.total_cmp(&a.score));
            strength.then_with(|| a.rule.cmp(&b.rule)).then(a.fingerprint.cmp(&b.fingerprint))
        });
        (verdict, reasons)
    }

    /// Whether a finding makes the run end with status 1.
    pub fn fails(&self, finding: &Finding) -> bool {
        let Some(limit) = self.fail_on.severity() else { return false };
        self.stands(finding) && self.severity(finding) >= limit && self.suppressed(finding).is_none()
    }

    /// The verdict that one finding asks for.
    fn asked(&self, finding: &Finding, severity: Severity) -> Verdict {
        let mut verdict = self.settings.verdicts.get(severity);
        if finding.score < self.settings.reject_from {
            verdict = verdict.min(Verdict::Review);
        }
        for cap in &self.settings.caps {
            if is_meant(cap, finding) && !is_strong(cap, finding.evidence.get(&cap.evidence)) {
                verdict = verdict.min(cap.otherwise);
            }
        }
        verdict
    }
}

impl AllowEntry {
    fn covers(&self, finding: &Finding) -> bool {
        let conditions = [&self.phrase, &self.record, &self.shop];
        let given = conditions.iter().any(|condition| condition.is_some());
        given
            && self.rule.as_ref().is_none_or(|rule| *rule == finding.rule)
            && self.phrase.as_ref().is_none_or(|p| finding.matched.as_deref().is_some_and(|m| normalised(m) == *p))
            && self.record.as_ref().is_none_or(|record| *record == finding.owner)
            && self.shop.as_ref().is_none_or(|shop| finding.shop_id.as_ref() == Some(shop))
    }
}

fn is_meant(cap: &Cap, finding: &Finding) -> bool {
    cap.detector.as_ref().is_none_or(|detector| *detector == finding.detector)
        && cap.rule.as_ref().is_none_or(|rule| *rule == finding.rule)
}

fn is_strong(cap: &Cap, evidence: Option<&Value>) -> bool {
    let Some(evidence) = evidence else { return false };
    if let Some(least) = cap.at_least {
        let amount = match evidence {
            Value::Array(entries) => Some(entries.len() as f64),
            Value::Object(entries) => Some(entries.len() as f64),
            other => other.as_f64(),
        };
        return amount.is_some_and(|amount| amount >= least);
    }
    cap.equals.as_deref().is_some_and(|wanted| evidence.as_str() == Some(wanted))
}

fn describe(entry: &Suppression) -> String {
    match &entry.author {
        Some(author) => format!("suppression until {} by {author}: {}", entry.until, entry.reason),
        None => format!("suppression until {}: {}", entry.until, entry.reason),
    }
}

/// As fingerprints see text: white space and letter case apart.
fn normalised(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}
