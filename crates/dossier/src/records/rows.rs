//! Cells that a header names, as rows of their kind.

use super::columns::{Field, Fields, headers};
use super::error::{About, Note};
use super::roles::{Known, Roles};
use super::step::step;
use super::table::{Line, Table, beginning};
use super::{Place, Row, Step, When, money};
use crate::case::ExhibitKind;
use crate::lint::{ExhibitId, Who};

/// What a kind's rows are nothing without: each entry is one field, or several of which one is enough.
fn needed(kind: ExhibitKind) -> &'static [&'static [Field]] {
    use Field::*;
    match kind {
        ExhibitKind::Chat | ExhibitKind::Mail | ExhibitKind::PlatformNotice => &[&[Time], &[Text]],
        ExhibitKind::Order => &[&[Order]],
        ExhibitKind::Payment => &[&[Time], &[Amount, Refund]],
        ExhibitKind::Logistics | ExhibitKind::AfterSale => &[&[Time], &[Text, Label]],
        ExhibitKind::BuyerRecord => &[&[Order, Review, ReviewText, AfterSaleText]],
        ExhibitKind::Review => &[&[ReviewText, Stars]],
        ExhibitKind::CallLog => &[&[Time]],
        ExhibitKind::PriceRecord => &[&[Time], &[Amount]],
        _ => &[],
    }
}

/// The fields that no column holds.
pub(super) fn missing(kind: ExhibitKind, fields: &[Option<(Field, bool)>]) -> Vec<&'static str> {
    let has = |field: &Field| fields.iter().flatten().any(|(known, _)| known == field);
    needed(kind).iter().filter(|one_of| !one_of.iter().any(has)).map(|one_of| one_of[0].name()).collect()
}

/// Whether a row of this kind may hold lists of parts that are no rows themselves: an order its items.
pub(super) fn holds_its_parts(kind: ExhibitKind) -> bool {
    matches!(kind, ExhibitKind::Order | ExhibitKind::Review | ExhibitKind::BuyerRecord | ExhibitKind::Payment)
}

/// A chat without a header: a moment, a name, a text.
pub(super) fn without_header(kind: ExhibitKind, rows: &[Line]) -> Option<Fields> {
    let first = rows.first().filter(|_| kind == ExhibitKind::Chat)?;
    let time = first.cells.iter().position(|cell| When::read(cell).is_some())?;
    let width = first.cells.len();
    let mut fields = vec![None; width];
    let others: Vec<usize> = (0..width).filter(|at| *at != time).collect();
    let (text, names) = others.split_last()?;
    fields[time] = Some((Field::Time, false));
    fields[*text] = Some((Field::Text, false));
    if let Some(sender) = names.first() {
        fields[*sender] = Some((Field::Sender, false));
    }
    Some(fields)
}

/// Makes rows of one exhibit.
pub(super) struct Maker<'a> {
    pub kind: ExhibitKind,
    pub exhibit: ExhibitId,
    pub roles: &'a Roles,
    pub rows: Vec<(Place, Row)>,
    pub notes: Vec<Note>,
    /// Names of which a note was made already.
    told: Vec<String>,
}

/// A row's cells by field.
struct Cells<'a> {
    table: &'a Table,
    line: &'a Line,
    place: Place,
}

impl<'a> Cells<'a> {
    fn at(&self, field: Field) -> Option<usize> {
        self.table.fields.iter().position(|known| known.is_some_and(|(known, _)| known == field))
    }

    fn text(&self, field: Field) -> &'a str {
        self.at(field).and_then(|at| self.line.cells.get(at)).map_or("", String::as_str)
    }

    fn own(&self, field: Field) -> Option<String> {
        // `-` and `--` stand for nothing in many exports.
        let text = self.text(field);
        let filled = !text.is_empty() && !text.chars().all(|c| matches!(c, '-' | '/' | '—' | '无'));
        filled.then(|| text.to_owned())
    }

    fn fen(&self, field: Field) -> bool {
        self.table.fields.iter().flatten().any(|(known, fen)| *known == field && *fen)
    }
}

