//! Moments as exports write them.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta};

use super::When;
use crate::deadline::Instant;

/// Excel counts days from here (its 1900 system, with the day that never was).
const EXCEL_EPOCH: (i32, u32, u32) = (1899, 12, 30);
/// Serials within these are days from 1970 to 2100; other numbers are no dates.
const EXCEL_DAYS: std::ops::RangeInclusive<f64> = 25_569.0..=73_415.0;
/// Unix seconds within these are moments from 2000 to 2100.
const UNIX: std::ops::RangeInclusive<i64> = 946_684_800..=4_102_444_800;

impl When {
    /// Reads a moment, in any of the forms in which exports write one: RFC 3339, `2026-11-05 10:20:33`, `2026/11/5 10:20`, `2026年11月5日 10:20`,
    /// `20261105102033`, Unix seconds or milliseconds, an Excel serial, the date of an e-mail.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches(['[', ']', '【', '】', '"', '\u{feff}']).trim();
        if text.is_empty() || text.len() > 64 {
            return None;
        }
        if let Some((moment, rest)) = leading(text, None)
            && rest.is_empty()
        {
            return moment.when(text);
        }
        number(text).or_else(|| mail(text))
    }
}

/// A date and a time that were found at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// `None` where only a time of day stands and no day was given.
    pub day: Option<NaiveDate>,
    /// Whether the day itself was written here.
    pub day_written: bool,
    pub time: Option<NaiveTime>,
    /// East of Greenwich, in minutes.
    pub zone: Option<i32>,
}

impl Found {
    pub fn when(self, written: &str) -> Option<When> {
        let local = self.day?.and_time(self.time.unwrap_or(NaiveTime::MIN));
        let zone = chrono::FixedOffset::east_opt(self.zone.unwrap_or(8 * 60) * 60)?;
        let at = local.and_local_timezone(zone).single()?;
        Some(When {
            at: Instant::parse(&at.to_rfc3339()).ok()?,
            written: written.trim().to_owned(),
            zoned: self.zone.is_some(),
            day_only: self.time.is_none(),
        })
    }
}

/// Reads a moment at the beginning of a text and gives what stands behind it. `day` is the day of a time that stands alone.
pub(super) fn leading(text: &str, day: Option<NaiveDate>) -> Option<(Found, &str)> {
    let mut at = Cursor(text);
    let written = at.date();
    if written.is_some() {
        at.between();
    }
    let before = at.0;
    let time = at.time();
    if time.is_none() {
        at.0 = before;
    }
    let day_written = written.is_some();
    let day = match (written, time) {
        (Some(day), _) => Some(day),
        (None, Some(_)) => day,
        (None, None) => return None,
    };
    let mut zone = None;
    if time.is_some() {
        zone = at.zone();
    }
    // `2026-11-05-1` and `10:20:3` in front of more figures are other things.
    if at.0.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = if time.is_none() && day_written { at.0.trim_start_matches(['T', ' ']) } else { at.0 };
    Some((Found { day, day_written, time, zone }, rest))
}

struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (number, rest) = self.0.split_at(count);
        self.0 = rest;
        number.parse().ok()
    }

    fn one_of(&mut self, marks: &[&str]) -> Option<&'a str> {
        let mark = marks.iter().find(|mark| self.0.starts_with(**mark))?;
        let (found, rest) = self.0.split_at(mark.len());
        self.0 = rest;
        Some(found)
    }

    fn blanks(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\u{a0}', '\u{3000}', '\t']);
    }

    /// Between a date and its time.
    fn between(&mut self) {
        if self.0.strip_prefix('T').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            self.0 = &self.0[1..];
            return;
        }
        self.blanks();
        for week in ["星期", "周"] {
            if let Some(rest) = self.0.strip_prefix(week) {
                self.0 = rest.trim_start_matches(['一', '二', '三', '四', '五', '六', '日', '天']);
                self.blanks();
            }
        }
    }

    fn date(&mut self) -> Option<NaiveDate> {
        let begin = self.0;
        let found = self.separated().or_else(|| {
            self.0 = begin;
            self.compact()
        });
        if found.is_none() {
            self.0 = begin;
        }
        found
    }

    fn separated(&mut self) -> Option<NaiveDate> {
        let year = self.digits(4, 4)?;
        let mark = self.one_of(&["-", "/", ".", "年"])?;
        self.blanks();
        let month = self.digits(1, 2)?;
        self.one_of(if mark == "年" { &["月"] } else { std::slice::from_ref(&mark) })?;
        self.blanks();
        let day = self.digits(1, 2)?;
        if mark == "年" {
            self.one_of(&["日", "号"]);
        }
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
    }

    /// `20261105`, with a time behind it or nothing.
    fn compact(&mut self) -> Option<NaiveDate> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if !matches!(count, 8 | 14) || !self.0.starts_with("20") && !self.0.starts_with("19") {
            return None;
        }
        let (year, month, day) = (self.digits(4, 4)?, self.digits(2, 2)?, self.digits(2, 2)?);
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
    }

    fn time(&mut self) -> Option<NaiveTime> {
        let half = self.one_of(&["上午", "下午", "晚上", "中午", "早上", "凌晨", "傍晚"]);
        self.blanks();
        if half.is_none() && self.0.len() >= 6 && self.0.bytes().take(7).take_while(u8::is_ascii_digit).count() == 6 {
            let (hour, minute, second) = (self.digits(2, 2)?, self.digits(2, 2)?, self.digits(2, 2)?);
            return NaiveTime::from_hms_opt(hour, minute, second);
        }
        let mut hour = self.digits(1, 2)?;
        let mark = self.one_of(&[":", "：", "时", "点"])?;
        let minute = self.digits(if mark == "时" || mark == "点" { 1 } else { 2 }, 2)?;
        let mut second = 0;
        match mark {
            "时" | "点" => {
                self.one_of(&["分"]);
                if self.0.starts_with(|c: char| c.is_ascii_digit()) {
                    second = self.digits(1, 2)?;
                    self.one_of(&["秒"]);
                }
            }
            _ => {
                let before = self.0;
                // `10:20: text` has no seconds, `10:20:33` has.
                if self.one_of(&[mark]).is_some() {
                    match self.digits(2, 2) {
                        Some(read) => second = read,
                        None => self.0 = before,
                    }
                }
                if self.0.starts_with(['.', ',']) && self.0[1..].starts_with(|c: char| c.is_ascii_digit()) {
                    self.0 = self.0[1..].trim_start_matches(|c: char| c.is_ascii_digit());
                }
            }
        }
        let before = self.0;
        self.blanks();
        let half = half.or_else(|| self.one_of(&["AM", "PM", "am", "pm"]));
        if half.is_none() {
            self.0 = before;
        }
        match half {
            Some("下午" | "晚上" | "傍晚" | "PM" | "pm") if hour < 12 => hour += 12,
            Some("中午") if hour < 3 => hour += 12,
            Some("AM" | "am" | "凌晨") if hour == 12 => hour = 0,
            _ => {}
        }
        NaiveTime::from_hms_opt(hour, minute, second)
    }

    fn zone(&mut self) -> Option<i32> {
        let begin = self.0;
        self.blanks();
        let named = self.one_of(&["UTC", "GMT", "Z", "(北京时间)", "（北京时间）", "北京时间", "CST"]);
        if named.is_some_and(|name| name.contains("北京") || name == "CST") {
            return Some(8 * 60);
        }
        let signed = self.offset();
        match (named, signed) {
            (_, Some(minutes)) => Some(minutes),
            (Some(_), None) if !self.0.starts_with(|c: char| c.is_ascii_alphanumeric()) => Some(0),
            _ => {
                self.0 = begin;
                None
            }
        }
    }

    /// `+08:00`, `+0800`, `+8`.
    fn offset(&mut self) -> Option<i32> {
        let begin = self.0;
        let read = (|| {
            let sign = if self.one_of(&["+", "-", "−"])? == "+" { 1 } else { -1 };
            let hours = self.digits(1, 2)?;
            self.one_of(&[":"]);
            let minutes = if self.0.starts_with(|c: char| c.is_ascii_digit()) { self.digits(2, 2)? } else { 0 };
            let all = i32::try_from(hours * 60 + minutes).ok()?;
            (hours <= 14 && minutes < 60).then_some(sign * all)
        })();
        if read.is_none() {
            self.0 = begin;
        }
        read
    }
}

