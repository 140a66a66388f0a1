//! Provinces and cities.

use std::ops::Range;

use huoyan_text::Gap;

use crate::privacy::page::Page;
use crate::privacy::tables::{Says, tables};

/// Provinces and cities with their endings, as stretches of atoms; 南京 of 南京路 and 朝阳 of 朝阳区 are none.
pub(super) fn regions(page: &Page<'_>) -> Vec<Range<usize>> {
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
