//! Plugins of then in the host of today, and plugins built in other ways than ours: all load and say the same.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use huoyan_host::{Cancel, Detector, Output, PluginFile, ResourceData};

const RELEASED: [&str; 1] = ["1.0"];

fn archive(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/abi").join(version)
}

fn detector(library: &Path, config: &str) -> Result<Detector, String> {
    let file = PluginFile::inspect(library).unwrap().expect("a huoyan plugin");
    let spec = file.manifest.detectors[0].clone();
    let resources: Vec<ResourceData> = file.resources.clone();
    let rules: BTreeSet<String> =
        spec.rules.iter().cloned().chain(file.rules_of(&resources).unwrap().into_keys()).collect();
    let plugin = file.load().unwrap();
    plugin.create(&spec.name, config, resources, rules, &Cancel::default()).map_err(|e| e.to_string())
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(values.iter().copied().collect::<StringArray>())
}

/// All that the plugin says in all of its stages, over titles that include sliced, empty, absent and hostile ones.
fn everything(library: &Path) -> String {
    let detector = detector(library, "{}").unwrap();
    let stage = |name: &str| detector.spec().stages.iter().find(|stage| stage.name == name).unwrap().clone();
    let titles = ["x!!!", "!!!", "降价!!!!快抢!!", "!!", "", "a\u{0}!!!\u{202e}", "!!!", "火眼", "!!!!!!!!"].map(Some);
    let titles: Vec<Option<&str>> = titles.into_iter().chain([None]).collect();
    let names: Vec<String> = (0..titles.len()).map(|i| format!("记录{i}")).collect();
    let keys: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
    let batch = RecordBatch::try_from_iter([("_record", texts(&keys)), ("title", texts(&titles))]).unwrap();

    let mut listing = Output::default();
    let mut task = detector.open(&stage("listing"), 7, &[]).unwrap();
    task.push(&batch.slice(1, 4), &mut listing).unwrap();
    task.push(&batch.slice(5, titles.len() - 5), &mut listing).unwrap();
    task.close(&mut listing).unwrap();

    let mut summary = Vec::new();
    for part in [batch.slice(0, 3), batch.slice(3, 7)] {
        let mut total = Output::default();
        let mut task = detector.open(&stage("total"), 7, &[]).unwrap();
        task.push(&part, &mut total).unwrap();
        task.close(&mut total).unwrap();
        let one = total.summary.unwrap();
        summary = if summary.is_empty() { one } else { detector.merge("total", &summary, &one).unwrap() };
    }
    assert_eq!(summary, 10u64.to_le_bytes());

    let mut rows = listing.rows.clone();
    rows.sort_by(|a, b| (&a.key, a.order, &a.record).cmp(&(&b.key, b.order, &b.record)));
    let column = |of: &dyn Fn(&huoyan_host::Row) -> String| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(of(row))).collect::<StringArray>())
    };
    let payload: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.payload.as_slice())).collect::<BinaryArray>());
    let order: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.order)).collect::<Int64Array>());
    let grouped = RecordBatch::try_from_iter([
        ("_key", column(&|row| row.key.clone())),
        ("_record", column(&|row| row.record.clone())),
        ("_input", column(&|_| "listing".to_owned())),
        ("_payload", payload),
        ("_order", order),
    ])
    .unwrap();
    let mut again = Output::default();
    let mut task = detector.open(&stage("again"), 7, &[ResourceData::copy("total", &summary)]).unwrap();
    task.push(&grouped.slice(0, 1), &mut again).unwrap();
    task.push(&grouped.slice(1, grouped.num_rows() - 1), &mut again).unwrap();
    task.close(&mut again).unwrap();
    assert_eq!(again.findings.len(), 1, "two titles are the same");
    assert_eq!(listing.findings.len(), 5);
    assert_eq!(listing.unjudged.len(), 1);
    format!("listing\n{}total\n{summary:?}\nagain\n{}", lines(&listing), lines(&again))
}

/// All of an output, a line for each thing that was said, and nothing of how the host keeps it: it is compared with what was
/// written down.
fn lines(output: &Output) -> String {
    let mut out = String::new();
    for f in &output.findings {
        let (seen, told) = ((&f.field, f.span.map(|span| (span.0, span.1)), &f.matched), (&f.evidence, &f.members));
        out += &format!("finding {:?} {:?} {} {:?} {seen:?} {told:?}\n", f.record, f.row, f.rule, f.score);
    }
    for (record, score) in &output.scores {
        out += &format!("score {record:?} {score:?}\n");
    }
    for row in &output.rows {
        out += &format!("row {:?} {} {:?} {:?}\n", row.key, row.order, row.record, row.payload);
    }
    for (record, reason) in &output.unjudged {
        out += &format!("unjudged {record:?} {reason:?}\n");
    }
    out + &format!("summary {:?}\n", output.summary)
}

