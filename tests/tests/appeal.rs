//! Appeals from end to end: a scan of the fixtures shop, a case, its exhibits, what is missing, the bundle, and what others make of it.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

use huoyan_tests::{Findings, Scratch, huoyan, shop};
use serde_json::Value;

/// The present of every test, so that the same case gives the same bytes.
const NOW: &str = "2026-11-22 10:00";
/// A review that asks for money and gives a contact.
const REVIEW: &str = "R20009";
const ORDER: &str = "6934567890123456789";
const WAYBILL: &str = "SF1390000123456";

/// What must not leave: persons, numbers, places, in the forms in which they stand in the exhibits.
const SECRETS: [&str; 11] = [
    "13812345678",
    "138 1234 5678",
    "13987654321",
    "张建国",
    "欧阳晓梅",
    "330106199003076512",
    "文三路478号",
    "翠苑街道",
    "zhang.jianguo@example.com",
    "6222021202041701234",
    "wxid_zjg1990",
];

const ORDERS: &str = "订单号,买家昵称,收货人,手机,收货地址,身份证号,下单时间,支付时间,发货时间,运单号,金额\r\n\
    6934567890123456789,小鱼干爱吃,张建国,13812345678,浙江省杭州市西湖区翠苑街道文三路478号3幢2单元501室,330106199003076512,2026-11-02 \
    10:00:00,2026-11-02 10:01:00,2026-11-03 09:00:00,SF1390000123456,59.90\r\n";
const CHAT: &str = "时间,发送方,昵称,内容\r\n\
    2026-11-05 10:00:00,买家,小鱼干爱吃,给我退款50元，不然我就给差评\r\n\
    2026-11-05 10:02:00,客服,店铺客服,您好张建国，您的包裹已经签收，请问商品有什么问题吗\r\n\
    2026-11-05 10:03:00,买家,小鱼干爱吃,没问题，加我微信wxid_zjg1990转账，电话138 1234 5678\r\n";
const NOTE: &str = "2026-11-06 客服记录\n联系人：欧阳晓梅，电话13987654321，邮箱zhang.jianguo@example.com，银行卡6222021202041701234。\n";
const MAIL: &str = "From: =?utf-8?B?5byg5bu65Zu9?= <zhang.jianguo@example.com>\r\nTo: shop@example.com\r\nSubject: =?utf-8?B?6YCA5qy+?=\r\n\
    Date: Thu, 05 Nov 2026 12:00:00 +0800\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: \
    base64\r\n\r\n55S16K+dMTM4MTIzNDU2NzjvvIzor7fpgIDmrL4=\r\n";
const TRACE: &str =
    "运单号,时间,状态\r\nSF1390000123456,2026-11-03 20:00:00,已揽收\r\nSF1390000123456,2026-11-05 09:00:00,已签收\r\n";

struct Shop {
    scratch: Scratch,
    case: String,
    key: String,
}

impl Shop {
    /// A case with a finding, and chats, orders, a mail, a note, a trace, a picture and a PDF, ready to be built.
    fn with_case() -> Self {
        let scratch = Scratch::new();
        let findings = scratch.path("findings.jsonl");
        let out = format!("jsonl={findings}");
        scratch
            .run(&["scan", &shop("reviews.jsonl"), "--max-bad-rows", "5%", "--fail-on", "never", "-o", &out])
            .exits(0);
        let (case, key) = (scratch.path("case"), scratch.path("shop.key"));
        let reviews = shop("reviews.jsonl");
        let new = ["appeal", "new", "--type", "malicious_review", "--shop", "S2001", "--shop-name", "暖冬小铺"];
        let rest = ["--review", REVIEW, "--from", &findings, "--from", &reviews, "--out", &case, "--now", NOW];
        let rest = [&rest[..], &["--penalty-at", "2026-11-20 09:00"]].concat();
        scratch.run(&[&new[..], &rest].concat()).exits(0);
        scratch.run(&["appeal", "key", "new", &key]).exits(0);
        let shop = Self { scratch, case, key };
        shop.add("聊天记录.csv", CHAT.as_bytes(), &["--kind", "chat", "--order", ORDER, "--captured-at", NOW]);
        shop.add("张建国的订单.csv", ORDERS.as_bytes(), &["--kind", "order", "--order", ORDER]);
        shop.add("mail.eml", MAIL.as_bytes(), &["--kind", "mail"]);
        shop.add("客服记录.txt", NOTE.as_bytes(), &["--kind", "document"]);
        shop.add("物流.csv", TRACE.as_bytes(), &["--kind", "logistics", "--order", ORDER]);
        shop.add("面单.jpg", &photo(), &["--kind", "picture"]);
        shop.add(
            "合同.pdf",
            b"%PDF-1.4\n1 0 obj\n<</Length 9>>\nstream\nBT ET Q q\nendstream\nendobj\n",
            &["--kind", "document"],
        );
        shop
    }

