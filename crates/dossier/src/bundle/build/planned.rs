use std::path::Path;

use super::writing::WritingPart;
use super::{expect, expect_digest, own_file_fits};
use crate::bundle::info::Oxum;
use crate::bundle::parts::{FORMAT, IndexedFile, IndexedPart, PartIndex, SplitFile};
use crate::bundle::split::{Item, Piece, plan};
use crate::bundle::{
    BagPath, BundleError, BundleInfo, Limits, Payload, Placement, SigningKey, digest, names, path, verify_md,
};

/// Which file, or which piece of one, goes into which part under which name.
pub(super) struct Planned<'a> {
    pub payload: &'a [Payload],
    lengths: Vec<u64>,
    most_joins: usize,
    /// For each part its pieces, in the order of their names.
    pub parts: Vec<Vec<(String, Piece)>>,
}

impl<'a> Planned<'a> {
    pub fn new(
        payload: &'a [Payload],
        info: &BundleInfo,
        key: &SigningKey,
        limits: &Limits,
    ) -> Result<Self, BundleError> {
        let twins = |(first, second)| BundleError::Twins { first, second };
        path::first_twins(payload.iter().map(|file| file.path.as_str())).map_or(Ok(()), |pair| Err(twins(pair)))?;
        let lengths = payload.iter().map(Payload::len).collect::<Result<Vec<u64>, _>>()?;
        for (file, bytes) in payload.iter().zip(&lengths).filter(|(file, _)| file.path.in_bag() == names::CUSTODY) {
            own_file_fits(&file.path.in_bag(), *bytes)?;
        }
        let raw = limits.raw_bytes();
        let most_joins = verify_md::most_joins(raw);
        let max = limits.max_files.min(Limits::MOST_PARTS);
        let items: Vec<Item> = (payload.iter().zip(&lengths))
            .map(|(file, bytes)| Item {
                bytes: *bytes,
                overhead: entry_overhead(&file.path, info),
                first: file.placement == Placement::First,
            })
            .collect();
        let base = base_overhead(info, key);
        let mut index = items.iter().zip(payload).map(|(_, file)| index_line(&file.path)).sum::<u64>();
        let parts = loop {
            let needed = base + index;
            let too_small = BundleError::NoRoom { limit: raw, needed };
            let capacity = raw.checked_sub(needed).ok_or(too_small.clone())?;
            let pieces: u64 = items.iter().map(|item| item.bytes.div_ceil(capacity.max(1))).sum();
            if pieces > 4 * max as u64 + items.len() as u64 {
                return Err(BundleError::TooManyParts { parts: pieces as usize, max, limit: raw });
            }
            let parts = plan(&items, capacity).ok_or(too_small)?;
            // Pieces and parts have lines in the index too, which leave a little less room.
            let mut lines = 0;
            for piece in parts.iter().flatten() {
                let path = &payload[piece.item].path;
                lines += index_line(path) + if piece.number.is_some() { path.as_str().len() as u64 + 32 } else { 0 };
            }
            lines += items.iter().zip(payload).map(|(_, file)| file.path.as_str().len() as u64 + 180).sum::<u64>();
            lines += joins_overhead(parts.iter().flatten(), payload, info, most_joins);
            lines += parts.len() as u64 * (info.case_id.len() as u64 + 64);
            if lines <= index {
                break parts;
            }
            index = lines;
        };
        if parts.len() > max {
            return Err(BundleError::TooManyParts { parts: parts.len(), max, limit: raw });
        }
        let named = |piece: Piece| (piece_name(&payload[piece.item].path, piece.number), piece);
        let mut parts: Vec<Vec<(String, Piece)>> =
            parts.into_iter().map(|part| part.into_iter().map(named).collect()).collect();
        parts.iter_mut().for_each(|part| part.sort_by(|a, b| a.0.cmp(&b.0)));
        let all = parts.iter().flatten().map(|(name, _)| name.as_str());
        path::first_twins(all).map_or(Ok(()), |pair| Err(twins(pair)))?;
        Ok(Self { payload, lengths, most_joins, parts })
    }

