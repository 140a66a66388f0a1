//! The text of a saved page. Values of attributes count too: an address may stand in a link.

/// Markup taken off, entities written out.
pub(super) fn text(page: &str) -> String {
    let mut out = String::with_capacity(page.len() / 2);
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(skipped) = ["script", "style"].iter().find_map(|name| skip(rest, name)) {
            rest = &rest[skipped..];
            continue;
        }
        let Some(end) = rest.find('>') else { break };
        let breaks = ["<br", "</p", "</div", "</tr", "</li", "</h", "<!"];
        out.push(if breaks.iter().any(|tag| rest.get(..tag.len()).is_some_and(|t| t.eq_ignore_ascii_case(tag))) {
            '\n'
        } else {
            ' '
        });
        rest = &rest[end + 1..];
    }
    out.push_str(rest.strip_prefix('<').map_or(rest, |_| ""));
    let lines: Vec<String> =
        entities(&out).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
    lines.join("\n") + "\n"
}

/// The length of an element whose content is no text.
fn skip(rest: &str, name: &str) -> Option<usize> {
    let starts = |text: &str, what: &str| text.get(..what.len()).is_some_and(|t| t.eq_ignore_ascii_case(what));
    if !starts(rest, &format!("<{name}")) {
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
        assert_eq!(text("a < b <unfinished"), "a\n", "what follows a broken tag is left out, never half shown");
    }
}