/// Unix time or an Excel serial.
fn number(text: &str) -> Option<When> {
    let whole = text.bytes().all(|byte| byte.is_ascii_digit());
    if whole && matches!(text.len(), 10 | 13) {
        let number: i64 = text.parse().ok()?;
        let seconds = if text.len() == 13 { number / 1_000 } else { number };
        let at = UNIX.contains(&seconds).then(|| DateTime::from_timestamp(seconds, 0)).flatten()?;
        // A count of seconds names its moment, whatever the zone.
        let at = Instant::parse(&at.to_rfc3339()).ok()?.to_china();
        return Some(When { at, written: text.to_owned(), zoned: true, day_only: false });
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let serial: f64 = text.parse().ok()?;
    if !EXCEL_DAYS.contains(&serial) {
        return None;
    }
    let (year, month, day) = EXCEL_EPOCH;
    let midnight = NaiveDate::from_ymd_opt(year, month, day)?.and_time(NaiveTime::MIN);
    let local = midnight.checked_add_signed(TimeDelta::try_seconds((serial * 86_400.0).round() as i64)?)?;
    let at = Instant::in_china(local.date(), local.time())?;
    Some(When { at, written: text.to_owned(), zoned: false, day_only: whole })
}

/// `Thu, 5 Nov 2026 10:20:33 +0800`.
fn mail(text: &str) -> Option<When> {
    let plain = text.split(" (").next().unwrap_or(text);
    let at = DateTime::parse_from_rfc2822(plain).ok()?;
    // `-0000` says that the zone is not known.
    let zoned = !plain.trim_end().ends_with("-0000");
    Some(When { at: Instant::parse(&at.to_rfc3339()).ok()?, written: text.to_owned(), zoned, day_only: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_moments_as_exports_write_them() {
        for (text, at, zoned, day_only) in [
            ("2026-11-05 10:20:33", "2026-11-05T10:20:33+08:00", false, false),
            ("2026-11-05T10:20:33Z", "2026-11-05T10:20:33+00:00", true, false),
            ("2026-11-05T10:20:33.123+08:00", "2026-11-05T10:20:33+08:00", true, false),
            ("2026-11-05 10:20:33 +0800", "2026-11-05T10:20:33+08:00", true, false),
            ("2026-11-05 02:20:33 UTC", "2026-11-05T02:20:33+00:00", true, false),
            ("2026-11-05 02:20:33 GMT+1", "2026-11-05T02:20:33+01:00", true, false),
            ("2026/11/5 10:20", "2026-11-05T10:20:00+08:00", false, false),
            ("2026/11/5 上午10:20", "2026-11-05T10:20:00+08:00", false, false),
            ("2026/11/5 下午 3:05:09", "2026-11-05T15:05:09+08:00", false, false),
            ("2026.11.05 10:20", "2026-11-05T10:20:00+08:00", false, false),
            ("2026年11月5日 10:20", "2026-11-05T10:20:00+08:00", false, false),
            ("2026年11月5日 星期四 10时20分33秒", "2026-11-05T10:20:33+08:00", false, false),
            ("2026-11-05 10:20:33 (北京时间)", "2026-11-05T10:20:33+08:00", true, false),
            ("2026-11-05", "2026-11-05T00:00:00+08:00", false, true),
            ("20261105", "2026-11-05T00:00:00+08:00", false, true),
            ("20261105102033", "2026-11-05T10:20:33+08:00", false, false),
            ("1793845233", "2026-11-05T02:20:33+00:00", true, false),
            ("1793845233000", "2026-11-05T02:20:33+00:00", true, false),
            ("46331.430937", "2026-11-05T10:20:33+08:00", false, false),
            ("46331", "2026-11-05T00:00:00+08:00", false, true),
            ("Thu, 5 Nov 2026 10:20:33 +0800 (CST)", "2026-11-05T10:20:33+08:00", true, false),
            ("[2026-11-05 10:20:33]", "2026-11-05T10:20:33+08:00", false, false),
        ] {
            let when = When::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(when.at, Instant::parse(at).unwrap(), "{text}");
            assert_eq!((when.zoned, when.day_only), (zoned, day_only), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "-",
            "昨天 10:20",
            "10:20",
            "2026-13-05",
            "2026-02-30",
            "2026-11-05 25:00",
            "6921734976512345678",
            "12",
            "2026-11-05 10:20:33 后",
            "99999999999999",
            "138001380001",
            "2026-11",
            "5/11/2026",
            "NaN",
            "infinity",
        ] {
            assert_eq!(When::read(text), None, "{text}");
        }
    }
}
