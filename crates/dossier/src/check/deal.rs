use std::collections::BTreeSet;

use crate::case::Case;
use crate::records::{Place, Row};

/// Which rows are of the deal that a case is about: an export may hold a month of orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// Its orders; when none is known, every row is taken to be of it.
    orders: BTreeSet<String>,
}

impl Deal {
    /// The orders that the case names as its subject, and those of the reviews that it names.
    pub fn of(case: &Case, rows: &[(Place, Row)]) -> Self {
        let subjects = |kind: &str| -> BTreeSet<&str> {
            case.subjects.iter().filter(|subject| subject.kind == kind).map(|subject| subject.id.as_str()).collect()
        };
        let mut orders: BTreeSet<String> = subjects("order").into_iter().map(str::to_owned).collect();
        let reviews = subjects("review");
        orders.extend(rows.iter().filter_map(|(_, row)| match row {
            Row::Review { review: Some(review), order: Some(order), .. } if reviews.contains(review.as_str()) => {
                Some(order.clone())
            }
            _ => None,
        }));
        Self { orders }
    }

    /// Its orders; none when they are not known.
    pub fn orders(&self) -> &BTreeSet<String> {
        &self.orders
    }

    /// The order that a row names.
    pub fn order(row: &Row) -> Option<&str> {
        match row {
            Row::Order { order, .. } => Some(order.as_str()),
            Row::Message { order, .. }
            | Row::Payment { order, .. }
            | Row::Trace { order, .. }
            | Row::AfterSale { order, .. }
            | Row::Review { order, .. } => order.as_deref(),
            Row::Call { .. } | Row::Price { .. } => None,
        }
    }

    /// Whether a row is of the deal: it names one of its orders, or none at all.
    pub fn has(&self, row: &Row) -> bool {
        self.orders.is_empty() || Self::order(row).is_none_or(|order| self.orders.contains(order))
    }

    /// Whether what is told of an order belongs to the deal.
    pub fn has_order(&self, order: &str) -> bool {
        self.orders.is_empty() || self.orders.contains(order)
    }

    /// The rows of the deal, in their order.
    pub fn rows<'r>(&self, rows: &'r [(Place, Row)]) -> Vec<&'r (Place, Row)> {
        rows.iter().filter(|(_, row)| self.has(row)).collect()
    }
}
