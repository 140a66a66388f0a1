//! The faces that a document is set in, and what happens to a character that none of them has.
//!
//! A character is never dropped in silence: it is drawn by the family, else by a fallback, else as □ and counted in the
//! report. PDF/A forbids the glyph `.notdef`, so the □ is the family's own U+25A1.

mod face;
mod hidden;
mod places;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use face::{Drawn, Face, File};
pub use hidden::{Why, needs_shaping};
use serde::Serialize;

use crate::error::{Error, Lang};

/// What stands for a character that cannot be drawn.
pub const REPLACEMENT: char = '□';

/// Which of the family's faces a text is set in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Running text.
    Regular,
    /// Headings and names.
    Bold,
    /// Hashes and identifiers: fixed width.
    Code,
}

/// A character as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyph {
    /// What a reader of the PDF's text finds: the character, or □.
    pub shown: char,
    /// The face, an index into the set.
    pub face: usize,
    /// The glyph's number in the face.
    pub id: u32,
    /// The width in ems.
    pub width: f32,
}

/// A character that is not drawn as itself, one JSON line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replaced {
    /// The code point, as `U+1F44D`.
    pub char: String,
    /// How often it occurs.
    pub count: usize,
    /// What stands in its place: `□`, or nothing for a mark that only styles its neighbour.
    pub shown: &'static str,
    /// Why.
    pub why: Why,
}

/// Where the fonts come from.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The regular face's file; `None` looks in the well-known places.
    pub regular: Option<PathBuf>,
    /// The bold face's file; `None` takes the bold of the same place, else the regular one.
    pub bold: Option<PathBuf>,
}

/// The faces of a document and the report of what they lack.
pub struct Fonts {
    faces: Vec<Face>,
    bold: usize,
    code: usize,
    latin: [Option<usize>; 2],
    fallbacks: Vec<Option<usize>>,
    tried: usize,
    replaced: BTreeMap<(char, Why), usize>,
}

impl Fonts {
    /// Opens the chosen fonts, or those of the system.
    pub fn open(choice: &Choice, lang: Lang) -> Result<Self, Error> {
        let (regular, bold) = match (&choice.regular, &choice.bold) {
            (Some(regular), bold) => (regular.clone(), bold.clone().unwrap_or_else(|| regular.clone())),
            (None, bold) => {
                let (regular, found) = places::installed().ok_or(Error::FontMissing)?;
                (regular, bold.clone().unwrap_or(found))
            }
        };
        Self::from_files(&regular, &bold, lang)
    }

    fn from_files(regular: &Path, bold: &Path, lang: Lang) -> Result<Self, Error> {
        let broken = |path: &Path| Error::FontBroken { path: path.into() };
        let file = File::read(regular)?;
        let mut faces = vec![main_face(&file).ok_or_else(|| broken(regular))?];
        let mut add = |face: Face| {
            faces.push(face);
            faces.len() - 1
        };
        let code = file.face(|name| name.contains("Mono CJK SC")).map_or(0, &mut add);
        // Simplified Chinese faces draw curly quotes as wide as a character, which tears an English sentence apart.
        let is_latin = |name: &str| name.ends_with("CJK KR") && !name.contains("Mono");
        let wanted = lang == Lang::En;
        let latin_regular = file.face(is_latin).filter(|_| wanted).map(&mut add);
        let (bold, latin_bold) = if bold == regular {
            (0, latin_regular)
        } else {
            let file = File::read(bold)?;
            let bold = add(main_face(&file).ok_or_else(|| broken(bold))?);
            (bold, file.face(is_latin).filter(|_| wanted).map(&mut add))
        };
        let mut fonts = Self {
            faces,
            bold,
            code,
            latin: [latin_regular, latin_bold],
            fallbacks: Vec::new(),
            tried: 0,
            replaced: BTreeMap::new(),
        };
        if fonts.faces[0].glyph('量').is_none() || fonts.faces[0].glyph(REPLACEMENT).is_none() {
            return Err(Error::FontMissing);
        }
        fonts.replaced.clear();
        Ok(fonts)
    }

    /// The face as the PDF writer takes it.
    pub fn font(&self, face: usize) -> krilla::text::Font {
        self.faces[face].font.clone()
    }

    /// How a character is drawn; `None` for a mark that only styles its neighbour, which the report lists.
    pub fn glyph(&mut self, ch: char, weight: Weight) -> Option<Glyph> {
        match hidden::why(ch) {
            Some(Why::Style) => {
                self.count(ch, Why::Style);
                None
            }
            Some(why) => Some(self.replacement(ch, weight, why)),
            None => Some(self.visible(ch, weight)),
        }
    }

    /// What is not drawn as itself, by code point.
    pub fn report(&self) -> Vec<Replaced> {
        let line = |(&(ch, why), &count): (&(char, Why), &usize)| Replaced {
            char: format!("U+{:04X}", ch as u32),
            count,
            shown: if why == Why::Style { "" } else { "□" },
            why,
        };
        self.replaced.iter().map(line).collect()
    }

    fn visible(&mut self, ch: char, weight: Weight) -> Glyph {
        let first = self.first_choice(ch, weight);
        for face in [first, 0] {
            if let Some(drawn) = self.faces[face].glyph(ch) {
                return glyph(ch, face, drawn);
            }
        }
        if ch.is_whitespace() {
            return Glyph { shown: ' ', ..self.visible(' ', weight) };
        }
        for next in 0..places::FALLBACKS.len() {
            if let Some(face) = self.fallback(next)
                && let Some(drawn) = self.faces[face].glyph(ch)
            {
                return glyph(ch, face, drawn);
            }
        }
        self.replacement(ch, weight, Why::NoGlyph)
    }

    fn first_choice(&self, ch: char, weight: Weight) -> usize {
        let latin = matches!(ch, '‘' | '’' | '“' | '”' | '…' | '—' | '–' | '·');
        match weight {
            Weight::Code => self.code,
            Weight::Regular if latin => self.latin[0].unwrap_or(0),
            Weight::Bold if latin => self.latin[1].unwrap_or(self.bold),
            Weight::Regular => 0,
            Weight::Bold => self.bold,
        }
    }

    /// The nth fallback, opened when it is first needed.
    fn fallback(&mut self, nth: usize) -> Option<usize> {
        while self.tried <= nth {
            let face = File::read(Path::new(places::FALLBACKS[self.tried])).ok().and_then(|file| main_face(&file));
            let index = face.map(|face| {
                self.faces.push(face);
                self.faces.len() - 1
            });
            self.fallbacks.push(index);
            self.tried += 1;
        }
        self.fallbacks[nth]
    }

    fn replacement(&mut self, ch: char, weight: Weight, why: Why) -> Glyph {
        self.count(ch, why);
        let face = self.first_choice(REPLACEMENT, weight);
        for face in [face, 0] {
            if let Some(drawn) = self.faces[face].glyph(REPLACEMENT) {
                return glyph(REPLACEMENT, face, drawn);
            }
        }
        unreachable!("invariant: `open` refuses a family without the replacement");
    }

    fn count(&mut self, ch: char, why: Why) {
        *self.replaced.entry((ch, why)).or_default() += 1;
    }
}

/// The Simplified Chinese face of a collection, else its first.
fn main_face(file: &File) -> Option<Face> {
    file.face(|name| name.ends_with("CJK SC") && !name.contains("Mono")).or_else(|| file.first())
}

fn glyph(shown: char, face: usize, drawn: Drawn) -> Glyph {
    Glyph { shown, face, id: drawn.id, width: drawn.width }
}
