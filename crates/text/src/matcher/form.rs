//! One spelling of a pattern, as it is looked for in a view.

use std::sync::Arc;

use crate::{Boundary, Disguises, Kind, Pattern, Variants, fold_char};

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A word to find.
    Pattern,
    /// A phrase in which nothing is found.
    Allow,
    /// A word out of which nothing is cut.
    Cut,
}

/// A folded spelling with the demands on a place where it stands.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub id: u32,
    pub pattern: u32,
    pub role: Role,
    /// The folded characters, repeats joined.
    pub codes: Arc<[char]>,
    /// Their numbers in the plain lane, in forms of the lane of sounds.
    pub numbers: Arc<[u16]>,
    /// How often each must stand there at least.
    pub runs: Arc<[u32]>,
    /// Whether every one must stand there once.
    pub single: bool,
    /// Whether letters or figures stand at its edges, whose neighbours matter.
    pub edged: bool,
    pub variants: Variants,
    pub max_noise: u8,
    pub boundary: Boundary,
    pub min_exact: u8,
    pub keep_common: bool,
    /// The disguise that this spelling is.
    pub disguises: Disguises,
}

impl Form {
    /// The form of `pattern` spelled as `text`; `None` when nothing of the text is left after folding.
    pub(super) fn of(pattern: &Pattern, index: u32, text: &str, disguises: Disguises) -> Option<Self> {
        let (codes, runs) = spell(text)?;
        Some(Self {
            id: pattern.id,
            pattern: index,
            role: Role::Pattern,
            single: runs.iter().all(|run| *run == 1),
            edged: codes.first().is_some_and(char::is_ascii) || codes.last().is_some_and(char::is_ascii),
            numbers: Arc::new([]),
            codes: codes.into(),
            runs: runs.into(),
            variants: pattern.variants,
            max_noise: pattern.max_noise,
            boundary: pattern.boundary,
            min_exact: pattern.min_exact,
            keep_common: pattern.keep_common,
            disguises,
        })
    }

    /// Whether it is found only where a word begins.
    pub(super) fn starts_a_word(&self) -> bool {
        self.boundary != Boundary::None && self.codes.first().is_some_and(char::is_ascii)
    }

    /// Whether it is found only where a word ends.
    pub(super) fn ends_a_word(&self) -> bool {
        !matches!(self.boundary, Boundary::None | Boundary::Start) && self.codes.last().is_some_and(char::is_ascii)
    }

    /// The form of an allowed phrase.
    pub(super) fn guard(phrase: &str, role: Role) -> Option<Self> {
        let pattern = Pattern::new(0, phrase).max_noise(0);
        Self::of(&pattern, u32::MAX, phrase, Disguises::NONE).map(|form| Self { role, ..form })
    }
}

/// Folds a word into characters and repeats.
fn spell(text: &str) -> Option<(Vec<char>, Vec<u32>)> {
    let (mut codes, mut runs) = (Vec::new(), Vec::<u32>::new());
    for c in text.chars() {
        let (kind, code, _) = fold_char(c);
        let figures = match kind {
            Kind::Han | Kind::Latin | Kind::Digit | Kind::Other => [Some(code), None],
            Kind::Number => [char::from_digit(code as u32 / 10 % 10, 10), char::from_digit(code as u32 % 10, 10)],
            _ => continue,
        };
        for code in figures.into_iter().flatten() {
            match (codes.last(), runs.last_mut()) {
                (Some(last), Some(run)) if *last == code && !code.is_ascii_digit() => *run += 1,
                _ => {
                    codes.push(code);
                    runs.push(1);
                }
            }
        }
    }
    (!codes.is_empty()).then_some((codes, runs))
}
