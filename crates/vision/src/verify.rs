//! Puts a candidate to the proof: more corners are looked for where the candidate's map expects them, the map is fitted
//! anew, and the pixels are compared.

use crate::gallery::{Gallery, Picture, Segment};
use crate::geometry::{Map, Point, fit};
use crate::hamming::distance;
use crate::local::STEP;
use crate::proof::{self, Agreement, Reference};
use crate::search::{Candidate, length};
use crate::simd;
use crate::suspect::Suspect;

/// How well a reference picture was found in a suspect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verified {
    /// The candidate, its map as fitted last.
    pub candidate: Candidate,
    /// Corners of the reference that could be seen in the suspect.
    pub expected: u32,
    /// Those of them that are there.
    pub inliers: u32,
    /// Share of the reference that lies inside the suspect.
    pub reference_share: f64,
    /// Share of the suspect that the reference covers.
    pub suspect_share: f64,
    /// What the pixels say.
    pub agreement: Agreement,
}

/// Corners further apart than this are not held to be the same, even where one is expected.
const GUIDED_RADIUS: u32 = 76;

/// Verifies one candidate; `None` when the gallery holds no pixels of it.
pub fn verify<B: AsRef<[u8]>>(gallery: &Gallery<B>, suspect: &Suspect, candidate: &Candidate) -> Option<Verified> {
    let mut candidate = *candidate;
    let (segment, reference) = gallery.locate(candidate.picture).filter(|(_, picture)| picture.is_whole())?;
    let corners = Corners { segment, reference: &reference };
    let (w, h) = (f64::from(reference.frame.0), f64::from(reference.frame.1));
    let given = candidate.map;
    let mut pairs = Vec::new();
    let mut expected = 0;
    for (tolerance, last) in [(12.0, false), (6.0, false), (4.0, true)] {
        expected = guided_by(&corners, suspect, &candidate, tolerance, &mut pairs);
        if !last && let Some(map) = fit(&pairs, (w, h)) {
            candidate.map = map;
        }
    }
    let kept = Kept::of(&corners, suspect, &candidate);
    let compared = |map: &Map| kept.compare(suspect, map);
    let mut agreement = compared(&candidate.map);
    // A whole-picture match needs no corners: blurred pictures have few, and a map fitted to few is worse than none.
    if candidate.votes == 0 && candidate.map != given && agreement.share() < 0.9 {
        let plain = compared(&given);
        if plain.correlation > agreement.correlation {
            (agreement, candidate.map) = (plain, given);
            expected = guided_by(&corners, suspect, &candidate, 4.0, &mut pairs);
        }
    }
    // Pixels are placed exactly where that can decide something.
    let promising = agreement.agreeing >= 4 && (pairs.len() >= 12 || agreement.correlation >= 0.25);
    if promising && agreement.correlation < 0.985 {
        let refined = kept.refine(suspect, &candidate.map);
        if refined != candidate.map && refined.is_sane(w, h) {
            let better = compared(&refined);
            if better.correlation > agreement.correlation {
                (agreement, candidate.map) = (better, refined);
            }
        }
    }
    let (reference_share, suspect_share) = shares(&candidate.map, (w, h), suspect.frame_size());
    Some(Verified { candidate, expected, inliers: pairs.len() as u32, reference_share, suspect_share, agreement })
}

/// A reference picture where its corners and pixels are.
struct Corners<'g, B> {
    segment: &'g Segment<B>,
    reference: &'g Picture<'g>,
}

/// A reference's kept pixels, and how to turn maps from its frame to the suspect's (mirrored or not) into maps from those
/// pixels to the suspect as it is.
struct Kept<'g> {
    reference: Reference<'g>,
    into_frame: Map,
    out_of_frame: Map,
    /// Its own inverse.
    mirror: Map,
}

impl<'g> Kept<'g> {
    fn of<B: AsRef<[u8]>>(corners: &Corners<'g, B>, suspect: &Suspect, candidate: &Candidate) -> Self {
        let picture = corners.reference;
        let reference = corners.segment.proof(picture);
        let (frame_w, frame_h) = (f64::from(picture.frame.0), f64::from(picture.frame.1));
        let (w, h) = (reference.width as f64, reference.height as f64);
        let mirror = Map::scaling(-1.0, 1.0, (suspect.frame_size().0 - 1) as f64, 0.0);
        Self {
            reference,
            into_frame: Map::resizing(frame_w / w, frame_h / h),
            out_of_frame: Map::resizing(w / frame_w, h / frame_h),
            mirror: if candidate.mirrored { mirror } else { Map::IDENTITY },
        }
    }

    fn compare(&self, suspect: &Suspect, map: &Map) -> Agreement {
        proof::compare(self.reference, suspect.mips(), &self.into_frame.then(map).then(&self.mirror))
    }

