use std::collections::BTreeSet;

use huoyan_model::{Locale, Localized};

use super::super::{Block, Cited};
use super::{Material, heading, notice, paragraph, shorten};
use crate::assemble::CopyNote;
use crate::case::{Exhibit, Subject};
use crate::check::Deal;
use crate::deadline::Deadline;
use crate::statement;

/// What is asked for and each fact are at most so many letters wide on the cover: the statement has them whole.
const MOST: usize = 180;
/// The fact that is the number of the platform's notice.
const NOTICE: &str = "notice_no";

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
    let (first, _) = statement::claims(case);
    blocks.push(heading(match (first.len(), zh) {
        (3, true) => "三条关键事实",
        (3, false) => "Three key facts",
        (_, true) => "关键事实",
        (_, false) => "Key facts",
    }));
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
    let mut statement = material.statement.clone();
    if let Some(copies) = material.copies {
        statement.tell_copies(case, copies, locale);
    }
    for section in &statement.sections {
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
    let mut subjects: Vec<String> =
        case.subjects.iter().map(|subject| statement::subject_of(subject, locale)).collect();
    // With the word before it, by which a profile that hides orders finds it.
    let order = |id| Subject { kind: "order".to_owned(), id, shown_by: None };
    subjects.extend(orders(material).into_iter().map(|id| statement::subject_of(&order(id), locale)));
    add("申诉对象", "Subject", shorten(&subjects.join(if locale == Locale::Zh { "、" } else { ", " }), 150));
    let notices: BTreeSet<&str> =
        case.exhibits.iter().filter_map(|exhibit| exhibit.facts.get(NOTICE)).map(String::as_str).collect();
    add("通知编号", "Notice", shorten(&notices.into_iter().collect::<Vec<_>>().join("、"), 80));
    add("证据", "Exhibits", count(material).get(locale).to_owned());
    if let Some(deadline) = deadline(material) {
        add("期限", "Deadline", until(&deadline, material));
    }
    add("经办人", "Contact", shorten(&case.shop.contact, 60));
    let unsigned = Localized::new("导出时签名", "signed on export");
    let signer = material.signer.map_or_else(|| unsigned.get(locale).to_owned(), |print| shorten(print, 80));
    add("签名指纹", "Signer", signer);
    pairs
}

/// The orders that the case is about and that are not named as its subject already; those of a month are not.
fn orders(material: &Material) -> Vec<String> {
    const MOST: usize = 3;
    let case = material.case;
    let mut orders = Deal::of(case, material.rows).orders().clone();
    orders.extend(case.exhibits.iter().flat_map(|exhibit| exhibit.links.orders.iter().cloned()));
    if orders.is_empty() {
        orders.extend(material.rows.iter().filter_map(|(_, row)| Deal::order(row).map(str::to_owned)));
    }
    orders.retain(|order| !case.subjects.iter().any(|subject| subject.kind == "order" && subject.id == *order));
    if orders.len() > MOST { Vec::new() } else { orders.into_iter().collect() }
}

/// How many exhibits there are, and how many of them the reader has before him.
fn count(material: &Material) -> Localized {
    let exhibits = &material.case.exhibits;
    let outside: Vec<&Exhibit> = exhibits.iter().filter(|exhibit| exhibit.source.party.is_outside()).collect();
    let guessed = match outside.iter().filter(|exhibit| !exhibit.source.party_told).count() {
        0 => Localized::default(),
        n => (format!("（{n} 份按类型推断）"), format!(" ({n} of them guessed from what they are)")).into(),
    };
    let outside = outside.len();
    let mut told = Localized::new(
        format!("{} 份，其中自述来源为第三方 {outside} 份{}", exhibits.len(), guessed.zh),
        format!("{}, of which {outside} said to come from third persons{}", exhibits.len(), guessed.en),
    );
    let Some(copies) = material.copies else { return told };
    let without = copies.iter().filter(|note| note.files.is_empty());
    let (sealed, left_out): (Vec<&CopyNote>, Vec<&CopyNote>) = without.partition(|note| note.sealed.is_some());
    let attached = copies.len() - sealed.len() - left_out.len();
    told.zh.push_str(&format!("；随附 {attached} 份"));
    told.en.push_str(&format!("; {attached} attached"));
    for (notes, zh, en) in [(sealed, "仅密封随附", "sealed only"), (left_out, "未随附", "left out")] {
        if !notes.is_empty() {
            let ids = some(notes.iter().map(|note| note.exhibit.to_string()).collect());
            told.zh.push_str(&format!("，{zh} {} 份（{}）", notes.len(), ids.join("、")));
            told.en.push_str(&format!(", {} {en} ({})", notes.len(), ids.join(", ")));
        }
    }
    told
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
    let countdown = deadline.countdown(now);
    let left = countdown.text();
    let mut lines = vec![match locale {
        // That it is past is for the shop to know and stands on its own page.
        Locale::Zh if countdown.overdue => format!("{}：{}", deadline.name.zh, moment(deadline.working)),
        Locale::En if countdown.overdue => format!("{}: {}", deadline.name.en, moment(deadline.working)),
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
