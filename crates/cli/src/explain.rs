//! `huoyan explain`: why something was flagged and what would clear it.

use std::fmt::Write as _;

use huoyan_model::{Fingerprint, Locale, RecordKind, RuleInfo};
use huoyan_pipeline::rules_in_use;
use huoyan_report::{evidence_lines, field_name, kind_name, leading_facts, sanitise, severity_name};

use crate::args::ExplainArgs;
use crate::evidence;
use crate::exit::Exit;
use crate::findings;
use crate::plugins::{Failure, failure, find_all, load};
use crate::scan::make_galleries;
use crate::terminal::Terminal;

pub(crate) fn run(args: &ExplainArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let locale = terminal.language();
    if args.what == "exit-codes" {
        let mut out = String::new();
        for exit in Exit::ALL {
            let _ = writeln!(out, "{:>3}  {}", exit.code(), exit.meaning(locale));
        }
        let _ = writeln!(out, "{:>3}  {}", Exit::Unverified.code(), Exit::Unverified.meaning(locale));
        let _ = writeln!(out, "\nhuoyan appeal verify");
        for exit in Exit::VERIFIED {
            let _ = writeln!(out, "{:>3}  {}", exit.code(), exit.meaning(locale));
        }
        terminal.print(&out);
        return Ok(Exit::Complete);
    }
    let mut loaded = load(&args.setup, toml::Table::new())?;
    let locale = terminal.locale(loaded.config.locale);
    // Rules are told without the galleries, which may have to be made first.
    let galleries = std::mem::take(&mut loaded.config.galleries);
    let rules = rules_in_use(&find_all(&args.setup, &loaded)?, &loaded.config).map_err(failure)?;
    if let Some(fingerprint) = Fingerprint::parse(&args.what) {
        let Some(from) = &args.from else {
            return Err(failure((
                "查指纹需要 --from 文件，即 -o jsonl 写出的发现文件",
                "a fingerprint needs --from FILE, a findings file that -o jsonl wrote",
            )));
        };
        let finding = findings::find(from, fingerprint)?;
        let rule = rules.get(&finding.rule).map(|(_, rule)| rule);
        terminal.print(&finding_text(&finding, rule, locale, terminal.width));
        if let Some(dir) = &args.files {
            loaded.config.galleries = if args.gallery.is_empty() { galleries } else { args.gallery.clone() };
            let _made = make_galleries(&mut loaded.config)?;
            let folders = &loaded.config.inputs.picture_folders;
            for name in evidence::write(&finding, dir, &loaded.config.galleries, folders)? {
                terminal.note(&dir.join(name).display().to_string());
            }
        }
        return Ok(Exit::Complete);
    }
    match rules.get(&args.what.to_ascii_uppercase()) {
        Some((detector, rule)) => terminal.print(&rule_text(detector, rule, locale)),
        None => {
            let list = rules.keys().cloned().collect::<Vec<_>>().join(" ");
            let what = &args.what;
            return Err(failure((
                format!("'{what}' 不是规则、指纹或 exit-codes；规则有 {list}"),
                format!("'{what}' is neither a rule, a fingerprint nor exit-codes; the rules are {list}"),
            )));
        }
    }
    Ok(Exit::Complete)
}

fn label(locale: Locale, zh: &'static str, en: &'static str) -> &'static str {
    match locale {
        Locale::Zh => zh,
        Locale::En => en,
    }
}

