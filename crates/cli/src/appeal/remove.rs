//! `huoyan appeal remove`: takes an exhibit out of a case; the custody record keeps what it was and why it went.

use huoyan_dossier::case::store::By;
use huoyan_model::Locale;

use super::{add, build, time};
use crate::args::appeal::RemoveArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &RemoveArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let id = build::exhibit("EXHIBIT", &args.exhibit)?;
    let by = By { at: time::now(&args.clock)?, who: add::who(&args.by) };
    if args.reason.trim().is_empty() {
        return Err(failure((
            "--reason：请写明取出的原因，它会留在保管记录里",
            "--reason: say why it is taken out; the custody record keeps it",
        )));
    }
    let mut store = super::open(&args.case, terminal)?;
    store.remove(id, &args.reason, &by).map_err(|e| failure(e.message()))?;
    let bare = store.case().claims.iter().filter(|claim| claim.exhibits.is_empty()).map(|claim| claim.id.as_str());
    let bare = bare.collect::<Vec<_>>().join(" ");
    if !bare.is_empty() {
        terminal.note(&match terminal.language() {
            Locale::Zh => format!("下列陈述不再有证据：{bare}"),
            Locale::En => format!("no exhibit shows these claims now: {bare}"),
        });
    }
    Ok(Exit::Complete)
}
