//! What goes out of an exhibit: a copy that says that it is one.

mod decode;
mod html;
mod json;
mod mail;
mod table;
mod workbook;

use std::path::{Path, PathBuf};

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

pub(super) use self::json::{is_digest, redact as redact_json};
pub(super) use self::table::cells_kinds;
use super::{AssembleError, bag_path, originals};
use crate::bundle::{BagPath, Sha256};
use crate::case::{Exhibit, ExhibitKind};
use crate::lint::ExhibitId;
use crate::privacy::picture::{Rect, copy_name, cover, strip_metadata};
use crate::privacy::{FieldKind, Kind, Redacted, Redaction, Redactor, Source, field_kind};

/// Longer texts are not redacted in memory; they are treated as files that cannot be redacted.
const MOST_TEXT: u64 = 24 * 1024 * 1024;
/// Longer pictures are no screenshots.
const MOST_PICTURE: u64 = 64 * 1024 * 1024;

/// What was done to an exhibit to make its copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// Values were replaced by tokens.
    Redacted,
    /// There was nothing to replace: byte for byte the original.
    Identical,
    /// A picture without its metadata; its pixels are as they were.
    Stripped,
    /// A picture with regions blacked out.
    Covered,
    /// Byte for byte the original, which its owner looked through and sends as it is.
    AsIs,
    /// Not in the bundle, but for a seal if there is one.
    Withheld,
}

impl Treatment {
    /// The custody record's word for it.
    pub(super) fn action(self) -> &'static str {
        match self {
            Self::Redacted => "redact",
            Self::Stripped => "strip",
            Self::Covered => "cover",
            Self::Identical | Self::AsIs => "export",
            Self::Withheld => "withhold",
        }
    }

    /// In words.
    pub fn text(self) -> Localized {
        let (zh, en) = match self {
            Self::Redacted => ("遮盖副本：个人信息已换成代号", "redacted copy: personal data were replaced by tokens"),
            Self::Identical => ("副本，与原件逐字节相同", "copy, byte for byte as the original"),
            Self::Stripped => ("副本：已去除图片元数据，像素未变", "copy: metadata taken off, pixels as they were"),
            Self::Covered => ("遮盖副本：部分区域已涂黑", "redacted copy: regions are blacked out"),
            Self::AsIs => (
                "副本，按提交人要求原样附上，与原件逐字节相同",
                "copy, sent as it is by its owner's wish, byte for byte",
            ),
            Self::Withheld => ("未随本证据包提交", "not in this bundle"),
        };
        Localized::new(zh, en)
    }
}

/// What the bundle says of an exhibit's copy: `副本说明.json` in its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyNote {
    /// `huoyan-copy/1`.
    pub schema: String,
    /// The exhibit.
    pub exhibit: ExhibitId,
    /// Whether what lies here is a copy: always.
    pub copy: bool,
    /// What was done.
    pub treatment: Treatment,
    /// The same for people.
    pub about: Localized,
    /// The original's digest.
    pub original_sha256: Sha256,
    /// The original's length.
    pub original_bytes: u64,
    /// The files of the copy.
    pub files: Vec<CopyFile>,
    /// How many values were replaced.
    pub redactions: usize,
    /// What was taken off a picture.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// What was blacked out of a picture, in its pixels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covered: Vec<Rect>,
    /// Where the sealed original lies, if it goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

/// A file of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyFile {
    /// Its path under `data/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its digest.
    pub sha256: Sha256,
}

pub(super) enum Content {
    Original(PathBuf, Sha256),
    Made(Vec<u8>),
}

pub(super) struct OutFile {
    pub path: BagPath,
    pub content: Content,
}

pub(super) struct Copied {
    pub files: Vec<OutFile>,
    pub redactions: Vec<Redaction>,
    pub note: CopyNote,
    pub warning: Option<Localized>,
}

/// An exhibit as far as it can be redacted.
pub(super) enum Readable {
    /// Sheets of a workbook or the one table of a file, by name.
    Tables(Vec<(String, Vec<Vec<String>>)>),
    /// One JSON value, or one of each line.
    Json(Vec<serde_json::Value>),
    /// Plain text.
    Text(String),
    /// A picture whose metadata can be taken off.
    Picture,
    /// What cannot be redacted here.
    Opaque,
}

