use std::fmt;

use huoyan_model::Localized;

/// Why a table of packages or targets cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableError {
    /// Not TOML, or not in the form of the table.
    Form {
        /// What the reader said, with the line.
        detail: String,
    },
    /// Something written twice.
    Twice {
        /// Its id.
        id: String,
    },
    /// A name that stands for nothing in the table.
    Unknown {
        /// Where it is named.
        at: String,
        /// What it should be: `item`, `source`, `fact` …
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Something that needs at least one entry and has none.
    Empty {
        /// Where.
        at: String,
        /// What is missing.
        what: &'static str,
    },
}

impl TableError {
    /// The same in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::Form { detail } => {
                Localized::new(format!("数据表格式有误：{detail}"), format!("the table has no valid form: {detail}"))
            }
            Self::Twice { id } => {
                Localized::new(format!("“{id}”出现两次；请改名"), format!("'{id}' is written twice; rename one"))
            }
            Self::Unknown { at, what, name } => Localized::new(
                format!("“{at}”引用了不存在的 {what}“{name}”；请补上或改正"),
                format!("'{at}' names the {what} '{name}', which is not there; add it or correct the name"),
            ),
            Self::Empty { at, what } => {
                Localized::new(format!("“{at}”缺少 {what}；请补上"), format!("'{at}' has no {what}; add one"))
            }
        }
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

impl std::error::Error for TableError {}
