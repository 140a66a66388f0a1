//! Personal data: found, replaced by tokens, committed to, sealed, and looked for once more in everything that leaves.
//!
//! What must stay true: spans lie on character boundaries and do not overlap; the same value gets the same token throughout a case; a redacted
//! text redacted again stays as it is; a copy that lost something says so.

mod cells;
mod commit;
mod field;
mod find;
mod json;
mod key;
mod kind;
mod known;
mod leak;
mod page;
pub mod picture;
mod profile;
mod redact;
#[cfg(feature = "seal")]
mod seal;
mod tables;
mod token;

pub(crate) use cells::cells_kinds;
pub use commit::{Opening, OpeningError, Redaction, verify_opening};
pub use field::{FieldKind, field_kind};
pub use find::{Context, Span, check, find};
pub(crate) use json::is_digest;
pub use key::CaseKey;
pub use kind::Kind;
pub use known::Known;
pub use leak::{Encoding, Leak, LeakScanner, leaks};
pub use profile::Profile;
pub use redact::{Redacted, Redactor, Source};
#[cfg(feature = "seal")]
pub use seal::{Identity, Recipient, SealError, seal, unseal};
pub use token::Language;
