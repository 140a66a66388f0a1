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

/// Most tokens of a host or a mailbox, so that a text of nothing but dots is not walked again for every one of them.
const MOST_TOKENS: usize = 24;

/// A text cut into tokens.
struct Page<'a> {
    text: &'a str,
    atoms: &'a [Atom],
    tokens: Vec<Token>,
    /// Whether it has `www` or `http`.
    addressed: bool,
    /// Whether it has an at-sign.
    mailed: bool,
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
    let page = Page {
        text,
        atoms,
        tokens,
        addressed: text.contains("www") || text.contains("http"),
        mailed: text.contains(['@', '＠']) || text.contains("艾特"),
    };
    let mut at = 1;
    while at < page.tokens.len() {
        let (joint, from) = page.join(at - 1, at);
        if matches!(joint, Joint::Dot { .. })
            && page.tokens[at].end - page.tokens[at].first <= 6
            && let Some(contact) = page.address(from, at)
        {
            at = page.behind(at, contact.end);
            out.push(contact);
        } else {
            at += 1;
        }
    }
    page.ip(out);
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

impl Page<'_> {
    /// The letters of a token, folded.
    fn word(&self, token: usize) -> String {
        let Token { first, end } = self.tokens[token];
        self.atoms[first..end].iter().map(|atom| atom.code).collect()
    }

    /// Whether the letters of a token are these.
    fn is(&self, token: usize, word: &str) -> bool {
        let Token { first, end } = self.tokens[token];
        end - first == word.len() && self.atoms[first..end].iter().zip(word.chars()).all(|(atom, c)| atom.code == c)
    }

    /// Where a token begins and ends, in bytes.
    fn span(&self, token: usize) -> (usize, usize) {
        let Token { first, end } = self.tokens[token];
        (self.atoms[first].start as usize, self.atoms[end - 1].end as usize)
    }

    /// What is written between two tokens.
    fn between(&self, left: usize, right: usize) -> &str {
        self.text.get(self.span(left).1..self.span(right).0).unwrap_or("")
    }

    /// The first token from `at` on that begins at or behind byte `end`.
    fn behind(&self, at: usize, end: u32) -> usize {
        at + self.tokens[at..].partition_point(|token| self.atoms[token.first].start < end)
    }

    /// How token `right` is joined to the one before it. A spelled-out joint is a token itself (`dot`, `at`, 圈a); the
    /// second value is the token before it.
    fn join(&self, left: usize, right: usize) -> (Joint, usize) {
        if let Some(before) = left.checked_sub(1) {
            let (l, r) = (self.between(before, left), self.between(left, right));
            let framed = |s: &str| !s.is_empty() && s.chars().all(|c| " ()（）[]【】{}<>".contains(c));
            if self.is(left, "dot") && framed(l) && framed(r) {
                return (Joint::Dot { plain: false, tight: !l.contains(' ') }, before);
            }
            if self.is(left, "at") && framed(l) && framed(r) || self.is(left, "a") && l.trim() == "圈" {
                return (Joint::At { plain: false }, before);
            }
        }
        (self.sign(self.between(left, right)), left)
    }

    /// What a sign between two tokens makes of them.
    fn sign(&self, sign: &str) -> Joint {
        let tight = !sign.contains(' ');
        let brackets = ['(', ')', '（', '）', '[', ']', '【', '】', '{', '}', '<', '>', '「', '」'];
        let bare = sign.trim().trim_matches(brackets).trim();
        let mut signs = bare.chars();
        match bare {
            "." => Joint::Dot { plain: true, tight },
            "小数点" => Joint::Dot { plain: false, tight },
            _ if signs.next().is_some_and(is_dot) && signs.next().is_none() => Joint::Dot { plain: false, tight },
            // A comma parts words unless the address says `www` (or a dropped `http`) itself.
            "，" | "," if tight && self.addressed => Joint::Dot { plain: false, tight },
            "@" => Joint::At { plain: true },
            "＠" | "﹫" | "艾特" | "圈" | "爱特" | "at" => Joint::At { plain: false },
            "#" | "＃" | "*" | "&" | "$" | "￥" if self.mailed => Joint::At { plain: false },
            "-" | "_" | "－" if tight => Joint::Hyphen,
            _ => Joint::Apart,
        }
    }

    /// The address whose top-level domain may be token `tld` and whose last label is token `label`.
    fn address(&self, label: usize, tld: usize) -> Option<Contact> {
        let mut domain = self.word(tld);
        // `com.cn`: a second level; the walk to the left takes care of it, the walk to the right of what follows.
        let world = label > 0 && self.is(label - 1, "www");
        let country = world && domain.bytes().all(|b| b.is_ascii_lowercase()) && (2..=4).contains(&domain.len());
        if !country && !DOMAINS.contains(&domain.as_str()) {
            return None;
        }
        let (Joint::Dot { plain, tight }, _) = self.join(tld - 1, tld) else { return None };
        let name = self.word(label);
        let comma = self.between(label, tld).contains(['，', ',']);
        let letters = name.chars().any(|c| c.is_ascii_alphabetic());
        let mut spelled = !plain;
        let mut first = label;
        let mut path = name.clone();
        let mut mailbox = None;
        let mut labels = 1;
        let mut www = name == "www";
        while first > 0 && label - first < MOST_TOKENS {
            match self.join(first - 1, first) {
                (Joint::Dot { plain, .. }, before) => {
                    // A full stop of Chinese prose parts sentences, not labels.
                    path = format!("{}.{path}", self.word(before));
                    spelled |= !plain;
                    first = before;
                    labels += 1;
                    www |= self.is(before, "www");
                }
                (Joint::Hyphen, before) => {
                    path = format!("{}-{path}", self.word(before));
                    first = before;
                }
                (Joint::At { plain }, before) => {
                    spelled |= !plain;
                    let (user, begins) = self.user(before);
                    mailbox = Some(user);
                    first = begins;
                    break;
                }
                (Joint::Apart, _) => break,
            }
        }
        let scheme = self.scheme(first);
        let sure = scheme.is_some() || www || mailbox.is_some();
        let risky = RISKY.contains(&domain.as_str());
        let hyphenated = path.contains('-');
        let rest = &self.text[self.span(tld).1..];
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
        let mut last = tld;
        while last + 1 < self.tokens.len()
            && last - tld < MOST_TOKENS
            && let (Joint::Dot { plain: true, tight: true }, before) = self.join(last, last + 1)
            && before == last
            && DOMAINS.iter().any(|domain| self.is(last + 1, domain))
        {
            last += 1;
            domain = format!("{domain}.{}", self.word(last));
        }
        let start = scheme.unwrap_or_else(|| self.span(first).0);
        let mut end = self.span(last).1;
        let mut canonical = format!("{path}.{domain}");
        if let Some(user) = &mailbox {
            canonical = format!("{user}@{canonical}");
        } else {
            let tail = &self.text[end..];
            if tail.starts_with(['/', ':', '?']) {
                let len = tail.bytes().take_while(|b| b.is_ascii_graphic() && !b"\"'<>,;()".contains(b)).count();
                let len = tail[..len].trim_end_matches(['.', '!', ':', '?']).len();
                canonical.push_str(&tail[..len]);
                end += len;
            }
        }
        let (start, end) = (start as u32, end as u32);
        let mut disguises = if spelled { Disguises::SPELLED } else { Disguises::NONE };
        let from = self.atoms.partition_point(|atom| atom.start < start);
        for atom in self.atoms[from..].iter().take_while(|atom| atom.end <= end) {
            disguises |= atom.disguises;
        }
        let kind = if mailbox.is_some() { ContactKind::Email } else { ContactKind::Url };
        Some(Contact { kind, start, end, disguises, canonical })
    }

    /// The name of the mailbox that ends with token `last`, and its first token.
    fn user(&self, last: usize) -> (String, usize) {
        let mut user = self.word(last);
        let mut first = last;
        while first > 0
            && last - first < MOST_TOKENS
            && let (Joint::Hyphen | Joint::Dot { plain: true, tight: true }, more) = self.join(first - 1, first)
        {
            user = format!("{}{}{user}", self.word(more), self.between(more, first).trim());
            first = more;
        }
        (user, first)
    }

    /// Where the scheme before token `first` begins.
    fn scheme(&self, first: usize) -> Option<usize> {
        let before = first.checked_sub(1)?;
        if !["http", "https", "hxxp", "hxxps", "htp", "htpp", "ftp"].iter().any(|name| self.is(before, name)) {
            return None;
        }
        self.between(before, first).chars().all(|c| ":/／ \\".contains(c)).then(|| self.span(before).0)
    }

    /// IPv4 addresses with a port or a path; without one they may be versions.
    fn ip(&self, out: &mut Vec<Contact>) {
        let mut at = 0;
        while at + 4 <= self.tokens.len() {
            let byte = |token| self.word(token).parse::<u32>().is_ok_and(|n| n < 256);
            let dotted = (at..at + 3).all(|i| self.between(i, i + 1) == ".");
            let (start, mut end) = (self.span(at).0, self.span(at + 3).1);
            let tail = &self.text[end..];
            let port = tail.strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            if !(dotted && (port || tail.starts_with('/')) && (at..at + 4).all(byte)) {
                at += 1;
                continue;
            }
            end += tail.bytes().take_while(u8::is_ascii_graphic).count();
            out.push(Contact {
                kind: ContactKind::Ip,
                start: start as u32,
                end: end as u32,
                disguises: Disguises::NONE,
                canonical: self.text[start..end].to_owned(),
            });
            at = self.behind(at, end as u32);
        }
    }
}
