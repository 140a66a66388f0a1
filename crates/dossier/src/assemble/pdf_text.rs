//! The text of a PDF, as far as it can be told without laying out its pages: its streams unpacked, their strings put together, and where a font
//! writes in the numbers of its glyphs, those turned into letters by the table that the font brings along.

use std::collections::HashMap;
use std::io::Read as _;

/// A stream is unpacked up to so many bytes.
const MOST_STREAM: u64 = 64 << 20;
/// A file with more fonts is not looked through with all of them.
const MOST_FONTS: usize = 48;

/// Hands every reading of the file's streams to `look`. Gives whether that is all that a reader sees of its text: fonts without a table of
/// letters, encryption and rare packings are not undone.
pub(super) fn read(bytes: &[u8], most: u64, look: &mut dyn FnMut(&[u8])) -> bool {
    let mut fonts = Vec::new();
    let mut marks = Marks::default();
    let whole = streams(bytes, most, &mut |content| {
        marks.count(content);
        fonts.extend(Letters::of(content));
    });
    marks.count(bytes);
    let few = fonts.len() <= MOST_FONTS;
    fonts.truncate(MOST_FONTS);
    streams(bytes, most, &mut |content| {
        look(content);
        let codes = strings(content);
        look(&codes);
        if find(content, b"Tj").is_some() || find(content, b"TJ").is_some() {
            fonts.iter().for_each(|font| look(font.text(&codes).as_bytes()));
        }
    });
    whole && few && !marks.hiding && marks.numbered <= marks.tables.min(fonts.len())
}

/// What the file says of its fonts and packings. Names are compared as nearly all programs write them.
#[derive(Default)]
struct Marks {
    /// Something that is not undone here.
    hiding: bool,
    /// Fonts that write in numbers of glyphs.
    numbered: usize,
    /// Tables of letters that fonts name.
    tables: usize,
}

impl Marks {
    fn count(&mut self, bytes: &[u8]) {
        const HIDING: [&[u8]; 6] =
            [b"/Type3", b"/Differences", b"/Encrypt", b"/LZWDecode", b"/ASCII85Decode", b"/ASCIIHexDecode"];
        self.hiding |= HIDING.iter().any(|name| find(bytes, name).is_some());
        self.numbered += count(bytes, b"/Type0");
        self.tables += count(bytes, b"/ToUnicode");
    }
}

/// Unpacks the streams one by one. Gives whether there was room for all.
fn streams(bytes: &[u8], most: u64, take: &mut dyn FnMut(&[u8])) -> bool {
    let (mut at, mut left) = (0, most);
    while let Some(found) = find(&bytes[at..], b"stream") {
        let mut begin = at + found + b"stream".len();
        begin += usize::from(bytes.get(begin) == Some(&b'\r'));
        begin += usize::from(bytes.get(begin) == Some(&b'\n'));
        let end = find(&bytes[begin..], b"endstream").map_or(bytes.len(), |len| begin + len);
        let mut content = Vec::new();
        let inflated = flate2::read::ZlibDecoder::new(&bytes[begin..end]).take(left.min(MOST_STREAM));
        // What ends early is looked through as far as it goes.
        let _ = { inflated }.read_to_end(&mut content);
        if content.is_empty() {
            content.extend_from_slice(&bytes[begin..end]);
        }
        take(&content);
        left = left.saturating_sub(content.len() as u64);
        if left == 0 || content.len() as u64 >= MOST_STREAM {
            return false;
        }
        at = (end + b"endstream".len()).min(bytes.len());
    }
    true
}

/// Which letters the numbers of a font's glyphs stand for: its ToUnicode table (ISO 32000-1, 9.10.3).
struct Letters(HashMap<u16, String>);

impl Letters {
    fn of(content: &[u8]) -> Option<Self> {
        let mut letters = HashMap::new();
        for (begin, end, wide) in
            [(&b"beginbfchar"[..], &b"endbfchar"[..], false), (b"beginbfrange", b"endbfrange", true)]
        {
            let mut at = 0;
            while let Some(found) = find(&content[at..], begin) {
                let from = at + found + begin.len();
                let to = find(&content[from..], end).map_or(content.len(), |len| from + len);
                if wide {
                    ranges(&content[from..to], &mut letters)
                } else {
                    pairs(&content[from..to], &mut letters)
                }
                at = to;
            }
        }
        (!letters.is_empty()).then_some(Self(letters))
    }

    fn text(&self, codes: &[u8]) -> String {
        let code = |pair: &[u8]| u16::from_be_bytes([pair[0], pair[1]]);
        codes.chunks_exact(2).filter_map(|pair| self.0.get(&code(pair))).map(String::as_str).collect()
    }
}

/// `<0003> <4E70>`
fn pairs(lines: &[u8], letters: &mut HashMap<u16, String>) {
    let words = words(lines);
    for pair in words.chunks_exact(2) {
        if let (Word::Hex(code), Word::Hex(text)) = (&pair[0], &pair[1]) {
            letters.insert(number(code), utf16(text));
        }
    }
}

