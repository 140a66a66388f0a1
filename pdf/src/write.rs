//! From pages to the bytes of a PDF/A-2b.

use krilla::annotation::{LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::{Metadata, TextDirection};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document as Pdf, SerializeSettings};

use crate::date;
use crate::document::Document;
use crate::error::Error;
use crate::font::Fonts;
use crate::layout::Laid;
use crate::page::{Area, Entry, Op, Page, Spot, Text};
use crate::picture::Pictures;
use crate::text::{self, Cell};
use crate::theme::{self, Ink};

/// PDF limits strings to 32,767 bytes, and no reader shows so long a title.
const LONGEST_TITLE: usize = 300;
/// How dark the stamp across the page is.
const STAMP_OPACITY: f32 = 0.10;

/// Writes the pages.
pub fn write(document: &Document, laid: &Laid, fonts: &Fonts, pictures: &Pictures) -> Result<Vec<u8>, Error> {
    let refused = |detail: String| Error::Pdf { detail };
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_B)
        .finish()
        .map_err(|error| refused(format!("{error:?}")))?;
    let mut pdf = Pdf::new_with(SerializeSettings { configuration, enable_tagging: false, ..Default::default() });
    pdf.set_metadata(metadata(document)?);
    for page in &laid.pages {
        let settings = PageSettings::from_wh(theme::PAGE.0, theme::PAGE.1).expect("invariant: A4 has an area");
        let mut out = pdf.start_page_with(settings);
        let mut surface = out.surface();
        draw(&mut surface, page, fonts, pictures);
        across(&mut surface, &laid.stamp, fonts);
        surface.finish();
        for link in &page.links {
            if let (Some(spot), Some(rect)) = (laid.exhibits.get(&link.exhibit), rect(link.at)) {
                out.add_annotation(LinkAnnotation::new(rect, Target::Destination(destination(*spot).into())).into());
            }
        }
        out.finish();
    }
    pdf.set_outline(outline(&laid.outline));
    pdf.finish().map_err(|error| refused(format!("{error}: {error:?}")))
}

fn metadata(document: &Document) -> Result<Metadata, Error> {
    let lang = if document.lang.is_empty() { "und" } else { &document.lang };
    Ok(Metadata::new()
        .title(plain(&document.title))
        .description(plain(&document.case_id))
        .language(plain(lang))
        .creator(concat!("huoyan-pdf ", env!("CARGO_PKG_VERSION")).to_owned())
        .producer("huoyan-pdf".to_owned())
        .creation_date(date::parse(&document.made_at)?)
        .document_id(plain(&document.case_id))
        .text_direction(TextDirection::LeftToRight))
}

/// A text for the metadata: short, and without what XML forbids.
fn plain(text: &str) -> String {
    let plain = |ch: char| if ch.is_control() || matches!(ch, '\u{FFFE}' | '\u{FFFF}') { ' ' } else { ch };
    text.chars().take(LONGEST_TITLE).map(plain).collect()
}

fn draw(surface: &mut Surface, page: &Page, fonts: &Fonts, pictures: &Pictures) {
    for op in &page.ops {
        match op {
            Op::Fill { at, ink } => {
                let mut path = PathBuilder::new();
                if let Some(rect) = rect(*at) {
                    path.push_rect(rect);
                }
                if let Some(path) = path.finish() {
                    surface.set_fill(Some(fill(*ink, 1.0)));
                    surface.draw_path(&path);
                }
            }
            Op::Text(text) => draw_text(surface, text, fonts, 1.0),
            Op::Picture { at, index } => {
                if let Some(size) = Size::from_wh(at.w, at.h) {
                    surface.push_transform(&Transform::from_translate(at.x, at.y));
                    surface.draw_image(pictures.image(*index), size);
                    surface.pop();
                }
            }
        }
    }
}

/// Draws a line of text, one run for each stretch of one face and colour.
fn draw_text(surface: &mut Surface, text: &Text, fonts: &Fonts, opacity: f32) {
    let mut x = text.x;
    for run in text.cells.chunk_by(|a, b| a.face == b.face && a.ink == b.ink) {
        let mut words = String::new();
        let mut glyphs = Vec::with_capacity(run.len());
        let mut advanced = 0.0;
        for cell in run {
            let start = words.len();
            words.push(cell.ch);
            let advance = cell.width + text.spread / text.size;
            glyphs.push(KrillaGlyph::new(GlyphId::new(cell.id), advance, 0.0, 0.0, 0.0, start..words.len(), None));
            advanced += advance * text.size;
        }
        surface.set_fill(Some(fill(run[0].ink, opacity)));
        let font = fonts.font(usize::from(run[0].face));
        surface.draw_glyphs(Point::from_xy(x, text.baseline), &glyphs, font, &words, text.size, false);
        x += advanced;
    }
}

/// The stamp across the page, pale enough to read the text below it.
fn across(surface: &mut Surface, stamp: &[Cell], fonts: &Fonts) {
    if stamp.is_empty() {
        return;
    }
    let width = text::width(stamp);
    let size = (430.0 / width).min(110.0);
    let (middle_x, middle_y) = (theme::PAGE.0 / 2.0, theme::PAGE.1 / 2.0);
    surface.push_transform(&Transform::from_rotate_at(-38.0, middle_x, middle_y));
    let line = Text {
        x: middle_x - width * size / 2.0,
        baseline: middle_y + 0.35 * size,
        size,
        spread: 0.0,
        cells: stamp.to_vec(),
        piece: 0,
    };
    draw_text(surface, &line, fonts, STAMP_OPACITY);
    surface.pop();
}

/// The outline as a tree: a heading belongs to the nearest higher one before it.
fn outline(entries: &[Entry]) -> Outline {
    let mut outline = Outline::new();
    let mut open: Vec<(u8, OutlineNode)> = Vec::new();
    for entry in entries {
        while open.last().is_some_and(|(level, _)| *level >= entry.level) {
            close(&mut open, &mut outline);
        }
        let node = OutlineNode::new(plain(&entry.text), destination(entry.spot)).with_open(true);
        open.push((entry.level, node));
    }
    while !open.is_empty() {
        close(&mut open, &mut outline);
    }
    outline
}

fn close(open: &mut Vec<(u8, OutlineNode)>, outline: &mut Outline) {
    let Some((_, node)) = open.pop() else { return };
    match open.last_mut() {
        Some((_, parent)) => parent.push_child(node),
        None => outline.push_child(node),
    }
}

fn destination(spot: Spot) -> XyzDestination {
    XyzDestination::new(spot.page, Point::from_xy(0.0, (spot.y - 8.0).max(0.0)))
}

fn fill(ink: Ink, opacity: f32) -> Fill {
    let (red, green, blue) = ink.rgb();
    let opacity = NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE);
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity, rule: Default::default() }
}

fn rect(at: Area) -> Option<Rect> {
    Rect::from_xywh(at.x, at.y, at.w, at.h)
}
