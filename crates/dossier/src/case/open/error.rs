use std::fmt;

use huoyan_model::Localized;

use crate::case::store::StoreError;

/// Why no case can be made of a file of findings.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// `the file has no findings of huoyan: its first line is no header; make it with -o jsonl=findings.jsonl`
    Foreign {
        /// What the first line is.
        found: String,
    },
    /// `the findings are of another version: huoyan-findings/2, this program knows huoyan-findings/1`
    Schema {
        /// The version found.
        found: String,
    },
    /// `line 17 is no line of findings: …; make the file again`
    Line {
        /// The line.
        line: u64,
        /// What is wrong.
        detail: String,
    },
    /// `the file was cut off: it has 120 lines and no summary; make it again`
    CutOff {
        /// How many lines it has.
        lines: u64,
    },
    /// `no finding is about review R77; the file has findings of 12 records`
    Nothing {
        /// What was asked for.
        selector: Localized,
        /// How many records have findings.
        records: usize,
    },
    /// Reading failed.
    Io(String),
    /// The case cannot be written.
    Store(StoreError),
}

impl OpenError {
    /// The message in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::Foreign { found } => Localized::new(
                format!("不是火眼的检测结果：第一行不是文件头（{found}）；请用 -o jsonl=findings.jsonl 生成"),
                format!(
                    "the file has no findings of huoyan: its first line is no header ({found}); make it with -o jsonl=findings.jsonl"
                ),
            ),
            Self::Schema { found } => Localized::new(
                format!("检测结果的版本是 {found}，本程序只认识 {}", super::findings::SCHEMA),
                format!("the findings are of another version: {found}, this program knows {}", super::findings::SCHEMA),
            ),
            Self::Line { line, detail } => Localized::new(
                format!("第 {line} 行不是检测结果：{detail}；请重新生成文件"),
                format!("line {line} is no line of findings: {detail}; make the file again"),
            ),
            Self::CutOff { lines } => Localized::new(
                format!("文件不完整：共 {lines} 行，缺少结尾的汇总；请重新生成"),
                format!("the file was cut off: it has {lines} lines and no summary; make it again"),
            ),
            Self::Nothing { selector, records } => Localized::new(
                format!("没有关于{}的检测结果；文件中有 {records} 条记录的结果", selector.zh),
                format!("no finding is about {}; the file has findings of {records} records", selector.en),
            ),
            Self::Io(message) => Localized::from(message.clone()),
            Self::Store(error) => error.message(),
        }
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

impl std::error::Error for OpenError {}
