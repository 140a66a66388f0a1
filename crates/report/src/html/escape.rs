//! Text on its way into HTML. Nothing of a record enters the page except through here or [`super::data`].

use std::borrow::Cow;

use crate::sanitise;

/// Text as HTML shows it, in an element or an attribute in double quotes. Characters that hide or turn text are made
/// visible first: a right-to-left override would otherwise spell something else on the page than in the listing.
pub(super) fn html(text: &str) -> String {
    let text = sanitise(text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// JSON that can stand inside a `<script>` element: it can neither close the element nor open a comment.
pub(super) fn json_in_script(json: &str) -> Cow<'_, str> {
    if !json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A text of the page in both languages, of which the style sheet shows one. Both are trusted or escaped already.
pub(super) fn both(zh: &str, en: &str) -> String {
    format!(r#"<span class="zh" lang="zh-CN">{zh}</span><span class="en" lang="en">{en}</span>"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(html("<script>\"'&"), "&lt;script&gt;&quot;&#39;&amp;");
        assert_eq!(html("a\u{202e}b"), "a⟨U+202E⟩b");
    }

    #[test]
    fn json_cannot_close_its_script() {
        let json = serde_json::json!({"t": "</script><!--\u{2028}&"}).to_string();
        let safe = json_in_script(&json).into_owned();
        assert!(!safe.contains(['<', '>', '&', '\u{2028}']));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap()["t"], "</script><!--\u{2028}&");
    }
}
