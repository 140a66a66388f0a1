//! What the pipeline and the plugin ABI add to calling a detector's Rust function directly on the same batches.
//!
//! Both sides read the same file through intake on one thread. One calls `prohibited_keyword::Screen::scan` on each text and
//! counts what it finds; the other is a whole run, from intake over the C boundary, checks, policy and the JSONL writer.
//! CPU seconds of the process, alternating, medians.
//!
//! ```text
//! cargo run --release -p overhead-bench -- listings.jsonl
//! ```
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;

use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use cpu_time::ProcessTime;
use huoyan_host::{Cancel, PluginFile};
use huoyan_intake::{ColumnSelection, Options, open};
use huoyan_model::RecordKind;
use huoyan_pipeline::config::{Date, Request, load};
use huoyan_pipeline::{Detectors, Progress, Run, run};
use prohibited_keyword::{Workspace, bundled};

const FIELDS: [&str; 4] = ["title", "description", "attributes", "brand"];
const REPEATS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let input = std::env::args().nth(1).ok_or("usage: overhead-bench LISTINGS.jsonl")?;
    let (mut direct, mut whole) = (Vec::new(), Vec::new());
    let (mut found, mut written) = (0, 0);
    for _ in 0..REPEATS {
        let start = ProcessTime::now();
        found = directly(&input)?;
        direct.push(start.elapsed().as_secs_f64());
        let start = ProcessTime::now();
        written = through_the_pipeline(&input)?;
        whole.push(start.elapsed().as_secs_f64());
    }
    let (direct, whole) = (median(direct), median(whole));
    println!("directly:             {direct:.3} CPU s, {found} found");
    println!("through the pipeline: {whole:.3} CPU s, {written} findings");
    println!("added:                {:.1} %", 100.0 * (whole / direct - 1.0));
    Ok(())
}

fn directly(input: &str) -> Result<u64, Box<dyn Error>> {
    let screen = bundled()?;
    let mut columns = ColumnSelection::none();
    for field in FIELDS.iter().chain(&["category", "shop_id"]) {
        columns.select(RecordKind::Listing, field)?;
    }
    let mut intake = open(&[input.to_owned()], &Options { columns, ..Options::default() })?;
    let (mut work, mut hits, mut found) = (Workspace::new(), Vec::new(), 0);
    while let Some(batch) = intake.next_batch() {
        let categories = batch.records.column_by_name("category").map(|c| c.as_string::<i32>());
        for field in FIELDS {
            let Some(column) = batch.records.column_by_name(field).map(|c| c.as_string::<i32>()) else { continue };
            for row in (0..column.len()).filter(|&row| column.is_valid(row)) {
                let category = categories.filter(|c| c.is_valid(row)).map_or("", |c| c.value(row));
                screen.scan(column.value(row), category, &mut work, &mut hits);
                found += hits.iter().filter(|hit| hit.score >= 0.5).count() as u64;
            }
        }
    }
    Ok(found)
}

fn through_the_pipeline(input: &str) -> Result<u64, Box<dyn Error>> {
    let mut loaded = load(&Request::default())?;
    loaded.config.threads = 1;
    let cancel = Cancel::default();
    let name = format!("{}prohibited_keyword{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let folder = std::env::current_exe()?.parent().ok_or("the benchmark lies in no folder")?.to_owned();
    let file = PluginFile::inspect(&folder.join("deps").join(name))?.ok_or("the plugin was not built")?;
    let detectors = Detectors::prepare(vec![file], &loaded.config, &cancel)?;
    let out = std::env::temp_dir().join(format!("overhead-{}.jsonl", std::process::id()));
    let finished = run(
        &Run {
            inputs: &[input.to_owned()],
            config: &loaded.config,
            config_digest: &loaded.digest,
            detectors: &detectors,
            outputs: &[format!("jsonl={}", out.display()).parse()?],
            output_options: &huoyan_report::Options::default(),
            today: Date::from_unix_seconds(0),
            tool_version: "bench",
            quarantine: out.with_extension("quarantine"),
            stand_in: None,
            cancel: &cancel,
            progress: &Progress::default(),
        },
        &mut |_| {},
    )?;
    std::fs::remove_file(out)?;
    Ok(finished.summary.severities.values().sum())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
