use std::collections::{HashMap, HashSet};
use std::fmt;

use huoyan_model::Localized;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Longest path under `data/`, in bytes: with the folder and `.part01` it stays below Windows' 260 characters.
const MAX_PATH: usize = 200;
const FORBIDDEN: &[char] = &['\\', ':', '*', '?', '"', '<', '>', '|', '%'];
const RESERVED: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];
/// Files that file managers make and remove by themselves.
pub(crate) const SYSTEM_FILES: &[&str] = &[".ds_store", "thumbs.db", "desktop.ini", "icon\r"];

/// Where a file lies under `data/`: relative, NFC, and creatable as it stands on Linux, macOS and Windows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BagPath(String);

impl BagPath {
    /// Takes a path as it is, or says what is wrong with it.
    pub fn new(path: impl Into<String>) -> Result<Self, PathFault> {
        let path = path.into();
        check(&path, MAX_PATH)?;
        Ok(Self(path))
    }

    /// The nearest path that is allowed: characters that some system refuses become their full-width twins, the rest `_`.
    /// Different names may become equal; [`build`](super::build()) refuses that.
    pub fn tamed(path: &str) -> Self {
        let mut kept: Vec<String> = Vec::new();
        for component in path.split(['/', '\\']).filter(|component| !matches!(*component, "" | "." | "..")) {
            let mut name: String = component.nfc().map(tame).collect();
            name = name.trim().trim_end_matches('.').to_owned();
            if name.is_empty() || check(&name, MAX_PATH).is_err() {
                name.insert(0, '_');
            }
            kept.push(name);
        }
        let mut path = kept.join("/");
        while path.len() > MAX_PATH {
            path.pop();
        }
        let path = path.trim_end_matches(['/', ' ', '.']).to_owned();
        Self(if path.is_empty() { "_".to_owned() } else { path })
    }

    /// The path under `data/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn in_bag(&self) -> String {
        format!("data/{}", self.0)
    }
}

impl fmt::Display for BagPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn tame(c: char) -> char {
    match c {
        // The ASCII characters have full-width twins at a fixed distance.
        ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%' => {
            char::from_u32(c as u32 + 0xfee0).expect("invariant: U+FF01 to U+FF5E are characters")
        }
        c if c.is_control() || is_invisible(c) => '_',
        c => c,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// What is wrong with a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// Nothing, or nothing between two slashes.
    Empty,
    /// Begins with `/` or `~`.
    Absolute,
    /// Has a component `.` or `..`.
    Dots,
    /// Has a control character, an invisible one, or one of `\ : * ? " < > | %`.
    Character(char),
    /// Is not in Unicode's composed form, so that another system may find it under another name.
    NotNfc,
    /// A component begins or ends with a blank, or ends with a full stop: Windows drops those.
    Edge(String),
    /// A device name of Windows (`con`, `com1` …), or a file that file managers make (`.DS_Store`).
    Reserved(String),
    /// Longer than a bag can carry everywhere: its bytes, and the limit.
    TooLong(usize, usize),
}

impl PathFault {
    pub(crate) fn text(&self) -> Localized {
        let (zh, en) = match self {
            Self::Empty => ("有一段是空的".to_owned(), "a component is empty".to_owned()),
            Self::Absolute => ("是绝对路径".to_owned(), "it is absolute".to_owned()),
            Self::Dots => ("含有 '.' 或 '..'".to_owned(), "it has a component '.' or '..'".to_owned()),
            Self::Character(c) => {
                let code = *c as u32;
                (format!("含有字符 U+{code:04X}"), format!("it has the character U+{code:04X}"))
            }
            Self::NotNfc => ("不是 Unicode NFC 形式".to_owned(), "it is not in Unicode's form NFC".to_owned()),
            Self::Edge(name) => (
                format!("'{name}' 以空格开头，或以空格、句点结尾"),
                format!("'{name}' begins or ends with a blank, or ends with a full stop"),
            ),
            Self::Reserved(name) => (format!("'{name}' 是系统保留名"), format!("'{name}' is reserved by a system")),
            Self::TooLong(bytes, max) => {
                (format!("有 {bytes} 字节，上限为 {max}"), format!("it has {bytes} bytes, at most {max} are allowed"))
            }
        };
        Localized { zh, en }
    }
}

