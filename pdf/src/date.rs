//! The time of the document, the only clock that a PDF sees: equal documents give equal bytes.

use krilla::metadata::DateTime;

use crate::error::Error;

/// Reads an RFC 3339 time.
pub fn parse(text: &str) -> Result<DateTime, Error> {
    read(text).ok_or_else(|| Error::Date { text: text.to_owned() })
}

fn read(text: &str) -> Option<DateTime> {
    let bytes = text.as_bytes();
    let separators = [(4, "-"), (7, "-"), (10, "Tt "), (13, ":"), (16, ":")];
    if !separators.iter().all(|&(at, any)| bytes.get(at).is_some_and(|byte| any.as_bytes().contains(byte))) {
        return None;
    }
    let number = |from: usize, to: usize, least: u16, most: u16| -> Option<u16> {
        let digits = bytes.get(from..to).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
        let value = digits.iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
        (least..=most).contains(&value).then_some(value)
    };
    let date = DateTime::new(number(0, 4, 0, 9999)?)
        .month(number(5, 7, 1, 12)? as u8)
        .day(number(8, 10, 1, 31)? as u8)
        .hour(number(11, 13, 0, 23)? as u8)
        .minute(number(14, 16, 0, 59)? as u8)
        .second(number(17, 19, 0, 60)?.min(59) as u8);
    let mut zone = 19;
    if bytes.get(zone) == Some(&b'.') {
        let digits = bytes[zone + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        zone += 1 + digits;
        if digits == 0 {
            return None;
        }
    }
    match bytes.get(zone..)? {
        b"Z" | b"z" => Some(date.utc_offset_hour(0).utc_offset_minute(0)),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let hours = number(zone + 1, zone + 3, 0, 23)? as i8;
            let minutes = number(zone + 4, zone + 6, 0, 59)? as u8;
            Some(date.utc_offset_hour(if *sign == b'-' { -hours } else { hours }).utc_offset_minute(minutes))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn times_with_zone_are_read() {
        for text in ["2026-11-22T10:30:00+08:00", "2026-11-22T10:30:00Z", "2026-11-22T10:30:00.123456-05:30"] {
            assert!(read(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T10:30:00",
            "2026-13-22T10:30:00Z",
            "2026-11-22T24:30:00Z",
            "十年-11-22T10:30:00Z",
            "2026-11-22T10:30:00.Z",
            "2026-11-22T10:30:00+8:00",
            "2026-11-22T10:30:00Z ",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
