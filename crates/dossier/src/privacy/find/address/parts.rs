//! The parts that an address is a chain of, and how they are read.

use huoyan_text::{Gap, Kind as Script};

use super::Reader;
use crate::privacy::tables::{Says, tables};

/// What a part of an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
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
pub(super) struct Chain {
    pub(super) parts: Vec<Part>,
    pub(super) end: usize,
}

impl Chain {
    pub(super) fn count(&self, of: impl Fn(Part) -> bool) -> usize {
        self.parts.iter().filter(|part| of(**part)).count()
    }

    pub(super) fn named(&self) -> bool {
        self.count(|part| matches!(part, Part::Road | Part::Place)) > 0
    }

    pub(super) fn numbered(&self) -> bool {
        self.count(|part| matches!(part, Part::Number(_))) > 0
    }
}

/// Longest name of a place, in characters.
const LONGEST_NAME: usize = 9;

impl Reader<'_, '_> {
    /// A number with its unit.
    pub(super) fn number(&self, at: usize, chained: bool) -> Option<(usize, Part)> {
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
    pub(super) fn suffix_before(&self, end: usize) -> Option<(usize, Part)> {
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
    pub(super) fn named(&self, at: usize, below: bool) -> Option<(usize, Part)> {
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
    pub(super) fn is_common(&self, start: usize, end: usize) -> bool {
        let word = |from: usize| self.page.codes(from..end).chars().collect::<Vec<_>>();
        let never = &tables().places.never;
        (start.saturating_sub(2)..start).any(|from| never.contains(&word(from)))
    }

    /// The parts from atom `at` on.
    pub(super) fn chain(&self, at: usize) -> Chain {
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

    /// Where the name begins whose suffix begins at an atom; `None` when there is no name.
    pub(super) fn name_start(&self, suffix: usize) -> Option<usize> {
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
}
