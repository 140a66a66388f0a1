//! Plugins of others run only as they were trusted, and a run says what ran.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use huoyan_tests::{Findings, Finished, Scratch, huoyan, misbehaving, shop};
use serde_json::{Value, json};

fn scan(scratch: &Scratch, more: &[&str]) -> Finished {
    let listings = shop("listings.jsonl");
    scratch.run(&[&["scan", &listings, "-o", "jsonl", "--fail-on", "never"], more].concat())
}

/// The library of `plugins/misbehaving` under a name that begins otherwise: the manifest is data, and a name of the same length leaves the
/// library whole.
fn renamed(first: u8) -> Vec<u8> {
    let mut bytes = fs::read(misbehaving()).unwrap();
    let name = b"\"misbehaving\"";
    let at: Vec<usize> = (0..bytes.len() - name.len()).filter(|&i| bytes[i..].starts_with(name)).collect();
    assert!(!at.is_empty());
    at.iter().for_each(|at| bytes[at + 1] = first);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// The command after `run: `, as a shell runs it in the folder.
fn run_what_it_says(scratch: &Scratch, told: &str) {
    let command = told.lines().find_map(|line| line.rsplit_once("run: ")).unwrap().1;
    let command = command.replacen("huoyan", huoyan().to_str().unwrap(), 1);
    let mut shell = Command::new("sh");
    let done =
        scratch.keeps_state_of(&mut shell).args(["-c", &command]).current_dir(scratch.path("")).output().unwrap();
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn an_unlisted_plugin_ends_the_scan_before_it_starts_and_the_command_named_helps() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    scratch.file("huoyan.toml", "[plugins]\nfolders = [\"plugins\"]\n");
    let refused =
        scan(&scratch, &[]).exits(2).says("plugin 'misbehaving' is not listed in plugins.lock and does not run");
    assert_eq!(refused.stdout, "", "nothing was scanned");
    run_what_it_says(&scratch, &refused.stderr);

    let lock = scratch.read("plugins.lock");
    let found = Findings::parse(&scan(&scratch, &[]).exits(0).stdout);
    assert!(found.findings.iter().any(|f| f["detector"] == "misbehaving"));
    let digest = hex(&fs::read(&library).unwrap());
    let told = &found.header["plugin_use"]["misbehaving 0.1.0"];
    assert_eq!(told["digest"].as_str().unwrap(), digest);
    assert_eq!((&told["isolation"], &told["trusted_by"]), (&Value::from("child"), &Value::from("plugins.lock")));
    assert_eq!(found.header["plugins"]["misbehaving 0.1.0"].as_str().unwrap(), digest);
    assert_eq!(found.header["plugins_lock"].as_str().unwrap(), hex(&lock));
    let bundled = &found.header["plugin_use"]["prohibited-keyword 0.1.0"];
    assert_eq!((&bundled["isolation"], &bundled["trusted_by"]), (&Value::from("in-process"), &Value::from("bundled")));

    let schema: Value =
        serde_json::from_slice(&fs::read(huoyan_tests::root().join("schema/findings.schema.json")).unwrap()).unwrap();
    let known = schema["oneOf"].as_array().unwrap()[0]["properties"].as_object().unwrap();
    for key in found.header.as_object().unwrap().keys() {
        assert!(known.contains_key(key), "the schema does not know '{key}'");
    }

    let text = String::from_utf8(lock).unwrap();
    assert!(text.contains("file = \"plugins/libmisbehaving.so\"") || cfg!(not(target_os = "linux")), "{text}");
    assert!(text.contains(&format!("digest = \"blake3:{digest}\"")), "{text}");
}

#[test]
fn a_run_of_bundled_plugins_needs_no_lock_and_names_none() {
    let scratch = Scratch::new();
    let found = Findings::parse(&scan(&scratch, &[]).exits(0).stdout);
    assert!(found.header.get("plugins_lock").is_none());
    let told = found.header["plugin_use"].as_object().unwrap();
    let names: Vec<&String> = found.header["plugins"].as_object().unwrap().keys().collect();
    assert_eq!(told.keys().collect::<Vec<_>>(), names);
    assert!(told.values().all(|one| one["trusted_by"] == "bundled" && one["isolation"] == "in-process"));
}

#[test]
fn a_plugin_that_changed_is_refused_with_both_digests() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    scratch.run(&["plugin", "trust", &library, "--in-process"]).exits(0);
    scan(&scratch, &["--plugins", &library]).exits(0);
    let old = hex(&fs::read(&library).unwrap());
    let mut bytes = fs::read(&library).unwrap();
    bytes.push(0);
    fs::write(&library, &bytes).unwrap();
    let new = hex(&bytes);
    scan(&scratch, &["--plugins", &library])
        .exits(2)
        .says("has changed since it was trusted at")
        .says(&format!("then {old}, now {new}"));
    let verified = scratch.run(&["plugin", "verify"]).exits(1);
    assert!(verified.stdout.starts_with("BAD  ") && verified.stdout.contains(&new), "{}", verified.stdout);
    // Trusting it anew replaces the entry and says what it replaced.
    let trusted = scratch.run(&["plugin", "trust", &library, "--in-process"]).exits(0);
    assert!(trusted.stdout.contains(&format!("in place of: 0.1.0 blake3:{old}")), "{}", trusted.stdout);
    scratch.run(&["plugin", "verify"]).exits(0);
    scan(&scratch, &["--plugins", &library]).exits(0);
    assert_eq!(scratch.text("plugins.lock").matches("[[plugin]]").count(), 1);
}

