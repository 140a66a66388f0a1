//! Plugins in child processes: whatever they do costs their own process, is named, and lets them see nothing.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use huoyan_host::{
    Cancel, ChildSettings, CreateError, Detector, Fault, Isolation, Output, PluginFile, ResourceData, child,
};
use huoyan_model::Localized;

/// The library of `plugins/misbehaving`, which is a dependency of this test and so lies in `deps/` beside it.
fn library() -> PathBuf {
    let name = format!("{}misbehaving{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    std::env::current_exe().unwrap().parent().unwrap().join(name)
}

fn settings() -> ChildSettings {
    ChildSettings {
        program: env!("CARGO_BIN_EXE_plugin-host").into(),
        arguments: Vec::new(),
        time_limit: Duration::from_secs(30),
        memory_limit: 512 << 20,
    }
}

fn make(mode: &str, settings: Option<&ChildSettings>, cancel: &Cancel) -> Result<Detector, Localized> {
    create(mode, settings, cancel).map_err(Localized::from)
}

fn create(mode: &str, settings: Option<&ChildSettings>, cancel: &Cancel) -> Result<Detector, CreateError> {
    let mut file = PluginFile::inspect(&library()).unwrap().expect("a huoyan plugin");
    let spec = file.manifest.detectors[0].clone();
    let rules: BTreeSet<String> =
        spec.rules.iter().cloned().chain(file.rules_of(&file.resources).unwrap().into_keys()).collect();
    let plugin = match settings {
        Some(settings) => {
            file.isolation = Isolation::Child;
            file.load_with(settings).unwrap()
        }
        None => file.load().unwrap(),
    };
    let config = format!(r#"{{"mode":"{mode}"}}"#);
    plugin.create(&spec.name, &config, Vec::new(), rules, cancel)
}

fn in_child(mode: &str) -> Detector {
    make(mode, Some(&settings()), &Cancel::default()).unwrap()
}

fn titles() -> RecordBatch {
    let keys: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c", "d"]));
    let titles: ArrayRef = Arc::new(StringArray::from(vec![Some("你好"), Some("x"), None, Some("猫")]));
    RecordBatch::try_from_iter([("_record", keys), ("title", titles)]).unwrap()
}

fn judge(detector: &Detector) -> Result<Output, Fault> {
    let stage = detector.spec().stages[0].clone();
    let mut output = Output::default();
    let mut task = detector.open(&stage, 0, &[])?;
    task.push(&titles(), &mut output)?;
    task.close(&mut output)?;
    Ok(output)
}

fn said(output: &Output) -> String {
    format!("{output:?}")
}

#[test]
fn a_plugin_says_the_same_in_a_child_as_in_the_host() {
    for mode in ["none", "print"] {
        let here = judge(&make("none", None, &Cancel::default()).unwrap()).unwrap();
        let there = judge(&in_child(mode)).unwrap();
        assert_eq!(here.findings.len(), 3);
        assert_eq!(said(&here), said(&there), "{mode}");
    }
}

#[test]
fn a_sliced_batch_and_many_batches_are_judged_alike() {
    let (here, there) = (make("none", None, &Cancel::default()).unwrap(), in_child("none"));
    let run = |detector: &Detector| {
        let stage = detector.spec().stages[0].clone();
        let mut output = Output::default();
        for start in 0..4 {
            let mut task = detector.open(&stage, 0, &[]).unwrap();
            task.push(&titles().slice(start, 4 - start), &mut output).unwrap();
            task.close(&mut output).unwrap();
        }
        let mut task = detector.open(&stage, 0, &[]).unwrap();
        for start in 0..4 {
            task.push(&titles().slice(start, 1), &mut output).unwrap();
        }
        task.push(&titles().slice(0, 0), &mut output).unwrap();
        said(&output)
    };
    assert_eq!(run(&here), run(&there));
    // One child served them all, tasks that were not closed included.
    assert_eq!(there.idle_children().len(), 1);
}

#[test]
fn all_kinds_of_stage_give_the_same() {
    let run = |detector: &Detector| {
        let stages = &detector.spec().stages;
        let keys: ArrayRef = Arc::new(StringArray::from(vec!["r1", "r2", "r3"]));
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["一", "二", "三"]));
        let listings: ArrayRef = Arc::new(StringArray::from(vec!["l1", "l1", "l2"]));
        let reviews =
            RecordBatch::try_from_iter([("_record", keys), ("text", texts), ("listing_id", listings)]).unwrap();
        let mut output = Output::default();
        let mut task = detector.open(&stages[1], 1, &[]).unwrap();
        task.push(&reviews, &mut output).unwrap();
        task.close(&mut output).unwrap();
        let mut summaries = Vec::new();
        for start in 0..3 {
            let mut output = Output::default();
            let mut task = detector.open(&stages[2], 2, &[]).unwrap();
            task.push(&reviews.slice(start, 3 - start), &mut output).unwrap();
            task.close(&mut output).unwrap();
            summaries.push(output.summary.unwrap());
        }
        let merged = detector.merge("total", &summaries[0], &summaries[1]).unwrap();
        let merged = detector.merge("total", &merged, &summaries[2]).unwrap();
        assert_eq!(merged, 6_u64.to_le_bytes());
        let total = [ResourceData::copy("total", &merged)];
        let mut task = detector.open(&stages[3], 3, &total).unwrap();
        for row in output.rows.clone() {
            let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text.to_owned()])) };
            let batch = RecordBatch::try_from_iter([
                ("_key", text(&row.key)),
                ("_record", text(&row.record)),
                ("_input", text("rows")),
                ("_payload", Arc::new(BinaryArray::from(vec![row.payload.as_slice()])) as ArrayRef),
                ("_order", Arc::new(Int64Array::from(vec![row.order])) as ArrayRef),
            ]);
            task.push(&batch.unwrap(), &mut output).unwrap();
        }
        task.close(&mut output).unwrap();
        assert_eq!(output.findings.len(), 2);
        said(&output)
    };
    assert_eq!(run(&make("none", None, &Cancel::default()).unwrap()), run(&in_child("none")));
}

