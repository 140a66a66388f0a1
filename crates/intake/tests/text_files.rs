//! CSV, TSV and JSON as they are really exported.

mod support;

use huoyan_intake::{FieldMap, Options};
use huoyan_model::RecordKind;
use support::{Folder, gbk, gzip, read, read_bytes, read_with, refusal, xz, zst};

const GOODS: &str = "商品ID,店铺名称,标题,价格,更新时间\n\
    g1,小鹿家居旗舰店,手工陶瓷马克杯 大容量,39.9,2024/3/1\n\
    g2,小鹿家居旗舰店,\"亚麻桌布, 北欧风\",￥128.00,2024/3/2\n\
    g3,山野茶行,明前龙井 250克,\"1,280元\",2024/3/3\n";

fn assert_goods(outcome: &support::Outcome) {
    assert_eq!(outcome.kinds, [RecordKind::Listing]);
    assert_eq!(outcome.column("_record"), ["g1", "g2", "g3"]);
    assert_eq!(outcome.column("title"), ["手工陶瓷马克杯 大容量", "亚麻桌布, 北欧风", "明前龙井 250克"]);
    assert_eq!(outcome.column("price"), ["39.9", "128", "1280"]);
    assert_eq!(outcome.column("currency"), ["∅", "CNY", "CNY"]);
    assert_eq!(outcome.column("shop_id"), ["小鹿家居旗舰店", "小鹿家居旗舰店", "山野茶行"]);
    assert_eq!(outcome.column("updated_at"), ["1709251200", "1709337600", "1709424000"]);
    assert!(outcome.bad.is_empty() && outcome.incomplete.is_empty());
}

