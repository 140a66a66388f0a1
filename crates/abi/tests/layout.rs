//! The Rust mirror, the C header and the golden numbers of every released ABI agree, field by field.
//!
//! A released table never changes, and a new minor only appends: what an older table says of a struct is how today's begins.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::mem::{offset_of, size_of};
use std::path::Path;
use std::process::Command;

use huoyan_abi::{ABI_MAJOR, ABI_MINOR, ArrowArray, ArrowSchema, Error, Finding, Host, Plugin, Resource, Sink, Str};

macro_rules! layout {
    ($($rust:ident $c:literal { $($field:ident)* })*) => {{
        let mut rows: Vec<(String, usize)> = Vec::new();
        $(
            rows.push((format!("sizeof({})", $c), size_of::<$rust>()));
            $(rows.push((format!("offsetof({}, {})", $c, stringify!($field)), offset_of!($rust, $field)));)*
        )*
        rows
    }};
}

fn rust_layout() -> Vec<(String, usize)> {
    layout! {
        Str "hy_str" { ptr len }
        Error "hy_error" { struct_size code message detail_json release private_data }
        Resource "hy_resource" { name digest ptr len }
        Host "hy_host" { struct_size abi_minor ctx log is_cancelled }
        Finding "hy_finding" {
            struct_size record rule field evidence_json score span_start span_end members n_members
        }
        Sink "hy_sink" { struct_size ctx finding score row unjudged summary }
        Plugin "hy_plugin" {
            struct_size abi_major abi_minor create destroy task_open task_push task_close task_drop summary_merge
        }
        ArrowSchema "struct ArrowSchema" {
            format name metadata flags n_children children dictionary release private_data
        }
        ArrowArray "struct ArrowArray" {
            length null_count offset n_buffers n_children buffers children dictionary release private_data
        }
    }
}

fn table(rows: &[(String, usize)]) -> String {
    rows.iter().fold(String::new(), |mut out, (name, value)| {
        writeln!(out, "{name} {value}").unwrap();
        out
    })
}

/// The tables of all released minors for processors like `width`, oldest first.
fn goldens(width: &str) -> BTreeMap<u32, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let minor = name.strip_prefix(&format!("layout_v{ABI_MAJOR}_")).and_then(|rest| rest.strip_suffix(width));
        if let Some(minor) = minor.and_then(|minor| minor.parse().ok()) {
            found.insert(minor, std::fs::read_to_string(&path).unwrap());
        }
    }
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), (0..=ABI_MINOR).collect::<Vec<_>>(), "a minor has no table");
    found
}

const BITS_64: &str = ".golden";
/// Of a 32-bit x86: 64-bit numbers are aligned to 4 there.
const I686: &str = ".i686.golden";

/// The lines of a table by struct: its size, then its fields in order.
fn structs(table: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in table.lines() {
        let name = line.split(['(', ',', ')']).nth(1).unwrap();
        found.entry(name).or_default().push(line);
    }
    found
}

/// Whether `newer` only appends to `older`: every struct is there, begins with the same fields at the same places, and is larger only if it
/// says its size itself.
fn only_appends(older: &str, newer: &str) -> Result<(), String> {
    let (older, newer) = (structs(older), structs(newer));
    for (name, before) in &older {
        let now = newer.get(name).ok_or_else(|| format!("{name} is gone"))?;
        let size = |lines: &[&str]| lines[0].rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let (size_before, size_now) = (size(before), size(now));
        if before.len() > now.len() || before[1..] != now[1..before.len()] {
            return Err(format!("{name} does not begin as it did"));
        }
        let may_grow = before.get(1) == Some(&format!("offsetof({name}, struct_size) 0").as_str());
        if size_now < size_before || (!may_grow && (size_now != size_before || now.len() != before.len())) {
            return Err(format!("{name} had {size_before:?} bytes and has {size_now:?}"));
        }
    }
    Ok(())
}

#[test]
#[cfg(target_pointer_width = "64")]
fn rust_layout_is_the_golden_one() {
    assert_eq!(table(&rust_layout()), goldens(BITS_64)[&ABI_MINOR]);
}

#[test]
fn every_older_layout_is_how_todays_begins() {
    for width in [BITS_64, I686] {
        let all: Vec<String> = goldens(width).into_values().collect();
        let newest = all.last().unwrap();
        for older in &all {
            only_appends(older, newest).unwrap();
        }
    }
}

#[test]
fn a_change_that_is_no_addition_is_noticed() {
    let now = &goldens(BITS_64)[&ABI_MINOR];
    let last = "offsetof(hy_sink, summary) 48\n";
    assert!(now.contains(last));
    let grown = now
        .replace(last, &format!("{last}offsetof(hy_sink, note) 56\n"))
        .replace("sizeof(hy_sink) 56", "sizeof(hy_sink) 64");
    assert_eq!(only_appends(now, &grown), Ok(()));
    for (what, changed) in [
        ("a field is gone", now.replace(last, "")),
        ("a field has another name", now.replace("hy_sink, summary", "hy_sink, abstract")),
        ("a field has moved", now.replace(last, "offsetof(hy_sink, summary) 56\n")),
        ("a struct is gone", now.lines().filter(|l| !l.contains("hy_error")).map(|l| format!("{l}\n")).collect()),
        ("a struct is smaller", now.replace("sizeof(hy_sink) 56", "sizeof(hy_sink) 48")),
        ("a struct without struct_size has grown", now.replace("sizeof(hy_resource) 48", "sizeof(hy_resource) 56")),
        ("a field was put between", now.replace(last, &format!("offsetof(hy_sink, note) 44\n{last}"))),
    ] {
        assert_ne!(&changed, now, "{what}");
        assert!(only_appends(now, &changed).is_err(), "{what}");
    }
}

