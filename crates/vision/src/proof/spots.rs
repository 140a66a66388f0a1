//! Spots: blocks so small that an overlay leaves some of them whole, and with structure in both directions.

use super::blocks::block;
use super::{Agreement, Reference};

/// Side of a spot in pixels.
const SPOT: usize = 8;
/// A spot whose weaker direction has less contrast than this (mean square step between neighbours) is flat or an edge.
const CORNER: f64 = 18.0;
/// Correlation from which a spot agrees.
const SPOT_AGREES: f64 = 0.8;

/// The middle of a picture reaches so far from its centre, of half a side.
const MIDDLE: f64 = 0.5;

/// Counts small blocks with structure in both directions, and those of them that agree where they are.
#[inline(always)]
pub(super) fn count_spots(reference: Reference<'_>, values: &[u8], inside: &[bool], agreement: &mut Agreement) {
    let Reference { width, height, pixels } = reference;
    for by in 0..height.saturating_sub(1) / SPOT {
        for bx in 0..width.saturating_sub(1) / SPOT {
            let (x, y) = (bx * SPOT, by * SPOT);
            let (mut xx, mut yy, mut xy) = (0i32, 0i32, 0i32);
            for row in y..y + SPOT {
                let here = &pixels[row * width + x..][..SPOT + 1];
                let below = &pixels[(row + 1) * width + x..][..SPOT];
                for i in 0..SPOT {
                    let (dx, dy) =
                        (i32::from(here[i + 1]) - i32::from(here[i]), i32::from(below[i]) - i32::from(here[i]));
                    xx += dx * dx;
                    yy += dy * dy;
                    xy += dx * dy;
                }
            }
            let n = (SPOT * SPOT) as f64;
            let (xx, yy, xy) = (f64::from(xx) / n, f64::from(yy) / n, f64::from(xy) / n);
            let weaker = (xx + yy) / 2.0 - (((xx - yy) / 2.0).powi(2) + xy * xy).sqrt();
            if weaker < CORNER {
                continue;
            }
            let block = block(pixels, values, inside, width, [x, x + SPOT, y, y + SPOT]);
            if block.inside < SPOT * SPOT {
                continue;
            }
            let agrees = u32::from(block.correlation >= SPOT_AGREES);
            agreement.spots += 1;
            agreement.spots_agreeing += agrees;
            let off = |at: usize, n: usize| (2 * at + SPOT) as f64 / n as f64 - 1.0;
            if off(x, width).hypot(off(y, height)) < MIDDLE {
                agreement.middle += 1;
                agreement.middle_agreeing += agrees;
            }
        }
    }
}
