//! Names of persons, where a field, a salutation or a number beside them says that they are names. A name that stands free
//! in a sentence is not looked for: 高级 and 王牌 begin like names.

use std::ops::Range;

use huoyan_text::{Gap, Kind as Script};

use super::Found;
use crate::privacy::Kind;
use crate::privacy::page::Page;
use crate::privacy::tables::{Says, tables};

/// What is asked of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// A field says that a name follows.
    Field,
    /// Only the neighbourhood says so.
    Near,
}

/// Names in fields and salutations.
pub(super) fn find(page: &Page<'_>, out: &mut Vec<Found>) {
    for i in 0..page.labels.len() {
        let label = page.labels[i];
        match label.says {
            Says::Is(kind @ (Kind::Name | Kind::LegalPerson)) => {
                if let Some(atoms) = behind_label(page, label.end) {
                    out.push(found(page, kind, atoms));
                }
            }
            Says::Salutation(strong) => {
                if let Some(atoms) = before_salutation(page, label.first, strong) {
                    out.push(found(page, Kind::Name, atoms));
                }
            }
            _ => {}
        }
    }
    english(page, out);
}

/// Names that stand alone beside a number or an address: 张建国，13800138000，…
pub(super) fn beside(page: &Page<'_>, out: &mut Vec<Found>) {
    let anchors: Vec<(usize, usize)> = out
        .iter()
        .filter(|f| {
            matches!(f.kind, Kind::Mobile | Kind::Landline | Kind::Address | Kind::IdCard | Kind::BankCard | Kind::Name)
        })
        .map(|f| (f.opens, f.atoms.end))
        .collect();
    for (first, end) in anchors {
        for atoms in [left_of(page, first), right_of(page, end)].into_iter().flatten() {
            if !out.iter().any(|f| f.atoms.start < atoms.end && atoms.start < f.atoms.end) {
                out.push(found(page, Kind::Name, atoms));
            }
        }
    }
}

fn found(page: &Page<'_>, kind: Kind, atoms: Range<usize>) -> Found {
    // 陆 and 伍 are figures when folded; a name is what stands there.
    let name = atoms
        .clone()
        .map(|at| if page.is(at, Script::Han) && page.figure(at).is_some() { page.raw(at) } else { page.code(at) });
    let canonical = name.collect();
    Found::new(kind, atoms, canonical)
}

fn is_surname(page: &Page<'_>, at: usize) -> bool {
    if !page.is(at, Script::Han) {
        return false;
    }
    match page.code(at) {
        // Folded formal figures: only 陆 and 伍 are surnames.
        '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '零' => {
            matches!(page.raw(at), '陆' | '陸' | '伍')
        }
        code => tables().names.surnames.contains(&code),
    }
}

fn is_given(page: &Page<'_>, at: usize) -> bool {
    page.is(at, Script::Han) && tables().names.given.contains(&page.code(at))
}

/// Whether the characters of a name may stand so: all touching, or all with the same kind of thing between.
fn even(page: &Page<'_>, atoms: Range<usize>) -> bool {
    let mut inner = atoms.start + 1..atoms.end;
    let first = page.between(inner.start.min(page.len()));
    let sign =
        first.contains(['《', '》', '“', '”', '（', '）', '(', ')', '、', '：', ':', '。', '，', ',', '！', '？', '"']);
    inner.all(|at| page.gap(at).len() <= 2 && page.between(at) == first && !sign)
}

/// Where Han characters end that touch each other from `at` on, or are spread evenly.
fn han_run(page: &Page<'_>, at: usize) -> usize {
    let mut end = at;
    while end < page.len() && page.is(end, Script::Han) && end < at + 12 {
        if end > at && !(page.touches(end)) {
            break;
        }
        if end > at && page.label_starts_at(end).is_some_and(|label| label.end - label.first > 1) {
            break;
        }
        end += 1;
    }
    end
}

fn never(page: &Page<'_>, at: usize) -> bool {
    tables().names.never.contains(&[page.code(at), page.code(at + 1)])
}

