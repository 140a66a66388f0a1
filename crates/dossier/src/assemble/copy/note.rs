//! What a bundle says of a copy.

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

use crate::bundle::Sha256;
use crate::lint::ExhibitId;
use crate::privacy::picture::Rect;

/// What was done to an exhibit to make its copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// Values were replaced by tokens.
    Redacted,
    /// A mail, a page or a workbook, told as plain text: what has no words stays behind.
    Transcribed,
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
    pub(in crate::assemble) fn action(self) -> &'static str {
        match self {
            Self::Redacted => "redact",
            Self::Transcribed => "transcribe",
            Self::Stripped => "strip",
            Self::Covered => "cover",
            Self::Identical | Self::AsIs => "export",
            Self::Withheld => "withhold",
        }
    }

    /// What a copy so made is called.
    pub fn name(self) -> Localized {
        let (zh, en) = match self {
            Self::Redacted => ("遮盖副本", "redacted copy"),
            Self::Transcribed => ("转写副本", "transcript"),
            Self::Stripped => ("去元数据副本", "copy without metadata"),
            Self::Covered => ("涂黑副本", "copy with regions blacked out"),
            Self::Identical | Self::AsIs => ("与原件逐字节相同的副本", "copy, byte for byte as the original"),
            Self::Withheld => ("未随附", "left out"),
        };
        Localized::new(zh, en)
    }

    /// Whether what goes out has the original's bytes.
    pub fn is_original(self) -> bool {
        matches!(self, Self::Identical | Self::AsIs)
    }

    /// In words.
    pub fn text(self) -> Localized {
        let (zh, en) = match self {
            Self::Redacted => ("遮盖副本：个人信息已换成代号", "redacted copy: personal data were replaced by tokens"),
            Self::Transcribed => (
                "转写副本：已转为文本，个人信息已换成代号",
                "transcript: turned into text, personal data were replaced by tokens",
            ),
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
    /// What was taken off a picture, and what a transcript leaves out.
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
