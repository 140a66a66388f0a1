//! Addresses below the city: 西湖区文三路478号3幢2单元501室. Province and city stay, because the case may turn on them.
//!
//! An address is a chain of parts: names that end like a place (文三路, 翠苑小区) and numbers with a unit (478号, 3幢). A part alone
//! is no address; a street with a number is, and so is what a field or a region leads up to.

use std::ops::Range;

use huoyan_text::{Gap, Kind as Script};

use super::Found;
use crate::privacy::Kind;
use crate::privacy::page::Page;
use crate::privacy::tables::{Says, tables};

/// What a part of an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A district or a town.
    District,
    /// A street.
    Road,
    /// A place with houses in it.
    Place,
    /// A number with a unit; `true` when the unit says house or room by itself.
    Number(bool),
    /// A number without unit behind other parts.
    Bare,
}

/// A stretch of parts.
#[derive(Clone, Debug, Default)]
struct Chain {
    parts: Vec<Part>,
    end: usize,
}

impl Chain {
    fn count(&self, of: impl Fn(Part) -> bool) -> usize {
        self.parts.iter().filter(|part| of(**part)).count()
    }

    fn named(&self) -> bool {
        self.count(|part| matches!(part, Part::Road | Part::Place)) > 0
    }

    fn numbered(&self) -> bool {
        self.count(|part| matches!(part, Part::Number(_))) > 0
    }
}

/// Longest name of a place, in characters.
const LONGEST_NAME: usize = 9;

pub(super) fn find(page: &Page<'_>, out: &mut Vec<Found>) {
    let reader = Reader { page, regions: regions(page) };
    reader.behind_labels(out);
    reader.behind_regions(out);
    reader.around_numbers(out);
    reader.english(out);
}

/// Provinces and cities with their endings, as stretches of atoms; 南京 of 南京路 and 朝阳 of 朝阳区 are none.
fn regions(page: &Page<'_>) -> Vec<Range<usize>> {
    let places = &tables().places;
    let mut out: Vec<Range<usize>> = Vec::new();
    for label in page.labels.iter().filter(|label| matches!(label.says, Says::Province | Says::City)) {
        let mut end = label.end;
        let ends = places.province_ends.iter().map(Vec::as_slice).chain([
            &['州'][..],
            &['自', '治', '州'],
            &['地', '区'],
            &['盟'],
        ]);
        if let Some(ending) =
            ends.filter(|ending| page.gap(end).len() <= 2 && page.has(end, ending, 2)).max_by_key(|e| e.len())
        {
            end += ending.len();
        } else {
            let name = places.roads.iter().chain(&places.districts).chain(&places.places);
            let inside = |at: usize| name.clone().any(|suffix| page.gap(at).len() <= 2 && page.has(at, suffix, 2));
            let below =
                label.first > 0 && page.gap(label.first).len() <= 2 && !page.gap(label.first).has(Gap::BOUNDARY);
            let below = below && "区县镇乡道村旗".contains(page.code(label.first - 1));
            let street =
                (1..3).any(|more| places.roads.iter().any(|road| page.touches(end) && page.has(end + more, road, 0)));
            if inside(end) || label.says == Says::City && (below || street) {
                continue;
            }
        }
        out.push(label.first..end);
    }
    out
}

/// Where the province and city at the beginning of an address end, in bytes.
pub(crate) fn address_rest(text: &str) -> usize {
    let page = Page::new(text);
    let reader = Reader { page: &page, regions: regions(&page) };
    match reader.skip_regions(0) {
        0 => 0,
        end => page.bytes(0..end).end,
    }
}

struct Reader<'p, 't> {
    page: &'p Page<'t>,
    regions: Vec<Range<usize>>,
}

impl Reader<'_, '_> {
    /// Whether what stands before atom `at` is noise inside a word.
    fn noise(&self, at: usize) -> bool {
        let gap = self.page.gap(at);
        gap.is_empty()
            || gap.len() <= 2
                && !gap.has(Gap::BOUNDARY)
                && !gap.has(Gap::SPACE)
                && !self
                    .page
                    .between(at)
                    .contains(['：', ':', '（', '(', '）', ')', '【', '】', '[', ']', '|', '/', '"', '“', '”', '、'])
    }

    /// Whether the chain may go on at atom `at`.
    fn near(&self, at: usize) -> bool {
        let gap = self.page.gap(at);
        gap.len() <= 2
            && !self.page.between(at).contains(['。', '；', ';', '!', '！', '?', '？', '：', ':', '"', '“', '”', '、'])
    }

