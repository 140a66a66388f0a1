use std::ops::Range;

use super::format::{
    BANDS, BUCKETS, DESCRIPTORS, GalleryError, HASHES, HEADER, KEYPOINT, KEYPOINTS, MAGIC, PICTURE, PICTURES, POSTINGS,
    PROOFS, SECTIONS, STEPS, TABLE_ENTRY, TEXT, VERSION, bucket, sketch,
};
use crate::hamming::distance;
use crate::local::{Descriptor, Keypoint};
use crate::pdq::Hash;
use crate::proof::Reference;
use crate::simd;

const NAMES: [&str; SECTIONS] =
    ["pictures", "names", "hashes", "keypoints", "descriptors", "buckets", "postings", "proof pixels"];

/// A bucket with more keypoints than this says nothing about any of them; without a limit one flat pattern could make a
/// search slow.
const CROWDED: usize = 48;

/// A gallery file, read in place. `B` holds its bytes: borrowed, owned or mapped.
#[derive(Debug)]
pub struct Gallery<B> {
    bytes: B,
    sections: [Range<usize>; SECTIONS],
    bits: u32,
    pictures: usize,
    keypoints: usize,
}

/// A reference picture of a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture<'a> {
    /// Its path under the folder the gallery was built from.
    pub file: &'a str,
    /// The item it shows.
    pub item: &'a str,
    /// The brand, empty when unknown.
    pub brand: &'a str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// PDQ quality, 0 to 100.
    pub quality: u8,
    /// Width and height of the frame in which its keypoints lie.
    pub frame: (u16, u16),
    /// BLAKE3 of the file.
    pub digest: &'a [u8],
    pub(crate) first: usize,
    pub(crate) count: usize,
    proof: (usize, u16, u16),
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

impl<B: AsRef<[u8]>> Gallery<B> {
    /// Opens a gallery. Sizes and references are checked, digests are not: see [`Gallery::verify`].
    ///
    /// # Errors
    /// When the bytes are no gallery of this layout, cut off, or contradict themselves.
    pub fn open(bytes: B) -> Result<Self, GalleryError> {
        let fail = |why: String| Err(GalleryError::Format(why));
        let file = bytes.as_ref();
        if file.len() < HEADER + SECTIONS * TABLE_ENTRY || file[..8] != *MAGIC {
            return fail("it does not begin like one".to_owned());
        }
        let version = u32_at(file, 8);
        if version != VERSION {
            return fail(format!("its layout is version {version}, this program reads version {VERSION}"));
        }
        if u64_at(file, 16) != file.len() as u64 || u32_at(file, 12) as usize != SECTIONS {
            return fail(format!("it has {} bytes and should have {}", file.len(), u64_at(file, 16)));
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
        let parameter = u32_at(file, HEADER + BUCKETS * TABLE_ENTRY + 4);
        let bits = parameter & 0xff;
        let pictures = sections[PICTURES].len() / PICTURE;
        let keypoints = sections[DESCRIPTORS].len() / 32;
        let sizes = [
            (PICTURES, pictures * PICTURE),
            (HASHES, pictures * 32),
            (KEYPOINTS, keypoints * KEYPOINT),
            (DESCRIPTORS, keypoints * 32),
            (BUCKETS, if bits <= 20 { BANDS * ((1usize << bits) + 1) * 4 } else { usize::MAX }),
            (POSTINGS, BANDS * keypoints * 8),
        ];
        if let Some((i, _)) = sizes.iter().find(|(i, size)| sections[*i].len() != *size) {
            return fail(format!("its {} are not as many as they should be", NAMES[*i]));
        }
        if parameter >> 8 != BANDS as u32 || std::str::from_utf8(&file[sections[TEXT].clone()]).is_err() {
            return fail("its names or bands are damaged".to_owned());
        }
        let gallery = Self { bytes, sections, bits, pictures, keypoints };
        for i in 0..pictures {
            if gallery.checked_picture(i).is_none() {
                return fail(format!("its picture {i} points outside of it"));
            }
        }
        Ok(gallery)
    }

    /// Compares every section with its digest.
    ///
    /// # Errors
    /// Names the part that was changed.
    pub fn verify(&self) -> Result<(), GalleryError> {
        let file = self.bytes.as_ref();
        let table = &file[HEADER..][..SECTIONS * TABLE_ENTRY];
        if blake3::hash(table).as_bytes() != &file[32..64] {
            return Err(GalleryError::Digest("table of sections"));
        }
        for (i, name) in NAMES.into_iter().enumerate() {
            if blake3::hash(self.section(i)).as_bytes() != &table[i * TABLE_ENTRY + 32..][..32] {
                return Err(GalleryError::Digest(name));
            }
        }
        Ok(())
    }

    /// The digest that stands for the whole content, as hexadecimal digits.
    pub fn digest(&self) -> String {
        self.bytes.as_ref()[32..64].iter().map(|b| format!("{b:02x}")).collect()
    }

    /// The number of reference pictures.
    pub fn len(&self) -> usize {
        self.pictures
    }

    /// Whether there is no picture.
    pub fn is_empty(&self) -> bool {
        self.pictures == 0
    }

    /// A reference picture.
    ///
    /// # Panics
    /// When there is no picture of that number.
    pub fn picture(&self, i: usize) -> Picture<'_> {
        self.checked_picture(i).expect("invariant: checked when opened")
    }

