use std::fmt;

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

use super::Place;

/// Why an exhibit cannot be read row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// `an exhibit of kind picture in image/png has no rows to read`
    NoRows {
        /// The kind of exhibit, as `case.json` writes it.
        kind: String,
        /// Its media type.
        media_type: String,
    },
    /// `the file has 90000000 bytes, at most 67108864 are read; export a shorter period`
    TooLarge {
        /// How long it is, or at least as long.
        bytes: u64,
        /// How long it may be.
        max: u64,
    },
    /// `no column holds the time (time); the columns are: A, B; rename the column, see data/records/headers.toml`
    NoColumns {
        /// The fields that no column holds.
        missing: Vec<&'static str>,
        /// The columns that are there.
        columns: Vec<String>,
    },
    /// `the file cannot be read as JSON: …`
    Form {
        /// As what it was read.
        format: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// `the file has no row`
    Empty,
    /// `no row of the file can be read`
    NoRow,
    /// `the original cannot be read: …`
    Store {
        /// What the store said.
        message: Localized,
    },
}

impl RecordError {
    /// The message in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::NoRows { kind, media_type } => Localized::new(
                format!("{kind} 类证据（{media_type}）没有可逐行读取的内容"),
                format!("an exhibit of kind {kind} in {media_type} has no rows to read"),
            ),
            Self::TooLarge { bytes, max } => Localized::new(
                format!("文件有 {bytes} 字节，最多读取 {max}；请导出更短的时间段"),
                format!("the file has {bytes} bytes, at most {max} are read; export a shorter period"),
            ),
            Self::NoColumns { missing, columns } => Localized::new(
                format!(
                    "找不到这些列：{}；现有的列：{}；请改列名",
                    missing.iter().map(|field| super::columns::in_chinese(field)).collect::<Vec<_>>().join("、"),
                    columns.join("、")
                ),
                format!(
                    "no column holds {}; the columns are: {}; rename the columns",
                    missing.join(", "),
                    columns.join(", ")
                ),
            ),
            Self::Form { format, detail } => Localized::new(
                format!("文件不能作为 {format} 读取：{detail}"),
                format!("the file cannot be read as {format}: {detail}"),
            ),
            Self::Empty => Localized::new("文件里没有任何一行", "the file has no row"),
            Self::NoRow => Localized::new("没有一行能够识别", "no row of the file can be read"),
            Self::Store { message } => Localized::new(
                format!("读不到原件：{}", message.zh),
                format!("the original cannot be read: {}", message.en),
            ),
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

impl std::error::Error for RecordError {}

/// Something in an exhibit that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// What.
    pub about: About,
}

/// What a note is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "about")]
#[non_exhaustive]
pub enum About {
    /// The row gives no moment that can be read, and was left out.
    NoTime {
        /// What stands there.
        written: String,
    },
    /// The row gives no amount that can be read to the fen; it was left out where it is nothing without one.
    NoAmount {
        /// What stands there.
        written: String,
    },
    /// One of a row's moments cannot be read; the row was taken without it.
    PartTime {
        /// The column.
        column: String,
        /// What stands there.
        written: String,
    },
    /// The row lacks what makes it a row of its kind, and was left out.
    Lacks {
        /// The field.
        field: String,
    },
    /// The line is no row of its kind, and was left out.
    NotARow {
        /// Its beginning.
        text: String,
    },
    /// It is not known whose words these are; name the person.
    UnknownSender {
        /// The name as shown.
        name: String,
    },
    /// Whose words these are was told from the beginning of the name alone.
    RoleByName {
        /// The name as shown.
        name: String,
    },
    /// An id was rounded by a spreadsheet and is not the real one; it was left out.
    RoundedId {
        /// What stands there.
        written: String,
    },
    /// Bytes that are no text of the file's encoding stand here.
    BadBytes,
    /// The moments of the file name no zone; China's was taken.
    NoZone {
        /// So many of them.
        count: u64,
    },
    /// Rows beyond the limit were not read.
    MoreRows {
        /// So many were read.
        limit: u64,
    },
    /// A file that hangs on a mail and was not read; add it as its own exhibit.
    Attachment {
        /// Its name.
        name: String,
    },
}

impl About {
    /// The message in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::NoTime { written } => Localized::new(
                format!("时间'{written}'无法识别，此行未采用"),
                format!("the time '{written}' cannot be read; the row was left out"),
            ),
            Self::NoAmount { written } => Localized::new(
                format!("金额'{written}'无法精确到分"),
                format!("the amount '{written}' cannot be read to the fen"),
            ),
            Self::PartTime { column, written } => Localized::new(
                format!("“{column}”的时间'{written}'无法识别，此行按没有该时间采用"),
                format!("the time '{written}' of '{column}' cannot be read; the row was taken without it"),
            ),
            Self::Lacks { field } => Localized::new(
                format!("缺少{}，此行未采用", super::columns::in_chinese(field)),
                format!("the row has no {field} and was left out"),
            ),
            Self::NotARow { text } => Localized::new(
                format!("不是记录行，未采用：{text}"),
                format!("this is no row and was left out: {text}"),
            ),
            Self::UnknownSender { name } => Localized::new(
                format!("无法确定'{name}'是商家还是买家；请指明"),
                format!("it is not known whether '{name}' is the merchant or the buyer; name the person"),
            ),
            Self::RoleByName { name } => Localized::new(
                format!("'{name}'的身份仅由名称开头判断；如有误请指明"),
                format!("who '{name}' is was told from the name's beginning alone; name the person if that is wrong"),
            ),
            Self::RoundedId { written } => Localized::new(
                format!("编号'{written}'已被表格软件取整，未采用；请将该列设为文本后重新导出"),
                format!(
                    "the id '{written}' was rounded by a spreadsheet and left out; export it again with the column as text"
                ),
            ),
            Self::BadBytes => Localized::new("此处有不属于该编码的字节", "bytes that are no text stand here"),
            Self::NoZone { count } => Localized::new(
                format!("{count} 个时间没有写时区，按北京时间（UTC+8）处理"),
                format!("{count} moments name no zone; China's (UTC+8) was taken"),
            ),
            Self::MoreRows { limit } => Localized::new(
                format!("只读取了前 {limit} 行，其余未读"),
                format!("only the first {limit} rows were read"),
            ),
            Self::Attachment { name } => Localized::new(
                format!("邮件附件'{name}'未读取；请另作证据添加"),
                format!("the attachment '{name}' was not read; add it as its own exhibit"),
            ),
        }
    }
}

/// With its place: `E02:17: …`.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.about.message().en)
    }
}
