//! "Run my detector on these rows": in every shape of the work at once, with the host's checks, and assertions that say
//! what was seen instead.

use core::marker::PhantomData;
use core::ops::Deref;

use serde_json::Value;

use super::check::{Declared, faults};
use super::{Output, Records, Shape, chosen, read, run_of};
use crate::{Detector, EachRecord, Error, LogLine, RecordDetector, Resource, Rule, StandIn};

/// Shapes that differ in all a detector must not depend on: batches of one row and more, up to five partitions, summaries
/// merged in both directions.
pub fn all_shapes() -> impl Iterator<Item = Shape> {
    [1, 2, 3, 4_096].into_iter().flat_map(|batch_rows| {
        [1, 2, 5].into_iter().flat_map(move |partitions| {
            [false, true].map(|merge_backwards| Shape { batch_rows, partitions, merge_backwards })
        })
    })
}

/// A detector, what it is configured with and the rows it is to judge. [`Case::run`] judges them in every shape of
/// [`all_shapes`] and in both orders of rows, and panics unless what comes out is always the same and all that the host
/// would take.
///
/// ```
/// use huoyan_sdk::testkit::{Case, Records, json};
/// # use huoyan_sdk::{Batch, CreateContext, Error, Finding, RecordDetector, Sink};
/// # struct Shouting;
/// # impl RecordDetector for Shouting {
/// #     fn create(_: &CreateContext<'_>) -> Result<Self, Error> { Ok(Self) }
/// #     fn scan(&self, _: &str, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
/// #         let (keys, titles) = (batch.keys()?, batch.text("title")?);
/// #         for row in 0..batch.len() {
/// #             let (Some(key), Some(title)) = (keys.get(row), titles.get(row)) else { continue };
/// #             if let Some(at) = title.find("!!!") {
/// #                 sink.finding(&Finding::new(key, "SH001", 0.9).matched("title", title, at..at + 3));
/// #             }
/// #         }
/// #         Ok(())
/// #     }
/// # }
/// const MANIFEST: &str = include_str!("../doc_manifest.json");
///
/// let seen = Case::each_record::<Shouting>(MANIFEST)
///     .records(Records::listings([
///         ("L1", json!({"title": "全场五折!!!"})),
///         ("L2", json!({"title": "保温杯!"})),
///     ]))
///     .run();
/// seen.assert_found("L1", "SH001");
/// seen.assert_matched("L1", "SH001", "!!!");
/// seen.assert_silent("L2");
/// ```
pub struct Case<'a, D> {
    manifest: &'a str,
    name: Option<&'a str>,
    config: String,
    resources: Vec<(&'a str, Resource)>,
    records: Vec<Records>,
    made: PhantomData<fn() -> D>,
}

