//! Which reference pictures may be in a suspect picture, and how they would lie in it.
//!
//! Two sources of candidates: the whole picture's PDQ hash (blur, noise, colours, small scales) and local features (crops,
//! borders, collages, screenshots). Each candidate comes with a map from the reference's frame to the suspect's, which
//! [`crate::verify`] then puts to the proof; a candidate that is wrong costs time, not truth.

use crate::gallery::{Gallery, Segment};
use crate::geometry::{Map, Point, fit_affine, fit_similarity};
use crate::hamming::{Scratch, distance};
use crate::local::{Features, Keypoint, STEP, mirrored_angle};
use crate::suspect::Suspect;
use crate::{pdq, simd};

/// A reference picture that may be in the suspect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The number of the reference picture in its gallery.
    pub picture: u32,
    /// Whether the suspect must be seen in a mirror.
    pub mirrored: bool,
    /// From the reference's frame to the suspect's (mirrored if so).
    pub map: Map,
    /// Features that speak for it; 0 when it comes from the hash.
    pub votes: u32,
    /// Distance of the whole pictures' hashes in the best orientation, 0 to 256.
    pub distance: u32,
}

/// Features further apart than this are not held to be the same.
const RADIUS: u32 = 66;
/// The same for the 32 bits that are looked at first.
const SKETCH_RADIUS: u32 = 8;
/// Pictures, of those whose look-alikes lean most to one turn and scale, whose geometry is looked at.
const SHORTLIST: usize = 32;
/// Consistent features a candidate needs.
const VOTES: u32 = 4;
/// Candidates handed on.
const CANDIDATES: usize = 6;
/// Whole-picture hashes up to this distance make a candidate. Wide, because the proof decides.
const HASH_RADIUS: u32 = 84;
const HASH_CANDIDATES: usize = 2;

struct Hit {
    picture: u32,
    mirrored: bool,
    query: u16,
    keypoint: u32,
    distance: u32,
}

/// One feature seen in both pictures.
struct Pair {
    reference: Keypoint,
    suspect: Keypoint,
    distance: u32,
}

/// The suspect's keypoint as it lies in the suspect, or in its mirror image.
pub(crate) fn seen(keypoint: Keypoint, mirrored: bool, width: usize) -> Keypoint {
    if mirrored {
        Keypoint { x: (width - 1) as f32 - keypoint.x, angle: mirrored_angle(keypoint.angle), ..keypoint }
    } else {
        keypoint
    }
}

/// Reference pictures that may be in the suspect, likeliest first.
pub fn candidates<B: AsRef<[u8]>>(gallery: &Gallery<B>, suspect: &Suspect) -> Vec<Candidate> {
    let mut found = by_hash(gallery, suspect);
    for candidate in by_features(gallery, suspect) {
        if found.iter().all(|f| f.picture != candidate.picture || f.distance > pdq::Hash::CLOSE) {
            found.push(candidate);
        }
    }
    found
}

/// In larger galleries chance brings hashes within [`HASH_RADIUS`]; there only hashes that are close count, found by index.
const WIDELY_SEARCHED: usize = 20_000;

fn by_hash<B: AsRef<[u8]>>(gallery: &Gallery<B>, suspect: &Suspect) -> Vec<Candidate> {
    let Some(hashed) = suspect.pdq() else { return Vec::new() };
    let mut near = Vec::new();
    if gallery.len() <= WIDELY_SEARCHED {
        for (first, segment) in gallery.parts() {
            let (codes, hashes) = (segment.codes(), &hashed.hashes);
            simd::accelerated(NearHashes { codes, hashes, first, near: &mut near });
        }
    } else {
        let (mut scratch, mut found) = (Scratch::default(), Vec::new());
        for (first, segment) in gallery.parts() {
            let index = segment.index();
            for (turn, hash) in hashed.hashes.iter().enumerate() {
                index.within_into(&hash.0, pdq::Hash::CLOSE, &mut scratch, &mut found);
                near.extend(found.iter().map(|near| (near.distance, first + near.place, turn)));
            }
        }
    }
    near.sort_unstable();
    let mut found: Vec<Candidate> = Vec::new();
    let (mut whole, mut bare) = (0, 0);
    for (distance, number, turn) in near {
        if whole == HASH_CANDIDATES {
            break;
        }
        if found.iter().any(|f| f.picture == number) {
            continue;
        }
        let Some(reference) = gallery.picture(number).filter(|reference| reference.quality > 0) else { continue };
        let (mirrored, map) = if reference.is_whole() {
            whole += 1;
            whole_map(turn, reference.frame, suspect.frame_size())
        } else if bare < HASH_CANDIDATES && distance <= pdq::Hash::CLOSE {
            bare += 1;
            whole_map(turn, (1, 1), suspect.frame_size())
        } else {
            continue;
        };
        found.push(Candidate { picture: number, mirrored, map, votes: 0, distance });
    }
    found
}

