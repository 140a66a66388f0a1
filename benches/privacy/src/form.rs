//! Ways of writing a value so that it is not seen.

use crate::random::Random;

/// What forms a value can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Figures only.
    Figures,
    /// Letters and figures.
    Letters,
    /// Han characters, with figures in addresses.
    Han,
}

/// The forms of figures.
pub const FIGURES: &[&str] = &[
    "plain",
    "fullwidth",
    "spaced",
    "dashed",
    "dotted",
    "grouped",
    "han",
    "formal",
    "circled",
    "keycap",
    "bold",
    "zero_width",
    "emoji",
    "newline",
    "mixed",
    "radio",
    "sound",
];

/// The forms of letters with figures.
pub const LETTERS: &[&str] = &["plain", "fullwidth", "spaced", "circled", "bold", "zero_width", "upper"];

/// The forms of Han characters.
pub const HAN: &[&str] = &["plain", "spaced", "zero_width", "traditional", "emoji", "dotted", "fullwidth", "han"];

impl Script {
    /// Its forms.
    pub const fn forms(self) -> &'static [&'static str] {
        match self {
            Self::Figures => FIGURES,
            Self::Letters => LETTERS,
            Self::Han => HAN,
        }
    }
}

fn between(text: &str, sign: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i > 0 {
            out.push_str(sign);
        }
        out.push(c);
    }
    out
}

/// In groups of three and four, as people read numbers out.
fn grouped(text: &str, sign: &str) -> String {
    let len = text.chars().count();
    let cuts: Vec<usize> = match len {
        11 => vec![3, 7],
        18 => vec![6, 14],
        _ => (4..len).step_by(4).collect(),
    };
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if cuts.contains(&i) {
            out.push_str(sign);
        }
        out.push(c);
    }
    out
}

fn one(c: char, form: &str, random: &mut Random) -> String {
    let figure = c.to_digit(10);
    let at = |table: &str| figure.and_then(|f| table.chars().nth(f as usize)).unwrap_or(c).to_string();
    let offset = |upper: u32, lower: u32, zero: u32| {
        let code = match c {
            'A'..='Z' => upper + c as u32 - 'A' as u32,
            'a'..='z' => lower + c as u32 - 'a' as u32,
            '0'..='9' => zero + c as u32 - '0' as u32,
            _ => c as u32,
        };
        char::from_u32(code).unwrap_or(c).to_string()
    };
    match form {
        "fullwidth" if c.is_ascii_graphic() => char::from_u32(c as u32 + 0xFEE0).unwrap_or(c).to_string(),
        "han" => at("零一二三四五六七八九"),
        "formal" => at("零壹贰叁肆伍陆柒捌玖"),
        "circled" if figure.is_some() => at("⓪①②③④⑤⑥⑦⑧⑨"),
        "circled" => offset(0x24B6, 0x24D0, 0),
        "keycap" if figure.is_some() => format!("{c}\u{FE0F}\u{20E3}"),
        "bold" => offset(0x1D400, 0x1D41A, 0x1D7CE),
        "radio" => at("洞幺二三四五六拐八勾"),
        "sound" if random.once_in(3) => at("零幺而散思武溜期吧酒"),
        "mixed" => {
            let style = *random.pick(&["plain", "fullwidth", "han", "formal", "circled", "bold"]);
            one(c, style, random)
        }
        _ => c.to_string(),
    }
}

/// The value in a form.
pub fn disguise(
    value: &str,
    form: &str,
    script: Script,
    traditional: &dyn Fn(char) -> Option<char>,
    random: &mut Random,
) -> String {
    let each = |random: &mut Random| value.chars().map(|c| one(c, form, random)).collect::<String>();
    match form {
        "spaced" => between(value, " "),
        "dotted" => between(value, "."),
        "dashed" => grouped(value, "-"),
        "grouped" => grouped(value, " "),
        "newline" => grouped(value, "\n"),
        "zero_width" => between(value, random.pick::<&str>(&["\u{200B}", "\u{200C}", "\u{2060}", "\u{FEFF}"])),
        "emoji" if script == Script::Figures => grouped(value, random.pick::<&str>(&["❤", "💚", "🌟", "😀"])),
        "emoji" => between(value, random.pick::<&str>(&["❤", "💚", "🌟"])),
        "traditional" => value.chars().map(|c| traditional(c).unwrap_or(c)).collect(),
        "upper" => value.to_uppercase(),
        _ => each(random),
    }
}
