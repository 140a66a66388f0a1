//! Values that are numbers: mobile, landline, identity card, bank card, device, QQ.
//!
//! A stretch of figures is cut into groups where something visible stands between two figures; a number begins and ends with a
//! group, so that a phone number is never cut out of a waybill. The longest stretch that is something wins.

use std::ops::Range;

use huoyan_text::{Gap, Kind as Script};

use super::Found;
use super::check;
use crate::privacy::Kind;
use crate::privacy::page::{Dress, Figure, MOST_BETWEEN, Page};
use crate::privacy::tables::{Issuer, Says, tables};

/// Most groups of one number: an identity number with a sign behind each figure.
const MOST_GROUPS: usize = 19;

/// Finds them all.
pub(super) fn find(page: &Page<'_>, out: &mut Vec<Found>) {
    let mut at = 0;
    while at < page.len() {
        if page.figure(at).is_none() || page.in_label(at) {
            at += 1;
            continue;
        }
        let run = run_from(page, at, false);
        at = run.last().map_or(at + 1, |figure| figure.atom + 1);
        judge(page, &run, out);
    }
    sounding(page, out);
}

/// The figures from atom `at` on that may belong together.
fn run_from(page: &Page<'_>, at: usize, like: bool) -> Vec<Figure> {
    let mut run = Vec::new();
    let mut next = at;
    loop {
        let figure = if like { page.figure_like(next) } else { page.figure(next) };
        let Some(figure) = figure.filter(|_| !page.in_label(next)) else { break };
        if !run.is_empty()
            && (page.gap(next).len() > MOST_BETWEEN
                || like && page.gap(next).has(Gap::BOUNDARY) && !page.between(next).contains('\n')
                || page.between(next).contains(['。', '；', ';']))
        {
            break;
        }
        // Another clause or word that begins like a figure.
        let apart = !run.is_empty()
            && figure.dress == Dress::Like
            && (page.gap(next).has(Gap::SPACE) || page.gap(next).has(Gap::BOUNDARY));
        if apart && (page.gap(next).has(Gap::BOUNDARY) || run.len() > 1 && page.touches(next - 1)) {
            break;
        }
        run.push(figure);
        next += 1;
    }
    run
}

/// Figures that touch, as ranges of the run.
fn groups_of(page: &Page<'_>, run: &[Figure]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (i, figure) in run.iter().enumerate() {
        match groups.last_mut() {
            Some(group) if page.touches(figure.atom) => group.end = i + 1,
            _ => groups.push(i..i + 1),
        }
    }
    groups
}

/// A stretch of whole groups that may be a number.
struct Candidate<'p, 't> {
    page: &'p Page<'t>,
    figures: &'p [Figure],
    /// The sizes of the groups.
    sizes: Vec<usize>,
    /// Whether it is the whole run.
    whole: bool,
    /// What the label before it says.
    says: Option<Says>,
}

impl Candidate<'_, '_> {
    fn digits(&self) -> String {
        self.figures.iter().map(|figure| char::from(b'0' + figure.value)).collect()
    }

    fn first(&self) -> usize {
        self.figures[0].atom
    }

    fn end(&self) -> usize {
        self.figures[self.figures.len() - 1].atom + 1
    }

    fn is(&self, kind: Kind) -> bool {
        self.says == Some(Says::Is(kind))
    }

    fn stays(&self) -> bool {
        matches!(self.says, Some(Says::Stay | Says::Is(Kind::Order | Kind::Waybill)))
    }

    /// Whether a contact is told here.
    fn contact(&self) -> bool {
        self.is(Kind::Mobile) || self.is(Kind::WeChat) || self.is(Kind::Landline) || self.is(Kind::Qq)
    }

    /// The signs between the groups.
    fn joints(&self) -> Vec<&str> {
        self.figures
            .iter()
            .skip(1)
            .filter(|figure| !self.page.touches(figure.atom))
            .map(|figure| self.page.between(figure.atom))
            .collect()
    }

    fn uniform(&self) -> bool {
        let joints = self.joints();
        joints.windows(2).all(|two| two[0] == two[1])
    }

    fn pictures(&self) -> bool {
        self.figures.iter().skip(1).all(|f| self.page.touches(f.atom) || self.page.gap(f.atom).has(Gap::EMOJI))
    }

    /// Whether letters or signs make it part of something longer.
    fn glued(&self) -> bool {
        let page = self.page;
        let letter_before =
            page.touches(self.first()) && page.is(self.first() - 1, Script::Latin) && !page.label_ends_at(self.first());
        let letter_after = page.touches(self.end())
            && page.is(self.end(), Script::Latin)
            && page.label_starts_at(self.end()).is_none();
        letter_before || letter_after
    }

