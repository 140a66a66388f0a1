use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::{ChainFault, Custody, Event, Record};
use crate::bundle::BundleError;

/// Why a custody file cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum CustodyError {
    /// It does not hold together; nothing was written.
    Chain(ChainFault),
    /// Reading or writing failed.
    File(BundleError),
}

impl From<BundleError> for CustodyError {
    fn from(error: BundleError) -> Self {
        Self::File(error)
    }
}

impl fmt::Display for CustodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(fault) => fault.fmt(f),
            Self::File(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CustodyError {}

/// Appends to a custody file, which is made if there is none: under a lock, after the whole chain was checked, and on the disk before it
/// returns.
pub fn append_to_file(path: &Path, event: Event) -> Result<(Record, Custody), CustodyError> {
    let io = |error| BundleError::io(path)(error);
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(BundleError::io(path))?;
    file.lock().map_err(io)?;
    let mut custody = read(&mut file, path)?;
    let record = custody.append(event, &mut file).map_err(io)?;
    file.sync_all().map_err(io)?;
    Ok((record, custody))
}

/// Takes off a last line that was not finished and returns it. A file that is whole is left alone.
pub fn cut_torn_tail(path: &Path) -> Result<Option<String>, CustodyError> {
    let io = |error| BundleError::io(path)(error);
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(BundleError::io(path))?;
    file.lock().map_err(io)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole == bytes.len() {
        return Ok(None);
    }
    file.set_len(whole as u64).map_err(io)?;
    file.sync_all().map_err(io)?;
    Ok(Some(String::from_utf8_lossy(&bytes[whole..]).into_owned()))
}

fn read(file: &mut File, path: &Path) -> Result<Custody, CustodyError> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).map_err(BundleError::io(path))?;
    file.read_to_end(&mut bytes).map_err(BundleError::io(path))?;
    // A torn line may end inside of a character.
    let torn = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let n = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            let fault =
                if error.valid_up_to() >= torn { ChainFault::Torn(n, torn as u64) } else { ChainFault::Line(n) };
            return Err(CustodyError::Chain(fault));
        }
    };
    Custody::verify(text).map_err(CustodyError::Chain)
}

#[cfg(test)]
mod tests {
    use super::super::tests::event;
    use super::*;

    #[test]
    fn a_line_cut_short_is_told_and_taken_off_and_the_chain_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("custody.jsonl");
        append_to_file(&path, event("E01")).unwrap();
        append_to_file(&path, event("E02")).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let second = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for cut in second + 1..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let error = append_to_file(&path, event("E03")).unwrap_err();
            assert!(
                matches!(error, CustodyError::Chain(ChainFault::Torn(2, at)) if at == second as u64),
                "{cut}: {error}"
            );
            assert_eq!(std::fs::read(&path).unwrap(), whole[..cut], "nothing was written behind the half line");
        }
        assert!(cut_torn_tail(&path).unwrap().is_some());
        assert_eq!(cut_torn_tail(&path).unwrap(), None);
        let (record, custody) = append_to_file(&path, event("E02")).unwrap();
        assert_eq!((record.seq, custody.records()), (2, 2));
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
}
