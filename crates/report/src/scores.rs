//! `detector,record_kind,record,score`: one row for every record that a scoring detector judged, for measurements.
//!
//! A program reads this, so a record's key stands as it is: quoted where CSV asks for it, never formula-escaped.

use huoyan_model::{RunHeader, RunSummary, ScoreRow};

use crate::sink::Sink;
use crate::{Error, Output};

pub(crate) struct Scores {
    writer: ::csv::Writer<Vec<u8>>,
    sink: Sink,
}

impl Scores {
    pub(crate) fn new(sink: Sink) -> Self {
        Self { writer: ::csv::Writer::from_writer(Vec::new()), sink }
    }

    fn row(&mut self, cells: [&str; 4]) -> Result<(), Error> {
        self.writer.write_record(cells).map_err(|e| Error::format(self.sink.name(), e))?;
        self.writer.flush().map_err(|e| self.sink.error(e))?;
        self.sink.put(self.writer.get_ref())?;
        // The buffer is only a line long: write it out and start it afresh.
        self.writer = ::csv::Writer::from_writer(Vec::new());
        Ok(())
    }
}

impl Output for Scores {
    fn begin(&mut self, _header: &RunHeader) -> Result<(), Error> {
        self.row(["detector", "record_kind", "record", "score"])
    }

    fn score(&mut self, row: &ScoreRow) -> Result<(), Error> {
        let score = digits(row.score);
        self.row([&row.detector, row.record_kind.as_str(), &row.record, &score])
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        self.sink.commit_marked(summary)
    }
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
