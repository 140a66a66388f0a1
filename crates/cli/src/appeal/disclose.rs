//! `huoyan appeal disclose`: one value of a bundle shown, and provably the one, without the rest.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use huoyan_dossier::assemble::{Disclosure, OPENING_SCHEMA, Options, disclose};
use huoyan_dossier::bundle::{Check, CheckedPart, Limits, Problem, SigningKey, Trust, verify_with};
use huoyan_dossier::privacy::{Redaction, verify_opening};
use huoyan_model::Locale;
use huoyan_report::sanitise;

use super::{build, time};
use crate::args::appeal::{Clock, DiscloseArgs};
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &DiscloseArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if let [opening, bundle] = &args.check[..] {
        return check(opening, bundle, terminal);
    }
    let Some(case) = &args.case else {
        return Err(failure(("请给出案件和代号", "give a case and a token")));
    };
    open(case, args, terminal)
}

fn open(case: &Path, args: &DiscloseArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let store = super::open(case, terminal)?;
    let token = args.token.as_deref().unwrap_or_default();
    let wanted = |redaction: &Redaction| match &args.span {
        Some(span) => redaction.commitment == *span,
        None => redaction.token == token,
    };
    // The place of a token depends on the tokens before it, so on their language; the one that was used has the span.
    let signer = SigningKey::from_seed([0; 32]);
    let mut found = Vec::new();
    let usual = terminal.locale(Some(Locale::Zh));
    for locale in [usual, if usual == Locale::Zh { Locale::En } else { Locale::Zh }] {
        let options = Options {
            key: &signer,
            case_key: store.key().map_err(|e| failure(e.message()))?,
            limits: Limits::none(),
            profile: build::profile(&args.profile)?,
            now: time::now(&Clock { now: Some("2000-01-01".to_owned()) })?,
            locale,
            seal_to: Vec::new(),
            as_is: BTreeSet::new(),
            machine: build::machine("none", ""),
            mail_to: String::new(),
        };
        found = disclose(store.case(), store.root(), &options, wanted).map_err(failure)?;
        if !found.is_empty() {
            break;
        }
    }
    let Some(first) = found.first() else {
        let what = args.span.as_deref().unwrap_or(token);
        let (what, profile) = (sanitise(what), &args.profile);
        return Err(failure((
            format!("案件中没有 {what}（按 --profile {profile} 遮盖）；请从 redactions.jsonl 复制代号或 commitment"),
            format!(
                "the case has no {what} (redacted for --profile {profile}); copy the token or the commitment from redactions.jsonl"
            ),
        )));
    };
    let json = serde_json::to_string_pretty(first).map_err(|e| failure(e.to_string()))?;
    terminal.print(&format!("{json}\n"));
    if found.len() > 1 {
        let others = found.len() - 1;
        terminal.note(&match terminal.language() {
            Locale::Zh => format!("同一代号另有 {others} 处，值相同；如需指定某一处，请用 --span COMMITMENT"),
            Locale::En => {
                format!("the same token stands in {others} other places; --span COMMITMENT picks one of them")
            }
        });
    }
    Ok(Exit::Complete)
}

fn check(opening: &Path, bundle: &PathBuf, terminal: &Terminal) -> Result<Exit, Failure> {
    let shown = opening.display();
    let text = std::fs::read_to_string(opening).map_err(|e| failure(format!("{shown}: {e}")))?;
    let disclosure: Disclosure = serde_json::from_str(&text).map_err(|e| {
        failure((
            format!("{shown} 不是披露文件（{e}）；请给出 huoyan appeal disclose 写出的 JSON"),
            format!("{shown} is no opening ({e}); give the JSON that huoyan appeal disclose wrote"),
        ))
    })?;
    if disclosure.schema != OPENING_SCHEMA {
        let found = sanitise(&disclosure.schema);
        return Err(failure((
            format!("{shown}：版本 {found} 未知，本程序支持 {OPENING_SCHEMA}"),
            format!("{shown}: it is of version {found}, this program knows {OPENING_SCHEMA}"),
        )));
    }
    let lines = Lines::default();
    let report = verify_with(&[bundle], &Trust::default(), &[&lines]);
    if !lines.seen.get() {
        let bundle = bundle.display();
        let why = report.problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        return Err(failure((
            format!("{bundle} 中没有可读的 redactions.jsonl：{}", why.zh),
            format!("{bundle} has no redactions.jsonl that can be read: {}", why.en),
        )));
    }
    let redaction = &disclosure.redaction;
    let listed = lines.redactions.borrow().contains(redaction);
    let fits = verify_opening(&redaction.commitment, &disclosure.opening);
    let (token, exhibit, field) =
        (sanitise(&redaction.token), sanitise(&redaction.exhibit), sanitise(&redaction.field));
    let (good, zh, en) = match (listed, fits) {
        (true, Ok(())) => (
            true,
            format!("相符：{exhibit} {field} 处的 {token} 是“{}”", sanitise(&disclosure.opening.value)),
            format!("it fits: {token} at {exhibit} {field} is '{}'", sanitise(&disclosure.opening.value)),
        ),
        (false, _) => (
            false,
            format!("不符：证据包的 redactions.jsonl 中没有这一处 {token}"),
            format!("it does not fit: the bundle's redactions.jsonl has no such place of {token}"),
        ),
        (true, Err(why)) => {
            (false, format!("不符：披露的值与承诺不一致（{token}）"), format!("it does not fit {token}: {why}"))
        }
    };
    terminal.print(&format!("{}\n", if terminal.language() == Locale::Zh { zh } else { en }));
    terminal.note(match (terminal.language(), good) {
        (Locale::Zh, true) => "这只说明该值与证据包一致；证据包本身请另用 huoyan appeal verify 核验",
        (Locale::Zh, false) => "这里只对照了该值与证据包；证据包本身请另用 huoyan appeal verify 核验",
        (Locale::En, _) => {
            "this compares the value with the bundle; the bundle itself is judged by huoyan appeal verify"
        }
    });
    Ok(if good { Exit::Complete } else { Exit::Findings })
}

/// Keeps the lines of `redactions.jsonl` while a bundle is read.
#[derive(Default)]
struct Lines {
    seen: std::cell::Cell<bool>,
    redactions: RefCell<Vec<Redaction>>,
}

/// A longer record is not read.
const MOST_BYTES: u64 = 256 << 20;

impl Check for Lines {
    fn check(&self, part: &mut CheckedPart<'_>) -> Vec<Problem> {
        let name = "data/redactions.jsonl";
        if !part.payload().any(|path| path == name) {
            return Vec::new();
        }
        let mut text = String::new();
        let read = part.open(name).and_then(|reader| reader.take(MOST_BYTES).read_to_string(&mut text));
        if read.is_ok() {
            self.seen.set(true);
            self.redactions.borrow_mut().extend(text.lines().filter_map(|line| serde_json::from_str(line).ok()));
        }
        Vec::new()
    }
}
