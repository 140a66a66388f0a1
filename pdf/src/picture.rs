//! The document's pictures: found in the folder, compared with their hashes, decoded once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use krilla::image::Image;
use sha2::{Digest, Sha256};

use crate::document::{Block, Document};
use crate::error::Error;

/// The largest file that is read.
const MOST_BYTES: u64 = 64 << 20;
/// The most memory that one decoded picture may take.
const MOST_PIXEL_BYTES: u64 = 512 << 20;
/// The longest side in pixels.
const LONGEST_SIDE: u32 = 30_000;

/// The pictures of a document, each file once.
#[derive(Default)]
pub struct Pictures {
    places: BTreeMap<String, usize>,
    loaded: Vec<Loaded>,
}

struct Loaded {
    image: Image,
    size: (u32, u32),
}

impl Pictures {
    /// Loads every picture that the document shows from `folder`.
    pub fn load(document: &Document, folder: &Path) -> Result<Self, Error> {
        let mut pictures = Self::default();
        let figures = document.blocks.iter().filter_map(|block| match block {
            Block::Pictures { items } => Some(items),
            _ => None,
        });
        for figure in figures.flatten() {
            let bytes = read(folder, &figure.file)?;
            let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            if !found.eq_ignore_ascii_case(&figure.sha256) {
                return Err(Error::PictureChanged {
                    file: figure.file.clone(),
                    expected: figure.sha256.clone(),
                    found,
                });
            }
            if !pictures.places.contains_key(&figure.file) {
                let loaded =
                    decode(bytes).map_err(|detail| Error::PictureBroken { file: figure.file.clone(), detail })?;
                pictures.places.insert(figure.file.clone(), pictures.loaded.len());
                pictures.loaded.push(loaded);
            }
        }
        Ok(pictures)
    }

    /// The place of a file among the pictures.
    pub fn index(&self, file: &str) -> usize {
        self.places[file]
    }

    /// Width and height in pixels, as the picture is seen.
    pub fn size(&self, file: &str) -> (u32, u32) {
        self.loaded[self.places[file]].size
    }

    /// The picture as the PDF writer takes it.
    pub fn image(&self, index: usize) -> Image {
        self.loaded[index].image.clone()
    }
}

/// The bytes of a file that truly lies in the folder.
fn read(folder: &Path, file: &str) -> Result<Vec<u8>, Error> {
    let missing = || Error::PictureMissing { file: file.to_owned(), folder: folder.to_owned() };
    let inside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
    if !inside || file.is_empty() {
        return Err(Error::PicturePath { file: file.to_owned() });
    }
    let root = folder.canonicalize().map_err(|_| missing())?;
    let path: PathBuf = root.join(file).canonicalize().map_err(|_| missing())?;
    // A symbolic link may not lead to a file that the caller did not put into the folder.
    if !path.starts_with(&root) {
        return Err(Error::PicturePath { file: file.to_owned() });
    }
    let failed = |error: std::io::Error| Error::Read { path: path.clone(), detail: error.to_string() };
    let mut bytes = Vec::new();
    File::open(&path).map_err(failed)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        let detail = format!("larger than {MOST_BYTES} bytes");
        return Err(Error::PictureBroken { file: file.to_owned(), detail });
    }
    Ok(bytes)
}

/// Decodes a picture, which proves that it is intact. A plain JPEG goes into the PDF byte for byte.
fn decode(bytes: Vec<u8>) -> Result<Loaded, String> {
    let mut reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    let format = reader.format();
    if !matches!(format, Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) {
        return Err("it is no JPEG, PNG or WebP".to_owned());
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_PIXEL_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let color = decoder.original_color_type();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    let plain = orientation == Orientation::NoTransforms
        && matches!(color, image::ExtendedColorType::Rgb8 | image::ExtendedColorType::L8);
    if format == Some(ImageFormat::Jpeg) && plain && matches!(picture.color(), ColorType::Rgb8 | ColorType::L8) {
        let size = (picture.width(), picture.height());
        return Ok(Loaded { image: Image::from_jpeg(bytes.into(), false)?, size });
    }
    picture.apply_orientation(orientation);
    let size = (picture.width(), picture.height());
    Ok(Loaded { image: Image::from_rgba8(picture.into_rgba8().into_raw(), size.0, size.1), size })
}
