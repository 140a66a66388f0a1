//! As much of X.509 (RFC 5280) as the chain of a time-stamping authority needs.

use chrono::{DateTime, Utc};
use ring::signature as ring;

use super::der::{self, Element, Elements};

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const EC_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const EC_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const EXTENDED_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// `keyCertSign`, bit 5 of the first byte.
const SIGNS_CERTIFICATES: u8 = 0x04;
/// So many signatures of certificates are checked for one stamp: a chain needs a few, and whoever made the stamp chose how many there are.
const MOST_CHECKS: usize = 64;

pub(super) struct Certificate<'a> {
    pub whole: &'a [u8],
    signed: &'a [u8],
    pub serial: &'a [u8],
    pub issuer: &'a [u8],
    pub subject: &'a [u8],
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    key: Key<'a>,
    is_authority: bool,
    pub stamps_time: bool,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

#[derive(Clone, Copy)]
pub(super) enum Key<'a> {
    Rsa(&'a [u8]),
    P256(&'a [u8]),
    P384(&'a [u8]),
}

impl<'a> Certificate<'a> {
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut outer = der::single(bytes, der::SEQUENCE)?;
        let body = outer.expect(der::SEQUENCE)?;
        let algorithm = outer.enter(der::SEQUENCE)?.expect(der::OID)?.content;
        let signature = bits(outer.expect(der::BITS)?)?;
        outer.end()?;

        let mut fields = Elements(body.content);
        fields.optional(der::context(0));
        let serial = fields.expect(der::INTEGER)?.content;
        // The algorithm is named twice; they must agree, or the unsigned one could be swapped.
        (fields.enter(der::SEQUENCE)?.expect(der::OID)?.content == algorithm).then_some(())?;
        let issuer = fields.expect(der::SEQUENCE)?.whole;
        let mut validity = fields.enter(der::SEQUENCE)?;
        let (from, until) = (der::time(validity.next()?)?, der::time(validity.next()?)?);
        let subject = fields.expect(der::SEQUENCE)?.whole;
        let key = key(fields.enter(der::SEQUENCE)?)?;
        let mut certificate = Self {
            whole: bytes,
            signed: body.whole,
            serial,
            issuer,
            subject,
            from,
            until,
            key,
            is_authority: false,
            stamps_time: false,
            algorithm,
            signature,
        };
        // Unique ids of issuer and subject, which nobody writes any more.
        fields.optional(0x81);
        fields.optional(0x82);
        if let Some(wrapper) = fields.optional(der::context(3)) {
            certificate.extensions(der::single(wrapper.content, der::SEQUENCE)?)?;
        }
        fields.end()?;
        Some(certificate)
    }

    fn extensions(&mut self, mut all: Elements<'_>) -> Option<()> {
        let (mut is_authority, mut may_sign) = (false, true);
        while all.end().is_none() {
            let mut extension = all.enter(der::SEQUENCE)?;
            let id = extension.expect(der::OID)?.content;
            let critical = extension.optional(der::BOOLEAN).is_some_and(|flag| flag.content == [0xff]);
            let value = extension.expect(der::OCTETS)?.content;
            match id {
                BASIC_CONSTRAINTS => {
                    let mut inside = der::single(value, der::SEQUENCE)?;
                    is_authority = inside.optional(der::BOOLEAN).is_some_and(|flag| flag.content == [0xff]);
                }
                KEY_USAGE => {
                    let usage = Elements(value).expect(der::BITS)?.content;
                    may_sign = usage.get(1).is_some_and(|bits| bits & SIGNS_CERTIFICATES != 0);
                }
                EXTENDED_USAGE => {
                    let mut inside = der::single(value, der::SEQUENCE)?;
                    // RFC 3161, 2.3: this purpose alone, and critical.
                    self.stamps_time =
                        critical && inside.expect(der::OID)?.content == TIME_STAMPING && inside.end().is_some();
                }
                // RFC 5280, 4.2: what is critical and not understood makes the certificate useless.
                _ if critical => return None,
                _ => {}
            }
        }
        self.is_authority = is_authority && may_sign;
        Some(())
    }

    /// Whether certificates of the pool lead from this one to an anchor, each signed by the next and valid at that time.
    ///
    /// Each certificate is gone on from once, however many ways lead to it: the way there adds nothing to what it can issue.
    pub fn leads_to(&self, anchors: &[Certificate<'_>], pool: &[Certificate<'_>], at: DateTime<Utc>) -> bool {
        let is_valid = |certificate: &Certificate<'_>| certificate.from <= at && at <= certificate.until;
        let is_anchor = |certificate: &Certificate<'_>| anchors.iter().any(|anchor| anchor.whole == certificate.whole);
        if !is_valid(self) {
            return false;
        }
        let (mut reached, mut next, mut checks) = (vec![self], 0, 0);
        while let Some(&certificate) = reached.get(next) {
            next += 1;
            if is_anchor(certificate) {
                return true;
            }
            for issuer in anchors.iter().chain(pool) {
                let may_be = issuer.names_issuer_of(certificate) && is_valid(issuer);
                if !may_be || reached.iter().any(|known| known.whole == issuer.whole) {
                    continue;
                }
                checks += 1;
                if checks > MOST_CHECKS {
                    return false;
                }
                if issuer.signed(certificate.algorithm, certificate.signed, certificate.signature) {
                    reached.push(issuer);
                }
            }
        }
        false
    }

    fn names_issuer_of(&self, other: &Certificate<'_>) -> bool {
        self.subject == other.issuer && self.is_authority
    }

    /// Whether this certificate's key made a signature by the algorithm named.
    pub fn signed(&self, algorithm: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let (verification, key): (&dyn ring::VerificationAlgorithm, &[u8]) = match (algorithm, self.key) {
            (RSA_SHA256, Key::Rsa(key)) => (&ring::RSA_PKCS1_2048_8192_SHA256, key),
            (RSA_SHA384, Key::Rsa(key)) => (&ring::RSA_PKCS1_2048_8192_SHA384, key),
            (RSA_SHA512, Key::Rsa(key)) => (&ring::RSA_PKCS1_2048_8192_SHA512, key),
            (EC_SHA256, Key::P256(key)) => (&ring::ECDSA_P256_SHA256_ASN1, key),
            (EC_SHA384, Key::P256(key)) => (&ring::ECDSA_P256_SHA384_ASN1, key),
            (EC_SHA256, Key::P384(key)) => (&ring::ECDSA_P384_SHA256_ASN1, key),
            (EC_SHA384, Key::P384(key)) => (&ring::ECDSA_P384_SHA384_ASN1, key),
            _ => return false,
        };
        ring::UnparsedPublicKey::new(verification, key).verify(message, signature).is_ok()
    }

    /// The common name, or nothing.
    pub fn name(&self) -> String {
        let common_name = || {
            let mut names = der::single(self.subject, der::SEQUENCE)?;
            while let Some(set) = names.next() {
                let mut pair = Elements(set.content).enter(der::SEQUENCE)?;
                if pair.expect(der::OID)?.content == COMMON_NAME {
                    return Some(String::from_utf8_lossy(pair.next()?.content).into_owned());
                }
            }
            None
        };
        common_name().unwrap_or_default()
    }
}

/// The signature algorithm that a token means, which may name the key and the digest apart.
pub(super) fn signature_algorithm<'a>(named: &'a [u8], digest: &[u8]) -> &'a [u8] {
    match (named, digest) {
        (RSA, der::SHA256) => RSA_SHA256,
        (RSA, der::SHA384) => RSA_SHA384,
        (RSA, der::SHA512) => RSA_SHA512,
        _ => named,
    }
}

fn key(mut fields: Elements<'_>) -> Option<Key<'_>> {
    let mut algorithm = fields.enter(der::SEQUENCE)?;
    let (kind, curve) = (algorithm.expect(der::OID)?.content, algorithm.next());
    let key = bits(fields.expect(der::BITS)?)?;
    match (kind, curve.map(|curve| curve.content)) {
        (RSA, _) => Some(Key::Rsa(key)),
        (EC, Some(P256)) => Some(Key::P256(key)),
        (EC, Some(P384)) => Some(Key::P384(key)),
        _ => None,
    }
}

fn bits(element: Element<'_>) -> Option<&[u8]> {
    element.content.strip_prefix(&[0])
}
