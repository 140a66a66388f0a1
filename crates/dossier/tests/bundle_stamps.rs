//! Time stamps: made by openssl with `fixtures/bundle/make-stamps.sh`, kept as they came.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "support/tangle.rs"]
mod tangle;

use std::path::PathBuf;

use huoyan_dossier::bundle::timestamp::{Anchor, StampFault, check, request};

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/bundle/stamps").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn anchors(name: &str) -> Vec<Anchor> {
    Anchor::pem(&String::from_utf8(fixture(name)).unwrap()).unwrap()
}

#[test]
fn stamps_of_rsa_and_p256_and_of_an_intermediate_authority_are_trusted() {
    let message = fixture("message.txt");
    for (file, authority) in
        [("rsa.tsr", "tsa-rsa"), ("p256.tsr", "tsa-p256"), ("intermediate.tsr", "tsa-sub"), ("sha512.tsr", "tsa-rsa")]
    {
        let stamp = check(&fixture(file), &message, &anchors("ca.pem")).unwrap();
        assert_eq!((stamp.authority.as_str(), stamp.trusted), (authority, true), "{file}");
        assert!(stamp.time.ends_with('Z'), "{stamp:?}");
    }
}

#[test]
fn a_stamp_outlives_its_certificate() {
    assert!(check(&fixture("expired.tsr"), &fixture("message.txt"), &anchors("ca.pem")).is_ok());
}

#[test]
fn a_stamp_made_after_its_certificate_ended_is_refused() {
    let found = check(&fixture("too-late.tsr"), &fixture("message.txt"), &anchors("ca.pem"));
    assert_eq!(found, Err(StampFault::Chain));
}

#[test]
fn a_stamp_of_another_message_or_authority_is_refused() {
    let response = fixture("rsa.tsr");
    assert_eq!(check(&response, b"another", &anchors("ca.pem")), Err(StampFault::Imprint));
    assert_eq!(check(&response, &fixture("message.txt"), &anchors("other-ca.pem")), Err(StampFault::Chain));
    let stamp = check(&response, &fixture("message.txt"), &[]).unwrap();
    assert!(!stamp.trusted, "without a certificate a stamp says nothing");
}

/// Whoever made the stamp chose how many certificates are in it, so they must not choose how long it takes.
#[test]
fn a_tangle_of_authorities_is_refused_at_once() {
    let message = fixture("message.txt");
    let tangled = tangle::response(&message, 24);
    assert!(!check(&tangled, &message, &[]).unwrap().trusted, "all of it holds but for its authorities");
    let begin = std::time::Instant::now();
    assert_eq!(check(&tangled, &message, &anchors("ca.pem")), Err(StampFault::Chain));
    assert!(begin.elapsed() < std::time::Duration::from_secs(2), "{:?}", begin.elapsed());
}

#[test]
fn the_request_is_the_one_that_openssl_makes() {
    assert_eq!(request(&fixture("message.txt")), fixture("request.tsq"));
}

/// What nobody signed in a response is signed by the bundle's key; all the rest must hold by itself.
#[test]
fn a_flipped_bit_changes_no_stamp_unnoticed() {
    let (message, anchors) = (fixture("message.txt"), anchors("ca.pem"));
    for file in ["rsa.tsr", "p256.tsr"] {
        let good = fixture(file);
        let stamp = check(&good, &message, &anchors).unwrap();
        let mut unnoticed = 0;
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            if let Ok(found) = check(&bad, &message, &anchors) {
                assert_eq!(found, stamp, "{file}: bit {bit} tells another time");
                unnoticed += 1;
            }
        }
        // Status, version numbers, the set of digests and parameters of algorithms are not signed by the authority.
        assert!(unnoticed < good.len() * 8 / 20, "{file}: {unnoticed}");
    }
}

#[test]
fn garbage_is_no_stamp() {
    for bytes in [&b""[..], b"0", b"0\x00", b"0\x80\x00\x00", &[0x30; 500], &[0xff; 50]] {
        assert!(check(bytes, b"", &[]).is_err());
    }
    let good = fixture("rsa.tsr");
    for cut in 0..good.len() {
        assert!(check(&good[..cut], &fixture("message.txt"), &[]).is_err());
    }
}
