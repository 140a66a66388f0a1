//! Finds, checks, loads and guards detector plugins.
//!
//! The way of a plugin: [`PluginFile::inspect`] reads what the file says of itself without running any of it, the host
//! decides whether it can serve such a plugin, [`PluginFile::load`] opens the library, [`Plugin::create`] makes a
//! detector, [`Detector::open`] a task, and [`Task::push`] judges a batch.
//!
//! What must stay true: everything that comes back is checked here and nowhere later, so the rest of huoyan may rely on
//! it; a plugin's misbehaviour is a [`Fault`] of that detector and never an end of the run; libraries are never unloaded.

mod collect;
mod detector;
mod discover;
mod error;
#[expect(unsafe_code, reason = "calls into foreign libraries and maps files")]
mod ffi;
mod file;
mod refusal;
mod resource;
mod rules;

pub use collect::{CheckedFinding, Limits, Output, Row};
pub use detector::{Cancel, Detector, Plugin, Task};
pub use discover::{Discovered, Search, discover};
pub use error::{Fault, HostError};
pub use file::PluginFile;
pub use refusal::Refusal;
pub use resource::{MappedFile, ResourceData};
pub use rules::{RulePackError, read_rule_pack};
