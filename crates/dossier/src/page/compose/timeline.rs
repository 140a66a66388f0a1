use huoyan_model::{Locale, Localized};

use super::super::Block;
use super::{Material, heading, notice, paragraph, shorten, table};
use crate::check::Deal;
use crate::timeline::{Event, Timeline, bounded, on_page};

pub(super) fn blocks(material: &Material) -> Vec<Block> {
    let Material { case, rows, timeline, .. } = *material;
    let zh = material.locale == Locale::Zh;
    let deal = Deal::of(case, rows);
    let others = rows.iter().filter(|(_, row)| !deal.has(row)).count();
    let mine = |event: &&Event| event.order.as_ref().is_none_or(|order| deal.has_order(order));
    let (events, left_out) = bounded(timeline.events.iter().filter(mine).cloned().collect(), on_page());
    let left_out = left_out + timeline.left_out;
    if events.is_empty() {
        let text = if zh {
            "证据中没有可逐行读取的时间。"
        } else {
            "The exhibits hold no times that can be read row by row."
        };
        return vec![paragraph(text)];
    }
    let table_rows = events.iter().map(|event| row(event, material)).collect();
    let columns: &[(&str, u16)] = if zh {
        &[("时间（北京时间）", 20), ("事件", 22), ("记录内容", 40), ("出处", 18)]
    } else {
        &[("Time (Beijing)", 20), ("Event", 22), ("Words of the record", 40), ("Where", 18)]
    };
    let mut blocks = vec![table("", columns, &[], table_rows)];
    if events.iter().any(|event| !event.when.zoned) {
        let text = if zh {
            "标“*”的时间在原始记录中未写时区，按北京时间理解。"
        } else {
            "Times with '*' name no zone in the record and are taken as Beijing time."
        };
        blocks.push(notice("info", text));
    }
    if others > 0 {
        blocks.push(notice(
            "info",
            if zh {
                format!("证据中另有 {others} 行属于其他订单，未列入。")
            } else {
                format!("{others} rows of the exhibits are of other orders and not listed.")
            },
        ));
    }
    if left_out > 0 {
        blocks.push(notice(
            "info",
            if zh {
                format!("另有 {left_out} 个事件未列入，见各证据。")
            } else {
                format!("{left_out} further events are not listed; the exhibits hold them.")
            },
        ));
    }
    unexplained(timeline, &deal, material.locale, &mut blocks);
    blocks
}

/// What a reader would find anyway, said by the shop itself: stretches of which nothing is told, and what does not fit together.
fn unexplained(timeline: &Timeline, deal: &Deal, locale: Locale, blocks: &mut Vec<Block>) {
    let Timeline { gaps, conflicts, impossible, shared_waybills, strays, .. } = timeline;
    let zh = locale == Locale::Zh;
    let gaps = gaps.iter().filter(|gap| deal.has_order(&gap.order)).map(|gap| gap.told());
    let conflicts = conflicts.iter().filter(|found| deal.has_order(&found.order)).map(|found| found.message());
    let impossible = impossible.iter().filter(|found| deal.has_order(&found.order)).map(|found| found.message());
    let shared = shared_waybills.iter().filter(|found| found.orders.iter().any(|(order, _)| deal.has_order(order)));
    let unlike: Vec<Localized> = conflicts
        .chain(impossible)
        .chain(strays.iter().map(|found| found.message()))
        .chain(shared.map(|found| found.told()))
        .collect();
    let titles = if zh {
        ["需说明：记录之间不一致之处", "需说明：现有记录未涵盖的时段"]
    } else {
        ["To be explained: records that do not agree", "To be explained: stretches that the records do not cover"]
    };
    for (title, lines) in titles.into_iter().zip([unlike, gaps.collect()]) {
        if lines.is_empty() {
            continue;
        }
        blocks.push(heading(title));
        let left_out = lines.len().saturating_sub(on_page());
        blocks.extend(lines.iter().take(on_page()).map(|line| paragraph(line.get(locale))));
        if left_out > 0 {
            let text = if zh {
                format!("另有 {left_out} 处未列出。")
            } else {
                format!("{left_out} more are not listed.")
            };
            blocks.push(paragraph(text));
        }
    }
}

fn row(event: &Event, material: &Material) -> Vec<String> {
    let mark = if event.when.zoned { "" } else { " *" };
    let place = &event.place;
    let sheet = if place.sheet.is_empty() { String::new() } else { format!(" {}", shorten(&place.sheet, 20)) };
    let line = place.words(material.case).map(|words| words.get(material.locale).to_owned()).unwrap_or_default();
    let gap = if line.is_empty() {
        ""
    } else if material.locale == Locale::Zh {
        " "
    } else {
        ", "
    };
    vec![
        format!("{}{mark}", event.moment()),
        event.what.get(material.locale).to_owned(),
        shorten(&event.words, 400),
        format!("{}{sheet}{gap}{line}", place.exhibit),
    ]
}
