//! Putting an exhibit into the store, putting another in its place, and taking it out.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use super::recover::Pending;
use super::{By, IMPORT, REMOVE, REPLACE, Store, StoreError, Told, disk, nobodys, read_case};
use crate::bundle::BagPath;
use crate::case::guess::pages;
use crate::case::{Class, Exhibit, ExhibitKind, Links, Source, guess};
use crate::deadline::Instant;
use crate::lint::ExhibitId;
use crate::privacy::picture::{Rect, lie_inside};

/// PDFs up to so many bytes have their pages counted.
const LARGEST_COUNTED: u64 = 64 << 20;

/// What is known of a file that is put into a case.
#[derive(Clone, Debug, PartialEq)]
pub struct NewExhibit {
    /// Its name; empty takes the path's. Characters that some system refuses are changed.
    pub name: String,
    /// What it is; guessed from its name and its first bytes when not told.
    pub kind: Option<ExhibitKind>,
    /// Its class; the kind's when not told.
    pub class: Option<Class>,
    /// A title for people; empty takes the name.
    pub title: String,
    /// Where it comes from.
    pub source: Source,
    /// When it was taken or exported.
    pub captured_at: Option<Instant>,
    /// Who took it.
    pub captured_by: String,
    /// How: `screenshot`, `export`, `recording`, `download`, `scan`, `replay` …
    pub method: String,
    /// What it belongs to.
    pub links: Links,
    /// Facts on it. What the file itself tells is added, and never written over these.
    pub facts: BTreeMap<String, String>,
    /// The exhibit of which it is a redacted or shortened copy.
    pub copy_of: Option<ExhibitId>,
    /// Regions of a picture that are covered in what goes out, in pixels. They must lie in it.
    pub cover: Vec<Rect>,
    /// Take it even when another exhibit has the same bytes.
    pub same_bytes: bool,
}

impl NewExhibit {
    /// A file of which only the origin and the method are known.
    pub fn new(source: Source, method: &str) -> Self {
        Self {
            name: String::new(),
            kind: None,
            class: None,
            title: String::new(),
            source,
            captured_at: None,
            captured_by: String::new(),
            method: method.to_owned(),
            links: Links::default(),
            facts: BTreeMap::new(),
            copy_of: None,
            cover: Vec::new(),
            same_bytes: false,
        }
    }
}