    fn refine(&self, suspect: &Suspect, map: &Map) -> Map {
        let map = proof::refine(self.reference, suspect.mips(), &self.into_frame.then(map).then(&self.mirror));
        self.out_of_frame.then(&map).then(&self.mirror)
    }
}

fn guided_by<B: AsRef<[u8]>>(
    corners: &Corners<'_, B>,
    suspect: &Suspect,
    candidate: &Candidate,
    tolerance: f64,
    pairs: &mut Vec<(Point, Point)>,
) -> u32 {
    simd::accelerated(Guided { corners, suspect, candidate, tolerance, pairs })
}

struct Guided<'a, B> {
    corners: &'a Corners<'a, B>,
    suspect: &'a Suspect,
    candidate: &'a Candidate,
    tolerance: f64,
    pairs: &'a mut Vec<(Point, Point)>,
}

impl<B: AsRef<[u8]>> simd::Kernel for Guided<'_, B> {
    type Output = u32;

    #[inline(always)]
    fn run(self) -> u32 {
        guided(self.corners, self.suspect, self.candidate, self.tolerance, self.pairs)
    }
}

/// Looks for each corner of the reference where the map puts it; gives the number that could be seen.
#[inline(always)]
fn guided<B: AsRef<[u8]>>(
    corners: &Corners<'_, B>,
    suspect: &Suspect,
    candidate: &Candidate,
    tolerance: f64,
    pairs: &mut Vec<(Point, Point)>,
) -> u32 {
    let Corners { segment, reference } = corners;
    let (width, height) = suspect.frame_size();
    let (width, height) = (width as f64, height as f64);
    let deepest = suspect.features().keypoints.iter().map(|k| k.level).max().unwrap_or(0);
    let middle = [f64::from(reference.frame.0) / 2.0, f64::from(reference.frame.1) / 2.0];
    let (scale, turn) = candidate.map.scale_and_turn(middle);
    let (scale, turn) = (scale.clamp(0.02, 50.0), (turn / std::f64::consts::TAU * 256.0).round() as i64 as u8);
    let grown = scale.ln() / STEP.ln();
    let mut taken = vec![false; suspect.features().keypoints.len()];
    let descriptors = &segment.descriptors()[reference.first..][..reference.count];
    pairs.clear();
    let mut expected = 0;
    for (i, descriptor) in descriptors.iter().enumerate() {
        let corner = segment.keypoint(reference.first + i);
        let level = f64::from(corner.level) + grown;
        let from = [f64::from(corner.x), f64::from(corner.y)];
        let at = candidate.map.apply(from);
        if !(0.0..width).contains(&at[0]) || !(0.0..height).contains(&at[1]) {
            continue;
        }
        if level < -0.75 || level > f64::from(deepest) + 0.75 {
            continue;
        }
        expected += 1;
        let radius = tolerance + 1.0 * STEP.powf(level.max(0.0));
        let mut best = (GUIDED_RADIUS + 1, usize::MAX);
        suspect.near(at, radius, candidate.mirrored, |k| {
            let other = suspect.keypoint(k, candidate.mirrored);
            let away = length(f64::from(other.x) - at[0], f64::from(other.y) - at[1]);
            let turned = other.angle.wrapping_sub(corner.angle).wrapping_sub(turn) as i8;
            if away > radius || turned.unsigned_abs() > 26 || (f64::from(other.level) - level).abs() > 1.8 {
                return;
            }
            let d = distance(descriptor, suspect.descriptor(k, candidate.mirrored));
            best = best.min((d, k));
        });
        if best.0 <= GUIDED_RADIUS && !taken[best.1] {
            taken[best.1] = true;
            let other = suspect.keypoint(best.1, candidate.mirrored);
            pairs.push((from, [f64::from(other.x), f64::from(other.y)]));
        }
    }
    expected
}

/// How much of the reference lies inside the suspect, and how much of the suspect it covers, from a grid of places.
fn shares(map: &Map, (w, h): (f64, f64), suspect: (usize, usize)) -> (f64, f64) {
    const SIDE: u32 = 24;
    let (sw, sh) = (suspect.0 as f64, suspect.1 as f64);
    let (mut inside, mut area) = (0u32, 0.0);
    for i in 0..SIDE * SIDE {
        let unit = |k: u32| (f64::from(k) + 0.5) / f64::from(SIDE);
        let at = [unit(i % SIDE) * w, unit(i / SIDE) * h];
        let [x, y] = map.apply(at);
        if (0.0..sw).contains(&x) && (0.0..sh).contains(&y) {
            inside += 1;
            let (scale, _) = map.scale_and_turn(at);
            area += scale * scale * w * h / f64::from(SIDE * SIDE);
        }
    }
    (f64::from(inside) / f64::from(SIDE * SIDE), (area / (sw * sh)).min(1.0))
}
