use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::sshsig::{self, Wire};
use super::{BundleError, Sha256};

/// What signatures are made for: OpenSSH keeps those of one purpose from being taken for another's.
pub const NAMESPACE: &str = "appeal-bundle";
pub(crate) const ALGORITHM: &str = "ssh-ed25519";
const MAGIC: &[u8] = b"openssh-key-v1\0";
const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";

/// An ed25519 key to sign bundles with. It is kept in OpenSSH's own format, without a passphrase.
pub struct SigningKey {
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// A new key from the system's randomness.
    pub fn generate() -> Result<Self, BundleError> {
        let mut seed = [0; 32];
        let no_random = |_| BundleError::Io {
            path: "random".to_owned(),
            message: ("系统没有给出随机数", "the system gave none").into(),
        };
        SystemRandom::new().fill(&mut seed).map_err(no_random)?;
        Ok(Self::from_seed(seed))
    }

    /// The key of a seed: for tests, and for keys kept elsewhere.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("invariant: 32 bytes are a seed");
        Self { seed, pair }
    }

    /// Reads a private key file, and refuses one that others can read.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        let mut file = File::open(path).map_err(BundleError::io(path))?;
        let found = file.metadata().map_err(BundleError::io(path))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = found.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(BundleError::KeyOpen { path: path.display().to_string(), mode });
            }
        }
        let bad = |reason: (&str, &str)| BundleError::Key { path: path.display().to_string(), reason: reason.into() };
        if found.len() > 64 * 1024 {
            return Err(bad(("超过 64 KiB", "it is longer than 64 KiB")));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(BundleError::io(path))?;
        parse_private(&text).map_err(bad)
    }

    /// Writes a private key file that only its owner can read. An existing file is never replaced.
    pub fn write(&self, path: &Path, comment: &str) -> Result<(), BundleError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => BundleError::Exists { path: path.display().to_string() },
            _ => BundleError::io(path)(error),
        })?;
        file.write_all(self.render(comment).as_bytes()).map_err(BundleError::io(path))?;
        file.sync_all().map_err(BundleError::io(path))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.pair.public_key().as_ref().try_into().expect("invariant: an ed25519 key has 32 bytes"))
    }

    /// The signature of a message as `ssh-keygen -Y sign` writes it.
    pub fn sign(&self, message: &[u8]) -> String {
        sshsig::sign(&self.pair, &self.public(), message)
    }

    fn render(&self, comment: &str) -> String {
        let public = self.public();
        // The check number only tells a decryption with a wrong passphrase; without one it may be any.
        let mut private = Wire::default().number(0).number(0).string(ALGORITHM.as_bytes()).string(&public.0);
        private = private.string(&[self.seed, public.0].concat()).string(comment.as_bytes());
        let mut private = private.0;
        private.extend((1..=7).take((8 - private.len() % 8) % 8));
        let mut blob = Wire(MAGIC.to_vec()).string(b"none").string(b"none").string(b"").number(1);
        blob = blob.string(&public.blob()).string(&private);
        sshsig::armour(BEGIN, &blob.0, END)
    }
}

fn parse_private(text: &str) -> Result<SigningKey, (&'static str, &'static str)> {
    let base64: String = text
        .trim()
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(END))
        .ok_or(("开头或结尾不像密钥", "it does not begin and end like one"))?
        .split_whitespace()
        .collect();
    let blob = STANDARD.decode(base64).map_err(|_| ("base64 已损坏", "its base64 is damaged"))?;
    let cut = ("内容不完整", "it ends too early");
    let mut rest = blob.strip_prefix(MAGIC).ok_or(("格式不同", "it is of another format"))?;
    let cipher = sshsig::take(&mut rest).ok_or(cut)?;
    if cipher != b"none" {
        return Err(("设有口令", "it has a passphrase"));
    }
    let (_kdf, _options) = (sshsig::take(&mut rest).ok_or(cut)?, sshsig::take(&mut rest).ok_or(cut)?);
    let (count, after) = rest.split_first_chunk::<4>().ok_or(cut)?;
    if *count != 1_u32.to_be_bytes() {
        return Err(("含有多把密钥", "it holds several keys"));
    }
    rest = after;
    let _public = sshsig::take(&mut rest).ok_or(cut)?;
    let private = sshsig::take(&mut rest).ok_or(cut)?;
    let mut rest = private.get(8..).ok_or(cut)?;
    if sshsig::take(&mut rest).ok_or(cut)? != ALGORITHM.as_bytes() {
        return Err(("算法不同", "it is of another algorithm"));
    }
    let public = sshsig::take(&mut rest).ok_or(cut)?;
    let both = sshsig::take(&mut rest).ok_or(cut)?;
    let seed = *both.first_chunk::<32>().ok_or(cut)?;
    let key = SigningKey::from_seed(seed);
    if key.public().0 != public { Err(("公私两半不匹配", "its halves do not belong together")) } else { Ok(key) }
}

