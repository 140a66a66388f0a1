//! `huoyan appeal add`: files become exhibits, byte for byte, and what was guessed of them is told.

use std::collections::BTreeMap;
use std::path::Path;

use huoyan_dossier::case::store::{By, NewExhibit, Original, Store, StoreError};
use huoyan_dossier::case::{COMPARISON, Case, ExhibitKind, Links, Party, Source};
use huoyan_dossier::lint::ExhibitId;
use huoyan_dossier::package::Packages;
use huoyan_dossier::privacy::picture::Rect;
use huoyan_dossier::records::{Roles, Row, is_readable, read_exhibit, tells_nothing};
use huoyan_model::Locale;
use huoyan_report::sanitise;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{excerpt, named, of_file, time, unreadable};
use crate::args::appeal::AddArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &AddArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let locale = terminal.language();
    // Everything is read before anything is changed.
    let kind = args.kind.as_deref().map(kind).transpose()?;
    let method = args.method.as_deref().map(method).transpose()?;
    let told_party = args.party.as_deref().map(party).transpose()?;
    let captured_at = args.captured_at.as_deref().map(|text| time::parse("--captured-at", text)).transpose()?;
    let facts = facts(&args.fact)?;
    let cover = args.cover.iter().map(|text| rect(text)).collect::<Result<Vec<_>, _>>()?;
    let by = By { at: time::now(&args.clock)?, who: who(&args.by) };
    let mut store = super::open(&args.case, terminal)?;
    let compared_with = args.compare_with.as_deref().map(|id| picture(id, store.case())).transpose()?;
    // A file that cannot be read is told before any is taken in.
    let guesses = args.files.iter().map(|path| guess(path)).collect::<Result<Vec<_>, _>>()?;
    for (path, guessed) in args.files.iter().zip(guesses) {
        let kind = kind.unwrap_or(guessed);
        let source = Source {
            party: told_party.unwrap_or(usual_party(kind)),
            party_told: told_party.is_some(),
            system: args.system.clone(),
            uri: args.uri.clone(),
        };
        let method = method.clone().unwrap_or_else(|| usual_method(kind).to_owned());
        let mut new = NewExhibit::new(source, &method);
        new.kind = Some(kind);
        new.title = args.title.clone().unwrap_or_default();
        new.captured_at = captured_at;
        new.captured_by = args.by.clone();
        new.links = Links {
            orders: args.order.clone(),
            buyers: args.buyer.clone(),
            reviews: args.review.clone(),
            listings: args.listing.clone(),
            compared_with,
        };
        new.facts = facts.clone();
        new.cover = cover.clone();
        new.same_bytes = args.same_bytes;
        let id = match store.add(new, Original::Path(path), &by) {
            Ok(id) => id,
            // What is there already need not stop the others.
            Err(error @ StoreError::Twice { .. }) => {
                terminal.note(of_file(path, &error.message()).get(locale));
                continue;
            }
            Err(error) => return Err(of_file(path, &error.message())),
        };
        if kind == ExhibitKind::Logistics {
            tell_waybill(&mut store, id)?;
        }
        let Some(exhibit) = store.case().exhibit(id) else { continue };
        let read = is_readable(exhibit.kind, &exhibit.media_type).then(|| read_exhibit(&store, id, &Roles::default()));
        let useless = tells_nothing(exhibit, read.as_ref());
        let guessed = |told: bool| match (told, locale) {
            (true, _) => "",
            (false, Locale::Zh) => "（推断）",
            (false, Locale::En) => " (guessed)",
        };
        let name = sanitise(exhibit.file.rsplit('/').next().unwrap_or_default()).into_owned();
        terminal.print(&format!(
            "{id}  {}{}  {}{}  {}{}  {} B  {name}\n",
            text_of(&exhibit.kind),
            guessed(args.kind.is_some()),
            text_of(&exhibit.source.party),
            guessed(args.party.is_some()),
            sanitise(&exhibit.method),
            guessed(args.method.is_some()),
            exhibit.bytes,
        ));
        if let Some(why) = useless {
            terminal.note(&match locale {
                Locale::Zh => format!("{id}：{}；检查时不作为{}的证据", sanitise(&why.zh), text_of(&kind)),
                Locale::En => format!("{id}: {}; the check does not count it as {}", sanitise(&why.en), text_of(&kind)),
            });
        }
    }
    if args.kind.is_none() || args.party.is_none() {
        terminal.note(match locale {
            Locale::Zh => "推断不对时，请用 huoyan appeal edit 案件 证据 --kind … --party … --method … 更正",
            Locale::En => {
                "where a guess is wrong, put it right by huoyan appeal edit CASE EXHIBIT --kind … --party … --method …"
            }
        });
    }
    Ok(Exit::Complete)
}

