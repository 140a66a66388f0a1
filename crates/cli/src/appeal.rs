//! `huoyan appeal`: from what was found and what the shop has to a bundle that a third person can check.

mod add;
mod build;
mod check;
mod claim;
mod deadline;
mod disclose;
mod found;
mod key;
mod new;
mod papers;
mod pdf;
mod remove;
mod stamp;
mod time;
mod verify;

use std::path::Path;

use huoyan_dossier::case::store::Store;
use huoyan_report::sanitise;

pub(crate) use self::add::facts_help;
use crate::args::appeal::{AppealArgs, AppealCommand};
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(crate) fn run(args: &AppealArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        AppealCommand::New(args) => new::run(args, terminal),
        AppealCommand::Add(args) => add::run(args, terminal),
        AppealCommand::Remove(args) => remove::run(args, terminal),
        AppealCommand::Claim(args) => claim::run(args, terminal),
        AppealCommand::Ask(args) => claim::ask(args, terminal),
        AppealCommand::Check(args) => check::run(args, terminal),
        AppealCommand::Deadline(args) => deadline::run(args, terminal),
        AppealCommand::Build(args) => build::run(args, terminal),
        AppealCommand::Verify(args) => verify::run(args, terminal),
        AppealCommand::Disclose(args) => disclose::run(args, terminal),
        AppealCommand::Key(args) => key::run(args, terminal),
        AppealCommand::Stamp(args) => stamp::run(args, terminal),
    }
}

/// Opens a case and tells what a killed program had left unfinished.
fn open(dir: &Path, terminal: &Terminal) -> Result<Store, Failure> {
    let store = Store::open(dir).map_err(|e| failure(e.message()))?;
    for recovered in store.recovered() {
        terminal.note(recovered.get(terminal.language()));
    }
    Ok(store)
}

/// A word that is none of those known: the nearest, and all of them.
fn named<'k>(option: &str, given: &str, known: impl Iterator<Item = &'k str>) -> Failure {
    let known: Vec<&str> = known.collect();
    let near = huoyan_pipeline::config::suggest(given, &known);
    let (given, all) = (sanitise(given), known.join(" "));
    failure((
        format!("{option} {given}：没有这个名称{}；可用的有 {all}", near.zh),
        format!("{option} {given}: there is no such name{}; there are {all}", near.en),
    ))
}