    fn add(&self, name: &str, bytes: &[u8], options: &[&str]) {
        let file = self.scratch.file(&format!("in/{name}"), bytes);
        let start = ["appeal", "add", &self.case, &file, "--now", NOW];
        self.scratch.run(&[&start[..], options].concat()).exits(0);
    }

    fn build(&self, out: &str, options: &[&str]) -> huoyan_tests::Finished {
        let out = self.scratch.path(out);
        let start = ["appeal", "build", &self.case, "--key", &self.key, "--out", &out, "--now", NOW];
        self.scratch.run(&[&start[..], options].concat())
    }

    fn verify(&self, out: &str) -> huoyan_tests::Finished {
        let key = format!("{}.pub", self.key);
        self.scratch.run(&["appeal", "verify", &self.scratch.path(out), "--key", &key])
    }

    fn parts(&self, out: &str) -> Vec<PathBuf> {
        let mut parts: Vec<PathBuf> = fs::read_dir(self.scratch.path(out))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "zip"))
            .collect();
        parts.sort();
        parts
    }
}

/// A picture of the fixtures with a phone number in its Exif.
fn photo() -> Vec<u8> {
    let jpeg = fs::read(shop("gallery").replace("gallery", "pictures/P2001-1.jpg")).unwrap();
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x0e\0\x02\0\0\0\x0c\0\0\0\x1a\0\0\0\0".to_vec();
    exif.extend(b"13812345678\0");
    let mut out = jpeg[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend(((exif.len() + 2) as u16).to_be_bytes());
    out.extend(exif);
    out.extend(&jpeg[2..]);
    out
}

/// Entries of a stored ZIP, by name.
fn entries(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |at: usize, len: usize| zip[at..at + len].iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte));
    let (mut at, mut out) = (0, Vec::new());
    while zip[at..].starts_with(b"PK\x03\x04") {
        let (bytes, name, extra) = (number(at + 18, 4), number(at + 26, 2), number(at + 28, 2));
        let begin = at + 30 + name + extra;
        let name = String::from_utf8(zip[at + 30..at + 30 + name].to_vec()).unwrap();
        out.push((name, zip[begin..begin + bytes].to_vec()));
        at = begin + bytes;
    }
    out
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

