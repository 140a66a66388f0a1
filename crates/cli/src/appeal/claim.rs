//! `huoyan appeal claim` and `ask`: what the case says, in the shop's own words.

use huoyan_dossier::case::Claim;
use huoyan_dossier::lint::{LintPack, check_statement};
use huoyan_model::Locale;
use huoyan_report::sanitise;

use super::build::exhibit;
use super::named;
use crate::args::appeal::{AskArgs, ClaimArgs};
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

/// So many claims have room on the cover.
const ON_COVER: usize = 3;

pub(super) fn run(args: &ClaimArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let Some(text) = &args.text else {
        return remove(args, terminal);
    };
    let text = said(text)?;
    let mut exhibits = Vec::new();
    for id in &args.exhibit {
        exhibits.push(exhibit("--exhibit", id)?);
    }
    let mut store = super::open(&args.case, terminal)?;
    if let Some(id) = exhibits.iter().find(|id| store.case().exhibit(**id).is_none()) {
        let there: Vec<String> = store.case().exhibits.iter().map(|exhibit| exhibit.id.to_string()).collect();
        let there = there.join(" ");
        return Err(failure((
            format!("--exhibit {id}：案件中没有这项证据；现有 {there}"),
            format!("--exhibit {id}: the case has no such exhibit; there are {there}"),
        )));
    }
    let covers = store.case().claims.iter().filter(|claim| claim.on_cover).count();
    if args.cover && covers >= ON_COVER {
        return Err(failure((
            format!("--cover：封面已有 {ON_COVER} 条事实，放不下更多；请去掉 --cover"),
            format!("--cover: the cover has {ON_COVER} facts already and no room for more; leave --cover out"),
        )));
    }
    let last = store.case().claims.iter().filter_map(|claim| claim.id.strip_prefix('C')?.parse::<u32>().ok()).max();
    let id = format!("C{}", last.unwrap_or_default() + 1);
    let bare = exhibits.is_empty();
    let claim = Claim { id: id.clone(), text: text.clone(), exhibits, on_cover: args.cover };
    store.update(|case| case.claims.push(claim)).map_err(|e| failure(e.message()))?;
    terminal.print(&format!("{id}\n"));
    if bare {
        terminal.note(match terminal.language() {
            Locale::Zh => "这条陈述还没有证据；请用 --exhibit E01 指明",
            Locale::En => "no exhibit shows this claim yet; name them by --exhibit E01",
        });
    }
    lint(&text, !bare, terminal);
    Ok(Exit::Complete)
}

fn remove(args: &ClaimArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut store = super::open(&args.case, terminal)?;
    let there: Vec<&str> = store.case().claims.iter().map(|claim| claim.id.as_str()).collect();
    if let Some(id) = args.remove.iter().find(|id| !there.contains(&id.as_str())) {
        return Err(named("--remove", id, there.into_iter()));
    }
    store
        .update(|case| case.claims.retain(|claim| !args.remove.contains(&claim.id)))
        .map_err(|e| failure(e.message()))?;
    Ok(Exit::Complete)
}

pub(super) fn ask(args: &AskArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let text = said(&args.text)?;
    let mut store = super::open(&args.case, terminal)?;
    store.update(|case| case.ask = text.clone()).map_err(|e| failure(e.message()))?;
    lint(&text, true, terminal);
    Ok(Exit::Complete)
}

fn said(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(failure(("请写一句话", "say it in one sentence")));
    }
    Ok(text.to_owned())
}

/// Says what a reader would stumble over; it never blocks.
fn lint(text: &str, supported: bool, terminal: &Terminal) {
    let report = check_statement(text, &[], LintPack::built_in());
    let locale = terminal.language();
    for finding in report.findings {
        use huoyan_dossier::lint::Kind;
        if matches!(finding.kind, Kind::Unsupported | Kind::UnusedExhibit | Kind::UnknownExhibit) && supported {
            continue;
        }
        if matches!(finding.kind, Kind::Unsupported | Kind::UnusedExhibit) {
            continue;
        }
        let (words, why, instead) = (sanitise(&finding.words), finding.why.get(locale), finding.suggestion.get(locale));
        terminal.note(&match locale {
            Locale::Zh => format!("措辞“{words}”：{why}{instead}"),
            Locale::En => format!("wording '{words}': {why} {instead}"),
        });
    }
}
