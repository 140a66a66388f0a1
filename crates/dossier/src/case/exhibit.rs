use std::collections::BTreeMap;

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

use crate::bundle::Sha256;
use crate::deadline::Instant;
use crate::lint::ExhibitId;
use crate::privacy::picture::Rect;

/// The five classes of electronic data that a Chinese court knows (民事诉讼证据规定, article 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Web pages, blogs, microblogs.
    Web,
    /// Messages: chat, SMS, e-mail.
    Message,
    /// Registrations, electronic transactions, logs.
    Transaction,
    /// Documents, pictures, audio, video, certificates.
    File,
    /// Anything else that is digital.
    Other,
}

/// What an exhibit is, which decides how it is read and what it can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExhibitKind {
    /// The review, as shown: a screenshot or an export.
    Review,
    /// The platform's notice of a penalty or a decision.
    PlatformNotice,
    /// A chat with the buyer or with the platform.
    Chat,
    /// Orders.
    Order,
    /// Payments and refunds.
    Payment,
    /// The trace of a parcel.
    Logistics,
    /// What the buyer did: other orders, returns, reviews.
    BuyerRecord,
    /// After-sale requests and their answers.
    AfterSale,
    /// Calls: when, who, answered or not.
    CallLog,
    /// A picture: of the goods, of a parcel, of a page.
    Picture,
    /// A video or a recording of a screen.
    Video,
    /// An e-mail.
    Mail,
    /// A listing, as shown.
    Listing,
    /// Prices over time.
    PriceRecord,
    /// A report of an inspection or a test.
    TestReport,
    /// A licence, a qualification, a registration of a mark or a copyright.
    Licence,
    /// An authorisation, one link of the chain from the brand to the shop.
    Authorisation,
    /// An invoice or a proof of purchase.
    Invoice,
    /// A rule of the platform, a standard, a law.
    Rule,
    /// What a detector of huoyan found.
    Detection,
    /// A receipt of a time stamp or a deposit of evidence.
    Receipt,
    /// What was put right.
    Rectification,
    /// Another document.
    Document,
}

impl ExhibitKind {
    /// The class that an exhibit of this kind falls into.
    pub const fn class(self) -> Class {
        match self {
            Self::Review | Self::Listing | Self::PlatformNotice => Class::Web,
            Self::Chat | Self::Mail => Class::Message,
            Self::Order
            | Self::Payment
            | Self::Logistics
            | Self::BuyerRecord
            | Self::AfterSale
            | Self::CallLog
            | Self::PriceRecord => Class::Transaction,
            Self::Picture
            | Self::Video
            | Self::TestReport
            | Self::Licence
            | Self::Authorisation
            | Self::Invoice
            | Self::Rule
            | Self::Receipt
            | Self::Rectification
            | Self::Document => Class::File,
            Self::Detection => Class::Other,
        }
    }
}

/// Who an exhibit comes from. Merchant and buyer are the parties; all others are third persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The shop.
    Merchant,
    /// The buyer.
    Buyer,
    /// The platform.
    Platform,
    /// Who carried the parcel.
    Carrier,
    /// A laboratory.
    Lab,
    /// A bank or a payment service.
    Payment,
    /// A time-stamping or evidence-keeping service.
    Timestamp,
    /// The owner of a brand.
    Brand,
    /// An authority.
    Authority,
    /// A tool: huoyan itself.
    Tool,
}

impl Class {
    /// Its name for people.
    pub fn name(self) -> Localized {
        let (zh, en) = match self {
            Self::Web => ("网页类", "web page"),
            Self::Message => ("通信类", "message"),
            Self::Transaction => ("交易与日志类", "transaction or log"),
            Self::File => ("文件类", "file"),
            Self::Other => ("其他", "other"),
        };
        Localized::new(zh, en)
    }
}

impl Party {
    /// Whether it is a third person, who bears out what a party says. A tool of ours is none.
    pub fn is_outside(self) -> bool {
        !matches!(self, Self::Merchant | Self::Buyer | Self::Tool)
    }

    /// Its name for people.
    pub fn name(self) -> Localized {
        let (zh, en) = match self {
            Self::Merchant => ("商家", "the shop"),
            Self::Buyer => ("买家", "the buyer"),
            Self::Platform => ("平台", "the platform"),
            Self::Carrier => ("承运商", "the carrier"),
            Self::Lab => ("检测机构", "a laboratory"),
            Self::Payment => ("支付机构", "a payment service"),
            Self::Timestamp => ("时间戳或存证机构", "a time-stamping service"),
            Self::Brand => ("品牌方", "the brand"),
            Self::Authority => ("有关部门", "an authority"),
            Self::Tool => ("检测工具", "a tool"),
        };
        Localized::new(zh, en)
    }
}

/// Where an exhibit comes from, as whoever put it into the case states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Who.
    pub party: Party,
    /// Whether a person said so; else it was guessed from what the exhibit is.
    #[serde(default)]
    pub party_told: bool,
    /// Which system: `抖店后台`, `顺丰查询` …; may be empty.
    #[serde(default)]
    pub system: String,
    /// Where in it, such as an address; may be empty.
    #[serde(default)]
    pub uri: String,
}

/// The fact of a picture that says what is alike in it and in the one beside it: `疑似同一图片，得分 0.97`.
pub const COMPARISON: &str = "comparison";

/// What an exhibit belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// Order ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<String>,
    /// Buyer ids or nicknames.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buyers: Vec<String>,
    /// Review ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviews: Vec<String>,
    /// Listing ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listings: Vec<String>,
    /// The picture beside which this one is shown in the dossier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared_with: Option<ExhibitId>,
}

/// An exhibit: one file, kept byte for byte, and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exhibit {
    /// Its number.
    pub id: ExhibitId,
    /// What it is.
    pub kind: ExhibitKind,
    /// Its class.
    pub class: Class,
    /// A title for people.
    pub title: String,
    /// Where it comes from.
    pub source: Source,
    /// When it was taken or exported, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured_at: Option<Instant>,
    /// Who took it; may be empty.
    #[serde(default)]
    pub captured_by: String,
    /// How: `screenshot`, `export`, `recording`, `download`, `scan`, `replay` …
    pub method: String,
    /// When it was put into the case.
    pub added_at: Instant,
    /// The file, as `exhibits/E01/chat.csv` within the case.
    pub file: String,
    /// How many bytes.
    pub bytes: u64,
    /// Of the bytes.
    pub sha256: Sha256,
    /// Of the bytes, such as `text/csv`.
    pub media_type: String,
    /// Pages of a document, seconds of a video; 0 when not known.
    #[serde(default)]
    pub length: u32,
    /// What it belongs to.
    #[serde(default)]
    pub links: Links,
    /// Facts on it that the checks ask for, by name: `report_no`, `lab`, `valid_until`, `waybill` …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// The exhibit of which this is a redacted or shortened copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<ExhibitId>,
    /// Regions of a picture that are covered in what goes out, in pixels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cover: Vec<Rect>,
}