    /// Whether it is a piece of a longer number with signs in it, such as a decimal or a code.
    fn piece(&self) -> bool {
        let page = self.page;
        let figure = |at: usize| page.figure(at).is_some() || page.is(at, Script::Latin);
        let before =
            self.first() > 0 && figure(self.first() - 1) && matches!(page.between(self.first()), "." | "-" | "—");
        let after = figure(self.end())
            && match page.between(self.end()) {
                "." => true,
                "-" => (self.end()..).take_while(|at| page.figure(*at).is_some()).take(6).count() > 4,
                _ => false,
            };
        before || after
    }

    /// Whether characters that sound like figures go on with the number.
    fn heard_on(&self) -> bool {
        let page = self.page;
        let like = |at: usize| page.is(at, Script::Han) && page.figure_like(at).is_some();
        let after = page.touches(self.end())
            && like(self.end())
            && page.touches(self.end() + 1)
            && page.figure_like(self.end() + 1).is_some();
        let first = self.first();
        let before = first > 1
            && page.touches(first)
            && page.touches(first - 1)
            && like(first - 1)
            && page.figure_like(first - 2).is_some();
        let inside = |at: usize| self.figures.iter().any(|figure| figure.atom == at && figure.dress == Dress::Like);
        (after || before)
            && !page.in_label(first.saturating_sub(1))
            && !self.figures.iter().any(|figure| inside(figure.atom))
    }

    fn kind(&self) -> Option<(Kind, Range<usize>, String)> {
        let digits = self.digits();
        let atoms = self.first()..self.end();
        if self.glued() {
            return self.identity(&digits, atoms);
        }
        if let Some(found) = self.identity(&digits, atoms.clone()) {
            return Some(found);
        }
        // A list of numbers is not one number.
        if self.sizes.len() > 1 && self.joints().iter().any(|joint| joint.contains([',', '，'])) && self.sizes[0] > 4 {
            return None;
        }
        if self.stays() || self.says.is_some() && self.heard_on() {
            return None;
        }
        if self.card(&digits) {
            return Some((Kind::BankCard, atoms, digits));
        }
        if self.is(Kind::Device) && (14..=16).contains(&digits.len()) && self.plain_enough() {
            return Some((Kind::Device, atoms, digits));
        }
        if let Some(number) = self.mobile(&digits) {
            return Some((Kind::Mobile, atoms, number));
        }
        if self.landline(&digits) {
            return Some((Kind::Landline, atoms, digits));
        }
        let account = (5..=11).contains(&digits.len()) && self.plain_enough() && self.linked();
        if account && self.is(Kind::Qq) && !digits.starts_with('0') {
            return Some((Kind::Qq, atoms, digits));
        }
        if account && digits.len() >= 6 && self.is(Kind::WeChat) {
            return Some((Kind::WeChat, atoms, digits));
        }
        None
    }

    /// Whether only words that lead to a number stand between it and its label: not 糖 in QQ糖12345678.
    fn linked(&self) -> bool {
        let page = self.page;
        page.label_before(self.first()).is_some_and(|label| {
            (label.end..self.first())
                .all(|at| page.is(at, Script::Han) && "号码是为群名加我的就个聊叫主".contains(page.code(at)))
        })
    }

    /// Groups of a number told on purpose.
    fn plain_enough(&self) -> bool {
        let ones = self.sizes.iter().all(|size| *size == 1);
        self.sizes.len() == 1 || self.sizes[0] <= 4 && (self.whole && ones || self.uniform() && self.ends_apart())
    }

    /// Whether other signs stand around the number than in it.
    fn ends_apart(&self) -> bool {
        let own = self.joints();
        self.whole || self.page.figure(self.end()).is_none() || own.first() != Some(&self.page.between(self.end()))
    }

    /// An identity number; its last figure may be an x behind the figures.
    fn identity(&self, digits: &str, atoms: Range<usize>) -> Option<(Kind, Range<usize>, String)> {
        let page = self.page;
        let mut number = digits.to_owned();
        let mut atoms = atoms;
        if digits.len() == 17
            && matches!(page.code(atoms.end), 'x' | '叉')
            && page.gap(atoms.end).len() <= 1
            && !(page.touches(atoms.end + 1) && page.is(atoms.end + 1, Script::Latin))
        {
            number.push('X');
            atoms.end += 1;
        } else if page.touches(atoms.end)
            && page.is(atoms.end, Script::Latin)
            && page.label_starts_at(atoms.end).is_none()
        {
            return None;
        }
        if page.touches(atoms.start) && page.is(atoms.start - 1, Script::Latin) && !page.label_ends_at(atoms.start) {
            return None;
        }
        let named = self.is(Kind::IdCard);
        let sound = match number.len() {
            18 => check::identity(&number),
            15 => named && check::old_identity(&number),
            _ => return None,
        };
        let told = named && (check::region(&number) || number.len() == 18);
        ((sound && !self.stays()) || told).then_some((Kind::IdCard, atoms, number))
    }

