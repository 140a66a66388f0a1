use huoyan_model::{Locale, Localized};

use super::super::Block;
use super::{Material, notice, paragraph, shorten, table};
use crate::assemble::CopyNote;
use crate::case::Exhibit;
use crate::deadline::Instant;
use crate::lint::Wording;

/// Files of one copy that are listed; a workbook may have more sheets.
const MOST_FILES: usize = 12;

pub(super) fn blocks(material: &Material) -> Vec<Block> {
    let Material { case, locale, .. } = *material;
    let zh = locale == Locale::Zh;
    if case.exhibits.is_empty() {
        return vec![paragraph(if zh { "尚无证据。" } else { "There are no exhibits yet." })];
    }
    let columns: &[(&str, u16)] = if zh {
        &[
            ("编号", 7),
            ("名称与类别", 19),
            ("来源", 14),
            ("取得（人、时间、方式）", 16),
            ("原件与 SHA-256", 20),
            ("随附文件与 SHA-256", 24),
        ]
    } else {
        &[
            ("No.", 7),
            ("Title and class", 19),
            ("Source", 14),
            ("Taken (who, when, how)", 16),
            ("Original and SHA-256", 20),
            ("Attached and SHA-256", 24),
        ]
    };
    let note = |exhibit: &Exhibit| material.copies.map(|copies| copies.iter().find(|note| note.exhibit == exhibit.id));
    let rows = case.exhibits.iter().map(|exhibit| row(exhibit, note(exhibit), locale)).collect();
    let mut blocks = vec![table("", columns, &[4, 5], rows)];
    let phrase = |id: &str| Wording::built_in().get(id).map(|phrase| phrase.text.get(locale)).unwrap_or_default();
    let text = match locale {
        Locale::Zh => format!("与原件哈希值一致的文件{}；{}。", phrase("unaltered"), phrase("content_not_proved")),
        Locale::En => {
            format!("A file with an original's digest is {}; {}.", phrase("unaltered"), phrase("content_not_proved"))
        }
    };
    blocks.push(notice("info", text));
    let copies = material.copies.unwrap_or_default();
    if copies.iter().any(|note| !note.files.is_empty() && !note.treatment.is_original()) {
        blocks.push(notice(
            "info",
            if zh {
                "随附文件是由原件制作的副本，除写明逐字节相同的以外，哈希值与原件不同，请与“随附文件”一栏核对；各副本的制作方式见其文件夹中的“副本说明.json”。"
            } else {
                "What is attached are copies made of the originals; unless they are said to be the same byte for byte their digests differ, so \
                 compare them with the column 'Attached'. How each was made stands in its folder, in '副本说明.json'."
            },
        ));
    }
    if copies.iter().flat_map(|note| &note.files).any(|file| file.bytes >= may_be_split(material)) {
        blocks.push(notice(
            "info",
            if zh {
                "大于单个附件上限的文件拆成 .part01、.part02 等段，分在各卷；合并的命令见每卷的 VERIFY.md，合并后应与上表的哈希值一致。"
            } else {
                "Files longer than one attachment may be are cut into .part01, .part02 and so on, in several parts; VERIFY.md in each part has \
                 the commands that join them, after which they have the digests above."
            },
        ));
    }
    if case.exhibits.iter().any(|exhibit| exhibit.copy_of.is_some() || !exhibit.cover.is_empty()) {
        blocks.push(notice("info", format!("{}{}", phrase("redacted_copy"), if zh { "。" } else { "." })));
    }
    blocks
}

/// A file of so many bytes may not fit into one attachment, with what a part holds besides.
fn may_be_split(material: &Material) -> u64 {
    const BESIDE: u64 = 256 * 1024;
    let target = material.tables.targets.get(&material.case.target);
    target.map_or(u64::MAX, |target| target.limits().raw_bytes().saturating_sub(BESIDE))
}

/// What goes out of an exhibit: how it was made, and each file with its digest. `None` until copies are made.
fn attached(note: Option<Option<&CopyNote>>, locale: Locale) -> String {
    let l = |zh: &str, en: &str| Localized::new(zh, en).get(locale).to_owned();
    let Some(note) = note else { return l("导出时制作", "made on export") };
    let Some(note) = note else { return l("未随附", "left out") };
    let mut lines = vec![note.about.get(locale).to_owned()];
    for file in note.files.iter().take(MOST_FILES) {
        lines.push(format!("{}\n{} B\n{}", shorten(&file.path, 160), file.bytes, file.sha256));
    }
    if let Some(more) = note.files.len().checked_sub(MOST_FILES).filter(|more| *more > 0) {
        lines.push(l(&format!("另有 {more} 个文件，见副本说明.json"), &format!("{more} more, see 副本说明.json")));
    }
    if let Some(sealed) = &note.sealed {
        lines.push(l(&format!("原件已密封：{sealed}"), &format!("the original, sealed: {sealed}")));
    }
    lines.join("\n")
}

fn row(exhibit: &Exhibit, note: Option<Option<&CopyNote>>, locale: Locale) -> Vec<String> {
    let mut title = vec![shorten(&exhibit.title, 200), exhibit.class.name().get(locale).to_owned()];
    let copy: Option<Localized> = match exhibit.copy_of {
        Some(id) => Some((format!("遮盖副本（原件 {id}）"), format!("redacted copy (of {id})")).into()),
        None if note.is_none() && !exhibit.cover.is_empty() => {
            Some(("随附遮盖副本", "goes out as a redacted copy").into())
        }
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
    vec![exhibit.id.to_string(), title.join("\n"), source.join("\n"), taken.join("\n"), file, attached(note, locale)]
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
