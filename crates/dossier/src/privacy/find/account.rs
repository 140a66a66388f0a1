//! Values with letters: WeChat accounts, e-mail, IP, plates, passports, device identities, and order numbers by their label.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use huoyan_text::{ContactKind, Gap, Kind as Script, contacts};

use super::Found;
use crate::privacy::Kind;
use crate::privacy::page::Page;
use crate::privacy::tables::{Says, tables};

pub(super) fn find(page: &Page<'_>, out: &mut Vec<Found>) {
    grammar(page, out);
    mail(page, out);
    addresses_of_the_network(page, out);
    plates(page, out);
    for i in 0..page.labels.len() {
        let label = page.labels[i];
        let Says::Is(kind) = label.says else { continue };
        match kind {
            Kind::WeChat => out.extend(account(page, label.end, label.reach)),
            Kind::Passport => out.extend(passport(page, label.first, label.end, label.reach)),
            Kind::Device => out.extend(device(page, label.end, label.reach)),
            Kind::Order | Kind::Waybill | Kind::Buyer => out.extend(reference(page, kind, label.end, label.reach)),
            _ => {}
        }
    }
    for at in 0..page.len() {
        if page.has(at, &['w', 'x', 'i', 'd'], 0) && page.between(at + 4) == "_" && !page.touches(at) {
            let end = word_end(page, at, "_-");
            out.push(Found::new(Kind::WeChat, at..end, written(page, at..end)));
        }
    }
}

/// What the contact grammar finds.
fn grammar(page: &Page<'_>, out: &mut Vec<Found>) {
    let mut found = Vec::new();
    contacts(page.text, &page.folded, &mut found);
    for contact in found {
        let kind = match contact.kind {
            ContactKind::Mobile => Kind::Mobile,
            ContactKind::Landline => Kind::Landline,
            ContactKind::Email => Kind::Email,
            _ => continue,
        };
        let atoms = page.atoms();
        let first = atoms.partition_point(|atom| atom.start < contact.start);
        let end = atoms.partition_point(|atom| atom.end <= contact.end);
        if first >= end {
            continue;
        }
        let number = kind != Kind::Email;
        // A number after the name of an order, or with letters stuck to it, is a code.
        let letter = |at: usize| page.is(at, Script::Latin);
        let glued = first > 0 && page.touches(first) && letter(first - 1) && !page.label_ends_at(first)
            || page.touches(end) && letter(end) && page.label_starts_at(end).is_none();
        if number && (page.must_stay(first) || glued || cut(page, first) || uneven(page, first..end)) {
            continue;
        }
        out.push(Found::new(kind, first..end, contact.canonical));
    }
}

/// Whether a number begins in the middle of a longer one that is no country code.
fn cut(page: &Page<'_>, first: usize) -> bool {
    let mut from = first;
    while page.touches(from) && page.figure(from - 1).is_some() {
        from -= 1;
    }
    let code = page.codes(from..first);
    let letter = page.touches(from) && page.is(from - 1, Script::Latin) && !page.label_ends_at(from);
    !code.is_empty() && (letter || !matches!(code.as_str(), "86" | "0086"))
}

/// Whether different signs part a number that nobody calls a number, as in 181 2022-12-23.
fn uneven(page: &Page<'_>, atoms: Range<usize>) -> bool {
    let mut joints = (atoms.start + 1..atoms.end).filter(|at| !page.touches(*at)).map(|at| page.between(at));
    let first = joints.next();
    let even = joints.all(|joint| Some(joint) == first);
    !even && page.label_before(atoms.start).is_none()
}

/// Whether the word goes on from atom `at` - 1 to `at`: they touch, one of these joints is between, or the signs stand one by one.
fn goes_on(page: &Page<'_>, at: usize, joints: &str) -> bool {
    if page.touches(at) {
        return true;
    }
    if page.gap(at).len() > 3 || page.between(at).contains('\n') {
        return false;
    }
    let joint = page.joint(at);
    let spaced = page.gap(at).has(Gap::SPACE);
    let mut signs = joint.chars();
    match (signs.next(), signs.next()) {
        (None, _) => page.single(at - 1) && page.single(at) || !spaced,
        (Some(sign), None) => joints.contains(sign) && (!spaced || page.single(at - 1) || page.single(at)),
        _ => false,
    }
}

