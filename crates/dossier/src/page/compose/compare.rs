//! Pictures side by side, each pair that the case names.

use huoyan_model::Locale;

use super::super::{Block, Figure};
use super::{heading, paragraph, shorten};
use crate::case::{COMPARISON, Case, Exhibit};

/// The pictures that are shown together: the one that names another, after that other.
pub(super) fn pairs(case: &Case) -> Vec<[&Exhibit; 2]> {
    case.exhibits.iter().filter_map(|right| Some([case.exhibit(right.links.compared_with?)?, right])).collect()
}

pub(super) fn blocks(pairs: &[[&Exhibit; 2]], locale: Locale) -> Vec<Block> {
    let zh = locale == Locale::Zh;
    let mut blocks = vec![paragraph(if zh {
        "以下图片并列供核对；是否为同一图片由受理方认定。"
    } else {
        "These pictures stand side by side to be compared; whether they are the same is for the reader to judge."
    })];
    for (number, pair) in pairs.iter().enumerate() {
        let [left, right] = pair.map(|exhibit| exhibit.id);
        blocks.push(heading(&if zh {
            format!("对照 {}：{left} 与 {right}", number + 1)
        } else {
            format!("Pair {}: {left} and {right}", number + 1)
        }));
        if let Some(note) = pair[1].facts.get(COMPARISON) {
            blocks.push(paragraph(shorten(note, 400)));
        }
        blocks.push(Block::Pictures { items: pair.map(figure).into() });
    }
    blocks
}

fn figure(exhibit: &Exhibit) -> Figure {
    Figure {
        caption: format!("{} {}", exhibit.id, shorten(&exhibit.title, 120)),
        file: exhibit.id.to_string(),
        sha256: exhibit.sha256.to_string(),
    }
}
