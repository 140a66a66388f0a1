//! `huoyan config`: the settings in force, and the schema of the file.

use huoyan_pipeline::config::schema;

use crate::args::{ConfigArgs, ConfigCommand};
use crate::exit::Exit;
use crate::plugins::{Failure, failure, load};
use crate::terminal::Terminal;

pub(crate) fn run(args: &ConfigArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        ConfigCommand::Show { origin, setup } => {
            let loaded = load(setup, toml::Table::new())?;
            terminal.print(&loaded.show(*origin));
        }
        ConfigCommand::Schema => {
            let mut json = serde_json::to_string_pretty(&schema()).map_err(|e| failure(e.to_string()))?;
            json.push('\n');
            terminal.print(&json);
        }
    }
    Ok(Exit::Complete)
}
