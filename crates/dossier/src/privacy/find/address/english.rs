//! Addresses in English: 478 Wensan Road, Xihu District.

use std::ops::Range;

use huoyan_text::Kind as Script;

use super::{Found, Reader};
use crate::privacy::tables::tables;

impl Reader<'_, '_> {
    /// Room 302, Building 5, 478 Wensan Road, Xihu District
    pub(super) fn english(&self, out: &mut Vec<Found>) {
        let page = self.page;
        let roads = &tables().places.english_roads;
        let mut words: Vec<Range<usize>> = Vec::new();
        for at in 0..page.len() {
            if !page.is(at, Script::Latin) && !page.is(at, Script::Digit) {
                continue;
            }
            match words.last_mut() {
                Some(word) if word.end == at && page.touches(at) => word.end = at + 1,
                _ => words.push(at..at + 1),
            }
        }
        let joined = |i: usize| {
            i < words.len()
                && words[i].start == words[i - 1].end
                && matches!(
                    page.between(words[i].start),
                    " " | ", " | "," | "，" | "." | ". " | "-" | "#" | ", #" | " #"
                )
        };
        let address_word = |i: usize| {
            let word = page.codes(words[i].clone());
            page.is(words[i].start, Script::Digit) || roads.contains(&word) || page.raw(words[i].start).is_uppercase()
        };
        let mut i = 0;
        while i < words.len() {
            let mut end = i + 1;
            while address_word(i) && joined(end) && address_word(end) {
                end += 1;
            }
            let streets = words[i..end].iter().filter(|word| {
                let code = page.codes((*word).clone());
                roads.contains(&code) && code != "no" && code != "unit"
            });
            let numbered = words[i..end].iter().any(|word| page.is(word.start, Script::Digit) && word.len() <= 5);
            if end - i >= 3 && streets.count() > 0 && numbered {
                self.push(words[i].start, words[i].start..words[end - 1].end, out);
            }
            i = end;
        }
    }
}
