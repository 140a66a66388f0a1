//! Finds, checks, loads and guards detector plugins.
//!
//! The way of a plugin: [`PluginImage::read`] copies the file to where it no longer changes, [`PluginFile::inspect`] reads what the copy says of
//! itself without running any of it, the host decides whether it can serve such a plugin, [`discover`] whether `plugins.lock` trusts it,
//! [`PluginFile::load`] opens the copy, [`Plugin::create`] makes a detector, [`Detector::open`] a task, and [`Task::push`] judges a batch.
//!
//! What must stay true: everything that comes back is checked here and nowhere later, so the rest of huoyan may rely on
//! it; a plugin's misbehaviour is a [`Fault`] of that detector and never an end of the run; libraries are never unloaded.

#[cfg(unix)]
pub mod child;
mod collect;
mod detector;
mod discover;
mod error;
#[expect(unsafe_code, reason = "calls into foreign libraries and maps files")]
mod ffi;
mod file;
mod image;
mod lock;
mod output;
mod place;
mod record;
mod refusal;
mod resource;
mod rules;
mod settings;
mod shell;

#[cfg(unix)]
pub use child::Gap;
pub use collect::Limits;
pub use detector::{Cancel, Detector, Plugin, Task};
pub use discover::{Discovered, Refused, Search, discover};
pub use error::{CreateError, Fault, HostError};
pub use ffi::tell_of_exits;
pub use file::{PluginFile, Trust, look_into};
pub use huoyan_model::Isolation;
pub use image::PluginImage;
pub use lock::{LOCK_FILE, Lock, LockEntry, LockError, Standing};
pub use output::{CheckedFinding, Output, Row};
pub use record::Record;
pub use refusal::Refusal;
pub use resource::{MappedFile, ResourceData};
pub use rules::{RulePackError, read_rule_pack};
pub use settings::ChildSettings;
pub use shell::quoted;
