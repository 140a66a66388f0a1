//! The privacy.
