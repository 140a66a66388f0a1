use huoyan_model::{Confidence, ContentHash, Localized, Provenance, RecordKind, Source};
use serde_json::json;

use super::*;
use crate::config::{Allow, Request, load};

fn rules() -> BTreeMap<String, RuleInfo> {
    let rule = |id: &str, severity| {
        let info = RuleInfo {
            id: id.to_owned(),
            name: Localized::default(),
            message: Localized::default(),
            severity,
            clause: None,
            source: Provenance { title: String::new(), as_of: "2026-01".to_owned(), confidence: Confidence::High },
            rewrite: None,
            examples: Default::default(),
        };
        (id.to_owned(), info)
    };
    [rule("PK001", Severity::Critical), rule("PM001", Severity::Medium), rule("RM001", Severity::High)].into()
}

fn finding(rule: &str, score: f64) -> Finding {
    let detector = if rule.starts_with("RM") { "review-malice" } else { "prohibited-keyword" };
    Finding {
        owner_kind: RecordKind::Listing,
        owner: "l1".to_owned(),
        record_kind: RecordKind::Listing,
        record: "l1".to_owned(),
        record_version: ContentHash([0; 16]),
        detector: detector.to_owned(),
        rule: rule.to_owned(),
        score,
        severity: Severity::Info,
        field: Some("title".to_owned()),
        span: None,
        matched: Some("最 好".to_owned()),
        evidence: serde_json::Map::new(),
        members: Vec::new(),
        fingerprint: Fingerprint::of(detector, rule, "l1", "title", "最好"),
        copies: 1,
        shop_id: Some("s1".to_owned()),
        source: Source::default(),
        suppressed: None,
    }
}

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn config(profile: &str) -> Config {
    load(&Request { profile: Some(profile), ..Request::default() }).unwrap().config
}

fn policy(config: &Config) -> Policy {
    Policy::new(config, &rules(), day("2026-11-22")).unwrap()
}

#[test]
fn a_record_without_findings_passes() {
    assert_eq!(policy(&config("default")).verdict([]), (Verdict::Pass, vec![]));
}

#[test]
fn the_strictest_finding_gives_the_verdict_and_all_are_reasons() {
    let findings = [finding("PM001", 0.9), finding("PK001", 0.85)];
    let (verdict, reasons) = policy(&config("default")).verdict(&findings);
    assert_eq!(verdict, Verdict::Reject);
    let rules: Vec<&str> = reasons.iter().map(|reason| reason.rule.as_str()).collect();
    assert_eq!(rules, ["PK001", "PM001"]);
}

#[test]
fn a_finding_below_one_half_never_moves_a_verdict() {
    for profile in ["default", "strict-platform", "cautious-merchant"] {
        let policy = policy(&config(profile));
        assert_eq!(policy.verdict(&[finding("PK001", 0.499)]), (Verdict::Pass, vec![]), "{profile}");
        assert!(!policy.fails(&finding("PK001", 0.499)));
    }
}

#[test]
fn an_unsure_finding_asks_for_review_at_most() {
    let policy = policy(&config("default"));
    assert_eq!(policy.verdict(&[finding("PK001", 0.79)]).0, Verdict::Review);
    assert_eq!(policy.verdict(&[finding("PK001", 0.8)]).0, Verdict::Reject);
}

#[test]
fn profiles_judge_the_same_finding_differently() {
    let mut finding = finding("RM001", 0.95);
    finding.evidence.insert("families".to_owned(), json!(2));
    let verdict = |profile| policy(&config(profile)).verdict([&finding]).0;
    assert_eq!(verdict("default"), Verdict::Review);
    assert_eq!(verdict("strict-platform"), Verdict::Reject);
}

#[test]
fn a_review_is_rejected_only_on_two_families_of_signals() {
    let policy = policy(&config("strict-platform"));
    let verdict = |families| {
        let mut finding = finding("RM001", 0.99);
        finding.evidence = families;
        policy.verdict([&finding]).0
    };
    let evidence = |value| serde_json::Map::from_iter([("families".to_owned(), value)]);
    assert_eq!(verdict(serde_json::Map::new()), Verdict::Review);
    assert_eq!(verdict(evidence(json!(1))), Verdict::Review);
    assert_eq!(verdict(evidence(json!(["text"]))), Verdict::Review);
    assert_eq!(verdict(evidence(json!("2"))), Verdict::Review);
    assert_eq!(verdict(evidence(json!(2))), Verdict::Reject);
    assert_eq!(verdict(evidence(json!(["text", "time"]))), Verdict::Reject);
}

#[test]
fn severity_threshold_and_enabled_can_be_set_by_rule() {
    let mut config = config("default");
    config.rules.insert("PK001".to_owned(), RuleConfig { severity: Some(Severity::Low), ..RuleConfig::default() });
    config.rules.insert("PM001".to_owned(), RuleConfig { threshold: Some(0.9), ..RuleConfig::default() });
    config.rules.insert("RM001".to_owned(), RuleConfig { enabled: false, ..RuleConfig::default() });
    let policy = policy(&config);
    assert_eq!(policy.severity(&finding("PK001", 0.9)), Severity::Low);
    assert!(!policy.stands(&finding("PM001", 0.89)) && policy.stands(&finding("PM001", 0.9)));
    assert!(!policy.enabled("RM001") && !policy.stands(&finding("RM001", 1.0)));
    assert!(policy.notes().is_empty());
}