impl<'a> Maker<'a> {
    pub fn new(kind: ExhibitKind, exhibit: ExhibitId, roles: &'a Roles) -> Self {
        Self { kind, exhibit, roles, rows: Vec::new(), notes: Vec::new(), told: Vec::new() }
    }

    pub fn table(&mut self, table: &Table) {
        for line in &table.rows {
            let place = Place { exhibit: self.exhibit, line: line.line, sheet: table.sheet.clone() };
            if line.cells.iter().any(|cell| cell.contains('\u{fffd}')) {
                self.note(&place, About::BadBytes);
            }
            if is_sum(line) {
                self.note(&place, About::NotARow { text: beginning(&line.cells.join(" ")) });
                continue;
            }
            self.row(&Cells { table, line, place });
        }
    }

    pub fn note(&mut self, place: &Place, about: About) {
        self.notes.push(Note { place: place.clone(), about });
    }

    fn row(&mut self, cells: &Cells<'_>) {
        match self.kind {
            ExhibitKind::Chat | ExhibitKind::Mail | ExhibitKind::PlatformNotice => self.message(cells),
            ExhibitKind::Order => self.order(cells),
            ExhibitKind::Payment => self.payment(cells),
            ExhibitKind::Logistics => self.trace(cells),
            ExhibitKind::AfterSale => self.after_sale(cells),
            ExhibitKind::BuyerRecord => self.buyer_record(cells),
            ExhibitKind::Review => self.review(cells),
            ExhibitKind::CallLog => self.call(cells),
            ExhibitKind::PriceRecord => self.price(cells),
            _ => {}
        }
    }

    fn put(&mut self, cells: &Cells<'_>, row: Row) {
        self.rows.push((cells.place.clone(), row));
    }

    /// The moment without which there is no row.
    fn time(&mut self, cells: &Cells<'_>, field: Field) -> Option<When> {
        let written = cells.text(field);
        let when = When::read(written);
        if when.is_none() {
            self.note(&cells.place, About::NoTime { written: beginning(written) });
        }
        when
    }

    /// A moment that may be missing.
    fn part_time(&mut self, cells: &Cells<'_>, field: Field) -> Option<When> {
        let written = cells.own(field)?;
        let when = When::read(&written);
        if when.is_none() {
            let column = cells.at(field).and_then(|at| cells.table.header.get(at)).cloned().unwrap_or_default();
            self.note(&cells.place, About::PartTime { column, written: beginning(&written) });
        }
        when
    }

    fn id(&mut self, cells: &Cells<'_>, field: Field) -> Option<String> {
        let text = cells.own(field)?;
        if is_rounded(&text) {
            self.note(&cells.place, About::RoundedId { written: beginning(&text) });
            return None;
        }
        Some(text)
    }

    fn amount(&mut self, cells: &Cells<'_>, field: Field) -> Option<i64> {
        let text = cells.own(field)?;
        let amount = if cells.fen(field) {
            text.parse().ok().or_else(|| money::fen(&text).filter(|fen| fen % 100 == 0).map(|fen| fen / 100))
        } else {
            money::fen(&text)
        };
        if amount.is_none() {
            self.note(&cells.place, About::NoAmount { written: beginning(&text) });
        }
        amount
    }

    /// Whose words they are, with a note once a name where that is not certain.
    pub fn who(&mut self, place: &Place, role: &str, name: &str) -> Who {
        let (who, known) = self.roles.who(role, name);
        let shown = if name.is_empty() { role } else { name };
        if known != Known::Told && !self.told.iter().any(|told| told == shown) {
            self.told.push(shown.to_owned());
            let name = beginning(shown);
            let about = if known == Known::No { About::UnknownSender { name } } else { About::RoleByName { name } };
            self.note(place, about);
        }
        who
    }

