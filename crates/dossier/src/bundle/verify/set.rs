use std::collections::BTreeMap;
use std::io::{self, Read};

use huoyan_model::Localized;

use super::part::{CheckedPart, custody_fault};
use crate::bundle::digest::Hashing;
use crate::bundle::parts::SplitFile;
use crate::bundle::{Code, Problem, names};

/// What parts named together say of each other.
pub(super) fn check(parts: &mut [CheckedPart<'_>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let first = parts.iter_mut().find_map(|part| Some((part.index.take()?, part.index_digest)));
    let Some((index, digest)) = first else { return problems };
    let mut there: BTreeMap<usize, usize> = BTreeMap::new();
    for (n, part) in parts.iter().enumerate() {
        let Some(info) = &part.info else { continue };
        if part.index_digest.is_some_and(|other| Some(other) != digest) {
            let message = (
                "与其他分卷不属于同一个证据包；请分别核验",
                "it is of another bundle than the other parts; verify each bundle by itself",
            );
            problems.push(part.problem(Code::ForeignPart, "", message));
        } else if let Some(first) = there.get(&info.number).map(|first| &parts[*first].report) {
            let (number, other) = (info.number, &first.name);
            // The tag manifest stands for all of a part, and each was compared with its own.
            problems.push(if first.tag_manifest == part.report.tag_manifest {
                let message = (
                    format!("与 {other} 是同一卷（第 {number} 卷），同一卷给了两次，均已核验"),
                    format!("the same part as {other} (part {number}), given twice; both were looked at"),
                );
                part.problem(Code::SamePart, "", message)
            } else {
                let message = (
                    format!("第 {number} 卷给了两次，与 {other} 内容不同；请只给出一份"),
                    format!("part {number} is there twice, otherwise than {other}; name one of them"),
                );
                part.problem(Code::PartTwice, "", message)
            });
        } else {
            there.insert(info.number, n);
        }
    }
    let of = index.parts.len();
    for number in (1..=of).filter(|number| !there.contains_key(number)) {
        let message = Localized::new(
            format!("缺少第 {number} 分卷（共 {of} 个）；请一并给出"),
            format!("part {number} of {of} is not there; name it too"),
        );
        let part = format!("{}.zip", names::folder(&index.case, number, of));
        problems.push(Problem { code: Code::PartMissing, part, place: String::new(), message });
    }
    if there.len() == of {
        for split in &index.split {
            let place: BTreeMap<&str, usize> = (index.parts.iter().enumerate())
                .flat_map(|(n, part)| part.files.iter().map(move |file| (file.path.as_str(), n)))
                .filter_map(|(path, n)| there.get(&(n + 1)).map(|part| (path, *part)))
                .collect();
            let mut say = |code, message| {
                problems.push(Problem { code, part: index.case.clone(), place: split.path.clone(), message });
            };
            let mut kept = Vec::new();
            if !whole(parts, split, &place, &mut kept).unwrap_or(false) {
                let message = Localized::new("各片段合起来不是原文件", "its pieces do not give the whole file");
                say(Code::SplitFile, message);
            } else if split.path == names::CUSTODY {
                let said = parts.iter().find_map(|part| part.info.as_ref()).and_then(|info| info.custody_head);
                if let Some((code, message)) = custody_fault(std::str::from_utf8(&kept).ok(), said) {
                    say(code, message);
                }
            }
        }
    }
    problems
}

/// Joins a file's pieces; the custody record is kept, to be verified.
fn whole(
    parts: &mut [CheckedPart<'_>],
    split: &SplitFile,
    place: &BTreeMap<&str, usize>,
    kept: &mut Vec<u8>,
) -> io::Result<bool> {
    // Pieces that cannot give the whole are not read: what is kept is as long as it is said to be.
    let length = |piece: &String| {
        let part = *place.get(piece.as_str())?;
        Some(parts[part].prints.get(piece).map_or(0, |prints| prints.bytes))
    };
    if split.pieces.iter().map(length).sum::<Option<u64>>() != Some(split.bytes) {
        return Ok(false);
    }
    // Longer than any custody record may be, and it is not kept.
    let keep = split.path == names::CUSTODY && split.bytes <= names::max_bytes(names::CUSTODY);
    let mut sum = Hashing::new(if keep { Box::new(kept) as Box<dyn io::Write> } else { Box::new(io::sink()) });
    for piece in &split.pieces {
        let part = *place.get(piece.as_str()).ok_or(io::ErrorKind::NotFound)?;
        let expected = parts[part].prints.get(piece).map_or(0, |prints| prints.bytes);
        io::copy(&mut parts[part].files.open(piece)?.take(expected), &mut sum)?;
    }
    Ok(sum.finish() == (split.sha256, split.bytes))
}
