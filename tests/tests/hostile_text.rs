//! Listing text is hostile: it must stay text on a terminal, in HTML, in a spreadsheet, and raw where programs read it.

use std::time::{Duration, Instant};

use huoyan_tests::{Findings, Scratch, csv_rows};

const TITLES: [&str; 5] = [
    "<script>alert(1)</script><img src=x onerror=alert(2)> 烟花爆竹二踢脚",
    "=HYPERLINK(\"http://evil.example\",\"烟花爆竹二踢脚\")",
    "\u{1b}[2J\u{1b}]0;烟花爆竹\u{7}二踢脚鞭炮\u{202e}gpj.exe",
    "</script><!-- ]]> \"'`${7*7}{{7*7}} 烟花爆竹二踢脚 &amp; \u{0}",
    "+cmd|' /C calc'!A0 烟花爆竹二踢脚",
];

fn scan() -> Scratch {
    let scratch = Scratch::new();
    let rows: Vec<String> = TITLES
        .iter()
        .enumerate()
        .map(|(n, title)| serde_json::json!({"id": format!("=H{n}"), "shop_id": "<b>S", "title": title}).to_string())
        .collect();
    let input = scratch.file("listings.jsonl", rows.join("\n") + "\n");
    let formats = ["jsonl=f.jsonl", "html=f.html", "csv=f.csv", "text=f.txt", "xlsx=f.xlsx", "parquet=f.parquet"];
    let mut arguments = vec!["scan", input.as_str()];
    formats.iter().for_each(|format| arguments.extend(["-o", format]));
    let run = scratch.run(&arguments).exits(1);
    assert!(!run.stderr.contains('\u{1b}'), "an escape sequence on the terminal: {:?}", run.stderr);
    scratch
}

#[test]
fn jsonl_keeps_the_text_raw() {
    let scratch = scan();
    let found = Findings::parse(&scratch.text("f.jsonl"));
    for (number, title) in TITLES.iter().enumerate() {
        let of_record: Vec<_> = found.findings.iter().filter(|f| f["record"] == format!("=H{number}")).collect();
        assert!(!of_record.is_empty(), "nothing found in {title:?}");
        for finding in of_record {
            let (span, matched) = (&finding["span"], finding["matched"].as_str().unwrap());
            let at = |end: usize| usize::try_from(span[end].as_u64().unwrap()).unwrap();
            assert_eq!(&title[at(0)..at(1)], matched);
        }
    }
}

#[test]
fn html_shows_the_text_and_runs_none_of_it() {
    let html = scan().text("f.html");
    for dangerous in ["<script>alert", "<img src=x", "onerror=alert(2)>", "</script><!--"] {
        assert!(!html.contains(dangerous), "{dangerous} stands in the report");
    }
    assert!(html.contains("Content-Security-Policy"), "the report has no content-security policy");
    for outside in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!html.contains(outside), "the report asks for something outside: {outside}");
    }
}

#[test]
fn csv_cells_are_no_formulas() {
    for row in csv_rows(&scan().text("f.csv")) {
        for cell in row {
            let first = cell.chars().next().unwrap_or(' ');
            assert!(!"=+-@\t\r".contains(first) || cell.parse::<f64>().is_ok(), "a spreadsheet would run {cell:?}");
        }
    }
}

#[test]
fn text_for_people_has_no_control_characters() {
    let text = scan().text("f.txt");
    assert!(text.contains("二踢脚"));
    for c in text.chars() {
        assert!(c == '\n' || !c.is_control(), "U+{:04X} in the text report", u32::from(c));
        assert!(!('\u{202a}'..='\u{202e}').contains(&c), "a bidirectional override in the text report");
    }
}

/// What a flood is made of: names, accounts, addresses, figures, terms with words about them, and things that only begin.
const FLOODS: [&str; 26] = [
    "微信",
    "微 信 ",
    "支付宝微信",
    "v",
    "+v",
    "weixin",
    "淘宝让我加",
    "13812345678 ",
    "1 ",
    "壹叁",
    "www.",
    "http://a",
    "shop.com.",
    "a@",
    "a dot ",
    "1.2.3.4/",
    "￥aB3dE6gH9jK￥",
    "不治疗癌症",
    "国家级最好 ",
    "电话xxxxxxx",
    "好评返现红包",
    "微\u{200b}",
    "\u{301}",
    "😀",
    "😀❤🐧",
    "🐧+",
];

/// The fastest of three scans of one listing and one review of each flood, `bytes` long.
fn time_of_floods(bytes: usize) -> Duration {
    let scratch = Scratch::new();
    let rows = |row: &dyn Fn(usize, String) -> serde_json::Value| {
        let floods = FLOODS.iter().enumerate();
        floods.map(|(n, flood)| row(n, flood.repeat(bytes / flood.len())).to_string() + "\n").collect::<String>()
    };
    let listings = scratch
        .file("listings.jsonl", rows(&|n, text| serde_json::json!({"listing_id": n.to_string(), "title": text})));
    let reviews = scratch.file(
        "reviews.jsonl",
        rows(&|n, text| serde_json::json!({"review_id": n.to_string(), "listing_id": "0", "rating": 1, "text": text})),
    );
    let run = || {
        let from = Instant::now();
        let out = scratch.run(&["scan", &listings, &reviews, "-o", "jsonl=f.jsonl"]).exits(1);
        assert!(!out.stderr.contains("panicked"), "{}", out.stderr);
        from.elapsed()
    };
    (0..3).map(|_| run()).min().unwrap_or_default()
}

#[test]
fn floods_take_time_in_proportion_to_their_length() {
    let (short, long) = (time_of_floods(20_000), time_of_floods(80_000));
    // Four times the text; sixteen times the time would be a flood that stalls a nightly scan.
    assert!(long < short * 8, "{short:?} for 20 kB of each, {long:?} for 80 kB");
}