#[test]
fn chinese_csv_is_read_in_every_encoding() {
    let utf16 = |big: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(GOODS.encode_utf16());
        units.flat_map(|u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    assert_goods(&read_bytes("goods.csv", GOODS));
    assert_goods(&read_bytes("goods.csv", format!("\u{feff}{GOODS}")));
    assert_goods(&read_bytes("goods.csv", GOODS.replace('\n', "\r\n")));
    assert_goods(&read_bytes("goods.csv", GOODS.replace('\n', "\r")));
    assert_goods(&read_bytes("goods.csv", gbk(GOODS)));
    assert_goods(&read_bytes("goods.csv", utf16(false)));
    assert_goods(&read_bytes("goods.csv", utf16(true)));
}

#[test]
fn packing_and_names_do_not_matter() {
    assert_goods(&read_bytes("goods.csv.gz", gzip(GOODS.as_bytes())));
    assert_goods(&read_bytes("goods.csv.xz", xz(&gbk(GOODS))));
    assert_goods(&read_bytes("goods.csv.zst", zst(GOODS.as_bytes())));
    assert_goods(&read_bytes("goods", gzip(GOODS.as_bytes())));
    let odd = read_bytes("goods.xlsx", GOODS);
    assert_goods(&odd);
    assert!(odd.account().contains("format: CSV (though named .xlsx)"), "{}", odd.account());
}

#[test]
fn separators_are_found() {
    let with = |separator: &str| {
        GOODS
            .replace("\"亚麻桌布, 北欧风\"", "亚麻桌布# 北欧风")
            .replace("\"1,280元\"", "1280元")
            .replace(',', separator)
            .replace('#', ",")
    };
    for separator in ["\t", ";", "|", "w"] {
        let name = format!("goods{}.txt", separator.as_bytes()[0]);
        assert_goods(&read_bytes(&name, with(separator)));
    }
}

#[test]
fn the_same_record_has_the_same_version_in_every_format_and_column_order() {
    let csv = read_bytes("a.csv", "id,title,price\n1,杯子,5\n");
    let turned = read_bytes("b.csv", "价格,标题,商品ID\n5,杯子,1\n");
    let json = read_bytes(
        "c.jsonl",
        "{\"price\": 5, \"title\": \"\\u676f\\u5b50\", \"id\": 1, \"brand\": null, \"images\": []}\n",
    );
    assert_eq!(csv.batches[0].versions, turned.batches[0].versions);
    assert_eq!(csv.batches[0].versions, json.batches[0].versions);
}

#[test]
fn titles_blank_rows_and_repeated_headers_are_left_out_and_counted() {
    let text =
        "三月商品导出,,\n,,\n商品ID,标题,价格\ng1,杯子,1\n\n,,\n商品ID,标题,价格\ng2,茶,2\n 商品ID , 标题,价格\n";
    let outcome = read_bytes("goods.csv", text);
    assert_eq!(outcome.column("_record"), ["g1", "g2"]);
    assert_eq!(outcome.lines(), [4, 8]);
    let account = outcome.account();
    assert!(account.contains("header: line 3 (1 title rows above it left out)"), "{account}");
    assert!(account.contains("2 repeats of the header"), "{account}");
    assert!(account.contains("2 blank rows"), "{account}");
}

#[test]
fn a_file_without_a_header_loses_no_record() {
    let text = "7929946,不锈钢手工剪刀 直头16厘米,27.00,True,木羊实验用品专营店\n7929916,不锈钢剪刀 弯头,-1.00,True,木羊实验用品专营店\n8610823,玻璃烧杯 500毫升,13.70,False,木羊实验用品专营店\n";
    let outcome = read_bytes("goods.csv", gbk(text));
    assert_eq!(outcome.column("_record"), ["7929946", "7929916", "8610823"]);
    assert_eq!(outcome.column("price"), ["27", "∅", "13.7"]);
    assert_eq!(outcome.column("attributes")[1], "{\"column_3\":\"-1.00\",\"column_4\":\"True\"}");
    assert!(outcome.account().contains("1 negative prices (off the shelf)"), "{}", outcome.account());
}

#[test]
fn reviews_without_a_header_are_known_by_their_masked_nicknames() {
    let text = "林***a,粉色,,2,9,\"用了两周，香味很淡，\n很喜欢\",2020-03-19 11:03:24\r\n\r\n王***b,蓝色,,0,4,效果还可以，物流快，包装也很仔细,2020-07-04 15:27:30\r\n\r\n";
    let outcome = read_bytes("reviews.csv", text);
    assert_eq!(outcome.kinds, [RecordKind::Review]);
    assert_eq!(outcome.column("text"), ["用了两周，香味很淡，\n很喜欢", "效果还可以，物流快，包装也很仔细"]);
    assert_eq!(outcome.column("reviewer_id"), ["∅", "∅"]);
    assert_eq!(outcome.column("created_at"), ["1584615804", "1593876450"]);
    assert_eq!(outcome.lines(), [1, 4]);
}

#[test]
fn relative_dates_and_masked_names_stay_as_evidence() {
    let text = "product_name,customer_name,customer_date,customer_review\n台灯,d**1,8个月前\u{a0}白色款,光线柔和\n台灯,阿青,昨天,还行\n";
    let outcome = read_bytes("reviews.csv", text);
    assert_eq!(outcome.column("reviewer_id"), ["∅", "阿青"]);
    assert_eq!(outcome.column("created_at"), ["∅", "∅"]);
    assert_eq!(outcome.column("listing_id"), ["台灯", "台灯"]);
    assert_eq!(
        outcome.column("attributes")[0],
        "{\"customer_name\":\"d**1\",\"customer_date\":\"8个月前\u{a0}白色款\"}"
    );
}

#[test]
fn json_lines_keep_nested_fields_and_the_first_of_two_dates() {
    let text = "{\"overall\": 5.0, \"verified\": true, \"reviewTime\": \"09 1, 2016\", \"reviewerID\": \"A1\", \"asin\": \"B0\", \"style\": {\"Size:\": \" 7 oz\"}, \"reviewText\": \"nice\", \"unixReviewTime\": 1472688000}\n";
    let outcome = read_bytes("reviews.jsonl", text);
    assert_eq!(outcome.kinds, [RecordKind::Review]);
    assert_eq!(outcome.column("rating"), ["5"]);
    assert_eq!(outcome.column("verified_purchase"), ["true"]);
    assert_eq!(outcome.column("created_at"), ["1472688000"]);
    assert_eq!(outcome.column("attributes"), ["{\"reviewTime\":\"09 1, 2016\",\"style\":{\"Size:\":\" 7 oz\"}}"]);
}

#[test]
fn unknown_fields_join_declared_attributes() {
    let text = "{\"id\":\"1\",\"title\":\"杯子\",\"attributes\":{\"color\": \"红\"},\"stock\":3,\"color\":\"蓝\"}\n";
    assert_eq!(read_bytes("a.jsonl", text).column("attributes"), ["{\"color\":\"红\",\"stock\":3}"]);
}

#[test]
fn arrays_and_pretty_printed_objects_are_read() {
    let array = "[\n  {\"id\": \"1\",\n   \"title\": \"杯子\"},\n  {\"id\": \"2\", \"title\": \"茶]}\"}\n]\n";
    let outcome = read_bytes("a.json", array);
    assert_eq!(outcome.column("title"), ["杯子", "茶]}"]);
    assert_eq!(outcome.lines(), [2, 4]);
    let pretty = "{\n  \"id\": \"1\",\n  \"title\": \"杯子\"\n}\n{\n  \"id\": \"2\",\n  \"title\": \"茶\"\n}\n";
    assert_eq!(read_bytes("a.json", pretty).column("title"), ["杯子", "茶"]);
}

#[test]
fn bad_rows_are_quarantined_with_their_bytes_and_the_rest_is_read() {
    let mut text = b"{\"id\":\"1\",\"title\":\"a\"}\n{\"id\":\"2\",\"title\":\n".to_vec();
    text.extend_from_slice(b"{\"id\":\"3\",\"title\":\"\xff\xfe\"}\n[1]\n{}\n{\"id\":\"4\",\"title\":\"b\"}\n");
    let outcome = read_bytes("a.jsonl", text);
    assert_eq!(outcome.column("_record"), ["1", "4"]);
    let bad: Vec<_> = outcome.bad.iter().map(|row| (row.source.line, row.reason.code())).collect();
    assert_eq!(bad, [(2, "json"), (3, "encoding"), (4, "json"), (5, "no-field")]);
    assert_eq!(outcome.bad[1].raw, b"{\"id\":\"3\",\"title\":\"\xff\xfe\"}");
    assert_eq!(outcome.totals.read, 6);
}

#[test]
fn a_broken_row_of_gbk_costs_only_itself() {
    let mut bytes = gbk("商品ID,标题,价格\ng1,手工陶瓷马克杯,1\n");
    bytes.extend_from_slice(b"g2,\xff\xff,2\n");
    bytes.extend(gbk("g3,亚麻桌布,3\n"));
    let outcome = read_bytes("goods.csv", bytes);
    assert_eq!(outcome.column("_record"), ["g1", "g3"]);
    assert_eq!((outcome.bad[0].source.line, outcome.bad[0].reason.code()), (3, "encoding"));
    assert_eq!(outcome.bad[0].raw, b"g2,\xff\xff,2");
}

#[test]
fn a_row_beyond_the_limit_is_quarantined() {
    let folder = Folder::new();
    let long = format!("{{\"id\":\"2\",\"title\":\"{}\"}}\n", "x".repeat(5000));
    let path =
        folder.file("a.jsonl", format!("{{\"id\":\"1\",\"title\":\"a\"}}\n{long}{{\"id\":\"3\",\"title\":\"b\"}}\n"));
    // Reading is in larger steps than the limit, so only rows that do not fit into what was read are measured.
    let options = Options { max_row_bytes: 1000, ..Options::default() };
    let outcome = read_with(&[path], &options).unwrap();
    assert_eq!(outcome.totals.read, 3);
    assert_eq!(outcome.column("_record"), ["1", "3"]);
    assert_eq!(outcome.bad[0].reason.code(), "too-long");
}

#[test]
fn a_first_row_longer_than_the_sample_is_read_or_set_aside() {
    // The sample is 512 KiB, a row may have 4 MiB.
    for (bytes, read) in [(700_000, ["1", "2"].as_slice()), (5_000_000, &["2"])] {
        let title = "长".repeat(bytes / 3);
        let text = format!("{{\"id\":\"1\",\"title\":\"{title}\"}}\n{{\"id\":\"2\",\"title\":\"b\"}}\n");
        let outcome = read_bytes("a.jsonl", text);
        assert_eq!(outcome.column("_record"), read);
        assert_eq!((outcome.totals.read, outcome.bad.len()), (2, 2 - read.len()));
    }
}

#[test]
fn exact_copies_are_set_apart_and_versions_are_not() {
    let text = "{\"id\":\"1\",\"title\":\"a\"}\n{\"title\":\"a\",\"id\":\"1\"}\n{\"id\":\"1\",\"title\":\"b\"}\n{\"id\":\"1\",\"title\":\"a\"}\n";
    let outcome = read_bytes("a.jsonl", text);
    assert_eq!(outcome.column("title"), ["a", "b"]);
    assert_eq!(outcome.lines(), [1, 3]);
    assert_eq!((outcome.totals.read, outcome.totals.duplicates), (4, 2));
    let versions = &outcome.batches[0].versions;
    assert_eq!((outcome.ledger.copies(versions[0]), outcome.ledger.copies(versions[1])), (3, 1));
}

#[test]
fn a_record_without_an_id_has_its_content_for_a_key() {
    let outcome = read_bytes("a.csv", "标题,价格\n杯子,1\n杯子,2\n");
    let keys = outcome.column("_record");
    assert_eq!(keys[0], outcome.batches[0].versions[0].to_string());
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn a_truncated_archive_loses_nothing_before_the_break() {
    let rows: String =
        (0..20_000).map(|i| format!("{{\"id\":\"{i}\",\"title\":\"杯子 {}\"}}\n", i * 7919 % 10_007)).collect();
    for packed in [gzip(rows.as_bytes()), xz(rows.as_bytes()), zst(rows.as_bytes())] {
        let cut = &packed[..packed.len() * 2 / 3];
        let outcome = read_bytes("a.jsonl.gz", cut);
        assert!(outcome.scanned() > 1000, "{}", outcome.scanned());
        assert_eq!(outcome.incomplete.len(), 1);
        assert!(outcome.totals.quarantined <= 1);
        // What was read is the beginning, without a gap.
        let keys = outcome.column("_record");
        assert!(keys.iter().enumerate().all(|(i, key)| *key == i.to_string()));
    }
}

#[test]
fn an_archive_that_unpacks_to_more_than_the_limit_is_incomplete() {
    let rows: String = (0..20_000).map(|i| format!("{{\"id\":\"{i}\",\"title\":\"杯子\"}}\n")).collect();
    let folder = Folder::new();
    let path = folder.file("a.jsonl.gz", gzip(rows.as_bytes()));
    let options = Options { max_decompressed_bytes: 300_000, ..Options::default() };
    let outcome = read_with(&[path], &options).unwrap();
    assert!(outcome.scanned() > 0 && outcome.scanned() < 20_000);
    assert!(outcome.incomplete[0].contains("more than the limit of 300000 bytes"), "{:?}", outcome.incomplete);
}

#[test]
fn tar_archives_are_read_member_by_member() {
    let mut tar = Vec::new();
    for (name, content) in [
        ("shop/a.csv", GOODS.as_bytes()),
        ("shop/README.txt", b"about these files"),
        ("shop/b.csv", &gbk(&GOODS.replace('g', "h"))),
    ] {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        tar.extend_from_slice(&header);
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    let folder = Folder::new();
    let outcome = read(&[folder.file("shop.tar.xz", xz(&tar))]);
    assert_eq!(outcome.column("_record"), ["g1", "g2", "g3", "h1", "h2", "h3"]);
    assert!(outcome.batches.iter().rev().any(|batch| batch.input.file.ends_with("shop.tar.xz!shop/b.csv")));
    assert!(outcome.account().contains("left out"), "{}", outcome.account());
}

#[test]
fn what_is_no_listing_and_no_review_is_refused_with_the_reason() {
    for (name, text, reason) in [
        ("ner.txt", "红 O\n茶 B-HCCX\n杯 I-HCCX\n\n大 O\n", "sequence labelling"),
        ("pairs.txt", "COL title VAL a COL price VAL 1\tCOL title VAL b COL price VAL 2\t0\n", "entity matching"),
        ("queries.tsv", "1\t红色茶杯\n2\t桌布\n3\t明前龙井\n", "queries"),
        ("notes.txt", "these are some notes\nof the shop\n", "plain text"),
        ("page.xls", "<html><body><table></table></body></html>", "web page"),
        ("picture.csv", "\u{89}PNG", "no listings or reviews"),
        ("empty.csv", "", "no record"),
        ("orders.csv", "city,weight\nHangzhou,3\nBeijing,4\n", "city, weight"),
    ] {
        let error = refusal(name, text);
        assert!(error.contains(reason), "{name}: {error}");
    }
    assert!(refusal("binary.csv", [0_u8, 1, 2, 3, 200, 0, 9]).contains("binary"), "binary");
}

#[test]
fn the_user_can_overrule_the_guess() {
    let folder = Folder::new();
    let path = folder.file("a.csv", "city,weight\nHangzhou,3\nBeijing,4\n");
    let map = |text: &str| vec![FieldMap::parse(text).unwrap()];
    let options = Options { kind: Some(RecordKind::Listing), map: map("title=city"), ..Options::default() };
    assert_eq!(read_with(std::slice::from_ref(&path), &options).unwrap().column("title"), ["Hangzhou", "Beijing"]);
    let wrong = Options { map: map("title=town"), ..options };
    let error = read_with(&[path], &wrong).err().unwrap().to_string();
    assert!(error.contains("'town'") && error.contains("city, weight"), "{error}");
    let queries = folder.file("q.tsv", "1\t红色茶杯\n2\t桌布\n");
    let options = Options { map: map("title=2"), ..Options::default() };
    assert_eq!(read_with(&[queries], &options).unwrap().column("title"), ["红色茶杯", "桌布"]);
}

#[test]
fn plain_lines_are_read_when_the_user_says_what_they_are() {
    let folder = Folder::new();
    let path = folder.file("titles.txt", "手工陶瓷马克杯, 大容量\n亚麻桌布\n\n明前龙井 250克\n");
    let options = Options { kind: Some(RecordKind::Listing), ..Options::default() };
    let outcome = read_with(&[path], &options).unwrap();
    assert_eq!(outcome.column("title"), ["手工陶瓷马克杯, 大容量", "亚麻桌布", "明前龙井 250克"]);
}

#[test]
fn folders_leave_out_what_is_not_theirs_to_read() {
    let folder = Folder::new();
    folder.file("shop/goods.csv", GOODS);
    folder.file("shop/notes.txt", "these are some notes\nof the shop\n");
    folder.file("shop/images/a.jpg", "x");
    let outcome = read(&[folder.path().join("shop").display().to_string()]);
    assert_goods(&outcome);
    assert_eq!(outcome.reports.len(), 2);
    assert!(outcome.account().contains("left out"), "{}", outcome.account());
}

#[test]
fn files_that_do_not_exist_are_named() {
    let error = read_with(&["no/such/file.csv".to_owned()], &Options::default()).err().unwrap().to_string();
    assert!(error.starts_with("cannot read 'no/such/file.csv': "), "{error}");
}

#[test]
fn only_selected_columns_are_decoded_and_nothing_else_changes() {
    let folder = Folder::new();
    let path = folder.file("goods.csv", GOODS);
    let mut options = Options { columns: huoyan_intake::ColumnSelection::none(), ..Options::default() };
    options.columns.select(RecordKind::Listing, "title").unwrap();
    let few = read_with(std::slice::from_ref(&path), &options).unwrap();
    let all = read(&[path]);
    assert_eq!(few.batches[0].records.num_columns(), 2);
    assert_eq!(few.batches[0].versions, all.batches[0].versions);
    assert_eq!(few.column("title"), all.column("title"));
}

#[test]
fn small_batches_give_the_same_records() {
    let folder = Folder::new();
    let path = folder.file("goods.csv", format!("导出\n\n{GOODS}"));
    let one = Options { batch_rows: 1, ..Options::default() };
    let outcome = read_with(&[path], &one).unwrap();
    assert_goods(&outcome);
    assert_eq!(outcome.lines(), [4, 5, 6]);
    assert!(outcome.batches.iter().all(|batch| batch.len() <= 1));
}

#[test]
fn the_digest_of_a_file_is_told_once_it_is_read() {
    let folder = Folder::new();
    let path = folder.file("goods.csv.gz", gzip(GOODS.as_bytes()));
    let outcome = read(std::slice::from_ref(&path));
    let digests = outcome.ledger.digests();
    assert_eq!(digests[&path], huoyan_intake::digest_file(std::path::Path::new(&path)).unwrap());
}

/// A small generator of numbers, so that the test needs no crate and always does the same.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

#[test]
fn broken_bytes_never_panic_and_the_books_always_balance() {
    let json = "[{\"id\":\"1\",\"title\":\"a \\u4e2d\",\"images\":[\"a.jpg\"]},\n{\"id\":\"2\",\"title\":\"b\",\"x\":{\"y\":[1,2]}}]";
    let lines = json.trim_matches(['[', ']']).replace("},", "}");
    let bases =
        [GOODS.as_bytes().to_vec(), gbk(GOODS), json.as_bytes().to_vec(), lines.into_bytes(), gzip(GOODS.as_bytes())];
    let mut numbers = Numbers(7);
    let folder = Folder::new();
    let mut read = 0;
    for round in 0..600 {
        let mut bytes = bases[round % bases.len()].clone();
        for _ in 0..1 + numbers.below(4) {
            let at = numbers.below(bytes.len());
            match numbers.below(4) {
                0 => bytes[at] = numbers.below(256) as u8,
                1 => bytes.truncate(at + 1),
                2 => bytes.insert(at, b"\"\\,\n{[]}\xff\0"[numbers.below(10)]),
                _ => drop(bytes.remove(at)),
            }
            if bytes.is_empty() {
                bytes.push(b'x');
            }
        }
        // Reading asserts that the books balance.
        let path = folder.file("broken", &bytes);
        let small = Options { batch_rows: 2, max_row_bytes: 64, ..Options::default() };
        let options = if round % 2 == 0 { small } else { Options::default() };
        read += usize::from(read_with(&[path], &options).is_ok());
    }
    assert!(read > 100, "{read}");
}
