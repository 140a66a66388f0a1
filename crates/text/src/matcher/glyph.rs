//! Look-alike spellings, found from a character of the word that stands there itself.

use std::collections::BTreeMap;

use super::check::{self, Found};
use super::form::Form;
use crate::{Disguises, Folded, parts, sound};

/// The forms that may have look-alikes in them, by each character they contain.
#[derive(Clone, Debug, Default)]
pub(super) struct Anchors {
    forms: Vec<Form>,
    /// (form, position in it) by character.
    collected: BTreeMap<char, Vec<(u32, u32)>>,
    /// Ranges of `places` by character number.
    ranges: Vec<(u32, u32)>,
    places: Vec<(u32, u32)>,
    numbers: Vec<u16>,
}

const TABLE: usize = 0xA000;

impl Anchors {
    /// Adds a form.
    pub(super) fn add(&mut self, form: &Form) {
        let number = self.forms.len() as u32;
        for (at, code) in form.codes.iter().enumerate() {
            if (*code as usize) < TABLE && sound::readings(*code)[0] != 0 {
                self.collected.entry(*code).or_default().push((number, at as u32));
            }
        }
        self.forms.push(form.clone());
    }

    /// Prepares the tables.
    pub(super) fn finish(mut self) -> Self {
        if !self.collected.is_empty() {
            self.numbers = vec![0; TABLE];
        }
        self.ranges.push((0, 0));
        for (code, places) in std::mem::take(&mut self.collected) {
            let first = self.places.len() as u32;
            self.places.extend(places);
            self.numbers[code as usize] = u16::try_from(self.ranges.len()).unwrap_or(0);
            self.ranges.push((first, self.places.len() as u32));
        }
        self
    }

    /// Finds the forms of which at least one character stands in the text and the others are look-alikes.
    pub(super) fn search(&self, text: &str, folded: &Folded, found: &mut Found) {
        if self.forms.is_empty() {
            return;
        }
        let keys = folded.keys();
        for (at, key) in keys.iter().enumerate() {
            let number = self.numbers.get(key.code as usize).copied().unwrap_or(0);
            if number == 0 {
                continue;
            }
            let (first, end) = self.ranges[usize::from(number)];
            for (form, place) in &self.places[first as usize..end as usize] {
                let form = &self.forms[*form as usize];
                let Some(start) = at.checked_sub(*place as usize) else { continue };
                let Some(stretch) = keys.get(start..start + form.codes.len()) else { continue };
                let exact = |i: usize| stretch[i].code == form.codes[i];
                // The first exact character reports the place, so that it is reported once.
                if (0..*place as usize).any(exact) {
                    continue;
                }
                // A reader sees the character as written, not as folded: 徵 looks like 微, its simplified form 征 does not.
                let seen = |i: usize| {
                    let atom = &folded.atoms()[stretch[i].first as usize];
                    if !atom.disguises.contains(Disguises::TRADITIONAL) {
                        return atom.code;
                    }
                    text.get(atom.start as usize..).and_then(|rest| rest.chars().next()).unwrap_or(atom.code)
                };
                let alike = (0..stretch.len()).all(|i| exact(i) || parts::look_alike(seen(i), form.codes[i]));
                if alike && !(0..stretch.len()).all(exact) {
                    check::looking(form, stretch, folded, found);
                }
            }
        }
    }
}