/// Any path of a bag, with the same rules.
pub(crate) fn check(path: &str, max: usize) -> Result<(), PathFault> {
    if path.starts_with(['/', '~']) {
        return Err(PathFault::Absolute);
    }
    if let Some(c) = path.chars().find(|c| c.is_control() || is_invisible(*c) || FORBIDDEN.contains(c)) {
        return Err(PathFault::Character(c));
    }
    if !is_nfc(path) {
        return Err(PathFault::NotNfc);
    }
    for name in path.split('/') {
        check_name(name)?;
    }
    if path.len() > max {
        return Err(PathFault::TooLong(path.len(), max));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), PathFault> {
    if name.is_empty() {
        return Err(PathFault::Empty);
    }
    if matches!(name, "." | "..") {
        return Err(PathFault::Dots);
    }
    if name.trim() != name || name.ends_with('.') {
        return Err(PathFault::Edge(name.to_owned()));
    }
    let lower = name.to_lowercase();
    let stem = lower.split('.').next().unwrap_or_default().trim_end();
    let device = RESERVED.contains(&stem)
        || ["com", "lpt"].iter().any(|port| {
            stem.strip_prefix(port)
                .is_some_and(|n| n.chars().count() == 1 && n.contains(|c| "123456789¹²³".contains(c)))
        });
    if device || SYSTEM_FILES.contains(&lower.as_str()) {
        return Err(PathFault::Reserved(name.to_owned()));
    }
    Ok(())
}

/// Names that are one file on some system: composed, without case.
pub(crate) fn twin_key(path: &str) -> String {
    path.nfc().collect::<String>().to_uppercase().to_lowercase().nfc().collect()
}

/// The first two paths that some system cannot keep apart, one being a twin of the other or a folder above it.
pub(crate) fn first_twins<'a>(paths: impl Iterator<Item = &'a str>) -> Option<(String, String)> {
    let mut files: HashMap<String, &str> = HashMap::new();
    let mut folders: HashMap<String, &str> = HashMap::new();
    let mut seen: HashSet<String> = HashSet::new();
    for path in paths {
        let key = twin_key(path);
        if let Some(other) = files.get(&key).or_else(|| folders.get(&key)) {
            return Some(((*other).to_owned(), path.to_owned()));
        }
        for (slash, _) in path.match_indices('/') {
            // A folder spelt in two cases is two folders here and one there.
            let (folder, key) = (&path[..slash], twin_key(&path[..slash]));
            if let Some(other) = files.get(&key) {
                return Some(((*other).to_owned(), path.to_owned()));
            }
            if let Some(other) = folders.get(&key)
                && !seen.contains(folder)
            {
                return Some(((*other).to_owned(), path.to_owned()));
            }
            seen.insert(folder.to_owned());
            folders.entry(key).or_insert(path);
        }
        files.insert(key, path);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_names_that_some_system_cannot_keep() {
        for path in [
            "",
            "a//b",
            "/etc/passwd",
            "~/x",
            "../x",
            "a/./b",
            "a\\b",
            "c:x",
            "50%.jpg",
            "a?.png",
            "nul",
            "COM1.txt",
            "x/Aux.png",
            " a",
            "a ",
            "a.",
            "a\nb",
            "a\u{202e}gpj.exe",
            "e\u{301}.txt",
            ".DS_Store",
            "Thumbs.db",
        ] {
            assert!(BagPath::new(path).is_err(), "{path:?}");
        }
        assert_eq!(BagPath::new("长".repeat(80)), Err(PathFault::TooLong(240, 200)));
        for path in ["E01-评价截图/1.png", "00-封面与陈述.pdf", "common.txt", "a b/c d.txt", ".hidden"] {
            assert!(BagPath::new(path).is_ok(), "{path:?}");
        }
    }

    #[test]
    fn a_tamed_name_is_always_allowed() {
        for path in
            ["50%off?.jpg", "../../etc/passwd", "C:\\a\\b.txt", "con", "a. ", "", "e\u{301}", "a\u{202e}b", "...", "~x"]
        {
            let tamed = BagPath::tamed(path);
            assert_eq!(BagPath::new(tamed.as_str()), Ok(tamed.clone()), "{path:?} became {tamed}");
        }
        assert_eq!(BagPath::tamed("折扣50%?.jpg").as_str(), "折扣50％？.jpg");
        assert!(BagPath::new(BagPath::tamed(&"很长/".repeat(90)).as_str()).is_ok());
    }

    #[test]
    fn twins_are_found_across_case_composition_and_folders() {
        let twins = |paths: &[&str]| first_twins(paths.iter().copied()).is_some();
        assert!(twins(&["a.txt", "A.TXT"]));
        assert!(twins(&["caf\u{e9}", "cafe\u{301}"]));
        assert!(twins(&["a", "a/b"]));
        assert!(twins(&["a/b", "a"]));
        assert!(twins(&["x/a", "X/b"]));
        assert!(!twins(&["a/b", "a/c", "b/a"]));
    }
}
