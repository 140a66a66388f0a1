//! From patterns to lanes.

use std::fmt;

use super::Matcher;
use super::compose::Compositions;
use super::form::{Draft, Role};
use super::glyph::Edges;
use super::lane::LaneBuilder;
use super::table::Table;
use crate::{Disguises, Pattern, Variants, sound};

/// Why a set of patterns cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatcherError {
    message: String,
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for MatcherError {}

/// Collects patterns and allowed phrases.
#[derive(Clone, Debug, Default)]
pub struct MatcherBuilder {
    plain: LaneBuilder,
    guards: LaneBuilder,
    sound: LaneBuilder,
    compositions: Compositions,
    pictures: bool,
    patterns: u32,
    error: Option<MatcherError>,
}

impl MatcherBuilder {
    /// Adds a pattern. One without a letter, figure or Han character is an error, given back by [`Self::build`].
    #[must_use]
    pub fn pattern(mut self, pattern: Pattern) -> Self {
        self.add(&pattern);
        self
    }

    /// Adds many patterns.
    #[must_use]
    pub fn patterns(mut self, patterns: impl IntoIterator<Item = Pattern>) -> Self {
        for pattern in patterns {
            self.add(&pattern);
        }
        self
    }

    /// Allows a phrase: hits inside it, or equal to it, are left out. It matches as written, folded, without noise.
    #[must_use]
    pub fn allow(mut self, phrase: &str) -> Self {
        self.guard(phrase, Role::Allow);
        self
    }

    /// Names a word that a pattern must not be cut out of: hits that begin or end inside it are left out, such as 京东 in
    /// 北京东路 when 北京 is one. A hit that is the whole word stays.
    #[must_use]
    pub fn cut(mut self, word: &str) -> Self {
        self.guard(word, Role::Cut);
        self
    }

    /// Builds the matcher.
    ///
    /// # Errors
    /// A pattern that is empty after folding, or more than 65,535 different characters.
    pub fn build(self) -> Result<Matcher, MatcherError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let plain = self.plain.build();
        let sound = self.sound.build().of_sounds(&plain);
        let compositions = self.compositions.finish();
        let edges = Edges::new(&plain);
        let table = Table::new(&plain, &sound, &compositions, self.pictures);
        Ok(Matcher { table, plain, guards: self.guards.build(), sound, compositions, edges, pictures: self.pictures })
    }

    fn add(&mut self, pattern: &Pattern) {
        let index = self.patterns;
        self.patterns += 1;
        let Some(form) = Draft::of(pattern, index, &pattern.text, Disguises::NONE) else {
            self.fail(format!(
                "pattern '{}' has no letter, figure or Han character: remove it or write it out",
                pattern.text
            ));
            return;
        };
        let wants = |class| pattern.variants.contains(class);
        let plain = |builder: &mut Self, text: &str, disguises| {
            if let Some(form) = Draft::of(pattern, index, text, disguises) {
                builder.plain(form);
            }
        };
        let han = form.codes.iter().filter(|c| sound::readings(**c)[0] != 0).count();
        if han >= 2 && wants(Variants::INITIALS) && han == form.codes.len() {
            let word: String = pattern.text.chars().filter_map(|c| sound::pinyin(c)?.chars().next()).collect();
            plain(self, &word, Disguises::INITIALS);
        }
        if form.codes.len() >= 2 && wants(Variants::REVERSED) {
            plain(self, &pattern.text.chars().rev().collect::<String>(), Disguises::REVERSED);
        }
        if wants(Variants::DIGITS) {
            for (table, back) in [(FIGURES, false), (FIGURES, true)] {
                let word: String = pattern.text.chars().map(|c| swap_figure(table, c, back)).collect();
                if word != pattern.text {
                    plain(self, &word, Disguises::DIGITS);
                }
            }
        }
        if form.codes.len() >= 2 && han >= 1 && (wants(Variants::HOMOPHONE) || wants(Variants::PINYIN) && han >= 2) {
            let (form, sounds) = sounding(&form);
            if !self.sound.add(sounds.into_iter(), form) {
                self.full();
            }
        }
        if wants(Variants::SPLIT) {
            form.codes.iter().for_each(|c| self.compositions.add(*c));
        }
        self.pictures |= wants(Variants::EMOJI);
        self.plain(form);
    }

    fn guard(&mut self, phrase: &str, role: Role) {
        match Draft::guard(phrase, role) {
            Some(form) => {
                if !self.guards.add(form.codes.clone().into_iter(), form) {
                    self.full();
                }
            }
            None => self.fail(format!("allowed phrase '{phrase}' has no letter, figure or Han character: remove it")),
        }
    }

    fn plain(&mut self, form: Draft) {
        if !self.plain.add(form.codes.clone().into_iter(), form) {
            self.full();
        }
    }

    fn full(&mut self) {
        self.fail("the patterns have more than 65535 different characters: split the pack".to_owned());
    }

    fn fail(&mut self, message: String) {
        self.error.get_or_insert(MatcherError { message });
    }
}

/// The form in sounds, neighbours of the same sound joined as the view joins them.
fn sounding(form: &Draft) -> (Draft, Vec<char>) {
    let (mut codes, mut runs, mut sounds) = (Vec::new(), Vec::<u32>::new(), Vec::new());
    for (code, run) in form.codes.iter().zip(form.runs.iter()) {
        let sound = match sound::readings(*code)[0] {
            0 => *code,
            class => sound::class_code(class),
        };
        match (sounds.last(), runs.last_mut()) {
            (Some(last), Some(joined)) if *last == sound => *joined += run,
            _ => {
                codes.push(*code);
                runs.push(*run);
                sounds.push(sound);
            }
        }
    }
    (form.spelled(codes, runs), sounds)
}

/// Figures as characters and as digits.
const FIGURES: &[(char, char)] = &[
    ('零', '0'),
    ('一', '1'),
    ('二', '2'),
    ('三', '3'),
    ('四', '4'),
    ('五', '5'),
    ('六', '6'),
    ('七', '7'),
    ('八', '8'),
    ('九', '9'),
];

fn swap_figure(table: &[(char, char)], c: char, back: bool) -> char {
    let found = table.iter().find(|(han, digit)| c == if back { *digit } else { *han });
    found.map_or(c, |(han, digit)| if back { *han } else { *digit })
}
