//! `huoyan plugin conformance`: the laws that every plugin keeps, on one plugin.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use huoyan_conformance::{LawReport, Options, Outcome, Report, check, laws};
use huoyan_model::Locale;
use huoyan_report::sanitise;

use crate::args::plugin::ConformanceArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

/// Larger inputs are not printed for people; `--json` has them.
const MOST_SHOWN: usize = 4096;

pub(crate) fn run(args: &ConformanceArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let locale = terminal.language();
    let Some(file) = args.file.as_deref().filter(|_| !args.list) else {
        let mut out = String::new();
        for law in laws() {
            let _ = writeln!(out, "{:<16} {}\n    {}", law.id, law.name.get(locale), law.demands.get(locale));
        }
        terminal.print(&out);
        return Ok(Exit::Complete);
    };
    let own = std::env::current_exe()
        .map_err(|e| failure((format!("找不到本命令自身：{e}"), format!("the command cannot find itself: {e}"))))?;
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let own = own.to_string_lossy().into_owned();
    let mut fixture = args.fixture.clone().or_else(|| own_fixture(&file));
    let options = Options {
        config: args.config.clone(),
        laws: args.laws.clone(),
        seed: args.seed,
        fixture: fixture.clone(),
        resources: args.resources.iter().map(|given| resource(given)).collect::<Result<_, _>>()?,
        time_limit: Duration::from_secs(args.time_limit),
        memory_limit: args.memory_limit << 20,
        apart: Some(vec![own.clone(), "plugin".into(), "conformance-law".into()]),
        child: Some(vec![own, "plugin-host".into()]),
        ..Options::default()
    };
    let mut report = check(&file, &options);
    if report.is_err() && args.fixture.is_none() && fixture.is_some() {
        // What nobody asked for must not be in the way.
        fixture = None;
        report = check(&file, &Options { fixture: None, ..options });
    }
    let report = report.map_err(failure)?;
    if args.json {
        let mut json = serde_json::to_string_pretty(&report).map_err(|e| failure(e.to_string()))?;
        json.push('\n');
        terminal.print(&json);
    } else {
        terminal.print(&told(&report, fixture.as_deref(), locale));
    }
    let judged = report.unjudged().is_empty();
    Ok(if report.all_kept() && judged { Exit::Complete } else { Exit::Findings })
}

/// A resource's name and path.
fn resource(given: &str) -> Result<(String, PathBuf), Failure> {
    match given.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), path.into())),
        _ => Err(failure((
            format!("--resource '{given}'：请写成 名称=路径"),
            format!("--resource '{given}': write it as NAME=PATH"),
        ))),
    }
}

/// The fixture that `plugin new` writes, of a library that lies where cargo or the Makefile of it puts it.
fn own_fixture(library: &Path) -> Option<PathBuf> {
    let stem = library.file_stem()?.to_str()?;
    let name = stem.strip_prefix(std::env::consts::DLL_PREFIX)?.replace('_', "-");
    let places = library.ancestors().skip(2).take(2);
    places.map(|folder| folder.join("fixtures").join(format!("{name}.jsonl"))).find(|path| path.is_file())
}

/// One law's process: the command calls itself.
pub(crate) fn serve(job: &Path, answer: &Path) -> Result<Exit, Failure> {
    huoyan_conformance::serve(job, answer).map_err(|e| failure(e.to_string()))?;
    Ok(Exit::Complete)
}

