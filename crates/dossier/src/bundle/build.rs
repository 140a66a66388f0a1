use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use super::digest::Prints;
use super::info::Oxum;
use super::parts::{FORMAT, IndexedFile, IndexedPart, PartIndex, SplitFile};
use super::publish::Unpublished;
use super::split::{Item, Piece, plan};
use super::zip::ZipWriter;
use super::{
    BagPath, BundleError, BundleInfo, Limits, Payload, Sha256, SigningKey, digest, manifest, names, path, verify_md,
};

/// A part as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// The ZIP file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Files of the payload in it.
    pub files: usize,
    /// The digest of the tag manifest, which stands for all of it: what the cover and the mail quote.
    pub tag_manifest: Sha256,
}

/// Writes a bundle into a new folder `out`, which appears complete or not at all.
///
/// Same payload, info, key and limits give the same bytes. Memory stays at a few chunks and the manifests, however long the exhibits are;
/// each exhibit is read once, and once more if it must be split.
pub fn build(
    payload: &[Payload],
    info: &BundleInfo,
    key: &SigningKey,
    limits: &Limits,
    out: &Path,
) -> Result<Vec<Part>, BundleError> {
    info.check()?;
    if payload.is_empty() {
        return Err(BundleError::Empty);
    }
    let has_record = payload.iter().any(|file| file.path.in_bag() == names::CUSTODY);
    if has_record != info.custody_head.is_some() {
        return Err(BundleError::Custody { has_record });
    }
    let planned = Planned::new(payload, info, key, limits)?;
    let folder = Unpublished::new(out)?;
    let mut writing = Vec::new();
    for number in 1..=planned.parts.len() {
        writing.push(WritingPart::new(folder.path(), &planned, info, key, number)?);
    }
    for part in &mut writing {
        part.write_payload(&planned)?;
    }
    let index = planned.index(info, &writing)?;
    let mut parts = Vec::new();
    for part in writing {
        parts.push(part.finish(&index, key, out)?);
    }
    folder.publish()?;
    Ok(parts)
}

struct Planned<'a> {
    payload: &'a [Payload],
    lengths: Vec<u64>,
    /// For each part its pieces, in the order of their names.
    parts: Vec<Vec<(String, Piece)>>,
}

