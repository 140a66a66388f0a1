//! The galleries' own pictures, shown in the HTML report beside what they were matched with.

use std::path::PathBuf;
use std::sync::Arc;

use huoyan_report::{GreyPicture, References};

use crate::gallery::open;
use crate::plugins::Failure;

/// Looks an item up in the galleries of the run, when a report asks for it.
pub(crate) fn references(galleries: &[PathBuf]) -> Result<Option<References>, Failure> {
    if galleries.is_empty() {
        return Ok(None);
    }
    let galleries = galleries.iter().map(|dir| open(dir)).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Arc::new(move |item: &str, file: Option<&str>| {
        galleries.iter().find_map(|gallery| {
            let number = match file {
                Some(file) => gallery.number(file)?,
                None => gallery.pictures().find(|(_, picture)| picture.item == item)?.0,
            };
            gallery.picture(number).filter(|picture| picture.item == item)?;
            let proof = gallery.proof(number)?;
            Some(GreyPicture {
                width: u32::try_from(proof.width).ok()?,
                height: u32::try_from(proof.height).ok()?,
                pixels: proof.pixels.to_vec(),
            })
        })
    })))
}