/// Where the word of letters, figures and these joints ends that begins at atom `at`.
fn word_end(page: &Page<'_>, at: usize, joints: &str) -> usize {
    let mut end = at;
    while end < page.len()
        && (page.is(end, Script::Latin) || page.is(end, Script::Digit))
        && (end == at || goes_on(page, end, joints))
    {
        end += 1;
    }
    end
}

/// The word with its joints, folded.
fn written(page: &Page<'_>, atoms: Range<usize>) -> String {
    let mut out = String::new();
    for at in atoms.clone() {
        if at > atoms.start {
            out += &page.joint(at);
        }
        out.push(page.code(at));
    }
    out
}

/// Mail with a plain sign and any top-level domain.
fn mail(page: &Page<'_>, out: &mut Vec<Found>) {
    for at in 1..page.len() {
        if page.gap(at).is_empty() || page.gap(at).len() > 3 || page.joint(at) != "@" {
            continue;
        }
        let mut first = at - 1;
        while first > 0
            && goes_on(page, first, "._-+")
            && (page.is(first - 1, Script::Latin) || page.is(first - 1, Script::Digit))
        {
            first -= 1;
        }
        let end = word_end(page, at, ".-");
        let host = written(page, at..end);
        let user = page.is(first, Script::Latin) || page.is(first, Script::Digit);
        let Some((name, domain)) = host.rsplit_once('.') else { continue };
        if user && !name.is_empty() && domain.len() >= 2 && domain.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            out.push(Found::new(Kind::Email, first..end, format!("{}@{host}", written(page, first..at))));
        }
    }
}

fn addresses_of_the_network(page: &Page<'_>, out: &mut Vec<Found>) {
    for at in 0..page.len() {
        let starts = !page.touches(at) || !page.is(at - 1, Script::Digit);
        if starts && page.is(at, Script::Digit) && !(at > 0 && goes_on(page, at, ".") && page.is(at - 1, Script::Digit))
        {
            out.extend(v4(page, at));
        }
        if !page.touches(at) && (page.is(at, Script::Digit) || page.is(at, Script::Latin)) {
            out.extend(v6(page, at));
        }
    }
}

fn v4(page: &Page<'_>, at: usize) -> Option<Found> {
    let mut end = at;
    while page.is(end, Script::Digit) && (end == at || goes_on(page, end, ".")) {
        end += 1;
    }
    let address: Ipv4Addr = written(page, at..end).parse().ok()?;
    // Versions and numbered headings have dots too.
    let wide = address.octets().iter().filter(|byte| **byte > 9).count() >= 2 && address.octets()[0] > 0;
    let stays = page.label_before(at).is_some_and(|label| label.says == Says::Stay) || v_before(page, at);
    (page.is_labelled(at, Kind::Ip) || wide && !stays).then(|| Found::new(Kind::Ip, at..end, address.to_string()))
}

fn v_before(page: &Page<'_>, at: usize) -> bool {
    page.touches(at) && page.code(at - 1) == 'v'
}

fn v6(page: &Page<'_>, at: usize) -> Option<Found> {
    let from = page.atoms()[at].start as usize;
    let rest = &page.text[from..];
    let len = rest.bytes().take_while(|byte| byte.is_ascii_hexdigit() || *byte == b':').count();
    let word = rest[..len].trim_end_matches(':');
    let address: Ipv6Addr = word.parse().ok()?;
    let full = word.split(':').filter(|part| !part.is_empty()).count() >= 3;
    let last = page.atoms().partition_point(|atom| (atom.start as usize) < from + word.len());
    (full && last > at).then(|| Found::new(Kind::Ip, at..last, address.to_string()))
}

