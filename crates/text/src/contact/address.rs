//! Addresses to write to or to open, with their dots and at-signs spelled out in whatever way.

use std::sync::LazyLock;

use super::{Contact, ContactKind};
use crate::{Atom, Disguises, Folded, Kind};

/// Top-level domains that advertisers use, sorted. Those of [`RISKY`] are also ends of ordinary words or file names.
const DOMAINS: &[&str] = &[
    "app", "asia", "biz", "cc", "club", "cn", "co", "com", "edu", "fun", "gov", "hk", "im", "info", "ink", "io", "jp",
    "kr", "link", "live", "ltd", "me", "mobi", "net", "online", "org", "pro", "pw", "ru", "shop", "site", "so",
    "store", "tech", "top", "tv", "tw", "uk", "us", "vip", "work", "xin", "xyz",
];

/// Whether the sign or character is written for the dot of an address, or ends a word for it (小数点).
pub(crate) fn is_dot(c: char) -> bool {
    matches!(c, '.' | '．' | '。' | '｡' | '点' | '點' | '丶' | '·' | '•' | '●')
}

/// Whether two to six letters are a top-level domain; `packed` has five bits of each, the last lowest.
pub(crate) fn is_domain(packed: u32) -> bool {
    static PACKED: LazyLock<Vec<u32>> = LazyLock::new(|| {
        let pack = |domain: &&str| domain.bytes().fold(0, |packed, letter| packed << 5 | u32::from(letter & 31));
        let mut all: Vec<u32> = DOMAINS.iter().map(pack).collect();
        all.sort_unstable();
        all
    });
    PACKED.binary_search(&packed).is_ok()
}

/// Domains that need a closer look: at least three characters before them and a plain dot.
const RISKY: &[&str] = &[
    "app", "cc", "club", "co", "fun", "im", "info", "ink", "io", "jp", "kr", "link", "live", "me", "pro", "ru", "shop",
    "so", "store", "tech", "top", "tv", "tw", "uk", "us", "vip", "work", "xin",
];

/// A run of letters and figures that touch.
#[derive(Clone, Copy)]
struct Token {
    first: usize,
    end: usize,
}

/// How two tokens are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    Dot { plain: bool, tight: bool },
    At { plain: bool },
    Hyphen,
    Apart,
}

pub(super) fn find(text: &str, folded: &Folded, out: &mut Vec<Contact>) {
    let atoms = folded.atoms();
    if !triggered(atoms) {
        return;
    }
    let mut tokens: Vec<Token> = Vec::new();
    for (i, atom) in atoms.iter().enumerate() {
        if !matches!(atom.kind, Kind::Latin | Kind::Digit) {
            continue;
        }
        match tokens.last_mut() {
            Some(token) if token.end == i && atom.gap.is_empty() => token.end = i + 1,
            _ => tokens.push(Token { first: i, end: i + 1 }),
        }
    }
    if tokens.len() < 2 {
        return;
    }
    let word = |token: &Token| -> String { atoms[token.first..token.end].iter().map(|atom| atom.code).collect() };
    let mut at = 1;
    while at < tokens.len() {
        let joint = join(text, folded, &tokens, at - 1, at);
        if let (Joint::Dot { .. }, from) = joint
            && tokens[at].end - tokens[at].first <= 6
            && let Some(contact) = address(text, folded, &tokens, from, at, &word)
        {
            let end = contact.end;
            out.push(contact);
            while at < tokens.len() && atoms[tokens[at].first].start < end {
                at += 1;
            }
            continue;
        }
        at += 1;
    }
    ip(text, folded, &tokens, &word, out);
}

/// Whether the text can have an address at all: the name of a top-level domain, `www`, or three dots between figures.
fn triggered(atoms: &[Atom]) -> bool {
    let mut dotted = 0;
    let mut at = 0;
    while at < atoms.len() {
        let kind = atoms[at].kind;
        if kind == Kind::Digit {
            dotted += usize::from(at > 0 && atoms[at - 1].kind == Kind::Digit && atoms[at].gap.len() == 1);
            at += 1;
            continue;
        }
        if kind != Kind::Latin {
            at += 1;
            continue;
        }
        let first = at;
        let mut letters = [0_u8; 6];
        while at < atoms.len() && atoms[at].kind == Kind::Latin && (at == first || atoms[at].gap.is_empty()) {
            if let Some(slot) = letters.get_mut(at - first) {
                *slot = atoms[at].code as u8;
            }
            at += 1;
        }
        let name = letters.get(..at - first).unwrap_or_default();
        if first > 0 && (2..=6).contains(&name.len()) && DOMAINS.binary_search_by(|d| d.as_bytes().cmp(name)).is_ok()
            || name == b"www"
        {
            return true;
        }
    }
    dotted >= 3
}

