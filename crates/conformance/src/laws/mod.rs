//! The laws, one a file: what it is called, what it demands, on which rows it is judged and how.

mod again;
mod batches;
mod cancel;
mod config;
mod declared;
mod empty;
mod examples;
mod hostile_text;
mod huge;
mod isolated;
mod memory;
mod merge_tree;
mod order;
mod panic_injection;
mod partitions;
mod seed;
mod sliced;
mod threads;

pub(crate) use isolated::{LAW as ISOLATED, in_children};

use huoyan_model::{ColumnType, Localized, RecordKind, columns_of};
use serde_json::json;

use crate::LawInfo;
use crate::play::Stop;
use crate::rows::Row;
use crate::said::difference;
use crate::shape::Shape;
use crate::subject::Subject;

/// A law.
pub(crate) struct Law {
    pub(crate) id: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    pub(crate) demands_zh: &'static str,
    pub(crate) demands_en: &'static str,
    /// Why it does not concern this detector.
    pub(crate) moot: fn(&Subject<'_>) -> Option<Localized>,
    /// The inputs it is judged on, each by itself.
    pub(crate) inputs: fn(&Subject<'_>) -> Vec<Vec<Row>>,
    /// Whether it is kept on these rows.
    pub(crate) holds: fn(&Subject<'_>, &[Row]) -> Result<(), Breach>,
    /// Whether fewer rows may show the same.
    pub(crate) shrinks: bool,
    /// Whether the rows of a fixture are an input of it.
    pub(crate) by_fixture: bool,
    /// What an author should know although the law is kept.
    pub(crate) note: fn(&Subject<'_>) -> Option<Localized>,
}

impl Law {
    pub(crate) fn info(&self) -> LawInfo {
        LawInfo {
            id: self.id,
            name: Localized::new(self.zh, self.en),
            demands: Localized::new(self.demands_zh, self.demands_en),
        }
    }
}

/// Why a law is not kept on some rows.
pub(crate) enum Breach {
    /// It is this law that is broken.
    Here {
        /// What differs or went wrong.
        what: Localized,
        /// The configuration, where it is not the one that was asked for.
        config: Option<String>,
    },
    /// The detector fails on these rows in any case, which another law tells; there is nothing to compare.
    Elsewhere(Localized),
}

impl Breach {
    pub(crate) fn here(what: Localized) -> Self {
        Self::Here { what, config: None }
    }

    /// Wrong here, under the circumstances that are named.
    pub(crate) fn under(zh: &str, en: &str, stop: Stop) -> Self {
        Self::here(Localized::new(format!("{zh}：{}", stop.what.zh), format!("{en}: {}", stop.what.en)))
    }
}

/// All laws, in the order in which they are judged: first whether the detector can be made and what it says is in order.
pub(crate) static ALL: [&Law; 18] = [
    &config::LAW,
    &declared::LAW,
    &examples::LAW,
    &isolated::LAW,
    &again::LAW,
    &batches::LAW,
    &sliced::LAW,
    &partitions::LAW,
    &order::LAW,
    &threads::LAW,
    &merge_tree::LAW,
    &seed::LAW,
    &empty::LAW,
    &hostile_text::LAW,
    &huge::LAW,
    &panic_injection::LAW,
    &cancel::LAW,
    &memory::LAW,
];

/// The laws with these ids; all of them when none is named.
pub(crate) fn wanted(ids: &[String]) -> Result<Vec<&'static Law>, Localized> {
    for id in ids {
        if !ALL.iter().any(|law| law.id == *id) {
            let all = ALL.map(|law| law.id).join(", ");
            return Err(Localized::new(
                format!("没有名为 '{id}' 的准则；准则有：{all}"),
                format!("there is no law '{id}'; the laws are: {all}"),
            ));
        }
    }
    Ok(ALL.into_iter().filter(|law| ids.is_empty() || ids.iter().any(|id| id == law.id)).collect())
}

/// Opens what some laws measure by, for a process that may open nothing later.
pub(crate) fn open_what_is_measured() {
    let _ = (memory::resident(), cancel::waited());
}

fn concerns_all(_: &Subject<'_>) -> Option<Localized> {
    None
}

fn no_note(_: &Subject<'_>) -> Option<Localized> {
    None
}

/// For laws that compare what is said: that nothing was.
fn silent(subject: &Subject<'_>) -> Option<Localized> {
    (subject.spoke() == Some(false)).then(|| {
        Localized::new(
            "对检验所用的数据它什么也没有报告，所以说明不了什么；请用 --fixture 给出它应当报告的记录",
            "it said nothing of any row, so this shows little; give rows that it should find with --fixture",
        )
    })
}

/// The fixture, and what else a law is judged on.
fn fixture_and(subject: &Subject<'_>, others: impl IntoIterator<Item = Vec<Row>>) -> Vec<Vec<Row>> {
    let fixture = Some(subject.fixture.clone()).filter(|rows| !rows.is_empty());
    fixture.into_iter().chain(others).collect()
}

/// The fixture, and generated rows.
fn common(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    fixture_and(subject, [subject.generated(subject.options.rows, "rows")])
}

/// A way to divide the work, and its name.
type Way = (String, String, Shape);

/// Plays rows plainly and in other ways; nothing but the order of what comes may differ.
fn same_in(subject: &Subject<'_>, rows: &[Row], ways: Vec<Way>) -> Result<(), Breach> {
    let plain = subject.play(rows, &Shape::default()).map_err(|stop| Breach::Elsewhere(stop.what))?.sorted();
    for (zh, en, shape) in ways {
        let said = subject.play(rows, &shape).map_err(|stop| Breach::under(&zh, &en, stop))?.sorted();
        if let Some(what) = difference(&plain, &said, &zh, &en) {
            return Err(Breach::here(what));
        }
    }
    Ok(())
}

/// A row of a kind in which every text is this one, in the key too where it is short.
fn filled(kind: RecordKind, i: usize, text: &str) -> Row {
    let key = if text.len() <= 64 { format!("{text}#{i}") } else { format!("#{i}") };
    let mut row = Row::new(kind, key);
    for column in columns_of(kind) {
        let value = match column.ty {
            ColumnType::Text if column.name == "owner_kind" => "listing".into(),
            ColumnType::Text => text.into(),
            ColumnType::Json if column.name == "images" => json!([text]).to_string().into(),
            ColumnType::Json => json!({text: text}).to_string().into(),
            ColumnType::Float => 2.0.into(),
            ColumnType::Time => 1_760_000_000.into(),
            ColumnType::Integer => 0.into(),
            ColumnType::Boolean => true.into(),
            ColumnType::Binary => crate::batches::encode(text.as_bytes()).into(),
        };
        row = row.with(column.name, value);
    }
    row
}

/// Rows of every kind the detector reads, one for each hostile text of at most so many bytes.
fn hostile(subject: &Subject<'_>, at_most: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (i, (_, text)) in crate::hostile::texts().iter().enumerate().filter(|(_, (_, text))| text.len() <= at_most) {
        rows.extend(subject.kinds().into_iter().map(|kind| filled(kind, i, text)));
    }
    rows
}
