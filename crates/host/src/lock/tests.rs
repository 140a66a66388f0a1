use super::*;

fn entry(name: &str, byte: &str) -> LockEntry {
    LockEntry {
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        file: format!("plugins/lib{name}.so"),
        digest: LockEntry::digest_of(&byte.repeat(32)),
        isolation: Isolation::Child,
        trusted_at: "2026-11-30T10:00:00+08:00".to_owned(),
        by: None,
        note: Some("looked at \"it\"\nby hand".to_owned()),
    }
}

fn refusal(text: &str) -> String {
    Lock::parse(text).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_read_back_and_sorted() {
    let mut lock = Lock::default();
    assert_eq!(lock.insert(entry("b", "0b")), None);
    assert_eq!(lock.insert(entry("a", "0a")), None);
    assert_eq!(lock.insert(entry("b", "1b")), Some(entry("b", "0b")));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(LOCK_FILE);
    lock.write(&path).unwrap();
    let read = Lock::read(&path).unwrap();
    assert_eq!(read.entries(), [entry("a", "0a"), entry("b", "1b")]);
    assert_eq!(read.digest().unwrap(), blake3::hash(&std::fs::read(&path).unwrap()).to_hex().as_str());
    assert_eq!(read.to_text(), lock.to_text());
    // Nothing is left beside it.
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn the_digest_decides() {
    let mut lock = Lock::default();
    lock.insert(entry("a", "0a"));
    let listed = entry("a", "0a");
    assert_eq!(lock.standing("a", &"0a".repeat(32)), Standing::Listed(&listed));
    assert_eq!(lock.standing("a", &"0b".repeat(32)), Standing::Changed(&listed));
    assert_eq!(lock.standing("b", &"0a".repeat(32)), Standing::Unlisted);
    assert!(lock.remove("a").is_some());
    assert_eq!(lock.standing("a", &"0a".repeat(32)), Standing::Unlisted);
}

#[test]
fn a_lock_that_is_not_there_trusts_nothing() {
    let lock = Lock::read(Path::new("/nowhere/at/all/plugins.lock")).unwrap();
    assert_eq!((lock.entries().len(), lock.digest()), (0, None));
}

#[test]
fn what_is_wrong_is_named() {
    let good = Lock { entries: vec![entry("a", "0a")], digest: None }.to_text();
    assert!(Lock::parse(&good).is_ok());
    assert_eq!(refusal(&good.replace("digest =", "digst =")), "plugin 1: unknown key 'digst'; did you mean 'digest'?");
    assert_eq!(refusal("version = 1\n[[plugins]]\n"), "unknown key 'plugins'; did you mean 'plugin'?");
    assert!(refusal(&good.replace("note =", "remark =")).starts_with("plugin 1: unknown key 'remark'; known are name"));
    assert!(
        refusal(&good.replace("version = 1", "version = 2")).contains("of version 2 and this huoyan reads version 1")
    );
    assert!(refusal("").contains("it has no version"));
    assert!(refusal("version = 1\nplugin = 3").starts_with("it is not valid"));
    assert!(refusal("version = 1\nplugin = [3]").starts_with("it is not valid"));
    assert!(refusal(&good.replace("\"child\"", "\"cage\"")).contains("in-process"));
    assert!(refusal(&good.replace("blake3:0a", "blake3:0A")).contains("64 lower-case"));
    assert!(refusal(&good.replace("blake3:", "sha256:")).contains("64 lower-case"));
    let twice = format!("{good}{}", good.split_once("\n\n").unwrap().1);
    assert_eq!(refusal(&twice), "plugin 'a' stands in it twice; keep one");
}

#[test]
fn changes_at_the_same_time_are_all_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(LOCK_FILE);
    let names: Vec<String> = (0..16).map(|i| format!("p{i:02}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| {
                Lock::change(&path, |lock| {
                    lock.insert(entry(name, "0a"));
                    Ok::<(), HostError>(())
                })
            });
        }
    });
    let kept: Vec<String> = Lock::read(&path).unwrap().entries.into_iter().map(|entry| entry.name).collect();
    assert_eq!(kept, names);
    let refused = Lock::change(&path, |lock| {
        lock.remove("p00");
        Err::<(), _>(HostError::new(&path, "no"))
    });
    assert!(refused.is_err() && Lock::read(&path).unwrap().entries.len() == 16);
    assert!(cfg!(not(unix)) || std::fs::read_dir(dir.path()).unwrap().count() == 1);
}

#[test]
#[cfg(unix)]
fn a_link_stays_one_and_what_it_leads_to_is_changed() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("kept/here")).unwrap();
    let (link, real) = (dir.path().join(LOCK_FILE), dir.path().join("kept/here/real.lock"));
    std::os::unix::fs::symlink("kept/link.lock", &link).unwrap();
    std::os::unix::fs::symlink("here/real.lock", dir.path().join("kept/link.lock")).unwrap();
    for name in ["a", "b"] {
        Lock::change(&link, |lock| Ok::<_, HostError>(lock.insert(entry(name, "0a")))).unwrap();
    }
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(real.symlink_metadata().unwrap().is_file());
    assert_eq!(Lock::read(&real).unwrap().entries().len(), 2);
    std::os::unix::fs::symlink("round", dir.path().join("round")).unwrap();
    assert!(Lock::default().write(&dir.path().join("round")).is_err());
}

#[test]
#[cfg(unix)]
fn a_lock_that_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(LOCK_FILE);
    Lock::default().write(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let error = Lock::read(&path).unwrap_err().to_string();
    assert!(error.contains("chmod go-w"), "{error}");
}

#[test]
fn a_lock_that_is_not_whole_is_told_with_the_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(LOCK_FILE);
    let whole = Lock { entries: vec![entry("a", "0a")], digest: None }.to_text();
    for (bytes, expected) in [
        (&whole.as_bytes()[..whole.find("plugins/").unwrap()], "is not valid TOML"),
        (b"version = 1\n\xff", "it is no UTF-8 text"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let told = Lock::read(&path).unwrap_err().to_string();
        assert!(told.contains(expected) && told.ends_with("or delete it and trust the plugins again"), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
#[cfg(unix)]
fn a_pipe_in_the_place_of_a_lock_is_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(LOCK_FILE);
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert!(Lock::read(&path).unwrap_err().to_string().contains("no regular file"));
}
