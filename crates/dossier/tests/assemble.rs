//! Bundles put together from cases: what becomes of each kind of exhibit, and what stops a build.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::PathBuf;

use huoyan_dossier::assemble::{AssembleError, Built, Machine, Options, Papers, Treatment, assemble, disclose};
use huoyan_dossier::bundle::{Component, Limits, SigningKey, Trust, Verdict, verify};
use huoyan_dossier::case::store::{By, NewExhibit, Original, Store};
use huoyan_dossier::case::{Case, ExhibitKind, Party, SCHEMA, Shop, Source};
use huoyan_dossier::deadline::Instant;
use huoyan_dossier::lint::ExhibitId;
use huoyan_dossier::privacy::picture::Rect;
use huoyan_dossier::privacy::{Identity, Profile, Recipient, unseal, verify_opening};
use huoyan_model::Locale;

const PHONE: &str = "13812345678";
const NAME: &str = "张建国";

struct Bench {
    folder: tempfile::TempDir,
    store: Store,
    key: SigningKey,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let case = Case {
            schema: SCHEMA.to_owned(),
            id: "CASE-20261122-0001".to_owned(),
            package: "malicious_review".to_owned(),
            target: "douyin".to_owned(),
            shop: Shop { id: "S1".to_owned(), name: "暖冬小铺".to_owned(), contact: String::new() },
            opened_at: now(),
            ask: format!("请核实，联系电话{PHONE}"),
            subjects: Vec::new(),
            started: BTreeMap::new(),
            claims: Vec::new(),
            exhibits: Vec::new(),
            round_before: None,
        };
        let store = Store::create(&folder.path().join("case"), case).unwrap();
        Self { folder, store, key: SigningKey::from_seed([7; 32]) }
    }

    fn add(&mut self, name: &str, kind: ExhibitKind, bytes: &[u8]) -> ExhibitId {
        let source = Source { party: Party::Merchant, party_told: false, system: String::new(), uri: String::new() };
        let mut new = NewExhibit::new(source, "export");
        (new.name, new.kind) = (name.to_owned(), Some(kind));
        let by = By { at: now(), who: "test".to_owned() };
        self.store.add(new, Original::Reader(&mut Cursor::new(bytes)), &by).unwrap()
    }

    fn options(&self) -> Options<'_> {
        Options {
            key: &self.key,
            case_key: self.store.key().unwrap(),
            limits: Limits::of_file(20_000_000),
            profile: Profile::platform(),
            now: now(),
            locale: Locale::Zh,
            seal_to: Vec::new(),
            as_is: BTreeSet::new(),
            machine: Machine {
                tool: Component { name: "huoyan".to_owned(), version: "0".to_owned(), digest: None },
                os: "linux".to_owned(),
                clock_source: "given by hand".to_owned(),
                operator: String::new(),
            },
            mail_to: String::new(),
        }
    }

    fn build(&self, out: &str, options: &Options<'_>) -> Result<Built, AssembleError> {
        assemble(self.store.case(), self.store.root(), &Papers::default(), options, &self.out(out))
    }

    fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn bytes(&self, built: &Built) -> Vec<u8> {
        built.parts.iter().flat_map(|part| std::fs::read(&part.path).unwrap()).collect()
    }
}

fn now() -> Instant {
    Instant::parse("2026-11-22T10:00:00+08:00").unwrap()
}

