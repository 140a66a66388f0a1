use huoyan_model::{Locale, Localized};

use super::super::{Block, Cited};
use super::{Material, heading, notice, paragraph, shorten};
use crate::deadline::Deadline;
use crate::statement;

/// What is asked for and each fact are at most so many letters wide on the cover: the statement has them whole.
const MOST: usize = 180;

pub(super) fn title(material: &Material) -> Localized {
    let package = material.tables.packages.get(&material.case.package);
    package.map_or_else(|| ("申诉书", "Appeal").into(), |package| package.name.clone())
}

pub(super) fn blocks(material: &Material) -> Vec<Block> {
    let Material { case, tables, locale, completeness, .. } = *material;
    let zh = locale == Locale::Zh;
    let mut blocks = Vec::new();
    if !completeness.complete {
        let text = if zh {
            "本材料未完整，仍有应补充的内容。"
        } else {
            "This dossier is incomplete; something is still to be added."
        };
        blocks.push(notice("missing", text));
    }
    let ask = shorten(&statement::ask(case, tables.packages, tables.targets, locale), MOST);
    blocks.push(Block::Ask { label: if zh { "诉求" } else { "What is asked" }.to_owned(), text: ask });
    blocks.push(heading(if zh { "三条关键事实" } else { "Three key facts" }));
    let (first, _) = statement::claims(case);
    let facts: Vec<Cited> = first
        .into_iter()
        .map(|claim| Cited {
            text: shorten(&claim.text, MOST),
            exhibits: some(statement::shown_by(case, claim).iter().map(ToString::to_string).collect()),
        })
        .collect();
    if facts.is_empty() {
        blocks.push(paragraph(if zh {
            "尚未陈述有证据的事实。"
        } else {
            "No claim with an exhibit has been made yet."
        }));
    } else {
        blocks.push(Block::Facts { items: facts });
    }
    blocks.push(Block::Pairs { items: pairs(material) });
    blocks.push(Block::PageBreak);
    for section in &material.statement.sections {
        blocks.push(heading(section.heading.trim_end_matches(['：', ':'])));
        blocks.extend(section.lines.iter().map(paragraph));
    }
    blocks
}

/// The first citations of a claim; a claim with dozens would not leave room.
fn some(mut ids: Vec<String>) -> Vec<String> {
    if ids.len() > 6 {
        ids.truncate(6);
        ids.push("…".to_owned());
    }
    ids
}

fn pairs(material: &Material) -> Vec<(String, String)> {
    let Material { case, tables, locale, .. } = *material;
    let mut pairs = Vec::new();
    let mut add = |zh: &str, en: &str, value: String| {
        if !value.is_empty() {
            pairs.push((if locale == Locale::Zh { zh } else { en }.to_owned(), value));
        }
    };
    let (name, id) = (shorten(&case.shop.name, 80), shorten(&case.shop.id, 40));
    let shop = if name.is_empty() { id } else { format!("{name}（ID {id}）") };
    add("店铺", "Shop", if locale == Locale::Zh { shop } else { shop.replace('（', " (").replace('）', ")") });
    let target = tables.targets.get(&case.target).map(|target| target.name.get(locale).to_owned());
    add("提交至", "To", target.unwrap_or_else(|| shorten(&case.target, 40)));
    let subjects: Vec<String> = case.subjects.iter().map(|subject| statement::subject_of(subject, locale)).collect();
    add("申诉对象", "Subject", shorten(&subjects.join(if locale == Locale::Zh { "、" } else { ", " }), 150));
    let outside = case.exhibits.iter().filter(|exhibit| exhibit.source.party.is_outside()).count();
    let guessed =
        case.exhibits.iter().filter(|exhibit| exhibit.source.party.is_outside() && !exhibit.source.party_told);
    let guessed = match guessed.count() {
        0 => Localized::default(),
        n => (format!("（{n} 份按类型推断）"), format!(" ({n} of them guessed from what they are)")).into(),
    };
    let count = Localized::new(
        format!("{} 份，其中自述来源为第三方 {outside} 份{}", case.exhibits.len(), guessed.zh),
        format!("{}, of which {outside} said to come from third persons{}", case.exhibits.len(), guessed.en),
    );
    add("证据", "Exhibits", count.get(locale).to_owned());
    if let Some(deadline) = deadline(material) {
        add("期限", "Deadline", until(&deadline, material));
    }
    add("经办人", "Contact", shorten(&case.shop.contact, 60));
    let unsigned = Localized::new("导出时签名", "signed on export");
    let signer = material.signer.map_or_else(|| unsigned.get(locale).to_owned(), |print| shorten(print, 80));
    add("签名指纹", "Signer", signer);
    pairs
}

/// The first deadline of the type whose start is known.
fn deadline(material: &Material) -> Option<Deadline> {
    let (rules, case) = (material.tables.rules, material.case);
    let package = material.tables.packages.get(&case.package)?;
    package.deadlines.iter().find_map(|id| {
        let start = case.started.get(&rules.get(id)?.starts)?;
        rules.deadline(id, *start, material.tables.calendar).ok()
    })
}

/// The working deadline with what is left, then every reading and what must be said beside it.
fn until(deadline: &Deadline, material: &Material) -> String {
    let Material { locale, now, .. } = *material;
    let moment = |at: crate::deadline::Instant| format!("{} {}", at.china_date(), at.china_time().format("%H:%M"));
    let left = deadline.countdown(now).text();
    let mut lines = vec![match locale {
        Locale::Zh => format!("{}：{}（{}）", deadline.name.zh, moment(deadline.working), left.zh),
        Locale::En => format!("{}: {} ({})", deadline.name.en, moment(deadline.working), left.en),
    }];
    for reading in &deadline.readings {
        lines.push(match locale {
            Locale::Zh => format!("{}：{}", reading.name.zh, moment(reading.due)),
            Locale::En => format!("{}: {}", reading.name.en, moment(reading.due)),
        });
    }
    lines.extend(deadline.flags.iter().take(2).map(|flag| flag.message().get(locale).to_owned()));
    lines.join("\n")
}
