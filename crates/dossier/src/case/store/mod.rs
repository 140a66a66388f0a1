//! A case folder on the disk.
//!
//! ```text
//! case.json             what is known, plain data
//! custody.jsonl         what was done to each exhibit, chained
//! case.key              the key of the case's tokens, readable by its owner only
//! exhibits/E01/chat.csv the originals, byte for byte
//! ```
//!
//! What must stay true:
//!
//! * Only this module writes under `exhibits/`, and each change there has its line in `custody.jsonl`.
//! * That line is the moment at which a change counts. A program that is killed before it has changed nothing; one that is killed after it has
//!   left what the next [`Store::open`] needs to finish.
//! * Numbers of exhibits are never given twice, so that a citation never comes to mean another file.

mod add;
mod describe;
mod disk;
mod error;
mod recover;
#[cfg(test)]
mod tests;
mod verify;

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use huoyan_model::Localized;
use ring::rand::{SecureRandom as _, SystemRandom};

pub use self::add::{NewExhibit, Original};
pub use self::error::{StoreError, Told, What};
pub use self::verify::{Fault, StoreReport};
use super::{Case, Exhibit, SCHEMA};
use crate::bundle::Sha256;
use crate::bundle::custody::{Custody, CustodyError, Event, Record, append_to_file};
use crate::deadline::Instant;
use crate::lint::ExhibitId;
use crate::privacy::{CaseKey, Context, find};

const CASE: &str = "case.json";
const CUSTODY: &str = "custody.jsonl";
const KEY: &str = "case.key";
const LOCK: &str = ".lock";
const EXHIBITS: &str = "exhibits";

/// What the store itself writes into the custody record.
const IMPORT: &str = "import";
const REPLACE: &str = "replace";
pub(crate) const REMOVE: &str = "remove";
const DESCRIBE: &str = "describe";

/// A case folder.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    case: Case,
    recovered: Vec<Localized>,
}

/// Who changes the store, and when: the caller's clock, so that the same calls make the same case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// When.
    pub at: Instant,
    /// Who or which program.
    pub who: String,
}

impl Store {
    /// Makes a case in a new or empty folder.
    ///
    /// # Errors
    /// A folder that is not empty, a name that no folder can have, exhibits in the case that the store does not have.
    pub fn create(root: &Path, case: Case) -> Result<Self, StoreError> {
        check(&case)?;
        if let Some(exhibit) = case.exhibits.first() {
            return Err(StoreError::Stale { exhibit: exhibit.id });
        }
        fs::create_dir_all(root).map_err(StoreError::io(root))?;
        if fs::read_dir(root).map_err(StoreError::io(root))?.next().is_some() {
            return Err(crate::bundle::BundleError::Exists { path: root.display().to_string() }.into());
        }
        let store = Self { root: root.to_owned(), case, recovered: Vec::new() };
        let _lock = store.lock()?;
        fs::create_dir(store.exhibits()).map_err(StoreError::io(root))?;
        store.make_key()?;
        File::create_new(store.root.join(CUSTODY)).map_err(StoreError::io(root))?;
        // Last: a folder is a case once it has its case.json.
        store.write_case()?;
        Ok(store)
    }

    /// Opens a case, finishes what a killed program has begun and left, and sweeps what it had not begun.
    ///
    /// # Errors
    /// A folder that is no case, a `case.json` of another form or version, a custody record that does not hold.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let case = read_case(root)?;
        let mut store = Self { root: root.to_owned(), case, recovered: Vec::new() };
        // While another program works here, what it has begun is not left over.
        if let Some(_lock) = store.try_lock()? {
            store.case = read_case(root)?;
            store.recover()?;
        }
        Ok(store)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The case, as of the last call.
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// What [`Store::open`] finished or swept, for the person to know.
    pub fn recovered(&self) -> &[Localized] {
        &self.recovered
    }

    /// Where an exhibit's original lies.
    pub fn path(&self, exhibit: &Exhibit) -> PathBuf {
        self.root.join(&exhibit.file)
    }

