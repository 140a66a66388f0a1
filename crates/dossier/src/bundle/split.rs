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

/// First fit, longest first; what belongs in the first part is laid there before. A file longer than a part is cut into full parts and a rest.
/// `None` if an entry's overhead alone does not fit.
pub(crate) fn plan(items: &[Item], capacity: u64) -> Option<Vec<Vec<Piece>>> {
    let mut bins = Bins { capacity, bins: Vec::new() };
    let (mut whole, mut full) = (Vec::new(), Vec::new());
    for (item, Item { bytes, overhead, .. }) in items.iter().enumerate() {
        if bytes + overhead <= capacity {
            whole.push(Piece { item, from: 0, bytes: *bytes, number: None });
            continue;
        }
        let each = capacity.checked_sub(*overhead).filter(|room| *room > 0)?;
        let count = bytes.div_ceil(each) as usize;
        for n in 0..count {
            let from = n as u64 * each;
            let piece = Piece { item, from, bytes: each.min(bytes - from), number: Some((n + 1, count)) };
            if piece.bytes == each { full.push(piece) } else { whole.push(piece) }
        }
    }
    let cost = |piece: &Piece| piece.bytes + items[piece.item].overhead;
    // Stable sorts, so that equal lengths keep their order and the plan follows from the items alone.
    whole.sort_by_key(|piece| std::cmp::Reverse((items[piece.item].first, cost(piece))));
    for piece in whole {
        let cost = cost(&piece);
        bins.put(piece, cost);
    }
    // Full pieces last: they open parts of their own, and part 1 stays the one with the cover.
    for piece in full {
        let cost = cost(&piece);
        bins.put(piece, cost);
    }
    Some(bins.bins.into_iter().map(|(_, pieces)| pieces).collect())
}

struct Bins {
    capacity: u64,
    bins: Vec<(u64, Vec<Piece>)>,
}

impl Bins {
    fn put(&mut self, piece: Piece, cost: u64) {
        match self.bins.iter_mut().find(|(used, _)| used + cost <= self.capacity) {
            Some((used, pieces)) => {
                *used += cost;
                pieces.push(piece);
            }
            None => self.bins.push((cost, vec![piece])),
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

    /// No plan can do with fewer: the sum, and the files of which no two fit together.
    fn at_least(items: &[Item], capacity: u64) -> usize {
        let cost = |item: &Item| {
            let each = capacity - item.overhead;
            item.bytes + item.overhead * item.bytes.div_ceil(each).max(1)
        };
        let sum = items.iter().map(cost).sum::<u64>().div_ceil(capacity) as usize;
        let big = items
            .iter()
            .map(|item| (cost(item) / capacity) as usize + usize::from(cost(item) % capacity > capacity / 2));
        sum.max(big.sum())
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
