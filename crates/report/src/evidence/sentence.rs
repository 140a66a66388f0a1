//! The facts that a finding of `review-malice` leads with, in one sentence: what the rule's message says of all, told of this one.

use huoyan_model::{Finding, Locale};
use serde_json::{Map, Value};

use super::{numbers, value_word};
use crate::campaign::DETECTOR;
use crate::words::pick;

/// The leading facts; nothing where the evidence has none, or is another detector's.
pub fn leading_facts(finding: &Finding, locale: Locale) -> Option<String> {
    if finding.detector != DETECTOR {
        return None;
    }
    let evidence = &finding.evidence;
    let matched = || {
        finding.matched.as_deref().map(str::trim).filter(|words| !words.is_empty()).map(|words| quote(words, locale))
    };
    match finding.rule.as_str() {
        "RM001" => window(evidence, locale),
        "RM002" => copied(evidence, locale),
        "RM003" => ring(evidence, locale),
        "RM004" => account(evidence, locale),
        "RM005" => mismatch(evidence, locale),
        "RM006" | "RM007" | "RM008" => matched().or_else(|| {
            let elsewhere = signal(evidence, "wording_account")?;
            (elsewhere > 0.0).then(|| {
                pick(locale, "该账号在其他评价中有此类言辞", "the account writes so in other reviews").to_owned()
            })
        }),
        "RM009" => matched().or_else(|| window(evidence, locale)).or_else(|| copied(evidence, locale)),
        "RM010" => Some(
            pick(
                locale,
                "该账号 90 天内退款又给差评的次数远多于平常",
                "within 90 days the account was refunded and complained far more often than is usual",
            )
            .to_owned(),
        ),
        "RM011" => order(evidence, locale),
        _ => None,
    }
}

/// What the others of the window read as, in a plain sentence.
pub fn composition_sentence(evidence: &Map<String, Value>, locale: Locale) -> Option<&'static str> {
    let reads_as = evidence.get("composition")?.get("reads_as")?.as_str()?;
    Some(match reads_as {
        "ordinary_buyers" => pick(
            locale,
            "同期其他评价者与普通买家无异：单看这一点，一批次品或物流延误是更好的解释；先查商品和物流，再决定是否申诉",
            "the others of these days are like any buyers: by that alone a bad batch or a courier's delay is the better explanation; look into the goods and the delivery before you appeal",
        ),
        "unusual" => pick(
            locale,
            "同期其他评价者与普通买家明显不同：仅用次品或物流问题难以解释",
            "the others of these days differ from ordinary buyers: a bad batch or a courier alone hardly explains it",
        ),
        _ => pick(
            locale,
            "同期其他评价者是否为普通买家，数据不足以判断",
            "the figures do not decide whether the others of these days are ordinary buyers",
        ),
    })
}

fn quote(words: &str, locale: Locale) -> String {
    let mut cut: String = words.chars().take(40).collect();
    if cut.len() < words.len() {
        cut.push('…');
    }
    match locale {
        Locale::Zh => format!("文中写有“{cut}”"),
        Locale::En => format!("the text says \"{cut}\""),
    }
}

fn window(evidence: &Map<String, Value>, locale: Locale) -> Option<String> {
    let window = evidence.get("window")?;
    let of = |key: &str| window.get(key).and_then(Value::as_f64);
    let (from, to, observed, expected) = (of("from")?, of("to")?, of("observed")?, of("expected")?);
    let days = (to / 86_400.0).floor() - (from / 86_400.0).floor() + 1.0;
    let expected = numbers::amount(expected);
    let positive = evidence.get("side").and_then(Value::as_str) == Some("positive");
    Some(match locale {
        Locale::Zh => {
            let what = if positive { "好评" } else { "差评" };
            format!("{days} 天内 {observed:.0} 条{what}，按往常约 {expected} 条")
        }
        Locale::En => {
            let what = if positive { "praising" } else { "bad" };
            let span = if days == 1.0 { "in one day".to_owned() } else { format!("in {days} days") };
            format!("{observed:.0} {what} reviews {span}, about {expected} are usual")
        }
    })
}

fn copied(evidence: &Map<String, Value>, locale: Locale) -> Option<String> {
    let copies = evidence.get("copies").and_then(Value::as_array).filter(|copies| !copies.is_empty());
    let Some(copies) = copies else {
        let across = signal(evidence, "copy_across").unwrap_or(0.0) >= signal(evidence, "copy_self").unwrap_or(0.0);
        return Some(match (across, locale) {
            (true, Locale::Zh) => "与其他账号在别的商品下的评价措辞雷同".to_owned(),
            (true, Locale::En) => "worded like another account's review of another listing".to_owned(),
            (false, Locale::Zh) => "与该账号自己在别的商品下的评价措辞雷同".to_owned(),
            (false, Locale::En) => "worded like the account's own review of another listing".to_owned(),
        });
    };
    let percent = copies.iter().filter_map(|copy| copy.get("percent")?.as_f64()).fold(0.0, f64::max);
    let others = copies.len();
    Some(match (locale, others) {
        (Locale::Zh, 1) => format!("与另一账号的评价 {percent:.0} % 相同"),
        (Locale::Zh, _) => format!("与至少 {others} 个其他账号的评价雷同，最高 {percent:.0} % 相同"),
        (Locale::En, 1) => format!("{percent:.0} % the same as another account's review"),
        (Locale::En, _) => {
            format!("worded like those of at least {others} other accounts, up to {percent:.0} % the same")
        }
    })
}

