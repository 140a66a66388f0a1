//! Findings for a terminal: one paragraph each, with an excerpt of the text and the span marked under it.
//!
//! Every piece of a record goes through [`sanitise`](crate::sanitise): a title can neither move the cursor nor turn the
//! line around. The marks are drawn by display width, so they stand under the characters also in Chinese.

mod excerpt;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use huoyan_model::{
    DetectorOutcome, Finding, Locale, ReportItem, RuleInfo, RunHeader, RunStatus, RunSummary, Severity, Unjudged,
    Verdict,
};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::campaign::{Collected, DETECTOR, Figures, against, label};
use crate::evidence::{family, signal, wrap};
use crate::sink::Sink;
use crate::words::{self, pick};
use crate::{
    Error, Options, Output, composition_sentence, evidence_name, evidence_text, leading_facts, sanitise, table,
};
use excerpt::Excerpt;

pub(crate) struct Text {
    sink: Sink,
    locale: Locale,
    colour: bool,
    width: usize,
    rules: Arc<BTreeMap<String, RuleInfo>>,
    unjudged: BTreeMap<(String, String), u64>,
    campaigns: Collected,
    line: String,
}

/// Distinct (detector, reason) pairs told one by one.
const UNJUDGED_REASONS: usize = 200;

impl Text {
    pub(crate) fn new(sink: Sink, options: &Options) -> Self {
        Self {
            sink,
            locale: options.locale,
            colour: options.colour,
            width: if options.width == 0 { 100 } else { options.width.max(40) },
            rules: Arc::default(),
            unjudged: BTreeMap::new(),
            campaigns: Collected::default(),
            line: String::new(),
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn put(&mut self) -> Result<(), Error> {
        self.line.push('\n');
        let result = self.sink.put(self.line.as_bytes());
        self.line.clear();
        result
    }

    fn labelled(&mut self, label: &str, text: &str) -> Result<(), Error> {
        let label = self.paint("2", label);
        let _ = write!(self.line, "    {label} {}", sanitise(text));
        self.put()
    }

    /// A text that may take several lines, the later ones under the first.
    fn wrapped(&mut self, label: &str, text: &str) -> Result<(), Error> {
        let indent = label.width() + 5;
        let text = sanitise(text).into_owned();
        for (i, line) in wrap(&text, self.width.saturating_sub(indent)).iter().enumerate() {
            if i == 0 {
                self.labelled(label, line)?;
            } else {
                let _ = write!(self.line, "{}{line}", " ".repeat(indent));
                self.put()?;
            }
        }
        Ok(())
    }

    /// The families that speak for the suspicion, with what they add, and the signals that speak against it.
    fn families(&mut self, finding: &Finding) -> Result<(), Error> {
        if finding.detector != DETECTOR {
            return Ok(());
        }
        let locale = self.locale;
        let list = |names: Vec<&str>| names.join(pick(locale, "、", ", "));
        let speak = finding.evidence.get("families").and_then(Value::as_array).into_iter().flatten();
        let speak: Vec<&str> = speak.filter_map(Value::as_str).map(|name| family(name, locale)).collect();
        if !speak.is_empty() {
            self.wrapped(pick(locale, "支持", "for"), &list(speak))?;
        }
        let against: Vec<&str> = against(&finding.evidence).into_iter().map(|name| signal(name, locale)).collect();
        if !against.is_empty() {
            self.wrapped(pick(locale, "反对", "against"), &list(against))?;
        }
        Ok(())
    }

    /// The number of suspected campaigns, and how large the largest is.
    fn campaigns(&mut self) -> Result<(), Error> {
        let groups = self.campaigns.groups();
        let Some(largest) = groups.campaigns.first() else { return Ok(()) };
        let figures = Figures::of(largest);
        let (all, reviews, accounts, listings) =
            (groups.campaigns.len(), largest.reviews, figures.accounts, figures.listings);
        let days = figures.span().map_or(String::new(), |(first, last)| format!(" {} – {}", label(first), label(last)));
        let _ = match self.locale {
            Locale::Zh => write!(
                self.line,
                "疑似有组织的评价 {all} 组；最大一组：评价 {reviews} 条 · 账号 {accounts} 个 · 商品 {listings} 件{days}"
            ),
            Locale::En => write!(
                self.line,
                "suspected review campaigns: {all}; the largest: {reviews} reviews · {accounts} accounts · {listings} \
                 listings{days}"
            ),
        };
        self.put()
    }

    fn excerpt(&mut self, finding: &Finding, text: &str) -> Result<(), Error> {
        let label = finding.field.as_deref().map_or("", |field| words::field(field, self.locale)).to_owned();
        let label = sanitise(&label).into_owned();
        let budget = self.width.saturating_sub(label.width() + 8);
        let excerpt = Excerpt::of(text, span_of(finding, text), budget);
        let _ = write!(self.line, "    {} │ {}", self.paint("2", &label), excerpt.before);
        let marked = self.paint("1;31", &excerpt.marked);
        self.line.push_str(&marked);
        self.line.push_str(&excerpt.after);
        self.put()?;
        if !excerpt.marked.is_empty() {
            let indent = " ".repeat(excerpt.before.width());
            let marks = self.paint("1;31", &"^".repeat(excerpt.marked.width().max(1)));
            let _ = write!(self.line, "    {} │ {indent}{marks}", " ".repeat(label.width()));
            self.put()?;
        }
        Ok(())
    }
}

impl Output for Text {
    fn begin(&mut self, header: &RunHeader) -> Result<(), Error> {
        self.rules = Arc::new(header.rules.clone());
        Ok(())
    }

    fn finding(&mut self, item: &ReportItem) -> Result<(), Error> {
        self.campaigns.offer(item);
        let locale = self.locale;
        let finding = &item.finding;
        let rules = Arc::clone(&self.rules);
        let rule = rules.get(&finding.rule);

        let severity = self.paint(colour_of(finding.severity), words::severity(finding.severity, locale));
        let id = self.paint("1", &sanitise(&finding.rule));
        let name = rule.map_or("", |rule| rule.name.get(locale));
        let verdict = words::verdict(item.verdict, locale);
        let _ = write!(self.line, "{severity}  {id} {}  {:.2}  {verdict}", sanitise(name), finding.score);
        if let Some(reason) = &finding.suppressed {
            let _ = write!(self.line, "  [{}: {}]", pick(locale, "已豁免", "suppressed"), sanitise(reason));
        }
        self.put()?;

        let _ = write!(self.line, "    {} {}", words::kind(finding.record_kind, locale), sanitise(&finding.record));
        if let Some(shop) = &finding.shop_id {
            let _ = write!(self.line, " · {} {}", pick(locale, "店铺", "shop"), sanitise(shop));
        }
        let _ = write!(self.line, " · {}", sanitise(&finding.source.file));
        if let Some(sheet) = &finding.source.sheet {
            let _ = write!(self.line, "[{}]", sanitise(sheet));
        }
        let _ = write!(self.line, ":{}", finding.source.line);
        if finding.copies > 1 {
            let _ = write!(self.line, " · {}{}", pick(locale, "重复 ×", "copies ×"), finding.copies);
        }
        self.put()?;

        match &item.card.field_text {
            Some(text) => self.excerpt(finding, text)?,
            None => self.labelled("│", &item.card.headline)?,
        }
        if let Some(image) = &item.card.image {
            self.labelled(pick(locale, "图片", "picture"), image)?;
        }
        if let Some(facts) = leading_facts(finding, locale) {
            self.wrapped("→", &facts)?;
            if let Some(text) = composition_sentence(&finding.evidence, locale) {
                self.wrapped(" ", text)?;
            }
        }
        if let Some(rule) = rule {
            self.wrapped("→", rule.message.get(locale))?;
        }
        self.families(finding)?;
        for key in ["disguise", "gallery_item"] {
            if let Some(value) = finding.evidence.get(key).and_then(|value| evidence_text(key, value, locale)) {
                self.labelled(evidence_name(key, locale), &value)?;
            }
        }
        if let Some(clause) = table::clause(item, rule, locale) {
            self.labelled(pick(locale, "依据", "clause"), &clause)?;
        }
        if let Some(rewrite) = table::rewrite(item, rule, locale) {
            self.wrapped(pick(locale, "建议", "instead"), &rewrite)?;
        }
        self.labelled(pick(locale, "指纹", "fingerprint"), &finding.fingerprint.to_string())?;
        self.put()
    }

    fn unjudged(&mut self, item: &Unjudged) -> Result<(), Error> {
        let key = (item.detector.clone(), item.reason.clone());
        if self.unjudged.len() < UNJUDGED_REASONS || self.unjudged.contains_key(&key) {
            *self.unjudged.entry(key).or_default() += 1;
        }
        Ok(())
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        let locale = self.locale;
        for ((detector, reason), count) in std::mem::take(&mut self.unjudged) {
            let label = pick(locale, "未能判断", "not judged");
            let _ = write!(self.line, "{label} ×{count}  {}: {}", sanitise(&detector), sanitise(&reason));
            self.put()?;
        }
        for detector in &summary.detectors {
            let (label, reason) = match &detector.outcome {
                DetectorOutcome::Complete => continue,
                DetectorOutcome::Quarantined { reason } => {
                    (pick(locale, "检测器被隔离", "detector quarantined"), reason)
                }
                DetectorOutcome::Skipped { reason } => (pick(locale, "检测器未运行", "detector skipped"), reason),
            };
            let _ = write!(self.line, "{label}  {}: {}", sanitise(&detector.name), sanitise(reason));
            self.put()?;
        }
        if let RunStatus::Incomplete { reasons } = &summary.status {
            for reason in reasons {
                let _ = write!(self.line, "{}  {}", pick(locale, "未覆盖", "not covered"), sanitise(reason));
                self.put()?;
            }
        }
        self.campaigns()?;
        let findings: u64 = summary.severities.values().sum();
        let status = words::status(&summary.status, locale);
        let records = words::records(summary);
        let _ = match locale {
            Locale::Zh => write!(self.line, "{status}：检查 {records} 条记录，疑似问题 {findings} 处"),
            Locale::En => write!(self.line, "{status}: {records} records scanned, {findings} suspected problems"),
        };
        let counts: Vec<String> = Verdict::ALL
            .iter()
            .map(|verdict| {
                let count = summary.verdicts.get(verdict.as_str()).copied().unwrap_or(0);
                format!("{} {count}", words::verdict(*verdict, locale))
            })
            .collect();
        let _ = write!(self.line, " ({})", counts.join(" · "));
        self.put()?;
        self.sink.commit()
    }
}

fn colour_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "1;37;41",
        Severity::High => "1;31",
        Severity::Medium => "1;33",
        Severity::Low => "36",
        Severity::Info => "2",
    }
}

/// The finding's span if it lies in the text; a span that does not is not drawn.
fn span_of(finding: &Finding, text: &str) -> Option<(usize, usize)> {
    let span = finding.span?;
    let (start, end) = (usize::try_from(span.0).ok()?, usize::try_from(span.1).ok()?);
    text.get(start..end).is_some().then_some((start, end))
}
