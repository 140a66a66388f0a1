//! A draft of a case from what huoyan found: the findings of a review, a campaign, a listing or a picture, with the header of their run.
//!
//! The exhibit holds the lines as they stand in the file, and the header with every digest, so that the run can be made again and compared.
//! What must stay true: a draft states what was observed, and suspicion as suspicion; findings that are suppressed or unsure are kept in the
//! exhibit and claimed nowhere.

mod claims;
mod error;
mod findings;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Seek};
use std::path::Path;

use huoyan_model::{Finding, Fingerprint, Localized, RecordKind};

pub use self::error::OpenError;
use super::store::{By, NewExhibit, Original, Store};
use super::{Case, Claim, ExhibitKind, Links, Party, SCHEMA, Shop, Source, Subject};
use crate::bundle::Sha256;
use crate::deadline::Instant;
use crate::package::{Against, Packages};

/// Which findings a case is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// All of one review.
    Review(String),
    /// One finding.
    Fingerprint(Fingerprint),
    /// All of the reviews that findings tie to this one, directly or through others.
    Campaign(String),
    /// All of one listing, its pictures among them.
    Listing(String),
    /// All of one picture (`L1#0`), or of every picture of a listing (`L1`).
    Picture(String),
}

/// What is said of a new case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its name.
    pub id: String,
    /// The package type.
    pub package: String,
    /// Where it goes.
    pub target: String,
    /// The shop; an empty id takes that of the findings, where they are about the shop that writes.
    pub shop: Shop,
    /// When.
    pub at: Instant,
}

/// A case that is not written yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The case, without its exhibits: claims and subjects get them by [`Draft::write`].
    pub case: Case,
    /// What becomes the first exhibit.
    pub detection: Detection,
    /// What a person should know before using the draft.
    pub notes: Vec<Localized>,
}

/// The exhibit of what was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// What is known of it.
    pub exhibit: NewExhibit,
    /// The header and the findings, each line as it stood.
    pub bytes: Vec<u8>,
}

