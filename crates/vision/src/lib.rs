//! Finds a brand's own pictures however they were edited: bounded decoding, perceptual hashes, local features with
//! geometric and pixel-level proof, and galleries of reference pictures.

pub mod decode;
pub mod edit;
#[cfg(feature = "onnx")]
pub mod embed;
mod error;
pub mod gallery;
pub mod geometry;
pub mod hamming;
pub mod judge;
pub mod local;
mod luma;
pub mod pdq;
pub mod proof;
pub mod qr;
pub mod search;
mod simd;
mod suspect;
pub mod verify;

pub use decode::{Limits, decode};
pub use error::PictureError;
pub use luma::Luma;
pub use suspect::Suspect;