/// Where an original comes from.
pub enum Original<'a> {
    /// A regular file; a link is not followed.
    Path(&'a Path),
    /// Whatever gives its bytes, to the end.
    Reader(&'a mut dyn Read),
}

impl Store {
    /// Puts a file into the case, byte for byte, with its custody line. After it returns both are on the disk.
    ///
    /// # Errors
    /// A source that is no regular file, has no name, changes while it is read, or whose bytes another exhibit has.
    pub fn add(&mut self, new: NewExhibit, original: Original<'_>, by: &By) -> Result<ExhibitId, StoreError> {
        let _lock = self.lock()?;
        self.case = read_case(&self.root)?;
        self.recover()?;
        let id = self.next_id()?;
        self.take_in(id, IMPORT, new, original, by)?;
        Ok(id)
    }

    /// Puts another file in an exhibit's place. The number stays, what was said of the old file goes, the custody record tells of both.
    ///
    /// # Errors
    /// As [`Store::add`], and an exhibit that is not there.
    pub fn replace(
        &mut self,
        id: ExhibitId,
        new: NewExhibit,
        original: Original<'_>,
        by: &By,
    ) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        self.case = read_case(&self.root)?;
        self.recover()?;
        self.case.exhibit(id).ok_or(StoreError::Unknown { exhibit: id })?;
        self.take_in(id, REPLACE, new, original, by)
    }

    /// Takes an exhibit out of the case. Its number is not given again; the custody record keeps what it was. Claims and subjects no longer
    /// name it.
    ///
    /// # Errors
    /// An exhibit that is not there.
    pub fn remove(&mut self, id: ExhibitId, reason: &str, by: &By) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        self.case = read_case(&self.root)?;
        self.recover()?;
        let exhibit = self.case.exhibit(id).ok_or(StoreError::Unknown { exhibit: id })?;
        nobodys(&[(Told::Who, &by.who), (Told::Reason, reason)])?;
        self.append(REMOVE, exhibit, (&exhibit.method, reason), by)?;
        self.forget(id)
    }

    fn take_in(
        &mut self,
        id: ExhibitId,
        action: &str,
        new: NewExhibit,
        original: Original<'_>,
        by: &By,
    ) -> Result<(), StoreError> {
        nobodys(&[(Told::Who, &by.who), (Told::Method, &new.method)])?;
        let name = tamed(&new.name, &original)?;
        let incoming = self.incoming(id);
        fs::create_dir(&incoming).map_err(StoreError::io(&incoming))?;
        let taken = self.take_in_at(id, action, new, (original, &name), by);
        if taken.is_err() {
            // What cannot be swept now is swept when the case is opened next.
            let _ = disk::clear(&self.pending(id)).and_then(|()| disk::clear(&incoming));
        }
        let pending = taken?;
        self.append(action, &pending.exhibit, (&pending.exhibit.method, ""), by)?;
        self.finish(pending)
    }

    /// Everything up to the custody line.
    fn take_in_at(
        &self,
        id: ExhibitId,
        action: &str,
        new: NewExhibit,
        (original, name): (Original<'_>, &str),
        by: &By,
    ) -> Result<Pending, StoreError> {
        let place = self.incoming(id).join(name);
        let copied = match original {
            Original::Reader(reader) => disk::copy_to_new(reader, Path::new(name), &place)?,
            Original::Path(path) => {
                let mut file = disk::open_regular(path)?;
                let before = file.metadata().map_err(StoreError::io(path))?;
                let copied = disk::copy_to_new(&mut file, path, &place)?;
                let after = file.metadata().map_err(StoreError::io(path))?;
                if after.len() != copied.bytes || before.modified().ok() != after.modified().ok() {
                    return Err(StoreError::Moving { path: path.display().to_string() });
                }
                copied
            }
        };
        let twin = self.case.exhibits.iter().find(|exhibit| exhibit.sha256 == copied.sha256);
        if let Some(twin) = twin.filter(|twin| !new.same_bytes && (twin.id != id || action == REPLACE)) {
            return Err(StoreError::Twice { exhibit: twin.id });
        }
        if !new.cover.is_empty() {
            let bytes = fs::read(&place).map_err(StoreError::io(&place))?;
            lie_inside(&bytes, &new.cover).map_err(StoreError::Cover)?;
        }
        let guessed = guess(name, &copied.head);
        let kind = new.kind.unwrap_or(guessed.kind);
        let length = match guessed.media_type {
            "application/pdf" if copied.bytes <= LARGEST_COUNTED => {
                pages(&fs::read(&place).map_err(StoreError::io(&place))?)
            }
            _ => guessed.length,
        };
        let mut facts = guessed.facts;
        facts.extend(new.facts);
        let exhibit = Exhibit {
            id,
            kind,
            class: new.class.unwrap_or(kind.class()),
            title: if new.title.is_empty() { name.to_owned() } else { new.title },
            source: new.source,
            captured_at: new.captured_at,
            captured_by: new.captured_by,
            method: new.method,
            added_at: by.at,
            file: format!("{}/{id}/{name}", super::EXHIBITS),
            bytes: copied.bytes,
            sha256: copied.sha256,
            media_type: guessed.media_type.to_owned(),
            length,
            links: new.links,
            facts,
            copy_of: new.copy_of,
            cover: new.cover,
        };
        let pending = Pending { seq: self.custody()?.1.records() + 1, exhibit };
        self.write_pending(&pending)?;
        Ok(pending)
    }

    /// One more than any number that was ever given.
    fn next_id(&self) -> Result<ExhibitId, StoreError> {
        let told = self.records()?.into_iter().filter_map(|record| ExhibitId::parse(&record.exhibit));
        let last = told.chain(self.case.exhibits.iter().map(|exhibit| exhibit.id)).max();
        let next = last.map_or(1, |id| id.0.saturating_add(1));
        if next > 9_999 { Err(StoreError::Full) } else { Ok(ExhibitId(next)) }
    }
}

fn tamed(name: &str, original: &Original<'_>) -> Result<String, StoreError> {
    let name = match original {
        Original::Path(path) if name.is_empty() => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        _ => name.to_owned(),
    };
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if last.is_empty() || last.chars().all(|c| c == '.') {
        return Err(StoreError::NoName);
    }
    let last = &shortened(last);
    // A leading full stop hides a file, and marks the store's own.
    Ok(BagPath::tamed(&last.replacen('.', if last.starts_with('.') { "_" } else { "." }, 1)).as_str().to_owned())
}

/// A name that is longer than a bundle takes, cut before its ending: the ending tells how the file is read.
fn shortened(name: &str) -> String {
    // Room for the number and the marks that a copy's path has around it.
    const MOST: usize = 120;
    if name.len() <= MOST {
        return name.to_owned();
    }
    let dot = name.rfind('.').filter(|dot| *dot > 0 && name.len() - dot <= 12).unwrap_or(name.len());
    let (mut stem, ending) = (name[..dot].to_owned(), &name[dot..]);
    while stem.len() + ending.len() > MOST {
        stem.pop();
    }
    format!("{}{ending}", stem.trim_end())
}
