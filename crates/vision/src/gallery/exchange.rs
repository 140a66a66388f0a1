//! Lists of PDQ hashes, as they are exchanged: one hash a line, `hash,quality,file` or `hash=…,quality=…,filename=…` as the
//! reference's hashing tools print them, CSV with a header, and JSON Lines.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, Write};

use super::write::{Entry, Prepared};
use super::{Gallery, GalleryError};
use crate::pdq::Hash;

/// A list that says nothing of quality is taken at its word: exchanged lists leave poor hashes out.
const QUALITY_UNSAID: u8 = 100;

/// A line may be so long; what is longer is no list of hashes.
const LONGEST: u64 = 1 << 16;

const HASH: [&str; 6] = ["hash", "pdq", "pdq_hash", "signal", "signal_value", "indicator"];
const QUALITY: [&str; 2] = ["quality", "pdq_quality"];
const FILE: [&str; 5] = ["file", "filename", "name", "id", "content_id"];

/// Pictures handed on at a time.
const TOGETHER: usize = 1 << 20;

/// Reads a list and hands its pictures on, many at a time. A hash without a name is named by its digits; of two hashes of one name
/// the second is named `NAME#DIGITS`. Gives the lines that could not be used, with their numbers from 1 on and why.
///
/// # Errors
/// When reading fails, no line holds a hash, or `take` fails.
pub fn read_hashes(
    mut input: impl BufRead,
    brand: &str,
    mut take: impl FnMut(Vec<Prepared>) -> Result<(), GalleryError>,
) -> Result<Vec<(u64, String)>, GalleryError> {
    let mut refused = Vec::new();
    let mut pictures = Vec::new();
    let mut any = false;
    let mut names: HashMap<u64, Hash> = HashMap::new();
    let hasher = RandomState::new();
    let mut header: Option<Vec<String>> = None;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = io::Read::take(&mut input, LONGEST).read_until(b'\n', &mut line);
        if read.map_err(|e| GalleryError::Table(format!("line {number}: {e}")))? == 0 {
            break;
        }
        if number == 1 && (line.starts_with(b"\xff\xfe") || line.starts_with(b"\xfe\xff")) {
            return Err(GalleryError::Table("it is UTF-16; save it as UTF-8".to_owned()));
        }
        if line.len() as u64 == LONGEST {
            let why = format!("line {number} has {LONGEST} bytes or more: this is no list of hashes");
            return Err(GalleryError::Table(why));
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let fields = match fields(text, header.as_deref()) {
            Ok(Line::Fields(fields)) => fields,
            Ok(Line::Header(columns))
                if header.is_none() && !any && columns.iter().any(|name| HASH.contains(&name.as_str())) =>
            {
                header = Some(columns);
                continue;
            }
            Ok(Line::Header(_)) => {
                refused.push((number, "it holds no PDQ hash of 64 hexadecimal digits".to_owned()));
                continue;
            }
            Err(why) => {
                refused.push((number, why));
                continue;
            }
        };
        any = true;
        let digits = fields.hash.to_string();
        let named = fields.file.filter(|file| !file.is_empty());
        let mut file = named.unwrap_or_else(|| digits.clone());
        if file != digits {
            match names.insert(hasher.hash_one(&file), fields.hash) {
                Some(known) if known == fields.hash => continue,
                Some(_) => file = format!("{file}#{digits}"),
                None => {}
            }
        }
        let item = fields.item.filter(|item| !item.is_empty()).unwrap_or_else(|| super::stem(&file).to_owned());
        let brand = fields.brand.filter(|brand| !brand.is_empty()).unwrap_or_else(|| brand.to_owned());
        pictures.push(Prepared::hash_only(Entry { file, item, brand }, fields.hash, fields.quality));
        if pictures.len() == TOGETHER {
            take(std::mem::take(&mut pictures))?;
        }
    }
    if !any {
        let why = refused.first().map_or(String::new(), |(line, why)| format!(" (line {line}: {why})"));
        return Err(GalleryError::Table(format!("there is no PDQ hash of 64 hexadecimal digits in it{why}")));
    }
    if !pictures.is_empty() {
        take(pictures)?;
    }
    Ok(refused)
}

