//! Reference bundles, and the tools to take them apart and put them together wrongly.
#![allow(dead_code, reason = "each test binary uses some of it")]

pub mod authority;
pub mod rawzip;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use huoyan_dossier::bundle::custody::{Custody, Event};
use huoyan_dossier::bundle::{BagPath, BundleInfo, Limits, Part, Payload, Placement, Sha256, SigningKey, Trust, build};
use sha2::{Digest as _, Sha512};

/// Paths in a part, and bytes.
pub type Tree = BTreeMap<String, Vec<u8>>;

pub fn key() -> SigningKey {
    SigningKey::from_seed([42; 32])
}

pub fn attacker() -> SigningKey {
    SigningKey::from_seed([66; 32])
}

pub fn trust() -> Trust {
    Trust { keys: vec![key().public()], authorities: Vec::new() }
}

pub fn path(text: &str) -> BagPath {
    BagPath::new(text).unwrap()
}

pub fn info(case_id: &str) -> BundleInfo {
    BundleInfo {
        organization: "测试商家".to_owned(),
        case_id: case_id.to_owned(),
        shop_id: "12345678".to_owned(),
        reason: "恶意差评申诉".to_owned(),
        bagging_date: NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
        custody_head: None,
        rulepack_sha256: Some(Sha256::of(b"rules")),
        tool_version: "huoyan 0.1.0".to_owned(),
    }
}

/// A generator that gives the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// A case with a cover, a custody record and two exhibits.
pub fn small_case(case_id: &str) -> (Vec<Payload>, BundleInfo) {
    let chat = "{\"from\":\"buyer\",\"text\":\"不给返现就差评\"}\n".as_bytes().to_vec();
    let picture = Dice(7).bytes(700);
    let (mut custody, mut record) = (Custody::default(), Vec::new());
    for (exhibit, bytes) in [("E01", &picture), ("E02", &chat), ("E02", &chat)] {
        let event = Event {
            at: "2026-11-22T10:00:00+08:00".to_owned(),
            who: "店员甲".to_owned(),
            action: "import".to_owned(),
            exhibit: exhibit.to_owned(),
            sha256: Sha256::of(bytes),
            bytes: bytes.len() as u64,
            method: "file import".to_owned(),
            reason: String::new(),
        };
        custody.append(event, &mut record).unwrap();
    }
    let payload = vec![
        Payload::bytes(path("00-封面与陈述.html"), "<h1>申诉</h1>".as_bytes()),
        Payload::bytes(path("case.json"), &b"{}\n"[..]),
        Payload::bytes(path("custody.jsonl"), record),
        Payload { placement: Placement::Any, ..Payload::bytes(path("E01-评价截图/1.png"), picture) },
        Payload { placement: Placement::Any, ..Payload::bytes(path("E02-聊天记录/chat.jsonl"), chat) },
    ];
    (payload, BundleInfo { custody_head: custody.head(), ..info(case_id) })
}

/// A case of several parts with a file longer than one, and the limits that make it so.
pub fn split_case(case_id: &str) -> (Vec<Payload>, BundleInfo, Limits) {
    let (mut payload, info) = small_case(case_id);
    let mut dice = Dice(11);
    let mut add = |name: &str, bytes: usize| {
        payload.push(Payload { placement: Placement::Any, ..Payload::bytes(path(name), dice.bytes(bytes)) });
    };
    add("E03-视频/开箱.mp4", 22_000);
    add("E04-物流/面单.jpg", 2_000);
    (payload, info, Limits::of_file(45_000))
}

pub fn build_in(folder: &Path, payload: &[Payload], info: &BundleInfo, limits: &Limits) -> Vec<Part> {
    build(payload, info, &key(), limits, &folder.join(&info.case_id)).unwrap()
}

/// The small case as bytes of its one part.
pub fn small_zip(case_id: &str, key: &SigningKey) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (payload, info) = small_case(case_id);
    let parts = build(&payload, &info, key, &Limits::none(), &folder.path().join("out")).unwrap();
    std::fs::read(&parts[0].path).unwrap()
}

/// The split case as bytes of its parts.
pub fn split_zips(case_id: &str) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let (payload, info, limits) = split_case(case_id);
    let parts = build_in(folder.path(), &payload, &info, &limits);
    parts.iter().map(|part| std::fs::read(&part.path).unwrap()).collect()
}

/// Makes all manifests fit the files again, as an attacker would.
pub fn refresh(tree: &mut Tree) {
    refresh_payload(tree);
    refresh_tags(tree);
}

pub fn refresh_payload(tree: &mut Tree) {
    let payload = || tree.iter().filter(|(name, _)| name.starts_with("data/"));
    let sha256: String = payload().map(|(name, bytes)| format!("{}  {name}\n", Sha256::of(bytes))).collect();
    let sha512: String = payload()
        .map(|(name, bytes)| {
            let hex: String = Sha512::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{hex}  {name}\n")
        })
        .collect();
    let (bytes, files) = payload().fold((0, 0), |(sum, n), (_, bytes)| (sum + bytes.len(), n + 1));
    tree.insert("manifest-sha256.txt".to_owned(), sha256.into_bytes());
    tree.insert("manifest-sha512.txt".to_owned(), sha512.into_bytes());
    edit(tree, "bag-info.txt", |text| {
        let lines = text.lines().map(|line| match line.strip_prefix("Payload-Oxum") {
            Some(_) => format!("Payload-Oxum: {bytes}.{files}\n"),
            None => format!("{line}\n"),
        });
        lines.collect()
    });
}

pub fn refresh_tags(tree: &mut Tree) {
    let outside = |name: &str| name.contains('/') || name == "tagmanifest-sha256.txt";
    let tags: String = (tree.iter().filter(|(name, _)| !outside(name)))
        .map(|(name, bytes)| format!("{}  {name}\n", Sha256::of(bytes)))
        .collect();
    tree.insert("tagmanifest-sha256.txt".to_owned(), tags.into_bytes());
}

/// Signs the tag manifest as it is now.
pub fn sign(tree: &mut Tree, key: &SigningKey) {
    let signature = key.sign(&tree["tagmanifest-sha256.txt"]);
    tree.insert("signatures/tagmanifest-sha256.txt.sig".to_owned(), signature.into_bytes());
}

pub fn edit(tree: &mut Tree, name: &str, change: impl FnOnce(String) -> String) {
    let text = String::from_utf8(tree[name].clone()).unwrap();
    tree.insert(name.to_owned(), change(text).into_bytes());
}

/// Writes a part's files as unzipping would.
pub fn unpack(tree: &Tree, folder: &Path) -> PathBuf {
    for (name, bytes) in tree {
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    folder.to_owned()
}
