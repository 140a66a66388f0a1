//! The mails that carry the parts, as drafts that a person looks at and sends.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::documents::{Documents, pick};
use super::{AssembleError, Options};
use crate::bundle::mail::{self, encoded_bytes};
use crate::bundle::{BundleInfo, Part};
use crate::statement::bare;

/// Longer mails are refused nearly everywhere; such a part is attached by hand.
const MOST_ATTACHED: u64 = 30_000_000;

pub(super) struct Draft<'o> {
    to: &'o str,
    info: BundleInfo,
    date: String,
    /// What every mail says, before its part is told.
    pub body: String,
    options: &'o Options<'o>,
}

impl<'o> Draft<'o> {
    pub fn new(documents: &Documents, info: &BundleInfo, options: &'o Options<'o>) -> Self {
        let l = |zh: String, en: String| pick(options.locale, zh, en);
        let key = options.key.public().fingerprint();
        let (organization, id, reason) = (&info.organization, &info.shop_id, bare(&info.reason));
        let (zh, en) = if organization == id {
            (id.clone(), id.clone())
        } else {
            (format!("{organization}（{id}）"), format!("{organization} ({id})"))
        };
        let mut body = l(
            format!("您好：\n\n店铺 {zh} 就下列事项提出申诉：{reason}。\n"),
            format!("To whom it may concern,\n\nthe shop {en} appeals: {reason}.\n"),
        );
        let ask = bare(&documents.ask);
        if !ask.is_empty() {
            body.push_str(&l(format!("诉求：{ask}。\n"), format!("What is asked for: {ask}.\n")));
        }
        body.push_str(&l(
            format!("\n案件编号 {}。附件为签名证据包，签名公钥指纹：\n{key}\n", info.case_id),
            format!("\nCase {}. Attached is a signed bundle; the key's fingerprint:\n{key}\n", info.case_id),
        ));
        if !documents.withheld.is_empty() {
            let ids = documents.withheld.join(" ");
            body.push_str(&l(
                format!("下列证据可能含个人信息且无法遮盖，未附上，可应要求提供：{ids}\n"),
                format!(
                    "Not attached, for they may hold personal data and cannot be redacted; shown on request: {ids}\n"
                ),
            ));
        }
        body.push_str(&l(
            "包内为证据的副本，制作方式与哈希值见“02-证据清单”，原件由店铺保存。解压后请先看“00-封面与陈述”，核验方法见 VERIFY.md。\n".to_owned(),
            "The exhibits are copies, '02-exhibits' says how each was made and its digest; the shop keeps the originals. Begin with \
             '00-cover-and-statement'; VERIFY.md tells how to verify.\n"
                .to_owned(),
        ));
        Self { to: &options.mail_to, info: info.clone(), date: rfc2822(options), body, options }
    }

    /// Writes one draft for each part, beside the parts in a folder that has not appeared yet; gives their names.
    pub fn write(&self, parts: &[Part], folder: &Path) -> Result<Vec<PathBuf>, AssembleError> {
        let mut drafts = Vec::new();
        for part in parts {
            let attached = encoded_bytes(part.bytes) <= MOST_ATTACHED;
            let name = part.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let l = |zh: String, en: String| pick(self.options.locale, zh, en);
            let mut body = self.body.clone();
            body.push_str(&l(
                format!("\n第 {}/{} 卷：{name}\n清单 SHA-256：{}\n", part.number, part.of, part.tag_manifest),
                format!("\nPart {} of {}: {name}\nTag manifest SHA-256: {}\n", part.number, part.of, part.tag_manifest),
            ));
            if parts.iter().any(|part| part.pieces > 0) {
                body.push_str(&l(
                    "有文件大于单个分卷，已拆成 .part01、.part02 等段；请把各卷解压到同一文件夹，用 VERIFY.md 末尾的命令合并。\n".to_owned(),
                    "Files longer than a part are cut into .part01, .part02 and so on; unzip all parts into one folder and join them by the commands \
                     at the end of VERIFY.md.\n"
                        .to_owned(),
                ));
            }
            if !attached {
                body.push_str(&l("（请手工添加附件）\n".to_owned(), "(attach it by hand)\n".to_owned()));
            }
            let of = if part.of == 1 { String::new() } else { format!("（{}/{}）", part.number, part.of) };
            let draft = mail::Draft {
                to: self.to.to_owned(),
                shop_id: self.info.shop_id.clone(),
                reason: format!("{}{of}", self.info.reason),
                date: self.date.clone(),
                body,
                attachments: if attached { vec![folder.join(&name)] } else { Vec::new() },
            };
            let name = Path::new(&name).with_extension("eml");
            let path = folder.join(&name);
            let file = File::create_new(&path).map_err(AssembleError::io(&path))?;
            let mut writer = BufWriter::new(&file);
            draft.write(&mut writer)?;
            writer.flush().map_err(AssembleError::io(&path))?;
            drop(writer);
            file.sync_all().map_err(AssembleError::io(&path))?;
            drafts.push(name);
        }
        Ok(drafts)
    }
}

fn rfc2822(options: &Options<'_>) -> String {
    let written = options.now.to_string();
    chrono::DateTime::parse_from_rfc3339(&written).map(|moment| moment.to_rfc2822()).unwrap_or(written)
}
