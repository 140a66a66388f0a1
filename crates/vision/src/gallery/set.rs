use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::GalleryError;
use super::manifest::{MANIFEST, Manifest, REMOVAL, Removed, hex};
use super::segment::{Picture, Segment};
use crate::proof::Reference;

/// A gallery as it is searched: its segments, and which of their pictures were removed. `B` holds a file's bytes.
#[derive(Debug)]
pub struct Gallery<B> {
    pub(super) manifest: Manifest,
    pub(super) parts: Vec<Part<B>>,
    /// Pictures in all segments, removed ones included.
    pictures: usize,
}

/// A segment of a gallery.
#[derive(Debug)]
pub(super) struct Part<B> {
    pub(super) segment: Segment<B>,
    /// The number its first picture has in the gallery.
    first: u32,
    removed: Bits,
}

/// Which pictures were removed; takes memory only when there are some.
#[derive(Debug, Default)]
struct Bits {
    words: Vec<u64>,
    set: usize,
}

impl Bits {
    fn get(&self, i: usize) -> bool {
        self.words.get(i / 64).is_some_and(|word| word >> (i % 64) & 1 == 1)
    }

    /// Whether it was not set before.
    fn set(&mut self, i: usize, of: usize) -> bool {
        if self.get(i) {
            return false;
        }
        self.words.resize(of.div_ceil(64), 0);
        self.words[i / 64] |= 1 << (i % 64);
        self.set += 1;
        true
    }
}

impl<B> Part<B> {
    pub(super) fn removed(&self) -> usize {
        self.removed.set
    }

    pub(super) fn is_removed(&self, i: usize) -> bool {
        self.removed.get(i)
    }
}

impl<B: AsRef<[u8]>> Gallery<B> {
    /// Opens a gallery whose files `get` gives by their names, in a time that grows with its segments and removals, not with its
    /// pictures. Digests of segments are compared with the manifest, their contents are not: see [`Gallery::verify`].
    ///
    /// # Errors
    /// When a file is missing, is none of a gallery, or is not the one the manifest means.
    pub fn open(mut get: impl FnMut(&str) -> Result<B, GalleryError>) -> Result<Self, GalleryError> {
        let manifest = Manifest::parse(get(MANIFEST)?.as_ref())?;
        let mut gallery = Self::empty(manifest.removed.clone());
        for entry in &manifest.segments {
            let segment = Segment::open(get(&entry.file())?)?;
            let said = (entry.digest, entry.pictures, entry.bytes);
            if said != (segment.digest(), segment.len() as u64, segment.size()) {
                return Err(GalleryError::Digest(format!("bytes of {}", entry.file())));
            }
            gallery.push(segment)?;
        }
        if manifest.removed.count > 0 {
            gallery.apply_removals(&manifest, get(&manifest.removed.file())?.as_ref())?;
        }
        gallery.manifest = manifest;
        Ok(gallery)
    }

    pub(super) fn empty(removed: Removed) -> Self {
        Self { manifest: Manifest::new(Vec::new(), removed), parts: Vec::new(), pictures: 0 }
    }

    /// Opens a gallery's folder; `map` reads or maps a file. A gallery that is changed meanwhile is opened as it was before or after.
    ///
    /// # Errors
    /// Those of [`Gallery::open`], and when a file cannot be read.
    pub fn open_folder(dir: &Path, mut map: impl FnMut(&Path) -> io::Result<B>) -> Result<Self, GalleryError> {
        let mut tries = 0;
        loop {
            let opened = Self::open(|name| {
                let path = dir.join(name);
                map(&path).map_err(|e| GalleryError::Io(path, e))
            });
            // Segments that were joined into one are deleted once the manifest names the new one.
            match opened {
                Err(GalleryError::Io(path, e)) if e.kind() == io::ErrorKind::NotFound && tries < 5 => {
                    if path.ends_with(MANIFEST) {
                        return Err(GalleryError::Format(format!("'{}' has no {MANIFEST}", dir.display())));
                    }
                    tries += 1;
                }
                other => return other,
            }
        }
    }

    pub(super) fn push(&mut self, segment: Segment<B>) -> Result<(), GalleryError> {
        let first = self.pictures;
        self.pictures += segment.len();
        let Ok(first) = u32::try_from(first) else {
            return Err(GalleryError::TooLarge("more than 4,294,967,295 pictures".to_owned()));
        };
        self.parts.push(Part { segment, first, removed: Bits::default() });
        Ok(())
    }

