//! The text of the PDF is the text of the document: all of it, in its order.

mod common;

use std::collections::BTreeMap;

use common::{Dice, document, paragraph, read, render, sample};
use huoyan_pdf::Rendered;
use huoyan_pdf::check::{self, squeezed};
use huoyan_pdf::document::{Block, Cited, Document};

/// The texts that were laid out, in their order, each joined over its lines and pages.
fn pieces(rendered: &Rendered) -> String {
    let mut pieces: BTreeMap<u32, String> = BTreeMap::new();
    for text in rendered.laid.pages.iter().flat_map(|page| page.texts()).filter(|text| text.piece > 0) {
        pieces.entry(text.piece).or_default().push_str(&text.shown());
    }
    pieces.into_values().map(|piece| squeezed(&piece)).collect()
}

/// Fails unless the pages say all texts of the document in order, and the PDF says what the pages say.
#[track_caller]
fn says_all(document: &Document) -> Rendered {
    let rendered = render(document);
    let said = pieces(&rendered);
    let mut at = 0;
    for text in document.texts() {
        let text = squeezed(text);
        match said[at..].find(&text) {
            Some(found) => at += found + text.len(),
            None => panic!("{:?} is missing at {at}", text.chars().take(60).collect::<String>()),
        }
    }
    assert_eq!(check::compare(&check::drawn(&rendered.laid), &read(&rendered)), Ok(()));
    rendered
}

#[test]
fn samples_say_all_their_text_in_order() {
    says_all(&sample("case.zh.json"));
    says_all(&sample("case.en.json"));
}

#[test]
fn an_empty_document_is_a_page_with_its_title() {
    let rendered = says_all(&document(Vec::new()));
    assert_eq!(rendered.laid.pages.len(), 1);
}

#[test]
fn a_document_without_any_text_is_a_page() {
    let blank = Document { title: String::new(), footer: String::new(), ..document(Vec::new()) };
    assert_eq!(render(&blank).laid.pages.len(), 1);
}

#[test]
fn markup_in_text_stays_text() {
    let hostile = [
        "<script>alert(1)</script>",
        "#eval(\"1\") $x$ \\input{/etc/passwd}",
        ") Tj ET /JS (app.alert(1)) >> endobj",
        "{{template}} %s %n \\u0000 &lt;b&gt;",
        "(((((((",
        ")))))))",
        "\\\\\\\\",
    ];
    let blocks = hostile.iter().map(|text| paragraph(*text)).collect();
    let rendered = says_all(&document(blocks));
    for forbidden in [&b"/JavaScript"[..], b"/JS", b"/Launch", b"/EmbeddedFile"] {
        assert!(!rendered.bytes.windows(forbidden.len()).any(|bytes| bytes == forbidden));
    }
}

#[test]
fn characters_that_hide_or_reorder_stand_as_a_box_and_are_reported() {
    let rendered = render(&document(vec![paragraph("加\u{200B}微\u{202E}信\u{0007}好\u{FEFF}评\u{0}。שלום \u{E000}")]));
    assert!(pieces(&rendered).contains("加□微□信□好□评□。□□□□□"), "{}", pieces(&rendered));
    let found: Vec<(String, usize)> = rendered.replaced.iter().map(|line| (line.char.clone(), line.count)).collect();
    for expected in ["U+200B", "U+202E", "U+0007", "U+FEFF", "U+0000", "U+05E9", "U+E000"] {
        assert!(found.contains(&(expected.into(), 1)), "{expected} in {found:?}");
    }
    check::compare(&check::drawn(&rendered.laid), &read(&rendered)).unwrap();
}

#[test]
fn the_pages_list_the_characters_that_they_do_not_show() {
    let pages = read(&render(&document(vec![paragraph("\u{10FFFD} \u{10FFFD}")])));
    assert!(squeezed(&pages[0]).contains("以□代替：U+10FFFD×2"), "{pages:?}");
}

#[test]
fn marks_that_only_style_their_neighbour_are_reported_without_a_box() {
    let rendered = render(&document(vec![paragraph("好❤\u{FE0F}")]));
    assert!(pieces(&rendered).contains("好❤"));
    let line = rendered.replaced.iter().find(|line| line.char == "U+FE0F").unwrap();
    assert_eq!((line.count, line.shown), (1, ""));
}

#[test]
fn rare_characters_of_names_are_drawn() {
    let rendered = says_all(&document(vec![paragraph("王𬱖、张㛃、李喆、量、〇、鿍、𠮷、ǎ ü Ж Ω € ￥")]));
    assert_eq!(rendered.replaced, []);
}

#[test]
fn every_character_of_the_unified_block_is_drawn_and_read_again() {
    // A font may promise a character that it cannot draw; a subset of Noto once did so for 量.
    let all: String = ('\u{4E00}'..='\u{9FEF}').collect();
    let rendered = render(&document(vec![paragraph(&all), Block::Heading { level: 3, text: all.clone() }]));
    assert_eq!(rendered.replaced, []);
    assert!(pieces(&rendered).matches(&all).count() == 2);
    assert_eq!(check::compare(&check::drawn(&rendered.laid), &read(&rendered)), Ok(()));
}

#[test]
fn line_ends_of_every_kind_end_a_line() {
    let rendered = says_all(&document(vec![paragraph("甲\r\n乙\n丙\r丁\u{2028}戊\u{85}己\t庚")]));
    let lines: Vec<String> = rendered.laid.pages[0].texts().map(|text| text.shown()).collect();
    for line in ["甲", "乙", "丙", "丁", "戊", "己 庚"] {
        assert!(lines.iter().any(|shown| shown == line), "{line} in {lines:?}");
    }
}

