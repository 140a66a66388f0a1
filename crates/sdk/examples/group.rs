//! A detector that judges records sharing a key: one order that is reviewed several times.
//!
//!     cargo run -p huoyan-sdk --features testkit --example group
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::sync::Arc;

use huoyan_sdk::testkit::{Case, Records, json};
use huoyan_sdk::{
    Batch, CreateContext, Detector, Error, Finding, Fold, Grouped, Rule, Score, Sink, Task, TaskContext, TextColumn,
};

const MANIFEST: &str = r#"{"name":"again","version":"0.1.0","abi":{"major":1,"minor":0},"detectors":[{"name":"again",
    "summary":{"zh":"同一订单的多次评价","en":"several reviews of one order"},"rules":["AG001"],
    "stages":[{"name":"order","kind":"group","reads":{"record":"review","columns":["text"]},
               "group_by":"order_id","order_by":"created_at"}]}]}"#;

const AGAIN: Rule = Rule::new("AG001");

struct Again;

impl Detector for Again {
    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn open(self: &Arc<Self>, _stage: &str, _cx: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        Ok(Box::new(Grouped::new(Order::default())))
    }
}

/// The first review of the current order, which later ones are measured by.
#[derive(Default)]
struct Order {
    first: Option<String>,
}

impl Fold for Order {
    type Columns<'a> = TextColumn<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Self::Columns<'a>, Error> {
        batch.keys()
    }

    fn start(&mut self, _order: &str) {
        self.first = None;
    }

    fn row(&mut self, keys: &Self::Columns<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        let Some(key) = keys.get(row) else { return Ok(()) };
        match &self.first {
            None => self.first = Some(key.to_owned()),
            Some(first) => sink.finding(&Finding::new(key, AGAIN, Score::new(0.7)).members([first.as_str()])),
        }
        Ok(())
    }

    fn finish(&mut self, _order: &str, _sink: &mut Sink<'_>) -> Result<(), Error> {
        Ok(())
    }
}

fn main() {
    let seen = Case::of::<Again>(MANIFEST)
        .rules(&[AGAIN])
        .records(Records::reviews([
            ("R1", json!({"order_id": "o1", "created_at": "2026-11-01T10:00:00Z"})),
            ("R2", json!({"order_id": "o2", "created_at": "2026-11-01T11:00:00Z"})),
            ("R3", json!({"order_id": "o1", "created_at": "2026-11-02T10:00:00Z"})),
            ("R4", json!({})),
        ]))
        .run();
    seen.assert_found("R3", "AG001");
    ["R1", "R2", "R4"].iter().for_each(|quiet| seen.assert_silent(quiet));
    seen.findings.iter().for_each(|f| println!("{} {} {} after {:?}", f.record, f.rule, f.score, f.members));
}
