//! Addresses below the city: 西湖区文三路478号3幢2单元501室. Province and city stay, because the case may turn on them.
//!
//! An address is a chain of parts: names that end like a place (文三路, 翠苑小区) and numbers with a unit (478号, 3幢). A part alone
//! is no address; a street with a number is, and so is what a field or a region leads up to.

mod english;
mod parts;
mod regions;

use std::ops::Range;

use huoyan_text::{Gap, Kind as Script};

use self::parts::Part;
use self::regions::regions;
use super::Found;
use crate::privacy::Kind;
use crate::privacy::page::Page;
use crate::privacy::tables::{Says, tables};

pub(super) fn find(page: &Page<'_>, out: &mut Vec<Found>) {
    let reader = Reader { page, regions: regions(page) };
    reader.behind_labels(out);
    reader.behind_regions(out);
    reader.around_numbers(out);
    reader.english(out);
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
}