    fn message(&mut self, cells: &Cells<'_>) {
        let Some(when) = self.time(cells, Field::Time) else { return };
        let (sender, role) = (cells.text(Field::Sender), cells.text(Field::Role));
        let who = match cells.text(Field::Outgoing).to_lowercase().as_str() {
            "1" | "true" | "是" | "yes" => Who::Merchant,
            "0" | "false" | "否" | "no" => Who::Buyer,
            _ => self.who(&cells.place, role, sender),
        };
        let sender = if sender.is_empty() { role } else { sender }.to_owned();
        let order = self.id(cells, Field::Order);
        self.put(cells, Row::Message { when, who, sender, text: cells.text(Field::Text).to_owned(), order });
    }

    fn order(&mut self, cells: &Cells<'_>) {
        let Some(order) = self.id(cells, Field::Order) else {
            return self.note(&cells.place, About::Lacks { field: Field::Order.name().to_owned() });
        };
        let row = Row::Order {
            order,
            buyer: cells.own(Field::Buyer),
            listing: self.id(cells, Field::Listing),
            amount: self.amount(cells, Field::Amount),
            ordered: self.part_time(cells, Field::Ordered),
            paid: self.part_time(cells, Field::Paid),
            promised: self.part_time(cells, Field::Promised),
            sent: self.part_time(cells, Field::Sent),
            received: self.part_time(cells, Field::Received),
            waybill: self.id(cells, Field::Waybill),
            status: cells.own(Field::OrderStatus),
        };
        self.put(cells, row);
    }

    fn payment(&mut self, cells: &Cells<'_>) {
        let Some(when) = self.time(cells, Field::Time) else { return };
        let (order, serial) = (self.id(cells, Field::Order), self.id(cells, Field::Serial));
        let label = cells.text(Field::Label).to_lowercase();
        let is_refund = headers().words.refund.iter().any(|word| label.contains(word.as_str()));
        let (paid, refunded) = (self.amount(cells, Field::Amount), self.amount(cells, Field::Refund));
        if paid.is_none() && refunded.is_none() {
            let written = cells.text(Field::Amount);
            if written.is_empty() {
                self.note(&cells.place, About::NoAmount { written: String::new() });
            }
            return;
        }
        if let Some(amount) = paid.filter(|paid| *paid != 0) {
            let amount = if is_refund { -amount.abs() } else { amount };
            self.put(cells, Row::Payment { when: when.clone(), order: order.clone(), amount, serial: serial.clone() });
        }
        if let Some(amount) = refunded.filter(|refunded| *refunded != 0 && !(is_refund && paid.is_some_and(|p| p != 0)))
        {
            self.put(cells, Row::Payment { when, order, amount: -amount.abs(), serial });
        }
    }

    fn trace(&mut self, cells: &Cells<'_>) {
        let Some(when) = self.time(cells, Field::Time) else { return };
        let (label, text) = (cells.text(Field::Label), cells.text(Field::Text));
        let told = step(text);
        let (told, text) = match (told, text.is_empty()) {
            (Step::Other, _) => (step(label), if text.is_empty() { label } else { text }),
            (told, _) => (told, text),
        };
        let (waybill, order) = (self.id(cells, Field::Waybill), self.id(cells, Field::Order));
        self.put(cells, Row::Trace { when, waybill, order, step: told, text: text.to_owned() });
    }

    fn after_sale(&mut self, cells: &Cells<'_>) {
        let Some(when) = self.time(cells, Field::Time) else { return };
        let by = self.who(&cells.place, cells.text(Field::Role), "");
        let parts = [cells.text(Field::Label), cells.text(Field::Text)];
        let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("：");
        let order = self.id(cells, Field::Order);
        self.put(cells, Row::AfterSale { when, order, by, text });
    }

