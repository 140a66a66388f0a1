use std::fmt;
use std::path::Path;

use huoyan_model::{Locale, Localized};

use super::PathFault;

/// Why a bundle cannot be written, or a key or time stamp not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleError {
    /// `'E01/a?.png' cannot be a name in a bundle: it has the character U+003F; rename it`
    Path {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        fault: PathFault,
    },
    /// `'a.png' and 'A.PNG' are one file on some systems; rename one`
    Twins {
        /// The first of the two.
        first: String,
        /// The other.
        second: String,
    },
    /// `the bundle has no files; add an exhibit`
    Empty,
    /// `Shop-Id cannot be 'a\nb': a line of bag-info.txt holds no control characters and is not empty`
    Info {
        /// The label in `bag-info.txt`.
        label: &'static str,
        /// The value as given.
        value: String,
    },
    /// `parts.json would have 9000000 bytes, at most 8388608 are allowed; take fewer files`
    TooLong {
        /// The bundle's own file.
        name: String,
        /// How long it would be.
        bytes: u64,
        /// How long it may be.
        max: u64,
    },
    /// `there is a custody.jsonl and no custody head; give both or neither`
    Custody {
        /// Whether the record is there; if not, the head is.
        has_record: bool,
    },
    /// `'E01/a.png' has the SHA-256 …, expected was …; it was changed after it was taken in`
    Changed {
        /// The path in the bundle.
        path: String,
        /// What was expected.
        expected: String,
        /// What was read.
        found: String,
    },
    /// `a limit of 1000 bytes a file leaves no room beside 9000 bytes of manifests; raise it`
    NoRoom {
        /// The limit, as raw bytes.
        limit: u64,
        /// What each part needs before its first exhibit.
        needed: u64,
    },
    /// `the exhibits need 12 parts of 20000000 bytes, at most 10 are allowed; leave some out or raise the limit`
    TooManyParts {
        /// How many it takes.
        parts: usize,
        /// How many may be.
        max: usize,
        /// The limit of one, as raw bytes.
        limit: u64,
    },
    /// `'out/CASE-1' exists; nothing of it was touched, name another place or remove it`
    Exists {
        /// The place as named.
        path: String,
    },
    /// `'id_ed25519' can be read by others (mode 644); run chmod 600 on it`
    KeyOpen {
        /// The key file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// `'id_rsa' is no ed25519 key without a passphrase in OpenSSH's format: …; make one with ssh-keygen -t ed25519 -N ''`
    Key {
        /// The key file or text.
        path: String,
        /// What was found instead.
        reason: Localized,
    },
    /// `the time stamp cannot be used: …`
    TimeStamp {
        /// What is wrong.
        reason: Localized,
    },
    /// `'x.zip' is no bundle that a time stamp can be attached to: …`
    NotABundle {
        /// The file.
        path: String,
        /// The first problem.
        reason: Localized,
    },
    /// `'a.png': there is no such file`
    Io {
        /// The file.
        path: String,
        /// What the system said.
        message: Localized,
    },
}

impl BundleError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |error| Self::Io { path: path.display().to_string(), message: crate::io_words(&error) }
    }

    /// The message in one language.
    pub fn text(&self, locale: Locale) -> String {
        self.localized().get(locale).to_owned()
    }

    /// The message in both languages.
    pub fn localized(&self) -> Localized {
        let (zh, en) = match self {
            Self::Path { path, fault } => {
                let fault = fault.text();
                (
                    format!("'{path}' 不能作为证据包内的文件名：{}；请改名", fault.zh),
                    format!("'{path}' cannot be a name in a bundle: {}; rename it", fault.en),
                )
            }
            Self::Twins { first, second } => (
                format!("'{first}' 与 '{second}' 在某些系统上是同一个文件；请改名其一"),
                format!("'{first}' and '{second}' are one file on some systems; rename one"),
            ),
            Self::Empty => {
                ("证据包里没有文件；请先添加证据".to_owned(), "the bundle has no files; add an exhibit".to_owned())
            }
            Self::Info { label, value } => (
                format!("{label} 不能是 {value:?}：bag-info.txt 的一行不得为空，也不得含控制字符"),
                format!(
                    "{label} cannot be {value:?}: a line of bag-info.txt holds no control characters and is not empty"
                ),
            ),
            Self::TooLong { name, bytes, max } => (
                format!("{name} 将有 {bytes} 字节，上限为 {max}；请减少文件"),
                format!("{name} would have {bytes} bytes, at most {max} are allowed; take fewer files"),
            ),
            Self::Custody { has_record: true } => (
                "有 custody.jsonl，但没有给出保管链末端；请两者都给或都不给".to_owned(),
                "there is a custody.jsonl and no custody head; give both or neither".to_owned(),
            ),
            Self::Custody { has_record: false } => (
                "给出了保管链末端，但没有 custody.jsonl；请两者都给或都不给".to_owned(),
                "there is a custody head and no custody.jsonl; give both or neither".to_owned(),
            ),
            Self::Changed { path, expected, found } => (
                format!("'{path}' 现在是 {found}，应为 {expected}；入库后被改动过，请重新核对原件"),
                format!(
                    "'{path}' is now {found}, expected was {expected}; it was changed after it was taken in, compare it with the original"
                ),
            ),
            Self::NoRoom { limit, needed } => (
                format!("每个文件上限 {limit} 字节，放不下清单（需要 {needed} 字节）；请提高上限"),
                format!("a limit of {limit} bytes a file leaves no room beside {needed} bytes of manifests; raise it"),
            ),
            Self::TooManyParts { parts, max, limit } => (
                format!("证据需要 {parts} 个分卷（每个 {limit} 字节），最多允许 {max} 个；请减少证据或提高上限"),
                format!(
                    "the exhibits need {parts} parts of {limit} bytes, at most {max} are allowed; leave some out or raise the limit"
                ),
            ),
            Self::Exists { path } => (
                format!("'{path}' 已存在，未做任何改动；请换个位置或先删除它"),
                format!("'{path}' exists; nothing of it was touched, name another place or remove it"),
            ),
            Self::KeyOpen { path, mode } => (
                format!("'{path}' 可被他人读取（权限 {mode:o}）；请执行 chmod 600"),
                format!("'{path}' can be read by others (mode {mode:o}); run chmod 600 on it"),
            ),
            Self::Key { path, reason } => (
                format!(
                    "'{path}' 不是 OpenSSH 格式、无口令的 ed25519 密钥：{}；可用 ssh-keygen -t ed25519 -N '' 生成",
                    reason.zh
                ),
                format!(
                    "'{path}' is no ed25519 key without a passphrase in OpenSSH's format: {}; make one with ssh-keygen -t ed25519 -N ''",
                    reason.en
                ),
            ),
            Self::TimeStamp { reason } => {
                (format!("时间戳不可用：{}", reason.zh), format!("the time stamp cannot be used: {}", reason.en))
            }
            Self::NotABundle { path, reason } => (
                format!("'{path}' 不是可附加时间戳的证据包：{}", reason.zh),
                format!("'{path}' is no bundle that a time stamp can be attached to: {}", reason.en),
            ),
            Self::Io { path, message } => (format!("'{path}'：{}", message.zh), format!("'{path}': {}", message.en)),
        };
        Localized { zh, en }
    }
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.localized().en)
    }
}

impl std::error::Error for BundleError {}

impl From<BundleError> for Localized {
    fn from(error: BundleError) -> Self {
        error.localized()
    }
}
