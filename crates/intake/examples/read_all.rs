//! Reads every file of a folder with no flag, each for itself, prints its account, and compares the rows it has with a list
//! of `file<TAB>rows` lines (`refused` for a file that must be refused).
//!
//! `cargo run -p huoyan-intake --example read_all -- FOLDER [EXPECTED.tsv]`

use std::collections::BTreeMap;
use std::process::ExitCode;

use huoyan_intake::{Error, Options, open};
use huoyan_model::Locale;

#[expect(clippy::print_stdout, reason = "this is a command")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        println!("usage: read_all FOLDER [EXPECTED.tsv]");
        return ExitCode::from(2);
    };
    let expected: BTreeMap<String, String> = arguments
        .next()
        .and_then(|path| std::fs::read_to_string(path).ok())
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(file, rows)| (file.to_owned(), rows.to_owned()))
        .collect();
    let mut paths: Vec<_> = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    let mut wrong = 0;
    for path in paths.iter().filter(|path| path.is_file()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("== {name}");
        let got = match open(&[path.display().to_string()], &Options::default()) {
            Err(error @ Error::NotRecords { .. }) => {
                println!("   {error}");
                "refused".to_owned()
            }
            Err(error) => {
                println!("   {error}");
                "unreadable".to_owned()
            }
            Ok(mut intake) => {
                let mut first = None;
                while let Some(batch) = intake.next_batch() {
                    for bad in &batch.quarantined {
                        println!("   quarantined line {}: {}", bad.source.line, bad.reason.text().en);
                    }
                    if first.is_none() && !batch.is_empty() {
                        first = Some(batch);
                    }
                }
                if let Some(batch) = first {
                    for row in 0..batch.len().min(2) {
                        println!("   | {}", show(&batch, row));
                    }
                }
                for report in intake.ledger().reports(Locale::En) {
                    let sheet = report.source.sheet.map(|s| format!("[{s}] ")).unwrap_or_default();
                    println!(
                        "   {sheet}read {} = {} scanned + {} duplicates + {} quarantined",
                        report.read, report.scanned, report.duplicates, report.quarantined
                    );
                    report.account.iter().for_each(|fact| println!("     {fact}"));
                }
                intake.ledger().totals().read.to_string()
            }
        };
        if let Some(want) = expected.get(&name) {
            let verdict = if *want == got { "as expected" } else { "WRONG" };
            wrong += u32::from(*want != got);
            println!("   {got} rows, {want} expected: {verdict}");
        }
    }
    println!("{wrong} wrong");
    ExitCode::from(u8::from(wrong > 0))
}

fn show(batch: &huoyan_intake::Batch, row: usize) -> String {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int64Type};
    let mut out = format!("line {}", batch.lines[row]);
    for (field, column) in batch.records.schema().fields().iter().zip(batch.records.columns()) {
        if column.is_null(row) {
            continue;
        }
        let text = match column.data_type() {
            arrow_schema::DataType::Utf8 => column.as_string::<i32>().value(row).chars().take(60).collect(),
            arrow_schema::DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
            arrow_schema::DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
            _ => column.as_boolean().value(row).to_string(),
        };
        out.push_str(&format!(" {}={:?}", field.name(), text));
    }
    out
}