#[test]
fn an_undeclared_rule_has_medium_severity() {
    assert_eq!(policy(&config("default")).severity(&finding("XX001", 0.9)), Severity::Medium);
}

#[test]
fn a_suppression_holds_until_its_day_and_is_then_told() {
    let mut config = config("default");
    let target = finding("PK001", 0.9);
    config.suppress.push(Suppression {
        fingerprint: target.fingerprint.to_string(),
        reason: "authorised".to_owned(),
        author: Some("li".to_owned()),
        until: day("2026-11-22"),
    });
    let policy = policy(&config);
    assert_eq!(policy.suppressed(&target).as_deref(), Some("suppression until 2026-11-22 by li: authorised"));
    assert_eq!(policy.verdict([&target]), (Verdict::Pass, vec![]));
    assert!(!policy.fails(&target));

    let later = Policy::new(&config, &rules(), day("2026-11-23")).unwrap();
    assert_eq!(later.suppressed(&target), None);
    assert!(later.notes()[0].en.contains("ended on 2026-11-22"), "{:?}", later.notes());
}

#[test]
fn an_allow_entry_needs_every_condition_it_names() {
    let allowed = |entry: Allow| {
        let mut config = config("default");
        config.allow.push(entry);
        policy(&config).suppressed(&finding("PK001", 0.9))
    };
    let entry = Allow { rule: None, phrase: None, record: None, shop: None, reason: "r".to_owned() };
    let phrase = Some("最好".to_owned());
    assert_eq!(allowed(Allow { phrase: phrase.clone(), ..entry.clone() }).as_deref(), Some("allow: r"));
    assert_eq!(allowed(Allow { phrase: phrase.clone(), shop: Some("s2".to_owned()), ..entry.clone() }), None);
    assert_eq!(allowed(Allow { phrase, rule: Some("PM001".to_owned()), ..entry.clone() }), None);
    assert!(allowed(Allow { shop: Some("s1".to_owned()), ..entry.clone() }).is_some());
    assert!(allowed(Allow { record: Some("l1".to_owned()), ..entry.clone() }).is_some());
    assert_eq!(allowed(entry), None);
}

#[test]
fn a_misspelt_rule_is_told_with_the_likely_one() {
    let mut config = config("default");
    config.rules.insert("PK01".to_owned(), RuleConfig::default());
    let notes = policy(&config).notes().to_vec();
    assert!(notes[0].en.contains("'PK01'") && notes[0].en.contains("did you mean 'PK001'?"), "{notes:?}");
}

fn with_files(baseline: &str, decisions: &str) -> Result<Policy, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config("default");
    for (slot, name, text) in [(&mut config.baseline, "b.txt", baseline), (&mut config.decisions, "d.csv", decisions)] {
        if !text.is_empty() {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            *slot = Some(path);
        }
    }
    let prefix = format!("{}/", folder.path().display());
    Policy::new(&config, &rules(), day("2026-11-22")).map_err(|error| error.to_string().replace(&prefix, ""))
}

#[test]
fn a_baseline_sets_known_findings_aside() {
    let target = finding("PK001", 0.9);
    let policy = with_files(&format!("# comment\n\n{} PK001 l1\n", target.fingerprint), "").unwrap();
    assert_eq!(policy.suppressed(&target).as_deref(), Some("baseline"));
    assert_eq!(policy.suppressed(&finding("PM001", 0.9)), None);
    assert_eq!(
        with_files("# c\nnonsense\n", "").unwrap_err(),
        "b.txt:2: 'nonsense' is no fingerprint; a fingerprint is 32 hexadecimal digits"
    );
}

#[test]
fn the_latest_decision_holds_and_outranks_the_baseline() {
    let target = finding("PK001", 0.9);
    let f = target.fingerprint;
    let head = "fingerprint,decision,by,at,reason\n";
    let dismissed =
        format!("\u{feff}{head}{f},confirm,wu,2026-11-01T00:00:00Z,\n{f},dismiss,li,2026-11-02T00:00:00Z,\"a, b\"\n");
    let policy = with_files("", &dismissed).unwrap();
    assert_eq!(policy.suppressed(&target).as_deref(), Some("decision: dismissed by li at 2026-11-02T00:00:00Z: a, b"));

    let confirmed = format!("{head}{f},确认,li,2026-11-02T00:00:00Z,\n{f},误报,wu,2026-11-01T00:00:00Z,\n");
    let policy = with_files(&format!("{f}\n"), &confirmed).unwrap();
    assert_eq!(policy.suppressed(&target), None);

    let unknown = with_files("", &format!("{head}{f},maybe,li,,\n")).unwrap_err();
    assert_eq!(unknown, "d.csv:2: unknown decision 'maybe'; write confirm or dismiss");
}

#[test]
fn only_findings_at_or_above_the_limit_fail_a_run() {
    let mut config = config("default");
    let fails = |config: &Config, rule: &str| policy(config).fails(&finding(rule, 0.9));
    assert!(fails(&config, "RM001") && !fails(&config, "PM001"));
    config.fail_on = FailOn::Never;
    assert!(!fails(&config, "PK001"));
}

#[test]
fn the_same_words_twice_are_one_reason() {
    let (_, reasons) = policy(&config("default")).verdict(&[finding("PM001", 0.6), finding("PM001", 0.8)]);
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].score, 0.8);
}