enum Form {
    Table,
    Workbook,
    Json,
    JsonLines,
    Mail,
    Html,
    Text,
    Picture,
    Opaque,
}

fn extension(exhibit: &Exhibit) -> String {
    let name = exhibit.file.rsplit('/').next().unwrap_or_default();
    name.rfind('.').map_or(String::new(), |dot| name[dot + 1..].to_lowercase())
}

fn form(exhibit: &Exhibit, folder: &Path) -> Result<Form, AssembleError> {
    let head = originals::head(exhibit, folder, 8192)?;
    let extension = extension(exhibit);
    let picture = matches!(&head[..], [0xFF, 0xD8, ..] | [0x89, b'P', b'N', b'G', ..])
        || head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    if picture {
        return Ok(if exhibit.bytes <= MOST_PICTURE { Form::Picture } else { Form::Opaque });
    }
    let office = head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]);
    if exhibit.bytes > MOST_TEXT {
        return Ok(Form::Opaque);
    }
    if office {
        let workbook = matches!(extension.as_str(), "xlsx" | "xlsm" | "xls" | "xlsb" | "ods");
        return Ok(if workbook { Form::Workbook } else { Form::Opaque });
    }
    if head.starts_with(b"%PDF") || !decode::looks_like_text(&head) {
        return Ok(Form::Opaque);
    }
    Ok(match extension.as_str() {
        "csv" | "tsv" | "tab" => Form::Table,
        "json" => Form::Json,
        "jsonl" | "ndjson" => Form::JsonLines,
        "eml" => Form::Mail,
        "html" | "htm" | "mht" | "xml" | "svg" => Form::Html,
        _ => Form::Text,
    })
}

/// An exhibit as it can be read, before anything is replaced.
pub(super) fn readable(exhibit: &Exhibit, folder: &Path) -> Result<Readable, AssembleError> {
    let form = form(exhibit, folder)?;
    if matches!(form, Form::Picture) {
        return Ok(Readable::Picture);
    }
    if matches!(form, Form::Opaque) {
        return Ok(Readable::Opaque);
    }
    let bytes = originals::read(exhibit, folder)?;
    if matches!(form, Form::Workbook) {
        return Ok(workbook::sheets(bytes).map_or(Readable::Opaque, Readable::Tables));
    }
    if matches!(form, Form::Mail) {
        return Ok(mail::text(&bytes).map_or(Readable::Opaque, Readable::Text));
    }
    let Some(text) = decode::text(&bytes) else { return Ok(Readable::Opaque) };
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    Ok(match form {
        Form::Table => Readable::Tables(vec![(String::new(), table::rows(&text))]),
        Form::Html => Readable::Text(html::text(&text)),
        Form::Json => json(&text).map_or(Readable::Text(text), |value| Readable::Json(vec![value])),
        Form::JsonLines => {
            // A line that is no JSON would be lost as such; then all of it is a text.
            let lines: Option<Vec<_>> = text.lines().filter(|line| !line.trim().is_empty()).map(json).collect();
            lines.map_or(Readable::Text(text), Readable::Json)
        }
        _ => Readable::Text(text),
    })
}

/// Makes the copy of an exhibit.
pub(super) fn copy(
    exhibit: &Exhibit,
    folder: &Path,
    as_is: bool,
    redactor: &mut Redactor,
) -> Result<Copied, AssembleError> {
    let id = exhibit.id.to_string();
    let source = Source { exhibit: &id, field: "file" };
    let original = exhibit.file.rsplit('/').next().unwrap_or_default();
    let named = redactor.file_name(original, source);
    let making = Making {
        exhibit,
        dir: format!("{id}-{}", kind_name(exhibit.kind).zh),
        name: named.text,
        redactions: named.redactions,
        files: Vec::new(),
        notes: Vec::new(),
        covered: Vec::new(),
    };
    if as_is {
        // It is compared with its digest when it is put into the bundle.
        return making.untouched(folder, Treatment::AsIs);
    }
    match readable(exhibit, folder)? {
        Readable::Tables(tables) => making.tables(tables, folder, redactor),
        Readable::Json(values) => making.json(values, folder, redactor),
        Readable::Text(text) => making.text(&text, folder, redactor),
        Readable::Picture => making.picture(folder),
        Readable::Opaque => {
            originals::compare(exhibit, folder)?;
            Ok(making.withheld())
        }
    }
}

