use std::ops::Range;

use rayon::prelude::*;

use super::GalleryError;
use super::format::{
    BANDS, BOUNDS, BUCKETS, DESCRIPTORS, HASHES, HEADER, KEYPOINT, KEYPOINTS, MAGIC, PICTURE, PICTURES, PLACES,
    POSTINGS, PROOFS, SECTIONS, STEPS, TABLE_ENTRY, TEXT, VERSION, bucket, sketch,
};
use super::write::Record;
use crate::hamming::{Index, Layout, distance};
use crate::local::{Descriptor, Keypoint};
use crate::pdq::Hash;
use crate::proof::Reference;
use crate::simd;

const NAMES: [&str; SECTIONS] = [
    "pictures",
    "names",
    "hashes",
    "keypoints",
    "descriptors",
    "buckets",
    "postings",
    "proof pixels",
    "bounds of hashes' buckets",
    "places of hashes",
];

/// A bucket with more keypoints than this says nothing about any of them; without a limit one flat pattern could make a
/// search slow.
const CROWDED: usize = 48;

/// Reference pictures in one immutable file, read in place. `B` holds its bytes: borrowed, owned or mapped. What it says is
/// checked when it is used: what a damaged file says of a picture is as if the picture were not there.
#[derive(Debug)]
pub struct Segment<B> {
    bytes: B,
    sections: [Range<usize>; SECTIONS],
    bits: u32,
    layout: Option<Layout>,
    pictures: usize,
    keypoints: usize,
}

/// A reference picture of a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture<'a> {
    /// Its name: its path under the folder it was taken from.
    pub file: &'a str,
    /// The item it shows.
    pub item: &'a str,
    /// The brand, empty when unknown.
    pub brand: &'a str,
    /// Width in pixels; 0 when only the hash is known.
    pub width: u32,
    /// Height in pixels; 0 when only the hash is known.
    pub height: u32,
    /// The hash.
    pub hash: Hash,
    /// PDQ quality, 0 to 100.
    pub quality: u8,
    /// Width and height of the frame in which its keypoints lie.
    pub frame: (u16, u16),
    /// BLAKE3 of the file; zeros when only the hash is known.
    pub digest: &'a [u8; 32],
    pub(crate) first: usize,
    pub(crate) count: usize,
    proof: (usize, u16, u16),
}

impl Picture<'_> {
    /// Whether pixels and keypoints are there, too, or the hash alone.
    pub fn is_whole(&self) -> bool {
        self.frame.0 > 0
    }
}

/// A keypoint of the gallery that looks like one asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lookalike {
    pub(crate) distance: u32,
    pub(crate) keypoint: u32,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes[at..].first_chunk().map_or(0, |b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |b| u32::from_le_bytes(*b))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b))
}