    fn region_from(&self, at: usize) -> Option<&Range<usize>> {
        self.regions.iter().find(|region| region.start == at)
    }

    fn region_to(&self, at: usize) -> bool {
        self.regions.iter().any(|region| region.end == at)
    }

    /// Where the regions end that follow each other from atom `at` on.
    fn skip_regions(&self, at: usize) -> usize {
        let mut end = at;
        while let Some(region) = self.region_from(end).filter(|_| end == at || self.near(end)) {
            end = region.end;
        }
        end
    }

    fn cue(&self, at: usize) -> bool {
        let places = &tables().places;
        let code = |at: usize| self.page.code(at);
        places.cues.contains(&code(at))
            && !places.cue_words.contains(&[code(at), code(at + 1)])
            && !(at > 0 && places.cue_words.contains(&[code(at - 1), code(at)]))
    }

    /// A number with its unit.
    fn number(&self, at: usize, chained: bool) -> Option<(usize, Part)> {
        let page = self.page;
        let places = &tables().places;
        let mut end = at;
        let mut figures = 0;
        let mut dashes = 0;
        while end < page.len() && end < at + 14 {
            let figure =
                page.figure(end).is_some() || matches!(page.code(end), '十' | '百') && page.is(end, Script::Han);
            let letter = page.is(end, Script::Latin)
                && (end == at || page.figure(end - 1).is_some())
                && !(page.touches(end + 1) && page.is(end + 1, Script::Latin));
            let letter =
                letter || page.is(end, Script::Han) && end == at && matches!(page.code(end), '甲' | '乙' | '丙' | '丁');
            // 陆 and 伍 are surnames too.
            let surname = end > at
                && page.gap(end).has(Gap::SPACE)
                && matches!(page.raw(end), '陆' | '陸' | '伍')
                && page.figure(end + 1).is_none();
            if !figure && !letter || surname {
                break;
            }
            if end > at && !page.touches(end) {
                let joint = page.joint(end);
                let sign = |c: char| "-—–#~/".contains(c);
                let dash = matches!(joint.trim_matches(|c| !sign(c)), "-" | "—" | "–" | "#" | "~" | "/")
                    && page.gap(end).len() <= 3;
                if !(dash || self.noise(end) || page.gap(end).len() <= 2 && page.gap(end).has(Gap::SPACE)) {
                    break;
                }
                dashes += usize::from(dash);
            }
            figures += usize::from(figure || letter);
            end += 1;
        }
        if end == at || figures == 0 {
            return None;
        }
        if page.gap(end).len() <= 2 && !page.gap(end).has(Gap::BOUNDARY) {
            for unit in &places.units {
                if page.has(end, unit, 2) {
                    let to = end + unit.len();
                    let other =
                        page.touches(to) && places.not_after.contains(&page.code(to)) && page.is(to, Script::Han);
                    if other {
                        break;
                    }
                    return Some((to, Part::Number(places.inner.contains(unit))));
                }
            }
        }
        if page.joint(end).starts_with('#') {
            return Some((end, Part::Number(true)));
        }
        let bare = chained
            && figures <= if dashes > 0 { 9 } else { 5 }
            && (dashes > 0 || figures >= 3 || !page.is(end, Script::Han));
        let money =
            matches!(page.code(end), '元' | '块' | '件' | '个' | '米' | '斤' | '天' | '年' | '月' | '日' | '点')
                && page.touches(end);
        // A number behind a space that counts something: 501室 371包.
        let counts = page.gap(at).has(Gap::SPACE)
            && (page.touches(at + 1) || end == at + 1)
            && page.is(end, Script::Han)
            && page.touches(end);
        (bare && !money && !counts).then_some((end, Part::Bare))
    }

    /// The suffix of a street, place or district that ends right before atom `end`.
    fn suffix_before(&self, end: usize) -> Option<(usize, Part)> {
        let places = &tables().places;
        let lists = [(&places.roads, Part::Road), (&places.places, Part::Place), (&places.districts, Part::District)];
        lists
            .into_iter()
            .flat_map(|(list, part)| list.iter().map(move |suffix| (suffix, part)))
            .filter(|(suffix, _)| end >= suffix.len() && self.page.has(end - suffix.len(), suffix, 2))
            .max_by_key(|(suffix, part)| (suffix.len(), *part != Part::District))
            .map(|(suffix, part)| (end - suffix.len(), part))
    }

