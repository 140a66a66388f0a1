//! The documents: golden files of one case in both languages, and what hostile or overlong cases make of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod samples;

use std::fs;
use std::path::{Path, PathBuf};

use huoyan_dossier::assemble::{CopyFile, CopyNote, Treatment};
use huoyan_dossier::bundle::Sha256;
use huoyan_dossier::case::{COMPARISON, Case, Claim, ExhibitKind};
use huoyan_dossier::check::{Subject, Tables, check};
use huoyan_dossier::lint::{ExhibitId, LintPack, Who, check_statement};
use huoyan_dossier::package::Packages;
use huoyan_dossier::page::{Block, Composed, Document, Figure, Material, compose, html};
use huoyan_dossier::records::{Place, Row};
use huoyan_dossier::statement;
use huoyan_dossier::timeline::Timeline;
use huoyan_model::Locale;
use samples::{ORDER, at, when};

const SIGNER: &str = "SHA256:Qx1n0mFhN2n1k0k3l9oQh2v8ZyGm5c2mG0bqv0d1yUo";

fn documents(case: &Case, rows: &[(Place, Row)], locale: Locale) -> Vec<Composed> {
    composed(case, rows, Some(&notes(case)), locale)
}

/// What a bundle would say of the copies: tables redacted, the first as it is, pictures stripped, the third sealed alone, the fourth left out.
fn notes(case: &Case) -> Vec<CopyNote> {
    let note = |(n, exhibit): (usize, &huoyan_dossier::case::Exhibit)| {
        let treatment = match (n, exhibit.kind) {
            (0, _) => Treatment::Identical,
            (2 | 3, _) => Treatment::Withheld,
            (_, ExhibitKind::Picture) => Treatment::Stripped,
            _ => Treatment::Redacted,
        };
        let name = exhibit.file.rsplit('/').next().unwrap();
        let sha256 =
            if treatment.is_original() { exhibit.sha256 } else { Sha256::of(format!("copy of {name}").as_bytes()) };
        let file = CopyFile { path: format!("{}-副本/副本-{name}", exhibit.id), bytes: exhibit.bytes, sha256 };
        CopyNote {
            schema: "huoyan-copy/1".to_owned(),
            exhibit: exhibit.id,
            copy: true,
            treatment,
            about: treatment.text(),
            original_sha256: exhibit.sha256,
            original_bytes: exhibit.bytes,
            files: if treatment == Treatment::Withheld { Vec::new() } else { vec![file] },
            redactions: 0,
            removed: Vec::new(),
            covered: Vec::new(),
            sealed: (n == 2).then(|| format!("sealed/{}.age", exhibit.id)),
        }
    };
    case.exhibits.iter().enumerate().map(note).collect()
}

fn composed(case: &Case, rows: &[(Place, Row)], copies: Option<&[CopyNote]>, locale: Locale) -> Vec<Composed> {
    let (tables, now) = (Tables::built_in(), at("2026-11-13T09:00:00+08:00"));
    let statement = statement::write(case, rows, tables.packages, tables.targets, locale);
    let text = statement.text();
    let completeness = check(&Subject { case, rows, unread: &[], gaps: &[], statement: Some(&text) }, &tables, now);
    compose(&Material {
        case,
        rows,
        timeline: &Timeline::of(case, rows, now),
        completeness: &completeness,
        statement: &statement,
        copies,
        tables: &tables,
        signer: Some(SIGNER),
        now,
        locale,
    })
}

