//! Puts a case together into the bundle that leaves the house.
//!
//! Exhibits go out as copies: texts and tables without personal data, pictures without metadata and with the regions that a person named
//! blacked out. What cannot be redacted here (PDF, video, …) goes out only when a person says so for each; originals leave sealed or not at all.
//! What must stay true:
//!
//! * *Same case, same clock, same bytes*: nothing here reads a clock, a random number or the order of a folder. Only a seal that is made for the
//!   first time is new, and it is kept for the next time.
//! * *Nothing leaks*: every value that was replaced is looked for in every byte that leaves, names and compressed streams too, before anything is
//!   written to its place; one that is found stops the build and is told by its place, never by its value.
//! * *A copy says so*, and names the digest of its original, which is compared with the case's before anything is made of it.

mod copy;
mod documents;
mod draft;
mod environment;
mod error;
mod figures;
mod gate;
mod known;
mod originals;
mod pdf_text;
mod ro_crate;
#[cfg(feature = "seal")]
mod seals;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use huoyan_model::{Locale, Localized};

pub use self::copy::{CopyFile, CopyNote, Treatment};
pub use self::environment::Machine;
pub use self::error::AssembleError;
use crate::bundle::custody::{Custody, Event};
use crate::bundle::{BagPath, BundleInfo, Limits, Part, Payload, Placement, Sha256, SigningKey, build_with};
use crate::case::Case;
use crate::deadline::Instant;
use crate::lint::ExhibitId;
#[cfg(feature = "seal")]
use crate::privacy::Recipient;
use crate::privacy::{CaseKey, Kind, Language, Opening, Profile, Redaction, Redactor};

/// How a bundle is made.
#[derive(Debug)]
pub struct Options<'o> {
    /// Signs it.
    pub key: &'o SigningKey,
    /// Makes the tokens of the case.
    pub case_key: CaseKey,
    /// What the target takes.
    pub limits: Limits,
    /// For whom it is redacted.
    pub profile: Profile,
    /// The present: every date in the bundle comes from it.
    pub now: Instant,
    /// The language of tokens, cover and mail.
    pub locale: Locale,
    /// Who may open the sealed originals; nobody means that none go out.
    #[cfg(feature = "seal")]
    pub seal_to: Vec<Recipient>,
    /// Exhibits that go out as they are.
    pub as_is: BTreeSet<ExhibitId>,
    /// The tool and the machine.
    pub machine: Machine,
    /// Where the mail goes; may be empty.
    pub mail_to: String,
}

/// A bundle as it lies there.
#[derive(Debug)]
pub struct Built {
    /// Its parts.
    pub parts: Vec<Part>,
    /// Drafts of the mails that carry them, one for each part.
    pub drafts: Vec<PathBuf>,
    /// What went out of each exhibit.
    pub copies: Vec<CopyNote>,
    /// How many values were replaced.
    pub redactions: usize,
    /// Files that could not be looked into for replaced values, or not wholly.
    pub unseen: Vec<String>,
    /// What its maker should know.
    pub warnings: Vec<Localized>,
}

/// What is known of a case besides itself, computed by other modules from the originals; redacted here.
#[derive(Default)]
pub struct Papers<'p> {
    /// Files under `data/`, as JSON: `timeline.json`, `completeness.json`.
    pub data: Vec<(String, serde_json::Value)>,
    /// Composes the documents for people once it is known what goes out of each exhibit; those that are not sent are left out.
    pub documents: Option<Box<Composer<'p>>>,
    /// The reason of the appeal in a few words, as the mail's subject has it.
    pub reason: Option<String>,
    /// Renders documents as PDF; the figures' files lie in the folder. Without it they are pages only.
    pub pdf: Option<&'p PdfRenderer<'p>>,
}

/// Makes the documents, with what goes out of each exhibit.
pub type Composer<'p> = dyn Fn(&[CopyNote]) -> Vec<crate::page::Composed> + 'p;

/// Makes a PDF of a document whose figures lie in a folder.
pub type PdfRenderer<'p> = dyn Fn(&crate::page::Document, &Path) -> Result<Vec<u8>, Localized> + 'p;

/// Builds the bundle of a case into a new folder `out`, which appears complete or not at all.
///
/// # Errors
/// An original that is no longer what the case says, a value that would leak, or anything that [`build`](crate::bundle::build()) refuses. Then there is no `out`.
pub fn assemble(
    case: &Case,
    folder: &Path,
    papers: &Papers<'_>,
    options: &Options<'_>,
    out: &Path,
) -> Result<Built, AssembleError> {
    // Looked at first: the rest takes a while.
    if out.symlink_metadata().is_ok() {
        return Err(crate::bundle::BundleError::Exists { path: out.display().to_string() }.into());
    }
    let making = Making { case, folder, papers, options, out };
    let made = match making.attempt(&[]) {
        // What was found in one exhibit stands elsewhere without the word by which it was found: now it is known.
        Err(Stopped { error: AssembleError::Leak { .. }, values }) => making.attempt(&values),
        made => made,
    };
    made.map_err(|stopped| stopped.error)
}

