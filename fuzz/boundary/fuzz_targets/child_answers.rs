//! What a child process answers: refused with words in both languages, or heard, and what was heard keeps the promises that the rest of
//! huoyan relies on.
#![no_main]

use huoyan_host::child::hear_frames;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let heard = match hear_frames(bytes) {
        Ok(heard) => heard,
        Err(told) => {
            assert!(!told.zh.is_empty() && !told.en.is_empty());
            return;
        }
    };
    for finding in &heard.findings {
        assert!(finding.score.is_finite() && (0.0..=1.0).contains(&finding.score));
        assert!(serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&finding.evidence).is_ok());
        assert!(finding.members.is_sorted());
    }
    assert!(heard.scores.iter().all(|(_, score)| (0.0..=1.0).contains(score)));
    assert!(heard.rows.iter().all(|row| !row.key.is_empty()));
    // Nothing is made of what did not come.
    let kept: usize = heard.findings.iter().map(|finding| finding.record.len() + finding.evidence.len()).sum();
    assert!(kept <= bytes.len() + 2 * heard.findings.len());
});
