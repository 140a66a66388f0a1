//! `huoyan rules`: what is looked for, and whether each rule still does what its examples say.

use std::fmt::Write as _;

use huoyan_host::Cancel;
use huoyan_model::Locale;
use huoyan_pipeline::{Detectors, rules_in_use, test_examples};
use huoyan_report::sanitise;

use crate::args::{RulesArgs, RulesCommand, Setup};
use crate::exit::Exit;
use crate::plugins::{Failure, failure, find_all, load};
use crate::terminal::Terminal;

pub(crate) fn run(args: &RulesArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        RulesCommand::List { json, setup } => list(*json, setup, terminal),
        RulesCommand::Test { setup } => test(setup, terminal),
    }
}

fn list(json: bool, setup: &Setup, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut loaded = load(setup, toml::Table::new())?;
    // No gallery is needed, which may have to be made first.
    loaded.config.galleries.clear();
    let locale = terminal.locale(loaded.config.locale);
    let mut out = String::new();
    for (detector, rule) in rules_in_use(&find_all(setup, &loaded)?, &loaded.config).map_err(failure)?.values() {
        if json {
            let mut value = serde_json::to_value(rule).map_err(|e| failure(e.to_string()))?;
            value["detector"] = detector.as_str().into();
            let _ = writeln!(out, "{value}");
        } else {
            let _ = writeln!(
                out,
                "{}  {:<8}  {:<18}  {}",
                rule.id,
                rule.severity.as_str(),
                detector,
                rule.name.get(locale)
            );
        }
    }
    terminal.print(&out);
    Ok(Exit::Complete)
}

fn test(setup: &Setup, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut loaded = load(setup, toml::Table::new())?;
    let locale = terminal.locale(loaded.config.locale);
    let files = find_all(setup, &loaded)?;
    // Nor for examples, which are words.
    loaded.config.galleries.clear();
    let detectors = Detectors::prepare(files, &loaded.config, &Cancel::default()).map_err(failure)?;
    let mut failed = 0;
    for detector in &detectors.ready {
        let report = test_examples(detector).map_err(failure)?;
        failed += report.failures.len();
        let name = &detector.spec.name;
        let (rules, examples, failures) = (report.rules, report.examples, report.failures.len());
        terminal.print(&match locale {
            Locale::Zh => format!("{name}：{rules} 条规则，{examples} 个示例，{failures} 个不符\n"),
            Locale::En => format!("{name}: {rules} rules, {examples} examples, {failures} failed\n"),
        });
        if !report.without.is_empty() {
            let list = report.without.join(" ");
            terminal.print(&match locale {
                Locale::Zh => format!("  没有示例：{list}\n"),
                Locale::En => format!("  without examples: {list}\n"),
            });
        }
        for failure in report.failures {
            let got = if failure.got.is_empty() { "-".to_owned() } else { failure.got.join(" ") };
            let text = sanitise(&failure.text).into_owned();
            let want = if failure.positive { "+" } else { "-" };
            terminal.print(&format!("  {want} {}  [{got}]  {text}\n", failure.rule));
        }
    }
    Ok(if failed > 0 { Exit::Findings } else { Exit::Complete })
}
