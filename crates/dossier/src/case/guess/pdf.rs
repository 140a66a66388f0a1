/// Pages of a PDF, counted by their marks; 0 where they lie in compressed streams and cannot be counted cheaply.
pub(in crate::case) fn pages(bytes: &[u8]) -> u32 {
    const MARK: &[u8] = b"/Type";
    let mut count = 0_u32;
    let mut rest = bytes;
    while let Some(at) = find(rest, MARK) {
        rest = &rest[at + MARK.len()..];
        let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if let Some(after) = rest[blanks..].strip_prefix(b"/Page")
            && !after.first().is_some_and(u8::is_ascii_alphanumeric)
        {
            count = count.saturating_add(1);
        }
    }
    count
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == mark[0]) {
        if bytes[from + at..].starts_with(mark) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn pages_are_counted_and_their_tree_is_not() {
        assert_eq!(
            super::pages(b"<< /Type /Pages /Count 2 >> << /Type/Page >> <</Type\n/Page/X>> /Type /PageLabel"),
            2
        );
        assert_eq!(super::pages(b""), 0);
    }
}
