//! What grouping and its charts need of one finding. Evidence may lack any key and hold anything under it.

use std::collections::{BTreeMap, BTreeSet};

use huoyan_model::{Fingerprint, ReportItem};
use serde_json::{Map, Value};

use super::date;

/// Whose findings are grouped.
pub(crate) const DETECTOR: &str = "review-malice";

/// Members of a finding that are followed.
const MEMBERS: usize = 32;
/// Meetings of a ring that are kept for a finding.
const MEETINGS: usize = 12;
/// Families or signals that are kept for a finding.
const NAMES: usize = 12;
/// Characters of a name of an account, a listing, a shop, a family or a signal.
const NAME: usize = 60;
/// Days of a window; a longer one tells nothing about a campaign.
const WINDOW: i32 = 400;

/// One finding, small.
pub(crate) struct Fact {
    pub(crate) record: Box<str>,
    pub(crate) score: f64,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) post: Post,
    pub(crate) shop: Option<Box<str>>,
    /// By what the ring's meetings call its listing.
    pub(super) listing_key: Option<Box<str>>,
    /// Keys of other reviews of its campaign.
    pub(super) members: Box<[Box<str>]>,
    /// The families that speak, with the sum of their contributions.
    pub(super) families: Box<[(Box<str>, f64)]>,
    /// The signals that speak against the suspicion.
    pub(super) against: Box<[Box<str>]>,
    pub(super) window: Option<Window>,
    /// What the others of the window read as.
    pub(super) reads_as: Option<Box<str>>,
    /// Other reviews of its ring.
    pub(super) meetings: Box<[Post]>,
}

/// Who wrote on what, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Post {
    pub(crate) account: Option<Box<str>>,
    pub(crate) listing: Option<Box<str>>,
    pub(crate) day: Option<i32>,
    pub(crate) stars: Option<u8>,
}

/// The busiest days around a review: reviews of its polarity on its listing, and how many are usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) from: i32,
    pub(crate) to: i32,
    pub(crate) observed: f64,
    pub(crate) expected: f64,
}

impl Fact {
    pub(super) fn of(item: &ReportItem) -> Self {
        let (finding, card) = (&item.finding, &item.card);
        let evidence = &finding.evidence;
        let nothing = Map::new();
        let review = evidence.get("review").and_then(Value::as_object).unwrap_or(&nothing);
        let mut post = Post::of(review);
        post.listing = post.listing.or_else(|| card.listing_id.as_deref().map(name));
        post.day = post.day.or_else(|| date::parse(card.day.as_deref()?));
        post.stars = post.stars.or_else(|| stars(card.rating?));
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        for entry in list(evidence, "ledger") {
            if let (Some(family), Some(sum)) = (entry["family"].as_str(), entry["contribution"].as_f64()) {
                *sums.entry(family).or_default() += sum;
            }
        }
        // Every family that speaks is shown; `families` names those that count as independent of each other.
        let mut spoke: Vec<&str> = texts(evidence, "families").collect();
        for without in list(evidence, "counterfactual").filter_map(|entry| entry["without"].as_str()) {
            if !spoke.contains(&without) {
                spoke.push(without);
            }
        }
        let spoke = spoke.into_iter().map(|family| (name(family), sums.get(family).copied().unwrap_or(0.0)));
        let meetings = evidence.get("ring").and_then(Value::as_object).unwrap_or(&nothing);
        Self {
            record: finding.record.as_str().into(),
            score: finding.score,
            fingerprint: finding.fingerprint,
            post,
            listing_key: text(review, "listing_key"),
            shop: text(review, "shop").or_else(|| finding.shop_id.as_deref().map(name)),
            members: finding.members.iter().take(MEMBERS).map(|member| member.as_str().into()).collect(),
            families: spoke.take(NAMES).collect(),
            against: against(evidence).into_iter().take(NAMES).map(name).collect(),
            window: evidence.get("window").and_then(Value::as_object).and_then(Window::of),
            reads_as: evidence.get("composition").and_then(Value::as_object).and_then(|told| text(told, "reads_as")),
            meetings: list(meetings, "meetings").filter_map(Value::as_object).take(MEETINGS).map(Post::of).collect(),
        }
    }
}

impl Fact {
    /// What the others of the review's window read as.
    pub(crate) fn reads_as(&self) -> Option<&str> {
        self.reads_as.as_deref()
    }
}

impl Post {
    fn of(told: &Map<String, Value>) -> Self {
        Self {
            account: text(told, "account"),
            listing: text(told, "listing"),
            day: number(told, "at").and_then(date::day_of),
            stars: number(told, "stars").and_then(stars),
        }
    }
}

impl Window {
    fn of(told: &Map<String, Value>) -> Option<Self> {
        let day = |key| number(told, key).and_then(date::day_of);
        let amount = |key| number(told, key).filter(|amount| (0.0..1e9).contains(amount));
        let window = Self {
            from: day("from")?,
            to: day("to")?,
            observed: amount("observed").unwrap_or(0.0),
            expected: amount("expected")?,
        };
        (0..WINDOW).contains(&(window.to - window.from)).then_some(window)
    }
}

/// The number of families that speak for the suspicion.
pub(crate) fn speaking(evidence: &Map<String, Value>) -> usize {
    texts(evidence, "families").count()
}