/// The name that begins at an atom.
fn name_at(page: &Page<'_>, at: usize, trust: Trust) -> Option<Range<usize>> {
    let names = &tables().names;
    let compound = names.compound.contains(&[page.code(at), page.code(at + 1)]) && even(page, at..at + 2);
    if !compound && !is_surname(page, at) || trust == Trust::Near && never(page, at) {
        return None;
    }
    let given = if compound { at + 2 } else { at + 1 };
    let label = |i: usize| page.label_starts_at(i).is_some_and(|label| label.end - label.first > 1);
    let whole = han_run(page, at);
    let words = whole - at == 2 + usize::from(compound) || whole - at == 3 + usize::from(compound);
    if trust == Trust::Field && words && !(at..whole).any(|i| names.stops.contains(&page.code(i))) && !never(page, at) {
        return Some(at..whole);
    }
    for size in [2, 1] {
        let end = given + size;
        let fits = (given..end).all(|i| is_given(page, i) && !label(i)) && even(page, at..end);
        if fits && end <= page.len() {
            return Some(at..end);
        }
    }
    // A field may name somebody with a character that few names have.
    let rare = names.rare.contains(&page.code(at)) && !compound;
    if trust == Trust::Field && !rare {
        let end = han_run(page, at);
        let stop = |i: usize| names.stops.contains(&page.code(i));
        if (2..=4).contains(&(end - at)) && !(at..end).any(stop) && !never(page, at) {
            return Some(at..end);
        }
        let two = given + 1;
        if two <= page.len()
            && page.is(given, Script::Han)
            && even(page, at..two)
            && !stop(given)
            && !label(given)
            && !never(page, at)
            && !rare
        {
            let bounded = !page.touches(two) || !page.is(two, Script::Han) || label(two) || stop(two);
            return bounded.then_some(at..two);
        }
    }
    None
}

fn behind_label(page: &Page<'_>, from: usize) -> Option<Range<usize>> {
    const LINKS: &str = "是为叫名姓称";
    let mut at = from;
    let mut colon = false;
    loop {
        let between = page.between(at);
        colon |= between.contains([':', '：', '=', '∶', '﹕', '|', '】', '\t', '\n']);
        if at >= page.len() || page.gap(at).len() > 6 || at - from > 2 || between.contains(['。', '；', '？', '！'])
        {
            return None;
        }
        if !(page.is(at, Script::Han) && LINKS.contains(page.code(at)) && !(colon && page.is(at + 1, Script::Han))) {
            break;
        }
        at += 1;
    }
    let told = colon || !page.touches(at) || at > from;
    if page.is(at, Script::Latin) {
        // "The name must be that of the licence" names nobody; "my name is john" does.
        let said = colon || at > from || page.codes(from.saturating_sub(2)..from) == "is";
        return told.then(|| latin_name(page, at, 3)).flatten().filter(|_| said || page.raw(at).is_uppercase());
    }
    if let Some(name) = minority(page, at).filter(|_| told) {
        return Some(name);
    }
    if let Some(name) = name_at(page, at, Trust::Field) {
        return Some(name);
    }
    // A field may be filled with any short word.
    if !colon || page.label_starts_at(at).is_some() {
        return None;
    }
    let end = han_run(page, at);
    let blank = ["本人", "同上", "不详", "匿名", "未知", "暂无", "保密", "无"].contains(&page.codes(at..end).as_str());
    let stop = |i: usize| tables().names.stops.contains(&page.code(i));
    ((2..=4).contains(&(end - at)) && !blank && !(at..end).any(stop)).then_some(at..end)
}

/// 阿卜杜拉·买买提
fn minority(page: &Page<'_>, at: usize) -> Option<Range<usize>> {
    let mut end = at;
    let mut dots = 0;
    while end < page.len() && page.is(end, Script::Han) && end < at + 16 {
        if end > at && !page.touches(end) {
            if !matches!(page.between(end), "·" | "•" | "・" | "‧" | "．") {
                break;
            }
            dots += 1;
        }
        end += 1;
    }
    ((1..=3).contains(&dots) && end - at >= 4).then_some(at..end)
}