/// Notes the waybill of a parcel's trace that names just one, so that nobody has to say what stands there.
fn tell_waybill(store: &mut Store, id: ExhibitId) -> Result<(), Failure> {
    let Ok(read) = read_exhibit(store, id, &Roles::default()) else { return Ok(()) };
    let mut waybills: Vec<String> = read
        .rows
        .into_iter()
        .filter_map(|(_, row)| match row {
            Row::Trace { waybill, .. } => waybill,
            _ => None,
        })
        .collect();
    waybills.sort();
    waybills.dedup();
    let [waybill] = waybills.as_slice() else { return Ok(()) };
    let note = |case: &mut Case| {
        if let Some(exhibit) = case.exhibits.iter_mut().find(|exhibit| exhibit.id == id) {
            exhibit.facts.entry("waybill".to_owned()).or_insert_with(|| waybill.clone());
        }
    };
    store.update(note).map_err(|e| failure(e.message()))?;
    Ok(())
}

/// The exhibit beside which pictures are shown.
pub(super) fn picture(id: &str, case: &Case) -> Result<ExhibitId, Failure> {
    let exhibit = super::build::exhibit("--compare-with", id)?;
    match case.exhibit(exhibit) {
        Some(there) if there.media_type.starts_with("image/") => Ok(exhibit),
        Some(_) => Err(failure((
            format!("--compare-with {id}：该证据不是图片"),
            format!("--compare-with {id}: this exhibit is no picture"),
        ))),
        None => Err(failure((
            format!("--compare-with {id}：案件中没有该证据；请先添加它"),
            format!("--compare-with {id}: the case has no such exhibit; add it first"),
        ))),
    }
}

fn guess(path: &Path) -> Result<ExhibitKind, Failure> {
    use std::io::Read as _;
    // Opening a pipe would wait for whoever writes into it.
    if !std::fs::symlink_metadata(path).map_err(unreadable(path))?.is_file() {
        let why = (
            "不是普通文件（文件夹、链接或管道）；请给出单个文件",
            "this is no regular file but a folder, a link or a pipe; name a single file",
        );
        return Err(of_file(path, &why.into()));
    }
    let mut head = Vec::new();
    std::fs::File::open(path).and_then(|file| file.take(64 * 1024).read_to_end(&mut head)).map_err(unreadable(path))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(huoyan_dossier::case::guess(&name, &head).kind)
}

/// Who does it, for the custody record.
pub(super) fn who(by: &str) -> String {
    if by.trim().is_empty() { "huoyan".to_owned() } else { by.trim().to_owned() }
}

pub(super) fn facts(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut facts = BTreeMap::new();
    for fact in given {
        let Some((name, value)) = fact.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty())
        else {
            return Err(failure((
                format!("--fact {fact}：写法是 名称=值，例如 report_no=A123"),
                format!("--fact {fact}: write NAME=VALUE, as in report_no=A123"),
            )));
        };
        let (name, value) = (name.trim(), value.trim());
        let packages = Packages::built_in();
        let Some(known) = packages.facts().find(|known| known.id == name) else {
            if name == COMPARISON {
                facts.insert(name.to_owned(), value.to_owned());
                continue;
            }
            return Err(named("--fact", name, packages.facts().map(|known| known.id.as_str())));
        };
        if !known.takes(value) {
            return Err(failure((
                format!("--fact {name}={value}：不是日期；写法如 2026-11-22，长期有效的写“长期”"),
                format!("--fact {name}={value}: this is no day; write 2026-11-22, or 长期 for what has no end"),
            )));
        }
        facts.insert(name.to_owned(), value.to_owned());
    }
    Ok(facts)
}

/// Which facts the check asks for, for each kind of exhibit, for the help.
pub(crate) fn facts_help() -> String {
    let packages = Packages::built_in();
    let mut help = "A fact on them that the check asks for, as report_no=…; may be given several times".to_owned();
    for name in KINDS {
        let Ok(kind) = serde_json::from_value::<ExhibitKind>(Value::from(name)) else { continue };
        let facts: Vec<&str> = packages.facts_of(kind).into_iter().collect();
        if !facts.is_empty() {
            help.push_str(&format!("\n  {name}: {}", facts.join(", ")));
        }
    }
    help
}

