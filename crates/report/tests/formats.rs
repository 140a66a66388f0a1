//! What every output writes for one made-up run, byte for byte, and what it must never write.
//!
//! `UPDATE_GOLDEN=1 cargo test -p huoyan-report` writes the golden files anew; read the difference before committing.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod sample;

use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use huoyan_model::{Finding, Locale, RunStatus, RunSummary};
use huoyan_report::{Format, Options, Output, Outputs, Spec, open};
use serde_json::Value;

fn run(output: &mut dyn Output, summary: &RunSummary) {
    output.begin(&sample::header()).unwrap();
    sample::items().iter().for_each(|item| output.finding(item).unwrap());
    sample::verdicts().iter().for_each(|verdict| output.verdict(verdict).unwrap());
    sample::scores().iter().for_each(|row| output.score(row).unwrap());
    output.unjudged(&sample::unjudged()).unwrap();
    output.finish(summary).unwrap();
}

fn incomplete() -> RunSummary {
    sample::summary(RunStatus::Incomplete { reasons: vec!["detector third-party was quarantined".to_owned()] })
}

fn bytes_of(format: Format, options: &Options, summary: &RunSummary) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let spec: Spec = format!("{format}={}", path.display()).parse().unwrap();
    let mut output = open(&spec, options).unwrap();
    run(output.as_mut(), summary);
    std::fs::read(path).unwrap()
}

fn text_of(format: Format) -> String {
    String::from_utf8(bytes_of(format, &Options::default(), &incomplete())).unwrap()
}

fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{name} differs from its golden file; UPDATE_GOLDEN=1 writes it anew\n{actual}");
}

#[test]
fn the_line_formats_are_as_committed() {
    golden("findings.jsonl", &text_of(Format::Jsonl));
    golden("findings.csv", &text_of(Format::Csv));
    golden("verdicts.jsonl", &text_of(Format::Verdicts));
    golden("scores.csv", &text_of(Format::Scores));
    golden("baseline.txt", &text_of(Format::Baseline));
    golden("findings.zh.txt", &text_of(Format::Text));
    let english = Options { locale: Locale::En, width: 80, ..Options::default() };
    golden("findings.en.txt", &String::from_utf8(bytes_of(Format::Text, &english, &incomplete())).unwrap());
}

/// The page without its style sheet and script, which have files of their own.
#[test]
fn the_page_is_as_committed() {
    let page = text_of(Format::Html);
    let body = page.find("<body").unwrap();
    let script = page.rfind("<script>").unwrap();
    golden("report.html", &page[body..script].replace("><", ">\n<"));
}

/// What a run with a campaign writes, its findings turned by so many places.
fn with_campaign(format: Format, options: &Options, turn: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let mut output = open(&format!("{format}={}", path.display()).parse().unwrap(), options).unwrap();
    let mut items = sample::campaign();
    items.rotate_left(turn);
    output.begin(&sample::header()).unwrap();
    items.iter().for_each(|item| output.finding(item).unwrap());
    output.finish(&incomplete()).unwrap();
    std::fs::read_to_string(path).unwrap()
}

/// The sections from the campaigns up to the list of findings.
fn campaign_sections(page: &str) -> &str {
    &page[page.find("<section id=\"campaigns\"").unwrap()..page.find("<section id=\"findings\"").unwrap()]
}

#[test]
fn a_campaign_is_shown_as_committed() {
    let page = with_campaign(Format::Html, &Options::default(), 0);
    golden("campaign.html", &campaign_sections(&page).replace("><", ">\n<"));
}

#[test]
fn a_campaign_is_the_same_in_any_order_of_findings() {
    let page = |turn| with_campaign(Format::Html, &Options::default(), turn);
    assert!(campaign_sections(&page(0)) == campaign_sections(&page(3)));
}

