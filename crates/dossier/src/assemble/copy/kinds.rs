//! What exhibits are called.

use huoyan_model::Localized;

use crate::case::ExhibitKind;

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
