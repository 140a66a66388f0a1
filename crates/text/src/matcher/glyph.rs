//! Look-alike spellings, found from a character of the word that stands there itself.

use std::collections::BTreeMap;

use super::check::{self, Found};
use super::form::Form;
use crate::{Disguises, Folded, Key, parts, sound};

/// The forms that may have look-alikes in them, by each character they contain.
#[derive(Clone, Debug, Default)]
pub(super) struct Anchors {
    forms: Vec<Form>,
    /// (form, position in it) by character.
    collected: BTreeMap<char, Vec<Place>>,
    /// Ranges of `places` by character number.
    ranges: Vec<(u32, u32)>,
    places: Vec<Place>,
    numbers: Vec<u16>,
}

/// Where a form has a character, with its neighbour there: the one before it, which must be a look-alike because the first
/// exact character reports a place, or behind the form's first character the next one. The neighbour settles most places,
/// the character that follows the two most of the others.
#[derive(Clone, Copy, Debug)]
struct Place {
    form: u32,
    place: u32,
    neighbour: char,
    /// The parts of the neighbour.
    parts: u64,
    /// The character behind the two; U+0000 when the form ends.
    next: char,
    next_parts: u64,
}

const TABLE: usize = 0xA000;

impl Anchors {
    /// Adds a form of two characters or more.
    pub(super) fn add(&mut self, form: &Form) {
        let number = self.forms.len() as u32;
        for (at, code) in form.codes.iter().enumerate() {
            if (*code as usize) < TABLE && sound::readings(*code)[0] != 0 {
                let neighbour = form.codes[if at > 0 { at - 1 } else { 1 }];
                let next = form.codes.get(if at > 0 { at + 1 } else { 2 }).copied().unwrap_or('\0');
                let (parts, next_parts) = (parts::bits(neighbour), parts::bits(next));
                let place = Place { form: number, place: at as u32, neighbour, parts, next, next_parts };
                self.collected.entry(*code).or_default().push(place);
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
        // A reader sees the character as written, not as folded: 徵 looks like 微, its simplified form 征 does not.
        let seen = |key: &Key| {
            let atom = &folded.atoms()[key.first as usize];
            if !atom.disguises.contains(Disguises::TRADITIONAL) {
                return atom.code;
            }
            text.get(atom.start as usize..).and_then(|rest| rest.chars().next()).unwrap_or(atom.code)
        };
        for (at, key) in keys.iter().enumerate() {
            let number = self.numbers.get(key.code as usize).copied().unwrap_or(0);
            if number == 0 {
                continue;
            }
            let beside = |key: Option<&Key>| key.map_or(('\0', 0), |key| (key.code, parts::bits(seen(key))));
            let before = beside(at.checked_sub(1).map(|at| &keys[at]));
            let (after, behind) = (beside(keys.get(at + 1)), beside(keys.get(at + 2)));
            let goes_on = |place: &Place, (code, parts): (char, u64)| {
                place.next == '\0' || parts & place.next_parts != 0 || code == place.next
            };
            let (first, end) = self.ranges[usize::from(number)];
            for place in &self.places[first as usize..end as usize] {
                let passes = if place.place > 0 {
                    before.1 & place.parts != 0 && before.0 != place.neighbour && goes_on(place, after)
                } else {
                    (after.1 & place.parts != 0 || after.0 == place.neighbour) && goes_on(place, behind)
                };
                if !passes {
                    continue;
                }
                let (form, place) = (&self.forms[place.form as usize], place.place as usize);
                let Some(start) = at.checked_sub(place) else { continue };
                let Some(stretch) = keys.get(start..start + form.codes.len()) else { continue };
                let exact = |i: usize| stretch[i].code == form.codes[i];
                // The first exact character reports the place, so that it is reported once.
                if (0..place).any(exact) {
                    continue;
                }
                let alike = |i: usize| exact(i) || parts::look_alike(seen(&stretch[i]), form.codes[i]);
                if !(0..stretch.len()).all(exact) && (0..stretch.len()).all(alike) {
                    check::looking(form, stretch, folded, found);
                }
            }
        }
    }
}