fn data(zip: &Path, name: &str) -> String {
    let zip = fs::read(zip).unwrap();
    let (_, bytes) = entries(&zip).into_iter().find(|(path, _)| path.ends_with(&format!("/data/{name}"))).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_case_goes_from_a_finding_to_a_bundle_that_a_third_person_verifies() {
    let shop = Shop::with_case();
    let claim = ["appeal", "claim", &shop.case, "买家要求退款50元，否则给差评。", "--exhibit", "E03", "--cover"];
    // The findings have drafted three, two of them for the cover, where one more has room; the shop keeps one and says its own.
    assert_eq!(shop.scratch.run(&claim).exits(0).stdout, "C4\n");
    assert_eq!(shop.scratch.run(&claim).exits(2).stdout, "");
    shop.scratch.run(&["appeal", "claim", &shop.case, "--remove", "C2", "--remove", "C3", "--remove", "C4"]).exits(0);
    assert_eq!(shop.scratch.run(&claim).exits(0).stdout, "C2\n");
    shop.scratch.run(&["appeal", "ask", &shop.case, "请求删除该条评价。"]).exits(0);
    let check = shop.scratch.run(&["appeal", "check", &shop.case, "--now", NOW]).exits(0);
    assert!(check.stdout.starts_with("incomplete"), "{}", check.stdout);
    let built = shop.build("out", &[]).exits(0).says("E09").says("--as-is E09");
    assert!(built.stdout.contains("CASE-20261122-0001.zip") && built.stdout.contains(".eml"), "{}", built.stdout);
    let verified = shop.verify("out").exits(0);
    assert!(verified.stdout.starts_with("intact"), "{}", verified.stdout);
    let part = &shop.parts("out")[0];
    // The review, the finding and the run that it comes from are there.
    let case: Value = serde_json::from_str(&data(part, "case.json")).unwrap();
    assert_eq!(case["subjects"][0]["id"], REVIEW);
    assert_eq!(case["claims"][1]["exhibits"][0], "E03");
    let environment: Value = serde_json::from_str(&data(part, "environment.json")).unwrap();
    assert!(environment["plugins"].as_array().unwrap().iter().any(|p| p["name"] == "review-malice"), "{environment}");
    let run = Findings::parse(&shop.scratch.text("findings.jsonl")).header["run_id"].clone();
    assert_eq!(environment["runs"][0]["id"], run);
    // Each copy says that it is one, and of what.
    let note: Value = serde_json::from_str(&data(part, "E03-聊天记录/副本说明.json")).unwrap();
    assert_eq!((&note["copy"], &note["treatment"]), (&Value::from(true), &Value::from("redacted")));
    assert_eq!(note["original_bytes"], CHAT.len());
}

#[test]
fn a_reader_finds_every_attached_file_in_the_list_by_its_digest() {
    let shop = Shop::with_case();
    shop.build("out", &["--target", "court"]).exits(0);
    let part = &shop.parts("out")[0];
    let (cover, list) = (data(part, "00-cover-and-statement.html"), data(part, "02-exhibits.html"));
    assert!(cover.contains("s court") && !cover.contains("Douyin shop"), "the cover says where it goes");
    assert!(cover.contains("8 attached, 1 left out (E09)") && list.contains("not in this bundle"));
    assert!(!cover.contains("the exhibits listed are unaltered"), "what is attached are copies");
    let mut attached = 0;
    let entries = entries(&fs::read(part).unwrap());
    let manifest = &entries.iter().find(|(path, _)| path.ends_with("/manifest-sha256.txt")).unwrap().1;
    for line in String::from_utf8_lossy(manifest).lines() {
        let (digest, path) = line.split_once("  ").unwrap();
        let name = path.strip_prefix("data/").unwrap();
        if name.starts_with('E') && !name.ends_with("副本说明.json") {
            assert!(list.contains(digest) && cover.contains(digest), "{name} {digest}");
            attached += 1;
        }
    }
    assert_eq!(attached, 8);
    let note: Value = serde_json::from_str(&data(part, "E05-邮件/副本说明.json")).unwrap();
    assert_eq!(note["treatment"], "transcribed");
    assert!(note["about"]["zh"].as_str().unwrap().contains("不含其余邮件头"), "{note}");
}

#[test]
fn what_was_seeded_stands_in_no_byte_that_leaves() {
    let shop = Shop::with_case();
    shop.build("out", &[]).exits(0);
    for file in fs::read_dir(shop.scratch.path("out")).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for secret in SECRETS {
            assert!(!has(&bytes, secret.as_bytes()), "{} in {}", secret, path.display());
            let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert!(!has(&bytes, &wide), "{secret} as UTF-16 in {}", path.display());
        }
    }
    let zip = fs::read(&shop.parts("out")[0]).unwrap();
    for stays in [ORDER, WAYBILL, REVIEW, "小鱼干爱吃", "遮盖副本"] {
        assert!(has(&zip, stays.as_bytes()), "{stays} should stay");
    }
    assert!(!has(&zip, b"Exif\0\0"), "the picture has metadata");
    assert!(!has(&zip, b"%PDF"), "a PDF left without its owner's word");
}

