//! What is personal data and what is not, kind by kind.

use huoyan_dossier::privacy::{Context, Kind, find};

fn found(text: &str, kind: Kind) -> Vec<String> {
    find(text, &Context::default()).into_iter().filter(|span| span.kind == kind).map(|span| span.canonical).collect()
}

#[track_caller]
fn finds(kind: Kind, canonical: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(found(text, kind), [canonical], "{text}");
    }
}

#[track_caller]
fn leaves(texts: &[&str]) {
    for text in texts {
        let spans: Vec<_> =
            find(text, &Context::default()).into_iter().filter(|span| span.kind.is_personal()).collect();
        assert!(spans.is_empty(), "{text}: {spans:?}");
    }
}

#[test]
fn mobile_numbers_in_any_dress() {
    finds(
        Kind::Mobile,
        "13800138000",
        &[
            "电话13800138000",
            "138-0013-8000",
            "+86 138 0013 8000",
            "一三八零零一三八零零零",
            "①③⑧⓪⓪①③⑧⓪⓪⓪",
            "手机１３８００１３８０００，谢谢",
            "1\u{200B}3\u{200B}8\u{200B}0\u{200B}0\u{200B}1\u{200B}3\u{200B}8\u{200B}0\u{200B}0\u{200B}0",
            "幺三八洞洞幺三八洞洞洞",
            "138❤0013❤8000",
            "138\n0013\n8000",
            "我的手机是1散8零0幺3吧0零0",
            "13800138000vx同号",
        ],
    );
    leaves(&[
        "SF1380013800012",
        "订单号13800138000",
        "6913800138000123456",
        "货号 13800138000",
        "价格138.00 元",
        "1380ml",
    ]);
}

#[test]
fn landline_numbers() {
    finds(Kind::Landline, "057188886666", &["0571-88886666", "座机(0571)8888 6666", "电话０５７１－８８８８６６６６"]);
    leaves(&["400-820-3000", "2024-08-16", "0571号商品"]);
}

#[test]
fn identity_numbers_with_region_day_and_check_sign() {
    finds(
        Kind::IdCard,
        "11010519491231002X",
        &[
            "身份证11010519491231002X",
            "110105 19491231 002x",
            "１１０１０５１９４９１２３１００２Ｘ",
            "一一零一零五一九四九一二三一零零二X",
        ],
    );
    assert_eq!(
        found("身份证号 110105194912310021", Kind::IdCard).len(),
        1,
        "a field says so although a figure is wrong"
    );
    leaves(&["订单号11010519491231002X", "110105194912310021", "110105194913310028", "796509434267258616"]);
}

#[test]
fn bank_cards_by_issuer_and_check_figure() {
    finds(
        Kind::BankCard,
        "6222021234567890128",
        &["6222021234567890128", "卡号 6222 0212 3456 7890 128", "银行卡陆贰贰贰零贰壹贰叁肆伍陆柒捌玖零壹贰捌"],
    );
    leaves(&["6222021234567890123", "订单6222021234567890128", "6923456789012345678", "4111111111111111"]);
    assert_eq!(found("4111 1111 1111 1111", Kind::BankCard).len(), 1, "groups of four say that it is a card");
}

#[test]
fn passports_beside_their_name() {
    finds(Kind::Passport, "E12345678", &["护照E12345678", "passport no. E12345678", "E12345678是我的护照号"]);
    leaves(&["货号E12345678", "E12345678这款", "护照夹两个"]);
}

#[test]
fn number_plates() {
    finds(Kind::Plate, "粤b12345", &["粤B12345", "车牌粤B·12345", "粤 B 1 2 3 4 5"]);
    assert_eq!(found("粤BD12345", Kind::Plate), ["粤bd12345"]);
    leaves(&["货号黑A12345", "宁FM100.6", "京东A123", "川菜B2"]);
}

#[test]
fn mail_addresses() {
    finds(
        Kind::Email,
        "lucky88@qq.com",
        &[
            "lucky88@qq.com",
            "邮箱ｌｕｃｋｙ８８＠ｑｑ．ｃｏｍ",
            "lucky88艾特qq点com",
            "写信到l u c k y 8 8 @ q q . c o m",
        ],
    );
    assert_eq!(found("li-na@mail.example.de", Kind::Email), ["li-na@mail.example.de"]);
    leaves(&["@客服", "邮箱造型存钱罐", "3.5@2件"]);
}

