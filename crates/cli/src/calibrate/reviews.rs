//! The findings of a run, read for what a calibration needs: signals by name, and what people decided.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use huoyan_model::Fingerprint;
use huoyan_pipeline::policy::Decision;
use serde::Deserialize;

use super::start::Names;
use crate::plugins::{Failure, failure};

/// A record that the detector judged.
#[derive(Clone, Debug)]
pub(super) struct Review {
    /// Its identity, whichever rule it was reported under.
    pub(super) identity: Fingerprint,
    pub(super) side: usize,
    pub(super) stratum: Option<usize>,
    /// Whether malice was confirmed, if anybody decided.
    pub(super) decided: Option<bool>,
    /// The score that it had in the run.
    pub(super) score: f64,
    /// The log-odds that it had in the run.
    log_odds: Option<f64>,
    /// Its signals that are not 0.
    signals: Box<[(u16, f32)]>,
}

impl Review {
    /// Its signals in the order of the model's.
    pub(super) fn values(&self, count: usize) -> Vec<f32> {
        let mut values = vec![0.0; count];
        for (at, value) in self.signals() {
            values[at] = value;
        }
        values
    }

    /// Those that are not 0, with their places in the model.
    pub(super) fn signals(&self) -> impl Iterator<Item = (usize, f32)> {
        self.signals.iter().map(|(at, value)| (usize::from(*at), *value))
    }

    /// Whether the run gave it other log-odds than these.
    pub(super) fn differs(&self, total: f64) -> bool {
        self.log_odds.is_some_and(|said| (said - total).abs() > 1e-6)
    }
}

/// What was read.
#[derive(Default)]
pub(super) struct Read {
    /// In the order of their identities, each once.
    pub(super) reviews: Vec<Review>,
    /// Decisions about findings of other detectors.
    pub(super) others: usize,
    /// Decisions about no finding that was read.
    pub(super) missing: usize,
    /// Files without the line that ends them.
    pub(super) cut_off: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    detector: Cow<'a, str>,
    #[serde(borrow, default)]
    rule: Cow<'a, str>,
    #[serde(borrow, default)]
    record: Cow<'a, str>,
    #[serde(borrow, default)]
    field: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    matched: Option<Cow<'a, str>>,
    fingerprint: Option<Fingerprint>,
    #[serde(default)]
    score: f64,
    #[serde(borrow)]
    evidence: Option<Evidence<'a>>,
}

#[derive(Deserialize)]
struct Evidence<'a> {
    #[serde(borrow)]
    side: Option<Cow<'a, str>>,
    #[serde(borrow)]
    stratum: Option<Cow<'a, str>>,
    log_odds: Option<f64>,
    signals: Option<BTreeMap<String, f64>>,
}

/// Reads a findings file, or those of a folder.
pub(super) fn read(
    from: &Path,
    detector: &str,
    names: &Names,
    decisions: &BTreeMap<Fingerprint, Decision>,
) -> Result<Read, Failure> {
    let signals = names.signals.iter().enumerate().map(|(at, name)| (name.as_str(), at as u16)).collect();
    let mut reader = Reader {
        detector,
        names,
        signals,
        decisions,
        reviews: BTreeMap::new(),
        used: BTreeSet::new(),
        others: BTreeSet::new(),
    };
    let mut cut_off = Vec::new();
    if from.is_dir() {
        for path in in_folder(from)? {
            // Other files of the folder, such as rows that could not be read or the reviews themselves, are no findings.
            if reader.file(&path, true)? {
                cut_off.push(path);
            }
        }
    } else if reader.file(from, false)? {
        cut_off.push(from.to_owned());
    }
    if reader.reviews.is_empty() {
        let from = from.display();
        return Err(failure((
            format!("{from}：没有 {detector} 的发现；请用 huoyan scan … -o jsonl=findings.jsonl --all-findings 写出"),
            format!(
                "{from}: there are no findings of {detector}; write them by huoyan scan … -o jsonl=findings.jsonl --all-findings"
            ),
        )));
    }
    let known = |fingerprint: &&Fingerprint| reader.used.contains(fingerprint) || reader.others.contains(fingerprint);
    Ok(Read {
        missing: decisions.len() - decisions.keys().filter(known).count(),
        others: reader.others.len(),
        reviews: reader.reviews.into_values().collect(),
        cut_off,
    })
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| unreadable(folder, &e))? {
        let path = entry.map_err(|e| unreadable(folder, &e))?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display();
    failure((format!("{path}：无法读取：{error}"), format!("{path}: cannot be read: {error}")))
}

struct Reader<'a> {
    detector: &'a str,
    names: &'a Names,
    signals: HashMap<&'a str, u16>,
    decisions: &'a BTreeMap<Fingerprint, Decision>,
    reviews: BTreeMap<Fingerprint, Review>,
    /// Decisions about findings of the detector, and of others.
    used: BTreeSet<Fingerprint>,
    others: BTreeSet<Fingerprint>,
}

