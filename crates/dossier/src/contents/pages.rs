use huoyan_model::Localized;
use serde_json::Value;

use crate::page::html::is_shown_by_number;

/// A piece of a text shorter than this may stand anywhere by chance.
const SHORTEST: usize = 2;
/// A text that a page breaks off with `…` stands there with at least so many letters.
const KEPT: usize = 20;

/// What pages say: letters and figures only, so that neither layout nor punctuation counts.
#[derive(Debug, Default)]
pub(super) struct Told(String);

impl Told {
    /// Takes in the text of a page.
    pub fn read(&mut self, html: &str) {
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            self.0.extend(plain(&entities(&rest[..at])));
            rest = &rest[at..];
            // A style is no text, and ends with its own tag only.
            let end = if rest.starts_with("<style") { rest.find("</style") } else { None }.unwrap_or(0);
            rest = rest[end..].find('>').map_or("", |close| &rest[end + close + 1..]);
        }
        self.0.extend(plain(&entities(rest)));
    }

    /// What of a case and its claims does not stand in the pages. Nothing is asked of a bundle without pages, or without a case of ours.
    pub fn lacks(&self, case: &Value, claims: &Value) -> Vec<Localized> {
        let mut lacking = Vec::new();
        if self.0.is_empty() || !case["schema"].as_str().is_some_and(|schema| schema.starts_with("huoyan-case/")) {
            return lacking;
        }
        let of = |value: &Value, list: &str| value[list].as_array().cloned().unwrap_or_default();
        let exhibits = of(case, "exhibits");
        let mut want = |what: &str, zh: &str, en: &str| {
            if !self.stands(what) {
                lacking.push(Localized::new(zh, en));
            }
        };
        for exhibit in &exhibits {
            let (id, sha256) = (text(exhibit, "id"), text(exhibit, "sha256"));
            want(id, &format!("证据 {id}"), &format!("exhibit {id}"));
            want(sha256, &format!("{id} 的 SHA-256"), &format!("the SHA-256 of {id}"));
        }
        want(text(case, "ask"), "诉求", "what is asked for");
        let is_there = |id: &Value| exhibits.iter().any(|exhibit| exhibit["id"] == *id);
        for (file, claim) in (of(case, "claims").into_iter().map(|claim| ("case.json", claim)))
            .chain(of(claims, "claims").into_iter().map(|claim| ("claims.json", claim)))
        {
            // A claim without an exhibit is not told.
            if of(&claim, "exhibits").iter().any(is_there) {
                let id = text(&claim, "id");
                want(text(&claim, "text"), &format!("{file} 的陈述 {id}"), &format!("claim {id} of {file}"));
            }
        }
        lacking
    }

    /// Whether a text stands in the pages, sentence by sentence: citations come between them.
    fn stands(&self, text: &str) -> bool {
        pieces(text).iter().all(|piece| self.0.contains(piece) || self.begins(piece))
    }

    /// Whether the beginning of a text stands there, up to a `…`.
    fn begins(&self, piece: &str) -> bool {
        let Some((cut, _)) = piece.char_indices().nth(KEPT) else { return false };
        self.0.match_indices(&piece[..cut]).any(|(at, _)| {
            let (mut page, mut text) = (self.0[at..].chars(), piece.chars());
            page.by_ref()
                .zip(text.by_ref())
                .find(|(shown, meant)| shown != meant)
                .is_some_and(|(shown, _)| shown == '…')
        })
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// Letters and figures, and where something was left out.
fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric() || *c == '…')
}

/// The pieces of a text between its sentence ends, the tokens of redacted values, and what a page shows by its number.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let token =
            if c == '[' { rest.as_str().split_once(']').filter(|(inside, _)| inside.contains('·')) } else { None };
        if let Some((_, after)) = token {
            rest = after.chars();
        }
        let ends = "。！？!?….\n".contains(c) || is_shown_by_number(c) || token.is_some();
        match pieces.last_mut() {
            Some(piece) if !ends => piece.extend(c.is_alphanumeric().then_some(c)),
            _ => pieces.push(String::new()),
        }
    }
    pieces.retain(|piece| piece.chars().count() >= SHORTEST);
    pieces
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some((name, after)) = rest.split_once(';').filter(|(name, _)| name.len() <= 8) else { continue };
        let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
        // The named ones stand for punctuation, which does not count.
        if let Some(c) = number.and_then(char::from_u32) {
            out.push(c);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(html: &str) -> Told {
        let mut told = Told::default();
        told.read(html);
        told
    }

    #[test]
    fn a_text_stands_whatever_the_layout() {
        let page = told(
            "<style>p > b { x: y }</style><p>买家说：&quot;不退<b>就</b>差评&#x3002;&#24046;<br>[E01]。A&amp;B</p>",
        );
        for stands in ["买家说：“不退就差评。差。A", "AB", "", "。"] {
            assert!(page.stands(stands), "{stands}: {}", page.0);
        }
        for lacks in ["买家说：“不退就好评", "xy", "amp"] {
            assert!(!page.stands(lacks), "{lacks}: {}", page.0);
        }
    }

    #[test]
    fn tokens_and_what_is_shown_by_its_number_only_part_a_text() {
        let page = told("<p>请联系[姓名·A1B2]，电话[手机·C3D4]退款<span>U+200B</span>再评价</p>");
        assert!(page.stands("请联系[姓名·A1B2]，电话[手机·C3D4]退款\u{200b}再评价"));
        assert!(!page.stands("请联系[姓名·A1B2]，短信[手机·C3D4]退款"));
    }

    #[test]
    fn a_text_that_the_page_breaks_off_stands_as_far_as_it_goes() {
        let long = "买家在收货之后的第二天要求退回五十元并且说明若不退款就在平台公开给出差评";
        let cut: String = long.chars().take(28).collect();
        assert!(told(&format!("<p>{cut}…</p>")).stands(long));
        assert!(!told(&format!("<p>{cut}了…</p>")).stands(long));
        assert!(!told(&format!("<p>{cut}</p>")).stands(long));
    }

    #[test]
    fn what_a_case_holds_and_the_pages_do_not_is_named() {
        let case = json!({
            "schema": "huoyan-case/1",
            "ask": "请删除该评价",
            "exhibits": [{"id": "E01", "sha256": "ab".repeat(32)}],
            "claims": [{"id": "C1", "text": "买家索要五十元", "exhibits": ["E01"]}, {"id": "C2", "text": "别的事", "exhibits": []}],
        });
        let page = format!("<p>请删除该评价。</p><p>买家索要五十元[E01]。</p><code>{}</code>", "ab".repeat(32));
        assert_eq!(told(&page).lacks(&case, &Value::Null), []);
        for (from, to) in [("五十", "五百"), ("删除", "保留"), ("abab", "abac"), ("[E01]", "[E02]")] {
            assert_eq!(told(&page.replace(from, to)).lacks(&case, &Value::Null).len(), 1, "{from}");
        }
        assert_eq!(told("").lacks(&case, &Value::Null), [], "a bundle without pages");
        assert_eq!(told("<p>x</p>").lacks(&json!({}), &Value::Null), [], "no case of ours");
        let claims = json!({"claims": [{"id": "C1", "text": "买家什么也没有说", "exhibits": ["E01"]}]});
        assert_eq!(told(&page).lacks(&case, &claims).len(), 1);
    }
}
