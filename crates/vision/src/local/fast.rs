//! FAST-9 corners (Rosten and Drummond, ECCV 2006), rationed over a grid.

use crate::{Luma, simd};

/// Corners keep this distance from the edge, so that all that describes them lies inside.
pub(super) const MARGIN: usize = 16;

/// A corner must differ from nine neighbouring pixels of the ring by more than this; soft studio photos need it low.
const THRESHOLD: u8 = 5;

/// The grid over which corners are rationed has cells of about this side.
const CELL: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Corner {
    pub(super) x: u16,
    pub(super) y: u16,
    /// The largest threshold at which it would still be a corner.
    pub(super) strength: u8,
}

/// The ring of radius 3, clockwise from the top.
const RING: [(isize, isize); 16] = [
    (0, -3),
    (1, -3),
    (2, -2),
    (3, -1),
    (3, 0),
    (3, 1),
    (2, 2),
    (1, 3),
    (0, 3),
    (-1, 3),
    (-2, 2),
    (-3, 1),
    (-3, 0),
    (-3, -1),
    (-2, -2),
    (-1, -3),
];

/// The `wanted` strongest corners, no cell of the grid having more than twice its share while others still have some.
pub(super) fn corners(picture: &Luma, wanted: usize) -> Vec<Corner> {
    let mut corners = simd::accelerated(All { picture });
    corners.sort_unstable_by_key(|c| (std::cmp::Reverse(c.strength), c.y, c.x));
    ration(&corners, picture, wanted)
}

fn ration(corners: &[Corner], picture: &Luma, wanted: usize) -> Vec<Corner> {
    let columns = picture.width().div_ceil(CELL).max(1);
    let rows = picture.height().div_ceil(CELL).max(1);
    let share = (2 * wanted).div_ceil(columns * rows).max(2);
    let mut taken = vec![0usize; columns * rows];
    let mut kept = Vec::with_capacity(wanted);
    let mut rest = Vec::new();
    for &corner in corners {
        if kept.len() == wanted {
            break;
        }
        let cell = usize::from(corner.y) / CELL * columns + usize::from(corner.x) / CELL;
        if taken[cell] < share {
            taken[cell] += 1;
            kept.push(corner);
        } else if rest.len() < wanted {
            rest.push(corner);
        }
    }
    let missing = wanted - kept.len();
    kept.extend(rest.into_iter().take(missing));
    kept
}

#[inline(always)]
fn all(picture: &Luma) -> Vec<Corner> {
    let (width, height) = (picture.width(), picture.height());
    if width.min(height) < 2 * MARGIN + 1 {
        return Vec::new();
    }
    let inner = width - 2 * MARGIN;
    let ring = RING.map(|(dx, dy)| dy * width as isize + dx);
    let data = picture.data();
    let mut strengths = [vec![0u8; width], vec![0u8; width], vec![0u8; width]];
    let mut maybe = vec![0u8; inner];
    let mut found = Vec::new();
    for y in MARGIN..=height - MARGIN {
        let current = &mut strengths[y % 3];
        current.fill(0);
        if y < height - MARGIN {
            promising(picture, y, &mut maybe[..inner]);
            // The last block starts earlier, so that all blocks are whole.
            let mut from = 0;
            while from < inner {
                let first = from.min(inner.saturating_sub(WIDE));
                let block = &maybe[first..][..WIDE.min(inner)];
                from += WIDE;
                if block.iter().all(|&m| m == 0) {
                    continue;
                }
                let at = y * width + MARGIN + first;
                let out = &mut current[MARGIN + first..][..block.len()];
                if let Ok(out) = <&mut [u8; WIDE]>::try_from(&mut *out) {
                    side_by_side(data, at, &ring, out);
                } else {
                    for (i, out) in out.iter_mut().enumerate() {
                        *out = strength(data, at + i, &ring);
                    }
                }
            }
        }
        // The row above now has both its neighbours: keep what is strongest in its 3 x 3.
        if y > MARGIN {
            let (above, middle, below) = (&strengths[(y + 1) % 3], &strengths[(y + 2) % 3], &strengths[y % 3]);
            for x in MARGIN..width - MARGIN {
                let s = middle[x];
                if s == 0 {
                    continue;
                }
                let around = |row: &[u8]| row[x - 1].max(row[x]).max(row[x + 1]);
                let earlier = around(above).max(middle[x - 1]);
                let later = around(below).max(middle[x + 1]);
                if s > earlier && s >= later {
                    found.push(Corner { x: x as u16, y: (y - 1) as u16, strength: s });
                }
            }
        }
    }
    found
}

