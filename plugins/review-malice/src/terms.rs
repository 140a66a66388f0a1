//! Finds many terms in folded characters.
//!
//! A trie over characters, laid out as a double array (Aoe 1989). A review is read by character, not by byte, and at most
//! characters no term starts, so it is faster here than a byte automaton, and its tables stay small enough for the cache.

/// Terms, numbered in the order given.
pub struct Terms {
    /// The class of each character of the basic plane: 0 when no term has it.
    classes: Box<[u16]>,
    cells: Vec<Cell>,
    /// First two characters of terms, by hash: a bit is unset where no term starts so.
    pairs: Box<[u64]>,
    /// Terms of one character, by their lowest bits.
    singles: [u64; 8],
}

/// A node of the trie; its child over a class stands at `base + class`. The root is cell 0.
#[derive(Clone, Copy)]
struct Cell {
    base: u32,
    parent: u32,
    /// Number of the term that ends here, counted from 1.
    term: u32,
}

const FREE: Cell = Cell { base: 0, parent: u32::MAX, term: 0 };

/// Bits of [`Terms::pairs`].
const PAIRS: usize = 1 << 16;

#[inline]
fn pair(a: char, b: char) -> usize {
    let hash = (a as u32).wrapping_mul(0x9e37_79b1) ^ (b as u32).wrapping_mul(0x85eb_ca77);
    (hash >> 16) as usize
}

impl Terms {
    /// Terms, none of them empty nor given twice. A term with a character outside of the basic plane is never found.
    pub fn new<'a>(terms: impl IntoIterator<Item = &'a str>) -> Self {
        let terms: Vec<Vec<char>> = terms.into_iter().map(|term| term.chars().collect()).collect();
        let mut out = Self {
            classes: vec![0; 1 << 16].into(),
            cells: vec![FREE],
            pairs: vec![0; PAIRS / 64].into(),
            singles: [0; 8],
        };
        let mut count = 0;
        for c in terms.iter().flatten() {
            if let Some(class) = out.classes.get_mut(*c as usize)
                && *class == 0
            {
                count += 1;
                *class = count;
            }
        }
        for term in &terms {
            match term[..] {
                [] => {}
                [c] => out.singles[c as usize >> 6 & 7] |= 1 << (c as u64 & 63),
                [a, b, ..] => out.pairs[pair(a, b) >> 6] |= 1 << (pair(a, b) & 63),
            }
        }
        out.lay_out(&terms);
        out
    }

    fn class(&self, c: char) -> usize {
        self.classes.get(c as usize).map_or(0, |class| usize::from(*class))
    }

    fn lay_out(&mut self, terms: &[Vec<char>]) {
        let coded = |(i, term): (usize, &Vec<char>)| {
            let classes: Vec<usize> = term.iter().map(|c| self.class(*c)).collect();
            (!classes.is_empty() && !classes.contains(&0)).then_some((classes, i as u32 + 1))
        };
        let mut coded: Vec<(Vec<usize>, u32)> = terms.iter().enumerate().filter_map(coded).collect();
        coded.sort_unstable();
        // Nodes still to be laid out: the cell, the terms below it, how long their common start is.
        let mut open = std::collections::VecDeque::from([(0usize, &coded[..], 0usize)]);
        let mut lowest = 1;
        while let Some((at, mut below, depth)) = open.pop_front() {
            if let Some(((term, number), rest)) = below.split_first()
                && term.len() == depth
            {
                self.cells[at].term = *number;
                below = rest;
            }
            let children: Vec<_> = below.chunk_by(|a, b| a.0[depth] == b.0[depth]).collect();
            let Some(first) = children.first().map(|child| child[0].0[depth]) else { continue };
            while self.cells.get(lowest).is_some_and(|cell| cell.parent != u32::MAX) {
                lowest += 1;
            }
            let free = |cell: usize| self.cells.get(cell).is_none_or(|cell| cell.parent == u32::MAX);
            let mut base = if at == 0 { 0 } else { lowest.saturating_sub(first) };
            while !children.iter().all(|child| base + child[0].0[depth] > 0 && free(base + child[0].0[depth])) {
                base += 1;
            }
            self.cells[at].base = base as u32;
            for child in children {
                let cell = base + child[0].0[depth];
                if cell >= self.cells.len() {
                    self.cells.resize(cell + 1, FREE);
                }
                self.cells[cell].parent = at as u32;
                open.push_back((cell, child, depth + 1));
            }
        }
    }

    /// Tells the terms that start with the first character, shortest first: how many characters each has, and its number.
    #[inline]
    pub fn starting(&self, chars: &[char], mut found: impl FnMut(usize, usize)) {
        let Some(first) = chars.first() else { return };
        // Most places end here, so this is one branch that is nearly always taken.
        let pair = chars.get(1).map_or(0, |second| pair(*first, *second));
        let single = self.singles[*first as usize >> 6 & 7] >> (*first as u32 & 63);
        if (self.pairs[pair >> 6] >> (pair & 63) | single) & 1 == 0 {
            return;
        }
        let mut at = 0;
        let mut length = 0;
        loop {
            let cell = self.cells[at];
            if cell.term != 0 {
                found(length, cell.term as usize - 1);
            }
            let class = chars.get(length).map_or(0, |c| self.class(*c));
            let next = cell.base as usize + class;
            if class == 0 || self.cells.get(next).is_none_or(|child| child.parent as usize != at) {
                return;
            }
            at = next;
            length += 1;
        }
    }

    /// The longest term that starts with the first character.
    #[inline]
    pub fn longest(&self, chars: &[char]) -> Option<(usize, usize)> {
        let mut longest = None;
        self.starting(chars, |length, term| longest = Some((length, term)));
        longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::mix;

    #[test]
    fn finds_what_a_plain_comparison_finds() {
        for seed in 0..60u64 {
            let some = |i: u64, longest: u64| -> String {
                let n = 1 + mix(seed << 32 | i) % longest;
                let letter = |k: u64| char::from_u32(0x4e00 + (mix(seed << 40 | i << 8 | k) % (3 + seed)) as u32);
                (0..n).filter_map(letter).collect()
            };
            let terms: std::collections::BTreeSet<String> = (0..seed * 5).map(|i| some(i, 4)).collect();
            let built = Terms::new(terms.iter().map(String::as_str));
            for i in 0..40 {
                let text: Vec<char> = some(1_000 + i, 30).chars().collect();
                for from in 0..=text.len() {
                    let rest: String = text[from..].iter().collect();
                    let mut expected: Vec<(usize, usize)> = terms
                        .iter()
                        .enumerate()
                        .filter(|(_, term)| rest.starts_with(term.as_str()))
                        .map(|(number, term)| (term.chars().count(), number))
                        .collect();
                    expected.sort_unstable();
                    let mut found = Vec::new();
                    built.starting(&text[from..], |length, term| found.push((length, term)));
                    assert_eq!(found, expected);
                    assert_eq!(built.longest(&text[from..]), expected.last().copied());
                }
            }
        }
    }

    #[test]
    fn characters_outside_of_the_basic_plane_match_nothing() {
        let terms = Terms::new(["好", "好😀", "😀"]);
        assert_eq!(terms.longest(&['好', '😀']), Some((1, 0)));
        assert_eq!(terms.longest(&['😀']), None);
        assert_eq!(Terms::new([]).longest(&['好']), None);
    }
}
