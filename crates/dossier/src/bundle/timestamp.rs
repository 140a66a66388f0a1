//! RFC 3161 time stamps over the signature: asked for, kept whole, and judged at the time they name.
//!
//! The whole `TimeStampResp` is kept, so that stock `openssl ts -verify` reads it. A stamp is judged at its own time (`genTime`): a certificate
//! that has expired since does not spoil it. What of a response nobody signed (its status text, unused certificates) is
//! covered by the bundle's key, which signs the response as it is attached.

mod attach;
mod certificate;
mod der;
mod token;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use huoyan_model::Localized;

pub use attach::{attach, request_for};
use certificate::Certificate;

use super::{BundleError, Sha256, Stamp};

/// A certificate of an authority that one trusts, in DER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor(Vec<u8>);

impl Anchor {
    /// Takes one certificate in DER.
    pub fn der(bytes: &[u8]) -> Result<Self, BundleError> {
        match Certificate::parse(bytes) {
            Some(_) => Ok(Self(bytes.to_owned())),
            None => Err(StampFault::Form("certificate").error()),
        }
    }

    /// All certificates of a PEM file.
    pub fn pem(text: &str) -> Result<Vec<Self>, BundleError> {
        let mut anchors = Vec::new();
        for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
            let inside = block.split("-----END").next().unwrap_or_default();
            let base64: String = inside.split_whitespace().collect();
            let bytes = STANDARD.decode(base64).map_err(|_| StampFault::Form("certificate").error())?;
            anchors.push(Self::der(&bytes)?);
        }
        if anchors.is_empty() { Err(StampFault::Form("certificate").error()) } else { Ok(anchors) }
    }

    /// A file of certificates, PEM or DER.
    pub fn read(path: &Path) -> Result<Vec<Self>, BundleError> {
        let bytes = std::fs::read(path).map_err(BundleError::io(path))?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Self::pem(text),
            Err(_) => Ok(vec![Self::der(&bytes)?]),
        }
    }
}

/// A request file (`.tsq`) for the SHA-256 of a message, asking for the authority's certificate too.
pub fn request(message: &[u8]) -> Vec<u8> {
    let algorithm = der::sequence(&[&der::tlv(der::OID, der::SHA256), &der::tlv(der::NULL, &[])]);
    let imprint = der::sequence(&[&algorithm, &der::tlv(der::OCTETS, Sha256::of(message).bytes())]);
    der::sequence(&[&der::tlv(der::INTEGER, &[1]), &imprint, &der::tlv(der::BOOLEAN, &[0xff])])
}

/// Judges a whole response over a message. Without anchors only what the response carries is checked, and the stamp is not trusted.
pub fn check(response: &[u8], message: &[u8], anchors: &[Anchor]) -> Result<Stamp, StampFault> {
    token::check(response, message, anchors)
}

/// Why a response is no time stamp of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StampFault {
    /// A part of it does not have its form.
    Form(&'static str),
    /// The authority refused; its status.
    Refused(u8),
    /// It is about another message.
    Imprint,
    /// It is not signed by the certificate it names.
    Signature,
    /// An algorithm that is not known here or no longer safe.
    Algorithm,
    /// The certificate is not made for time stamps.
    Purpose,
    /// No chain of certificates, all valid at the time named, leads to one that is trusted.
    Chain,
}

impl StampFault {
    /// The message in both languages.
    pub fn localized(&self) -> Localized {
        let (zh, en) = match self {
            Self::Form(part) => return Localized::new(format!("格式错误：{part}"), format!("malformed: {part}")),
            Self::Refused(status) => {
                return Localized::new(
                    format!("时间戳机构拒绝了请求（状态 {status}）；请重新申请"),
                    format!("the authority refused (status {status}); ask again"),
                );
            }
            Self::Imprint => ("时间戳对应的是另一份签名", "it is about another signature"),
            Self::Signature => ("时间戳机构的签名不成立", "the authority's signature does not hold"),
            Self::Algorithm => ("使用了不支持或不安全的算法", "its algorithm is unknown or unsafe"),
            Self::Purpose => ("证书用途不是时间戳", "its certificate is not made for time stamps"),
            Self::Chain => (
                "在时间戳所示的时间，没有一条有效的证书链通向可信证书",
                "no chain of certificates valid at its time leads to a trusted one",
            ),
        };
        Localized::new(zh, en)
    }

    pub(super) fn error(&self) -> BundleError {
        BundleError::TimeStamp { reason: self.localized() }
    }
}
