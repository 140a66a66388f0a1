//! `huoyan plugin conformance`: the laws that every plugin keeps, on one plugin.

use std::fmt::Write as _;
use std::path::Path;
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
    let options = Options {
        config: args.config.clone(),
        laws: args.laws.clone(),
        seed: args.seed,
        fixture: args.fixture.clone(),
        time_limit: Duration::from_secs(args.time_limit),
        memory_limit: args.memory_limit << 20,
        apart: Some(vec![own.to_string_lossy().into_owned(), "plugin".into(), "conformance-law".into()]),
        ..Options::default()
    };
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let report = check(&file, &options).map_err(failure)?;
    if args.json {
        let mut json = serde_json::to_string_pretty(&report).map_err(|e| failure(e.to_string()))?;
        json.push('\n');
        terminal.print(&json);
    } else {
        terminal.print(&told(&report, locale));
    }
    Ok(if report.all_kept() { Exit::Complete } else { Exit::Findings })
}

/// One law's process: the command calls itself.
pub(crate) fn serve(job: &Path, answer: &Path) -> Result<Exit, Failure> {
    huoyan_conformance::serve(job, answer).map_err(|e| failure(e.to_string()))?;
    Ok(Exit::Complete)
}

fn told(report: &Report, locale: Locale) -> String {
    let zh = locale == Locale::Zh;
    let l = |zh_text: &'static str, en_text: &'static str| if zh { zh_text } else { en_text };
    let mut out = format!("{} {}  {}\n", sanitise(&report.plugin), sanitise(&report.version), report.digest);
    let several = report.laws.iter().any(|law| law.detector != report.laws[0].detector);
    for law in &report.laws {
        let of = if several { format!(" [{}]", law.detector) } else { String::new() };
        let head = format!("{:<16} {}{of}", law.law, law.name.get(locale));
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
    let n = report.broken().len();
    let _ = match (zh, n) {
        (true, 0) => writeln!(out, "没有违反任何准则（种子 {}）", report.seed),
        (false, 0) => writeln!(out, "no law is broken (seed {})", report.seed),
        (true, n) => writeln!(out, "违反准则 {n} 条：{}", report.broken().join(" ")),
        (false, n) => writeln!(out, "laws broken: {n}: {}", report.broken().join(" ")),
    };
    out
}

fn broken(law: &LawReport, head: &str, locale: Locale) -> String {
    let Outcome::Broken(found) = &law.outcome else { return String::new() };
    let (mark, what) = match locale {
        Locale::Zh => ("违反", &found.what.zh),
        Locale::En => ("BROKEN  ", &found.what.en),
    };
    let mut out = format!("{mark}  {head}\n    {}", sanitise(what));
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
    out.push_str(match locale {
        Locale::Zh => "\n    找到的最小输入（可存为文件，用 --fixture 再次检验）：",
        Locale::En => "\n    the smallest input found (save it, and --fixture judges it again):",
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
