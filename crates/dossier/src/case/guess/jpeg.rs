//! What a JPEG says of itself in its Exif block. Facts only: anybody can write them, and platforms take them off.

use std::collections::BTreeMap;

/// Entries of one directory that are looked at.
const MOST: u16 = 256;
/// Tags of TIFF 6.0 and Exif 2.32.
const MAKE: u16 = 0x010f;
const MODEL: u16 = 0x0110;
const EXIF: u16 = 0x8769;
const TAKEN: u16 = 0x9003;
const TAKEN_ZONE: u16 = 0x9011;

/// `exif_time`, `exif_zone`, `exif_device`, as far as they are there.
pub(super) fn facts(head: &[u8]) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let Some(tiff) = exif(head).and_then(Tiff::new) else { return facts };
    let Some(first) = tiff.u32(4) else { return facts };
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.insert(name.to_owned(), value);
        }
    };
    let device: Vec<String> = [MAKE, MODEL].into_iter().filter_map(|tag| tiff.text(first, tag)).collect();
    put("exif_device", Some(device.join(" ")).filter(|device| !device.is_empty()));
    if let Some(directory) = tiff.entry(first, EXIF).and_then(|at| tiff.u32(at + 8)) {
        put("exif_time", tiff.text(directory, TAKEN).map(|text| text.replacen(':', "-", 2)));
        put("exif_zone", tiff.text(directory, TAKEN_ZONE));
    }
    facts
}

/// The TIFF block of the first Exif segment.
fn exif(head: &[u8]) -> Option<&[u8]> {
    let mut rest = head.strip_prefix(b"\xff\xd8")?;
    loop {
        let [0xff, marker, high, low, ..] = rest else { return None };
        // The picture itself begins.
        if matches!(marker, 0xd9 | 0xda) {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let segment = rest.get(4..2 + length.max(2)).or_else(|| rest.get(4..))?;
        if let (0xe1, Some(tiff)) = (marker, segment.strip_prefix(b"Exif\0\0")) {
            return Some(tiff);
        }
        rest = rest.get(2 + length..)?;
    }
}

struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl<'a> Tiff<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let little = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Self { bytes, little })
    }

    fn u16(&self, at: u32) -> Option<u16> {
        let at = at as usize;
        let two = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    }

    fn u32(&self, at: u32) -> Option<u32> {
        let at = at as usize;
        let four = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    }

    /// Where a directory has a tag.
    fn entry(&self, directory: u32, tag: u16) -> Option<u32> {
        let count = self.u16(directory)?.min(MOST);
        let entries = (0..u32::from(count)).map_while(|n| directory.checked_add(2 + n * 12));
        entries.take_while(|at| at.checked_add(12).is_some()).find(|at| self.u16(*at) == Some(tag))
    }

    /// A text of at most 64 bytes without control characters.
    fn text(&self, directory: u32, tag: u16) -> Option<String> {
        let at = self.entry(directory, tag)?;
        let length = self.u32(at + 4)?.min(64);
        let begin = if length <= 4 { at + 8 } else { self.u32(at + 8)? } as usize;
        let bytes = self.bytes.get(begin..begin.checked_add(length as usize)?)?;
        let text = String::from_utf8_lossy(bytes);
        let text: String = text.split('\0').next()?.trim().chars().filter(|c| !c.is_control()).collect();
        Some(text).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0".to_vec();
        let entry = |tag: u16, kind: u16, count: u32, value: u32| {
            [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
        };
        tiff.extend(2_u16.to_le_bytes());
        tiff.extend(entry(MODEL, 2, 4, u32::from_le_bytes(*b"P40\0")));
        tiff.extend(entry(EXIF, 4, 1, 38));
        tiff.extend(0_u32.to_le_bytes());
        tiff.extend(2_u16.to_le_bytes());
        tiff.extend(entry(TAKEN, 2, 20, 68));
        tiff.extend(entry(TAKEN_ZONE, 2, 7, 88));
        tiff.extend(0_u32.to_le_bytes());
        tiff.extend(b"2026:11:05 10:20:33\0+08:00\0");
        let mut out = b"\xff\xd8\xff\xe0\0\x04ab\xff\xe1".to_vec();
        out.extend((tiff.len() as u16 + 8).to_be_bytes());
        out.extend(b"Exif\0\0");
        out.extend(tiff);
        out
    }

    #[test]
    fn the_time_and_the_device_are_told() {
        let facts = facts(&picture());
        let told: Vec<(&str, &str)> = facts.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(told, [("exif_device", "P40"), ("exif_time", "2026-11-05 10:20:33"), ("exif_zone", "+08:00")]);
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_survived() {
        let whole = picture();
        for at in 0..whole.len() {
            facts(&whole[..at]);
            for value in [0, 1, 0x7f, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                facts(&bytes);
            }
        }
    }
}
