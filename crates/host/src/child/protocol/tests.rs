use huoyan_model::Localized;

use super::*;
use crate::error::tests::in_both;
use crate::{Limits, Output};

fn heard(payload: &[u8]) -> (Result<(), Malformed>, Output) {
    let mut output = Output::default();
    let any = |_: &str| true;
    let mut collector = Collector::new(&any, Limits::default(), None, 8, 8, &mut output);
    let result = hear(payload, &mut collector);
    (result, output)
}

/// What was wrong, which must be told in both languages.
#[track_caller]
fn wrong<T: std::fmt::Debug>(result: Result<T, Malformed>) -> &'static str {
    let Malformed { zh, en } = result.unwrap_err();
    in_both(&Localized::new(zh, en));
    en
}

fn everything() -> Vec<u8> {
    let mut out = Vec::new();
    let members = vec![&b"b"[..], b"a"];
    let (record, rule, field, evidence) = (&b"r"[..], &b"MB001"[..], &b"title"[..], &b"{\"a\":1}"[..]);
    put_finding(&mut out, &RawFinding { record, rule, field, evidence, score: 0.75, span: (0, 3), members });
    put_score(&mut out, b"r", 0.25);
    put_row(&mut out, b"k", -7, b"r", b"\xff\x00");
    put_unjudged(&mut out, b"r", b"why");
    put_summary(&mut out, b"sum");
    out
}

#[test]
fn what_is_put_is_heard() {
    let (result, output) = heard(&everything());
    assert_eq!(result, Ok(()));
    assert_eq!(output.findings[0].members, ["a", "b"]);
    assert_eq!((output.findings[0].score, output.findings[0].evidence.as_str()), (0.75, "{\"a\":1}"));
    assert_eq!(output.scores, [("r".to_owned(), 0.25)]);
    assert_eq!((output.rows[0].order, output.rows[0].payload.as_slice()), (-7, &b"\xff\x00"[..]));
    assert_eq!(output.unjudged, [("r".to_owned(), "why".to_owned())]);
    assert_eq!(output.summary.as_deref(), Some(&b"sum"[..]));
}

#[test]
fn every_cut_of_a_payload_is_malformed_or_a_whole_number_of_items() {
    let all = everything();
    let whole = (0..all.len()).filter(|&cut| heard(&all[..cut]).0.is_ok()).count();
    // Before each of the five items.
    assert_eq!(whole, 5);
}

#[test]
fn a_length_beyond_what_arrived_is_refused_before_it_is_used() {
    let mut out = vec![UNJUDGED];
    out.extend(u32::MAX.to_le_bytes());
    assert_eq!(wrong(heard(&out).0), "a length that goes beyond its payload");
    let mut out = Vec::new();
    let finding = RawFinding {
        record: b"r",
        rule: b"MB001",
        field: b"",
        evidence: b"",
        score: 0.5,
        span: (0, 0),
        members: Vec::new(),
    };
    put_finding(&mut out, &finding);
    let at = out.len() - 4;
    out[at..].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(wrong(heard(&out).0), "more items announced than there are bytes for");
    assert_eq!(wrong(heard(&[99]).0), "an item of a kind that does not exist");
}

#[test]
fn frames_are_taken_only_when_whole_and_of_a_known_kind() {
    let mut out = Vec::new();
    Frame::begin(&mut out, Kind::Log).u8(1).bytes(b"x").end();
    for cut in 0..out.len() {
        assert_eq!(frame(&out[..cut]), Ok(None), "{cut}");
    }
    let (kind, payload, taken) = frame(&out).unwrap().unwrap();
    assert_eq!((kind, payload.len(), taken), (Kind::Log, 6, out.len()));
    out[4] = 77;
    assert_eq!(wrong(frame(&out)), "a frame of a kind that does not exist");
    assert_eq!(wrong(frame(&[255, 255, 255, 255, 132])), "a frame longer than any may be");
}

fn fault() -> Fault {
    Fault::new("调用中崩溃：panic: why", "panic: why")
}

/// The payload of the only frame.
fn payload(bytes: &[u8]) -> &[u8] {
    frame(bytes).unwrap().unwrap().1
}

#[test]
fn a_fault_comes_over_in_both_languages() {
    let mut refused = Vec::new();
    put_refused(&mut refused, &fault());
    let mut output = Output::default();
    let any = |_: &str| true;
    let mut collector = Collector::new(&any, Limits::default(), None, 8, 8, &mut output);
    hear(&refused, &mut collector).unwrap();
    assert_eq!(collector.outcome(Ok(())), Err(fault()));
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    Frame::begin(&mut done, Kind::Done).u8(1).fault(&fault()).end();
    Frame::begin(&mut failed, Kind::Failed).u8(1).fault(&fault()).end();
    assert_eq!(hear_done(payload(&done)), Ok((true, Some(fault()))));
    assert_eq!(hear_failed(payload(&failed)), Ok((true, fault())));
    assert_eq!(hear_done(&[0]), Ok((false, None)));
}

#[test]
fn a_fault_in_one_language_and_one_with_more_behind_it_are_malformed() {
    let mut failed = Vec::new();
    Frame::begin(&mut failed, Kind::Failed).fault(&fault()).end();
    let all = payload(&failed);
    for cut in 0..all.len() {
        let done = [&[0], &all[..cut]].concat();
        wrong(hear_failed(&done));
        assert_eq!(hear_done(&done).is_ok(), cut == 0, "{cut}");
    }
    assert_eq!(wrong(hear_failed(&[&[0], all, &[0]].concat())), "bytes after the end of a payload");
    assert_eq!(wrong(hear_done(&[&[0], all, &[0]].concat())), "bytes after the end of a payload");
    assert_eq!(wrong(hear_done(&[])), "a payload that ends too early");
}

#[test]
fn a_fault_s_texts_are_bounded_mended_and_never_empty() {
    let read = |zh: &[u8], en: &[u8]| {
        let mut out = Vec::new();
        put_bytes(&mut out, zh);
        put_bytes(&mut out, en);
        hear_failed(&[&[0], &out[..]].concat()).unwrap().1
    };
    assert_eq!(read(b"", b""), Fault::new("失败了，没有说明原因", "failed without saying why"));
    assert_eq!(read(b"\xff", b"\xff"), Fault::new("\u{fffd}", "\u{fffd}"));
    let long = vec![b'x'; MAX_FAULT_TEXT + 1];
    assert_eq!(read(&long, &long).text().zh.len(), MAX_FAULT_TEXT);
}

#[test]
fn the_seeds_of_the_fuzz_target_are_what_a_child_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/boundary/seeds/child_answers");
    let seed = |name: &str| crate::child::hear_frames(&std::fs::read(format!("{folder}/{name}")).unwrap());
    let all = seed("all").unwrap();
    assert_eq!((all.findings.len(), all.rows.len(), all.summary.is_some()), (1, 1, true));
    assert_eq!(seed("finding").unwrap().findings.len(), 1);
    for name in ["log", "score"] {
        assert_eq!(seed(name).unwrap().scores.len(), 1, "{name}");
    }
    let told = Localized::new("给出了第二份汇总", "gave a second summary");
    for name in ["refused", "fault", "failed"] {
        assert_eq!(seed(name).unwrap_err(), told, "{name}");
    }
}
