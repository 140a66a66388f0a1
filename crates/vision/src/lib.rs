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

/// SHA-256 of a picture's file in hexadecimal digits, by which evidence names the very bytes that were judged.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
