use std::io::{self, Seek, SeekFrom, Write};

use super::format::{
    BANDS, HEADER, KEYPOINT, MAGIC, SECTIONS, STEPS, TABLE_ENTRY, VERSION, bucket, bucket_bits, sketch,
};
use crate::hamming::{Buckets, Layout};
use crate::local::{self, Budget, Descriptor, Pyramid};
use crate::{Limits, Luma, PictureError, decode, pdq, proof};

/// What is said about a reference picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name: its path under the gallery's folder, with `/`.
    pub file: String,
    /// The item it shows.
    pub item: String,
    /// The brand, empty when unknown.
    pub brand: String,
}

/// A reference picture, ready to be written.
#[derive(Clone, Debug)]
pub struct Prepared {
    entry: Entry,
    digest: [u8; 32],
    size: (u32, u32),
    hash: pdq::Hash,
    quality: u8,
    frame: (u16, u16),
    keypoints: Vec<[u8; KEYPOINT]>,
    descriptors: Vec<Descriptor>,
    proof: Option<Luma>,
}

/// Decodes, hashes and describes a reference picture.
///
/// # Errors
/// When the picture cannot be decoded.
pub fn prepare(entry: Entry, bytes: &[u8], limits: &Limits) -> Result<Prepared, PictureError> {
    let picture = decode(bytes, limits)?;
    let hashed = pdq::hash(&picture);
    let frame = local::frame(&picture);
    let pyramid = Pyramid::new(&frame, Budget::GALLERY.levels);
    let features = local::extract(&pyramid, &Budget::GALLERY, false);
    let keypoint = |k: &local::Keypoint| {
        let mut record = [0; KEYPOINT];
        record[..2].copy_from_slice(&((k.x.max(0.0) * STEPS).round() as u16).to_le_bytes());
        record[2..4].copy_from_slice(&((k.y.max(0.0) * STEPS).round() as u16).to_le_bytes());
        (record[4], record[5]) = (k.level, k.angle);
        record
    };
    Ok(Prepared {
        entry,
        digest: *blake3::hash(bytes).as_bytes(),
        size: (picture.width() as u32, picture.height() as u32),
        hash: hashed.as_ref().map_or(pdq::Hash([0; 32]), |h| h.hashes[0]),
        quality: hashed.map_or(0, |h| h.quality),
        frame: (features.width as u16, features.height as u16),
        keypoints: features.keypoints.iter().map(keypoint).collect(),
        descriptors: features.descriptors,
        proof: Some(picture.fitted(proof::PROOF_PIXELS, proof::PROOF_SIDE)),
    })
}

impl Prepared {
    /// A picture of which only the hash is known.
    pub fn hash_only(entry: Entry, hash: pdq::Hash, quality: u8) -> Self {
        Self {
            entry,
            digest: [0; 32],
            size: (0, 0),
            hash,
            quality: quality.min(100),
            frame: (0, 0),
            keypoints: Vec::new(),
            descriptors: Vec::new(),
            proof: None,
        }
    }

    /// What is said about it.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    pub(super) fn record(&self) -> Record<'_> {
        let proof = self.proof.as_ref();
        Record {
            file: &self.entry.file,
            item: &self.entry.item,
            brand: &self.entry.brand,
            size: self.size,
            hash: self.hash,
            quality: self.quality,
            digest: self.digest,
            frame: self.frame,
            keypoints: &self.keypoints,
            descriptors: &self.descriptors,
            proof: proof.map_or((0, 0, &[]), |p| (p.width() as u16, p.height() as u16, p.data())),
        }
    }
}

/// All that a segment keeps of a picture, wherever it comes from.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) file: &'a str,
    pub(super) item: &'a str,
    pub(super) brand: &'a str,
    pub(super) size: (u32, u32),
    pub(super) hash: pdq::Hash,
    pub(super) quality: u8,
    pub(super) digest: [u8; 32],
    pub(super) frame: (u16, u16),
    /// As they lie in the file; whose they are is written anew.
    pub(super) keypoints: &'a [[u8; KEYPOINT]],
    pub(super) descriptors: &'a [Descriptor],
    pub(super) proof: (u16, u16, &'a [u8]),
}

impl Record<'_> {
    /// Whether pixels and keypoints are there, too, or the hash alone.
    pub(super) fn is_whole(&self) -> bool {
        self.frame.0 > 0
    }

    /// Whether both say and show the same, wherever their keypoints are numbered.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let said = |r: &Self| (r.size, r.hash, r.quality, r.digest, r.frame, r.keypoints.len(), r.proof.0, r.proof.1);
        (self.file, self.item, self.brand) == (other.file, other.item, other.brand)
            && said(self) == said(other)
            && self.descriptors == other.descriptors
            && self.proof.2 == other.proof.2
    }
}