#[test]
fn a_campaign_holds_no_markup_of_a_review() {
    let page = with_campaign(Format::Html, &Options::default(), 0);
    assert_eq!(page.matches("<script").count(), 2);
    let sections = campaign_sections(&page);
    for markup in ["<img", "</i>f", "<b>a", "<i>c", "</b>\"", "L9</td>", "\u{202e}"] {
        assert!(!sections.contains(markup), "{markup}");
    }
    let opened =
        |tag: &str| sections.matches(&format!("<{tag}>")).count() + sections.matches(&format!("<{tag} ")).count();
    for tag in
        ["section", "div", "ul", "li", "table", "tr", "td", "th", "b", "i", "a", "details", "svg", "g", "span", "p"]
    {
        assert_eq!(opened(tag), sections.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    let finding = &data["findings"].as_array().unwrap().iter().find(|finding| finding["record"] == "C5</b>").unwrap();
    assert_eq!(
        (&finding["camp"], &finding["copied"][0]["words"]),
        (&1.into(), &serde_json::json!(["质量太差", "大家"]))
    );
    assert!(data["findings"].as_array().unwrap().iter().any(|finding| finding.get("camp").is_none()));
}

#[test]
fn a_member_that_the_page_does_not_hold_is_not_linked() {
    let page = with_campaign(Format::Html, &Options { html_findings: 2, ..Options::default() }, 0);
    assert_eq!(campaign_sections(&page).matches("<a href=\"#").count(), 2);
    assert!(page.contains("4 条在本页没有详情"));
}

#[test]
fn what_does_not_fit_on_the_page_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let spec = format!("html={}", path.display()).parse().unwrap();
    let mut output = open(&spec, &Options { html_findings: 20, ..Options::default() }).unwrap();
    output.begin(&sample::header()).unwrap();
    // One campaign of 240 reviews, and 59 of two.
    let template = sample::campaign().remove(6);
    let mut give = |record: String, first: String| {
        let mut item = template.clone();
        (item.finding.record, item.finding.members) = (record, vec![first]);
        item.finding.fingerprint = huoyan_model::Fingerprint::of("d", "r", &item.finding.record, "", "");
        output.finding(&item).unwrap();
    };
    (0..240).for_each(|index| give(format!("big{index:03}"), "big000".to_owned()));
    (0..118).for_each(|index| give(format!("pair{index:03}"), format!("pair{:03}", index / 2 * 2)));
    output.finish(&incomplete()).unwrap();
    let page = std::fs::read_to_string(&path).unwrap();
    let sections = campaign_sections(&page);
    assert_eq!(sections.matches("<article").count(), 50);
    assert!(sections.contains("共 60 组、358 条评价") && sections.contains("其余 10 组未列出"));
    assert!(sections.contains("40 less sure ones are not listed") && sections.contains("疑似评价 240 条"));
    assert_eq!(sections.matches("\">big").count(), 200);
}

#[test]
fn the_text_names_the_campaigns() {
    let text = with_campaign(Format::Text, &Options::default(), 0);
    assert!(
        text.contains("疑似有组织的评价 1 组；最大一组：评价 6 条 · 账号 6 个 · 商品 2 件 2026-11-22 – 2026-11-24\n"),
        "{text}"
    );
    let english = with_campaign(Format::Text, &Options { locale: Locale::En, ..Options::default() }, 0);
    assert!(english.contains("suspected review campaigns: 1; the largest: 6 reviews · 6 accounts · 2 listings"));
}

#[test]
fn every_format_gives_the_same_bytes_again() {
    for format in Format::ALL {
        let bytes = || bytes_of(format, &Options::default(), &incomplete());
        assert!(bytes() == bytes(), "{format}");
    }
}

#[test]
fn a_finding_read_from_jsonl_is_the_finding_written() {
    let text = text_of(Format::Jsonl);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!((types[0], types[types.len() - 2], types[types.len() - 1]), ("header", "unjudged", "summary"));
    let findings: Vec<Finding> = lines
        .iter()
        .filter(|line| line["type"] == "finding")
        .map(|line| serde_json::from_value(line.clone()).unwrap())
        .collect();
    let expected: Vec<Finding> = sample::items().into_iter().map(|item| item.finding).collect();
    assert_eq!(findings, expected);
    let summary: RunSummary = serde_json::from_value(lines.last().unwrap().clone()).unwrap();
    assert_eq!(summary, incomplete());
}

#[test]
fn no_cell_of_the_table_can_start_a_formula() {
    let text = text_of(Format::Csv);
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut rows = 0;
    for row in reader.records() {
        rows += 1;
        for cell in row.unwrap().iter().filter(|cell| cell.parse::<f64>().is_err()) {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
        }
    }
    assert_eq!(rows, sample::items().len());
}

#[test]
fn scores_are_exact_and_keys_are_left_as_they_are() {
    let text = text_of(Format::Scores);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<(String, u64)> = reader
        .records()
        .map(|row| row.unwrap())
        .map(|row| (row[2].to_owned(), row[3].parse::<f64>().unwrap().to_bits()))
        .collect();
    let expected: Vec<(String, u64)> =
        sample::scores().into_iter().map(|row| (row.record, row.score.to_bits())).collect();
    assert_eq!(rows, expected);
}

#[test]
fn a_terminal_is_sent_no_control_character_of_a_listing() {
    let text = text_of(Format::Text);
    assert!(text.contains("⟨U+001B⟩[31m⟨U+202E⟩nekot⟨U+0000⟩"), "{text}");
    assert!(!text.contains(['\x1b', '\0', '\u{202e}', '\r']));
    let coloured = Options { colour: true, ..Options::default() };
    let text = String::from_utf8(bytes_of(Format::Text, &coloured, &incomplete())).unwrap();
    assert!(text.replace("\x1b[", "").find('\x1b').is_none() && text.contains("\x1b[1;31m国家级\x1b[0m"));
}

#[test]
fn the_page_holds_no_markup_of_a_listing() {
    let page = text_of(Format::Html);
    assert_eq!(page.matches("<script").count(), 2, "the data and the page's own script");
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("<img") && !page.contains("<b>=1") && !page.contains("<i>\u{0}"));
    assert!(!page.contains(['\0', '\u{202e}', '\u{2028}', '\x1b']));
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    assert!(!page.contains("style=\"") && !page.contains(" onclick") && !page.contains("http-equiv=\"refresh"));
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["findings"].as_array().unwrap().len(), sample::items().len());
    let hostile = &data["findings"][0];
    assert_eq!(hostile["rule"], "PK014", "the most severe comes first");
    assert_eq!(hostile["text"][1], "<script>alert(1)</script>");
}

