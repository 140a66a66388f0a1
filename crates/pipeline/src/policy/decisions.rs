//! `decisions.csv`: what people decided about findings.
//!
//! One reader serves the policy, which sets dismissed findings aside, and the calibration, which learns from both hands, so that
//! one file is good for either. What must stay true: of several words about one finding the latest holds, and a word that
//! is not known is refused with its line.

use std::collections::BTreeMap;
use std::path::Path;

use huoyan_model::Fingerprint;

use crate::config::{ConfigError, not_a_fingerprint};

/// A person's word on one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it was a false alarm; otherwise it was rightly found.
    pub dismissed: bool,
    /// Who decided.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why.
    pub reason: String,
}

/// What people write for "a false alarm" (nothing is wrong with the record) and for "rightly found". The bare `reject` is neither: it
/// is the verdict on a bad record, too.
const DISMISS: &[&str] = &[
    "dismiss",
    "dismissed",
    "rejected",
    "genuine",
    "innocent",
    "benign",
    "normal",
    "误报",
    "驳回",
    "正常",
    "真实",
    "不成立",
];
const CONFIRM: &[&str] =
    &["confirm", "confirmed", "uphold", "upheld", "malicious", "malice", "确认", "属实", "恶意", "成立"];

/// Reads a decisions file: the latest decision of each finding.
///
/// # Errors
/// A file that cannot be read or is no UTF-8, a missing column, an unknown decision, a broken fingerprint, two opposite decisions of one
/// finding at one time.
pub fn read_decisions(path: &Path) -> Result<BTreeMap<Fingerprint, Decision>, ConfigError> {
    let text = read_text(path)?;
    if text.trim().is_empty() {
        return Err(
            ConfigError::new(path.display().to_string(), ("文件是空的", "the file is empty")).with_help(COLUMNS)
        );
    }
    parse(path, &text)
}

const COLUMNS: (&str, &str) =
    ("各列为 fingerprint, decision, by, at, reason", "the columns are fingerprint, decision, by, at, reason");

/// The text of a file without its byte order mark.
pub(super) fn read_text(path: &Path) -> Result<String, ConfigError> {
    let bytes = std::fs::read(path).map_err(|error| ConfigError::io(path, &error))?;
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        ConfigError::new(format!("{}:{line}", path.display()), ("不是 UTF-8 文本", "the text is not UTF-8"))
            .with_help(("请另存为 UTF-8", "save it as UTF-8"))
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

pub(super) fn parse(path: &Path, text: &str) -> Result<BTreeMap<Fingerprint, Decision>, ConfigError> {
    let mut decisions: BTreeMap<Fingerprint, (u64, Decision)> = BTreeMap::new();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let broken = |error: csv::Error| ConfigError::new(path.display().to_string(), error.to_string());
    let headers = reader.headers().map_err(broken)?.clone();
    let column = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name));
    let required = |name: &str| {
        column(name).ok_or_else(|| {
            ConfigError::new(
                format!("{}:1", path.display()),
                (format!("缺少列 '{name}'"), format!("the column '{name}' is missing")),
            )
            .with_help(COLUMNS)
        })
    };
    let (at_fingerprint, at_decision) = (required("fingerprint")?, required("decision")?);
    let [by, at, reason] = ["by", "at", "reason"].map(column);
    for row in reader.records() {
        let row = row.map_err(broken)?;
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |index: Option<usize>| index.and_then(|index| row.get(index)).unwrap_or("");
        let word = cell(Some(at_decision));
        if cell(Some(at_fingerprint)).is_empty() && word.is_empty() {
            continue;
        }
        let is_one_of = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        let dismissed = is_one_of(DISMISS);
        if !dismissed && !is_one_of(CONFIRM) {
            return Err(ConfigError::new(
                format!("{}:{line}", path.display()),
                (format!("未知的决定 '{word}'"), format!("unknown decision '{word}'")),
            )
            .with_help(("请写 confirm（确认、恶意）或 dismiss（驳回、正常）", "write confirm or dismiss")));
        }
        let decision =
            Decision { dismissed, by: cell(by).to_owned(), at: cell(at).to_owned(), reason: cell(reason).to_owned() };
        let fingerprint = fingerprint(path, line, cell(Some(at_fingerprint)))?;
        // The latest word holds. Times are RFC 3339, which sort as text.
        match decisions.get(&fingerprint) {
            Some((earlier, old)) if old.at == decision.at && old.dismissed != decision.dismissed => {
                return Err(ConfigError::new(
                    format!("{}:{line}", path.display()),
                    (
                        format!("与第 {earlier} 行对同一发现的决定相反，时间也相同"),
                        format!("decides the finding otherwise than line {earlier}, at the same time"),
                    ),
                )
                .with_help((
                    "请删去一行，或在 at 列写明时间：以较晚的为准",
                    "remove one, or say in `at` when: the later one holds",
                )));
            }
            Some((_, old)) if old.at > decision.at => {}
            _ => drop(decisions.insert(fingerprint, (line, decision))),
        }
    }
    Ok(decisions.into_iter().map(|(fingerprint, (_, decision))| (fingerprint, decision)).collect())
}

pub(super) fn fingerprint(path: &Path, line: u64, word: &str) -> Result<Fingerprint, ConfigError> {
    Fingerprint::parse(word).ok_or_else(|| {
        ConfigError::new(format!("{}:{line}", path.display()), not_a_fingerprint(word))
            .with_help(("指纹是 32 位十六进制数", "a fingerprint is 32 hexadecimal digits"))
    })
}
