//! Values that never belonged to anybody but are built as real ones are.

use std::collections::HashMap;

use huoyan_dossier::privacy::check;
use serde::Deserialize;

use crate::form::Script;
use crate::random::Random;

/// The generator's words.
#[derive(Deserialize)]
pub struct Words {
    surnames: Vec<String>,
    given: Vec<String>,
    english_given: Vec<String>,
    english_surnames: Vec<String>,
    regions: Vec<String>,
    districts: Vec<String>,
    towns: Vec<String>,
    roads: Vec<String>,
    communities: Vec<String>,
    mail_hosts: Vec<String>,
    mail_users: Vec<String>,
    wechat_users: Vec<String>,
    traditional: HashMap<char, char>,
}

impl Words {
    /// Reads them.
    pub fn read() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../data/words.toml"))
    }

    /// The traditional spelling of a character.
    pub fn traditional(&self, c: char) -> Option<char> {
        self.traditional.get(&c).copied()
    }
}

/// The script of a personal slot; `None` for slots that must stay.
pub fn script(slot: &str) -> Option<Script> {
    Some(match slot {
        "mobile" | "landline" | "id_card" | "bank_card" | "qq" | "device" => Script::Figures,
        "passport" | "plate" | "email" | "wechat" | "ip" | "english_name" => Script::Letters,
        "name" | "lone" | "address" | "legal_person" => Script::Han,
        _ => return None,
    })
}

/// A value for a slot; for prose and regions the words themselves.
pub fn value(slot: &str, words: &Words, random: &mut Random) -> String {
    match slot {
        "mobile" => format!(
            "1{}{}",
            random.pick(&[
                "30", "31", "35", "38", "39", "50", "51", "58", "59", "66", "73", "77", "80", "86", "88", "89", "91",
                "98", "99"
            ]),
            tail(random, 8)
        ),
        "landline" => {
            let (area, local) = *random.pick(&[
                ("010", 8),
                ("021", 8),
                ("0571", 8),
                ("0755", 8),
                ("028", 8),
                ("0512", 8),
                ("0791", 8),
                ("0531", 8),
                ("0379", 8),
                ("0771", 7),
                ("0898", 8),
            ]);
            format!("{area}-{}{}", random.between(2, 8), tail(random, local - 1))
        }
        "id_card" => identity(random),
        "bank_card" => card(random),
        "passport" => match random.below(4) {
            0 => format!("{}{}", random.pick(&["EA", "EB", "EC", "ED", "EF", "EH", "EJ"]), tail(random, 7)),
            1 => format!("C{}", tail(random, 8)),
            2 => format!("G{}", tail(random, 8)),
            _ => format!("E{}", tail(random, 8)),
        },
        "plate" => plate(random),
        "email" => {
            format!("{}{}@{}", random.word(&words.mail_users), random.figures(3), random.word(&words.mail_hosts))
        }
        "qq" => {
            let size = random.between(6, 10);
            random.figures(size)
        }
        "wechat" => {
            let size = random.between(2, 5);
            format!("{}{}", random.word(&words.wechat_users), random.figures(size))
        }
        "name" | "legal_person" => format!("{}{}", random.word(&words.surnames), random.word(&words.given)),
        "lone" => random.word(&words.surnames).to_owned(),
        "english_name" => format!("{} {}", random.word(&words.english_given), random.word(&words.english_surnames)),
        "region" => random.word(&words.regions).to_owned(),
        "address" => address(words, random),
        "ip" => format!(
            "{}.{}.{}.{}",
            random.between(11, 223),
            random.between(10, 255),
            random.below(256),
            random.between(1, 254)
        ),
        "device" => {
            let mut fourteen = format!("{}{}", random.pick(&["35", "86", "01"]), tail(random, 12));
            let last = (0..10).find(|last| check::luhn(&format!("{fourteen}{last}"))).unwrap_or(0);
            fourteen.push_str(&last.to_string());
            fourteen
        }
        _ => stays(slot, random),
    }
}