/// How token `right` is joined to the one before it. A spelled-out joint is a token itself (`dot`, `at`, 圈a); the second
/// value is the token before it.
fn join(text: &str, folded: &Folded, tokens: &[Token], left: usize, right: usize) -> (Joint, usize) {
    let atoms = folded.atoms();
    let between = |a: usize, b: usize| {
        text.get(atoms[tokens[a].end - 1].end as usize..atoms[tokens[b].first].start as usize).unwrap_or("")
    };
    let addressed = text.contains("www") || text.contains("http");
    let sign = |s: &str| -> Joint {
        let tight = !s.contains(' ');
        let bare =
            s.trim().trim_matches(['(', ')', '（', '）', '[', ']', '【', '】', '{', '}', '<', '>', '「', '」']).trim();
        match bare {
            "." => Joint::Dot { plain: true, tight },
            "小数点" => Joint::Dot { plain: false, tight },
            _ if bare.chars().next().is_some_and(is_dot) && bare.chars().count() == 1 => {
                Joint::Dot { plain: false, tight }
            }
            // A comma parts words unless the address says `www` (or a dropped `http`) itself.
            "，" | "," if tight && addressed => Joint::Dot { plain: false, tight },
            "@" => Joint::At { plain: true },
            "＠" | "﹫" | "艾特" | "圈" | "爱特" | "at" => Joint::At { plain: false },
            "#" | "＃" | "*" | "&" | "$" | "￥" => {
                if text.contains(['@', '＠']) || text.contains("艾特") {
                    Joint::At { plain: false }
                } else {
                    Joint::Apart
                }
            }
            "-" | "_" | "－" if tight => Joint::Hyphen,
            _ => Joint::Apart,
        }
    };
    let spelled: String = atoms[tokens[left].first..tokens[left].end].iter().map(|atom| atom.code).collect();
    if let Some(before) = left.checked_sub(1) {
        let (l, r) = (between(before, left), between(left, right));
        let framed = |s: &str| !s.is_empty() && s.chars().all(|c| " ()（）[]【】{}<>".contains(c));
        if framed(l) && framed(r) && spelled == "dot" {
            return (Joint::Dot { plain: false, tight: !l.contains(' ') }, before);
        }
        if framed(l) && framed(r) && spelled == "at"
            || l.trim_end().ends_with('圈') && l.trim() == "圈" && spelled == "a"
        {
            return (Joint::At { plain: false }, before);
        }
    }
    (sign(between(left, right)), left)
}

