//! Relevance: claims and exhibits tied to each other and to one deal, and the buyer's demand quoted.

use std::collections::BTreeSet;

use huoyan_model::Localized;

use super::score::Points;
use super::{ChatHit, Found, Lack, Missing, Subject, UnknownCitation};
use crate::case::{Case, Exhibit, ExhibitKind};
use crate::lint::{ExhibitId, Kind, Who, citations};
use crate::package::{Principle, Type};
use crate::records::{Place, Row};

/// Claims that cite no exhibit of the case.
pub(super) fn bare_claims(case: &Case) -> Vec<String> {
    let bare = |claim: &&crate::case::Claim| !claim.exhibits.iter().any(|id| case.exhibit(*id).is_some());
    case.claims.iter().filter(bare).map(|claim| claim.id.clone()).collect()
}

/// Exhibits that no claim cites. A rule, a receipt and the detectors' record speak for others; the notice is what is answered;
/// a copy goes with its original.
pub(super) fn idle_exhibits(case: &Case, package: Option<&Type>) -> Vec<ExhibitId> {
    let cited: BTreeSet<ExhibitId> = case.claims.iter().flat_map(|claim| &claim.exhibits).copied().collect();
    let shown: BTreeSet<ExhibitId> = case.subjects.iter().filter_map(|subject| subject.shown_by).collect();
    let serves = |exhibit: &Exhibit| {
        matches!(exhibit.kind, ExhibitKind::Rule | ExhibitKind::Receipt | ExhibitKind::Detection)
            || exhibit.kind == ExhibitKind::PlatformNotice && package.is_some()
    };
    let idle = |exhibit: &&Exhibit| {
        let original = exhibit.copy_of.unwrap_or(exhibit.id);
        let used = |id| cited.contains(id) || shown.contains(id);
        !used(&exhibit.id) && !used(&original) && !serves(exhibit)
    };
    case.exhibits.iter().filter(idle).map(|exhibit| exhibit.id).collect()
}

/// Exhibits that are cited and not in the case.
pub(super) fn unknown_citations(case: &Case) -> Vec<UnknownCitation> {
    let mut cited: BTreeSet<UnknownCitation> = BTreeSet::new();
    let mut cite = |by: &str, exhibit: ExhibitId| {
        if case.exhibit(exhibit).is_none() {
            cited.insert(UnknownCitation { by: by.to_owned(), exhibit });
        }
    };
    for claim in &case.claims {
        claim.exhibits.iter().for_each(|id| cite(&claim.id, *id));
        citations(&claim.text).iter().for_each(|citation| cite(&claim.id, citation.exhibit));
    }
    case.subjects.iter().filter_map(|subject| subject.shown_by).for_each(|id| cite("subject", id));
    for exhibit in &case.exhibits {
        exhibit.copy_of.iter().for_each(|id| cite(&exhibit.id.to_string(), *id));
    }
    cited.into_iter().collect()
}

pub(super) fn score(bare: &[String], idle: &[ExhibitId], unknown: &[UnknownCitation], points: &mut Points) {
    let text = if bare.is_empty() {
        ("每条事实都注明了证据".to_owned(), "every claim cites an exhibit".to_owned())
    } else {
        (format!("没有证据的事实：{}", bare.join("、")), format!("claims without an exhibit: {}", bare.join(", ")))
    };
    points.add(Principle::Relevance, bare.is_empty(), text);
    let list: Vec<String> = idle.iter().map(ToString::to_string).collect();
    let text = if idle.is_empty() {
        ("每份证据都对应一条事实".to_owned(), "every exhibit serves a claim".to_owned())
    } else {
        (format!("没有对应事实的证据：{}", list.join("、")), format!("exhibits without a claim: {}", list.join(", ")))
    };
    points.add(Principle::Relevance, idle.is_empty(), text);
    if !unknown.is_empty() {
        let list: Vec<String> = unknown.iter().map(|unknown| unknown.exhibit.to_string()).collect();
        let text =
            (format!("引用了不存在的证据：{}", list.join("、")), format!("unknown exhibits: {}", list.join(", ")));
        points.add(Principle::Relevance, false, text);
    }
}

