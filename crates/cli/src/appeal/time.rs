//! Moments on the command line, and the one place where a case's command reads the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use huoyan_dossier::deadline::Instant;

use crate::args::appeal::Clock;
use crate::plugins::{Failure, failure};

/// The moment an option names: RFC 3339, or a day or a time in China's zone.
pub(super) fn parse(option: &str, text: &str) -> Result<Instant, Failure> {
    let plain = text.trim().replacen(' ', "T", 1);
    let guesses =
        [plain.clone(), format!("{plain}+08:00"), format!("{plain}:00+08:00"), format!("{plain}T00:00:00+08:00")];
    guesses.iter().find_map(|guess| Instant::parse(guess).ok()).ok_or_else(|| {
        failure((
            format!("{option} {text}：请把时间写成 2026-11-22T10:00:00+08:00 或 2026-11-22 10:00（北京时间）"),
            format!("{option} {text}: write a time as 2026-11-22T10:00:00+08:00 or 2026-11-22 10:00 (China)"),
        ))
    })
}

/// The present: what `--now` says, else the system's clock.
pub(super) fn now(clock: &Clock) -> Result<Instant, Failure> {
    if let Some(text) = &clock.now {
        return parse("--now", text);
    }
    let seconds =
        SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok());
    seconds.and_then(Instant::from_unix_seconds).ok_or_else(|| {
        failure(("系统时钟不可用，请用 --now 给出时间", "the system's clock makes no sense; give the time by --now"))
    })
}

/// Where the present comes from, for `environment.json`.
pub(super) fn source(clock: &Clock) -> &'static str {
    if clock.now.is_some() { "given by hand" } else { "system" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_zone_is_chinas() {
        for text in ["2026-11-22T10:00:00+08:00", "2026-11-22 10:00:00", "2026-11-22 10:00", "2026-11-22T02:00:00Z"] {
            assert_eq!(parse("--now", text).unwrap(), Instant::parse("2026-11-22T10:00:00+08:00").unwrap(), "{text}");
        }
        assert_eq!(parse("--now", "2026-11-22").unwrap().to_string(), "2026-11-22T00:00:00+08:00");
        assert!(parse("--now", "tomorrow").unwrap_err().en.starts_with("--now tomorrow: write a time as"));
    }
}
