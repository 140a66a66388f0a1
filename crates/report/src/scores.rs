//! `detector,record_kind,record,score`: one row for every record that a scoring detector judged, for measurements.
//!
//! A program reads this, so a record's key stands as it is: quoted where CSV asks for it, never formula-escaped.

use huoyan_model::{RunHeader, RunSummary, ScoreRow};

use crate::sink::Sink;
use crate::{Error, Output};

pub(crate) struct Scores {
    sink: Sink,
    line: String,
}

impl Scores {
    pub(crate) fn new(sink: Sink) -> Self {
        Self { sink, line: String::new() }
    }
}

impl Output for Scores {
    fn begin(&mut self, _header: &RunHeader) -> Result<(), Error> {
        self.sink.put(b"detector,record_kind,record,score\n")
    }

    fn score(&mut self, row: &ScoreRow) -> Result<(), Error> {
        self.line.clear();
        push_field(&row.detector, &mut self.line);
        self.line.push(',');
        self.line.push_str(row.record_kind.as_str());
        self.line.push(',');
        push_field(&row.record, &mut self.line);
        self.line.push(',');
        self.line.push_str(&digits(row.score));
        self.line.push('\n');
        self.sink.put(self.line.as_bytes())
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        self.sink.commit_marked(summary)
    }
}

/// Appends a CSV field, quoted where RFC 4180 asks for it.
fn push_field(text: &str, line: &mut String) {
    if !text.contains([',', '"', '\n', '\r']) {
        line.push_str(text);
        return;
    }
    line.push('"');
    for c in text.chars() {
        if c == '"' {
            line.push('"');
        }
        line.push(c);
    }
    line.push('"');
}

/// A number with 17 significant digits, as C's `%.17g` writes it: enough to read back the very same number.
pub(crate) fn digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let scientific = format!("{value:.16e}");
    let (mantissa, exponent) = scientific.split_once('e').expect("invariant: the `e` form of a number has an exponent");
    let exponent: i32 = exponent.parse().expect("invariant: the exponent is a whole number");
    if !(-5..17).contains(&exponent) {
        return format!("{}e{exponent}", trim(mantissa));
    }
    let decimals = usize::try_from(16 - exponent).expect("invariant: the exponent is at most 16");
    trim(&format!("{value:.decimals$}")).to_owned()
}

fn trim(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn every_score_reads_back_as_itself() {
        for value in
            [0.0, 1.0, 0.5, 0.1, 1.0 / 3.0, 0.999_999_999_999_999_9, 1e-5, 1.234e-9, f64::MIN_POSITIVE, 123.456]
        {
            let text = digits(value);
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits(), "{text}");
        }
    }

    #[test]
    fn it_is_written_as_c_writes_it() {
        assert_eq!(digits(0.1), "0.10000000000000001");
        assert_eq!(digits(0.5), "0.5");
        assert_eq!(digits(1.0), "1");
        assert_eq!(digits(0.0), "0");
        assert_eq!(digits(2.0 / 3.0), "0.66666666666666663");
        assert_eq!(digits(1e-7), "9.9999999999999995e-8");
    }
}
