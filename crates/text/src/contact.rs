//! The grammar of contacts: numbers to call, addresses to write to or to open, tokens to paste into another shop's app.
//!
//! It reads the same atoms as the search, so figures in any dress (①③⑧, 壹叁捌, 幺三八) are figures. It says what has the
//! *shape* of a contact; whether 13800138000 is somebody's number or a waybill is told by the words around it, which are
//! the caller's business, except where the shape alone decides (ISBN, standards, sizes and versions are never reported).

mod address;
mod figures;
mod phone;
mod token;

pub(crate) use address::{is_domain, is_dot};
pub(crate) use figures::may_be_figure;
pub(crate) use phone::MAX_GAP as MOST_BETWEEN;
pub(crate) use token::is_sign as is_token_sign;

pub use figures::{Figures, figures_from, figures_split};

use std::cmp::Reverse;

use crate::{Disguises, Folded};

/// What kind of contact a text has the shape of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactKind {
    /// A mainland mobile number.
    Mobile,
    /// A landline number with its area code.
    Landline,
    /// A 400 or 800 number.
    Service,
    /// An e-mail address.
    Email,
    /// A domain, with or without scheme and path.
    Url,
    /// An IPv4 address with a port or a path.
    Ip,
    /// A token to be copied into a shopping app (淘口令).
    ShareToken,
}

/// One contact in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What it is.
    pub kind: ContactKind,
    /// Where it begins in the original text, in bytes, on a character boundary.
    pub start: u32,
    /// Where it ends in the original text, in bytes, on a character boundary.
    pub end: u32,
    /// How it was hidden.
    pub disguises: Disguises,
    /// The plain form: figures only for numbers, lower case with `.` and `@` for addresses, the token itself.
    pub canonical: String,
}

impl Contact {
    /// The bytes of the original text.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Finds every contact in `text`, which `folded` must be the folding of. Sorted by start; one kind per place.
pub fn contacts(text: &str, folded: &Folded, out: &mut Vec<Contact>) {
    out.clear();
    address::find(text, folded, out);
    token::find(text, out);
    phone::find(text, folded, out);
    let is_number = |kind| matches!(kind, ContactKind::Mobile | ContactKind::Landline | ContactKind::Service);
    // The longer first, so that what stands inside an address comes behind it; it belongs to the address.
    out.sort_by_key(|contact| (contact.start, Reverse(contact.end), is_number(contact.kind), contact.kind));
    let mut covered = 0;
    out.retain(|contact| {
        let inside = contact.end <= covered;
        if !is_number(contact.kind) {
            covered = covered.max(contact.end);
        }
        !inside
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(ContactKind, String)> {
        let mut folded = Folded::new();
        folded.fold(text);
        let mut out = Vec::new();
        contacts(text, &folded, &mut out);
        for contact in &out {
            assert!(text.is_char_boundary(contact.start as usize) && text.is_char_boundary(contact.end as usize));
        }
        out.into_iter().map(|contact| (contact.kind, contact.canonical)).collect()
    }

    fn one(kind: ContactKind, canonical: &str) -> Vec<(ContactKind, String)> {
        vec![(kind, canonical.to_owned())]
    }

    #[test]
    fn finds_mobile_numbers_in_any_dress() {
        for text in [
            "13912345678",
            "139-1234-5678",
            "1.3.9.1.2.3.4.5.6.7.8",
            "139 1234 5678",
            "一三九一二三四五六七八",
            "壹叁玖1234五六七八",
            "１３９１２３４５６７８",
            "①③⑨①②③④⑤⑥⑦⑧",
            "139💚1234💚5678",
            "幺三九幺二三四五六七八",
            "(+86)139.1234.5678",
            "139\n1234\n5678",
            "+8613912345678",
            "1391234567八",
            "l39l2345678",
            "1 3 9 1 2 3 4 5 6 7 8",
        ] {
            assert_eq!(found(text), one(ContactKind::Mobile, "13912345678"), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_phones() {
        for text in [
            "订单20231108001234567",
            "6901234567892",
            "SF1391234567800",
            "1380ml",
            "ZL201380013800.0",
            "9787111380013",
            "10-12个",
            "130 140 150 160 170码",
            "12345678901",
            "1.5米1.8米",
            "一三五七九",
            "1380013.80001",
            "GB/T 13912-2002",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn finds_numbers_in_a_sentence() {
        let sentence = "太稀，别买！一星给快递！ 一叁8零零1三捌零零零";
        assert_eq!(found(sentence), one(ContactKind::Mobile, "13800138000"));
        assert_eq!(found("把手 t.me/shop8866"), one(ContactKind::Url, "t.me/shop8866"));
    }

    #[test]
    fn finds_landline_and_service_numbers() {
        assert_eq!(found("0571-88886666"), one(ContactKind::Landline, "057188886666"));
        assert_eq!(found("（0571）8888 6666"), one(ContactKind::Landline, "057188886666"));
        assert_eq!(found("400-820-3000"), one(ContactKind::Service, "4008203000"));
        assert_eq!(found("400*600mm 800*800"), []);
    }

    #[test]
    fn finds_addresses_spelled_out() {
        for (text, canonical) in [
            ("www.shopname.com", "www.shopname.com"),
            ("官网shopname点com", "shopname.com"),
            ("shop-name。cn 查看", "shop-name.cn"),
            ("http : // shopname . top", "shopname.top"),
            ("hxxp://shopname.com/a?b=1，", "shopname.com/a?b=1"),
            ("shopname．ｃｏｍ", "shopname.com"),
            ("𝚠𝚠𝚠.𝚜𝚑𝚘𝚙.𝚌𝚘𝚖", "www.shop.com"),
            ("www，shopname，com", "www.shopname.com"),
        ] {
            assert_eq!(found(text), one(ContactKind::Url, canonical), "{text}");
        }
        assert_eq!(found("10.0.0.8:8080/shop"), one(ContactKind::Ip, "10.0.0.8:8080/shop"));
    }

    #[test]
    fn finds_mail_spelled_out() {
        for text in [
            "lucky88@gmail.com",
            "lucky88艾特gmail点com",
            "lucky88(at)gmail(dot)com",
            "lucky88＠gmail。com",
            "lucky88圈a gmail点com",
            "lucky88 # gmail.com 把#换成@",
        ] {
            assert_eq!(found(text), one(ContactKind::Email, "lucky88@gmail.com"), "{text}");
        }
    }

    #[test]
    fn ordinary_dots_are_no_addresses() {
        for text in [
            "Mr.Wang 为你服务",
            "3.5cm 1.8L",
            "很好。com口",
            "V2.0.cn",
            "a.b.c",
            "No.1 top",
            "usb3.0 type.c",
            "at home yoga mat",
            "dot pattern dress",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn finds_share_tokens() {
        assert_eq!(found("￥aB3dE6gH9jK￥"), one(ContactKind::ShareToken, "aB3dE6gH9jK"));
        assert_eq!(found("复制 $kd8Jx92LmQp$ 打开"), one(ContactKind::ShareToken, "kd8Jx92LmQp"));
        assert_eq!(found("￥199￥ $5.00$"), []);
    }
}
