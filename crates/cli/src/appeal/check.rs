//! `huoyan appeal check`: what a third person would miss, and what would speak against the shop. It never blocks.

use std::fmt::Write as _;

use huoyan_dossier::check::{ChatHit, Completeness};
use huoyan_dossier::page;
use huoyan_model::Locale;
use huoyan_report::sanitise;

use super::counted::Numbers;
use super::papers::Read;
use super::time;
use crate::args::appeal::CaseCheckArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &CaseCheckArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let now = time::now(&args.clock)?;
    let store = super::open(&args.case, terminal)?;
    let locale = terminal.language();
    let numbers = Numbers::read(&args.counted)?;
    let read = Read::new(&store, store.case(), numbers.tables(), now, locale)?;
    let found = read.completeness();
    if let Some(file) = &args.html {
        let own = read.documents(&found, None, None).into_iter().find(|composed| !composed.sent);
        let page = own.map(|own| page::html::render(&own.document, |_| None)).unwrap_or_default();
        std::fs::write(file, page).map_err(super::unwritable(file))?;
    }
    if args.json {
        let json = serde_json::to_string_pretty(&found).map_err(|e| failure(e.to_string()))?;
        terminal.print(&format!("{json}\n"));
    } else {
        let mut text = text(&found, locale);
        let timeline = &read.timeline;
        let unlike = timeline.conflicts.iter().map(|conflict| conflict.message());
        let messages = unlike.chain(timeline.impossible.iter().map(|found| found.message()));
        for message in messages.chain(timeline.shared_waybills.iter().map(|found| found.message())) {
            let label = if locale == Locale::Zh { "对不上：" } else { "it does not fit: " };
            let _ = writeln!(text, "{label}{}", sanitise(message.get(locale)));
        }
        terminal.print(&text);
        for (exhibit, note) in &read.notes {
            terminal.note(&format!("{exhibit}: {}", sanitise(note.get(locale))));
        }
    }
    Ok(Exit::Complete)
}

fn text(found: &Completeness, locale: Locale) -> String {
    let l = |zh, en| if locale == Locale::Zh { zh } else { en };
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}",
        if found.complete {
            l("完整：没有缺项", "complete: nothing is missing")
        } else {
            l(
                "未完整：可以照常提交，封面会注明“未完整”",
                "incomplete: it can be handed in all the same, the cover says so",
            )
        }
    );
    for principle in &found.principles {
        let met = principle.reasons.iter().filter(|reason| reason.met).count();
        let _ = writeln!(
            out,
            "  {} {:>3}/100  ({met}/{})",
            principle.principle.name().get(locale),
            principle.score,
            principle.reasons.len()
        );
    }
    for (n, missing) in found.missing.iter().enumerate() {
        let _ = writeln!(out, "{}. {}", n + 1, sanitise(missing.action.get(locale)));
        for more in [&missing.why, &missing.how] {
            let more = sanitise(more.get(locale));
            if !more.is_empty() {
                let _ = writeln!(out, "   {more}");
            }
        }
    }
    let hits = |title: &str, hits: &[ChatHit], out: &mut String| {
        for (n, hit) in hits.iter().enumerate() {
            if n == 0 {
                let _ = writeln!(out, "{title}");
            }
            let (words, why) = (sanitise(&hit.finding.words), sanitise(hit.finding.why.get(locale)));
            let _ = writeln!(out, "  {}:{} “{words}” {why}", hit.place.exhibit, hit.place.line);
        }
    };
    hits(
        l("己方聊天中不利的话（提交前请自查）：", "in your own chats, against you (look before you hand it in):"),
        &found.harmful,
        &mut out,
    );
    hits(l("可以引用的买家原话：", "words of the buyer that can be cited:"), &found.citable, &mut out);
    for fact in &found.ledger {
        let text = sanitise(fact.text.get(locale));
        let _ = writeln!(
            out,
            "{} {}:{} {text}",
            l("记录中不利的事实：", "the records say against you:"),
            fact.place.exhibit,
            fact.place.line
        );
    }
    for note in &found.notes {
        let _ = writeln!(out, "{}", sanitise(note.get(locale)));
    }
    if !found.exhibits_without_claim.is_empty() {
        let ids: Vec<String> = found.exhibits_without_claim.iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "{} {}", l("没有陈述引用的证据：", "exhibits that no claim cites:"), ids.join(" "));
    }
    out
}
