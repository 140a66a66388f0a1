//! `huoyan appeal verify`: is a bundle as it was signed?

use std::fmt::Write as _;
use std::path::Path;

use huoyan_dossier::bundle::timestamp::Anchor;
use huoyan_dossier::bundle::{PartReport, Problem, PublicKey, Report, Trust, verify_with};
use huoyan_dossier::contents::Contents;
use huoyan_model::Locale;
use huoyan_report::sanitise;

use crate::args::appeal::VerifyArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &VerifyArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut trust = Trust::default();
    for file in &args.key {
        trust.keys.extend(keys(file)?);
    }
    for file in &args.tsa {
        trust.authorities.extend(Anchor::read(file).map_err(failure)?);
    }
    let report = verify_with(&args.paths, &trust, &[&Contents::default()]);
    let locale = terminal.language();
    if args.json {
        let json = serde_json::to_string_pretty(&report).map_err(|e| failure(e.to_string()))?;
        terminal.print(&format!("{json}\n"));
    } else {
        terminal.print(&text(&report, locale));
    }
    Ok(Exit::Verified(report.verdict))
}

/// The keys of a `.pub` file or of an `allowed_signers` file with several lines.
fn keys(file: &Path) -> Result<Vec<PublicKey>, Failure> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|e| failure(format!("{shown}: {e}")))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let keys: Vec<PublicKey> = lines.filter_map(|line| PublicKey::parse(line).ok()).collect();
    if keys.is_empty() {
        return Err(failure((
            format!("{shown} 中没有 ed25519 公钥；请给出 .pub 文件或 allowed_signers 文件"),
            format!("{shown} holds no ed25519 public key; give a .pub file or an allowed_signers file"),
        )));
    }
    Ok(keys)
}

fn text(report: &Report, locale: Locale) -> String {
    let mut out = format!("{}\n", report.verdict.text(locale));
    for part in &report.parts {
        out.push_str(&part_text(part, locale));
    }
    for problem in &report.problems {
        let _ = writeln!(out, "  {}", problem_text(problem, locale));
    }
    out
}

fn part_text(part: &PartReport, locale: Locale) -> String {
    let PartReport { number, of, files, bytes, .. } = part;
    let (name, case, tags) = (sanitise(&part.name), sanitise(&part.case_id), &part.tag_manifest);
    let mut out = match locale {
        Locale::Zh => format!("{name}\n  案件 {case}，第 {number}/{of} 卷，{files} 个文件，{bytes} 字节\n"),
        Locale::En => format!("{name}\n  case {case}, part {number} of {of}, {files} files, {bytes} bytes\n"),
    };
    if !tags.is_empty() {
        let label = if locale == Locale::Zh { "清单 SHA-256" } else { "tag manifest SHA-256" };
        let _ = writeln!(out, "  {label} {tags}");
    }
    if !part.signer.is_empty() {
        let label = if locale == Locale::Zh { "签名公钥" } else { "signed by" };
        let _ = writeln!(out, "  {label} {}", part.signer);
    }
    if let Some(stamp) = &part.stamp {
        let authority = sanitise(&stamp.authority);
        let _ = match (locale, stamp.trusted) {
            (Locale::Zh, true) => writeln!(out, "  时间戳 {}，{authority}", stamp.time),
            (Locale::Zh, false) => {
                writeln!(out, "  时间戳 {}，{authority}（未给出 --tsa 证书，未经核实）", stamp.time)
            }
            (Locale::En, true) => writeln!(out, "  time stamp {}, {authority}", stamp.time),
            (Locale::En, false) => {
                writeln!(out, "  time stamp {}, {authority} (not checked: no --tsa certificate)", stamp.time)
            }
        };
    }
    out
}

fn problem_text(problem: &Problem, locale: Locale) -> String {
    let place = match (problem.part.is_empty(), problem.place.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("{}: ", sanitise(&problem.part)),
        (true, false) => format!("{}: ", sanitise(&problem.place)),
        (false, false) => format!("{} › {}: ", sanitise(&problem.part), sanitise(&problem.place)),
    };
    format!("{place}{} [{}]", sanitise(problem.message.get(locale)), problem.code.as_str())
}