    /// All reference pictures.
    pub fn pictures(&self) -> impl Iterator<Item = Picture<'_>> {
        (0..self.pictures).map(|i| self.picture(i))
    }

    /// The PDQ hashes, one a picture.
    pub fn hashes(&self) -> impl ExactSizeIterator<Item = Hash> {
        self.section(HASHES).as_chunks::<32>().0.iter().map(|&h| Hash(h))
    }

    /// The PDQ hashes as bare codes, one a picture.
    pub fn codes(&self) -> &[[u8; 32]] {
        self.section(HASHES).as_chunks::<32>().0
    }

    /// The kept pixels of a picture.
    pub fn proof(&self, picture: &Picture<'_>) -> Reference<'_> {
        let (offset, width, height) = picture.proof;
        let (width, height) = (usize::from(width), usize::from(height));
        Reference { width, height, pixels: &self.section(PROOFS)[offset..][..width * height] }
    }

    fn section(&self, i: usize) -> &[u8] {
        &self.bytes.as_ref()[self.sections[i].clone()]
    }

    fn checked_picture(&self, i: usize) -> Option<Picture<'_>> {
        let record = self.section(PICTURES).as_chunks::<PICTURE>().0.get(i)?;
        let text = std::str::from_utf8(self.section(TEXT)).ok()?;
        let name = |at: usize| {
            let start = u32_at(record, at) as usize;
            text.get(start..start.checked_add(u32_at(record, at + 4) as usize)?)
        };
        let picture = Picture {
            file: name(0)?,
            item: name(8)?,
            brand: name(16)?,
            width: u32_at(record, 24),
            height: u32_at(record, 28),
            frame: (u16_at(record, 32), u16_at(record, 34)),
            quality: record[36],
            first: u32_at(record, 40) as usize,
            count: u32_at(record, 44) as usize,
            proof: (usize::try_from(u64_at(record, 48)).ok()?, u16_at(record, 56), u16_at(record, 58)),
            digest: &record[64..],
        };
        let pixels = usize::from(picture.proof.1) * usize::from(picture.proof.2);
        let fits = picture.first.checked_add(picture.count)? <= self.keypoints
            && picture.proof.0.checked_add(pixels)? <= self.sections[PROOFS].len()
            && pixels > 0
            && picture.frame.0 > 0
            && picture.frame.1 > 0;
        fits.then_some(picture)
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
