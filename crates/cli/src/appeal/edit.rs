//! `huoyan appeal edit`: what is said of an exhibit, put right. Its bytes stay, and the custody record tells that it was described anew.

use huoyan_dossier::case::Exhibit;
use huoyan_dossier::case::store::By;
use huoyan_model::Locale;
use huoyan_report::sanitise;

use super::{add, build, time};
use crate::args::appeal::EditArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &EditArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let id = build::exhibit("EXHIBIT", &args.exhibit)?;
    let kind = args.kind.as_deref().map(add::kind).transpose()?;
    let party = args.party.as_deref().map(add::party).transpose()?;
    let method = args.method.as_deref().map(add::method).transpose()?;
    let captured_at = args.captured_at.as_deref().map(|text| time::parse("--captured-at", text)).transpose()?;
    // A fact without a value is taken back.
    let (gone, facts): (Vec<&String>, Vec<&String>) =
        args.fact.iter().partition(|fact| fact.trim_end().ends_with('=') && fact.trim().len() > 1);
    let facts = add::facts(&facts.into_iter().cloned().collect::<Vec<_>>())?;
    let cover = args.cover.iter().map(|text| add::rect(text)).collect::<Result<Vec<_>, _>>()?;
    let by = By { at: time::now(&args.clock)?, who: add::who(&args.by) };
    let mut store = super::open(&args.case, terminal)?;
    let compare_with = args.compare_with.as_deref().map(|id| add::picture(id, store.case())).transpose()?;
    let change = |exhibit: &mut Exhibit| {
        if let Some(kind) = kind {
            (exhibit.kind, exhibit.class) = (kind, kind.class());
        }
        if let Some(party) = party {
            (exhibit.source.party, exhibit.source.party_told) = (party, true);
        }
        let texts = [
            (&args.title, &mut exhibit.title),
            (&args.system, &mut exhibit.source.system),
            (&args.uri, &mut exhibit.source.uri),
            (&method, &mut exhibit.method),
            (&args.captured_by, &mut exhibit.captured_by),
        ];
        for (given, place) in texts {
            if let Some(text) = given {
                text.trim().clone_into(place);
            }
        }
        exhibit.captured_at = captured_at.or(exhibit.captured_at);
        exhibit.facts.retain(|name, _| !gone.iter().any(|gone| gone.trim().trim_end_matches('=').trim() == name));
        exhibit.facts.extend(facts);
        let links = &mut exhibit.links;
        let lists = [
            (&args.order, &mut links.orders),
            (&args.buyer, &mut links.buyers),
            (&args.review, &mut links.reviews),
            (&args.listing, &mut links.listings),
        ];
        for (given, place) in lists {
            if !given.is_empty() {
                *place = given.iter().filter(|id| !id.trim().is_empty()).cloned().collect();
            }
        }
        links.compared_with = compare_with.or(links.compared_with);
        if !cover.is_empty() {
            exhibit.cover = cover;
        }
    };
    let told = told(args);
    if told.is_empty() {
        return Err(failure((
            "请说明要改什么，例如 --title、--kind、--party、--fact；所有选项见 --help",
            "say what to change, such as --title, --kind, --party, --fact; --help has all options",
        )));
    }
    let changed = store.describe(id, &told.join(" "), change, &by).map_err(|e| failure(e.message()))?;
    if !changed {
        terminal.note(match terminal.language() {
            Locale::Zh => "与原来一致，没有改动",
            Locale::En => "it is said already; nothing was changed",
        });
    }
    if let Some(exhibit) = store.case().exhibit(id) {
        let (kind, party) = (add::text_of(&exhibit.kind), add::text_of(&exhibit.source.party));
        terminal.print(&format!(
            "{id}  {kind}  {party}  {}  {}\n",
            sanitise(&exhibit.method),
            sanitise(&exhibit.title)
        ));
    }
    Ok(Exit::Complete)
}

/// The names of what is changed, for the custody record. What was said there may be personal, and the record goes out as it is.
fn told(args: &EditArgs) -> Vec<&'static str> {
    let names = [
        ("title", args.title.is_some()),
        ("kind", args.kind.is_some()),
        ("party", args.party.is_some()),
        ("system", args.system.is_some()),
        ("uri", args.uri.is_some()),
        ("method", args.method.is_some()),
        ("captured_at", args.captured_at.is_some()),
        ("captured_by", args.captured_by.is_some()),
        ("fact", !args.fact.is_empty()),
        ("order", !args.order.is_empty()),
        ("buyer", !args.buyer.is_empty()),
        ("review", !args.review.is_empty()),
        ("listing", !args.listing.is_empty()),
        ("compare_with", args.compare_with.is_some()),
        ("cover", !args.cover.is_empty()),
    ];
    names.into_iter().filter(|(_, told)| *told).map(|(name, _)| name).collect()
}
