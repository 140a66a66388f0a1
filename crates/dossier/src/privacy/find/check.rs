//! Check figures and shapes of numbers.

use crate::privacy::tables::tables;

/// The check figure of ISO/IEC 7812 (Luhn).
pub fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, byte)| {
            let figure = u32::from(byte.wrapping_sub(b'0'));
            if i % 2 == 0 { figure } else { figure * 2 / 10 + figure * 2 % 10 }
        })
        .sum();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && sum.is_multiple_of(10)
}

/// The check figure of a bar code (EAN-13).
pub fn ean(digits: &str) -> bool {
    let sum: u32 =
        digits.bytes().enumerate().map(|(i, b)| u32::from(b.wrapping_sub(b'0')) * if i % 2 == 0 { 1 } else { 3 }).sum();
    digits.len() == 13 && sum.is_multiple_of(10)
}

/// Whether the first two figures are a region's.
pub fn region(number: &str) -> bool {
    number.get(..2).and_then(|two| two.parse().ok()).is_some_and(|two| tables().places.id_regions.contains(&two))
}

/// The last sign of an identity number (GB 11643, ISO 7064 mod 11-2) for its first seventeen figures.
pub fn identity_sign(seventeen: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if seventeen.len() != 17 || !seventeen.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = seventeen.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    "10X98765432".chars().nth((sum % 11) as usize)
}

/// Whether it is an identity number: region, a day of birth since 1900, check sign.
pub fn identity(number: &str) -> bool {
    let day = || {
        let year: i32 = number.get(6..10)?.parse().ok()?;
        let month = number.get(10..12)?.parse().ok()?;
        let day = number.get(12..14)?.parse().ok()?;
        chrono::NaiveDate::from_ymd_opt(year, month, day).filter(|_| (1900..2100).contains(&year))
    };
    number.len() == 18
        && region(number)
        && number.get(2..6).is_some_and(|rest| rest != "0000")
        && day().is_some()
        && number.get(..17).and_then(identity_sign) == number.chars().last()
}

/// Whether it may be one of the fifteen figures given until 1999, which have no check sign.
pub fn old_identity(number: &str) -> bool {
    let day = || {
        let year: i32 = number.get(6..8)?.parse().ok()?;
        chrono::NaiveDate::from_ymd_opt(
            1900 + year,
            number.get(8..10)?.parse().ok()?,
            number.get(10..12)?.parse().ok()?,
        )
    };
    number.len() == 15 && region(number) && day().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_numbers_need_region_day_and_sign() {
        assert!(identity("11010519491231002X"));
        assert!(!identity("440524188001010014"), "born before 1900");
        for wrong in ["110105194912310021", "00010519491231002X", "11010519491331002X", "11010519491231002", ""] {
            assert!(!identity(wrong), "{wrong}");
        }
    }

    #[test]
    fn luhn_and_ean_take_the_last_figure_only() {
        assert!(luhn("4111111111111111") && !luhn("4111111111111112") && !luhn(""));
        assert!(ean("6901234567892") && !ean("6901234567893"));
    }
}
