//! The names of a part's own files.

pub(crate) const DECLARATION: &str = "bagit.txt";
pub(crate) const DECLARATION_TEXT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
pub(crate) const INFO: &str = "bag-info.txt";
pub(crate) const VERIFY: &str = "VERIFY.md";
pub(crate) const SIGNERS: &str = "allowed_signers";
pub(crate) const PARTS: &str = "parts.json";
pub(crate) const SHA256: &str = "manifest-sha256.txt";
pub(crate) const SHA512: &str = "manifest-sha512.txt";
pub(crate) const TAGS: &str = "tagmanifest-sha256.txt";
pub(crate) const SIGNATURE: &str = "signatures/tagmanifest-sha256.txt.sig";
pub(crate) const STAMP: &str = "signatures/tagmanifest-sha256.txt.sig.tsr";
pub(crate) const STAMP_SIGNATURE: &str = "signatures/tagmanifest-sha256.txt.sig.tsr.sig";
pub(crate) const CUSTODY: &str = "data/custody.jsonl";

/// The tag files that the tag manifest lists, all of them and no others, in order. `VERIFY.md` and `allowed_signers` are among them, not
/// under `signatures/`, so that nobody can change what a reader is told to type.
pub(crate) const LISTED: [&str; 7] = [VERIFY, SIGNERS, INFO, DECLARATION, SHA256, SHA512, PARTS];
/// What may be there beside the payload, the listed tag files and the tag manifest.
pub(crate) const UNLISTED: [&str; 4] = [TAGS, SIGNATURE, STAMP, STAMP_SIGNATURE];

/// The most that a part's own file may be long: nothing longer is written, and nothing longer is held to be checked.
pub(crate) fn max_bytes(name: &str) -> u64 {
    match name {
        SHA256 | SHA512 | PARTS => 8 * 1024 * 1024,
        CUSTODY => 32 * 1024 * 1024,
        // Parts keep so much room for a stamp that comes later.
        STAMP => 15 * 1024,
        _ => 64 * 1024,
    }
}

/// The folder a part unzips to, and the stem of its ZIP file.
pub(crate) fn folder(case_id: &str, number: usize, of: usize) -> String {
    if of == 1 { case_id.to_owned() } else { format!("{case_id}_{number}of{of}") }
}
