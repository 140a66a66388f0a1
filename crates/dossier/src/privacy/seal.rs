//! Originals that may not leave are sealed with age to their keepers' keys, as a stream.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

/// A public key that may open a seal: `age1…` (X25519).
#[derive(Clone, Debug)]
pub struct Recipient(age::x25519::Recipient);

/// A secret key that opens a seal: `AGE-SECRET-KEY-1…`.
#[derive(Clone)]
pub struct Identity(age::x25519::Identity);

/// Why sealing or opening failed.
#[derive(Debug)]
pub enum SealError {
    /// The text is no X25519 key of age.
    Key,
    /// Nobody was named who could open the seal.
    NoRecipient,
    /// The key does not belong to this seal.
    WrongKey,
    /// The seal is damaged, or no seal.
    Damaged(String),
    /// Reading or writing failed.
    Io(io::Error),
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key => f.write_str("not an age key; give an 'age1…' public key or an 'AGE-SECRET-KEY-1…' secret key"),
            Self::NoRecipient => f.write_str("no recipient; name at least one 'age1…' public key"),
            Self::WrongKey => f.write_str("the key does not open this seal; use one it was sealed to"),
            Self::Damaged(why) => write!(f, "the seal cannot be read ({why}); fetch the file again"),
            Self::Io(error) => write!(f, "cannot read or write: {error}"),
        }
    }
}

impl std::error::Error for SealError {}

impl From<io::Error> for SealError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl FromStr for Recipient {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        text.trim().parse().map(Self).map_err(|_| SealError::Key)
    }
}

impl FromStr for Identity {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        text.trim().parse().map(Self).map_err(|_| SealError::Key)
    }
}

impl Identity {
    /// The public key that belongs to it.
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }

    /// A new key from the operating system's randomness.
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// Seals what `original` yields into `sealed`, in pieces of 64 KiB; gives back how many bytes were sealed.
///
/// # Errors
/// No recipient, or reading or writing failed; then `sealed` is to be thrown away.
pub fn seal(original: &mut impl Read, sealed: impl Write, recipients: &[Recipient]) -> Result<u64, SealError> {
    let keys = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(keys).map_err(|_| SealError::NoRecipient)?;
    let mut writer = encryptor.wrap_output(sealed)?;
    let bytes = io::copy(original, &mut writer)?;
    writer.finish()?.flush()?;
    Ok(bytes)
}

/// Opens a seal; gives back how many bytes the original has. What was written before an error is to be thrown away.
///
/// # Errors
/// The key is another's, the seal is damaged or cut off, or reading or writing failed.
pub fn unseal(sealed: impl Read, original: &mut impl Write, identity: &Identity) -> Result<u64, SealError> {
    let decryptor = age::Decryptor::new(sealed).map_err(|e| SealError::Damaged(e.to_string()))?;
    let mut reader = decryptor.decrypt(std::iter::once(&identity.0 as &dyn age::Identity)).map_err(|e| match e {
        age::DecryptError::NoMatchingKeys => SealError::WrongKey,
        other => SealError::Damaged(other.to_string()),
    })?;
    let bytes = io::copy(&mut reader, original).map_err(|e| match e.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => SealError::Damaged(e.to_string()),
        _ => SealError::Io(e),
    })?;
    original.flush()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(bytes: &[u8], to: &[Recipient]) -> Vec<u8> {
        let mut out = Vec::new();
        seal(&mut &bytes[..], &mut out, to).unwrap();
        out
    }

    #[test]
    fn each_recipient_opens_and_nobody_else() {
        let (a, b, other) = (Identity::generate(), Identity::generate(), Identity::generate());
        let original: Vec<u8> = (0..200_000_u32).map(|i| (i * 7) as u8).collect();
        let seal = sealed(&original, &[a.recipient(), b.recipient()]);
        for key in [&a, &b] {
            let mut out = Vec::new();
            assert_eq!(unseal(&seal[..], &mut out, key).unwrap(), 200_000);
            assert_eq!(out, original);
        }
        assert!(matches!(unseal(&seal[..], &mut Vec::new(), &other), Err(SealError::WrongKey)));
    }

    #[test]
    fn a_changed_or_cut_seal_is_refused() {
        let key = Identity::generate();
        let seal = sealed(&[7; 100_000], &[key.recipient()]);
        for at in [0, 30, 300, seal.len() / 2, seal.len() - 1] {
            let mut changed = seal.clone();
            changed[at] ^= 1;
            assert!(unseal(&changed[..], &mut Vec::new(), &key).is_err(), "byte {at}");
        }
        assert!(unseal(&seal[..seal.len() - 20], &mut Vec::new(), &key).is_err());
        assert!(unseal(&b""[..], &mut Vec::new(), &key).is_err());
    }

    #[test]
    fn keys_are_checked_and_somebody_must_be_named() {
        let key = Identity::generate();
        assert!(key.recipient().to_string().parse::<Recipient>().is_ok());
        assert!(matches!("ssh-ed25519 AAAA".parse::<Recipient>(), Err(SealError::Key)));
        assert!(matches!("".parse::<Identity>(), Err(SealError::Key)));
        assert!(matches!(seal(&mut &b"x"[..], Vec::new(), &[]), Err(SealError::NoRecipient)));
    }
}