/// Never shows the secret half.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public().fingerprint())
    }
}

/// An ed25519 key that bundles are checked with.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(pub(crate) [u8; 32]);

impl PublicKey {
    /// Reads the line of a `.pub` file or of an `allowed_signers` file.
    pub fn parse(text: &str) -> Result<Self, BundleError> {
        let bad = |reason: (&str, &str)| BundleError::Key {
            path: text.trim().chars().take(60).collect(),
            reason: reason.into(),
        };
        let mut words = text.split_whitespace().skip_while(|word| *word != ALGORITHM).skip(1);
        let blob = words
            .next()
            .ok_or_else(|| bad(("没有 ssh-ed25519 及其后的公钥", "it has no word ssh-ed25519 with a key behind")))?;
        let blob = STANDARD.decode(blob).map_err(|_| bad(("base64 已损坏", "its base64 is damaged")))?;
        Self::from_blob(&blob).ok_or_else(|| bad(("算法或长度不同", "it is of another algorithm or length")))
    }

    /// Reads a `.pub` file.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        let text = std::fs::read_to_string(path).map_err(BundleError::io(path))?;
        Self::parse(&text).map_err(|error| match error {
            BundleError::Key { reason, .. } => BundleError::Key { path: path.display().to_string(), reason },
            other => other,
        })
    }

    /// `ssh-ed25519 AAAA…`, the text of a `.pub` file.
    pub fn openssh(&self) -> String {
        format!("{ALGORITHM} {}", STANDARD.encode(self.blob()))
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::of(&self.blob()).bytes()))
    }

    /// The file that `ssh-keygen -Y verify` reads.
    pub(crate) fn allowed_signers(&self) -> String {
        format!("{NAMESPACE} namespaces=\"{NAMESPACE}\" {}\n", self.openssh())
    }

    pub(crate) fn blob(&self) -> Vec<u8> {
        Wire::default().string(ALGORITHM.as_bytes()).string(&self.0).0
    }

    pub(crate) fn from_blob(blob: &[u8]) -> Option<Self> {
        let mut rest = blob;
        let algorithm = sshsig::take(&mut rest)?;
        let key = sshsig::take(&mut rest)?;
        (algorithm == ALGORITHM.as_bytes() && rest.is_empty()).then(|| key.try_into().ok().map(Self))?
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.openssh())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("id");
        let key = SigningKey::generate().unwrap();
        key.write(&path, "shop").unwrap();
        assert_eq!(SigningKey::read(&path).unwrap().public(), key.public());
        assert_eq!(PublicKey::parse(&key.public().openssh()), Ok(key.public()));
        assert_eq!(PublicKey::parse(&key.public().allowed_signers()), Ok(key.public()));
        assert!(matches!(key.write(&path, ""), Err(BundleError::Exists { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("id");
        SigningKey::generate().unwrap().write(&path, "").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(SigningKey::read(&path), Err(BundleError::KeyOpen { mode: 0o640, .. })));
    }

    #[test]
    fn a_key_never_shows_its_secret() {
        let shown = format!("{:?}", SigningKey::from_seed([7; 32]));
        assert!(shown.starts_with("SigningKey(SHA256:"), "{shown}");
    }
}
