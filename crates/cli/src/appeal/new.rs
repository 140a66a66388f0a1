//! `huoyan appeal new`: a case, with what a scan found in it from the start.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use huoyan_dossier::case::open::{Draft, Opening, Selector, case_from_findings};
use huoyan_dossier::case::store::{By, Store};
use huoyan_dossier::case::{Case, SCHEMA, Shop, Subject};
use huoyan_dossier::deadline::Rules;
use huoyan_dossier::package::{Packages, Targets};
use huoyan_model::{Fingerprint, Locale, Localized};
use huoyan_report::sanitise;

use super::found::From;
use super::{add, excerpt, found, named, naming, of_file, started, time, unreadable};
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
        return Err(types(&args.package, packages));
    }
    let targets = Targets::built_in();
    if targets.get(&args.target).is_none() {
        return Err(named("--target", &args.target, targets.iter().map(|target| target.id.as_str())));
    }
    let mut begun = started::parse(&args.started, Rules::built_in())?;
    if let Some(text) = &args.penalty_at {
        begun.push((PENALTY_NOTICE.to_owned(), Some(time::parse("--penalty-at", text)?)));
    }
    let party = args.party.as_deref().map(add::party).transpose()?;
    let id = args.id.clone().unwrap_or_else(|| naming::next(&args.out, now));
    let opening = Opening {
        id,
        package: args.package.clone(),
        target: args.target.clone(),
        shop: Shop { id: args.shop.clone(), name: args.shop_name.clone(), contact: args.contact.clone() },
        at: now,
    };
    let by = By { at: now, who: add::who("") };
    // Everything that was found is read before the case's folder is made.
    let from = From::new(&args.from)?;
    let draft = match (selector(args)?, &from.findings[..]) {
        (Some(selector), [path]) => Some(draft(path, &selector, opening.clone())?),
        (_, []) => None,
        (None, _) => {
            return Err(failure((
                "请用 --review、--fingerprint、--campaign、--listing 或 --picture 说明案件针对什么",
                "say what the case is about, by --review, --fingerprint, --campaign, --listing or --picture",
            )));
        }
        (Some(_), _) => {
            return Err(failure((
                "--from 只能给出一个发现文件",
                "--from takes one file of findings, beside scanned files",
            )));
        }
    };
    let mut case = draft.as_ref().map_or_else(|| plain(args, opening), |draft| draft.case.clone());
    let begun = begun.into_iter().filter_map(|(event, at)| Some((event, at?)));
    case.started.extend(begun);
    if case.shop.id.trim().is_empty() {
        return Err(failure((
            "请用 --shop 给出申诉人自己的店铺 ID：--from 的发现中没有，或其中是对方的店铺",
            "give the id of the shop that writes by --shop: the findings have none, or have the other side's",
        )));
    }
    let excerpts = excerpt::of_files(&from.records, &case.subjects)?;
    let missing = if from.records.is_empty() { None } else { excerpt::missing(&excerpts, &case.subjects) };
    if let (Some(missing), None) = (&missing, &draft) {
        return Err(missing.clone());
    }
    let locale = terminal.locale(Some(Locale::Zh));
    let mut store = match draft {
        Some(mut draft) => {
            draft.case = case;
            let mut notes = std::mem::take(&mut draft.notes);
            let about_pictures = args.picture.is_some() || args.fingerprint.is_some();
            let (detection, roots) = (&draft.detection.bytes, &args.root);
            let pictures = if about_pictures { found::pictures(detection, &args.gallery, roots)? } else { Vec::new() };
            if !pictures.is_empty() && args.gallery.is_empty() {
                notes.push(found::without_gallery());
            }
            let mut store = draft.write(&args.out, &by).map_err(|e| failure(e.message()))?;
            for note in notes {
                terminal.note(note.get(terminal.language()));
            }
            found::add_pictures(&mut store, &pictures, party, &by, locale)?;
            store
        }
        None => Store::create(&args.out, case).map_err(|e| failure(e.message()))?,
    };
    excerpt::add(&mut store, excerpts, party, &by, locale)?;
    if let Some(missing) = missing {
        terminal.note(missing.get(terminal.language()));
    }
    tell(&store, &args.out, terminal);
    for (event, at) in &store.case().started {
        if let Some(doubt) = started::doubts(event, *at, now, Rules::built_in()) {
            terminal.note(doubt.get(terminal.language()));
        }
    }
    Ok(Exit::Complete)
}