    /// Marks a picture as removed; whether it was not before.
    pub(super) fn mark(&mut self, part: usize, i: usize) -> bool {
        let part = &mut self.parts[part];
        part.removed.set(i, part.segment.len())
    }

    fn apply_removals(&mut self, manifest: &Manifest, file: &[u8]) -> Result<(), GalleryError> {
        let places: HashMap<[u8; 32], usize> =
            self.parts.iter().enumerate().map(|(i, part)| (part.segment.digest(), i)).collect();
        let removals = file.as_chunks::<REMOVAL>().0;
        let removals = usize::try_from(manifest.removed.count).ok().and_then(|count| removals.get(..count));
        let Some(removals) = removals else {
            return Err(GalleryError::Format(format!("{} is cut off", manifest.removed.file())));
        };
        let mut chained = super::manifest::Removed { generation: manifest.removed.generation, ..Default::default() };
        for removal in removals {
            chained.add(removal);
            let (digest, rest) = removal.split_first_chunk::<32>().expect("invariant: 40 bytes");
            let picture = rest.first_chunk().map_or(0, |b| u32::from_le_bytes(*b)) as usize;
            match places.get(digest) {
                Some(&part) if picture < self.parts[part].segment.len() => {
                    self.mark(part, picture);
                }
                _ => return Err(GalleryError::Format("a removal names no picture".to_owned())),
            }
        }
        if chained != manifest.removed {
            return Err(GalleryError::Digest("removals".to_owned()));
        }
        Ok(())
    }

    /// Compares everything with its digest.
    ///
    /// # Errors
    /// Names the part that was changed.
    pub fn verify(&self) -> Result<(), GalleryError> {
        self.parts.iter().try_for_each(|part| {
            part.segment.verify().map_err(|e| match e {
                GalleryError::Digest(what) => {
                    GalleryError::Digest(format!("{what} in {}.segment", hex::text(&part.segment.digest())))
                }
                other => other,
            })
        })
    }

    /// The digest that stands for the whole content, as hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.manifest.digest
    }

    /// The number of reference pictures.
    pub fn len(&self) -> usize {
        self.pictures - self.parts.iter().map(|part| part.removed.set).sum::<usize>()
    }

    /// Whether there is no picture.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of bytes of its segments.
    pub fn size(&self) -> u64 {
        self.parts.iter().map(|part| part.segment.size()).sum()
    }

    /// The number of its segments.
    pub fn segments(&self) -> usize {
        self.parts.len()
    }

    /// A reference picture by its number; `None` when there is none, it was removed, or the file is damaged there.
    pub fn picture(&self, number: u32) -> Option<Picture<'_>> {
        self.locate(number).map(|(_, picture)| picture)
    }

    /// All reference pictures with their numbers, by segment and name.
    pub fn pictures(&self) -> impl Iterator<Item = (u32, Picture<'_>)> {
        self.parts.iter().flat_map(|part| {
            let kept = part.segment.pictures().filter(|(i, _)| !part.is_removed(*i));
            kept.map(|(i, picture)| (part.first + i as u32, picture))
        })
    }

    /// The number of the picture of that name.
    pub fn number(&self, file: &str) -> Option<u32> {
        self.find(file).map(|(part, i)| self.parts[part].first + i as u32)
    }

    /// The kept pixels of a picture; `None` when only its hash is known, or there is none of that number.
    pub fn proof(&self, number: u32) -> Option<Reference<'_>> {
        self.locate(number).filter(|(_, picture)| picture.is_whole()).map(|(segment, picture)| segment.proof(&picture))
    }

    /// Where the picture of that name is.
    pub(super) fn find(&self, file: &str) -> Option<(usize, usize)> {
        self.parts.iter().enumerate().find_map(|(place, part)| {
            let i = part.segment.named(file)?;
            (!part.is_removed(i)).then_some((place, i))
        })
    }

    /// A picture and the segment that holds it.
    pub(crate) fn locate(&self, number: u32) -> Option<(&Segment<B>, Picture<'_>)> {
        let part = self.parts.get(self.parts.partition_point(|part| part.first <= number).checked_sub(1)?)?;
        let i = (number - part.first) as usize;
        if part.is_removed(i) {
            return None;
        }
        Some((&part.segment, part.segment.picture(i)?))
    }

    /// Each segment with the number of its first picture.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (u32, &Segment<B>)> {
        self.parts.iter().map(|part| (part.first, &part.segment))
    }
}
