//! Saying anew what an exhibit is. Its file is not touched.

use super::recover::Pending;
use super::{By, DESCRIBE, Store, StoreError, Told, nobodys, read_case};
use crate::case::Exhibit;
use crate::lint::ExhibitId;
use crate::privacy::picture::lie_inside;

impl Store {
    /// Says of an exhibit what was not known of it, or was guessed wrong. Its bytes and its number stay; the custody record tells that it was
    /// described anew, and `how`. Gives whether anything changed.
    ///
    /// # Errors
    /// An exhibit that is not there, words that seem to hold personal data, a region outside of the picture.
    pub fn describe(
        &mut self,
        id: ExhibitId,
        how: &str,
        change: impl FnOnce(&mut Exhibit),
        by: &By,
    ) -> Result<bool, StoreError> {
        let _lock = self.lock()?;
        self.case = read_case(&self.root)?;
        self.recover()?;
        let known = self.case.exhibit(id).ok_or(StoreError::Unknown { exhibit: id })?;
        let mut exhibit = known.clone();
        change(&mut exhibit);
        // What is true of the file is no description.
        exhibit.id = known.id;
        (exhibit.sha256, exhibit.bytes, exhibit.added_at) = (known.sha256, known.bytes, known.added_at);
        exhibit.file.clone_from(&known.file);
        exhibit.media_type.clone_from(&known.media_type);
        if exhibit == *known {
            return Ok(false);
        }
        nobodys(&[(Told::Who, &by.who), (Told::Method, &exhibit.method)])?;
        if exhibit.cover != known.cover && !exhibit.cover.is_empty() {
            let place = self.root.join(&exhibit.file);
            let bytes = std::fs::read(&place).map_err(StoreError::io(&place))?;
            lie_inside(&bytes, &exhibit.cover).map_err(StoreError::Cover)?;
        }
        let pending = Pending { seq: self.custody()?.1.records() + 1, exhibit };
        self.write_pending(&pending)?;
        self.append(DESCRIBE, &pending.exhibit, (&pending.exhibit.method, how), by)?;
        self.finish(pending)?;
        Ok(true)
    }
}