/// `<0003> <0009> <4E70>`, or `<0003> <0004> [<4E70> <5BB6>]`
fn ranges(lines: &[u8], letters: &mut HashMap<u16, String>) {
    let mut words = words(lines).into_iter();
    // A table that says everything over and over is none.
    let mut left: u32 = 1 << 20;
    while let (Some(Word::Hex(low)), Some(Word::Hex(high)), Some(third)) = (words.next(), words.next(), words.next()) {
        let (low, high) = (number(&low), number(&high));
        left = left.saturating_sub(u32::from(high.saturating_sub(low)) + 1);
        if left == 0 {
            return;
        }
        match third {
            Word::Hex(first) => {
                for code in low..=high {
                    let mut text = first.clone();
                    if let [.., a, b] = &mut text[..] {
                        [*a, *b] = u16::from_be_bytes([*a, *b]).wrapping_add(code - low).to_be_bytes();
                    }
                    letters.insert(code, utf16(&text));
                }
            }
            Word::Open => {
                for code in low..=u16::MAX {
                    let Some(Word::Hex(text)) = words.next() else { break };
                    letters.insert(code, utf16(&text));
                }
            }
            Word::Close => return,
        }
    }
}

enum Word {
    Hex(Vec<u8>),
    Open,
    Close,
}

fn words(lines: &[u8]) -> Vec<Word> {
    let (mut at, mut out) = (0, Vec::new());
    while at < lines.len() {
        match lines[at] {
            b'<' => {
                let end = lines[at..].iter().position(|byte| *byte == b'>').map_or(lines.len(), |len| at + len);
                out.push(Word::Hex(hex(&lines[at + 1..end])));
                at = end;
            }
            b'[' => out.push(Word::Open),
            b']' => out.push(Word::Close),
            _ => {}
        }
        at += 1;
    }
    out
}

fn number(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |number, byte| number << 8 | u16::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

fn hex(digits: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = digits.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    digits.chunks_exact(2).filter_map(byte).collect()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

fn count(bytes: &[u8], what: &[u8]) -> usize {
    memchr::memmem::find_iter(bytes, what).count()
}

/// The strings of a page's commands, one behind the other: a number may be set figure by figure.
fn strings(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < content.len() {
        match content[at] {
            b'(' => {
                let mut depth = 1;
                at += 1;
                while at < content.len() && depth > 0 {
                    match content[at] {
                        b'\\' => {
                            let octal = content[at + 1..].iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
                            let code = octal.clone().fold(0_u32, |code, digit| code * 8 + u32::from(digit - b'0'));
                            match (octal.count(), content.get(at + 1)) {
                                (0, Some(byte @ (b'(' | b')' | b'\\'))) => {
                                    out.push(*byte);
                                    at += 1;
                                }
                                (0, _) => at += 1,
                                (digits, _) => {
                                    out.push(code as u8);
                                    at += digits;
                                }
                            }
                        }
                        b'(' => depth += 1,
                        b')' => depth -= 1,
                        byte => out.push(byte),
                    }
                    at += 1;
                }
            }
            b'<' if content.get(at + 1) != Some(&b'<') => {
                let end = content[at..].iter().position(|byte| *byte == b'>').map_or(content.len(), |len| at + len);
                out.extend(hex(&content[at + 1..end]));
                at = end + 1;
            }
            _ => at += 1,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_set_figure_by_figure_is_put_together() {
        assert_eq!(strings(b"BT [(138) -20 (0013) 5 (8000)] TJ <4142> Tj ET"), b"13800138000AB");
        assert_eq!(strings(b"(a\\)b(c)d) << /X 1 >>"), b"a)bcd");
        assert_eq!(
            strings(b"(\\061\\063812\\0635\\n678\\\\) (\\"),
            b"1381235678\\",
            "figures may be written as octal codes"
        );
    }

    fn pdf(objects: &[(&str, &str)]) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n".to_vec();
        for (n, (dictionary, stream)) in objects.iter().enumerate() {
            out.extend(format!("{} 0 obj\n<<{dictionary}>>\n", n + 1).bytes());
            if !stream.is_empty() {
                out.extend(format!("stream\n{stream}\nendstream\n").bytes());
            }
            out.extend(b"endobj\n");
        }
        out
    }

    fn told(file: &[u8]) -> (bool, Vec<String>) {
        let mut texts = Vec::new();
        let whole = read(file, 1 << 20, &mut |text| texts.push(String::from_utf8_lossy(text).into_owned()));
        (whole, texts)
    }

    #[test]
    fn numbers_of_glyphs_are_read_by_the_table_of_their_font() {
        let table = "2 beginbfchar\n<0001> <5F20>\n<0002> <5EFA56FD>\nendbfchar\n2 beginbfrange\n<0010> <0019> <0030>\n<0020> <0021> \
                     [<4E70> <5BB6>]\nendbfrange";
        let page = "BT [<0001> -20 <0002>] TJ <00110013001800100010> Tj <00200021> Tj ET";
        let font = ("/Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 2 0 R", "");
        let (whole, texts) = told(&pdf(&[font, ("", table), ("", page)]));
        assert!(whole && texts.iter().any(|text| text == "张建国13800买家"), "{texts:?}");
        // A font without a table hides what it says, and so does a table that is not there.
        let bare = ("/Type/Font/Subtype/Type0/Encoding/Identity-H", "");
        assert!(!told(&pdf(&[font, bare, ("", table), ("", page)])).0);
        assert!(!told(&pdf(&[font, ("", page)])).0);
        assert!(told(&pdf(&[("/Subtype/Type1", ""), ("", "BT (ok) Tj ET")])).0);
    }

    #[test]
    fn tables_that_are_none_do_no_harm() {
        for table in [
            "beginbfchar",
            "beginbfchar <",
            "beginbfrange <00> <",
            "beginbfrange <FFFF> <0000> <41>",
            "beginbfrange <0000> <FFFF> [",
            "beginbfrange ] ] ]",
        ] {
            told(&pdf(&[("", table), ("", "(a) Tj")]));
        }
    }
}
