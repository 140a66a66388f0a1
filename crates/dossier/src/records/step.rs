use std::sync::OnceLock;

use serde::Deserialize;

use super::Step;

#[derive(Debug, Deserialize)]
struct StepFile {
    step: Vec<StepWords>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepWords {
    step: Step,
    words: Vec<String>,
    except: Vec<String>,
}

/// What a carrier's words say.
pub(super) fn step(text: &str) -> Step {
    static STEPS: OnceLock<Vec<StepWords>> = OnceLock::new();
    let steps = STEPS.get_or_init(|| {
        let file: StepFile = toml::from_str(include_str!("../../data/records/steps.toml"))
            .expect("invariant: the words that ship are read by the tests");
        file.step
    });
    let text = text.to_lowercase();
    let says = |entry: &&StepWords| {
        let mut rest = text.clone();
        for except in &entry.except {
            rest = rest.replace(except.as_str(), "\u{0}");
        }
        entry.words.iter().any(|word| rest.contains(word.as_str()))
    };
    steps.iter().find(says).map_or(Step::Other, |entry| entry.step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carriers_words_are_understood() {
        for (text, expected) in [
            ("【杭州】快递员已揽收", Step::PickedUp),
            ("等待揽收", Step::Other),
            ("快件离开【杭州转运中心】，发往【北京】", Step::InTransit),
            ("派送中，请您准备签收（快递员 张三）", Step::OutForDelivery),
            ("快件已到达驿站，请凭取件码取件", Step::OutForDelivery),
            ("已签收，签收人：本人", Step::Delivered),
            ("派送成功", Step::Delivered),
            ("收件人拒绝签收，快件将退回", Step::Returned),
            ("Delivered, signed by front desk", Step::Delivered),
            ("订单已创建", Step::Other),
        ] {
            assert_eq!(step(text), expected, "{text}");
        }
    }
}
