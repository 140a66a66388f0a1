use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};

use super::*;
use crate::error::tests::in_both;

fn records() -> RecordBatch {
    let column = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![Some(text), None])) };
    let keys: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    RecordBatch::try_from_iter_with_nullable([("_record", keys, false), ("title", column("你好"), true)]).unwrap()
}

/// A finding that only `change` makes wrong.
fn with(change: impl FnOnce(&mut RawFinding<'static>)) -> RawFinding<'static> {
    let mut finding = RawFinding {
        record: b"a",
        rule: b"MB001",
        field: b"title",
        evidence: b"",
        score: 0.5,
        span: (0, 3),
        members: Vec::new(),
    };
    change(&mut finding);
    finding
}

#[test]
fn whatever_is_wrong_is_told_in_both_languages() {
    let batch = records();
    let fault = |records: Option<&RecordBatch>, say: &dyn Fn(&mut Collector<'_>)| {
        let mut output = Output::default();
        let rules = |rule: &str| rule == "MB001";
        let limits = Limits { bytes: 1000, ..Limits::default() };
        let mut collector = Collector::new(&rules, limits, records, 2, 0, &mut output);
        say(&mut collector);
        collector.outcome(Ok(())).expect_err("something was wrong")
    };
    let wrong = [
        with(|f| f.record = b"\xff"),
        with(|f| f.rule = b"\xff"),
        with(|f| f.field = b"\xff"),
        with(|f| f.evidence = b"\xff"),
        with(|f| f.members = vec![b"\xff"]),
        with(|f| f.record = b"c"),
        with(|f| f.rule = b"ZZ999"),
        with(|f| f.score = f64::NAN),
        with(|f| f.field = b""),
        with(|f| f.field = b"price"),
        with(|f| f.span = (3, 0)),
        with(|f| f.span = (0, 1)),
        with(|f| f.record = b"b"),
        with(|f| f.evidence = b"[1]"),
        with(|f| f.members = vec![b""; 1000]),
    ];
    let mut told: Vec<Fault> = Vec::new();
    for finding in &wrong {
        told.push(fault(Some(&batch), &|out| {
            out.finding(finding);
        }));
    }
    let keyless = batch.project(&[1]).unwrap();
    told.push(fault(Some(&keyless), &|out| {
        out.score(b"a", 0.5);
    }));
    for finding in [with(|f| f.field = b""), with(|f| f.span = (3, 0))] {
        told.push(fault(None, &|out| {
            out.finding(&finding);
        }));
    }
    told.push(fault(None, &|out| {
        for _ in 0..=512 {
            out.bytes = 0;
            out.finding(&with(|_| {}));
        }
    }));
    told.push(fault(None, &|out| {
        for _ in 0..=512 {
            out.bytes = 0;
            out.unjudged(b"a", b"");
        }
    }));
    told.push(fault(Some(&batch), &|out| {
        out.score(b"a", 0.5);
        out.score(b"b", 0.5);
        out.score(b"a", 0.5);
    }));
    told.push(fault(None, &|out| {
        out.scores = false;
        out.score(b"a", 0.5);
    }));
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_EVIDENCE_BYTES));
    told.push(fault(None, &|out| {
        out.limits.bytes = usize::MAX;
        out.finding(&with(|f| f.evidence = large.clone().leak().as_bytes()));
    }));
    told.push(fault(None, &|out| {
        out.row(b"k", 0, b"a", b"");
    }));
    for (key, record) in [(&b"\xff"[..], &b"a"[..]), (b"k", b"\xff")] {
        told.push(fault(None, &|out| {
            out.rows_left = 1;
            out.row(key, 0, record, b"");
        }));
    }
    told.push(fault(None, &|out| {
        out.unjudged(b"a", b"\xff");
    }));
    told.push(fault(None, &|out| {
        out.summary(b"1");
        out.summary(b"2");
    }));
    told.push(too_large_a_summary(7));
    told.iter().for_each(|fault| in_both(fault.text()));
    let each: std::collections::BTreeSet<&str> = told.iter().map(|fault| fault.text().zh.as_str()).collect();
    // A record's key is not UTF-8 in a finding and in a row; a span without a field or backwards is so in every stage.
    assert_eq!(each.len(), told.len() - 3, "{each:#?}");
}

#[test]
fn findings_are_counted_by_call_and_not_by_output() {
    let raw = |members| RawFinding {
        record: b"r",
        rule: b"T1",
        field: b"",
        evidence: b"",
        score: 0.75,
        span: (0, 0),
        members,
    };
    let rules = |_: &str| true;
    let mut output = Output::default();
    for _ in 0..300 {
        let mut call = Collector::new(&rules, Limits::default(), None, 1, 0, &mut output);
        assert_eq!(call.finding(&raw(Vec::new())), Status::OK);
    }
    let mut call = Collector::new(&rules, Limits::default(), None, 1, 0, &mut output);
    let most = (0..1000).take_while(|_| call.finding(&raw(Vec::new())) == Status::OK).count();
    assert_eq!(most, Limits::default().findings_per_row);
    assert_eq!(output.findings.len(), 300 + most);
}

#[test]
fn what_is_short_but_kept_counts_and_so_does_the_text_at_a_span() {
    let batch = records();
    let rules = |_: &str| true;
    let after = |say: &dyn Fn(&mut Collector<'_>) -> Status| {
        let mut output = Output::default();
        let limits = Limits { bytes: 10_000, findings_per_row: 1000, ..Limits::default() };
        let mut call = Collector::new(&rules, limits, Some(&batch), 2, u64::MAX, &mut output);
        (0..1000).take_while(|_| say(&mut call) == Status::OK).count()
    };
    assert_eq!(after(&|call| call.unjudged(b"a", b"")), 10_000 / (ITEM + 1));
    assert_eq!(after(&|call| call.row(b"", 0, b"", b"")), 10_000 / ITEM);
    let finding = |span| with(|f| (f.evidence, f.span) = (b"{}", span));
    // Record, field and evidence, and for the whole title its six bytes.
    assert_eq!(after(&|call| call.finding(&finding((0, 0)))), 10_000 / (ITEM + 8));
    assert_eq!(after(&|call| call.finding(&finding((0, 6)))), 10_000 / (ITEM + 14));
}

#[test]
fn what_was_not_heard_because_of_a_stop_is_no_success() {
    let (rules, cancel) = (|_: &str| true, Cancel::default());
    let mut output = Output::default();
    let mut call = Collector::new(&rules, Limits::default(), None, 1, 0, &mut output).until(&cancel);
    assert_eq!(call.unjudged(b"a", b""), Status::OK);
    assert_eq!(call.outcome(Ok(())), Ok(()));
    cancel.cancel();
    // Who had no more to say has said all.
    assert_eq!(call.outcome(Ok(())), Ok(()));
    assert_eq!(call.unjudged(b"a", b""), Status::CANCELLED);
    in_both(call.outcome(Ok(())).unwrap_err().text());
}
