use super::super::Block;
use super::{Material, heading, paragraph};

pub(super) fn blocks(material: &Material) -> Vec<Block> {
    let zh = material.locale == huoyan_model::Locale::Zh;
    let mut blocks = vec![paragraph(if zh {
        "以下图片并列供核对；是否为同一图片由受理方认定。"
    } else {
        "These pictures stand side by side to be compared; whether they are the same is for the reader to judge."
    })];
    for (number, comparison) in material.comparisons.iter().enumerate() {
        blocks.push(heading(&if zh { format!("对照 {}", number + 1) } else { format!("Pair {}", number + 1) }));
        blocks.push(paragraph(&comparison.note));
        blocks.push(Block::Pictures { items: vec![comparison.left.clone(), comparison.right.clone()] });
    }
    blocks
}