    /// An exhibit's original, opened for reading. `None` of its bytes are checked here; [`Store::verify_store`] does that.
    ///
    /// # Errors
    /// An exhibit that is not there, or something else than a regular file in its place.
    pub fn original(&self, id: ExhibitId) -> Result<File, StoreError> {
        let exhibit = self.case.exhibit(id).ok_or(StoreError::Unknown { exhibit: id })?;
        disk::open_regular(&self.path(exhibit))
    }

    /// Saves what is known of the case. Exhibits are described anew by [`Store::describe`], which the custody record tells; they come and go by [`Store::add`], [`Store::replace`] and
    /// [`Store::remove`] only.
    ///
    /// # Errors
    /// Exhibits other than those of the store: another program changed the case meanwhile.
    pub fn save(&mut self, case: Case) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        self.save_locked(case)
    }

    /// Reads the case as it is now, changes it and saves it, with no other program between.
    ///
    /// # Errors
    /// As [`Store::save`].
    pub fn update(&mut self, change: impl FnOnce(&mut Case)) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        let mut case = read_case(&self.root)?;
        change(&mut case);
        self.save_locked(case)
    }

    fn save_locked(&mut self, case: Case) -> Result<(), StoreError> {
        check(&case)?;
        let now = read_case(&self.root)?;
        let bytes = |exhibit: &Exhibit| (exhibit.id, exhibit.sha256, exhibit.bytes, exhibit.file.clone());
        let differs = |one: &Case, other: &Case| {
            let differs = |exhibit: &&Exhibit| other.exhibit(exhibit.id).map(bytes) != Some(bytes(exhibit));
            one.exhibits.iter().find(differs).map(|exhibit| exhibit.id)
        };
        if let Some(exhibit) = differs(&case, &now).or_else(|| differs(&now, &case)) {
            return Err(StoreError::Stale { exhibit });
        }
        self.case = case;
        self.write_case()
    }

    /// The key of the case.
    ///
    /// # Errors
    /// A key file that is not there or has another form.
    pub fn key(&self) -> Result<CaseKey, StoreError> {
        let path = self.root.join(KEY);
        let text = fs::read_to_string(&path).map_err(StoreError::io(&path))?;
        let digits = Sha256::parse(text.trim()).ok_or_else(|| StoreError::Form {
            path: path.display().to_string(),
            detail: "it is not 64 hex digits".to_owned(),
        })?;
        Ok(CaseKey::from_bytes(*digits.bytes()))
    }

    /// The custody record as it stands, checked.
    ///
    /// # Errors
    /// A chain that does not hold.
    pub fn custody(&self) -> Result<(String, Custody), StoreError> {
        let path = self.root.join(CUSTODY);
        let text = fs::read_to_string(&path).map_err(StoreError::io(&path))?;
        let custody = Custody::verify(&text).map_err(CustodyError::Chain)?;
        Ok((text, custody))
    }

    /// Notes something that was done with an exhibit and left its original as it is: it was shown, lent, taken to a notary …
    ///
    /// A build does not call it: its redactions and exports stand in the record of the bundle that it makes, which begins with this one. Were
    /// they noted here too, each build would change the next, and the same case at the same time would no longer give the same bytes.
    ///
    /// # Errors
    /// An exhibit that is not there; an action that the store notes by itself.
    pub fn note(&self, id: ExhibitId, action: &str, method: &str, by: &By) -> Result<Record, StoreError> {
        if is_own(action) {
            return Err(StoreError::Action { action: action.to_owned() });
        }
        let exhibit = self.case.exhibit(id).ok_or(StoreError::Unknown { exhibit: id })?;
        nobodys(&[(Told::Who, &by.who), (Told::Method, method)])?;
        self.append(action, exhibit, (method, ""), by)
    }

    fn append(
        &self,
        action: &str,
        exhibit: &Exhibit,
        (method, reason): (&str, &str),
        by: &By,
    ) -> Result<Record, StoreError> {
        let event = Event {
            at: by.at.to_string(),
            who: by.who.clone(),
            action: action.to_owned(),
            exhibit: exhibit.id.to_string(),
            sha256: exhibit.sha256,
            bytes: exhibit.bytes,
            method: method.to_owned(),
            reason: reason.to_owned(),
        };
        Ok(append_to_file(&self.root.join(CUSTODY), event)?.0)
    }

    fn exhibits(&self) -> PathBuf {
        self.root.join(EXHIBITS)
    }

    fn write_case(&self) -> Result<(), StoreError> {
        let mut text = serde_json::to_string_pretty(&self.case).expect("invariant: a case is always JSON");
        text.push('\n');
        disk::write(&self.root.join(CASE), &text)
    }

    fn make_key(&self) -> Result<(), StoreError> {
        let path = self.root.join(KEY);
        let mut bytes = [0; 32];
        let random = SystemRandom::new().fill(&mut bytes);
        random.map_err(|_| StoreError::io(&path)(std::io::Error::other("the system gives no random bytes")))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(StoreError::io(&path))?;
        file.write_all(format!("{}\n", crate::bundle::hex(&bytes)).as_bytes()).map_err(StoreError::io(&path))?;
        file.sync_all().map_err(StoreError::io(&path))
    }

    fn lock(&self) -> Result<File, StoreError> {
        let path = self.root.join(LOCK);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(StoreError::io(&path))?;
        file.lock().map_err(StoreError::io(&path))?;
        Ok(file)
    }

    /// `None` where another program works, or where nothing can be written: a case can be read from a disk that is read only.
    fn try_lock(&self) -> Result<Option<File>, StoreError> {
        let path = self.root.join(LOCK);
        let file = match OpenOptions::new().write(true).create(true).truncate(false).open(&path) {
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                return Ok(None);
            }
            file => file.map_err(StoreError::io(&path))?,
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(StoreError::io(&path)(error)),
        }
    }
}