    /// A place by name from atom `at` on: where it ends.
    /// Behind a district only `firm` cues end a name: 乐从镇 holds a word of sentences.
    fn named(&self, at: usize, below: bool) -> Option<(usize, Part)> {
        let page = self.page;
        let places = &tables().places;
        for end in at + 1..=(at + LONGEST_NAME + 3).min(page.len()) {
            let here = end - 1;
            let script = page.is(here, Script::Han)
                || here > at && (page.is(here, Script::Latin) || page.is(here, Script::Digit));
            let gapped = here > at
                && !(self.noise(here)
                    || page.gap(here).len() <= 2 && page.gap(here).has(Gap::SPACE) && !page.touches(at + 1));
            let cue = self.cue(here) && (!below || places.firm.contains(&page.code(here)));
            if !script
                || gapped
                || cue
                || page.label_starts_at(here).is_some_and(|l| matches!(l.says, Says::Is(_))) && here > at
            {
                return None;
            }
            for (list, part) in
                [(&places.roads, Part::Road), (&places.places, Part::Place), (&places.districts, Part::District)]
            {
                for suffix in list {
                    let Some(start) = end.checked_sub(suffix.len()).filter(|start| *start > at) else { continue };
                    if page.has(start, suffix, 2) && !self.longer(end) && !self.is_common(start, end) {
                        // 翠苑小区: one suffix after the other.
                        let more = places
                            .places
                            .iter()
                            .find(|more| more.len() > 1 && self.noise(end) && page.has(end, more, 2));
                        return Some((end + more.map_or(0, Vec::len), part));
                    }
                }
            }
        }
        None
    }

    /// Whether a longer suffix goes on: 街 of 街道, 中 of 中心.
    fn longer(&self, end: usize) -> bool {
        let places = &tables().places;
        self.page.touches(end)
            && places.roads.iter().chain(&places.places).chain(&places.districts).any(|suffix| {
                suffix.len() >= 2 && (1..suffix.len()).any(|k| end >= k && self.page.has(end - k, suffix, 0))
            })
    }

    /// Whether a name and its suffix are an everyday word.
    fn is_common(&self, start: usize, end: usize) -> bool {
        let word = |from: usize| self.page.codes(from..end).chars().collect::<Vec<_>>();
        let never = &tables().places.never;
        (start.saturating_sub(2)..start).any(|from| never.contains(&word(from)))
    }

    /// The parts from atom `at` on.
    fn chain(&self, at: usize) -> Chain {
        let mut chain = Chain { parts: Vec::new(), end: at };
        while chain.parts.len() < 16 {
            let here = chain.end;
            if !chain.parts.is_empty() && !self.near(here) || here >= self.page.len() {
                break;
            }
            let boundary = !chain.parts.is_empty() && self.page.gap(here).has(Gap::BOUNDARY);
            let chained = !chain.parts.is_empty() && !boundary;
            // Behind a clause end only what is surely a part goes on.
            let next =
                self.number(here, chained).filter(|(_, part)| !boundary || *part == Part::Number(true)).or_else(|| {
                    self.named(
                        here,
                        chained && chain.parts.last() == Some(&Part::District)
                            || chain.parts.is_empty() && self.region_to(here),
                    )
                    .filter(|(end, part)| !boundary || *part != Part::Place || self.number(*end, false).is_some())
                });
            let Some((end, part)) = next else { break };
            chain.parts.push(part);
            chain.end = end;
            if part == Part::Bare {
                break;
            }
        }
        chain
    }

    fn push(&self, opens: usize, atoms: Range<usize>, out: &mut Vec<Found>) {
        if atoms.is_empty()
            || out.iter().any(|f| f.kind == Kind::Address && f.atoms.start <= atoms.start && atoms.end <= f.atoms.end)
        {
            return;
        }
        let canonical = self.page.codes(atoms.clone());
        out.push(Found { opens, ..Found::new(Kind::Address, atoms, canonical) });
    }