fn tail(random: &mut Random, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + random.below(10) as u8)).collect()
}

fn identity(random: &mut Random) -> String {
    let region = *random.pick(&[
        "110105", "310115", "330106", "440305", "510107", "420111", "370202", "610113", "450103", "150203", "650102",
        "350203",
    ]);
    let day = format!("{}{:02}{:02}", random.between(1948, 2012), random.between(1, 12), random.between(1, 28));
    let seventeen = format!("{region}{day}{:03}", random.below(1000));
    let sign = check::identity_sign(&seventeen).unwrap_or('0');
    format!("{seventeen}{sign}")
}

fn card(random: &mut Random) -> String {
    let (prefix, len) = *random.pick(&[
        ("622202", 19),
        ("622848", 19),
        ("621700", 19),
        ("622588", 16),
        ("622260", 19),
        ("621226", 19),
        ("621661", 19),
        ("622188", 19),
        ("622700", 19),
        ("622575", 16),
        ("622622", 16),
        ("622908", 18),
        ("621771", 16),
        ("621799", 19),
        ("623668", 16),
        ("621483", 16),
    ]);
    let body = format!("{prefix}{}", tail(random, len - 1 - prefix.len()));
    let last = (0..10).find(|last| check::luhn(&format!("{body}{last}"))).unwrap_or(0);
    format!("{body}{last}")
}

fn plate(random: &mut Random) -> String {
    let province = random
        .pick(&["京", "沪", "粤", "浙", "苏", "鲁", "川", "豫", "鄂", "湘", "闽", "皖", "赣", "冀", "辽", "渝", "陕"]);
    let letter = random.pick(&["A", "B", "C", "D", "E", "F", "G", "H", "J", "K", "L", "M", "N"]);
    let body = match random.below(4) {
        0 => format!("{}{}", random.pick(&["D", "F"]), tail(random, 5)),
        1 => format!("{}{}{}", tail(random, 3), random.pick(&["K", "Q", "X", "M"]), tail(random, 1)),
        2 => format!("{}{}", random.pick(&["A", "R", "T", "Z"]), tail(random, 4)),
        _ => tail(random, 5),
    };
    format!("{province}{letter}{}{body}", random.pick(&["", "", "·"]))
}

fn address(words: &Words, random: &mut Random) -> String {
    let mut out = String::new();
    if !random.once_in(4) {
        out += random.word(&words.districts);
    }
    if random.once_in(3) {
        out += random.word(&words.towns);
    }
    if random.once_in(5) {
        out += random.word(&words.communities);
    } else {
        out += &format!("{}{}号", random.word(&words.roads), random.between(1, 999));
        if random.once_in(2) {
            out += random.word(&words.communities);
        }
    }
    let house = random.between(1, 30);
    let room = format!("{}{:02}", random.between(1, 28), random.between(1, 8));
    out += &match random.below(6) {
        0 => format!("{house}幢{}单元{room}室", random.between(1, 4)),
        1 => format!("{house}栋{room}"),
        2 => format!("{house}号楼{room}室"),
        3 => format!("{}座{room}", random.pick(&["A", "B", "C"])),
        4 => format!("{house}-{}-{room}", random.between(1, 3)),
        _ => format!("{house}栋{}单元{room}", random.between(1, 3)),
    };
    out
}

