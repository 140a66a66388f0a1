//! What a value is.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident, $id:literal, $zh:literal, $en:literal;)*) => {
        /// What a value is. The order is that of the list in reports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $id)] $name,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in data files and records.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// The name in a Chinese token.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$name => $zh,)* }
            }

            /// The name in an English token.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

kinds! {
    /// A mainland mobile number.
    Mobile, "mobile", "手机", "phone";
    /// A landline number.
    Landline, "landline", "座机", "landline";
    /// A resident identity number (GB 11643).
    IdCard, "id_card", "身份证", "id-card";
    /// A bank card number.
    BankCard, "bank_card", "银行卡", "bank-card";
    /// A passport or another travel document.
    Passport, "passport", "护照", "passport";
    /// A vehicle's number plate.
    Plate, "plate", "车牌", "plate";
    /// An e-mail address.
    Email, "email", "邮箱", "e-mail";
    /// A QQ number or group.
    Qq, "qq", "QQ", "qq";
    /// A WeChat account.
    WeChat, "wechat", "微信", "wechat";
    /// An address below the city.
    Address, "address", "地址", "address";
    /// A person's name.
    Name, "name", "姓名", "name";
    /// The legal person named in a licence.
    LegalPerson, "legal_person", "法人", "legal-person";
    /// An IP address.
    Ip, "ip", "网络地址", "ip";
    /// A device's identity (IMEI, MAC, advertising id).
    Device, "device", "设备", "device";
    /// The account name or number of a buyer.
    Buyer, "buyer", "买家", "buyer";
    /// An order's or a case's number.
    Order, "order", "订单", "order";
    /// A waybill.
    Waybill, "waybill", "运单", "waybill";
    /// The shop itself, which only a public copy does not name.
    Shop, "shop", "店铺", "shop";
}

impl Kind {
    /// The kind with this id.
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.id() == id)
    }

    /// Whether it stands for a person by itself and so goes from every profile that hands text out.
    pub const fn is_personal(self) -> bool {
        !matches!(self, Self::Buyer | Self::Order | Self::Waybill | Self::Shop)
    }
}