/// Makes a draft from a file that `-o jsonl` wrote.
///
/// # Errors
/// A file that is none of these, was cut off, or has nothing on what is asked for.
pub fn case_from_findings(
    file: &mut (impl BufRead + Seek),
    selector: &Selector,
    opening: Opening,
) -> Result<Draft, OpenError> {
    let selected = findings::select(file, selector)?;
    let told: Vec<&Finding> = selected.findings.iter().map(|(_, finding)| finding).collect();
    let mut bytes = selected.header_line.clone().into_bytes();
    bytes.push(b'\n');
    for (line, _) in &selected.findings {
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    let notes = notes(&told, selected.left_out);
    let against = Packages::built_in().get(&opening.package).map(|package| package.findings).unwrap_or_default();
    let accuses = |finding: &Finding| against == Against::AgainstShop && finding.owner_kind == RecordKind::Listing;
    let mut notes = notes;
    let own = told.iter().filter(|finding| accuses(finding)).count();
    if own > 0 {
        notes.push(Localized::new(
            format!("{own} 条检测结果针对本店商品：只留在证据里，不写成事实，也不上封面；提交前请决定是否附上"),
            format!("{own} findings are about the shop's own listings: they stay in the exhibit and are claimed nowhere; decide whether it goes out"),
        ));
    }
    let claimed: Vec<&Finding> =
        told.iter().copied().filter(|finding| !reads_ordinary(finding) && !accuses(finding)).collect();
    let sentences = claims::draft(&claimed);
    let claims = (1..).zip(sentences).map(|(n, text)| Claim {
        id: format!("C{n}"),
        text,
        exhibits: Vec::new(),
        // Room for what the merchant's own exhibits show.
        on_cover: n <= 2,
    });
    let mut shop = opening.shop;
    if shop.id.is_empty() && against != Against::OfOthers {
        shop.id = told.iter().find_map(|finding| finding.shop_id.clone()).unwrap_or_default();
    }
    let case = Case {
        schema: SCHEMA.to_owned(),
        id: opening.id,
        package: opening.package,
        target: opening.target,
        shop,
        opened_at: opening.at,
        ask: String::new(),
        subjects: subjects(&told),
        started: BTreeMap::new(),
        claims: claims.collect(),
        exhibits: Vec::new(),
        round_before: None,
    };
    let header = &selected.header;
    let source = Source {
        party: Party::Tool,
        party_told: true,
        system: format!("huoyan {}", header.tool_version),
        uri: String::new(),
    };
    let exhibit = NewExhibit {
        name: "检测命中.jsonl".to_owned(),
        kind: Some(ExhibitKind::Detection),
        title: "检测命中".to_owned(),
        links: links(&told),
        facts: BTreeMap::from([
            ("run_id".to_owned(), header.run_id.clone()),
            ("tool_version".to_owned(), header.tool_version.clone()),
            ("profile".to_owned(), header.profile.clone()),
            ("config".to_owned(), header.config.clone()),
            ("findings".to_owned(), told.len().to_string()),
            ("findings_sha256".to_owned(), Sha256::of(&bytes).to_string()),
        ]),
        ..NewExhibit::new(source, "scan")
    };
    Ok(Draft { case, detection: Detection { exhibit, bytes }, notes })
}

impl Draft {
    /// Makes the case folder with its first exhibit, which every claim and subject then names.
    ///
    /// # Errors
    /// As [`Store::create`] and [`Store::add`].
    pub fn write(self, root: &Path, by: &By) -> Result<Store, OpenError> {
        let mut store = Store::create(root, self.case)?;
        let id = store.add(self.detection.exhibit, Original::Reader(&mut self.detection.bytes.as_slice()), by)?;
        store.update(|case| {
            for claim in &mut case.claims {
                claim.exhibits.push(id);
            }
            for subject in &mut case.subjects {
                subject.shown_by = Some(id);
            }
        })?;
        Ok(store)
    }
}

impl Selector {
    fn takes(&self, finding: &Finding, campaign: &BTreeSet<String>) -> bool {
        let of = |kind, id: &String| finding.owner_kind == kind && finding.owner == *id;
        match self {
            Self::Review(id) => of(RecordKind::Review, id),
            Self::Fingerprint(fingerprint) => finding.fingerprint == *fingerprint,
            Self::Campaign(_) => finding.owner_kind == RecordKind::Review && campaign.contains(&finding.owner),
            Self::Listing(id) => of(RecordKind::Listing, id),
            Self::Picture(id) => {
                finding.record_kind == RecordKind::Image && (finding.record == *id || finding.owner == *id)
            }
        }
    }

    fn words(&self) -> Localized {
        match self {
            Self::Review(id) => Localized::new(format!("评价 {id}"), format!("review {id}")),
            Self::Fingerprint(print) => Localized::new(format!("指纹 {print}"), format!("fingerprint {print}")),
            Self::Campaign(id) => Localized::new(format!("评价 {id} 所在群组"), format!("the campaign of review {id}")),
            Self::Listing(id) => Localized::new(format!("商品 {id}"), format!("listing {id}")),
            Self::Picture(id) => Localized::new(format!("图片 {id}"), format!("picture {id}")),
        }
    }
}

/// Whether the detector itself says that ordinary buyers explain it better.
fn reads_ordinary(finding: &Finding) -> bool {
    finding.evidence.get("composition").and_then(|told| told.get("reads_as")?.as_str()) == Some("ordinary_buyers")
}

fn notes(findings: &[&Finding], left_out: usize) -> Vec<Localized> {
    let mut notes = Vec::new();
    let ordinary = findings.iter().filter(|finding| reads_ordinary(finding)).count();
    if ordinary > 0 {
        notes.push(Localized::new(
            format!("检测认为其中 {ordinary} 条更像普通买家（次品批次或物流延误更能解释），不作主张；请先自查商品与物流"),
            format!("the detector says that ordinary buyers explain {ordinary} of these better (a bad batch, a courier's delay): they are claimed nowhere, look at the goods first"),
        ));
    }
    let unsure = findings.iter().filter(|finding| !findings::counts(finding)).count();
    if unsure > 0 {
        notes.push(Localized::new(
            format!("{unsure} 条结果被抑制或得分不足，只留在证据里，不作主张"),
            format!("{unsure} findings are suppressed or unsure; they stay in the exhibit and are claimed nowhere"),
        ));
    }
    let against: BTreeSet<&str> = findings
        .iter()
        .filter_map(|finding| finding.evidence.get("speaks_against")?.as_array())
        .flatten()
        .filter_map(|signal| signal.as_str())
        .collect();
    if !against.is_empty() {
        let list = against.into_iter().collect::<Vec<_>>().join(", ");
        notes.push(Localized::new(
            format!("检测同时给出反向信号：{list}；对方可能据此反驳"),
            format!("signals speak against it as well: {list}; expect them in the answer"),
        ));
    }
    if left_out > 0 {
        notes.push(Localized::new(
            format!("群组过大，另有 {left_out} 条评价未纳入"),
            format!("the campaign is large: {left_out} more reviews were left out"),
        ));
    }
    notes
}

fn subjects(findings: &[&Finding]) -> Vec<Subject> {
    let mut seen = BTreeSet::new();
    let mut subjects = Vec::new();
    for finding in findings {
        let mut put = |kind: &str, id: &str| {
            if seen.insert((kind.to_owned(), id.to_owned())) {
                subjects.push(Subject { kind: kind.to_owned(), id: id.to_owned(), shown_by: None });
            }
        };
        put(finding.owner_kind.as_str(), &finding.owner);
        if finding.record_kind == RecordKind::Image {
            put("image", &finding.record);
        }
    }
    subjects
}

fn links(findings: &[&Finding]) -> Links {
    let of = |kind: RecordKind| {
        let owners = findings.iter().filter(|finding| finding.owner_kind == kind).map(|finding| finding.owner.clone());
        owners.collect::<BTreeSet<String>>()
    };
    let named = findings.iter().filter_map(|finding| finding.evidence.get("review")?.get("listing")?.as_str());
    let mut listings = of(RecordKind::Listing);
    listings.extend(named.map(str::to_owned));
    Links {
        reviews: of(RecordKind::Review).into_iter().collect(),
        listings: listings.into_iter().collect(),
        ..Links::default()
    }
}
