//! Pictures on the page: small copies, decoded within bounds and encoded anew, so that no byte of a seller's file
//! reaches the reader's browser.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageReader, Limits, Rgb, RgbImage};
use serde_json::{Map, Value};

use super::overlay::{Aligned, corners_of, outline};
use crate::{GreyPicture, References};

/// The longer side of a small copy, in pixels.
const SIDE: u32 = 320;
/// The largest file opened.
const FILE_BYTES: u64 = 24 << 20;
/// The longest side decoded, in pixels.
const SOURCE_SIDE: u32 = 12_000;
/// The memory a decoder may take.
const DECODE_BYTES: u64 = 256 << 20;
/// The largest reference picture taken from evidence, as base64 text.
const REFERENCE_TEXT: usize = 192 << 10;
/// The most pictures on a page. At about 15 KB each the page stays under 10 MB.
const PICTURES: usize = 500;

/// Why a picture is not on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The page holds as many pictures as it may.
    Limit,
    /// It cannot be read or decoded within bounds.
    Unreadable,
}

/// The pictures of a page; each is held once however many findings show it.
pub(super) struct Pictures {
    references: Option<References>,
    by_item: BTreeMap<(String, Option<String>), Option<usize>>,
    uris: Vec<String>,
    by_path: BTreeMap<String, Result<usize, Missing>>,
    by_uri: BTreeMap<String, usize>,
}

impl Pictures {
    pub(super) fn new(references: Option<References>) -> Self {
        Self {
            references,
            by_item: BTreeMap::new(),
            uris: Vec::new(),
            by_path: BTreeMap::new(),
            by_uri: BTreeMap::new(),
        }
    }

    /// The index of the reference picture of a gallery item.
    pub(super) fn gallery_item(&mut self, name: &str, file: Option<&str>) -> Option<usize> {
        let key = (name.to_owned(), file.map(str::to_owned));
        if let Some(known) = self.by_item.get(&key) {
            return *known;
        }
        if self.uris.len() >= PICTURES {
            return None;
        }
        let found = self.reference_of(name, file).and_then(|grey| jpeg(&DynamicImage::ImageLuma8(grey)));
        let index = found.map(|uri| self.add(uri));
        self.by_item.insert(key, index);
        index
    }

    /// The indices of a suspect picture with the reference's outline in it, and of both laid over each other.
    pub(super) fn aligned(
        &mut self,
        path: &str,
        map: &Aligned,
        name: &str,
        file: Option<&str>,
    ) -> Option<(usize, Option<usize>)> {
        if self.uris.len() + 2 > PICTURES {
            return None;
        }
        let small = read(Path::new(path)).and_then(|bytes| decoded(&bytes))?;
        let reference = self.reference_of(name, file);
        let mut outlined = small.clone();
        map.outline(&mut outlined);
        let outlined = jpeg(&DynamicImage::ImageRgb8(outlined)).map(|uri| self.add(uri))?;
        let laid = reference.and_then(|grey| jpeg(&DynamicImage::ImageRgb8(map.overlay(&small, &grey))));
        Some((outlined, laid.map(|uri| self.add(uri))))
    }

    /// The index of a suspect picture with a line around what was found in it.
    pub(super) fn outlined(&mut self, path: &str, corners: &[(f32, f32); 4]) -> Option<usize> {
        if self.uris.len() >= PICTURES {
            return None;
        }
        let mut small = read(Path::new(path)).and_then(|bytes| decoded(&bytes))?;
        outline(corners, &mut small);
        jpeg(&DynamicImage::ImageRgb8(small)).map(|uri| self.add(uri))
    }

    fn reference_of(&self, name: &str, file: Option<&str>) -> Option<GrayImage> {
        self.references.as_ref().and_then(|find| find(name, file)).and_then(grey)
    }

    /// The index of the small copy of a picture file.
    pub(super) fn file(&mut self, path: &str) -> Result<usize, Missing> {
        if let Some(known) = self.by_path.get(path) {
            return *known;
        }
        if self.uris.len() >= PICTURES {
            return Err(Missing::Limit);
        }
        let result = read(Path::new(path)).and_then(|bytes| thumbnail(&bytes)).map(|uri| self.add(uri));
        let result = result.ok_or(Missing::Unreadable);
        self.by_path.insert(path.to_owned(), result);
        result
    }

    /// The index of the small copy of a reference picture that evidence carries as a data URI or as base64.
    pub(super) fn reference(&mut self, text: &str) -> Option<usize> {
        if text.len() > REFERENCE_TEXT || self.uris.len() >= PICTURES {
            return None;
        }
        let base64 = if text.starts_with("data:") { text.split_once(";base64,")?.1 } else { text };
        let bytes = STANDARD.decode(base64).ok()?;
        thumbnail(&bytes).map(|uri| self.add(uri))
    }

    pub(super) fn into_uris(self) -> Vec<String> {
        self.uris
    }

    fn add(&mut self, uri: String) -> usize {
        if let Some(index) = self.by_uri.get(&uri) {
            return *index;
        }
        let index = self.uris.len();
        self.by_uri.insert(uri.clone(), index);
        self.uris.push(uri);
        index
    }
}

fn grey(picture: GreyPicture) -> Option<GrayImage> {
    let image = GrayImage::from_raw(picture.width, picture.height, picture.pixels)?;
    (image.width() > 0 && image.height() > 0).then_some(image)
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    // A named pipe would block for ever.
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= FILE_BYTES).then_some(bytes)
}

