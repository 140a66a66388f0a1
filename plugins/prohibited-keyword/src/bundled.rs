//! The rule packs that this plugin carries.

use crate::Screen;
use crate::pack::{Contexts, Pack, PackError};

/// Resource name and content of each rule pack.
pub const PACKS: &[(&str, &str)] = &[
    ("rules/claims", include_str!("../rules/claims.toml")),
    ("rules/dangerous", include_str!("../rules/dangerous.toml")),
    ("rules/drugs", include_str!("../rules/drugs.toml")),
    ("rules/health", include_str!("../rules/health.toml")),
    ("rules/restricted", include_str!("../rules/restricted.toml")),
    ("rules/trust", include_str!("../rules/trust.toml")),
    ("rules/weapons", include_str!("../rules/weapons.toml")),
];

/// The contexts that the packs name.
pub const CONTEXTS: &str = include_str!("../contexts.toml");

/// The screen with the plugin's own packs.
///
/// # Errors
/// Only when a pack in this crate is broken, which its tests rule out.
pub fn bundled() -> Result<Screen, PackError> {
    let packs = PACKS.iter().map(|(name, toml)| Pack::parse(name, toml)).collect::<Result<Vec<_>, _>>()?;
    Screen::new(&packs, &Contexts::parse(CONTEXTS)?)
}
