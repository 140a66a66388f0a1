//! Structural attacks, each by its name: all are refused, for the reason given.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod support;
#[path = "support/tangle.rs"]
mod tangle;

use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use huoyan_dossier::bundle::timestamp::Anchor;
use huoyan_dossier::bundle::{Code, Kind, Report, Trust, Verdict, verify, verify_archives};
use support::rawzip::{self, Raw};
use support::{Tree, attacker, edit, key, refresh, refresh_payload, refresh_tags, sign, small_zip};

/// What an attack does to the small case's one part.
enum How {
    /// Changes files, and packs them as we would.
    Files(fn(&mut Tree)),
    /// Changes entries of the archive.
    Entries(fn(&mut Vec<Raw>)),
    /// Changes the archive's bytes.
    Bytes(fn(&mut Vec<u8>)),
    /// Changes the folder it was unzipped to.
    #[cfg(unix)]
    Folder(fn(&Path)),
}

use How::{Bytes, Entries, Files};

const PICTURE: &str = "data/E01-评价截图/1.png";
const CHAT: &str = "data/E02-聊天记录/chat.jsonl";
const SIGNATURE: &str = "signatures/tagmanifest-sha256.txt.sig";

fn flip(tree: &mut Tree, name: &str) {
    tree.get_mut(name).unwrap()[3] ^= 1;
}

fn put(tree: &mut Tree, name: &str, bytes: &[u8]) {
    tree.insert(name.to_owned(), bytes.to_vec());
}

fn soften_chat(tree: &mut Tree) {
    edit(tree, CHAT, |text| text.replace("不给返现就差评", "谢谢"));
}

fn by_attacker(tree: &mut Tree) {
    refresh(tree);
    tree.insert("allowed_signers".to_owned(), allowed(&attacker().public().openssh()));
    refresh_tags(tree);
    sign(tree, &attacker());
}

fn allowed(openssh: &str) -> Vec<u8> {
    format!("appeal-bundle namespaces=\"appeal-bundle\" {openssh}\n").into_bytes()
}

fn other_bundle() -> Tree {
    rawzip::read(&small_zip("CASE-2", &key())).1
}

fn end_at(zip: &[u8]) -> usize {
    zip.len() - 22
}

fn central_at(zip: &[u8]) -> usize {
    u32::from_le_bytes(zip[end_at(zip) + 16..][..4].try_into().unwrap()) as usize
}

/// Bytes before the directory, with the end record mended.
fn insert_before_central(zip: &mut Vec<u8>, bytes: &[u8]) {
    let at = central_at(zip);
    zip.splice(at..at, bytes.iter().copied());
    let end = end_at(zip);
    zip[end + 16..end + 20].copy_from_slice(&((at + bytes.len()) as u32).to_le_bytes());
}

fn append_entry(entries: &mut Vec<Raw>, name: &str) {
    entries.push(Raw::new(name, b"evil"));
    entries.sort_by(|a, b| a.name.cmp(&b.name));
}

