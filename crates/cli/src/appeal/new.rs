//! `huoyan appeal new`: a case, with what a scan found in it from the start.

use std::collections::BTreeMap;

use huoyan_dossier::case::store::{By, Store};
use huoyan_dossier::case::{Case, SCHEMA, Shop, Subject};
use huoyan_dossier::package::{Packages, Targets};
use huoyan_model::Locale;

use super::{add, found, named, time};
use crate::args::appeal::NewArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

/// What starts the deadline of an appeal against a penalty, in `data/deadlines`.
const PENALTY_NOTICE: &str = "penalty_notice";

pub(super) fn run(args: &NewArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let now = time::now(&args.clock)?;
    let packages = Packages::built_in();
    if packages.get(&args.package).is_none() {
        return Err(types(&args.package, packages, terminal.language()));
    }
    let targets = Targets::built_in();
    if targets.get(&args.target).is_none() {
        return Err(named("--target", &args.target, targets.iter().map(|target| target.id.as_str())));
    }
    let mut started = BTreeMap::new();
    if let Some(text) = &args.penalty_at {
        started.insert(PENALTY_NOTICE.to_owned(), time::parse("--penalty-at", text)?);
    }
    // Everything that was found is read before the case's folder is made.
    let found = found::read(args)?;
    let subject = |kind: &str, id: &String| Subject { kind: kind.to_owned(), id: id.clone(), shown_by: None };
    let mut subjects: Vec<Subject> = found.reviews.iter().map(|id| subject("review", id)).collect();
    subjects.extend(found.listings.iter().map(|id| subject("listing", id)));
    let id = args.id.clone().unwrap_or_else(|| format!("CASE-{}-0001", now.china_date().to_string().replace('-', "")));
    let case = Case {
        schema: SCHEMA.to_owned(),
        id: id.clone(),
        package: args.package.clone(),
        target: args.target.clone(),
        shop: Shop { id: args.shop.clone(), name: args.shop_name.clone(), contact: args.contact.clone() },
        opened_at: now,
        ask: String::new(),
        subjects,
        started,
        claims: Vec::new(),
        exhibits: Vec::new(),
        round_before: None,
    };
    let mut store = Store::create(&args.out, case).map_err(|e| failure(e.message()))?;
    let by = By { at: now, who: add::who("") };
    let exhibits = found.add_to(&mut store, &by)?;
    terminal.print(&format!("{id}\n"));
    for (exhibit, what) in exhibits {
        terminal.print(&format!("{exhibit}  {what}\n"));
    }
    let dir = args.out.display();
    terminal.note(&match terminal.language() {
        Locale::Zh => format!(
            "案件文件夹 {dir}（含代号密钥 case.key，请勿外传）\n接下来：huoyan appeal add {dir} 聊天记录.csv 订单.xlsx …，再用 huoyan appeal \
             check {dir} 查看还缺什么"
        ),
        Locale::En => format!(
            "the case is in {dir} (with the key of its tokens, case.key: keep it)\nnext: huoyan appeal add {dir} chat.csv orders.xlsx …, then \
             huoyan appeal check {dir} says what is missing"
        ),
    });
    Ok(Exit::Complete)
}

fn types(given: &str, packages: &Packages, locale: Locale) -> Failure {
    let mut failure = named("--type", given, packages.iter().map(|package| package.id.as_str()));
    let list: String =
        packages.iter().map(|package| format!("\n  {:<24}{}", package.id, package.name.get(locale))).collect();
    failure.zh.push_str(&list);
    failure.en.push_str(&list);
    failure
}