struct Fields {
    hash: Hash,
    quality: u8,
    file: Option<String>,
    item: Option<String>,
    brand: Option<String>,
}

enum Line {
    Fields(Fields),
    Header(Vec<String>),
}

fn fields(text: &str, header: Option<&[String]>) -> Result<Line, String> {
    let mut named: Vec<(String, String)> = Vec::new();
    if text.starts_with('{') {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|e| format!("it is no JSON object: {e}"))?;
        for (name, value) in object {
            let value = match value {
                serde_json::Value::String(text) => text,
                serde_json::Value::Number(number) => number.to_string(),
                _ => continue,
            };
            named.push((name.to_lowercase(), value));
        }
        let kind = named.iter().find(|(name, _)| name == "signal_type" || name == "type");
        if let Some((_, kind)) = kind.filter(|(_, kind)| !kind.to_lowercase().contains("pdq")) {
            return Err(format!("its signal is '{kind}', not PDQ"));
        }
    } else {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(text.as_bytes());
        let record = reader.records().next().and_then(Result::ok).ok_or("it is no line of CSV")?;
        let values: Vec<&str> = record.iter().collect();
        if values[0].starts_with("hash=") {
            let pairs = values.iter().filter_map(|value| value.split_once('='));
            named.extend(pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())));
        } else if let Some(columns) = header {
            named.extend(columns.iter().cloned().zip(values.iter().map(|&value| value.to_owned())));
        } else if let Some(at) = values.iter().position(|value| value.parse::<Hash>().is_ok()) {
            named.push(("hash".to_owned(), values[at].to_owned()));
            let rest = values.iter().enumerate().filter(|(i, value)| *i != at && !value.is_empty());
            for (_, value) in rest {
                let name = if value.parse::<u8>().is_ok_and(|q| q <= 100) { "quality" } else { "file" };
                if named.iter().all(|(known, _)| known != name) {
                    named.push((name.to_owned(), (*value).to_owned()));
                }
            }
        } else {
            return Ok(Line::Header(values.iter().map(|value| value.to_lowercase()).collect()));
        }
    }
    let get = |names: &[&str]| {
        let found = names.iter().find_map(|wanted| named.iter().find(|(name, _)| name == wanted));
        found.map(|(_, value)| value.clone())
    };
    let hash = get(&HASH).ok_or("it has no field 'hash'")?;
    let hash = hash.parse().map_err(|_| format!("'{hash}' is no PDQ hash of 64 hexadecimal digits"))?;
    let quality = match get(&QUALITY).filter(|text| !text.is_empty()) {
        Some(text) => {
            let quality = text.parse::<f64>().ok().filter(|q| (0.0..=100.0).contains(q));
            quality.ok_or(format!("quality '{text}' is not 0 to 100"))?.round() as u8
        }
        None => QUALITY_UNSAID,
    };
    Ok(Line::Fields(Fields { hash, quality, file: get(&FILE), item: get(&["item"]), brand: get(&["brand", "bank"]) }))
}

/// Writes all hashes as CSV: `hash,quality,file,item,brand`, by segment and name. Pictures too poor to have a hash are left out;
/// their number is given.
///
/// # Errors
/// When writing fails.
pub fn write_hashes<B: AsRef<[u8]>>(gallery: &Gallery<B>, out: impl Write) -> io::Result<usize> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["hash", "quality", "file", "item", "brand"])?;
    let mut left_out = 0;
    for (_, picture) in gallery.pictures() {
        if picture.quality == 0 {
            left_out += 1;
            continue;
        }
        let (hash, quality) = (picture.hash.to_string(), picture.quality.to_string());
        writer.write_record([&hash, &quality, picture.file, picture.item, picture.brand])?;
    }
    writer.flush()?;
    Ok(left_out)
}
