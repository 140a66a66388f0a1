//! The same batches through the same detectors, in this process and in a child, in turn; and the boundary alone.
//!
//! Listings are made from those of the fixtures shop, each field from another one, and read through intake: batches are those
//! of a scan. A call is open, push and close, with every check of the host's; processor time of a child is counted, too.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::RecordBatch;
use cpu_time::ProcessTime;
use huoyan_host::{Cancel, ChildSettings, Detector, Isolation, Output};
use huoyan_intake::{ColumnSelection, Options, open};
use huoyan_model::{RecordKind, StageSpec};
use serde_json::Value;

use crate::random::Random;
use crate::{plugin, shop};

/// Pairs of a detector's measurements.
const REPEATS: usize = 21;
/// Calls of the boundary's own measurement.
const CALLS: usize = 20_000;

/// Runs; whether the outputs are the same.
pub fn run(listings: usize) -> Result<bool, Box<dyn Error>> {
    let mut same = true;
    for name in ["prohibited_keyword", "platform_mention"] {
        let (here, there) = (detector(name, Isolation::InProcess)?, detector(name, Isolation::Child)?);
        let stage = listing_stage(&here)?;
        let batches = batches(listings, &stage.reads.columns)?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let bytes: usize = batches.iter().map(RecordBatch::get_array_memory_size).sum();
        println!("{name}: {} batches of {} rows, {:.2} MB", batches.len(), rows / batches.len(), bytes as f64 / 1e6);
        let pairs = (0..REPEATS).map(|n| pair(&here, &there, &stage, &batches, n % 2 == 1));
        let pairs = pairs.collect::<Result<Vec<Pair>, _>>()?;
        same &= pairs.iter().all(|pair| pair.same);
        for (label, of) in [("CPU", (|cost| cost.cpu) as fn(&Cost) -> f64), ("wall", |cost| cost.wall)] {
            let per = |seconds: f64| seconds * 1e3 / batches.len() as f64;
            let here = per(quantile(pairs.iter().map(|pair| of(&pair.here)).collect(), 0.5));
            let there = per(quantile(pairs.iter().map(|pair| of(&pair.there)).collect(), 0.5));
            let added: Vec<f64> = pairs.iter().map(|p| 100.0 * (of(&p.there) / of(&p.here) - 1.0)).collect();
            let [low, middle, high] = [0.25, 0.5, 0.75].map(|share| quantile(added.clone(), share));
            println!(
                "  {label:<4}  in process {here:7.3} ms, in a child {there:7.3} ms a batch; added {middle:.1} % (quartiles {low:.1} to {high:.1})"
            );
        }
    }
    boundary()?;
    println!("outputs {}", if same { "are the same" } else { "DIFFER" });
    Ok(same)
}

/// Seconds of all batches.
#[derive(Default)]
struct Cost {
    cpu: f64,
    wall: f64,
}

/// The same batches here and in a child, batch by batch in turn: what slows the machine slows both.
struct Pair {
    here: Cost,
    there: Cost,
    same: bool,
}

fn pair(
    here: &Detector,
    there: &Detector,
    stage: &StageSpec,
    batches: &[RecordBatch],
    child_first: bool,
) -> Result<Pair, Box<dyn Error>> {
    let mut pair = Pair { here: Cost::default(), there: Cost::default(), same: true };
    for batch in batches {
        let mut own = || judge(here, stage, batch, &mut pair.here);
        let mut other = || judge(there, stage, batch, &mut pair.there);
        let (a, b) = if child_first { (other()?, own()?) } else { (own()?, other()?) };
        pair.same &= (a.findings, a.scores) == (b.findings, b.scores);
    }
    Ok(pair)
}

/// One call: open, push and close.
fn judge(
    detector: &Detector,
    stage: &StageSpec,
    batch: &RecordBatch,
    cost: &mut Cost,
) -> Result<Output, Box<dyn Error>> {
    let children = children_time(detector)?;
    let (started, own) = (Instant::now(), ProcessTime::now());
    let mut output = Output::default();
    let mut task = detector.open(stage, 0, &[])?;
    task.push(batch, &mut output)?;
    task.close(&mut output)?;
    cost.wall += started.elapsed().as_secs_f64();
    cost.cpu += own.elapsed().as_secs_f64() + children_time(detector)? - children;
    Ok(output)
}