/// Nine neighbouring pixels of the ring always hold two neighbouring ones of its four compass points, and two of the four
/// points between those, so most pixels are ruled out by eight comparisons.
#[inline(always)]
fn promising(picture: &Luma, y: usize, out: &mut [u8]) {
    let inner = out.len();
    let part = |dy: isize, dx: isize| {
        let row = picture.row(y.wrapping_add_signed(dy));
        &row[MARGIN.wrapping_add_signed(dx)..][..inner]
    };
    let (north, east, south, west) = (part(-3, 0), part(0, 3), part(3, 0), part(0, -3));
    let (ne, se, sw, nw) = (part(-2, 2), part(2, 2), part(2, -2), part(-2, -2));
    let middle = part(0, 0);
    for i in 0..inner {
        let c = middle[i];
        let (high, low) = (c.saturating_add(THRESHOLD), c.saturating_sub(THRESHOLD));
        let bright = |a: u8, b: u8, c: u8, d: u8| {
            let [a, b, c, d] = [a, b, c, d].map(|p| u8::from(p > high));
            (a | c) & (b | d)
        };
        let dark = |a: u8, b: u8, c: u8, d: u8| {
            let [a, b, c, d] = [a, b, c, d].map(|p| u8::from(p < low));
            (a | c) & (b | d)
        };
        let (n, e, s, w) = (north[i], east[i], south[i], west[i]);
        let (n2, e2, s2, w2) = (ne[i], se[i], sw[i], nw[i]);
        out[i] = (bright(n, e, s, w) & bright(n2, e2, s2, w2)) | (dark(n, e, s, w) & dark(n2, e2, s2, w2));
    }
}

/// Pixels whose strength is found side by side.
const WIDE: usize = 32;

type Lane = [u8; WIDE];

// Loops, not closures: only what is inlined is compiled for wide instructions.

#[inline(always)]
fn least(a: &Lane, b: &Lane) -> Lane {
    let mut out = [0; WIDE];
    for i in 0..WIDE {
        out[i] = a[i].min(b[i]);
    }
    out
}

#[inline(always)]
fn above(a: &Lane, b: &Lane) -> Lane {
    let mut out = [0; WIDE];
    for i in 0..WIDE {
        out[i] = a[i].saturating_sub(b[i]);
    }
    out
}

/// [`strength`] of [`WIDE`] neighbouring pixels.
#[inline(always)]
fn side_by_side(data: &[u8], at: usize, ring: &[isize; 16], out: &mut Lane) {
    let mut centre = [0; WIDE];
    centre.copy_from_slice(&data[at..at + WIDE]);
    let mut best = [0u8; WIDE];
    for brighter in [true, false] {
        let mut d = [[0u8; WIDE]; 16];
        for k in 0..16 {
            let from = at.wrapping_add_signed(ring[k]);
            let mut neighbour = [0; WIDE];
            neighbour.copy_from_slice(&data[from..from + WIDE]);
            d[k] = if brighter { above(&neighbour, &centre) } else { above(&centre, &neighbour) };
        }
        let (mut two, mut four) = ([[0u8; WIDE]; 16], [[0u8; WIDE]; 16]);
        for k in 0..16 {
            two[k] = least(&d[k], &d[(k + 1) % 16]);
        }
        for k in 0..16 {
            four[k] = least(&two[k], &two[(k + 2) % 16]);
        }
        for k in 0..16 {
            let nine = least(&least(&four[k], &four[(k + 4) % 16]), &d[(k + 8) % 16]);
            for i in 0..WIDE {
                best[i] = best[i].max(nine[i]);
            }
        }
    }
    for i in 0..WIDE {
        out[i] = if best[i] > THRESHOLD { best[i] } else { 0 };
    }
}

