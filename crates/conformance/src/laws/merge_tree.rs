//! Summaries merge in any order and any tree.

use huoyan_model::{Localized, StageKind};

use super::{Breach, Law, common, no_note};
use crate::play::{merge, summaries};
use crate::rows::Row;
use crate::said::{clip, hex};
use crate::shape::{Cut, Shape, Tree};
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "merge-tree",
    zh: "汇总合并",
    en: "merge tree",
    demands_zh: "汇总的合并满足结合律与交换律，任何合并次序都逐字节相同",
    demands_en: "merging summaries is associative and commutative: any tree gives the same bytes",
    moot,
    inputs: common,
    holds,
    shrinks: true,
    by_fixture: true,
    note: no_note,
};

fn moot(subject: &Subject<'_>) -> Option<Localized> {
    let none = || Localized::new("没有全体（corpus）阶段", "it has no corpus stage");
    (!subject.has(StageKind::Corpus)).then(none)
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let detector = subject.fresh().map_err(|stop| Breach::Elsewhere(stop.what))?;
    for stage in subject.spec.stages.iter().filter(|s| s.kind == StageKind::Corpus && s.reads.record.is_some()) {
        let shape = Shape { cut: Cut::Every(1 + rows.len() / 9), pieces: 7, ..Shape::default() };
        let mut pieces = summaries(&detector, stage, rows, &shape).map_err(|stop| Breach::Elsewhere(stop.what))?;
        // A task that was given nothing has a summary too.
        pieces.extend(summaries(&detector, stage, &[], &shape).map_err(|stop| Breach::Elsewhere(stop.what))?);
        let merged = |pieces: Vec<Vec<u8>>, tree: Tree, zh: &str, en: &str| {
            merge(&detector, stage, pieces, &Shape { tree, ..Shape::default() })
                .map_err(|stop| Breach::under(zh, en, stop))
        };
        let differ = |zh: &str, en: &str, a: &Option<Vec<u8>>, b: &Option<Vec<u8>>| {
            let shown = |bytes: &Option<Vec<u8>>| clip(&hex(bytes.as_deref().unwrap_or_default()));
            let (name, a, b) = (&stage.name, shown(a), shown(b));
            Breach::here(Localized::new(
                format!("阶段 '{name}' 的汇总：{zh}：{a} 与 {b}"),
                format!("the summaries of stage '{name}': {en}: {a} and {b}"),
            ))
        };
        for pair in pieces.windows(2) {
            let (zh, en) = ("合并(a, b)与合并(b, a)不同", "merging (a, b) and (b, a) differs");
            let ab = merged(pair.to_vec(), Tree::Left, zh, en)?;
            let ba = merged(vec![pair[1].clone(), pair[0].clone()], Tree::Left, zh, en)?;
            if ab != ba {
                return Err(differ(zh, en, &ab, &ba));
            }
        }
        for triple in pieces.windows(3) {
            let (zh, en) = ("(ab)c 与 a(bc) 不同", "(ab)c and a(bc) differ");
            let left = merged(triple.to_vec(), Tree::Left, zh, en)?;
            let right = merged(triple.to_vec(), Tree::Right, zh, en)?;
            if left != right {
                return Err(differ(zh, en, &left, &right));
            }
        }
        let (zh, en) = ("不同的合并次序结果不同", "two trees differ");
        let left = merged(pieces.clone(), Tree::Left, zh, en)?;
        let trees = [Tree::Right, Tree::Balanced, Tree::Any(1), Tree::Any(2), Tree::Any(3), Tree::Any(4)];
        for tree in trees {
            let other = merged(pieces.clone(), tree, zh, en)?;
            if left != other {
                return Err(differ(zh, en, &left, &other));
            }
        }
    }
    Ok(())
}