#[test]
fn a_folder_or_file_that_others_may_write_is_refused_and_the_chmod_named_helps() {
    for (what, mode) in [("deep", 0o777), ("deep/plugins", 0o777), ("deep/plugins", 0o775), ("file", 0o646)] {
        let scratch = Scratch::new();
        let library = scratch.plugin(&misbehaving());
        fs::create_dir(scratch.path("deep")).unwrap();
        fs::set_permissions(scratch.path("deep"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(scratch.path("plugins"), scratch.path("deep/plugins")).unwrap();
        let library = library.replace("/plugins/", "/deep/plugins/");
        scratch.run(&["plugin", "trust", &library, "--in-process"]).exits(0);
        let path = if what == "file" { library.clone() } else { scratch.path(what) };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused =
            scan(&scratch, &["--plugins", &library]).exits(2).says("can be written by other users; run: chmod go-w");
        scratch.run(&["plugin", "verify"]).exits(1);
        scratch.run(&["plugin", "trust", &library]).exits(2).says("chmod go-w");
        run_what_it_says(&scratch, &refused.stderr);
        scan(&scratch, &["--plugins", &library]).exits(0);
        scratch.run(&["plugin", "verify"]).exits(0);
    }
}

#[test]
fn the_lock_may_lie_elsewhere_and_the_command_named_says_where() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    let lock = scratch.path("my locks.lock");
    let refused = scan(&scratch, &["--plugins", &library, "--lock", &lock]).exits(2).says(&format!("--lock '{lock}'"));
    run_what_it_says(&scratch, &refused.stderr);
    scan(&scratch, &["--plugins", &library, "--lock", &lock]).exits(0);
    scan(&scratch, &["--plugins", &library]).exits(2);
    // Named in the configuration, from its own folder.
    let config = scratch.file("conf/huoyan.toml", "[plugins]\nlock = \"../my locks.lock\"\n");
    scan(&scratch, &["--plugins", &library, "--config", &config]).exits(0);
}

/// As of a folder that was cloned: configuration, lock and library came together, from somebody else.
#[test]
fn a_lock_that_was_only_found_makes_nothing_run_that_this_user_has_not_trusted() {
    for (trust, isolation) in [(&[][..], "child"), (&["--in-process"], "in-process")] {
        let scratch = Scratch::new();
        let library = scratch.plugin(&misbehaving());
        scratch.file("huoyan.toml", "[plugins]\nfolders = [\"plugins\"]\n");
        scratch.run(&[&["plugin", "trust", &library], trust].concat()).exits(0);
        scan(&scratch, &[]).exits(0);
        scratch.forgets_state();
        let refused = scan(&scratch, &[])
            .exits(2)
            .says(&format!("you have not trusted it ({isolation}) on this machine, so it does not run"));
        assert_eq!(refused.stdout, "", "nothing was scanned");
        assert!(scratch.run(&["plugin", "list"]).exits(2).stdout.contains("refused"));
        // Who names the lock answers for it, directly or by the configuration.
        for named in [["--lock", "plugins.lock"], ["--config", "huoyan.toml"]] {
            let found = Findings::parse(&scan(&scratch, &named).exits(0).stdout);
            assert_eq!(found.header["plugin_use"]["misbehaving 0.1.0"]["isolation"], isolation);
        }
        run_what_it_says(&scratch, &refused.stderr);
        let found = Findings::parse(&scan(&scratch, &[]).exits(0).stdout);
        assert_eq!(found.header["plugin_use"]["misbehaving 0.1.0"]["isolation"], "child");
        // Trusted in a child is not trusted here.
        let lock = scratch.text("plugins.lock").replace("\"child\"", "\"in-process\"");
        scratch.file("plugins.lock", lock);
        scan(&scratch, &[]).exits(2).says("you have not trusted it (in-process)");
        scratch.run(&["plugin", "untrust", "misbehaving"]).exits(0);
        scratch.run(&["plugin", "trust", &library, "--lock", "other.lock"]).exits(0);
        scratch.file("plugins.lock", scratch.text("other.lock"));
        scan(&scratch, &[]).exits(0);
        scratch.run(&["plugin", "untrust", "misbehaving", "--lock", "other.lock"]).exits(0);
        scan(&scratch, &[]).exits(2).says("you have not trusted it (child)");
    }
}

#[test]
fn what_took_the_place_of_another_leaves_no_trust_in_it() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    let old = fs::read(&library).unwrap();
    scratch.run(&["plugin", "trust", &library]).exits(0);
    let lock = scratch.text("plugins.lock");
    let mut new = old.clone();
    new.push(0);
    fs::write(&library, &new).unwrap();
    scratch.run(&["plugin", "trust", &library]).exits(0);
    // As a folder with the old library and its lock, from somebody else.
    fs::write(&library, &old).unwrap();
    scratch.file("plugins.lock", lock);
    scan(&scratch, &["--plugins", &library]).exits(2).says("you have not trusted it (child)");
}

