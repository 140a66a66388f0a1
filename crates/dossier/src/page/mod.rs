//! What people read: the cover, the statement, the timeline and the list of exhibits, as blocks that each output lays out its own way.

mod compose;
pub mod html;

pub use compose::{Composed, Material, compose};
use serde::{Deserialize, Serialize};

/// A document of the dossier. Its text is plain: an output escapes it, and nothing in it is ever markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// `zh-CN` or `en`.
    pub lang: String,
    /// The case.
    pub case_id: String,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// Stamped on every page when something is missing: `未完整`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stamp: String,
    /// On every page, beside its number.
    pub footer: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "block", deny_unknown_fields)]
pub enum Block {
    /// A heading, of level 1 to 3.
    Heading {
        /// 1 to 3.
        level: u8,
        /// What it says.
        text: String,
    },
    /// A paragraph.
    Paragraph {
        /// What it says.
        text: String,
    },
    /// What is asked for: the largest text of the cover.
    Ask {
        /// What stands above it: `诉求`.
        label: String,
        /// What is asked for.
        text: String,
    },
    /// Numbered facts, each with the exhibits that show it, as `E01`.
    Facts {
        /// The facts, in order.
        items: Vec<Cited>,
    },
    /// Names with values, two columns.
    Pairs {
        /// Name and value.
        items: Vec<(String, String)>,
    },
    /// A table.
    Table {
        /// What stands above it; may be empty.
        caption: String,
        /// The names of the columns, said again on every page.
        head: Vec<String>,
        /// The columns' widths, as parts of the whole; as many as columns.
        widths: Vec<u16>,
        /// The columns, from 0, that are set in a fixed width and may break anywhere: digests, numbers.
        #[serde(default)]
        code: Vec<usize>,
        /// The rows, each with as many cells as columns.
        rows: Vec<Vec<String>>,
    },
    /// Pictures side by side, two at most in a row.
    Pictures {
        /// The pictures, in order.
        items: Vec<Figure>,
    },
    /// A notice: `info`, `missing` or `warning`.
    Notice {
        /// `info`, `missing` or `warning`.
        tone: String,
        /// What it says.
        text: String,
    },
    /// The next block begins a page.
    PageBreak,
}

impl Document {
    /// Every text that it shows, with its place as a JSON pointer. What tells the form, files and digests are none.
    pub fn each_text(&mut self, mut show: impl FnMut(&str, &mut String)) {
        show("/title", &mut self.title);
        show("/stamp", &mut self.stamp);
        show("/footer", &mut self.footer);
        for (n, block) in self.blocks.iter_mut().enumerate() {
            block.each_text(&mut |field, text| show(&format!("/blocks/{n}/{field}"), text));
        }
    }
}

impl Block {
    fn each_text(&mut self, show: &mut dyn FnMut(&str, &mut String)) {
        match self {
            Self::Heading { text, .. } | Self::Paragraph { text } | Self::Notice { text, .. } => show("text", text),
            Self::Ask { label, text } => {
                show("label", label);
                show("text", text);
            }
            Self::Facts { items } => {
                for (n, fact) in items.iter_mut().enumerate() {
                    show(&format!("items/{n}/text"), &mut fact.text);
                }
            }
            Self::Pairs { items } => {
                for (n, (name, value)) in items.iter_mut().enumerate() {
                    show(&format!("items/{n}/0"), name);
                    show(&format!("items/{n}/1"), value);
                }
            }
            Self::Table { caption, head, rows, .. } => {
                show("caption", caption);
                for (column, name) in head.iter_mut().enumerate() {
                    show(&format!("head/{column}"), name);
                }
                for (row, cells) in rows.iter_mut().enumerate() {
                    for (column, cell) in cells.iter_mut().enumerate() {
                        show(&format!("rows/{row}/{column}"), cell);
                    }
                }
            }
            Self::Pictures { items } => {
                for (n, figure) in items.iter_mut().enumerate() {
                    show(&format!("items/{n}/caption"), &mut figure.caption);
                }
            }
            Self::PageBreak => {}
        }
    }
}

/// A sentence with its exhibits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// The sentence.
    pub text: String,
    /// The exhibits that show it, as `E01`.
    pub exhibits: Vec<String>,
}

/// A picture with its caption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What it shows, and whether it is a copy.
    pub caption: String,
    /// The file, a path within the bundle's `data/`; the exhibit, as `E03`, until a bundle has a copy of it.
    pub file: String,
    /// SHA-256 of the file, hexadecimal; of the original until a bundle has a copy of it.
    pub sha256: String,
}
