use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;

use super::pack::{LintPack, LintRule, Scope};
use super::text::Text;
use super::{Citation, ExhibitId, Kind, Sentence, StatementFinding, citations, link};

/// What was found in a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementReport {
    /// How many sentences it has.
    pub sentences: usize,
    /// How many of them state facts.
    pub factual: usize,
    /// How many of those cite an exhibit of the list.
    pub supported: usize,
    /// The findings, by place.
    pub findings: Vec<StatementFinding>,
}

/// Checks a statement against the exhibits of its case.
pub fn check_statement(text: &str, exhibits: &[ExhibitId], pack: &LintPack) -> StatementReport {
    let ready = Text::new(text, pack);
    let cited = citations(text);
    let mut report =
        StatementReport { sentences: ready.sentences.len(), factual: 0, supported: 0, findings: Vec::new() };
    let mut findings = Findings { text, sentences: &ready.sentences, found: Vec::new() };
    for sentence in &ready.sentences {
        if !is_factual(&sentence.span, text, &ready, pack) {
            continue;
        }
        report.factual += 1;
        let inside = |citation: &&Citation| sentence.span.contains(&citation.span.start);
        if cited.iter().filter(inside).any(|citation| exhibits.contains(&citation.exhibit)) {
            report.supported += 1;
        } else if !cited.iter().any(|citation| inside(&citation)) {
            findings.add(pack.rule_of(Kind::Unsupported), sentence.span.clone());
        }
    }
    for citation in cited.iter().filter(|citation| !exhibits.contains(&citation.exhibit)) {
        findings.add(pack.rule_of(Kind::UnknownExhibit), citation.span.clone());
    }
    for span in exclamations(text, pack.settings.exclamation_run).filter(|span| !ready.in_foreign(span)) {
        findings.add(pack.rule_of(Kind::Exclamation), span);
    }
    for span in link::links(text, &pack.settings.domains) {
        findings.add(pack.rule_of(Kind::ExternalLink), span);
    }
    for rule in pack.rules().filter(|rule| rule.scope.contains(&Scope::Statement) && !rule.patterns.is_empty()) {
        for span in ready.find(rule) {
            findings.add(Some(rule), span);
        }
    }
    findings.found.sort_by(|a, b| (a.span.start, a.kind, &a.rule).cmp(&(b.span.start, b.kind, &b.rule)));
    let used: BTreeSet<ExhibitId> = cited.iter().map(|citation| citation.exhibit).collect();
    for exhibit in exhibits.iter().filter(|exhibit| !used.contains(exhibit)) {
        findings.add(pack.rule_of(Kind::UnusedExhibit), text.len()..text.len());
        if let Some(last) = findings.found.last_mut() {
            (last.sentence, last.words) = (None, exhibit.to_string());
        }
    }
    report.findings = findings.found;
    report
}

/// Whether a sentence states a fact, which needs an exhibit. What is not plainly something else does.
fn is_factual(span: &Range<usize>, text: &str, ready: &Text, pack: &LintPack) -> bool {
    let words = &text[span.clone()];
    let whole = words.ends_with(['。', '！', '？', '!', '?', '.', '；', ';', '…', ']', '）', ')']);
    let heading = words.ends_with(['：', ':']) || !whole && ready.len(span) <= pack.settings.heading;
    let lists_exhibit =
        ExhibitId::parse(words.split([' ', '：', ':', '-', '、', '\t']).next().unwrap_or_default()).is_some();
    let question = words.ends_with(['？', '?']);
    !(heading
        || lists_exhibit
        || question
        || ready.begins_with("not_a_fact", span)
        || asks(span, text, ready)
        || ready.has("cites_a_rule", span) && words.contains('《'))
}

/// Whether a sentence asks for something before it claims anything: in its first clause, or after words that only lead there.
fn asks(span: &Range<usize>, text: &str, ready: &Text) -> bool {
    let first = text[span.clone()].find(['，', ',']).map_or(span.end, |len| span.start + len);
    let leads = ready.begins_with("connective", span) || ready.begins_with("cites_a_rule", span);
    ready.begins_with("begins_asking", span)
        || ready.has("request", &(span.start..if leads { span.end } else { first }))
}

/// Runs of exclamation marks, with question marks among them.
fn exclamations(text: &str, least: usize) -> impl Iterator<Item = Range<usize>> {
    let is_mark = |c: char| matches!(c, '！' | '!' | '？' | '?' | '❗' | '‼');
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let begin = at + text[at..].find(is_mark)?;
            let end = text[begin..].find(|c| !is_mark(c)).map_or(text.len(), |len| begin + len);
            at = end;
            let run = &text[begin..end];
            if run.chars().count() >= least && run.contains(['！', '!', '❗', '‼']) {
                return Some(begin..end);
            }
        }
    })
}

struct Findings<'t> {
    text: &'t str,
    sentences: &'t [Sentence],
    found: Vec<StatementFinding>,
}

impl Findings<'_> {
    fn add(&mut self, rule: Option<&LintRule>, span: Range<usize>) {
        let rule = rule.expect("invariant: a pack has a rule for every check");
        let sentence = self.sentences.iter().position(|sentence| {
            sentence.span.start <= span.start && span.start < sentence.span.end.max(sentence.span.start + 1)
        });
        self.found.push(StatementFinding {
            sentence,
            words: self.text[span.clone()].to_owned(),
            span,
            kind: rule.kind,
            severity: rule.severity,
            rule: rule.id.clone(),
            why: rule.reason.clone(),
            suggestion: rule.suggestion.clone(),
        });
    }
}
