use std::fmt;
use std::path::Path;

use huoyan_model::Localized;

use crate::bundle::BundleError;
use crate::bundle::custody::CustodyError;
use crate::lint::ExhibitId;
use crate::privacy::Kind;
use crate::privacy::picture::PictureError;

/// Why a case folder cannot be made, opened or changed. Whatever the reason, the case is as it was before.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// `'cases/1' is no case: it has no case.json; name the folder of a case`
    NotACase {
        /// The folder.
        path: String,
    },
    /// `'CASE 1' cannot be the name of a case: write letters, digits, '-' and '_'`
    Name {
        /// The name as given.
        id: String,
    },
    /// `'case.json' cannot be read as a case: missing field 'type' at line 3 column 1; restore it from a copy`
    Form {
        /// The file.
        path: String,
        /// What is wrong.
        detail: String,
    },
    /// `'case.json' says that E08 has its file at '../x', which is not its place; restore it from a copy`
    Misplaced {
        /// The file.
        path: String,
        /// The exhibit.
        exhibit: ExhibitId,
        /// Where it is said to be.
        file: String,
    },
    /// `this case is of another version: huoyan-case/2, this program knows huoyan-case/1; use a newer one`
    Schema {
        /// The version found.
        found: String,
    },
    /// `'chat' is a directory; give a single file`
    NotAFile {
        /// The path as given.
        path: String,
        /// What it is instead.
        what: What,
    },
    /// `'chat.csv' changed while it was read; wait until it is written, then add it again`
    Moving {
        /// The path as given.
        path: String,
    },
    /// `the file has no name; give one`
    NoName,
    /// `the file has the same bytes as E03; cite that one, or add it with --same-bytes where both are wanted`
    Twice {
        /// The exhibit that has them.
        exhibit: ExhibitId,
    },
    /// `there is no exhibit E07 in this case`
    Unknown {
        /// The exhibit.
        exhibit: ExhibitId,
    },
    /// `the case already has exhibits up to E9999; open another case`
    Full,
    /// `E02 is in the store and not in the case to be saved: the case was changed meanwhile; open it again`
    Stale {
        /// The first exhibit that differs.
        exhibit: ExhibitId,
    },
    /// `'import' is an action of the store itself; name another`
    Action {
        /// The action as given.
        action: String,
    },
    /// `the reason seems to hold a phone; the custody record leaves as it is written and cannot be changed afterwards: say it without personal data`
    Personal {
        /// What holds it.
        told: Told,
        /// What it is.
        kind: Kind,
    },
    /// `the region at 9999,9999 of 10x10 lies outside the picture; …`
    Cover(PictureError),
    /// The custody record does not hold together, or cannot be written.
    Custody(CustodyError),
    /// Reading or writing failed.
    File(BundleError),
}

/// What stands where a file was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A folder.
    Directory,
    /// A symbolic link.
    Link,
    /// A pipe, a device, a socket.
    Special,
}

/// What the custody record is told in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Who did it.
    Who,
    /// By which method.
    Method,
    /// Why.
    Reason,
}

impl What {
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Directory => ("目录", "a directory"),
            Self::Link => ("符号链接", "a symbolic link"),
            Self::Special => ("特殊文件（管道、设备等）", "a pipe, device or socket"),
        }
    }
}

impl StoreError {
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |error| Self::File(BundleError::io(path)(error))
    }

    /// The message in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::NotACase { path } => Localized::new(
                format!("'{path}' 不是案卷：没有 case.json；请指定案卷文件夹"),
                format!("'{path}' is no case: it has no case.json; name the folder of a case"),
            ),
            Self::Name { id } => Localized::new(
                format!("'{id}' 不能作为案卷名：只能用字母、数字、'-' 和 '_'"),
                format!("'{id}' cannot be the name of a case: write letters, digits, '-' and '_'"),
            ),
            Self::Form { path, detail } => Localized::new(
                format!("'{path}' 不能作为案卷读取：{detail}；请从备份恢复"),
                format!("'{path}' cannot be read as a case: {detail}; restore it from a copy"),
            ),
            Self::Misplaced { path, exhibit, file } => Localized::new(
                format!("'{path}' 称 {exhibit} 的文件在 '{file}'，那不是它应在的位置；请从备份恢复"),
                format!(
                    "'{path}' says that {exhibit} has its file at '{file}', which is not its place; restore it from a copy"
                ),
            ),
            Self::Schema { found } => Localized::new(
                format!("案卷版本是 {found}，本程序只认识 {}；请使用更新的版本", super::super::SCHEMA),
                format!(
                    "this case is of another version: {found}, this program knows {}; use a newer one",
                    super::super::SCHEMA
                ),
            ),
            Self::NotAFile { path, what } => {
                let (zh, en) = what.words();
                Localized::new(
                    format!("'{path}' 是{zh}；请给出单个文件"),
                    format!("'{path}' is {en}; give a single file"),
                )
            }
            Self::Moving { path } => Localized::new(
                format!("'{path}' 在读取时被改动；请等写完后重新添加"),
                format!("'{path}' changed while it was read; wait until it is written, then add it again"),
            ),
            Self::NoName => Localized::new("文件没有名字；请给一个", "the file has no name; give one"),
            Self::Twice { exhibit } => Localized::new(
                format!("与 {exhibit} 的内容完全相同；请引用它，确实要放两份时请加 --same-bytes"),
                format!(
                    "the file has the same bytes as {exhibit}; cite that one, or add it with --same-bytes where both are wanted"
                ),
            ),
            Self::Unknown { exhibit } => Localized::new(
                format!("本案卷没有证据 {exhibit}"),
                format!("there is no exhibit {exhibit} in this case"),
            ),
            Self::Full => Localized::new(
                "本案卷的证据编号已用到 E9999；请另立案卷",
                "the case already has exhibits up to E9999; open another case",
            ),
            Self::Stale { exhibit } => Localized::new(
                format!("{exhibit} 在存储中与要保存的案卷不一致：案卷期间已被改动；请重新打开"),
                format!(
                    "{exhibit} is not the same in the store and in the case to be saved: it was changed meanwhile; open it again"
                ),
            ),
            Self::Action { action } => Localized::new(
                format!("'{action}' 只能由存储自身记录；请换一个名称"),
                format!("'{action}' is an action of the store itself; name another"),
            ),
            Self::Personal { told, kind } => {
                let (zh, en) = match told {
                    Told::Who => ("经手人（--by）", "who did it (--by)"),
                    Told::Method => ("取得方式（--method）", "the method (--method)"),
                    Told::Reason => ("理由（--reason）", "the reason (--reason)"),
                };
                Localized::new(
                    format!(
                        "{zh}中疑似含有{}；保管记录会原样发出且事后不能修改，请换成不含个人信息的说法，例如“客服01”“应客户要求”",
                        kind.zh()
                    ),
                    format!(
                        "{en} seems to hold personal data ({}); the custody record leaves as it is written and cannot be changed \
                         afterwards: say it without, as 'staff 01' or 'the customer asked for it'",
                        kind.en()
                    ),
                )
            }
            Self::Cover(why) => why.message(),
            Self::Custody(CustodyError::Chain(fault)) => fault.localized(),
            Self::Custody(CustodyError::File(error)) | Self::File(error) => error.localized(),
        }
    }
}

impl From<CustodyError> for StoreError {
    fn from(error: CustodyError) -> Self {
        Self::Custody(error)
    }
}

impl From<BundleError> for StoreError {
    fn from(error: BundleError) -> Self {
        Self::File(error)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

impl std::error::Error for StoreError {}
