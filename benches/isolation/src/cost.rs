//! The same batches through the same detectors, in this process and in a child, in turn.
//!
//! Listings are made from those of the fixtures shop, each field from another one, and read through intake: batches are those
//! of a scan. A call is open, push and close, with every check of the host's; processor time of a child is counted, too.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use arrow_array::RecordBatch;
use cpu_time::ProcessTime;
use huoyan_host::{Cancel, ChildSettings, Detector, Isolation, Output};
use huoyan_intake::{ColumnSelection, Options, open};
use huoyan_model::RecordKind;
use serde_json::Value;

use crate::random::Random;
use crate::{plugin, shop};

const REPEATS: usize = 7;

/// Runs; whether the outputs are the same.
pub fn run(listings: usize) -> Result<bool, Box<dyn Error>> {
    let mut same = true;
    for name in ["prohibited_keyword", "platform_mention"] {
        let (here, there) = (detector(name, Isolation::InProcess)?, detector(name, Isolation::Child)?);
        let stage = here.spec().stages.iter().find(|s| s.reads.record == Some(RecordKind::Listing));
        let stage = stage.ok_or("the detector reads no listings")?.clone();
        let batches = batches(listings, &stage.reads.columns)?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let bytes: usize = batches.iter().map(RecordBatch::get_array_memory_size).sum();
        let (mut cpu, mut wall) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        for _ in 0..REPEATS {
            let mut said = Vec::new();
            for (i, detector) in [&here, &there].into_iter().enumerate() {
                let children = children_time(detector)?;
                let (started, own) = (Instant::now(), ProcessTime::now());
                let mut text = 0;
                for batch in &batches {
                    let mut output = Output::default();
                    let mut task = detector.open(&stage, 0, &[])?;
                    task.push(batch, &mut output)?;
                    task.close(&mut output)?;
                    text += output.findings.len() + output.scores.len();
                    said.push((output.findings, output.scores));
                }
                wall[i].push(started.elapsed().as_secs_f64());
                cpu[i].push(own.elapsed().as_secs_f64() + children_time(detector)? - children);
                std::hint::black_box(text);
            }
            let half = said.len() / 2;
            same &= said[..half] == said[half..];
        }
        let [cpu_here, cpu_there] = cpu.map(median);
        let [wall_here, wall_there] = wall.map(median);
        let per = |seconds: f64| seconds * 1e3 / batches.len() as f64;
        println!("{name}: {} batches of {} rows, {:.2} MB", batches.len(), rows / batches.len(), bytes as f64 / 1e6);
        println!("  in process  {:8.3} ms CPU, {:8.3} ms wall a batch", per(cpu_here), per(wall_here));
        println!("  in a child  {:8.3} ms CPU, {:8.3} ms wall a batch", per(cpu_there), per(wall_there));
        let added = |here: f64, there: f64| 100.0 * (there / here - 1.0);
        println!("  added       {:7.1} % CPU, {:7.1} % wall", added(cpu_here, cpu_there), added(wall_here, wall_there));
    }
    println!("outputs {}", if same { "are the same" } else { "DIFFER" });
    Ok(same)
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