#[test]
fn the_page_says_when_it_holds_a_part() {
    let options = Options { html_findings: 2, ..Options::default() };
    let page = String::from_utf8(bytes_of(Format::Html, &options, &incomplete())).unwrap();
    assert!(page.contains("共 8 处，此处列出最严重的 2 处"));
    assert!(page.contains("the 2 most severe of 8"));
    // Nothing is left out: nothing is said.
    let options = Options { html_findings: 10, ..Options::default() };
    let page = String::from_utf8(bytes_of(Format::Html, &options, &incomplete())).unwrap();
    assert!(!page.contains("most severe of"));
}

#[test]
fn an_empty_run_is_reported_as_such() {
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let path = folder.path().join(format.as_str());
        let spec: Spec = format!("{format}={}", path.display()).parse().unwrap();
        let mut output = open(&spec, &Options::default()).unwrap();
        output.begin(&sample::header()).unwrap();
        output.finish(&sample::summary(RunStatus::Complete)).unwrap();
        assert!(path.exists(), "{format}");
    }
    let page = std::fs::read_to_string(folder.path().join("html")).unwrap();
    assert!(page.contains("未发现疑似问题"));
}

#[test]
fn an_interrupted_run_leaves_no_part_under_the_name_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let specs: Vec<Spec> = Format::ALL
        .iter()
        .map(|format| format!("{format}={}", folder.path().join(format.as_str()).display()).parse().unwrap())
        .collect();
    let mut outputs = Outputs::open(&specs, &Options::default()).unwrap();
    run(&mut outputs, &sample::summary(RunStatus::Interrupted));
    for format in [Format::Csv, Format::Scores, Format::Verdicts, Format::Baseline] {
        assert!(!folder.path().join(format.as_str()).exists(), "{format}");
        assert!(folder.path().join(format!("{format}.partial")).exists(), "{format}");
    }
    assert!(std::fs::read_to_string(folder.path().join("html")).unwrap().contains("运行被中断"));
    assert!(std::fs::read_to_string(folder.path().join("jsonl")).unwrap().contains("\"status\":\"interrupted\""));
}

#[test]
fn an_output_dropped_before_its_end_leaves_the_old_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.jsonl");
    std::fs::write(&path, "old").unwrap();
    let spec: Spec = format!("jsonl={}", path.display()).parse().unwrap();
    let mut output = open(&spec, &Options::default()).unwrap();
    output.begin(&sample::header()).unwrap();
    drop(output);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    std::fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let spec: Spec = format!("scores={}", link.display()).parse().unwrap();
    let mut output = open(&spec, &Options::default()).unwrap();
    run(output.as_mut(), &incomplete());
    assert!(link.is_symlink() && std::fs::read_to_string(&file).unwrap().starts_with("detector,"));
}

