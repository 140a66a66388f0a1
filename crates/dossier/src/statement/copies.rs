//! The list of exhibits and what is declared of them. A reader holds copies, so their digests stand beside the originals'; of what is not
//! attached nothing is said that he could check.

use huoyan_model::Locale;

use super::sentence::{brackets, phrase};
use crate::assemble::CopyNote;
use crate::case::{Case, Exhibit};
use crate::lint::{ExhibitId, Wording};

/// One line for each exhibit. Without copies only the originals are told.
pub(super) fn list(case: &Case, copies: Option<&[CopyNote]>, locale: Locale) -> Vec<String> {
    let note = |exhibit: &Exhibit| copies?.iter().find(|note| note.exhibit == exhibit.id);
    case.exhibits.iter().map(|exhibit| listed(exhibit, note(exhibit), locale)).collect()
}

fn listed(exhibit: &Exhibit, note: Option<&CopyNote>, locale: Locale) -> String {
    let (title, party) = (phrase(&exhibit.title), exhibit.source.party.name());
    let copy = exhibit.copy_of.map(|original| match locale {
        Locale::Zh => format!("，{original} 的遮盖副本，并非原件"),
        Locale::En => format!(", a redacted copy of {original}, not the original"),
    });
    let (copy, cited, digest) = (copy.unwrap_or_default(), brackets(&[exhibit.id]), exhibit.sha256);
    let (begin, end) = match locale {
        Locale::Zh => (format!("：{title}，来自{}{copy}，", party.zh), "SHA-256"),
        Locale::En => (format!(": {title}, from {}{copy}, ", party.en), "SHA-256"),
    };
    let Some(note) = note else {
        return match locale {
            Locale::Zh => format!("附件{cited}{begin}{end} {digest}"),
            Locale::En => format!("Attachments {cited}{begin}{end} {digest}"),
        };
    };
    let name = note.treatment.name();
    if note.files.is_empty() {
        let sealed = note.sealed.is_some();
        return match locale {
            Locale::Zh => {
                let how = if sealed { "仅随附密封的原件" } else { "未随附" };
                format!("证据{cited}（{how}）{begin}原件 {end} {digest}")
            }
            Locale::En => {
                let how = if sealed { "sealed only" } else { "not attached" };
                format!("Exhibits {cited} ({how}){begin}original {end} {digest}")
            }
        };
    }
    if note.treatment.is_original() {
        return match locale {
            Locale::Zh => format!("附件{cited}{begin}{}，{end} {digest}", name.zh),
            Locale::En => format!("Attachments {cited}{begin}{}, {end} {digest}", name.en),
        };
    }
    let digests: Vec<String> = note.files.iter().map(|file| file.sha256.to_string()).collect();
    match locale {
        Locale::Zh => format!("附件{cited}{begin}{}，{end} {}；原件 {end} {digest}", name.zh, digests.join("、")),
        Locale::En => {
            format!("Attachments {cited}{begin}{}, {end} {}; original {end} {digest}", name.en, digests.join(", "))
        }
    }
}

/// What is declared, and what this does not show.
pub(super) fn limits(case: &Case, copies: Option<&[CopyNote]>, locale: Locale) -> Vec<String> {
    let wording = |id: &str| Wording::built_in().get(id).map(|phrase| phrase.text.get(locale)).unwrap_or_default();
    let (unaltered, unproved) = (wording("unaltered"), wording("content_not_proved"));
    let mut lines = vec![match locale {
        Locale::Zh => format!("声明：清单所列原件{unaltered}，可凭原件的哈希值核对。"),
        Locale::En => {
            format!("We declare that the originals listed are {unaltered}, which their digests let anybody check.")
        }
    }];
    lines.extend(of_copies(copies.unwrap_or_default(), locale));
    lines.extend(match locale {
        Locale::Zh => [
            format!("局限：{unproved}。"),
            "声明：本陈述只写证据所显示的内容，是否构成违规由受理方认定。".to_owned(),
        ],
        Locale::En => [
            format!("We understand that {unproved}."),
            "We understand that this tells only what the exhibits show; whether a rule was broken is for the reader to judge.".to_owned(),
        ],
    });
    if let Some(round) = &case.round_before {
        let round = phrase(round);
        lines.push(match locale {
            Locale::Zh => format!("声明：本次为再次申诉，前次材料的摘要为 {round}。"),
            Locale::En => format!("We declare this a further round; the digest of the bundle before is {round}."),
        });
    }
    lines
}

/// A sentence of some exhibits, in Chinese or in English.
type Tell = fn(&str, bool) -> String;

/// What a reader has of each exhibit: a copy, the original's bytes, its seal, nothing.
fn of_copies(copies: &[CopyNote], locale: Locale) -> Vec<String> {
    let zh = locale == Locale::Zh;
    let those = |is: fn(&CopyNote) -> bool| -> Vec<ExhibitId> {
        copies.iter().filter(|note| is(note)).map(|note| note.exhibit).collect()
    };
    let told: [(Vec<ExhibitId>, Tell); 4] = [
        (those(|note| !note.files.is_empty() && !note.treatment.is_original()), |ids, zh| {
            if zh {
                format!("声明：附件{ids}是由原件制作的副本，并非原件，可凭清单所列副本的哈希值核对。")
            } else {
                format!(
                    "We declare that {ids} are copies made of the originals and not these; the list has their own digests."
                )
            }
        }),
        (those(|note| !note.files.is_empty() && note.treatment.is_original()), |ids, zh| {
            if zh {
                format!("声明：附件{ids}与原件逐字节相同。")
            } else {
                format!("We declare that {ids} are byte for byte as the originals.")
            }
        }),
        (those(|note| note.sealed.is_some()), |ids, zh| {
            if zh {
                format!("声明：证据{ids}的原件已密封随附，只有收件人的密钥可以打开。")
            } else {
                format!(
                    "We declare that the originals of {ids} are attached sealed; only their recipients' keys open them."
                )
            }
        }),
        (those(|note| note.files.is_empty() && note.sealed.is_none()), |ids, zh| {
            if zh {
                format!("局限：证据{ids}未随附，由店铺保存，可应要求提供。")
            } else {
                format!("We understand that {ids} are not attached; the shop keeps them and shows them on request.")
            }
        }),
    ];
    told.into_iter().filter(|(ids, _)| !ids.is_empty()).map(|(ids, tell)| tell(&brackets(&ids), zh)).collect()
}
