//! Commitments: what stood under a token can be shown later for one token alone.
//!
//! A commitment is SHA-256 over a salt of 32 bytes and the value as it stood. The salt comes from the case key, the place and the
//! value (HMAC), so it is never written down, never the same for two values, and whoever lacks the key cannot try values.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{CaseKey, Kind};
use crate::bundle::hex;

/// One line of `redactions.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// The exhibit or file.
    pub exhibit: String,
    /// The field in it: a JSON pointer, `row/column`, or empty for a whole text.
    pub field: String,
    /// What was there.
    pub kind: Kind,
    /// What stands there now.
    pub token: String,
    /// The token's bytes in the redacted field.
    pub range: Range<usize>,
    /// SHA-256 of salt and value, in hexadecimal.
    pub commitment: String,
}

/// What opens one commitment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The salt, in hexadecimal.
    pub salt: String,
    /// The value as it stood.
    pub value: String,
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opening(…)")
    }
}

/// Why an opening does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningError {
    /// The salt is not 32 bytes in hexadecimal.
    Salt,
    /// Salt and value give another commitment.
    Differs,
}

impl fmt::Display for OpeningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Salt => "the opening's salt is not 64 hexadecimal figures; ask for the opening again",
            Self::Differs => "the opening does not belong to this commitment; compare exhibit, field and range",
        })
    }
}

impl std::error::Error for OpeningError {}

fn commitment(salt: &[u8; 32], value: &str) -> String {
    hex(&Sha256::new().chain_update(salt).chain_update(value).finalize())
}

/// The salt and the commitment for a value at a place.
pub(crate) fn commit(key: &CaseKey, place: &Place<'_>, value: &str) -> (Opening, String) {
    let start = (place.start as u64).to_be_bytes();
    let parts: [&[u8]; 5] =
        [place.exhibit.as_bytes(), place.field.as_bytes(), &start, place.kind.id().as_bytes(), value.as_bytes()];
    let salt = key.derive("salt/1", &parts);
    (Opening { salt: hex(&salt), value: value.to_owned() }, commitment(&salt, value))
}

/// Where a value stands.
pub(crate) struct Place<'p> {
    pub(crate) exhibit: &'p str,
    pub(crate) field: &'p str,
    pub(crate) start: usize,
    pub(crate) kind: Kind,
}

/// Whether an opening belongs to a commitment.
///
/// # Errors
/// When the salt is not one, or the two give another commitment.
pub fn verify_opening(commitment: &str, opening: &Opening) -> Result<(), OpeningError> {
    let digits = opening.salt.as_bytes();
    if digits.len() != 64 {
        return Err(OpeningError::Salt);
    }
    let mut salt = [0; 32];
    for (slot, pair) in salt.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| OpeningError::Salt)?;
        *slot = u8::from_str_radix(pair, 16).map_err(|_| OpeningError::Salt)?;
    }
    if self::commitment(&salt, &opening.value) == commitment { Ok(()) } else { Err(OpeningError::Differs) }
}