#[test]
fn a_table_of_200_rows_repeats_its_head_and_splits_no_small_row() {
    let rows: Vec<Vec<String>> = (0..200)
        .map(|row| {
            vec![
                format!("2026-11-{:02}", row % 30 + 1),
                format!("第 {row} 行：买家说“不满意”，商家已回复。").repeat(row % 7 + 1),
                "E01".into(),
            ]
        })
        .collect();
    let table = Block::Table {
        caption: "时间线".into(),
        head: vec!["时间".into(), "事件".into(), "证据".into()],
        widths: vec![2, 6, 1],
        code: vec![],
        rows,
    };
    let rendered = says_all(&document(vec![table]));
    let pages = &rendered.laid.pages;
    assert!(pages.len() > 5);
    for page in pages {
        let heads = page.texts().filter(|text| text.shown() == "事件").count();
        assert_eq!(heads, 1);
    }
    for piece in pages.iter().enumerate().flat_map(|(at, page)| page.texts().map(move |text| (text.piece, at))) {
        let elsewhere =
            pages.iter().enumerate().any(|(at, page)| at != piece.1 && page.texts().any(|text| text.piece == piece.0));
        assert!(piece.0 == 0 || !elsewhere, "text {} is on two pages", piece.0);
    }
}

#[test]
fn thirty_exhibits_with_hashes_are_listed_and_referred_to() {
    let rows = (1..=30).map(|at| vec![format!("E{at:02}"), format!("证据 {at}"), format!("{at:064x}")]).collect();
    let blocks = vec![
        Block::Facts {
            items: (1..=30)
                .map(|at| Cited { text: format!("事实 {at}。"), exhibits: vec![format!("E{at:02}")] })
                .collect(),
        },
        Block::Table {
            caption: String::new(),
            head: vec!["编号".into(), "名称".into(), "SHA-256".into()],
            widths: vec![1, 3, 5],
            code: vec![2],
            rows,
        },
    ];
    let rendered = says_all(&document(blocks));
    let links: Vec<&str> =
        rendered.laid.pages.iter().flat_map(|page| &page.links).map(|link| link.exhibit.as_str()).collect();
    assert_eq!(links.len(), 30);
    assert!(links.iter().all(|exhibit| rendered.laid.exhibits.contains_key(*exhibit)));
}

#[test]
fn a_huge_cell_goes_on_over_pages() {
    let rows = vec![vec!["左".into(), "很长的一段聊天记录，".repeat(3000)], vec!["a".repeat(4000), "右".into()]];
    let table = Block::Table {
        caption: "大".into(),
        head: vec!["一".into(), "二".into()],
        widths: vec![1, 3],
        code: vec![],
        rows,
    };
    assert!(says_all(&document(vec![table])).laid.pages.len() > 10);
}

#[test]
fn boxes_and_pairs_go_on_over_pages() {
    let long = "请求删除该评价。".repeat(600);
    says_all(&document(vec![
        Block::Ask { label: "诉求".into(), text: long.clone() },
        Block::Notice { tone: "warning".into(), text: long.clone() },
        Block::Pairs { items: vec![("名".repeat(300), long.clone()), (String::new(), String::new())] },
        Block::Heading { level: 3, text: long },
    ]));
}

#[test]
fn nothing_reaches_into_the_margins() {
    use huoyan_pdf::{page::Op, theme};
    let mut dice = Dice(11);
    let alphabet: Vec<char> = "一二。，（）“”ab1 -—…W￥%/\n".chars().collect();
    for _ in 0..60 {
        let mut text =
            |most: usize| (0..dice.below(most)).map(|_| alphabet[dice.below(alphabet.len())]).collect::<String>();
        let blocks = vec![
            Block::Heading { level: 2, text: text(80) },
            paragraph(text(900)),
            Block::Facts { items: vec![Cited { text: text(300), exhibits: vec!["E01".into(), "E02".into()] }] },
            Block::Pairs { items: vec![(text(40), text(400))] },
            Block::Table {
                caption: text(90),
                head: vec![text(30), text(30), text(30)],
                widths: vec![1, 9, 4],
                code: vec![2],
                rows: vec![vec![text(50), text(2500), text(300)], vec![text(5), text(5), text(5)]],
            },
            Block::Ask { label: text(20), text: text(200) },
            Block::Notice { tone: "info".into(), text: text(200) },
        ];
        let rendered = says_all(&document(blocks));
        for op in rendered.laid.pages.iter().flat_map(|page| &page.ops) {
            let (right, bottom) = match op {
                Op::Fill { at, .. } | Op::Picture { at, .. } => (at.x + at.w, at.y + at.h),
                Op::Text(text) => {
                    let width = huoyan_pdf::text::width(&text.cells) * text.size
                        + text.spread * (text.cells.len() as f32 - 1.0);
                    (text.x + width, text.baseline)
                }
            };
            assert!(right <= theme::PAGE.0 - theme::SIDE + 0.7, "{op:?}");
            assert!(bottom <= theme::PAGE.1 - 24.0, "{op:?}");
        }
    }
}

#[test]
fn a_replaced_character_is_counted_as_often_as_it_is_said() {
    let mut document = document(vec![
        Block::Pairs { items: vec![("\u{7}".into(), "\u{7}".into())] },
        Block::Facts { items: vec![Cited { text: "\u{7}".into(), exhibits: vec!["\u{7}".into()] }] },
        Block::PageBreak,
        paragraph("\u{7}"),
    ]);
    document.stamp = "\u{7}".into();
    document.footer = "\u{7}".into();
    assert_eq!(render(&document).replaced[0].count, 7);
}
