//! What `appeal check` says of a case, and what of it stands in the papers that leave.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::fs;
use std::path::Path;

use huoyan_tests::{Finished, Scratch};
use serde_json::Value;

const NOW: &str = "2026-11-22 10:00";
const ORDERS: &str = "订单号,买家会员名,下单时间,支付时间,承诺发货时间,发货时间,运单号,金额\r\n\
    A1,小鱼干,2026-11-02 10:00:00,2026-11-02 10:01:00,1793800830,2026-11-08 09:00:00,SF1390000123456,59.90\r\n";
const CHAT: &str = "时间,发送方,昵称,内容,订单号\r\n\
    2026-11-09 10:00:00,买家,小鱼干,不退款50元我就给差评,A1\r\n\
    2026-11-09 10:02:00,客服,店铺客服,亲，麻烦您把差评删了，给您返10元,A1\r\n";
const TRACE: &str = "运单号,时间,状态\r\nSF1390000123456,2026-11-03 20:00:00,已揽收\r\nSF1390000123456,2026-11-09 \
    09:00:00,已签收\r\n";

struct Shop {
    scratch: Scratch,
    case: String,
}

impl Shop {
    fn new(kind: &str) -> Self {
        let scratch = Scratch::new();
        let case = scratch.path("case");
        let new = ["appeal", "new", "--type", kind, "--shop", "S1", "--review", "R1", "--out", &case, "--now", NOW];
        scratch.run(&new).exits(0);
        Self { scratch, case }
    }

    fn add(&self, name: &str, bytes: &[u8], options: &[&str]) -> Finished {
        let file = self.scratch.file(&format!("in/{name}"), bytes);
        let start = ["appeal", "add", &self.case, &file, "--now", NOW];
        self.scratch.run(&[&start[..], options].concat())
    }

    /// The text and what programs get of it.
    fn check(&self) -> (String, Value) {
        let check = ["appeal", "check", &self.case, "--now", NOW, "--json"];
        let json = self.scratch.run(&check).exits(0).stdout;
        (self.scratch.run(&check[..5]).exits(0).stdout, serde_json::from_str(&json).unwrap())
    }

    /// Changes the case by hand.
    fn edit(&self, change: impl FnOnce(&mut Value)) {
        let file = Path::new(&self.case).join("case.json");
        let mut case: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        change(&mut case);
        fs::write(file, serde_json::to_string(&case).unwrap()).unwrap();
    }
}

#[test]
fn everything_that_was_found_is_said_and_the_worst_first() {
    let shop = Shop::new("malicious_review");
    shop.add("订单.csv", ORDERS.as_bytes(), &["--kind", "order"]).exits(0);
    shop.add("聊天记录.csv", CHAT.as_bytes(), &["--kind", "chat"]).exits(0);
    shop.add("物流.csv", TRACE.as_bytes(), &["--kind", "logistics"]).exits(0);
    shop.scratch.run(&["appeal", "claim", &shop.case, "该买家多次差评"]).exits(0);
    shop.scratch.run(&["appeal", "claim", &shop.case, "买家索要50元", "--exhibit", "E02"]).exits(0);
    shop.scratch.run(&["appeal", "ask", &shop.case, "不撤销就曝光你们"]).exits(0);
    shop.edit(|case| case["claims"][1]["exhibits"] = serde_json::json!(["E02", "E55"]));
    let (text, json) = shop.check();
    assert_eq!(json["unknown_citations"][0]["exhibit"], "E55");
    assert!(!json["course"].as_array().unwrap().is_empty(), "{json}");
    let html = shop.scratch.path("check.html");
    shop.scratch.run(&["appeal", "check", &shop.case, "--now", NOW, "--html", &html]).exits(0);
    let html = fs::read_to_string(html).unwrap();
    let told = [
        // The shop's own words, its records, the statement's words.
        "E02:3",
        "promised until 2026-11-04 22:00:30",
        "不撤销就曝光你们",
        "1. correct: C2 cites E55",
        "2. add: claim C1 has no exhibit",
        "3. ",
        "picked up (E03:2",
        "add or explain",
        "words of the buyer that can be cited",
        "exhibits that no claim cites: E01 E03",
    ];
    let mut at = 0;
    for words in told {
        let found = text[at..].find(words);
        at += found.unwrap_or_else(|| panic!("{words} is not said, or too early:\n{text}"));
    }
    for words in ["不撤销就曝光你们", "C2 → E55", "picked up (E03:2", "Exhibits that no claim cites", "E01、E03"]
    {
        assert!(html.contains(words), "{words} is not on the page");
    }
}

