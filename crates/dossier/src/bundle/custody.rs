//! The custody record: who did what to which exhibit, each line naming the digest of the line before.
//!
//! A chain is a record, not a seal: whoever can write the file can write a new chain, and a tail that was cut off leaves a chain that holds.
//! That is why the bundle signs its [`head`](Custody::head). Lines are canonical JSON (sorted keys, no blanks, RFC 8785 for what occurs here),
//! so that one record has one line.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

use super::{BundleError, Sha256};

/// One thing that happened to an exhibit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, RFC 3339 with its zone.
    pub at: String,
    /// Who or which program.
    pub who: String,
    /// What was done: `collect`, `import`, `redact`, `export` …
    pub action: String,
    /// Which exhibit.
    pub exhibit: String,
    /// What the exhibit's bytes were after it.
    pub sha256: Sha256,
    /// How many there were.
    pub bytes: u64,
    /// By which method: `file import`, `screenshot`, `platform export` …
    pub method: String,
}

/// A line of `custody.jsonl`. The fields stand in the order of their names: that is the canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What was done.
    pub action: String,
    /// When, RFC 3339 with its zone.
    pub at: String,
    /// How many bytes the exhibit had after it.
    pub bytes: u64,
    /// Which exhibit.
    pub exhibit: String,
    /// By which method.
    pub method: String,
    /// The SHA-256 of the line before, without its line break; zeros in the first.
    pub prev: Sha256,
    /// From 1, without gaps.
    pub seq: u64,
    /// What the exhibit's bytes were after it.
    pub sha256: Sha256,
    /// Who or which program.
    pub who: String,
}

impl Record {
    fn line(&self) -> String {
        serde_json::to_string(self).expect("invariant: texts and numbers are always JSON")
    }
}

/// Where a chain does not hold. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChainFault {
    /// The line is no record in its canonical form.
    Line(usize),
    /// The time is not RFC 3339.
    Time(usize),
    /// The number is not one more than the last.
    Sequence(usize),
    /// It names another line before than there is: one was changed, taken out or put in.
    Link(usize),
    /// The last line has no end: a program was stopped while it wrote it. The offset where it begins.
    Torn(usize, u64),
}

impl ChainFault {
    /// The message in both languages.
    pub fn localized(&self) -> Localized {
        let (zh, en) = match self {
            Self::Line(n) => {
                (format!("第 {n} 行不是规范的保管记录"), format!("line {n} is no canonical custody record"))
            }
            Self::Time(n) => (
                format!("第 {n} 行的时间不是带时区的 RFC 3339"),
                format!("the time in line {n} is not RFC 3339 with a zone"),
            ),
            Self::Sequence(n) => {
                (format!("第 {n} 行的序号不连续"), format!("the number in line {n} does not follow the one before"))
            }
            Self::Link(n) => (
                format!("第 {n} 行与前一行的哈希不符：有记录被改动、删除或插入"),
                format!("line {n} does not name the line before it: a record was changed, taken out or put in"),
            ),
            Self::Torn(n, at) => (
                format!("第 {n} 行（偏移 {at}）没有写完；确认后可用 cut_torn_tail 去掉这半行"),
                format!("line {n} (offset {at}) was not finished; look at it, then take it off with cut_torn_tail"),
            ),
        };
        Localized { zh, en }
    }
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.localized().en)
    }
}

impl std::error::Error for ChainFault {}

/// The end of a chain: all that is needed to go on.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Custody {
    records: u64,
    head: Option<Sha256>,
}

impl Custody {
    /// Checks a whole record and keeps its end.
    pub fn verify(text: &str) -> Result<Self, ChainFault> {
        let mut custody = Self::default();
        let mut at = 0;
        for (n, line) in text.split_inclusive('\n').enumerate() {
            let n = n + 1;
            let whole = line.strip_suffix('\n').ok_or(ChainFault::Torn(n, at))?;
            let record: Record = serde_json::from_str(whole).map_err(|_| ChainFault::Line(n))?;
            if record.line() != whole {
                return Err(ChainFault::Line(n));
            }
            if chrono::DateTime::parse_from_rfc3339(&record.at).is_err() {
                return Err(ChainFault::Time(n));
            }
            if record.seq != n as u64 {
                return Err(ChainFault::Sequence(n));
            }
            if record.prev != custody.head.unwrap_or(Sha256::ZERO) {
                return Err(ChainFault::Link(n));
            }
            custody.take(whole);
            at += line.len() as u64;
        }
        Ok(custody)
    }

    /// The digest of the last line, if there is one.
    pub fn head(&self) -> Option<Sha256> {
        self.head
    }

    /// How many records there are.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Writes the next record and makes it the end. After an error the end is as before; what was written then is for
    /// [`append_to_file`] to find.
    pub fn append(&mut self, event: Event, out: &mut impl Write) -> std::io::Result<Record> {
        let Event { at, who, action, exhibit, sha256, bytes, method } = event;
        let prev = self.head.unwrap_or(Sha256::ZERO);
        let record = Record { action, at, bytes, exhibit, method, prev, seq: self.records + 1, sha256, who };
        let line = record.line();
        // In one piece: a reader, or a crash, sees the line or the half of one, never two halves.
        out.write_all(format!("{line}\n").as_bytes())?;
        self.take(&line);
        Ok(record)
    }

