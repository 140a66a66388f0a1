//! What a document may not be, and how far a large one goes.

mod common;

use common::{document, paragraph, render, sample, try_render};
use huoyan_pdf::document::{Block, Document};
use huoyan_pdf::error::{Error, Lang};
use huoyan_pdf::font::Choice;

#[test]
fn equal_documents_give_equal_bytes() {
    for name in ["case.zh.json", "case.en.json"] {
        let first = render(&sample(name)).bytes;
        for _ in 0..5 {
            assert_eq!(render(&sample(name)).bytes, first);
        }
    }
}

#[test]
fn the_time_in_the_pdf_is_that_of_the_document() {
    let bytes = render(&sample("case.zh.json")).bytes;
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("(D:20261122103000+08'00"));
    assert!(text.contains("<pdfaid:part>2</pdfaid:part>") && text.contains("<pdfaid:conformance>B"));
}

#[test]
fn too_many_pages_are_refused_before_they_fill_the_memory() {
    let blocks = (0..1100).flat_map(|page| [paragraph(format!("第 {page} 页")), Block::PageBreak]).collect();
    assert_eq!(try_render(&document(blocks)).unwrap_err(), Error::TooManyPages { limit: 1000 });
}

#[test]
fn a_thousand_pages_are_written() {
    let blocks = (0..999).flat_map(|page| [paragraph(format!("第 {page} 页")), Block::PageBreak]).collect();
    let rendered = render(&document(blocks));
    assert_eq!(rendered.laid.pages.len(), 1000);
    assert!(rendered.bytes.len() < 4_000_000);
}

#[test]
fn a_page_break_at_the_top_of_a_page_leaves_no_empty_page() {
    let rendered = render(&document(vec![Block::PageBreak, Block::PageBreak, paragraph("甲"), Block::PageBreak]));
    assert_eq!(rendered.laid.pages.len(), 3);
}

#[test]
fn blocks_that_contradict_themselves_are_refused_by_number() {
    let table = |head: usize, widths: Vec<u16>, code: Vec<usize>, row: usize| Block::Table {
        caption: String::new(),
        head: vec!["甲".into(); head],
        widths,
        code,
        rows: vec![vec![String::new(); row]],
    };
    let wrong = [
        Block::Heading { level: 0, text: "甲".into() },
        Block::Heading { level: 4, text: "甲".into() },
        Block::Notice { tone: "loud".into(), text: "甲".into() },
        table(0, vec![], vec![], 0),
        table(21, vec![1; 21], vec![], 21),
        table(2, vec![1], vec![], 2),
        table(2, vec![1, 0], vec![], 2),
        table(2, vec![1, 1], vec![], 3),
        table(2, vec![1, 1], vec![2], 2),
    ];
    for block in wrong {
        let error = try_render(&document(vec![paragraph("甲"), block.clone()])).unwrap_err();
        assert!(matches!(&error, Error::Block { index: 1, .. }), "{block:?}: {error:?}");
    }
}

#[test]
fn twenty_columns_fit_a_page() {
    let row = vec!["一二三abc".to_owned(); 20];
    let table = Block::Table {
        caption: "宽".into(),
        head: row.clone(),
        widths: vec![1; 20],
        code: vec![],
        rows: vec![row; 50],
    };
    render(&document(vec![table]));
}

#[test]
fn a_time_that_is_none_is_refused() {
    let wrong = Document { made_at: "yesterday".into(), ..document(Vec::new()) };
    assert_eq!(try_render(&wrong).unwrap_err().code(), "date");
}

#[test]
fn a_footer_longer_than_its_place_is_refused() {
    let wrong = Document { footer: "长".repeat(500), ..document(Vec::new()) };
    assert_eq!(try_render(&wrong).unwrap_err().code(), "footer_too_long");
}

#[test]
fn a_title_a_stamp_and_a_language_of_any_kind_are_written() {
    for odd in ["", "\u{0}\u{1}<&>]]>", "很长".repeat(4000).as_str(), "👍\u{202E}", "\u{FFFE}"] {
        let odd = Document {
            title: odd.into(),
            stamp: odd.into(),
            case_id: odd.into(),
            ..document(vec![Block::Heading { level: 1, text: odd.into() }])
        };
        render(&odd);
        render(&Document { lang: odd.title.clone(), ..odd });
    }
}

#[test]
fn headings_become_the_outline() {
    let rendered = render(&sample("case.zh.json"));
    let outline: Vec<(u8, &str)> =
        rendered.laid.outline.iter().map(|entry| (entry.level, entry.text.as_str())).collect();
    assert_eq!(outline[..3], [(1, "关键事实"), (1, "时间线"), (2, "规则依据")]);
}

#[test]
fn a_font_without_chinese_is_refused_with_the_package_to_install() {
    let latin = std::path::PathBuf::from("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf");
    if !latin.exists() {
        return;
    }
    let fonts = Choice { regular: Some(latin), bold: None };
    let files = common::samples();
    let options = huoyan_pdf::Options { files: &files, fonts, max_pages: 9 };
    let error = huoyan_pdf::render(&document(Vec::new()), &options).unwrap_err();
    assert_eq!(error, Error::FontMissing);
    assert!(error.message(Lang::Zh).contains("fonts-noto-cjk") && error.message(Lang::En).contains("--font"));
}

#[test]
fn input_that_is_no_document_is_refused() {
    for json in ["", "[]", "{}", "{\"title\":1}", "\u{0}", &"[".repeat(200_000)] {
        assert_eq!(huoyan_pdf::parse(json.as_bytes()).unwrap_err().code(), "json");
    }
}
