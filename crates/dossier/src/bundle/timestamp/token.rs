//! The response and the token in it: RFC 3161 over CMS (RFC 5652), with the binding to the certificate of RFC 5035.

use sha2::Digest as _;

use super::certificate::{Certificate, signature_algorithm};
use super::der::{self, Element, Elements};
use super::{Anchor, StampFault};
use crate::bundle::Stamp;

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const STAMP_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0c];
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];

struct Token<'a> {
    info: &'a [u8],
    certificates: Vec<Element<'a>>,
    signer: Signer<'a>,
}

struct Signer<'a> {
    issuer: &'a [u8],
    serial: &'a [u8],
    digest: &'a [u8],
    /// The signed attributes with the tag that is signed, not the one that is sent.
    attributes: Vec<u8>,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

struct Attributes<'a> {
    content_type: &'a [u8],
    message_digest: &'a [u8],
    /// The digest algorithm and the digest of the certificate; SHA-1 has none named.
    certificate: (Option<&'a [u8]>, &'a [u8]),
}

pub(super) fn check(response: &[u8], message: &[u8], anchors: &[Anchor]) -> Result<Stamp, StampFault> {
    let status = status(response).ok_or(StampFault::Form("TimeStampResp"))?;
    // 0 granted, 1 granted with modifications.
    if status > 1 {
        return Err(StampFault::Refused(status));
    }
    let token = token(response).ok_or(StampFault::Form("SignedData"))?;
    let (imprint, time) = info(token.info).ok_or(StampFault::Form("TSTInfo"))?;
    if hash(imprint.0, message).ok_or(StampFault::Algorithm)? != imprint.1 {
        return Err(StampFault::Imprint);
    }
    let parse = |bytes: &'_ [u8]| Certificate::parse(bytes).is_some();
    let carried: Vec<Certificate<'_>> = token.certificates.iter().filter_map(|c| Certificate::parse(c.whole)).collect();
    let trusted: Vec<Certificate<'_>> =
        anchors.iter().filter(|anchor| parse(&anchor.0)).filter_map(|anchor| Certificate::parse(&anchor.0)).collect();
    let signer = &token.signer;
    let certificate = (carried.iter().chain(&trusted))
        .find(|certificate| certificate.issuer == signer.issuer && certificate.serial == signer.serial)
        .ok_or(StampFault::Chain)?;
    signed_by(&token, certificate)?;
    if !certificate.stamps_time {
        return Err(StampFault::Purpose);
    }
    if !anchors.is_empty() && !certificate.leads_to(&trusted, &carried, time) {
        return Err(StampFault::Chain);
    }
    let time = time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    Ok(Stamp { time, authority: certificate.name(), trusted: !anchors.is_empty() })
}

fn signed_by(token: &Token<'_>, certificate: &Certificate<'_>) -> Result<(), StampFault> {
    let signer = &token.signer;
    let attributes = attributes(&signer.attributes).ok_or(StampFault::Form("signedAttrs"))?;
    let names_it = match attributes.certificate {
        (Some(algorithm), digest) => hash(algorithm, certificate.whole).ok_or(StampFault::Algorithm)? == digest,
        (None, digest) => sha1::Sha1::digest(certificate.whole)[..] == *digest,
    };
    let covers = hash(signer.digest, token.info).ok_or(StampFault::Algorithm)? == attributes.message_digest;
    let algorithm = signature_algorithm(signer.algorithm, signer.digest);
    let holds = certificate.signed(algorithm, &signer.attributes, signer.signature);
    let all = names_it && covers && holds && attributes.content_type == STAMP_INFO;
    if all { Ok(()) } else { Err(StampFault::Signature) }
}

fn hash(algorithm: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        der::SHA256 => Some(sha2::Sha256::digest(message).to_vec()),
        der::SHA384 => Some(sha2::Sha384::digest(message).to_vec()),
        der::SHA512 => Some(sha2::Sha512::digest(message).to_vec()),
        _ => None,
    }
}

fn status(response: &[u8]) -> Option<u8> {
    let mut outer = der::single(response, der::SEQUENCE)?;
    match outer.enter(der::SEQUENCE)?.expect(der::INTEGER)?.content {
        [status] => Some(*status),
        _ => None,
    }
}