/// The largest difference that nine neighbouring pixels of the ring all exceed, all brighter or all darker; 0 when it does not
/// exceed the threshold.
#[inline(always)]
fn strength(data: &[u8], at: usize, ring: &[isize; 16]) -> u8 {
    let centre = i16::from(data[at]);
    let mut difference = [0i16; 32];
    for (k, &offset) in ring.iter().enumerate() {
        let d = i16::from(data[at.wrapping_add_signed(offset)]) - centre;
        difference[k] = d;
        difference[k + 16] = d;
    }
    let mut low = difference;
    let mut high = difference;
    for shift in [1, 2, 4] {
        for k in 0..32 - shift {
            low[k] = low[k].min(low[k + shift]);
            high[k] = high[k].max(high[k + shift]);
        }
    }
    let mut best = 0;
    for k in 0..16 {
        best = best.max(low[k].min(difference[k + 8]));
        best = best.max(-high[k].max(difference[k + 8]));
    }
    if best > i16::from(THRESHOLD) { best as u8 } else { 0 }
}

struct All<'a> {
    picture: &'a Luma,
}

impl simd::Kernel for All<'_> {
    type Output = Vec<Corner>;

    #[inline(always)]
    fn run(self) -> Vec<Corner> {
        all(self.picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal_strength(picture: &Luma, x: usize, y: usize) -> u8 {
        let centre = i16::from(picture.row(y)[x]);
        let ring = RING.map(|(dx, dy)| i16::from(picture.clamped(x as isize + dx, y as isize + dy)) - centre);
        let arcs = (0..16).map(|k| (0..9).map(move |i| ring[(k + i) % 16]));
        let bright = arcs.clone().map(|arc| arc.min().unwrap()).max().unwrap();
        let dark = arcs.map(|arc| arc.map(|d| -d).min().unwrap()).max().unwrap();
        let best = bright.max(dark);
        if best > i16::from(THRESHOLD) { best as u8 } else { 0 }
    }

    fn noise(width: usize, height: usize) -> Luma {
        let data = (0..width * height).map(|i| blake3::hash(&(i / 3).to_le_bytes()).as_bytes()[0]).collect();
        Luma::new(width, height, data)
    }

    #[test]
    fn finds_what_the_definition_finds() {
        // With blocks that overlap, and with a picture narrower than one.
        finds(90, 70);
        finds(60, 200);
    }

    fn finds(width: usize, height: usize) {
        let picture = noise(width, height);
        let inside = |x, y| (MARGIN..width - MARGIN).contains(&x) && (MARGIN..height - MARGIN).contains(&y);
        let at = |x: usize, y: usize| if inside(x, y) { literal_strength(&picture, x, y) } else { 0 };
        let mut expected = Vec::new();
        for y in MARGIN..height - MARGIN {
            for x in MARGIN..width - MARGIN {
                let s = at(x, y);
                let before = [(x - 1, y - 1), (x, y - 1), (x + 1, y - 1), (x - 1, y)];
                let after = [(x + 1, y), (x - 1, y + 1), (x, y + 1), (x + 1, y + 1)];
                if s > 0 && before.iter().all(|&(x, y)| s > at(x, y)) && after.iter().all(|&(x, y)| s >= at(x, y)) {
                    expected.push(Corner { x: x as u16, y: y as u16, strength: s });
                }
            }
        }
        assert!(expected.len() > 20);
        assert_eq!(all(&picture), expected);
    }

    #[test]
    fn a_busy_corner_does_not_use_up_the_budget() {
        // Strong noise in one cell, weak noise elsewhere.
        let strong = noise(256, 256);
        let data = strong
            .data()
            .iter()
            .enumerate()
            .map(|(i, &p)| if i % 256 < 64 && i / 256 < 64 { p } else { 100 + p / 8 })
            .collect();
        let kept = corners(&Luma::new(256, 256, data), 64);
        let busy = kept.iter().filter(|c| c.x < 64 && c.y < 64).count();
        assert!(busy <= 8, "{busy} of {}", kept.len());
        assert_eq!(kept.len(), 64);
    }
}
