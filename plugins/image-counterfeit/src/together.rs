//! What speaks for and against a counterfeit, put together for each listing: pictures, names, price, wording, shop.
//!
//! Each contribution is an amount of log-odds, and they add up to the score exactly. What must stay true: nothing is said where only one
//! kind of evidence speaks (its own rule says that), nor of an authorised shop; what speaks against is counted and shown, too.

use std::sync::Arc;

use huoyan_sdk::{Batch, Error, Evidence, Finding, Fold, Rows, Sink};
use serde::{Deserialize, Serialize};

use crate::ImageCounterfeit;
use crate::fold::folded;
use crate::picture::{PROVEN, PictureFile};

/// How much each kind of evidence counts, from the resource `rules/counterfeit`, in log-odds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    base: f64,
    /// A copied picture whose score is 0.5, and what certainty adds.
    picture_copy: f64,
    picture_certain: f64,
    /// The brand's print photographed anew, when certain.
    picture_artwork: f64,
    /// A picture that the user's own model holds for like the brand's, and nothing proves.
    picture_similar: f64,
    /// A look-alike of the brand's name, when certain.
    look_alike_name: f64,
    /// A price at the limit of `price_ratio`, and what a price of nothing adds.
    price_far_under: f64,
    price_nothing: f64,
    /// The brand's own price or nearly, which speaks against, and from which share of it on.
    price_usual: f64,
    price_usual_from: f64,
    /// A shop that is not among those the brand names, when it names any.
    shop_unlisted: f64,
    /// A title that speaks of a spare part.
    spare_part: f64,
}

/// Words with which counterfeits are offered, and how much they count.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// The words.
    pub words: Vec<String>,
    /// What one of them counts, in log-odds; several count as the strongest.
    pub weight: f64,
}

impl Wording {
    /// The same with its words folded for comparison.
    #[must_use]
    pub fn folded(self) -> Self {
        Self { words: self.words.iter().map(|word| folded(word)).collect(), ..self }
    }
}

/// What one picture or the words of a listing say, on its way to the judgement.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The brand it is about.
    pub brand: Option<String>,
    /// Certainty of a copied picture.
    pub copy: Option<f64>,
    /// Certainty of the brand's print.
    pub artwork: Option<f64>,
    /// The cosine of a likeness that nothing proves, by the user's own model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similar: Option<f64>,
    /// The gallery's item that was found.
    pub item: Option<String>,
    /// Certainty of a look-alike name, and how it is written.
    pub name: Option<(f64, String)>,
    /// The price, and the brand's own.
    pub price: Option<(f64, f64)>,
    /// What the wording counts, and the word.
    pub wording: Option<(f64, String)>,
    /// Whether the brand names its shops, and this one is not among them.
    pub unlisted: bool,
    /// Whether the title speaks of a spare part.
    pub spare: bool,
    /// The picture's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PictureFile>,
}

/// Begins the keys of these rows, which no other row's key begins with.
const KEY: &str = "L:";

/// Sends what a record says to the judgement of its listing.
pub fn send(listing: &str, record: &str, said: &Said, sink: &mut Sink<'_>) {
    if let Ok(payload) = serde_json::to_vec(said) {
        sink.row(&format!("{KEY}{listing}"), 0, record, &payload);
    }
}

/// Whether rows of that key are for this stage.
pub fn is_key(key: &str) -> bool {
    key.starts_with(KEY)
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// What it is about.
    pub signal: &'static str,
    /// What it is independent of the others by.
    pub family: &'static str,
    /// Log-odds.
    pub contribution: f64,
}

/// Everything that is said of a listing.
#[derive(Clone, Debug, Default)]
pub struct Case {
    picture: Option<(Said, String)>,
    words: Said,
    any_words: bool,
}

impl Case {
    /// Takes in what a picture or the words say.
    pub fn add(&mut self, said: Said, record: &str, weights: &Weights) {
        if said.copy.is_none() && said.artwork.is_none() && said.similar.is_none() {
            self.words = said;
            self.any_words = true;
            return;
        }
        // The strongest picture counts; of equals the first by its key, whatever the order of rows.
        let strength = |said: &Said| weights.picture(said).map_or(0.0, |entry| entry.contribution);
        let stronger = self.picture.as_ref().is_none_or(|(known, key)| {
            strength(&said).total_cmp(&strength(known)).then_with(|| key.as_str().cmp(record)).is_gt()
        });
        if stronger {
            self.picture = Some((said, record.to_owned()));
        }
    }

    /// The price and the brand's own: of the item that the picture shows; else of what the words name.
    fn price(&self) -> Option<(f64, f64)> {
        self.picture.as_ref().and_then(|(said, _)| said.price).or(self.words.price)
    }

