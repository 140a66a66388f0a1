//! The name of a new plugin, and what follows from it.

use crate::plugins::{Failure, failure};

/// Names that a crate or its library cannot have, or that a plugin of huoyan has.
const TAKEN: &str = "abstract alloc as async await become box break const continue core crate do dyn else enum extern false final \
                     fn for gen if impl in let loop macro match mod move mut override priv proc-macro pub ref return self \
                     static std struct super test trait true try type typeof unsafe unsized use virtual where while yield \
                     build deps examples incremental huoyan huoyan-abi huoyan-sdk image-counterfeit misbehaving \
                     platform-mention prohibited-keyword review-malice serde-json";

/// Letters that the bundled plugins' rules begin with.
const LETTERS_TAKEN: [&str; 6] = ["EC", "IC", "MB", "PK", "PM", "RM"];

/// A checked name: lower-case letters and digits in parts joined by hyphens.
pub(super) struct Name(String);

impl Name {
    pub(super) fn parse(name: &str) -> Result<Self, Failure> {
        let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if name.len() > 64 || !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.split('-').all(part) {
            return Err(failure((
                format!("名称 '{name}' 须为至多 64 个小写字母与数字，以字母开头，词间用一个连字符，如 loud-title"),
                format!(
                    "the name '{name}' must be at most 64 lower-case letters and digits, a letter first, words joined by one \
                     hyphen, as in loud-title"
                ),
            )));
        }
        if TAKEN.split_ascii_whitespace().any(|taken| taken == name) {
            return Err(failure((
                format!("名称 '{name}' 已被 Rust 或 huoyan 占用；请换一个，如 my-{name}"),
                format!("the name '{name}' is taken by Rust or by huoyan; take another, such as my-{name}"),
            )));
        }
        Ok(Self(name.to_owned()))
    }

    /// As given: `loud-title`.
    pub(super) fn kebab(&self) -> &str {
        &self.0
    }

    /// The library: `loud_title`.
    pub(super) fn snake(&self) -> String {
        self.0.replace('-', "_")
    }

    /// The detector's type, `LoudTitle`; `LoudTitlePlugin` where the code uses that word already.
    pub(super) fn type_in(&self, code: &str) -> String {
        let camel = self.0.split('-').map(|part| part[..1].to_ascii_uppercase() + &part[1..]).collect::<String>();
        if code.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == camel) {
            camel + "Plugin"
        } else {
            camel
        }
    }

    /// The id of its first rule: two letters of the name, and a number.
    pub(super) fn rule(&self) -> String {
        let initials = self.0.split('-').filter_map(|part| part.chars().next()).filter(char::is_ascii_alphabetic);
        let mut letters: String = initials.take(2).collect();
        if letters.len() < 2 {
            letters = self.0.chars().filter(char::is_ascii_alphabetic).chain("x".chars()).take(2).collect();
        }
        letters.make_ascii_uppercase();
        if LETTERS_TAKEN.contains(&letters.as_str()) {
            letters.replace_range(1.., "X");
        }
        letters + "001"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case_and_free() {
        for good in ["a", "shouting", "loud-title", "v2-check", "a-1"] {
            assert!(Name::parse(good).is_ok(), "{good}");
        }
        let long = "a".repeat(65);
        for bad in
            ["", "-a", "a-", "a--b", "A", "a_b", "1a", "微信", "../x", "a b", "test", "huoyan-sdk", "async", &long]
        {
            assert!(Name::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_follows_from_a_name() {
        for (name, snake, camel, rule) in [
            ("shouting", "shouting", "Shouting", "SH001"),
            ("loud-title", "loud_title", "LoudTitle", "LT001"),
            ("v2-check", "v2_check", "V2Check", "VC001"),
            ("a", "a", "A", "AX001"),
            ("a-1b", "a_1b", "A1b", "AB001"),
            ("price-marks", "price_marks", "PriceMarks", "PX001"),
            ("rule", "rule", "RulePlugin", "RU001"),
        ] {
            let parsed = Name::parse(name).expect("a good name");
            let got = (parsed.snake(), parsed.type_in("use huoyan_sdk::{Rule, Score};"), parsed.rule());
            assert_eq!(got, (snake.to_owned(), camel.to_owned(), rule.to_owned()), "{name}");
        }
    }
}
