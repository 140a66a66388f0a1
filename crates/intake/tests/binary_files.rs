//! Workbooks and Parquet, and reading on several threads.

#![expect(clippy::unwrap_used, reason = "a test that cannot make its files fails")]

mod support;

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Float32Array, Int64Array, ListArray, RecordBatch, StringArray, TimestampSecondArray,
};
use huoyan_intake::{Options, open};
use huoyan_model::RecordKind;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use support::{Folder, gzip, read, read_bytes, refusal};

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("女装").unwrap();
    sheet.write(0, 0, "Table 1").unwrap();
    for (column, name) in ["商品ID", "商品名称", "价格", "更新时间"].into_iter().enumerate() {
        sheet.write(1, column as u16, name).unwrap();
    }
    let date = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(2, 0, 100_015_206_478_f64).unwrap();
    sheet.write(2, 1, "亚麻连衣裙").unwrap();
    sheet.write(2, 2, 159.5).unwrap();
    sheet.write_with_format(2, 3, ExcelDateTime::from_ymd(2024, 3, 1).unwrap(), &date).unwrap();
    // A blank row, and a row with a cell under no header.
    sheet.write(4, 0, "x2").unwrap();
    sheet.write(4, 1, "棉麻衬衫").unwrap();
    sheet.write(4, 2, "-1.00").unwrap();
    sheet.write(4, 5, "满2件打折").unwrap();
    let sheet = book.add_worksheet().set_name("评价").unwrap();
    for (row, cells) in
        [["评价内容", "评分", "买家昵称"], ["料子很舒服", "5", "j***k"], ["起球", "2", "阿青"]].iter().enumerate()
    {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write(row as u32, column as u16, *cell).unwrap();
        }
    }
    book.add_worksheet().set_name("空").unwrap();
    let sheet = book.add_worksheet().set_name("说明").unwrap();
    sheet.write(0, 0, "导出于三月").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn sheets_of_a_workbook_are_read_each_with_its_own_header() {
    let outcome = read_bytes("shop.xlsx", workbook());
    assert_eq!(outcome.kinds, [RecordKind::Listing, RecordKind::Review]);
    let (goods, reviews): (Vec<_>, Vec<_>) =
        outcome.batches.iter().filter(|b| !b.is_empty()).partition(|b| b.kind == RecordKind::Listing);
    let goods = support::texts_of(&goods);
    assert_eq!(goods.column("_record"), ["100015206478", "x2"]);
    assert_eq!(goods.column("price"), ["159.5", "∅"]);
    assert_eq!(goods.column("updated_at"), ["1709251200", "∅"]);
    assert_eq!(goods.column("attributes")[1], "{\"价格\":\"-1.00\",\"column_6\":\"满2件打折\"}");
    assert_eq!(goods.lines(), [3, 5]);
    let reviews = support::texts_of(&reviews);
    assert_eq!(reviews.column("text"), ["料子很舒服", "起球"]);
    assert_eq!(reviews.column("reviewer_id"), ["∅", "阿青"]);
    let sheets: Vec<_> = outcome.reports.iter().map(|r| (r.source.sheet.clone().unwrap(), r.scanned)).collect();
    let expected = [("女装", 2), ("评价", 2), ("空", 0), ("说明", 0)];
    assert_eq!(sheets, expected.map(|(name, rows)| (name.to_owned(), rows)));
    assert!(outcome.account().contains("left out 说明"), "{}", outcome.account());
}

#[test]
fn a_packed_workbook_under_another_name_is_still_one() {
    let outcome = read_bytes("shop.csv.gz", gzip(&workbook()));
    assert_eq!(outcome.scanned(), 4);
    assert!(outcome.account().contains("format: XLSX, packed with gzip (though named .csv)"), "{}", outcome.account());
}

