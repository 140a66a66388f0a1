//! Tells formats by their bytes. The name of a file is only used to say that it misleads.

pub(crate) mod parquet;
pub(crate) mod tar;
pub(crate) mod workbook;

use crate::NotRecords;

/// What the first bytes of an unpacked input are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Magic {
    Parquet,
    /// A zip archive: a workbook, or refused.
    Zip,
    /// An OLE2 file: an old workbook, or refused.
    Ole,
    Tar,
    Text,
    Not(NotRecords),
}

/// Looks at the first bytes.
pub(crate) fn sniff(head: &[u8]) -> Magic {
    const OTHERS: [(&[u8], &str, &str); 12] = [
        (b"\x89PNG", "PNG 图片", "a PNG picture"),
        (b"\xff\xd8\xff", "JPEG 图片", "a JPEG picture"),
        (b"GIF8", "GIF 图片", "a GIF picture"),
        (b"RIFF", "RIFF 文件（WebP、WAV）", "a RIFF file (WebP, WAV)"),
        (b"%PDF", "PDF 文档", "a PDF document"),
        (b"Rar!", "RAR 压缩包", "a RAR archive"),
        (b"7z\xbc\xaf", "7z 压缩包", "a 7z archive"),
        (
            b"BZh",
            "bzip2 压缩包（请解压，或改用 gz、zst、xz）",
            "a bzip2 archive (unpack it, or pack it with gz, zst or xz)",
        ),
        (b"SQLite format 3", "SQLite 数据库", "an SQLite database"),
        (b"\x7fELF", "可执行程序", "a program"),
        (b"MZ\x90", "可执行程序", "a program"),
        (b"ARROW1", "Arrow IPC 文件（请存为 Parquet）", "an Arrow IPC file (save it as Parquet)"),
    ];
    if head.is_empty() || head.iter().all(u8::is_ascii_whitespace) {
        return Magic::Not(NotRecords::Empty);
    }
    if head.starts_with(b"PAR1") {
        return Magic::Parquet;
    }
    if head.starts_with(b"PK\x03\x04") {
        return Magic::Zip;
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Magic::Ole;
    }
    if head.get(257..262) == Some(b"ustar") {
        return Magic::Tar;
    }
    if let Some((_, zh, en)) = OTHERS.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Magic::Not(NotRecords::Binary { format: (*zh, *en).into() });
    }
    let start: Vec<u8> =
        head.iter().skip_while(|b| b.is_ascii_whitespace()).take(512).map(u8::to_ascii_lowercase).collect();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    if [&b"<!doctype html"[..], b"<html", b"<table", b"<head", b"<meta"].iter().any(|tag| start.starts_with(tag)) {
        return Magic::Not(NotRecords::WebPage);
    }
    Magic::Text
}

/// The ending of a name, when it names another format than the one found. Endings of packings do not count.
pub(crate) fn misnamed(file: &str, format: &str) -> Option<String> {
    let lower = file.to_ascii_lowercase();
    let mut stem = lower.as_str();
    for packing in [".gz", ".zst", ".xz"] {
        stem = stem.strip_suffix(packing).unwrap_or(stem);
    }
    let (_, ending) = stem.rsplit_once('.')?;
    let named = match ending {
        "csv" => "CSV",
        "tsv" => "TSV",
        "xlsx" | "xlsm" => "XLSX",
        "xls" => "XLS",
        "parquet" => "Parquet",
        "jsonl" | "ndjson" => "JSONL",
        _ => return None,
    };
    (named != format).then(|| ending.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_not_names() {
        assert_eq!(sniff(b"PAR1...."), Magic::Parquet);
        assert_eq!(sniff(b"id,title\n"), Magic::Text);
        assert_eq!(sniff(b"  \n"), Magic::Not(NotRecords::Empty));
        assert_eq!(sniff(b"\n<html><table>"), Magic::Not(NotRecords::WebPage));
        assert_eq!(misnamed("a/b.xlsx", "XLS").as_deref(), Some("xlsx"));
        assert_eq!(misnamed("b.csv.gz", "CSV"), None);
    }
}
