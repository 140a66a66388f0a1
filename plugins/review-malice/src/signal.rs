//! The signals, and the families they belong to.
//!
//! A signal is one number about one review, computed by one stage; what it is worth is the model's business
//! ([`huoyan_ledger`]). Families group signals that see the same thing twice, so that they are capped together and do not count
//! as independent of each other.

use serde::{Deserialize, Serialize};

/// Signals that would confirm each other merely by seeing the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Many reviews at once on a listing or shop.
    Burst,
    /// What the others of the same listing and time are like. Under innocence, how many come together and what they are like are
    /// independent of each other.
    Company,
    /// Words shared with other accounts' reviews.
    Copy,
    /// The same accounts meeting on several listings.
    Coordination,
    /// What the account did otherwise.
    Account,
    /// What the review says, against its rating.
    Content,
    /// What the review says outright: extortion, advertising, insult, paid praise.
    Wording,
    /// Order, delivery and refund.
    Transaction,
}

impl Family {
    /// Every family, in order.
    pub const ALL: [Self; 8] = [
        Self::Burst,
        Self::Company,
        Self::Copy,
        Self::Coordination,
        Self::Account,
        Self::Content,
        Self::Wording,
        Self::Transaction,
    ];

    /// The name in evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Burst => "burst",
            Self::Company => "company",
            Self::Copy => "copy",
            Self::Coordination => "coordination",
            Self::Account => "account",
            Self::Content => "content",
            Self::Wording => "wording",
            Self::Transaction => "transaction",
        }
    }
}

