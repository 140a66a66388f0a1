//! `brands.toml`: who may sell a brand, and what it costs.
//!
//! ```toml
//! [[brand]]
//! name = "NORDA"                     # as the brand writes it
//! aliases = ["诺尔达"]                # other spellings that are the brand's own
//!
//! [[brand.shop]]                     # shops that may sell it
//! id = "S1001"
//! from = "2024-03-01"                # first and last day, both optional
//! until = "2027-12-31"
//!
//! [[brand.item]]                     # what it sells; `item` is the item of gallery.csv
//! item = "norda-cup-01"
//! category = "家居/杯具"
//! list_price = 139.0                 # in the currency of the listings
//! ```
//!
//! Unknown keys are refused: a misspelt `untill` would silently authorise a shop for ever.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::fold::folded;

/// The brands, in the order of the file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brands {
    #[serde(default, rename = "brand")]
    brands: Vec<Brand>,
}

/// One brand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// As the brand writes it.
    pub name: String,
    /// Other spellings that are the brand's own.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Shops that may sell it.
    #[serde(default, rename = "shop")]
    pub shops: Vec<Shop>,
    /// What it sells.
    #[serde(default, rename = "item")]
    pub items: Vec<Item>,
}

/// A shop that may sell a brand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// The shop's id, as listings name it.
    pub id: String,
    /// First day, `YYYY-MM-DD`.
    #[serde(default)]
    pub from: Option<String>,
    /// Last day, `YYYY-MM-DD`.
    #[serde(default)]
    pub until: Option<String>,
}

/// What a brand sells.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The item, as the gallery names it.
    pub item: String,
    /// Its category, as listings name it.
    #[serde(default)]
    pub category: Option<String>,
    /// The brand's own price.
    #[serde(default)]
    pub list_price: Option<f64>,
}

impl Brands {
    /// Reads `brands.toml`.
    ///
    /// # Errors
    /// Says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let brands: Self = toml::from_str(text).map_err(|e| format!("brands.toml: {e}"))?;
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for brand in &brands.brands {
            for name in brand.names() {
                if folded(name).is_empty() {
                    return Err(format!("brands.toml: brand '{}' has an empty name or alias", brand.name));
                }
                if let Some(other) = names.insert(folded(name), &brand.name).filter(|other| *other != brand.name) {
                    return Err(format!("brands.toml: '{name}' names both '{other}' and '{}'", brand.name));
                }
            }
            for shop in &brand.shops {
                for (key, day) in [("from", &shop.from), ("until", &shop.until)] {
                    if day.as_deref().is_some_and(|d| day_number(d).is_none()) {
                        return Err(format!("brands.toml: {key} of shop '{}' is no date like 2026-01-31", shop.id));
                    }
                }
            }
            if let Some(item) = brand.items.iter().find(|i| i.list_price.is_some_and(|p| !(p > 0.0 && p.is_finite()))) {
                return Err(format!("brands.toml: list_price of '{}' must be above 0", item.item));
            }
        }
        Ok(brands)
    }

    /// All brands.
    pub fn all(&self) -> &[Brand] {
        &self.brands
    }

    /// The brand of that name or alias.
    pub fn named(&self, name: &str) -> Option<&Brand> {
        let wanted = folded(name);
        self.brands.iter().find(|brand| brand.names().any(|n| folded(n) == wanted))
    }

    /// The brand that sells an item of the gallery.
    pub fn selling(&self, item: &str) -> Option<&Brand> {
        self.brands.iter().find(|brand| brand.items.iter().any(|i| i.item == item))
    }
}

impl Brand {
    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Whether a shop may sell the brand at a time (Unix seconds). Without a time, having been allowed at any time is enough:
    /// a doubt is no suspicion.
    pub fn authorises(&self, shop: &str, at: Option<i64>) -> bool {
        let at = at.map(|seconds| seconds.div_euclid(86_400));
        self.shops.iter().filter(|s| s.id == shop).any(|s| {
            let day = |d: &Option<String>| d.as_deref().and_then(day_number);
            at.is_none_or(|at| day(&s.from).is_none_or(|d| d <= at) && day(&s.until).is_none_or(|d| at <= d))
        })
    }