/// Compiles a source in a folder of its own and hands that folder to `look`; none when the compiler refuses and may.
fn compile<R>(
    language: &str,
    source: &str,
    flags: &[&str],
    may_fail: bool,
    look: impl FnOnce(&Path) -> R,
) -> Option<R> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("layout.src");
    std::fs::write(&file, source).unwrap();
    let out = dir.path().join("layout");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/include");
    let result = Command::new(&compiler)
        .args(["-x", language, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", include])
        .args(flags)
        .arg(&file)
        .arg("-o")
        .arg(&out)
        .output()
        .unwrap_or_else(|e| panic!("this test needs a C compiler; '{compiler}' cannot be run: {e}"));
    if may_fail && !result.status.success() {
        return None;
    }
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    Some(look(&out))
}

#[test]
fn c_layout_is_the_rust_one() {
    let rows = rust_layout();
    let mut source = String::from("#include <stdio.h>\n#include \"huoyan.h\"\nint main(void) {\n");
    for (expression, _) in &rows {
        writeln!(source, "  printf(\"%s %zu\\n\", \"{expression}\", {expression});").unwrap();
    }
    source.push_str("  return 0;\n}\n");
    let run = |program: &Path| Command::new(program).output().unwrap().stdout;
    let printed = compile("c", &source, &["-std=c11"], false, run).unwrap();
    assert_eq!(String::from_utf8(printed).unwrap(), table(&rows));
}

/// Nothing is linked or run for another processor: the numbers are read from the assembly.
#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
fn c_layout_of_a_32_bit_processor_is_the_golden_one() {
    let names: Vec<String> = rust_layout().into_iter().map(|(name, _)| name).collect();
    let mut source = format!(
        "#include \"huoyan.h\"\nextern const unsigned layout[{0}];\nconst unsigned layout[{0}] = {{\n",
        names.len()
    );
    for name in &names {
        // Never zero, so that the compiler writes each number out.
        writeln!(source, "  (unsigned){name} + 1000000u,").unwrap();
    }
    source.push_str("};\n");
    let read = |assembly: &Path| std::fs::read_to_string(assembly).unwrap();
    let Some(assembly) = compile("c", &source, &["-std=c11", "-m32", "-ffreestanding", "-S"], true, read) else {
        eprintln!("this compiler knows no -m32: nothing was compared");
        return;
    };
    let numbers = assembly.lines().filter_map(|line| line.trim().strip_prefix(".long")?.trim().parse::<usize>().ok());
    let rows: Vec<(String, usize)> = names.into_iter().zip(numbers.map(|number| number - 1_000_000)).collect();
    assert_eq!(table(&rows), goldens(I686)[&ABI_MINOR]);
}

#[test]
fn header_compiles_as_cpp_without_a_warning() {
    compile("c++", "#include \"huoyan.h\"\n", &["-std=c++17", "-c"], false, |_| ()).unwrap();
}

#[test]
fn helpers_compile_as_c_and_cpp_without_a_warning() {
    compile("c++", "#include \"huoyan_helpers.h\"\n", &["-std=c++17", "-c"], false, |_| ()).unwrap();
    let both = "#include \"huoyan_helpers.h\"\n#include \"huoyan_testing.h\"\n";
    compile("c", both, &["-std=c11", "-c"], false, |_| ()).unwrap();
}

#[test]
fn helpers_read_settings_and_texts() {
    // What hy_setting answers: a number, the default, or -1 for what is no such number.
    let mut source = String::from("#include \"huoyan_helpers.h\"\nint main(void) {\n");
    for (config, expected) in [
        ("{}", 7),
        (r#"{\"n\":12}"#, 12),
        (r#"{\"m\": 3, \"n\": 0 }"#, 0),
        (r#"{\"nn\":1,\"n\":2}"#, 2),
        (r#"{\"n\":-1}"#, -1),
        (r#"{\"n\":1.5}"#, -1),
        (r#"{\"n\":99999999999}"#, -1),
        (r#"{\"n\":"#, -1),
        (r#"{\"n\""#, -1),
    ] {
        writeln!(
            source,
            "  if (hy_setting(hy_text(\"{config}\"), \"n\", 7) != {expected}) return {};",
            source.lines().count()
        )
        .unwrap();
    }
    source.push_str("  hy_str none = {0, 0};\n  if (hy_compare(none, hy_text(\"\")) != 0 || hy_compare(hy_text(\"a\"), hy_text(\"ab\")) >= 0) return 99;\n");
    source.push_str("  return 0;\n}\n");
    let run = |program: &Path| Command::new(program).status().unwrap().code();
    assert_eq!(compile("c", &source, &["-std=gnu11"], false, run), Some(Some(0)), "{source}");
}
