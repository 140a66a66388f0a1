//! What child processes cost, and what faults in them cost a run.
//!
//! ```text
//! cargo run --release -p isolation-bench -- faults --count 500 --seed 1
//! cargo run --release -p isolation-bench -- cost --listings 40960
//! ```
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod cost;
mod faults;
mod random;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use huoyan_host::PluginFile;

const USAGE: &str = "usage: isolation-bench faults [--count N] [--seed S] | cost [--listings N]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The children that this program starts are this program.
    if arguments == ["plugin-host"] {
        return huoyan_host::child::serve();
    }
    match command(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::from(2)
        }
    }
}

fn command(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    let mut numbers = std::collections::BTreeMap::from([("--count", 500), ("--seed", 1), ("--listings", 40_960)]);
    for pair in arguments.get(1..).unwrap_or_default().chunks(2) {
        let [name, value] = pair else { return Err(USAGE.into()) };
        *numbers.get_mut(name.as_str()).ok_or(USAGE)? = value.parse::<u64>()?;
    }
    match arguments.first().map(String::as_str) {
        Some("faults") => faults::run(numbers["--count"], numbers["--seed"]),
        Some("cost") => cost::run(usize::try_from(numbers["--listings"])?),
        _ => Err(USAGE.into()),
    }
}

/// A plugin that cargo built beside this program.
fn plugin(name: &str) -> Result<PluginFile, Box<dyn Error>> {
    let file = format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let folder = std::env::current_exe()?.parent().ok_or("this program lies in no folder")?.to_owned();
    let path = folder.join("deps").join(file);
    Ok(PluginFile::inspect(&path)?.ok_or_else(|| format!("{}: no plugin", path.display()))?)
}

/// A file of the fixtures shop.
fn shop(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/shop").join(name)
}
