//! Sentences with values whose places are known.

use std::ops::Range;

use serde::Deserialize;

use crate::form::disguise;
use crate::random::Random;
use crate::value::{Words, script, value};

#[derive(Deserialize)]
struct File {
    target: Vec<Templates>,
    trap: Vec<Templates>,
}

#[derive(Deserialize)]
struct Templates {
    slot: String,
    dev: Vec<String>,
    held: Vec<String>,
}

/// A value in a text.
#[derive(Clone, Debug)]
pub struct Gold {
    /// The slot.
    pub slot: String,
    /// The form, `stay` for what must stay.
    pub form: &'static str,
    /// Its bytes.
    pub range: Range<usize>,
    /// As it was before the disguise.
    pub plain: String,
}

/// A text with what it holds.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The text.
    pub text: String,
    /// The personal values.
    pub gold: Vec<Gold>,
    /// What must stay.
    pub traps: Vec<Gold>,
}

/// Which sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Those looked at during development.
    Dev,
    /// Those held out.
    Held,
}

/// Makes a corpus with at least so many personal values, and as many that must stay.
pub fn corpus(seed: u64, split: Split, values: usize) -> Result<Vec<Record>, toml::de::Error> {
    let words = Words::read()?;
    let file: File = toml::from_str(include_str!("../data/sentences.toml"))?;
    let mut random = Random::new(seed);
    let mut out = Vec::new();
    let (mut gold, mut traps) = (0, 0);
    let mut turn = 0;
    while gold < values {
        for target in &file.target {
            let list = if split == Split::Dev { &target.dev } else { &target.held };
            let forms = script(&target.slot).map_or(&["plain"][..], |script| script.forms());
            // One in three plain, the others in turn.
            let form = if random.once_in(3) { "plain" } else { forms[turn % forms.len()] };
            let mut record = Record::default();
            fill(random.word(list), &target.slot, form, &words, &mut random, &mut record);
            // Sentences go on, mostly about something else.
            if random.once_in(3) {
                let other = random.pick(&file.trap);
                let list = if split == Split::Dev { &other.dev } else { &other.held };
                record.text.push_str(random.pick::<&str>(&["。", "，", "\n", " "]));
                let sentence = random.word(list);
                fill(sentence, &other.slot, "plain", &words, &mut random, &mut record);
            }
            gold += record.gold.len();
            traps += record.traps.len();
            out.push(record);
        }
        turn += 1;
    }
    while traps < values {
        for trap in &file.trap {
            let list = if split == Split::Dev { &trap.dev } else { &trap.held };
            let mut record = Record::default();
            fill(random.word(list), &trap.slot, "plain", &words, &mut random, &mut record);
            traps += record.traps.len();
            out.push(record);
        }
    }
    Ok(out)
}

fn fill(template: &str, target: &str, form: &'static str, words: &Words, random: &mut Random, record: &mut Record) {
    if target == "prose" {
        let start = record.text.len();
        record.text.push_str(template);
        record.traps.push(Gold {
            slot: "prose".into(),
            form: "stay",
            range: start..record.text.len(),
            plain: template.into(),
        });
        return;
    }
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        record.text.push_str(&rest[..open]);
        let close = rest[open..].find('}').map_or(rest.len(), |close| open + close);
        let slot = &rest[open + 1..close];
        let plain = value(slot, words, random);
        let start = record.text.len();
        let (personal, form) = match script(slot) {
            Some(_) if slot == target => (true, form),
            Some(_) => (true, "plain"),
            None => (false, "stay"),
        };
        match script(slot) {
            Some(script) => record.text.push_str(&disguise(&plain, form, script, &|c| words.traditional(c), random)),
            None => record.text.push_str(&plain),
        }
        let gold = Gold { slot: slot.to_owned(), form, range: start..record.text.len(), plain };
        if personal {
            record.gold.push(gold);
        } else if slot != "region" {
            record.traps.push(gold);
        }
        rest = &rest[(close + 1).min(rest.len())..];
    }
    record.text.push_str(rest);
}
