//! How many come at once.

use crate::days::DAY;
use crate::facts::Window;
use crate::listing::Member;
use crate::listing::crowd::Crowd;
use crate::scan::{Best, scan, surplus};
use crate::signal::Signal;

/// Windows, in days.
const SHORT: &[i64] = &[1, 3];
const LONG: &[i64] = &[7, 14, 30, 70];
/// Log-likelihood ratio from which a window is kept as evidence.
const SURPRISING: f64 = 2.0;

/// Sets the signals of counts, and gives the busiest window of each point.
pub(super) fn judge(members: &mut [Member], crowd: &Crowd<'_>) -> Vec<Best> {
    let mut busiest = vec![Best::default(); crowd.at.len()];
    for (lengths, signal) in [(SHORT, Signal::BurstShort), (LONG, Signal::BurstLong)] {
        let mut value = vec![0.0f64; crowd.at.len()];
        for days in lengths {
            let others = |a, b| surplus(crowd.accounts(a, b) - 1.0, crowd.expected(a, b, *days));
            for (k, window) in scan(&crowd.times, days * DAY, others).into_iter().enumerate() {
                value[k] = value[k].max(window.value);
                if window.value > busiest[k].value {
                    busiest[k] = window;
                }
            }
        }
        for (k, i) in crowd.at.iter().enumerate() {
            members[*i].facts.signals.set(signal, value[k] as f32);
        }
    }
    for (Best { value, start, end }, i) in busiest.iter().copied().zip(&crowd.at) {
        if value > SURPRISING {
            let (from, to) = (crowd.times[start], crowd.times[end - 1]);
            members[*i].facts.window = Some(Window {
                from,
                to,
                observed: crowd.accounts(start, end) as u32,
                expected: crowd.expected(start, end, (to - from) / DAY + 1) as f32,
            });
        }
    }
    busiest
}