#[test]
fn each_end_of_a_child_is_named_and_costs_this_detector_only() {
    let other = in_child("none");
    let cases = [
        ("abort", "aborted its child process (SIGABRT)", "中止了它的子进程（SIGABRT）"),
        ("stack-overflow", "overflowed the stack of its child process (SIGABRT)", "使它的子进程栈溢出（SIGABRT）"),
        (
            "memory-hog",
            "wanted more memory than memory_limit allows its child process (SIGABRT)",
            "需要的内存超过了 memory_limit 允许它的子进程使用的（SIGABRT）",
        ),
        ("segfault", "crashed its child process (SIGSEGV)", "使它的子进程崩溃（SIGSEGV）"),
        ("close-pipe", "closed its channel", "关闭了它的通道"),
        ("exit", "ended its child process with status 0", "以状态 0 结束了它的子进程"),
    ];
    for (mode, expected, expected_zh) in cases {
        let Localized { zh, en } = judge(&in_child(mode)).expect_err(mode).into();
        assert!(en.starts_with(expected), "{mode}: {en}");
        assert!(en.ends_with("; a fresh child process did no better"), "{mode}: {en}");
        assert!(zh.starts_with(expected_zh), "{mode}: {zh}");
        assert!(zh.ends_with("；换一个新的子进程也一样"), "{mode}: {zh}");
        assert_eq!(judge(&other).unwrap().findings.len(), 3, "{mode}");
    }
}

#[test]
fn an_endless_loop_ends_with_the_time_limit() {
    let settings = ChildSettings { time_limit: Duration::from_millis(1500), ..settings() };
    let detector = make("endless-loop", Some(&settings), &Cancel::default()).unwrap();
    let start = Instant::now();
    let Localized { zh, en } = judge(&detector).unwrap_err().into();
    assert!(en.starts_with("took longer than time_limit = \"1.5s\" for one call"), "{en}");
    assert!(zh.starts_with("一次调用超过了 time_limit = \"1.5s\""), "{zh}");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(detector.idle_children().is_empty());
}

#[test]
fn a_stopped_run_does_not_wait_for_its_children() {
    let cancel = Cancel::default();
    let detector = make("endless-loop", Some(&settings()), &cancel).unwrap();
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            cancel.cancel();
        });
        assert!(judge(&detector).is_err());
    });
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn a_lie_is_a_fault_at_once_and_the_same_as_in_the_host() {
    let Localized { zh, en } = judge(&in_child("write-garbage")).unwrap_err().into();
    assert!(en.starts_with("broke the protocol of its child process: it sent"), "{en}");
    assert!(zh.starts_with("违反了子进程的协议：发来了"), "{zh}");
    let modes = [
        "panic",
        "error",
        "undeclared-rule",
        "unknown-record",
        "unknown-field",
        "span-inside-character",
        "span-outside",
        "nan-score",
        "score-above-one",
        "bad-evidence",
        "bad-utf8",
        "endless-output",
        "endless-unjudged",
        "undeclared-rows",
    ];
    for mode in modes {
        let here = judge(&make(mode, None, &Cancel::default()).unwrap()).unwrap_err();
        let there = judge(&in_child(mode)).unwrap_err();
        assert_eq!(here, there, "{mode}");
        assert_ne!(here.text().zh, here.text().en, "{mode}");
    }
}