#[test]
fn verify_says_what_a_scan_would_do() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    scratch.run(&["plugin", "verify"]).exits(0).says("there is no plugin in");
    scratch.run(&["plugin", "verify", "--lock", "typo.lock"]).exits(2).says("there is no such lock");
    let told = scratch.run(&["plugin", "verify", &library]).exits(1).stdout;
    assert!(told.contains("is not listed in plugins.lock") && told.contains("run: huoyan plugin trust"), "{told}");
    scratch.run(&["plugin", "trust", &library]).exits(0);
    scratch.run(&["plugin", "verify"]).exits(0);
    scratch.run(&["plugin", "verify", "--lock", "plugins.lock"]).exits(0);
    scratch.forgets_state();
    let told = scratch.run(&["plugin", "verify"]).exits(1).stdout;
    assert!(told.contains("you have not trusted it (child)"), "{told}");
    scratch.run(&["plugin", "verify", "--lock", "plugins.lock"]).exits(0);
}

#[test]
fn verify_asks_for_a_lock_only_where_one_is_named_and_for_the_plugin_that_it_lists() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    let config = scratch.file("c.toml", "fail_on = \"high\"\n");
    scratch.run(&["plugin", "verify", "--config", &config]).exits(0).says("there is no plugin in");
    // Another plugin in the place of a trusted one.
    let other = renamed(b'n');
    let second = scratch.plugin(Path::new(&scratch.file("made/second.so", &other)));
    scratch.run(&["plugin", "trust", &library]).exits(0);
    scratch.run(&["plugin", "trust", &second]).exits(0);
    scratch.run(&["plugin", "verify"]).exits(0);
    fs::write(&library, &other).unwrap();
    let told = scratch.run(&["plugin", "verify"]).exits(1).stdout;
    assert!(told.contains("has plugin 'misbehaving' here, and it is 'nisbehaving'"), "{told}");
}

