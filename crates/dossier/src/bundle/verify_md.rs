use super::{BagPath, NAMESPACE, PublicKey, Sha256};

/// How long the commands are in sum at most where a part has so many bytes; what is longer is left to `parts.json`. A part without room for
/// any has a word of it alone.
pub(crate) fn most_joins(limit: u64) -> usize {
    let most = usize::try_from(limit / 64).unwrap_or(usize::MAX).min(40 * 1024);
    if most < 2 * JOINS_BEGIN.len() { 0 } else { most }
}

/// What is said around the commands at most.
pub(crate) const AROUND_JOINS: usize = 256;

pub(crate) const JOINS_BEGIN: &str = "\n# 合并被拆分的文件 · How to join files that were cut\n\n\
    大于单个分卷的文件分成 `.part01`、`.part02` 等段。把全部分卷解压到同一个文件夹，在其中执行：Linux、macOS 用 `cat`，Windows \
    命令提示符用 `copy /b`；合并所得文件的 SHA-256 应与所列一致。\n\n\
    Files longer than a part are cut into `.part01`, `.part02` and so on. Unzip all parts into one folder and run there `cat` on Linux and \
    macOS, `copy /b` in the command prompt of Windows; what they make must have the SHA-256 beside it.\n";

/// A file that lies in pieces in several parts.
pub(crate) struct Cut<'c> {
    pub path: &'c BagPath,
    pub bytes: u64,
    pub sha256: Option<Sha256>,
    /// Its pieces in order, with the folder of their part.
    pub pieces: Vec<String>,
}

/// How the files that were cut are put together again; empty where none was.
pub(crate) fn joins(cuts: &[Cut<'_>], most: usize) -> String {
    if cuts.is_empty() {
        return String::new();
    }
    let mut out = if most == 0 { String::new() } else { JOINS_BEGIN.to_owned() };
    let mut left = 0;
    for cut in cuts {
        let name = cut.path.as_str().replace('/', "_");
        let digest = cut.sha256.map_or_else(|| "parts.json, split".to_owned(), |digest| digest.to_string());
        let sh: Vec<String> = cut.pieces.iter().map(|piece| quoted(piece)).collect();
        let windows: Vec<String> = cut.pieces.iter().map(|piece| format!("\"{}\"", piece.replace('/', "\\"))).collect();
        let told = format!(
            "\n`{name}`, {} bytes, SHA-256 `{digest}`\n\n    cat {} > {}\n    copy /b {} \"{name}\"\n",
            cut.bytes,
            sh.join(" "),
            quoted(&name),
            windows.join("+"),
        );
        if out.len() + told.len() <= most { out.push_str(&told) } else { left += 1 }
    }
    if left > 0 {
        out.push_str(&format!(
            "\n{left} 个被拆分文件的各段及顺序见 `parts.json` 的 `split`。 · {left} files were cut; `split` in `parts.json` names their pieces in order.\n"
        ));
    }
    out
}

/// A name as a shell takes it for one word.
fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\'', "'\\''"))
}

/// `VERIFY.md`: what a third person types, and what it proves.
pub(crate) fn render(folder: &str, of: usize, key: &PublicKey, joins: &str) -> String {
    let fingerprint = key.fingerprint();
    let parts = if of == 1 {
        (String::new(), String::new())
    } else {
        (
            format!("本案共 {of} 个分卷，每个分卷都可单独核验；`parts.json` 列出全部分卷的文件。\n\n"),
            format!("There are {of} parts, each verifies alone; `parts.json` lists the files of all.\n\n"),
        )
    };
    let commands = format!(
        "```sh\n\
         # 1 BagIt (pip install bagit)\n\
         python3 -m bagit --validate .\n\
         # 2 OpenSSH\n\
         ssh-keygen -Y verify -f allowed_signers -I {NAMESPACE} -n {NAMESPACE} -s signatures/tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt\n\
         # 3 OpenSSL\n\
         openssl ts -verify -data signatures/tagmanifest-sha256.txt.sig -in signatures/tagmanifest-sha256.txt.sig.tsr -CAfile TSA-CA.pem\n\
         ```\n"
    );
    format!(
        "# 如何核验\n\n\
         解压后进入文件夹 `{folder}`，依次执行下面三条命令。第 1 条核对每个文件的哈希；第 2 条核对签名；第 3 条核对时间戳（仅当有 \
         `.tsr` 文件时，`TSA-CA.pem` 为时间戳机构的根证书；证书已过期时加 `-attime` 与时间戳时间的 Unix 秒数）。\n\n{}{commands}\n\
         第 2 条输出的指纹必须是您从其他渠道得知的指纹。本文件所附的公钥只供方便，不能证明自己：\n\n    {fingerprint}\n\n\
         除 `data/` 和清单所列文件外，只允许有 `tagmanifest-sha256.txt` 与 `signatures/` 下的 `tagmanifest-sha256.txt.sig`、`….sig.tsr`、\
         `….sig.tsr.sig`；多出任何文件都不属于本证据包。\n\n\
         核验通过只说明：内容自签名之时起未被改动。它不证明内容本身真实。\n\n\
         # How to verify\n\n\
         Unzip, enter the folder `{folder}` and run the three commands. The first checks the hash of every file, the second the signature, the \
         third the time stamp (only if there is a `.tsr` file; `TSA-CA.pem` is the authority's root certificate; add `-attime` with the \
         stamp's time in Unix seconds once it has expired).\n\n{}{commands}\n\
         The fingerprint that the second prints must be one you know from elsewhere. The key in this folder is for convenience and cannot \
         prove itself:\n\n    {fingerprint}\n\n\
         Beside `data/` and what the manifests list there may only be `tagmanifest-sha256.txt` and, under `signatures/`, \
         `tagmanifest-sha256.txt.sig`, `….sig.tsr` and `….sig.tsr.sig`; any other file is not part of this bundle.\n\n\
         What this proves: nothing was changed since it was signed. It does not prove that the content is true.\n{joins}",
        parts.0, parts.1
    )
}
