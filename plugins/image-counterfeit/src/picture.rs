//! One picture against the galleries.

use huoyan_sdk::Evidence;
use huoyan_vision::edit::{aligned, edits, region};
use huoyan_vision::gallery::{Gallery, Picture};
use huoyan_vision::judge::judge;
use huoyan_vision::verify::{Verified, verify};
use huoyan_vision::{Suspect, pdq, search, sha256};
use serde::{Deserialize, Serialize};

use crate::ImageCounterfeit;
use crate::together::Said;

/// What a listing says beside its picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offer<'a> {
    /// The shop.
    pub shop: Option<&'a str>,
    /// When the listing was last changed, Unix seconds.
    pub at: Option<i64>,
    /// The category.
    pub category: Option<&'a str>,
    /// The price.
    pub price: Option<f64>,
    /// The picture's file.
    pub file: Option<&'a PictureFile>,
}

/// Which file a picture was: so that evidence can be taken from the same bytes later, and from no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureFile {
    /// Where it lies, as the listing tells it.
    pub uri: Option<String>,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

impl PictureFile {
    /// The file with these bytes.
    pub fn new(uri: Option<&str>, bytes: &[u8]) -> Self {
        Self { uri: uri.map(str::to_owned), sha256: sha256(bytes) }
    }

    /// Adds it to a finding's evidence.
    pub fn tell(&self, evidence: Evidence) -> Evidence {
        let evidence = evidence.text("sha256", &self.sha256);
        match &self.uri {
            Some(uri) => evidence.text("uri", uri),
            None => evidence,
        }
    }
}

/// A picture that is, or may be, the brand's.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// What is found in the picture itself; nothing where only the user's own model holds it for like a reference.
    pub found: Option<Found>,
    /// What it adds to the judgement of the listing.
    pub said: Said,
}

/// A finding about a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// IC001 or IC002.
    pub rule: &'static str,
    /// How sure it is.
    pub score: f64,
    /// What it rests on.
    pub evidence: Evidence,
}

/// From this certainty on no further candidate can do better.
const SETTLED: f64 = 0.995;
/// From this certainty on the picture itself counts in the judgement of the listing.
pub const PROVEN: f64 = 0.5;

struct Best<'g> {
    copy: f64,
    artwork: f64,
    proof: Proof,
    picture: Picture<'g>,
    /// What the user's own model says.
    likeness: Option<f64>,
}

/// What shows that two pictures are the same.
enum Proof {
    /// Corners and pixels.
    Pixels(Verified),
    /// Of the reference only the hash is known; the number of bits in which the hashes differ.
    Hash(u32),
}

impl ImageCounterfeit {
    /// The best match of a suspect picture; `None` when there is none worth writing or the shop is authorised.
    pub fn match_picture(&self, suspect: &Suspect, offer: &Offer<'_>) -> Option<Match> {
        let alike = self.alike(suspect);
        let mut best: Option<Best<'_>> = None;
        for (i, gallery) in self.galleries.iter().enumerate() {
            let alike: &[Alike] = &alike.iter().filter(|a| a.0 == i).copied().collect::<Vec<_>>();
            for found in matches(gallery, suspect, alike) {
                let key = |b: &Best<'_>| if b.copy >= PROVEN { 1.0 + b.copy } else { b.copy.max(0.9 * b.artwork) };
                if best.as_ref().is_none_or(|b| key(&found) > key(b)) {
                    best = Some(found);
                }
            }
        }
        let best = best.filter(|best| best.copy.max(best.artwork) >= self.config.report_from);
        let Some(best) = best else { return self.likeness(&alike, offer) };
        let brand = self.brands.named(best.picture.brand).or_else(|| self.brands.selling(best.picture.item));
        if let (Some(brand), Some(shop)) = (brand, offer.shop)
            && brand.authorises(shop, offer.at)
        {
            return None;
        }
        let copy = best.copy >= PROVEN || best.copy >= best.artwork;
        let (rule, kind, score) = if copy { ("IC001", "copy", best.copy) } else { ("IC002", "artwork", best.artwork) };
        let own = brand.and_then(|b| b.price(Some(best.picture.item), offer.category));
        let said = Said {
            brand: brand
                .map(|b| b.name.clone())
                .or_else(|| Some(best.picture.brand.to_owned()).filter(|b| !b.is_empty())),
            copy: copy.then_some(score),
            artwork: (!copy).then_some(score),
            item: Some(best.picture.item.to_owned()),
            price: offer.price.filter(|&price| price > 0.0).zip(own),
            unlisted: brand.is_some_and(|b| !b.shops.is_empty()) && offer.shop.is_some(),
            file: offer.file.cloned(),
            ..Said::default()
        };
        // A doubtful proof does not stand in the way of a likeness.
        let said = match self.likeness(&alike, offer) {
            Some(Match { said: like, .. }) if score < PROVEN => Said { copy: said.copy, artwork: said.artwork, ..like },
            _ => said,
        };
        let evidence = evidence(&best, kind, suspect, offer, own);
        Some(Match { found: Some(Found { rule, score, evidence }), said })
    }

