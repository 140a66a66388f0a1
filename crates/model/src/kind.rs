use std::fmt;

use serde::{Deserialize, Serialize};

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A product offered by a shop.
    Listing,
    /// What a buyer wrote about a listing.
    Review,
    /// One picture of a listing or of a review; the host makes these rows, no file holds them.
    Image,
}

impl RecordKind {
    /// Every kind, in the order used for output.
    pub const ALL: [Self; 3] = [Self::Listing, Self::Review, Self::Image];

    /// The name used in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Review => "review",
            Self::Image => "image",
        }
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