/// One to `most` words that begin with capitals.
fn latin_name(page: &Page<'_>, at: usize, most: usize) -> Option<Range<usize>> {
    let mut end = at;
    for word in 0..most {
        let first = end;
        let spread = word == 0 && page.single(first) && page.single(first + 1);
        if spread {
            while page.is(end, Script::Latin)
                && (end == first
                    || page.single(end)
                        && page.joint(end).is_empty()
                        && page.gap(end).len() <= 3
                        && !page.gap(end).has(Gap::BOUNDARY))
            {
                end += 1;
            }
            return (end - at >= 2).then_some(at..end);
        }
        let visible: String =
            page.between(first).chars().filter(|c| huoyan_text::fold_char(*c).0 != Script::Skip).collect();
        let joined = word == 0 || matches!(visible.as_str(), " " | "-" | "·" | "'");
        if !joined || !page.is(first, Script::Latin) || !(page.raw(first).is_uppercase() || word == 0 && most > 2) {
            break;
        }
        end += 1;
        while page.touches(end) && page.is(end, Script::Latin) {
            end += 1;
        }
        let figures = page.touches(end) && page.is(end, Script::Digit);
        if figures || page.label_starts_at(first).is_some_and(|label| label.end >= end) {
            end = first;
            break;
        }
    }
    (end - at >= 2).then_some(at..end)
}

fn english(page: &Page<'_>, out: &mut Vec<Found>) {
    let titles = &tables().names.english;
    let mut at = 0;
    while at < page.len() {
        if !page.is(at, Script::Latin) || page.touches(at) && page.is(at - 1, Script::Latin) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while page.touches(end) && page.is(end, Script::Latin) {
            end += 1;
        }
        if end - at <= 4
            && page.raw(at).is_uppercase()
            && titles.contains(&page.codes(at..end))
            && matches!(page.between(end), "." | " " | ". ")
            && let Some(name) = latin_name(page, end, 2)
            && !titles.contains(&page.codes(name.clone()))
        {
            out.push(found(page, Kind::Name, name));
        }
        at = end;
    }
}

fn before_salutation(page: &Page<'_>, salutation: usize, strong: bool) -> Option<Range<usize>> {
    let names = &tables().names;
    let near = |at: usize| page.gap(at).len() <= 2 && !page.gap(at).has(Gap::BOUNDARY);
    if !near(salutation) {
        return None;
    }
    let common = |at: usize| is_surname(page, at) && !names.rare.contains(&page.code(at));
    // 和张先生: the first of two surnames is a word of the sentence.
    let swallowed = |at: usize| names.function.contains(&page.code(at)) && is_surname(page, at + 1);
    let from = |size: usize| salutation.checked_sub(size);
    for size in [4, 3] {
        if let Some(at) = from(size)
            && names.compound.contains(&[page.code(at), page.code(at + 1)])
            && even(page, at..salutation)
            && (at + 2..salutation).all(|i| is_given(page, i))
        {
            return Some(at..salutation);
        }
    }
    for size in [3, 2] {
        if let Some(at) = from(size)
            && is_surname(page, at)
            && !never(page, at)
            && !(names.function.contains(&page.code(at)) && at > 0 && page.touches(at) && page.is(at - 1, Script::Han))
            && !(size == 3 && swallowed(at) && name_fits(page, at + 1, salutation))
            && !(size == 2 && swallowed(at))
            && name_fits(page, at, salutation)
        {
            return Some(at..salutation);
        }
    }
    if let Some(at) = from(2)
        && names.compound.contains(&[page.code(at), page.code(at + 1)])
        && even(page, at..salutation)
        && strong
    {
        return Some(at..salutation);
    }
    let at = from(1)?;
    if at > 0 && page.touches(at) && never(page, at - 1) {
        return None;
    }
    let opens = at == 0 || !page.gap(at).is_empty();
    let cue = at > 0 && "告给找问叫是联系和跟请的让把被由那这为姓位为，谢与向对".contains(page.code(at - 1));
    let word = at > 0
        && page.touches(at)
        && page.is(at - 1, Script::Han)
        && huoyan_text::is_common_word(&[page.code(at - 1), page.code(at)]);
    let function = names.function.contains(&page.code(at));
    let fits = if strong { is_surname(page, at) && !function && (!word || cue || opens) } else { common(at) && opens };
    (fits && !(page.is(at - usize::from(at > 0), Script::Latin) && at > 0 && page.touches(at)))
        .then_some(at..salutation)
}

