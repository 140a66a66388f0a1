//! Scores in the order of their records, however many there are.
//!
//! They come out of a sort whose partitions are each in order; merged, they wait in a file until it is known that no record has two.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use crate::sort::{PARTITIONS, Sorter};

/// Scores by record, read back from a file.
pub(crate) struct Scores {
    file: BufReader<File>,
    left: u64,
}

impl Scores {
    /// Sorts the scores of one detector, whose rows have a record as their key and a score as their payload; the key of a record with
    /// two scores instead, when there is one.
    pub(crate) fn sorted(sorter: &Sorter) -> io::Result<Result<Self, String>> {
        let mut partitions = (0..PARTITIONS).map(|partition| sorter.take(partition)).collect::<io::Result<Vec<_>>>()?;
        let mut heap = BinaryHeap::new();
        let mut file = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
        for (i, partition) in partitions.iter_mut().enumerate() {
            heap.extend(partition.next()?.map(|row| Reverse((row.key, row.payload, i))));
        }
        let mut last: Option<String> = None;
        let mut left = 0;
        while let Some(Reverse((record, score, i))) = heap.pop() {
            if last.as_ref() == Some(&record) {
                return Ok(Err(record));
            }
            let len =
                u32::try_from(record.len()).map_err(|_| io::Error::other("a record's key is larger than 4 GiB"))?;
            file.write_all(&len.to_le_bytes())?;
            file.write_all(record.as_bytes())?;
            file.write_all(&score)?;
            left += 1;
            last = Some(record);
            heap.extend(partitions[i].next()?.map(|row| Reverse((row.key, row.payload, i))));
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Ok(Self { file: BufReader::with_capacity(1 << 20, file), left }))
    }

    fn read(&mut self) -> io::Result<(String, f64)> {
        let mut len = [0; 4];
        self.file.read_exact(&mut len)?;
        let mut record = vec![0; u32::from_le_bytes(len) as usize];
        self.file.read_exact(&mut record)?;
        let mut score = [0; 8];
        self.file.read_exact(&mut score)?;
        Ok((String::from_utf8(record).map_err(io::Error::other)?, f64::from_le_bytes(score)))
    }
}

impl Iterator for Scores {
    type Item = io::Result<(String, f64)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some(self.read())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sort::SortRow;

    fn sorter(records: impl IntoIterator<Item = u32>) -> Sorter {
        let sorter = Sorter::new();
        let row = |i: u32| SortRow {
            key: format!("r{i}"),
            order: 0,
            record: String::new(),
            input: 0,
            payload: (f64::from(i) / 7.0).to_le_bytes().to_vec(),
        };
        sorter.add(records.into_iter().map(row).collect()).unwrap();
        sorter
    }

    #[test]
    fn scores_come_in_the_order_of_their_records() {
        let scores = Scores::sorted(&sorter((0..5_000).rev())).unwrap().unwrap();
        let rows: Vec<(String, f64)> = scores.map(Result::unwrap).collect();
        assert_eq!(rows.len(), 5_000);
        assert!(rows.is_sorted_by(|a, b| a.0 < b.0));
        assert!(rows.iter().all(|(record, score)| *score == record[1..].parse::<f64>().unwrap() / 7.0));
    }

    #[test]
    fn two_scores_for_one_record_are_told() {
        assert_eq!(Scores::sorted(&sorter([3, 1, 2, 1])).unwrap().err().as_deref(), Some("r1"));
        assert!(Scores::sorted(&sorter([])).unwrap().unwrap().next().is_none());
    }
}
