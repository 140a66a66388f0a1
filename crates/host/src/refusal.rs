//! A sink that takes no more, on purpose: what a plugin meets when a run is being stopped or a limit is hit.

use huoyan_abi::Status;

/// When the sink refuses, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// So many calls are taken before.
    pub after: u64,
    /// It answers `HY_CANCELLED` instead of `HY_LIMIT`.
    pub cancelled: bool,
}

/// A refusal and how far it has come.
pub(crate) struct Refusing {
    refusal: Refusal,
    taken: u64,
    refused: u64,
}

impl Refusing {
    pub(crate) fn new(refusal: Refusal) -> Self {
        Self { refusal, taken: 0, refused: 0 }
    }

    /// The answer to one call, where it is not to be taken.
    pub(crate) fn answer(&mut self) -> Option<Status> {
        if self.taken < self.refusal.after {
            self.taken += 1;
            return None;
        }
        self.refused += 1;
        Some(if self.refusal.cancelled { Status::CANCELLED } else { Status::LIMIT })
    }

    pub(crate) fn spoke_after(&self) -> u64 {
        self.refused.saturating_sub(1)
    }
}
