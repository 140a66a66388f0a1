//! Maps of the plane: turning and scaling, affine, and perspective; fitted to pairs of places by least squares.

/// A place.
pub type Point = [f64; 2];

/// A perspective map. Similarities and affine maps are special cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Map(pub [f64; 9]);

impl Map {
    /// Leaves every place where it is.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);

    /// `x` scaled by `sx` and moved by `tx`, and so for `y`.
    pub fn scaling(sx: f64, sy: f64, tx: f64, ty: f64) -> Self {
        Self([sx, 0.0, tx, 0.0, sy, ty, 0.0, 0.0, 1.0])
    }

    /// From a picture to the same picture at `sx` times its width and `sy` times its height. Pixel centres lie at whole numbers, so
    /// half a pixel is kept through the change of size.
    pub fn resizing(sx: f64, sy: f64) -> Self {
        Self::scaling(sx, sy, 0.5 * sx - 0.5, 0.5 * sy - 0.5)
    }

    /// Turned by `radians`, scaled, and moved.
    pub fn similarity(scale: f64, radians: f64, tx: f64, ty: f64) -> Self {
        let (sin, cos) = radians.sin_cos();
        Self([scale * cos, -scale * sin, tx, scale * sin, scale * cos, ty, 0.0, 0.0, 1.0])
    }

    /// Where a place goes; places at or behind the horizon go very far away.
    #[inline(always)]
    pub fn apply(&self, [x, y]: Point) -> Point {
        let m = &self.0;
        let w = m[6] * x + m[7] * y + m[8];
        if w < 1e-6 {
            return [1e9, 1e9];
        }
        [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w]
    }

    /// First `self`, then `next`.
    pub fn then(&self, next: &Self) -> Self {
        let (a, b) = (&next.0, &self.0);
        let mut m = [0.0; 9];
        for (i, out) in m.iter_mut().enumerate() {
            let (r, c) = (i / 3 * 3, i % 3);
            *out = a[r] * b[c] + a[r + 1] * b[c + 3] + a[r + 2] * b[c + 6];
        }
        Self(m)
    }

    /// How many times as long things get around a place, and in which direction `x` points then, in radians.
    pub fn scale_and_turn(&self, at: Point) -> (f64, f64) {
        let (o, x, y) = (self.apply(at), self.apply([at[0] + 1.0, at[1]]), self.apply([at[0], at[1] + 1.0]));
        let (a, b) = ([x[0] - o[0], x[1] - o[1]], [y[0] - o[0], y[1] - o[1]]);
        let area = (a[0] * b[1] - a[1] * b[0]).abs();
        (area.sqrt(), (a[1] - b[0]).atan2(a[0] + b[1]))
    }