fn plates(page: &Page<'_>, out: &mut Vec<Found>) {
    let places = &tables().places;
    for at in 0..page.len() {
        if !places.plates.contains(&page.code(at))
            || !page.is(at + 1, Script::Latin)
            || matches!(page.code(at + 1), 'i' | 'o')
        {
            continue;
        }
        let near = |i: usize| {
            let gap = page.gap(i);
            gap.len() <= 1 && !gap.has(Gap::BOUNDARY)
                || gap.len() <= 2 && gap.has(Gap::EMOJI)
                || gap.len() <= 3 && matches!(page.joint(i).as_str(), "·" | "•" | "・" | ".")
        };
        if !near(at + 1) {
            continue;
        }
        let mut end = at + 2;
        let compact = page.touches(at + 3);
        let goes_on = |i: usize| {
            near(i) && (i <= at + 2 || page.touches(i) || !compact && (page.single(i) || !page.gap(i).has(Gap::SPACE)))
        };
        while end < page.len() && end < at + 9 && goes_on(end) && plate_sign(page, end) {
            end += 1;
        }
        // Five signs, six for electric cars; what follows belongs to no longer word.
        let body: String = (at + 2..end).filter_map(|i| sign_at(page, i)).collect();
        let figures = body.bytes().filter(u8::is_ascii_digit).count();
        let letters = body.len() - figures;
        let electric = body.len() == 6
            && (body.starts_with(|c: char| ('a'..='k').contains(&c))
                || body.ends_with(|c: char| ('a'..='k').contains(&c)));
        let fits = body.len() == 5 && letters <= 2 && figures >= 3 || electric && letters <= 2;
        let spread = (at + 2..end).filter(|i| !page.touches(*i)).count();
        let named = page.is_labelled(at, Kind::Plate);
        let dotted = !page.touches(at + 1) || !page.touches(at + 2);
        let doubtful = places.plates_doubtful.contains(&page.code(at)) && !dotted;
        let loose = (at + 2..end).all(|i| !page.touches(i));
        let even = loose || spread <= 1 || spread + 1 >= body.len() || named;
        let stays = page.label_before(at).is_some_and(|label| label.says == Says::Stay)
            || page.between(end) == "." && page.is(end, Script::Digit);
        if fits && even && (named || !doubtful && !stays) {
            out.push(Found::new(Kind::Plate, at..end, format!("{}{}{body}", page.code(at), page.code(at + 1))));
        }
    }
}

fn sign_at(page: &Page<'_>, at: usize) -> Option<char> {
    if page.is(at, Script::Latin) {
        return Some(page.code(at));
    }
    page.figure(at).map(|figure| char::from(b'0' + figure.value))
}

fn plate_sign(page: &Page<'_>, at: usize) -> bool {
    sign_at(page, at).is_some()
}

/// A word behind a label: its first atom, when only these stand between.
fn behind(page: &Page<'_>, from: usize, reach: usize) -> Option<(usize, bool)> {
    const LINKS: &str = "号码是为名搜加同账帐我的即就个叫这您你请了在上填写";
    let mut at = from;
    let mut colon = false;
    loop {
        colon |= page.between(at).contains([':', '：', '=', '∶', '﹕']);
        if at >= page.len() || page.gap(at).len() > 8 || page.between(at).contains(['。', '；', ';']) && at > from {
            return None;
        }
        if page.is(at, Script::Latin) && page.code(at) == 'i' && page.code(at + 1) == 'd' && !page.touches(at + 2) {
            at += 2;
            continue;
        }
        if !(page.is(at, Script::Han) && LINKS.contains(page.code(at))) || at - from >= reach {
            return Some((at, colon || at > from));
        }
        at += 1;
    }
}

