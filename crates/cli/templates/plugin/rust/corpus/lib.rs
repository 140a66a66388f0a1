//! Finds prices far under those of all listings of the run.

use std::sync::Arc;

use huoyan_sdk::{
    Batch, CreateContext, Detector, Error, Evidence, Finding, Rule, Score, Sink, Task, TaskContext,
};

/// The rule, as rules/{{name}}.toml declares it.
pub const RULE: Rule<'static> = Rule::new("{{rule}}");

/// How sure a low price is; from 0.5 up the detector stands by it.
const SCORE: Score = Score::new(0.6);

/// Halvings that are too many, unless the user says otherwise.
const HALVINGS: i64 = 4;

/// Fewer prices have no middle that says anything.
const FEWEST: u64 = 5;

/// The detector: its settings, shared by all tasks and never changed.
pub struct {{type}} {
    halvings: u32,
}

impl Detector for {{type}} {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        let settings = cx.settings()?;
        settings.only(&["halvings"])?;
        let halvings = settings.integer("halvings", 1..=60)?.unwrap_or(HALVINGS);
        Ok(Self {
            halvings: halvings as u32,
        })
    }

    fn open(self: &Arc<Self>, stage: &str, cx: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        match stage {
            "prices" => Ok(Box::new(Prices(Counts::default()))),
            "listing" => {
                let counts = cx
                    .summary("prices")
                    .map_or(Ok(Counts::default()), Counts::read)?;
                Ok(Box::new(Listing {
                    middle: counts.middle(),
                    halvings: self.halvings,
                }))
            }
            other => Err(Error::unsupported(format!("there is no stage '{other}'"))),
        }
    }

    fn merge(&self, _stage: &str, a: &[u8], b: &[u8]) -> Result<Vec<u8>, Error> {
        let (mut a, b) = (Counts::read(a)?, Counts::read(b)?);
        for (a, b) in a.0.iter_mut().zip(b.0) {
            *a = a.saturating_add(b);
        }
        Ok(a.write())
    }
}

/// How many prices there are from 1, 2, 4, 8 … cents. Whole numbers: sums of fractions depend on their order, and a
/// summary must not.
struct Counts([u64; 64]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Counts {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let (words, rest) = bytes.as_chunks::<8>();
        let words: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        match words.try_into() {
            Ok(words) if rest.is_empty() => Ok(Self(words)),
            _ => Err(Error::internal(format!(
                "a summary has {} bytes, not 512",
                bytes.len()
            ))),
        }
    }

    fn write(&self) -> Vec<u8> {
        self.0
            .iter()
            .flat_map(|count| count.to_le_bytes())
            .collect()
    }

    /// The step of the middle price.
    fn middle(&self) -> Option<u32> {
        let all = self
            .0
            .iter()
            .fold(0_u64, |sum, count| sum.saturating_add(*count));
        let mut below = 0_u64;
        let step = self.0.iter().position(|count| {
            below = below.saturating_add(*count);
            below > all / 2
        });
        step.filter(|_| all >= FEWEST).map(|step| step as u32)
    }
}

/// The step that a price is on: 2 to that power is the most cents not above it. What is no price has none.
fn step(price: f64) -> Option<u32> {
    let cents = (price * 100.0).round();
    // A number too large for 64 bits becomes the largest there is.
    if cents.is_finite() && cents >= 1.0 {
        Some((cents as u64).ilog2())
    } else {
        None
    }
}

/// Stage `prices`: counts one partition.
struct Prices(Counts);

impl Task for Prices {
    fn push(&mut self, batch: &Batch<'_>, _sink: &mut Sink<'_>) -> Result<(), Error> {
        let prices = batch.float("price")?;
        for step in (0..batch.len()).filter_map(|row| step(prices.get(row)?)) {
            self.0.0[step as usize] += 1;
        }
        Ok(())
    }

    fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        sink.summary(&self.0.write());
        Ok(())
    }
}

/// Stage `listing`: compares each price with the middle one.
struct Listing {
    middle: Option<u32>,
    halvings: u32,
}

impl Task for Listing {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let Some(middle) = self.middle else {
            return Ok(());
        };
        let (keys, prices) = (batch.keys()?, batch.float("price")?);
        for row in 0..batch.len() {
            let (Some(key), Some(price)) = (keys.get(row), prices.get(row)) else {
                continue;
            };
            if step(price).is_some_and(|step| step + self.halvings <= middle) {
                let evidence = Evidence::new()
                    .number("price", price)
                    .number("middle_from", 2_f64.powi(middle as i32) / 100.0);
                sink.finding(&Finding::new(key, RULE, SCORE).evidence(evidence));
            }
        }
        Ok(())
    }
}

huoyan_sdk::export_detector!(
    {{type}},
    manifest = "../manifest.json",
    resources = { "rules/{{name}}" => "../rules/{{name}}.toml" },
);