#[test]
fn a_record_that_others_may_change_is_not_believed_and_trust_says_so() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    scratch.file("huoyan.toml", "[plugins]\nfolders = [\"plugins\"]\n");
    scratch.run(&["plugin", "trust", &library]).exits(0);
    let record = scratch.state().join("huoyan/trusted");
    fs::set_permissions(&record, fs::Permissions::from_mode(0o777)).unwrap();
    scratch.run(&["plugin", "trust", &library]).exits(2).says("the record of what you trust").says("chmod go-w");
    fs::set_permissions(&record, fs::Permissions::from_mode(0o700)).unwrap();
    scratch.run(&["plugin", "trust", &library]).exits(0);
    fs::set_permissions(&record, fs::Permissions::from_mode(0o777)).unwrap();
    scan(&scratch, &[]).exits(2).says("the record of what you trust here is not safe").says("chmod go-w");
    // Nor is one that is gone forgotten.
    fs::remove_file(&library).unwrap();
    scan(&scratch, &[]).exits(2).says("the trusted plugin 'misbehaving' is not there");
}

#[test]
fn without_a_home_a_named_lock_does_and_can_be_taken_back() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    let run = |arguments: &[&str]| {
        let mut command = Command::new(huoyan());
        command.current_dir(scratch.path(".")).env("HOME", "/dev/null").env_remove("XDG_STATE_HOME");
        let output = command.args(arguments).args(["--lock", "my.lock"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["plugin", "trust", &library]);
    let mut bytes = fs::read(&library).unwrap();
    bytes.push(0);
    fs::write(&library, bytes).unwrap();
    run(&["plugin", "trust", &library]);
    run(&["plugin", "untrust", "misbehaving"]);
}

#[test]
fn what_does_not_run_yet_can_be_looked_at_by_its_name() {
    let scratch = Scratch::new();
    scratch.plugin(&misbehaving());
    scratch.file("huoyan.toml", "[plugins]\nfolders = [\"plugins\"]\n");
    let told = scratch.run(&["plugin", "inspect", "misbehaving"]).exits(0).stdout;
    assert!(told.contains("misbehaving 0.1.0"), "{told}");
    scratch.run(&["plugin", "inspect", "misbehavin"]).exits(2).says("the plugins are").says("misbehaving");
}

#[test]
fn what_a_manifest_says_moves_no_cursor_when_it_is_taken_out() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    scratch.run(&["plugin", "trust", &library]).exits(0);
    let lock = scratch.text("plugins.lock").replace("version = \"0.1.0\"", "version = \"\\u001b[31m0.1.0\"");
    scratch.file("plugins.lock", lock);
    let told = scratch.run(&["plugin", "untrust", "misbehaving"]).exits(0).stdout;
    assert!(told.contains("0.1.0") && !told.contains('\u{1b}'), "{told:?}");
}