fn attacks() -> Vec<(&'static str, Code, How)> {
    let mut all: Vec<(&'static str, Code, How)> = vec![
        ("a byte of an exhibit flipped", Code::Digest, Files(|t| flip(t, PICTURE))),
        (
            "a chat edited with its manifests",
            Code::Digest,
            Files(|t| {
                soften_chat(t);
                refresh_payload(t);
            }),
        ),
        (
            "a chat edited with all manifests",
            Code::SignatureInvalid,
            Files(|t| {
                soften_chat(t);
                refresh(t);
            }),
        ),
        (
            "an exhibit deleted",
            Code::FileMissing,
            Files(|t| {
                t.remove(PICTURE);
            }),
        ),
        (
            "an exhibit deleted with all manifests",
            Code::SignatureInvalid,
            Files(|t| {
                t.remove(PICTURE);
                refresh(t);
            }),
        ),
        ("an exhibit emptied", Code::Digest, Files(|t| put(t, PICTURE, b""))),
        (
            "two exhibits exchanged",
            Code::Digest,
            Files(|t| {
                let a = t[PICTURE].clone();
                let b = t[CHAT].clone();
                put(t, PICTURE, &b);
                put(t, CHAT, &a);
            }),
        ),
        (
            "an exhibit renamed with all manifests",
            Code::SignatureInvalid,
            Files(|t| {
                let bytes = t.remove(PICTURE).unwrap();
                put(t, "data/E01-评价截图/2.png", &bytes);
                refresh(t);
            }),
        ),
        ("an unlisted exhibit added", Code::Unlisted, Files(|t| put(t, "data/E09/extra.png", b"x"))),
        (
            "an exhibit added with all manifests",
            Code::SignatureInvalid,
            Files(|t| {
                put(t, "data/E09/extra.png", b"x");
                refresh(t);
            }),
        ),
        (
            "an exhibit added and parts.json left",
            Code::PartIndex,
            Files(|t| {
                put(t, "data/E09/extra.png", b"x");
                refresh(t);
            }),
        ),
        ("an unlisted file at the root", Code::Unlisted, Files(|t| put(t, "README.txt", b"call this number"))),
        ("an unlisted file under signatures", Code::Unlisted, Files(|t| put(t, "signatures/HOWTO.md", b"rm -rf /"))),
        (
            "a listed file at the root with its manifest",
            Code::SignatureInvalid,
            Files(|t| {
                put(t, "README.txt", b"x");
                refresh_tags(t);
            }),
        ),
        ("a hidden file at the root", Code::Unlisted, Files(|t| put(t, ".hidden", b"x"))),
        ("a fetch.txt", Code::Unlisted, Files(|t| put(t, "fetch.txt", b"http://127.0.0.1/x - data/x\n"))),
        ("a weaker manifest beside", Code::Unlisted, Files(|t| put(t, "manifest-md5.txt", b""))),
        ("a second tag manifest", Code::Unlisted, Files(|t| put(t, "tagmanifest-sha512.txt", b""))),
        (
            "a second signature",
            Code::Unlisted,
            Files(|t| {
                let s = t[SIGNATURE].clone();
                put(t, "signatures/manifest-sha256.txt.sig", &s);
            }),
        ),
        (
            "the shop in bag-info changed",
            Code::Digest,
            Files(|t| edit(t, "bag-info.txt", |s| s.replace("12345678", "87654321"))),
        ),
        (
            "the payload count changed with the tag manifest",
            Code::Oxum,
            Files(|t| {
                edit(t, "bag-info.txt", |s| s.replace("Payload-Oxum: ", "Payload-Oxum: 1"));
                refresh_tags(t);
            }),
        ),
        (
            "a label twice in bag-info",
            Code::TagForm,
            Files(|t| {
                edit(t, "bag-info.txt", |s| format!("{s}Bag-Count: 1 of 1\n"));
                refresh_tags(t);
                sign(t, &key());
            }),
        ),
        (
            "the tag manifest removed",
            Code::TagMissing,
            Files(|t| {
                t.remove("tagmanifest-sha256.txt");
            }),
        ),
        (
            "a payload manifest removed",
            Code::TagMissing,
            Files(|t| {
                t.remove("manifest-sha512.txt");
            }),
        ),
        (
            "a payload manifest removed with the tag manifest",
            Code::SignatureInvalid,
            Files(|t| {
                t.remove("manifest-sha512.txt");
                refresh_tags(t);
            }),
        ),
        (
            "parts.json removed with the tag manifest",
            Code::TagForm,
            Files(|t| {
                t.remove("parts.json");
                refresh_tags(t);
                sign(t, &key());
            }),
        ),
        (
            "a manifest line twice",
            Code::TagForm,
            Files(|t| {
                edit(t, "manifest-sha256.txt", |s| format!("{s}{}\n", s.lines().last().unwrap()));
                refresh_tags(t);
            }),
        ),
        (
            "a manifest in capitals",
            Code::TagForm,
            Files(|t| {
                edit(t, "manifest-sha256.txt", |s| s.to_uppercase());
                refresh_tags(t);
            }),
        ),
        (
            "a manifest that climbs out",
            Code::FileMissing,
            Files(|t| {
                edit(t, "manifest-sha256.txt", |s| s.replace("data/00-封面与陈述.html", "data/../../etc/passwd"));
                refresh_tags(t);
            }),
        ),
        (
            "a manifest without its last line break",
            Code::TagForm,
            Files(|t| {
                edit(t, "manifest-sha256.txt", |s| s.trim_end().to_owned());
                refresh_tags(t);
            }),
        ),
        (
            "a custody record taken out with all manifests",
            Code::CustodyChain,
            Files(|t| {
                edit(t, "data/custody.jsonl", |s| {
                    s.lines().enumerate().filter(|(n, _)| *n != 1).map(|(_, l)| format!("{l}\n")).collect()
                });
                refresh(t);
            }),
        ),
        (
            "a custody tail cut off with all manifests",
            Code::CustodyHead,
            Files(|t| {
                edit(t, "data/custody.jsonl", |s| s.lines().take(2).map(|l| format!("{l}\n")).collect());
                refresh(t);
            }),
        ),
        (
            "the custody record removed and all signed again by the attacker",
            Code::CustodyHead,
            Files(|t| {
                t.remove("data/custody.jsonl");
                edit(t, "parts.json", |s| s.replace("data/custody.jsonl", "data/custodx.jsonl"));
                by_attacker(t);
            }),
        ),
        (
            "the custody record under another name, with all manifests and signed again",
            Code::CustodyHead,
            Files(|t| {
                let record = t.remove("data/custody.jsonl").unwrap();
                put(t, "data/custody.jsonl.bak", &record);
                edit(t, "parts.json", |s| s.replace("data/custody.jsonl", "data/custody.jsonl.bak"));
                refresh(t);
                sign(t, &key());
            }),
        ),
        (
            "a custody line torn",
            Code::CustodyChain,
            Files(|t| {
                edit(t, "data/custody.jsonl", |s| s.trim_end().to_owned());
                refresh(t);
            }),
        ),
        (
            "the signature removed",
            Code::SignatureMissing,
            Files(|t| {
                t.remove(SIGNATURE);
            }),
        ),
        ("the signature emptied", Code::SignatureInvalid, Files(|t| put(t, SIGNATURE, b""))),
        (
            "the signature with other line breaks",
            Code::SignatureInvalid,
            Files(|t| edit(t, SIGNATURE, |s| s.replace('\n', "\r\n"))),
        ),
        (
            "the signature with a word behind",
            Code::SignatureInvalid,
            Files(|t| edit(t, SIGNATURE, |s| format!("{s}\n"))),
        ),
        ("the signature by the attacker's key", Code::UnknownKey, Files(|t| sign(t, &attacker()))),
        (
            "all changed and signed by the attacker",
            Code::UnknownKey,
            Files(|t| {
                soften_chat(t);
                by_attacker(t);
            }),
        ),
        (
            "the signature of another bundle",
            Code::SignatureInvalid,
            Files(|t| {
                let s = other_bundle()[SIGNATURE].clone();
                put(t, SIGNATURE, &s);
            }),
        ),
        (
            "tag manifest and signature of another bundle",
            Code::Digest,
            Files(|t| {
                for name in [SIGNATURE, "tagmanifest-sha256.txt"] {
                    let s = other_bundle()[name].clone();
                    put(t, name, &s);
                }
            }),
        ),
        (
            "the signature over a payload manifest",
            Code::SignatureInvalid,
            Files(|t| {
                let s = key().sign(&t["manifest-sha256.txt"]);
                put(t, SIGNATURE, s.as_bytes());
            }),
        ),
        (
            "allowed_signers names the attacker",
            Code::Digest,
            Files(|t| put(t, "allowed_signers", &allowed(&attacker().public().openssh()))),
        ),
        (
            "allowed_signers names the attacker and we signed",
            Code::OtherSigner,
            Files(|t| {
                put(t, "allowed_signers", &allowed(&attacker().public().openssh()));
                refresh_tags(t);
                sign(t, &key());
            }),
        ),
        (
            "VERIFY.md tells something else",
            Code::Digest,
            Files(|t| edit(t, "VERIFY.md", |s| s.replace("ssh-keygen", "curl | sh"))),
        ),
        ("another BagIt version", Code::Digest, Files(|t| edit(t, "bagit.txt", |s| s.replace("1.0", "0.93")))),
        (
            "a byte order mark",
            Code::TagForm,
            Files(|t| {
                edit(t, "bagit.txt", |s| format!("\u{feff}{s}"));
                refresh_tags(t);
            }),
        ),
        (
            "parts.json tells of one file less",
            Code::Digest,
            Files(|t| edit(t, "parts.json", |s| s.replace("case.json", "cas3.json"))),
        ),
        (
            "a time stamp nobody signed",
            Code::TagMissing,
            Files(|t| put(t, "signatures/tagmanifest-sha256.txt.sig.tsr", b"0\x03\x02\x01\x00")),
        ),
        (
            "a time stamp signed by the attacker",
            Code::SignatureInvalid,
            Files(|t| {
                put(t, "signatures/tagmanifest-sha256.txt.sig.tsr", b"x");
                put(t, "signatures/tagmanifest-sha256.txt.sig.tsr.sig", attacker().sign(b"x").as_bytes());
            }),
        ),
        (
            "a time stamp that is none",
            Code::StampInvalid,
            Files(|t| {
                put(t, "signatures/tagmanifest-sha256.txt.sig.tsr", b"x");
                put(t, "signatures/tagmanifest-sha256.txt.sig.tsr.sig", key().sign(b"x").as_bytes());
            }),
        ),
        (
            "a time stamp of 24 authorities, each issued by every other",
            Code::StampInvalid,
            Files(|t| {
                let response = tangle::response(&t[SIGNATURE], 24);
                put(t, "signatures/tagmanifest-sha256.txt.sig.tsr.sig", key().sign(&response).as_bytes());
                put(t, "signatures/tagmanifest-sha256.txt.sig.tsr", &response);
            }),
        ),
        ("a twin in another case", Code::TwinNames, Files(|t| put(t, "data/CASE.json", b"{}"))),
        (
            "a twin in another Unicode form",
            Code::HostileName,
            Files(|t| {
                put(t, "data/caf\u{e9}", b"1");
                put(t, "data/cafe\u{301}", b"2");
            }),
        ),
        ("a file where a folder is", Code::TwinNames, Files(|t| put(t, "data/E01-评价截图", b"x"))),
        ("a file manager's own file", Code::HostileName, Files(|t| put(t, "data/.DS_Store", b"x"))),
        ("a name that reads backwards", Code::HostileName, Files(|t| put(t, "data/\u{202e}gpj.exe", b"x"))),
        ("a device of Windows", Code::HostileName, Files(|t| put(t, "data/aux.txt", b"x"))),
        ("a backslash", Code::HostileName, Files(|t| put(t, "data/..\\..\\evil", b"x"))),
        ("a way up inside of the folder", Code::HostileName, Files(|t| put(t, "../evil", b"x"))),
        ("a name of 4,000 bytes", Code::ZipShape, Files(|t| put(t, &format!("data/{}", "x".repeat(4_000)), b"x"))),
        ("zip: a way up", Code::ZipFolder, Entries(|e| append_entry(e, "../evil"))),
        ("zip: an absolute name", Code::ZipFolder, Entries(|e| append_entry(e, "/etc/cron.d/evil"))),
        ("zip: a drive", Code::ZipFolder, Entries(|e| append_entry(e, "C:\\evil"))),
        ("zip: a second folder", Code::ZipFolder, Entries(|e| append_entry(e, "OTHER/evil"))),
        ("zip: the folder renamed", Code::ZipFolder, Entries(|e| e.iter_mut().for_each(|e| e.name[0] = b'X'))),
        (
            "zip: no folder",
            Code::ZipFolder,
            Entries(|e| {
                e.iter_mut().for_each(|e| {
                    e.name.drain(..7);
                })
            }),
        ),
        ("zip: a name that is no UTF-8", Code::ZipShape, Entries(|e| e.last_mut().unwrap().name[8] = 0xff)),
        (
            "zip: a name twice",
            Code::ZipShape,
            Entries(|e| {
                let twin = e[5].clone();
                e.insert(5, twin);
            }),
        ),
        (
            "zip: the same name with other bytes behind",
            Code::ZipShape,
            Entries(|e| {
                let name = String::from_utf8(e[5].name.clone()).unwrap();
                e.insert(6, Raw::new(&name, b"evil"));
            }),
        ),
        ("zip: not sorted", Code::ZipShape, Entries(|e| e.swap(2, 3))),
        (
            "zip: another name in the file's own header",
            Code::ZipShape,
            Entries(|e| {
                let mut name = e[5].name.clone();
                name[9] ^= 1;
                e[5].local_name = Some(name);
            }),
        ),
        (
            "zip: a longer size in the directory",
            Code::ZipShape,
            Entries(|e| {
                e[5].size += 1;
                e[5].stored_size += 1;
            }),
        ),
        ("zip: another size in the file's own header", Code::ZipShape, Entries(|e| e[5].local_size += 1)),
        (
            "zip: a size of 100 GB promised",
            Code::ZipShape,
            Entries(|e| {
                e[5].size = u32::MAX;
            }),
        ),
        ("zip: checksums of another file", Code::ZipChecksum, Entries(|e| e[5].crc32 ^= 1)),
        (
            "zip: a bomb, deflated",
            Code::ZipShape,
            Entries(|e| {
                e[5].method = 8;
                e[5].size = 4_000_000_000;
                e[5].local_size = 4_000_000_000;
            }),
        ),
        ("zip: an unknown compression", Code::ZipShape, Entries(|e| e[5].method = 99)),
        ("zip: encrypted", Code::ZipShape, Entries(|e| e[5].flags |= 1)),
        ("zip: sizes behind the file", Code::ZipShape, Entries(|e| e[5].flags |= 8)),
        ("zip: names in another encoding", Code::ZipShape, Entries(|e| e[5].flags = 0)),
        ("zip: a symlink", Code::ZipShape, Entries(|e| e[5].mode = 0o120_777)),
        ("zip: a program", Code::ZipShape, Entries(|e| e[5].mode = 0o104_755)),
        ("zip: a folder's entry", Code::HostileName, Entries(|e| append_entry(e, "CASE-1/data/"))),
        ("zip: another time", Code::ZipShape, Entries(|e| e[5].time = 1)),
        (
            "zip: an extra field",
            Code::ZipShape,
            Entries(|e| e[5].extra = b"\x01\x00\x08\x00\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec()),
        ),
        ("zip: a comment on a file", Code::ZipShape, Entries(|e| e[5].comment = b"hi".to_vec())),
        ("zip: another disk", Code::ZipShape, Entries(|e| e[5].disk = 1)),
        ("zip: bytes between files", Code::ZipShape, Entries(|e| e[5].gap = b"hidden".to_vec())),
        ("zip: bytes before the first", Code::ZipShape, Entries(|e| e[0].gap = b"#!/bin/sh\n".to_vec())),
        ("zip: two entries over the same bytes", Code::ZipShape, Entries(|e| e[6].claimed_at = Some(0))),
        ("zip: bytes at the end", Code::ZipShape, Bytes(|z| z.extend(b"\n"))),
        (
            "zip: a comment",
            Code::ZipShape,
            Bytes(|z| {
                let at = z.len() - 2;
                z[at] = 2;
                z.extend(b"hi");
            }),
        ),
        ("zip: bytes before the directory", Code::ZipShape, Bytes(|z| insert_before_central(z, b"hidden"))),
        (
            "zip: a second directory",
            Code::ZipShape,
            Bytes(|z| {
                let copy = z[central_at(z)..end_at(z)].to_vec();
                insert_before_central(z, &copy);
            }),
        ),
        (
            "zip: a second end",
            Code::ZipShape,
            Bytes(|z| {
                let end = z[end_at(z)..].to_vec();
                z.extend(end);
            }),
        ),
        (
            "zip: another archive behind",
            Code::ZipShape,
            Bytes(|z| {
                let copy = z.clone();
                z.extend(copy);
            }),
        ),
        (
            "zip: a 64-bit end that lies",
            Code::ZipShape,
            Bytes(|z| {
                let end = z.split_off(end_at(z));
                z.extend(b"PK\x06\x06\x2c\0\0\0\0\0\0\0");
                z.extend([0xff; 44]);
                z.extend(b"PK\x06\x07");
                z.extend([0; 16]);
                z.extend(end);
            }),
        ),
        (
            "zip: fewer entries counted",
            Code::ZipShape,
            Bytes(|z| {
                let at = end_at(z);
                z[at + 8] -= 1;
                z[at + 10] -= 1;
            }),
        ),
        ("zip: the last entry hidden from the directory", Code::ZipShape, Bytes(hide_last)),
        ("zip: cut in the middle", Code::ZipShape, Bytes(|z| z.truncate(z.len() / 2))),
        ("zip: the end cut off", Code::ZipShape, Bytes(|z| z.truncate(z.len() - 1))),
    ];
    #[cfg(unix)]
    all.extend(folder_attacks());
    all
}

/// Drops the last entry from the directory, so that its bytes lie there unseen.
fn hide_last(zip: &mut Vec<u8>) {
    let (central, end) = (central_at(zip), end_at(zip));
    let last = zip[central..end].windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let count = u16::from_le_bytes([zip[end + 8], zip[end + 9]]);
    zip.truncate(central + last);
    let record = rawzip::end(count - 1, last as u32, central as u32);
    zip.extend(record);
}

#[cfg(unix)]
fn folder_attacks() -> Vec<(&'static str, Code, How)> {
    use std::fs::{remove_file, rename, write};
    use std::os::unix::fs::symlink;

    use How::Folder;
    vec![
        (
            "folder: an exhibit is a symlink",
            Code::SpecialFile,
            Folder(|f| {
                rename(f.join(PICTURE), f.with_extension("png")).unwrap();
                symlink(f.with_extension("png"), f.join(PICTURE)).unwrap();
            }),
        ),
        ("folder: a symlink beside", Code::SpecialFile, Folder(|f| symlink("/etc", f.join("data/etc")).unwrap())),
        ("folder: an exhibit edited", Code::Digest, Folder(|f| write(f.join(CHAT), "{}").unwrap())),
        ("folder: an exhibit removed", Code::FileMissing, Folder(|f| remove_file(f.join(PICTURE)).unwrap())),
        ("folder: a file added", Code::Unlisted, Folder(|f| write(f.join("signatures/x"), "x").unwrap())),
        (
            "folder: a name that is no UTF-8",
            Code::HostileName,
            Folder(|f| {
                use std::os::unix::ffi::OsStrExt as _;
                write(f.join("data").join(std::ffi::OsStr::from_bytes(b"\xff")), "x").unwrap();
            }),
        ),
    ]
}

/// The most that this process has held, where the system tells.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Our key, and an authority that stamped none of these.
fn trust() -> Trust {
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/bundle/stamps/other-ca.pem");
    Trust { authorities: Anchor::read(Path::new(authority)).unwrap(), ..support::trust() }
}

fn judge(zip: Vec<u8>) -> Report {
    verify_archives(vec![("CASE-1.zip".to_owned(), Cursor::new(zip))], &trust())
}

fn attack(how: &How, good: &[u8]) -> Report {
    let (folder, mut tree) = rawzip::read(good);
    match how {
        Files(change) => {
            change(&mut tree);
            judge(rawzip::write(&rawzip::entries(&folder, &tree)))
        }
        Entries(change) => {
            let mut entries = rawzip::entries(&folder, &tree);
            change(&mut entries);
            judge(rawzip::write(&entries))
        }
        Bytes(change) => {
            let mut zip = good.to_vec();
            change(&mut zip);
            judge(zip)
        }
        #[cfg(unix)]
        How::Folder(change) => {
            let place = tempfile::tempdir().unwrap();
            let unpacked = support::unpack(&tree, &place.path().join("CASE-1"));
            change(&unpacked);
            verify(&[unpacked], &trust())
        }
    }
}

#[test]
fn every_structural_attack_is_refused_for_its_reason() {
    let good = small_zip("CASE-1", &key());
    assert_eq!(judge(good.clone()).verdict, Verdict::Intact);
    let attacks = attacks();
    assert!(attacks.len() >= 60, "{}", attacks.len());
    for (name, code, how) in &attacks {
        let begin = Instant::now();
        let report = attack(how, &good);
        assert!(begin.elapsed() < Duration::from_secs(5), "{name}: {:?}", begin.elapsed());
        // No more is said than is known: another's signature may be anybody's, and an archive may have been packed anew.
        let expected = match code {
            Code::UnknownKey if report.problems.iter().all(|p| p.code.kind() != Kind::Tampered) => Verdict::OtherSigner,
            Code::ZipShape => Verdict::Damaged,
            _ => Verdict::Tampered,
        };
        assert_eq!((report.verdict, report.verdict.exit_code()), (expected, 1), "{name}: {:#?}", report.problems);
        assert!(report.has(*code), "{name}: {:#?}", report.problems);
    }
    if let Some(kilobytes) = peak_kilobytes() {
        assert!(kilobytes <= 256 * 1024, "{kilobytes} kB were held");
    }
    eprintln!("{} attacks, all refused; {:?} kB at most", attacks.len(), peak_kilobytes());
}

#[test]
fn parts_of_different_bundles_are_told_apart() {
    let name = |n: usize| format!("part{n}.zip");
    let judge = |zips: Vec<Vec<u8>>| {
        let parts = zips.into_iter().enumerate().map(|(n, zip)| (name(n), Cursor::new(zip))).collect();
        verify_archives(parts, &trust())
    };
    let (ours, other) = (support::split_zips("CASE-1"), support::split_zips("CASE-2"));
    assert_eq!(judge(ours.clone()).verdict, Verdict::Intact);
    let mut mixed = ours.clone();
    mixed[1] = other[1].clone();
    assert!(judge(mixed.clone()).has(Code::ForeignPart));
    assert_eq!((judge(mixed.clone()).verdict, judge(mixed).verdict.exit_code()), (Verdict::Mixed, 2));
    // The same part twice is harmless and told; two that both claim to be the first are not one bundle.
    let mut twice = ours.clone();
    twice.push(ours[0].clone());
    assert!(judge(twice.clone()).has(Code::SamePart));
    assert_eq!(judge(twice).verdict, Verdict::Intact);
    let mut two_firsts = ours.clone();
    let (folder, mut tree) = rawzip::read(&ours[0]);
    edit(&mut tree, "bag-info.txt", |text| text.replace("恶意差评申诉", "另一个理由"));
    refresh_tags(&mut tree);
    sign(&mut tree, &key());
    two_firsts.push(rawzip::write(&rawzip::entries(&folder, &tree)));
    assert!(judge(two_firsts.clone()).has(Code::PartTwice));
    assert_eq!(judge(two_firsts).verdict, Verdict::Mixed);
    assert_eq!(judge(ours[1..].to_vec()).verdict, Verdict::PartMissing);
}
