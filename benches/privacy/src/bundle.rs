//! What leaves the house: a case is made of the corpus by the command itself, and every value is looked for in every byte of the bundle.
#![expect(clippy::print_stdout, reason = "a command that prints its report")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use huoyan_dossier::privacy::{CaseKey, Redactor};

use crate::corpus::{Gold, Record, Split, corpus};
use crate::score::covered;

/// Values with fewer figures or letters stand in other words by chance.
const LEAST: usize = 4;
/// Sentences that are claims too, and so stand on the cover, in the statement and in the PDF.
const CLAIMS: usize = 12;
/// Values that files are named by.
const NAMES: usize = 24;

/// Builds the bundle and prints what was found in it; whether no value that the redaction knows has left.
pub fn report(huoyan: &str, pdf: Option<&str>, seed: u64, values: usize) -> Result<bool, Box<dyn Error>> {
    let mut records = corpus(seed, Split::Dev, values / 2)?;
    records.extend(corpus(seed + 1, Split::Held, values / 2)?);
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    let run = |args: &[&str]| -> Result<(), Box<dyn Error>> {
        let done = Command::new(huoyan).current_dir(folder.path()).arg("appeal").args(args).output()?;
        if done.status.success() {
            return Ok(());
        }
        Err(format!("huoyan appeal {}: {}", args.join(" "), String::from_utf8_lossy(&done.stderr)).into())
    };
    let now = ["--now", "2026-11-22 10:00"];
    run(
        &[&["new", "--type", "malicious_review", "--shop", "S1", "--review", "R1", "--out", "case"], &now[..]].concat()
    )?;
    let names = write(&records, folder.path())?;
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    run(&[&["add", "case"], &files[..], &now[..]].concat())?;
    let mut claims = 0;
    for record in records.iter().filter(|record| !record.gold.is_empty() && !record.text.contains('\n')) {
        claims += usize::from(run(&["claim", "case", &record.text, "--exhibit", "E01"]).is_ok());
        if claims == CLAIMS {
            break;
        }
    }
    run(&["key", "new", "key"])?;
    let mut build = vec!["build", "case", "--key", "key", "--out", "out"];
    build.extend(now);
    if let Some(program) = pdf {
        build.extend(["--pdf", program]);
    }
    run(&build)?;
    let leaves = outgoing(&at("out"), pdf.is_some())?;
    println!(
        "{} texts in {} exhibits, {claims} claims: {} files leave, {} bytes with what is unpacked",
        records.len(),
        names.len(),
        leaves.len(),
        leaves.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()
    );
    Ok(search(&records, &leaves))
}

/// The records as files of every kind that a shop has; what could stand in a name or in a picture's metadata stands there too.
fn write(records: &[Record], folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    let mut put = |name: String, bytes: &[u8]| -> std::io::Result<()> {
        fs::write(folder.join(&name), bytes)?;
        names.push(name);
        Ok(())
    };
    let part = |n: usize| records.iter().skip(n).step_by(6).map(|record| record.text.as_str());
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut csv = "时间,发送人,内容\n".to_owned();
    part(0).for_each(|text| csv.push_str(&format!("2026-11-20 10:00:00,买家,{}\n", quoted(text))));
    put("聊天记录.csv".to_owned(), csv.as_bytes())?;
    put("聊天.txt".to_owned(), part(1).collect::<Vec<_>>().join("\n\n").as_bytes())?;
    let lines: Vec<String> = part(2).map(|text| serde_json::json!({ "content": text }).to_string()).collect();
    put("消息.jsonl".to_owned(), lines.join("\n").as_bytes())?;
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, text) in (0..).zip(part(3)) {
        sheet.write_string(row, 0, text)?;
    }
    put("售后.xlsx".to_owned(), &book.save_to_buffer()?)?;
    let mail = part(4).collect::<Vec<_>>().join("\r\n\r\n");
    let head = "From: kefu@example.com\r\nTo: shop@example.com\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
    put("来信.eml".to_owned(), format!("{head}{mail}").as_bytes())?;
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let page: String = part(5).map(|text| format!("<p>{}</p>\n", escape(text))).collect();
    put("页面.html".to_owned(), format!("<html><body>{page}</body></html>").as_bytes())?;
    let plain = records.iter().flat_map(|record| &record.gold).map(|gold| gold.plain.as_str());
    let fit = |text: &&str| !text.contains(['/', '\\', '\n', ':']) && (LEAST..40).contains(&text.chars().count());
    let named: BTreeSet<&str> = plain.filter(fit).take(NAMES).collect();
    for (n, value) in named.iter().enumerate() {
        put(format!("{n}_{value}.txt"), format!("第 {n} 份说明\n").as_bytes())?;
        put(format!("{n}.jpg"), &picture(value, n)?)?;
    }
    Ok(names)
}