/// A case as a shop would have it: a demand quoted, a picture alike, one item still missing.
fn case(locale: Locale) -> (Case, Vec<(Place, Row)>) {
    let zh = locale == Locale::Zh;
    let mut case = samples::case(Packages::built_in().get("malicious_review").unwrap(), 0);
    let claim = |number: usize, text: &str, exhibits: &[u16], on_cover| Claim {
        id: format!("C{number}"),
        text: text.to_owned(),
        exhibits: exhibits.iter().copied().map(ExhibitId).collect(),
        on_cover,
    };
    case.claims = if zh {
        vec![
            claim(1, "买家在评价前写道“不返50元就给差评”", &[2], true),
            claim(2, "承运商记录显示包裹于11月7日11:00签收，评价发布于当日20:00", &[1, 5], true),
            claim(3, "该账号在本店三十日内申请退货四次", &[3], true),
            claim(4, "订单实付128元，未申请退款", &[4], false),
        ]
    } else {
        vec![
            claim(1, "Before the review the buyer wrote “不返50元就给差评”", &[2], true),
            claim(
                2,
                "The carrier recorded delivery on 7 November at 11:00; the review followed at 20:00",
                &[1, 5],
                true,
            ),
            claim(3, "This account asked for four returns within thirty days", &[3], true),
            claim(4, "The order was paid with 128 yuan and no refund was asked for", &[4], false),
        ]
    };
    // The payment is taken out; the parcel's trace gets its number.
    case.exhibits.remove(4);
    case.exhibits[4].id = ExhibitId(5);
    case.subjects.insert(
        0,
        huoyan_dossier::case::Subject { kind: "review".into(), id: "R-55501".into(), shown_by: Some(ExhibitId(1)) },
    );
    let mut rows = samples::rows(&case);
    let place = Place { exhibit: ExhibitId(2), line: 3, sheet: String::new() };
    let message = Row::Message {
        when: when("2026-11-07T19:40:00+08:00"),
        who: Who::Buyer,
        sender: String::new(),
        text: "不返50元就给差评".to_owned(),
        order: Some(ORDER.to_owned()),
    };
    rows.push((place, message));
    let note = if zh {
        "感知哈希距离 2/64，疑似同一图片"
    } else {
        "perceptual distance 2 of 64, suspected to be the same picture"
    };
    for (id, title) in [
        (6, ["评价中的图片", "the picture of the review"]),
        (7, ["另一账号评价中的图片", "the picture of another account's review"]),
    ] {
        let mut picture = case.exhibits[0].clone();
        (picture.id, picture.kind, picture.title) =
            (ExhibitId(id), ExhibitKind::Picture, title[usize::from(!zh)].to_owned());
        picture.file = format!("exhibits/E{id:02}/{id}.png");
        picture.sha256 = Sha256::of(&self::picture(&picture.id.to_string()));
        if id == 7 {
            picture.links.compared_with = Some(ExhibitId(6));
            picture.facts.insert(COMPARISON.to_owned(), note.to_owned());
        }
        case.exhibits.push(picture);
    }
    (case, rows)
}

/// A small picture whose colour follows from its name.
fn picture(file: &str) -> Vec<u8> {
    let tone = (file.bytes().map(u32::from).sum::<u32>() % 200) as u8;
    let image = image::RgbImage::from_fn(120, 80, |x, y| image::Rgb([tone, (x * 2) as u8, (y * 3) as u8]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn render(document: &Document) -> String {
    html::render(document, |file| Some(picture(file)))
}

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/page").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "{} differs; run with UPDATE_GOLDEN=1 and look at the difference", path.display());
}

/// Where a person can look at what the tests made.
fn keep(name: &str, text: &str) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("page");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
}

#[test]
fn documents_are_as_they_were_looked_at() {
    for (locale, folder) in [(Locale::Zh, "zh"), (Locale::En, "en")] {
        let (case, rows) = case(locale);
        for made in documents(&case, &rows, locale) {
            golden(&format!("{folder}/{}.html", made.name), &render(&made.document));
            let json = serde_json::to_string_pretty(&made.document).unwrap();
            golden(&format!("{folder}/{}.json", made.name), &format!("{json}\n"));
            assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), made.document);
        }
    }
}

#[test]
fn the_list_has_the_digest_of_every_file_that_is_attached_and_declares_no_more() {
    for locale in [Locale::Zh, Locale::En] {
        let (case, rows) = case(locale);
        let notes = notes(&case);
        let made = documents(&case, &rows, locale);
        let (cover, list) = (render(&made[0].document), render(&made[2].document));
        for note in &notes {
            for file in &note.files {
                assert!(list.contains(&file.sha256.to_string()) && list.contains(&file.path), "{}", note.exhibit);
                assert!(cover.contains(&file.sha256.to_string()), "{}", note.exhibit);
            }
            assert!(list.contains(&note.original_sha256.to_string()));
        }
        let count = if locale == Locale::Zh {
            "随附 5 份，仅密封随附 1 份（E03）"
        } else {
            "5 attached, 1 sealed only (E03)"
        };
        assert!(cover.contains(count), "{cover}");
        let tables = Tables::built_in();
        let mut statement = statement::write(&case, &rows, tables.packages, tables.targets, locale);
        statement.tell_copies(&case, &notes, locale);
        let limits = statement.section("limits").unwrap().lines.join("\n");
        assert!(limits.contains("[E02]") && limits.contains("[E04]"), "{limits}");
        assert!(!limits.contains("清单所列附件"), "what is attached is a copy: {limits}");
        let exhibits: Vec<ExhibitId> = case.exhibits.iter().map(|exhibit| exhibit.id).collect();
        let findings = check_statement(&statement.text(), &exhibits, LintPack::built_in()).findings;
        assert!(findings.is_empty(), "{findings:?}");
        // Before copies are made nothing is said of them.
        let before = composed(&case, &rows, None, locale);
        let word = if locale == Locale::Zh { "导出时制作" } else { "made on export" };
        assert!(render(&before[2].document).contains(word));
    }
}

