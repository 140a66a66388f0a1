//! A copy in the making.

use std::path::Path;

use huoyan_model::Localized;

use super::note::{CopyFile, CopyNote, Treatment};
use super::readable::{Transcript, extension};
use super::{Content, Copied, OutFile, table, without_folders};
use crate::assemble::{AssembleError, bag_path, originals};
use crate::bundle::Sha256;
use crate::case::{Exhibit, ExhibitKind};
use crate::privacy::picture::{PictureError, Rect, copy_name, cover, strip_metadata};
use crate::privacy::{Redaction, Redactor, Source};

pub(super) struct Making<'e> {
    pub(super) exhibit: &'e Exhibit,
    pub(super) dir: String,
    /// The original's name, redacted.
    pub(super) name: String,
    pub(super) redactions: Vec<Redaction>,
    pub(super) files: Vec<OutFile>,
    pub(super) notes: Vec<CopyFile>,
    pub(super) covered: Vec<Rect>,
    /// What a transcript does not tell.
    pub(super) left_out: Vec<Localized>,
}

/// Marks copies in their names.
const REDACTED: &str = "遮盖副本-";
const COPY: &str = "副本-";

impl Making<'_> {
    fn stem(&self) -> &str {
        self.name.rfind('.').filter(|dot| *dot > 0).map_or(&self.name, |dot| &self.name[..dot])
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let path = bag_path(&format!("{}/{name}", self.dir));
        let (len, sha256) = (bytes.len() as u64, Sha256::of(&bytes));
        self.notes.push(CopyFile { path: path.to_string(), bytes: len, sha256 });
        self.files.push(OutFile { path, content: Content::Made(bytes) });
    }

    pub(super) fn untouched(mut self, folder: &Path, treatment: Treatment) -> Result<Copied, AssembleError> {
        let exhibit = self.exhibit;
        let path = bag_path(&format!("{}/{COPY}{}", self.dir, self.name));
        self.notes.push(CopyFile { path: path.to_string(), bytes: exhibit.bytes, sha256: exhibit.sha256 });
        let content = Content::Original(folder.join(&exhibit.file), exhibit.sha256);
        self.files.push(OutFile { path, content });
        Ok(self.finish(treatment, Vec::new(), None))
    }

    /// Nothing goes out, with the reason where it is not the kind of file.
    pub(super) fn withheld(self, why: Option<Localized>) -> Copied {
        let (id, name) = (self.exhibit.id, &self.name);
        let why = why.unwrap_or_else(|| ("无法在此遮盖", "it cannot be redacted here").into());
        let warning = Localized::new(
            format!("{id}（{name}）未放入证据包：{}；确认其中没有个人信息后可用 --as-is {id} 原样附上", why.zh),
            format!("{id} ({name}) is not in the bundle: {}; look through it, then send it by --as-is {id}", why.en),
        );
        self.finish(Treatment::Withheld, Vec::new(), Some(warning))
    }

    pub(super) fn tables(
        mut self,
        tables: Vec<(String, Vec<Vec<String>>)>,
        folder: &Path,
        redactor: &mut Redactor,
    ) -> Result<Copied, AssembleError> {
        let id = self.exhibit.id.to_string();
        let before = self.redactions.len();
        let workbook = tables.len() > 1 || tables.iter().any(|(sheet, _)| !sheet.is_empty());
        let mut made = Vec::new();
        for (sheet, mut rows) in tables {
            let field = if sheet.is_empty() { String::new() } else { format!("{sheet}!") };
            self.redactions.extend(redactor.table(&mut rows, Source { exhibit: &id, field: &field }));
            let sheet = redactor.text(&sheet, Source { exhibit: &id, field: "sheet" });
            self.redactions.extend(sheet.redactions);
            made.push((sheet.text, table::render(&rows)));
        }
        if self.redactions.len() == before && !workbook {
            return self.untouched(folder, Treatment::Identical);
        }
        for (n, (sheet, text)) in made.into_iter().enumerate() {
            let sheet =
                if sheet.is_empty() { String::new() } else { format!("_{}_{}", n + 1, sheet.replace('/', "_")) };
            let name = format!("{REDACTED}{}{sheet}.csv", self.stem());
            self.add(&name, text.into_bytes());
        }
        if !workbook {
            return Ok(self.finish(Treatment::Redacted, Vec::new(), None));
        }
        self.left_out = vec![
            ("公式（保留其结果）", "formulas (their results are there)").into(),
            ("批注", "comments").into(),
            ("格式与图片", "formats and pictures").into(),
        ];
        Ok(self.finish(Treatment::Transcribed, Vec::new(), None))
    }

    pub(super) fn json(
        mut self,
        mut values: Vec<serde_json::Value>,
        written: &str,
        folder: &Path,
        redactor: &mut Redactor,
    ) -> Result<Copied, AssembleError> {
        let id = self.exhibit.id.to_string();
        let before = self.redactions.len();
        let lines = extension(self.exhibit) != "json";
        let detection = self.exhibit.kind == ExhibitKind::Detection;
        // A run's header names its inputs by where they lay; in which folder of whose machine is nobody's business.
        let moved = detection && values.iter_mut().map(without_folders).fold(false, |any, moved| any | moved);
        for (n, value) in values.iter_mut().enumerate() {
            let prefix = if lines { format!("{}:", n + 1) } else { String::new() };
            self.redactions.extend(redactor.json(value, Source { exhibit: &id, field: &prefix }));
        }
        // Byte for byte only where the bytes themselves show nothing either; else what was looked through, written anew.
        if self.redactions.len() == before && !moved && redactor.spans(written).is_empty() {
            return self.untouched(folder, Treatment::Identical);
        }
        let mut text = String::new();
        for value in &values {
            let made = if lines { serde_json::to_string(value) } else { serde_json::to_string_pretty(value) };
            text.push_str(&made.expect("invariant: what was read as JSON can be written as JSON"));
            text.push('\n');
        }
        let name = format!("{REDACTED}{}.{}", self.stem(), if lines { "jsonl" } else { "json" });
        self.add(&name, text.into_bytes());
        Ok(self.finish(Treatment::Redacted, Vec::new(), None))
    }

    pub(super) fn text(mut self, text: &str, folder: &Path, redactor: &mut Redactor) -> Result<Copied, AssembleError> {
        let id = self.exhibit.id.to_string();
        let done = redactor.text(text, Source { exhibit: &id, field: "" });
        if done.redactions.is_empty() {
            return self.untouched(folder, Treatment::Identical);
        }
        self.redactions.extend(done.redactions);
        let name = format!("{REDACTED}{}.txt", self.stem());
        self.add(&name, done.text.into_bytes());
        Ok(self.finish(Treatment::Redacted, Vec::new(), None))
    }

    pub(super) fn transcript(mut self, told: Transcript, redactor: &mut Redactor) -> Copied {
        let id = self.exhibit.id.to_string();
        let done = redactor.text(&told.text, Source { exhibit: &id, field: "" });
        self.redactions.extend(done.redactions);
        self.left_out = told.left_out;
        let name = format!("{REDACTED}{}.txt", self.stem());
        self.add(&name, done.text.into_bytes());
        self.finish(Treatment::Transcribed, Vec::new(), None)
    }

    pub(super) fn picture(mut self, folder: &Path) -> Result<Copied, AssembleError> {
        let exhibit = self.exhibit;
        let refuse = |why: PictureError| {
            let Localized { zh, en } = why.message();
            let why = Localized::new(
                format!("图片无法安全复制（{zh}）"),
                format!("the picture cannot be copied safely: {en}"),
            );
            AssembleError::Copy { exhibit: exhibit.id, why }
        };
        let bytes = originals::read(exhibit, folder)?;
        if exhibit.cover.is_empty() {
            let stripped = strip_metadata(&bytes).map_err(refuse)?;
            let name = format!("{COPY}{}", self.name);
            self.add(&name, stripped.bytes);
            return Ok(self.finish(Treatment::Stripped, stripped.removed, None));
        }
        let covered = cover(&bytes, &exhibit.cover).map_err(refuse)?;
        let name = copy_name(&self.name);
        self.add(&name, covered.png);
        self.covered = covered.regions;
        Ok(self.finish(Treatment::Covered, Vec::new(), None))
    }

    fn finish(mut self, treatment: Treatment, mut removed: Vec<String>, warning: Option<Localized>) -> Copied {
        let mut about = treatment.text();
        if !self.left_out.is_empty() {
            let join =
                |told: fn(&Localized) -> &str, mark| self.left_out.iter().map(told).collect::<Vec<_>>().join(mark);
            let (zh, en) = (join(|what| &what.zh, "、"), join(|what| &what.en, ", "));
            about = Localized::new(format!("{}；不含{zh}", about.zh), format!("{}; without {en}", about.en));
            removed.extend(self.left_out.iter().map(|what| what.en.clone()));
        }
        let note = CopyNote {
            schema: "huoyan-copy/1".to_owned(),
            exhibit: self.exhibit.id,
            copy: true,
            treatment,
            about,
            original_sha256: self.exhibit.sha256,
            original_bytes: self.exhibit.bytes,
            files: std::mem::take(&mut self.notes),
            redactions: self.redactions.len(),
            removed,
            covered: std::mem::take(&mut self.covered),
            sealed: None,
        };
        Copied { files: self.files, redactions: self.redactions, note, warning }
    }
}