fn compile(version: &str, flags: &[&str], out: &Path) -> Result<(), String> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let folder = archive(version);
    let done = Command::new(&compiler)
        .args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-I"])
        .arg(&folder)
        .args(flags)
        .arg("-o")
        .arg(out)
        .arg(folder.join("archived.c"))
        .output()
        .unwrap_or_else(|e| panic!("this test needs a C compiler; '{compiler}' cannot be run: {e}"));
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}

/// What the plugin said when it was archived.
fn said(version: &str) -> String {
    std::fs::read_to_string(archive(version).join("archived.expected")).unwrap()
}

/// What the plugin says when it is built from the header of its own ABI.
fn expected(version: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let library = dir.path().join("libarchived.so");
    compile(version, &[], &library).unwrap();
    everything(&library)
}

#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
fn every_archived_binary_still_loads_and_says_what_it_said() {
    for version in RELEASED {
        let library = archive(version).join("archived-x86_64-linux-gnu.so");
        let digest = PluginFile::inspect(&library).unwrap().unwrap().digest;
        let provenance = std::fs::read_to_string(archive(version).join("README.md")).unwrap();
        assert!(provenance.contains(&format!("    {digest}\n")), "{version}: {digest} is not what its README.md says");
        let says = everything(&library);
        assert_eq!(says, expected(version), "{version}");
        // Both are heard by the host of today: only what was written down shows that it still hears them as it did.
        assert_eq!(says, said(version), "{version}: what it says is not what it said");
        assert!(detector(&library, r#"{"a":1}"#).err().unwrap().contains("it takes no configuration"));
    }
}

/// Every released minor has its folder, and no header that was released has changed.
#[test]
fn the_archive_has_every_minor_up_to_todays() {
    let folders: BTreeSet<String> = std::fs::read_dir(archive(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let minors: BTreeSet<String> =
        (0..=huoyan_abi::ABI_MINOR).map(|minor| format!("{}.{minor}", huoyan_abi::ABI_MAJOR)).collect();
    assert_eq!(folders, minors);
    assert_eq!(RELEASED.map(str::to_owned).into_iter().collect::<BTreeSet<_>>(), minors);
    let today = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../abi/include/huoyan.h")).unwrap();
    let version = format!("{}.{}", huoyan_abi::ABI_MAJOR, huoyan_abi::ABI_MINOR);
    let code = |bytes: &[u8]| without_comments(std::str::from_utf8(bytes).unwrap());
    let archived = std::fs::read(archive(&version).join("huoyan.h")).unwrap();
    assert_eq!(code(&today), code(&archived), "the header of a minor that is released does not change");
}

/// The header as the compiler sees it: its comments may be mended.
fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_c_plugin_of_an_older_header_says_the_same_with_any_flags() {
    let dir = tempfile::tempdir().unwrap();
    for version in RELEASED {
        let expected = expected(version);
        let sets: [&[&str]; 5] =
            [&["-O0", "-g"], &["-O3", "-fno-plt"], &["-Os", "-s"], &["-O2", "-fvisibility=hidden"], &["-O2", "-flto"]];
        for (i, flags) in sets.into_iter().enumerate() {
            let library = dir.path().join(format!("lib{i}.so"));
            match compile(version, flags, &library) {
                Ok(()) => assert_eq!(everything(&library), expected, "{version} {flags:?}"),
                // Not every compiler has link-time optimisation.
                Err(why) => assert!(flags.contains(&"-flto"), "{flags:?}: {why}"),
            }
        }
    }
}

fn build(folder: &Path, package: &str, flags: &[&str], profile: &[(&str, &str)], target: &Path) -> PathBuf {
    let done = Command::new(env!("CARGO"))
        .current_dir(folder)
        .args(["build", "--offline", "--quiet", "--release", "--package", package, "--lib"])
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .envs(profile.iter().map(|(key, value)| (format!("CARGO_PROFILE_RELEASE_{key}"), *value)))
        .output()
        .unwrap();
    assert!(done.status.success(), "{package} {flags:?}: {}", String::from_utf8_lossy(&done.stderr));
    let name = format!("{}{package}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    target.join("release").join(name)
}

#[test]
fn a_rust_plugin_of_an_older_sdk_says_the_same_with_any_flags() {
    let dir = tempfile::tempdir().unwrap();
    type Set = (&'static [&'static str], &'static [(&'static str, &'static str)]);
    let mut sets: Vec<Set> = vec![
        (&[], &[]),
        (&["-Copt-level=z", "-Ccodegen-units=1"], &[("LTO", "fat"), ("STRIP", "symbols")]),
        (&["-Copt-level=0", "-Cdebug-assertions=on", "-Coverflow-checks=on"], &[("DEBUG", "2")]),
    ];
    if cfg!(target_arch = "x86_64") {
        sets.push((&["-Ctarget-cpu=x86-64-v2", "-Clink-arg=-s", "-Cforce-frame-pointers=yes"], &[("LTO", "thin")]));
    }
    for version in RELEASED {
        let expected = expected(version);
        for (i, (flags, profile)) in sets.iter().enumerate() {
            let library = build(
                &archive(version).join("rust"),
                "archived",
                flags,
                profile,
                &dir.path().join(format!("{version}-{i}")),
            );
            assert_eq!(everything(&library), expected, "{version} {flags:?} {profile:?}");
        }
    }
}

/// The SDK of today with flags that are not the workspace's.
#[test]
fn a_plugin_of_this_sdk_loads_with_other_flags() {
    let dir = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let flags = ["-Copt-level=z", "-Ccodegen-units=1", "-Clink-arg=-s"];
    let library = build(&root, "misbehaving", &flags, &[("LTO", "fat")], dir.path());
    let detector = detector(&library, "{}").unwrap();
    let stage = detector.spec().stages[0].clone();
    let keys = texts(&[Some("a"), Some("b")]);
    let batch = RecordBatch::try_from_iter([("_record", keys), ("title", texts(&[Some("你好"), None]))]).unwrap();
    let mut output = Output::default();
    detector.open(&stage, 0, &[]).unwrap().push(&batch, &mut output).unwrap();
    assert_eq!(output.findings.len(), 1);
    assert_eq!(output.findings[0].matched.as_deref(), Some("你"));
}

/// The manifest of the archived plugin, changed within its length.
fn inspected(change: impl Fn(&mut Vec<u8>)) -> huoyan_model::Localized {
    let dir = tempfile::tempdir().unwrap();
    let library = dir.path().join("libchanged.so");
    compile("1.0", &[], &library).unwrap();
    let mut bytes = std::fs::read(&library).unwrap();
    change(&mut bytes);
    std::fs::write(&library, bytes).unwrap();
    PluginFile::inspect(&library).err().expect("it is refused").into()
}

fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    assert_eq!(old.len(), new.len());
    let at = bytes.windows(old.len()).position(|window| window == old).unwrap();
    bytes[at..at + new.len()].copy_from_slice(new);
}

#[test]
fn another_abi_is_refused_with_both_sides_and_the_way_out_in_both_languages() {
    let abi = br#""major":1,"minor":0"#;
    for (other, en, zh) in [
        (
            br#""major":1,"minor":9"#,
            "plugin 'archived' was built for ABI 1.9 and this host speaks 1.0; update huoyan to one that speaks 1.9, or rebuild",
            "插件 'archived' 按 ABI 1.9 构建，本程序支持 1.0；请把 huoyan 更新到支持 1.9 的版本，或用 ABI 1.0 的 SDK 重新构建插件",
        ),
        (
            br#""major":2,"minor":0"#,
            "was built for ABI 2.0 and this host speaks 1.0; update huoyan",
            "请把 huoyan 更新到支持 2.0",
        ),
        (
            br#""major":0,"minor":9"#,
            "was built for ABI 0.9 and this host speaks 1.0; rebuild the plugin with an SDK of ABI 1.0",
            "请用 ABI 1.0 的 SDK 重新构建插件",
        ),
    ] {
        let told = inspected(|bytes| replace(bytes, abi, other));
        assert!(told.en.contains(en), "{}", told.en);
        assert!(told.zh.contains(zh), "{}", told.zh);
    }
}

#[test]
fn a_version_that_is_none_is_refused() {
    for (old, new) in [
        (&br#""major":1"#[..], &br#""major":?"#[..]),
        (br#""major":1"#, br#""major""1"#),
        (br#""minor":0"#, br#""minus":0"#),
        (br#"{"major":1,"minor":0}"#, br#""one point zero"     "#),
    ] {
        let told = inspected(|bytes| replace(bytes, old, new));
        assert!(told.en.contains("the manifest is not valid") && told.zh.contains("清单无效"), "{}", told.en);
    }
    let told = inspected(|bytes| replace(bytes, b"HYMANIF1", b"HYMANIF2"));
    assert!(told.en.contains("does not start with the expected magic bytes"), "{}", told.en);
    // A length beyond the file.
    let told = inspected(|bytes| {
        let at = bytes.windows(8).position(|window| window == b"HYMANIF1").unwrap();
        bytes[at + 8..at + 16].fill(0xff);
    });
    assert!(told.en.contains("shorter than the lengths in it say"), "{}", told.en);
}