/// What a bundle is made of, and where.
struct Making<'m, 'p> {
    case: &'m Case,
    folder: &'m Path,
    papers: &'m Papers<'p>,
    options: &'m Options<'m>,
    out: &'m Path,
}

/// Why nothing was made, and what had been replaced by then if the gate found a leak.
struct Stopped {
    error: AssembleError,
    values: Vec<(Kind, String)>,
}

impl<E: Into<AssembleError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self { error: error.into(), values: Vec::new() }
    }
}

impl Making<'_, '_> {
    /// Makes the bundle, with values that are known besides those that the case tells.
    fn attempt(&self, known: &[(Kind, String)]) -> Result<Built, Stopped> {
        let Self { case, folder, papers, options, out } = *self;
        let work = tempfile::tempdir().map_err(AssembleError::io(Path::new("tmp")))?;
        let mut redacted = redact(case, folder, options, known, Some(work.path()))?;
        let mut warnings = std::mem::take(&mut redacted.warnings);
        let mut payload = std::mem::take(&mut redacted.payload);
        #[cfg(feature = "seal")]
        {
            let sealed = seals::seal(case, folder, options, &mut redacted.copies)?;
            payload.extend(sealed.payload);
            warnings.extend(sealed.warnings);
        }
        let custody = custody(case, folder, &redacted, options)?;
        let environment = environment::read(case, folder, options)?;
        let outer = documents::Outer {
            redactor: &mut redacted.redactor,
            redactions: &mut redacted.redactions,
            copies: &redacted.copies,
            custody: &custody.text,
            environment: &environment,
        };
        let documents = outer.write(case, papers, options, work.path(), &mut payload)?;
        let info = BundleInfo {
            organization: documents.organization.clone(),
            case_id: case.id.clone(),
            shop_id: documents.shop_id.clone(),
            reason: documents.reason.clone(),
            bagging_date: options.now.china_date(),
            custody_head: custody.head,
            rulepack_sha256: environment::rule_packs_digest(&environment),
            tool_version: format!("{} {}", environment.tool.name, environment.tool.version),
        };
        let draft = draft::Draft::new(&documents, &info, options);
        let mut gate = gate::Gate::new(&redacted.redactor, &options.key.public().fingerprint());
        gate.words("bag-info.txt", &[&info.organization, &info.case_id, &info.shop_id, &info.reason]);
        gate.words("mail", &[&draft.body]);
        gate.files(&payload)?;
        let passed = gate.finish().map_err(|error| Stopped { error, values: replaced(&redacted.redactor) })?;
        warnings.extend(passed.warnings);
        let mut drafts = Vec::new();
        let parts = build_with(&payload, &info, options.key, &options.limits, out, |parts, folder| {
            drafts = draft.write(parts, folder)?.iter().map(|name| out.join(name)).collect();
            Ok::<(), AssembleError>(())
        })?;
        let (copies, redactions, unseen) = (redacted.copies, redacted.redactions.len(), passed.unseen);
        Ok(Built { parts, drafts, copies, redactions, unseen, warnings })
    }
}

/// Every value that a redactor has replaced so far.
fn replaced(redactor: &Redactor) -> Vec<(Kind, String)> {
    redactor.values().map(|(value, kind)| (kind, value.to_owned())).collect()
}

/// What opens one redaction, found by redacting the case again.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// `huoyan-opening/1`.
    pub schema: String,
    /// The case.
    pub case: String,
    /// The line of `redactions.jsonl`.
    pub redaction: Redaction,
    /// Its salt and value.
    pub opening: Opening,
}

/// The version of openings that this crate writes.
pub const OPENING_SCHEMA: &str = "huoyan-opening/1";

/// The openings of the redactions in the case's exhibits that `wanted` picks.
///
/// # Errors
/// As for [`assemble`], up to the redaction of the exhibits.
pub fn disclose(
    case: &Case,
    folder: &Path,
    options: &Options<'_>,
    wanted: impl Fn(&Redaction) -> bool,
) -> Result<Vec<Disclosure>, AssembleError> {
    // A bundle may have been made at once, or with all that a first attempt had found.
    let mut redactions = Vec::new();
    let mut attempt = |known: &[(Kind, String)]| -> Result<Redactor, AssembleError> {
        let mut redacted = redact(case, folder, options, known, None)?;
        documents::redact_case(case, &mut redacted.redactor, &mut redacted.redactions);
        let new = redacted.redactions.into_iter().filter(|redaction| wanted(redaction));
        redactions.extend(new.filter(|redaction| !redactions.contains(redaction)).collect::<Vec<_>>());
        Ok(redacted.redactor)
    };
    let redactor = attempt(&[])?;
    let redactor = attempt(&replaced(&redactor))?;
    let open = |redaction: &Redaction| {
        let opening = redactor.open(redaction)?;
        let schema = OPENING_SCHEMA.to_owned();
        Some(Disclosure { schema, case: case.id.clone(), redaction: redaction.clone(), opening })
    };
    Ok(redactions.iter().filter_map(open).collect())
}