fn token(response: &[u8]) -> Option<Token<'_>> {
    let mut outer = der::single(response, der::SEQUENCE)?;
    outer.expect(der::SEQUENCE)?;
    let mut content = outer.enter(der::SEQUENCE)?;
    outer.end()?;
    (content.expect(der::OID)?.content == SIGNED_DATA).then_some(())?;
    let mut data = der::single(content.expect(der::context(0))?.content, der::SEQUENCE)?;
    content.end()?;
    data.expect(der::INTEGER)?;
    data.expect(der::SET)?;
    let mut inner = data.enter(der::SEQUENCE)?;
    (inner.expect(der::OID)?.content == STAMP_INFO).then_some(())?;
    let mut wrapped = inner.enter(der::context(0))?;
    let info = wrapped.expect(der::OCTETS)?.content;
    wrapped.end()?;
    let mut certificates = Vec::new();
    if let Some(set) = data.optional(der::context(0)) {
        let mut set = Elements(set.content);
        while set.end().is_none() {
            certificates.push(set.next()?);
        }
    }
    data.optional(der::context(1));
    let mut signers = data.enter(der::SET)?;
    let signer = signer(signers.enter(der::SEQUENCE)?)?;
    signers.end()?;
    data.end()?;
    Some(Token { info, certificates, signer })
}

fn signer(mut fields: Elements<'_>) -> Option<Signer<'_>> {
    fields.expect(der::INTEGER)?;
    let mut id = fields.enter(der::SEQUENCE)?;
    let (issuer, serial) = (id.expect(der::SEQUENCE)?.whole, id.expect(der::INTEGER)?.content);
    let digest = fields.enter(der::SEQUENCE)?.expect(der::OID)?.content;
    let attributes = fields.expect(der::context(0))?.content;
    let algorithm = fields.enter(der::SEQUENCE)?.expect(der::OID)?.content;
    let signature = fields.expect(der::OCTETS)?.content;
    Some(Signer { issuer, serial, digest, attributes: der::tlv(der::SET, attributes), algorithm, signature })
}

fn attributes(set: &[u8]) -> Option<Attributes<'_>> {
    let mut all = der::single(set, der::SET)?;
    let (mut content_type, mut message_digest, mut certificate) = (None, None, None);
    while all.end().is_none() {
        let mut attribute = all.enter(der::SEQUENCE)?;
        let id = attribute.expect(der::OID)?.content;
        let mut values = attribute.enter(der::SET)?;
        let slot = match id {
            CONTENT_TYPE => &mut content_type,
            MESSAGE_DIGEST => &mut message_digest,
            SIGNING_CERTIFICATE => {
                let mut first = certificate_ids(values)?;
                certificate.get_or_insert((None, first.expect(der::OCTETS)?.content));
                continue;
            }
            SIGNING_CERTIFICATE_V2 => {
                let mut first = certificate_ids(values)?;
                let algorithm = match first.optional(der::SEQUENCE) {
                    Some(named) => Elements(named.content).expect(der::OID)?.content,
                    None => der::SHA256,
                };
                certificate = Some((Some(algorithm), first.expect(der::OCTETS)?.content));
                continue;
            }
            _ => continue,
        };
        // Each once, with one value.
        let value = values.next()?.content;
        if slot.replace(value).is_some() || values.end().is_none() {
            return None;
        }
    }
    Some(Attributes { content_type: content_type?, message_digest: message_digest?, certificate: certificate? })
}

/// The first certificate id, which is the signer's.
fn certificate_ids(mut values: Elements<'_>) -> Option<Elements<'_>> {
    values.enter(der::SEQUENCE)?.enter(der::SEQUENCE)?.enter(der::SEQUENCE)
}

type Imprint<'a> = (&'a [u8], &'a [u8]);

fn info(bytes: &[u8]) -> Option<(Imprint<'_>, chrono::DateTime<chrono::Utc>)> {
    let mut fields = der::single(bytes, der::SEQUENCE)?;
    (fields.expect(der::INTEGER)?.content == [1]).then_some(())?;
    fields.expect(der::OID)?;
    let mut imprint = fields.enter(der::SEQUENCE)?;
    let algorithm = imprint.enter(der::SEQUENCE)?.expect(der::OID)?.content;
    let digest = imprint.expect(der::OCTETS)?.content;
    fields.expect(der::INTEGER)?;
    let time = der::time(fields.expect(der::GENERALIZED_TIME)?)?;
    Some(((algorithm, digest), time))
}