/// A WeChat account behind its label.
fn account(page: &Page<'_>, from: usize, reach: usize) -> Option<Found> {
    const NO_ACCOUNTS: &[&str] = &[
        "android", "iphone", "phone", "wechat", "weixin", "watch", "windows", "google", "share", "login", "alipay",
        "version",
    ];
    let (at, told) = behind(page, from, reach)?;
    if !page.is(at, Script::Latin) {
        return None;
    }
    // Signs one by one, with the same thing between them: a b c 1 2 3.
    let spread = |i: usize| {
        !page.touches(i)
            && page.gap(i).len() <= 3
            && !page.gap(i).has(Gap::BOUNDARY)
            && (page.between(i) == page.between(at + 1) || matches!(page.joint(i).as_str(), "_" | "-"))
    };
    let single = spread(at + 1) && spread(at + 2) && spread(at + 3) && !matches!(page.between(at + 1), "_" | "-");
    let mut end = at;
    while end < page.len() && end < at + 24 {
        let sign = page.is(end, Script::Latin)
            || page.is(end, Script::Digit)
            || end > at
                && page.figure(end).is_some()
                && (single || page.figure(end + 1).is_some() || page.figure(end - 1).is_some());
        let joined = end == at
            || page.touches(end)
            || !page.gap(end).has(Gap::SPACE) && matches!(page.joint(end).as_str(), "_" | "-")
            || single && spread(end) && page.single(end)
            || page.gap(end).has(Gap::EMOJI) && page.gap(end).len() <= 2;
        if !sign || !joined {
            break;
        }
        end += 1;
    }
    let mut id = String::new();
    for i in at..end {
        let joint = if i > at { page.joint(i) } else { String::new() };
        if matches!(joint.as_str(), "_" | "-") {
            id += &joint;
        }
        id.extend(sign_at(page, i));
    }
    let marked = id.bytes().any(|byte| byte.is_ascii_digit() || byte == b'_');
    let sized = (6..=20).contains(&id.len()) || marked && id.len() >= 5;
    (sized && (marked || told) && !NO_ACCOUNTS.contains(&id.as_str())).then(|| Found::new(Kind::WeChat, at..end, id))
}

/// A travel document beside its label.
fn passport(page: &Page<'_>, first: usize, end: usize, reach: usize) -> Option<Found> {
    let read = |at: usize| {
        if !page.is(at, Script::Latin) || page.touches(at) && page.is(at - 1, Script::Latin) {
            return None;
        }
        let mut to = at + 1;
        let spread = !page.touches(at + 1);
        let near = |i: usize| {
            page.touches(i)
                || page.gap(i).len() <= 2
                    && !page.gap(i).has(Gap::BOUNDARY)
                    && if spread { page.single(i) } else { !page.gap(i).has(Gap::SPACE) }
        };
        if page.is(to, Script::Latin) && near(to) {
            to += 1;
        }
        let letters = to - at;
        while to < page.len() && page.figure(to).is_some() && near(to) {
            to += 1;
        }
        let figures = to - at - letters;
        let fits = letters == 1 && (7..=10).contains(&figures) || letters == 2 && figures == 7;
        let more = page.touches(to) && page.is(to, Script::Latin);
        let number: String = (at..to).filter_map(|i| sign_at(page, i)).collect();
        (fits && !more).then(|| Found::new(Kind::Passport, at..to, number.to_uppercase()))
    };
    let behind = (end..=end + reach).take_while(|at| *at == end || !page.is(at - 1, Script::Digit)).find_map(read);
    // E12345678是我的护照号
    behind.or_else(|| {
        (first.saturating_sub(14)..first.saturating_sub(8)).find_map(read).filter(|found| first - found.atoms.end <= 4)
    })
}

/// A device identity with letters behind its label.
fn device(page: &Page<'_>, from: usize, reach: usize) -> Option<Found> {
    let (at, _) = behind(page, from, reach)?;
    let end = word_end(page, at, "-:");
    let word = written(page, at..end);
    let bare = word.chars().filter(|c| c.is_ascii_alphanumeric()).count();
    let hex = word.chars().all(|c| c.is_ascii_hexdigit() || "-:".contains(c));
    let mixed = word.bytes().any(|byte| byte.is_ascii_digit()) && word.bytes().any(|byte| byte.is_ascii_alphabetic());
    let fits = hex && matches!(bare, 12 | 14 | 16 | 32) || hex && mixed && bare >= 12;
    fits.then(|| Found::new(Kind::Device, at..end, word.replace(['-', ':'], "")))
}

/// An order's or waybill's number, or a buyer's account name, behind its label. Most profiles keep them; that they were seen keeps them from being
/// taken for something else.
fn reference(page: &Page<'_>, kind: Kind, from: usize, reach: usize) -> Option<Found> {
    let (at, told) = behind(page, from, reach)?;
    let end = word_end(page, at, "-_");
    let word = written(page, at..end);
    let figures = word.bytes().filter(u8::is_ascii_digit).count();
    let fits = match kind {
        Kind::Buyer => told && word.len() >= 4,
        Kind::Order => figures >= 10 && word.len() <= 32,
        _ => figures >= 8 && word.len() <= 24,
    };
    fits.then(|| Found::new(kind, at..end, word))
}