    fn take(&mut self, line: &str) {
        self.head = Some(Sha256::of(line.as_bytes()));
        self.records += 1;
    }
}

/// Why a custody file cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum CustodyError {
    /// It does not hold together; nothing was written.
    Chain(ChainFault),
    /// Reading or writing failed.
    File(BundleError),
}

impl From<BundleError> for CustodyError {
    fn from(error: BundleError) -> Self {
        Self::File(error)
    }
}

impl fmt::Display for CustodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(fault) => fault.fmt(f),
            Self::File(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CustodyError {}

/// Appends to a custody file, which is made if there is none: under a lock, after the whole chain was checked, and on the disk before it
/// returns.
pub fn append_to_file(path: &Path, event: Event) -> Result<(Record, Custody), CustodyError> {
    let io = |error| BundleError::io(path)(error);
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(BundleError::io(path))?;
    file.lock().map_err(io)?;
    let mut custody = read(&mut file, path)?;
    let record = custody.append(event, &mut file).map_err(io)?;
    file.sync_all().map_err(io)?;
    Ok((record, custody))
}

/// Takes off a last line that was not finished and returns it. A file that is whole is left alone.
pub fn cut_torn_tail(path: &Path) -> Result<Option<String>, CustodyError> {
    let io = |error| BundleError::io(path)(error);
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(BundleError::io(path))?;
    file.lock().map_err(io)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole == bytes.len() {
        return Ok(None);
    }
    file.set_len(whole as u64).map_err(io)?;
    file.sync_all().map_err(io)?;
    Ok(Some(String::from_utf8_lossy(&bytes[whole..]).into_owned()))
}

fn read(file: &mut File, path: &Path) -> Result<Custody, CustodyError> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).map_err(BundleError::io(path))?;
    file.read_to_end(&mut bytes).map_err(BundleError::io(path))?;
    // A torn line may end inside of a character.
    let torn = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let n = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            let fault =
                if error.valid_up_to() >= torn { ChainFault::Torn(n, torn as u64) } else { ChainFault::Line(n) };
            return Err(CustodyError::Chain(fault));
        }
    };
    Custody::verify(text).map_err(CustodyError::Chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(exhibit: &str) -> Event {
        Event {
            at: "2026-11-22T10:00:00+08:00".to_owned(),
            who: "店员甲".to_owned(),
            action: "import".to_owned(),
            exhibit: exhibit.to_owned(),
            sha256: Sha256::of(exhibit.as_bytes()),
            bytes: 3,
            method: "file import".to_owned(),
        }
    }

    fn chain(count: usize) -> String {
        let (mut custody, mut out) = (Custody::default(), Vec::new());
        for n in 0..count {
            custody.append(event(&format!("E{n:02}")), &mut out).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_chain_holds_and_its_head_is_the_last_line() {
        let text = chain(3);
        let custody = Custody::verify(&text).unwrap();
        assert_eq!(custody.records(), 3);
        assert_eq!(custody.head(), Some(Sha256::of(text.lines().last().unwrap().as_bytes())));
        assert!(text.starts_with(r#"{"action":"import","at":"2026-11-22T10:00:00+08:00","bytes":3,"exhibit":"E00""#));
    }

    #[test]
    fn every_flipped_bit_but_those_of_the_last_line_breaks_the_chain() {
        let text = chain(3);
        let last = text.trim_end().rfind('\n').unwrap();
        for bit in 0..last * 8 {
            let mut bytes = text.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(Custody::verify(&text).is_err(), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_record_taken_out_is_named() {
        let text = chain(4);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        assert_eq!(Custody::verify(&[lines[0], lines[2]].concat()), Err(ChainFault::Sequence(2)));
        assert_eq!(Custody::verify(lines[1]), Err(ChainFault::Sequence(1)));
        // The chain alone cannot know of a tail that is gone.
        assert!(Custody::verify(&lines[..2].concat()).is_ok());
    }

    #[test]
    fn a_line_cut_short_is_told_and_taken_off_and_the_chain_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("custody.jsonl");
        append_to_file(&path, event("E01")).unwrap();
        append_to_file(&path, event("E02")).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let second = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for cut in second + 1..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let error = append_to_file(&path, event("E03")).unwrap_err();
            assert!(
                matches!(error, CustodyError::Chain(ChainFault::Torn(2, at)) if at == second as u64),
                "{cut}: {error}"
            );
            assert_eq!(std::fs::read(&path).unwrap(), whole[..cut], "nothing was written behind the half line");
        }
        assert!(cut_torn_tail(&path).unwrap().is_some());
        assert_eq!(cut_torn_tail(&path).unwrap(), None);
        let (record, custody) = append_to_file(&path, event("E02")).unwrap();
        assert_eq!((record.seq, custody.records()), (2, 2));
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
}
