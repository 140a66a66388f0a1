//! Pictures: what is missing, broken or changed is refused by name; what is whole is drawn upright.
#![allow(clippy::unwrap_used, reason = "only tests call the helpers")]

mod common;

use std::fs;
use std::path::Path;

use common::{document, sample};
use huoyan_pdf::document::{Block, Document, Figure};
use huoyan_pdf::error::{Error, Lang};
use huoyan_pdf::font::Choice;
use huoyan_pdf::page::{Area, Op};
use huoyan_pdf::{Options, Rendered};
use image::{DynamicImage, ImageFormat, RgbImage};
use sha2::{Digest, Sha256};

fn figure(folder: &Path, file: &str) -> Figure {
    let bytes = fs::read(folder.join(file)).unwrap_or_default();
    let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Figure { caption: file.into(), file: file.into(), sha256 }
}

fn showing(items: Vec<Figure>) -> Document {
    document(vec![Block::Pictures { items }])
}

fn render(document: &Document, folder: &Path) -> Result<Rendered, Error> {
    huoyan_pdf::render(document, &Options { files: folder, fonts: Choice::default(), max_pages: 100 })
}

fn picture(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90])))
}

fn areas(rendered: &Rendered) -> Vec<Area> {
    let ops = rendered.laid.pages.iter().flat_map(|page| &page.ops);
    ops.filter_map(|op| if let Op::Picture { at, .. } = op { Some(*at) } else { None }).collect()
}

#[test]
fn every_format_is_drawn_and_two_stand_in_a_row() {
    let folder = tempfile::tempdir().unwrap();
    for (name, format) in [("a.png", ImageFormat::Png), ("b.jpg", ImageFormat::Jpeg), ("c.webp", ImageFormat::WebP)] {
        picture(400, 300).save_with_format(folder.path().join(name), format).unwrap();
    }
    DynamicImage::ImageLumaA16(picture(40, 30).to_luma_alpha16()).save(folder.path().join("d.png")).unwrap();
    let items = ["a.png", "b.jpg", "c.webp", "d.png"].map(|name| figure(folder.path(), name)).to_vec();
    let areas = areas(&render(&showing(items), folder.path()).unwrap());
    assert_eq!(areas.len(), 4);
    assert_eq!(areas[0].y, areas[1].y);
    assert!(areas[1].x > areas[0].x + areas[0].w && areas[2].y > areas[0].y + areas[0].h);
}

#[test]
fn a_missing_picture_is_named_with_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let error = render(&showing(vec![figure(folder.path(), "E09/缺.png")]), folder.path()).unwrap_err();
    assert_eq!(error.code(), "picture_missing");
    assert!(error.message(Lang::Zh).contains("E09/缺.png") && error.message(Lang::En).contains("--files"));
}

#[test]
fn a_broken_picture_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    picture(64, 64).save(folder.path().join("whole.png")).unwrap();
    let whole = fs::read(folder.path().join("whole.png")).unwrap();
    fs::write(folder.path().join("half.png"), &whole[..whole.len() / 2]).unwrap();
    fs::write(folder.path().join("none.jpg"), b"").unwrap();
    fs::write(folder.path().join("page.png"), b"<html>").unwrap();
    for name in ["half.png", "none.jpg", "page.png"] {
        let error = render(&showing(vec![figure(folder.path(), name)]), folder.path()).unwrap_err();
        assert_eq!(error.code(), "picture_broken", "{name}");
    }
}

#[test]
fn bytes_flipped_in_a_picture_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = common::Dice(3);
    for name in ["a.png", "a.jpg", "a.webp"] {
        let path = folder.path().join(name);
        picture(32, 32).save(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for _ in 0..60 {
            let mut bytes = whole.clone();
            bytes[dice.below(whole.len())] ^= 1 << dice.below(8);
            fs::write(&path, bytes).unwrap();
            if let Err(error) = render(&showing(vec![figure(folder.path(), name)]), folder.path()) {
                assert_eq!(error.code(), "picture_broken");
            }
        }
    }
}

#[test]
fn a_changed_picture_is_refused() {
    let mut document = sample("case.zh.json");
    for block in &mut document.blocks {
        if let Block::Pictures { items } = block {
            items[1].sha256 = "0".repeat(64);
        }
    }
    let error = render(&document, &common::samples().join("files")).unwrap_err();
    assert_eq!(error.code(), "picture_changed");
}

#[test]
fn paths_out_of_the_folder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["../secret.png", "/etc/hostname", "", "a/../../b.png", "."] {
        let item = Figure { caption: String::new(), file: path.into(), sha256: String::new() };
        let error = render(&showing(vec![item]), folder.path()).unwrap_err();
        assert_eq!(error.code(), "picture_path", "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_refused() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    picture(8, 8).save(other.path().join("a.png")).unwrap();
    std::os::unix::fs::symlink(other.path().join("a.png"), folder.path().join("a.png")).unwrap();
    let error = render(&showing(vec![figure(folder.path(), "a.png")]), folder.path()).unwrap_err();
    assert_eq!(error.code(), "picture_path");
}

#[test]
fn a_photograph_stands_upright_as_its_camera_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    picture(400, 200).save(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // An EXIF segment that says: turn by 90 degrees.
    let exif = b"\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    bytes.splice(2..2, exif.iter().copied());
    fs::write(&path, bytes).unwrap();
    let areas = areas(&render(&showing(vec![figure(folder.path(), "a.jpg")]), folder.path()).unwrap());
    assert!(areas[0].h > areas[0].w, "{areas:?}");
}

#[test]
fn a_caption_longer_than_a_page_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    picture(40, 400).save(folder.path().join("a.png")).unwrap();
    let mut items = vec![figure(folder.path(), "a.png"), figure(folder.path(), "a.png")];
    items[0].caption = "E01 很长的说明，".repeat(800);
    let rendered = render(&showing(items), folder.path()).unwrap();
    assert!(rendered.laid.pages.len() > 2);
}
