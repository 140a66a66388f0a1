//! `huoyan completions`: generated from the same table as the help.

use clap::CommandFactory as _;

use crate::args::{Args, CompletionsArgs};
use crate::exit::Exit;
use crate::plugins::Failure;

pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    clap_complete::generate(args.shell, &mut Args::command(), "huoyan", &mut std::io::stdout());
    Ok(Exit::Complete)
}
