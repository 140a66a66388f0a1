//! A time stamp with as many authorities as its maker likes, each of which issued every other: all have one name and one key.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};

const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const EXTENDED_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const STAMP_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..=0x7f => out.push(length as u8),
        0x80..=0xff => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}

fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn set(part: Vec<u8>) -> Vec<u8> {
    tlv(0x31, &part)
}

fn oid(id: &[u8]) -> Vec<u8> {
    tlv(0x06, id)
}

fn int(n: u8) -> Vec<u8> {
    tlv(0x02, &[n])
}

fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, bytes)
}

fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes].concat())
}

fn name(text: &str) -> Vec<u8> {
    seq(&[set(seq(&[oid(COMMON_NAME), tlv(0x0c, text.as_bytes())]))])
}

fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap()
}

fn signed(key: &EcdsaKeyPair, message: &[u8]) -> Vec<u8> {
    key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
}

fn certificate(serial: u8, subject: &str, key: &EcdsaKeyPair, by: &EcdsaKeyPair, is_authority: bool) -> Vec<u8> {
    let algorithm = seq(&[oid(ECDSA_SHA256)]);
    let time = |text: &str| tlv(0x18, text.as_bytes());
    let critical = tlv(0x01, &[0xff]);
    let extension = if is_authority {
        seq(&[oid(BASIC_CONSTRAINTS), critical.clone(), octets(&seq(&[critical]))])
    } else {
        seq(&[oid(EXTENDED_USAGE), critical, octets(&seq(&[oid(TIME_STAMPING)]))])
    };
    let body = seq(&[
        tlv(0xa0, &int(2)),
        int(serial),
        algorithm.clone(),
        name("tangle"),
        seq(&[time("20200101000000Z"), time("20400101000000Z")]),
        name(subject),
        seq(&[seq(&[oid(EC), oid(P256)]), bits(key.public_key().as_ref())]),
        tlv(0xa3, &seq(&[extension])),
    ]);
    let signature = bits(&signed(by, &body));
    seq(&[body, algorithm, signature])
}

/// A whole response over a message that holds but for its authorities, of which there are so many.
pub fn response(message: &[u8], authorities: u8) -> Vec<u8> {
    let (root, leaf) = (new_key(), new_key());
    let stamper = certificate(1, "stamper", &leaf, &root, false);
    let mut certificates = stamper.clone();
    for n in 0..authorities {
        certificates.extend(certificate(2 + n, "tangle", &root, &root, true));
    }
    let sha256 = |bytes: &[u8]| octets(&Sha256::digest(bytes));
    let imprint = seq(&[seq(&[oid(SHA256)]), sha256(message)]);
    let info = seq(&[int(1), oid(&[0x2a, 3, 4]), imprint, int(1), tlv(0x18, b"20261122020000Z")]);
    let named = seq(&[seq(&[seq(&[sha256(&stamper)])])]);
    let attributes = [
        seq(&[oid(CONTENT_TYPE), set(oid(STAMP_INFO))]),
        seq(&[oid(MESSAGE_DIGEST), set(sha256(&info))]),
        seq(&[oid(SIGNING_CERTIFICATE_V2), set(named)]),
    ]
    .concat();
    let signer = seq(&[
        int(1),
        seq(&[name("tangle"), int(1)]),
        seq(&[oid(SHA256)]),
        tlv(0xa0, &attributes),
        seq(&[oid(ECDSA_SHA256)]),
        octets(&signed(&leaf, &tlv(0x31, &attributes))),
    ]);
    let content = seq(&[
        int(3),
        set(seq(&[oid(SHA256)])),
        seq(&[oid(STAMP_INFO), tlv(0xa0, &octets(&info))]),
        tlv(0xa0, &certificates),
        set(signer),
    ]);
    seq(&[seq(&[int(0)]), seq(&[oid(SIGNED_DATA), tlv(0xa0, &content)])])
}