fn thumbnail(bytes: &[u8]) -> Option<String> {
    decoded(bytes).and_then(|small| jpeg(&DynamicImage::ImageRgb8(small)))
}

/// A small copy, without transparency.
fn decoded(bytes: &[u8]) -> Option<RgbImage> {
    shrunk(bytes, SIDE)
}

/// A copy whose longer side is at most `side`, without transparency.
fn shrunk(bytes: &[u8], side: u32) -> Option<RgbImage> {
    // Decoders are fuzzed but not proven; a panic in one costs a picture, never the report.
    catch_unwind(AssertUnwindSafe(|| small(bytes, side))).ok().flatten()
}

fn small(bytes: &[u8], side: u32) -> Option<RgbImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SOURCE_SIDE);
    limits.max_image_height = Some(SOURCE_SIDE);
    limits.max_alloc = Some(DECODE_BYTES);
    reader.limits(limits);
    let image = reader.decode().ok()?;
    Some(on_white(scaled(&image, side).as_ref().unwrap_or(&image)))
}

fn scaled(image: &DynamicImage, side: u32) -> Option<DynamicImage> {
    (image.width().max(image.height()) > side).then(|| image.thumbnail(side, side))
}

fn jpeg(image: &DynamicImage) -> Option<String> {
    let thumbnail = scaled(image, SIDE);
    let jpeg = encoded(&on_white(thumbnail.as_ref().unwrap_or(image)), 82)?;
    Some(format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)))
}

fn encoded(image: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(image).ok()?;
    Some(jpeg)
}

/// The longer side of the pictures of [`drawn_evidence`], in pixels.
const DRAWN_SIDE: u32 = 1600;

/// What a finding about a picture rests on, drawn for people, as JPEG files: `outlined.jpg`, what was found marked in a copy of the
/// suspect picture; `reference.jpg`, the gallery's own grey copy of the reference; `laid.jpg`, both laid over each other in squares. What
/// the evidence does not tell is left out; nothing comes of a suspect picture that cannot be decoded.
pub fn drawn_evidence(
    suspect: &[u8],
    reference: Option<GreyPicture>,
    evidence: &Map<String, Value>,
) -> Vec<(&'static str, Vec<u8>)> {
    let Some(suspect) = shrunk(suspect, DRAWN_SIDE) else { return Vec::new() };
    let map = Aligned::of(evidence);
    let mut marked = suspect.clone();
    let corners = corners_of(evidence);
    match (&map, &corners) {
        (Some(map), _) => map.outline(&mut marked),
        (None, Some(corners)) => outline(corners, &mut marked),
        (None, None) => {}
    }
    let reference = reference.and_then(grey);
    let laid = map.zip(reference.as_ref()).map(|(map, reference)| map.overlay(&suspect, reference));
    let marked = (map.is_some() || corners.is_some()).then_some(marked);
    let reference = reference.map(|grey| DynamicImage::ImageLuma8(grey).into_rgb8());
    [("outlined.jpg", marked), ("reference.jpg", reference), ("laid.jpg", laid)]
        .into_iter()
        .filter_map(|(name, picture)| Some((name, encoded(&picture?, 88)?)))
        .collect()
}

/// JPEG has no transparency: what shines through is white, as in a shop.
fn on_white(image: &DynamicImage) -> RgbImage {
    let rgba = image.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0;
        let over =
            |c: u8| u8::try_from((u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a))) / 255).unwrap_or(255);
        Rgb([over(r), over(g), over(b)])
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_picture_is_small_and_held_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.png");
        RgbImage::from_pixel(900, 450, Rgb([200, 30, 30])).save(&path).unwrap();
        let mut pictures = Pictures::new(None);
        let path = path.to_str().unwrap();
        assert_eq!(pictures.file(path), Ok(0));
        assert_eq!(pictures.file(path), Ok(0));
        let uris = pictures.into_uris();
        let jpeg = STANDARD.decode(uris[0].strip_prefix("data:image/jpeg;base64,").unwrap()).unwrap();
        let small = image::load_from_memory(&jpeg).unwrap();
        assert_eq!((small.width(), small.height()), (320, 160));
    }

    #[test]
    fn a_gallery_item_is_looked_up_once() {
        let grey = GreyPicture { width: 2, height: 2, pixels: vec![0, 64, 128, 255] };
        let broken = GreyPicture { width: 2, height: 2, pixels: vec![0] };
        let find: References = Arc::new(move |name, _| match name {
            "cup" => Some(grey.clone()),
            "broken" => Some(broken.clone()),
            _ => None,
        });
        let mut pictures = Pictures::new(Some(find));
        assert_eq!(
            ["cup", "cup", "broken", "other"].map(|name| pictures.gallery_item(name, None)),
            [Some(0), Some(0), None, None]
        );
    }

    #[test]
    fn what_is_no_picture_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.png");
        std::fs::write(&path, "<svg onload=alert(1)>").unwrap();
        let mut pictures = Pictures::new(None);
        assert_eq!(pictures.file(path.to_str().unwrap()), Err(Missing::Unreadable));
        assert_eq!(pictures.file(folder.path().to_str().unwrap()), Err(Missing::Unreadable));
        assert_eq!(pictures.reference("data:text/html;base64,PHNjcmlwdD4="), None);
        assert_eq!(pictures.reference("javascript:alert(1)"), None);
    }
}
