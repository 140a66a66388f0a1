use huoyan_model::Locale;

use super::super::Block;
use super::{Material, notice, paragraph, shorten, table};
use crate::statement::{Event, events};

pub(super) fn blocks(material: &Material) -> Vec<Block> {
    let zh = material.locale == Locale::Zh;
    let events = events(material.rows);
    if events.is_empty() {
        let text = if zh {
            "证据中没有可逐行读取的时间。"
        } else {
            "The exhibits hold no times that can be read row by row."
        };
        return vec![paragraph(text)];
    }
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
        shorten(&event.words, 200),
        format!("{}{sheet}{line}", place.exhibit),
    ]
}
