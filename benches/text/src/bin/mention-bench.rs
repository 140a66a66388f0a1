//! Figures of the pack of platform names and contacts.
//!
//! ```text
//! cargo run --release -p text-bench --bin mention-bench -- pack
//! cargo run --release -p text-bench --bin mention-bench -- worst
//! cargo run --release -p text-bench --bin mention-bench -- variants POSITIVES.jsonl...
//! ```

use std::error::Error;

use platform_mention::BUNDLED;
use platform_mention::lexicon::{Lexicon, Sources};
use platform_mention::overlay::{Overlaid, Overlay};
use platform_mention::screen::{Setting, Voice, Work, screen};
use text_bench::bare::Kept;
use text_bench::memory::{build, row};
use text_bench::{variants, worst};
use toml::{Table, Value};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("pack") => pack(),
        Some("worst") => slow_texts(),
        Some("variants") if args.len() > 1 => computed(&args[1..]),
        _ => Err("usage: mention-bench pack | worst | variants POSITIVES.jsonl...".into()),
    }
}

fn pack() -> Result<(), Box<dyn Error>> {
    row("platform-mention: the bundled pack", build(|| Lexicon::new(&BUNDLED)));
    let lexicon = Lexicon::new(&BUNDLED)?;
    let hot = Overlay::parse("hot", r#"names.taobao.words = ["逛逛橙站"]"#)?;
    row("platform-mention: one hot name over it", build(|| Overlaid::new(&lexicon, &hot)));
    Ok(())
}

fn slow_texts() -> Result<(), Box<dyn Error>> {
    let (lexicon, mut work) = (Lexicon::new(&BUNDLED)?, Work::default());
    let mut search = |text: &str| screen(&lexicon, text, Setting::of(Voice::Shop), &mut work).len();
    worst::run(&mut [("platform-mention", &mut search)]);
    Ok(())
}

fn computed(paths: &[String]) -> Result<(), Box<dyn Error>> {
    let (aliases, removed) = bare()?;
    let (full, bare) = (Lexicon::new(&BUNDLED)?, Lexicon::new(&Sources { aliases: &aliases, ..BUNDLED })?);
    let spans = |lexicon: &Lexicon, text: &str| {
        let seen = screen(lexicon, text, Setting::of(Voice::Shop), &mut Work::default());
        seen.iter().filter(|seen| seen.score >= 0.5).map(|seen| (seen.start as usize, seen.end as usize)).collect()
    };
    variants::run("offsite", paths, &removed, |text| spans(&full, text), |text| spans(&bare, text))
}

/// The names of platforms as a file, and what was taken out.
fn bare() -> Result<(String, Vec<String>), Box<dyn Error>> {
    let mut file: Table = toml::from_str(BUNDLED.aliases)?;
    let mut by_target = std::collections::BTreeMap::<String, Kept>::new();
    let mut removed = Vec::new();
    for alias in file.get_mut("alias").and_then(Value::as_array_mut).ok_or("no aliases")? {
        let target = alias.get("target").and_then(Value::as_str).unwrap_or_default().to_owned();
        let kept = by_target.entry(target).or_default();
        if let Some(words) = alias.get_mut("words").and_then(Value::as_array_mut) {
            words.retain(|word| {
                let word = word.as_str().unwrap_or_default();
                kept.keep(word) || {
                    removed.push(word.to_owned());
                    false
                }
            });
        }
    }
    Ok((toml::to_string(&file)?, removed))
}