/// The exhibits after redaction, before anything is written.
struct RedactedExhibits {
    redactor: Redactor,
    redactions: Vec<Redaction>,
    payload: Vec<Payload>,
    copies: Vec<CopyNote>,
    warnings: Vec<Localized>,
}

/// What is long waits in the folder `work` as soon as it is made; without one no copy is kept.
fn redact(
    case: &Case,
    folder: &Path,
    options: &Options<'_>,
    more: &[(Kind, String)],
    work: Option<&Path>,
) -> Result<RedactedExhibits, AssembleError> {
    let language = if options.locale == Locale::Zh { Language::Zh } else { Language::En };
    let known = known::known(case, folder, &options.profile, more)?;
    let redactor = Redactor::new(options.case_key.clone())
        .with_profile(options.profile.clone())
        .with_language(language)
        .with_known(known);
    let mut redacted = RedactedExhibits {
        redactor,
        redactions: Vec::new(),
        payload: Vec::new(),
        copies: Vec::new(),
        warnings: Vec::new(),
    };
    let mut bare = Vec::new();
    for exhibit in &case.exhibits {
        let as_is = options.as_is.contains(&exhibit.id);
        if as_is && !exhibit.cover.is_empty() {
            return Err(AssembleError::AsIsCovered(exhibit.id));
        }
        let made = copy::copy(exhibit, folder, as_is, &mut redacted.redactor)?;
        redacted.redactions.extend(made.redactions);
        if let Some(work) = work {
            for file in made.files {
                let place = work.join(redacted.payload.len().to_string());
                redacted.payload.push(waiting(file, &place)?);
            }
        }
        redacted.warnings.extend(made.warning);
        if made.note.treatment == Treatment::Stripped {
            bare.push(exhibit.id.to_string());
        }
        redacted.copies.push(made.note);
    }
    if !bare.is_empty() {
        redacted.warnings.push(Localized::new(
            format!("图片 {} 未指定遮盖区域，请确认其中没有电话、面单或人脸", bare.join("、")),
            format!(
                "pictures without a region to cover: {}; make sure that they show no phone number, parcel label or face",
                bare.join(", ")
            ),
        ));
    }
    if let Some(other) = options.as_is.iter().find(|id| case.exhibit(**id).is_none()) {
        return Err(AssembleError::NoExhibit(*other));
    }
    Ok(redacted)
}

/// A file of an exhibit; what is long is kept at `place` meanwhile.
fn waiting(file: copy::OutFile, place: &Path) -> Result<Payload, AssembleError> {
    let path = file.path;
    Ok(match file.content {
        copy::Content::Original(from, sha256) => Payload { sha256: Some(sha256), ..Payload::file(path, from) },
        copy::Content::Made(bytes) if bytes.len() > KEPT_IN_MEMORY => {
            std::fs::write(place, &bytes).map_err(AssembleError::io(place))?;
            Payload { sha256: Some(Sha256::of(&bytes)), ..Payload::file(path, place) }
        }
        copy::Content::Made(bytes) => Payload { placement: Placement::Any, ..Payload::bytes(path, bytes) },
    })
}

/// Longer copies wait on the disk.
const KEPT_IN_MEMORY: usize = 64 * 1024;

struct BundledCustody {
    text: String,
    head: Option<Sha256>,
}

/// The case's custody record, and after it what was done to make the copies. The case's own record stays as it is, so that the next bundle of
/// the same case at the same time is the same.
fn custody(
    case: &Case,
    folder: &Path,
    redacted: &RedactedExhibits,
    options: &Options<'_>,
) -> Result<BundledCustody, AssembleError> {
    let path = folder.join("custody.jsonl");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(AssembleError::io(&path)(error)),
    };
    let mut lines = Vec::new();
    let mut chain = Custody::read(&text, |record| {
        let texts = [&record.who, &record.action, &record.exhibit, &record.method, &record.reason];
        if texts.iter().any(|text| !redacted.redactor.spans(text).is_empty()) {
            lines.push(record.seq);
        }
    })
    .map_err(AssembleError::Custody)?;
    let gaps = crate::contents::gaps(case, &text);
    if !gaps.is_empty() {
        return Err(AssembleError::CustodyGaps(gaps));
    }
    if !lines.is_empty() {
        return Err(AssembleError::CustodyText { lines });
    }
    let mut out = text.into_bytes();
    for note in &redacted.copies {
        for file in &note.files {
            let event = Event {
                at: options.now.to_string(),
                who: format!("{} {}", options.machine.tool.name, options.machine.tool.version),
                action: note.treatment.action().to_owned(),
                exhibit: note.exhibit.to_string(),
                sha256: file.sha256,
                bytes: file.bytes,
                method: format!("profile {}", options.profile.name()),
                reason: String::new(),
            };
            chain.append(event, &mut out).expect("invariant: a vector takes every line");
        }
    }
    Ok(BundledCustody { text: String::from_utf8(out).expect("invariant: lines are JSON"), head: chain.head() })
}

fn bag_path(path: &str) -> BagPath {
    BagPath::tamed(path)
}
