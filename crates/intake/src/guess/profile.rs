//! What the values of a column look like.

use std::collections::HashSet;

use crate::values::{identity, number, price, time};

/// Shares are of the cells that hold something, in [0, 1].
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// Cells that hold something.
    pub filled: usize,
    /// Whole numbers.
    pub digits: f64,
    /// Numbers of any form.
    pub numbers: f64,
    /// Prices with a currency sign or with a fraction.
    pub prices: f64,
    /// Anything a price can be read from, also off the shelf.
    pub amounts: f64,
    /// Texts with a digit somewhere.
    pub with_digit: f64,
    /// Points in time written as dates, also relative ones.
    pub times: f64,
    /// Unix seconds.
    pub stamps: f64,
    /// Ratings from 1 to 5.
    pub ratings: f64,
    /// Yes or no.
    pub booleans: f64,
    /// Masked nicknames.
    pub masked: f64,
    /// Addresses of pages.
    pub urls: f64,
    /// Addresses or paths of pictures.
    pub pictures: f64,
    /// Names of shops (`…旗舰店`).
    pub shops: f64,
    /// Different values among the filled ones.
    pub distinct: f64,
    /// Mean length in characters.
    pub length: f64,
}

impl Profile {
    /// Profiles a column.
    pub fn of<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut profile = Self::default();
        let mut seen = HashSet::new();
        for value in values.map(str::trim).filter(|v| !v.is_empty()) {
            profile.filled += 1;
            profile.length += value.chars().count() as f64;
            seen.insert(value);
            profile.look_at(value);
        }
        let n = profile.filled.max(1) as f64;
        for share in [
            &mut profile.digits,
            &mut profile.numbers,
            &mut profile.prices,
            &mut profile.amounts,
            &mut profile.with_digit,
            &mut profile.times,
            &mut profile.stamps,
            &mut profile.ratings,
            &mut profile.booleans,
            &mut profile.masked,
            &mut profile.urls,
            &mut profile.pictures,
            &mut profile.shops,
            &mut profile.length,
        ] {
            *share /= n;
        }
        profile.distinct = seen.len() as f64 / n;
        profile
    }

    fn look_at(&mut self, value: &str) {
        let add = |share: &mut f64, yes: bool| *share += f64::from(u8::from(yes));
        let digits = value.bytes().all(|b| b.is_ascii_digit());
        add(&mut self.digits, digits);
        add(&mut self.numbers, number::float(value).is_some());
        let amount = price::parse(value);
        let has_fraction = value.len() >= 3 && matches!(value.as_bytes()[value.len() - 3], b'.' | b',');
        add(
            &mut self.prices,
            match amount {
                price::Price::Amount(_, Some(_)) => true,
                price::Price::Amount(_, None) | price::Price::OffShelf => has_fraction,
                price::Price::Unclear => false,
            },
        );
        add(&mut self.amounts, amount != price::Price::Unclear);
        add(&mut self.with_digit, value.chars().any(|c| c.is_ascii_digit() || ('０'..='９').contains(&c)));
        let moment = time::parse(value);
        add(&mut self.times, !digits && moment != time::Time::Unclear);
        add(&mut self.stamps, digits && moment != time::Time::Unclear);
        add(&mut self.ratings, number::rating(value).is_some());
        add(&mut self.booleans, number::boolean(value).is_some());
        add(&mut self.masked, identity::is_masked(value) && value.chars().count() <= 24);
        let lower = value.to_ascii_lowercase();
        let picture = [".jpg", ".jpeg", ".png", ".webp", ".gif"].iter().any(|end| lower.contains(end));
        let url = ["http://", "https://", "//"].iter().any(|start| lower.starts_with(start)) || is_bare_address(&lower);
        add(&mut self.urls, url && !picture);
        add(&mut self.pictures, picture && !value.contains(' '));
        let shop =
            ["店", "专区", "专营", "旗舰", "自营", "商行", "store", "shop"].iter().any(|end| lower.ends_with(end));
        add(&mut self.shops, shop);
    }

    /// Whether the column holds words of people rather than numbers, dates or addresses.
    pub fn is_text(&self) -> bool {
        self.filled > 0
            && self.numbers < 0.2
            && self.times < 0.5
            && self.urls < 0.5
            && self.pictures < 0.5
            && self.prices < 0.5
    }
}

/// `item.taobao.com/item.htm?id=1`: an address without its scheme.
fn is_bare_address(lower: &str) -> bool {
    let Some((host, _)) = lower.split_once('/') else { return false };
    let Some((_, domain)) = host.rsplit_once('.') else { return false };
    (2..=6).contains(&domain.len())
        && domain.bytes().all(|b| b.is_ascii_alphabetic())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_columns_apart() {
        let nicks = Profile::of(["j***k", "d**1", ""].into_iter());
        assert_eq!((nicks.filled, nicks.masked), (2, 1.0));
        let prices = Profile::of(["27.00", "-1.00", "￥5"].into_iter());
        assert_eq!(prices.prices, 1.0);
        let counts = Profile::of(["120", "7", "7"].into_iter());
        assert_eq!((counts.prices, counts.digits), (0.0, 1.0));
        assert!(counts.distinct < 0.7 && !counts.is_text());
        assert_eq!(Profile::of(["冰禹旗舰店", "红而发工业品专营店"].into_iter()).shops, 1.0);
    }
}
