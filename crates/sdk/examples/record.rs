//! A detector that judges each record alone: mobile numbers in reviews.
//!
//!     cargo run -p huoyan-sdk --features testkit --example record
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use huoyan_sdk::testkit::{Case, Records, json};
use huoyan_sdk::{Batch, CreateContext, Error, Evidence, Finding, RecordDetector, Rule, Score, Sink};

const MANIFEST: &str = r#"{"name":"mobile","version":"0.1.0","abi":{"major":1,"minor":0},"detectors":[{"name":"mobile",
    "summary":{"zh":"评价中的手机号","en":"mobile numbers in reviews"},"rules":["MN001"],
    "stages":[{"name":"review","kind":"record","reads":{"record":"review","columns":["text"]}}]}]}"#;

const MOBILE: Rule = Rule::new("MN001");

struct Mobile;

impl RecordDetector for Mobile {
    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn scan(&self, _stage: &str, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (keys, texts) = (batch.keys()?, batch.text("text")?);
        for row in 0..batch.len() {
            let (Some(key), Some(text)) = (keys.get(row), texts.get(row)) else { continue };
            // Whole runs of digits, so that an order number of 19 digits is no mobile number.
            for run in text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 11 && run.starts_with('1')) {
                // The number itself is not repeated in the evidence: the span says where it is.
                let finding = Finding::new(key, MOBILE, Score::new(0.9))
                    .span_of("text", text, run)
                    .evidence(Evidence::new().number("digits", run.len() as f64));
                sink.finding(&finding);
            }
        }
        Ok(())
    }
}

fn main() {
    let seen = Case::each_record::<Mobile>(MANIFEST)
        .rules(&[MOBILE])
        .records(Records::reviews([
            ("R1", json!({"text": "有问题打13800000000，别找客服"})),
            ("R2", json!({"text": "订单号1380000000013800000，很好"})),
        ]))
        .run();
    seen.assert_matched("R1", "MN001", "13800000000");
    seen.assert_silent("R2");
    seen.findings.iter().for_each(|f| println!("{} {} {} {}[{:?}]", f.record, f.rule, f.score, f.field, f.span));
}
