//! Paths in commands that a message tells the reader to run.

use std::path::Path;

/// A path as a shell reads it back: quoted where it must be.
pub fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%=,".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        text.into_owned()
    } else {
        let start = if text.starts_with('-') { "./" } else { "" };
        format!("'{start}{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        for (path, expected) in [
            ("plugins/libx.so", "plugins/libx.so"),
            ("插件/x.so", "插件/x.so"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(rm x)", "'$(rm x)'"),
            ("-rf", "'./-rf'"),
        ] {
            assert_eq!(quoted(Path::new(path)), expected);
        }
    }
}
