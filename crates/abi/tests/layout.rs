//! The Rust mirror, the C header and the golden numbers of ABI 1.0 agree, field by field.
//!
//! The golden table is append-only: a new minor adds lines at the end of a struct, it never changes one.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::fmt::Write as _;
use std::mem::{offset_of, size_of};
use std::process::Command;

use huoyan_abi::{ArrowArray, ArrowSchema, Error, Finding, Host, Plugin, Resource, Sink, Str};

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

#[test]
#[cfg(target_pointer_width = "64")]
fn rust_layout_is_the_golden_one() {
    assert_eq!(table(&rust_layout()), include_str!("layout_v1_0.golden"));
}

fn compile(language: &str, standard: &str, source: &str, extra: &[&str]) -> std::path::PathBuf {
    let dir = std::env::temp_dir().join(format!("huoyan-abi-{}-{standard}-{}", std::process::id(), source.len()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("layout.src");
    std::fs::write(&file, source).unwrap();
    let out = dir.join("layout");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/include");
    let result = Command::new(&compiler)
        .args(["-x", language, &format!("-std={standard}"), "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", include])
        .arg(&file)
        .args(extra)
        .arg("-o")
        .arg(&out)
        .output()
        .unwrap_or_else(|e| panic!("this test needs a C compiler; '{compiler}' cannot be run: {e}"));
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    out
}

#[test]
fn c_layout_is_the_rust_one() {
    let rows = rust_layout();
    let mut source = String::from("#include <stdio.h>\n#include \"huoyan.h\"\nint main(void) {\n");
    for (expression, _) in &rows {
        writeln!(source, "  printf(\"%s %zu\\n\", \"{expression}\", {expression});").unwrap();
    }
    source.push_str("  return 0;\n}\n");
    let program = compile("c", "c11", &source, &[]);
    let printed = Command::new(program).output().unwrap().stdout;
    assert_eq!(String::from_utf8(printed).unwrap(), table(&rows));
}

#[test]
fn header_compiles_as_cpp_without_a_warning() {
    compile("c++", "c++17", "#include \"huoyan.h\"\n", &["-c"]);
}

#[test]
fn helpers_compile_as_c_and_cpp_without_a_warning() {
    compile("c++", "c++17", "#include \"huoyan_helpers.h\"\n", &["-c"]);
    compile("c", "c11", "#include \"huoyan_helpers.h\"\n#include \"huoyan_testing.h\"\n", &["-c"]);
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
    let program = compile("c", "gnu11", &source, &[]);
    assert_eq!(Command::new(program).status().unwrap().code(), Some(0), "{source}");
}