fn stays(slot: &str, random: &mut Random) -> String {
    match slot {
        "order" => match random.below(6) {
            0 => format!("69{}", tail(random, 17)),
            1 => random.figures(19),
            2 => random.figures(18),
            3 => format!("2411{:02}-{}", random.between(1, 28), random.figures(15)),
            4 => random.figures(16),
            _ => random.figures(12),
        },
        "waybill" => match random.below(10) {
            0 | 1 => format!("SF{}", random.figures(13)),
            2 => format!("YT{}", random.figures(13)),
            3 => format!("JT{}", random.figures(13)),
            4 => format!("7{}{}", random.pick(&["3", "5", "6", "8"]), tail(random, 12)),
            5 => format!("77{}", tail(random, 13)),
            6 => format!("43{}", tail(random, 13)),
            7 => format!("JDVA{}", random.figures(11)),
            8 => format!("{}{}CN", random.pick(&["EA", "RB", "LX", "CP"]), random.figures(9)),
            _ => format!("DPK{}", random.figures(12)),
        },
        "sku" => match random.below(6) {
            0 => format!(
                "{}{}-{}",
                random.pick(&["AB", "XK", "MT", "QL"]),
                random.figures(4),
                random.pick(&["BLK", "红", "XL"])
            ),
            1 => format!("{}{}", random.pick(&["A", "E", "G", "K"]), random.figures(8)),
            2 => random.figures(11).replacen(|_: char| true, "2", 1),
            3 => random.figures(8),
            // Not with a 1 first, as a mobile number has.
            4 => format!("{}{}-{}-{}", random.between(2, 9), tail(random, 2), random.figures(4), random.figures(4)),
            _ => format!("{}{}", random.pick(&["黑A", "蓝B", "白C"]), random.figures(5)),
        },
        "ean" => {
            let body = format!("69{}{}", random.between(0, 5), tail(random, 9));
            let last = (0..10).find(|last| check::ean(&format!("{body}{last}"))).unwrap_or(0);
            format!("{body}{last}")
        }
        "standard" => match random.below(5) {
            0 => format!("GB/T {}-{}", random.between(1000, 40000), random.between(1990, 2024)),
            1 => format!("GB {}-{}", random.between(1000, 40000), random.between(1990, 2024)),
            2 => format!("QB/T {}.{}-{}", random.between(1000, 5000), random.between(1, 9), random.between(1990, 2024)),
            3 => format!(
                "Q/{} {:03}-{}",
                random.pick(&["HSJ", "ABC", "XYKJ"]),
                random.below(100),
                random.between(2010, 2024)
            ),
            _ => format!("FZ/T {}-{}", random.between(10000, 99999), random.between(2000, 2024)),
        },
        "price" => match random.below(3) {
            0 => format!("¥{}.{:02}", random.between(1, 9999), random.below(100)),
            1 => format!("{}元", random.between(1, 99999)),
            _ => format!("{}.{}块", random.between(1, 999), random.below(10)),
        },
        "date" => {
            let (y, m, d) = (random.between(2019, 2026), random.between(1, 12), random.between(1, 28));
            match random.below(5) {
                0 => format!("{y}-{m:02}-{d:02}"),
                1 => format!("{y}年{m}月{d}日"),
                2 => {
                    format!("{y}/{m:02}/{d:02} {:02}:{:02}:{:02}", random.below(24), random.below(60), random.below(60))
                }
                3 => format!("{y}{m:02}{d:02}"),
                _ => format!("{y}-{m:02}-{d:02} {:02}:{:02}", random.below(24), random.below(60)),
            }
        }
        "quantity" => format!(
            "{}{}",
            random.between(1, 500),
            random.pick(&["件", "箱", "个", "包", "层", "斤", "ml", "kg", "码"])
        ),
        "version" => format!(
            "{}{}.{}.{}.{}",
            random.pick(&["", "V", "v"]),
            random.between(1, 9),
            random.below(10),
            random.below(10),
            random.below(30)
        ),
        "size" => match random.below(3) {
            0 => format!("{}*{}*{}cm", random.between(10, 200), random.between(10, 200), random.between(5, 100)),
            1 => format!("{}x{}mm", random.between(100, 900), random.between(100, 900)),
            _ => format!("{}/{}A", random.between(150, 190), random.between(76, 110)),
        },
        _ => String::new(),
    }
}