#[test]
fn what_is_overdue_is_for_the_shop_and_the_cover_has_the_date() {
    let (mut case, mut rows) = case(Locale::Zh);
    case.started.insert("penalty_notice".to_owned(), at("2026-10-01T09:00:00+08:00"));
    case.exhibits[0].facts.insert("notice_no".to_owned(), "PN20261001".to_owned());
    case.claims.truncate(2);
    let review = rows.iter().find(|(_, row)| matches!(row, Row::Review { .. })).cloned();
    let (place, _) = review.unwrap();
    for minute in 0..14 {
        let when = Some(when(&format!("2026-11-08T21:{minute:02}:00+08:00")));
        let review =
            Row::Review { when, review: None, order: None, stars: Some(1), text: "差".to_owned(), buyer: None };
        rows.push((place.clone(), review));
    }
    let made = documents(&case, &rows, Locale::Zh);
    let (cover, own) = (render(&made[0].document), render(&made.last().unwrap().document));
    assert!(!cover.contains("超期") && cover.contains("期限") && own.contains("超期"));
    assert!(cover.contains("PN20261001") && cover.contains(ORDER));
    assert!(cover.contains(">关键事实<") && !cover.contains("三条关键事实"));
    assert_eq!(cover.matches("买家发布评价（1 星）").count(), 1);
    assert!(cover.contains("2026-11-07 20:00 至 2026-11-08 21:13，买家发布评价（1 星），共 15 条[E01]"), "{cover}");
}

#[test]
fn an_incomplete_case_is_stamped_and_its_own_page_is_not_sent() {
    let (case, rows) = case(Locale::Zh);
    let made = documents(&case, &rows, Locale::Zh);
    assert!(made.iter().all(|made| made.document.stamp == "未完整"));
    let own: Vec<&str> = made.iter().filter(|made| !made.sent).map(|made| made.name.as_str()).collect();
    assert_eq!(own, ["完整性检查-自用"]);
    assert!(!render(&made[0].document).contains("缺少："), "what is missing is the merchant's own business");
    let complete = samples::case(Packages::built_in().get("price").unwrap(), 0);
    let made = documents(&complete, &samples::rows(&complete), Locale::Zh);
    assert!(made.iter().all(|made| made.document.stamp.is_empty()));
    assert!(!render(&made[0].document).contains("class=\"watermark\""));
}

/// A case that means harm: markup, text turned around, control characters, words without an end.
fn hostile(locale: Locale) -> (Case, Vec<(Place, Row)>) {
    let (mut case, mut rows) = case(locale);
    let evil = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)></style>\u{202E}txt.exe\u{2066}\u{0}\u{7}\u{1b}[31m\u{200B}";
    case.shop.name = format!("{evil}{}", "超长店铺名".repeat(60));
    case.shop.id = "9".repeat(300);
    case.shop.contact = evil.to_owned();
    case.ask = format!("恳请平台核实{evil}{}", "并依规处理".repeat(200));
    for claim in &mut case.claims {
        claim.text = format!("{evil}{}", "买家先后在多个时间提出不同的要求，".repeat(150));
        claim.exhibits = (1..=5).map(ExhibitId).collect();
    }
    case.subjects.push(huoyan_dossier::case::Subject { kind: evil.into(), id: "x".repeat(500), shown_by: None });
    for picture in &mut case.exhibits[5..] {
        picture.title = format!("{evil}{}", "LongTitleWithoutSpaces".repeat(12));
    }
    let template = case.exhibits[0].clone();
    for number in 8..=30 {
        let mut exhibit = template.clone();
        exhibit.id = ExhibitId(number);
        exhibit.title = format!("{evil}{}", "LongTitleWithoutSpaces".repeat(12));
        exhibit.file = format!("exhibits/E{number:02}/{}.png", "n".repeat(200));
        exhibit.source.uri = format!("https://example.com/{}", "path/".repeat(60));
        exhibit.copy_of = (number % 3 == 0).then_some(ExhibitId(1));
        case.exhibits.push(exhibit);
    }
    for (_, row) in &mut rows {
        if let Row::Message { text, .. } = row {
            *text = format!("{evil}{}", "哈".repeat(900));
        }
    }
    (case, rows)
}

