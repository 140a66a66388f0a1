//! Originals sealed to those who may see them.

use std::io::Read;
use std::path::{Path, PathBuf};

use huoyan_model::Localized;

use super::{AssembleError, CopyNote, Options, originals};
use crate::bundle::publish::sync_folder;
use crate::bundle::{BagPath, Hashing, Payload, Sha256};
use crate::case::{Case, Exhibit};

/// Seals as they go out, and what their maker should know.
pub(super) struct Sealed {
    pub payload: Vec<Payload>,
    pub warnings: Vec<Localized>,
}

/// Seals every original to the recipients: `sealed/E02.age`. A seal is never the same twice, so each is made once and kept in the case, under a
/// name that tells original, recipients and its own digest; that is what makes the next bundle equal to this one. One that no longer has its
/// digest opens for nobody, and is made anew.
pub(super) fn seal(
    case: &Case,
    folder: &Path,
    options: &Options<'_>,
    copies: &mut [CopyNote],
) -> Result<Sealed, AssembleError> {
    let mut sealed = Sealed { payload: Vec::new(), warnings: Vec::new() };
    if options.seal_to.is_empty() {
        return Ok(sealed);
    }
    let store = folder.join("sealed");
    std::fs::create_dir_all(&store).map_err(AssembleError::io(&store))?;
    let mut keys: Vec<String> = options.seal_to.iter().map(ToString::to_string).collect();
    keys.sort();
    keys.dedup();
    let keys = Sha256::of(keys.join("\n").as_bytes()).to_string();
    for exhibit in &case.exhibits {
        let stem = format!("{}-{}-{}-", exhibit.id, &exhibit.sha256.to_string()[..16], &keys[..16]);
        let (there, damaged) = kept(&store, &stem)?;
        let (place, sha256) = match there {
            Some(there) => {
                originals::compare(exhibit, folder)?;
                there
            }
            None => make(exhibit, folder, options, &store, &stem)?,
        };
        for path in damaged {
            let name = path.display();
            sealed.warnings.push(Localized::new(
                format!("{name} 已损坏，{} 的原件已重新密封", exhibit.id),
                format!("{name} is damaged; the original of {} was sealed anew", exhibit.id),
            ));
            std::fs::remove_file(&path).map_err(AssembleError::io(&path))?;
        }
        let path = BagPath::tamed(&format!("sealed/{}.age", exhibit.id));
        if let Some(note) = copies.iter_mut().find(|note| note.exhibit == exhibit.id) {
            note.sealed = Some(path.to_string());
        }
        sealed.payload.push(Payload { sha256: Some(sha256), ..Payload::file(path, place) });
    }
    Ok(sealed)
}

type Kept = (PathBuf, Sha256);

/// The seal that is kept under a name of this beginning, and those that no longer have the digest in theirs.
fn kept(store: &Path, stem: &str) -> Result<(Option<Kept>, Vec<PathBuf>), AssembleError> {
    let (mut found, mut damaged) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(store).map_err(AssembleError::io(store))? {
        let entry = entry.map_err(AssembleError::io(store))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let digest = name.strip_prefix(stem).and_then(|rest| Sha256::parse(rest.strip_suffix(".age")?));
        found.extend(digest.map(|digest| (entry.path(), digest)));
    }
    found.sort();
    for (path, expected) in found {
        let mut file = std::fs::File::open(&path).map_err(AssembleError::io(&path))?;
        let (is, _) = Sha256::of_reader(&mut file).map_err(AssembleError::io(&path))?;
        if is == expected {
            return Ok((Some((path, is)), damaged));
        }
        damaged.push(path);
    }
    Ok((None, damaged))
}

fn make(
    exhibit: &Exhibit,
    folder: &Path,
    options: &Options<'_>,
    store: &Path,
    stem: &str,
) -> Result<Kept, AssembleError> {
    let temporary = tempfile::NamedTempFile::new_in(store).map_err(AssembleError::io(store))?;
    let mut read = Hashing::new(std::io::sink());
    let mut written = Hashing::new(temporary.as_file());
    let mut original = Tee { inner: originals::open(exhibit, folder)?, to: &mut read };
    crate::privacy::seal(&mut original, &mut written, &options.seal_to)
        .map_err(|error| AssembleError::Seal(error.to_string()))?;
    // What was sealed is what was hashed: nobody can look into it later.
    originals::expect(exhibit, read.finish().0)?;
    let (sha256, _) = written.finish();
    temporary.as_file().sync_all().map_err(AssembleError::io(store))?;
    let place = store.join(format!("{stem}{sha256}.age"));
    temporary.persist(&place).map_err(|error| AssembleError::io(&place)(error.error))?;
    sync_folder(store)?;
    Ok((place, sha256))
}

/// Reads, and writes what was read elsewhere too.
struct Tee<'t, R, W> {
    inner: R,
    to: &'t mut W,
}

impl<R: Read, W: std::io::Write> Read for Tee<'_, R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.to.write_all(&buffer[..read])?;
        Ok(read)
    }
}