/// Refuses personal data in what the custody record will say: it leaves as it is written, and no line of it can be changed afterwards.
fn nobodys(texts: &[(Told, &str)]) -> Result<(), StoreError> {
    for (told, text) in texts {
        if let Some(span) = find(text, &Context::default()).first() {
            return Err(StoreError::Personal { told: *told, kind: span.kind });
        }
    }
    Ok(())
}

fn check(case: &Case) -> Result<(), StoreError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if case.id.is_empty() || case.id.len() > 64 || !case.id.chars().all(plain) {
        return Err(StoreError::Name { id: case.id.chars().take(80).collect() });
    }
    if case.schema != SCHEMA {
        return Err(StoreError::Schema { found: case.schema.chars().take(40).collect() });
    }
    Ok(())
}

fn read_case(root: &Path) -> Result<Case, StoreError> {
    #[derive(serde::Deserialize)]
    struct Version {
        schema: String,
    }
    let path = root.join(CASE);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(StoreError::NotACase { path: root.display().to_string() });
        }
        text => text.map_err(StoreError::io(&path))?,
    };
    let form = |e: serde_json::Error| StoreError::Form { path: path.display().to_string(), detail: e.to_string() };
    // The version first: a newer case has fields that are unknown here, and that is not its fault.
    let version: Version = serde_json::from_str(&text).map_err(form)?;
    if version.schema != SCHEMA {
        return Err(StoreError::Schema { found: version.schema.chars().take(40).collect() });
    }
    let case: Case = serde_json::from_str(&text).map_err(form)?;
    check(&case)?;
    for exhibit in &case.exhibits {
        // A hand-made case.json must not lead out of the folder.
        let own = exhibit.file.strip_prefix(&format!("{EXHIBITS}/{}/", exhibit.id));
        if !own.is_some_and(|name| !name.contains('/') && crate::bundle::BagPath::new(name).is_ok()) {
            let (path, file) = (path.display().to_string(), exhibit.file.chars().take(80).collect());
            return Err(StoreError::Misplaced { path, exhibit: exhibit.id, file });
        }
    }
    Ok(case)
}

/// Whether an action changes what the store holds.
pub(crate) fn is_own(action: &str) -> bool {
    matches!(action, IMPORT | REPLACE | REMOVE | DESCRIBE)
}