/// A reference that something else than hash and features brought up, as one that covers all of the suspect; `None` when only its hash is
/// known.
pub fn as_whole<B: AsRef<[u8]>>(gallery: &Gallery<B>, number: u32, suspect: &Suspect) -> Option<Candidate> {
    let reference = gallery.picture(number).filter(|reference| reference.is_whole())?;
    let (mirrored, map) = whole_map(0, reference.frame, suspect.frame_size());
    let hashes = suspect.pdq().map(|p| p.hashes).unwrap_or_default();
    let distance = hashes.iter().map(|hash| hash.distance(&reference.hash)).min().unwrap_or(256);
    Some(Candidate { picture: number, mirrored, map, votes: 0, distance })
}

/// The map under which all of the reference covers all of the suspect, whose hash in orientation `turn` is the reference's.
fn whole_map(turn: usize, frame: (u16, u16), suspect: (usize, usize)) -> (bool, Map) {
    let (w, h) = (f64::from(frame.0), f64::from(frame.1));
    let (sw, sh) = (suspect.0 as f64, suspect.1 as f64);
    // In unit coordinates, where a place of the reference lies in the (mirrored) suspect.
    let (mirrored, [a, b, c, d, e, f]) = match pdq::ORIENTATIONS[turn] {
        "rotate90" => (false, [0.0, -1.0, 1.0, 1.0, 0.0, 0.0]),
        "rotate180" => (false, [-1.0, 0.0, 1.0, 0.0, -1.0, 1.0]),
        "rotate270" => (false, [0.0, 1.0, 0.0, -1.0, 0.0, 1.0]),
        "flip_horizontal" => (true, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
        "flip_vertical" => (true, [-1.0, 0.0, 1.0, 0.0, -1.0, 1.0]),
        "rotate90_flip_vertical" => (true, [0.0, -1.0, 1.0, 1.0, 0.0, 0.0]),
        "rotate90_flip_horizontal" => (true, [0.0, 1.0, 0.0, -1.0, 0.0, 1.0]),
        _ => (false, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
    };
    let unit = Map([a, b, c, d, e, f, 0.0, 0.0, 1.0]);
    let into = Map::scaling(1.0 / w, 1.0 / h, 0.5 / w, 0.5 / h);
    (mirrored, into.then(&unit).then(&Map::scaling(sw, sh, -0.5, -0.5)))
}

fn by_features<B: AsRef<[u8]>>(gallery: &Gallery<B>, suspect: &Suspect) -> Vec<Candidate> {
    let features = suspect.features();
    let mut hits = Vec::new();
    for (first, segment) in gallery.parts().filter(|(_, segment)| segment.keypoints() > 0) {
        simd::accelerated(LookUp { segment, first, features, hits: &mut hits });
    }
    hits.sort_unstable_by_key(|h| (h.picture, h.mirrored, h.distance, h.query, h.keypoint));
    let mut groups: Vec<(u32, &[Hit])> = hits
        .chunk_by(|a, b| (a.picture, a.mirrored) == (b.picture, b.mirrored))
        .filter(|group| group.len() >= VOTES as usize)
        .filter_map(|group| Some((leaning(gallery.locate(group[0].picture)?.0, features, group), group)))
        .collect();
    groups.sort_by_key(|(weight, group)| (std::cmp::Reverse(*weight), group[0].picture, group[0].mirrored));
    let (width, height) = suspect.frame_size();
    let hashes = suspect.pdq().map(|p| p.hashes).unwrap_or_default();
    let mut found: Vec<Candidate> = groups
        .into_iter()
        .take(SHORTLIST)
        .filter_map(|(_, group)| {
            let (picture, mirrored) = (group[0].picture, group[0].mirrored);
            let (segment, reference) = gallery.locate(picture)?;
            let pairs: Vec<Pair> = group
                .iter()
                .map(|hit| Pair {
                    reference: segment.keypoint(hit.keypoint as usize),
                    suspect: seen(features.keypoints[usize::from(hit.query)], mirrored, width),
                    distance: hit.distance,
                })
                .collect();
            let (map, votes) = consistent(&pairs)?;
            let distance = hashes.iter().map(|hash| hash.distance(&reference.hash)).min().unwrap_or(256);
            Some(Candidate { picture, mirrored, map, votes, distance })
        })
        .collect();
    debug_assert!(width > 0 && height > 0);
    found.sort_by_key(|c| (std::cmp::Reverse(c.votes), c.picture, c.mirrored));
    found.truncate(CANDIDATES);
    found
}

/// How strongly look-alikes lean to one turn and one change of scale: the heaviest cell of a coarse histogram of both. True
/// look-alikes share a cell, chance ones spread over all of them.
fn leaning<B: AsRef<[u8]>>(segment: &Segment<B>, features: &Features, group: &[Hit]) -> u32 {
    const TURNS: usize = 16;
    const GROWTHS: usize = 16;
    let mut cells = [[0u32; TURNS]; GROWTHS];
    for hit in group {
        let reference = segment.keypoint(hit.keypoint as usize);
        let suspect = seen(features.keypoints[usize::from(hit.query)], hit.mirrored, features.width);
        let turn = usize::from(suspect.angle.wrapping_sub(reference.angle)) * TURNS / 256;
        let growth = (i32::from(suspect.level) - i32::from(reference.level)).rem_euclid(GROWTHS as i32) as usize;
        // The furthest count a little, too.
        cells[growth][turn] += RADIUS + 6 - hit.distance;
    }
    let mut heaviest = 0;
    for g in 0..GROWTHS {
        for t in 0..TURNS {
            let (above, beside) = ((g + 1) % GROWTHS, (t + 1) % TURNS);
            heaviest = heaviest.max(cells[g][t] + cells[g][beside] + cells[above][t] + cells[above][beside]);
        }
    }
    heaviest
}

/// The map most pairs agree on. One pair already fixes a similarity (place, scale and direction of both ends), so every
/// pair is tried and no luck is needed.
fn consistent(pairs: &[Pair]) -> Option<(Map, u32)> {
    const TRIED: usize = 64;
    const JUDGES: usize = 160;
    let judges = &pairs[..pairs.len().min(JUDGES)];
    let mut best: (u32, Vec<usize>) = (0, Vec::new());
    let mut agreeing = Vec::new();
    for pair in &pairs[..pairs.len().min(TRIED)] {
        let scale = STEP.powf(f64::from(pair.suspect.level) - f64::from(pair.reference.level));
        let turn = pair.suspect.angle.wrapping_sub(pair.reference.angle);
        let radians = f64::from(turn) / 256.0 * std::f64::consts::TAU;
        let turned = Map::similarity(scale, radians, 0.0, 0.0);
        let o = turned.apply(place(pair.reference));
        let s = place(pair.suspect);
        let map = Map::similarity(scale, radians, s[0] - o[0], s[1] - o[1]);
        agreeing.clear();
        for (i, other) in judges.iter().enumerate() {
            let turned = other.suspect.angle.wrapping_sub(other.reference.angle).wrapping_sub(turn) as i8;
            let grown = (i32::from(other.suspect.level) - i32::from(other.reference.level))
                - (i32::from(pair.suspect.level) - i32::from(pair.reference.level));
            if turned.unsigned_abs() > 24 || grown.abs() > 2 {
                continue;
            }
            let (p, q) = (map.apply(place(other.reference)), place(other.suspect));
            let away = length(q[0] - s[0], q[1] - s[1]);
            if length(p[0] - q[0], p[1] - q[1]) <= 10.0 + 0.2 * away {
                agreeing.push(i);
            }
        }
        let votes = distinct(judges, &agreeing);
        if votes > best.0 {
            best = (votes, agreeing.clone());
        }
    }
    if best.0 < VOTES {
        return None;
    }
    let pick = |chosen: &[usize]| -> Vec<(Point, Point)> {
        chosen.iter().map(|&i| (place(judges[i].reference), place(judges[i].suspect))).collect()
    };
    let mut chosen = best.1;
    let mut map = fit_similarity(&pick(&chosen))?;
    for tolerance in [24.0, 12.0] {
        let closer: Vec<usize> = (0..judges.len())
            .filter(|&i| {
                let (p, q) = (map.apply(place(judges[i].reference)), place(judges[i].suspect));
                length(p[0] - q[0], p[1] - q[1]) <= tolerance
            })
            .collect();
        if distinct(judges, &closer) < 3 {
            break;
        }
        chosen = closer;
        let fitted = if chosen.len() >= 8 { fit_affine(&pick(&chosen)) } else { fit_similarity(&pick(&chosen)) };
        map = fitted.unwrap_or(map);
    }
    Some((map, distinct(judges, &chosen)))
}

/// Pairs counted by distinct places on both sides: ten look-alikes of one corner are one vote.
fn distinct(pairs: &[Pair], chosen: &[usize]) -> u32 {
    let cell = |k: Keypoint| ((k.x / 6.0) as u32, (k.y / 6.0) as u32);
    let count = |f: fn(&Pair) -> Keypoint| {
        let mut cells: Vec<_> = chosen.iter().map(|&i| cell(f(&pairs[i]))).collect();
        cells.sort_unstable();
        cells.dedup();
        cells.len() as u32
    };
    debug_assert!(chosen.iter().all(|&i| pairs[i].distance <= RADIUS));
    count(|p| p.reference).min(count(|p| p.suspect))
}

/// `hypot` without its care for overflow, which places in pictures do not need.
#[inline(always)]
pub(crate) fn length(x: f64, y: f64) -> f64 {
    (x * x + y * y).sqrt()
}

fn place(keypoint: Keypoint) -> Point {
    [f64::from(keypoint.x), f64::from(keypoint.y)]
}

struct NearHashes<'a> {
    codes: &'a [[u8; 32]],
    hashes: &'a [pdq::Hash; 8],
    first: u32,
    near: &'a mut Vec<(u32, u32, usize)>,
}

impl simd::Kernel for NearHashes<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (i, code) in self.codes.iter().enumerate() {
            for (turn, hash) in self.hashes.iter().enumerate() {
                let distance = distance(code, &hash.0);
                if distance <= HASH_RADIUS {
                    self.near.push((distance, self.first + i as u32, turn));
                }
            }
        }
    }
}

struct LookUp<'a, B> {
    segment: &'a Segment<B>,
    first: u32,
    features: &'a Features,
    hits: &'a mut Vec<Hit>,
}

impl<B: AsRef<[u8]>> simd::Kernel for LookUp<'_, B> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let seen = [(false, &self.features.descriptors), (true, &self.features.mirrored)];
        for (mirrored, descriptors) in seen {
            let found = self.segment.lookalikes(descriptors, RADIUS, SKETCH_RADIUS);
            for (query, likes) in found.iter().enumerate() {
                for like in likes.iter().filter(|like| like.distance <= RADIUS) {
                    if let Some(picture) = self.segment.owner(like.keypoint as usize) {
                        let (query, keypoint, distance) = (query as u16, like.keypoint, like.distance);
                        self.hits.push(Hit { picture: self.first + picture, mirrored, query, keypoint, distance });
                    }
                }
            }
        }
    }
}
