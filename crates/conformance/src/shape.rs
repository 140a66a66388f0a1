//! How the host might divide the same work.

use huoyan_host::Refusal;

use crate::random::Random;

/// Where rows are cut into batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// After so many rows.
    Every(usize),
    /// Anywhere, from this seed.
    Anywhere(u64),
}

/// In which order summaries are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    /// ((a b) c) d
    Left,
    /// a (b (c d))
    Right,
    /// (a b) (c d)
    Balanced,
    /// Any pair in any order, from this seed.
    Any(u64),
}

/// One way to divide the work. Nothing of it may be seen in what comes out, but for what is withheld.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) cut: Cut,
    pub(crate) partitions: usize,
    pub(crate) threads: usize,
    /// Tasks of a corpus stage.
    pub(crate) pieces: usize,
    pub(crate) tree: Tree,
    /// The seed of the tasks.
    pub(crate) seed: u64,
    /// Arrays are slices of longer ones, each column at another offset, from this seed.
    pub(crate) slice: Option<u64>,
    /// Batches without rows stand between the others.
    pub(crate) empty_batches: bool,
    /// Columns the batches do not have.
    pub(crate) without: Vec<String>,
    /// Every declared value is null.
    pub(crate) nulls: bool,
    /// Declared columns are of another type than declared.
    pub(crate) wrong_types: bool,
    /// The sink refuses in this stage; what its tasks answer is taken as it comes.
    pub(crate) refuse: Option<(String, Refusal)>,
    /// A detector may say that it cannot, as long as it says so in order: only a panic or a crash is wrong.
    pub(crate) tolerant: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            cut: Cut::Every(4096),
            partitions: 16,
            threads: 1,
            pieces: 1,
            tree: Tree::Left,
            seed: 7,
            slice: None,
            empty_batches: false,
            without: Vec::new(),
            nulls: false,
            wrong_types: false,
            refuse: None,
            tolerant: false,
        }
    }
}

impl Shape {
    pub(crate) fn withholds(&self, column: &str) -> bool {
        self.without.iter().any(|name| name == column)
    }

    /// Rows before and after a column's own in the array it is a slice of.
    pub(crate) fn padding(&self, column: &str) -> (usize, usize) {
        self.slice.map_or((0, 0), |seed| {
            let mut random = Random::new(seed, column);
            (1 + random.below(17), random.below(3))
        })
    }

    /// `len` rows in stretches.
    pub(crate) fn stretches(&self, len: usize) -> Vec<std::ops::Range<usize>> {
        let mut random = match self.cut {
            Cut::Anywhere(seed) => Random::new(seed, "cut"),
            Cut::Every(_) => Random::new(0, ""),
        };
        let (mut out, mut start) = (Vec::new(), 0);
        while start < len {
            let size = match self.cut {
                Cut::Every(size) => size.max(1),
                Cut::Anywhere(_) => 1 + random.below(1 + len / 3),
            };
            let end = (start + size).min(len);
            out.push(start..end);
            start = end;
        }
        out
    }
}
