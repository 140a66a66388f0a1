use huoyan_model::Localized;

use super::{PrincipleScore, Reason};
use crate::package::Principle;

/// The points of the three principles as they are gathered.
#[derive(Debug, Default)]
pub(super) struct Points(Vec<(Principle, Reason)>);

impl Points {
    pub fn add(&mut self, principle: Principle, met: bool, text: impl Into<Localized>) {
        self.0.push((principle, Reason { met, text: text.into() }));
    }

    /// The part of its points that each principle meets, rounded down, so that 100 means all; without points it is 0.
    pub fn scores(self) -> Vec<PrincipleScore> {
        let score = |principle: Principle| {
            let reasons: Vec<Reason> =
                self.0.iter().filter(|(of, _)| *of == principle).map(|(_, reason)| reason.clone()).collect();
            let met = reasons.iter().filter(|reason| reason.met).count();
            let score = (met * 100).checked_div(reasons.len()).unwrap_or_default();
            PrincipleScore { principle, score: u8::try_from(score).unwrap_or(100), reasons }
        };
        Principle::ALL.into_iter().map(score).collect()
    }
}