impl Reader<'_> {
    /// Reads one file, and says whether its last line is missing. A foreign file of a folder is passed over.
    fn file(&mut self, path: &Path, in_folder: bool) -> Result<bool, Failure> {
        let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(|e| unreadable(path, &e))?);
        let mut line = Vec::new();
        let (mut begun, mut ended) = (false, false);
        for number in 1u64.. {
            line.clear();
            if file.read_until(b'\n', &mut line).map_err(|e| unreadable(path, &e))? == 0 {
                break;
            }
            let place = format_args!("{}:{number}", path.display()).to_string();
            if line.trim_ascii().is_empty() {
                continue;
            }
            let parsed = std::str::from_utf8(&line)
                .map_err(|_| failure((format!("{place}：不是 UTF-8 文本"), format!("{place}: the text is not UTF-8"))))
                .and_then(|text| {
                    serde_json::from_str::<Line<'_>>(text).map_err(|e| {
                        failure((
                            format!("{place}：不是一行发现：{e}；请给出 -o jsonl 写出的文件"),
                            format!("{place}: this is no line of findings: {e}; give a file that -o jsonl wrote"),
                        ))
                    })
                });
            let parsed = match parsed {
                Err(_) if in_folder && !begun => return Ok(false),
                parsed => parsed?,
            };
            match &*parsed.kind {
                "header" => begun = true,
                "summary" => ended = true,
                "finding" => {
                    begun = true;
                    self.finding(&parsed, &place)?;
                }
                _ if in_folder && !begun => return Ok(false),
                _ => {}
            }
        }
        if !begun && !in_folder {
            let path = path.display();
            return Err(failure((
                format!("{path}：其中没有发现；请给出 -o jsonl 写出的文件"),
                format!("{path}: there are no findings in it; give a file that -o jsonl wrote"),
            )));
        }
        Ok(begun && !ended)
    }

    fn finding(&mut self, line: &Line<'_>, place: &str) -> Result<(), Failure> {
        let Some(fingerprint) = line.fingerprint else {
            return Err(failure((format!("{place}：没有指纹"), format!("{place}: the finding has no fingerprint"))));
        };
        if line.detector != self.detector {
            if self.decisions.contains_key(&fingerprint) {
                self.others.insert(fingerprint);
            }
            return Ok(());
        }
        let (identity, decided) = self.decided(line, fingerprint);
        let Some((evidence, signals)) = line.evidence.as_ref().and_then(|e| Some((e, e.signals.as_ref()?))) else {
            return Err(failure((
                format!("{place}：该发现没有 signals，出自较早的版本；请用本版本重新扫描"),
                format!("{place}: the finding has no signals, it is an older version's; scan again with this version"),
            )));
        };
        let odd = |key: &str, value: &str| {
            failure((
                format!("{place}：模型中没有 {key} '{value}'；请用本版本重新扫描，或用 --model 指明扫描所用的模型"),
                format!(
                    "{place}: the model has no {key} '{value}'; scan again with this version, or name the scan's model by --model"
                ),
            ))
        };
        let side = evidence.side.as_deref().unwrap_or_default();
        let at = self.names.sides.iter().position(|known| known == side).ok_or_else(|| odd("side", side))?;
        let stratum = match evidence.stratum.as_deref() {
            Some(name) if !self.names.strata.is_empty() => {
                let at = self.names.strata.iter().position(|known| known == name);
                Some(at.ok_or_else(|| odd("stratum", name))?)
            }
            _ => None,
        };
        let mut values = Vec::with_capacity(signals.len());
        for (name, value) in signals {
            let at = *self.signals.get(name.as_str()).ok_or_else(|| odd("signal", name))?;
            values.push((at, *value as f32));
        }
        let review = Review {
            identity,
            side: at,
            stratum,
            decided,
            score: line.score,
            log_odds: evidence.log_odds,
            signals: values.into(),
        };
        // Of several runs in a folder, the one of the last name counts.
        self.reviews.insert(identity, review);
        Ok(())
    }

    /// Who the finding is about, whatever its rule, and what was decided about it.
    ///
    /// A review is reported under the rule of its strongest signal, which may be another one with the next model. A decision is
    /// about the review, so it holds under whichever rule it was taken; the latest counts.
    fn decided(&mut self, line: &Line<'_>, fingerprint: Fingerprint) -> (Fingerprint, Option<bool>) {
        let [field, matched] = [&line.field, &line.matched].map(|text| text.as_deref().unwrap_or_default());
        let under = |rule: &str| Fingerprint::of(&line.detector, rule, &line.record, field, matched);
        let mut latest: Option<(&str, bool)> = None;
        let mut take = |fingerprint: Fingerprint| {
            if let Some(decision) = self.decisions.get(&fingerprint) {
                self.used.insert(fingerprint);
                if latest.is_none_or(|(at, _)| at <= decision.at.as_str()) {
                    latest = Some((&decision.at, !decision.dismissed));
                }
            }
        };
        // A fingerprint that is made of something else stands for itself.
        if under(&line.rule) != fingerprint {
            take(fingerprint);
            return (fingerprint, latest.map(|(_, malice)| malice));
        }
        self.names.rules.iter().filter(|rule| **rule != line.rule).for_each(|rule| take(under(rule)));
        take(fingerprint);
        (under(""), latest.map(|(_, malice)| malice))
    }
}