impl<'a> Planned<'a> {
    fn new(payload: &'a [Payload], info: &BundleInfo, key: &SigningKey, limits: &Limits) -> Result<Self, BundleError> {
        let twins = |(first, second)| BundleError::Twins { first, second };
        path::first_twins(payload.iter().map(|file| file.path.as_str())).map_or(Ok(()), |pair| Err(twins(pair)))?;
        let lengths = payload.iter().map(Payload::len).collect::<Result<Vec<u64>, _>>()?;
        for (file, bytes) in payload.iter().zip(&lengths).filter(|(file, _)| file.path.in_bag() == names::CUSTODY) {
            own_file_fits(&file.path.in_bag(), *bytes)?;
        }
        let raw = limits.raw_bytes();
        let max = limits.max_files.min(Limits::MOST_PARTS);
        let items: Vec<Item> = (payload.iter().zip(&lengths))
            .map(|(file, bytes)| Item {
                bytes: *bytes,
                overhead: entry_overhead(&file.path, info),
                first: file.placement == super::Placement::First,
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
        Ok(Self { payload, lengths, parts })
    }

    /// The index of all parts, once the digests of all files are known.
    fn index(&self, info: &BundleInfo, written: &[WritingPart]) -> Result<String, BundleError> {
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

/// What a part costs before its first exhibit, with room for a time stamp that comes later.
fn base_overhead(info: &BundleInfo, key: &SigningKey) -> u64 {
    const STAMP: u64 = 16 * 1024;
    const HEADERS: u64 = 12 * (76 + 2 * 128);
    const MANIFESTS: u64 = 4 * 1024;
    let folder = names::folder(&info.case_id, 999, 999);
    let texts = verify_md::render(&folder, 999, &key.public()).len()
        + key.public().allowed_signers().len()
        + info.render(999, 999, Oxum { bytes: u64::MAX, files: 1_000_000 }).len();
    STAMP + HEADERS + MANIFESTS + texts as u64 + 12 * 2 * folder.len() as u64
}

fn own_file_fits(name: &str, bytes: u64) -> Result<(), BundleError> {
    let max = names::max_bytes(name);
    if bytes <= max { Ok(()) } else { Err(BundleError::TooLong { name: name.to_owned(), bytes, max }) }
}

fn expect(file: &Payload, same: bool, expected: impl ToString, found: impl ToString) -> Result<(), BundleError> {
    let (expected, found) = (expected.to_string(), found.to_string());
    if same { Ok(()) } else { Err(BundleError::Changed { path: file.path.to_string(), expected, found }) }
}

fn expect_digest(file: &Payload, found: Sha256) -> Result<(), BundleError> {
    file.sha256.map_or(Ok(()), |expected| expect(file, expected == found, expected, found))
}

struct WritingPart {
    number: usize,
    of: usize,
    folder: String,
    path: PathBuf,
    zip: ZipWriter<BufWriter<File>>,
    files: Vec<(String, Prints)>,
    /// The listed tag files that come before the payload.
    tags: Vec<(&'static str, String)>,
}

impl WritingPart {
    fn new(
        into: &Path,
        planned: &Planned<'_>,
        info: &BundleInfo,
        key: &SigningKey,
        number: usize,
    ) -> Result<Self, BundleError> {
        let of = planned.parts.len();
        let folder = names::folder(&info.case_id, number, of);
        let path = into.join(format!("{folder}.zip"));
        let file = File::create_new(&path).map_err(BundleError::io(&path))?;
        let zip = ZipWriter::new(BufWriter::with_capacity(64 * 1024, file));
        let pieces = &planned.parts[number - 1];
        let oxum = Oxum { bytes: pieces.iter().map(|(_, piece)| piece.bytes).sum(), files: pieces.len() };
        let tags = vec![
            (names::VERIFY, verify_md::render(&folder, of, &key.public())),
            (names::SIGNERS, key.public().allowed_signers()),
            (names::INFO, info.render(number, of, oxum)),
            (names::DECLARATION, names::DECLARATION_TEXT.to_owned()),
        ];
        Ok(Self { number, of, folder, path, zip, files: Vec::new(), tags })
    }

    fn write_payload(&mut self, planned: &Planned<'_>) -> Result<(), BundleError> {
        for (name, text) in self.tags.clone() {
            self.put(name, &text)?;
        }
        for (name, piece) in &planned.parts[self.number - 1] {
            let file = &planned.payload[piece.item];
            // One byte more than planned, to notice a file that grew.
            let room = if piece.number.is_some() { piece.bytes } else { piece.bytes + 1 };
            let mut reader = file.open(piece.from, room)?;
            let written = self.zip.stream(&format!("{}/{name}", self.folder), &mut reader, piece.bytes);
            let prints = written.map_err(BundleError::io(Path::new(file.path.as_str())))?;
            expect(
                file,
                prints.bytes == piece.bytes,
                format!("{} bytes", piece.bytes),
                format!("{} bytes", prints.bytes),
            )?;
            if piece.number.is_none() {
                expect_digest(file, prints.sha256)?;
            }
            self.files.push((name.clone(), prints));
        }
        Ok(())
    }

    fn finish(mut self, index: &str, key: &SigningKey, out: &Path) -> Result<Part, BundleError> {
        let lines256 = self.files.iter().map(|(name, prints)| (name.as_str(), prints.sha256.to_string()));
        let sha256 = manifest::render(lines256);
        let sha512 = manifest::render(self.files.iter().map(|(name, prints)| (name.as_str(), prints.sha512.clone())));
        self.put(names::SHA256, &sha256)?;
        self.put(names::SHA512, &sha512)?;
        self.put(names::PARTS, index)?;
        let mut listed: Vec<(&str, &[u8])> = self.tags.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        listed.extend([(names::SHA256, sha256.as_bytes()), (names::SHA512, sha512.as_bytes())]);
        listed.push((names::PARTS, index.as_bytes()));
        let tags = manifest::tag_manifest(&listed);
        self.put(names::SIGNATURE, &key.sign(tags.as_bytes()))?;
        self.put(names::TAGS, &tags)?;
        let io = |error| BundleError::io(&self.path)(error);
        let buffer = self.zip.finish().map_err(io)?;
        let file = buffer.into_inner().map_err(|error| io(error.into_error()))?;
        file.sync_all().map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        Ok(Part {
            number: self.number,
            of: self.of,
            path: out.join(format!("{}.zip", self.folder)),
            bytes,
            files: self.files.len(),
            tag_manifest: Sha256::of(tags.as_bytes()),
        })
    }

    fn put(&mut self, name: &str, text: &str) -> Result<(), BundleError> {
        own_file_fits(name, text.len() as u64)?;
        let name = format!("{}/{name}", self.folder);
        self.zip.bytes(&name, text.as_bytes()).map_err(BundleError::io(&self.path))?;
        Ok(())
    }
}
