//! `huoyan suppress`: sets a finding aside, with a reason and an end.

use std::path::PathBuf;

use huoyan_model::Locale;
use huoyan_pipeline::config::{self, Added, Date, Suppression, add_suppression};

use crate::args::SuppressArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(crate) fn run(args: &SuppressArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let until = Date::parse(&args.until).ok_or_else(|| {
        let until = &args.until;
        failure((
            format!("--until {until}：请把日期写成 YYYY-MM-DD"),
            format!("--until {until}: write a day as YYYY-MM-DD"),
        ))
    })?;
    let file = args.config.clone().unwrap_or_else(|| {
        let here = std::env::current_dir().unwrap_or_default();
        config::find(&here).unwrap_or_else(|| PathBuf::from("huoyan.toml"))
    });
    let suppression = Suppression {
        fingerprint: args.fingerprint.clone(),
        reason: args.reason.clone(),
        author: args.author.clone(),
        until,
    };
    let added = add_suppression(&file, &suppression).map_err(failure)?;
    let file = file.display();
    terminal.note(&match (added, terminal.language()) {
        (Added::New, Locale::Zh) => format!("已写入 {file}，有效至 {until}"),
        (Added::Replaced, Locale::Zh) => format!("已更新 {file} 中的同一条，有效至 {until}"),
        (Added::New, Locale::En) => format!("written to {file}, holds until {until}"),
        (Added::Replaced, Locale::En) => format!("replaced the one in {file}, holds until {until}"),
    });
    Ok(Exit::Complete)
}
