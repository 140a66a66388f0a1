//! A cheap look for what every QR code has: three square marks in its corners, dark, light, dark, light and dark again as
//! 1 : 1 : 3 : 1 : 1 along any line through their middles. Nearly no photo without a code has three of about the same size, so that
//! the costly reading is for those that may have one.

use crate::Luma;

/// The least difference in grey between a code's dark and light; less is noise or shade.
const CONTRAST: u8 = 32;
/// Every so many rows are looked at. The middle of a mark is three modules high and a module that can be read two pixels or more.
const ROWS: usize = 3;
/// Marks of one code may differ so much in size: perspective.
const UNLIKE: f32 = 1.8;

/// The least difference in grey that the reader, which compares with the mean around, may take for dark and light.
const FAINT: u8 = 4;
/// The smallest module, in pixels, that can be read, and that the reader may take for one.
const MODULE: f32 = 1.2;
const SPECK: f32 = 0.9;
/// Most marks in a picture that is read: twenty codes. The reader compares each pair of marks with all others, so that a wall of
/// them would keep it busy for hours.
const MOST: usize = 60;

/// What a picture's marks say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// There is no code.
    Nothing,
    /// There may be one.
    Likely,
    /// There are more marks than can be read: a pattern, or a wall of codes.
    Crowded,
}

/// Whether a code may be in the picture: dark on light, and light on dark.
pub(super) fn look(picture: &Luma) -> [Look; 2] {
    let seen = marks(picture, CONTRAST, MODULE).map(|marks| match marks.len() > MOST {
        true => Look::Crowded,
        false if has_corner(&marks) => Look::Likely,
        false => Look::Nothing,
    });
    if !seen.contains(&Look::Likely) {
        return seen;
    }
    let faint = marks(picture, FAINT, SPECK).map(|marks| marks.len());
    [0, 1].map(|i| if seen[i] == Look::Likely && faint[i] > MOST { Look::Crowded } else { seen[i] })
}

/// The marks of a picture, dark on light and light on dark; of more than [`MOST`] one more is told.
fn marks(picture: &Luma, contrast: u8, module: f32) -> [Vec<Mark>; 2] {
    let mut marks: [Vec<Mark>; 2] = Default::default();
    let mut runs = Vec::new();
    for y in (0..picture.height()).step_by(ROWS) {
        runs.clear();
        cut(picture.row(y), contrast, &mut runs);
        for five in runs.windows(5) {
            let lengths: [f32; 5] = std::array::from_fn(|i| five[i].length as f32);
            let dark = five[0].dark;
            if !is_mark(&lengths, module) || marks[usize::from(!dark)].len() > MOST {
                continue;
            }
            let middle = five[2].start + five[2].length / 2;
            let total = lengths.iter().sum::<f32>();
            let known = &mut marks[usize::from(!dark)];
            if let Some(mark) = Mark::across(picture, [middle, y], total, dark, contrast, module)
                && !known.iter().any(|other| other.is(&mark))
            {
                known.push(mark);
            }
        }
    }
    marks
}

/// Whether three marks lie as those of a code: at the ends of two sides of about the same length that meet in about a right angle.
fn has_corner(marks: &[Mark]) -> bool {
    let from = |a: &Mark, b: &Mark| [b.x - a.x, b.y - a.y];
    marks.iter().any(|corner| {
        let sides: Vec<([f32; 2], f32)> = marks
            .iter()
            .filter(|end| corner.size <= UNLIKE * end.size && end.size <= UNLIKE * corner.size)
            .map(|end| from(corner, end))
            .map(|side| (side, side[0].hypot(side[1])))
            // Middles of marks are at least two marks apart: the smallest code has 21 modules, a mark seven. The largest has 177.
            .filter(|(_, length)| (1.5..26.0).contains(&(length / corner.size)))
            .collect();
        sides.iter().enumerate().any(|(i, (a, length))| {
            sides[..i].iter().any(|(b, other)| {
                let cosine = (a[0] * b[0] + a[1] * b[1]) / (length * other);
                cosine.abs() <= 0.4 && *length <= UNLIKE * other && *other <= UNLIKE * length
            })
        })
    })
}

#[derive(Clone, Copy, Debug)]
struct Run {
    start: usize,
    length: usize,
    dark: bool,
}