pub(super) fn rect(text: &str) -> Result<Rect, Failure> {
    let numbers: Vec<u32> = text.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    match numbers[..] {
        [x, y, width, height] if width > 0 && height > 0 && text.split(',').count() == 4 => {
            Ok(Rect { x, y, width, height })
        }
        _ => Err(failure((
            format!("--cover {text}：写法是 x,y,宽,高（像素，从左上角起），例如 20,40,300,80"),
            format!("--cover {text}: write X,Y,W,H in pixels from the upper left corner, as in 20,40,300,80"),
        ))),
    }
}

/// A kind by its name.
pub(super) fn kind(text: &str) -> Result<ExhibitKind, Failure> {
    word("--kind", text, &KINDS)
}

/// A way of taking by its name, or in the user's own Chinese words, which are shown as they are.
pub(super) fn method(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if METHODS.contains(&text) || !text.is_ascii() {
        return Ok(text.to_owned());
    }
    Err(named("--method", text, METHODS.into_iter()))
}

/// A party by its name.
pub(super) fn party(text: &str) -> Result<Party, Failure> {
    word("--party", text, &PARTIES)
}

/// A word of an enumeration, as files have it.
fn word<T: DeserializeOwned>(option: &str, text: &str, all: &[&str]) -> Result<T, Failure> {
    serde_json::from_value(Value::from(text)).map_err(|_| named(option, text, all.iter().copied()))
}

pub(super) fn text_of(word: &impl serde::Serialize) -> String {
    serde_json::to_value(word).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

const METHODS: [&str; 8] =
    ["screenshot", "photo", "export", "recording", "download", "scan", "replay", excerpt::METHOD];

const KINDS: [&str; 23] = [
    "review",
    "platform_notice",
    "chat",
    "order",
    "payment",
    "logistics",
    "buyer_record",
    "after_sale",
    "call_log",
    "picture",
    "video",
    "mail",
    "listing",
    "price_record",
    "test_report",
    "licence",
    "authorisation",
    "invoice",
    "rule",
    "detection",
    "receipt",
    "rectification",
    "document",
];

const PARTIES: [&str; 10] =
    ["merchant", "buyer", "platform", "carrier", "lab", "payment", "timestamp", "brand", "authority", "tool"];

/// Who an exhibit of a kind comes from, where nobody says otherwise. An export of the platform is the platform's; what was written between the
/// parties and what the shop made is the shop's own.
fn usual_party(kind: ExhibitKind) -> Party {
    match kind {
        ExhibitKind::Review
        | ExhibitKind::PlatformNotice
        | ExhibitKind::Order
        | ExhibitKind::BuyerRecord
        | ExhibitKind::AfterSale
        | ExhibitKind::Rule => Party::Platform,
        ExhibitKind::Payment => Party::Payment,
        ExhibitKind::Logistics => Party::Carrier,
        ExhibitKind::TestReport => Party::Lab,
        ExhibitKind::Authorisation => Party::Brand,
        ExhibitKind::Licence => Party::Authority,
        ExhibitKind::Receipt => Party::Timestamp,
        ExhibitKind::Detection => Party::Tool,
        _ => Party::Merchant,
    }
}

fn usual_method(kind: ExhibitKind) -> &'static str {
    match kind {
        ExhibitKind::Picture | ExhibitKind::PlatformNotice => "screenshot",
        ExhibitKind::Video => "recording",
        ExhibitKind::Detection => "replay",
        ExhibitKind::TestReport | ExhibitKind::Licence | ExhibitKind::Invoice | ExhibitKind::Authorisation => "scan",
        _ => "export",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_one() {
        assert!(KINDS.iter().all(|kind| word::<ExhibitKind>("--kind", kind, &KINDS).is_ok()));
        assert!(PARTIES.iter().all(|party| word::<Party>("--party", party, &PARTIES).is_ok()));
        let why = word::<ExhibitKind>("--kind", "chats", &KINDS).unwrap_err();
        assert!(why.en.contains("did you mean 'chat'?") && why.en.contains("logistics"), "{}", why.en);
    }

    #[test]
    fn a_region_has_four_numbers() {
        assert_eq!(rect("1,2,3,4").unwrap(), Rect { x: 1, y: 2, width: 3, height: 4 });
        for wrong in ["1,2,3", "1,2,0,4", "a,b,c,d", "1,2,3,4,5", "-1,2,3,4"] {
            assert!(rect(wrong).is_err(), "{wrong}");
        }
    }
}
