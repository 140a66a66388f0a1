//! Moments that start deadlines, as the command line gives them.

use huoyan_dossier::deadline::{Instant, Rules};
use huoyan_model::{Locale, Localized};

use super::{named_each, time};
use crate::plugins::{Failure, failure};

/// An event further back than this is more likely a slip of the year than an appeal.
const OLD_DAYS: i64 = 2 * 365;

/// `EVENT=TIME` of each; `None` for an event that is taken back.
pub(super) fn parse(given: &[String], rules: &Rules) -> Result<Vec<(String, Option<Instant>)>, Failure> {
    given.iter().map(|text| one(text, rules)).collect()
}

fn one(text: &str, rules: &Rules) -> Result<(String, Option<Instant>), Failure> {
    let Some((event, time)) = text.split_once('=') else {
        return Err(failure((
            format!("--started {text}：写法是 事件=时间，例如 penalty_notice=2026-11-22 10:00"),
            format!("--started {text}: write EVENT=TIME, as in penalty_notice=2026-11-22 10:00"),
        )));
    };
    let (event, time) = (event.trim(), time.trim());
    if rules.started_by(event).next().is_none() {
        return Err(unknown(event, rules));
    }
    let at = if time.is_empty() { None } else { Some(time::parse(&format!("--started {event}="), time)?) };
    Ok((event.to_owned(), at))
}

/// The events there are, each with the deadlines that it starts.
fn unknown(event: &str, rules: &Rules) -> Failure {
    let events = events(rules);
    let names = |event, locale, comma| {
        rules.started_by(event).map(|rule| rule.name.get(locale)).collect::<Vec<_>>().join(comma)
    };
    let words: Vec<Localized> = events
        .iter()
        .map(|event| Localized::new(names(event, Locale::Zh, "、"), names(event, Locale::En, ", ")))
        .collect();
    named_each("--started", event, &events.into_iter().zip(&words).collect::<Vec<_>>())
}

/// The names of all events that start a deadline, each once.
pub(super) fn events(rules: &Rules) -> Vec<&str> {
    let mut events: Vec<&str> = rules.iter().map(|rule| rule.starts.as_str()).collect();
    events.sort_unstable();
    events.dedup();
    events
}

/// What a person should look at again: a moment that is still to come, or long ago.
pub(super) fn doubts(event: &str, at: Instant, now: Instant, rules: &Rules) -> Option<Localized> {
    let days = at.china_date().signed_duration_since(now.china_date()).num_days();
    // A visit or a promise lies ahead by its nature.
    let ahead = event == PROMISE || rules.started_by(event).any(|rule| rule.counts_back());
    if at > now && !ahead {
        return Some(Localized::new(
            format!("{event} 的时间 {at} 在当前时间之后，请核对年月日"),
            format!("{event} is given as {at}, which is still to come; check the date"),
        ));
    }
    (days < -OLD_DAYS).then(|| {
        Localized::new(
            format!("{event} 的时间 {at} 距今超过两年，请核对年份"),
            format!("{event} is given as {at}, more than two years ago; check the year"),
        )
    })
}

/// What a late parcel is judged by: the end of the time that was promised.
const PROMISE: &str = "promised_shipping";

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        time::parse("--now", text).unwrap()
    }

    #[test]
    fn an_event_is_one_that_starts_a_deadline() {
        let rules = Rules::built_in();
        let given = ["complaint_filed=2026-11-22".to_owned(), "penalty_notice=".to_owned()];
        let parsed = parse(&given, rules).unwrap();
        assert_eq!(parsed[0], ("complaint_filed".to_owned(), Some(at("2026-11-22"))));
        assert_eq!(parsed[1], ("penalty_notice".to_owned(), None));
        let why = parse(&["complaint_fild=2026-11-22".to_owned()], rules).unwrap_err();
        assert!(
            why.en.contains("did you mean 'complaint_filed'?") && why.zh.contains("不侵权声明等待期"),
            "{}",
            why.zh
        );
        assert!(parse(&["complaint_filed".to_owned()], rules).is_err());
    }

    #[test]
    fn a_moment_to_come_or_long_ago_is_doubted() {
        let (rules, now) = (Rules::built_in(), at("2026-11-22 10:00"));
        let doubts = |event: &str, time: &str| doubts(event, at(time), now, rules).map(|doubt| doubt.en);
        assert!(doubts("penalty_notice", "2026-12-22").unwrap().contains("still to come"));
        assert!(doubts("penalty_notice", "2016-11-21").unwrap().contains("two years"));
        assert_eq!(doubts("penalty_notice", "2026-11-21"), None);
        assert_eq!(doubts("visit", "2026-12-21"), None);
        assert_eq!(doubts("promised_shipping", "2026-12-21"), None);
    }
}
