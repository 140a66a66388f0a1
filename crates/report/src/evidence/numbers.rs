//! Numbers as a person reads them.

/// An amount: whole from ten up, else with one digit, or two below one.
pub(crate) fn amount(value: f64) -> String {
    let text = match value {
        value if value >= 10.0 => format!("{value:.0}"),
        value if value >= 1.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A chance: what is smaller than one in a hundred thousand is said to be.
pub(crate) fn chance(p: f64) -> String {
    match p {
        p if p < 1e-5 => "< 0.00001".to_owned(),
        p if p < 0.001 => format!("{p:.5}"),
        p => format!("{p:.3}"),
    }
}

/// A contribution, its sign always shown.
pub(crate) fn signed(value: f64) -> String {
    format!("{}{:.2}", if value < 0.0 { '−' } else { '+' }, value.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_more_digits_than_are_read() {
        assert_eq!([2.14, 23.0, 0.034, 3.0].map(amount), ["2.1", "23", "0.03", "3"]);
        assert_eq!([1e-9, 0.000_5, 0.25].map(chance), ["< 0.00001", "0.00050", "0.250"]);
        assert_eq!([-1.0, 0.5].map(signed), ["−1.00", "+0.50"]);
    }
}