fn has(bytes: &[u8], what: &str) -> bool {
    bytes.windows(what.len()).any(|window| window == what.as_bytes())
}

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("订单").unwrap();
    for (column, text) in ["订单号", "收货人", "手机"].into_iter().enumerate() {
        sheet.write(0, column as u16, text).unwrap();
    }
    sheet.write(1, 0, "6934567890123456789").unwrap();
    sheet.write(1, 1, NAME).unwrap();
    sheet.write(1, 2, 13_812_345_678_f64).unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_goes_out_as_redacted_tables_and_its_names_are_found_in_the_chat() {
    let mut bench = Bench::new();
    bench.add("订单.xlsx", ExhibitKind::Order, &workbook());
    bench.add("聊天.txt", ExhibitKind::Chat, format!("客服：{NAME}亲，您的快递到了\n").as_bytes());
    let built = bench.build("out", &bench.options()).unwrap();
    let treatments: Vec<Treatment> = built.copies.iter().map(|note| note.treatment).collect();
    assert_eq!(treatments, [Treatment::Transcribed, Treatment::Redacted]);
    assert!(built.copies[0].about.zh.contains("不含公式") && !built.copies[0].removed.is_empty(), "{:?}", built.copies);
    let bytes = bench.bytes(&built);
    assert!(has(&bytes, "遮盖副本-订单_1_订单.csv") && has(&bytes, "6934567890123456789"));
    assert!(!has(&bytes, NAME) && !has(&bytes, PHONE));
    let report = verify(&[bench.out("out")], &Trust { keys: vec![bench.key.public()], authorities: Vec::new() });
    assert_eq!(report.verdict, Verdict::Intact, "{:?}", report.problems);
}

#[test]
fn a_compressed_value_in_what_goes_out_as_it_is_stops_the_build() {
    let mut bench = Bench::new();
    bench.add("订单.csv", ExhibitKind::Order, format!("收货人,手机\n{NAME},{PHONE}\n").as_bytes());
    let book = bench.add("原表.xlsx", ExhibitKind::Document, &workbook());
    let mut options = bench.options();
    options.as_is.insert(book);
    let Err(AssembleError::Leak { places }) = bench.build("out", &options) else { panic!("it leaked") };
    assert!(places.iter().all(|place| place.zh.contains("原表.xlsx") && !place.zh.contains(NAME)), "{places:?}");
    assert!(!bench.out("out").exists());
    options.as_is.clear();
    bench.build("out", &options).unwrap();
}

#[test]
fn sealed_originals_open_with_their_key_and_stay_the_same_for_the_next_bundle() {
    let mut bench = Bench::new();
    let original = format!("收货人,手机\n{NAME},{PHONE}\n");
    bench.add("订单.csv", ExhibitKind::Order, original.as_bytes());
    let identity = Identity::generate();
    let recipient: Recipient = identity.recipient().to_string().parse().unwrap();
    let mut options = bench.options();
    options.seal_to = vec![recipient];
    let (one, two) = (bench.build("one", &options).unwrap(), bench.build("two", &options).unwrap());
    assert!(bench.bytes(&one) == bench.bytes(&two));
    assert_eq!(one.copies[0].sealed.as_deref(), Some("sealed/E01.age"));
    let bytes = bench.bytes(&one);
    let at = bytes.windows(18).position(|window| window == b"age-encryption.org").unwrap();
    let mut opened = Vec::new();
    // The seal ends where the archive goes on: what is read until then is the original, or an error.
    let store = std::fs::read_dir(bench.store.root().join("sealed")).unwrap().next().unwrap().unwrap().path();
    let sealed = std::fs::read(store).unwrap();
    assert_eq!(bytes[at..at + sealed.len()], sealed);
    unseal(&sealed[..], &mut opened, &identity).unwrap();
    assert_eq!(opened, original.as_bytes());
}

#[test]
fn a_region_of_a_picture_is_blacked_out_and_a_damaged_picture_stays() {
    let mut bench = Bench::new();
    let mut png = Vec::new();
    let white = image::RgbImage::from_pixel(40, 30, image::Rgb([255, 255, 255]));
    white.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let id = bench.add("面单.png", ExhibitKind::Picture, &png);
    let region = Rect { x: 5, y: 5, width: 10, height: 10 };
    bench.store.update(|case| case.exhibits[0].cover = vec![region]).unwrap();
    let built = bench.build("out", &bench.options()).unwrap();
    assert_eq!((built.copies[0].treatment, &built.copies[0].covered[..]), (Treatment::Covered, &[region][..]));
    bench.add("坏图.png", ExhibitKind::Picture, &png[..png.len() / 2]);
    let why = bench.build("other", &bench.options()).unwrap_err();
    assert!(matches!(&why, AssembleError::Copy { exhibit, .. } if *exhibit != id), "{why}");
}