    /// What a likeness without proof adds to the judgement of the listing; no finding of its own.
    fn likeness(&self, alike: &[Alike], offer: &Offer<'_>) -> Option<Match> {
        let &(gallery, number, cosine) = alike.first()?;
        let picture = self.galleries[gallery].picture(number)?;
        let brand = self.brands.named(picture.brand).or_else(|| self.brands.selling(picture.item));
        if brand.is_some_and(|brand| offer.shop.is_some_and(|shop| brand.authorises(shop, offer.at))) {
            return None;
        }
        let own = brand.and_then(|b| b.price(Some(picture.item), offer.category));
        let said = Said {
            brand: brand.map(|b| b.name.clone()),
            similar: Some(cosine),
            item: Some(picture.item.to_owned()),
            price: offer.price.filter(|&price| price > 0.0).zip(own),
            unlisted: brand.is_some_and(|b| !b.shops.is_empty()) && offer.shop.is_some(),
            file: offer.file.cloned(),
            ..Said::default()
        };
        Some(Match { found: None, said })
    }

    /// What the user's own model holds for like a picture.
    #[cfg(feature = "onnx")]
    fn alike(&self, suspect: &Suspect) -> Vec<Alike> {
        self.embedding.as_ref().map(|embedding| embedding.alike(suspect)).unwrap_or_default()
    }

    #[cfg(not(feature = "onnx"))]
    #[expect(clippy::unused_self, reason = "the same with a model")]
    fn alike(&self, _: &Suspect) -> Vec<Alike> {
        Vec::new()
    }
}

/// Gallery, number and cosine of a reference that the user's own model holds for like the suspect.
type Alike = (usize, u32, f64);

fn matches<'g, B: AsRef<[u8]>>(gallery: &'g Gallery<B>, suspect: &Suspect, alike: &[Alike]) -> Vec<Best<'g>> {
    let mut found: Vec<Best<'g>> = Vec::new();
    let mut candidates = search::candidates(gallery, suspect);
    for &(_, number, _) in alike {
        if candidates.iter().all(|candidate| candidate.picture != number) {
            candidates.extend(search::as_whole(gallery, number, suspect));
        }
    }
    for candidate in candidates {
        let Some(picture) = gallery.picture(candidate.picture) else { continue };
        let Some(verified) = verify(gallery, suspect, &candidate) else {
            let quality = suspect.pdq().map_or(0, |pdq| pdq.quality);
            if let Some(copy) = by_hash_alone(candidate.distance, picture.quality.min(quality)) {
                found.push(Best {
                    copy,
                    artwork: 0.0,
                    proof: Proof::Hash(candidate.distance),
                    picture,
                    likeness: None,
                });
            }
            continue;
        };
        let judged = judge(&verified);
        let likeness = alike.iter().find(|a| a.1 == candidate.picture).map(|a| a.2);
        let (copy, artwork) = (judged.copy, judged.artwork);
        found.push(Best { copy, artwork, proof: Proof::Pixels(verified), picture, likeness });
        if judged.copy >= SETTLED {
            break;
        }
    }
    found
}

/// How sure a match is of which nothing but two hashes is known. The reference holds pictures within 31 bits for the same, and advises
/// against hashes of a quality below 50: they are of flat pictures, which are alike by nature.
fn by_hash_alone(distance: u32, quality: u8) -> Option<f64> {
    const LEAST_QUALITY: u8 = 50;
    let close = f64::from(pdq::Hash::CLOSE);
    (distance <= pdq::Hash::CLOSE && quality >= LEAST_QUALITY).then(|| 0.9 - 0.4 * f64::from(distance) / close)
}

fn evidence(best: &Best<'_>, kind: &str, suspect: &Suspect, offer: &Offer<'_>, own: Option<f64>) -> Evidence {
    let mut evidence = Evidence::new()
        .text("gallery_item", best.picture.item)
        .text("gallery_file", best.picture.file)
        .text("match", kind);
    evidence = match &best.proof {
        Proof::Hash(distance) => evidence
            .text("proof", "hash")
            .text("hash", &best.picture.hash.to_string())
            .number("distance", f64::from(*distance)),
        Proof::Pixels(v) => {
            let named: Vec<String> = edits(v, best.picture.frame).iter().map(|e| e.name()).collect();
            let transform = if named.is_empty() { "laid out alike".to_owned() } else { named.join(", ") };
            let [left, top, right, bottom] = region(v, best.picture.frame, suspect.frame_size(), suspect.size());
            let aligned = aligned(v, best.picture.frame, suspect.frame_size()).0.map(|number| format!("{number:.5}"));
            let percent = |share: f64| (share * 1000.0).round() / 10.0;
            evidence
                .text("transform", &transform)
                .number("distance", f64::from(v.candidate.distance))
                .number("inliers", f64::from(v.inliers))
                .number("blocks_agreeing", f64::from(v.agreement.agreeing))
                .number("blocks_compared", f64::from(v.agreement.visible))
                .number("agreement_percent", percent(v.agreement.share()))
                .raw("aligned", &format!("[{}]", aligned.join(",")))
                .raw("region", &format!("[{left},{top},{right},{bottom}]"))
        }
    };
    if let Some(likeness) = best.likeness {
        evidence = evidence.number("likeness", (likeness * 1000.0).round() / 1000.0);
    }
    if !best.picture.brand.is_empty() {
        evidence = evidence.text("brand", best.picture.brand);
    }
    if let Some(file) = offer.file {
        evidence = file.tell(evidence);
    }
    if let Some(shop) = offer.shop {
        evidence = evidence.text("shop", shop);
    }
    if let (Some(price), Some(own)) = (offer.price, own) {
        evidence = evidence.number("price", price).number("brand_price", own);
    }
    evidence
}
