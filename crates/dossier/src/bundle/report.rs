use huoyan_model::{Locale, Localized};
use serde::Serialize;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `appeal-verify/1`.
    pub schema: &'static str,
    /// The one answer.
    pub verdict: Verdict,
    /// What each part says of itself; trust it as far as the verdict goes.
    pub parts: Vec<PartReport>,
    /// Everything that was found, in the order of the checks. Only notes among them if the verdict is `intact`.
    pub problems: Vec<Problem>,
}

impl Report {
    pub(crate) fn new(parts: Vec<PartReport>, problems: Vec<Problem>) -> Self {
        let verdict = problems.iter().map(|problem| problem.code.kind()).max().unwrap_or(Kind::Note);
        Self { schema: "appeal-verify/1", verdict: Verdict::of(verdict), parts, problems }
    }

    /// Whether a problem of this code is there.
    pub fn has(&self, code: Code) -> bool {
        self.problems.iter().any(|problem| problem.code == code)
    }
}

/// The answer of a verification, and the exit status of `appeal verify`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All parts are there and as they were signed by a pinned key.
    Intact,
    /// Something is not as it was signed.
    Tampered,
    /// A file is not whole or not in its shape. Whether on its way or by a hand cannot be told.
    Damaged,
    /// All holds together, and another key than the pinned ones signed it.
    OtherSigner,
    /// All is as it was signed, and its files contradict each other.
    Inconsistent,
    /// What was given is not one bundle.
    Mixed,
    /// Something could not be judged.
    Unreadable,
    /// What is there is intact, and something is not there.
    PartMissing,
    /// All holds together, but no key was given that could tell who signed it.
    NotVerifiable,
}

impl Verdict {
    fn of(worst: Kind) -> Self {
        match worst {
            Kind::Note => Self::Intact,
            Kind::Unverifiable => Self::NotVerifiable,
            Kind::Missing => Self::PartMissing,
            Kind::Unreadable => Self::Unreadable,
            Kind::Mixed => Self::Mixed,
            Kind::Inconsistent => Self::Inconsistent,
            Kind::Stranger => Self::OtherSigner,
            Kind::Damaged => Self::Damaged,
            Kind::Tampered => Self::Tampered,
        }
    }

    /// 0 intact · 1 refused · 2 unreadable, or not one bundle · 3 a part is missing · 4 not verifiable.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Intact => 0,
            Self::Tampered | Self::Damaged | Self::OtherSigner | Self::Inconsistent => 1,
            Self::Mixed | Self::Unreadable => 2,
            Self::PartMissing => 3,
            Self::NotVerifiable => 4,
        }
    }

    /// The verdict in words.
    pub fn text(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Intact, Locale::Zh) => "完整：自签名之时起未被改动",
            (Self::Intact, Locale::En) => "intact: nothing changed since it was signed",
            (Self::Tampered, Locale::Zh) => "已被改动：与签名时不一致",
            (Self::Tampered, Locale::En) => "tampered: it is not as it was signed",
            (Self::Damaged, Locale::Zh) => {
                "文件不完整或结构被破坏：可能是没有下载完或被重新打包，也可能被改动，二者无法区分"
            }
            (Self::Damaged, Locale::En) => {
                "damaged: a file is not whole or not in its shape; a broken download or repacking cannot be told from tampering"
            }
            (Self::OtherSigner, Locale::Zh) => "签名者不是所给公钥：内容与其签名一致，签名用的是另一个密钥",
            (Self::OtherSigner, Locale::En) => {
                "signed by another key than those given: it is as that key signed it, and whose key that is nobody knows here"
            }
            (Self::Inconsistent, Locale::Zh) => "前后不一致：签名成立，但包内文件互相矛盾",
            (Self::Inconsistent, Locale::En) => {
                "inconsistent: the signature holds, and the files in it contradict each other"
            }
            (Self::Mixed, Locale::Zh) => "给出的分卷不成一套：请逐个证据包核验",
            (Self::Mixed, Locale::En) => "not one bundle: verify each bundle by itself",
            (Self::Unreadable, Locale::Zh) => "未能核验：有文件读不出来，或不是证据包",
            (Self::Unreadable, Locale::En) => "not verified: something is unreadable, or is no bundle",
            (Self::PartMissing, Locale::Zh) => "缺少分卷：现有部分完整",
            (Self::PartMissing, Locale::En) => "a part is missing: what is there is intact",
            (Self::NotVerifiable, Locale::Zh) => "无法核验签名者：未提供可信公钥",
            (Self::NotVerifiable, Locale::En) => "not verifiable: no pinned key was given",
        }
    }
}

/// How much a problem weighs; the heaviest decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Worth knowing, and no more.
    Note,
    /// Nobody can tell without a pinned key.
    Unverifiable,
    /// Something is not there that the rest speaks of.
    Missing,
    /// Nothing can be said.
    Unreadable,
    /// Parts that are not of one bundle.
    Mixed,
    /// Its files contradict each other.
    Inconsistent,
    /// Someone else signed it.
    Stranger,
    /// A file is not whole or not in its shape.
    Damaged,
    /// Something is not as it was signed.
    Tampered,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $kind:ident;)*) => {
        /// What is wrong, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it means for the verdict.
            pub fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }
        }
    };
}

