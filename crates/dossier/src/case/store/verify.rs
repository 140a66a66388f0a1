//! Whether the store holds what the case and the custody record say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;

use huoyan_model::Localized;

use super::{CustodyError, REMOVE, Store, StoreError, What, disk, is_own};
use crate::bundle::Sha256;
use crate::bundle::custody::{ChainFault, Record};
use crate::case::Exhibit;
use crate::lint::ExhibitId;

/// What was found in a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreReport {
    /// Exhibits whose bytes were read.
    pub checked: usize,
    /// How many bytes they had.
    pub bytes: u64,
    /// What does not hold; empty when all does.
    pub faults: Vec<Fault>,
}

/// Something in a store that is not as the case and the custody record say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The file is not there.
    Missing {
        /// The exhibit.
        exhibit: ExhibitId,
        /// Its place in the folder.
        file: String,
    },
    /// The file has other bytes.
    Changed {
        /// The exhibit.
        exhibit: ExhibitId,
        /// Its place in the folder.
        file: String,
        /// What the case says.
        expected: Sha256,
        /// What was read.
        found: Sha256,
    },
    /// A file that no exhibit names.
    Unlisted {
        /// Its place in the folder.
        file: String,
    },
    /// Something else than a regular file.
    Irregular {
        /// Its place in the folder.
        file: String,
        /// What it is.
        what: What,
    },
    /// The file cannot be read.
    Unreadable {
        /// Its place in the folder.
        file: String,
        /// What the system said.
        message: String,
    },
    /// An exhibit of the case that has no custody line.
    NoCustody {
        /// The exhibit.
        exhibit: ExhibitId,
    },
    /// The custody record tells of other bytes than the case.
    CustodyDiffers {
        /// The exhibit.
        exhibit: ExhibitId,
        /// The line that tells so.
        line: u64,
    },
    /// The custody record tells of an exhibit that is not in the case.
    NotInCase {
        /// The exhibit, as the record writes it.
        exhibit: String,
        /// The line that tells so.
        line: u64,
    },
    /// The custody record does not hold together.
    Chain(ChainFault),
}

impl Store {
    /// Reads every exhibit again and compares it with the case and the custody record.
    ///
    /// # Errors
    /// A folder that cannot be read at all. What does not hold is in the report.
    pub fn verify_store(&self) -> Result<StoreReport, StoreError> {
        let mut report = StoreReport::default();
        for exhibit in &self.case.exhibits {
            self.verify_exhibit(exhibit, &mut report);
        }
        self.find_unlisted(&mut report)?;
        match self.records() {
            Ok(records) => self.compare_custody(&records, &mut report),
            Err(StoreError::Custody(CustodyError::Chain(fault))) => report.faults.push(Fault::Chain(fault)),
            Err(error) => return Err(error),
        }
        Ok(report)
    }

    fn verify_exhibit(&self, exhibit: &Exhibit, report: &mut StoreReport) {
        let file = exhibit.file.clone();
        let fault = match disk::digest(&self.path(exhibit)) {
            Ok((found, bytes)) => {
                report.checked += 1;
                report.bytes += bytes;
                if found == exhibit.sha256 && bytes == exhibit.bytes {
                    return;
                }
                Fault::Changed { exhibit: exhibit.id, file, expected: exhibit.sha256, found }
            }
            Err(StoreError::NotAFile { what, .. }) => Fault::Irregular { file, what },
            Err(_) if fs::symlink_metadata(self.path(exhibit)).is_err() => Fault::Missing { exhibit: exhibit.id, file },
            Err(error) => Fault::Unreadable { file, message: error.to_string() },
        };
        report.faults.push(fault);
    }

    fn find_unlisted(&self, report: &mut StoreReport) -> Result<(), StoreError> {
        let listed: BTreeSet<&str> = self.case.exhibits.iter().map(|exhibit| exhibit.file.as_str()).collect();
        let exhibits = self.exhibits();
        for entry in walkdir::WalkDir::new(&exhibits).min_depth(1).sort_by_file_name() {
            let entry = entry.map_err(|e| StoreError::io(&exhibits)(e.into()))?;
            let relative = entry.path().strip_prefix(&self.root).unwrap_or(entry.path());
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            let file = parts.join("/");
            if listed.contains(file.as_str()) {
                continue;
            }
            let kind = entry.file_type();
            if kind.is_dir() {
                // A folder is named by what is in it; an empty one is no exhibit's.
                let empty = fs::read_dir(entry.path()).is_ok_and(|mut inside| inside.next().is_none());
                let known = self.case.exhibits.iter().any(|exhibit| exhibit.file.starts_with(&format!("{file}/")));
                if empty && !known {
                    report.faults.push(Fault::Unlisted { file });
                }
            } else if kind.is_symlink() {
                report.faults.push(Fault::Irregular { file, what: What::Link });
            } else {
                report.faults.push(Fault::Unlisted { file });
            }
        }
        Ok(())
    }

    fn compare_custody(&self, records: &[Record], report: &mut StoreReport) {
        let mut last: BTreeMap<&str, &Record> = BTreeMap::new();
        for record in records.iter().filter(|record| is_own(&record.action)) {
            last.insert(&record.exhibit, record);
        }
        for exhibit in &self.case.exhibits {
            match last.remove(exhibit.id.to_string().as_str()) {
                None => report.faults.push(Fault::NoCustody { exhibit: exhibit.id }),
                Some(record) => {
                    let same = (record.sha256, record.bytes) == (exhibit.sha256, exhibit.bytes);
                    if !same || record.action == REMOVE {
                        report.faults.push(Fault::CustodyDiffers { exhibit: exhibit.id, line: record.seq });
                    }
                }
            }
        }
        for record in last.into_values().filter(|record| record.action != REMOVE) {
            report.faults.push(Fault::NotInCase { exhibit: record.exhibit.clone(), line: record.seq });
        }
    }
}

impl Fault {
    /// The message in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::Missing { exhibit, file } => {
                Localized::new(format!("{exhibit}：'{file}' 不见了"), format!("{exhibit}: '{file}' is missing"))
            }
            Self::Changed { exhibit, file, expected, found } => Localized::new(
                format!("{exhibit}：'{file}' 入库后被改动，应为 {expected}，现在是 {found}"),
                format!("{exhibit}: '{file}' was changed after it was taken in, expected {expected}, found {found}"),
            ),
            Self::Unlisted { file } => Localized::new(
                format!("'{file}' 不属于任何证据；请用添加命令放入，或移走"),
                format!("'{file}' belongs to no exhibit; add it as one or take it away"),
            ),
            Self::Irregular { file, what } => {
                let (zh, en) = what.words();
                Localized::new(
                    format!("'{file}' 是{zh}，不是普通文件"),
                    format!("'{file}' is {en}, not a regular file"),
                )
            }
            Self::Unreadable { file, message } => {
                Localized::new(format!("'{file}' 无法读取：{message}"), format!("'{file}' cannot be read: {message}"))
            }
            Self::NoCustody { exhibit } => {
                Localized::new(format!("{exhibit} 没有保管记录"), format!("{exhibit} has no custody line"))
            }
            Self::CustodyDiffers { exhibit, line } => Localized::new(
                format!("{exhibit}：保管记录第 {line} 行与案卷不一致"),
                format!("{exhibit}: custody line {line} tells otherwise than the case"),
            ),
            Self::NotInCase { exhibit, line } => Localized::new(
                format!("保管记录第 {line} 行有 {exhibit}，案卷里没有"),
                format!("custody line {line} tells of {exhibit}, which is not in the case"),
            ),
            Self::Chain(fault) => fault.localized(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}