    /// The brand's own price of an item; else the lowest in a category. No price of another category is ever used.
    pub fn price(&self, item: Option<&str>, category: Option<&str>) -> Option<f64> {
        let exact = self.items.iter().find(|i| Some(i.item.as_str()) == item).and_then(|i| i.list_price);
        let same = |i: &&Item| match (&i.category, category) {
            (Some(a), Some(b)) => folded(a) == folded(b),
            _ => false,
        };
        let lowest = || self.items.iter().filter(same).filter_map(|i| i.list_price).min_by(f64::total_cmp);
        exact.or_else(lowest)
    }
}

/// Days since 1970-01-01 of a date `YYYY-MM-DD`.
fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
    let (y, m, d): (i64, i64, i64) = (y.parse().ok()?, m.parse().ok()?, d.parse().ok()?);
    if parts.next().is_some() || !(1..=12).contains(&m) || !(1..=31).contains(&d) || !(1..=9999).contains(&y) {
        return None;
    }
    // Howard Hinnant's days_from_civil.
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let year = y - era * 400;
    let day = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
    Some(era * 146_097 + year * 365 + year / 4 - year / 100 + day - 719_468)
}

/// The day of a time in Unix seconds, UTC, as `YYYY-MM-DD`.
pub fn date_of(seconds: i64) -> String {
    // Howard Hinnant's civil_from_days.
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + i64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        [[brand]]
        name = "NORDA"
        aliases = ["诺尔达"]
        [[brand.shop]]
        id = "S1"
        from = "2024-03-01"
        until = "2024-12-31"
        [[brand.item]]
        item = "cup"
        category = "杯具"
        list_price = 139.0
        [[brand.item]]
        item = "mug"
        category = "杯具"
        list_price = 99.0
    "#;

    #[test]
    fn authorises_within_the_days_given() {
        let brands = Brands::parse(TEXT).unwrap();
        let brand = brands.named("norda").unwrap();
        let at = |day: &str| Some(day_number(day).unwrap() * 86_400 + 3600);
        assert!(brand.authorises("S1", at("2024-03-01")) && brand.authorises("S1", at("2024-12-31")));
        assert!(!brand.authorises("S1", at("2024-02-29")) && !brand.authorises("S1", at("2025-01-01")));
        assert!(brand.authorises("S1", None) && !brand.authorises("S2", None));
    }

    #[test]
    fn prices_are_of_the_item_or_the_lowest_of_the_category() {
        let brands = Brands::parse(TEXT).unwrap();
        let brand = &brands.all()[0];
        assert_eq!(brand.price(Some("cup"), None), Some(139.0));
        assert_eq!(brand.price(None, Some("杯具")), Some(99.0));
        assert_eq!(brand.price(None, Some("配件")), None);
    }

    #[test]
    fn refuses_misspelt_keys_and_impossible_days() {
        assert!(Brands::parse("[[brand]]\nname = \"a\"\nshops = []").is_err());
        let text = "[[brand]]\nname = \"a\"\n[[brand.shop]]\nid = \"1\"\nuntil = \"soon\"";
        assert_eq!(Brands::parse(text).unwrap_err(), "brands.toml: until of shop '1' is no date like 2026-01-31");
    }

    #[test]
    fn tells_days_as_it_counts_them() {
        for day in ["1969-12-31", "1970-01-01", "2000-02-29", "2024-12-31", "2026-03-01", "2100-02-28"] {
            assert_eq!(date_of(day_number(day).unwrap() * 86_400 + 86_399), day);
        }
    }

    #[test]
    fn counts_days_as_the_calendar_does() {
        assert_eq!(day_number("1970-01-01"), Some(0));
        assert_eq!(day_number("2024-02-29"), Some(19_782));
    }
}
