//! The text of a file, whatever encoding it is in.

use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// Looked at to tell an encoding.
const SAMPLE: usize = 256 * 1024;

/// A file's text, and the name of its encoding. What is no text of it stands as U+FFFD.
pub(super) fn decode(bytes: &[u8]) -> (String, &'static str) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return (encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned(), encoding.name());
    }
    let encoding = told_by_bytes(bytes);
    (encoding.decode_without_bom_handling(bytes).0.into_owned(), encoding.name())
}

fn told_by_bytes(bytes: &[u8]) -> &'static Encoding {
    if let Some(encoding) = utf16_without_mark(&bytes[..bytes.len().min(4096)]) {
        return encoding;
    }
    // No other encoding passes for UTF-8 by chance; a few broken bytes are broken rows. In GBK a pair of bytes is now and then a character of
    // two bytes here, one of three as Chinese has them hardly ever: more of those than breaks settle it in a short text too.
    let (mut good, mut wide, mut bad) = (0_usize, 0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wide += chunk.valid().chars().filter(|c| c.len_utf8() == 3).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if bad == 0 || good > bad * 8 || wide > bad * 2 {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(SAMPLE)], bytes.len() <= SAMPLE);
    let guess = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    // A short Chinese text looks like many things; one-byte encodings are not what these exports are in.
    if guess == GBK || guess.is_single_byte() { GB18030 } else { guess }
}

/// Line breaks and figures in UTF-16 have a zero in every other byte.
fn utf16_without_mark(sample: &[u8]) -> Option<&'static Encoding> {
    if sample.len() < 16 {
        return None;
    }
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), sample.len() / 2);
    if odd * 5 > half && even * 50 < half {
        Some(UTF_16LE)
    } else if even * 5 > half && odd * 50 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_byte_does_not_make_a_short_chat_another_encoding() {
        let mut bytes = "2026-11-05 10:20:33,buyer,退款\n".as_bytes().to_vec();
        assert_eq!(decode(&bytes).1, "UTF-8");
        bytes.extend(*b"2026-11-05 10:21:00,buyer,ok \xff\n");
        bytes.extend("2026-11-05 10:22:00,buyer,差评\n".as_bytes());
        let (text, encoding) = decode(&bytes);
        assert_eq!(encoding, "UTF-8");
        assert!(text.contains("退款") && text.contains("差评") && text.contains('\u{fffd}'), "{text}");
        // GBK with a few letters stays GBK, however much ASCII stands around it.
        let gbk =
            GB18030.encode("2026-11-05 10:20:33,buyer,联通退款给差评\n2026-11-05 10:21:33,buyer,ok\n").0.into_owned();
        assert!(decode(&gbk).0.contains("退款给差评"));
    }

    #[test]
    fn a_short_chat_is_read_in_each_encoding() {
        let text = "时间,角色,内容\n2026-11-05 10:20:33,买家,不退款就给差评\n";
        let utf16: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(text.as_bytes()), (text.to_owned(), "UTF-8"));
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()), (text.to_owned(), "UTF-8"));
        assert_eq!(decode(&GB18030.encode(text).0).0, text);
        assert_eq!(decode(&utf16), (text.to_owned(), "UTF-16LE"));
        assert_eq!(decode(b""), (String::new(), "UTF-8"));
    }
}
