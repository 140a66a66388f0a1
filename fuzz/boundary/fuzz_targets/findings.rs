//! The importer of findings: a case is drafted or the file is refused, whatever stands in it. The first byte chooses what is asked for.
#![no_main]

use std::io::Cursor;

use huoyan_dossier::case::Shop;
use huoyan_dossier::case::open::{Opening, Selector, case_from_findings};
use huoyan_dossier::deadline::Instant;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((way, file)) = bytes.split_first() else { return };
    // What is asked for is mostly there: the first value of a key in the file.
    let text = String::from_utf8_lossy(file);
    let value = |key: &str| {
        let (_, rest) = text.split_once(&format!("\"{key}\":\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let record = value("owner").or_else(|| value("record")).unwrap_or_default();
    let selector = match way % 5 {
        0 => Selector::Review(record),
        1 => Selector::Campaign(record),
        2 => Selector::Listing(record),
        3 => Selector::Picture(record),
        _ => {
            let print = value("fingerprint").unwrap_or_default();
            let Some(print) = huoyan_model::Fingerprint::parse(&print) else { return };
            Selector::Fingerprint(print)
        }
    };
    let packages = ["malicious_review", "counterfeit_accused", "false_ad"];
    let opening = || Opening {
        id: "case".to_owned(),
        package: packages[usize::from(way / 5) % packages.len()].to_owned(),
        target: String::new(),
        shop: Shop::default(),
        at: Instant::parse("2026-11-30T10:00:00+08:00").expect("a time"),
    };
    let draft = case_from_findings(&mut Cursor::new(file), &selector, opening());
    if let Ok(draft) = &draft {
        serde_json::to_vec(&draft.case).expect("a case is JSON");
        assert!(draft.detection.bytes.ends_with(b"\n"));
    }
    let again = case_from_findings(&mut Cursor::new(file), &selector, opening());
    assert_eq!(draft.ok(), again.ok(), "the same file gives another case");
});