#[test]
fn every_redaction_of_the_exhibits_and_the_case_can_be_opened_alone() {
    let mut bench = Bench::new();
    bench.add("订单.csv", ExhibitKind::Order, format!("收货人,手机\n{NAME},{PHONE}\n").as_bytes());
    bench.add(&format!("{PHONE}.txt"), ExhibitKind::Document, "无".as_bytes());
    let opened = disclose(bench.store.case(), bench.store.root(), &bench.options(), |_| true).unwrap();
    assert!(opened.len() >= 4, "{opened:?}");
    for disclosure in &opened {
        verify_opening(&disclosure.redaction.commitment, &disclosure.opening).unwrap();
        assert!([PHONE, NAME].contains(&disclosure.opening.value.as_str()), "{}", disclosure.opening.value);
    }
    let bytes = bench.bytes(&bench.build("out", &bench.options()).unwrap());
    for disclosure in &opened {
        assert!(has(&bytes, &disclosure.redaction.commitment), "{:?}", disclosure.redaction);
    }
}

#[test]
fn other_profiles_take_more() {
    let mut bench = Bench::new();
    let orders = format!("订单号,买家昵称,收货人,运单号\n6934567890123456789,小鱼干爱吃,{NAME},SF1390000123456\n");
    bench.add("订单.csv", ExhibitKind::Order, orders.as_bytes());
    for (profile, gone) in [("platform", 1), ("confidential", 4), ("public", 5)] {
        let mut options = bench.options();
        options.profile = Profile::named(profile).unwrap();
        let bytes = bench.bytes(&bench.build(profile, &options).unwrap());
        let there = [NAME, "6934567890123456789", "小鱼干爱吃", "SF1390000123456", "暖冬小铺"].map(|v| !has(&bytes, v));
        assert_eq!(there.iter().filter(|gone| **gone).count(), gone, "{profile}: {there:?}");
    }
}

