//! Which column holds what.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::case::ExhibitKind;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// When a message, a step, a payment, a call or a price was.
    Time,
    /// The name of who wrote.
    Sender,
    /// Whose side who wrote is on.
    Role,
    /// Whether the merchant wrote it.
    Outgoing,
    /// What was written.
    Text,
    /// A short word on the row: its type or state.
    Label,
    /// The order.
    Order,
    /// The buyer.
    Buyer,
    /// The listing.
    Listing,
    /// The parcel.
    Waybill,
    /// The payment service's number.
    Serial,
    /// The review's id.
    Review,
    /// The review's stars.
    Stars,
    /// What the review says.
    ReviewText,
    /// When the review was written.
    ReviewTime,
    /// When a buyer's after-sale request was.
    AfterSaleTime,
    /// What a buyer's after-sale request was.
    AfterSaleText,
    /// An amount of money.
    Amount,
    /// An amount given back.
    Refund,
    /// When the order was placed.
    Ordered,
    /// When it was paid.
    Paid,
    /// Until when it had to be sent.
    Promised,
    /// When it was sent.
    Sent,
    /// When it was received.
    Received,
    /// Its state.
    OrderStatus,
    /// Whether a call was answered.
    Answered,
    /// How long it was.
    Duration,
}

impl Field {
    /// As `data/records/headers.toml` writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Sender => "sender",
            Self::Role => "role",
            Self::Outgoing => "outgoing",
            Self::Text => "text",
            Self::Label => "label",
            Self::Order => "order",
            Self::Buyer => "buyer",
            Self::Listing => "listing",
            Self::Waybill => "waybill",
            Self::Serial => "serial",
            Self::Review => "review",
            Self::Stars => "stars",
            Self::ReviewText => "review_text",
            Self::ReviewTime => "review_time",
            Self::AfterSaleTime => "after_sale_time",
            Self::AfterSaleText => "after_sale_text",
            Self::Amount => "amount",
            Self::Refund => "refund",
            Self::Ordered => "ordered",
            Self::Paid => "paid",
            Self::Promised => "promised",
            Self::Sent => "sent",
            Self::Received => "received",
            Self::OrderStatus => "order_status",
            Self::Answered => "answered",
            Self::Duration => "duration",
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Headers {
    field: Vec<Entry>,
    pub roles: RoleWords,
    pub words: Words,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    field: Field,
    words: Vec<String>,
    /// Every kind when left out.
    #[serde(default)]
    kinds: Vec<ExhibitKind>,
    #[serde(default)]
    fen: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleWords {
    pub merchant: Vec<String>,
    pub buyer: Vec<String>,
    pub other: Vec<String>,
    pub name_begins: Begins,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begins {
    pub merchant: Vec<String>,
    pub buyer: Vec<String>,
    pub other: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub refund: Vec<String>,
    pub answered: Vec<String>,
    pub unanswered: Vec<String>,
    pub sums: Vec<String>,
}

pub(super) fn headers() -> &'static Headers {
    static HEADERS: OnceLock<Headers> = OnceLock::new();
    HEADERS.get_or_init(|| {
        toml::from_str(include_str!("../../data/records/headers.toml"))
            .expect("invariant: the headers that ship are read by the tests")
    })
}

/// What a Chinese export usually calls a field.
pub(super) fn in_chinese(name: &str) -> &str {
    match name {
        "time" => "时间",
        "sender" => "发送者",
        "role" => "角色",
        "outgoing" => "收发方向",
        "text" => "内容",
        "label" => "类型或状态",
        "order" => "订单号",
        "buyer" => "买家",
        "listing" => "商品ID",
        "waybill" => "运单号",
        "serial" => "流水号",
        "review" => "评价ID",
        "stars" => "评分",
        "amount" => "金额",
        "refund" => "退款金额",
        "ordered" => "下单时间",
        "paid" => "支付时间",
        "sent" => "发货时间",
        "received" => "签收时间",
        "answered" => "是否接听",
        other => other,
    }
}

/// What each column holds, and whether amounts in it are in fen.
pub(super) type Fields = Vec<Option<(Field, bool)>>;

/// What each column of a header holds, and whether amounts in it are in fen. A field is given to one column: to the one whose header stands
/// earliest among the field's words.
pub(super) fn map(kind: ExhibitKind, header: &[String]) -> Fields {
    let mut mapped: Fields = vec![None; header.len()];
    let folded: Vec<(String, bool)> = header.iter().map(|name| fold(name)).collect();
    let mut taken = Vec::new();
    for entry in headers().field.iter().filter(|entry| entry.kinds.is_empty() || entry.kinds.contains(&kind)) {
        for word in &entry.words {
            if taken.contains(&entry.field) {
                break;
            }
            let free = |at: &usize| mapped[*at].is_none() && folded[*at].0 == *word;
            if let Some(at) = (0..header.len()).find(free) {
                mapped[at] = Some((entry.field, entry.fen || folded[at].1));
                taken.push(entry.field);
            }
        }
    }
    mapped
}

/// The header without blanks, marks and brackets, and whether its unit is fen.
fn fold(name: &str) -> (String, bool) {
    let (mut out, mut unit, mut depth) = (String::new(), String::new(), 0_u32);
    // Keys of nested objects: the last says what it is.
    let name = name.rsplit('.').next().unwrap_or(name);
    for c in name.trim().chars().flat_map(char::to_lowercase) {
        match c {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth > 0 => unit.push(c),
            c if c.is_whitespace() || matches!(c, '_' | '-' | '*' | ':' | '：' | '"' | '\'' | '\u{feff}') => {}
            c => out.push(c),
        }
    }
    (out, matches!(unit.trim(), "分" | "fen"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn fields(kind: ExhibitKind, header: &[&str]) -> Vec<&'static str> {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        map(kind, &header).iter().map(|field| field.map_or("-", |(field, _)| field.name())).collect()
    }

    #[test]
    fn usual_headers_are_known() {
        let order =
            ["主订单编号", "商品ID", "订单提交时间", "支付完成时间", "承诺发货时间", "发货时间", "快递编号", "备注"];
        let expected = ["order", "listing", "ordered", "paid", "promised", "sent", "waybill", "-"];
        assert_eq!(fields(ExhibitKind::Order, &order), expected);
        let chat = ["会话ID", "发送时间", "发送方", "昵称", "消息内容", "order_id"];
        assert_eq!(fields(ExhibitKind::Chat, &chat), ["-", "time", "role", "sender", "text", "order"]);
        let bill = ["交易时间", "交易类型", "交易对方", "金额(元)", "交易单号", "商户单号"];
        assert_eq!(fields(ExhibitKind::Payment, &bill), ["time", "label", "-", "amount", "serial", "order"]);
    }

    #[test]
    fn no_word_is_unreachable() {
        let mut seen: BTreeMap<(ExhibitKind, &str), Field> = BTreeMap::new();
        for entry in &headers().field {
            for word in &entry.words {
                assert_eq!(fold(word).0, *word, "a header is folded, so its word must be");
                for kind in &entry.kinds {
                    if let Some(other) = seen.insert((*kind, word), entry.field) {
                        // Only the first can be given; a second field may stand in when that one is taken.
                        assert_ne!(other, entry.field, "{word} twice for {kind:?}");
                    }
                }
            }
        }
    }
}
