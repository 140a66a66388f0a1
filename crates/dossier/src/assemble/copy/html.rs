//! The text of a saved page. What its tags hold besides, links among it, stays behind with the original.

use super::readable::Transcript;

/// A tag longer than this is looked through for its end without regard to quotes.
const LONGEST_QUOTED: usize = 4096;

/// The page as a text.
pub(super) fn transcript(page: &str) -> Transcript {
    let left_out = [
        ("标签及其属性（如链接地址、图片）", "tags and their attributes, such as links and pictures"),
        ("脚本、样式与注释", "scripts, styles and comments"),
    ];
    Transcript { text: text(page), left_out: left_out.map(Into::into).to_vec() }
}

/// Markup taken off, entities written out. A '<' that begins no tag is text.
pub(super) fn text(page: &str) -> String {
    let mut out = String::with_capacity(page.len() / 2);
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(inner) = rest.strip_prefix("<![CDATA[") {
            let end = inner.find("]]>").unwrap_or(inner.len());
            out.push_str(&inner[..end].replace('&', "&amp;"));
            rest = inner[end..].strip_prefix("]]>").unwrap_or_default();
            continue;
        }
        if let Some(skipped) = ["script", "style"].iter().find_map(|name| skip(rest, name)) {
            rest = &rest[skipped..];
            continue;
        }
        // Without another '>' nothing that follows is a tag: a page that was cut off ends in text.
        let Some(first) = rest.find('>') else { break };
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            out.push('<');
            rest = &rest[1..];
            continue;
        }
        let comment = if rest.starts_with("<!--") { rest.find("-->").map(|end| end + 2) } else { None };
        let end = comment.or_else(|| end_of_tag(rest)).unwrap_or(first);
        let breaks = ["<br", "</p", "</div", "</tr", "</li", "</h", "<!"];
        out.push(if breaks.iter().any(|tag| rest.get(..tag.len()).is_some_and(|t| t.eq_ignore_ascii_case(tag))) {
            '\n'
        } else {
            ' '
        });
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    let lines: Vec<String> =
        entities(&out).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
    lines.join("\n") + "\n"
}

/// Where a tag ends, a '>' inside of quotes passed over.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate().take(LONGEST_QUOTED) {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The length of an element whose content is no text.
fn skip(rest: &str, name: &str) -> Option<usize> {
    let starts = |text: &str, what: &str| text.get(..what.len()).is_some_and(|t| t.eq_ignore_ascii_case(what));
    let after = rest.as_bytes().get(name.len() + 1);
    if !starts(rest, &format!("<{name}")) || after.is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let close = format!("</{name}");
    let end = rest.char_indices().map(|(at, _)| at).find(|at| starts(&rest[*at..], &close))?;
    Some(end + rest[end..].find('>')? + 1)
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((end, entity(rest.get(1..end)?)?))) {
            Some((end, c)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    let number = match name.strip_prefix('#') {
        Some(hex) if hex.starts_with(['x', 'X']) => u32::from_str_radix(&hex[1..], 16).ok(),
        Some(decimal) => decimal.parse().ok(),
        None => None,
    };
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => number.and_then(char::from_u32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_its_text() {
        let page = "<!doctype html><style>p{}</style><p title=x>电话 1&#51;8&#x30;0138000</p><script>var a='<b>';</script><div>A&amp;B</div>";
        assert_eq!(text(page), "电话 13800138000\nA&B\n");
    }

    #[test]
    fn no_text_is_lost_behind_a_mark_that_begins_no_tag() {
        assert_eq!(text("<p>价格 < 50 元</p><p>买家：不退就差评</p>"), "价格 < 50 元\n买家：不退就差评\n");
        assert_eq!(text("<b>a</b> < b <unfinished"), "a < b <unfinished\n", "a page that was cut off");
        assert_eq!(text("<a title=\"x>y\">甲</a><!-- a > b -->乙"), "甲\n乙\n");
        assert_eq!(text("<r><![CDATA[a<b&amp;c]]></r>"), "a<b&amp;c\n");
        assert_eq!(text("<scripture>经</scripture>"), "经\n");
        assert_eq!(text("<a title=\"never closed>甲</a>"), "甲\n");
    }
}