    /// The ledger; empty when fewer than two kinds of evidence speak for a counterfeit.
    pub fn ledger(&self, weights: &Weights, price_ratio: f64) -> Vec<Entry> {
        let mut entries = vec![Entry { signal: "base", family: "base", contribution: weights.base }];
        let picture = self.picture.as_ref().map(|(said, _)| said);
        entries.extend(picture.and_then(|said| weights.picture(said)));
        if let Some((certainty, _)) = &self.words.name {
            let contribution = weights.look_alike_name * certainty;
            entries.push(Entry { signal: "look_alike_name", family: "name", contribution });
        }
        if let Some((price, own)) = self.price() {
            entries.extend(weights.price(price / own, price_ratio));
        }
        if let Some((weight, _)) = &self.words.wording {
            entries.push(Entry { signal: "counterfeit_words", family: "words", contribution: *weight });
        }
        let for_it = entries.iter().filter(|entry| entry.contribution > 0.0).count();
        if for_it < 2 {
            return Vec::new();
        }
        if self.words.unlisted || picture.is_some_and(|said| said.unlisted) {
            entries.push(Entry { signal: "shop_unlisted", family: "shop", contribution: weights.shop_unlisted });
        }
        if self.words.spare {
            entries.push(Entry { signal: "spare_part", family: "words", contribution: weights.spare_part });
        }
        entries
    }
}

impl Weights {
    fn picture(&self, said: &Said) -> Option<Entry> {
        let copy = said.copy.filter(|&copy| copy >= PROVEN).map(|copy| Entry {
            signal: "picture_copy",
            family: "picture",
            contribution: self.picture_copy + self.picture_certain * (2.0 * copy - 1.0),
        });
        let artwork = said.artwork.filter(|&artwork| artwork >= PROVEN);
        copy.or_else(|| {
            let contribution = self.picture_artwork * artwork?;
            Some(Entry { signal: "picture_artwork", family: "picture", contribution })
        })
        .or_else(|| {
            said.similar.map(|_| Entry {
                signal: "picture_similar",
                family: "picture",
                contribution: self.picture_similar,
            })
        })
    }

    fn price(&self, ratio: f64, limit: f64) -> Option<Entry> {
        if ratio < limit {
            let contribution = self.price_far_under + self.price_nothing * (1.0 - ratio / limit);
            Some(Entry { signal: "price_far_under", family: "price", contribution })
        } else if ratio >= self.price_usual_from {
            Some(Entry { signal: "price_usual", family: "price", contribution: self.price_usual })
        } else {
            None
        }
    }
}

/// The score a ledger adds up to.
pub fn score(entries: &[Entry]) -> f64 {
    let total: f64 = entries.iter().map(|entry| entry.contribution).sum();
    1.0 / (1.0 + (-total).exp())
}

/// Judges each listing by all that is said of it.
pub struct TogetherFold {
    detector: Arc<ImageCounterfeit>,
    case: Case,
    ours: bool,
}

impl TogetherFold {
    /// A fold over one partition.
    pub fn new(detector: Arc<ImageCounterfeit>) -> Self {
        Self { detector, case: Case::default(), ours: false }
    }
}

