use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Curve;

/// A model as it is written down, in TOML.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Where the curves come from.
    pub about: String,
    /// A family speaks from this sum of log-odds on.
    pub speaks_from: f64,
    /// The most one family can add.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub caps: BTreeMap<String, f64>,
    /// Every signal there is, by name.
    pub signals: BTreeMap<String, SignalEntry>,
    /// What signals are worth, for each kind of record that is judged by its own measure.
    pub sides: BTreeMap<String, Side>,
}

/// What is said of a signal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignalEntry {
    /// Its family: signals that would confirm each other merely by seeing the same thing.
    pub family: String,
    /// Which way it can speak.
    #[serde(default)]
    pub speaks: Speaks,
    /// Set by hand from general knowledge, and left as it is when only the structure of records is fitted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

/// Which way a signal can speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaks {
    /// Against the record: its curve never falls.
    #[default]
    Against,
    /// For the record: its curve never rises.
    For,
    /// Not of the record itself, only of the company it gives to others.
    Never,
}

/// What signals are worth for one kind of record.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// Log-odds when no signal speaks.
    pub base: f64,
    /// Log-odds from 0 up to here are in doubt: they are pressed together just under 0, in their order, so that few of the innocent
    /// reach one half. What is beyond keeps its score.
    #[serde(default)]
    pub caution: f64,
    /// The share of the innocent that may reach one half, of which `caution` is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_at_most: Option<f64>,
    /// So many independent families must speak before a score can reach one half; 0 or 1 asks for none.
    #[serde(default)]
    pub families: usize,
    /// Log-odds added in a stratum (of records that are compared with each other only), by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub strata: BTreeMap<String, f64>,
    /// Caps of this side, instead of the common ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub caps: BTreeMap<String, f64>,
    /// Curves by the signal's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub curves: BTreeMap<String, Curve>,
    /// Log-odds of a record of which no signal speaks, when it is looked at as another's company.
    #[serde(default)]
    pub company_base: f64,
    /// Curves of what a record's own signals say of it, when it is looked at as another's company.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub company: BTreeMap<String, Curve>,
}
