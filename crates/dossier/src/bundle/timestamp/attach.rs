use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _};
use std::path::Path;

use huoyan_model::Localized;

use super::{Anchor, check, request};
use crate::bundle::publish::replace_file;
use crate::bundle::sshsig::Signature;
use crate::bundle::zip::{Zip, ZipWriter};
use crate::bundle::{BundleError, SigningKey, Stamp, names};

/// The request file (`.tsq`) for a part, to be sent to an authority.
pub fn request_for(part: &Path) -> Result<Vec<u8>, BundleError> {
    let mut opened = OpenPart::new(part)?;
    Ok(request(&opened.signature()?))
}

/// Puts an authority's whole response into a part, in place of an earlier one, and signs it with the key that signed the part.
///
/// The response must be a good one of the part's signature, and with anchors lead to one of them. The file is replaced at once or stays as it was.
pub fn attach(part: &Path, response: &[u8], key: &SigningKey, anchors: &[Anchor]) -> Result<Stamp, BundleError> {
    let mut opened = OpenPart::new(part)?;
    let signature = opened.signature()?;
    if Signature::parse(&signature).is_none_or(|signature| signature.key != key.public()) {
        return Err(opened.refuse("它不是用这个密钥签名的", "it was not signed with this key"));
    }
    let (bytes, max) = (response.len() as u64, names::max_bytes(names::STAMP));
    if bytes > max {
        return Err(BundleError::TooLong { name: names::STAMP.to_owned(), bytes, max });
    }
    let stamp = check(response, &signature, anchors).map_err(|fault| fault.error())?;
    let io = |error| BundleError::io(part)(error);
    let stamp_signature = key.sign(response);
    replace_file(part, |file| {
        let mut zip = ZipWriter::new(BufWriter::new(file));
        for n in 0..opened.zip.entries.len() {
            let entry = opened.zip.entries[n].clone();
            let name = entry.name.strip_prefix(&opened.folder).unwrap_or_default().to_owned();
            if matches!(name.as_str(), names::STAMP | names::STAMP_SIGNATURE) {
                continue;
            }
            let mut reader = opened.zip.read(n).map_err(io)?;
            zip.stream(&entry.name, &mut reader, entry.bytes.into()).map_err(io)?;
            if name == names::SIGNATURE {
                zip.bytes(&format!("{}{}", opened.folder, names::STAMP), response).map_err(io)?;
                let name = format!("{}{}", opened.folder, names::STAMP_SIGNATURE);
                zip.bytes(&name, stamp_signature.as_bytes()).map_err(io)?;
            }
        }
        zip.finish().map_err(io)?;
        Ok(())
    })?;
    Ok(stamp)
}

struct OpenPart<'a> {
    path: &'a Path,
    zip: Zip<BufReader<File>>,
    /// With its slash.
    folder: String,
}

impl<'a> OpenPart<'a> {
    fn new(path: &'a Path) -> Result<Self, BundleError> {
        let file = File::open(path).map_err(BundleError::io(path))?;
        let zip = Zip::open(BufReader::new(file)).map_err(BundleError::io(path))?.map_err(|fault| {
            let reason = Localized::from(fault.what.text());
            BundleError::NotABundle { path: path.display().to_string(), reason }
        })?;
        let first = zip.entries.first().map(|entry| entry.name.clone()).unwrap_or_default();
        let folder = first.split_inclusive('/').next().unwrap_or_default().to_owned();
        Ok(Self { path, zip, folder })
    }

    fn signature(&mut self) -> Result<Vec<u8>, BundleError> {
        let name = format!("{}{}", self.folder, names::SIGNATURE);
        let entry = self.zip.entries.iter().position(|entry| entry.name == name && entry.bytes < 4096);
        let Some(entry) = entry else {
            return Err(self.refuse("其中没有签名", "there is no signature in it"));
        };
        let mut bytes = Vec::new();
        let mut reader = self.zip.read(entry).map_err(BundleError::io(self.path))?;
        reader.read_to_end(&mut bytes).map_err(BundleError::io(self.path))?;
        Ok(bytes)
    }

    fn refuse(&self, zh: &str, en: &str) -> BundleError {
        BundleError::NotABundle { path: self.path.display().to_string(), reason: Localized::new(zh, en) }
    }
}
