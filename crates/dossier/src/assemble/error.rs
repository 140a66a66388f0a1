use std::fmt;
use std::io;
use std::path::Path;

use huoyan_model::Localized;

use crate::bundle::custody::ChainFault;
use crate::bundle::{BundleError, Sha256};
use crate::lint::ExhibitId;

/// Why a bundle of a case cannot be made.
#[derive(Debug)]
#[non_exhaustive]
pub enum AssembleError {
    /// `there is no exhibit E09`
    NoExhibit(ExhibitId),
    /// `E02 ('exhibits/E02/chat.csv') is not what was put into the case: its SHA-256 is …, was …`
    Changed {
        /// The exhibit.
        exhibit: ExhibitId,
        /// Its file within the case.
        file: String,
        /// What the case says.
        was: Sha256,
        /// What was read.
        is: Sha256,
    },
    /// `E03: the picture is damaged …; …`: what cannot be copied safely does not leave.
    Copy {
        /// The exhibit.
        exhibit: ExhibitId,
        /// Why not.
        why: Localized,
    },
    /// `a replaced value stands in what would leave: …; nothing was written`
    Leak {
        /// Each place, with the value's kind and how it is written there.
        places: Vec<Localized>,
    },
    /// The custody record of the case lacks lines that its exhibits must have.
    CustodyGaps(Vec<Localized>),
    /// `E03 has regions to cover, and --as-is would send it uncovered; …`
    AsIsCovered(ExhibitId),
    /// `custody.jsonl: lines 3, 7 seem to hold personal data; …`
    CustodyText {
        /// The lines, from 1.
        lines: Vec<u64>,
    },
    /// The custody record of the case does not hold together.
    Custody(ChainFault),
    /// Sealing failed.
    Seal(String),
    /// The renderer of PDF files failed.
    Pdf(Localized),
    /// What [`build`](crate::bundle::build()) refuses.
    Bundle(BundleError),
}

impl AssembleError {
    pub(super) fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| {
            Self::Bundle(BundleError::Io { path: path.display().to_string(), message: crate::io_words(&error) })
        }
    }

    /// The message in both languages.
    pub fn localized(&self) -> Localized {
        match self {
            Self::NoExhibit(id) => Localized::new(format!("没有证据 {id}"), format!("there is no exhibit {id}")),
            Self::Changed { exhibit, file, was, is } => Localized::new(
                format!("{exhibit}（{file}）与入案时不同：SHA-256 现为 {is}，入案时为 {was}；请从备份恢复原件"),
                format!(
                    "{exhibit} ('{file}') is not what was put into the case: its SHA-256 is {is}, was {was}; restore the original"
                ),
            ),
            Self::Copy { exhibit, why } => {
                Localized::new(format!("{exhibit}：{}", why.zh), format!("{exhibit}: {}", why.en))
            }
            Self::Leak { places } => {
                let zh: Vec<&str> = places.iter().map(|place| place.zh.as_str()).collect();
                let en: Vec<&str> = places.iter().map(|place| place.en.as_str()).collect();
                Localized::new(
                    format!("已被遮盖的内容仍出现在将要发出的数据中，未写出任何文件：{}", zh.join("；")),
                    format!("a replaced value stands in what would leave, nothing was written: {}", en.join("; ")),
                )
            }
            Self::CustodyGaps(gaps) => {
                let zh: Vec<&str> = gaps.iter().map(|gap| gap.zh.as_str()).collect();
                let en: Vec<&str> = gaps.iter().map(|gap| gap.en.as_str()).collect();
                Localized::new(
                    format!("custody.jsonl：{}；请从备份恢复 custody.jsonl，或移除该证据后重新添加原件", zh.join("；")),
                    format!(
                        "custody.jsonl: {}; restore it from a backup, or remove the exhibit and add its original again",
                        en.join("; ")
                    ),
                )
            }
            Self::AsIsCovered(id) => Localized::new(
                format!("{id} 指定了遮盖区域，原样附上会露出这些区域；请去掉 --as-is {id}"),
                format!("{id} has regions to cover, and sent as it is they would show; leave --as-is {id} out"),
            ),
            Self::CustodyText { lines } => {
                let lines = lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
                Localized::new(
                    format!(
                        "custody.jsonl 第 {lines} 行疑似含有按本 --profile 须遮盖的内容；该记录原样发出且不能修改，未写出任何文件；\
                         请另开案件重新添加证据，并使用不含个人信息的经手人和理由"
                    ),
                    format!(
                        "custody.jsonl, line {lines}: it seems to hold what this --profile takes out; the record leaves as it is and \
                         cannot be changed, nothing was written; open another case and add the exhibits with a --by and --reason of \
                         no personal data"
                    ),
                )
            }
            Self::Custody(fault) => {
                let fault = fault.localized();
                Localized::new(format!("custody.jsonl：{}", fault.zh), format!("custody.jsonl: {}", fault.en))
            }
            Self::Seal(why) => {
                Localized::new(format!("无法密封原件：{why}"), format!("an original cannot be sealed: {why}"))
            }
            Self::Pdf(why) => Localized::new(format!("PDF：{}", why.zh), format!("PDF: {}", why.en)),
            Self::Bundle(error) => error.localized(),
        }
    }
}

impl fmt::Display for AssembleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.localized().en)
    }
}

impl std::error::Error for AssembleError {}

impl From<BundleError> for AssembleError {
    fn from(error: BundleError) -> Self {
        Self::Bundle(error)
    }
}

impl From<AssembleError> for Localized {
    fn from(error: AssembleError) -> Self {
        error.localized()
    }
}