/// Whether the others of the review's window are like ordinary buyers.
pub(crate) fn reads_ordinary(evidence: &Map<String, Value>) -> bool {
    evidence.get("composition").and_then(|told| told.get("reads_as")?.as_str()) == Some("ordinary_buyers")
}

/// Whether the ledger says that the score was held below one half because a single family speaks.
pub(crate) fn says_one_family(evidence: &Map<String, Value>) -> bool {
    list(evidence, "ledger").any(|entry| entry["signal"] == "one_family")
}

/// The signals that speak against the suspicion. A cap on a family only limits what speaks for it.
pub(crate) fn against(evidence: &Map<String, Value>) -> BTreeSet<&str> {
    texts(evidence, "speaks_against").filter(|signal| !matches!(*signal, "family_cap" | "one_family")).collect()
}

fn list<'e>(told: &'e Map<String, Value>, key: &str) -> impl Iterator<Item = &'e Value> {
    told.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn texts<'e>(told: &'e Map<String, Value>, key: &str) -> impl Iterator<Item = &'e str> {
    list(told, key).filter_map(Value::as_str)
}

fn text(told: &Map<String, Value>, key: &str) -> Option<Box<str>> {
    told.get(key)?.as_str().filter(|text| !text.is_empty()).map(name)
}

fn number(told: &Map<String, Value>, key: &str) -> Option<f64> {
    told.get(key)?.as_f64()
}

fn name(text: &str) -> Box<str> {
    text.chars().take(NAME).collect::<String>().into()
}

fn stars(rating: f64) -> Option<u8> {
    let rating = rating.round();
    (1.0..=5.0).contains(&rating).then_some(rating as u8)
}

#[cfg(test)]
pub(crate) mod tests {
    use huoyan_model::{ContentHash, Finding, RecordCard, RecordKind, Severity, Source, Verdict};
    use serde_json::json;

    use super::*;

    pub(in crate::campaign) fn item(record: &str, score: f64, members: &[&str]) -> ReportItem {
        told(record, score, members, &json!({}))
    }

    pub(crate) fn told(record: &str, score: f64, members: &[&str], evidence: &Value) -> ReportItem {
        let finding = Finding {
            owner_kind: RecordKind::Review,
            owner: record.to_owned(),
            record_kind: RecordKind::Review,
            record: record.to_owned(),
            record_version: ContentHash([0; 16]),
            detector: DETECTOR.to_owned(),
            rule: "RM001".to_owned(),
            score,
            severity: Severity::High,
            field: None,
            span: None,
            matched: None,
            evidence: evidence.as_object().cloned().unwrap_or_default(),
            members: members.iter().map(|member| (*member).to_owned()).collect(),
            fingerprint: Fingerprint::of(DETECTOR, "RM001", record, "", ""),
            copies: 1,
            shop_id: None,
            source: Source::default(),
            suppressed: None,
        };
        ReportItem { finding, card: RecordCard::default(), verdict: Verdict::Review }
    }

    #[test]
    fn evidence_is_read_and_the_card_stands_in() {
        let mut item = told(
            "r1",
            0.9,
            &[],
            &json!({"review": {"at": 1_795_305_600, "account": "acc-1", "stars": 1},
                "families": ["burst", "copy"], "speaks_against": ["told", "family_cap", "told"],
                "ledger": [{"signal": "base", "family": "base", "contribution": -3.0},
                    {"signal": "burst_short", "family": "burst", "contribution": 2.0},
                    {"signal": "odd_buyers", "family": "burst", "contribution": 0.5}],
                "window": {"from": 1_795_305_600.0, "to": 1_795_478_400, "observed": 9, "expected": 0.5}}),
        );
        item.card.listing_id = Some("L1".to_owned());
        item.card.day = Some("1999-01-01".to_owned());
        let fact = Fact::of(&item);
        assert_eq!((fact.post.account.as_deref(), fact.post.listing.as_deref()), (Some("acc-1"), Some("L1")));
        assert_eq!((fact.post.day.map(date::label).as_deref(), fact.post.stars), (Some("2026-11-22"), Some(1)));
        assert_eq!(*fact.families, [("burst".into(), 2.5), ("copy".into(), 0.0)]);
        let window = fact.window.unwrap();
        assert_eq!((window.to - window.from, window.observed, window.expected), (2, 9.0, 0.5));
        assert_eq!((&*fact.against, speaking(&item.finding.evidence)), (&["told".into()][..], 2));
    }

    #[test]
    fn evidence_of_another_shape_is_nothing() {
        for evidence in [
            json!({"review": 3, "families": 2, "ledger": {}, "window": [], "ring": "x", "speaks_against": null}),
            json!({"review": {"at": "now", "account": 7, "stars": 99}, "families": [1, {}], "ledger": [1, {"family": 2}],
                "window": {"from": 1e300, "to": -1, "expected": -4}, "ring": {"meetings": [4, {"at": []}]}}),
            json!({"window": {"from": 0, "to": 9e9, "observed": 1, "expected": 1}}),
        ] {
            let fact = Fact::of(&told("r1", 0.9, &[], &evidence));
            let none = Post { account: None, listing: None, day: None, stars: None };
            assert_eq!((&fact.post, fact.window, fact.families.len()), (&none, None, 0), "{evidence}");
        }
    }
}
