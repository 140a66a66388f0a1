//! What reading one review costs, in CPU time, the least of several runs.

use std::error::Error;
use std::hint::black_box;

use cpu_time::ThreadTime;
use review_malice::RESOURCES;
use review_malice::copies;
use review_malice::facts::{Review, facts};
use review_malice::fold::{Folded, kept_chars};
use review_malice::phrases::Phrases;
use review_malice::sketch::{sketch_at, sketch_into};
use review_malice::wording::Wording;
use review_malice::words::Lexicon;

const REPEATS: usize = 9;

pub fn run(texts: &[String]) -> Result<(), Box<dyn Error>> {
    let resource = |name: &str| -> Result<String, Box<dyn Error>> {
        let found = RESOURCES.iter().find(|(n, _)| *n == name).ok_or("the plugin carries no such resource")?;
        Ok(String::from_utf8(found.1.to_vec())?)
    };
    let (lexicon, wording) = (Lexicon::parse(&resource("sentiment")?)?, Wording::parse(&resource("wording")?)?);
    let mut folded = Folded::default();
    let (mut chars, mut pieces) = (Vec::new(), Vec::new());
    let all: Vec<Folded> = texts.iter().map(|text| review_malice::fold::fold(text)).collect();
    let mut phrases = Phrases::default();
    for one in &all {
        sketch_into(&one.chars, &mut pieces);
        phrases.add(&pieces);
    }
    let characters: usize = all.iter().map(|one| one.chars.len()).sum();
    println!("{} reviews of {:.1} kept characters; us each", texts.len(), characters as f64 / texts.len() as f64);
    measure("fold", texts, |text| folded.read(text));
    measure("tone", &all, |one| _ = black_box(lexicon.tone(one)));
    measure("hits", &all, |one| _ = black_box(wording.hits(one)));
    measure("sketch", &all, |one| sketch_into(&one.chars, &mut pieces));
    measure("sketch with positions", &all, |one| _ = black_box(sketch_at(&one.chars)));
    measure("facts", texts, |text| {
        let review = Review { text: Some(text), listing: Some("l123"), reviewer: Some("u3881"), ..Review::default() };
        black_box(facts(&review, &lexicon, &wording));
    });
    let mut table = Phrases::default();
    measure("phrases", texts, |text| {
        kept_chars(text, &mut chars);
        sketch_into(&chars, &mut pieces);
        table.add(&pieces);
    });
    measure("bands", texts, |text| {
        kept_chars(text, &mut chars);
        sketch_into(&chars, &mut pieces);
        black_box(copies::bands(&pieces, chars.len() as u16, &phrases, || copies::copy(1, 2, 3, 0)));
    });
    Ok(())
}

fn measure<T>(what: &str, items: &[T], mut work: impl FnMut(&T)) {
    let mut least = f64::MAX;
    for _ in 0..REPEATS {
        let started = ThreadTime::now();
        items.iter().for_each(&mut work);
        least = least.min(started.elapsed().as_secs_f64());
    }
    println!("  {what:<22} {:.2}", least / items.len() as f64 * 1e6);
}