    /// Whether a rectangle from the origin keeps its sense of turning, a convex shape and bounded scales.
    pub fn is_sane(&self, width: f64, height: f64) -> bool {
        let corners = [[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]].map(|p| self.apply(p));
        let turn = |i: usize| {
            let (a, b, c) = (corners[i], corners[(i + 1) % 4], corners[(i + 2) % 4]);
            (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
        };
        let turns = [0, 1, 2, 3].map(turn);
        let (least, most) = turns.iter().fold((f64::MAX, f64::MIN), |(l, m), &t| (l.min(t), m.max(t)));
        least > 0.0 && most < 6.0 * least && least > 100.0 && most < 1e9
    }
}

/// The richest map that the pairs (from, to) support, those that fit worst left out; `None` when they support none that keeps a
/// rectangle of size `(w, h)` in shape.
pub fn fit(pairs: &[(Point, Point)], (w, h): (f64, f64)) -> Option<Map> {
    let sane = |map: &Map| map.is_sane(w, h);
    let robust = |model: fn(&[(Point, Point)]) -> Option<Map>| -> Option<(Map, f64)> {
        let mut kept = pairs.to_vec();
        let mut map = model(&kept)?;
        for _ in 0..3 {
            let limit = (2.5 * median_error(&kept, &map)).max(1.0);
            kept.retain(|pair| error(pair, &map) <= limit);
            map = model(&kept)?;
        }
        sane(&map).then(|| (map, median_error(pairs, &map)))
    };
    let simple = || robust(fit_similarity).map(|(map, _)| map);
    if pairs.len() < 6 {
        return if pairs.len() >= 4 { simple() } else { None };
    }
    let affine = robust(fit_affine);
    if pairs.len() >= 14
        && let Some((map, error)) = robust(fit_perspective)
        && affine.is_none_or(|(_, other)| error < 0.9 * other)
    {
        return Some(map);
    }
    affine.map(|(map, _)| map).or_else(simple)
}

fn error((from, to): &(Point, Point), map: &Map) -> f64 {
    let [x, y] = map.apply(*from);
    (x - to[0]).hypot(y - to[1])
}

fn median_error(pairs: &[(Point, Point)], map: &Map) -> f64 {
    let mut errors: Vec<f64> = pairs.iter().map(|pair| error(pair, map)).collect();
    let middle = errors.len() / 2;
    errors.select_nth_unstable_by(middle, f64::total_cmp).1.to_owned()
}

/// The similarity that fits pairs (from, to) best; `None` when they leave it open.
pub fn fit_similarity(pairs: &[(Point, Point)]) -> Option<Map> {
    let n = pairs.len() as f64;
    if pairs.len() < 2 {
        return None;
    }
    let mean = |f: fn(&(Point, Point)) -> f64| pairs.iter().map(f).sum::<f64>() / n;
    let (px, py, qx, qy) = (mean(|p| p.0[0]), mean(|p| p.0[1]), mean(|p| p.1[0]), mean(|p| p.1[1]));
    let (mut along, mut across, mut norm) = (0.0, 0.0, 0.0);
    for (p, q) in pairs {
        let (ax, ay, bx, by) = (p[0] - px, p[1] - py, q[0] - qx, q[1] - qy);
        along += ax * bx + ay * by;
        across += ax * by - ay * bx;
        norm += ax * ax + ay * ay;
    }
    if norm < 1.0 {
        return None;
    }
    let (a, b) = (along / norm, across / norm);
    Some(Map([a, -b, qx - a * px + b * py, b, a, qy - b * px - a * py, 0.0, 0.0, 1.0]))
}

/// The affine map that fits pairs (from, to) best; `None` when they leave it open.
pub fn fit_affine(pairs: &[(Point, Point)]) -> Option<Map> {
    if pairs.len() < 3 {
        return None;
    }
    let (into, back) = unit(pairs);
    let (mut m, mut x, mut y) = ([[0.0; 3]; 3], [0.0; 3], [0.0; 3]);
    for &(p, q) in pairs {
        let [u, v] = into.0.apply(p);
        let [s, t] = into.1.apply(q);
        let row = [u, v, 1.0];
        for i in 0..3 {
            for j in 0..3 {
                m[i][j] += row[i] * row[j];
            }
            x[i] += row[i] * s;
            y[i] += row[i] * t;
        }
    }
    let (x, y) = (solve(m, x)?, solve(m, y)?);
    Some(into.0.then(&Map([x[0], x[1], x[2], y[0], y[1], y[2], 0.0, 0.0, 1.0])).then(&back))
}

/// The perspective map that fits pairs (from, to) best in the algebraic sense; `None` when they leave it open.
pub fn fit_perspective(pairs: &[(Point, Point)]) -> Option<Map> {
    if pairs.len() < 4 {
        return None;
    }
    let (into, back) = unit(pairs);
    let (mut m, mut r) = ([[0.0; 8]; 8], [0.0; 8]);
    for &(p, q) in pairs {
        let [u, v] = into.0.apply(p);
        let [s, t] = into.1.apply(q);
        let rows = [([u, v, 1.0, 0.0, 0.0, 0.0, -u * s, -v * s], s), ([0.0, 0.0, 0.0, u, v, 1.0, -u * t, -v * t], t)];
        for (row, value) in rows {
            for i in 0..8 {
                for j in 0..8 {
                    m[i][j] += row[i] * row[j];
                }
                r[i] += row[i] * value;
            }
        }
    }
    let h = solve(m, r)?;
    Some(into.0.then(&Map([h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 1.0])).then(&back))
}

/// Maps of both sides to around the origin, at unit size, and the way back of the second.
fn unit(pairs: &[(Point, Point)]) -> ((Map, Map), Map) {
    let n = pairs.len() as f64;
    let side = |f: fn(&(Point, Point)) -> Point| {
        let (cx, cy) = pairs.iter().map(f).fold((0.0, 0.0), |(x, y), p| (x + p[0] / n, y + p[1] / n));
        let spread = pairs.iter().map(f).map(|p| (p[0] - cx).hypot(p[1] - cy)).sum::<f64>() / n;
        (cx, cy, spread.max(1e-3))
    };
    let into = |(cx, cy, s): (f64, f64, f64)| Map::scaling(1.0 / s, 1.0 / s, -cx / s, -cy / s);
    let (from, to) = (side(|p| p.0), side(|p| p.1));
    ((into(from), into(to)), Map::scaling(to.2, to.2, to.0, to.1))
}

/// Solves `m x = r` by elimination with pivoting; `None` when `m` is close to singular.
fn solve<const N: usize>(mut m: [[f64; N]; N], mut r: [f64; N]) -> Option<[f64; N]> {
    for i in 0..N {
        let pivot = (i..N).max_by(|&a, &b| m[a][i].abs().total_cmp(&m[b][i].abs()))?;
        if m[pivot][i].abs() < 1e-9 {
            return None;
        }
        m.swap(i, pivot);
        r.swap(i, pivot);
        for j in i + 1..N {
            let factor = m[j][i] / m[i][i];
            let (upper, lower) = m.split_at_mut(j);
            for (below, above) in lower[0][i..].iter_mut().zip(&upper[i][i..]) {
                *below -= factor * above;
            }
            r[j] -= factor * r[i];
        }
    }
    for i in (0..N).rev() {
        let sum: f64 = (i + 1..N).map(|j| m[i][j] * r[j]).sum();
        r[i] = (r[i] - sum) / m[i][i];
    }
    r.iter().all(|v| v.is_finite()).then_some(r)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(map: &Map) -> Vec<(Point, Point)> {
        let places = (0..30).map(|i| [(i * 37 % 400) as f64, (i * 91 % 300) as f64]);
        places.map(|p| (p, map.apply(p))).collect()
    }

    fn agree(found: &Map, wanted: &Map) {
        for (from, to) in pairs(wanted) {
            let [x, y] = found.apply(from);
            assert!((x - to[0]).hypot(y - to[1]) < 1e-6, "{from:?} goes to {x}, {y} instead of {to:?}");
        }
    }

    #[test]
    fn recovers_the_map_that_made_the_pairs() {
        let similarity = Map::similarity(0.7, 0.4, 12.0, -3.0);
        agree(&fit_similarity(&pairs(&similarity)).unwrap(), &similarity);
        let affine = Map([0.9, 0.2, 5.0, -0.1, 1.2, 40.0, 0.0, 0.0, 1.0]);
        agree(&fit_affine(&pairs(&affine)).unwrap(), &affine);
        let perspective = Map([0.9, 0.2, 5.0, -0.1, 1.2, 40.0, 3e-4, -2e-4, 1.0]);
        agree(&fit_perspective(&pairs(&perspective)).unwrap(), &perspective);
    }

    #[test]
    fn says_when_pairs_leave_the_map_open() {
        let line: Vec<(Point, Point)> = (0..9).map(|i| ([f64::from(i), 0.0], [f64::from(i), 0.0])).collect();
        assert_eq!(fit_affine(&line), None);
        assert_eq!(fit_perspective(&line), None);
    }

    #[test]
    fn tells_scale_and_turn() {
        let (scale, turn) = Map::similarity(1.5, 0.3, 7.0, 8.0).scale_and_turn([100.0, 50.0]);
        assert!((scale - 1.5).abs() < 1e-9 && (turn - 0.3).abs() < 1e-9);
    }
}