    /// 收货地址：…
    fn behind_labels(&self, out: &mut Vec<Found>) {
        let page = self.page;
        for label in page.labels.iter().filter(|label| label.says == Says::Is(Kind::Address)) {
            let mut at = label.end;
            while at < label.end + 2
                && matches!(page.code(at), '是' | '为' | '在' | '改' | '成' | '到')
                && page.is(at, Script::Han)
            {
                at += 1;
            }
            if at >= page.len() || page.gap(at).len() > 6 {
                continue;
            }
            let colon = (label.end..=at).any(|i| page.between(i).contains([':', '：', '=', '】', '|', '\n', '\t']));
            let first = self.skip_regions(at);
            if first > at && !self.near(first) {
                continue;
            }
            let chain = self.chain(first);
            let mut end = chain.end;
            let told = first > at || colon || chain.numbered();
            let firm = colon || first > at;
            let enough = chain.named() && (firm || chain.numbered())
                || chain.parts.len() > 1 && chain.numbered()
                || firm && chain.parts.len() > 1
                || first > at
                    && !chain.parts.is_empty()
                    && chain.parts[0] != Part::Bare
                    && !matches!(chain.parts[..], [Part::Number(false)]);
            // What the field goes on with, up to a sign.
            if colon && !matches!(chain.parts.last(), Some(Part::Number(_) | Part::Bare)) {
                let mut tail = end.max(first);
                while tail < page.len()
                    && tail < end + 16
                    && (tail == first && self.near(tail) || page.touches(tail))
                    && page.label_starts_at(tail).is_none_or(|l| !matches!(l.says, Says::Is(_) | Says::Stay))
                {
                    tail += 1;
                }
                let figures = (end.max(first)..tail).any(|i| page.is(i, Script::Digit));
                if enough || figures && tail - first >= 4 || first > at && tail > first {
                    end = tail;
                }
            }
            if end > first && told && (enough || end > chain.end) {
                self.push(at, first..end, out);
            }
        }
    }

    /// 浙江省杭州市…
    fn behind_regions(&self, out: &mut Vec<Found>) {
        for region in &self.regions {
            if self.region_to(region.start) {
                continue;
            }
            let first = self.skip_regions(region.start);
            if !self.near(first) {
                continue;
            }
            let chain = self.chain(first);
            let endings = ['省', '市', '区', '州', '盟'];
            let formal = self.regions.iter().any(|r| {
                region.start <= r.start && r.end <= first && r.len() > 2 && endings.contains(&self.page.code(r.end - 1))
            });
            let below = chain.count(|part| part == Part::District);
            let street = (chain.named() || chain.count(|part| part == Part::District) > 1) && below > 0;
            let enough = chain.numbered() && (chain.named() || below > 0) || formal && street;
            if enough {
                self.push(region.start, first..chain.end, out);
            }
        }
    }

    /// 文三路478号, 3幢2单元501室
    fn around_numbers(&self, out: &mut Vec<Found>) {
        let page = self.page;
        let mut at = 0;
        while at < page.len() {
            let starts = page.figure(at).is_some() && (at == 0 || page.figure(at - 1).is_none() || !page.touches(at))
                || page.is(at, Script::Latin) && !(page.touches(at) && page.is(at - 1, Script::Latin));
            // 文三路 is a name with a figure in it.
            let street = page.is(at, Script::Han)
                && at > 0
                && page.is(at - 1, Script::Han)
                && page.gap(at).len() <= 2
                && !page.gap(at).has(Gap::BOUNDARY);
            let number = self
                .number(at, false)
                .filter(|(end, _)| starts && !(street && "路街巷弄".contains(page.code(end - 1))));
            let Some((end, Part::Number(inner))) = number else {
                at += 1;
                continue;
            };
            let mut first = at;
            let mut named = None;
            if at > 0
                && (self.noise(at) || page.gap(at).len() <= 2 && self.near(at) && !page.gap(at).has(Gap::BOUNDARY))
                && let Some((suffix, part)) = self.suffix_before(at).filter(|(suffix, _)| !self.is_common(*suffix, at))
                && let Some(start) = self.name_start(suffix)
            {
                first = start;
                named = Some(part);
            }
            let chain = self.chain(at);
            let numbers = chain.count(|part| matches!(part, Part::Number(_)));
            let inners = chain.count(|part| part == Part::Number(true));
            let short_number = end - at <= 3 && page.code(end - 1) == '号' && chain.parts.len() == 1;
            let date = short_number
                && page.touches(end)
                && "到发前收下晚早上中之就才还了的来送签拍买付退开活".contains(page.code(end));
            let enough = match named {
                Some(Part::Road) => !(date && page.code(at - 1) == '道'),
                Some(Part::District) => inners > 0 || numbers > 1,
                Some(_) => {
                    !date
                        && (inner
                            || numbers > 1
                            || page.code(end - 1) != '期'
                                && page.code(end - 1) != '组'
                                && page.code(end - 1) != '层'
                                && page.code(end - 1) != '楼')
                }
                None => inners >= 2 || inners == 1 && numbers > 1 && chain.parts.len() > 2,
            };
            if enough {
                // Districts and towns to the left belong to it.
                let spaced = |i: usize| {
                    page.gap(i).len() <= 2
                        && page.gap(i).has(Gap::SPACE)
                        && !page.touches(i + 1)
                        && page.is(i, Script::Han)
                };
                while first > 0
                    && (self.noise(first) || spaced(first) && !page.touches(first - 1))
                    && !self.region_to(first)
                    && let Some((suffix, _)) = self.suffix_before(first)
                    && let Some(start) = self.name_start(suffix).filter(|start| *start < first)
                {
                    first = start;
                }
                let mut opens = first;
                while let Some(region) = self.regions.iter().find(|region| region.end == opens && region.start < opens)
                {
                    opens = region.start;
                }
                self.push(opens, first..chain.end, out);
                at = chain.end.max(at + 1);
            } else {
                at = end;
            }
        }
    }

