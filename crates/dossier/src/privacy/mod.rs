//! Personal data: found, replaced by tokens, committed to, sealed, and looked for once more in everything that leaves.
//!
//! What must stay true: spans lie on character boundaries and do not overlap; the same value gets the same token throughout a case; a redacted
//! text redacted again stays as it is; a copy that lost something says so.

mod commit;
mod field;
mod find;
mod key;
mod kind;
mod known;
mod page;
mod profile;
mod redact;
mod tables;
mod token;

pub use commit::{Opening, OpeningError, Redaction, verify_opening};
pub use field::{FieldKind, field_kind};
pub use find::{Context, Span, check, find};
pub use kind::Kind;
pub use key::CaseKey;
pub use known::Known;
pub use profile::Profile;
pub use redact::{Redacted, Redactor, Source};
pub use token::Language;
