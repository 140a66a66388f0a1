//! The galleries' own pictures, shown in the HTML report beside what they were matched with.

use std::path::PathBuf;
use std::sync::Arc;

use huoyan_host::ResourceData;
use huoyan_report::{GreyPicture, References};
use huoyan_vision::gallery::Gallery;

use crate::plugins::{Failure, failure};

/// Looks an item up in the galleries of the run, when a report asks for it.
pub(crate) fn references(galleries: &[PathBuf]) -> Result<Option<References>, Failure> {
    if galleries.is_empty() {
        return Ok(None);
    }
    let mut files = Vec::new();
    for path in galleries {
        let data = ResourceData::map("gallery", path).map_err(failure)?;
        Gallery::open(data.as_slice()).map_err(|e| failure(format!("{}: {e}", path.display())))?;
        files.push(data);
    }
    Ok(Some(Arc::new(move |item: &str, file: Option<&str>| {
        files.iter().find_map(|data| {
            let gallery = Gallery::open(data.as_slice()).ok()?;
            let named = |file: &str| gallery.pictures().find(|picture| picture.item == item && picture.file == file);
            let picture = match file {
                Some(file) => named(file)?,
                None => gallery.pictures().find(|picture| picture.item == item)?,
            };
            let proof = gallery.proof(&picture);
            Some(GreyPicture {
                width: u32::try_from(proof.width).ok()?,
                height: u32::try_from(proof.height).ok()?,
                pixels: proof.pixels.to_vec(),
            })
        })
    })))
}
