//! Chats as plain text, as people copy them or programs export them.
//!
//! ```text
//! 2026-11-05 10:20:33 买家昵称：……        [2026-11-05 10:20:33] 客服小王: ……
//! 买家昵称 2026-11-05 10:20:33             —— 2026年11月5日 ——
//! ……                                      [10:20] 客服小王: ……
//! ```

use chrono::NaiveDate;

use super::error::About;
use super::rows::Maker;
use super::table::beginning;
use super::when::{Found, leading};
use super::{Place, Row, When};

/// Names are not longer; a line with a colon after more than that is text.
const LONGEST_NAME: usize = 32;

/// What a line is.
enum Kind<'a> {
    /// A day, alone: the times that follow are of it.
    Day(NaiveDate),
    /// A moment, alone: names with texts follow.
    Moment(When),
    /// Who wrote when; the text may follow in the next lines.
    Head { when: When, name: &'a str, text: Option<&'a str> },
    /// A time, and no day is known.
    NoDay(&'a str),
    /// Anything else.
    Text,
}

pub(super) fn read(text: &str, maker: &mut Maker<'_>, most: usize) {
    let (mut day, mut moment): (Option<NaiveDate>, Option<When>) = (None, None);
    let mut open: Option<Open> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let place = Place { exhibit: maker.exhibit, line: number, sheet: String::new() };
        if line.contains('\u{fffd}') {
            maker.note(&place, About::BadBytes);
        }
        let bare = line.trim().trim_start_matches('\u{feff}');
        match kind(bare, day) {
            Kind::Day(found) => {
                close(&mut open, maker);
                (day, moment) = (Some(found), None);
            }
            Kind::Moment(when) => {
                close(&mut open, maker);
                day = Some(when.at.china_date());
                moment = Some(when);
            }
            Kind::Head { when, name, text } => {
                close(&mut open, maker);
                day = Some(when.at.china_date());
                moment = None;
                open = Some(Open::new(place, when, name, text));
            }
            Kind::NoDay(written) => {
                close(&mut open, maker);
                maker.note(&place, About::NoTime { written: beginning(written) });
            }
            Kind::Text => match (named(bare), &moment, &mut open) {
                (Some((name, text)), Some(when), _) => {
                    let next = Open::new(place, when.clone(), name, Some(text));
                    close(&mut open, maker);
                    open = Some(next);
                }
                (_, _, Some(open)) => open.lines.push(line.trim_end().to_owned()),
                _ if bare.is_empty() => {}
                _ => maker.note(&place, About::NotARow { text: beginning(bare) }),
            },
        }
        if maker.rows.len() >= most {
            maker.note(&Place::whole(maker.exhibit), About::MoreRows { limit: most as u64 });
            return;
        }
    }
    close(&mut open, maker);
}

/// A message whose text may go on.
struct Open {
    place: Place,
    when: When,
    name: String,
    lines: Vec<String>,
}

impl Open {
    fn new(place: Place, when: When, name: &str, text: Option<&str>) -> Self {
        let lines = text.map(|text| text.trim().to_owned()).into_iter().collect();
        Self { place, when, name: name.trim().to_owned(), lines }
    }
}

fn close(open: &mut Option<Open>, maker: &mut Maker<'_>) {
    let Some(Open { place, when, name, lines }) = open.take() else { return };
    let who = maker.who(&place, "", &name);
    let text = lines.join("\n").trim().to_owned();
    maker.rows.push((place, Row::Message { when, who, sender: name, text, order: None }));
}

fn kind(line: &str, day: Option<NaiveDate>) -> Kind<'_> {
    let framed = line.trim_matches(['-', '—', '=', '*', '─', '–', ' ']);
    if let Some((found, "")) = leading(framed, None)
        && let (Some(day), None) = (found.day, found.time)
    {
        return Kind::Day(day);
    }
    let opened = line.trim_start_matches(['[', '【', '(', '（', '「']);
    if let Some((found, rest)) = leading(opened, day)
        && found.time.is_some()
    {
        let written = &opened[..opened.len() - rest.len()];
        let rest = rest.trim_start_matches([']', '】', ')', '）', '」']);
        return begins(found, written, rest);
    }
    ends(line, day).unwrap_or(Kind::Text)
}

/// `<moment> name: text`, `<moment> name`, `<moment>`.
fn begins<'a>(found: Found, written: &'a str, rest: &'a str) -> Kind<'a> {
    // `10:20到货` is text; a name is set off, or the moment stood in brackets.
    let Some(when) = found.when(written) else {
        return if found.day.is_none() && named(rest.trim()).is_some() { Kind::NoDay(written) } else { Kind::Text };
    };
    let set_off = rest.is_empty() || rest.starts_with([' ', '\t', '\u{3000}', '|', '-', ',']) || found.day_written;
    let rest = rest.trim_start_matches([' ', '\t', '\u{3000}', '|', '-', ',', ':', '：']).trim_end();
    if !set_off && named(rest).is_none() {
        return Kind::Text;
    }
    match named(rest) {
        Some((name, text)) => Kind::Head { when, name, text: Some(text) },
        None if rest.is_empty() => Kind::Moment(when),
        None if rest.chars().count() <= LONGEST_NAME
            && found.day_written
            && !rest.contains(['。', '，', '？', '！']) =>
        {
            Kind::Head { when, name: rest, text: None }
        }
        None => Kind::Text,
    }
}

/// `name <moment>`, `name(<moment>): text`.
fn ends(line: &str, day: Option<NaiveDate>) -> Option<Kind<'_>> {
    for (at, c) in line.char_indices().take(LONGEST_NAME + 1).filter(|(at, _)| *at > 0) {
        if !matches!(c, ' ' | '\t' | '\u{3000}' | '(' | '（' | '[' | '【') {
            continue;
        }
        let name = line[..at].trim();
        let behind = line[at..].trim_start_matches([' ', '\t', '\u{3000}', '(', '（', '[', '【']);
        let Some((found, rest)) = leading(behind, day) else { continue };
        let written = &behind[..behind.len() - rest.len()];
        let rest = rest.trim_start_matches([')', '）', ']', '】', ' ', '\t']);
        if found.time.is_none() || name.is_empty() || name.contains(['：', '，', '。']) {
            continue;
        }
        let when = found.when(written)?;
        if rest.is_empty() {
            return Some(Kind::Head { when, name, text: None });
        }
        if let Some(text) = rest.strip_prefix(['：', ':']) {
            return Some(Kind::Head { when, name, text: Some(text) });
        }
    }
    None
}

/// `name: text`.
fn named(line: &str) -> Option<(&str, &str)> {
    let at = line.find(['：', ':'])?;
    let name = line[..at].trim();
    let known = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.contains(['，', '。', '？', '！', '；', '\n'])
        && !name.ends_with("http")
        && !name.ends_with("https")
        && !name.bytes().all(|byte| byte.is_ascii_digit());
    let colon = line[at..].chars().next().map_or(1, char::len_utf8);
    known.then(|| (name, line[at + colon..].trim()))
}
