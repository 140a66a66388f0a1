//! OpenSSH's signature files, as its `PROTOCOL.sshsig` describes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use sha2::{Digest as _, Sha512};

use super::PublicKey;
use super::key::{ALGORITHM, NAMESPACE};

const MAGIC: &[u8] = b"SSHSIG";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
const HASH: &[u8] = b"sha512";

/// SSH's way of writing: big-endian numbers, strings behind their length.
#[derive(Default)]
pub(crate) struct Wire(pub Vec<u8>);

impl Wire {
    pub fn number(mut self, n: u32) -> Self {
        self.0.extend(n.to_be_bytes());
        self
    }

    pub fn string(self, bytes: &[u8]) -> Self {
        let mut wire = self.number(bytes.len() as u32);
        wire.0.extend(bytes);
        wire
    }
}

/// Takes a string off the front.
pub(crate) fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (string, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = after;
    Some(string)
}

pub(crate) fn armour(begin: &str, blob: &[u8], end: &str) -> String {
    let mut text = format!("{begin}\n");
    for line in STANDARD.encode(blob).as_bytes().chunks(70) {
        text.push_str(std::str::from_utf8(line).expect("invariant: base64 is ASCII"));
        text.push('\n');
    }
    text.push_str(end);
    text.push('\n');
    text
}

fn signed_bytes(message: &[u8]) -> Vec<u8> {
    let wire = Wire(MAGIC.to_vec()).string(NAMESPACE.as_bytes()).string(b"").string(HASH);
    wire.string(&Sha512::digest(message)).0
}

pub(crate) fn sign(pair: &Ed25519KeyPair, public: &PublicKey, message: &[u8]) -> String {
    let signature = pair.sign(&signed_bytes(message));
    render(public, signature.as_ref())
}

fn render(public: &PublicKey, signature: &[u8]) -> String {
    let inner = Wire::default().string(ALGORITHM.as_bytes()).string(signature).0;
    let blob = Wire(MAGIC.to_vec()).number(1).string(&public.blob()).string(NAMESPACE.as_bytes()).string(b"");
    armour(BEGIN, &blob.string(HASH).string(&inner).0, END)
}

/// A signature file of exactly the shape that [`sign`] writes.
pub(crate) struct Signature {
    pub key: PublicKey,
    bytes: Vec<u8>,
}

impl Signature {
    pub fn parse(text: &[u8]) -> Option<Self> {
        let inside = std::str::from_utf8(text).ok()?.strip_prefix(BEGIN)?.strip_suffix('\n')?.strip_suffix(END)?;
        let blob = STANDARD.decode(inside.split('\n').collect::<String>()).ok()?;
        let mut rest = blob.strip_prefix(MAGIC)?.strip_prefix(&1_u32.to_be_bytes())?;
        let key = PublicKey::from_blob(take(&mut rest)?)?;
        let (_namespace, _reserved, _hash) = (take(&mut rest)?, take(&mut rest)?, take(&mut rest)?);
        let mut inner = take(&mut rest)?;
        let _algorithm = take(&mut inner)?;
        let bytes = take(&mut inner)?.to_vec();
        // Written again it must be the same: one signature has one file, down to the line breaks.
        (render(&key, &bytes).as_bytes() == text).then_some(Self { key, bytes })
    }

    pub fn covers(&self, message: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.key.0).verify(&signed_bytes(message), &self.bytes).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::SigningKey;

    #[test]
    fn every_flipped_bit_of_a_signature_file_is_refused() {
        let key = SigningKey::from_seed([3; 32]);
        let good = key.sign(b"message").into_bytes();
        let holds = |text: &[u8]| Signature::parse(text).is_some_and(|s| s.key == key.public() && s.covers(b"message"));
        assert!(holds(&good));
        assert!(!Signature::parse(&good).unwrap().covers(b"Message"));
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(!holds(&bad), "bit {bit}");
        }
    }
}
