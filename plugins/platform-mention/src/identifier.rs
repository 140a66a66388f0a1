//! The account that follows a messenger's name: `微信号是 abc_12345`, `QQ：893…`.

use huoyan_text::{Disguises, Folded, Gap, Kind, figures_from};

use crate::pack::Identifier;

/// An account found beside a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its plain form.
    pub canonical: String,
    /// The first atom.
    pub first_atom: usize,
    /// One past the last atom.
    pub end_atom: usize,
    /// How it was dressed.
    pub disguises: Disguises,
}

/// Characters that may stand between a name and its account.
const LINKS: &str = "号码是为名搜加同账帐我的即就";

/// Characters between name and account at most.
const REACH: usize = 4;

/// Words in letters that are no account.
const NO_ACCOUNTS: &[&str] =
    &["android", "iphone", "phone", "wechat", "weixin", "watch", "windows", "google", "share", "login"];

/// Reads the account after a name that ends before atom `from`.
pub fn after(text: &str, folded: &Folded, from: usize, wanted: Identifier) -> Option<Account> {
    let atoms = folded.atoms();
    if wanted == Identifier::None || from >= atoms.len() || atoms[from].gap.len() > 8 {
        return None;
    }
    let mut at = from;
    let (mut linked, mut colon, mut clause) = (false, false, false);
    while at < atoms.len() {
        let gap = between(text, folded, at);
        colon |= gap.contains([':', '：', '=', '﹕', '∶']);
        clause |= atoms[at].gap.has(Gap::BOUNDARY);
        let link = atoms[at].kind == Kind::Han && LINKS.contains(atoms[at].code);
        if !link || at - from >= REACH || clause && at > from {
            break;
        }
        linked = true;
        at += 1;
    }
    // `id` before the account, as in `wechat id: …`.
    if atoms.get(at..at + 2).is_some_and(|two| two[0].code == 'i' && two[1].code == 'd' && two[1].gap.is_empty())
        && atoms.get(at + 2).is_some_and(|next| !next.gap.is_empty())
    {
        at += 2;
        linked = true;
        colon |= between(text, folded, at).contains([':', '：']);
    }
    if wanted == Identifier::Colon && !colon {
        return None;
    }
    let least = if clause { 6 } else { 5 };
    if let Some(figures) = figures_from(folded, at, 2, true, least)
        && figures.digits.len() <= 20
        && !measured(folded, figures.end_atom)
    {
        let (first_atom, end_atom) = (figures.first_atom, figures.end_atom);
        return Some(Account { canonical: figures.digits, first_atom, end_atom, disguises: figures.disguises });
    }
    if wanted == Identifier::Digits {
        return None;
    }
    let account = letters(text, folded, at)?;
    let has_digit = account.canonical.bytes().any(|b| b.is_ascii_digit());
    let long = account.canonical.len() >= if has_digit { 5 } else { 6 };
    let named = NO_ACCOUNTS.contains(&account.canonical.as_str());
    (long && !named && (has_digit || !clause && (linked || colon))).then_some(account)
}

/// Reads the number that ends right before atom `end`: `593… Q`.
pub fn before(folded: &Folded, end: usize) -> Option<Account> {
    (7..=11).rev().find_map(|len| {
        let first = end.checked_sub(len)?;
        let figures = figures_from(folded, first, 1, true, len)?;
        let exact = figures.end_atom == end && folded.gap_before(end).len() <= 2 && figures.digits.len() == len;
        exact.then_some(Account {
            canonical: figures.digits,
            first_atom: first,
            end_atom: end,
            disguises: figures.disguises,
        })
    })
}

fn between<'t>(text: &'t str, folded: &Folded, at: usize) -> &'t str {
    let atoms = folded.atoms();
    let from = at.checked_sub(1).map_or(0, |before| atoms[before].end as usize);
    let to = atoms.get(at).map_or(text.len(), |atom| atom.start as usize);
    text.get(from..to).unwrap_or("")
}

/// Whether a unit follows a number, so that it is a measure.
fn measured(folded: &Folded, at: usize) -> bool {
    folded.atoms().get(at).is_some_and(|atom| atom.gap.is_empty() && "元块万米克斤毫升件个人年月".contains(atom.code))
}

/// An account of letters, figures, hyphens and underscores.
fn letters(text: &str, folded: &Folded, from: usize) -> Option<Account> {
    let atoms = folded.atoms();
    let mut out = Account { canonical: String::new(), first_atom: from, end_atom: from, disguises: Disguises::NONE };
    for (i, atom) in atoms.iter().enumerate().skip(from).take(24) {
        if !matches!(atom.kind, Kind::Latin | Kind::Digit) {
            break;
        }
        if i > from && !atom.gap.is_empty() {
            let joint = between(text, folded, i);
            if !matches!(joint, "_" | "-" | "＿" | ".") {
                break;
            }
            out.canonical.push(if joint == "-" {
                '-'
            } else if joint == "." {
                '.'
            } else {
                '_'
            });
        }
        out.canonical.push(atom.code);
        out.disguises |= atom.disguises;
        out.end_atom = i + 1;
    }
    (!out.canonical.is_empty()).then_some(out)
}
