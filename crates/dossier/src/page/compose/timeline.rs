use huoyan_model::Locale;

use super::super::Block;
use super::{Material, notice, paragraph, shorten, table};
use crate::check::Deal;
use crate::statement::{Event, events};

/// More rows than this nobody reads; the exhibits hold them all.
const MOST: usize = 400;

pub(super) fn blocks(material: &Material) -> Vec<Block> {
    let zh = material.locale == Locale::Zh;
    let mine = Deal::of(material.case, material.rows).rows(material.rows);
    let others = material.rows.len() - mine.len();
    let mut events = events(mine);
    if events.is_empty() {
        let text = if zh {
            "证据中没有可逐行读取的时间。"
        } else {
            "The exhibits hold no times that can be read row by row."
        };
        return vec![paragraph(text)];
    }
    let left_out = events.len().saturating_sub(MOST);
    events.truncate(MOST);
    let rows = events.iter().map(|event| row(event, zh)).collect();
    let columns: &[(&str, u16)] = if zh {
        &[("时间（北京时间）", 20), ("事件", 22), ("记录内容", 40), ("出处", 18)]
    } else {
        &[("Time (Beijing)", 20), ("Event", 22), ("Words of the record", 40), ("Where", 18)]
    };
    let mut blocks = vec![table("", columns, &[], rows)];
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
    blocks
}

fn row(event: &Event, zh: bool) -> Vec<String> {
    let mark = if event.when.zoned { "" } else { " *" };
    let what = if zh { &event.what.zh } else { &event.what.en };
    let place = &event.place;
    let sheet = if place.sheet.is_empty() { String::new() } else { format!(" {}", shorten(&place.sheet, 20)) };
    let line = match (place.line, zh) {
        (0, _) => String::new(),
        (line, true) => format!(" 第 {line} 行"),
        (line, false) => format!(", line {line}"),
    };
    vec![
        format!("{}{mark}", event.moment()),
        what.clone(),
        shorten(&event.words, 400),
        format!("{}{sheet}{line}", place.exhibit),
    ]
}
