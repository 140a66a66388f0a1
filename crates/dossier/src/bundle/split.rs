//! Which file goes into which part.

/// A file to place: its bytes, what an entry of it costs besides, and whether it belongs in the first part.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub bytes: u64,
    pub overhead: u64,
    pub first: bool,
}

/// A file, or bytes `from..from + bytes` of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub item: usize,
    pub from: u64,
    pub bytes: u64,
    /// Which piece of how many, from 1; none for a whole file.
    pub number: Option<(usize, usize)>,
}

/// A gap smaller than this is not worth cutting a file for.
const WORTH_A_CUT: u64 = 16 * 1024;

/// First fit, longest first; what belongs in the first part is laid there before. A file longer than a part is cut into full parts and a
/// rest, and the rest once more, over the gaps of other parts, where that saves a part. `None` if an entry's overhead alone does not fit.
pub(crate) fn plan(items: &[Item], capacity: u64) -> Option<Vec<Vec<Piece>>> {
    let mut bins = Bins { items, capacity, bins: Vec::new() };
    let (mut whole, mut long) = (Vec::new(), Vec::new());
    for (item, Item { bytes, overhead, .. }) in items.iter().enumerate() {
        capacity.checked_sub(*overhead).filter(|room| *room > 0)?;
        let piece = Piece { item, from: 0, bytes: *bytes, number: None };
        if bytes + overhead <= capacity { whole.push(piece) } else { long.push(piece) }
    }
    // Stable sorts, so that equal lengths keep their order and the plan follows from the items alone.
    whole.sort_by_key(|piece| std::cmp::Reverse((items[piece.item].first, bins.cost(piece))));
    whole.into_iter().for_each(|piece| bins.put(piece));
    // Long files after all others, so that part 1 stays the one with the cover; their rests last, into what is left.
    let mut rests: Vec<Piece> = Vec::new();
    for mut piece in long {
        let each = capacity - items[piece.item].overhead;
        while piece.bytes >= each {
            bins.open(piece.cut(each));
        }
        rests.extend((piece.bytes > 0).then_some(piece));
    }
    rests.sort_by_key(|piece| std::cmp::Reverse(piece.bytes));
    rests.into_iter().for_each(|piece| bins.put_rest(piece));
    let mut parts: Vec<Vec<Piece>> = bins.bins.into_iter().map(|(_, pieces)| pieces).collect();
    number(&mut parts, items);
    Some(parts)
}

/// Numbers the pieces of each file that was cut.
fn number(parts: &mut [Vec<Piece>], items: &[Item]) {
    let mut pieces: Vec<Vec<&mut Piece>> = items.iter().map(|_| Vec::new()).collect();
    for piece in parts.iter_mut().flatten() {
        pieces[piece.item].push(piece);
    }
    for mut pieces in pieces {
        pieces.sort_by_key(|piece| piece.from);
        let of = pieces.len();
        if of > 1 {
            pieces.iter_mut().enumerate().for_each(|(n, piece)| piece.number = Some((n + 1, of)));
        }
    }
}

impl Piece {
    /// Takes bytes off the front, as a piece of their own.
    fn cut(&mut self, bytes: u64) -> Self {
        let front = Self { bytes, ..self.clone() };
        self.from += bytes;
        self.bytes -= bytes;
        front
    }
}

struct Bins<'a> {
    items: &'a [Item],
    capacity: u64,
    bins: Vec<(u64, Vec<Piece>)>,
}