impl<B: AsRef<[u8]>> Segment<B> {
    /// Opens a segment in a time that does not depend on its size. Its layout is checked, digests are not: see [`Segment::verify`].
    ///
    /// # Errors
    /// When the bytes are no segment of this layout, cut off, or contradict themselves.
    pub fn open(bytes: B) -> Result<Self, GalleryError> {
        let fail = |why: String| Err(GalleryError::Format(why));
        let file = bytes.as_ref();
        if file.len() < HEADER + SECTIONS * TABLE_ENTRY || file[..8] != *MAGIC {
            return fail("a segment does not begin like one".to_owned());
        }
        let version = u32_at(file, 8);
        if version != VERSION {
            return fail(format!("its layout is version {version}, this program reads version {VERSION}"));
        }
        if u64_at(file, 16) != file.len() as u64 || u32_at(file, 12) as usize != SECTIONS {
            return fail(format!("a segment has {} bytes and should have {}", file.len(), u64_at(file, 16)));
        }
        let table = &file[HEADER..][..SECTIONS * TABLE_ENTRY];
        if blake3::hash(table).as_bytes() != &file[32..64] {
            return Err(GalleryError::Digest("tables of sections".to_owned()));
        }
        let mut sections: [Range<usize>; SECTIONS] = std::array::from_fn(|_| 0..0);
        for (i, section) in sections.iter_mut().enumerate() {
            let at = HEADER + i * TABLE_ENTRY;
            let (offset, length) = (u64_at(file, at + 8), u64_at(file, at + 16));
            let end = offset.checked_add(length).filter(|&end| end <= file.len() as u64);
            let Some(end) = end.filter(|_| u32_at(file, at) as usize == i + 1) else {
                return fail(format!("its {} lie outside of it", NAMES[i]));
            };
            *section = offset as usize..end as usize;
        }
        let parameter = |section: usize| u32_at(file, HEADER + section * TABLE_ENTRY + 4);
        let bits = parameter(BUCKETS) & 0xff;
        let pictures = sections[PICTURES].len() / PICTURE;
        let keypoints = sections[DESCRIPTORS].len() / 32;
        let parts = parameter(BOUNDS) as usize;
        let layout = (10..=32).contains(&parts).then(|| Layout::with_parts(parts));
        if parameter(BUCKETS) >> 8 != BANDS as u32 || layout.is_none() && parts > 0 {
            return fail("its bands are damaged".to_owned());
        }
        let sizes = [
            (PICTURES, pictures.saturating_mul(PICTURE)),
            (HASHES, pictures * 32),
            (KEYPOINTS, keypoints * KEYPOINT),
            (DESCRIPTORS, keypoints * 32),
            (BUCKETS, if bits <= 20 { BANDS * ((1usize << bits) + 1) * 4 } else { usize::MAX }),
            (POSTINGS, BANDS * keypoints * 8),
            (PLACES, layout.map_or(0, |layout| 4 * layout.parts() * pictures)),
        ];
        if let Some((i, _)) = sizes.iter().find(|(i, size)| sections[*i].len() != *size) {
            return fail(format!("its {} are not as many as they should be", NAMES[*i]));
        }
        Ok(Self { bytes, sections, bits, layout, pictures, keypoints })
    }

    /// Compares every section with its digest, and looks at what is said of every picture.
    ///
    /// # Errors
    /// Names the part that was changed.
    pub fn verify(&self) -> Result<(), GalleryError> {
        let file = self.bytes.as_ref();
        let table = &file[HEADER..][..SECTIONS * TABLE_ENTRY];
        let sections: [&[u8]; SECTIONS] = std::array::from_fn(|i| self.section(i));
        // What lies between the sections is in no digest, so it has to be nothing.
        let mut known: Vec<Range<usize>> =
            self.sections.iter().filter(|section| !section.is_empty()).cloned().collect();
        known.extend([0..24, 32..HEADER + SECTIONS * TABLE_ENTRY]);
        known.sort_unstable_by_key(|range| range.start);
        let starts = known.iter().skip(1).map(|range| range.start).chain([file.len()]);
        let mut gaps = known.iter().zip(starts).map(|(range, next)| range.end.min(next)..next);
        if gaps.any(|gap| file[gap].iter().any(|&byte| byte != 0)) {
            return Err(GalleryError::Digest("filling between its sections".to_owned()));
        }
        let changed = sections
            .par_iter()
            .enumerate()
            .find_first(|(i, section)| blake3::hash(section).as_bytes() != &table[i * TABLE_ENTRY + 32..][..32]);
        if let Some((i, _)) = changed {
            return Err(GalleryError::Digest(NAMES[i].to_owned()));
        }
        match (0..self.pictures).find(|&i| self.picture(i).is_none()) {
            Some(i) => Err(GalleryError::Format(format!("its picture {i} points outside of it"))),
            None => Ok(()),
        }
    }

    /// The digest that stands for the whole content.
    pub fn digest(&self) -> [u8; 32] {
        self.bytes.as_ref()[32..].first_chunk().copied().unwrap_or_default()
    }

    /// The number of bytes.
    pub fn size(&self) -> u64 {
        self.bytes.as_ref().len() as u64
    }

    /// The number of reference pictures.
    pub fn len(&self) -> usize {
        self.pictures
    }

    /// Whether there is no picture.
    pub fn is_empty(&self) -> bool {
        self.pictures == 0
    }