#[test]
fn a_pipe_or_a_link_beside_a_lock_is_refused_at_once() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    let beside = scratch.path("plugins.lock.changing");
    assert!(Command::new("mkfifo").arg(&beside).status().unwrap().success());
    scratch.run(&["plugin", "trust", &library]).exits(2).says("it cannot be written");
    fs::remove_file(&beside).unwrap();
    let far = scratch.path("far");
    std::os::unix::fs::symlink(&far, &beside).unwrap();
    scratch.run(&["plugin", "trust", &library]).exits(2).says("it cannot be written");
    assert!(!Path::new(&far).exists(), "a file was made where the link leads");
    fs::remove_file(&beside).unwrap();
    scratch.run(&["plugin", "trust", &library]).exits(0);
}

#[test]
fn plugins_that_are_trusted_at_the_same_time_are_all_kept() {
    let scratch = Scratch::new();
    let made = |i: u8| scratch.file(&format!("made/lib{i}.so"), renamed(b'a' + i));
    let libraries: Vec<String> = (0..8).map(|i| scratch.plugin(Path::new(&made(i)))).collect();
    std::thread::scope(|scope| {
        for library in &libraries {
            scope.spawn(|| scratch.run(&["plugin", "trust", library]).exits(0));
        }
    });
    assert_eq!(scratch.text("plugins.lock").matches("[[plugin]]").count(), 8);
    std::thread::scope(|scope| {
        for i in 0..7_u8 {
            let (scratch, name) = (&scratch, format!("{}isbehaving", char::from(b'a' + i)));
            scope.spawn(move || scratch.run(&["plugin", "untrust", &name]).exits(0));
        }
    });
    assert_eq!(scratch.text("plugins.lock").matches("[[plugin]]").count(), 1);
    scratch.run(&["plugin", "verify", &libraries[7]]).exits(0);
}

#[test]
fn the_lock_is_read_strictly() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    scratch.run(&["plugin", "trust", &library, "--note", "read it all", "--by", "我"]).exits(0);
    let good = scratch.text("plugins.lock");
    assert!(
        good.contains("note = \"read it all\"")
            && good.contains("by = \"我\"")
            && good.contains("isolation = \"child\"")
    );
    scratch.file("plugins.lock", good.replace("isolation =", "isolaton ="));
    scan(&scratch, &[]).exits(2).says("unknown key 'isolaton'; did you mean 'isolation'?");
    scratch.file("plugins.lock", good.replace("version = 1\n", "version = 9\n"));
    scan(&scratch, &[]).exits(2).says("of version 9 and this huoyan reads version 1; update huoyan");
    scratch.file("plugins.lock", &good);
    fs::set_permissions(scratch.path("plugins.lock"), fs::Permissions::from_mode(0o666)).unwrap();
    scan(&scratch, &[]).exits(2).says("plugins.lock can be written by other users");
}

#[test]
fn lists_and_verdicts_are_there_for_programs_too() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    scratch.file("plugins/notes.so", "no library");
    scratch.file("huoyan.toml", "[plugins]\nfolders = [\"plugins\"]\n");
    let digest = format!("blake3:{}", hex(&fs::read(&library).unwrap()));
    let lines = |command: &str, status: i32| -> Vec<Value> {
        let told = scratch.run(&["plugin", command, "--json"]).exits(status).stdout;
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let all = lines("list", 2);
    let of = |all: &[Value], name: &str| all.iter().find(|line| line["plugin"] == name).unwrap().clone();
    let refused = of(&all, "misbehaving");
    assert_eq!((&refused["state"], &refused["isolation"]), (&json!("refused"), &Value::Null), "{refused}");
    assert!(refused["why"]["en"].as_str().unwrap().contains("run: huoyan plugin trust"), "{refused}");
    assert_eq!(refused["digest"], digest.as_str());
    let bundled = of(&all, "prohibited-keyword");
    assert_eq!((&bundled["state"], &bundled["from"]), (&json!("runs"), &json!("bundled")));
    assert_eq!(bundled["detectors"], json!([{"name": "prohibited-keyword", "disabled": false}]));
    assert!(
        all.iter().any(|line| line["state"] == "no plugin" && line["file"].as_str().unwrap().ends_with("notes.so"))
    );

    scratch.run(&["plugin", "trust", "misbehaving"]).exits(0);
    let trusted = of(&lines("list", 0), "misbehaving");
    assert_eq!(
        (&trusted["state"], &trusted["isolation"], &trusted["why"]),
        (&json!("trusted"), &json!("child"), &Value::Null)
    );
    let [good] = lines("verify", 0).try_into().unwrap();
    assert_eq!((&good["ok"], good["file"].as_str().unwrap().ends_with("libmisbehaving.so")), (&json!(true), true));
    fs::write(&library, "cut off").unwrap();
    let [bad] = lines("verify", 1).try_into().unwrap();
    assert_eq!(bad["ok"], false);
    assert!(bad["told"]["zh"].as_str().unwrap().contains("不是插件"), "{bad}");
}

