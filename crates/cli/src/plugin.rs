//! `huoyan plugin`: what would run, what a plugin says of itself, and which plugins of others are trusted.

mod conformance;
mod describe;
mod inspect;
mod list;
mod new;
mod trust;
mod untrust;
mod verify;

use crate::args::plugin::{PluginArgs, PluginCommand};
use crate::exit::Exit;
use crate::plugins::Failure;
use crate::terminal::Terminal;

pub(crate) fn run(args: &PluginArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        PluginCommand::New(args) => new::run(args, terminal),
        PluginCommand::List { json, setup } => list::list(*json, setup, terminal),
        PluginCommand::Inspect { what, json, setup } => inspect::inspect(what, *json, setup, terminal),
        PluginCommand::Trust(args) => trust::trust(args, terminal),
        PluginCommand::Untrust { name, setup } => untrust::untrust(name, setup, terminal),
        PluginCommand::Verify { files, json, setup } => verify::verify(files, *json, setup, terminal),
        PluginCommand::Conformance(args) => conformance::run(args, terminal),
        PluginCommand::ConformanceLaw { job, answer } => conformance::serve(job, answer),
    }
}

/// The hidden command that a child process is.
pub(crate) fn host() -> std::process::ExitCode {
    #[cfg(unix)]
    return huoyan_host::child::serve();
    #[cfg(not(unix))]
    Exit::Usage.into()
}