fn rule_text(detector: &str, rule: &RuleInfo, locale: Locale) -> String {
    let mut out = String::new();
    let l = |zh, en| label(locale, zh, en);
    let _ = writeln!(out, "{} {} ({detector})", rule.id, rule.name.get(locale));
    let _ = writeln!(out, "{}: {}", l("说明", "message"), rule.message.get(locale));
    let _ = writeln!(out, "{}: {}", l("严重程度", "severity"), rule.severity);
    if let Some(clause) = &rule.clause {
        let _ = writeln!(out, "{}: {}", l("依据", "clause"), clause.get(locale));
    }
    let source = &rule.source;
    let _ = writeln!(
        out,
        "{}: {} ({} {}, {} {:?})",
        l("来源", "source"),
        source.title,
        l("核对于", "as of"),
        source.as_of,
        l("可信度", "confidence"),
        source.confidence
    );
    if let Some(rewrite) = &rule.rewrite {
        let _ = writeln!(out, "{}: {}", l("建议改写", "suggested rewrite"), rewrite.get(locale));
    }
    for (name, examples) in
        [(l("会被标记", "flagged"), &rule.examples.positive), (l("不会被标记", "not flagged"), &rule.examples.negative)]
    {
        for example in examples {
            let _ = writeln!(out, "{name}: {example}");
        }
    }
    out
}

fn finding_text(finding: &huoyan_model::Finding, rule: Option<&RuleInfo>, locale: Locale, width: usize) -> String {
    let mut out = String::new();
    let l = |zh, en| label(locale, zh, en);
    let name = rule.map_or("", |rule| rule.name.get(locale));
    let _ = writeln!(
        out,
        "{} {name}\n{} {} {}  {} {:.3}  {} {}",
        finding.rule,
        kind_name(finding.owner_kind, locale),
        sanitise(&finding.owner),
        sanitise(&finding.source.file),
        l("分数", "score"),
        finding.score,
        l("严重程度", "severity"),
        severity_name(finding.severity, locale),
    );
    let _ = writeln!(out, "\n{}", l("为什么疑似:", "why it is suspected:"));
    if let Some(facts) = leading_facts(finding, locale) {
        let _ = writeln!(out, "  {}", sanitise(&facts));
    }
    if let Some(rule) = rule {
        let _ = writeln!(out, "  {}", rule.message.get(locale));
    }
    if let Some(matched) = &finding.matched {
        let field = finding.field.as_deref().unwrap_or_default();
        let _ = writeln!(out, "  {}: {}", field_name(field, locale), sanitise(matched));
    }
    // The rule has these in both languages; the finding's own are said when the rule is not loaded.
    let told = |key: &str| match (key, rule) {
        ("clause", Some(rule)) => rule.clause.is_some(),
        ("rewrite", Some(rule)) => rule.rewrite.is_some(),
        _ => false,
    };
    let leave: Vec<&str> = finding.evidence.keys().map(String::as_str).filter(|key| told(key)).collect();
    for line in evidence_lines(finding, locale, width, &leave) {
        let _ = writeln!(out, "{line}");
    }
    if let Some(clause) = rule.and_then(|rule| rule.clause.as_ref()) {
        let _ = writeln!(out, "  {}: {}", l("依据", "clause"), clause.get(locale));
    }
    let _ = writeln!(out, "\n{}", l("怎样可以消除:", "what would clear it:"));
    if let Some(rewrite) = rule.and_then(|rule| rule.rewrite.as_ref()) {
        let _ = writeln!(out, "  {}", rewrite.get(locale));
    }
    if let Some(rule) = rule {
        for example in rule.examples.negative.iter().take(MOST_EXAMPLES) {
            let _ = writeln!(out, "  {}: {example}", l("这样写不会被标记", "not flagged"));
        }
    }
    if finding.record_kind == RecordKind::Listing && WITH_OVERLAYS.contains(&finding.detector.as_str()) {
        let matched = sanitise(finding.matched.as_deref().unwrap_or_default());
        let _ = writeln!(
            out,
            "  {}: allow = [{matched:?}]",
            l("本店正当用语可写入叠加规则 overlay", "rightful in this shop, in an overlay")
        );
    }
    let suppress = format!("huoyan suppress {} --reason … --until YYYY-MM-DD", finding.fingerprint);
    let _ = writeln!(out, "  {}: {suppress}", l("如系误报", "if it is mistaken"));
    out
}

/// The detectors whose resource `overlay` has allowed phrases.
const WITH_OVERLAYS: [&str; 2] = ["platform-mention", "prohibited-keyword"];

/// So many texts that a rule does not flag are shown beside a finding.
const MOST_EXAMPLES: usize = 3;