/// A picture with a value in its comment and its Exif.
fn picture(value: &str, n: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let tone = u8::try_from(n % 200)?;
    let mut jpeg = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(8, 8, image::Rgb([tone, 90, 200])).write_to(&mut jpeg, image::ImageFormat::Jpeg)?;
    let jpeg = jpeg.into_inner();
    let mut out = jpeg[..2].to_vec();
    let exif = [b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", value.as_bytes()].concat();
    for (marker, body) in [(0xE1, exif), (0xFE, value.as_bytes().to_vec())] {
        out.extend([0xFF, marker]);
        out.extend(u16::try_from(body.len() + 2)?.to_be_bytes());
        out.extend(body);
    }
    out.extend(&jpeg[2..]);
    Ok(out)
}

/// What leaves: where it stands, and its bytes.
type Leaves = (String, Vec<u8>);

/// Every file that leaves, and what a reader would unpack from it.
fn outgoing(out: &Path, pdf: bool) -> Result<Vec<Leaves>, Box<dyn Error>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        let bytes = fs::read(&path)?;
        if path.extension().is_some_and(|ending| ending == "zip") {
            let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes))?;
            for n in 0..archive.len() {
                let mut file = archive.by_index(n)?;
                let name = file.name()?.into_owned();
                let mut content = Vec::new();
                std::io::Read::read_to_end(&mut file, &mut content)?;
                if pdf && name.ends_with(".pdf") {
                    let place = out.join("text.pdf");
                    fs::write(&place, &content)?;
                    let text = Command::new("pdftotext").arg(&place).arg("-").output()?;
                    fs::remove_file(&place)?;
                    all.push((format!("{name} as text"), text.stdout));
                }
                all.push((format!("name of {name}"), name.clone().into_bytes()));
                all.push((name, content));
            }
        }
        // The mail carries the parts, which were unpacked above, in base64.
        let own = |line: &&[u8]| line.iter().any(|byte| !byte.is_ascii_alphanumeric() && !b"+/=\r".contains(byte));
        let mail = path.extension().is_some_and(|ending| ending == "eml");
        let bytes =
            if mail { bytes.split(|byte| *byte == b'\n').filter(own).collect::<Vec<_>>().join(&b'\n') } else { bytes };
        all.push((path.display().to_string(), bytes));
    }
    Ok(all)
}

/// A value as bytes could hold it.
fn writings(value: &str) -> Vec<Vec<u8>> {
    let wide: Vec<u16> = value.encode_utf16().collect();
    let mut all = vec![
        value.as_bytes().to_vec(),
        wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ];
    // In base64 a value begins at one of three places of a group; the figures at its ends mix with what stands beside it.
    for shift in 0..3 {
        let padded = [vec![0; shift], value.as_bytes().to_vec()].concat();
        let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&padded);
        let (from, to) = ((shift * 4).div_ceil(3), padded.len() * 4 / 3);
        if to > from + 8 {
            all.push(text.as_bytes()[from..to].to_vec());
        }
    }
    all
}

fn search(records: &[Record], leaves: &[Leaves]) -> bool {
    let redactor = Redactor::new(CaseKey::from_bytes([7; 32]));
    // A value is known when the redaction finds it wherever the corpus has it.
    let mut known: BTreeMap<&str, bool> = BTreeMap::new();
    for record in records {
        let spans = redactor.spans(&record.text);
        for gold in &record.gold {
            let found = covered(&record.text, gold, &spans);
            for value in [gold.plain.as_str(), written(record, gold)] {
                if value.chars().filter(|c| c.is_alphanumeric()).count() >= LEAST {
                    *known.entry(value).or_insert(true) &= found;
                }
            }
        }
    }
    let kept: Vec<&str> =
        records.iter().flat_map(|record| record.traps.iter().map(|trap| written(record, trap))).collect();
    // What must stay may hold a value: a sentence on an author with his name.
    let values: Vec<(&str, bool)> =
        known.into_iter().filter(|(value, _)| !kept.iter().any(|stay| stay.contains(value))).collect();
    let (mut patterns, mut owner) = (Vec::new(), Vec::new());
    for (n, (value, _)) in values.iter().enumerate() {
        for writing in writings(value) {
            patterns.push(writing);
            owner.push(n);
        }
    }
    let Ok(search) = AhoCorasick::new(&patterns) else { return false };
    let mut found: BTreeMap<usize, &str> = BTreeMap::new();
    for (name, bytes) in leaves {
        for hit in search.find_overlapping_iter(bytes).filter(|hit| !in_digest(bytes, hit.start())) {
            found.entry(owner[hit.pattern().as_usize()]).or_insert(name);
        }
    }
    let leaked: Vec<(&str, &str)> =
        found.iter().filter(|(n, _)| values[**n].1).map(|(n, file)| (values[*n].0, *file)).collect();
    println!(
        "{} values in {} writings: {} that the redaction finds stand in what leaves; {} of {} that it does not find do",
        values.len(),
        patterns.len(),
        leaked.len(),
        found.len() - leaked.len(),
        values.iter().filter(|(_, known)| !known).count(),
    );
    for (value, file) in leaked.iter().take(20) {
        println!("LEAK {value:?} in {file}");
    }
    leaked.is_empty()
}

/// Whether a byte stands in a digest: some of thousands have any short number within.
fn in_digest(bytes: &[u8], at: usize) -> bool {
    let digit = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let before = bytes[..at].iter().rev().take(129).take_while(digit).count();
    let behind = bytes[at..].iter().take(129).take_while(digit).count();
    behind > 0 && matches!(before + behind, 32 | 40 | 64 | 128)
}

fn written<'r>(record: &'r Record, gold: &Gold) -> &'r str {
    &record.text[gold.range.clone()]
}
