use huoyan_model::Localized;

use super::Trust;
use super::part::{CheckedPart, form};
use crate::bundle::sshsig::Signature;
use crate::bundle::{Code, Problem, PublicKey, Sha256, manifest, names, timestamp};

/// The tag manifest, what it lists, its signature, and the time stamp over that.
pub(super) fn check(part: &mut CheckedPart<'_>, trust: &Trust) -> Vec<Problem> {
    let mut problems = tag_manifest(part);
    let (signer, found) = signature(part, trust);
    problems.extend(found);
    if let Some(key) = signer {
        part.report.signer = key.fingerprint();
        if part.tags.get(names::SIGNERS).is_some_and(|text| *text != key.allowed_signers().into_bytes()) {
            let message = ("其中的公钥不是签名所用的公钥", "it names another key than the one that signed");
            problems.push(part.problem(Code::OtherSigner, names::SIGNERS, message));
        }
        problems.extend(stamp(part, &key, trust));
    }
    problems
}

fn tag_manifest(part: &mut CheckedPart<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let Some(bytes) = part.tags.get(names::TAGS) else {
        return vec![missing(part, names::TAGS)];
    };
    part.report.tag_manifest = Sha256::of(bytes).to_string();
    let entries = match std::str::from_utf8(bytes).map(|text| manifest::parse(text, 64)) {
        Ok(Ok(entries)) => entries,
        Ok(Err(line)) => return vec![form(part, names::TAGS, format_args!("line {line}"))],
        Err(_) => return vec![form(part, names::TAGS, "UTF-8")],
    };
    if !entries.keys().map(String::as_str).eq(names::LISTED) {
        problems.push(form(part, names::TAGS, names::LISTED.join(", ")));
    }
    for (name, digest) in &entries {
        match part.prints.get(name) {
            None => problems.push(missing(part, name)),
            Some(prints) if prints.sha256.to_string() == *digest => {}
            Some(_) => {
                let message =
                    ("与 tagmanifest-sha256.txt 的哈希不符", "not as its hash in tagmanifest-sha256.txt says");
                problems.push(part.problem(Code::Digest, name, message));
            }
        }
    }
    problems
}

fn missing(part: &CheckedPart<'_>, name: &str) -> Problem {
    part.problem(Code::TagMissing, name, ("缺少此文件", "it is not there"))
}

fn signature(part: &CheckedPart<'_>, trust: &Trust) -> (Option<PublicKey>, Vec<Problem>) {
    let say = |code, message: Localized| vec![part.problem(code, names::SIGNATURE, message)];
    let (Some(tags), Some(text)) = (part.tags.get(names::TAGS), part.tags.get(names::SIGNATURE)) else {
        return (None, say(Code::SignatureMissing, Localized::new("没有签名", "there is no signature")));
    };
    let Some(signature) = Signature::parse(text).filter(|signature| signature.covers(tags)) else {
        let message = Localized::new("签名与清单不符", "it is no signature of the tag manifest");
        return (None, say(Code::SignatureInvalid, message));
    };
    let fingerprint = signature.key.fingerprint();
    let problems = if trust.keys.is_empty() {
        let message = Localized::new(
            format!("未提供可信公钥；签名公钥的指纹是 {fingerprint}，请与其他渠道得知的指纹核对"),
            format!("no key was pinned; it was signed by {fingerprint}, compare that with one known from elsewhere"),
        );
        say(Code::NoPinnedKey, message)
    } else if !trust.keys.contains(&signature.key) {
        let message = Localized::new(
            format!("签名公钥 {fingerprint} 不在可信公钥之列"),
            format!("it was signed by {fingerprint}, which is not among the pinned keys"),
        );
        say(Code::UnknownKey, message)
    } else {
        Vec::new()
    };
    (Some(signature.key), problems)
}

fn stamp(part: &mut CheckedPart<'_>, key: &PublicKey, trust: &Trust) -> Vec<Problem> {
    let (response, signature) = match (part.tags.get(names::STAMP), part.tags.get(names::STAMP_SIGNATURE)) {
        (None, None) => return Vec::new(),
        (Some(response), Some(signature)) => (response, signature),
        (Some(_), None) => return vec![missing(part, names::STAMP_SIGNATURE)],
        (None, Some(_)) => return vec![missing(part, names::STAMP)],
    };
    if Signature::parse(signature).is_none_or(|signature| signature.key != *key || !signature.covers(response)) {
        let message = ("签名与时间戳文件不符", "it is no signature of the time stamp");
        return vec![part.problem(Code::SignatureInvalid, names::STAMP_SIGNATURE, message)];
    }
    let over = part.tags.get(names::SIGNATURE).map_or(&[][..], Vec::as_slice);
    match timestamp::check(response, over, &trust.authorities) {
        Err(fault) => vec![part.problem(Code::StampInvalid, names::STAMP, fault.localized())],
        Ok(stamp) => {
            let note = (!stamp.trusted).then(|| {
                let message = (
                    format!("未提供时间戳机构的证书；时间戳自称为 {}", stamp.time),
                    format!("no certificate of an authority was pinned; the stamp says {}", stamp.time),
                );
                part.problem(Code::StampUnchecked, names::STAMP, message)
            });
            part.report.stamp = Some(stamp);
            note.into_iter().collect()
        }
    }
}