impl Fold for TogetherFold {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, key: &str) {
        self.case = Case::default();
        self.ours = is_key(key);
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, _: &mut Sink<'_>) -> Result<(), Error> {
        let (Some(record), Some(payload), true) = (rows.record.get(row), rows.payload.get(row), self.ours) else {
            return Ok(());
        };
        let said =
            serde_json::from_slice(payload).map_err(|e| Error::internal(format!("a row cannot be read: {e}")))?;
        self.case.add(said, record, &self.detector.weights);
        Ok(())
    }

    fn finish(&mut self, key: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        let Some(listing) = key.strip_prefix(KEY) else { return Ok(()) };
        let config = &self.detector.config;
        let ledger = self.case.ledger(&self.detector.weights, config.price_ratio);
        let score = score(&ledger);
        if ledger.is_empty() || score < config.report_from {
            return Ok(());
        }
        let picture = self.case.picture.as_ref();
        let words = &self.case.words;
        let entries = serde_json::to_string(&ledger).map_err(|e| Error::internal(e.to_string()))?;
        let total: f64 = ledger.iter().map(|entry| entry.contribution).sum();
        let mut families: Vec<&str> = Vec::new();
        for entry in ledger.iter().filter(|entry| entry.contribution > 0.0) {
            if !families.contains(&entry.family) {
                families.push(entry.family);
            }
        }
        let mut evidence =
            Evidence::new().raw("ledger", &entries).texts("families", families).number("log_odds", total);
        let against: Vec<&str> =
            ledger.iter().filter(|e| e.contribution < 0.0 && e.family != "base").map(|e| e.signal).collect();
        if !against.is_empty() {
            evidence = evidence.texts("speaks_against", against);
        }
        if let Some(brand) = picture.and_then(|(said, _)| said.brand.as_deref()).or(words.brand.as_deref()) {
            evidence = evidence.text("brand", brand);
        }
        if let Some((said, record)) = picture {
            evidence = evidence.text("picture", record);
            if let Some(item) = &said.item {
                evidence = evidence.text("gallery_item", item);
            }
            if let Some(file) = &said.file {
                evidence = file.tell(evidence);
            }
        }
        if let Some((_, written)) = &words.name {
            evidence = evidence.text("written", written);
        }
        if let Some((_, word)) = &words.wording {
            evidence = evidence.text("term", word);
        }
        if let Some((price, own)) = self.case.price() {
            let percent = (price / own * 1000.0).round() / 10.0;
            evidence = evidence.number("price", price).number("brand_price", own).number("ratio_percent", percent);
        }
        sink.finding(&Finding::new(listing, "IC006", score).evidence(evidence));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHTS: Weights = Weights {
        base: -1.5,
        picture_copy: 1.2,
        picture_certain: 1.6,
        picture_artwork: 0.7,
        picture_similar: 0.5,
        look_alike_name: 2.0,
        price_far_under: 0.8,
        price_nothing: 1.2,
        price_usual: -0.8,
        price_usual_from: 0.8,
        shop_unlisted: 0.4,
        spare_part: -1.5,
    };

    fn picture(copy: Option<f64>, artwork: Option<f64>, ratio: Option<f64>) -> Said {
        Said { copy, artwork, price: ratio.map(|ratio| (ratio, 1.0)), unlisted: true, ..Said::default() }
    }

    fn signals(said: &[Said]) -> Vec<&'static str> {
        let mut case = Case::default();
        said.iter().enumerate().for_each(|(i, said)| case.add(said.clone(), &format!("L#{i}"), &WEIGHTS));
        case.ledger(&WEIGHTS, 0.4).into_iter().map(|entry| entry.signal).collect()
    }

    #[test]
    fn one_kind_of_evidence_is_left_to_its_own_rule() {
        assert!(signals(&[picture(Some(1.0), None, None)]).is_empty());
        assert!(signals(&[picture(Some(1.0), None, Some(1.0))]).is_empty(), "the usual price speaks against");
        let name = Said { name: Some((0.9, "abibas".to_owned())), ..Said::default() };
        assert!(signals(&[name]).is_empty());
        assert!(signals(&[Said { wording: Some((2.0, "高仿".to_owned())), ..Said::default() }]).is_empty());
    }

    #[test]
    fn each_contribution_is_shown_and_they_add_up_to_the_score() {
        let words = Said {
            name: Some((0.9, "abibas".to_owned())),
            wording: Some((0.8, "原单".to_owned())),
            spare: true,
            ..Said::default()
        };
        let mut case = Case::default();
        case.add(picture(Some(0.9), None, Some(0.1)), "L#0", &WEIGHTS);
        case.add(words, "L", &WEIGHTS);
        let ledger = case.ledger(&WEIGHTS, 0.4);
        let told: Vec<_> = ledger.iter().map(|e| (e.signal, (e.contribution * 1000.0).round() / 1000.0)).collect();
        let expected = [
            ("base", -1.5),
            ("picture_copy", 1.2 + 1.6 * 0.8),
            ("look_alike_name", 1.8),
            ("price_far_under", 0.8 + 1.2 * 0.75),
            ("counterfeit_words", 0.8),
            ("shop_unlisted", 0.4),
            ("spare_part", -1.5),
        ];
        assert_eq!(told, expected.map(|(signal, amount)| (signal, (amount * 1000.0f64).round() / 1000.0)));
        let total: f64 = expected.iter().map(|(_, amount)| amount).sum();
        assert!((score(&ledger) - 1.0 / (1.0 + (-total).exp())).abs() < 1e-12);
    }

    #[test]
    fn an_honest_resale_at_a_fair_price_stays_under_one_half() {
        let mut case = Case::default();
        case.add(picture(None, Some(0.99), Some(0.85)), "L#0", &WEIGHTS);
        assert!(case.ledger(&WEIGHTS, 0.4).is_empty());
        case.add(Said { wording: Some((0.8, "尾单".to_owned())), ..Said::default() }, "L", &WEIGHTS);
        assert!(score(&case.ledger(&WEIGHTS, 0.4)) < 0.5);
    }

    #[test]
    fn what_comes_out_does_not_depend_on_the_order_of_rows() {
        let rows = [
            (picture(Some(0.7), None, Some(0.2)), "L#0"),
            (picture(Some(0.9), None, Some(0.3)), "L#1"),
            (picture(Some(0.9), None, Some(0.3)), "L#2"),
            (picture(None, Some(0.99), None), "L#3"),
            (Said { name: Some((0.8, "abibas".to_owned())), ..Said::default() }, "L"),
        ];
        let of = |order: &[usize]| {
            let mut case = Case::default();
            order.iter().for_each(|&i| case.add(rows[i].0.clone(), rows[i].1, &WEIGHTS));
            (case.ledger(&WEIGHTS, 0.4), case.picture.map(|(_, record)| record))
        };
        let first = of(&[0, 1, 2, 3, 4]);
        assert_eq!(first.1.as_deref(), Some("L#1"));
        for order in [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [3, 1, 4, 2, 0]] {
            assert_eq!(of(&order), first);
        }
    }
}
