use super::*;
use crate::case::ExhibitKind;
use ExhibitKind::*;

const ID: ExhibitId = ExhibitId(2);

fn rows_of(kind: ExhibitKind, media_type: &str, text: &str) -> Read {
    read(kind, media_type, ID, text.as_bytes(), &Roles::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn csv(kind: ExhibitKind, text: &str) -> Read {
    rows_of(kind, "text/csv", text)
}

fn abouts(read: &Read) -> Vec<&About> {
    read.notes.iter().map(|note| &note.about).filter(|about| !matches!(about, About::NoZone { .. })).collect()
}

/// `merchant 10:20:33 text` for each message.
fn told(read: &Read) -> Vec<String> {
    let line = |row: &Row| match row {
        Row::Message { when, who, sender, text, .. } => {
            format!("{who:?} {sender} {} {}", when.at.to_china().to_string().replace("+08:00", ""), text)
        }
        other => panic!("{other:?}"),
    };
    read.rows.iter().map(|(_, row)| line(row)).collect()
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

#[test]
fn reads_a_chat_with_roles_and_the_lines_of_its_messages() {
    let read = csv(
        Chat,
        "会话ID,发送时间,发送方,昵称,消息内容,订单号\n1,2026-11-05 10:20:33,买家,小红,\"不退款\n就差评\",69217\n1,2026-11-05 10:21:00,商家,客服小王,您好,\n",
    );
    assert_eq!(
        told(&read),
        ["Buyer 小红 2026-11-05T10:20:33 不退款\n就差评", "Merchant 客服小王 2026-11-05T10:21:00 您好"]
    );
    assert_eq!(read.rows[0].0, Place { exhibit: ID, line: 2, sheet: String::new() });
    assert_eq!(read.rows[1].0.line, 4, "after a message of two lines");
    assert!(matches!(&read.rows[0].1, Row::Message { order: Some(order), .. } if order == "69217"));
    assert!(abouts(&read).is_empty());
    let fields: Vec<_> = read.columns.iter().filter_map(|column| column.field).map(Field::name).collect();
    assert_eq!(fields, ["time", "role", "sender", "text", "order"]);
}

#[test]
fn reads_chats_as_people_copy_them() {
    for text in [
        "2026-11-05 10:20:33 买家小红：不退款就差评\n2026-11-05 10:21:00 客服小王: 您好\n请稍等\n",
        "[2026-11-05 10:20:33] 买家小红: 不退款就差评\n[2026-11-05 10:21:00] 客服小王: 您好\n请稍等\n",
        "—————  2026年11月5日  —————\n\n[10:20:33] 买家小红：不退款就差评\n[10:21] 客服小王：您好\n请稍等\n",
        "买家小红 2026-11-05 10:20:33\n不退款就差评\n\n客服小王 2026-11-05 10:21:00\n您好\n请稍等\n",
        "2026-11-05 10:20:33 买家小红\n不退款就差评\n2026-11-05 10:21:00 客服小王\n您好\n请稍等\n",
        "买家小红(2026-11-05 10:20:33)：不退款就差评\n客服小王(2026-11-05 10:21:00)：您好\n请稍等\n",
        "2026/11/5 10:20:33\n买家小红：不退款就差评\n2026/11/5 10:21\n客服小王：您好\n请稍等\n",
    ] {
        let read = rows_of(Chat, "text/plain", text);
        let expected =
            ["Buyer 买家小红 2026-11-05T10:20:33 不退款就差评", "Merchant 客服小王 2026-11-05T10:21:00 您好\n请稍等"];
        assert_eq!(told(&read), expected, "{text}");
    }
}

#[test]
fn a_name_nobody_knows_is_other_until_it_is_told() {
    let text = "2026-11-05 10:20:33 momo：不退款就差评\n2026-11-05 10:20:40 momo：快点\n";
    let read_it = |roles: &Roles| read(Chat, "text/plain", ID, text.as_bytes(), roles).unwrap();
    let unknown = read_it(&Roles::default());
    assert!(told(&unknown)[0].starts_with("Other momo"));
    assert_eq!(abouts(&unknown), [&About::UnknownSender { name: "momo".to_owned() }], "once a name");
    let known = read_it(&Roles { buyer: vec!["MOMO".to_owned()], ..Roles::default() });
    assert!(told(&known)[0].starts_with("Buyer momo"));
    assert!(abouts(&known).is_empty());
}

#[test]
fn a_row_that_cannot_be_read_is_a_note_with_its_place() {
    let read = csv(Chat, "时间,角色,内容\n昨天,买家,一\n2026-11-05 10:20,买家,二\n,卖家,三\n");
    assert_eq!(read.rows.len(), 1);
    let notes: Vec<String> = read.notes.iter().map(ToString::to_string).collect();
    assert!(notes.iter().any(|n| n.starts_with("E02:2: the time '昨天'")), "{notes:?}");
    assert!(notes.iter().any(|n| n.starts_with("E02:4: the time ''")), "{notes:?}");
    let plain = rows_of(Chat, "text/plain", "导出说明\n[10:20] 买家：没有日期\n2026-11-05 10:20 买家：有\n");
    assert_eq!(plain.rows.len(), 1);
    assert_eq!(abouts(&plain).len(), 3, "the heading, the time without a day, the role by name: {:?}", plain.notes);
}

#[test]
fn reads_orders_below_a_title_with_guarded_ids_and_sums() {
    let read = csv(
        Order,
        "某某旗舰店 订单导出\n\n主订单编号,商品ID,买家昵称,订单应付金额,订单提交时间,支付完成时间,承诺发货时间,发货时间,快递单号,订单状态\n\
         =\"6921734976512345678\",'3301,小红,\"1,299.50\",2026-11-05 10:00:00,2026-11-05 10:01:00,2026-11-07 10:01:00,-,\t SF1234567890123,已发货\n\
         6.92173E+18,3301,小红,5,2026-11-05 10:00:00,,,,,\n合计,,,1304.5\n",
    );
    assert_eq!(read.rows.len(), 1, "{:?}", read.notes);
    let Row::Order { order, listing, amount, ordered, sent, waybill, status, .. } = &read.rows[0].1 else { panic!() };
    assert_eq!((order.as_str(), listing.as_deref()), ("6921734976512345678", Some("3301")));
    assert_eq!((*amount, sent), (Some(129_950), &None));
    assert_eq!((waybill.as_deref(), status.as_deref()), (Some("SF1234567890123"), Some("已发货")));
    assert_eq!(ordered.as_ref().unwrap().at, at("2026-11-05T10:00:00+08:00"));
    assert!(abouts(&read).contains(&&About::RoundedId { written: "6.92173E+18".to_owned() }));
}

#[test]
fn payments_are_exact_and_refunds_are_below_nothing() {
    let read = csv(
        Payment,
        "支付宝业务明细\n交易时间,交易类型,商户订单号,金额(元),交易单号\n2026-11-05 10:01:00,在线支付,A1,129.90,T1\n2026-11-06 10:01:00,交易退款,A1,¥29.90,T2\n2026-11-06,在线支付,A1,1.234,T3\n#共2笔\n",
    );
    let amounts: Vec<i64> =
        read.rows.iter().map(|(_, row)| if let Row::Payment { amount, .. } = row { *amount } else { 0 }).collect();
    assert_eq!(amounts, [12_990, -2_990]);
    assert!(abouts(&read).contains(&&About::NoAmount { written: "1.234".to_owned() }));
    let fen = csv(Payment, "time,amount_fen,order_id\n1793845233,12990,A1\n");
    assert!(matches!(fen.rows[0].1, Row::Payment { amount: 12_990, .. }));
    let unit = csv(Payment, "支付时间,金额(分)\n2026-11-05 10:01:00,12990\n");
    assert!(matches!(unit.rows[0].1, Row::Payment { amount: 12_990, .. }));
}

#[test]
fn nested_json_gives_each_trace_its_parcel_and_its_number() {
    let text = "{\n \"code\": 0,\n \"data\": {\"order_id\": \"A1\", \"waybill\": \"SF1\",\n  \"traces\": [\n   {\"time\": \"2026-11-06 09:00:00\", \"context\": \"快递员已揽收\"},\n   {\"time\": \"2026-11-08T15:00:00+08:00\", \"context\": \"已签收，本人\"}\n ]}\n}\n";
    let read = rows_of(Logistics, "application/json", text);
    let steps: Vec<_> = read
        .rows
        .iter()
        .map(|(place, row)| match row {
            Row::Trace { when, waybill, order, step, .. } => {
                (place.line, when.zoned, waybill.as_deref(), order.as_deref(), *step)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        steps,
        [(1, false, Some("SF1"), Some("A1"), Step::PickedUp), (2, true, Some("SF1"), Some("A1"), Step::Delivered)]
    );
}

#[test]
fn an_order_with_items_stays_one_order() {
    let text =
        r#"[{"order_id":"A1","create_time":1793845233,"buyer":{"nickname":"小红"},"items":[{"sku":"1"},{"sku":"2"}]}]"#;
    let read = rows_of(Order, "application/json", text);
    assert_eq!(read.rows.len(), 1);
    assert!(matches!(&read.rows[0].1, Row::Order { buyer: Some(buyer), ordered: Some(_), .. } if buyer == "小红"));
}

#[test]
fn lines_of_json_are_rows_and_a_broken_line_is_a_note() {
    let text = "{\"time\":\"2026-11-05 10:20:33\",\"role\":\"buyer\",\"text\":\"a\"}\nnot json\n{\"time\":\"2026-11-05 10:20:34\",\"role\":\"merchant\",\"text\":\"b\"}\n";
    let read = rows_of(Chat, "application/x-ndjson", text);
    assert_eq!(read.rows.iter().map(|(place, _)| place.line).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(abouts(&read), [&About::NotARow { text: "not json".to_owned() }]);
}

#[test]
fn reads_after_sale_calls_prices_reviews_and_what_a_buyer_did() {
    let sale = csv(AfterSale, "申请时间,订单号,操作人,售后类型,说明\n2026-11-09 08:00:00,A1,买家,仅退款,不喜欢\n");
    assert!(matches!(&sale.rows[0].1, Row::AfterSale { by: Who::Buyer, text, .. } if text == "仅退款：不喜欢"));
    let calls = csv(
        CallLog,
        "开始时间,号码,通话结果,时长\n2026-11-06 09:00,138****0001,未接通,0\n2026-11-06 09:30,138****0001,已接通,65\n2026-11-06 10:00,138****0001,无人接听,\n",
    );
    let answered: Vec<bool> =
        calls.rows.iter().map(|(_, row)| matches!(row, Row::Call { answered: true, .. })).collect();
    assert_eq!(answered, [false, true, false]);
    let prices = csv(PriceRecord, "生效时间,商品ID,售价\n2026-11-01,L1,99\n2026-11-10 00:00:00,L1,79.9\n");
    assert!(matches!(prices.rows[1].1, Row::Price { amount: 7_990, .. }));
    let review = csv(Review, "评价ID,订单编号,评价时间,星级,评价内容\nR1,A1,2026-11-10 20:00:00,1星,假货\n");
    assert!(matches!(&review.rows[0].1, Row::Review { stars: Some(1), review: Some(id), .. } if id == "R1"));
    let record = csv(
        BuyerRecord,
        "买家昵称,订单编号,下单时间,售后时间,售后类型,评价时间,星级,评价内容\n小红,A1,2026-10-01 10:00:00,2026-10-03 10:00:00,仅退款,2026-10-04 10:00:00,1,差\n小红,A2,2026-10-02 10:00:00,,,,,\n",
    );
    let kinds: Vec<&str> = record
        .rows
        .iter()
        .map(|(_, row)| match row {
            Row::Order { .. } => "order",
            Row::AfterSale { .. } => "after_sale",
            Row::Review { .. } => "review",
            _ => "?",
        })
        .collect();
    assert_eq!(kinds, ["order", "after_sale", "review", "order"]);
}

#[test]
fn reads_a_mail_in_gbk_with_its_subject_and_text() {
    let (subject, _, _) = encoding_rs::GBK.encode("处罚通知");
    let (body, _, _) = encoding_rs::GBK.encode("您的店铺收到罚单。\n请在 7 天内申诉。");
    use base64::Engine as _;
    let b64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let mail = format!(
        "Received: by x\r\nDate: Thu, 5 Nov 2026 10:20:33 +0800\r\nFrom: =?gbk?B?{}?= <notice@platform.example>\r\nSubject: =?gbk?B?{}?=\r\n =?utf-8?Q?_=E4=B8=80?=\r\nContent-Type: multipart/mixed; boundary=\"x1\"\r\n\r\n--x1\r\nContent-Type: text/plain; charset=\"gbk\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--x1\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\nContent-Disposition: attachment; filename=\"a.pdf\"\r\n\r\nx\r\n--x1--\r\n",
        b64(&encoding_rs::GBK.encode("平台客服").0),
        b64(&subject),
        b64(&body)
    );
    let read = rows_of(PlatformNotice, "message/rfc822", &mail);
    let Row::Message { when, sender, text, who, .. } = &read.rows[0].1 else { panic!() };
    assert_eq!((when.at, when.zoned, *who), (at("2026-11-05T10:20:33+08:00"), true, Who::Other));
    assert_eq!(sender, "平台客服 <notice@platform.example>");
    assert_eq!(text, "处罚通知 一\n您的店铺收到罚单。\n请在 7 天内申诉。");
    assert_eq!(read.rows[0].0.line, 2, "the line of the date");
    assert!(abouts(&read).contains(&&About::Attachment { name: "a.pdf".to_owned() }));
    let quoted = "Date: Thu, 5 Nov 2026 02:20:33 +0000\nFrom: shop@example.com\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>=E6=82=A8=\n=E5=A5=BD</p><style>p{}</style>a &amp; b\n";
    let roles = Roles { merchant: vec!["shop@example.com".to_owned()], ..Roles::default() };
    let read = read_within(Mail, "message/rfc822", ID, quoted.as_bytes(), &roles, &Limits::default()).unwrap();
    assert_eq!(told(&read), ["Merchant shop@example.com 2026-11-05T10:20:33 您好\na & b"]);
}

#[test]
fn reads_workbooks_with_dates_as_cells_and_several_sheets() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("说明").unwrap().write(0, 0, "导出说明").unwrap();
    let sheet = book.add_worksheet().set_name("订单").unwrap();
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    for (column, header) in ["订单编号", "下单时间", "实付金额"].into_iter().enumerate() {
        sheet.write(0, column as u16, header).unwrap();
    }
    sheet.write(1, 0, "6921734976512345678").unwrap();
    sheet.write_number_with_format(1, 1, 46_331.430_937, &date).unwrap();
    sheet.write(1, 2, 19.9).unwrap();
    sheet.write(2, 0, 6_921_734_976_512_345_678_i64 as f64).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let read = read(Order, media_type, ID, &bytes, &Roles::default()).unwrap();
    assert_eq!(read.rows.len(), 1, "{:?}", read.notes);
    let Row::Order { order, ordered, amount, .. } = &read.rows[0].1 else { panic!() };
    assert_eq!((order.as_str(), *amount), ("6921734976512345678", Some(1_990)));
    assert_eq!(ordered.as_ref().unwrap().at, at("2026-11-05T10:20:33+08:00"));
    assert_eq!(read.rows[0].0, Place { exhibit: ID, line: 2, sheet: "订单".to_owned() });
    assert!(abouts(&read).iter().any(|about| matches!(about, About::RoundedId { .. })));
}

#[test]
fn missing_columns_and_large_files_are_told() {
    let error = read(Order, "text/csv", ID, "日期,金额\n2026-11-05,1\n".as_bytes(), &Roles::default()).unwrap_err();
    assert!(
        matches!(&error, RecordError::NoColumns { missing, columns } if *missing == ["order"] && columns == &["日期", "金额"]),
        "{error}"
    );
    let small = Limits { bytes: 3, ..Limits::default() };
    let error = read_within(Chat, "text/csv", ID, b"abcd", &Roles::default(), &small).unwrap_err();
    assert_eq!(error, RecordError::TooLarge { bytes: 4, max: 3 });
    let few = Limits { rows: 2, ..Limits::default() };
    let text = "time,role,text\n2026-11-05 10:20,buyer,a\n2026-11-05 10:21,buyer,b\n";
    let read = read_within(Chat, "text/csv", ID, text.as_bytes(), &Roles::default(), &few).unwrap();
    assert_eq!((read.rows.len(), abouts(&read)), (1, vec![&About::MoreRows { limit: 2 }]));
    assert!(!is_readable(Picture, "image/png"));
}

/// Cheap random numbers, the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

#[test]
fn garbage_is_an_error_or_notes_and_never_a_panic() {
    let seeds: &[(&str, &str)] = &[
        ("text/csv", "发送时间,角色,内容,订单号,金额,状态\n2026-11-05 10:20:33,买家,\"a\",1,2.5,已签收\n"),
        ("text/plain", "[2026-11-05 10:20:33] 买家小红: 不退款就差评\n—— 2026年11月5日 ——\n客服(10:21)：好\n"),
        ("application/json", r#"{"a":[{"time":"2026-11-05","text":"x","order_id":"1","amount":1e3,"b":{"c":[{}]}}]}"#),
        ("application/x-ndjson", "{\"time\":1793845233,\"text\":\"x\"}\n{\"time\":\"\"}\n"),
        (
            "message/rfc822",
            "Date: Thu, 5 Nov 2026 10:20:33 +0800\nSubject: =?gbk?B?tKa3?= =?utf-8?q?=E4?=\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Transfer-Encoding: base64\n\nQUJD=\n--x--",
        ),
    ];
    let kinds =
        [Chat, Mail, PlatformNotice, Order, Payment, Logistics, BuyerRecord, AfterSale, Review, CallLog, PriceRecord];
    let words = [
        "：",
        "2026-11-05",
        "[",
        "\u{fffd}",
        "\"",
        "\n",
        "1e999",
        "99999999999999999999",
        "=?",
        "\u{0}",
        "年",
        "E+",
        "-",
    ];
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for round in 0..6_000 {
        let (media_type, seed) = seeds[round % seeds.len()];
        let mut bytes = seed.as_bytes().to_vec();
        for _ in 0..dice.below(8) {
            let at = dice.below(bytes.len() + 1);
            match dice.below(4) {
                0 if at < bytes.len() => bytes[at] = dice.next() as u8,
                1 => bytes.truncate(at),
                2 => {
                    let word = words[dice.below(words.len())].as_bytes();
                    bytes.splice(at..at, word.iter().copied());
                }
                _ => {
                    let copy = bytes[at.min(bytes.len())..].to_vec();
                    bytes.extend(copy.iter().take(200));
                }
            }
        }
        let kind = kinds[dice.below(kinds.len())];
        let _ = read(kind, media_type, ID, &bytes, &Roles::default());
    }
}

#[test]
fn a_broken_workbook_is_an_error_and_never_a_panic() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in ["订单编号", "下单时间"].into_iter().enumerate() {
        sheet.write(0, column as u16, header).unwrap();
    }
    sheet.write(1, 0, "A1").unwrap();
    let whole = book.save_to_buffer().unwrap();
    let mut dice = Dice(42);
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..1 + dice.below(6) {
            let at = dice.below(bytes.len());
            bytes[at] = dice.next() as u8;
        }
        let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let _ = read(Order, media_type, ID, &bytes, &Roles::default());
    }
}

#[test]
fn deep_json_is_refused_and_does_not_exhaust_the_stack() {
    let deep = "[".repeat(200_000);
    let error = read(Chat, "application/json", ID, deep.as_bytes(), &Roles::default()).unwrap_err();
    assert!(matches!(error, RecordError::Form { .. }), "{error}");
}

#[test]
fn a_row_is_cited_by_the_same_line_whatever_ends_the_lines() {
    let text = "时间,角色,内容\n2026-11-05 10:00:00,买家,\"在吗\n在吗\"\n\n2026-11-05 10:01:00,商家,在\n2026-11-05 10:02:00,买家,好\n";
    let lines = |text: &str| csv(Chat, text).rows.iter().map(|(place, _)| place.line).collect::<Vec<_>>();
    for ends in ["\n", "\r\n", "\r"] {
        assert_eq!(lines(&text.replace('\n', ends)), [2, 5, 6], "{ends:?}");
    }
}

#[test]
fn messages_of_a_document_in_one_line_are_cited_by_their_number() {
    let message = |at: &str| format!("{{\"time\":\"2026-11-05 {at}\",\"role\":\"buyer\",\"text\":\"a\"}}");
    let messages = [message("10:00:00"), message("10:01:00"), message("10:02:00")].join(",");
    for text in [format!("[{messages}]"), format!("[\n{}\n]\n", messages.replace("},", "},\n"))] {
        let read = rows_of(Chat, "application/json", &text);
        assert_eq!(read.rows.iter().map(|(place, _)| place.line).collect::<Vec<_>>(), [1, 2, 3]);
    }
}

#[test]
fn a_title_above_the_header_names_the_parcel_of_all_rows() {
    let table = "运单号,YT7531234567890\n物流公司：圆通速递\n时间,状态\n2026-11-06 09:00:00,已揽收\n2026-11-08 15:00:00,已签收\n";
    for text in [table.to_owned(), table.replace("运单号,", "运单号：")] {
        let read = csv(Logistics, &text);
        let parcels: Vec<_> = read
            .rows
            .iter()
            .map(
                |(place, row)| {
                    if let Row::Trace { waybill, .. } = row { (place.line, waybill.as_deref()) } else { (0, None) }
                },
            )
            .collect();
        assert_eq!(parcels, [(4, Some("YT7531234567890")), (5, Some("YT7531234567890"))]);
        let left_out: Vec<_> = read.notes.iter().filter(|note| matches!(note.about, About::NotARow { .. })).collect();
        assert_eq!(left_out.len(), 1, "only what is no field: {left_out:?}");
    }
}
