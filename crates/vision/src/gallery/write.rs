use super::format::{
    BANDS, BUCKETS, DESCRIPTORS, HASHES, HEADER, KEYPOINTS, MAGIC, PICTURES, POSTINGS, PROOFS, SECTIONS, STEPS, TEXT,
    VERSION, bucket, bucket_bits, sketch,
};
use crate::local::{self, Budget, Features, Pyramid};
use crate::{Limits, Luma, PictureError, decode, pdq, proof};

/// What is said about a reference picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path under the gallery's folder, with `/`.
    pub file: String,
    /// The item it shows.
    pub item: String,
    /// The brand, empty when unknown.
    pub brand: String,
}

/// A reference picture, ready to be written.
#[derive(Debug)]
pub struct Prepared {
    entry: Entry,
    digest: [u8; 32],
    size: (usize, usize),
    hash: pdq::Hash,
    quality: u8,
    features: Features,
    proof: Luma,
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
    Ok(Prepared {
        entry,
        digest: *blake3::hash(bytes).as_bytes(),
        size: (picture.width(), picture.height()),
        hash: hashed.as_ref().map_or(pdq::Hash([0; 32]), |h| h.hashes[0]),
        quality: hashed.map_or(0, |h| h.quality),
        features: local::extract(&pyramid, &Budget::GALLERY, false),
        proof: picture.fitted(proof::PROOF_PIXELS, proof::PROOF_SIDE),
    })
}

/// Lays out a gallery file. Pictures are put in the order of their file names.
pub fn assemble(mut pictures: Vec<Prepared>) -> Vec<u8> {
    pictures.sort_by(|a, b| a.entry.file.cmp(&b.entry.file));
    let mut sections: [Vec<u8>; SECTIONS] = Default::default();
    for (i, picture) in pictures.iter().enumerate() {
        let mut names = [(0u32, 0u32); 3];
        for (name, text) in names.iter_mut().zip([&picture.entry.file, &picture.entry.item, &picture.entry.brand]) {
            *name = (sections[TEXT].len() as u32, text.len() as u32);
            sections[TEXT].extend(text.as_bytes());
        }
        let first = sections[DESCRIPTORS].len() / 32;
        let proof = sections[PROOFS].len() as u64;
        let record = &mut sections[PICTURES];
        for (offset, length) in names {
            record.extend(offset.to_le_bytes());
            record.extend(length.to_le_bytes());
        }
        record.extend((picture.size.0 as u32).to_le_bytes());
        record.extend((picture.size.1 as u32).to_le_bytes());
        record.extend((picture.features.width as u16).to_le_bytes());
        record.extend((picture.features.height as u16).to_le_bytes());
        record.extend([picture.quality, 0, 0, 0]);
        record.extend((first as u32).to_le_bytes());
        record.extend((picture.features.keypoints.len() as u32).to_le_bytes());
        record.extend(proof.to_le_bytes());
        record.extend((picture.proof.width() as u16).to_le_bytes());
        record.extend((picture.proof.height() as u16).to_le_bytes());
        record.extend([0; 4]);
        record.extend(picture.digest);
        sections[HASHES].extend(picture.hash.0);
        for (keypoint, descriptor) in picture.features.keypoints.iter().zip(&picture.features.descriptors) {
            let record = &mut sections[KEYPOINTS];
            record.extend(((keypoint.x.max(0.0) * STEPS).round() as u16).to_le_bytes());
            record.extend(((keypoint.y.max(0.0) * STEPS).round() as u16).to_le_bytes());
            record.extend([keypoint.level, keypoint.angle, 0, 0]);
            record.extend((i as u32).to_le_bytes());
            sections[DESCRIPTORS].extend(descriptor);
        }
        sections[PROOFS].extend(picture.proof.data());
    }
    let bits = bucket_bits(sections[DESCRIPTORS].len() / 32);
    let (buckets, postings) = index(sections[DESCRIPTORS].as_chunks::<32>().0, bits);
    sections[BUCKETS] = buckets;
    sections[POSTINGS] = postings;
    file(&sections, bits)
}

/// Buckets and postings of all bands, by counting sort.
fn index(descriptors: &[[u8; 32]], bits: u32) -> (Vec<u8>, Vec<u8>) {
    let (mut buckets, mut postings) = (Vec::new(), Vec::new());
    for band in 0..BANDS {
        let mut starts = vec![0u32; (1 << bits) + 1];
        for descriptor in descriptors {
            starts[bucket(descriptor, band, bits) + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        buckets.extend(starts.iter().flat_map(|s| s.to_le_bytes()));
        let mut sorted = vec![0u64; descriptors.len()];
        for (i, descriptor) in descriptors.iter().enumerate() {
            let next = &mut starts[bucket(descriptor, band, bits)];
            sorted[*next as usize] = i as u64 | u64::from(sketch(descriptor, band)) << 32;
            *next += 1;
        }
        postings.extend(sorted.iter().flat_map(|p| p.to_le_bytes()));
    }
    (buckets, postings)
}

fn file(sections: &[Vec<u8>; SECTIONS], bits: u32) -> Vec<u8> {
    let mut table = Vec::new();
    let mut offset = (HEADER + SECTIONS * super::format::TABLE_ENTRY).next_multiple_of(64);
    for (i, section) in sections.iter().enumerate() {
        let parameter = if i == BUCKETS { (BANDS as u32) << 8 | bits } else { 0 };
        table.extend((i as u32 + 1).to_le_bytes());
        table.extend(parameter.to_le_bytes());
        table.extend((offset as u64).to_le_bytes());
        table.extend((section.len() as u64).to_le_bytes());
        table.extend([0; 8]);
        table.extend(blake3::hash(section).as_bytes());
        offset = (offset + section.len()).next_multiple_of(64);
    }
    let mut file = Vec::with_capacity(offset);
    file.extend(MAGIC);
    file.extend(VERSION.to_le_bytes());
    file.extend((SECTIONS as u32).to_le_bytes());
    file.extend((offset as u64).to_le_bytes());
    file.extend([0; 8]);
    file.extend(blake3::hash(&table).as_bytes());
    file.extend(table);
    for section in sections {
        file.resize(file.len().next_multiple_of(64), 0);
        file.extend(section);
    }
    file.resize(offset, 0);
    file
}
