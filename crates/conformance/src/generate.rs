//! Rows from a seed, for any kind of record.

use huoyan_model::{ColumnType, RecordKind, columns_of};
use serde_json::{Value, json};

use crate::batches::encode;
use crate::random::Random;
use crate::rows::Row;
use crate::subject::Subject;

/// Texts of a shop that are nobody's rule.
const PLAIN: [&str; 12] = [
    "夏季纯棉短袖T恤 男女同款",
    "304不锈钢保温杯 500ml",
    "儿童绘本 3-6岁 全10册",
    "Wireless earphones with charging case",
    "质量很好，尺码合适，会再来买",
    "包装破了，客服处理得很慢",
    "颜色和图片有点差别，不过能接受",
    "Fast delivery, works as described.",
    "手机壳 适用多种型号 防摔",
    "第二次买了，家里老人很喜欢",
    "收到货发现少了一件，已经补发",
    "一般般吧，对得起这个价格",
];

/// What ids and short values are drawn from: few enough that groups form.
const SHOPS: [&str; 5] = ["S1", "S2", "S3", "店铺四", "S5"];
const PLATFORMS: [&str; 5] = ["taobao", "jd", "pdd", "douyin", "other"];
const CATEGORIES: [&str; 4] = ["服饰", "数码", "图书", "home"];
const BRANDS: [&str; 5] = ["", "青竹", "Northwind", "青竹旗舰", "n0rthwind"];

/// `n` rows of each kind that the detector reads, mixed.
pub(crate) fn rows(subject: &Subject<'_>, n: usize, purpose: &str) -> Vec<Row> {
    let mut random = Random::new(subject.options.seed, purpose);
    let examples: Vec<&str> = subject
        .rules
        .values()
        .flat_map(|rule| rule.examples.positive.iter().chain(&rule.examples.negative))
        .map(String::as_str)
        .collect();
    let kinds = subject.kinds();
    let mut out = Vec::with_capacity(n * kinds.len());
    for i in 0..n {
        for &kind in &kinds {
            out.push(row(kind, i, &examples, &mut random));
        }
    }
    out
}

fn row(kind: RecordKind, i: usize, examples: &[&str], random: &mut Random) -> Row {
    // Keys do not come in order, nor in one length.
    let key = match random.below(3) {
        0 => format!("{}-{i}", kind.as_str()),
        1 => format!("记录{i}"),
        _ => format!("{:08x}-{i}", random.next() >> 32),
    };
    let mut row = Row::new(kind, key);
    for column in columns_of(kind) {
        if random.once_in(7) {
            continue;
        }
        let value = match column.ty {
            ColumnType::Text => text(column.name, i, examples, random).into(),
            ColumnType::Json => structured(column.name, examples, random),
            ColumnType::Float => float(column.name, random),
            ColumnType::Time => {
                let day = i64::try_from(random.below(40)).unwrap_or(0);
                let second = i64::try_from(random.below(86_400)).unwrap_or(0);
                (1_760_000_000 + day * 86_400 + second).into()
            }
            ColumnType::Integer => i64::try_from(random.below(9)).unwrap_or(0).into(),
            ColumnType::Boolean => random.once_in(2).into(),
            ColumnType::Binary => encode(&picture(random)).into(),
        };
        row = row.with(column.name, value);
    }
    row
}

fn text(name: &str, i: usize, examples: &[&str], random: &mut Random) -> String {
    let few = |prefix: &str, n: usize, random: &mut Random| format!("{prefix}{}", random.below(n));
    let of = |from: &[&str], random: &mut Random| random.pick(from).map_or(String::new(), |t| (*t).to_owned());
    match name {
        "id" => format!("id-{i}"),
        "order_id" => format!("O{i}"),
        "listing_id" | "owner" => few("L", 8, random),
        "reviewer_id" => few("U", 12, random),
        "shop_id" => of(&SHOPS, random),
        "platform" => of(&PLATFORMS, random),
        "category" => of(&CATEGORIES, random),
        "brand" => of(&BRANDS, random),
        "currency" => "CNY".to_owned(),
        "owner_kind" => of(&["listing", "review"], random),
        "url" | "uri" => format!("https://example.com/p/{}.bmp", random.below(20)),
        _ => sentence(examples, random),
    }
}

fn sentence(examples: &[&str], random: &mut Random) -> String {
    let mut out = String::new();
    for _ in 0..=random.below(3) {
        let from = if random.once_in(2) && !examples.is_empty() { examples } else { &PLAIN };
        out.push_str(random.pick(from).copied().unwrap_or_default());
        out.push_str(random.pick(&["", " ", "，", "!!!", "\n"]).copied().unwrap_or_default());
    }
    out
}

fn structured(name: &str, examples: &[&str], random: &mut Random) -> Value {
    let json = if name == "images" {
        json!((0..random.below(4)).map(|i| format!("https://example.com/{i}.bmp")).collect::<Vec<_>>())
    } else {
        json!({"颜色": "黑色", "说明": sentence(examples, random), "n": random.below(10), "list": ["a", null, 1.5]})
    };
    // As text, the way it crosses the boundary.
    json.to_string().into()
}

fn float(name: &str, random: &mut Random) -> Value {
    let hundredths = |random: &mut Random, n: usize| random.below(n) as f64 / 100.0;
    match name {
        "rating" => ((1 + random.below(5)) as f64).into(),
        _ if random.once_in(20) => random.pick(&[0.0, -0.0, -1.0, 1e308, 5e-324]).copied().unwrap_or(0.0).into(),
        _ => hundredths(random, 50_000).into(),
    }
}

/// A small uncompressed picture (BMP, 24 bits), one of a few so that copies meet; now and then something that is none.
fn picture(random: &mut Random) -> Vec<u8> {
    match random.below(12) {
        0 => return Vec::new(),
        1 => return b"no picture at all".to_vec(),
        _ => {}
    }
    let (side, mut own) = (24_u32, Random::new(random.below(6) as u64, "picture"));
    let mut out = b"BM".to_vec();
    for word in [54 + side * side * 3, 0, 54, 40, side, side, 1 | (24 << 16), 0, side * side * 3, 2835, 2835, 0, 0] {
        out.extend(word.to_le_bytes());
    }
    let (step, tint) = (1 + own.below(7), own.below(256));
    for y in 0..side as usize {
        for x in 0..side as usize {
            out.extend([(x * step * 5) as u8, (y * step * 9) as u8, (tint + x * y) as u8]);
        }
    }
    out
}
