//! One text made ready to be searched: folded, with its words that say something and its stretches of figures.

use std::ops::Range;
use std::sync::LazyLock;

use huoyan_text::{Atom, Disguises, Folded, Gap, Kind as Script, sound_alike};

use super::Kind;
use super::tables::{Says, tables};

/// A word of the tables in the text, in atoms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label {
    pub(crate) says: Says,
    pub(crate) first: usize,
    pub(crate) end: usize,
    pub(crate) reach: usize,
}

/// How a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dress {
    Plain,
    Written,
    /// It only sounds or looks like one.
    Like,
}

/// A figure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) value: u8,
    pub(crate) atom: usize,
    pub(crate) dress: Dress,
}

/// A text with what was found out about it.
pub(crate) struct Page<'t> {
    pub(crate) text: &'t str,
    pub(crate) folded: Folded,
    /// The character that stands at each atom.
    raw: Vec<char>,
    pub(crate) labels: Vec<Label>,
}

/// The figure that a character sounds like.
fn heard(code: char) -> Option<u8> {
    const FIRST: usize = 0x4E00;
    const HEARD: &str = "零一二三四五六七八九幺";
    static FIGURES: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let figure = |c: char| {
            HEARD.chars().position(|figure| sound_alike(c, figure)).map_or(10, |at| if at == 10 { 1 } else { at as u8 })
        };
        // 是 sounds like 四 to many, and stands before numbers as itself.
        (FIRST..0xA000).map(|code| char::from_u32(code as u32).filter(|c| *c != '是').map_or(10, figure)).collect()
    });
    (code as usize).checked_sub(FIRST).and_then(|at| FIGURES.get(at)).copied().filter(|figure| *figure < 10)
}

/// Visible characters that may stand between two figures of one number.
pub(crate) const MOST_BETWEEN: u8 = 3;