macro_rules! signals {
    ($($(#[$doc:meta])+ $name:ident = $text:literal $family:ident;)+) => {
        /// One number about one review. 0 always means "nothing to say".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Signal { $($(#[$doc])+ $name),+ }

        impl Signal {
            /// Every signal, in the order of the ledger.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name in ledgers and in the model.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// Its family.
            pub fn family(self) -> Family {
                match self { $(Self::$name => Family::$family),+ }
            }

            /// Names with their families, as a model needs them.
            pub const NAMES: &[(&str, &str)] = &[$(($text, Family::$family.as_str())),+];
        }
    };
}

signals! {
    /// Log-likelihood ratio of the count of other reviews of this polarity within 3 days, against the expected.
    BurstShort = "burst_short" Burst;
    /// The same within 7 to 70 days.
    BurstLong = "burst_long" Burst;
    /// The same over the shop's other listings, within 14 days.
    BurstShop = "burst_shop" Burst;
    /// Log-likelihood ratio of the busiest window of up to 75 days, its count and what its others are like taken together.
    Campaign = "campaign" Burst;
    /// Others near in time wrote unusually soon after delivery, as this one did.
    FastTogether = "fast_together" Company;
    /// Others near in time are unusually young accounts, as this one is.
    FreshTogether = "fresh_together" Company;
    /// Others near in time did not verifiably buy, as this one did not.
    UnverifiedTogether = "unverified_together" Company;
    /// A burst of ordinary buyers (usual delays, usual ages): a bad batch or a courier, which speaks against malice.
    OrdinaryBuyers = "ordinary_buyers" Company;
    /// The others of the busiest window are fast and fresh far more often than ordinary buyers (nats).
    OddBuyers = "odd_buyers" Company;
    /// Others near in time praise in words and condemn in stars, as this one does.
    MismatchTogether = "mismatch_together" Company;
    /// Others near in time have wording of the same kind.
    WordingTogether = "wording_together" Company;
    /// Log-likelihood ratio of the others of the campaign's window by themselves, as a mixture of campaigners and others.
    BadCompany = "bad_company" Company;
    /// The same where they are unlike campaigners: speaks for the review.
    GoodCompany = "good_company" Company;
    /// Mean log-likelihood ratio of the four others nearest in time.
    NearCompany = "near_company" Company;
    /// It is by itself far more innocent than the campaigners it stands among: speaks for the review.
    UnlikeCompany = "unlike_company" Company;
    /// The most suspect of the four others nearest in time.
    WorstNear = "worst_near" Company;
    /// The four others nearest in time look innocent: speaks for the review.
    InnocentNear = "innocent_near" Company;
    /// Nats of uncommon phrasing shared with the most similar review of another account on the listing.
    PhraseNearest = "phrase_nearest" Copy;
    /// The same for the second most similar account.
    PhraseSeveral = "phrase_several" Copy;
    /// Nats of uncommon phrasing shared with other accounts' reviews of other listings.
    CopyAcross = "copy_across" Copy;
    /// Nats of uncommon phrasing shared with the account's own reviews of other listings.
    CopySelf = "copy_self" Copy;
    /// Log-likelihood ratio that accounts meeting on several listings agree by chance.
    Ring = "ring" Coordination;
    /// On how many pairs of listings that is surprising.
    RingWide = "ring_wide" Coordination;
    /// Log-likelihood ratio of the account's other reviews within 30 to 90 days being this negative.
    SerialShare = "serial_share" Account;
    /// Other negative reviews of the account within 90 days, on other shops.
    SerialPace = "serial_pace" Account;
    /// Log-likelihood ratio of the account's other negative reviews within 90 days having one star as often.
    SerialHarsh = "serial_harsh" Account;
    /// Other negative reviews of the account within 90 days with two stars: speaks for the review.
    SerialMild = "serial_mild" Account;
    /// Other reviews of the account within 90 days that are not negative: speaks for the review.
    Balanced = "balanced" Account;
    /// Share of negative ones among the account's other reviews within 90 days, shrunk towards none.
    NegativeShare = "negative_share" Account;
    /// Other reviews of the account more than 90 days away, doublings: speaks for the review.
    Established = "established" Account;
    /// The account wrote other reviews both within 90 days, not negative ones, and before or after that, doublings of the fewer: it is
    /// used as it always was, neither taken over nor dressed up for a while. Speaks for the review.
    Steady = "steady" Account;
    /// The account is unusually young, in nats.
    FreshAccount = "fresh_account" Account;
    /// The account is older than most, in nats: speaks for the review.
    OldAccount = "old_account" Account;
    /// The account wrote nothing else, in nats of how unusual that is here. Nobody is suspicious for being alone: it only tells of
    /// the company it gives to others.
    Lone = "lone" Account;
    /// Text praises although the rating condemns, or the other way round (log-odds).
    Mismatch = "mismatch" Content;
    /// Two stars, not one: speaks for the review.
    Moderate = "moderate" Content;
    /// A low rating without one word of complaint.
    NoComplaint = "no_complaint" Content;
    /// Demands money, goods or contact for the review.
    Extort = "extort" Wording;
    /// Sends buyers to another shop.
    Advert = "advert" Wording;
    /// Insults people.
    Abuse = "abuse" Wording;
    /// The account's other reviews extort, advertise or insult.
    WordingAccount = "wording_account" Wording;
    /// No words.
    Nonsense = "nonsense" Wording;
    /// Says that the praise was rewarded.
    Paid = "paid" Wording;
    /// Complains that the shop asked for contact or a change: speaks for the reviewer.
    Told = "told" Wording;
    /// Written unusually soon after delivery, in nats.
    FastReview = "fast_review" Transaction;
    /// Written later after delivery than most, in nats: speaks for the review.
    SlowReview = "slow_review" Transaction;
    /// No verified purchase.
    Unverified = "unverified" Transaction;
    /// Other refunded negative reviews of the account, beyond what is usual (log-likelihood ratio).
    RefundSerial = "refund_serial" Transaction;
}

/// Number of signals.
pub const COUNT: usize = Signal::ALL.len();

/// The signals of one review.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signals(pub [f32; COUNT]);

impl Default for Signals {
    fn default() -> Self {
        Self([0.0; COUNT])
    }
}

impl Signals {
    /// The value of a signal.
    pub fn get(&self, signal: Signal) -> f32 {
        self.0[signal as usize]
    }

    /// Sets a signal; what is not finite becomes 0.
    pub fn set(&mut self, signal: Signal, value: f32) {
        self.0[signal as usize] = if value.is_finite() { value } else { 0.0 };
    }

    /// Keeps, per signal, the value that is farther from 0; independent of the order in which evidence arrives.
    pub fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            if (theirs.abs(), theirs) > (mine.abs(), *mine) {
                *mine = theirs;
            }
        }
    }

    /// Writes the non-zero signals.
    pub fn write(&self, w: &mut crate::codec::Writer) {
        let mask = self.0.iter().enumerate().fold(0u64, |m, (i, v)| if *v == 0.0 { m } else { m | 1 << i });
        w.u64(mask);
        for value in self.0.iter().filter(|v| **v != 0.0) {
            w.f32(*value);
        }
    }

    /// Reads what [`Signals::write`] wrote.
    pub fn read(r: &mut crate::codec::Reader<'_>) -> Option<Self> {
        let mask = r.u64()?;
        let mut out = Self::default();
        for (i, value) in out.0.iter_mut().enumerate() {
            if mask >> i & 1 == 1 {
                *value = r.f32()?;
            }
        }
        Some(out)
    }
}