#[test]
fn broken_workbooks_are_refused() {
    let whole = workbook();
    assert!(refusal("cut.xlsx", &whole[..whole.len() / 2]).starts_with("cannot read"));
    assert!(refusal("fake.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and nothing more").starts_with("cannot read"));
    assert!(refusal("fake.parquet", b"PAR1 and nothing more").starts_with("cannot read"));
}

fn parquet() -> Vec<u8> {
    let pictures = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)]), None]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("item_id", Arc::new(Int64Array::from(vec![100_015_206_478, 2]))),
        ("title", Arc::new(StringArray::from(vec!["亚麻连衣裙", "棉麻衬衫"]))),
        ("price", Arc::new(Float32Array::from(vec![Some(89.1), None]))),
        ("updated_at", Arc::new(TimestampSecondArray::from(vec![1_709_251_200, 0]).with_timezone("+08:00"))),
        ("is_tmall", Arc::new(BooleanArray::from(vec![true, false]))),
        ("scores", Arc::new(pictures)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn parquet_is_read_like_any_table() {
    for (name, bytes) in [("goods.parquet", parquet()), ("goods.parquet.gz", gzip(&parquet()))] {
        let outcome = read_bytes(name, bytes);
        assert_eq!(outcome.column("_record"), ["100015206478", "2"], "{name}");
        assert_eq!(outcome.column("title"), ["亚麻连衣裙", "棉麻衬衫"]);
        assert_eq!(outcome.column("price"), ["89.1", "∅"]);
        assert_eq!(outcome.column("updated_at"), ["1709251200", "0"]);
        assert_eq!(outcome.column("attributes"), ["{\"is_tmall\":true,\"scores\":[1]}", "{\"is_tmall\":false}"]);
        assert_eq!(outcome.lines(), [1, 2]);
    }
}

#[test]
fn several_inputs_of_both_kinds_are_read_in_their_order() {
    let folder = Folder::new();
    let inputs = [
        folder.file("b.jsonl", "{\"id\":\"1\",\"title\":\"a\"}\n"),
        folder.file("a.parquet", parquet()),
        folder.file("c.csv", "评价内容,评分\n好,5\n"),
        folder.file("d.jsonl", "{\"id\":\"1\",\"title\":\"a\"}\n"),
    ];
    let outcome = read(&inputs);
    assert_eq!(outcome.totals.scanned[&RecordKind::Listing], 3);
    assert_eq!(outcome.totals.scanned[&RecordKind::Review], 1);
    assert_eq!(outcome.totals.duplicates, 1, "the same record in two files is one record");
    let files: Vec<_> = outcome.reports.iter().map(|report| (report.scanned, report.duplicates)).collect();
    assert_eq!(files, [(1, 0), (2, 0), (1, 0), (0, 1)]);
}

#[test]
fn decoding_in_any_order_gives_the_same_batches() {
    let folder = Folder::new();
    let rows: String = (0..3000).map(|i| format!("{{\"id\":\"{}\",\"title\":\"杯子\"}}\n", i % 1000)).collect();
    let path = folder.file("a.jsonl", rows);
    let options = Options { batch_rows: 64, ..Options::default() };
    let serial = support::read_with(std::slice::from_ref(&path), &options).unwrap();
    let (mut reader, mut ledger) = open(&[path], &options).unwrap().split();
    let chunks: Vec<_> = std::iter::from_fn(|| reader.next_chunk()).collect();
    let mut decoded: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = chunks.into_iter().rev().map(|chunk| scope.spawn(move || chunk.decode())).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    decoded.sort_by_key(huoyan_intake::Decoded::sequence);
    let batches: Vec<_> = decoded.into_iter().map(|d| ledger.admit(d)).collect();
    assert_eq!(batches.len(), serial.batches.len());
    for (a, b) in batches.iter().zip(&serial.batches) {
        assert_eq!(a.records, b.records);
        assert_eq!((&a.versions, &a.lines), (&b.versions, &b.lines));
    }
    assert_eq!(ledger.totals(), serial.totals);
}