    fn card(&self, digits: &str) -> bool {
        if !(13..=19).contains(&digits.len()) {
            return false;
        }
        let tables = tables();
        let of = |issuers: &[Issuer]| {
            issuers.iter().any(|issuer| {
                issuer.lengths.contains(&digits.len())
                    && issuer.prefixes.iter().any(|prefix| digits.starts_with(prefix))
            })
        };
        let named = self.is(Kind::BankCard);
        if named && digits.len() >= 15 && (self.sizes.len() == 1 || self.sizes[0] <= 6) {
            return true;
        }
        let fours = self.sizes.len() >= 4
            && self.sizes[..self.sizes.len() - 1].iter().all(|size| *size == 4)
            && self.sizes[self.sizes.len() - 1] <= 4
            && self.uniform();
        check::luhn(digits)
            && (of(&tables.issuers) && (self.uniform() || self.whole) || of(&tables.open) && (named || fours))
    }

    fn mobile(&self, digits: &str) -> Option<String> {
        let plus = self.page.between(self.first()).ends_with(['+', '＋']);
        let skip = match digits.len() {
            11 => 0,
            13 if digits.starts_with("86")
                && (plus || self.contact() || self.sizes.len() > 1 || !check::ean(digits)) =>
            {
                2
            }
            15 if digits.starts_with("0086") => 4,
            _ => return None,
        };
        let number = &digits[skip..];
        let bytes = number.as_bytes();
        let shaped = bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1]) && bytes[2..].iter().any(|b| *b != bytes[1]);
        if !shaped || self.piece() && !self.contact() {
            return None;
        }
        let mut sizes = self.sizes.clone();
        if skip > 0 && sizes[0] == skip {
            sizes.remove(0);
        } else {
            sizes[0] -= skip.min(sizes[0]);
        }
        let usual = matches!(
            sizes[..],
            [11] | [3, 4, 4]
                | [3, 8]
                | [7, 4]
                | [4, 4, 3]
                | [4, 3, 4]
                | [3, 3, 5]
                | [5, 6]
                | [3, 2, 2, 2, 2]
                | [3, 4, 2, 2]
        );
        let ones = sizes.iter().all(|size| *size == 1);
        let joints = self.joints();
        let timed = joints.iter().any(|joint| joint.contains([':', '：', '/', '年', '月']));
        let dated = matches!(sizes[..], [4, 2, 2, ..] | [4, 2, 5]);
        let spread = self.whole
            && !timed
            && !dated
            && (self.uniform() || sizes.iter().all(|size| *size <= 2) || self.pictures());
        let told = self.contact() && self.whole && !dated;
        (usual && (sizes.len() < 3 || self.uniform() || self.contact() || self.whole)
            || ones && self.whole
            || spread
            || told)
            .then(|| number.to_owned())
    }

    fn landline(&self, digits: &str) -> bool {
        if self.is(Kind::Landline)
            && matches!(digits.len(), 7 | 8)
            && self.sizes.len() <= 2
            && !digits.starts_with(['0', '1'])
        {
            return true;
        }
        let area = match digits.as_bytes() {
            [b'0', b'1', b'0', ..] | [b'0', b'2', _, ..] => 3,
            [b'0', b'3'..=b'9', _, _, ..] => 4,
            _ => return false,
        };
        let Some(local) = digits.len().checked_sub(area) else { return false };
        let fits = (local == 8 || local == 7 && area == 4) && matches!(digits.as_bytes()[area], b'2'..=b'9');
        let named = self.is(Kind::Landline) || self.is(Kind::Mobile);
        if !fits || self.piece() && !named {
            return false;
        }
        match self.sizes[..] {
            [_] => named || local == 8 && area == 4 && self.figures.iter().any(|figure| figure.dress == Dress::Written),
            [first, ..] if first == area => {
                let joint = self.page.between(self.figures[area].atom);
                let usual = matches!(joint.trim(), "-" | "－" | "—" | "–" | ")" | "）" | "" | "_" | "—-" | "--");
                let rest = &self.sizes[1..];
                let spoken = self.whole && !joint.contains(['.', ':', '：', '/', ',', '，']);
                (usual || named || spoken) && (rest.len() == 1 || rest.iter().all(|size| *size <= 4))
            }
            _ => {
                let ones = self.sizes.iter().all(|size| *size == 1);
                ones && (named || self.whole) || self.whole && (named || self.pictures())
            }
        }
    }
}

