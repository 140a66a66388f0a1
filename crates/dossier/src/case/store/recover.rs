//! What a killed program has left: finished when its custody line stands, swept when it does not.

use std::fs;
use std::path::PathBuf;

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

use super::{CUSTODY, EXHIBITS, REMOVE, Store, StoreError, disk};
use crate::bundle::custody::{Record, cut_torn_tail};
use crate::case::Exhibit;
use crate::contents::gaps;
use crate::lint::ExhibitId;

const INCOMING: &str = ".incoming-";
const UNFINISHED: &str = ".unfinished-";

/// An exhibit whose bytes are on the disk and whose custody line is next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Pending {
    /// The number that its custody line will have.
    pub seq: u64,
    pub exhibit: Exhibit,
}

impl Store {
    pub(super) fn incoming(&self, id: ExhibitId) -> PathBuf {
        self.exhibits().join(format!("{INCOMING}{id}"))
    }

    pub(super) fn pending(&self, id: ExhibitId) -> PathBuf {
        self.exhibits().join(format!("{INCOMING}{id}.json"))
    }

    pub(super) fn write_pending(&self, pending: &Pending) -> Result<(), StoreError> {
        let text = serde_json::to_string(pending).expect("invariant: an exhibit is always JSON");
        disk::write(&self.pending(pending.exhibit.id), &text)
    }

    pub(super) fn records(&self) -> Result<Vec<Record>, StoreError> {
        let (text, _) = self.custody()?;
        let record = |line| serde_json::from_str(line).expect("invariant: the chain was checked line by line");
        Ok(text.lines().map(record).collect())
    }

    /// Brings everything else to where the custody line says it is. May be cut off anywhere and done again.
    pub(super) fn finish(&mut self, pending: Pending) -> Result<(), StoreError> {
        let Pending { exhibit, .. } = pending;
        let (id, incoming) = (exhibit.id, self.incoming(exhibit.id));
        let place = self.exhibits().join(id.to_string());
        if fs::symlink_metadata(&incoming).is_ok() {
            disk::clear(&place)?;
            disk::publish(&incoming, &place)?;
        }
        match self.case.exhibits.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = exhibit,
            None => {
                self.case.exhibits.push(exhibit);
                self.case.exhibits.sort_by_key(|exhibit| exhibit.id);
            }
        }
        self.write_case()?;
        disk::clear(&self.pending(id))
    }

    /// Takes an exhibit out of the case and off the disk.
    pub(super) fn forget(&mut self, id: ExhibitId) -> Result<(), StoreError> {
        self.case.exhibits.retain(|exhibit| exhibit.id != id);
        for claim in &mut self.case.claims {
            claim.exhibits.retain(|cited| *cited != id);
        }
        for subject in &mut self.case.subjects {
            subject.shown_by = subject.shown_by.filter(|shown| *shown != id);
        }
        self.write_case()?;
        disk::clear(&self.exhibits().join(id.to_string()))
    }

    /// With the lock held.
    pub(super) fn recover(&mut self) -> Result<(), StoreError> {
        let exhibits = self.exhibits();
        let found = fs::symlink_metadata(&exhibits).map_err(StoreError::io(&exhibits))?;
        if !found.is_dir() {
            let what = disk::irregular(&found).unwrap_or(super::What::Special);
            return Err(StoreError::NotAFile { path: exhibits.display().to_string(), what });
        }
        if let Some(line) = cut_torn_tail(&self.root.join(CUSTODY))? {
            self.recovered.push(Localized::new(
                format!("保管记录最后一行没有写完（程序被中断），已去掉：{line}"),
                format!("the last custody line was not finished, a program was stopped; it was taken off: {line}"),
            ));
        }
        let records = self.records()?;
        for name in names(&exhibits)? {
            let pending = name.strip_prefix(INCOMING).and_then(|rest| rest.strip_suffix(".json"));
            if let Some(id) = pending.and_then(ExhibitId::parse) {
                self.settle(id, &records)?;
            }
        }
        for name in names(&exhibits)? {
            if name.starts_with(INCOMING) || name.starts_with(UNFINISHED) {
                disk::clear(&exhibits.join(&name))?;
                self.recovered.push(Localized::new(
                    format!("清除了未完成的 {EXHIBITS}/{name}"),
                    format!("swept {EXHIBITS}/{name}, which was never finished"),
                ));
            }
        }
        for name in names(&self.root)?.iter().filter(|name| name.starts_with(UNFINISHED)) {
            disk::clear(&self.root.join(name))?;
        }
        self.finish_removals(&records)?;
        self.tell_gaps()
    }

    /// Lines cut off the end of the record leave a chain that holds. Told and not refused: an exhibit can still be taken out and in again.
    fn tell_gaps(&mut self) -> Result<(), StoreError> {
        let (record, _) = self.custody()?;
        for gap in gaps(&self.case, &record) {
            self.recovered.push(Localized::new(
                format!("{}；请从备份恢复 {CUSTODY}，或移除该证据后重新添加原件", gap.zh),
                format!(
                    "{}; restore {CUSTODY} from a backup, or remove the exhibit and add its original again",
                    gap.en
                ),
            ));
        }
        Ok(())
    }

    /// An exhibit that was about to get its custody line, or just had got it.
    fn settle(&mut self, id: ExhibitId, records: &[Record]) -> Result<(), StoreError> {
        let path = self.pending(id);
        let text = fs::read_to_string(&path).map_err(StoreError::io(&path))?;
        let Ok(pending) = serde_json::from_str::<Pending>(&text) else { return disk::clear(&path) };
        let noted = records.iter().any(|record| {
            (record.seq, record.sha256) == (pending.seq, pending.exhibit.sha256) && record.exhibit == id.to_string()
        });
        if noted && pending.exhibit.id == id {
            self.finish(pending)?;
            self.recovered.push(Localized::new(
                format!("补完了被中断的 {id} 的添加"),
                format!("finished adding {id}, which had been cut off"),
            ));
            Ok(())
        } else {
            // The folder beside it is swept after this.
            disk::clear(&path)
        }
    }

    /// Exhibits whose removal was noted and not carried out.
    fn finish_removals(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let mut last = std::collections::BTreeMap::new();
        for record in records.iter().filter(|record| super::is_own(&record.action)) {
            last.insert(record.exhibit.clone(), record);
        }
        let gone = last.values().filter(|record| record.action == REMOVE);
        for id in gone.filter_map(|record| ExhibitId::parse(&record.exhibit)) {
            let left = fs::symlink_metadata(self.exhibits().join(id.to_string())).is_ok();
            if left || self.case.exhibit(id).is_some() {
                self.forget(id)?;
                self.recovered.push(Localized::new(
                    format!("补完了被中断的 {id} 的移除"),
                    format!("finished removing {id}, which had been cut off"),
                ));
            }
        }
        Ok(())
    }
}

fn names(folder: &std::path::Path) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(StoreError::io(folder))? {
        names.extend(entry.map_err(StoreError::io(folder))?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}
