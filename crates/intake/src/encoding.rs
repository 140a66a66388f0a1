//! Which encoding a text is in, and its rows as UTF-8.
//!
//! A mark at the start is believed. Without one, bytes that are valid UTF-8 are UTF-8 (no other encoding passes that test
//! by chance over a few hundred bytes); anything else is guessed from a sample, with Chinese encodings preferred.
//! "GBK" is always read as GB18030, which contains it.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// An encoding, and how it came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Detected {
    pub encoding: &'static Encoding,
    /// Bytes of the mark to leave out.
    pub mark: usize,
    /// Whether it was guessed rather than told by a mark or by being valid.
    pub guessed: bool,
}

/// Finds the encoding of a text from its first bytes.
pub(crate) fn detect(sample: &[u8], whole: bool) -> Detected {
    if let Some((encoding, mark)) = Encoding::for_bom(sample) {
        return Detected { encoding, mark, guessed: false };
    }
    if let Some(encoding) = utf16_without_mark(sample) {
        return Detected { encoding, mark: 0, guessed: true };
    }
    let (valid, invalid) = utf8_sequences(sample, whole);
    // A few broken bytes in a UTF-8 file are bad rows, not another encoding; of other encodings' text nearly all
    // sequences are broken.
    if invalid == 0 || valid > invalid * 8 {
        return Detected { encoding: UTF_8, mark: 0, guessed: invalid > 0 };
    }
    let chinese = gb18030_share(sample);
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, whole);
    let guess = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    let encoding = if guess == GBK || chinese > 0.98 && !guess.is_single_byte() { GB18030 } else { guess };
    Detected { encoding, mark: 0, guessed: true }
}

/// Text of mostly ASCII in UTF-16 has a zero in every other byte.
fn utf16_without_mark(sample: &[u8]) -> Option<&'static Encoding> {
    let pairs = &sample[..sample.len().min(4096) & !1];
    if pairs.len() < 16 {
        return None;
    }
    let zeros = |offset: usize| pairs.iter().skip(offset).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = pairs.len() / 2;
    if odd * 5 > half && even * 50 < half {
        Some(UTF_16LE)
    } else if even * 5 > half && odd * 50 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// How many sequences beyond ASCII are valid UTF-8, and how many are not.
fn utf8_sequences(sample: &[u8], whole: bool) -> (usize, usize) {
    let (mut valid, mut invalid) = (0, 0);
    for chunk in sample.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    // The sample may end inside a sequence.
    if !whole && invalid > 0 && std::str::from_utf8(sample).is_err_and(|e| e.error_len().is_none()) {
        invalid = 0;
    }
    (valid, invalid)
}

/// The share of characters beyond ASCII that are common Chinese ones or marks when the bytes are read as GB18030.
fn gb18030_share(sample: &[u8]) -> f64 {
    let (text, _) = GB18030.decode_without_bom_handling(sample);
    let (mut all, mut good) = (0_usize, 0_usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        all += 1;
        good += usize::from(
            matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' | '\u{2010}'..='\u{2049}'),
        );
    }
    if all == 0 { 0.0 } else { good as f64 / all as f64 }
}

/// Whether rows of this encoding can be cut before they are decoded.
pub(crate) fn cuts_undecoded(encoding: &'static Encoding) -> bool {
    encoding != UTF_16LE && encoding != UTF_16BE
}

/// Decodes one row strictly.
pub(crate) fn decode_row<'a>(encoding: &'static Encoding, row: &'a [u8]) -> Option<std::borrow::Cow<'a, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(row)
}

/// A UTF-16 stream as UTF-8. Where it is malformed, a byte stands that no UTF-8 text has, so that the row it is in will
/// be quarantined like any other row of wrong bytes.
pub(crate) struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    input: Vec<u8>,
    used: usize,
    output: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Transcoded<R> {
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { inner, decoder, input: Vec::new(), used: 0, output: Vec::new(), given: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.input.resize(64 << 10, 0);
        let count = self.inner.read(&mut self.input)?;
        self.input.truncate(count);
        self.used = 0;
        self.output.clear();
        self.given = 0;
        self.ended = count == 0;
        let room = self.decoder.max_utf8_buffer_length_without_replacement(count).unwrap_or(4 * count + 16);
        let mut into = vec![0; room.max(16)];
        loop {
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(&self.input[self.used..], &mut into, self.ended);
            self.used += read;
            self.output.extend_from_slice(&into[..written]);
            match result {
                encoding_rs::DecoderResult::InputEmpty => return Ok(()),
                encoding_rs::DecoderResult::OutputFull => {}
                encoding_rs::DecoderResult::Malformed(..) => self.output.push(0xff),
            }
        }
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let count = into.len().min(self.output.len() - self.given);
        into[..count].copy_from_slice(&self.output[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// A sample as text, with replacement characters where it is malformed; good enough to guess columns from.
pub(crate) fn sample_text(detected: Detected, sample: &[u8]) -> String {
    let body = &sample[detected.mark.min(sample.len())..];
    let mut decoder = detected.encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(body.len()).unwrap_or(body.len() * 3));
    // Not the last call: a character cut by the end of the sample is simply not there yet.
    let (result, _, _) = decoder.decode_to_string(body, &mut text, false);
    debug_assert_eq!(result, CoderResult::InputEmpty);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "商品ID,标题,价格\n1,雪域精粹纯粹滋润霜 补水保湿面霜,139\n2,男士劲爽控油洁面膏,38\n";

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    #[test]
    fn tells_utf8_and_gbk_apart() {
        assert_eq!(detect(TEXT.as_bytes(), true).encoding, UTF_8);
        let (gbk, _, _) = GBK.encode(TEXT);
        let found = detect(&gbk, true);
        assert_eq!(found.encoding, GB18030);
        assert!(found.guessed);
        assert_eq!(sample_text(found, &gbk), TEXT);
    }

    #[test]
    fn a_mark_is_believed_and_left_out() {
        let marked = [b"\xef\xbb\xbf", TEXT.as_bytes()].concat();
        let found = detect(&marked, true);
        assert_eq!((found.encoding, found.mark), (UTF_8, 3));
        assert_eq!(sample_text(found, &marked), TEXT);
        let marked = [b"\xff\xfe".to_vec(), utf16(TEXT, false)].concat();
        assert_eq!(detect(&marked, true).encoding, UTF_16LE);
    }

    #[test]
    fn utf16_is_known_without_its_mark() {
        let text = "id,title,price\n1,面霜,139\n";
        assert_eq!(detect(&utf16(text, false), true).encoding, UTF_16LE);
        assert_eq!(detect(&utf16(text, true), true).encoding, UTF_16BE);
    }

    #[test]
    fn one_broken_byte_does_not_make_a_file_chinese() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes.extend_from_slice(b"3,\xff,1\n");
        assert_eq!(detect(&bytes, true).encoding, UTF_8);
        // Nor does a sample that ends inside a character.
        assert!(!detect(&TEXT.as_bytes()[..TEXT.find('题').unwrap() + 1], false).guessed);
    }

    #[test]
    fn transcodes_utf16_and_marks_what_is_malformed() {
        let mut bytes = utf16("标题\n", false);
        bytes.extend_from_slice(&[0x00, 0xd8]);
        bytes.extend(utf16("a\n", false));
        let mut out = Vec::new();
        Transcoded::new(&bytes[..], UTF_16LE).read_to_end(&mut out).unwrap();
        assert_eq!(out, ["标题\n".as_bytes(), b"\xffa\n"].concat());
    }
}
