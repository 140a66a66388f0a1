//! `huoyan appeal`: from what was found and what the shop has to a bundle that a third person can check.

mod add;
mod build;
mod check;
mod claim;
mod counted;
mod deadline;
mod disclose;
mod edit;
mod excerpt;
mod found;
mod key;
mod naming;
mod new;
mod papers;
mod pdf;
mod remove;
mod set;
mod stamp;
mod started;
mod time;
mod verify;

use std::path::Path;

use huoyan_dossier::case::store::Store;
use huoyan_dossier::io_words;
use huoyan_model::{Locale, Localized};
use huoyan_report::sanitise;

pub(crate) use self::add::facts_help;
use crate::args::appeal::{AppealArgs, AppealCommand};
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(crate) fn run(args: &AppealArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        AppealCommand::New(args) => new::run(args, terminal),
        AppealCommand::Set(args) => set::run(args, terminal),
        AppealCommand::Add(args) => add::run(args, terminal),
        AppealCommand::Edit(args) => edit::run(args, terminal),
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

/// What is wrong, behind the file's name.
fn of_file(path: &Path, why: &Localized) -> Failure {
    let shown = path.display();
    failure((format!("{shown}：{}", why.zh), format!("{shown}: {}", why.en)))
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    move |error| {
        let why = io_words(&error);
        let why = Localized::new(format!("无法读取：{}", why.zh), format!("it cannot be read: {}", why.en));
        of_file(path, &why)
    }
}

fn unwritable(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    move |error| {
        let why = io_words(&error);
        let why = Localized::new(format!("无法写入：{}", why.zh), format!("it cannot be written: {}", why.en));
        of_file(path, &why)
    }
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

/// The same, for names that need words beside them.
fn named_each(option: &str, given: &str, known: &[(&str, &Localized)]) -> Failure {
    let ids: Vec<&str> = known.iter().map(|(id, _)| *id).collect();
    let near = huoyan_pipeline::config::suggest(given, &ids);
    let given = sanitise(given);
    let list = |locale| known.iter().map(|(id, name)| format!("\n  {id:<26}{}", name.get(locale))).collect::<String>();
    failure((
        format!("{option} {given}：没有这个名称{}；可用的有：{}", near.zh, list(Locale::Zh)),
        format!("{option} {given}: there is no such name{}; there are:{}", near.en, list(Locale::En)),
    ))
}
