use huoyan_model::{Locale, Localized};

use super::super::Block;
use super::{Material, notice, paragraph, shorten, table};
use crate::case::Exhibit;
use crate::deadline::Instant;
use crate::lint::Wording;

pub(super) fn blocks(material: &Material) -> Vec<Block> {
    let Material { case, locale, .. } = *material;
    let zh = locale == Locale::Zh;
    if case.exhibits.is_empty() {
        return vec![paragraph(if zh { "尚无证据。" } else { "There are no exhibits yet." })];
    }
    let columns: &[(&str, u16)] = if zh {
        &[("编号", 8), ("名称与类别", 27), ("来源", 19), ("取得（人、时间、方式）", 22), ("文件与 SHA-256", 24)]
    } else {
        &[("No.", 8), ("Title and class", 27), ("Source", 19), ("Taken (who, when, how)", 22), ("File and SHA-256", 24)]
    };
    let rows = case.exhibits.iter().map(|exhibit| row(exhibit, locale)).collect();
    let mut blocks = vec![table("", columns, &[4], rows)];
    let phrase = |id: &str| Wording::built_in().get(id).map(|phrase| phrase.text.get(locale)).unwrap_or_default();
    let text = match locale {
        Locale::Zh => format!("哈希值一致的文件{}；{}。", phrase("unaltered"), phrase("content_not_proved")),
        Locale::En => {
            format!("A file with the same digest is {}; {}.", phrase("unaltered"), phrase("content_not_proved"))
        }
    };
    blocks.push(notice("info", text));
    if case.exhibits.iter().any(|exhibit| exhibit.copy_of.is_some() || !exhibit.cover.is_empty()) {
        blocks.push(notice("info", format!("{}{}", phrase("redacted_copy"), if zh { "。" } else { "." })));
    }
    blocks
}

fn row(exhibit: &Exhibit, locale: Locale) -> Vec<String> {
    let mut title = vec![shorten(&exhibit.title, 200), exhibit.class.name().get(locale).to_owned()];
    let copy: Option<Localized> = match exhibit.copy_of {
        Some(id) => Some((format!("遮盖副本（原件 {id}）"), format!("redacted copy (of {id})")).into()),
        None if !exhibit.cover.is_empty() => Some(("随附遮盖副本", "goes out as a redacted copy").into()),
        None => None,
    };
    title.extend(copy.map(|copy| copy.get(locale).to_owned()));
    let party = exhibit.source.party.name();
    let mut source = vec![match (exhibit.source.party_told, locale) {
        (true, _) => party.get(locale).to_owned(),
        (false, Locale::Zh) => format!("{}（推断）", party.zh),
        (false, Locale::En) => format!("{} (guessed)", party.en),
    }];
    source.extend(
        [&exhibit.source.system, &exhibit.source.uri]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(|part| shorten(part, 160)),
    );
    let shown = |at: Instant| at.to_string().replace('T', " ");
    // Who did not say when it was taken has at least put it into the case at a known time.
    let captured = match (exhibit.captured_at.map(shown), locale) {
        (Some(at), _) => at,
        (None, Locale::Zh) => format!("取得时间未记；{} 固定", shown(exhibit.added_at)),
        (None, Locale::En) => format!("time unknown; fixed {}", shown(exhibit.added_at)),
    };
    let taken = [shorten(&exhibit.captured_by, 80), captured, method(&exhibit.method).get(locale).to_owned()];
    let taken: Vec<String> = taken.into_iter().filter(|part| !part.is_empty()).collect();
    let name = shorten(exhibit.file.rsplit('/').next().unwrap_or_default(), 120);
    let file = format!("{name}\n{} B\n{}", exhibit.bytes, exhibit.sha256);
    vec![exhibit.id.to_string(), title.join("\n"), source.join("\n"), taken.join("\n"), file]
}

fn method(method: &str) -> Localized {
    match method {
        "screenshot" => ("截图", "screenshot").into(),
        "photo" => ("拍照", "photograph").into(),
        "export" => ("导出", "export").into(),
        "recording" => ("录屏", "recording").into(),
        "download" => ("下载", "download").into(),
        "scan-input" => ("扫描时使用的文件", "a file given to the scan").into(),
        "scan" => ("扫描", "scan").into(),
        "replay" => ("由检测结果重算", "computed again from the screening").into(),
        other => shorten(other, 80).into(),
    }
}
