//! A file of findings, read line by line in bounded memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read as _, Seek, SeekFrom};

use huoyan_model::{Finding, RecordKind, RunHeader};
use serde_json::Value;

use super::{OpenError, Selector};

/// The version of findings that is read.
pub(super) const SCHEMA: &str = "huoyan-findings/1";
/// No line of findings is longer.
const LONGEST: u64 = 8 << 20;
/// A finding that counts stands by itself from here up.
const COUNTS: f64 = 0.5;
/// Reviews of one campaign that are followed; a case of more is made of several.
const CAMPAIGN: usize = 500;

/// What was selected of a file.
pub(super) struct Selected {
    /// The first line, as it stands.
    pub header_line: String,
    pub header: RunHeader,
    /// The lines of the findings, as they stand, each with what it says.
    pub findings: Vec<(String, Finding)>,
    /// Reviews of the campaign beyond the limit.
    pub left_out: usize,
}

/// Whether a finding counts: not suppressed, and sure enough.
pub(super) fn counts(finding: &Finding) -> bool {
    finding.suppressed.is_none() && finding.score >= COUNTS
}

/// Reads the file twice: once for who belongs together, once for the lines.
pub(super) fn select(file: &mut (impl BufRead + Seek), selector: &Selector) -> Result<Selected, OpenError> {
    let mut tied: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut records, mut complete, mut lines) = (BTreeSet::new(), false, 0);
    let mut header = None;
    each_line(file, |number, text| {
        lines = number;
        if number == 1 {
            header = Some((read_header(text)?, text.to_owned()));
            return Ok(());
        }
        match read_line(number, text)? {
            Line::Finding(finding) => {
                if matches!(selector, Selector::Campaign(_))
                    && finding.owner_kind == RecordKind::Review
                    && counts(&finding)
                {
                    for member in &finding.members {
                        tied.entry(finding.owner.clone()).or_default().insert(member.clone());
                        tied.entry(member.clone()).or_default().insert(finding.owner.clone());
                    }
                }
                records.insert(finding.owner);
            }
            Line::Summary => complete = true,
            Line::Other => {}
        }
        Ok(())
    })?;
    let Some((header, header_line)) = header else {
        return Err(OpenError::Foreign { found: "an empty file".to_owned() });
    };
    if !complete {
        return Err(OpenError::CutOff { lines });
    }
    let (campaign, left_out) = match selector {
        Selector::Campaign(review) => closure(review, &tied),
        _ => Default::default(),
    };
    let mut findings = Vec::new();
    file.seek(SeekFrom::Start(0)).map_err(|error| OpenError::Io(error.to_string()))?;
    each_line(file, |number, text| {
        if number > 1
            && let Line::Finding(finding) = read_line(number, text)?
            && selector.takes(&finding, &campaign)
        {
            findings.push((text.to_owned(), *finding));
        }
        Ok(())
    })?;
    if findings.is_empty() {
        return Err(OpenError::Nothing { selector: selector.words(), records: records.len() });
    }
    Ok(Selected { header_line, header, findings, left_out })
}

/// All that are tied to a review, near ones first, and how many more there are.
fn closure(review: &str, tied: &BTreeMap<String, BTreeSet<String>>) -> (BTreeSet<String>, usize) {
    let mut seen = BTreeSet::from([review.to_owned()]);
    let mut queue = std::collections::VecDeque::from([review.to_owned()]);
    let (mut taken, mut left_out) = (BTreeSet::new(), 0);
    while let Some(next) = queue.pop_front() {
        for other in tied.get(&next).into_iter().flatten() {
            if seen.insert(other.clone()) {
                queue.push_back(other.clone());
            }
        }
        if taken.len() < CAMPAIGN {
            taken.insert(next);
        } else {
            left_out += 1;
        }
    }
    (taken, left_out)
}

enum Line {
    Finding(Box<Finding>),
    Summary,
    Other,
}

fn read_header(text: &str) -> Result<RunHeader, OpenError> {
    let foreign = || OpenError::Foreign { found: text.chars().take(40).collect() };
    let value: Value = serde_json::from_str(text).map_err(|_| foreign())?;
    if value["type"] != "header" {
        return Err(foreign());
    }
    match value["schema"].as_str() {
        Some(SCHEMA) => {
            serde_json::from_value(value).map_err(|error| OpenError::Line { line: 1, detail: error.to_string() })
        }
        Some(other) => Err(OpenError::Schema { found: other.chars().take(40).collect() }),
        None => Err(foreign()),
    }
}

fn read_line(number: u64, text: &str) -> Result<Line, OpenError> {
    let wrong = |error: serde_json::Error| OpenError::Line { line: number, detail: error.to_string() };
    let value: Value = serde_json::from_str(text).map_err(wrong)?;
    match value["type"].as_str() {
        Some("finding") => Ok(Line::Finding(Box::new(serde_json::from_value(value).map_err(wrong)?))),
        Some("summary") => Ok(Line::Summary),
        Some(_) => Ok(Line::Other),
        None => Err(OpenError::Line { line: number, detail: "it has no type".to_owned() }),
    }
}

fn each_line(
    file: &mut impl BufRead,
    mut each: impl FnMut(u64, &str) -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    let (mut number, mut line) = (0, Vec::new());
    loop {
        line.clear();
        let read = (&mut *file).take(LONGEST).read_until(b'\n', &mut line);
        let read = read.map_err(|error| OpenError::Io(error.to_string()))?;
        if read == 0 {
            return Ok(());
        }
        number += 1;
        if read as u64 == LONGEST {
            return Err(OpenError::Line { line: number, detail: format!("it is longer than {LONGEST} bytes") });
        }
        let text = std::str::from_utf8(&line);
        let text = text.map_err(|_| match number {
            1 => OpenError::Foreign { found: "no UTF-8".to_owned() },
            _ => OpenError::Line { line: number, detail: "it is no UTF-8".to_owned() },
        })?;
        let text = text.trim_end_matches(['\n', '\r']);
        if !text.is_empty() {
            each(number, text)?;
        }
    }
}
