//! The set of versions that were met, in 20 to 30 bytes each; at most 25 from 7 million records up.
//!
//! A general hash set rehashes what is already a hash, keeps a control byte beside every slot and doubles when it grows:
//! up to 39 bytes a record, and three times that while it grows. Here the hash itself says where it goes, and shards grow
//! one at a time: by half while they are small, since moving costs time, by a quarter once they are large, since slots cost
//! memory.

use huoyan_model::ContentHash;

const SHARDS: usize = 256;
/// A shard grows when it is fuller than this many sixteenths.
const FULL: usize = 13;
/// A shard of so many slots is large.
const LARGE: usize = 32 << 10;

/// A set of content hashes.
pub(crate) struct Seen {
    shards: Vec<Shard>,
}

#[derive(Default)]
struct Shard {
    /// Zero is an empty slot.
    slots: Vec<u128>,
    count: usize,
}

impl Seen {
    pub fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect() }
    }

    /// Adds a hash; false when it was there.
    pub fn insert(&mut self, version: ContentHash) -> bool {
        // One in 2^128 records has the hash that stands for "empty"; it may share a slot with its neighbour.
        let hash = version.as_u128().max(1);
        self.shards[(hash >> 120) as usize].insert(hash)
    }

    /// Bytes held.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.slots.capacity() * 16).sum()
    }
}

impl Shard {
    fn insert(&mut self, hash: u128) -> bool {
        if (self.count + 1) * 16 > self.slots.len() * FULL {
            self.grow();
        }
        let at = self.find(hash);
        if self.slots[at] == hash {
            return false;
        }
        self.slots[at] = hash;
        self.count += 1;
        true
    }

    /// The slot of a hash, or the empty one where it belongs.
    fn find(&self, hash: u128) -> usize {
        // The low bits say where; the high ones chose the shard.
        let spread = u128::from(hash as u64);
        let mut at = ((spread * self.slots.len() as u128) >> 64) as usize;
        while self.slots[at] != 0 && self.slots[at] != hash {
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
        at
    }

    fn grow(&mut self) {
        let slots = self.slots.len();
        let wider = if slots < LARGE { slots * 3 / 2 } else { slots * 5 / 4 }.max(32);
        let old = std::mem::replace(&mut self.slots, vec![0; wider]);
        for hash in old.into_iter().filter(|hash| *hash != 0) {
            let at = self.find(hash);
            self.slots[at] = hash;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use huoyan_model::RecordHasher;

    fn version(n: u32) -> ContentHash {
        let mut hasher = RecordHasher::new();
        hasher.part(&n.to_le_bytes());
        hasher.finish()
    }

    #[test]
    fn keeps_every_hash_once_in_few_bytes() {
        let mut seen = Seen::new();
        for n in 0..200_000 {
            assert!(seen.insert(version(n)));
        }
        for n in 0..200_000 {
            assert!(!seen.insert(version(n)));
        }
        let each = seen.bytes() as f64 / 200_000.0;
        assert!(each < 30.0, "{each} bytes a record");
    }

    #[test]
    fn the_hash_that_means_empty_is_kept_too() {
        let mut seen = Seen::new();
        assert!(seen.insert(ContentHash([0; 16])));
        assert!(!seen.insert(ContentHash([0; 16])));
    }
}
