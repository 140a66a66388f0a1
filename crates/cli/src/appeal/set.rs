//! `huoyan appeal set`: changes what `new` set of a case, its exhibits aside.

use huoyan_model::Locale;
use huoyan_report::sanitise;

use super::counted::Numbers;
use super::{build, started, time};
use crate::args::appeal::SetArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &SetArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let SetArgs { case, started, target, shop, shop_name, contact, counted, clock } = args;
    let now = time::now(clock)?;
    let locale = terminal.language();
    let numbers = Numbers::read(counted)?;
    let started = started::parse(started, &numbers.rules)?;
    if started.is_empty() && [target, shop, shop_name, contact].into_iter().all(Option::is_none) {
        return Err(failure((
            "请说明要改什么：--started、--target、--shop、--shop-name 或 --contact",
            "say what to change: --started, --target, --shop, --shop-name or --contact",
        )));
    }
    if let Some(target) = target {
        build::target(target)?;
    }
    if shop.as_ref().is_some_and(|shop| shop.trim().is_empty()) {
        return Err(failure(("--shop：店铺 ID 不能为空", "--shop: the shop's id cannot be empty")));
    }
    let mut store = super::open(case, terminal)?;
    let change = |case: &mut huoyan_dossier::case::Case| {
        for (event, at) in &started {
            match at {
                Some(at) => case.started.insert(event.clone(), *at),
                None => case.started.remove(event),
            };
        }
        let texts = [
            (target, &mut case.target),
            (shop, &mut case.shop.id),
            (shop_name, &mut case.shop.name),
            (contact, &mut case.shop.contact),
        ];
        for (given, place) in texts {
            if let Some(text) = given {
                text.trim().clone_into(place);
            }
        }
    };
    store.update(change).map_err(|e| failure(e.message()))?;
    for (event, at) in &started {
        if let Some(doubt) = at.and_then(|at| started::doubts(event, at, now, &numbers.rules)) {
            terminal.note(doubt.get(locale));
        }
    }
    let case = store.case();
    let shop = [&case.shop.id, &case.shop.name, &case.shop.contact].map(|text| sanitise(text).into_owned());
    let shop: Vec<String> = shop.into_iter().filter(|text| !text.is_empty()).collect();
    terminal.print(&match locale {
        Locale::Zh => format!("{}  提交至 {}  店铺 {}\n", case.id, case.target, shop.join("，")),
        Locale::En => format!("{}  to {}  shop {}\n", case.id, case.target, shop.join(", ")),
    });
    for (event, at) in &case.started {
        terminal.print(&format!("  {event}={at}\n"));
    }
    Ok(Exit::Complete)
}