/// What the case is about, as the findings have it.
fn selector(args: &NewArgs) -> Result<Option<Selector>, Failure> {
    if let Some(text) = &args.fingerprint {
        let fingerprint = Fingerprint::parse(text).ok_or_else(|| {
            failure((
                format!("--fingerprint {text}：不是指纹；请从发现文件或报告复制 32 位十六进制数"),
                format!("--fingerprint {text}: this is none; copy its 32 hex digits from the findings or the report"),
            ))
        })?;
        return Ok(Some(Selector::Fingerprint(fingerprint)));
    }
    let review = args.review.clone().map(Selector::Review);
    let campaign = || args.campaign.clone().map(Selector::Campaign);
    let listing = || args.listing.clone().map(Selector::Listing);
    let picture = || args.picture.clone().map(Selector::Picture);
    Ok(review.or_else(campaign).or_else(listing).or_else(picture))
}

fn draft(path: &Path, selector: &Selector, opening: Opening) -> Result<Draft, Failure> {
    let file = File::open(path).map_err(unreadable(path))?;
    case_from_findings(&mut BufReader::new(file), selector, opening).map_err(|e| of_file(path, &e.message()))
}

/// A case of which only the subject is known.
fn plain(args: &NewArgs, opening: Opening) -> Case {
    let subject = |kind: &str, id: &String| Subject { kind: kind.to_owned(), id: id.clone(), shown_by: None };
    let Opening { id, package, target, shop, at } = opening;
    let reviews = args.review.iter().map(|id| subject("review", id));
    Case {
        schema: SCHEMA.to_owned(),
        id,
        package,
        target,
        shop,
        opened_at: at,
        ask: String::new(),
        subjects: reviews.chain(args.listing.iter().map(|id| subject("listing", id))).collect(),
        started: BTreeMap::new(),
        claims: Vec::new(),
        exhibits: Vec::new(),
        round_before: None,
    }
}

fn tell(store: &Store, out: &Path, terminal: &Terminal) {
    let (case, locale) = (store.case(), terminal.language());
    terminal.print(&format!("{}\n", case.id));
    for exhibit in &case.exhibits {
        let name = exhibit.file.rsplit('/').next().unwrap_or_default();
        terminal.print(&format!("{}  {}\n", exhibit.id, sanitise(name)));
    }
    for claim in &case.claims {
        terminal.print(&format!("{}  {}\n", claim.id, sanitise(&claim.text)));
    }
    let (dir, id) = (out.display(), &case.id);
    terminal.note(&match locale {
        Locale::Zh => format!(
            "案件编号 {id}（可用 --id 另行指定），案件文件夹 {dir}（含代号密钥 case.key，请勿外传）\n接下来：huoyan appeal add {dir} 聊天记录.csv 订单.xlsx …，再用 huoyan appeal \
             check {dir} 查看还缺什么"
        ),
        Locale::En => format!(
            "the case is {id} (--id gives another name), in {dir} (with the key of its tokens, case.key: keep it)\nnext: huoyan appeal add {dir} chat.csv orders.xlsx …, then \
             huoyan appeal check {dir} says what is missing"
        ),
    });
}

fn types(given: &str, packages: &Packages) -> Failure {
    let known: Vec<(&str, &Localized)> = packages.iter().map(|package| (package.id.as_str(), &package.name)).collect();
    super::named_each("--type", given, &known)
}