#[test]
fn every_plugin_has_a_row_and_what_is_trusted_is_told() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    scratch.file("huoyan.toml", "[plugins]\nfolders = [\"plugins\"]\n");
    let rows = |status: i32| -> Vec<String> {
        scratch.run(&["plugin", "list"]).exits(status).stdout.lines().map(str::to_owned).collect()
    };
    let row = |rows: &[String]| rows.iter().find(|row| row.starts_with("misbehaving ")).unwrap().clone();
    let refused = rows(2);
    assert!(row(&refused).contains("third-party") && row(&refused).contains("refused"), "{refused:?}");
    assert!(refused.iter().any(|line| line.contains("run: huoyan plugin trust")), "{refused:?}");
    let keyword = refused.iter().find(|row| row.starts_with("prohibited-keyword ")).unwrap();
    assert!(keyword.contains("bundled") && keyword.contains("in-process") && keyword.contains("ABI 1.0"), "{keyword}");

    let told = scratch.run(&["plugin", "trust", "misbehaving", "--in-process"]).exits(0).stdout;
    for part in [
        "trusted: misbehaving 0.1.0  ABI 1.0",
        "(record)  listing: title",
        "(group)",
        "isolation: in-process",
        "plugins.lock",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(told.contains(&format!("digest: blake3:{}", hex(&fs::read(&library).unwrap()))), "{told}");
    let trusted = rows(0);
    assert!(row(&trusted).contains("trusted") && row(&trusted).contains("in-process"), "{trusted:?}");

    scratch.run(&["plugin", "untrust", "misbehavng"]).exits(2).says("did you mean 'misbehaving'?");
    scratch.run(&["plugin", "untrust", "misbehaving"]).exits(0);
    assert!(row(&rows(2)).contains("refused"));
    scratch.run(&["plugin", "trust", "prohibited-keyword"]).exits(2).says("is bundled with huoyan");
    scratch.run(&["plugin", "trust", "nobody"]).exits(2).says("there are: misbehaving");
}

#[test]
fn what_is_no_whole_plugin_cannot_be_trusted() {
    let scratch = Scratch::new();
    let text = scratch.file("plugins/libtext.so", "no library");
    scratch.run(&["plugin", "trust", &text]).exits(2).says("exports no huoyan manifest");
    // The manifest's JSON is cut off, as by a download that was.
    let mut bytes = fs::read(misbehaving()).unwrap();
    let at = bytes.windows(8).position(|window| window == b"HYMANIF1").unwrap();
    bytes[at + 16] = b'?';
    let broken = scratch.file("plugins/libbroken.so", &bytes);
    scratch.run(&["plugin", "trust", &broken]).exits(2).says("the manifest is not valid");
    assert!(!Path::new(&scratch.path("plugins.lock")).exists());
    scratch.run(&["plugin", "verify", &broken]).exits(1);
}