struct Making<'e> {
    exhibit: &'e Exhibit,
    dir: String,
    /// The original's name, redacted.
    name: String,
    redactions: Vec<Redaction>,
    files: Vec<OutFile>,
    notes: Vec<CopyFile>,
    covered: Vec<Rect>,
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

    fn untouched(mut self, folder: &Path, treatment: Treatment) -> Result<Copied, AssembleError> {
        let exhibit = self.exhibit;
        let path = bag_path(&format!("{}/{COPY}{}", self.dir, self.name));
        self.notes.push(CopyFile { path: path.to_string(), bytes: exhibit.bytes, sha256: exhibit.sha256 });
        let content = Content::Original(folder.join(&exhibit.file), exhibit.sha256);
        self.files.push(OutFile { path, content });
        Ok(self.finish(treatment, Vec::new(), None))
    }

    fn withheld(self) -> Copied {
        let id = self.exhibit.id;
        let warning = Localized::new(
            format!(
                "{id}（{}）无法在此遮盖，未放入证据包；确认其中没有个人信息后可用 --as-is {id} 原样附上",
                self.name
            ),
            format!(
                "{id} ({}) cannot be redacted here and is not in the bundle; look through it, then send it by --as-is {id}",
                self.name
            ),
        );
        self.finish(Treatment::Withheld, Vec::new(), Some(warning))
    }

    fn tables(
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
            let kinds = cells_kinds(&rows);
            for (row, (cells, kinds)) in rows.iter_mut().zip(kinds).enumerate() {
                for (column, (cell, kind)) in cells.iter_mut().zip(kinds).enumerate() {
                    let field = format!("{field}{row}/{column}");
                    let done = value(redactor, kind, cell, Source { exhibit: &id, field: &field });
                    *cell = done.text;
                    self.redactions.extend(done.redactions);
                }
            }
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
        Ok(self.finish(Treatment::Redacted, Vec::new(), None))
    }

    fn json(
        mut self,
        mut values: Vec<serde_json::Value>,
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
            self.redactions.extend(json::redact(value, &id, &prefix, redactor));
        }
        if self.redactions.len() == before && !moved {
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

    fn text(mut self, text: &str, folder: &Path, redactor: &mut Redactor) -> Result<Copied, AssembleError> {
        let id = self.exhibit.id.to_string();
        let done = redactor.text(text, Source { exhibit: &id, field: "" });
        // A mail or a page is shown as its text, which is never the same.
        let rewritten = matches!(extension(self.exhibit).as_str(), "eml" | "html" | "htm" | "mht" | "xml" | "svg");
        if done.redactions.is_empty() && !rewritten {
            return self.untouched(folder, Treatment::Identical);
        }
        self.redactions.extend(done.redactions);
        let name = format!("{REDACTED}{}.txt", self.stem());
        self.add(&name, done.text.into_bytes());
        Ok(self.finish(Treatment::Redacted, Vec::new(), None))
    }

    fn picture(mut self, folder: &Path) -> Result<Copied, AssembleError> {
        let exhibit = self.exhibit;
        let refuse = |why: &dyn std::fmt::Display| AssembleError::Copy {
            exhibit: exhibit.id,
            why: Localized::new(
                format!("图片无法安全复制（{why}）"),
                format!("the picture cannot be copied safely: {why}"),
            ),
        };
        let bytes = originals::read(exhibit, folder)?;
        if exhibit.cover.is_empty() {
            let stripped = strip_metadata(&bytes).map_err(|why| refuse(&why))?;
            let name = format!("{COPY}{}", self.name);
            self.add(&name, stripped.bytes);
            return Ok(self.finish(Treatment::Stripped, stripped.removed, None));
        }
        let covered = cover(&bytes, &exhibit.cover).map_err(|why| refuse(&why))?;
        let name = copy_name(&self.name);
        self.add(&name, covered.png);
        self.covered = covered.regions;
        Ok(self.finish(Treatment::Covered, Vec::new(), None))
    }

    fn finish(mut self, treatment: Treatment, removed: Vec<String>, warning: Option<Localized>) -> Copied {
        let note = CopyNote {
            schema: "huoyan-copy/1".to_owned(),
            exhibit: self.exhibit.id,
            copy: true,
            treatment,
            about: treatment.text(),
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

/// Leaves of the inputs in a run's header their names alone; whether there was more.
pub(super) fn without_folders(header: &mut serde_json::Value) -> bool {
    let is_header = header["run_id"].is_string();
    let Some(inputs) = header.get_mut("inputs").and_then(serde_json::Value::as_object_mut).filter(|_| is_header) else {
        return false;
    };
    let mut moved = false;
    for (path, digest) in std::mem::take(inputs) {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        moved |= name != path;
        inputs.insert(name, digest);
    }
    moved
}

/// Redacts a value whose kind its field tells. What the profile keeps may still hold more than its kind: a nickname that is a phone number.
pub(super) fn value(redactor: &mut Redactor, kind: FieldKind, value: &str, source: Source<'_>) -> Redacted {
    match kind {
        FieldKind::Whole(Kind::Order) => redactor.field("order_id", value, source),
        FieldKind::Whole(Kind::Waybill) => redactor.field("waybill", value, source),
        FieldKind::Whole(kind) => {
            let done = redactor.field(field_of(kind), value, source);
            if done.redactions.is_empty() { redactor.text(value, source) } else { done }
        }
        FieldKind::Shop => redactor.field("shop_id", value, source),
        FieldKind::Stays => Redacted { text: value.to_owned(), redactions: Vec::new() },
        FieldKind::Free => redactor.text(value, source),
    }
}

/// A field name that tells the kind.
fn field_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Mobile => "mobile",
        Kind::Landline => "landline",
        Kind::IdCard => "idcard",
        Kind::BankCard => "bankcard",
        Kind::Passport => "passport",
        Kind::Plate => "plateno",
        Kind::Email => "email",
        Kind::Qq => "qq",
        Kind::WeChat => "wechat",
        Kind::Address => "address",
        Kind::Name => "receiver",
        Kind::LegalPerson => "legalperson",
        Kind::Ip => "ip",
        Kind::Device => "imei",
        Kind::Buyer => "buyerid",
        Kind::Order => "orderid",
        Kind::Waybill => "waybill",
    }
}

/// What an exhibit is called, in folders and titles.
pub(super) fn kind_name(kind: ExhibitKind) -> Localized {
    let (zh, en) = match kind {
        ExhibitKind::Review => ("评价", "review"),
        ExhibitKind::PlatformNotice => ("平台通知", "platform notice"),
        ExhibitKind::Chat => ("聊天记录", "chat"),
        ExhibitKind::Order => ("订单", "orders"),
        ExhibitKind::Payment => ("支付", "payments"),
        ExhibitKind::Logistics => ("物流", "logistics"),
        ExhibitKind::BuyerRecord => ("买家行为", "buyer record"),
        ExhibitKind::AfterSale => ("售后", "after-sale"),
        ExhibitKind::CallLog => ("通话记录", "calls"),
        ExhibitKind::Picture => ("图片", "picture"),
        ExhibitKind::Video => ("视频", "video"),
        ExhibitKind::Mail => ("邮件", "mail"),
        ExhibitKind::Listing => ("商品页", "listing"),
        ExhibitKind::PriceRecord => ("价格记录", "prices"),
        ExhibitKind::TestReport => ("检测报告", "test report"),
        ExhibitKind::Licence => ("资质", "licence"),
        ExhibitKind::Authorisation => ("授权", "authorisation"),
        ExhibitKind::Invoice => ("票据", "invoice"),
        ExhibitKind::Rule => ("规则", "rule"),
        ExhibitKind::Detection => ("检测命中", "detection"),
        ExhibitKind::Receipt => ("存证", "receipt"),
        ExhibitKind::Rectification => ("整改", "rectification"),
        ExhibitKind::Document => ("文件", "document"),
    };
    Localized::new(zh, en)
}

/// What the name of a field or of the cell to its left says; `Free` where neither says anything.
fn kind_of(header: &str, left: Option<&str>) -> FieldKind {
    let own = field_kind(header);
    let label = |text: &&str| text.chars().count() <= 20;
    match left.filter(label).map(|left| field_kind(left.trim_end_matches([':', '：', ' ']))) {
        Some(FieldKind::Whole(kind)) if own == FieldKind::Free => FieldKind::Whole(kind),
        _ => own,
    }
}