    /// Where the name begins whose suffix begins at an atom; `None` when there is no name.
    fn name_start(&self, suffix: usize) -> Option<usize> {
        let page = self.page;
        let spaced = suffix > 0 && !page.touches(suffix) && !self.noise(suffix);
        let mut at = suffix;
        let mut natural = false;
        while at > 0 && suffix - at < LONGEST_NAME {
            let before = at - 1;
            let joined = self.noise(at) || spaced && page.gap(at).len() <= 2 && !page.gap(at).has(Gap::BOUNDARY);
            let script = page.is(before, Script::Han)
                || page.is(before, Script::Latin)
                || page.is(before, Script::Digit) && at < suffix;
            let ends = at < suffix
                && (self.region_to(at)
                    || page.label_ends_at(at) && self.label_is_field(at)
                    || self.suffix_before(at).is_some_and(|(s, part)| {
                        part == Part::District && at - s <= 2 && suffix - at >= 2 && self.name_like(s)
                    }));
            if !joined || !script || self.cue(before) || ends || at == suffix && self.region_to(at) {
                natural = true;
                break;
            }
            at -= 1;
        }
        natural |= at == 0;
        let start = if natural { at } else { suffix - suffix.min(4) };
        (start < suffix).then_some(start)
    }

    fn label_is_field(&self, at: usize) -> bool {
        self.page
            .labels
            .iter()
            .any(|label| label.end == at && matches!(label.says, Says::Is(_) | Says::Stay | Says::Salutation(_)))
    }

    /// Whether a district's name can stand before its suffix.
    fn name_like(&self, suffix: usize) -> bool {
        suffix > 0 && self.page.is(suffix - 1, Script::Han) && self.noise(suffix) && !self.cue(suffix - 1)
    }

    /// Room 302, Building 5, 478 Wensan Road, Xihu District
    fn english(&self, out: &mut Vec<Found>) {
        let page = self.page;
        let roads = &tables().places.english_roads;
        let mut words: Vec<Range<usize>> = Vec::new();
        for at in 0..page.len() {
            if !page.is(at, Script::Latin) && !page.is(at, Script::Digit) {
                continue;
            }
            match words.last_mut() {
                Some(word) if word.end == at && page.touches(at) => word.end = at + 1,
                _ => words.push(at..at + 1),
            }
        }
        let joined = |i: usize| {
            i < words.len()
                && words[i].start == words[i - 1].end
                && matches!(
                    page.between(words[i].start),
                    " " | ", " | "," | "，" | "." | ". " | "-" | "#" | ", #" | " #"
                )
        };
        let address_word = |i: usize| {
            let word = page.codes(words[i].clone());
            page.is(words[i].start, Script::Digit) || roads.contains(&word) || page.raw(words[i].start).is_uppercase()
        };
        let mut i = 0;
        while i < words.len() {
            let mut end = i + 1;
            while address_word(i) && joined(end) && address_word(end) {
                end += 1;
            }
            let streets = words[i..end].iter().filter(|word| {
                let code = page.codes((*word).clone());
                roads.contains(&code) && code != "no" && code != "unit"
            });
            let numbered = words[i..end].iter().any(|word| page.is(word.start, Script::Digit) && word.len() <= 5);
            if end - i >= 3 && streets.count() > 0 && numbered {
                self.push(words[i].start, words[i].start..words[end - 1].end, out);
            }
            i = end;
        }
    }
}
