//! The `huoyan` command: one file per subcommand. The only crate that prints, exits or reads the environment.

mod appeal;
mod args;
mod calibrate;
mod check;
mod completions;
mod config;
mod evidence;
mod exit;
mod explain;
mod findings;
mod gallery;
mod plugin;
mod plugins;
mod references;
mod rules;
mod scan;
mod suppress;
mod terminal;

use clap::Parser as _;

use crate::args::{Args, Command};
use crate::exit::Exit;
use crate::terminal::Terminal;

fn main() -> std::process::ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version go to stdout and are no failure.
            let failed = error.use_stderr();
            let _ = error.print();
            return if failed { Exit::Usage } else { Exit::Complete }.into();
        }
    };
    if let Command::PluginHost = args.command {
        // Before anything else: a child has no environment, no terminal and one thread.
        return plugin::host();
    }
    let terminal = Terminal::new(args.locale.map(Into::into));
    let result = match args.command {
        Command::Scan(scan) => scan::run(&scan, &terminal),
        Command::Check(check) => check::run(&check, &terminal),
        Command::Explain(explain) => explain::run(&explain, &terminal),
        Command::Rules(rules) => rules::run(&rules, &terminal),
        Command::Plugin(plugin) => plugin::run(&plugin, &terminal),
        Command::Gallery(gallery) => gallery::run(&gallery, &terminal),
        Command::Calibrate(calibrate) => calibrate::run(&calibrate, &terminal),
        Command::Appeal(appeal) => appeal::run(&appeal, &terminal),
        Command::Suppress(suppress) => suppress::run(&suppress, &terminal),
        Command::Config(config) => config::run(&config, &terminal),
        Command::Completions(completions) => completions::run(&completions),
        Command::PluginHost => return plugin::host(),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal.error(&error);
            Exit::Usage.into()
        }
    }
}