/// Writes a segment of `count` pictures, which `get` gives in the order of their names, and says its digest and its number of
/// bytes. Sections are written one after the other: what is in memory at a time are the hashes, their buckets and one band.
///
/// # Errors
/// When writing fails, or the pictures have more keypoints or names than four bytes can number.
pub(super) fn write<'a>(
    out: &mut (impl Write + Seek),
    count: usize,
    get: impl Fn(usize) -> Record<'a>,
) -> io::Result<([u8; 32], u64)> {
    let mut sections = Sections { out, at: (HEADER + SECTIONS * TABLE_ENTRY) as u64, table: Vec::new() };
    sections.out.seek(SeekFrom::Start(sections.at))?;
    let (mut text, mut first, mut proof) = (0u64, 0u64, 0u64);
    sections.section(0, |out| {
        for i in 0..count {
            let record = get(i);
            for name in [record.file, record.item, record.brand] {
                out.put(&(text as u32).to_le_bytes())?;
                out.put(&(name.len() as u32).to_le_bytes())?;
                text += name.len() as u64;
            }
            out.put(&record.size.0.to_le_bytes())?;
            out.put(&record.size.1.to_le_bytes())?;
            out.put(&record.frame.0.to_le_bytes())?;
            out.put(&record.frame.1.to_le_bytes())?;
            out.put(&[record.quality, 0, 0, 0])?;
            out.put(&(first as u32).to_le_bytes())?;
            out.put(&(record.keypoints.len() as u32).to_le_bytes())?;
            out.put(&proof.to_le_bytes())?;
            out.put(&record.proof.0.to_le_bytes())?;
            out.put(&record.proof.1.to_le_bytes())?;
            out.put(&[0; 4])?;
            out.put(&record.digest)?;
            first += record.keypoints.len() as u64;
            proof += record.proof.2.len() as u64;
        }
        Ok(())
    })?;
    if text.max(first).max(count as u64) > u64::from(u32::MAX) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "too many keypoints or names for one segment"));
    }
    sections.section(0, |out| {
        (0..count).map(&get).try_for_each(|r| [r.file, r.item, r.brand].iter().try_for_each(|n| out.put(n.as_bytes())))
    })?;
    sections.section(0, |out| (0..count).try_for_each(|i| out.put(&get(i).hash.0)))?;
    sections.section(0, |out| {
        for i in 0..count {
            for keypoint in get(i).keypoints {
                out.put(&keypoint[..KEYPOINT - 4])?;
                out.put(&(i as u32).to_le_bytes())?;
            }
        }
        Ok(())
    })?;
    sections.section(0, |out| (0..count).try_for_each(|i| out.put(get(i).descriptors.as_flattened())))?;
    let bits = bucket_bits(first as usize);
    let each = |band: usize, visit: &mut dyn FnMut(u32, usize, u32)| {
        let mut keypoint = 0;
        for i in 0..count {
            for descriptor in get(i).descriptors {
                visit(keypoint, bucket(descriptor, band, bits), sketch(descriptor, band));
                keypoint += 1;
            }
        }
    };
    let starts = |band: usize| {
        let mut starts = vec![0u32; (1 << bits) + 1];
        each(band, &mut |_, bucket, _| starts[bucket + 1] += 1);
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        starts
    };
    sections.section((BANDS as u32) << 8 | bits, |out| {
        (0..BANDS).try_for_each(|band| starts(band).iter().try_for_each(|s| out.put(&s.to_le_bytes())))
    })?;
    sections.section(0, |out| {
        let mut sorted = vec![[0u8; 8]; first as usize];
        for band in 0..BANDS {
            let mut starts = starts(band);
            each(band, &mut |keypoint, bucket, sketch| {
                sorted[starts[bucket] as usize] = (u64::from(keypoint) | u64::from(sketch) << 32).to_le_bytes();
                starts[bucket] += 1;
            });
            out.put(sorted.as_flattened())?;
        }
        Ok(())
    })?;
    sections.section(0, |out| (0..count).try_for_each(|i| out.put(get(i).proof.2)))?;
    let layout = Layout::of(count);
    let buckets = layout.map(|layout| {
        let codes: Vec<[u8; 32]> = (0..count).map(|i| get(i).hash.0).collect();
        Buckets::of(&codes, layout)
    });
    let Buckets { bounds, places } = buckets.unwrap_or_default();
    sections.section(layout.map_or(0, |l| l.parts() as u32), |out| out.put(&bounds))?;
    sections.section(0, |out| out.put(places.as_flattened()))?;
    sections.finish()
}

struct Sections<'o, W> {
    out: &'o mut W,
    at: u64,
    table: Vec<u8>,
}

/// The section that is being written.
struct Section<'o, W> {
    out: &'o mut W,
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
    length: u64,
}

impl<W: Write> Section<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        self.length += bytes.len() as u64;
        if self.buffer.len() >= 1 << 18 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hasher.update(&self.buffer);
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

impl<W: Write + Seek> Sections<'_, W> {
    fn section(&mut self, parameter: u32, fill: impl FnOnce(&mut Section<'_, W>) -> io::Result<()>) -> io::Result<()> {
        let mut section = Section { out: &mut *self.out, hasher: blake3::Hasher::new(), buffer: Vec::new(), length: 0 };
        fill(&mut section)?;
        section.flush()?;
        let (length, digest) = (section.length, section.hasher.finalize());
        let kind = (self.table.len() / TABLE_ENTRY) as u32 + 1;
        self.table.extend(kind.to_le_bytes());
        self.table.extend(parameter.to_le_bytes());
        self.table.extend(self.at.to_le_bytes());
        self.table.extend(length.to_le_bytes());
        self.table.extend([0; 8]);
        self.table.extend(digest.as_bytes());
        let end = (self.at + length).next_multiple_of(64);
        self.out.write_all(&[0; 64][..(end - self.at - length) as usize])?;
        self.at = end;
        Ok(())
    }

    fn finish(self) -> io::Result<([u8; 32], u64)> {
        debug_assert_eq!(self.table.len(), SECTIONS * TABLE_ENTRY);
        let digest = *blake3::hash(&self.table).as_bytes();
        let mut header = Vec::with_capacity(HEADER);
        header.extend(MAGIC);
        header.extend(VERSION.to_le_bytes());
        header.extend((SECTIONS as u32).to_le_bytes());
        header.extend(self.at.to_le_bytes());
        header.extend([0; 8]);
        header.extend(digest);
        header.extend(self.table);
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header)?;
        self.out.flush()?;
        Ok((digest, self.at))
    }
}