/// As `/dev/null`, which a rename would replace for the whole machine; a socket of the test's own stands in for it.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_never_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let spec: Spec = format!("jsonl={}", path.display()).parse().unwrap();
    assert!(open(&spec, &Options::default()).is_err(), "a socket cannot be opened as a file");
    assert!(std::fs::metadata(&path).unwrap().file_type().is_socket());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_in_the_way_is_told_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let spec: Spec = format!("csv={}", folder.path().display()).parse().unwrap();
    let error = open(&spec, &Options::default()).err().unwrap().to_string();
    assert!(error.ends_with("it is a folder; name a file in it"), "{error}");
}

#[test]
fn the_parquet_table_reads_back_with_its_header_and_summary() {
    let bytes = bytes_of(Format::Parquet, &Options::default(), &incomplete());
    let builder =
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
    let keys: Vec<String> =
        builder.metadata().file_metadata().key_value_metadata().unwrap().iter().map(|pair| pair.key.clone()).collect();
    assert!(keys.contains(&"huoyan.header".to_owned()) && keys.contains(&"huoyan.summary".to_owned()));
    let batch = builder.build().unwrap().next().unwrap().unwrap();
    let text = |name: &str| {
        let column = batch.column_by_name(name).unwrap();
        column.as_any().downcast_ref::<arrow_array::StringArray>().unwrap().clone()
    };
    assert_eq!(batch.num_rows(), sample::items().len());
    assert_eq!(text("headline").value(3), sample::HOSTILE, "text is kept raw for programs");
}

#[test]
fn standard_output_can_take_a_format() {
    static TAKEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());
    struct Taker;
    impl Write for Taker {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            TAKEN.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let options = Options { stdout: || Box::new(Taker), ..Options::default() };
    let mut output = open(&"csv".parse().unwrap(), &options).unwrap();
    run(output.as_mut(), &incomplete());
    let text = String::from_utf8(TAKEN.lock().unwrap().clone()).unwrap();
    assert!(text.starts_with("severity,verdict,rule,"), "no byte order mark in a pipe");
}

/// The part of JSON Schema that the committed schemas use.
fn fits(value: &Value, schema: &Value) -> Result<(), String> {
    let fail = |what: &str| Err(format!("{what}: {value} against {schema}"));
    if let Some(options) = schema["oneOf"].as_array() {
        let fitting = options.iter().filter(|option| fits(value, option).is_ok()).count();
        return if fitting == 1 { Ok(()) } else { fail("not exactly one of the alternatives") };
    }
    if let Some(constant) = schema.get("const") {
        return if value == constant { Ok(()) } else { fail("not the constant") };
    }
    if let Some(options) = schema["enum"].as_array() {
        return if options.contains(value) { Ok(()) } else { fail("none of the values") };
    }
    match (schema["type"].as_str(), value) {
        (Some("object"), Value::Object(fields)) => {
            for required in schema["required"].as_array().into_iter().flatten() {
                if !fields.contains_key(required.as_str().unwrap()) {
                    return fail("a required key is missing");
                }
            }
            for (key, value) in fields {
                match (&schema["properties"][key], &schema["additionalProperties"]) {
                    (Value::Null, Value::Bool(false)) => return fail(&format!("unknown key {key}")),
                    (Value::Null, Value::Null) => {}
                    (Value::Null, others) => fits(value, others)?,
                    (known, _) => fits(value, known)?,
                }
            }
            Ok(())
        }
        (Some("array"), Value::Array(entries)) => match &schema["items"] {
            Value::Null => Ok(()),
            items => entries.iter().try_for_each(|entry| fits(entry, items)),
        },
        (Some("string"), Value::String(_)) | (Some("number"), Value::Number(_)) => Ok(()),
        (Some("integer"), Value::Number(number)) if number.is_u64() => Ok(()),
        _ => fail("another type"),
    }
}

#[test]
fn every_line_fits_the_committed_schema() {
    for (format, name) in [(Format::Jsonl, "findings"), (Format::Verdicts, "verdicts")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../schema/{name}.schema.json"));
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for line in text_of(format).lines() {
            fits(&serde_json::from_str(line).unwrap(), &schema).unwrap();
        }
    }
}