codes! {
    /// A path cannot be read.
    Unreadable = "unreadable", Unreadable;
    /// Neither a part nor a folder with one.
    NotABundle = "not_a_bundle", Unreadable;
    /// The ZIP has another shape than the one we write.
    ZipShape = "zip.shape", Damaged;
    /// A name in the ZIP lies outside of the part's folder.
    ZipFolder = "zip.folder", Tampered;
    /// A file's checksum is not the one in its header.
    ZipChecksum = "zip.checksum", Tampered;
    /// The folder holds a link or another thing that is no regular file.
    SpecialFile = "special_file", Tampered;
    /// A name that some system cannot keep, or reads as another place.
    HostileName = "name.hostile", Tampered;
    /// Two names that are one file on some system.
    TwinNames = "name.twins", Tampered;
    /// A file of the bag's own is not there.
    TagMissing = "bag.tag_missing", Tampered;
    /// A file of the bag's own does not have the form it must have.
    TagForm = "bag.tag_form", Tampered;
    /// A file that a manifest lists is not there.
    FileMissing = "bag.file_missing", Tampered;
    /// A file that nothing lists.
    Unlisted = "bag.unlisted", Tampered;
    /// A file is not as its manifest says.
    Digest = "bag.digest", Tampered;
    /// The payload is not as many bytes and files as `bag-info.txt` says.
    Oxum = "bag.oxum", Tampered;
    /// The signature is not there.
    SignatureMissing = "signature.missing", Tampered;
    /// The signature is no signature of the tag manifest.
    SignatureInvalid = "signature.invalid", Tampered;
    /// The signature is by a key that was not pinned.
    UnknownKey = "signature.unknown_key", Stranger;
    /// `allowed_signers` names another key than the one that signed.
    OtherSigner = "signature.other_signer", Tampered;
    /// No key was pinned.
    NoPinnedKey = "signature.no_pinned_key", Unverifiable;
    /// The custody record does not hold together.
    CustodyChain = "custody.chain", Tampered;
    /// The custody record ends otherwise than `bag-info.txt` says.
    CustodyHead = "custody.head", Tampered;
    /// `parts.json` says otherwise than the part it lies in.
    PartIndex = "parts.index", Tampered;
    /// Parts of different bundles.
    ForeignPart = "parts.foreign", Mixed;
    /// The same part twice, each in its own form.
    PartTwice = "parts.twice", Mixed;
    /// The same part twice; both were looked at and are the same.
    SamePart = "parts.same", Note;
    /// Something in a folder of parts that is no part.
    NotLookedAt = "not_looked_at", Note;
    /// A part is not there.
    PartMissing = "parts.missing", Missing;
    /// The pieces of a file do not give the whole.
    SplitFile = "parts.split_file", Tampered;
    /// The time stamp is not one of the signature, or is not signed as it should be.
    StampInvalid = "timestamp.invalid", Tampered;
    /// No certificate of an authority was pinned, so the time stamp says nothing.
    StampUnchecked = "timestamp.unchecked", Note;
    /// The pages tell otherwise than the data.
    PagesDiffer = "contents.pages", Inconsistent;
    /// The custody record lacks a line that the case's exhibits must have.
    CustodyGap = "custody.gap", Inconsistent;
    /// A later check found something.
    Check = "check", Tampered;
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What, for programs.
    pub code: Code,
    /// Which part: the file or folder as named.
    pub part: String,
    /// Which file in it; empty if it is about the whole.
    pub place: String,
    /// What, for people.
    pub message: Localized,
}

/// What a part says of itself, and what was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PartReport {
    /// The file or folder as named.
    pub name: String,
    /// The case.
    pub case_id: String,
    /// From 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Files of the payload.
    pub files: usize,
    /// Bytes of the payload.
    pub bytes: u64,
    /// The digest of the tag manifest, to be compared with the one on the cover.
    pub tag_manifest: String,
    /// The fingerprint of the key that signed, as `ssh-keygen -l` prints it; empty if no signature holds.
    pub signer: String,
    /// The time stamp, if there is one that holds.
    pub stamp: Option<Stamp>,
}

/// A time stamp that is well signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stamp {
    /// When the authority saw the signature, in UTC, RFC 3339.
    pub time: String,
    /// The authority's name, from its certificate.
    pub authority: String,
    /// Whether its certificate leads to a pinned one, all valid at that time.
    pub trusted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tampering_outweighs_everything_and_a_note_nothing() {
        let problem = |code| Problem { code, part: String::new(), place: String::new(), message: Localized::default() };
        let verdict = |codes: &[Code]| Report::new(Vec::new(), codes.iter().map(|c| problem(*c)).collect()).verdict;
        assert_eq!(verdict(&[]), Verdict::Intact);
        assert_eq!(verdict(&[Code::StampUnchecked]), Verdict::Intact);
        assert_eq!(verdict(&[Code::StampUnchecked, Code::NoPinnedKey]), Verdict::NotVerifiable);
        assert_eq!(verdict(&[Code::PartMissing, Code::NoPinnedKey]), Verdict::PartMissing);
        assert_eq!(verdict(&[Code::Unreadable, Code::Digest, Code::PartMissing]), Verdict::Tampered);
        assert_eq!(verdict(&[Code::UnknownKey, Code::ZipShape, Code::Digest]), Verdict::Tampered);
        assert_eq!(verdict(&[Code::UnknownKey, Code::PartMissing]), Verdict::OtherSigner);
    }
}
