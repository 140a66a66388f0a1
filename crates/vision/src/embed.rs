//! A picture as a point in a space that a user's own ONNX model knows (a copy-detection network such as SSCD, say): one more way to come
//! upon a reference picture. It never judges: what it brings up is put to the same proof as any other candidate.
//!
//! Models see grey pictures in all of their channels, for grey is what galleries keep.

use std::fmt;
use std::io::Cursor;

use serde::{Deserialize, Serialize};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::{DimLike, Factoid};

use crate::Luma;
use crate::proof::Reference;

/// How a picture is handed to the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Side of the square the picture is stretched to, where the model does not say; 16 to 1024.
    #[serde(default = "side")]
    pub size: usize,
    /// Taken from each channel's values, which lie between 0 and 1.
    #[serde(default = "mean")]
    pub mean: [f32; 3],
    /// By which the rest is divided.
    #[serde(default = "deviation")]
    pub std: [f32; 3],
}

fn side() -> usize {
    224
}

/// Means and deviations of ImageNet, which most models expect (torchvision's documentation).
fn mean() -> [f32; 3] {
    [0.485, 0.456, 0.406]
}

fn deviation() -> [f32; 3] {
    [0.229, 0.224, 0.225]
}

impl Default for Input {
    fn default() -> Self {
        Self { size: side(), mean: mean(), std: deviation() }
    }
}

/// Why a model cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelError(String);

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the model cannot be used: {}", self.0)
    }
}

impl std::error::Error for ModelError {}

/// A model that turns pictures into points.
pub struct Model {
    plan: Arc<TypedRunnableModel>,
    input: Input,
    channels: usize,
    size: (usize, usize),
}

/// More values than this are no embedding.
const LONGEST: usize = 1 << 16;

impl Model {
    /// Reads a model that takes one picture (1 x 1 or 3 x height x width, 32-bit floats) and gives one vector, and tries it once.
    ///
    /// # Errors
    /// When it is no such model, or uses what the interpreter does not know.
    pub fn load(bytes: &[u8], input: Input) -> Result<Self, ModelError> {
        let fail = |e: TractError| ModelError(format!("{e:#}").chars().take(300).collect());
        if !(16..=1024).contains(&input.size) || input.std.iter().any(|&d| d <= 0.0 || !d.is_finite()) {
            return Err(ModelError("its input's size must be 16 to 1024, its std above 0".to_owned()));
        }
        let read = tract_onnx::onnx().model_for_read(&mut Cursor::new(bytes)).map_err(fail)?;
        let fact = read.input_fact(0).map_err(fail)?;
        let side =
            |axis: usize| fact.shape.dim(axis).and_then(|dim| dim.concretize()).and_then(|dim| dim.to_usize().ok());
        let channels = side(1).unwrap_or(3);
        let size = (side(2).unwrap_or(input.size), side(3).unwrap_or(input.size));
        if !matches!(channels, 1 | 3) || size.0.max(size.1) > 1024 || size.0.min(size.1) < 16 {
            return Err(ModelError(format!("its input is {channels} x {} x {}", size.0, size.1)));
        }
        let shape = [1, channels, size.0, size.1];
        let model = read.with_input_fact(0, f32::fact(shape).into()).map_err(fail)?;
        let plan = model.into_optimized().and_then(|model| model.into_runnable()).map_err(fail)?;
        let model = Self { plan, input, channels, size };
        model.try_embed(Reference { width: 1, height: 1, pixels: &[128] })?;
        Ok(model)
    }

    /// A picture's point, of length 1; `None` when the model gives none.
    pub fn embed(&self, picture: Reference<'_>) -> Option<Vec<f32>> {
        self.try_embed(picture).ok()
    }

    fn try_embed(&self, picture: Reference<'_>) -> Result<Vec<f32>, ModelError> {
        let fail = |e: TractError| ModelError(format!("{e:#}").chars().take(300).collect());
        let (height, width) = self.size;
        let seen = stretched(picture, width, height);
        let mut values = Vec::with_capacity(self.channels * width * height);
        for channel in 0..self.channels {
            let (mean, deviation) = (self.input.mean[channel], self.input.std[channel]);
            values.extend(seen.data().iter().map(|&grey| (f32::from(grey) / 255.0 - mean) / deviation));
        }
        let tensor = Tensor::from_shape(&[1, self.channels, height, width], &values).map_err(fail)?;
        let outputs = self.plan.run(tvec!(tensor.into())).map_err(fail)?;
        let output = outputs.first().ok_or_else(|| ModelError("it gives nothing".to_owned()))?;
        let point: Vec<f32> = output.to_plain_array_view::<f32>().map_err(fail)?.iter().copied().collect();
        let length = point.iter().map(|v| v * v).sum::<f32>().sqrt();
        if point.is_empty() || point.len() > LONGEST || !length.is_finite() {
            return Err(ModelError(format!("it gives {} values of length {length}", point.len())));
        }
        // A picture of one grey may lie in the origin.
        Ok(point.into_iter().map(|v| v / length.max(f32::MIN_POSITIVE)).collect())
    }
}

/// How alike two points are: 1 for the same direction, 0 for none in common.
pub fn similarity(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The picture at a size, each pixel the mean of what it covers.
fn stretched(picture: Reference<'_>, width: usize, height: usize) -> Luma {
    let span = |i: usize, of: usize, from: usize| {
        let start = i * from / of;
        start..((i + 1) * from).div_ceil(of).clamp(start + 1, from.max(1))
    };
    let mut data = Vec::with_capacity(width * height);
    for y in 0..height {
        let rows = span(y, height, picture.height);
        for x in 0..width {
            let columns = span(x, width, picture.width);
            let mut sum = 0u32;
            for row in rows.clone() {
                sum +=
                    picture.pixels[row * picture.width..][columns.clone()].iter().map(|&v| u32::from(v)).sum::<u32>();
            }
            data.push((sum / (rows.len() * columns.len()) as u32) as u8);
        }
    }
    Luma::new(width, height, data)
}