#[test]
fn an_exhibit_that_tells_nothing_is_no_record() {
    let noise: Vec<u8> = (0..20_000_u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as u8).collect();
    for bytes in [&b""[..], &noise] {
        let shop = Shop::new("malicious_review");
        shop.add("订单.csv", bytes, &["--kind", "order"]).exits(0).says("does not count it as order");
        let (text, json) = shop.check();
        let missing = json["missing"].as_array().unwrap();
        let order = missing.iter().find(|missing| missing["item"] == "order").unwrap();
        assert_eq!((&order["lack"], &order["exhibit"]), (&Value::from("unread"), &Value::from("E01")));
        assert!(text.contains("E01) cannot be read"), "{text}");
        shop.add("真订单.csv", ORDERS.as_bytes(), &["--kind", "order"]).exits(0);
        let (_, json) = shop.check();
        assert!(!json["missing"].as_array().unwrap().iter().any(|missing| missing["item"] == "order"), "{json}");
    }
}

#[test]
fn an_original_that_is_gone_or_altered_is_the_first_thing_said() {
    let shop = Shop::new("malicious_review");
    shop.add("订单.csv", ORDERS.as_bytes(), &["--kind", "order"]).exits(0);
    shop.add("说明.txt", "一".as_bytes(), &["--kind", "document"]).exits(0);
    let (_, json) = shop.check();
    assert_eq!(json["originals"], serde_json::json!([]));
    let exhibits = Path::new(&shop.case).join("exhibits");
    fs::write(exhibits.join("E01/订单.csv"), ORDERS.replace("59.90", "9.90")).unwrap();
    fs::remove_file(exhibits.join("E02/说明.txt")).unwrap();
    let (text, json) = shop.check();
    assert_eq!((json["complete"].as_bool(), json["originals"].as_array().map(Vec::len)), (Some(false), Some(2)));
    assert!(text.contains("missing or altered:\n1. E01:") && text.contains("\n2. E02:"), "{text}");
}

#[test]
fn gaps_and_what_does_not_fit_stand_on_the_page_that_leaves() {
    let shop = Shop::new("malicious_review");
    let trace = TRACE.replace("2026-11-09 09", "2026-11-01 09");
    shop.add("订单.csv", ORDERS.as_bytes(), &["--kind", "order"]).exits(0);
    shop.add("物流.csv", trace.as_bytes(), &["--kind", "logistics"]).exits(0);
    let (key, out) = (shop.scratch.path("k"), shop.scratch.path("out"));
    shop.scratch.run(&["appeal", "key", "new", &key]).exits(0);
    shop.scratch.run(&["appeal", "build", &shop.case, "--key", &key, "--out", &out, "--now", NOW]).exits(0);
    let zip =
        fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.extension().unwrap() == "zip");
    let zip = String::from_utf8_lossy(&fs::read(zip.unwrap()).unwrap()).into_owned();
    for words in [
        "To be explained: records that do not agree",
        "delivered before it was sent",
        "\"impossible\"",
        "\"conflicts\"",
    ] {
        assert!(zip.contains(words), "{words} does not leave");
    }
    assert!(!zip.contains("add records of the time between"), "advice to the shop left");
}