#[test]
fn qq_numbers_beside_their_name() {
    finds(Kind::Qq, "12345678", &["QQ12345678", "扣扣：一二三四五六七八", "加QQ 1234 5678", "企鹅号①②③④⑤⑥⑦⑧"]);
    leaves(&["QQ糖12345678", "12345678件", "腾讯QQ会员"]);
}

#[test]
fn wechat_accounts_beside_their_name() {
    finds(
        Kind::WeChat,
        "abc_12345",
        &["微信abc_12345", "加薇信：abc_12345", "vx:ａｂｃ＿１２３４５", "wechat a b c _ 1 2 3 4 5", "威信号ⓐⓑⓒ_①②③④⑤"],
    );
    assert_eq!(found("wxid_abcdef123456", Kind::WeChat), ["wxid_abcdef123456"]);
    finds(Kind::WeChat, "xiaozhang7788", &["加V xiaozhang7788", "加V：xiaozhang7788"]);
    leaves(&["微信支付", "wechat pay", "用微信android版"]);
}

#[test]
fn addresses_below_the_city() {
    finds(
        Kind::Address,
        "西湖区文三路478号3幢2单元501室",
        &[
            "地址：浙江省杭州市西湖区文三路478号3幢2单元501室",
            "我住在西湖区文三路478号3幢2单元501室，晚上在",
            "浙江杭州西湖区文三路４７８号３幢２单元５０１室",
            "西 湖 区 文 三 路 4 7 8 号 3 幢 2 单 元 5 0 1 室",
        ],
    );
    assert_eq!(found("南山区四川大厦B座804", Kind::Address), ["南山区四川大厦b座804"]);
    leaves(&[
        "南京路很热闹",
        "3号发货5号到",
        "地铁2号线",
        "味道1号不错",
        "送到，结果30号才收到",
        "我家住六楼",
        "北京市",
    ]);
}

#[test]
fn names_in_fields_salutations_and_beside_numbers() {
    finds(
        Kind::Name,
        "张建国",
        &["收货人：张建国", "请张建国先生签收", "张建国 13800138000", "联系人張建國", "收件人张❤建❤国，"],
    );
    assert_eq!(found("收货人：阿卜杜拉·买买提", Kind::Name).len(), 1);
    assert_eq!(found("和张先生说过", Kind::Name), ["张"]);
    assert_eq!(found("欧阳先生您好", Kind::Name), ["欧阳"]);
    assert_eq!(found("Dear Mr. John Smith,", Kind::Name), ["johnsmith"]);
    assert_eq!(found("姓名：陆大勇", Kind::Name), ["陆大勇"]);
    leaves(&["任何先生女士", "王牌产品高级感", "名字，比如说", "收货人不在家", "总是黄金色", "王总结得好", "张**"]);
}

#[test]
fn the_legal_person_of_a_licence() {
    finds(Kind::LegalPerson, "张建国", &["法定代表人：张建国", "法人 张建国", "经营者姓名：张建国"]);
    leaves(&["法人单位", "统一社会信用代码91330100MA27XXXX0T", "法定代表人："]);
}

#[test]
fn addresses_of_the_network() {
    finds(Kind::Ip, "203.0.113.77", &["登录IP：203.0.113.77", "来自203.0.113.77的访问", "ip２０３．０．１１３．７７"]);
    assert_eq!(found("2001:db8:85a3::8a2e:370:7334", Kind::Ip), ["2001:db8:85a3::8a2e:370:7334"]);
    leaves(&["版本10.12.13.14", "v12.30.40.50", "第1.2.3.4节", "12:30:45"]);
}

#[test]
fn devices_beside_their_name() {
    finds(
        Kind::Device,
        "490154203237518",
        &["IMEI：490154203237518", "串号 490154203237518", "设备号４９０１５４２０３２３７５１８"],
    );
    assert_eq!(found("MAC地址 00:1a:2b:3c:4d:5e", Kind::Device), ["001a2b3c4d5e"]);
    leaves(&["490154203237518", "运单号490154203237518", "设备三台"]);
}

#[test]
fn numbers_of_deals_and_things_stay() {
    leaves(&[
        "快递单号SF1234567890123",
        "YT8812345678901 已签收",
        "EA123456789CN",
        "订单号 6923456789012345678",
        "条形码6901234567892",
        "GB/T 18401-2010",
        "Q/HSJ 038-2013",
        "2026-11-30 12:30:45",
        "100*200*300cm",
        "AB1234-BLK",
    ]);
}