/// A scan without a detector that the user relies on would say "pass" of what it is there to find.
#[test]
fn a_trusted_plugin_that_is_gone_or_cut_off_is_missed() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    scratch.file("huoyan.toml", "[plugins]\nfolders = [\"plugins\"]\n");
    scratch.run(&["plugin", "trust", &library]).exits(0);
    let listings = shop("listings.jsonl");
    let scan = ["scan", &listings, "--only", "misbehaving", "-o", "jsonl=found.jsonl"];
    scratch.run(&scan).exits(0);
    let bytes = fs::read(&library).unwrap();
    fs::write(&library, &bytes[..9000]).unwrap();
    scratch.run(&scan).exits(2);
    fs::remove_file(&library).unwrap();
    scratch
        .run(&scan)
        .exits(2)
        .says("the trusted plugin 'misbehaving' is not there")
        .says("huoyan plugin untrust misbehaving");
    let listed = scratch.run(&["plugin", "list"]).exits(2).stdout;
    assert!(listed.contains("the trusted plugin 'misbehaving' is not there"), "{listed}");
    // To another user who only found this lock it has no say, so nothing is missed; by its name it has.
    scratch.forgets_state();
    scratch.run(&["plugin", "list"]).exits(0);
    scratch.run(&["plugin", "list", "--lock", "plugins.lock"]).exits(2);
    scratch.run(&["plugin", "untrust", "misbehaving"]).exits(0);
    scratch.run(&["plugin", "list"]).exits(0);
}

#[test]
fn a_file_that_is_named_and_no_plugin_is_refused_and_one_in_a_folder_is_listed() {
    let scratch = Scratch::new();
    let text = scratch.file("plugins/libtext.so", "no library");
    let listings = shop("listings.jsonl");
    scratch.run(&["scan", &listings, "--plugins", &text]).exits(2).says("exports no huoyan manifest");
    let listed = scratch.run(&["plugin", "list", "--plugins", &scratch.path("plugins")]).exits(0).stdout;
    assert!(listed.starts_with("PLUGIN ") && listed.contains("no plugin  "), "{listed}");
}

#[test]
fn a_file_that_is_not_the_one_that_was_published_is_not_trusted() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    let published = hex(&fs::read(&library).unwrap());
    let other = "0".repeat(64);
    scratch.run(&["plugin", "trust", &library, "--digest", &other]).exits(2).says("not the file that was published");
    assert!(!std::path::Path::new(&scratch.path("plugins.lock")).exists());
    for no_digest in ["ABC", &published[1..], ""] {
        scratch.run(&["plugin", "trust", &library, "--digest", no_digest]).exits(2).says("is no digest");
    }
    // As it is copied.
    let copied = format!(" BLAKE3:{} ", published.to_uppercase());
    scratch.run(&["plugin", "trust", &library, "--digest", &copied]).exits(0);
    scratch.run(&["plugin", "trust", &library, "--digest", &format!("blake3:{published}")]).exits(0);
}

#[test]
fn what_a_plugin_is_can_be_read_and_parsed() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    let told = scratch.run(&["plugin", "inspect", &library]).exits(0).stdout;
    for part in ["plugin: misbehaving 0.1.0  ABI 1.0", "digest: blake3:", "(record)  listing: title", "rules: MB001"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let json = scratch.run(&["plugin", "inspect", &library, "--json"]).exits(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["digest"], hex(&fs::read(&library).unwrap()));
    assert_eq!(json["manifest"]["name"], "misbehaving");
}

#[test]
fn refusals_are_told_in_chinese_too() {
    let scratch = Scratch::new();
    let library = scratch.plugin(&misbehaving());
    let output = scratch
        .keeps_state_of(&mut Command::new(huoyan()))
        .current_dir(scratch.path(""))
        .args(["--locale", "zh", "plugin", "list", "--plugins", &library])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("不在 plugins.lock 中，不会运行；若信任它，请运行 huoyan plugin trust"), "{told}");
}
