use serde::{Deserialize, Serialize};

use super::GalleryError;

/// The name of the manifest in a gallery's folder; what has none is no gallery.
pub const MANIFEST: &str = "gallery.json";

const FORMAT: &str = "huoyan-gallery";
const VERSION: u32 = 1;

/// What a gallery's folder holds. Names of files are made of digests and numbers, so a manifest cannot point elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    version: u32,
    /// The digest of all: see [`Manifest::root`].
    pub(super) digest: String,
    pub(super) segments: Vec<SegmentEntry>,
    pub(super) removed: Removed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SegmentEntry {
    #[serde(with = "hex")]
    pub(super) digest: [u8; 32],
    pub(super) pictures: u64,
    pub(super) bytes: u64,
}

/// Removals: a file that only grows, and how much of it counts. Each is the digest of a segment and the number of a picture in
/// it (u32, then four zeros).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Removed {
    /// Counts up when the file is written anew.
    pub(super) generation: u64,
    pub(super) count: u64,
    /// BLAKE3 of the digest before and the last removal; zeros without removals. So one more costs one more step.
    #[serde(with = "hex")]
    pub(super) digest: [u8; 32],
}

/// Bytes of a removal.
pub(super) const REMOVAL: usize = 40;

impl SegmentEntry {
    pub(super) fn file(&self) -> String {
        format!("{}.segment", hex::text(&self.digest))
    }
}

impl Removed {
    pub(super) fn file(&self) -> String {
        format!("{}.removed", self.generation)
    }

    pub(super) fn add(&mut self, removal: &[u8; REMOVAL]) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.digest);
        hasher.update(removal);
        self.digest = *hasher.finalize().as_bytes();
        self.count += 1;
    }
}

impl Manifest {
    pub(super) fn new(segments: Vec<SegmentEntry>, removed: Removed) -> Self {
        let digest = root(&segments, &removed);
        Self { format: FORMAT.to_owned(), version: VERSION, digest, segments, removed }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, GalleryError> {
        let fail = |why: String| GalleryError::Format(why);
        let manifest: Self = serde_json::from_slice(bytes).map_err(|e| fail(format!("{MANIFEST}: {e}")))?;
        if manifest.format != FORMAT || manifest.version != VERSION {
            return Err(fail(format!(
                "{MANIFEST} says '{}' version {}, this program reads '{FORMAT}' version {VERSION}",
                manifest.format, manifest.version
            )));
        }
        if manifest.digest != root(&manifest.segments, &manifest.removed) {
            return Err(GalleryError::Digest(format!("segments listed in {MANIFEST}")));
        }
        Ok(manifest)
    }

    pub(super) fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("invariant: numbers and strings can be written");
        text.push('\n');
        text
    }
}

/// The digest of a gallery: BLAKE3 of the digests of its segments, each of which stands for that segment's sections and so for
/// all that is read of it, and of its removals.
fn root(segments: &[SegmentEntry], removed: &Removed) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(FORMAT.as_bytes());
    hasher.update(&(segments.len() as u64).to_le_bytes());
    for segment in segments {
        hasher.update(&segment.digest);
    }
    hasher.update(&removed.count.to_le_bytes());
    hasher.update(&removed.digest);
    hasher.finalize().to_hex().to_string()
}

/// Digests as hexadecimal digits.
pub(super) mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::gallery) fn text(digest: &[u8; 32]) -> String {
        blake3::Hash::from_bytes(*digest).to_hex().to_string()
    }

    pub(super) fn serialize<S: Serializer>(digest: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(digest))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        blake3::Hash::from_hex(&text).map(|hash| *hash.as_bytes()).map_err(D::Error::custom)
    }
}
