use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::manifest::{MANIFEST, Manifest, REMOVAL, Removed, SegmentEntry};
use super::segment::Segment;
use super::write::{Entry, Prepared, Record, write};
use super::{Gallery, GalleryError};

/// So many segments of about the same size are joined into one.
const JOINED: usize = 8;
/// No segment larger than this is made by joining: it would cost more to write than it saves in a search.
const LARGEST: u64 = 4 << 30;

/// A gallery's folder while it is changed. Each change writes new files, then replaces the manifest by rename: whoever is killed in
/// between leaves the gallery as it was, and whoever has it open keeps what is open. One program at a time can change a gallery.
pub struct Store<B, M> {
    dir: PathBuf,
    map: M,
    gallery: Gallery<B>,
    /// Held until the store is gone.
    _lock: File,
}

/// What an addition did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Pictures that are new.
    pub new: usize,
    /// Pictures that took the place of one of the same name.
    pub replaced: usize,
    /// Pictures that were there already.
    pub unchanged: usize,
}

impl<B: AsRef<[u8]>, M: Fn(&Path) -> io::Result<B>> Store<B, M> {
    /// Opens a gallery to change it, or makes an empty one where there is nothing. `map` reads or maps a file.
    ///
    /// # Errors
    /// When something else is there, another program is changing it, or it cannot be read.
    pub fn open_or_create(dir: &Path, map: M) -> Result<Self, GalleryError> {
        let fail = |e| GalleryError::Io(dir.to_owned(), e);
        match fs::read_dir(dir) {
            Ok(mut entries) => {
                // A lock and a half-written file are what a first attempt that was killed leaves.
                let foreign = |name: &str| name != LOCK && !name.starts_with(PART);
                if !dir.join(MANIFEST).exists()
                    && entries.any(|entry| entry.is_ok_and(|e| foreign(&e.file_name().to_string_lossy())))
                {
                    return Err(GalleryError::Occupied(dir.to_owned()));
                }
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => fs::create_dir_all(dir).map_err(fail)?,
            Err(e) if e.kind() == io::ErrorKind::NotADirectory => return Err(GalleryError::Occupied(dir.to_owned())),
            Err(e) => return Err(fail(e)),
        }
        let lock = lock(dir)?;
        if !dir.join(MANIFEST).exists() {
            replace(dir, MANIFEST, Manifest::new(Vec::new(), Removed::default()).text().as_bytes())?;
        }
        let gallery = Gallery::open_folder(dir, &map)?;
        Ok(Self { dir: dir.to_owned(), map, gallery, _lock: lock })
    }

    /// Opens a gallery whose pictures are all to be replaced: one that is damaged counts as empty.
    ///
    /// # Errors
    /// When something else is there, or another program is changing it.
    pub fn open_or_empty(dir: &Path, map: M) -> Result<Self, GalleryError> {
        if !dir.join(MANIFEST).exists() {
            return Self::open_or_create(dir, map);
        }
        let lock = lock(dir)?;
        let gallery = Gallery::open_folder(dir, &map).unwrap_or_else(|_| Gallery::empty(Removed::default()));
        Ok(Self { dir: dir.to_owned(), map, gallery, _lock: lock })
    }

    /// Opens a gallery to change it. `map` reads or maps a file.
    ///
    /// # Errors
    /// When there is none, another program is changing it, or it cannot be read.
    pub fn open(dir: &Path, map: M) -> Result<Self, GalleryError> {
        if !dir.join(MANIFEST).exists() {
            return Err(GalleryError::Format(format!("'{}' has no {MANIFEST}", dir.display())));
        }
        Self::open_or_create(dir, map)
    }

    /// The gallery as it is now.
    pub fn gallery(&self) -> &Gallery<B> {
        &self.gallery
    }

    /// What is said about the picture of that name.
    pub fn known(&self, file: &str) -> Option<Entry> {
        let picture = self.gallery.picture(self.gallery.number(file)?)?;
        let text = str::to_owned;
        Some(Entry { file: text(picture.file), item: text(picture.item), brand: text(picture.brand) })
    }

    /// Adds pictures; one of the same name as another takes its place.
    ///
    /// # Errors
    /// When files cannot be written; the gallery is then as it was.
    pub fn add(&mut self, pictures: &[Prepared]) -> Result<Added, GalleryError> {
        // An emptied segment that an earlier change could not clear away would have the name of its pictures added again.
        self.tidy()?;
        let mut added = Added::default();
        let mut last = HashSet::new();
        let (mut kept, mut gone) = (Vec::new(), Vec::new());
        // Of two of the same name in one call the later counts.
        for picture in pictures.iter().rev() {
            let record = picture.record();
            if !last.insert(record.file) {
                continue;
            }
            if let Some((part, i)) = self.gallery.find(record.file) {
                let known = self.gallery.parts[part].segment.record(i);
                // A picture proves more than its hash, and must not be lost for it.
                let bare = known.as_ref().is_some_and(|known| known.is_whole() && !record.is_whole());
                if bare && known.as_ref().is_some_and(|known| known.hash != record.hash) {
                    return Err(GalleryError::Format(format!(
                        "'{}' is in the gallery as a picture with another hash; a hash alone does not take its place",
                        record.file
                    )));
                }
                if bare || known.is_some_and(|known| known.is_same(&record)) {
                    added.unchanged += 1;
                    continue;
                }
                gone.push((part, i));
                added.replaced += 1;
            } else {
                added.new += 1;
            }
            kept.push(record);
        }
        if kept.is_empty() {
            return Ok(added);
        }
        kept.sort_unstable_by_key(|record| record.file);
        let entry = self.write_segment(kept.len(), |i| kept[i])?;
        let mut segments = self.gallery.manifest.segments.clone();
        segments.push(entry);
        let removed = self.write_removals(&gone)?;
        self.publish(segments, removed)?;
        self.tidy()?;
        Ok(added)
    }

    /// Removes the pictures for which `which` holds, and says how many there were.
    ///
    /// # Errors
    /// When files cannot be written; the gallery is then as it was.
    pub fn remove(&mut self, which: impl Fn(&super::Picture<'_>) -> bool) -> Result<usize, GalleryError> {
        let mut gone = Vec::new();
        for (place, part) in self.gallery.parts.iter().enumerate() {
            let pictures = part.segment.pictures();
            let chosen = pictures.filter(|(i, picture)| !part.is_removed(*i) && which(picture));
            gone.extend(chosen.map(|(i, _)| (place, i)));
        }
        self.remove_all(gone)
    }

    /// Removes the picture of that name; whether there was one. Does not read the others.
    ///
    /// # Errors
    /// When files cannot be written; the gallery is then as it was.
    pub fn remove_named(&mut self, file: &str) -> Result<bool, GalleryError> {
        let gone = self.gallery.find(file).into_iter().collect();
        self.remove_all(gone).map(|count| count > 0)
    }

    /// Makes these the only pictures. Each of `parts`, which have no name in common, becomes a segment.
    ///
    /// # Errors
    /// When files cannot be written; the gallery is then as it was.
    pub fn replace_all(&mut self, parts: impl IntoIterator<Item = Vec<Prepared>>) -> Result<(), GalleryError> {
        let mut segments = Vec::new();
        for part in parts {
            let mut records: Vec<_> = part.iter().map(Prepared::record).collect();
            records.sort_unstable_by_key(|record| record.file);
            if !records.is_empty() {
                segments.push(self.write_segment(records.len(), |i| records[i])?);
            }
        }
        let removed = Removed { generation: self.gallery.manifest.removed.generation + 1, ..Removed::default() };
        self.publish(segments, removed)?;
        self.clean();
        Ok(())
    }

    fn remove_all(&mut self, gone: Vec<(usize, usize)>) -> Result<usize, GalleryError> {
        if !gone.is_empty() {
            let removed = self.write_removals(&gone)?;
            self.publish(self.gallery.manifest.segments.clone(), removed)?;
            self.tidy()?;
        }
        Ok(gone.len())
    }

    fn write_segment<'a>(&self, count: usize, get: impl Fn(usize) -> Record<'a>) -> Result<SegmentEntry, GalleryError> {
        let part = self.dir.join(format!("{}{}", PART, std::process::id()));
        let written = (|| {
            let mut file = File::create(&part)?;
            let (digest, bytes) = write(&mut file, count, get)?;
            file.sync_data()?;
            let entry = SegmentEntry { digest, pictures: count as u64, bytes };
            fs::rename(&part, self.dir.join(entry.file()))?;
            Ok(entry)
        })();
        written.map_err(|e| {
            // The half-written file is of no use; that it may stay behind is not worth hiding the error for.
            let _ = fs::remove_file(&part);
            GalleryError::Io(self.dir.clone(), e)
        })
    }

    fn removal(&self, (part, i): (usize, usize)) -> [u8; REMOVAL] {
        let mut removal = [0; REMOVAL];
        removal[..32].copy_from_slice(&self.gallery.parts[part].segment.digest());
        removal[32..36].copy_from_slice(&(i as u32).to_le_bytes());
        removal
    }

    /// Appends removals. What stands behind the counted ones is from a change that was never published.
    fn write_removals(&self, gone: &[(usize, usize)]) -> Result<Removed, GalleryError> {
        let mut removed = self.gallery.manifest.removed.clone();
        if gone.is_empty() {
            return Ok(removed);
        }
        let path = self.dir.join(removed.file());
        let at = removed.count * REMOVAL as u64;
        let mut bytes = Vec::with_capacity(gone.len() * REMOVAL);
        for &place in gone {
            let removal = self.removal(place);
            removed.add(&removal);
            bytes.extend(removal);
        }
        let append = || {
            let mut file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.seek(SeekFrom::Start(at))?;
            file.write_all(&bytes)?;
            file.sync_data()
        };
        append().map_err(|e| GalleryError::Io(path.clone(), e))?;
        Ok(removed)
    }

    fn write_removals_anew(&self, gone: &[(usize, usize)]) -> Result<Removed, GalleryError> {
        let mut removed = Removed { generation: self.gallery.manifest.removed.generation + 1, ..Removed::default() };
        let mut bytes = Vec::with_capacity(gone.len() * REMOVAL);
        for &place in gone {
            let removal = self.removal(place);
            removed.add(&removal);
            bytes.extend(removal);
        }
        if !gone.is_empty() {
            replace(&self.dir, &removed.file(), &bytes)?;
        }
        Ok(removed)
    }

    /// Makes a change count, and opens what it made.
    fn publish(&mut self, segments: Vec<SegmentEntry>, removed: Removed) -> Result<(), GalleryError> {
        let manifest = Manifest::new(segments, removed);
        let known: usize =
            self.gallery.manifest.segments.iter().zip(&manifest.segments).take_while(|(old, new)| old == new).count();
        let grown = known == self.gallery.manifest.segments.len()
            && manifest.removed.generation == self.gallery.manifest.removed.generation;
        replace(&self.dir, MANIFEST, manifest.text().as_bytes())?;
        if !grown {
            self.gallery = Gallery::open_folder(&self.dir, &self.map)?;
            return Ok(());
        }
        for entry in &manifest.segments[known..] {
            let path = self.dir.join(entry.file());
            let bytes = (self.map)(&path).map_err(|e| GalleryError::Io(path, e))?;
            self.gallery.push(Segment::open(bytes)?)?;
        }
        let from = self.gallery.manifest.removed.count;
        if manifest.removed.count > from {
            self.mark_from(&manifest, from)?;
        }
        self.gallery.manifest = manifest;
        Ok(())
    }

    fn mark_from(&mut self, manifest: &Manifest, from: u64) -> Result<(), GalleryError> {
        let path = self.dir.join(manifest.removed.file());
        let read = || {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(from * REMOVAL as u64))?;
            let mut bytes = vec![0; (manifest.removed.count - from) as usize * REMOVAL];
            io::Read::read_exact(&mut file, &mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|e| GalleryError::Io(path.clone(), e))?;
        for removal in bytes.as_chunks::<REMOVAL>().0 {
            let place = self.gallery.parts.iter().position(|part| part.segment.digest() == removal[..32]);
            let picture = u32::from_le_bytes([removal[32], removal[33], removal[34], removal[35]]);
            if let Some(place) = place {
                self.gallery.mark(place, picture as usize);
            }
        }
        Ok(())
    }

    /// Joins segments of about the same size, so that a search looks into few, and leaves out what was removed once that is most of
    /// a segment.
    fn tidy(&mut self) -> Result<(), GalleryError> {
        while let Some(chosen) = self.untidy() {
            let mut order = Vec::new();
            for &place in &chosen {
                let part = &self.gallery.parts[place];
                let before = order.len();
                order.extend((0..part.segment.len()).filter(|&i| !part.is_removed(i)).map(|i| (place, i)));
                // What was damaged must not get a digest of its own: it stays as it is, for `verify` to tell.
                if order.len() > before && part.segment.verify().is_err() {
                    return Ok(());
                }
            }
            let get = |&(place, i): &(usize, usize)| self.gallery.parts[place].segment.record(i);
            let file = |place: &(usize, usize)| get(place).map(|record| record.file);
            order.sort_unstable_by(|a, b| file(a).cmp(&file(b)));
            let joined = if order.is_empty() {
                None
            } else {
                let get = |i: usize| get(&order[i]).expect("invariant: verified above");
                Some(self.write_segment(order.len(), get)?)
            };
            let mut segments = Vec::new();
            let mut kept = Vec::new();
            for (place, part) in self.gallery.parts.iter().enumerate() {
                if chosen.contains(&place) {
                    if place == chosen[0] {
                        segments.extend(joined.clone());
                    }
                    continue;
                }
                segments.push(self.gallery.manifest.segments[place].clone());
                kept.extend((0..part.segment.len()).filter(|&i| part.is_removed(i)).map(|i| (place, i)));
            }
            let removed = self.write_removals_anew(&kept)?;
            self.publish(segments, removed)?;
            self.clean();
        }
        Ok(())
    }

    /// The segments to write anew, in their order.
    fn untidy(&self) -> Option<Vec<usize>> {
        let parts = &self.gallery.parts;
        let emptied = |part: &super::set::Part<B>| {
            part.removed() == part.segment.len()
                || (part.removed() * 2 > part.segment.len() && part.segment.size() <= LARGEST)
        };
        if let Some(place) = parts.iter().position(emptied) {
            return Some(vec![place]);
        }
        // A size class spans a factor of eight.
        let class = |bytes: u64| bytes.max(1).ilog2() / 3;
        (0..22).find_map(|wanted| {
            let alike = |place: &usize| class(parts[*place].segment.size()) == wanted;
            let chosen: Vec<usize> = (0..parts.len()).filter(alike).take(JOINED).collect();
            let bytes: u64 = chosen.iter().map(|&place| parts[place].segment.size()).sum();
            (chosen.len() == JOINED && bytes <= LARGEST).then_some(chosen)
        })
    }

    /// Deletes files that no longer belong to the gallery; one that resists is tried again by the next change.
    fn clean(&self) {
        let manifest = &self.gallery.manifest;
        let mut kept: HashSet<String> = manifest.segments.iter().map(SegmentEntry::file).collect();
        kept.insert(manifest.removed.file());
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let ours = name.ends_with(".segment") || name.ends_with(".removed") || name.starts_with(PART);
            if ours && !kept.contains(&name) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

const LOCK: &str = ".lock";
const PART: &str = ".part-";

fn lock(dir: &Path) -> Result<File, GalleryError> {
    let path = dir.join(LOCK);
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(|e| GalleryError::Io(path.clone(), e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(GalleryError::Busy(dir.to_owned())),
        Err(TryLockError::Error(e)) => Err(GalleryError::Io(path, e)),
    }
}

/// Writes beside the target and renames: whoever has the old file open keeps it.
fn replace(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), GalleryError> {
    let part = dir.join(format!("{PART}{}", std::process::id()));
    let write = || -> io::Result<()> {
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        fs::rename(&part, dir.join(name))
    };
    write().map_err(|e| {
        let _ = fs::remove_file(&part);
        GalleryError::Io(dir.join(name), e)
    })
}
