//! The pictures of a record: a JSON array, a Python list, or texts between separators, made one JSON array of strings.

use serde_json::Value;

/// The URIs in a cell, in order.
pub(crate) fn uris(text: &str) -> Vec<String> {
    let text = text.trim();
    if text.starts_with(['[', '{', '"']) {
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            let mut found = Vec::new();
            collect(&value, &mut found);
            return found;
        }
        if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            return python_list(inner);
        }
    }
    separated(text)
}

/// The URIs of a cell as a JSON array, or nothing when there is none.
pub(crate) fn to_json(text: &str) -> Option<String> {
    let found = uris(text);
    if found.is_empty() { None } else { serde_json::to_string(&found).ok() }
}

/// Strings as they are; of an object, the member that exports call the picture's address.
fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.trim().is_empty() => into.push(text.trim().to_owned()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(members) => {
            const NAMES: [&str; 9] = ["url", "uri", "path", "src", "large", "image_url", "hi_res", "file", "thumb"];
            if let Some(found) = NAMES.iter().find_map(|name| members.get(*name).filter(|v| v.is_string())) {
                collect(found, into);
            }
        }
        _ => {}
    }
}

/// The inside of `['a', "b"]`. Backslashes escape the next character, as `repr` writes them.
fn python_list(inner: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\'' && c != '"' {
            continue;
        }
        let mut item = String::new();
        while let Some(next) = chars.next() {
            match next {
                '\\' => item.extend(chars.next()),
                next if next == c => break,
                next => item.push(next),
            }
        }
        if !item.trim().is_empty() {
            found.push(item.trim().to_owned());
        }
    }
    if found.is_empty() { separated(inner) } else { found }
}

fn separated(text: &str) -> Vec<String> {
    let clean = |parts: Vec<&str>| -> Vec<String> {
        parts.into_iter().map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect()
    };
    for separator in ['|', '\n', ';'] {
        if text.contains(separator) {
            return clean(text.split(separator).collect());
        }
    }
    // A comma, unlike the others, also stands inside addresses (`…_SR38,50_.jpg`).
    let parts: Vec<&str> = text.split([',', '，']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let whole: fn(&str) -> bool =
        if parts.first().is_some_and(|first| is_address(first)) { is_address } else { is_file };
    if parts.iter().all(|part| whole(part)) { clean(parts) } else { clean(vec![text]) }
}

fn is_address(part: &str) -> bool {
    ["http://", "https://", "//", "/"].iter().any(|start| part.starts_with(start))
}

fn is_file(part: &str) -> bool {
    let lower = part.to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".avif"].iter().any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lists_in_every_notation() {
        for text in [
            r#"["a.jpg","b.jpg"]"#,
            "['a.jpg', 'b.jpg']",
            "a.jpg|b.jpg",
            "a.jpg;b.jpg",
            "a.jpg,b.jpg",
            "a.jpg，b.jpg",
            r#"[{"url":"a.jpg"},{"url":"b.jpg"}]"#,
        ] {
            assert_eq!(uris(text), ["a.jpg", "b.jpg"], "{text}");
        }
    }

    #[test]
    fn a_comma_inside_an_address_stays() {
        let address = "https://m.example.com/I/31._AC_SR38,50_.jpg";
        assert_eq!(uris(address), [address]);
    }

    #[test]
    fn an_empty_cell_has_no_pictures() {
        assert_eq!(to_json(""), None);
        assert_eq!(to_json("[]"), None);
        assert_eq!(to_json(" , "), None);
    }
}
