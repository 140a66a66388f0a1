//! Rule ids and scores, checked where they are made.

use core::fmt;

use crate::Error;

/// The id of a rule: two upper-case letters and three digits, as in `SH001`.
///
/// A rule that the code names is a constant, and a malformed id does not compile:
///
/// ```
/// use huoyan_sdk::Rule;
/// const SHOUTING: Rule = Rule::new("SH001");
/// assert_eq!(SHOUTING.id(), "SH001");
/// ```
///
/// ```compile_fail
/// const WRONG: huoyan_sdk::Rule = huoyan_sdk::Rule::new("SHOUT");
/// ```
///
/// Ids that a rule pack brings at run time are made with [`Rule::parse`], or handed over as text: then a malformed id panics in a
/// debug build, and the host, like the test kit, refuses any id that neither the manifest nor a rule pack declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule<'a>(&'a str);

impl<'a> Rule<'a> {
    /// The rule with that id, for constants.
    ///
    /// # Panics
    /// When the id is not two upper-case letters and three digits; in a constant that is an error of compilation.
    pub const fn new(id: &'a str) -> Self {
        assert!(well_formed(id.as_bytes()), "a rule id is two upper-case letters and three digits, as in SH001");
        Self(id)
    }

    /// The rule with an id out of a rule pack that the host has read, so it is looked at while the detector is being written only.
    #[track_caller]
    fn declared(id: &'a str) -> Self {
        debug_assert!(
            well_formed(id.as_bytes()),
            "rule id '{id}' must be two upper-case letters and three digits, as in SH001"
        );
        Self(id)
    }

    /// The rule with that id.
    ///
    /// # Errors
    /// When the id is not two upper-case letters and three digits.
    pub fn parse(id: &'a str) -> Result<Self, Error> {
        if well_formed(id.as_bytes()) {
            Ok(Self(id))
        } else {
            Err(Error::config(format!("rule id '{id}' must be two upper-case letters and three digits, as in SH001")))
        }
    }

    /// The id.
    pub const fn id(self) -> &'a str {
        self.0
    }
}

const fn well_formed(id: &[u8]) -> bool {
    id.len() == 5
        && id[0].is_ascii_uppercase()
        && id[1].is_ascii_uppercase()
        && id[2].is_ascii_digit()
        && id[3].is_ascii_digit()
        && id[4].is_ascii_digit()
}

impl fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// An id out of a rule pack that the host has read; a malformed one panics in a debug build.
impl<'a> From<&'a str> for Rule<'a> {
    #[track_caller]
    fn from(id: &'a str) -> Self {
        Self::declared(id)
    }
}

/// As for `&str`.
impl<'a> From<&'a String> for Rule<'a> {
    #[track_caller]
    fn from(id: &'a String) -> Self {
        Self::declared(id)
    }
}

/// How sure a detector is, a number from 0 to 1; from 0.5 up it stands by the finding.
///
/// It says how likely the finding is right, not how bad that would be: severity is policy, and stands in the rule pack.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Score(f64);

impl Score {
    /// The score, for constants.
    ///
    /// # Panics
    /// When it is not from 0 to 1; in a constant that is an error of compilation.
    pub const fn new(score: f64) -> Self {
        assert!(score >= 0.0 && score <= 1.0, "a score is a number from 0 to 1");
        Self(score)
    }

    /// The nearest score: what is below 0 becomes 0, what is above 1 becomes 1, and what is not a number becomes 0, since a
    /// detector cannot stand by what it could not compute.
    pub fn clamped(score: f64) -> Self {
        Self(if score.is_nan() { 0.0 } else { score.clamp(0.0, 1.0) })
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// As [`Score::clamped`].
impl From<f64> for Score {
    fn from(score: f64) -> Self {
        Self::clamped(score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_two_letters_and_three_digits() {
        assert_eq!(Rule::parse("PK001").map(Rule::id), Ok("PK001"));
        for id in ["", "PK01", "pk001", "PK0011", "P0001", "PK00A", "微01"] {
            assert!(Rule::parse(id).is_err(), "{id}");
        }
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "rule id 'SHOUT' must be two upper-case letters and three digits")]
    fn a_malformed_id_handed_over_as_text_is_told_while_the_detector_is_written() {
        let _ = Rule::from("SHOUT");
    }

    #[test]
    fn a_score_is_never_outside_its_range() {
        for (given, kept) in
            [(0.3, 0.3), (-0.1, 0.0), (1.5, 1.0), (f64::NAN, 0.0), (f64::INFINITY, 1.0), (f64::NEG_INFINITY, 0.0)]
        {
            assert_eq!(Score::from(given).get(), kept, "{given}");
        }
    }
}
