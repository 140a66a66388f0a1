//! The figures.
#![expect(clippy::print_stdout, reason = "a command that prints its report")]

use std::collections::BTreeMap;

use cpu_time::ProcessTime;
use huoyan_dossier::privacy::{CaseKey, Context, Kind, Redactor, Source, Span, find, leaks};

use crate::corpus::{Gold, Record};

/// Least share of structured values found.
const STRUCTURED: f64 = 0.995;
/// Least share of names and addresses found.
const PERSONS: f64 = 0.95;
/// Most of what must stay that may be taken.
const FALSE: f64 = 0.005;

#[derive(Default)]
struct Count {
    all: usize,
    hit: usize,
    kind: usize,
}

fn visible(c: char) -> bool {
    c.is_alphanumeric()
}

/// Whether every letter and figure of a range lies in a span.
pub fn covered(text: &str, gold: &Gold, spans: &[Span]) -> bool {
    text[gold.range.clone()].char_indices().filter(|(_, c)| visible(*c)).all(|(at, _)| {
        let at = gold.range.start + at;
        spans.iter().any(|span| span.range.contains(&at))
    })
}

fn is_person(slot: &str) -> bool {
    matches!(slot, "name" | "lone" | "english_name" | "address" | "legal_person")
}

/// Prints the figures of a corpus; whether they reach their targets.
pub fn report(records: &[Record], misses: usize) -> bool {
    let bytes: usize = records.iter().map(|record| record.text.len()).sum();
    let before = ProcessTime::now();
    let found: Vec<Vec<Span>> = records
        .iter()
        .map(|record| {
            let mut spans = find(&record.text, &Context::default());
            spans.retain(|span| span.kind.is_personal());
            spans
        })
        .collect();
    let seconds = before.elapsed().as_secs_f64();

    let mut by_kind: BTreeMap<&str, BTreeMap<&str, Count>> = BTreeMap::new();
    let mut traps: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut taken, mut over) = (0, 0);
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for (record, spans) in records.iter().zip(&found) {
        for gold in &record.gold {
            let count = by_kind.entry(&gold.slot).or_default().entry(gold.form).or_default();
            count.all += 1;
            let hit = covered(&record.text, gold, spans);
            count.hit += usize::from(hit);
            let kind = Kind::named(match gold.slot.as_str() {
                "lone" | "english_name" => "name",
                slot => slot,
            });
            let same = spans.iter().any(|span| {
                Some(span.kind) == kind && span.range.start < gold.range.end && gold.range.start < span.range.end
            });
            count.kind += usize::from(hit && same);
            let seen = shown.entry(&gold.slot).or_default();
            if !hit && *seen < misses {
                *seen += 1;
                println!(
                    "MISS {} {}: {:?} in {:?} -> {:?}",
                    gold.slot,
                    gold.form,
                    gold.plain,
                    record.text,
                    told(&record.text, spans)
                );
            }
        }
        for trap in &record.traps {
            let entry = traps.entry(&trap.slot).or_default();
            entry.0 += 1;
            let hit = spans.iter().any(|span| span.range.start < trap.range.end && trap.range.start < span.range.end);
            entry.1 += usize::from(hit);
            let seen = shown.entry(&trap.slot).or_default();
            if hit && *seen < misses {
                *seen += 1;
                println!(
                    "FALSE {}: {:?} in {:?} -> {:?}",
                    trap.slot,
                    trap.plain,
                    record.text,
                    told(&record.text, spans)
                );
            }
        }
        for span in spans {
            for (at, _) in record.text[span.range.clone()].char_indices().filter(|(_, c)| visible(*c)) {
                let at = span.range.start + at;
                taken += 1;
                over += usize::from(!record.gold.iter().any(|gold| gold.range.contains(&at)));
            }
        }
    }
    let mut sound = leaks_of(records);
    let (mut structured, mut persons) = (Count::default(), Count::default());
    println!("{:<14}{:>8}{:>10}{:>10}   forms below 99.5 %", "kind", "values", "recall %", "kind %");
    for (slot, forms) in &by_kind {
        let sum = |of: fn(&Count) -> usize| forms.values().map(of).sum::<usize>();
        let (all, hit, kind) = (sum(|c| c.all), sum(|c| c.hit), sum(|c| c.kind));
        let weak: Vec<String> = forms
            .iter()
            .filter(|(_, c)| share(c.hit, c.all) < STRUCTURED)
            .map(|(form, c)| format!("{form} {:.1} ({})", 100.0 * share(c.hit, c.all), c.all))
            .collect();
        println!(
            "{slot:<14}{all:>8}{:>10.2}{:>10.2}   {}",
            100.0 * share(hit, all),
            100.0 * share(kind, all),
            weak.join(", ")
        );
        let total = if is_person(slot) { &mut persons } else { &mut structured };
        total.all += all;
        total.hit += hit;
    }
    println!(
        "structured {:.3} % of {}, names and addresses {:.3} % of {}",
        100.0 * share(structured.hit, structured.all),
        structured.all,
        100.0 * share(persons.hit, persons.all),
        persons.all
    );
    sound &= share(structured.hit, structured.all) >= STRUCTURED && share(persons.hit, persons.all) >= PERSONS;
    let (mut all, mut wrong) = (0, 0);
    for (slot, (count, hit)) in &traps {
        println!("stays {slot:<10}{count:>8}   taken {hit:>5} = {:.3} %", 100.0 * share(*hit, *count));
        all += count;
        wrong += hit;
        sound &= share(*hit, *count) <= FALSE;
    }
    println!(
        "false redaction {:.3} % of {all}; {:.2} % of redacted characters are not of a value",
        100.0 * share(wrong, all),
        100.0 * share(over, taken)
    );
    println!("{:.2} MB in {seconds:.2} CPU s = {:.2} MB/s", bytes as f64 / 1e6, bytes as f64 / 1e6 / seconds.max(1e-9));
    sound
}

/// Redacts everything and looks for each value in what is left, as it was written and plain. A value that was missed is a leak too.
fn leaks_of(records: &[Record]) -> bool {
    let mut redactor = Redactor::new(CaseKey::from_bytes([7; 32]));
    let (mut found, mut unexplained, mut changed) = (0, 0, 0);
    for record in records {
        let redacted = redactor.text(&record.text, Source { exhibit: "E01", field: "" });
        changed += usize::from(redactor.text(&redacted.text, Source::default()).text != redacted.text);
        let spans = redactor.spans(&record.text);
        for gold in record.gold.iter().filter(|gold| gold.plain.chars().count() > 1) {
            let values = [gold.plain.as_str(), &record.text[gold.range.clone()]];
            let leaked = !leaks(redacted.text.as_bytes(), &values).is_empty();
            found += usize::from(leaked);
            unexplained += usize::from(leaked && covered(&record.text, gold, &spans));
        }
    }
    println!(
        "leaks in redacted texts: {found}, of which {unexplained} are values that were found; {changed} texts change when redacted again"
    );
    unexplained == 0 && changed == 0
}

fn told<'t>(text: &'t str, spans: &[Span]) -> Vec<(&'static str, &'t str)> {
    spans.iter().map(|span| (span.kind.id(), &text[span.range.clone()])).collect()
}

fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { part as f64 / all as f64 }
}