/// Cuts a row into runs of dark and light. A change counts when it is `contrast` away from the darkest or lightest since the last
/// one, so that neither shade nor noise makes any.
fn cut(row: &[u8], contrast: u8, runs: &mut Vec<Run>) {
    let Some(&first) = row.first() else { return };
    let (mut least, mut most) = (first, first);
    let (mut start, mut dark) = (0, None);
    for (x, &value) in row.iter().enumerate() {
        least = least.min(value);
        most = most.max(value);
        let now = if dark != Some(true) && most - value >= contrast {
            true
        } else if dark != Some(false) && value - least >= contrast {
            false
        } else {
            continue;
        };
        // Before the first change it was the other.
        runs.push(Run { start, length: x - start, dark: !now });
        (start, dark) = (x, Some(now));
        (least, most) = (value, value);
    }
    runs.push(Run { start, length: row.len() - start, dark: dark.unwrap_or(false) });
}

/// Whether five runs are as 1 : 1 : 3 : 1 : 1. Small ones are measured coarsely.
fn is_mark(lengths: &[f32; 5], least: f32) -> bool {
    let module = lengths.iter().sum::<f32>() / 7.0;
    let slack = 0.5 * module + 0.6;
    module >= least
        && (lengths[2] - 3.0 * module).abs() <= 2.0 * slack
        && [0, 1, 3, 4].iter().all(|&i| (lengths[i] - module).abs() <= slack && lengths[i] < lengths[2])
}

/// A mark that was seen along a row and along a column.
#[derive(Clone, Copy, Debug)]
struct Mark {
    x: f32,
    y: f32,
    /// Side in pixels.
    size: f32,
}

impl Mark {
    /// Looks along the column, the row and both diagonals through the middle of what a row showed.
    fn across(picture: &Luma, [x, y]: [usize; 2], wide: f32, dark: bool, contrast: u8, module: f32) -> Option<Self> {
        let reach = (wide * 0.9) as usize + 2;
        let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(picture.height()));
        let column = (top..bottom).map(|y| picture.row(y)[x]);
        let (least, most) = column.fold((u8::MAX, 0), |(least, most), v| (least.min(v), most.max(v)));
        if most - least < contrast {
            return None;
        }
        let line = Line { picture, between: least.midpoint(most), dark, reach: reach as isize };
        let (lengths, off) = line.through(x, y, 0, 1)?;
        let high = lengths.iter().sum::<f32>();
        if !(is_mark(&lengths, module) && high <= 2.0 * wide && wide <= 2.0 * high) {
            return None;
        }
        let y = y.checked_add_signed(off)?;
        [(1, 0), (1, 1), (1, -1)]
            .iter()
            .all(|&(dx, dy)| line.through(x, y, dx, dy).is_some_and(|(l, _)| is_mark(&l, module)))
            .then(|| Self { x: x as f32, y: y as f32, size: wide.midpoint(high) })
    }

    /// Whether both are the same mark, seen in neighbouring rows.
    fn is(&self, other: &Self) -> bool {
        let near = self.size.max(other.size) / 3.0;
        (self.x - other.x).abs() <= near && (self.y - other.y).abs() <= near
    }
}

/// How a picture is read along a line: what is darker than `between` is dark.
struct Line<'p> {
    picture: &'p Luma,
    between: u8,
    dark: bool,
    reach: isize,
}

impl Line<'_> {
    fn inside(&self, x: isize, y: isize) -> Option<bool> {
        let within = x >= 0 && y >= 0 && (x as usize) < self.picture.width() && (y as usize) < self.picture.height();
        within.then(|| (self.picture.row(y as usize)[x as usize] < self.between) == self.dark)
    }

    /// The lengths of the five runs through a place, in steps, and how far the middle of the third is from it.
    fn through(&self, x: usize, y: usize, dx: isize, dy: isize) -> Option<([f32; 5], isize)> {
        let (x, y) = (x as isize, y as isize);
        if !self.inside(x, y)? {
            return None;
        }
        let walk = |sign: isize| -> Option<[usize; 3]> {
            let (mut lengths, mut run) = ([0; 3], 0);
            for step in 1..=self.reach {
                // The picture's edge may end the last run, no other.
                let Some(inside) = self.inside(x + sign * step * dx, y + sign * step * dy) else {
                    return (run == 2).then_some(lengths);
                };
                run += usize::from(inside != (run != 1));
                if run == 3 {
                    return Some(lengths);
                }
                lengths[run] += 1;
            }
            None
        };
        let (back, on) = (walk(-1)?, walk(1)?);
        let lengths = [back[2], back[1], back[0] + on[0] + 1, on[1], on[2]].map(|v| v as f32);
        Some((lengths, (on[0] as isize - back[0] as isize) / 2))
    }
}
