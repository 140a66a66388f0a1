//! One face: which glyph draws a character, and how wide it is.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::raw::FileRef;
use skrifa::string::StringId;
use skrifa::{FontRef, MetadataProvider};

use crate::error::Error;

/// The bytes of a font file, which several faces share.
#[derive(Clone)]
pub struct File {
    bytes: Arc<Vec<u8>>,
}

impl File {
    /// Reads a font file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes =
            std::fs::read(path).map_err(|error| Error::Read { path: path.into(), detail: error.to_string() })?;
        if FileRef::new(&bytes).is_err() {
            return Err(Error::FontBroken { path: path.into() });
        }
        Ok(Self { bytes: Arc::new(bytes) })
    }

    /// The face whose family name satisfies `wanted`.
    pub fn face(&self, wanted: impl Fn(&str) -> bool) -> Option<Face> {
        let index = FileRef::new(&self.bytes).ok()?.fonts().enumerate().find_map(|(index, font)| {
            let names = font.ok()?.localized_strings(StringId::FAMILY_NAME);
            names.map(|name| name.to_string()).any(|name| wanted(&name)).then_some(index as u32)
        })?;
        Face::new(self, index)
    }

    /// The first face.
    pub fn first(&self) -> Option<Face> {
        Face::new(self, 0)
    }
}

/// A glyph of a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// Its number in the face, never 0.
    pub id: u32,
    /// Its width in ems.
    pub width: f32,
}

/// One face of a font file.
pub struct Face {
    file: File,
    index: u32,
    known: HashMap<char, Option<Drawn>>,
    /// The face as the PDF writer takes it.
    pub font: Font,
}

impl Face {
    fn new(file: &File, index: u32) -> Option<Self> {
        let font = Font::new(file.bytes.clone().into(), index)?;
        Some(Self { file: file.clone(), index, known: HashMap::new(), font })
    }

    /// The glyph of a character, if the face has one.
    pub fn glyph(&mut self, ch: char) -> Option<Drawn> {
        if let Some(known) = self.known.get(&ch) {
            return *known;
        }
        let found = self.look_up(ch);
        self.known.insert(ch, found);
        found
    }

    fn look_up(&self, ch: char) -> Option<Drawn> {
        let font = FontRef::from_index(&self.file.bytes, self.index).ok()?;
        let id = font.charmap().map(ch).filter(|id| id.to_u32() != 0)?;
        let width = font.glyph_metrics(Size::new(1.0), LocationRef::default()).advance_width(id)?;
        Some(Drawn { id: id.to_u32(), width })
    }
}