#[test]
fn the_same_case_at_the_same_time_gives_the_same_bytes() {
    let shop = Shop::with_case();
    shop.build("one", &[]).exits(0);
    shop.build("two", &[]).exits(0);
    let files = |out: &str| {
        let mut files: Vec<_> = fs::read_dir(shop.scratch.path(out))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_owned(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    };
    assert!(files("one") == files("two"));
    assert_eq!(files("one").len(), 2);
    shop.build("one", &[]).exits(2).says("exists");
}

#[test]
fn verification_tells_each_end_by_its_status() {
    let shop = Shop::with_case();
    shop.build("out", &[]).exits(0);
    let out = shop.scratch.path("out");
    shop.scratch.run(&["appeal", "verify", &out]).exits(4);
    let report = shop.scratch.run(&["appeal", "verify", &out, "--json"]).exits(4);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    assert_eq!(report["verdict"], "not_verifiable");
    let other = shop.scratch.path("other.key");
    shop.scratch.run(&["appeal", "key", "new", &other]).exits(0);
    shop.scratch.run(&["appeal", "verify", &out, "--key", &format!("{other}.pub")]).exits(1);
    shop.scratch.run(&["appeal", "verify", "nowhere.zip", "--key", &format!("{}.pub", shop.key)]).exits(2);
    shop.scratch.run(&["appeal", "verify", &out, "--key", "nowhere.pub"]).exits(2).says("nowhere.pub");
    let part = shop.parts("out")[0].clone();
    let whole = fs::read(&part).unwrap();
    for at in [40, whole.len() / 3, whole.len() / 2, whole.len() - 5] {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        fs::write(&part, bytes).unwrap();
        shop.verify("out").exits(1);
    }
    fs::write(&part, "no bundle").unwrap();
    shop.verify("out").exits(2);
}

#[test]
fn a_part_that_is_not_there_is_missed() {
    let shop = Shop::with_case();
    let noise: Vec<u8> =
        (0..24_000_000_u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8 | 0x80).collect();
    shop.add("开箱.mp4", &[b"\0\0\0\x18ftypisom".to_vec(), noise].concat(), &["--kind", "video"]);
    shop.build("out", &["--as-is", "E10"]).exits(0);
    let parts = shop.parts("out");
    assert!(parts.len() > 1 && parts.iter().all(|part| part.metadata().unwrap().len() <= 20_000_000), "{parts:?}");
    shop.verify("out").exits(0);
    fs::remove_file(&parts[1]).unwrap();
    shop.verify("out").exits(3);
}

#[test]
fn a_value_in_what_goes_out_as_it_is_stops_the_build() {
    let shop = Shop::with_case();
    shop.add(
        "面单扫描.pdf",
        b"%PDF-1.4\n1 0 obj\n<</Length 30>>\nstream\nBT [(138) 9 (1234) 9 (5678)] TJ ET\nendstream\n",
        &[],
    );
    let stopped = shop.build("out", &["--as-is", "E10"]).exits(2).says("E10-");
    assert!(!stopped.stderr.contains("13812345678"), "the message shows the value");
    assert!(!Path::new(&shop.scratch.path("out")).exists());
    shop.build("out", &[]).exits(0);
}

#[test]
fn one_token_opens_and_nothing_else_does() {
    let shop = Shop::with_case();
    shop.build("out", &[]).exits(0);
    let part = &shop.parts("out")[0];
    let redactions = data(part, "redactions.jsonl");
    let line = redactions.lines().find(|line| line.contains("\"mobile\"") && line.contains("\"E04\"")).unwrap();
    let redaction: Value = serde_json::from_str(line).unwrap();
    let token = redaction["token"].as_str().unwrap();
    let opened = shop.scratch.run(&["appeal", "disclose", &shop.case, token]).exits(0);
    assert!(opened.stdout.contains("13812345678") || opened.stdout.contains("138 1234 5678"), "{}", opened.stdout);
    let span = redaction["commitment"].as_str().unwrap();
    let opened = shop.scratch.run(&["appeal", "disclose", &shop.case, "--span", span]).exits(0);
    assert!(opened.stdout.contains("13812345678"), "{}", opened.stdout);
    for other in ["张建国", "文三路", "13987654321"] {
        assert!(!opened.stdout.contains(other), "{other} came along");
    }
    let file = shop.scratch.file("opening.json", &opened.stdout);
    let out = shop.scratch.path("out");
    let fits = shop.scratch.run(&["appeal", "disclose", "--check", &file, &out]).exits(0);
    assert!(fits.stdout.starts_with("it fits"), "{}", fits.stdout);
    let forged = shop.scratch.file("forged.json", opened.stdout.replace("13812345678", "13812345679"));
    shop.scratch.run(&["appeal", "disclose", "--check", &forged, &out]).exits(1);
    shop.scratch.run(&["appeal", "disclose", "--check", &shop.key, &out]).exits(2);
    shop.scratch.run(&["appeal", "disclose", &shop.case, "[手机·FFFF]"]).exits(2).says("redactions.jsonl");
}

#[test]
fn a_changed_original_is_not_passed_off_as_the_exhibit() {
    let shop = Shop::with_case();
    let original = Path::new(&shop.case).join("exhibits/E03/聊天记录.csv");
    let text = fs::read_to_string(&original).unwrap();
    fs::write(&original, text.replace("50", "500")).unwrap();
    shop.build("out", &[]).exits(2).says("E03").says("SHA-256");
    assert!(!Path::new(&shop.scratch.path("out")).exists());
}

#[test]
fn wrong_input_is_answered_with_what_would_be_right() {
    let shop = Shop::with_case();
    let new = |kind: &str| {
        let out = shop.scratch.path("other");
        shop.scratch.run(&["appeal", "new", "--type", kind, "--shop", "S1", "--out", &out])
    };
    new("malicous_review").exits(2).says("did you mean 'malicious_review'?").says("ship_timeout");
    let case = &shop.case;
    shop.scratch.run(&["appeal", "add", case, "nowhere.csv"]).exits(2).says("nowhere.csv");
    let file = shop.scratch.file("x.csv", "a,b\n1,2\n");
    shop.scratch.run(&["appeal", "add", case, &file, "--kind", "chats"]).exits(2).says("did you mean 'chat'?");
    shop.scratch.run(&["appeal", "add", case, &file, "--cover", "1,2,3"]).exits(2).says("X,Y,W,H");
    shop.scratch.run(&["appeal", "add", case, &file, "--fact", "waybill"]).exits(2).says("NAME=VALUE");
    shop.scratch.run(&["appeal", "add", case, &file, "--fact", "wayball=1"]).exits(2).says("did you mean 'waybill'?");
    shop.scratch.run(&["appeal", "add", case, &file, "--fact", "issued_on=2026-13-45"]).exits(2).says("2026-11-22");
    let help = shop.scratch.run(&["appeal", "add", "--help"]).exits(0).stdout;
    assert!(help.contains("test_report: issued_on, lab, mark"), "{help}");
    shop.scratch.run(&["appeal", "add", case, &file, "--captured-at", "gestern"]).exits(2).says("2026-11-22 10:00");
    shop.scratch.run(&["appeal", "claim", case, "x", "--exhibit", "E77"]).exits(2).says("E77").says("E01");
    shop.build("o1", &["--profile", "plattform"]).exits(2).says("did you mean 'platform'?");
    shop.build("o2", &["--target", "douying"]).exits(2).says("did you mean 'douyin'?");
    shop.build("o3", &["--seal-to", "ssh-ed25519 AAAA"]).exits(2).says("age1");
    shop.build("o4", &["--as-is", "E99"]).exits(2).says("E99");
    shop.scratch.run(&["appeal", "claim", case, "--remove", "C77"]).exits(2).says("C77").says("C1");
    shop.scratch.run(&["appeal", "remove", case, "E77", "--reason", "x"]).exits(2).says("E77");
    shop.scratch.run(&["appeal", "check", "nowhere"]).exits(2).says("nowhere");
    shop.scratch.run(&["appeal", "deadline", "--rule", "appeel", "--from", NOW]).exits(2).says("appeal");
    let key = shop.scratch.path("shop.key");
    shop.scratch.run(&["appeal", "key", "new", &key]).exits(2).says("exist");
}

#[test]
fn a_deadline_is_counted_down_and_written_for_a_calendar() {
    let shop = Shop::with_case();
    let ics = shop.scratch.path("case.ics");
    let told = shop.scratch.run(&["appeal", "deadline", &shop.case, "--now", NOW, "--ics", &ics]).exits(0);
    assert!(told.stdout.contains("2026-11-26T23:59:59+08:00") && told.stdout.contains("4 d 13 h"), "{}", told.stdout);
    let ics = shop.scratch.text("case.ics");
    assert!(ics.starts_with("BEGIN:VCALENDAR\r\n") && ics.contains("DTSTAMP:20261122T020000Z"), "{ics}");
}

#[test]
fn a_build_that_is_killed_leaves_nothing_that_passes_for_a_bundle() {
    let shop = Shop::with_case();
    let noise = vec![0xa5; 22_000_000];
    shop.add("开箱.mp4", &[b"\0\0\0\x18ftypisom".to_vec(), noise].concat(), &["--kind", "video"]);
    let before = fs::read(Path::new(&shop.case).join("custody.jsonl")).unwrap();
    // Killed all along the time that a whole one takes here.
    let begin = Instant::now();
    shop.build("first", &["--as-is", "E10"]).exits(0);
    let whole = begin.elapsed();
    for point in 0..24_u32 {
        let wait = whole * (point + 1) / 24;
        let out = shop.scratch.path(&format!("out{point}"));
        let mut child = Command::new(huoyan())
            .args(["appeal", "build", &shop.case, "--key", &shop.key, "--out", &out, "--now", NOW, "--as-is", "E10"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(wait);
        let _ = child.kill();
        let _ = child.wait();
        if Path::new(&out).exists() {
            shop.verify(&format!("out{point}")).exits(0);
            let drafts =
                fs::read_dir(&out).unwrap().filter(|e| e.as_ref().unwrap().path().extension() == Some("eml".as_ref()));
            assert_eq!(
                drafts.count(),
                shop.parts(&format!("out{point}")).len(),
                "a draft for each part, from the start"
            );
            fs::remove_dir_all(&out).unwrap();
        }
        // What is left is swept by the next build for the same place.
        if point == 13 {
            let left = || {
                let entries = fs::read_dir(shop.scratch.path("")).unwrap().flatten();
                entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(".out13.unfinished-")).count()
            };
            let stale = shop.scratch.file(".out13.unfinished-x/.lock", "");
            assert!(left() >= 1, "{stale}");
            shop.build("out13", &["--as-is", "E10"]).exits(0);
            assert_eq!(left(), 0);
            fs::remove_dir_all(&out).unwrap();
        }
    }
    assert_eq!(fs::read(Path::new(&shop.case).join("custody.jsonl")).unwrap(), before, "the case stays as it was");
    shop.build("whole", &["--as-is", "E10"]).exits(0);
    shop.verify("whole").exits(0);
}

#[test]
fn lines_cut_off_the_end_of_the_custody_record_are_missed() {
    let shop = Shop::with_case();
    let path = Path::new(&shop.case).join("custody.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let cut = [String::new(), lines[..lines.len() - 2].concat(), whole[..whole.len() - 5].to_owned()];
    for (n, text) in cut.iter().enumerate() {
        fs::write(&path, text).unwrap();
        let stopped = shop.build(&format!("cut{n}"), &[]).exits(2);
        assert!(
            stopped.stderr.contains("E09") && stopped.stderr.contains("add its original again"),
            "{}",
            stopped.stderr
        );
        assert!(!Path::new(&shop.scratch.path(&format!("cut{n}"))).exists());
    }
    // As the message says: out and in again.
    shop.scratch.run(&["appeal", "remove", &shop.case, "E09", "--reason", "custody", "--now", NOW]).exits(0);
    shop.add("合同.pdf", b"%PDF-1.4\n", &["--kind", "document"]);
    shop.build("mended", &[]).exits(0);
    shop.verify("mended").exits(0);
}

#[test]
fn a_part_is_stamped_and_the_stamp_verified() {
    if !tool("openssl") {
        return;
    }
    let shop = Shop::with_case();
    shop.build("out", &[]).exits(0);
    let part = shop.parts("out")[0].to_str().unwrap().to_owned();
    let (request, answer) = (shop.scratch.path("ask.tsq"), shop.scratch.path("answer.tsr"));
    shop.scratch.run(&["appeal", "stamp", &part, "--request", &request]).exits(0).says("ask.tsq");
    let dir = shop.scratch.path("");
    shop.scratch.file(
        "cnf",
        "[req]\ndistinguished_name=n\n[n]\n[root]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n[tsa]\n\
         basicConstraints=critical,CA:FALSE\nextendedKeyUsage=critical,timeStamping\n[ts]\ndefault_tsa=t\n[t]\nserial=serial\n\
         default_policy=1.2.3.4.1\ndigests=sha256\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n",
    );
    shop.scratch.file("serial", "01");
    for line in [
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config cnf -keyout ca.key -out ca.pem -subj /CN=ca -days 9 \
         -extensions root",
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config cnf -keyout o.key -out other.pem -subj /CN=ca -days 9 \
         -extensions root",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config cnf -keyout tsa.key -out tsa.csr -subj /CN=tsa",
        "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile cnf -extensions tsa -out tsa.pem",
        "ts -reply -config cnf -section t -queryfile ask.tsq -signer tsa.pem -inkey tsa.key -sha256 -out answer.tsr",
    ] {
        let done = Command::new("openssl").args(line.split_whitespace()).current_dir(&dir).output().unwrap();
        assert!(done.status.success(), "openssl {line}: {}", String::from_utf8_lossy(&done.stderr));
    }
    let (ca, other, public) =
        (shop.scratch.path("ca.pem"), shop.scratch.path("other.pem"), format!("{}.pub", shop.key));
    let attach = ["appeal", "stamp", &part, "--response", &answer, "--key", &shop.key, "--tsa"];
    shop.scratch.run(&[&attach[..], &[&other]].concat()).exits(2);
    let stamped = shop.scratch.run(&[&attach[..], &[&ca]].concat()).exits(0);
    assert!(stamped.stdout.contains("time stamp") && stamped.stdout.contains("tsa"), "{}", stamped.stdout);
    let verify = ["appeal", "verify", &part, "--key", &public, "--tsa"];
    let verified = shop.scratch.run(&[&verify[..], &[&ca]].concat()).exits(0);
    assert!(verified.stdout.contains("time stamp") && !verified.stdout.contains("not checked"), "{}", verified.stdout);
    shop.scratch.run(&[&verify[..], &[&other]].concat()).exits(1);
}

/// Whether a program is there. Where every change is tested it must be.
fn tool(name: &str) -> bool {
    let there = Command::new(name).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(there || std::env::var_os("CI").is_none(), "{name} is not installed");
    there
}

#[test]
fn a_case_is_opened_for_a_campaign_and_for_a_match_of_pictures() {
    let scratch = Scratch::new();
    let (reviews, listings) = (scratch.path("reviews.jsonl"), scratch.path("listings.jsonl"));
    let out = format!("jsonl={reviews}");
    scratch.run(&["scan", &shop("reviews.jsonl"), "--max-bad-rows", "5%", "--fail-on", "never", "-o", &out]).exits(0);
    let (campaign, scanned) = (scratch.path("campaign"), shop("reviews.jsonl"));
    let new = ["appeal", "new", "--type", "malicious_review", "--campaign", "R20082", "--from", &reviews];
    let made = scratch.run(&[&new[..], &["--from", &scanned, "--out", &campaign]].concat()).exits(0);
    assert!(made.stdout.contains("C1  "), "{}", made.stdout);
    let case: Value = serde_json::from_str(&scratch.text("campaign/case.json")).unwrap();
    assert_eq!(case["subjects"].as_array().unwrap().len(), 14, "all reviews of the campaign");
    assert_eq!(scratch.text("campaign/exhibits/E02/reviews.jsonl").lines().count(), 14);
    let (config, out) = (shop("huoyan.toml"), format!("jsonl={listings}"));
    scratch.run(&["scan", &shop("listings.jsonl"), "--config", &config, "--fail-on", "never", "-o", &out]);
    let found = Findings::parse(&scratch.text("listings.jsonl"));
    let copy = found.findings.iter().find(|finding| finding["evidence"]["match"] == "copy").unwrap();
    let (print, gallery, picture) = (copy["fingerprint"].as_str().unwrap(), shop("gallery"), scratch.path("picture"));
    let new = ["appeal", "new", "--type", "brand_notice", "--fingerprint", print, "--from", &listings];
    // The shop of the findings is the one that is accused, not the one that writes.
    scratch.run(&[&new[..], &["--gallery", &gallery, "--out", &picture]].concat()).exits(2).says("--shop");
    let new = [&new[..], &["--shop", "S9001"]].concat();
    scratch.run(&[&new[..], &["--gallery", "nowhere", "--out", &picture]].concat()).exits(2).says("nowhere");
    assert!(!Path::new(&picture).exists(), "a case was begun");
    let made = scratch.run(&[&new[..], &["--gallery", &gallery, "--out", &picture]].concat()).exits(0);
    for name in ["suspect.jpg", "reference.jpg", "laid.jpg", "evidence.json"] {
        assert!(made.stdout.contains(name), "{name}: {}", made.stdout);
    }
    let sha256 = copy["evidence"]["sha256"].as_str().unwrap();
    let case: Value = serde_json::from_str(&scratch.text("picture/case.json")).unwrap();
    let exhibits = case["exhibits"].as_array().unwrap();
    assert!(exhibits.iter().any(|e| e["sha256"] == sha256), "the suspect is there byte for byte");
    let reference = exhibits.iter().find(|e| e["file"].as_str().unwrap().ends_with("reference.jpg")).unwrap();
    let suspect = exhibits.iter().find(|e| e["sha256"] == sha256).unwrap();
    assert_eq!(reference["links"]["compared_with"], suspect["id"]);
    for claim in case["claims"].as_array().unwrap() {
        let cited = claim["exhibits"].as_array().unwrap();
        assert!(cited.contains(&suspect["id"]) && cited.contains(&reference["id"]), "{claim}");
    }
    let (key, out) = (scratch.path("signing.key"), scratch.path("bundle"));
    scratch.run(&["appeal", "key", "new", &key]).exits(0);
    scratch.run(&["appeal", "build", &picture, "--key", &key, "--out", &out]).exits(0);
    let zip = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "zip"));
    let page = data(&zip.unwrap(), "03-pictures.html");
    assert_eq!(page.matches("<img alt=").count(), 4, "reference and picture, laid and outlined");
    assert!(
        page.contains("is suspected to use the same picture as the reference") && page.contains("pixels as they were"),
        "{page}"
    );
    // A shop's own picture beside one of the case.
    let (own, mine) = (scratch.path("own.jpg"), shop("pictures/P2001-1.jpg"));
    fs::copy(mine, &own).unwrap();
    scratch.run(&["appeal", "add", &picture, &own, "--compare-with", "E99"]).exits(2).says("no such exhibit");
    scratch.run(&["appeal", "add", &picture, &own, "--compare-with", "E01"]).exits(2).says("no picture");
}

#[test]
fn the_case_of_the_readme_builds_for_every_reader_and_names_nobody() {
    let scratch = Scratch::new();
    let (findings, case, key) = (scratch.path("findings.jsonl"), scratch.path("case"), scratch.path("shop.key"));
    let (config, reviews, out) = (shop("huoyan.toml"), shop("reviews.jsonl"), format!("jsonl={findings}"));
    scratch.run(&["scan", &reviews, "--config", &config, "-o", &out, "--fail-on", "never"]);
    let new = ["appeal", "new", "--type", "malicious_review", "--shop", "S2002", "--shop-name", "暖冬小铺旗舰店"];
    let rest = ["--review", REVIEW, "--from", &findings, "--from", &reviews, "--out", &case, "--now", NOW];
    scratch.run(&[&new[..], &rest, &["--penalty-at", "2026-11-20 09:00"]].concat()).exits(0);
    let folder = shop("reviews.jsonl").replace("shop/reviews.jsonl", "appeal");
    let exhibits = ["聊天记录.csv", "订单.csv", "物流.csv"].map(|name| format!("{folder}/{name}"));
    let add = ["appeal", "add", &case, &exhibits[0], &exhibits[1], &exhibits[2], "--now", NOW];
    scratch.run(&add).exits(0);
    let orders = fs::read_to_string(&exhibits[1]).unwrap();
    let rows: Vec<Vec<&str>> =
        orders.trim_start_matches('\u{feff}').lines().map(|line| line.split(',').collect()).collect();
    let of = |name: &str| -> Vec<&str> {
        let column = rows[0].iter().position(|head| *head == name).unwrap_or_else(|| panic!("no column {name}"));
        rows[1..].iter().map(|row| row[column]).filter(|value| !value.is_empty()).collect()
    };
    let deal = ["订单号", "运单号", "买家昵称"].map(of).concat();
    let claim = format!("买家就订单{}以差评为条件要求退款50元。", deal[0]);
    scratch.run(&["appeal", "claim", &case, &claim, "--exhibit", "E03", "--cover"]).exits(0);
    scratch.run(&["appeal", "key", "new", &key]).exits(0);
    let persons = ["收货人", "手机", "收货地址"].map(of).concat();
    assert!(deal.len() >= 3 && persons.len() >= 3, "{rows:?}");
    for (profile, gone) in [
        ("platform", persons.clone()),
        ("confidential", [&persons[..], &deal].concat()),
        ("public", [&persons[..], &deal, &["暖冬小铺旗舰店", "S2002"]].concat()),
    ] {
        let out = scratch.path(profile);
        let build = ["appeal", "build", &case, "--key", &key, "--out", &out, "--now", NOW, "--profile", profile];
        scratch.run(&build).exits(0);
        scratch.run(&["appeal", "verify", &out, "--key", &format!("{key}.pub")]).exits(0);
        for file in fs::read_dir(&out).unwrap() {
            let path = file.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            for value in &gone {
                assert!(!has(&bytes, value.as_bytes()), "{profile}: {value} in {}", path.display());
            }
        }
    }
}
