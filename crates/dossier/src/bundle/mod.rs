//! The appeal bundle: exhibits and their manifests, signed, in files that a third person can verify with stock tools.
//!
//! A bundle is one or several *parts*. Each part is a BagIt 1.0 bag in a ZIP file that unzips to one folder; its tag manifest lists
//! every other tag file, the payload manifests among them, and is signed with an ed25519 key (OpenSSH's SSHSIG, namespace
//! `appeal-bundle`). [`build`] writes bundles, [`verify`] judges them, [`bag`] judges any bag by the letter of BagIt alone.
//!
//! What must stay true:
//!
//! * *Closed world.* Each file of a part is in a manifest or is one of the few names under `signatures/`; nothing else may be there.
//! * *One shape.* The ZIP is stored, sorted and dated 1980, so that it follows from its files alone; the reader accepts no other
//!   shape. A flipped bit anywhere is either a changed file or a changed shape, and both are refused. Nothing is ever unpacked, so no
//!   archive can be larger than it looks.
//! * *Nothing half.* A bundle appears by one rename, after all of it is on the disk.
//! * *No more than is proven.* An intact bundle says that nothing changed since it was signed, not that its content is true.

pub mod bag;
mod build;
pub mod custody;
mod digest;
mod environment;
mod error;
mod info;
mod key;
mod limits;
pub mod mail;
mod manifest;
mod names;
mod parts;
mod path;
mod payload;
pub(crate) mod publish;
mod report;
mod split;
mod sshsig;
pub mod timestamp;
mod verify;
mod verify_md;
mod zip;

pub(crate) use build::build_with;
pub use build::{Part, build};
pub use digest::Sha256;
pub(crate) use digest::{Hashing, hex};
pub use environment::{Component, Environment, RunHeader};
pub use error::BundleError;
pub use info::BundleInfo;
pub use key::{NAMESPACE, PublicKey, SigningKey};
pub use limits::Limits;
pub use path::{BagPath, PathFault};
pub use payload::{Payload, Placement, Source};
pub use report::{Code, Kind, PartReport, Problem, Report, Stamp, Verdict};
pub use timestamp::attach;
pub use verify::{Check, CheckedPart, Trust, verify, verify_archives, verify_with};
