use huoyan_model::{Locale, Localized};

use super::super::Block;
use super::{Material, heading, notice, paragraph, shorten, table};
use crate::check::{ChatHit, Completeness};

pub(super) fn blocks(material: &Material) -> Vec<Block> {
    let Material { completeness, locale, .. } = *material;
    let zh = locale == Locale::Zh;
    let say = |zh_text: &str, en_text: &str| if zh { zh_text.to_owned() } else { en_text.to_owned() };
    let mut blocks = vec![if completeness.complete {
        notice("info", say("按清单检查，没有缺少的内容。", "By the list, nothing is missing."))
    } else {
        notice(
            "missing",
            say(
                "仍有应补充的内容；可以照常导出，封面会标注“未完整”。",
                "Something is still to be added; it can be exported all the same, stamped incomplete.",
            ),
        )
    }];
    let plain = |title: String, lines: Vec<String>, blocks: &mut Vec<Block>| {
        if !lines.is_empty() {
            blocks.push(heading(&title));
            blocks.extend(lines.into_iter().map(paragraph));
        }
    };
    let all = |lines: &[Localized]| lines.iter().map(|line| line.get(locale).to_owned()).collect::<Vec<_>>();
    plain(say("原件缺失或被改动", "Originals that are missing or altered"), all(&completeness.originals), &mut blocks);
    hits(
        &completeness.harmful,
        &say("我方聊天中可能不利的内容", "What in the shop's chats may speak against it"),
        locale,
        &mut blocks,
    );
    if !completeness.ledger.is_empty() {
        blocks.push(heading(&say("记录中可能不利的事实", "What in the records may speak against the shop")));
        let line = |fact: &crate::check::LedgerFact| {
            let place = format!("{} · {}", fact.place.exhibit, fact.place.line);
            vec![place, fact.text.get(locale).to_owned()]
        };
        let columns = if zh { [("出处", 15), ("事实", 85)] } else { [("Where", 15), ("Fact", 85)] };
        blocks.push(table("", &columns, &[], completeness.ledger.iter().map(line).collect()));
    }
    if !completeness.statement.is_empty() {
        blocks.push(heading(&say("陈述的措辞", "Words of the statement")));
        let mut found: Vec<&crate::lint::StatementFinding> = completeness.statement.iter().collect();
        found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let line = |found: &crate::lint::StatementFinding| {
            vec![shorten(&found.words, 120), found.why.get(locale).to_owned(), found.suggestion.get(locale).to_owned()]
        };
        blocks.push(table("", &advice(zh), &[], found.into_iter().map(line).collect()));
    }
    let unknown: Vec<String> =
        completeness.unknown_citations.iter().map(|unknown| format!("{} → {}", unknown.by, unknown.exhibit)).collect();
    if !unknown.is_empty() {
        blocks.push(heading(&say("引用了不存在的证据", "Citations of exhibits that are not there")));
        blocks.push(paragraph(unknown.join("、")));
    }
    let claims = &completeness.claims_without_exhibit;
    if !claims.is_empty() {
        blocks.push(heading(&say(
            "没有证据的事实（未写入陈述）",
            "Claims without an exhibit (left out of the statement)",
        )));
        blocks.push(paragraph(claims.join("、")));
    }
    missing(completeness, locale, &mut blocks);
    plain(
        say("时间线中对不上或应先核对的内容", "What in the timeline does not fit or should be checked first"),
        all(&completeness.course),
        &mut blocks,
    );
    plain(
        say("请核对（如有则补充，没有则不必）", "To be looked at (add what there is)"),
        completeness.questions.iter().map(|question| question.action.get(locale).to_owned()).collect(),
        &mut blocks,
    );
    plain(
        say("未读取或未能确定的内容", "What was not read, or not for certain"),
        all(&completeness.reading),
        &mut blocks,
    );
    hits(
        &completeness.citable,
        &say("买家的话中可以引用的内容", "Words of the buyer that can be cited"),
        locale,
        &mut blocks,
    );
    let idle: Vec<String> = completeness.exhibits_without_claim.iter().map(ToString::to_string).collect();
    if !idle.is_empty() {
        blocks.push(heading(&say("没有陈述引用的证据", "Exhibits that no claim cites")));
        blocks.push(paragraph(idle.join("、")));
    }
    principles(completeness, locale, &mut blocks);
    if !completeness.notes.is_empty() {
        blocks.push(heading(&say("说明", "Notes")));
        blocks.extend(completeness.notes.iter().map(|note| paragraph(note.get(locale))));
    }
    blocks
}

fn missing(completeness: &Completeness, locale: Locale, blocks: &mut Vec<Block>) {
    if completeness.missing.is_empty() {
        return;
    }
    let zh = locale == Locale::Zh;
    blocks.push(heading(if zh { "需要补充" } else { "To be added" }));
    let columns: &[(&str, u16)] = if zh {
        &[("补充什么", 32), ("为什么", 26), ("如何取得", 24), ("依据", 18)]
    } else {
        &[("What", 32), ("Why", 26), ("How", 24), ("Source", 18)]
    };
    let row = |missing: &crate::check::Missing| {
        let source = missing.source.as_ref().map(|source| format!("{}（{}）", source.title, source.as_of));
        let text = |text: &Localized| text.get(locale).to_owned();
        vec![text(&missing.action), text(&missing.why), text(&missing.how), source.unwrap_or_default()]
    };
    blocks.push(table("", columns, &[], completeness.missing.iter().map(row).collect()));
}

fn principles(completeness: &Completeness, locale: Locale, blocks: &mut Vec<Block>) {
    let zh = locale == Locale::Zh;
    blocks.push(heading(if zh {
        "三项原则（本工具的评分，不是平台的评分）"
    } else {
        "Three principles (our own scores, not the platform's)"
    }));
    let row = |score: &crate::check::PrincipleScore| {
        let reasons: Vec<String> = score
            .reasons
            .iter()
            .map(|reason| format!("{} {}", if reason.met { "✓" } else { "✗" }, reason.text.get(locale)))
            .collect();
        vec![score.principle.name().get(locale).to_owned(), format!("{} / 100", score.score), reasons.join("\n")]
    };
    let columns: &[(&str, u16)] = if zh {
        &[("原则", 16), ("得分", 12), ("依据", 72)]
    } else {
        &[("Principle", 18), ("Score", 12), ("Points", 70)]
    };
    blocks.push(table("", columns, &[], completeness.principles.iter().map(row).collect()));
}

fn hits(hits: &[ChatHit], title: &str, locale: Locale, blocks: &mut Vec<Block>) {
    if hits.is_empty() {
        return;
    }
    blocks.push(heading(title));
    let row = |hit: &ChatHit| {
        let words = format!("{} · {}\n{}", hit.place.exhibit, hit.place.line, shorten(&hit.finding.words, 160));
        vec![words, hit.finding.why.get(locale).to_owned(), hit.finding.suggestion.get(locale).to_owned()]
    };
    blocks.push(table("", &advice(locale == Locale::Zh), &[], hits.iter().map(row).collect()));
}

fn advice(zh: bool) -> [(&'static str, u16); 3] {
    if zh {
        [("出处与原文", 28), ("为什么", 36), ("建议", 36)]
    } else {
        [("Where and words", 28), ("Why", 36), ("What to do", 36)]
    }
}
