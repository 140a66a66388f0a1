//! The sections of the page, each in both languages.

mod account;
mod appeals;
mod campaigns;
mod charts;
mod findings;
mod overview;
mod reasons;

pub(super) use account::{footer, gaps, inputs, replay};
pub(super) use appeals::appeals;
pub(super) use campaigns::{campaigns, shown_campaigns};
pub(super) use charts::charts;
pub(super) use findings::findings;
pub(super) use overview::{banner, figures, masthead};
pub(super) use reasons::reasons;

/// A whole number with commas between groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