/// The address whose top-level domain may be token `tld` and whose last label is token `label`.
fn address(
    text: &str,
    folded: &Folded,
    tokens: &[Token],
    label: usize,
    tld: usize,
    word: &impl Fn(&Token) -> String,
) -> Option<Contact> {
    let atoms = folded.atoms();
    let mut domain = word(&tokens[tld]);
    // `com.cn`: a second level; the walk to the left takes care of it, the walk to the right of what follows.
    let world = label > 0 && word(&tokens[label - 1]) == "www";
    let country = world && domain.bytes().all(|b| b.is_ascii_lowercase()) && (2..=4).contains(&domain.len());
    if !country && !DOMAINS.contains(&domain.as_str()) {
        return None;
    }
    let (Joint::Dot { plain, tight }, _) = join(text, folded, tokens, tld - 1, tld) else { return None };
    let name = word(&tokens[label]);
    let comma =
        text[atoms[tokens[label].end - 1].end as usize..atoms[tokens[tld].first].start as usize].contains(['，', ',']);
    let letters = name.chars().any(|c| c.is_ascii_alphabetic());
    let mut spelled = !plain;
    let mut first = label;
    let mut path = name.clone();
    let mut mailbox = None;
    let mut labels = 1;
    let mut www = name == "www";
    while first > 0 {
        match join(text, folded, tokens, first - 1, first) {
            (Joint::Dot { plain, .. }, before) => {
                // A full stop of Chinese prose parts sentences, not labels.
                path.insert(0, '.');
                path.insert_str(0, &word(&tokens[before]));
                spelled |= !plain;
                first = before;
                labels += 1;
                www |= word(&tokens[before]) == "www";
            }
            (Joint::Hyphen, before) => {
                path.insert(0, '-');
                path.insert_str(0, &word(&tokens[before]));
                first = before;
            }
            (Joint::At { plain }, before) => {
                spelled |= !plain;
                let mut user = word(&tokens[before]);
                first = before;
                while first > 0
                    && let (Joint::Hyphen | Joint::Dot { plain: true, tight: true }, more) =
                        join(text, folded, tokens, first - 1, first)
                {
                    let sep = text[atoms[tokens[more].end - 1].end as usize..atoms[tokens[first].first].start as usize]
                        .trim();
                    user = format!("{}{sep}{user}", word(&tokens[more]));
                    first = more;
                }
                mailbox = Some(user);
                break;
            }
            (Joint::Apart, _) => break,
        }
    }
    let scheme = scheme(text, folded, tokens, first, word);
    let sure = scheme.is_some() || www || mailbox.is_some();
    let risky = RISKY.contains(&domain.as_str());
    let hyphenated = path.contains('-');
    let rest = &text[atoms[tokens[tld].end - 1].end as usize..];
    let pathed = rest.strip_prefix('/').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
    let enough = if pathed && tight {
        true
    } else if risky {
        (name.len() >= 3 || hyphenated || labels > 1 && name.len() >= 2) && tight
    } else {
        name.len() >= 2 || hyphenated
    };
    let masked = name.len() >= 4 && name.chars().all(|c| c == 'x');
    if !sure && (!enough || !letters && !masked && domain != "com" || comma || spelled && risky && !tight) {
        return None;
    }
    // A letter, dot and a two-letter end is an abbreviation or a file name: V2.0.cn, a.b.cc.
    if !sure && labels > 1 && path.split('.').all(|label| label.len() <= 2) {
        return None;
    }
    let mut end_atom = tokens[tld].end;
    let mut next = tld;
    while next + 1 < tokens.len()
        && let (Joint::Dot { plain: true, tight: true }, before) = join(text, folded, tokens, next, next + 1)
        && before == next
        && DOMAINS.contains(&word(&tokens[next + 1]).as_str())
    {
        next += 1;
        domain = format!("{domain}.{}", word(&tokens[next]));
        end_atom = tokens[next].end;
    }
    let start = scheme.unwrap_or(atoms[tokens[first].first].start);
    let mut end = atoms[end_atom - 1].end;
    let mut canonical = format!("{path}.{domain}");
    if let Some(user) = &mailbox {
        canonical = format!("{user}@{canonical}");
    } else {
        let tail = &text[end as usize..];
        if tail.starts_with(['/', ':', '?']) {
            let len = tail.bytes().take_while(|b| b.is_ascii_graphic() && !b"\"'<>,;()".contains(b)).count();
            let len = tail[..len].trim_end_matches(['.', '!', ':', '?']).len();
            canonical.push_str(&tail[..len]);
            end += len as u32;
        }
    }
    let mut disguises = if spelled { Disguises::SPELLED } else { Disguises::NONE };
    for atom in atoms.iter().filter(|atom| start <= atom.start && atom.end <= end) {
        disguises |= atom.disguises;
    }
    let kind = if mailbox.is_some() { ContactKind::Email } else { ContactKind::Url };
    Some(Contact { kind, start, end, disguises, canonical })
}

/// Where the scheme before token `first` begins.
fn scheme(
    text: &str,
    folded: &Folded,
    tokens: &[Token],
    first: usize,
    word: &impl Fn(&Token) -> String,
) -> Option<u32> {
    let before = first.checked_sub(1)?;
    let name = word(&tokens[before]);
    if !matches!(name.as_str(), "http" | "https" | "hxxp" | "hxxps" | "htp" | "htpp" | "ftp") {
        return None;
    }
    let atoms = folded.atoms();
    let between = text.get(atoms[tokens[before].end - 1].end as usize..atoms[tokens[first].first].start as usize)?;
    between.chars().all(|c| ":：/／ \\".contains(c)).then_some(atoms[tokens[before].first].start)
}

/// IPv4 addresses with a port or a path; without one they may be versions.
fn ip(text: &str, folded: &Folded, tokens: &[Token], word: &impl Fn(&Token) -> String, out: &mut Vec<Contact>) {
    let atoms = folded.atoms();
    for at in 0..tokens.len().saturating_sub(3) {
        let four = &tokens[at..at + 4];
        let plain = four.iter().all(|token| word(token).parse::<u32>().is_ok_and(|n| n < 256));
        let dotted = (at..at + 3).all(|i| {
            text.get(atoms[tokens[i].end - 1].end as usize..atoms[tokens[i + 1].first].start as usize) == Some(".")
        });
        if !plain || !dotted {
            continue;
        }
        let start = atoms[four[0].first].start;
        let mut end = atoms[four[3].end - 1].end as usize;
        let tail = &text[end..];
        let port = tail.strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if port || tail.starts_with('/') {
            end += tail.bytes().take_while(|b| b.is_ascii_graphic()).count();
            out.push(Contact {
                kind: ContactKind::Ip,
                start,
                end: end as u32,
                disguises: Disguises::NONE,
                canonical: text[start as usize..end].to_owned(),
            });
        }
    }
}