/// Whether the atoms are a surname and given characters.
fn name_fits(page: &Page<'_>, at: usize, end: usize) -> bool {
    let salutation =
        |i: usize| page.label_starts_at(i).is_some_and(|label| matches!(label.says, Says::Salutation(true)));
    let begun = at > 0 && page.touches(at) && never(page, at - 1);
    end - at <= 3
        && is_surname(page, at)
        && (at + 1..end).all(|i| is_given(page, i) && !salutation(i))
        && even(page, at..end)
        && !begun
}

/// Whether the atoms are a surname of two characters and given ones.
fn compound_fits(page: &Page<'_>, at: usize, end: usize) -> bool {
    let compound = tables().names.compound.contains(&[page.code(at), page.code(at + 1)]);
    compound && end > at + 2 && (at + 2..end).all(|i| is_given(page, i)) && even(page, at..end)
}

/// A whole word of Han characters that is a name and nothing else.
fn alone(page: &Page<'_>, atoms: Range<usize>) -> Option<Range<usize>> {
    let len = atoms.len();
    if !(2..=4).contains(&len) || page.label_starts_at(atoms.start).is_some_and(|label| label.end - label.first > 1) {
        return None;
    }
    let name = name_at(page, atoms.start, Trust::Near)?;
    let common =
        len == 2 && huoyan_text::is_common_word(&(atoms.start..atoms.end).map(|i| page.code(i)).collect::<Vec<_>>());
    let rare = tables().names.rare.contains(&page.code(atoms.start));
    (name.end == atoms.end && !(common && rare)).then_some(name)
}

/// Signs between a name and what stands beside it.
fn parted(page: &Page<'_>, at: usize) -> bool {
    let gap = page.gap(at);
    gap.len() <= 3 && !page.between(at).contains(['。', '；', ';', '!', '！', '?', '？'])
}

fn left_of(page: &Page<'_>, first: usize) -> Option<Range<usize>> {
    if first == 0 || !parted(page, first) {
        return None;
    }
    let end = first;
    let mut at = end;
    while at > 0 && page.is(at - 1, Script::Han) && end - at < 6 && (at == end || page.touches(at)) {
        at -= 1;
    }
    let opens = at == 0 || !page.touches(at) || page.label_ends_at(at);
    // Spread over spaces: 张 建 国 138…
    if end - at == 1 {
        for size in [4, 3, 2] {
            if let Some(from) = end.checked_sub(size)
                && (name_fits(page, from, end) || compound_fits(page, from, end))
                && (from == 0
                    || page.label_ends_at(from)
                    || !page.is(from - 1, Script::Han)
                    || page.gap(from).has(Gap::BOUNDARY))
            {
                return Some(from..end);
            }
        }
        return None;
    }
    opens.then(|| alone(page, at..end)).flatten()
}

fn right_of(page: &Page<'_>, end: usize) -> Option<Range<usize>> {
    if end >= page.len() || !parted(page, end) || page.touches(end) {
        return None;
    }
    let mut to = end;
    while to < page.len() && page.is(to, Script::Han) && to - end < 6 && (to == end || page.touches(to)) {
        to += 1;
    }
    // 李明收: the last character belongs to the salutation.
    if let Some(label) =
        (end..to).find_map(|i| page.label_starts_at(i)).filter(|label| matches!(label.says, Says::Salutation(_)))
    {
        to = label.first;
    }
    if to - end == 1 {
        for size in [4, 3, 2] {
            let whole = end + size;
            if whole <= page.len()
                && (name_fits(page, end, whole) || compound_fits(page, end, whole))
                && !(page.is(whole, Script::Han) && page.between(whole) == page.between(end + 1))
            {
                return Some(end..whole);
            }
        }
        return None;
    }
    alone(page, end..to)
}
