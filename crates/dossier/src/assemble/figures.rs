//! Pictures of a document laid out for the program that renders it, in a folder of its own that is thrown away.

use std::path::Path;

use super::documents::picture;
use super::{AssembleError, bag_path};
use crate::bundle::Payload;
use crate::page::{Block, Document};

/// The figures of a document as files: only copies that go out are among them.
pub(super) fn lay_out(document: &Document, payload: &[Payload], folder: &Path) -> Result<(), AssembleError> {
    std::fs::create_dir_all(folder).map_err(AssembleError::io(folder))?;
    let figures = document.blocks.iter().filter_map(|block| match block {
        Block::Pictures { items } => Some(items),
        _ => None,
    });
    for figure in figures.flatten() {
        let Some(bytes) = picture(payload, &figure.file) else { continue };
        let place = folder.join(bag_path(&figure.file).as_str());
        let parent = place.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(AssembleError::io(parent))?;
        std::fs::write(&place, bytes).map_err(AssembleError::io(&place))?;
    }
    Ok(())
}
