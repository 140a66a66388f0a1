//! Places the reference exactly: the map from matched corners is a pixel or two off, and that hides how well pixels agree.

use super::blocks::{block, shifted};
use super::view::{Mips, warp};
use super::{AGREES, GRID, Reference, TEXTURE, VISIBLE, halvings, reduced};
use crate::geometry::{Map, Point, fit};

/// Moves the map until the pixels lie on each other: every block says where it agrees best nearby, and the map is fitted to
/// what agreeing blocks say. Gives the map back unchanged where too few agree.
#[inline(always)]
pub(super) fn refine(reference: Reference<'_>, mips: &Mips, map: &Map) -> Map {
    let least = halvings(&reference, map);
    let mut map = *map;
    for (halvings, reach) in [(least + 1, 2), (least, 1)] {
        if reference.width.min(reference.height) >> halvings < 4 * GRID {
            continue;
        }
        let (small, from) = reduced(reference, halvings, &map);
        let pairs = displaced((&small).into(), mips, &from, reach);
        let size = (small.width() as f64, small.height() as f64);
        let Some(fitted) = fit(&pairs, size) else { continue };
        let shrink = 1.0 / f64::from(1u32 << halvings);
        map = Map::resizing(shrink, shrink).then(&fitted);
    }
    map
}

/// A block that agrees so well is left where it is. Smooth ones may still be a pixel off; to place those, too, was tried with
/// 0.995: it costs a quarter more time and finds nothing more.
const LIES_STILL: f64 = 0.97;

/// For each block that agrees somewhere within `reach` pixels: its centre, and where that lies in the suspect.
#[inline(always)]
fn displaced(reference: Reference<'_>, mips: &Mips, map: &Map, reach: isize) -> Vec<(Point, Point)> {
    let Reference { width, height, pixels } = reference;
    let (values, inside) = warp(mips, map, width, height);
    let mut pairs = Vec::with_capacity(GRID * GRID);
    for by in 0..GRID {
        for bx in 0..GRID {
            let place = [bx * width / GRID, (bx + 1) * width / GRID, by * height / GRID, (by + 1) * height / GRID];
            let [x0, x1, y0, y1] = place;
            let here = block(pixels, &values, &inside, width, place);
            let n = ((x1 - x0) * (y1 - y0)) as f64;
            if here.deviation_reference < TEXTURE || (here.inside as f64) < VISIBLE * n {
                continue;
            }
            let centre = [(x0 + x1 - 1) as f64 / 2.0, (y0 + y1 - 1) as f64 / 2.0];
            if here.correlation >= LIES_STILL {
                pairs.push((centre, map.apply(centre)));
                continue;
            }
            let at = |dx: isize, dy: isize| shifted(pixels, &values, width, height, place, dx, dy);
            let mut best = (here.correlation, 0, 0);
            for dy in -reach..=reach {
                for dx in -reach..=reach {
                    let c = at(dx, dy);
                    if c > best.0 {
                        best = (c, dx, dy);
                    }
                }
            }
            if best.0 < AGREES {
                continue;
            }
            // Between pixels: the top of the parabola through three neighbours.
            let top = |before: f64, after: f64| {
                let bend = before - 2.0 * best.0 + after;
                if before == 0.0 || after == 0.0 || bend > -1e-6 {
                    0.0
                } else {
                    (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
                }
            };
            let (_, dx, dy) = best;
            let (u, v) = (top(at(dx - 1, dy), at(dx + 1, dy)), top(at(dx, dy - 1), at(dx, dy + 1)));
            pairs.push((centre, map.apply([centre[0] + dx as f64 + u, centre[1] + dy as f64 + v])));
        }
    }
    pairs
}
