//! A user's own model as one more way to come upon a reference. The model is made here, byte by byte: means of 8 x 8 squares.
#![cfg(feature = "onnx")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use huoyan_sdk::{CreateContext, Detector, Resource};
use huoyan_vision::embed::{Input, Model, similarity};
use huoyan_vision::proof::Reference;
use huoyan_vision::{Suspect, gallery};
use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use image_counterfeit::ImageCounterfeit;
use image_counterfeit::picture::{Offer, PictureFile};

/// The wire format of protocol buffers, as far as a model needs it.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    fn message(self, field: u64, message: Message) -> Self {
        self.bytes(field, &message.0)
    }
}

/// A name with a shape of 32-bit floats (ValueInfoProto).
fn value(name: &str, shape: &[u64]) -> Message {
    let dims = shape.iter().fold(Message::default(), |all, &n| all.message(1, Message::default().number(1, n)));
    let tensor = Message::default().number(1, 1).message(2, dims);
    Message::default().bytes(1, name.as_bytes()).message(2, Message::default().message(1, tensor))
}

fn node(kind: &str, input: &str, output: &str) -> Message {
    Message::default().bytes(1, input.as_bytes()).bytes(2, output.as_bytes()).bytes(4, kind.as_bytes())
}

/// Means of 8 x 8 squares of a picture of 64 x 64, as a vector of 192.
fn model() -> Vec<u8> {
    let eights = |name: &str| {
        let attribute = Message::default().bytes(1, name.as_bytes()).number(20, 7);
        attribute.number(8, 8).number(8, 8)
    };
    let pool = node("AveragePool", "picture", "means").message(5, eights("kernel_shape")).message(5, eights("strides"));
    let graph = Message::default()
        .message(1, pool)
        .message(1, node("Flatten", "means", "point"))
        .bytes(2, b"squares")
        .message(11, value("picture", &[1, 3, 64, 64]))
        .message(12, value("point", &[1, 192]));
    Message::default().number(1, 8).message(7, graph).message(8, Message::default().number(2, 13)).0
}

/// A picture of soft blots; `seed` tells which.
fn blots(seed: u32, light: u8) -> GrayImage {
    GrayImage::from_fn(256, 256, |x, y| {
        let (x, y) = (x as f32 / 256.0, y as f32 / 256.0);
        let s = seed as f32;
        let wave =
            ((7.0 + s) * x + 3.0 * s).sin() + ((5.0 + 2.0 * s) * y + s).cos() + (9.0 * (x - y) * (1.0 + s)).sin();
        Luma([(128.0 + 30.0 * wave) as u8 / 2 + light])
    })
}

fn png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(picture.clone()).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn leak(bytes: Vec<u8>) -> Resource {
    Resource::from_static(Box::leak(bytes.into_boxed_slice()))
}

fn create(config: &str, with_model: Option<Vec<u8>>) -> Result<ImageCounterfeit, String> {
    let folder = tempfile::tempdir().unwrap();
    for seed in 1..=3 {
        std::fs::write(folder.path().join(format!("p{seed}.png")), png(&blots(seed, 40))).unwrap();
    }
    let out = folder.path().join("g");
    gallery::build(folder.path(), &out, &gallery::Options::default(), |path: &Path| std::fs::read(path)).unwrap();
    let mut resources: Vec<(&'static str, Resource)> = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = format!("gallery/0/{}", entry.file_name().to_string_lossy());
            (&*Box::leak(name.into_boxed_str()), leak(std::fs::read(entry.path()).unwrap()))
        })
        .collect();
    resources.extend(with_model.map(|bytes| ("model", leak(bytes))));
    ImageCounterfeit::create(&CreateContext::new("image-counterfeit", config, resources)).map_err(|e| e.to_string())
}

fn config(near: f64) -> String {
    format!(r#"{{"embedding":{{"digest":"{}","near":{near},"mean":[0.5,0.5,0.5]}}}}"#, blake3::hash(&model()).to_hex())
}

#[test]
fn a_model_tells_likeness() {
    let model = Model::load(&model(), Input { mean: [0.5; 3], ..Input::default() }).unwrap();
    let point = |picture: &GrayImage| {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        model.embed(Reference { width, height, pixels: picture.as_raw() }).unwrap()
    };
    let (one, same, other) =
        (point(&blots(1, 60)), point(&image::imageops::thumbnail(&blots(1, 60), 90, 70)), point(&blots(2, 60)));
    assert_eq!(one.len(), 192);
    assert!((similarity(&one, &one) - 1.0).abs() < 1e-5);
    assert!(similarity(&one, &same) > 0.98, "{}", similarity(&one, &same));
    assert!(similarity(&one, &other) < similarity(&one, &same) - 0.1, "{}", similarity(&one, &other));
}

#[test]
fn a_likeness_is_put_to_the_proof_and_without_one_is_no_finding() {
    let detector = create(&config(0.9), Some(model())).unwrap();
    let file = PictureFile::new(Some("a.png"), b"bytes");
    let offer = Offer { shop: Some("S9"), file: Some(&file), ..Offer::default() };
    let told = |picture: &GrayImage| {
        let suspect = Suspect::decode(&png(picture), &Default::default()).unwrap();
        detector.match_picture(&suspect, &offer)
    };
    let copied = told(&blots(2, 40)).unwrap().found.unwrap();
    let evidence: serde_json::Value = serde_json::from_str(&copied.evidence.finish()).unwrap();
    assert_eq!((copied.rule, evidence["gallery_item"].as_str()), ("IC001", Some("p2")));
    assert!(evidence["likeness"].as_f64().unwrap() > 0.99, "{evidence}");
    // Squares of the same mean, and nothing of the picture in them.
    let from = blots(2, 40);
    let squares = GrayImage::from_fn(256, 256, |x, y| {
        let own = (x / 32 * 32 + 16, y / 32 * 32 + 16);
        let shade = i32::from(from.get_pixel(own.0, own.1).0[0]) + if (x / 3 + y / 5) % 2 == 0 { 25 } else { -25 };
        Luma([shade.clamp(0, 255) as u8])
    });
    let likeness = told(&squares).expect("the model holds them for like");
    assert_eq!(likeness.found, None);
    assert!(likeness.said.similar.unwrap() >= 0.9 && likeness.said.copy.is_none());
}

#[test]
fn a_model_that_cannot_be_used_is_refused_with_its_reason() {
    for (config, bytes, why) in [
        (config(0.9), None, "needs both"),
        ("{}".to_owned(), Some(model()), "needs both"),
        (config(0.9), Some(b"no model".to_vec()), "has the digest"),
        (
            format!(r#"{{"embedding":{{"digest":"{}"}}}}"#, blake3::hash(b"no model").to_hex()),
            Some(b"no model".to_vec()),
            "the model cannot be used",
        ),
    ] {
        let error = create(&config, bytes).err().unwrap();
        assert!(error.contains(why), "{error}");
    }
}
