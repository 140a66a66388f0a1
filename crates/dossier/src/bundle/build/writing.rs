use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use super::planned::Planned;
use super::{Part, expect, expect_digest, own_file_fits};
use crate::bundle::digest::Prints;
use crate::bundle::info::Oxum;
use crate::bundle::zip::ZipWriter;
use crate::bundle::{BundleError, BundleInfo, Sha256, SigningKey, manifest, names, verify_md};

/// A part whose file is being written, still under the hidden name.
pub(super) struct WritingPart {
    number: usize,
    of: usize,
    pub folder: String,
    path: PathBuf,
    zip: ZipWriter<BufWriter<File>>,
    /// Pieces of files that were cut.
    cut: usize,
    pub files: Vec<(String, Prints)>,
    /// The listed tag files that come before the payload.
    tags: Vec<(&'static str, String)>,
}

impl WritingPart {
    pub fn new(
        into: &Path,
        planned: &Planned<'_>,
        info: &BundleInfo,
        key: &SigningKey,
        number: usize,
    ) -> Result<Self, BundleError> {
        let of = planned.parts.len();
        let folder = names::folder(&info.case_id, number, of);
        let path = into.join(format!("{folder}.zip"));
        let file = File::create_new(&path).map_err(BundleError::io(&path))?;
        let zip = ZipWriter::new(BufWriter::with_capacity(64 * 1024, file));
        let pieces = &planned.parts[number - 1];
        let oxum = Oxum { bytes: pieces.iter().map(|(_, piece)| piece.bytes).sum(), files: pieces.len() };
        let cut = pieces.iter().filter(|(_, piece)| piece.number.is_some()).count();
        let tags = vec![
            (names::VERIFY, verify_md::render(&folder, of, &key.public(), &planned.joins(info))),
            (names::SIGNERS, key.public().allowed_signers()),
            (names::INFO, info.render(number, of, oxum)),
            (names::DECLARATION, names::DECLARATION_TEXT.to_owned()),
        ];
        Ok(Self { number, of, folder, path, zip, cut, files: Vec::new(), tags })
    }

    pub fn write_payload(&mut self, planned: &Planned<'_>) -> Result<(), BundleError> {
        for (name, text) in self.tags.clone() {
            self.put(name, &text)?;
        }
        for (name, piece) in &planned.parts[self.number - 1] {
            let file = &planned.payload[piece.item];
            // One byte more than planned, to notice a file that grew.
            let room = if piece.number.is_some() { piece.bytes } else { piece.bytes + 1 };
            let mut reader = file.open(piece.from, room)?;
            let written = self.zip.stream(&format!("{}/{name}", self.folder), &mut reader, piece.bytes);
            let prints = written.map_err(BundleError::io(Path::new(file.path.as_str())))?;
            expect(
                file,
                prints.bytes == piece.bytes,
                format!("{} bytes", piece.bytes),
                format!("{} bytes", prints.bytes),
            )?;
            if piece.number.is_none() {
                expect_digest(file, prints.sha256)?;
            }
            self.files.push((name.clone(), prints));
        }
        Ok(())
    }

    pub fn finish(mut self, index: &str, key: &SigningKey, out: &Path) -> Result<Part, BundleError> {
        let lines256 = self.files.iter().map(|(name, prints)| (name.as_str(), prints.sha256.to_string()));
        let sha256 = manifest::render(lines256);
        let sha512 = manifest::render(self.files.iter().map(|(name, prints)| (name.as_str(), prints.sha512.clone())));
        self.put(names::SHA256, &sha256)?;
        self.put(names::SHA512, &sha512)?;
        self.put(names::PARTS, index)?;
        let mut listed: Vec<(&str, &[u8])> = self.tags.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        listed.extend([(names::SHA256, sha256.as_bytes()), (names::SHA512, sha512.as_bytes())]);
        listed.push((names::PARTS, index.as_bytes()));
        let tags = manifest::tag_manifest(&listed);
        self.put(names::SIGNATURE, &key.sign(tags.as_bytes()))?;
        self.put(names::TAGS, &tags)?;
        let io = |error| BundleError::io(&self.path)(error);
        let buffer = self.zip.finish().map_err(io)?;
        let file = buffer.into_inner().map_err(|error| io(error.into_error()))?;
        file.sync_all().map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        Ok(Part {
            number: self.number,
            of: self.of,
            path: out.join(format!("{}.zip", self.folder)),
            bytes,
            files: self.files.len(),
            pieces: self.cut,
            tag_manifest: Sha256::of(tags.as_bytes()),
        })
    }

    fn put(&mut self, name: &str, text: &str) -> Result<(), BundleError> {
        own_file_fits(name, text.len() as u64)?;
        let name = format!("{}/{name}", self.folder);
        self.zip.bytes(&name, text.as_bytes()).map_err(BundleError::io(&self.path))?;
        Ok(())
    }
}
