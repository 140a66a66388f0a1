use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use huoyan_model::Localized;

use crate::bundle::zip::Zip;
use crate::bundle::{Code, Problem};

/// The files of a part, wherever they lie.
pub(crate) trait Files {
    /// Paths in the part and lengths.
    fn names(&self) -> Vec<(String, u64)>;
    /// A file's bytes.
    fn open(&mut self, name: &str) -> io::Result<Box<dyn Read + '_>>;
    /// The checksum that the container gives, if it gives one.
    fn crc32(&self, name: &str) -> Option<u32>;
}

pub(super) struct ZipFiles<R> {
    zip: Zip<R>,
    entries: BTreeMap<String, usize>,
}

impl<R: Read + Seek> ZipFiles<R> {
    /// The files and the folder they all lie in; else the first name that lies elsewhere.
    pub fn new(zip: Zip<R>) -> Result<(Self, String), String> {
        let first = zip.entries.first().map_or("", |entry| entry.name.as_str());
        let folder = first.split_once('/').map(|(folder, _)| folder.to_owned()).ok_or(first)?;
        let mut entries = BTreeMap::new();
        for (n, entry) in zip.entries.iter().enumerate() {
            let inside = entry.name.strip_prefix(&folder).and_then(|rest| rest.strip_prefix('/'));
            entries.insert(inside.ok_or_else(|| entry.name.clone())?.to_owned(), n);
        }
        Ok((Self { zip, entries }, folder))
    }
}

impl<R: Read + Seek> Files for ZipFiles<R> {
    fn names(&self) -> Vec<(String, u64)> {
        self.entries.iter().map(|(name, n)| (name.clone(), self.zip.entries[*n].bytes.into())).collect()
    }

    fn open(&mut self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        let entry = *self.entries.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(self.zip.read(entry)?))
    }

    fn crc32(&self, name: &str) -> Option<u32> {
        self.entries.get(name).map(|n| self.zip.entries[*n].crc32)
    }
}

/// A folder that a part was unzipped to. Nothing is opened that was not a regular file when it was listed.
pub(super) struct Folder {
    files: BTreeMap<String, (PathBuf, u64)>,
}

impl Folder {
    pub fn open(root: &Path) -> io::Result<(Self, Vec<Problem>)> {
        let (mut files, mut problems) = (BTreeMap::new(), Vec::new());
        for entry in walkdir::WalkDir::new(root).min_depth(1).sort_by_file_name() {
            let entry = entry?;
            let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let mut say = |code, message: (&str, &str)| {
                let (part, place) = (root.display().to_string(), path.display().to_string());
                problems.push(Problem { code, part, place, message: Localized::from(message) });
            };
            let kind = entry.file_type();
            if kind.is_dir() {
                continue;
            }
            if !kind.is_file() {
                say(Code::SpecialFile, ("是链接或特殊文件", "it is a link or another special file"));
                continue;
            }
            let components: Option<Vec<&str>> = path.iter().map(|name| name.to_str()).collect();
            match components {
                Some(components) => {
                    let bytes = entry.metadata()?.len();
                    files.insert(components.join("/"), (entry.path().to_owned(), bytes));
                }
                None => say(Code::HostileName, ("文件名不是 UTF-8", "its name is no UTF-8")),
            }
        }
        Ok((Self { files }, problems))
    }
}

impl Files for Folder {
    fn names(&self) -> Vec<(String, u64)> {
        self.files.iter().map(|(name, (_, bytes))| (name.clone(), *bytes)).collect()
    }

    fn open(&mut self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        let (path, _) = self.files.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(File::open(path)?))
    }

    fn crc32(&self, _name: &str) -> Option<u32> {
        None
    }
}
