//! One spelling of a pattern, as it is looked for in a view.

use std::ops::{Deref, Range};

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

/// What a place must be like where a form stands.
#[derive(Clone, Debug)]
pub(super) struct Demands {
    pub id: u32,
    pub pattern: u32,
    /// The disguise that this spelling is.
    pub disguises: Disguises,
    pub variants: Variants,
    pub role: Role,
    pub max_noise: u8,
    pub min_exact: u8,
    pub boundary: Boundary,
    pub keep_common: bool,
    /// Whether every character must stand there once.
    pub single: bool,
    /// Whether a letter or figure stands at its beginning and at its end, whose neighbours matter.
    begins_edged: bool,
    ends_edged: bool,
}

impl Demands {
    /// Whether neighbours matter at either end.
    pub(super) fn edged(&self) -> bool {
        self.begins_edged || self.ends_edged
    }

    /// Whether it is found only where a word begins.
    pub(super) fn starts_a_word(&self) -> bool {
        self.boundary != Boundary::None && self.begins_edged
    }

    /// Whether it is found only where a word ends.
    pub(super) fn ends_a_word(&self) -> bool {
        !matches!(self.boundary, Boundary::None | Boundary::Start) && self.ends_edged
    }
}

/// A folded spelling with the demands on a place where it stands, as a lane holds it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form<'l> {
    demands: &'l Demands,
    /// The folded characters, repeats joined.
    pub codes: &'l [char],
    /// How often each must stand there at least; empty when each once.
    runs: &'l [u32],
    /// Their numbers in the plain lane, in forms of the lane of sounds.
    pub numbers: &'l [u16],
}

impl Deref for Form<'_> {
    type Target = Demands;

    fn deref(&self) -> &Demands {
        self.demands
    }
}

impl Form<'_> {
    /// How often the character at `at` must stand there at least.
    pub(super) fn run(&self, at: usize) -> u32 {
        self.runs.get(at).copied().unwrap_or(1)
    }
}

/// A form before a lane holds it.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub demands: Demands,
    pub codes: Vec<char>,
    pub runs: Vec<u32>,
}

impl Draft {
    /// The form of `pattern` spelled as `text`; `None` when nothing of the text is left after folding.
    pub(super) fn of(pattern: &Pattern, index: u32, text: &str, disguises: Disguises) -> Option<Self> {
        let (codes, runs) = spell(text)?;
        let demands = Demands {
            id: pattern.id,
            pattern: index,
            disguises,
            variants: pattern.variants,
            role: Role::Pattern,
            max_noise: pattern.max_noise,
            min_exact: pattern.min_exact,
            boundary: pattern.boundary,
            keep_common: pattern.keep_common,
            single: true,
            begins_edged: false,
            ends_edged: false,
        };
        Some(Self { demands, codes: Vec::new(), runs: Vec::new() }.spelled(codes, runs))
    }

    /// The same demands on another spelling.
    pub(super) fn spelled(&self, codes: Vec<char>, runs: Vec<u32>) -> Self {
        let mut demands = self.demands.clone();
        demands.single = runs.iter().all(|run| *run == 1);
        demands.begins_edged = codes.first().is_some_and(char::is_ascii);
        demands.ends_edged = codes.last().is_some_and(char::is_ascii);
        Self { demands, codes, runs }
    }

    /// The form of an allowed phrase.
    pub(super) fn guard(phrase: &str, role: Role) -> Option<Self> {
        let pattern = Pattern::new(0, phrase).max_noise(0);
        let mut draft = Self::of(&pattern, u32::MAX, phrase, Disguises::NONE)?;
        draft.demands.role = role;
        Some(draft)
    }
}

/// The forms of a lane.
#[derive(Clone, Debug, Default)]
pub(super) struct Forms {
    all: Vec<Held>,
    /// The characters of all, one form after the other.
    codes: Vec<char>,
    /// The repeats of those that have any.
    runs: Vec<u32>,
    /// The numbers of `codes` in the plain lane, in the lane of sounds.
    numbers: Vec<u16>,
}

#[derive(Clone, Debug)]
struct Held {
    demands: Demands,
    codes: u32,
    len: u32,
    runs: u32,
}

impl Forms {
    pub(super) fn push(&mut self, draft: Draft) {
        let (codes, runs, len) = (self.codes.len() as u32, self.runs.len() as u32, draft.codes.len() as u32);
        self.codes.extend(&draft.codes);
        if !draft.demands.single {
            self.runs.extend(&draft.runs);
        }
        self.all.push(Held { demands: draft.demands, codes, len, runs });
    }

    /// Gives back what growing took too much.
    pub(super) fn finish(&mut self) {
        self.all.shrink_to_fit();
        self.codes.shrink_to_fit();
        self.runs.shrink_to_fit();
    }

    /// Notes the numbers that the characters have in the plain lane.
    pub(super) fn number(&mut self, number: impl Fn(char) -> u16) {
        self.numbers = self.codes.iter().map(|code| number(*code)).collect();
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    #[inline]
    pub(super) fn range(&self, range: Range<u32>) -> impl Iterator<Item = Form<'_>> + Clone {
        self.all[range.start as usize..range.end as usize].iter().map(|held| {
            let codes = held.codes as usize..(held.codes + held.len) as usize;
            let runs =
                if held.demands.single { &[][..] } else { &self.runs[held.runs as usize..][..held.len as usize] };
            Form {
                demands: &held.demands,
                numbers: self.numbers.get(codes.clone()).unwrap_or(&[]),
                codes: &self.codes[codes],
                runs,
            }
        })
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