    /// What a buyer did: one row of the export may tell of an order, a request and a review.
    fn buyer_record(&mut self, cells: &Cells<'_>) {
        let before = self.rows.len();
        let (order, buyer) = (self.id(cells, Field::Order), cells.own(Field::Buyer));
        if order.is_some() {
            self.order(cells);
        }
        if let Some(when) = self.part_time(cells, Field::AfterSaleTime) {
            let text = cells.text(Field::AfterSaleText).to_owned();
            self.put(cells, Row::AfterSale { when, order: order.clone(), by: Who::Buyer, text });
        }
        if cells.own(Field::Stars).is_some() || cells.own(Field::ReviewText).is_some() {
            self.review_of(cells, order, buyer);
        }
        if self.rows.len() == before {
            self.note(&cells.place, About::Lacks { field: Field::Order.name().to_owned() });
        }
    }

    fn review(&mut self, cells: &Cells<'_>) {
        let (order, buyer) = (self.id(cells, Field::Order), cells.own(Field::Buyer));
        self.review_of(cells, order, buyer);
    }

    fn review_of(&mut self, cells: &Cells<'_>, order: Option<String>, buyer: Option<String>) {
        let stars = cells.own(Field::Stars).and_then(|text| stars(&text));
        let (when, review) = (self.part_time(cells, Field::ReviewTime), self.id(cells, Field::Review));
        let text = cells.text(Field::ReviewText).to_owned();
        self.put(cells, Row::Review { when, review, order, buyer, stars, text });
    }

    fn call(&mut self, cells: &Cells<'_>) {
        let Some(when) = self.time(cells, Field::Time) else { return };
        let (result, duration) = (cells.text(Field::Answered), cells.text(Field::Duration));
        let lower = result.to_lowercase().replace([' ', '_', '-'], "");
        let words = &headers().words;
        // One figure or letter is the whole cell, never a part of it.
        let says = |list: &[String]| {
            list.iter()
                .any(|word| if word.chars().count() > 1 { lower.contains(word.as_str()) } else { lower == *word })
        };
        let talked = duration.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        let answered = if lower.is_empty() { talked } else { !says(&words.unanswered) && says(&words.answered) };
        let parts = [cells.text(Field::Text), result, duration];
        let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        self.put(cells, Row::Call { when, answered, text });
    }

    fn price(&mut self, cells: &Cells<'_>) {
        let Some(when) = self.time(cells, Field::Time) else { return };
        let listing = self.id(cells, Field::Listing);
        match self.amount(cells, Field::Amount) {
            Some(amount) => self.put(cells, Row::Price { when, listing, amount }),
            None if cells.own(Field::Amount).is_none() => {
                self.note(&cells.place, About::NoAmount { written: String::new() });
            }
            None => {}
        }
    }
}

/// `1.23457E+18`, or `6.921734976512346E18`.
fn is_rounded(id: &str) -> bool {
    let Some((figures, power)) = id.split_once(['E', 'e']) else { return false };
    let power = power.trim_start_matches('+');
    !power.is_empty()
        && power.bytes().all(|byte| byte.is_ascii_digit())
        && figures.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && figures.contains('.')
}

/// `1`, `5.0`, `4星`, `★★`.
fn stars(text: &str) -> Option<u8> {
    let shown = text.chars().filter(|c| *c == '★').count();
    if shown > 0 {
        return u8::try_from(shown).ok().filter(|stars| *stars <= 5);
    }
    let figures = text.trim_end_matches(['星', '分', '级']).trim();
    let figures = figures.strip_suffix(".0").unwrap_or(figures);
    figures.parse().ok().filter(|stars| (1..=5).contains(stars))
}

fn is_sum(line: &Line) -> bool {
    let first = line.cells.iter().find(|cell| !cell.is_empty()).map(|cell| cell.to_lowercase()).unwrap_or_default();
    headers().words.sums.iter().any(|word| match word.as_str() {
        "#" | "---" => first.starts_with(word.as_str()),
        word => first.trim_end_matches(['：', ':']) == word,
    })
}