fn judge(page: &Page<'_>, run: &[Figure], out: &mut Vec<Found>) {
    if run.len() < 5 {
        return;
    }
    let groups = groups_of(page, run);
    let mut from = 0;
    while from < groups.len() {
        let says = page.label_before(run[groups[from].start].atom).map(|label| label.says);
        let last = groups.len().min(from + MOST_GROUPS);
        let found = (from..last).rev().find_map(|to| {
            let figures = &run[groups[from].start..groups[to].end];
            if !(5..=19).contains(&figures.len()) {
                return None;
            }
            let sizes = groups[from..=to].iter().map(Range::len).collect();
            let whole = from == 0 && to + 1 == groups.len();
            let (kind, atoms, canonical) = Candidate { page, figures, sizes, whole, says }.kind()?;
            Some((to, Found::new(kind, atoms, canonical)))
        });
        match found {
            Some((to, found)) => {
                out.push(found);
                from = to + 1;
            }
            None => from += 1,
        }
    }
}

/// The lengths worth trying in such a stretch: its own behind a label, else those that are told by their shape.
fn sizes(page: &Page<'_>, run: &[Figure]) -> Vec<usize> {
    let labelled = page.label_before(run[0].atom).is_some_and(|label| matches!(label.says, Says::Is(_)));
    let own = if labelled { Some(run.len()) } else { None };
    own.into_iter().chain([19, 18, 17, 16, 12, 11]).filter(|size| *size <= run.len()).collect()
}

/// Numbers in which some figures only sound or look like ones (一散8零…, l38…): such a stretch is read only as a mobile number,
/// an identity number or a card, which say by their shape that they are meant.
fn sounding(page: &Page<'_>, out: &mut Vec<Found>) {
    let mut at = 0;
    while at < page.len() {
        let starts = page.figure(at).is_some()
            || page.figure_like(at).is_some()
                && page.figure_like(at + 1).is_some()
                && page.figure_like(at + 2).is_some();
        if !starts || page.in_label(at) {
            at += 1;
            continue;
        }
        let run = run_from(page, at, true);
        let end = run.last().map_or(at + 1, |figure| figure.atom + 1);
        at = end;
        let alike = run.iter().filter(|figure| figure.dress == Dress::Like).count();
        if alike == 0 || run.len() < 5 {
            continue;
        }
        let taken = |range: &Range<usize>, out: &[Found]| {
            out.iter().any(|found| found.atoms.start < range.end && range.start < found.atoms.end)
        };
        for size in sizes(page, &run) {
            for start in 0..(run.len() + 1).saturating_sub(size) {
                let figures = &run[start..start + size];
                let atoms = figures[0].atom..figures[size - 1].atom + 1;
                if !figures.iter().any(|figure| figure.dress == Dress::Like) || taken(&atoms, out) {
                    continue;
                }
                let says = page.label_before(atoms.start).map(|label| label.says);
                let alike = figures.iter().filter(|figure| figure.dress == Dress::Like).count();
                // Characters of everyday sentences sound like figures: a number says that it is one by other means.
                let open = start > 0 && page.touches(atoms.start) && run[start - 1].dress != Dress::Like
                    || start + size < run.len() && page.touches(atoms.end) && run[start + size].dress != Dress::Like;
                let meant = matches!(
                    says,
                    Some(Says::Is(
                        Kind::Mobile
                            | Kind::Landline
                            | Kind::IdCard
                            | Kind::BankCard
                            | Kind::Device
                            | Kind::WeChat
                            | Kind::Qq
                    ))
                );
                if open || !meant && alike * 2 > size {
                    continue;
                }
                let sizes = groups_of(page, figures).iter().map(Range::len).collect();
                let whole = size == run.len();
                if let Some((kind, atoms, canonical)) = (Candidate { page, figures, sizes, whole, says }).kind()
                    && matches!(
                        kind,
                        Kind::Mobile | Kind::IdCard | Kind::BankCard | Kind::Device | Kind::Landline | Kind::Qq
                    )
                    && (whole
                        || matches!(kind, Kind::Mobile | Kind::IdCard)
                        || kind == Kind::BankCard && check::luhn(&canonical))
                {
                    out.push(Found::new(kind, atoms, canonical));
                }
            }
        }
    }
}
