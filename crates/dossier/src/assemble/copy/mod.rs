//! What goes out of an exhibit: a copy that says that it is one.

mod decode;
mod html;
mod kinds;
mod mail;
mod making;
mod note;
mod once;
mod readable;
mod table;
mod workbook;

use std::path::{Path, PathBuf};

use huoyan_model::Localized;

pub(super) use self::kinds::kind_name;
use self::making::Making;
pub use self::note::{CopyFile, CopyNote, Treatment};
pub(super) use self::readable::{Readable, readable};
use super::{AssembleError, originals};
use crate::bundle::{BagPath, Sha256};
use crate::case::Exhibit;
use crate::privacy::{Redaction, Redactor, Source};

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
        left_out: Vec::new(),
    };
    if as_is {
        // It is compared with its digest when it is put into the bundle.
        return making.untouched(folder, Treatment::AsIs);
    }
    match readable(exhibit, folder)? {
        Readable::Tables(tables) => making.tables(tables, folder, redactor),
        Readable::Json(values, text) => making.json(values, &text, folder, redactor),
        Readable::Text(text) => making.text(&text, folder, redactor),
        Readable::Transcript(told) => Ok(making.transcript(told, redactor)),
        Readable::Picture => making.picture(folder),
        Readable::Opaque => {
            originals::compare(exhibit, folder)?;
            Ok(making.withheld(None))
        }
        Readable::Unfit(why) => Ok(making.withheld(Some(why))),
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
        // Two inputs of one name stay two.
        let alike = |n: usize| if n == 1 { name.clone() } else { format!("{name} ({n})") };
        let mut own = (1..).map(alike).filter(|name| !inputs.contains_key(name));
        let own = own.next().unwrap_or_default();
        inputs.insert(own, digest);
    }
    moved
}