#[test]
fn a_refused_configuration_is_told_in_the_plugin_s_words() {
    for mode in ["refuse-config", "panic-create"] {
        let here = make(mode, None, &Cancel::default()).err().unwrap();
        let there = make(mode, Some(&settings()), &Cancel::default()).err().unwrap();
        assert_eq!(here, there);
        assert!(here.zh.contains("检测器 'misbehaving'：调用"), "{}", here.zh);
    }
}

#[test]
fn what_breaks_while_it_is_made_is_told_apart_from_what_is_refused() {
    let brief = ChildSettings { time_limit: Duration::from_secs(2), ..settings() };
    for (mode, broke) in [
        ("refuse-config", None),
        ("panic-create", Some("asked to panic while being created")),
        ("abort-create", Some("aborted its child process (SIGABRT)")),
        ("loop-create", Some("took longer than time_limit = \"2s\"")),
    ] {
        match (create(mode, Some(&brief), &Cancel::default()).err().unwrap(), broke) {
            (CreateError::Refused(_), None) => {}
            (CreateError::Broke { fault, .. }, Some(why)) => {
                assert!(fault.to_string().contains(why), "{mode}: {fault}")
            }
            (other, _) => panic!("{mode}: {other:?}"),
        }
    }
    let here = create("panic-create", None, &Cancel::default()).err().unwrap();
    assert!(matches!(here, CreateError::Broke { .. }), "{here:?}");
    let here = create("refuse-config", None, &Cancel::default()).err().unwrap();
    assert!(matches!(here, CreateError::Refused(_)), "{here:?}");
}

/// What the plugin says it got.
fn got(mode: &str) -> String {
    let output = judge(&in_child(mode)).unwrap_or_else(|fault| panic!("{mode}: {fault}"));
    output.unjudged[0].1.clone()
}

#[test]
fn a_child_has_no_environment() {
    assert!(std::env::var_os("PATH").is_some(), "the host has one");
    assert_eq!(got("read-environment"), "no environment");
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_gets_no_file_network_process_or_thread() {
    let gaps = child::gaps(&settings()).unwrap();
    assert!(gaps.is_empty(), "this test needs a system that enforces everything; it lacks {gaps:?}");
    assert_eq!(in_child("none").gaps(), gaps, "what is asked beforehand and what a plugin's child says");
    let limit_of_this = format!("limit-process-{}", std::process::id());
    for (mode, expected) in [
        ("read-file-loading", "no file: "),
        ("write-file-loading", "no file: "),
        (&limit_of_this, "no limit: "),
        ("read-file", "no file: "),
        ("write-file", "no file: "),
        ("connect", "no connection: "),
        ("fork", "no process: "),
        ("thread", "no thread: "),
    ] {
        let got = got(mode);
        assert!(got.starts_with(expected), "{mode}: {got}");
    }
    assert!(!std::path::Path::new("/tmp/huoyan-misbehaving").exists());
}

#[test]
fn a_child_has_no_file_that_the_host_was_started_with() {
    // Open for good and without "close on exec", as what a shell hands down is.
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, b"inherited").unwrap();
    let _open = rustix::io::dup(&file).unwrap();
    assert_eq!(got("inherit"), "nothing");
}

#[test]
fn open_files_of_a_child_are_not_taken() {
    let open = || std::fs::read_dir("/dev/fd").unwrap().count();
    let detector = in_child("send-files");
    let before = open();
    let fault = judge(&detector).unwrap_err().to_string();
    assert!(fault.contains("open files, which nobody asked for"), "{fault}");
    // Other tests run beside this one; 1,200 files were sent.
    assert!(open() < before + 200, "{before} files were open, now {}", open());
}

#[test]
fn children_that_have_all_ended_are_all_replaced() {
    let detector = in_child("none");
    let stage = detector.spec().stages[0].clone();
    let expected = said(&judge(&detector).unwrap());
    let mut output = Output::default();
    let mut tasks: Vec<_> = (0..4).map(|_| detector.open(&stage, 0, &[]).unwrap()).collect();
    tasks.iter_mut().for_each(|task| task.push(&titles(), &mut output).unwrap());
    tasks.into_iter().for_each(|task| task.close(&mut output).unwrap());
    let idle = detector.idle_children();
    assert_eq!(idle.len(), 4);
    let kill = |child: &u32| Command::new("kill").args(["-KILL", &child.to_string()]).status().unwrap();
    assert!(idle.iter().all(|child| kill(child).success()));
    assert_eq!(said(&judge(&detector).unwrap()), expected);
}

#[test]
fn a_killed_child_is_replaced_and_nothing_is_lost() {
    let detector = in_child("none");
    let expected = said(&judge(&detector).unwrap());
    for _ in 0..3 {
        let [child] = detector.idle_children()[..] else { panic!("one idle child") };
        assert!(Command::new("kill").args(["-KILL", &child.to_string()]).status().unwrap().success());
        assert_eq!(said(&judge(&detector).unwrap()), expected);
    }
}

