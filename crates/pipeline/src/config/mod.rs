//! The configuration: what `huoyan.toml`, a profile and the command line ask for, merged into one [`Config`].
//!
//! Four layers, each overriding the one before key by key: built-in defaults, the profile, the file, the command line.
//! Where every value came from is kept, so that `huoyan config show --origin` can say it. What must stay true: an
//! unknown key is an error that names file, line and the likely key (a misspelt setting must not be a silent one); the
//! committed schema is generated from these types; nothing here reads the environment or the clock.

mod amounts;
mod date;
mod edit;
mod error;
mod limits;
mod load;
mod profiles;
mod schema;
mod settings;
mod show;

use huoyan_model::Localized;

pub use amounts::{MemoryLimit, TimeLimit};
pub use date::Date;
pub use edit::{Added, add_suppression};
pub use error::ConfigError;
pub(crate) use error::not_a_fingerprint;
pub use limits::{BadRows, FailOn};
pub use load::{Loaded, Origin, Request, find, load};
pub use profiles::profiles;
pub use schema::schema;
pub use settings::{Allow, Cap, Config, Inputs, Isolate, Plugins, PolicyConfig, RuleConfig, Suppression, VerdictMap};

/// `; did you mean …`, or nothing when no known name is close.
pub fn suggest(name: &str, known: &[&str]) -> Localized {
    error::closest(name, known).map_or_else(Localized::default, |candidate| {
        Localized::new(format!("；是否想写 '{candidate}'？"), format!("; did you mean '{candidate}'?"))
    })
}
