//! The suspect as it would be seen from the reference's place: at the right size, through a map.

use super::Reference;
use crate::geometry::Map;
use crate::{Luma, simd};

/// The picture at half size, a quarter, and so on: whatever the scale, few pixels are read and none is skipped.
#[derive(Clone, Debug)]
pub struct Mips(Vec<Luma>);

impl Mips {
    /// Halves the picture until a side is short.
    pub fn new(picture: &Luma) -> Self {
        let mut mips = vec![picture.clone()];
        while let Some(last) = mips.last().filter(|l| l.width().min(l.height()) >= 32) {
            let next = simd::accelerated(Halved(last.into()));
            mips.push(next);
        }
        Self(mips)
    }

    /// The picture itself.
    pub(crate) fn whole(&self) -> Reference<'_> {
        (&self.0[0]).into()
    }
}

#[inline(always)]
pub(super) fn halved(picture: Reference<'_>) -> Luma {
    let (width, height) = (picture.width / 2, picture.height / 2);
    let row = |y: usize| picture.pixels[y * picture.width..][..picture.width].as_chunks::<2>().0;
    let mut data = Vec::with_capacity(width * height);
    for y in 0..height {
        let (above, below) = (row(2 * y), row(2 * y + 1));
        let mean = |(a, b): (&[u8; 2], &[u8; 2])| {
            ((u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]) + 2) / 4) as u8
        };
        data.extend(above.iter().zip(below).map(mean));
    }
    Luma::new(width, height, data)
}

struct Halved<'a>(Reference<'a>);

impl simd::Kernel for Halved<'_> {
    type Output = Luma;

    #[inline(always)]
    fn run(self) -> Luma {
        halved(self.0)
    }
}

/// The suspect seen through `map` (from the reference's pixels to the suspect's): for each pixel of the reference the
/// suspect's brightness, and whether there is any.
#[inline(always)]
pub(super) fn warp(mips: &Mips, map: &Map, width: usize, height: usize) -> (Vec<u8>, Vec<bool>) {
    let (scale, _) = map.scale_and_turn([width as f64 / 2.0, height as f64 / 2.0]);
    let level = (scale.max(1.0).log2().round() as usize).min(mips.0.len() - 1);
    let picture = &mips.0[level];
    let shrink = 1.0 / (1u32 << level) as f64;
    let map = map.then(&Map::resizing(shrink, shrink));
    let (last_x, last_y) = ((picture.width() - 1) as f32, (picture.height() - 1) as f32);
    let mut values = vec![0u8; width * height];
    let mut inside = vec![false; width * height];
    let m = map.0.map(|v| v as f32);
    let stride = picture.width();
    let data = picture.data();
    let (mut us, mut vs) = (vec![0f32; width], vec![0f32; width]);
    for (y, (values, inside)) in values.chunks_exact_mut(width).zip(inside.chunks_exact_mut(width)).enumerate() {
        let py = y as f32;
        for (x, (u, v)) in us.iter_mut().zip(&mut vs).enumerate() {
            let px = x as f32;
            let w = 1.0 / (m[6] * px + m[7] * py + m[8]);
            (*u, *v) = ((m[0] * px + m[1] * py + m[2]) * w, (m[3] * px + m[4] * py + m[5]) * w);
        }
        for (((&u, &v), value), inside) in us.iter().zip(&vs).zip(values).zip(inside) {
            // Written so that a place that is no number is outside, too.
            if u >= -0.5 && v >= -0.5 && u <= last_x + 0.5 && v <= last_y + 0.5 {
                let (u, v) = (u.clamp(0.0, last_x), v.clamp(0.0, last_y));
                let (x0, y0) = (u as usize, v as usize);
                let (fx, fy) = (((u - x0 as f32) * 256.0) as u32, ((v - y0 as f32) * 256.0) as u32);
                let at = y0 * stride + x0;
                let (right, down) = (usize::from(x0 + 1 < stride), if y0 + 1 < picture.height() { stride } else { 0 });
                let p = |i: usize| u32::from(data[i]);
                let top = p(at) * (256 - fx) + p(at + right) * fx;
                let bottom = p(at + down) * (256 - fx) + p(at + down + right) * fx;
                *value = ((top * (256 - fy) + bottom * fy + 32_768) >> 16) as u8;
                *inside = true;
            }
        }
    }
    (values, inside)
}
