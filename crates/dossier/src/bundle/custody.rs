//! The custody record: who did what to which exhibit, each line naming the digest of the line before.
//!
//! A chain is a record, not a seal: whoever can write the file can write a new chain, and a tail that was cut off leaves a chain that holds.
//! That is why the bundle signs its [`head`](Custody::head). Lines are canonical JSON (sorted keys, no blanks, RFC 8785 for what occurs here),
//! so that one record has one line.

mod file;

use std::fmt;
use std::io::Write;

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

pub use self::file::{CustodyError, append_to_file, cut_torn_tail};
use super::Sha256;

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
    /// Why; may be empty.
    pub reason: String,
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
    /// Why, where somebody said so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
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
        Self::read(text, |_| {})
    }

    /// Checks a whole record, shows each of its lines, and keeps its end.
    pub fn read(text: &str, mut show: impl FnMut(&Record)) -> Result<Self, ChainFault> {
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
            show(&record);
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
        let Event { at, who, action, exhibit, sha256, bytes, method, reason } = event;
        let prev = self.head.unwrap_or(Sha256::ZERO);
        let record = Record { action, at, bytes, exhibit, method, prev, reason, seq: self.records + 1, sha256, who };
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

#[cfg(test)]
mod tests {
    use super::*;

    pub(in crate::bundle::custody) fn event(exhibit: &str) -> Event {
        Event {
            at: "2026-11-22T10:00:00+08:00".to_owned(),
            who: "店员甲".to_owned(),
            action: "import".to_owned(),
            exhibit: exhibit.to_owned(),
            sha256: Sha256::of(exhibit.as_bytes()),
            bytes: 3,
            method: "file import".to_owned(),
            reason: String::new(),
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
    fn a_record_without_a_reason_is_written_as_before_there_were_reasons() {
        let old = r#"{"action":"import","at":"2026-11-22T10:00:00+08:00","bytes":3,"exhibit":"E01","method":"export","prev":"0000000000000000000000000000000000000000000000000000000000000000","seq":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","who":"huoyan"}"#;
        assert_eq!(Custody::verify(&format!("{old}\n")).unwrap().records(), 1);
        let empty = old.replace(r#""seq""#, r#""reason":"","seq""#);
        assert_eq!(Custody::verify(&format!("{empty}\n")), Err(ChainFault::Line(1)), "one record has one line");
        let why = empty.replace(r#""reason":"""#, r#""reason":"twice""#);
        assert_eq!(Custody::verify(&format!("{why}\n")).unwrap().records(), 1);
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
}