#[test]
fn hostile_text_stays_text() {
    for locale in [Locale::Zh, Locale::En] {
        let (case, rows) = hostile(locale);
        for made in documents(&case, &rows, locale) {
            let page = render(&made.document);
            keep(&format!("hostile-{locale:?}-{}.html", made.name), &page);
            for tag in ["<script", "<img src=x", "onerror=alert(1)>"] {
                assert!(!page.contains(tag), "{} {tag}", made.name);
            }
            assert_eq!(page.matches("</style>").count(), 1);
            let unseen = |c: char| {
                c.is_control() && c != '\n'
                    || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}')
            };
            assert!(!page.contains(unseen), "{}", made.name);
            assert!(
                !made.sent || page.contains("<span class=\"hidden\">U+202E</span>"),
                "what is hidden is shown by its number"
            );
            assert_eq!(page, render(&made.document));
        }
    }
}

#[test]
fn nothing_is_loaded_from_outside() {
    let (case, rows) = case(Locale::Zh);
    for made in documents(&case, &rows, Locale::Zh) {
        let page = render(&made.document);
        assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
        for word in ["<script", "<link", "<iframe", "@import", "url(", "http://", "https://", "srcset"] {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[test]
fn a_picture_that_is_none_or_is_lost_gives_its_path() {
    let figure = Figure { caption: "图".into(), file: "E01/a.svg".into(), sha256: "0".repeat(64) };
    let document = Document {
        title: "t".into(),
        lang: "zh-CN".into(),
        case_id: "c".into(),
        made_at: "m".into(),
        stamp: String::new(),
        footer: String::new(),
        blocks: vec![Block::Pictures { items: vec![figure] }],
    };
    for picture in [None, Some(b"<svg onload='alert(1)'/>".to_vec())] {
        let page = html::render(&document, |_| picture.clone());
        assert!(page.contains("<div class=\"none\">E01/a.svg</div>") && !page.contains("<img"));
    }
}

#[test]
fn cases_with_no_exhibit_and_with_thirty_are_composed() {
    let (mut none, _) = case(Locale::Zh);
    (none.exhibits, none.claims) = (Vec::new(), Vec::new());
    for made in documents(&none, &[], Locale::Zh) {
        keep(&format!("none-{}.html", made.name), &render(&made.document));
    }
    let (many, rows) = hostile(Locale::Zh);
    assert_eq!(many.exhibits.len(), 30);
    let made = documents(&many, &rows, Locale::Zh);
    let lines = made[2].document.blocks.iter().find_map(|block| match block {
        Block::Table { rows, .. } => Some(rows.len()),
        _ => None,
    });
    assert_eq!(lines, Some(30));
    assert!(render(&made[2].document).contains("遮盖副本（原件 E01）"));
}

/// The covers of many cases, one after the other: printed, they must be as many pages as covers (`pdfinfo` counts them).
#[test]
fn covers_are_kept_to_be_counted() {
    let mut blocks = Vec::new();
    let mut made = None;
    let mut covers = 0;
    for locale in [Locale::Zh, Locale::En] {
        let types = Packages::built_in().iter().flat_map(|package| (0..3).map(|n| samples::case(package, n)));
        for case in types.chain([case(locale).0, hostile(locale).0]) {
            let mut long = case.clone();
            long.claims.iter_mut().for_each(|claim| claim.text = "买家先后在多个时间提出不同要求".repeat(40));
            long.ask = "恳请平台核实并依规处理".repeat(40);
            long.shop.name = "名".repeat(200);
            for case in [case, long] {
                let document = documents(&case, &[], locale).swap_remove(0).document;
                let cover = document.blocks.iter().take_while(|block| **block != Block::PageBreak).cloned();
                blocks.extend((covers > 0).then_some(Block::PageBreak).into_iter().chain(cover));
                made = Some(document);
                covers += 1;
            }
        }
    }
    let document = Document { blocks, ..made.unwrap() };
    keep("covers.html", &render(&document));
    println!("covers: {covers}");
    assert_eq!(covers, 164);
}