impl<'a> Case<'a, ()> {
    /// A [`RecordDetector`].
    pub fn each_record<T: RecordDetector>(manifest: &'a str) -> Case<'a, EachRecord<T>> {
        Case::of(manifest)
    }

    /// A [`Detector`].
    pub fn of<D: Detector>(manifest: &'a str) -> Case<'a, D> {
        Case {
            manifest,
            name: None,
            config: "{}".to_owned(),
            resources: Vec::new(),
            records: Vec::new(),
            made: PhantomData,
        }
    }
}

impl<'a, D: Detector> Case<'a, D> {
    /// Which detector of the manifest it is, where that declares several. Goes before [`Case::rules`].
    #[must_use]
    pub fn detector(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// The detector's settings, a JSON object; without them it has none.
    #[must_use]
    pub fn config(mut self, config: &Value) -> Self {
        self.config = config.to_string();
        self
    }

    /// A resource that the plugin carries or the user configures.
    #[must_use]
    pub fn resource(mut self, name: &'a str, bytes: &'static [u8]) -> Self {
        self.resources.push((name, Resource::from_static(bytes)));
        self
    }

    /// Records to judge; once for each kind.
    #[must_use]
    pub fn records(mut self, records: Records) -> Self {
        self.records.push(records);
        self
    }

    /// Checks that each of these rules, the constants of the code, is declared by the manifest or a rule pack.
    ///
    /// # Panics
    /// When one is not, or when the manifest declares several detectors and none was chosen.
    #[track_caller]
    #[must_use]
    pub fn rules(self, rules: &[Rule<'_>]) -> Self {
        match read(self.manifest).and_then(|manifest| Ok(Declared::of(chosen(&manifest, self.name)?, &self.resources)))
        {
            Ok(declared) => {
                for rule in rules {
                    assert!(
                        declared.ids.contains(rule.id()),
                        "rule {rule} is declared neither by the manifest nor by a rule pack; {}",
                        declared.told()
                    );
                }
            }
            Err(why) => panic!("{why}"),
        }
        self
    }

    /// Why the detector cannot be made or fails.
    ///
    /// # Panics
    /// When it does not fail.
    #[track_caller]
    pub fn error(self) -> String {
        match self.once(Shape::default(), false, &StandIn::new()) {
            Ok(output) => panic!("the detector did not fail; it gave {output:?}"),
            Err(why) => why.to_string(),
        }
    }

    /// What the detector still says in a run that is stopped after so many calls of the sink; with 0 it is stopped from the
    /// beginning. What it logs is in [`Output::log`].
    ///
    /// # Panics
    /// When the detector fails: the end of the run is no error.
    #[track_caller]
    pub fn stopped_after(self, calls: u64) -> Output {
        match self.once(Shape::default(), false, &StandIn::stopping_after(calls)) {
            Ok(output) => output,
            Err(why) => panic!("the detector failed when the run was stopped: {why}"),
        }
    }

    fn once(&self, shape: Shape, backwards: bool, stand_in: &StandIn) -> Result<Output, Error> {
        let manifest = read(self.manifest)?;
        let spec = chosen(&manifest, self.name)?;
        self.fits(spec)?;
        let mut batches = Vec::new();
        for records in &self.records {
            let records = if backwards { records.clone().reversed() } else { records.clone() };
            batches.push((records.kind().to_owned(), records.batch()?));
        }
        let given: Vec<_> = batches.iter().map(|(kind, batch)| (kind.as_str(), batch)).collect();
        run_of::<D>(spec, &self.config, &self.resources, &given, shape, stand_in)
    }

    /// Demands that the detector asks for what it is given here: the host gives nothing else.
    fn fits(&self, spec: &Value) -> Result<(), Error> {
        let names = |list: &Value| -> Vec<String> {
            let list = list.as_array().map_or(&[][..], Vec::as_slice);
            list.iter().filter_map(|one| one["name"].as_str().map(str::to_owned)).collect()
        };
        let resources = names(&spec["resources"]);
        if let Some((name, _)) = self.resources.iter().find(|(name, _)| !resources.iter().any(|known| known == name)) {
            return Err(Error::config(format!(
                "the manifest does not ask for the resource '{name}'; add it to \"resources\""
            )));
        }
        let stages = spec["stages"].as_array().map_or(&[][..], Vec::as_slice);
        let reads = |kind: &str| stages.iter().any(|stage| stage["reads"]["record"] == *kind);
        match self.records.iter().find(|records| !reads(records.kind())) {
            Some(records) => Err(Error::config(format!("no stage of the manifest reads {} records", records.kind()))),
            None => Ok(()),
        }
    }

    /// Judges the records in every shape.
    ///
    /// # Panics
    /// When the detector fails, when what comes out depends on the shape, or when the host would refuse it.
    #[track_caller]
    pub fn run(self) -> Seen {
        let judged = |shape: Shape, backwards: bool| match self.once(shape, backwards, &StandIn::new()) {
            Ok(output) => output,
            Err(why) => panic!("the detector failed in {shape:?}: {why}"),
        };
        let first = judged(Shape::default(), false);
        let manifest = read(self.manifest).unwrap_or_default();
        let spec = chosen(&manifest, self.name).unwrap_or(&Value::Null);
        if let Err(what) = faults(&first, &self.records, spec, &Declared::of(spec, &self.resources)) {
            panic!("the host would take this detector out of the run: it {what}");
        }
        for shape in all_shapes() {
            for backwards in [false, true] {
                if let Some(what) = difference(&first, &judged(shape, backwards)) {
                    let order = if backwards { ", rows from the last to the first" } else { "" };
                    panic!("what comes out depends on how the work is divided: in {shape:?}{order}, {what}");
                }
            }
        }
        Seen { output: first, records: self.records }
    }
}

/// Where two runs differ, if they do. Rows of stages are compared as sets: their order is the host's to make.
fn difference(a: &Output, b: &Output) -> Option<String> {
    let sorted = |output: &Output| {
        let mut findings = output.findings.clone();
        findings.iter_mut().for_each(|f| f.members.sort());
        findings.sort_by_key(|f| format!("{f:?}"));
        findings
    };
    let (left, right) = (sorted(a), sorted(b));
    if left != right {
        let odd = left.iter().find(|f| !right.contains(f)).map(|f| format!("this finding is missing: {f:?}"));
        let odd = odd.or_else(|| right.iter().find(|f| !left.contains(f)).map(|f| format!("this one is new: {f:?}")));
        return Some(odd.unwrap_or_else(|| format!("there are {} findings, not {}", right.len(), left.len())));
    }
    let rows = |output: &Output| {
        let mut rows: Vec<_> = output.rows.values().flatten().cloned().collect();
        rows.sort();
        rows
    };
    for (what, same) in [
        ("scores", a.scores == b.scores),
        ("unjudged records", a.unjudged == b.unjudged),
        ("rows for later stages", rows(a) == rows(b)),
        ("summaries", a.summaries == b.summaries),
    ] {
        if !same {
            return Some(format!("the {what} are others"));
        }
    }
    None
}

/// What a [`Case`] gave, the same in every shape.
pub struct Seen {
    output: Output,
    records: Vec<Records>,
}

impl Deref for Seen {
    type Target = Output;

    fn deref(&self) -> &Output {
        &self.output
    }
}

impl Seen {
    /// What was logged in the first shape: all rows in one batch. It may differ in others.
    pub fn log(&self) -> &[LogLine] {
        &self.output.log
    }

    /// As [`assert_found`].
    ///
    /// # Panics
    /// When there is no such finding.
    #[track_caller]
    pub fn assert_found(&self, record: &str, rule: &str) {
        assert_found(self, record, rule);
    }

    /// Demands a finding of `rule` in `record` whose span is this text.
    ///
    /// # Panics
    /// When there is none, saying which texts were matched.
    #[track_caller]
    pub fn assert_matched(&self, record: &str, rule: &str, matched: &str) {
        let texts: Vec<String> = self
            .findings
            .iter()
            .filter(|f| f.record == record && f.rule == rule)
            .map(|f| {
                let text = self.records.iter().find_map(|r| r.text(record, &f.field)).unwrap_or_default();
                text.get(f.span.clone()).unwrap_or_default().to_owned()
            })
            .collect();
        assert!(
            texts.iter().any(|text| text == matched),
            "rule {rule} should have matched \"{matched}\" in record '{record}'; it matched {texts:?}\n{}",
            told(self, record)
        );
    }

    /// As [`assert_silent`].
    ///
    /// # Panics
    /// When there is a finding.
    #[track_caller]
    pub fn assert_silent(&self, record: &str) {
        assert_silent(self, record);
    }
}

/// Demands that the detector stands by a finding of `rule` in `record`: one with a score of 0.5 or more.
///
/// # Panics
/// When there is none, saying what was found in that record instead.
#[track_caller]
pub fn assert_found(output: &Output, record: &str, rule: &str) {
    let stood_by = |f: &&crate::EmittedFinding| f.record == record && f.rule == rule && f.score >= 0.5;
    assert!(
        output.findings.iter().any(|f| stood_by(&f)),
        "rule {rule} should have been found in record '{record}' with a score of 0.5 or more\n{}",
        told(output, record)
    );
}

/// Demands that the detector stands by no finding in `record`: none with a score of 0.5 or more.
///
/// # Panics
/// When there is one, showing it.
#[track_caller]
pub fn assert_silent(output: &Output, record: &str) {
    assert!(
        !output.findings.iter().any(|f| f.record == record && f.score >= 0.5),
        "nothing should have been found in record '{record}'\n{}",
        told(output, record)
    );
}

fn told(output: &Output, record: &str) -> String {
    let mut lines: Vec<String> = output
        .findings
        .iter()
        .filter(|f| f.record == record)
        .map(|f| format!("  {} {} {}[{:?}] {}", f.rule, f.score, f.field, f.span, f.evidence))
        .collect();
    lines.extend(output.unjudged.iter().filter(|(r, _)| r == record).map(|(_, why)| format!("  not judged: {why}")));
    if lines.is_empty() {
        let mut others: Vec<&str> = output.findings.iter().map(|f| f.record.as_str()).collect();
        others.dedup();
        return format!("found in it: nothing; findings are in: [{}]", others.join(", "));
    }
    format!("found in it:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use serde_json::json;

    use super::*;
    use crate::{Batch, CreateContext, Finding, Host, Level, Sink};

    const MANIFEST: &str = include_str!("../doc_manifest.json");

    /// Reports every title: under a rule, or wrongly as its setting says.
    struct Titles(String, Host);

    impl RecordDetector for Titles {
        fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
            let mode = cx.settings()?.text("mode")?.unwrap_or_default().to_owned();
            if mode == "refuse" { Err(Error::config("no")) } else { Ok(Self(mode, cx.host())) }
        }

        fn scan(&self, _: &str, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
            let (keys, titles) = (batch.keys()?, batch.text("title")?);
            for row in 0..batch.len() {
                if !sink.is_open() {
                    self.1.info(format!("stopped before row {row}"));
                    break;
                }
                let (Some(key), Some(title)) = (keys.get(row), titles.get(row)) else {
                    self.1.warn("a listing has no title");
                    continue;
                };
                match self.0.as_str() {
                    "rule" => sink.finding(&Finding::new(key, "SH009", 0.9)),
                    "brand" => {
                        batch.text("brand")?;
                    }
                    "span" => sink.finding(&Finding::new(key, "SH001", 0.9).carried("title", 0..1)),
                    "first of batch" if row > 0 => {}
                    _ => sink.finding(&Finding::new(key, "SH001", 0.9).matched("title", title, 0..3)),
                }
            }
            Ok(())
        }
    }

    fn case(mode: &str) -> Case<'static, EachRecord<Titles>> {
        let records = Records::listings([
            ("L1", json!({"title": "你好"})),
            ("L2", json!({"price": 1})),
            ("L3", json!({"title": "好"})),
        ]);
        Case::each_record::<Titles>(MANIFEST).config(&json!({"mode": mode})).records(records)
    }

    fn panic_of(body: impl FnOnce()) -> String {
        let payload = catch_unwind(AssertUnwindSafe(body)).expect_err("it panics");
        payload.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    fn what_was_seen_is_asserted_and_told() {
        let seen = case("").rules(&[Rule::new("SH001")]).run();
        seen.assert_found("L1", "SH001");
        seen.assert_matched("L1", "SH001", "你");
        seen.assert_silent("L2");
        let said = panic_of(|| seen.assert_silent("L3"));
        assert!(
            said.contains("nothing should have been found in record 'L3'") && said.contains("SH001 0.9 title"),
            "{said}"
        );
        let said = panic_of(|| seen.assert_found("L2", "SH001"));
        assert!(said.contains("found in it: nothing; findings are in: [L1, L3]"), "{said}");
        let said = panic_of(|| seen.assert_matched("L1", "SH001", "好"));
        assert!(said.contains(r#"it matched ["你"]"#), "{said}");
    }

    #[test]
    fn faults_are_told_as_the_host_would() {
        for (mode, expected) in [
            ("rule", "reported rule 'SH009', which it does not declare"),
            ("span", "a span 0..1 that cuts a character"),
            ("first of batch", "what comes out depends on how the work is divided"),
            ("refuse", "the detector failed"),
        ] {
            let said = panic_of(|| drop(case(mode).run()));
            assert!(said.contains(expected), "{mode}: {said}");
        }
        assert_eq!(case("refuse").error(), "no");
        assert!(panic_of(|| drop(case("").rules(&[Rule::new("ZZ001")]))).contains("rule ZZ001 is declared neither"));
    }

    #[test]
    fn what_the_host_would_not_give_is_told() {
        let said = panic_of(|| drop(case("brand").run()));
        assert!(said.contains("stage 'listing' reads 'brand', which its manifest does not declare"), "{said}");
        let said = panic_of(|| drop(case("").resource("words", b"x").run()));
        assert!(said.contains("does not ask for the resource 'words'"), "{said}");
        let said = panic_of(|| drop(case("").records(Records::reviews([("R1", json!({}))])).run()));
        assert!(said.contains("no stage of the manifest reads review records"), "{said}");
    }

    #[test]
    fn what_is_logged_and_where_it_stops_can_be_asserted() {
        let line = |level, message: &str| LogLine { level, target: "shouting".to_owned(), message: message.to_owned() };
        assert_eq!(case("").run().log(), [line(Level::Warn, "a listing has no title")]);
        let stopped = case("").stopped_after(1);
        assert_eq!((stopped.findings.len(), stopped.log), (1, vec![line(Level::Info, "stopped before row 1")]));
        let stopped = case("").stopped_after(0);
        assert_eq!((stopped.findings.len(), stopped.log), (0, vec![line(Level::Info, "stopped before row 0")]));
    }

    #[test]
    fn one_of_several_detectors_is_run_with_its_own_rules() {
        let other = r#""detectors": [{"name": "other", "summary": {"zh": "", "en": ""},
            "stages": [{"name": "s", "kind": "record", "reads": {"record": "listing", "columns": ["title"]}}]},"#;
        let manifest = MANIFEST.replacen("\"detectors\": [", other, 1);
        let records = || Records::listings([("L1", json!({"title": "你好"}))]);
        let case = || Case::each_record::<Titles>(&manifest).records(records());
        case().detector("shouting").rules(&[Rule::new("SH001")]).run().assert_found("L1", "SH001");
        assert!(panic_of(|| drop(case().run())).contains("several detectors, other, shouting: choose"));
        assert!(panic_of(|| drop(case().rules(&[]))).contains("several detectors, other, shouting: choose"));
        assert!(
            panic_of(|| drop(case().detector("other").rules(&[Rule::new("SH001")]))).contains("declared are: none")
        );
    }
}
