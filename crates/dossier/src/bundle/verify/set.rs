use std::collections::BTreeMap;
use std::io::{self, Read};

use huoyan_model::Localized;

use super::part::CheckedPart;
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
            let message = ("与其他分卷不属于同一个证据包", "it is of another bundle than the other parts");
            problems.push(part.problem(Code::ForeignPart, "", message));
        } else if there.insert(info.number, n).is_some() {
            let message =
                (format!("第 {} 分卷出现了两次", info.number), format!("part {} is there twice", info.number));
            problems.push(part.problem(Code::PartTwice, "", message));
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
            if !whole(parts, split, &place).unwrap_or(false) {
                let message = Localized::new("各片段合起来不是原文件", "its pieces do not give the whole file");
                let part = index.case.clone();
                problems.push(Problem { code: Code::SplitFile, part, place: split.path.clone(), message });
            }
        }
    }
    problems
}

fn whole(parts: &mut [CheckedPart<'_>], split: &SplitFile, place: &BTreeMap<&str, usize>) -> io::Result<bool> {
    let mut sum = Hashing::new(io::sink());
    for piece in &split.pieces {
        let part = *place.get(piece.as_str()).ok_or(io::ErrorKind::NotFound)?;
        let expected = parts[part].prints.get(piece).map_or(0, |prints| prints.bytes);
        io::copy(&mut parts[part].files.open(piece)?.take(expected), &mut sum)?;
    }
    Ok(sum.finish() == (split.sha256, split.bytes))
}
