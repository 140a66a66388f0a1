//! A detector that knows all records of a run: prices in a currency that hardly any other listing uses.
//!
//!     cargo run -p huoyan-sdk --features testkit --example corpus
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::collections::BTreeMap;
use std::sync::Arc;

use huoyan_sdk::testkit::{Case, Records, json};
use huoyan_sdk::{Batch, CreateContext, Detector, Error, Finding, Rule, Score, Sink, Task, TaskContext};

const MANIFEST: &str = r#"{"name":"currency","version":"0.1.0","abi":{"major":1,"minor":0},"detectors":[{"name":"currency",
    "summary":{"zh":"罕见币种","en":"rare currencies"},"rules":["CU001"],
    "stages":[{"name":"count","kind":"corpus","reads":{"record":"listing","columns":["currency"]}},
              {"name":"listing","kind":"record","reads":{"record":"listing","columns":["currency"]},"summaries":["count"]}]}]}"#;

const RARE: Rule = Rule::new("CU001");

/// Listings by currency. A sorted map, written as lines: equal counts are equal bytes, whatever the order of merging.
#[derive(Default)]
struct Count(BTreeMap<String, u64>);

impl Count {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(bytes).map_err(|_| Error::internal("a summary is not UTF-8"))?;
        let line = |line: &str| {
            let (count, currency) =
                line.split_once(' ').ok_or_else(|| Error::internal("a summary's line has no count"))?;
            Ok((currency.to_owned(), count.parse().map_err(|_| Error::internal("a summary's count is no number"))?))
        };
        text.lines().map(line).collect::<Result<_, Error>>().map(Self)
    }

    fn write(&self) -> Vec<u8> {
        self.0.iter().map(|(currency, count)| format!("{count} {currency}\n")).collect::<String>().into_bytes()
    }
}

struct Currency;

impl Detector for Currency {
    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn open(self: &Arc<Self>, stage: &str, cx: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        match stage {
            "count" => Ok(Box::new(Counting(Count::default()))),
            _ => Ok(Box::new(Judging(cx.summary("count").map_or(Ok(Count::default()), Count::read)?))),
        }
    }

    fn merge(&self, _stage: &str, a: &[u8], b: &[u8]) -> Result<Vec<u8>, Error> {
        let mut merged = Count::read(a)?;
        for (currency, count) in Count::read(b)?.0 {
            *merged.0.entry(currency).or_default() += count;
        }
        Ok(merged.write())
    }
}

struct Counting(Count);

impl Task for Counting {
    fn push(&mut self, batch: &Batch<'_>, _sink: &mut Sink<'_>) -> Result<(), Error> {
        let currencies = batch.text("currency")?;
        for currency in (0..batch.len()).filter_map(|row| currencies.get(row)).filter(|c| !c.contains(['\n', '\r'])) {
            *self.0.0.entry(currency.to_owned()).or_default() += 1;
        }
        Ok(())
    }

    fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        sink.summary(&self.0.write());
        Ok(())
    }
}

struct Judging(Count);

impl Task for Judging {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (keys, currencies) = (batch.keys()?, batch.text("currency")?);
        let all: u64 = self.0.0.values().sum();
        for row in 0..batch.len() {
            let (Some(key), Some(currency)) = (keys.get(row), currencies.get(row)) else { continue };
            if self.0.0.get(currency).is_some_and(|count| count * 10 <= all) {
                sink.finding(&Finding::new(key, RARE, Score::new(0.6)).whole("currency"));
            }
        }
        Ok(())
    }
}

fn main() {
    let rows = (0..20).map(|i| (format!("L{i}"), json!({"currency": if i == 7 { "USD" } else { "CNY" }})));
    let seen = Case::of::<Currency>(MANIFEST).rules(&[RARE]).records(Records::listings(rows)).run();
    seen.assert_found("L7", "CU001");
    seen.assert_silent("L8");
    seen.findings.iter().for_each(|f| println!("{} {} {} {}", f.record, f.rule, f.score, f.field));
}