#[test]
fn what_a_copy_would_change_is_withheld() {
    let mut bench = Bench::new();
    bench.add("a.json", ExhibitKind::Document, br#"{"13812345678": "first", "138 1234 5678": "second"}"#);
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write(0, 0, 6_912_345_678_901_234_567_f64).unwrap();
    bench.add("b.xlsx", ExhibitKind::Order, &book.save_to_buffer().unwrap());
    bench.add("c.json", ExhibitKind::Document, br#"{"13812345678": "first", "13912345678": "second"}"#);
    let built = bench.build("out", &bench.options()).unwrap();
    let treatments: Vec<Treatment> = built.copies.iter().map(|note| note.treatment).collect();
    assert_eq!(treatments, [Treatment::Redacted, Treatment::Withheld, Treatment::Redacted]);
    assert!(built.warnings[0].zh.contains("16 位"), "{:?}", built.warnings);
    let bytes = bench.bytes(&built);
    assert!(!has(&bytes, "69123456789012") && !has(&bytes, PHONE));
    assert!(has(&bytes, "first") && has(&bytes, "second"), "two writings of one value name two fields, and both stay");
}

#[test]
fn a_value_that_only_another_exhibit_explains_is_replaced_in_names_and_texts_before_it() {
    let mut bench = Bench::new();
    bench.add("1_xiaoming_1988.txt", ExhibitKind::Document, "说明：xiaoming_1988 于当日来访".as_bytes());
    bench.add("聊天.txt", ExhibitKind::Chat, "加我微信号：xiaoming_1988".as_bytes());
    let options = bench.options();
    let built = bench.build("out", &options).unwrap();
    let bytes = bench.bytes(&built);
    assert!(!has(&bytes, "xiaoming_1988") && has(&bytes, "[微信·"));
    let opened =
        huoyan_dossier::assemble::disclose(bench.store.case(), bench.store.root(), &options, |_| true).unwrap();
    let places: BTreeSet<String> = opened.iter().map(|opening| opening.redaction.exhibit.clone()).collect();
    assert!(
        places.contains("E01") && places.contains("E02"),
        "what was replaced at the second attempt opens too: {places:?}"
    );
}

#[test]
fn a_transcript_says_what_it_leaves_out_and_loses_nothing_that_was_said() {
    let mut bench = Bench::new();
    let mail = "From: a@example.com\nX-Route: 1\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n第一段\n--b\nContent-Type: \
                image/png; name=x.png\n\nAAAA\n--b\n\n最后一段：不退就差评";
    bench.add("mail.eml", ExhibitKind::Mail, mail.as_bytes());
    bench.add("page.html", ExhibitKind::Review, "<p>价格 < 50 元</p><p>买家原话</p>".as_bytes());
    let built = bench.build("out", &bench.options()).unwrap();
    assert!(built.copies.iter().all(|note| note.treatment == Treatment::Transcribed), "{:?}", built.copies);
    assert!(built.copies[0].about.zh.contains("1 个附件"), "{}", built.copies[0].about.zh);
    let bytes = bench.bytes(&built);
    for said in ["第一段", "最后一段：不退就差评", "价格 < 50 元", "买家原话"] {
        assert!(has(&bytes, said), "{said}");
    }
}

#[test]
fn a_damaged_seal_is_made_anew() {
    let mut bench = Bench::new();
    bench.add("订单.csv", ExhibitKind::Order, b"a,b\n1,2\n");
    let identity = Identity::generate();
    let mut options = bench.options();
    options.seal_to = vec![identity.recipient().to_string().parse().unwrap()];
    bench.build("one", &options).unwrap();
    let seal = || std::fs::read_dir(bench.store.root().join("sealed")).unwrap().next().unwrap().unwrap().path();
    for damage in [Vec::new(), b"age-encryption.org/v1\nnot any more".to_vec()] {
        std::fs::write(seal(), damage).unwrap();
        let out = format!("two{}", std::fs::read_dir(bench.folder.path()).unwrap().count());
        let built = bench.build(&out, &options).unwrap();
        assert!(built.warnings.iter().any(|warning| warning.zh.contains("重新密封")), "{:?}", built.warnings);
        let mut opened = Vec::new();
        unseal(&std::fs::read(seal()).unwrap()[..], &mut opened, &identity).unwrap();
        assert_eq!(opened, b"a,b\n1,2\n");
        assert!(has(
            &bench.bytes(&built),
            &format!("{}", String::from_utf8_lossy(&std::fs::read(seal()).unwrap()[..21]))
        ));
    }
}

#[test]
fn the_documents_are_composed_with_what_goes_out() {
    use std::cell::RefCell;
    let mut bench = Bench::new();
    bench.add("订单.csv", ExhibitKind::Order, format!("收货人,手机\n{NAME},{PHONE}\n").as_bytes());
    bench.add("开箱.mp4", ExhibitKind::Video, b"\0\0\0\x18ftypisom\0\0\0\0");
    let seen = RefCell::new(Vec::new());
    let compose = |copies: &[huoyan_dossier::assemble::CopyNote]| {
        seen.replace(copies.to_vec());
        Vec::new()
    };
    let papers = Papers { documents: Some(Box::new(compose)), ..Papers::default() };
    let built = assemble(bench.store.case(), bench.store.root(), &papers, &bench.options(), &bench.out("out")).unwrap();
    drop(papers);
    assert_eq!(seen.into_inner(), built.copies);
    assert!(built.copies[1].files.is_empty());
}

#[test]
fn json_with_a_field_twice_stays_in_the_house() {
    let mut bench = Bench::new();
    let twice = format!(r#"{{"note":"买家电话{PHONE}，住文三路478号","note":"无"}}"#);
    bench.add("twice.json", ExhibitKind::Document, twice.as_bytes());
    bench.add("lines.jsonl", ExhibitKind::Document, format!("{{\"a\":1}}\n{twice}\n").as_bytes());
    // Half a line, and escapes that hide a name in what is then no JSON.
    bench.add("cut.jsonl", ExhibitKind::Document, b"{\"name\":\"\\u5f20\\u5efa\\u56fd\"}\n{\"a\":\n");
    bench.add("good.json", ExhibitKind::Document, br#"{"note":"ok"}"#);
    let built = bench.build("out", &bench.options()).unwrap();
    let treatments: Vec<Treatment> = built.copies.iter().map(|note| note.treatment).collect();
    assert_eq!(treatments, [Treatment::Withheld, Treatment::Withheld, Treatment::Withheld, Treatment::Identical]);
    let bytes = bench.bytes(&built);
    assert!(!has(&bytes, PHONE) && !has(&bytes, "文三路"));
}

#[test]
fn numbers_beside_an_order_or_a_place_do_not_leave() {
    let mut bench = Bench::new();
    let csv = format!("订单号,省,市\n6934567890123456789 联系{PHONE},浙江省{PHONE},杭州市\n");
    bench.add("订单.csv", ExhibitKind::Order, csv.as_bytes());
    let json = format!(
        r#"{{"order_id":"6934567890123456789 {PHONE}","province":"浙江省{PHONE}","x":"{PHONE} token:9e107d9d372bb6826bd81d3542a419d6"}}"#
    );
    bench.add("订单.json", ExhibitKind::Order, json.as_bytes());
    let built = bench.build("out", &bench.options()).unwrap();
    assert!(built.copies.iter().all(|note| note.treatment == Treatment::Redacted), "{:?}", built.copies);
    let bytes = bench.bytes(&built);
    assert!(!has(&bytes, PHONE) && has(&bytes, "6934567890123456789") && has(&bytes, "浙江省"));
}

#[test]
fn the_custody_record_takes_no_personal_data_and_an_old_one_that_has_some_stops_the_build() {
    let mut bench = Bench::new();
    let id = bench.add("a.txt", ExhibitKind::Document, "无".as_bytes());
    let by = |who: &str| By { at: now(), who: who.to_owned() };
    let why = bench.store.remove(id, &format!("客户{PHONE}要求删除"), &by("客服01")).unwrap_err().message();
    assert!(why.zh.contains("--reason") && why.zh.contains("手机") && !why.zh.contains(PHONE), "{why:?}");
    let why = bench.store.remove(id, "重复", &by(&format!("小王{PHONE}"))).unwrap_err().message();
    assert!(why.en.contains("--by") && !why.en.contains(PHONE), "{why:?}");
    assert!(bench.store.note(id, "export", &format!("微信{PHONE}"), &by("客服01")).is_err());
    bench.store.remove(id, "重复", &by("客服01")).unwrap();
    let custody = std::fs::read_to_string(bench.store.root().join("custody.jsonl")).unwrap();
    assert!(custody.contains(r#""method":"export","prev""#) && custody.contains(r#""reason":"重复""#), "{custody}");
    bench.build("good", &bench.options()).unwrap();
    // A record from before this was asked for, with its reason in the method.
    let event = huoyan_dossier::bundle::custody::Event {
        at: now().to_string(),
        who: "客服01".to_owned(),
        action: "export".to_owned(),
        exhibit: "E01".to_owned(),
        sha256: huoyan_dossier::bundle::Sha256::of(b""),
        bytes: 0,
        method: format!("客户{PHONE}要求删除"),
        reason: String::new(),
    };
    huoyan_dossier::bundle::custody::append_to_file(&bench.store.root().join("custody.jsonl"), event).unwrap();
    let why = bench.build("bad", &bench.options()).unwrap_err();
    assert!(matches!(&why, AssembleError::CustodyText { lines } if lines == &[3]), "{why}");
    assert!(!why.to_string().contains(PHONE) && !bench.out("bad").exists());
}

fn white() -> Vec<u8> {
    let mut png = Vec::new();
    let white = image::RgbImage::from_pixel(40, 30, image::Rgb([255, 255, 255]));
    white.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    png
}

#[test]
fn regions_are_stored_with_their_picture_and_cannot_be_lost() {
    let mut bench = Bench::new();
    let by = By { at: now(), who: "test".to_owned() };
    let new = |cover: Rect| {
        let source = Source { party: Party::Merchant, party_told: true, system: String::new(), uri: String::new() };
        NewExhibit { name: "面单.png".to_owned(), cover: vec![cover], ..NewExhibit::new(source, "screenshot") }
    };
    let add = |bench: &mut Bench, cover, bytes: &[u8]| {
        bench.store.add(new(cover), Original::Reader(&mut Cursor::new(bytes)), &by)
    };
    let inside = Rect { x: 5, y: 5, width: 10, height: 10 };
    let outside = Rect { x: 9999, y: 9999, width: 10, height: 10 };
    let why = add(&mut bench, outside, &white()).unwrap_err().message();
    assert!(why.zh.contains("9999,9999、大小 10x10") && why.zh.contains("在图片之外"), "{why:?}");
    assert!(add(&mut bench, inside, "无".as_bytes()).is_err(), "a text has no regions");
    assert!(bench.store.case().exhibits.is_empty());
    let id = add(&mut bench, inside, &white()).unwrap();
    // As a second program finds it, with nothing of the first done after the exhibit was stored.
    let again = Store::open(bench.store.root()).unwrap();
    assert_eq!(again.case().exhibit(id).unwrap().cover, [inside]);
    let mut options = bench.options();
    options.as_is.insert(id);
    assert!(matches!(bench.build("out", &options), Err(AssembleError::AsIsCovered(covered)) if covered == id));
    options.as_is.clear();
    assert_eq!(bench.build("out", &options).unwrap().copies[0].treatment, Treatment::Covered);
}

#[test]
fn pictures_that_nobody_named_regions_of_are_told() {
    let mut bench = Bench::new();
    bench.add("a.png", ExhibitKind::Picture, &white());
    let built = bench.build("out", &bench.options()).unwrap();
    assert!(built.warnings.iter().any(|told| told.zh.contains("图片 E01 未指定遮盖区域")), "{:?}", built.warnings);
}

#[test]
fn what_the_gate_could_not_look_into_is_named() {
    let mut bench = Bench::new();
    bench.add("订单.csv", ExhibitKind::Order, format!("收货人,手机\n{NAME},{PHONE}\n").as_bytes());
    let glyphs: &[u8] = b"%PDF-1.7\n1 0 obj\n<</Type/Font/Subtype/Type0/Encoding/Identity-H>>\nendobj\n2 0 obj\n<<>>\nstream\nBT <0001> Tj ET\nendstream\n";
    let simple: &[u8] =
        b"%PDF-1.7\n1 0 obj\n<</Subtype/Type1>>\nendobj\n2 0 obj\n<<>>\nstream\nBT (ok) Tj ET\nendstream\n";
    let mut film = b"\0\0\0\x18ftypisom".to_vec();
    film.extend([0xa5; 100]);
    let mut options_of = BTreeSet::new();
    for (name, bytes) in
        [("glyphs.pdf", glyphs), ("simple.pdf", simple), ("film.mp4", &film[..]), ("cut.gz", b"\x1f\x8b\x08\0\0")]
    {
        options_of.insert(bench.add(name, ExhibitKind::Document, bytes));
    }
    let mut options = bench.options();
    options.as_is = options_of;
    let built = bench.build("out", &options).unwrap();
    let names: Vec<&str> = built.unseen.iter().filter_map(|name| name.rsplit('-').next()).collect();
    assert_eq!(names, ["glyphs.pdf", "film.mp4", "cut.gz"], "{:?}", built.unseen);
}