impl Bins<'_> {
    fn cost(&self, piece: &Piece) -> u64 {
        piece.bytes + self.items[piece.item].overhead
    }

    fn open(&mut self, piece: Piece) {
        self.bins.push((self.cost(&piece), vec![piece]));
    }

    fn lay(&mut self, bin: usize, piece: Piece) {
        self.bins[bin].0 += self.cost(&piece);
        self.bins[bin].1.push(piece);
    }

    fn put(&mut self, piece: Piece) {
        let cost = self.cost(&piece);
        match self.bins.iter().position(|(used, _)| used + cost <= self.capacity) {
            Some(bin) => self.lay(bin, piece),
            None => self.open(piece),
        }
    }

    fn put_rest(&mut self, mut rest: Piece) {
        let overhead = self.items[rest.item].overhead;
        let fits = self.bins.iter().any(|(used, _)| used + self.cost(&rest) <= self.capacity);
        let mut gaps: Vec<(u64, usize)> = (self.bins.iter().enumerate())
            .map(|(bin, (used, _))| ((self.capacity - used).saturating_sub(overhead), bin))
            .filter(|(gap, _)| *gap >= WORTH_A_CUT)
            .collect();
        if fits || gaps.iter().map(|(gap, _)| gap).sum::<u64>() < rest.bytes {
            return self.put(rest);
        }
        gaps.sort_by_key(|(gap, bin)| (std::cmp::Reverse(*gap), *bin));
        for (gap, bin) in gaps {
            let piece = rest.cut(gap.min(rest.bytes));
            self.lay(bin, piece);
            if rest.bytes == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator, so that the cases are the same everywhere.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % n
        }
    }

    /// No plan can do with fewer: by the sum, and by the files that cannot be cut and of which no two fit together, with what
    /// is too long to lie beside them (Martello and Toth's bound L2).
    fn at_least(items: &[Item], capacity: u64) -> usize {
        let cost = |item: &Item| {
            let each = capacity - item.overhead;
            item.bytes + item.overhead * item.bytes.div_ceil(each).max(1)
        };
        let sum = items.iter().map(cost).sum::<u64>().div_ceil(capacity) as usize;
        let whole: Vec<u64> = items.iter().map(cost).filter(|cost| *cost <= capacity).collect();
        let bound = |least: u64| {
            let alone = whole.iter().filter(|cost| **cost > capacity - least).count() as u64;
            let big: Vec<u64> =
                whole.iter().copied().filter(|cost| *cost > capacity / 2 && *cost <= capacity - least).collect();
            let rest: u64 = whole.iter().filter(|cost| **cost >= least && **cost <= capacity / 2).sum();
            let room = big.len() as u64 * capacity - big.iter().sum::<u64>();
            (alone + big.len() as u64 + rest.saturating_sub(room).div_ceil(capacity)) as usize
        };
        whole.iter().copied().filter(|cost| *cost <= capacity / 2).map(bound).max().unwrap_or(0).max(sum)
    }

    #[test]
    fn ten_thousand_random_cases_fit_and_lose_nothing_and_take_at_most_one_part_more() {
        let mut dice = Dice(20_261_130);
        for case in 0..10_000 {
            let capacity = 20_000_000 - dice.below(1_000_000);
            let count = 1 + dice.below(60);
            let biggest = [300_000, 3_000_000, 12_000_000, 90_000_000][dice.below(4) as usize];
            let items: Vec<Item> = (0..count)
                .map(|n| Item { bytes: dice.below(biggest), overhead: 400 + dice.below(400), first: n < 2 })
                .collect();
            let parts = plan(&items, capacity).unwrap();
            let mut got: Vec<Vec<&Piece>> = vec![Vec::new(); items.len()];
            for part in &parts {
                let used: u64 = part.iter().map(|piece| piece.bytes + items[piece.item].overhead).sum();
                assert!(used <= capacity, "case {case}: {used} of {capacity}");
                part.iter().for_each(|piece| got[piece.item].push(piece));
            }
            for (item, pieces) in items.iter().zip(&mut got) {
                pieces.sort_by_key(|piece| piece.from);
                let mut end = 0;
                for piece in pieces.iter() {
                    assert_eq!(piece.from, end, "case {case}");
                    end += piece.bytes;
                }
                assert_eq!(end, item.bytes, "case {case}");
            }
            let least = at_least(&items, capacity);
            assert!(parts.len() <= least + 1, "case {case}: {} parts, {least} would do", parts.len());
        }
    }

    #[test]
    fn what_belongs_first_is_in_the_first_part() {
        let item = |bytes, first| Item { bytes, overhead: 10, first };
        let parts = plan(&[item(80, false), item(85, false), item(20, true)], 100).unwrap();
        assert_eq!(parts[0][0].item, 2);
    }

    #[test]
    fn no_room_for_an_entry_is_no_plan() {
        assert_eq!(plan(&[Item { bytes: 5, overhead: 10, first: false }], 10), None);
    }
}
