use super::{KNOWN, Version};

/// How the tag files other than `bagit.txt` are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Latin1,
    Utf16,
}

impl Encoding {
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Self::Latin1 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Self::Utf16 => {
                let (little, bytes) = match bytes {
                    [0xff, 0xfe, rest @ ..] => (true, rest),
                    [0xfe, 0xff, rest @ ..] => (false, rest),
                    rest => (false, rest),
                };
                let pairs = bytes.chunks_exact(2).map(|pair| match little {
                    true => u16::from_le_bytes([pair[0], pair[1]]),
                    false => u16::from_be_bytes([pair[0], pair[1]]),
                });
                if bytes.len() % 2 == 0 { char::decode_utf16(pairs).collect::<Result<_, _>>().ok() } else { None }
            }
        }
    }
}

/// `bagit.txt`: two lines of a fixed form, always in UTF-8.
pub(super) fn declaration(bytes: &[u8]) -> Result<(Version, Encoding), &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no UTF-8")?;
    if text.starts_with('\u{feff}') {
        return Err("it begins with a byte order mark");
    }
    let mut lines = text.lines();
    let number =
        lines.next().and_then(|line| line.strip_prefix("BagIt-Version:")).ok_or("line 1 is no BagIt-Version")?;
    let version = number.trim().split_once('.').and_then(|(major, minor)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (digits(major) && digits(minor)).then_some(Version(major.parse().ok()?, minor.parse().ok()?))
    });
    let version = version.filter(|version| KNOWN.contains(version)).ok_or("its version is not known")?;
    let encoding = lines.next().and_then(|line| line.strip_prefix("Tag-File-Character-Encoding:"));
    let encoding = match encoding.ok_or("line 2 is no Tag-File-Character-Encoding")?.trim().to_uppercase().as_str() {
        "UTF-8" => Encoding::Utf8,
        "ISO-8859-1" => Encoding::Latin1,
        "UTF-16" => Encoding::Utf16,
        _ => return Err("its encoding is not known"),
    };
    match lines.next() {
        Some(_) => Err("it has more than two lines"),
        None => Ok((version, encoding)),
    }
}

/// A line of a manifest.
pub(super) struct Line {
    pub digest: String,
    pub path: String,
    /// Written as `md5sum` writes it, with an asterisk.
    pub starred: bool,
}

/// Digest, blanks, path. `None` for a line of another form.
pub(super) fn manifest_line(line: &str, version: Version) -> Option<Line> {
    let (digest, rest) = line.split_once([' ', '\t'])?;
    let rest = rest.trim_start_matches([' ', '\t']);
    let (starred, path) = rest.strip_prefix('*').map_or((false, rest), |path| (true, path));
    let hex = !digest.is_empty() && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex && !path.is_empty()).then(|| Line { digest: digest.to_lowercase(), path: unescape(path, version), starred })
}

/// Line breaks are escaped in paths since ever, the percent sign itself only since 1.0.
pub(super) fn unescape(path: &str, version: Version) -> String {
    let path = path.replace("%0A", "\n").replace("%0a", "\n").replace("%0D", "\r").replace("%0d", "\r");
    if version >= Version(1, 0) { path.replace("%25", "%") } else { path }
}

/// A line of `fetch.txt`: URL, length, path.
pub(super) fn fetch_path(line: &str, version: Version) -> Option<String> {
    let (_url, rest) = line.split_once([' ', '\t'])?;
    let (length, path) = rest.trim_start().split_once([' ', '\t'])?;
    let counted = length == "-" || length.bytes().all(|byte| byte.is_ascii_digit());
    counted.then(|| unescape(path.trim_start(), version))
}

/// The value of `Payload-Oxum`, if it is given once and as it should be.
pub(super) fn oxum(info: &str) -> Option<(u64, u64)> {
    let mut values = info
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(label, _)| label.trim_end().eq_ignore_ascii_case("Payload-Oxum"));
    let (_, value) = values.next()?;
    let (bytes, files) = value.trim().split_once('.')?;
    if values.next().is_some() { None } else { Some((bytes.parse().ok()?, files.parse().ok()?)) }
}