    /// How a reader joins the files that were cut.
    pub fn joins(&self, info: &BundleInfo) -> String {
        let mut cuts = Vec::new();
        for (item, file) in self.payload.iter().enumerate() {
            let mut pieces: Vec<(u64, String)> = Vec::new();
            for (part, named) in self.parts.iter().enumerate() {
                let folder = names::folder(&info.case_id, part + 1, self.parts.len());
                let own = named.iter().filter(|(_, piece)| piece.item == item && piece.number.is_some());
                pieces.extend(own.map(|(name, piece)| (piece.from, format!("{folder}/{name}"))));
            }
            pieces.sort();
            if !pieces.is_empty() {
                let pieces = pieces.into_iter().map(|(_, name)| name).collect();
                cuts.push(verify_md::Cut { path: &file.path, bytes: self.lengths[item], sha256: file.sha256, pieces });
            }
        }
        cuts.sort_by_key(|cut| cut.path.as_str());
        verify_md::joins(&cuts, self.most_joins)
    }

    /// The index of all parts, once the digests of all files are known.
    pub fn index(&self, info: &BundleInfo, written: &[WritingPart]) -> Result<String, BundleError> {
        let parts = written.iter().map(|part| IndexedPart {
            name: part.folder.clone(),
            files: (part.files.iter())
                .map(|(path, prints)| IndexedFile { bytes: prints.bytes, path: path.clone(), sha256: prints.sha256 })
                .collect(),
        });
        let mut split: Vec<SplitFile> = Vec::new();
        for (item, file) in self.payload.iter().enumerate() {
            let pieces = self.parts.iter().flatten().filter(|(_, piece)| piece.item == item && piece.number.is_some());
            let mut pieces: Vec<&(String, Piece)> = pieces.collect();
            pieces.sort_by_key(|(_, piece)| piece.from);
            if pieces.is_empty() {
                continue;
            }
            let whole = digest::read_through(&mut file.open(0, u64::MAX)?, self.lengths[item], |_| Ok(()))
                .map_err(BundleError::io(Path::new(file.path.as_str())))?;
            expect(file, whole.bytes == self.lengths[item], self.lengths[item], whole.bytes)?;
            expect_digest(file, whole.sha256)?;
            split.push(SplitFile {
                bytes: whole.bytes,
                path: file.path.in_bag(),
                pieces: pieces.into_iter().map(|(name, _)| name.clone()).collect(),
                sha256: whole.sha256,
            });
        }
        split.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(PartIndex { format: FORMAT.to_owned(), case: info.case_id.clone(), parts: parts.collect(), split }.render())
    }
}

fn piece_name(path: &BagPath, number: Option<(usize, usize)>) -> String {
    match number {
        None => path.in_bag(),
        Some((n, of)) => format!("{}.part{n:0width$}", path.in_bag(), width = of.to_string().len().max(2)),
    }
}

/// What an entry of the payload costs beside its bytes: two ZIP headers and a line in each manifest.
fn entry_overhead(path: &BagPath, info: &BundleInfo) -> u64 {
    let name = path.in_bag().len() as u64 + ".part000".len() as u64;
    let folder = info.case_id.len() as u64 + "_000of000/".len() as u64;
    76 + 2 * (folder + name) + 64 + 128 + 2 * (3 + name)
}

fn index_line(path: &BagPath) -> u64 {
    path.in_bag().len() as u64 + ".part000".len() as u64 + 64 + 64
}

/// What `VERIFY.md` of each part says at most of the files that were cut.
fn joins_overhead<'p>(
    pieces: impl Iterator<Item = &'p Piece>,
    payload: &[Payload],
    info: &BundleInfo,
    most: usize,
) -> u64 {
    let cut = pieces.filter(|piece| piece.number.is_some());
    let sum: u64 = cut
        .map(|piece| {
            let path = payload[piece.item].path.in_bag().len() as u64;
            let folder = info.case_id.len() as u64 + "_400of400/".len() as u64;
            // A piece in both commands, and as if each were of a file of its own; a quote takes four bytes in a shell.
            2 * (path + folder + 16) + 4 * path + 256
        })
        .sum();
    if sum == 0 {
        0
    } else {
        verify_md::AROUND_JOINS as u64 + (verify_md::JOINS_BEGIN.len() as u64 + sum).min(most as u64)
    }
}

/// What a part costs before its first exhibit, with room for a time stamp that comes later.
fn base_overhead(info: &BundleInfo, key: &SigningKey) -> u64 {
    const STAMP: u64 = 16 * 1024;
    const HEADERS: u64 = 12 * (76 + 2 * 128);
    const MANIFESTS: u64 = 4 * 1024;
    let folder = names::folder(&info.case_id, 999, 999);
    let texts = verify_md::render(&folder, 999, &key.public(), "").len()
        + key.public().allowed_signers().len()
        + info.render(999, 999, Oxum { bytes: u64::MAX, files: 1_000_000 }).len();
    STAMP + HEADERS + MANIFESTS + texts as u64 + 12 * 2 * folder.len() as u64
}
