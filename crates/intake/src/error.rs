use std::fmt;

use huoyan_model::{Locale, Localized, RecordKind, columns_of};

use crate::NotRecords;

/// Why nothing could be read. Every one of these means that nothing was scanned (exit status 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// No input was named.
    ///
    /// `no input: name files, folders or globs, or '-' for standard input`
    NoInput,
    /// An input does not exist or cannot be opened.
    ///
    /// `cannot read 'shop.csv': No such file or directory (os error 2); check the path`
    Unreadable {
        /// The input as named.
        file: String,
        /// What the system or the unpacker said.
        message: String,
    },
    /// A glob or a folder that holds nothing to read.
    ///
    /// `no file with listings or reviews under 'exports/'; name the files, or check the pattern`
    NothingFound {
        /// The glob or folder as named.
        pattern: String,
    },
    /// A file that holds no listings and no reviews.
    ///
    /// `'queries.tsv' holds no listings or reviews: only numbers and short phrases, …; leave it out, or say what it is
    /// with --kind and --map FIELD=HEADER`
    NotRecords {
        /// The input, with its member or sheet.
        file: String,
        /// What it is instead.
        reason: NotRecords,
    },
    /// A `--map` that is not `FIELD=HEADER`.
    ///
    /// `'title' is no column map: write FIELD=HEADER, as in title=商品名称`
    BadMap {
        /// The text as given.
        text: String,
    },
    /// A field that no kind of record has.
    ///
    /// `no record has a field 'titel'; the fields are id, shop_id, …`
    UnknownField {
        /// The name as given.
        field: String,
    },
    /// A header that `--map` names and no input has.
    ///
    /// `no input has a column '商品名' (for title); the columns are …`
    UnknownHeader {
        /// The field it was to be.
        field: String,
        /// The header as given.
        header: String,
        /// The headers of the first input.
        columns: Vec<String>,
    },
    /// Standard input was named twice.
    ///
    /// `standard input ('-') is named twice; name it once`
    StdinTwice,
    /// A limit of the options is zero.
    ///
    /// `the limit batch_rows is 0; give at least 1`
    ZeroLimit {
        /// The option.
        name: &'static str,
    },
}

impl Error {
    /// The message in one language.
    pub fn text(&self, locale: Locale) -> String {
        self.localized().get(locale).to_owned()
    }

    /// The message in both languages.
    pub fn localized(&self) -> Localized {
        let (zh, en) = match self {
            Self::NoInput => (
                "没有输入：请给出文件、文件夹或通配符，或用 '-' 表示标准输入".to_owned(),
                "no input: name files, folders or globs, or '-' for standard input".to_owned(),
            ),
            Self::Unreadable { file, message } => (
                format!("无法读取 '{file}'：{message}；请检查路径和文件是否完整"),
                format!("cannot read '{file}': {message}; check the path and that the file is whole"),
            ),
            Self::NothingFound { pattern } => (
                format!("'{pattern}' 下没有商品或评价文件；请写明文件名，或检查通配符"),
                format!("no file with listings or reviews under '{pattern}'; name the files, or check the pattern"),
            ),
            Self::NotRecords { file, reason } => {
                let reason = reason.text();
                (
                    format!(
                        "'{file}' 不是商品或评价数据：{}；请去掉它，或用 --kind 和 --map 字段=表头 说明",
                        reason.zh
                    ),
                    format!(
                        "'{file}' holds no listings or reviews: {}; leave it out, or say what it is with --kind and \
                         --map FIELD=HEADER",
                        reason.en
                    ),
                )
            }
            Self::BadMap { text } => (
                format!("'{text}' 不是列映射：应写作 字段=表头，例如 title=商品名称"),
                format!("'{text}' is no column map: write FIELD=HEADER, as in title=商品名称"),
            ),
            Self::UnknownField { field } => {
                let fields = all_fields();
                (
                    format!("没有名为 '{field}' 的字段；可用字段：{fields}"),
                    format!("no record has a field '{field}'; the fields are {fields}"),
                )
            }
            Self::UnknownHeader { field, header, columns } => {
                let columns = columns.join(", ");
                (
                    format!("所有输入都没有列 '{header}'（用于 {field}）；现有列：{columns}"),
                    format!("no input has a column '{header}' (for {field}); the columns are {columns}"),
                )
            }
            Self::StdinTwice => (
                "标准输入（'-'）只能给出一次".to_owned(),
                "standard input ('-') is named twice; name it once".to_owned(),
            ),
            Self::ZeroLimit { name } => {
                (format!("上限 {name} 不能为 0"), format!("the limit {name} is 0; give at least 1"))
            }
        };
        Localized { zh, en }
    }
}

fn all_fields() -> String {
    let mut fields: Vec<&str> = Vec::new();
    for kind in [RecordKind::Listing, RecordKind::Review] {
        for column in columns_of(kind) {
            if !fields.contains(&column.name) {
                fields.push(column.name);
            }
        }
    }
    fields.join(", ")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.localized().en)
    }
}

impl std::error::Error for Error {}

impl From<Error> for Localized {
    fn from(error: Error) -> Self {
        error.localized()
    }
}
