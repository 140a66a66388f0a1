//! A plugin of two detectors that keeps every law of conformance. The configuration's `mode` asks for mistakes that honest
//! authors make. It is loaded only by tests.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use huoyan_sdk::{
    Batch, CreateContext, Detector, Error, Finding, Fold, Grouped, Rule, Sink, Task, TaskContext, TextColumn,
    export_detector,
};

const LENGTH: Rule = Rule::new("TD001");
const SHOP: Rule = Rule::new("TD002");

/// Both detectors.
pub struct Either {
    low: i64,
    high: i64,
    mode: String,
}

impl Detector for Either {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        let settings = cx.settings()?;
        let mode = settings.text("mode")?.unwrap_or_default().to_owned();
        if cx.detector == "shop" {
            settings.only(&["mode"])?;
            return Ok(Self { low: 0, high: 0, mode });
        }
        settings.only(&["low", "high", "mode"])?;
        let (low, high) = (settings.integer("low", 0..=1000)?, settings.integer("high", 0..=1000)?);
        match mode.as_str() {
            "refuse-default" if low == Some(1) => return Err(Error::config("setting 'low' must not be 1")),
            "panic-at-bound" if high == Some(0) => panic!("asked to panic when 'high' is 0"),
            "abort-at-bound" if high == Some(0) => std::process::abort(),
            _ => {}
        }
        let (low, high) = (low.unwrap_or(1), high.unwrap_or(500));
        if low > high {
            return Err(Error::config(format!("setting 'low' is {low}; it must be at most 'high', which is {high}")));
        }
        Ok(Self { low, high, mode })
    }

    fn open(self: &Arc<Self>, stage: &str, _: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        match stage {
            "listing" => Ok(Box::new(Lengths(Arc::clone(self)))),
            "prices" => Ok(Box::new(Prices { mode: self.mode.clone(), sum: 0.0, counts: HashMap::new() })),
            _ => Ok(Box::new(Grouped::new(Each))),
        }
    }

    fn merge(&self, _: &str, a: &[u8], b: &[u8]) -> Result<Vec<u8>, Error> {
        if self.mode == "sum-floats" {
            return Ok((number(a)? + number(b)?).to_le_bytes().to_vec());
        }
        let mut counts = read(a)?;
        for (name, count) in read(b)? {
            *counts.entry(name).or_default() += count;
        }
        Ok(write(&self.mode, &counts))
    }
}

struct Lengths(Arc<Either>);

impl Task for Lengths {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (keys, titles) = (batch.keys()?, batch.text("title")?);
        if self.0.mode == "hang-on-few" {
            match batch.len() {
                0 | 12 => {}
                1..12 => loop {
                    std::thread::sleep(Duration::from_millis(1));
                },
                many => panic!("asked to panic on {many} rows"),
            }
        }
        for row in 0..batch.len() {
            match self.0.mode.as_str() {
                "slow" => std::thread::sleep(Duration::from_millis(2)),
                "thread" => {
                    let helper = std::thread::Builder::new().spawn(|| ());
                    helper.map_err(|e| Error::internal(format!("no thread: {e}")))?;
                }
                "read-file" => {
                    std::fs::read("/etc/passwd").map_err(|e| Error::internal(format!("no file: {e}")))?;
                }
                "read-environment" if std::env::vars_os().next().is_some() => {
                    return Err(Error::internal("there is an environment"));
                }
                "connect" => {
                    std::net::TcpListener::bind(("127.0.0.1", 0))
                        .map_err(|e| Error::internal(format!("no network: {e}")))?;
                }
                "start" => {
                    std::process::Command::new("/bin/true")
                        .status()
                        .map_err(|e| Error::internal(format!("no process: {e}")))?;
                }
                "say-nothing" => continue,
                _ => {}
            }
            let (Some(key), Some(title)) = (keys.get(row), titles.get(row)) else { continue };
            let length = i64::try_from(title.chars().count()).unwrap_or(i64::MAX);
            if (self.0.low..=self.0.high).contains(&length) {
                sink.finding(&Finding::new(key, LENGTH, 0.75));
            }
        }
        Ok(())
    }
}

/// How many listings each category has.
struct Prices {
    mode: String,
    sum: f64,
    counts: HashMap<String, u64>,
}

impl Task for Prices {
    fn push(&mut self, batch: &Batch<'_>, _: &mut Sink<'_>) -> Result<(), Error> {
        let (categories, prices) = (batch.text("category")?, batch.float("price")?);
        for row in 0..batch.len() {
            self.sum += prices.get(row).filter(|price| price.abs() < 1e6).unwrap_or_default();
            if let Some(category) = categories.get(row).filter(|c| !c.contains(['\n', '\r'])) {
                *self.counts.entry(category.to_owned()).or_default() += 1;
            }
        }
        Ok(())
    }

    fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.mode == "sum-floats" {
            sink.summary(&self.sum.to_le_bytes());
        } else {
            sink.summary(&write(&self.mode, &self.counts));
        }
        Ok(())
    }
}

fn number(bytes: &[u8]) -> Result<f64, Error> {
    bytes.try_into().map(f64::from_le_bytes).map_err(|_| Error::internal("a summary has not 8 bytes"))
}

fn read(bytes: &[u8]) -> Result<HashMap<String, u64>, Error> {
    let wrong = || Error::internal("a summary is not as it was written");
    let text = std::str::from_utf8(bytes).map_err(|_| wrong())?;
    text.lines()
        .map(|line| {
            let (count, name) = line.split_once(' ').ok_or_else(wrong)?;
            Ok((name.to_owned(), count.parse().map_err(|_| wrong())?))
        })
        .collect()
}

fn write(mode: &str, counts: &HashMap<String, u64>) -> Vec<u8> {
    let line = |(name, count): (&String, &u64)| format!("{count} {name}\n");
    let text: String = if mode == "iterate-hash-map" {
        counts.iter().map(line).collect()
    } else {
        counts.iter().collect::<BTreeMap<_, _>>().into_iter().map(line).collect()
    };
    text.into_bytes()
}

/// Every listing of every shop.
struct Each;

impl Fold for Each {
    type Columns<'a> = TextColumn<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Self::Columns<'a>, Error> {
        batch.keys()
    }

    fn start(&mut self, _: &str) {}

    fn row(&mut self, keys: &Self::Columns<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        if let Some(key) = keys.get(row) {
            sink.finding(&Finding::new(key, SHOP, 0.5));
        }
        Ok(())
    }

    fn finish(&mut self, _: &str, _: &mut Sink<'_>) -> Result<(), Error> {
        Ok(())
    }
}

export_detector!(Either, manifest = "../manifest.json");