/// Hands over batches of so many rows and so large texts to a stage that counts them, kills the child after some of them, and tells what came
/// of the next call and of the last.
fn killed_after(batches: usize, of: usize, text: &str) -> (Result<Option<Vec<u8>>, Fault>, bool) {
    let detector = in_child("none");
    let stage = detector.spec().stages[2].clone();
    let before = detector.idle_children();
    let mut output = Output::default();
    let mut task = detector.open(&stage, 0, &[]).unwrap();
    let keys: ArrayRef = Arc::new(StringArray::from(vec!["r1", "r2"]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec![text, "二"]));
    let reviews = RecordBatch::try_from_iter([("_record", keys), ("text", texts)]).unwrap();
    for _ in 0..batches {
        task.push(&reviews, &mut output).unwrap();
    }
    assert!(Command::new("kill").args(["-KILL", &before[0].to_string()]).status().unwrap().success());
    let rest = (batches..of).try_for_each(|_| task.push(&reviews, &mut output));
    let ended = rest.and_then(|()| task.close(&mut output)).map(|()| output.summary);
    (ended, detector.idle_children() != before)
}

#[test]
fn a_child_that_is_killed_anywhere_is_replaced_by_one_that_is_given_everything_again() {
    for of in 1..=4_usize {
        for batches in 1..=of {
            let count = (2 * of as u64).to_le_bytes().to_vec();
            assert_eq!(killed_after(batches, of, "一"), (Ok(Some(count)), true), "{batches} of {of}");
        }
    }
}

#[test]
fn what_a_large_group_gave_is_not_held_against_the_child_that_hears_it_again() {
    // Every member is told of while the one row of the next batch is pushed.
    const MEMBERS: usize = 300;
    let run = |detector: &Detector, kill: Option<u32>| {
        let stage = detector.spec().stages[3].clone();
        let total = [ResourceData::copy("total", &1_u64.to_le_bytes())];
        let mut output = Output::default();
        let mut task = detector.open(&stage, 0, &total).unwrap();
        for (key, rows) in [("a", MEMBERS), ("b", 1), ("c", 1)] {
            let texts = |text: &dyn Fn(usize) -> String| -> ArrayRef {
                Arc::new((0..rows).map(|row| Some(text(row))).collect::<StringArray>())
            };
            let batch = RecordBatch::try_from_iter([
                ("_key", texts(&|_| key.to_owned())),
                ("_record", texts(&|row| format!("{key}{row}"))),
                ("_input", texts(&|_| "rows".to_owned())),
                ("_payload", Arc::new(BinaryArray::from(vec![&b"x"[..]; rows])) as ArrayRef),
                ("_order", Arc::new(Int64Array::from(vec![0; rows])) as ArrayRef),
            ]);
            if let Some(child) = kill.filter(|_| key == "c") {
                assert!(Command::new("kill").args(["-KILL", &child.to_string()]).status().unwrap().success());
            }
            task.push(&batch.unwrap(), &mut output).unwrap();
        }
        task.close(&mut output).unwrap();
        assert_eq!(output.findings.len(), MEMBERS + 2);
        said(&output)
    };
    let there = in_child("list-all-members");
    let [child] = there.idle_children()[..] else { panic!("one idle child") };
    assert_eq!(run(&there, Some(child)), run(&in_child("list-all-members"), None));
}

#[test]
fn what_is_too_much_to_be_kept_is_not_given_again() {
    let large = "长".repeat(3 << 20);
    // One batch is at hand anyway.
    assert_eq!(killed_after(1, 1, &large).0, Ok(Some(2_u64.to_le_bytes().to_vec())));
    for (batches, of) in [(2, 2), (2, 3)] {
        let fault = killed_after(batches, of, &large).0.unwrap_err();
        assert!(fault.to_string().contains("SIGKILL"), "{fault}");
    }
}

#[test]
fn a_program_that_is_no_plugin_host_is_a_refusal_and_no_hang() {
    for program in ["/bin/cat", "/bin/true", "/nonexistent/program"] {
        let settings = ChildSettings { program: program.into(), time_limit: Duration::from_secs(2), ..settings() };
        let error = make("none", Some(&settings), &Cancel::default()).err().unwrap();
        assert!(error.en.contains("detector 'misbehaving' "), "{program}: {}", error.en);
        assert!(error.zh.contains("检测器 'misbehaving'："), "{program}: {}", error.zh);
    }
}

#[test]
fn a_plugin_for_children_is_never_loaded_into_the_host() {
    let mut file = PluginFile::inspect(&library()).unwrap().unwrap();
    file.isolation = Isolation::Child;
    let error = file.load().err().unwrap().to_string();
    assert!(error.contains("it is to run in child processes"), "{error}");
}
