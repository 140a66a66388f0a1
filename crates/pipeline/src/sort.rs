//! An external sort of keyed rows, in a fixed number of partitions by key.
//!
//! Rows come out by (key, order, record, emitting stage, payload), a total order, so neither the order in which threads
//! add them nor the number of runs that were spilled can be seen in what comes out. Memory is bounded: a partition that
//! outgrows its share of the budget is sorted and written to a temporary file.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// Partitions of every sort. Fixed, so that results do not depend on the machine.
pub(crate) const PARTITIONS: usize = 16;

/// Bytes of rows that one sort keeps in memory, all partitions together.
const BUDGET: usize = 256 << 20;

/// A row on its way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SortRow {
    pub(crate) key: String,
    pub(crate) order: i64,
    pub(crate) record: String,
    /// Index of the emitting stage among the detector's stages in order of their names.
    pub(crate) input: u16,
    pub(crate) payload: Vec<u8>,
}

#[derive(Default)]
struct Partition {
    rows: Vec<SortRow>,
    bytes: usize,
    runs: Vec<File>,
}

/// Collects rows from any thread.
pub(crate) struct Sorter {
    partitions: Vec<Mutex<Partition>>,
    budget: usize,
}

impl Sorter {
    pub(crate) fn new() -> Self {
        Self::with_budget(BUDGET)
    }

    fn with_budget(bytes: usize) -> Self {
        let partitions = (0..PARTITIONS).map(|_| Mutex::default()).collect();
        Self { partitions, budget: bytes / PARTITIONS }
    }

    pub(crate) fn add(&self, rows: Vec<SortRow>) -> io::Result<()> {
        let mut by_partition: Vec<Vec<SortRow>> = (0..PARTITIONS).map(|_| Vec::new()).collect();
        for row in rows {
            by_partition[partition_of(&row.key)].push(row);
        }
        for (i, rows) in by_partition.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            let mut partition = self.partitions[i].lock().unwrap_or_else(PoisonError::into_inner);
            for row in rows {
                partition.bytes += row.key.len() + row.record.len() + row.payload.len() + size_of::<SortRow>();
                partition.rows.push(row);
            }
            if partition.bytes > self.budget {
                partition.spill()?;
            }
        }
        Ok(())
    }

    /// The rows of one partition, sorted; it is empty afterwards.
    pub(crate) fn take(&self, partition: usize) -> io::Result<Merge> {
        let mut taken = std::mem::take(&mut *self.partitions[partition].lock().unwrap_or_else(PoisonError::into_inner));
        taken.rows.sort_unstable();
        let mut sources = Vec::new();
        for mut run in taken.runs {
            run.seek(SeekFrom::Start(0))?;
            sources.push(Source::Run(BufReader::with_capacity(1 << 16, run)));
        }
        sources.push(Source::Memory(taken.rows.into_iter()));
        let mut merge = Merge { sources, heap: BinaryHeap::new() };
        for i in 0..merge.sources.len() {
            merge.refill(i)?;
        }
        Ok(merge)
    }
}

impl Partition {
    fn spill(&mut self) -> io::Result<()> {
        self.rows.sort_unstable();
        let mut file = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
        for row in self.rows.drain(..) {
            for len in [row.key.len(), row.record.len(), row.payload.len()] {
                let len = u32::try_from(len).map_err(|_| io::Error::other("a row of a stage is larger than 4 GiB"))?;
                file.write_all(&len.to_le_bytes())?;
            }
            file.write_all(&row.order.to_le_bytes())?;
            file.write_all(&row.input.to_le_bytes())?;
            file.write_all(row.key.as_bytes())?;
            file.write_all(row.record.as_bytes())?;
            file.write_all(&row.payload)?;
        }
        self.runs.push(file.into_inner().map_err(io::IntoInnerError::into_error)?);
        self.bytes = 0;
        Ok(())
    }
}

/// A partition by key alone, the same on every machine.
fn partition_of(key: &str) -> usize {
    // FNV-1a; any fixed function does.
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (hash >> 32) as usize % PARTITIONS
}

enum Source {
    Run(BufReader<File>),
    Memory(std::vec::IntoIter<SortRow>),
}

impl Source {
    fn next(&mut self) -> io::Result<Option<SortRow>> {
        let file = match self {
            Self::Memory(rows) => return Ok(rows.next()),
            Self::Run(file) => file,
        };
        let mut head = [0; 22];
        match file.read_exact(&mut head) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(e) => return Err(e),
        }
        let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        let mut order = [0; 8];
        order.copy_from_slice(&head[12..20]);
        let mut bytes = |len: usize| {
            let mut out = vec![0; len];
            file.read_exact(&mut out).map(|()| out)
        };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(io::Error::other);
        Ok(Some(SortRow {
            key: text(bytes(number(0))?)?,
            record: text(bytes(number(4))?)?,
            payload: bytes(number(8))?,
            order: i64::from_le_bytes(order),
            input: u16::from_le_bytes([head[20], head[21]]),
        }))
    }
}

/// The sorted rows of a partition.
pub(crate) struct Merge {
    sources: Vec<Source>,
    heap: BinaryHeap<Reverse<Head>>,
}

#[derive(PartialEq, Eq)]
struct Head(SortRow, usize);

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0).then(self.1.cmp(&other.1))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Merge {
    fn refill(&mut self, source: usize) -> io::Result<()> {
        if let Some(row) = self.sources[source].next()? {
            self.heap.push(Reverse(Head(row, source)));
        }
        Ok(())
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<SortRow>> {
        // One source, the usual case, needs no heap.
        if let [Source::Memory(rows)] = &mut self.sources[..] {
            return Ok(match self.heap.pop() {
                Some(Reverse(head)) => Some(head.0),
                None => rows.next(),
            });
        }
        let Some(Reverse(Head(row, source))) = self.heap.pop() else { return Ok(None) };
        self.refill(source)?;
        Ok(Some(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: u64) -> Vec<SortRow> {
        (0..n)
            .map(|i| {
                let x = i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
                SortRow {
                    key: format!("k{}", x % 37),
                    order: (x % 5).cast_signed() - 2,
                    record: format!("r{}", x % 101),
                    input: (x % 3) as u16,
                    payload: x.to_le_bytes().to_vec(),
                }
            })
            .collect()
    }

    fn drain(sorter: &Sorter) -> Vec<SortRow> {
        let mut out = Vec::new();
        for p in 0..PARTITIONS {
            let mut merge = sorter.take(p).unwrap();
            while let Some(row) = merge.next().unwrap() {
                out.push(row);
            }
        }
        out
    }

    #[test]
    fn spilling_and_order_of_arrival_cannot_be_seen() {
        let all = rows(5000);
        let in_memory = Sorter::with_budget(usize::MAX);
        in_memory.add(all.clone()).unwrap();
        let spilling = Sorter::with_budget(16 * 4096);
        for chunk in all.rchunks(77) {
            spilling.add(chunk.to_vec()).unwrap();
        }
        let expected = drain(&in_memory);
        assert_eq!(expected.len(), 5000);
        assert_eq!(drain(&spilling), expected);
    }

    #[test]
    fn a_key_s_rows_are_consecutive_and_ordered() {
        let sorter = Sorter::with_budget(4096);
        sorter.add(rows(1000)).unwrap();
        let out = drain(&sorter);
        let mut seen = std::collections::HashSet::new();
        for group in out.chunk_by(|a, b| a.key == b.key) {
            assert!(seen.insert(group[0].key.clone()), "key {} came twice", group[0].key);
            assert!(group.is_sorted());
        }
    }
}
