//! `huoyan appeal check`: what a third person would miss, and what would speak against the shop. It never blocks.

use std::fmt::Write as _;

use huoyan_dossier::check::{ChatHit, Completeness};
use huoyan_dossier::page;
use huoyan_model::{Locale, Localized};
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
    let originals = store.verify_store().map_err(|e| failure(e.message()))?;
    let found = read.completeness().with_originals(&originals);
    if let Some(file) = &args.html {
        let own = read.documents(&found, None, None).into_iter().find(|composed| !composed.sent);
        let page = own.map(|own| page::html::render(&own.document, |_| None)).unwrap_or_default();
        std::fs::write(file, page).map_err(super::unwritable(file))?;
    }
    if args.json {
        let json = serde_json::to_string_pretty(&found).map_err(|e| failure(e.to_string()))?;
        terminal.print(&format!("{json}\n"));
    } else {
        terminal.print(&text(&found, locale));
    }
    Ok(Exit::Complete)
}

/// Everything that was found, what does most harm first; `page::compose::completeness` keeps the same order.
fn text(found: &Completeness, locale: Locale) -> String {
    let zh = locale == Locale::Zh;
    let mut said = Said { out: String::new(), locale, reasons: 0 };
    said.line(if found.complete {
        ("完整：没有缺项", "complete: nothing is missing")
    } else {
        ("未完整：可以照常提交，封面会注明“未完整”", "incomplete: it can be handed in all the same, the cover says so")
    });
    for principle in &found.principles {
        let met = principle.reasons.iter().filter(|reason| reason.met).count();
        let (name, score, all) = (principle.principle.name(), principle.score, principle.reasons.len());
        let _ = writeln!(said.out, "  {} {score:>3}/100  ({met}/{all})", name.get(locale));
    }
    if !found.originals.is_empty() {
        said.line(("原件缺失或被改动：", "originals that are missing or altered:"));
        found.originals.iter().for_each(|fault| said.reason(fault));
    }
    said.hits(
        ("己方聊天中不利的话（提交前请自查）：", "in your own chats, against you (look before you hand it in):"),
        &found.harmful,
    );
    let ledger = found.ledger.iter().map(|fact| {
        let (place, text) = (&fact.place, &fact.text);
        Localized::new(format!("{place} {}", text.zh), format!("{place} {}", text.en))
    });
    said.list(("记录中不利的事实：", "the records say against you:"), ledger);
    let mut wording: Vec<_> = found.statement.iter().collect();
    wording.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let wording = wording.into_iter().map(|finding| {
        let (words, why, instead) = (&finding.words, &finding.why, &finding.suggestion);
        Localized::new(format!("“{words}” {}{}", why.zh, instead.zh), format!("“{words}” {} {}", why.en, instead.en))
    });
    said.list(("陈述的措辞：", "the words of the statement:"), wording);
    let (bare, unknown) = (&found.claims_without_exhibit, &found.unknown_citations);
    if !(bare.is_empty() && unknown.is_empty() && found.missing.is_empty()) {
        said.line(("缺项：", "what is missing:"));
    }
    for unknown in unknown {
        let (by, exhibit) = (&unknown.by, unknown.exhibit);
        said.reason(&Localized::new(
            format!("改正：{by} 引用了 {exhibit}，案件中没有这项证据"),
            format!("correct: {by} cites {exhibit}, which is not in the case"),
        ));
    }
    for claim in bare {
        said.reason(&Localized::new(
            format!("补充：事实 {claim} 没有证据，未写入陈述；请用 huoyan appeal claim --exhibit 重写，或用 --remove 删去"),
            format!("add: claim {claim} has no exhibit and is left out of the statement; say it anew by huoyan appeal claim --exhibit, or take it out by --remove"),
        ));
    }
    for missing in &found.missing {
        said.reason(&missing.action);
        said.more(&missing.why);
        said.more(&missing.how);
    }
    said.list(
        ("对不上或须先核对的时间线：", "what does not fit in the course, or should be looked at first:"),
        found.course.iter().cloned(),
    );
    said.list(
        ("请核对（如有则补充，没有则不必）：", "to be looked at (add what there is):"),
        found.questions.iter().map(|question| question.action.clone()),
    );
    said.list(("未读取或未能确定的内容：", "what was not read, or not for certain:"), found.reading.iter().cloned());
    said.hits(("可以引用的买家原话：", "words of the buyer that can be cited:"), &found.citable);
    if !found.exhibits_without_claim.is_empty() {
        let ids: Vec<String> = found.exhibits_without_claim.iter().map(ToString::to_string).collect();
        let title = if zh { "没有陈述引用的证据：" } else { "exhibits that no claim cites:" };
        let _ = writeln!(said.out, "{title} {}", ids.join(" "));
    }
    found.notes.iter().for_each(|note| said.line(note.clone()));
    said.out
}

/// What is printed, piece by piece.
struct Said {
    out: String,
    locale: Locale,
    /// Reasons why it is incomplete, so far.
    reasons: usize,
}

impl Said {
    fn line(&mut self, text: impl Into<Localized>) {
        let text = text.into();
        let _ = writeln!(self.out, "{}", sanitise(text.get(self.locale)));
    }

    fn reason(&mut self, text: &Localized) {
        self.reasons += 1;
        let _ = writeln!(self.out, "{}. {}", self.reasons, sanitise(text.get(self.locale)));
    }

    fn more(&mut self, text: &Localized) {
        let text = sanitise(text.get(self.locale));
        if !text.is_empty() {
            let _ = writeln!(self.out, "   {text}");
        }
    }

    fn list(&mut self, title: (&str, &str), lines: impl Iterator<Item = Localized>) {
        for (n, line) in lines.enumerate() {
            if n == 0 {
                self.line(title);
            }
            let _ = writeln!(self.out, "  {}", sanitise(line.get(self.locale)));
        }
    }

    fn hits(&mut self, title: (&str, &str), hits: &[ChatHit]) {
        let lines = hits.iter().map(|hit| {
            let (place, words, why) = (&hit.place, &hit.finding.words, &hit.finding.why);
            Localized::new(format!("{place} “{words}” {}", why.zh), format!("{place} “{words}” {}", why.en))
        });
        self.list(title, lines);
    }
}
