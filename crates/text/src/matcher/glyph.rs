//! Look-alike spellings, found from a character of the word that stands there itself.

use std::collections::BTreeMap;

use super::check::{self, Found};
use super::form::Form;
use super::lane::{Lane, Symbol};
use crate::{Disguises, Folded, Key, parts, sound};

/// The forms that may have look-alikes in them, by each character they contain.
#[derive(Clone, Debug, Default)]
pub(super) struct Anchors {
    forms: Vec<Form>,
    /// (form, position in it) by character.
    collected: BTreeMap<char, Vec<Place>>,
    /// Ranges of `places` by the plain lane's number.
    ranges: Vec<(u32, u32)>,
    places: Vec<Place>,
    /// The forms spelled in the plain lane's numbers.
    spelled: Vec<Vec<u16>>,
}

/// Where a form has a character, with its neighbour there: the one before it, which must be a look-alike because the first
/// exact character reports a place, or behind the form's first character the next one. The neighbour settles most places,
/// the character that follows the two most of the others.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The parts of the neighbour.
    parts: u64,
    next_parts: u64,
    form: u32,
    place: u16,
    neighbour: u16,
    /// The character behind the two; 0 when the form ends.
    next: u16,
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
                let place = Place {
                    parts: parts::bits(neighbour),
                    next_parts: parts::bits(next),
                    form: number,
                    place: u16::try_from(at).unwrap_or(u16::MAX),
                    neighbour: 0,
                    next: 0,
                };
                self.collected.entry(*code).or_default().push(place);
            }
        }
        self.forms.push(form.clone());
    }

    /// Prepares the tables; every form must be one of `plain`.
    pub(super) fn finish(mut self, plain: &Lane) -> Self {
        let spell = |form: &Form| form.codes.iter().map(|code| plain.number(*code)).collect();
        self.spelled = self.forms.iter().map(spell).collect();
        for (code, places) in std::mem::take(&mut self.collected) {
            let first = self.places.len() as u32;
            self.places.extend(places.into_iter().map(|place| {
                let (at, form) = (usize::from(place.place), &self.spelled[place.form as usize]);
                let neighbour = form[if at > 0 { at - 1 } else { 1 }];
                let next = form.get(if at > 0 { at + 1 } else { 2 }).copied().unwrap_or(0);
                Place { neighbour, next, ..place }
            }));
            let slot = usize::from(plain.number(code));
            self.ranges.resize(self.ranges.len().max(slot + 1), (0, 0));
            self.ranges[slot] = (first, self.places.len() as u32);
        }
        self
    }

    /// Finds the forms of which at least one character stands in the text and the others are look-alikes.
    pub(super) fn search(
        &self,
        text: &str,
        folded: &Folded,
        plain: &Lane,
        symbols: &mut Vec<Symbol>,
        found: &mut Found,
    ) {
        if self.forms.is_empty() {
            return;
        }
        // A reader sees the character as written, not as folded: 徵 looks like 微, its simplified form 征 does not.
        let seen = |key: &Key| {
            let atom = &folded.atoms()[key.first as usize];
            if !atom.disguises.contains(Disguises::TRADITIONAL) {
                return atom.code;
            }
            text.get(atom.start as usize..).and_then(|rest| rest.chars().next()).unwrap_or(atom.code)
        };
        let keys = folded.keys();
        symbols.clear();
        symbols
            .extend(keys.iter().map(|key| Symbol::new(plain.number(key.code), 0, u32::from(seen(key)), false, false)));
        self.places(symbols, |form, start| {
            check::looking(form, &keys[start..start + form.codes.len()], folded, found);
            false
        });
    }

    /// Whether some form may stand in a text of these symbols.
    pub(super) fn may_find(&self, symbols: &[Symbol]) -> bool {
        self.places(symbols, |_, _| true)
    }

    /// Gives `report` each form and place where its characters stand or are seen; ends, with true, when `report` wants no
    /// more.
    fn places(&self, symbols: &[Symbol], mut report: impl FnMut(&Form, usize) -> bool) -> bool {
        for (at, symbol) in symbols.iter().enumerate() {
            let (first, end) = self.ranges.get(usize::from(symbol.number)).copied().unwrap_or((0, 0));
            if first == end {
                continue;
            }
            let beside =
                |symbol: Option<&Symbol>| symbol.map_or((0, 0), |symbol| (symbol.number, parts::bits(symbol.seen())));
            let before = beside(at.checked_sub(1).map(|at| &symbols[at]));
            let (after, behind) = (beside(symbols.get(at + 1)), beside(symbols.get(at + 2)));
            let goes_on = |place: &Place, (number, parts): (u16, u64)| {
                place.next == 0 || parts & place.next_parts != 0 || number == place.next
            };
            for place in &self.places[first as usize..end as usize] {
                let passes = if place.place > 0 {
                    before.1 & place.parts != 0 && before.0 != place.neighbour && goes_on(place, after)
                } else {
                    (after.1 & place.parts != 0 || after.0 == place.neighbour) && goes_on(place, behind)
                };
                if !passes {
                    continue;
                }
                let (form, spelled) = (&self.forms[place.form as usize], &self.spelled[place.form as usize]);
                let place = usize::from(place.place);
                let Some(start) = at.checked_sub(place) else { continue };
                let Some(stretch) = symbols.get(start..start + spelled.len()) else { continue };
                let exact = |i: usize| stretch[i].number == spelled[i];
                // The first exact character reports the place, so that it is reported once.
                if (0..place).any(exact) {
                    continue;
                }
                let alike = |i: usize| exact(i) || parts::look_alike(stretch[i].seen(), form.codes[i]);
                if !(0..stretch.len()).all(exact) && (0..stretch.len()).all(alike) && report(form, start) {
                    return true;
                }
            }
        }
        false
    }
}
