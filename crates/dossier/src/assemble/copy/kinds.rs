//! What fields and exhibits are called, and how a field is redacted by what it is.

use huoyan_model::Localized;

use crate::case::ExhibitKind;
use crate::privacy::{FieldKind, Kind, Redacted, Redactor, Source, field_kind};

/// Redacts a value whose kind its field tells. What the profile keeps may still hold more than its kind: a nickname that is a phone number.
pub(in crate::assemble) fn value(
    redactor: &mut Redactor,
    kind: FieldKind,
    value: &str,
    source: Source<'_>,
) -> Redacted {
    match kind {
        FieldKind::Whole(Kind::Order) => redactor.field("order_id", value, source),
        FieldKind::Whole(Kind::Waybill) => redactor.field("waybill", value, source),
        FieldKind::Whole(kind) => {
            let done = redactor.field(field_of(kind), value, source);
            if done.redactions.is_empty() { redactor.text(value, source) } else { done }
        }
        FieldKind::Shop => redactor.field("shop_id", value, source),
        FieldKind::Stays => Redacted { text: value.to_owned(), redactions: Vec::new() },
        FieldKind::Free => redactor.text(value, source),
    }
}

/// A field name that tells the kind.
fn field_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Mobile => "mobile",
        Kind::Landline => "landline",
        Kind::IdCard => "idcard",
        Kind::BankCard => "bankcard",
        Kind::Passport => "passport",
        Kind::Plate => "plateno",
        Kind::Email => "email",
        Kind::Qq => "qq",
        Kind::WeChat => "wechat",
        Kind::Address => "address",
        Kind::Name => "receiver",
        Kind::LegalPerson => "legalperson",
        Kind::Ip => "ip",
        Kind::Device => "imei",
        Kind::Buyer => "buyerid",
        Kind::Order => "orderid",
        Kind::Waybill => "waybill",
    }
}

/// What an exhibit is called, in folders and titles.
pub(in crate::assemble) fn kind_name(kind: ExhibitKind) -> Localized {
    let (zh, en) = match kind {
        ExhibitKind::Review => ("评价", "review"),
        ExhibitKind::PlatformNotice => ("平台通知", "platform notice"),
        ExhibitKind::Chat => ("聊天记录", "chat"),
        ExhibitKind::Order => ("订单", "orders"),
        ExhibitKind::Payment => ("支付", "payments"),
        ExhibitKind::Logistics => ("物流", "logistics"),
        ExhibitKind::BuyerRecord => ("买家行为", "buyer record"),
        ExhibitKind::AfterSale => ("售后", "after-sale"),
        ExhibitKind::CallLog => ("通话记录", "calls"),
        ExhibitKind::Picture => ("图片", "picture"),
        ExhibitKind::Video => ("视频", "video"),
        ExhibitKind::Mail => ("邮件", "mail"),
        ExhibitKind::Listing => ("商品页", "listing"),
        ExhibitKind::PriceRecord => ("价格记录", "prices"),
        ExhibitKind::TestReport => ("检测报告", "test report"),
        ExhibitKind::Licence => ("资质", "licence"),
        ExhibitKind::Authorisation => ("授权", "authorisation"),
        ExhibitKind::Invoice => ("票据", "invoice"),
        ExhibitKind::Rule => ("规则", "rule"),
        ExhibitKind::Detection => ("检测命中", "detection"),
        ExhibitKind::Receipt => ("存证", "receipt"),
        ExhibitKind::Rectification => ("整改", "rectification"),
        ExhibitKind::Document => ("文件", "document"),
    };
    Localized::new(zh, en)
}

/// What the name of a field or of the cell to its left says; `Free` where neither says anything.
pub(super) fn kind_of(header: &str, left: Option<&str>) -> FieldKind {
    let own = field_kind(header);
    let label = |text: &&str| text.chars().count() <= 20;
    match left.filter(label).map(|left| field_kind(left.trim_end_matches([':', '：', ' ']))) {
        Some(FieldKind::Whole(kind)) if own == FieldKind::Free => FieldKind::Whole(kind),
        _ => own,
    }
}