fn told(report: &Report, fixture: Option<&Path>, locale: Locale) -> String {
    let zh = locale == Locale::Zh;
    let l = |zh_text: &'static str, en_text: &'static str| if zh { zh_text } else { en_text };
    let mut out = format!("{} {}  blake3:{}\n", sanitise(&report.plugin), sanitise(&report.version), report.digest);
    if let Some(fixture) = fixture {
        let fixture = sanitise(&fixture.display().to_string()).into_owned();
        let _ = writeln!(out, "{}{fixture}", l("样例数据：", "fixture: "));
    }
    let several = report.laws.iter().any(|law| law.detector != report.laws[0].detector);
    for law in &report.laws {
        let of = if several { format!(" [{}]", law.detector) } else { String::new() };
        let name = law.name.get(locale);
        // In English many laws are called by their ids.
        let head = if name == law.law { format!("{name}{of}") } else { format!("{:<16} {name}{of}", law.law) };
        let _ = match &law.outcome {
            Outcome::Kept { note: None, .. } => writeln!(out, "{}  {head}", l("遵守", "kept    ")),
            Outcome::Kept { note: Some(note), .. } => {
                writeln!(out, "{}  {head}\n    {}", l("遵守", "kept    "), sanitise(note.get(locale)))
            }
            Outcome::Moot { why } => {
                writeln!(out, "{}  {head}: {}", l("无关", "moot    "), sanitise(why.get(locale)))
            }
            Outcome::Unjudged { why } => {
                writeln!(out, "{}  {head}: {}", l("未判", "unjudged"), sanitise(why.get(locale)))
            }
            Outcome::Broken(_) => writeln!(out, "{}", broken(law, &head, locale)),
        };
    }
    for gap in &report.gaps {
        let gap = gap.get(locale);
        let _ = writeln!(out, "{}{gap}", l("插件带着您的部分权限运行：", "the plugin ran with some of your rights: "));
    }
    let _ = writeln!(out, "{}", summed_up(report, locale));
    out
}

/// The last line.
fn summed_up(report: &Report, locale: Locale) -> String {
    let l = |zh: String, en: String| if locale == Locale::Zh { zh } else { en };
    let (broken, unjudged, silent) = (report.broken(), report.unjudged(), report.silent().join(" "));
    let mut parts = Vec::new();
    if !broken.is_empty() {
        let (n, ids) = (broken.len(), broken.join(" "));
        parts.push(l(format!("违反准则 {n} 条：{ids}"), format!("laws broken: {n}: {ids}")));
    }
    if !unjudged.is_empty() {
        let (n, ids) = (unjudged.len(), unjudged.join(" "));
        parts.push(l(format!("未能检验 {n} 条：{ids}"), format!("could not be judged: {n}: {ids}")));
    }
    if parts.is_empty() {
        let seed = report.seed;
        parts.push(l(format!("没有违反任何准则（种子 {seed}）"), format!("no law is broken (seed {seed})")));
    }
    if !silent.is_empty() {
        parts.push(l(
            format!("{silent} 什么也没有报告，所以说明不了什么；请用 --fixture 给出它应当报告的记录"),
            format!("{silent} said nothing, so this shows little: give rows that it should find with --fixture"),
        ));
    }
    parts.join(&l("；".to_owned(), "; ".to_owned()))
}

fn broken(law: &LawReport, head: &str, locale: Locale) -> String {
    let Outcome::Broken(found) = &law.outcome else { return String::new() };
    let (mark, what) = match locale {
        Locale::Zh => ("违反", &found.what.zh),
        Locale::En => ("BROKEN  ", &found.what.en),
    };
    let mut out = format!("{mark}  {head}\n    {}", sanitise(what));
    if let Some(config) = &found.config {
        out.push_str(match locale {
            Locale::Zh => "\n    所用的配置（可用 --config 再次检验）：\n",
            Locale::En => "\n    the configuration (--config judges by it again):\n",
        });
        out.push_str(&escaped(config));
    }
    if found.input.is_empty() {
        return out;
    }
    let lines: String = found.input.iter().map(|line| format!("{line}\n")).collect();
    let (rows, bytes) = (found.input.len(), lines.len());
    if bytes > MOST_SHOWN {
        out.push_str(&match locale {
            Locale::Zh => format!("\n    找到的最小输入有 {rows} 行、{bytes} 字节；加 --json 可见全文"),
            Locale::En => format!("\n    the smallest input found has {rows} rows, {bytes} bytes; --json shows it"),
        });
        return out;
    }
    out.push_str(match (locale, found.by_fixture) {
        (Locale::Zh, true) => "\n    找到的最小输入（可存为文件，用 --fixture 再次检验）：",
        (Locale::En, true) => "\n    the smallest input found (save it, and --fixture judges it again):",
        (Locale::Zh, false) => "\n    找到的最小输入：",
        (Locale::En, false) => "\n    the smallest input found:",
    });
    for line in lines.lines() {
        out.push('\n');
        // At the start of the line, to be copied as it is.
        out.push_str(&escaped(line));
    }
    out
}

/// JSON with what a terminal must not be sent as escapes: the line stays the same JSON.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if sanitise(c.encode_utf8(&mut [0; 4])) == c.to_string() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}
