//! A listing's words and price against the brands.

use huoyan_sdk::Evidence;

use crate::ImageCounterfeit;
use crate::brands::Brand;
use crate::fold::folded;
use crate::names::{Naming, names};
use crate::together::Said;

/// What is looked at in a listing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listing<'a> {
    /// The shop.
    pub shop: Option<&'a str>,
    /// The title.
    pub title: Option<&'a str>,
    /// The category.
    pub category: Option<&'a str>,
    /// The brand as the seller states it.
    pub brand: Option<&'a str>,
    /// The price.
    pub price: Option<f64>,
    /// When it was last changed, Unix seconds.
    pub at: Option<i64>,
}

/// What a listing's words or price give rise to.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspicion<'a> {
    /// IC003 or IC004.
    pub rule: &'static str,
    /// How sure it is.
    pub score: f64,
    /// The field.
    pub field: &'static str,
    /// Its text, and the bytes in it.
    pub text: &'a str,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it rests on.
    pub evidence: Evidence,
}

impl ImageCounterfeit {
    /// The suspicions a listing gives rise to, at most one of each rule, and what its words and price add to the judgement of the
    /// listing as a whole.
    pub fn judge_listing<'a>(&self, listing: &Listing<'a>) -> (Vec<Suspicion<'a>>, Option<Said>) {
        let mut found = Vec::new();
        let mut said = Said::default();
        if self.brands.all().is_empty() && self.galleries.is_empty() {
            return (found, None);
        }
        let title = listing.title.map(folded).unwrap_or_default();
        said.spare = self.accessory.iter().any(|word| title.contains(word.as_str()));
        said.wording = self
            .wording
            .iter()
            .filter_map(|group| Some((group.weight, group.words.iter().find(|word| title.contains(word.as_str()))?)))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(weight, word)| (weight, word.clone()));
        let fields = [("title", listing.title), ("brand", listing.brand)];
        let named: Vec<(&'static str, &'a str, Naming<'_>)> = fields
            .into_iter()
            .filter_map(|(field, text)| Some((field, text?)))
            .flat_map(|(field, text)| names(&self.brands, text).into_iter().map(move |n| (field, text, n)))
            .filter(|(_, _, n)| !listing.shop.is_some_and(|shop| n.brand.authorises(shop, listing.at)))
            .collect();
        // Whoever writes the name itself anywhere hides nothing.
        let open = |brand: &Brand| named.iter().any(|(_, _, n)| !n.disguised && n.brand.name == brand.name);
        if let Some((field, text, n)) = named.iter().find(|(_, _, n)| n.disguised && !open(n.brand)) {
            let written = &text[n.start..n.end];
            said.name = Some((n.score, written.to_owned()));
            let evidence = Evidence::new().text("brand", &n.brand.name).text("name", n.name).text("written", written);
            found.push(Suspicion { rule: "IC003", score: n.score, field, text, start: n.start, end: n.end, evidence });
        }
        let priced = named.iter().find_map(|(field, text, n)| {
            let (price, own) = (listing.price.filter(|&p| p > 0.0)?, n.brand.price(None, listing.category)?);
            Some((field, text, n, price, own, price / own))
        });
        said.price = priced.map(|(_, _, _, price, own, _)| (price, own));
        if let Some((_, _, n)) = named.first() {
            said.brand = Some(n.brand.name.clone());
            said.unlisted = !n.brand.shops.is_empty() && listing.shop.is_some();
        }
        let cheap = priced.filter(|(.., ratio)| *ratio < self.config.price_ratio && !said.spare);
        if let Some((field, text, n, price, own, ratio)) = cheap {
            let evidence = Evidence::new()
                .text("brand", &n.brand.name)
                .number("price", price)
                .number("brand_price", own)
                .number("ratio_percent", (ratio * 1000.0).round() / 10.0);
            // At the limit it is a doubt worth half; at nothing it is as sure as the name is.
            let score = (0.55 + 0.4 * (1.0 - ratio / self.config.price_ratio)) * n.score.max(0.9);
            found.push(Suspicion { rule: "IC004", score, field, text, start: n.start, end: n.end, evidence });
        }
        let anything = said.name.is_some() || said.wording.is_some() || said.price.is_some() || said.spare;
        (found, anything.then_some(said))
    }
}