    /// The number of keypoints of all pictures.
    pub(crate) fn keypoints(&self) -> usize {
        self.keypoints
    }

    /// A reference picture; `None` when there is none of that number, or the file is damaged there.
    pub fn picture(&self, i: usize) -> Option<Picture<'_>> {
        let record = self.section(PICTURES).as_chunks::<PICTURE>().0.get(i)?;
        let text = self.section(TEXT);
        let name = |at: usize| {
            let start = u32_at(record, at) as usize;
            std::str::from_utf8(text.get(start..start.checked_add(u32_at(record, at + 4) as usize)?)?).ok()
        };
        let picture = Picture {
            file: name(0)?,
            item: name(8)?,
            brand: name(16)?,
            width: u32_at(record, 24),
            height: u32_at(record, 28),
            hash: Hash(*self.codes().get(i)?),
            frame: (u16_at(record, 32), u16_at(record, 34)),
            quality: record[36],
            first: u32_at(record, 40) as usize,
            count: u32_at(record, 44) as usize,
            proof: (usize::try_from(u64_at(record, 48)).ok()?, u16_at(record, 56), u16_at(record, 58)),
            digest: record.last_chunk()?,
        };
        let pixels = usize::from(picture.proof.1) * usize::from(picture.proof.2);
        let whole = pixels > 0 && picture.frame.0 > 0 && picture.frame.1 > 0;
        let bare = pixels == 0 && picture.frame == (0, 0) && picture.count == 0;
        let fits = picture.first.checked_add(picture.count)? <= self.keypoints
            && picture.proof.0.checked_add(pixels)? <= self.sections[PROOFS].len();
        (fits && (whole || bare)).then_some(picture)
    }

    /// All reference pictures that can be read, with their numbers.
    pub fn pictures(&self) -> impl Iterator<Item = (usize, Picture<'_>)> {
        (0..self.pictures).filter_map(|i| Some((i, self.picture(i)?)))
    }

    /// The number of the picture of that name.
    pub fn named(&self, file: &str) -> Option<usize> {
        let (mut from, mut to) = (0, self.pictures);
        while from < to {
            let middle = from.midpoint(to);
            if self.picture(middle)?.file < file { from = middle + 1 } else { to = middle }
        }
        self.picture(from).filter(|picture| picture.file == file).map(|_| from)
    }

    /// The PDQ hashes as bare codes, one a picture.
    pub fn codes(&self) -> &[[u8; 32]] {
        self.section(HASHES).as_chunks::<32>().0
    }

    /// The PDQ hashes, to be searched.
    pub fn index(&self) -> Index<'_> {
        let places = self.section(PLACES).as_chunks::<4>().0;
        self.layout
            .and_then(|layout| Index::new(self.codes(), layout, self.section(BOUNDS), places))
            .unwrap_or(Index::scanning(self.codes()))
    }

    /// The kept pixels of a picture.
    pub fn proof(&self, picture: &Picture<'_>) -> Reference<'_> {
        let (offset, width, height) = picture.proof;
        let (width, height) = (usize::from(width), usize::from(height));
        Reference { width, height, pixels: &self.section(PROOFS)[offset..][..width * height] }
    }

    /// All that is kept of a picture, to be written into another segment.
    pub(super) fn record(&self, i: usize) -> Option<Record<'_>> {
        let picture = self.picture(i)?;
        let own = picture.first..picture.first + picture.count;
        let proof = self.proof(&picture);
        Some(Record {
            file: picture.file,
            item: picture.item,
            brand: picture.brand,
            size: (picture.width, picture.height),
            hash: picture.hash,
            quality: picture.quality,
            digest: *picture.digest,
            frame: picture.frame,
            keypoints: &self.section(KEYPOINTS).as_chunks::<KEYPOINT>().0[own.clone()],
            descriptors: &self.descriptors()[own],
            proof: (proof.width as u16, proof.height as u16, proof.pixels),
        })
    }

    fn section(&self, i: usize) -> &[u8] {
        &self.bytes.as_ref()[self.sections[i].clone()]
    }

    pub(crate) fn keypoint(&self, i: usize) -> Keypoint {
        let record = &self.section(KEYPOINTS).as_chunks::<KEYPOINT>().0[i];
        Keypoint {
            x: f32::from(u16_at(record, 0)) / STEPS,
            y: f32::from(u16_at(record, 2)) / STEPS,
            level: record[4],
            angle: record[5],
        }
    }

    /// The picture a keypoint belongs to; `None` in a damaged file.
    pub(crate) fn owner(&self, keypoint: usize) -> Option<u32> {
        let owner = u32_at(&self.section(KEYPOINTS).as_chunks::<KEYPOINT>().0[keypoint], 8);
        ((owner as usize) < self.pictures).then_some(owner)
    }

    pub(crate) fn descriptors(&self) -> &[Descriptor] {
        self.section(DESCRIPTORS).as_chunks::<32>().0
    }

    /// For each of `descriptors`, the [`KEPT`] nearest keypoints within `radius` bits that share at least one band with it,
    /// nearest first; where there are fewer, the rest stand at a distance of `radius + 1`.
    ///
    /// Bands are the outer loop: one band's buckets stay in the cache while all descriptors are looked up in them.
    #[inline(always)]
    pub(crate) fn lookalikes(
        &self,
        descriptors: &[Descriptor],
        radius: u32,
        sketch_radius: u32,
    ) -> Vec<[Lookalike; KEPT]> {
        let starts = self.section(BUCKETS).as_chunks::<4>().0;
        let postings = self.section(POSTINGS).as_chunks::<8>().0;
        let known = self.descriptors();
        let number = |at: usize| starts.get(at).map_or(0, |s| u32::from_le_bytes(*s) as usize);
        let mut found = vec![[Lookalike { distance: radius + 1, keypoint: u32::MAX }; KEPT]; descriptors.len()];
        let mut likely = Vec::new();
        let mut buckets: Vec<&[[u8; 8]]> = Vec::with_capacity(descriptors.len());
        for band in 0..BANDS {
            let first = band * ((1 << self.bits) + 1);
            let postings = &postings[band * self.keypoints..][..self.keypoints];
            // All buckets are asked for before the first is read.
            buckets.clear();
            buckets.extend(descriptors.iter().map(|descriptor| {
                let at = first + bucket(descriptor, band, self.bits);
                let bucket = postings.get(number(at)..number(at + 1)).unwrap_or_default();
                if bucket.len() > CROWDED {
                    return &[][..];
                }
                bucket.first().inspect(|posting| simd::prefetch(*posting));
                bucket
            }));
            for (chunk, buckets) in buckets.chunks(TOGETHER).enumerate() {
                let first = chunk * TOGETHER;
                likely.clear();
                for (query, bucket) in (first..).zip(buckets) {
                    let wanted = sketch(&descriptors[query], band);
                    for posting in *bucket {
                        let posting = u64::from_le_bytes(*posting);
                        if (((posting >> 32) as u32) ^ wanted).count_ones() <= sketch_radius
                            && let Some(descriptor) = known.get(posting as u32 as usize)
                        {
                            simd::prefetch(descriptor);
                            likely.push((query as u32, posting as u32));
                        }
                    }
                }
                for &(query, keypoint) in &likely {
                    let (descriptor, best) = (&descriptors[query as usize], &mut found[query as usize]);
                    let like = Lookalike { distance: distance(&known[keypoint as usize], descriptor), keypoint };
                    if like < best[KEPT - 1] && !best.contains(&like) {
                        insert(best, like);
                    }
                }
            }
        }
        found
    }
}
/// Descriptors looked up together, so that one waits for memory while the others are asked for.
const TOGETHER: usize = 64;

/// Look-alikes kept of each feature.
pub(crate) const KEPT: usize = 4;

/// Puts a look-alike among the best, which stay in order; the last drops out.
#[inline(always)]
fn insert(best: &mut [Lookalike; KEPT], like: Lookalike) {
    let mut at = KEPT - 1;
    while at > 0 && like < best[at - 1] {
        best[at] = best[at - 1];
        at -= 1;
    }
    best[at] = like;
}