fn ring(evidence: &Map<String, Value>, locale: Locale) -> Option<String> {
    let ring = evidence.get("ring")?;
    let accounts = ring.get("agreed")?.as_u64()? + 1;
    let listings = ring.get("listings").and_then(Value::as_u64).filter(|count| *count > 1).unwrap_or(2);
    Some(match locale {
        Locale::Zh => format!("{accounts} 个账号在至少 {listings} 件商品上同进退"),
        Locale::En => format!("{accounts} accounts met on at least {listings} listings and voted alike"),
    })
}

fn account(evidence: &Map<String, Value>, locale: Locale) -> Option<String> {
    let shops = signal(evidence, "serial_pace").filter(|shops| *shops >= 1.0);
    if let Some(shops) = shops {
        return Some(match locale {
            Locale::Zh => format!("该账号前后 90 天内还在另外 {shops:.0} 家店铺给出差评"),
            Locale::En => format!("within 90 days the account also complained in {shops:.0} other shops"),
        });
    }
    let days = evidence.get("review")?.get("account_age_days")?.as_f64()?;
    Some(match locale {
        Locale::Zh => format!("评价时账号注册 {days:.0} 天"),
        Locale::En => format!("the account was {days:.0} days old when it wrote"),
    })
}

fn mismatch(evidence: &Map<String, Value>, locale: Locale) -> Option<String> {
    let stars = evidence.get("review").and_then(|review| review.get("stars")?.as_u64());
    let positive = evidence.get("side").and_then(Value::as_str) == Some("positive");
    let praises = signal(evidence, "mismatch").is_some_and(|value| value > 0.0);
    let stars = match (stars, locale) {
        (Some(stars), Locale::Zh) => format!("评分 {stars} 星"),
        (Some(1), Locale::En) => "one star".to_owned(),
        (Some(stars), Locale::En) => format!("{stars} stars"),
        (None, _) => pick(locale, "评分偏低", "a low rating").to_owned(),
    };
    let words = match (positive, praises) {
        (true, _) => pick(locale, "文字却在抱怨", "but the words complain"),
        (false, true) => pick(locale, "文字却在称赞", "but the words praise"),
        (false, false) => pick(locale, "文字却没有一句抱怨", "but not one word of complaint"),
    };
    Some(format!("{stars}{}{words}", pick(locale, "，", ", ")))
}

fn order(evidence: &Map<String, Value>, locale: Locale) -> Option<String> {
    let review = evidence.get("review")?;
    let hours = review.get("delay_hours").and_then(Value::as_f64);
    let mut said = Vec::new();
    if let Some(hours) = hours {
        let hours = numbers::amount(hours);
        said.push(match locale {
            Locale::Zh => format!("签收后 {hours} 小时即评价"),
            Locale::En => format!("written {hours} hours after delivery"),
        });
    }
    if review.get("verified").and_then(Value::as_bool) == Some(false) {
        said.push(pick(locale, "没有已验证的购买", "no verified purchase").to_owned());
    }
    (!said.is_empty()).then(|| said.join(pick(locale, "，", ", ")))
}

fn signal(evidence: &Map<String, Value>, name: &str) -> Option<f64> {
    evidence.get("signals")?.get(name)?.as_f64()
}

/// The side and the stratum of a review in words.
pub(super) fn judged_as(evidence: &Map<String, Value>, locale: Locale) -> Option<String> {
    let word = |key: &str| evidence.get(key).and_then(Value::as_str).map(|value| value_word(key, value, locale));
    let words: Vec<&str> = [word("side"), word("stratum")].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(pick(locale, "；", "; ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::campaign::tests::told;

    fn said(rule: &str, evidence: &Value) -> [String; 2] {
        let mut finding = told("r1", 0.9, &[], evidence).finding;
        finding.rule = rule.to_owned();
        [Locale::Zh, Locale::En].map(|locale| leading_facts(&finding, locale).unwrap_or_default())
    }

    #[test]
    fn each_rule_leads_with_its_facts() {
        let at = 1_795_305_600;
        let window = json!({"side": "negative", "window": {"from": at, "to": at + 13 * 86_400, "observed": 23, "expected": 2.1}});
        assert_eq!(
            said("RM001", &window),
            ["14 天内 23 条差评，按往常约 2.1 条", "23 bad reviews in 14 days, about 2.1 are usual"]
        );
        let copies = json!({"copies": [{"record": "r2", "percent": 78}]});
        assert_eq!(said("RM002", &copies), ["与另一账号的评价 78 % 相同", "78 % the same as another account's review"]);
        let ring = json!({"ring": {"agreed": 2, "listings": 4}});
        assert_eq!(
            said("RM003", &ring),
            ["3 个账号在至少 4 件商品上同进退", "3 accounts met on at least 4 listings and voted alike"]
        );
        let serial = json!({"signals": {"serial_pace": 6.0}});
        assert_eq!(said("RM004", &serial)[0], "该账号前后 90 天内还在另外 6 家店铺给出差评");
        let mismatch = json!({"side": "negative", "review": {"stars": 1}, "signals": {"mismatch": 2.0}});
        assert_eq!(said("RM005", &mismatch), ["评分 1 星，文字却在称赞", "one star, but the words praise"]);
        let order = json!({"review": {"delay_hours": 0.4, "verified": false}});
        assert_eq!(said("RM011", &order)[1], "written 0.40 hours after delivery, no verified purchase");
    }

    #[test]
    fn evidence_of_another_shape_says_nothing() {
        for rule in ["RM001", "RM003", "RM006", "RM011", "PK001"] {
            assert_eq!(
                said(rule, &json!({"window": 3, "ring": [], "review": "x", "copies": {}, "signals": 1})),
                ["", ""],
                "{rule}"
            );
        }
        let mut other = told("r1", 0.9, &[], &json!({})).finding;
        other.detector = "another".to_owned();
        assert_eq!(leading_facts(&other, Locale::En), None);
    }
}