impl<'t> Page<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let mut folded = Folded::new();
        folded.fold(text);
        let raw = folded
            .atoms()
            .iter()
            .map(|atom| text.get(atom.start as usize..).and_then(|rest| rest.chars().next()).unwrap_or(atom.code))
            .collect();
        let mut page = Self { text, folded, raw, labels: Vec::new() };
        page.labels = page.find_labels();
        page
    }

    pub(crate) fn atoms(&self) -> &[Atom] {
        self.folded.atoms()
    }

    pub(crate) fn len(&self) -> usize {
        self.atoms().len()
    }

    /// The folded character at an atom; a blank beyond the ends.
    pub(crate) fn code(&self, at: usize) -> char {
        self.atoms().get(at).map_or(' ', |atom| atom.code)
    }

    /// The character as written.
    pub(crate) fn raw(&self, at: usize) -> char {
        self.raw.get(at).copied().unwrap_or(' ')
    }

    pub(crate) fn is(&self, at: usize, script: Script) -> bool {
        self.atoms().get(at).is_some_and(|atom| atom.kind == script)
    }

    pub(crate) fn gap(&self, at: usize) -> Gap {
        self.folded.gap_before(at)
    }

    /// Whether atom `at` touches the one before it.
    pub(crate) fn touches(&self, at: usize) -> bool {
        at > 0 && at < self.len() && self.gap(at).is_empty()
    }

    /// What is written between atom `at` and the one before it.
    pub(crate) fn between(&self, at: usize) -> &'t str {
        let from =
            at.checked_sub(1).and_then(|before| self.atoms().get(before)).map_or(0, |before| before.end as usize);
        let from = if at > self.len() { self.text.len() } else { from };
        let to = self.atoms().get(at).map_or(self.text.len(), |atom| atom.start as usize);
        self.text.get(from..to).unwrap_or("")
    }

    /// The signs between atom `at` and the one before it, folded, without spaces and what cannot be seen.
    pub(crate) fn joint(&self, at: usize) -> String {
        let folded = self.between(at).chars().map(huoyan_text::fold_char);
        folded
            .filter(|(kind, ..)| !matches!(kind, Script::Skip | Script::Space))
            .map(|(_, code, _)| match code as u32 {
                wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(code),
                _ => code,
            })
            .collect()
    }

    /// Whether atom `at` touches neither a letter nor a figure.
    pub(crate) fn single(&self, at: usize) -> bool {
        let sign = |at: usize| self.is(at, Script::Latin) || self.is(at, Script::Digit);
        at < self.len() && !(self.touches(at) && sign(at - 1)) && !(self.touches(at + 1) && sign(at + 1))
    }

    /// Whether atom `at` belongs to a label.
    pub(crate) fn in_label(&self, at: usize) -> bool {
        let from = self.labels.partition_point(|label| label.end <= at);
        self.labels.get(from).is_some_and(|label| label.first <= at && matches!(label.says, Says::Is(_) | Says::Stay))
    }

    /// The bytes of a stretch of atoms.
    pub(crate) fn bytes(&self, atoms: Range<usize>) -> Range<usize> {
        let start = self.atoms()[atoms.start].start as usize;
        start..(self.atoms()[atoms.end - 1].end as usize).max(start)
    }

    /// The folded characters of a stretch of atoms.
    pub(crate) fn codes(&self, atoms: Range<usize>) -> String {
        self.atoms()[atoms].iter().map(|atom| atom.code).collect()
    }

    /// How a stretch of atoms was hidden.
    pub(crate) fn form(&self, atoms: Range<usize>) -> Disguises {
        let mut form = Disguises::NONE;
        for at in atoms.clone() {
            form |= self.atoms()[at].disguises;
            if at > atoms.start {
                form |= self.gap(at).disguises();
            }
        }
        form
    }

    /// Whether the folded text has these characters from atom `at` on, with at most `gap` visible characters before each.
    pub(crate) fn has(&self, at: usize, word: &[char], gap: u8) -> bool {
        word.iter().enumerate().all(|(i, c)| self.code(at + i) == *c && (i == 0 || self.gap(at + i).len() <= gap))
            && at + word.len() <= self.len()
    }

    fn find_labels(&self) -> Vec<Label> {
        let tables = tables();
        let mut codes = String::with_capacity(self.len() * 3);
        let mut atom_of = Vec::with_capacity(self.len() * 3 + 1);
        for (at, atom) in self.atoms().iter().enumerate() {
            codes.push(atom.code);
            atom_of.resize(codes.len(), at);
        }
        atom_of.push(self.len());
        let mut labels = Vec::new();
        for found in tables.search.find_iter(&codes) {
            let word = &tables.words[found.pattern().as_usize()];
            let first = atom_of[found.start()];
            let letter = |at: usize| self.is(at, Script::Latin);
            let mut end = first + word.atoms;
            // In "加V xiao88" the x belongs to the name, not to "加vx".
            if end > first + 1 && letter(end - 1) && !self.touches(end - 1) && letter(end) && self.touches(end) {
                end -= 1;
            }
            let alone = !(word.latin
                && (first > 0 && letter(first - 1) && self.touches(first) || letter(end) && self.touches(end)));
            let vetoed = word.not_after.contains(&self.code(end)) && self.touches(end);
            // A word in pieces over a clause end is two words.
            let whole = (first + 1..end).all(|at| !self.gap(at).has(Gap::BOUNDARY) && self.gap(at).len() <= 2);
            let mail = word.latin && first > 0 && self.joint(first) == "@";
            if alone && !mail && !vetoed && whole {
                labels.push(Label { says: word.says, first, end, reach: word.reach });
            }
        }
        labels
    }

    /// The label that governs a value beginning at atom `at`: the nearest before it, in reach, with no figure between.
    pub(crate) fn label_before(&self, at: usize) -> Option<Label> {
        let to = self.labels.partition_point(|label| label.end <= at);
        let label = self.labels[..to].iter().rev().find(|label| matches!(label.says, Says::Is(_) | Says::Stay))?;
        let between = label.end..at;
        let quiet = between.len() <= label.reach && !between.clone().any(|i| self.is(i, Script::Digit));
        let stopped = between
            .chain([at])
            .any(|i| self.gap(i).has(Gap::BOUNDARY) && self.between(i).contains(['。', '；', ';', '!', '！']));
        (quiet && !stopped).then_some(*label)
    }

    /// Whether the nearest label before atom `at` says this.
    pub(crate) fn is_labelled(&self, at: usize, kind: Kind) -> bool {
        self.label_before(at).is_some_and(|label| label.says == Says::Is(kind))
    }

    /// Whether the nearest label says that a number at atom `at` is an order's, a waybill's or a thing's.
    pub(crate) fn must_stay(&self, at: usize) -> bool {
        self.label_before(at)
            .is_some_and(|label| matches!(label.says, Says::Stay | Says::Is(Kind::Order | Kind::Waybill)))
    }

    /// Whether a label ends right before atom `at` or begins there.
    pub(crate) fn label_ends_at(&self, at: usize) -> bool {
        let to = self.labels.partition_point(|label| label.end <= at);
        to > 0 && self.labels[to - 1].end == at
    }

    pub(crate) fn label_starts_at(&self, at: usize) -> Option<Label> {
        let from = self.labels.partition_point(|label| label.first < at);
        self.labels.get(from).copied().filter(|label| label.first == at)
    }

    /// The figure at an atom.
    pub(crate) fn figure(&self, at: usize) -> Option<Figure> {
        let atom = self.atoms().get(at)?;
        if atom.kind == Script::Digit {
            return Some(Figure { value: atom.code as u8 - b'0', atom: at, dress: Dress::Plain });
        }
        if atom.kind != Script::Han {
            return None;
        }
        let value = match atom.code {
            '零' | '洞' => 0,
            '一' | '幺' => 1,
            '二' | '两' => 2,
            '三' => 3,
            '四' => 4,
            '五' => 5,
            '六' => 6,
            '七' | '拐' => 7,
            '八' => 8,
            '九' | '勾' => 9,
            _ => return None,
        };
        Some(Figure { value, atom: at, dress: Dress::Written })
    }

    /// As [`Self::figure`], with letters and characters that look or sound like figures.
    pub(crate) fn figure_like(&self, at: usize) -> Option<Figure> {
        if let Some(figure) = self.figure(at) {
            return Some(figure);
        }
        let atom = self.atoms().get(at)?;
        let value = match (atom.kind, atom.code) {
            (Script::Latin, 'o') => 0,
            (Script::Latin, 'l' | 'i') => 1,
            (Script::Han, code) => heard(code)?,
            _ => return None,
        };
        Some(Figure { value, atom: at, dress: Dress::Like })
    }
}
