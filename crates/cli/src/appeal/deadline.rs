//! `huoyan appeal deadline`: until when, and how long is left.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use huoyan_dossier::deadline::{Confidence, Deadline, Instant, Rules, Side, ics};
use huoyan_model::{Locale, Localized};

use super::counted::Numbers;
use super::{started, time};
use crate::args::appeal::DeadlineArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &DeadlineArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let now = time::now(&args.clock)?;
    let locale = terminal.language();
    let Numbers { rules, calendar } = &Numbers::read(&args.counted)?;
    let (name, deadlines) = match (&args.rule, &args.case) {
        (Some(rule), _) => {
            let from = time::parse("--from", args.from.as_deref().unwrap_or_default())?;
            let deadline = rules.deadline(rule, from, calendar).map_err(|e| failure(e.message()))?;
            (rule.clone(), vec![deadline])
        }
        (None, Some(dir)) => {
            let store = super::open(dir, terminal)?;
            let case = store.case();
            let mut deadlines = Vec::new();
            for (event, started) in &case.started {
                for rule in rules.started_by(event) {
                    deadlines.push(rules.deadline(&rule.id, *started, calendar).map_err(|e| failure(e.message()))?);
                }
            }
            if deadlines.is_empty() {
                return Err(nothing_started(dir, rules));
            }
            deadlines.sort_by_key(|deadline| deadline.working);
            (case.id.clone(), deadlines)
        }
        (None, None) => return Err(failure(("请给出案件或 --rule", "give a case or --rule"))),
    };
    for deadline in &deadlines {
        terminal.print(&text(deadline, now, locale));
    }
    if let Some(file) = &args.ics {
        let calendar = ics(&name, &deadlines, now, locale);
        fs::write(file, calendar).map_err(super::unwritable(file))?;
        let file = file.display();
        terminal.note(&match locale {
            Locale::Zh => format!("日历文件：{file}"),
            Locale::En => format!("calendar file: {file}"),
        });
    }
    Ok(Exit::Complete)
}

fn nothing_started(dir: &Path, rules: &Rules) -> Failure {
    let (dir, events) = (dir.display(), started::events(rules).join(" "));
    failure((
        format!(
            "该案件没有记录任何起算时间；请用 huoyan appeal set {dir} --started 事件=时间 填写，或用 --rule 与 --from 计算单项（事件：{events}）"
        ),
        format!(
            "the case has no moment that starts a deadline; give it by huoyan appeal set {dir} --started EVENT=TIME, or ask for one by \
             --rule and --from (events: {events})"
        ),
    ))
}

fn text(deadline: &Deadline, now: Instant, locale: Locale) -> String {
    let l = |zh, en| if locale == Locale::Zh { zh } else { en };
    let mut out = String::new();
    let countdown = deadline.countdown(now);
    let side = match deadline.side {
        Side::Merchant => l("商家", "merchant"),
        Side::Platform => l("平台", "platform"),
        Side::RightsHolder => l("权利人", "rights holder"),
    };
    let _ = writeln!(out, "{} ({})  {}", deadline.name.get(locale), deadline.rule, side);
    let _ = writeln!(out, "  {} {}  {}", l("截止", "due"), deadline.working.to_china(), countdown.text().get(locale));
    let _ = writeln!(out, "  {} {}", l("起算", "from"), deadline.start);
    if deadline.readings.len() > 1 {
        for reading in &deadline.readings {
            let _ = writeln!(out, "    {} {}", reading.due, reading.name.get(locale));
        }
    }
    let _ = writeln!(out, "  {}", deadline.text.get(locale));
    for flag in &deadline.flags {
        let _ = writeln!(out, "  ! {}", flag.message().get(locale));
    }
    let source = &deadline.source;
    let confidence = match source.confidence {
        Confidence::Low => Localized::new("低", "low"),
        Confidence::Medium => Localized::new("中", "medium"),
        Confidence::High => Localized::new("高", "high"),
    };
    let _ = writeln!(
        out,
        "  {}: {} ({} {}, {} {})\n",
        l("来源", "source"),
        source.title,
        l("核对于", "as of"),
        source.as_of,
        l("可信度", "confidence"),
        confidence.get(locale)
    );
    out
}
