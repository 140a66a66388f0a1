//! Group stage `listing`: what the reviews of one listing show together.
//!
//! A burst alone says little: a bad batch and a lost lorry make bursts too. So every burst is also tested for its
//! composition (do its members share rare traits — written hours after delivery, accounts made yesterday, praise in words
//! under one star?), and a burst of ordinary buyers speaks against malice. Each review is judged by the *others*: nobody is
//! suspicious for being alone.

mod bursts;
mod company;
mod composition;
mod crowd;
mod excerpts;
mod phrasing;
mod traits;

use huoyan_ledger::Model;

use self::crowd::Crowd;
use crate::days::{Usual, day};
use crate::facts::{Facts, MAX_COMPANIONS, Polarity};
use crate::phrases::Phrases;
use crate::signal::Signal;
use crate::wording::Kind;

/// Nats below which a piece is everyday language.
pub const EVERYDAY: f32 = 4.0;
/// Companions named of each kind.
const NAMED: usize = 6;
/// A complaint of this many characters has a word of complaint; a shorter one may just have a word we do not know.
const ENOUGH_CHARS: u16 = 7;

/// One review of the group.
pub struct Member {
    /// Its key.
    pub record: String,
    /// What is known of it.
    pub facts: Facts,
}

/// The model's side for a polarity.
pub fn side(polarity: Polarity) -> usize {
    usize::from(polarity == Polarity::Positive)
}

/// Sets the signals of a listing's reviews. `members` come in order of time.
pub fn judge(members: &mut [Member], usual: &Usual, phrases: &Phrases, model: &Model) {
    alone(members, usual);
    phrasing::judge(members, phrases);
    excerpts::add(members);
    for polarity in [Polarity::Negative, Polarity::Positive] {
        if let Some(crowd) = Crowd::of(members, polarity, usual) {
            let busiest = bursts::judge(members, &crowd);
            traits::judge(members, &crowd);
            company::judge(members, &crowd, &busiest, model);
            composition::judge(members, &crowd, &busiest);
        }
    }
}

/// Signals that need no other review.
pub fn alone(members: &mut [Member], usual: &Usual) {
    for m in members {
        let f = &mut m.facts;
        let praise = f.tone.praise;
        let (fast, fresh) = (usual.delay(f.delay_hours), usual.age(f.age_days, day(f.time)));
        let nats = |share: f64| (0.3 / share.max(0.003)).ln().max(0.0) as f32;
        // Above the middle, of those that are as high or higher.
        let late = |share: f64| (0.5 / (1.0 - share).max(0.02)).ln().max(0.0) as f32;
        if let Some(low) = fast {
            f.signals.set(Signal::FastReview, nats(low.share));
            f.signals.set(Signal::SlowReview, late(low.share));
        }
        if let Some(low) = fresh {
            f.signals.set(Signal::FreshAccount, nats(low.share));
            f.signals.set(Signal::OldAccount, late(low.share));
        }
        if f.verified == Some(false) {
            f.signals.set(Signal::Unverified, 1.0);
        }
        match f.polarity {
            Polarity::Negative => {
                f.signals.set(Signal::Moderate, f32::from(f.stars == 2));
                f.signals.set(Signal::Mismatch, praise.max(0.0));
                f.signals.set(Signal::NoComplaint, f32::from(f.tone.words == 0 && f.chars >= ENOUGH_CHARS));
            }
            Polarity::Positive => f.signals.set(Signal::Mismatch, (-praise - 1.0).max(0.0)),
            Polarity::Neutral => {}
        }
        for i in 0..f.hits.len() {
            let hit = f.hits[i];
            let signal = match hit.kind {
                Kind::Extort => Signal::Extort,
                Kind::Advert => Signal::Advert,
                Kind::Abuse => Signal::Abuse,
                Kind::Nonsense => Signal::Nonsense,
                Kind::Paid if f.polarity == Polarity::Positive => Signal::Paid,
                Kind::Told if f.polarity != Polarity::Positive => Signal::Told,
                Kind::Paid | Kind::Told => continue,
            };
            f.signals.set(signal, hit.weight.abs());
        }
    }
}

/// How much it tells that two texts agree, by the length of one: four characters are anybody's, twelve are not.
pub fn telling(chars: u16) -> f32 {
    ((f32::from(chars) - 4.0) / 8.0).clamp(0.0, 1.0)
}

/// Adds a companion, unless it is known or there are enough.
pub fn name(facts: &mut Facts, record: String) {
    if facts.companions.len() < MAX_COMPANIONS && !facts.companions.contains(&record) {
        facts.companions.push(record);
    }
}