pub(super) fn check(subject: &Subject, package: &Type, citable: &[ChatHit], found: &mut Found) {
    let Subject { case, rows, .. } = *subject;
    if case.claims.is_empty() {
        found.missing.push(missing(
            "claims",
            Lack::Claims,
            ("补充：至少一条事实，并注明证据（关联性）", "add: at least one claim with its exhibits (relevance)"),
        ));
        found.points.add(Principle::Relevance, false, ("没有陈述任何事实", "nothing is claimed"));
    }
    if package.deal {
        let untied = untied(subject);
        for exhibit in &untied {
            let action = (
                format!("核对：{exhibit} 未显示与本案订单、买家或评价的联系，请补充对应的编号（关联性）"),
                format!("check: {exhibit} shows no tie to this order, buyer or review; add its numbers (relevance)"),
            );
            let mut untied = missing("links", Lack::Untied { exhibit: *exhibit }, action);
            untied.how = (
                "用 huoyan appeal remove 取出后重新添加，注明 --order 订单号、--buyer 买家或 --review 评价编号",
                "take it out by huoyan appeal remove and add it again with --order, --buyer or --review",
            )
                .into();
            found.missing.push(untied);
        }
        let text = if untied.is_empty() {
            ("证据属于同一交易", "the exhibits are of one deal")
        } else {
            ("有证据未显示属于同一交易", "some exhibits show no tie to the deal")
        };
        found.points.add(Principle::Relevance, untied.is_empty(), text);
    }
    let demands: Vec<&ChatHit> = citable.iter().filter(|hit| is_demand(hit.finding.kind)).collect();
    if package.demand && !demands.is_empty() {
        let quoted = demands.iter().any(|hit| case.claims.iter().any(|claim| claim.text.contains(&hit.finding.words)))
            || rows.iter().any(|(place, row)| quotes(case, place, row, &demands));
        let text = if quoted {
            ("引用了买家的诉求原话", "the buyer's demand is quoted")
        } else {
            ("没有引用买家的诉求原话", "the buyer's demand is not quoted")
        };
        found.points.add(Principle::Relevance, quoted, text);
        if !quoted {
            let (exhibit, at) = (demands[0].place.exhibit, demands[0].place.words(case).unwrap_or_default());
            let action = (
                format!("补充：在事实中引用买家的诉求原话，见 {exhibit} {}（关联性）", at.zh),
                format!("add: quote the buyer's demand in a claim, see {exhibit}, {} (relevance)", at.en),
            );
            found.missing.push(missing("demand", Lack::Demand, action));
        }
    }
}

fn is_demand(kind: Kind) -> bool {
    matches!(kind, Kind::Extortion | Kind::ConditionalThreat)
}

/// Whether a claim quotes a whole message that makes a demand.
fn quotes(case: &Case, place: &Place, row: &Row, demands: &[&ChatHit]) -> bool {
    let Row::Message { text, .. } = row else { return false };
    demands.iter().any(|hit| hit.place == *place)
        && quotations(case).any(|quote| quote.chars().count() >= 4 && text.contains(quote))
}

/// What claims quote.
pub(crate) fn quotations(case: &Case) -> impl Iterator<Item = &str> {
    let marks = [('“', '”'), ('「', '」'), ('"', '"')];
    case.claims.iter().flat_map(move |claim| {
        marks.into_iter().filter_map(|(open, close)| {
            let (_, rest) = claim.text.split_once(open)?;
            rest.split_once(close).map(|(quote, _)| quote)
        })
    })
}

