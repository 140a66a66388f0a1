//! Judges bundles. Everything is streamed, nothing is unpacked, and no claim of the bundle is taken before it was checked.

mod files;
mod part;
mod set;
mod signed;

use std::fs::{self, File};
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use huoyan_model::Localized;

use self::files::{Files, Folder, ZipFiles};
pub use self::part::CheckedPart;
use super::timestamp::Anchor;
use super::{Code, Problem, PublicKey, Report};

/// Whom to believe.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Keys known from elsewhere. Without one, nobody can tell who signed.
    pub keys: Vec<PublicKey>,
    /// Certificates of time-stamping authorities. Without one, time stamps are reported and not trusted.
    pub authorities: Vec<Anchor>,
}

/// A further check of a part, for what other modules put into bundles.
pub trait Check {
    /// What is wrong with the part's payload.
    fn check(&self, part: &mut CheckedPart<'_>) -> Vec<Problem>;

    /// What is wrong with all parts together, after the last.
    fn finish(&self) -> Vec<Problem> {
        Vec::new()
    }
}

/// Verifies parts: ZIP files, folders that such were unzipped to, or folders with parts in them. Parts named together are one bundle.
pub fn verify(paths: &[impl AsRef<Path>], trust: &Trust) -> Report {
    verify_with(paths, trust, &[])
}

/// The same with further checks.
pub fn verify_with(paths: &[impl AsRef<Path>], trust: &Trust, checks: &[&dyn Check]) -> Report {
    let mut judge = Judge { trust, checks, parts: Vec::new(), problems: Vec::new() };
    for path in paths {
        judge.path(path.as_ref());
    }
    judge.finish()
}

/// Verifies ZIP files that are not on the disk.
pub fn verify_archives<R: Read + Seek>(parts: Vec<(String, R)>, trust: &Trust) -> Report {
    let mut judge = Judge { trust, checks: &[], parts: Vec::new(), problems: Vec::new() };
    for (name, reader) in parts {
        if !judge.archive(&name, reader) {
            judge.say(Code::NotABundle, &name, "", not_a_bundle());
        }
    }
    judge.finish()
}

/// So many names of what was not looked at are told.
const MOST_NAMED: usize = 20;

struct Judge<'a> {
    trust: &'a Trust,
    checks: &'a [&'a dyn Check],
    parts: Vec<CheckedPart<'a>>,
    problems: Vec<Problem>,
}

impl<'a> Judge<'a> {
    fn path(&mut self, path: &Path) {
        let name = path.display().to_string();
        let is_bundle = match fs::metadata(path) {
            Ok(found) if found.is_dir() && !is_part(path) => self.folder_of_parts(path),
            Ok(_) => self.one(path),
            Err(error) => self.unreadable(&name, &error),
        };
        if !is_bundle {
            self.say(Code::NotABundle, &name, "", not_a_bundle());
        }
    }

    /// A part as a file or a folder. `false` for what is none.
    fn one(&mut self, path: &Path) -> bool {
        let name = path.display().to_string();
        if path.is_dir() {
            match Folder::open(path) {
                Ok((folder, problems)) => {
                    self.problems.extend(problems);
                    self.part(name, Box::new(folder), None)
                }
                Err(error) => self.unreadable(&name, &error),
            }
        } else {
            match File::open(path) {
                Ok(file) => self.archive(&name, BufReader::new(file)),
                Err(error) => self.unreadable(&name, &error),
            }
        }
    }

    /// Archives and unzipped parts alike: an unzipped copy is what people read, so nobody shall take it for one that was looked at.
    fn folder_of_parts(&mut self, path: &Path) -> bool {
        let name = path.display().to_string();
        let entries = fs::read_dir(path).map(|all| all.collect::<Result<Vec<_>, _>>());
        let mut inside: Vec<PathBuf> = match entries {
            Ok(Ok(entries)) => entries.into_iter().map(|entry| entry.path()).collect(),
            Ok(Err(error)) | Err(error) => return self.unreadable(&name, &error),
        };
        inside.sort();
        let is_zip = |path: &Path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
        let (mut found, mut others) = (false, Vec::new());
        for path in inside {
            if (is_zip(&path) || is_part(&path)) && self.one(&path) {
                found = true;
            } else {
                others.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            }
        }
        if found && !others.is_empty() {
            let (count, names) = (others.len(), others.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", "));
            let message = (
                format!("未核验其中 {count} 个不是分卷的文件或文件夹：{names}"),
                format!("{count} of its files and folders are no parts and were not looked at: {names}"),
            );
            self.say(Code::NotLookedAt, &name, "", message);
        }
        found
    }

    /// `false` for what is no part.
    fn archive<R: Read + Seek + 'a>(&mut self, name: &str, mut reader: R) -> bool {
        // Other bags than ours among them: what names a bag's files was one, or wants to be taken for one.
        let names = [&super::names::LISTED[..], &super::names::UNLISTED].concat();
        let is_bag = super::zip::looks_like_zip(&mut reader)
            .and_then(|is_zip| Ok(is_zip && super::zip::mentions(&mut reader, &names)?));
        match is_bag {
            Err(error) => return self.unreadable(name, &error),
            Ok(false) => return false,
            Ok(true) => {}
        }
        match super::zip::Zip::open(reader) {
            Err(error) => self.unreadable(name, &error),
            Ok(Err(fault)) => {
                let (zh, en) = fault.what.text();
                let at = fault.at;
                let message = (format!("{zh}（偏移 {at}）"), format!("{en} (offset {at})"));
                self.say(Code::ZipShape, name, &fault.entry, message)
            }
            Ok(Ok(zip)) => match ZipFiles::new(zip) {
                Ok((files, folder)) => self.part(name.to_owned(), Box::new(files), Some(folder)),
                Err(entry) => {
                    let message = ("不在分卷的文件夹内", "it lies outside of the part's folder");
                    self.say(Code::ZipFolder, name, &entry, message)
                }
            },
        }
    }

    fn part(&mut self, name: String, files: Box<dyn Files + 'a>, folder: Option<String>) -> bool {
        let mut part = CheckedPart::new(name, files, folder);
        self.problems.extend(part::check(&mut part, self.trust));
        for check in self.checks {
            self.problems.extend(check.check(&mut part));
        }
        if self.parts.iter().any(|other| other.index.is_some()) {
            part.index = None;
        }
        self.parts.push(part);
        true
    }

    fn finish(mut self) -> Report {
        self.problems.extend(set::check(&mut self.parts));
        self.problems.extend(self.checks.iter().flat_map(|check| check.finish()));
        Report::new(self.parts.into_iter().map(|part| part.report).collect(), self.problems)
    }

    fn unreadable(&mut self, name: &str, error: &std::io::Error) -> bool {
        self.say(Code::Unreadable, name, "", error.to_string())
    }

    /// `true`, since what there is something to say of was looked at.
    fn say(&mut self, code: Code, part: &str, place: &str, message: impl Into<Localized>) -> bool {
        let (part, place) = (part.to_owned(), place.to_owned());
        self.problems.push(Problem { code, part, place, message: message.into() });
        true
    }
}

/// A folder with any of a part's own files: one of them may have been taken out.
fn is_part(path: &Path) -> bool {
    let own = super::names::LISTED.iter().chain(&super::names::UNLISTED);
    path.is_dir() && own.into_iter().any(|name| path.join(name).exists())
}

fn not_a_bundle() -> Localized {
    Localized::new(
        "不是证据包：请给出分卷的 .zip 文件、解压后的文件夹，或放有分卷的文件夹",
        "no bundle: name a part's .zip file, the folder it was unzipped to, or a folder with parts in it",
    )
}
