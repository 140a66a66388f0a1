use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The identity of a record's content: 128 bits of BLAKE3, so that nobody can craft a listing that passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 16]);

impl ContentHash {
    /// The hash as a number, for sets that store it in 16 bytes.
    pub fn as_u128(self) -> u128 {
        u128::from_le_bytes(self.0)
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        unhex(deserializer).map(Self)
    }
}

/// Builds a [`ContentHash`] from a record's fields. Every part is length-prefixed, so no two records share an encoding.
///
/// Callers feed the kind's name, then each present field as (name, value) in ascending order of the name.
#[derive(Clone, Default)]
pub struct RecordHasher {
    buffer: Vec<u8>,
}

impl RecordHasher {
    /// An empty hasher; [`Self::finish`] leaves it empty again, with its buffer kept for the next record.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one part.
    pub fn part(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.buffer.extend_from_slice(bytes);
    }

    /// The hash of all parts since the last call.
    pub fn finish(&mut self) -> ContentHash {
        let digest = blake3::hash(&self.buffer);
        self.buffer.clear();
        let mut short = [0; 16];
        short.copy_from_slice(&digest.as_bytes()[..16]);
        ContentHash(short)
    }
}

/// The identity of a finding's content: rule, record key, field and normalised matched text, never a position. It stays
/// the same when the text around the match is edited, so a suppression or a decision keeps holding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// The fingerprint of a finding. `matched` is normalised here: white space dropped, letters lower-cased.
    pub fn of(detector: &str, rule: &str, record: &str, field: &str, matched: &str) -> Self {
        let normalised: String = matched.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        let mut hasher = RecordHasher::new();
        for part in [detector, rule, record, field, &normalised] {
            hasher.part(part.as_bytes());
        }
        Self(hasher.finish().0)
    }

    /// Reads the 32 hexadecimal digits that [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        parse_hex(text).map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        unhex(deserializer).map(Self)
    }
}

fn hex(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn parse_hex(text: &str) -> Option<[u8; 16]> {
    if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut out = [0; 16];
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(out)
}

fn unhex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 16], D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_hex(&text).ok_or_else(|| serde::de::Error::custom(format!("'{text}' is not 32 hexadecimal digits")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        let mut hasher = RecordHasher::new();
        hasher.part(b"ab");
        hasher.part(b"c");
        let one = hasher.finish();
        hasher.part(b"a");
        hasher.part(b"bc");
        assert_ne!(one, hasher.finish());
    }

    #[test]
    fn fingerprint_survives_spacing_and_case() {
        let a = Fingerprint::of("d", "R1", "l1", "title", "加 V Xin");
        assert_eq!(a, Fingerprint::of("d", "R1", "l1", "title", "加vxin"));
        assert_ne!(a, Fingerprint::of("d", "R1", "l2", "title", "加vxin"));
        assert_eq!(Fingerprint::parse(&a.to_string()), Some(a));
        assert_eq!(Fingerprint::parse("zz"), None);
    }
}