/// Exhibits of a kind that belongs to a deal, and whose orders, buyers and reviews are tied to no other exhibit of the case.
fn untied(subject: &Subject) -> Vec<ExhibitId> {
    let Subject { case, rows, .. } = *subject;
    let of_a_deal = |exhibit: &&Exhibit| {
        use ExhibitKind::{AfterSale, BuyerRecord, Chat, Logistics, Order, Payment, Review};
        // One in which nothing can be read is told of as such.
        matches!(exhibit.kind, AfterSale | BuyerRecord | Chat | Logistics | Order | Payment | Review)
            && subject.unread(exhibit.id).is_none()
    };
    let exhibits: Vec<(&Exhibit, BTreeSet<Id>)> =
        case.exhibits.iter().filter(of_a_deal).map(|exhibit| (exhibit, ids(exhibit, rows))).collect();
    let mut core: BTreeSet<Id> = case.subjects.iter().filter_map(|s| Some((kind(&s.kind)?, s.id.clone()))).collect();
    if exhibits.iter().all(|(_, ids)| ids.is_disjoint(&core)) {
        core = exhibits.iter().find(|(_, ids)| !ids.is_empty()).map(|(_, ids)| ids.clone()).unwrap_or_default();
    }
    // Who writes in a chat ties it to the orders of that buyer; it ties nothing else to the chat, for people go by the same names.
    let senders: Vec<BTreeSet<Id>> = exhibits.iter().map(|(exhibit, _)| senders(exhibit, rows)).collect();
    let tied = |at: usize, core: &BTreeSet<Id>| !exhibits[at].1.is_disjoint(core) || !senders[at].is_disjoint(core);
    loop {
        let before = core.len();
        for (at, (_, ids)) in exhibits.iter().enumerate() {
            if tied(at, &core) {
                core.extend(ids.iter().cloned());
            }
        }
        if core.len() == before {
            break;
        }
    }
    (0..exhibits.len()).filter(|at| !tied(*at, &core)).map(|at| exhibits[at].0.id).collect()
}

/// Who writes in an exhibit beside the shop, as the buyer of an order is named.
fn senders(exhibit: &Exhibit, rows: &[(Place, Row)]) -> BTreeSet<Id> {
    let of_it = rows.iter().filter(|(place, _)| place.exhibit == exhibit.id);
    let sender = of_it.filter_map(|(_, row)| match row {
        Row::Message { who, sender, .. } if *who != Who::Merchant && !sender.is_empty() => Some(sender.clone()),
        _ => None,
    });
    sender.map(|sender| ("buyer", sender)).collect()
}

/// An order, buyer, review or waybill.
type Id = (&'static str, String);

fn kind(of: &str) -> Option<&'static str> {
    ["order", "review", "buyer"].into_iter().find(|kind| *kind == of)
}

fn ids(exhibit: &Exhibit, rows: &[(Place, Row)]) -> BTreeSet<Id> {
    let links = &exhibit.links;
    let given = [("order", &links.orders), ("buyer", &links.buyers), ("review", &links.reviews)];
    let mut ids: BTreeSet<Id> =
        given.into_iter().flat_map(|(kind, ids)| ids.iter().map(move |id| (kind, id.clone()))).collect();
    ids.extend(exhibit.facts.get("waybill").map(|id| ("waybill", id.clone())));
    for (_, row) in rows.iter().filter(|(place, _)| place.exhibit == exhibit.id) {
        let (order, buyer, review, waybill) = match row {
            Row::Message { order, .. } | Row::Payment { order, .. } | Row::AfterSale { order, .. } => {
                (order.as_ref(), None, None, None)
            }
            Row::Order { order, buyer, waybill, .. } => (Some(order), buyer.as_ref(), None, waybill.as_ref()),
            Row::Trace { order, waybill, .. } => (order.as_ref(), None, None, waybill.as_ref()),
            Row::Review { order, buyer, review, .. } => (order.as_ref(), buyer.as_ref(), review.as_ref(), None),
            Row::Call { .. } | Row::Price { .. } => (None, None, None, None),
        };
        let told = [("order", order), ("buyer", buyer), ("review", review), ("waybill", waybill)];
        ids.extend(told.into_iter().filter_map(|(kind, id)| Some((kind, id?.clone()))));
    }
    ids
}

fn missing(item: &str, lack: Lack, action: impl Into<Localized>) -> Missing {
    Missing {
        item: item.to_owned(),
        lack,
        principle: Principle::Relevance,
        action: action.into(),
        why: Localized::default(),
        how: Localized::default(),
        source: None,
    }
}