/// The boundary alone, in this process: a row of nulls gives a detector nothing to do, and what a batch costs there does not
/// depend on its rows.
fn boundary() -> Result<(), Box<dyn Error>> {
    let detector = detector("prohibited_keyword", Isolation::InProcess)?;
    let stage = listing_stage(&detector)?;
    let full = batches(1, &stage.reads.columns)?.remove(0);
    let schema = full.schema();
    let columns = schema.fields().iter().zip(full.columns()).map(|(field, column)| match field.name().as_str() {
        "_record" => column.clone(),
        _ => arrow_array::new_null_array(field.data_type(), 1),
    });
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect())?;
    let (mut pushes, mut opens) = (Vec::new(), Vec::new());
    let mut task = detector.open(&stage, 0, &[])?;
    for _ in 0..CALLS {
        let mut output = Output::default();
        let started = Instant::now();
        task.push(&batch, &mut output)?;
        pushes.push(started.elapsed().as_secs_f64() * 1e6);
        let started = Instant::now();
        detector.open(&stage, 0, &[])?.close(&mut output)?;
        opens.push(started.elapsed().as_secs_f64() * 1e6);
    }
    let columns = batch.num_columns();
    for (label, times) in [("a push", pushes), ("open and close", opens)] {
        let [middle, most] = [0.5, 0.99].map(|share| quantile(times.clone(), share));
        println!("boundary: {label} of {columns} columns takes {middle:.2} us, 99 of 100 at most {most:.2} us");
    }
    Ok(())
}

fn listing_stage(detector: &Detector) -> Result<StageSpec, Box<dyn Error>> {
    let stage = detector.spec().stages.iter().find(|s| s.reads.record == Some(RecordKind::Listing));
    Ok(stage.ok_or("the detector reads no listings")?.clone())
}

fn detector(name: &str, isolation: Isolation) -> Result<Detector, Box<dyn Error>> {
    let mut file = plugin(name)?;
    file.isolation = isolation;
    let spec = file.manifest.detectors.first().ok_or("a plugin without a detector")?.clone();
    let resources = file.resources.clone();
    let rules: BTreeSet<String> = spec.rules.iter().cloned().chain(file.rules_of(&resources)?.into_keys()).collect();
    let plugin = file.load_with(&ChildSettings::of_this_program()?)?;
    Ok(plugin.create(&spec.name, "{}", resources, rules, &Cancel::default())?)
}

fn batches(listings: usize, columns: &[String]) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    let text = std::fs::read_to_string(shop("listings.jsonl"))?;
    let known: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut random = Random(1);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("listings.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    for number in 0..listings {
        let mut made = random.pick(&known).clone();
        for field in ["title", "description", "attributes", "brand", "category"] {
            made[field] = random.pick(&known)[field].clone();
        }
        made["id"] = format!("L{number:07}").into();
        serde_json::to_writer(&mut file, &made)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    let mut wanted = ColumnSelection::none();
    for column in columns {
        wanted.select(RecordKind::Listing, column)?;
    }
    let inputs = [path.to_string_lossy().into_owned()];
    let mut intake = open(&inputs, &Options { columns: wanted, ..Options::default() })?;
    let mut batches = Vec::new();
    while let Some(batch) = intake.next_batch() {
        let schema = batch.records.schema();
        let indices: Vec<usize> = (0..schema.fields().len())
            .filter(|&i| {
                let name = schema.field(i).name();
                name == "_record" || columns.contains(name)
            })
            .collect();
        batches.push(batch.records.project(&indices)?);
    }
    // What is left over at the end would be measured as a batch.
    if batches.len() > 1 {
        batches.pop();
    }
    Ok(batches)
}

/// Seconds of processor time of the detector's children, to the nanosecond.
fn children_time(detector: &Detector) -> Result<f64, Box<dyn Error>> {
    let mut sum = 0.0;
    for child in detector.idle_children() {
        let text = std::fs::read_to_string(format!("/proc/{child}/schedstat"))?;
        sum += text.split(' ').next().unwrap_or_default().parse::<f64>()? / 1e9;
    }
    Ok(sum)
}

/// The value below which a share of all lies.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}
