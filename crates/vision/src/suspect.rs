use crate::local::{self, Budget, Features, Pyramid};
use crate::pdq::{self, Pdq};
use crate::proof::{Mips, Reference};
use crate::search::seen;
use crate::{Limits, Luma, PictureError, decode};

/// A picture that is judged: all that is known of it before any gallery is looked at.
#[derive(Clone, Debug)]
pub struct Suspect {
    size: (usize, usize),
    pdq: Option<Pdq>,
    features: Features,
    mips: Mips,
    grid: Grid,
}

impl Suspect {
    /// Decodes a picture and computes its signals.
    ///
    /// # Errors
    /// When the picture cannot be decoded within the limits.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, PictureError> {
        Ok(Self::new(&decode(bytes, limits)?))
    }

    /// Computes a picture's signals.
    pub fn new(picture: &Luma) -> Self {
        let pdq = pdq::hash(picture);
        let frame = local::frame(picture);
        let pyramid = Pyramid::new(&frame, Budget::QUERY.levels);
        let features = local::extract(&pyramid, &Budget::QUERY, true);
        let grid = Grid::new(&features);
        Self { size: (picture.width(), picture.height()), pdq, features, mips: Mips::new(&frame), grid }
    }

    /// Width and height of the picture in pixels.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// Its perceptual hashes; `None` when it is too small to have any.
    pub fn pdq(&self) -> Option<&Pdq> {
        self.pdq.as_ref()
    }

    /// Width and height of the frame in which its features lie.
    pub fn frame_size(&self) -> (usize, usize) {
        (self.features.width, self.features.height)
    }

    /// Its local features.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// Its pixels, shrunk to the frame in which its features lie.
    pub fn pixels(&self) -> Reference<'_> {
        self.mips.whole()
    }

    pub(crate) fn mips(&self) -> &Mips {
        &self.mips
    }

    /// Calls `visit` with each keypoint of the (mirrored) picture whose cell is within `radius` of a place.
    pub(crate) fn near(&self, [x, y]: [f64; 2], radius: f64, mirrored: bool, mut visit: impl FnMut(usize)) {
        let x = if mirrored { (self.features.width - 1) as f64 - x } else { x };
        let cells = |from: f64, to: f64, n: usize| {
            let cell = |v: f64| ((v / CELL).floor().max(0.0) as usize).min(n - 1);
            cell(from)..=cell(to)
        };
        for row in cells(y - radius, y + radius, self.grid.rows) {
            for column in cells(x - radius, x + radius, self.grid.columns) {
                let at = row * self.grid.columns + column;
                let members = self.grid.starts[at] as usize..self.grid.starts[at + 1] as usize;
                self.grid.members[members].iter().for_each(|&i| visit(usize::from(i)));
            }
        }
    }

    /// A keypoint as it lies in the (mirrored) picture.
    pub(crate) fn keypoint(&self, i: usize, mirrored: bool) -> local::Keypoint {
        seen(self.features.keypoints[i], mirrored, self.features.width)
    }

    /// What a keypoint looks like in the (mirrored) picture.
    pub(crate) fn descriptor(&self, i: usize, mirrored: bool) -> &local::Descriptor {
        if mirrored { &self.features.mirrored[i] } else { &self.features.descriptors[i] }
    }
}

/// Side of a cell of the grid, in pixels of the frame.
const CELL: f64 = 16.0;

/// Keypoints by place.
#[derive(Clone, Debug)]
struct Grid {
    columns: usize,
    rows: usize,
    starts: Vec<u32>,
    members: Vec<u16>,
}

impl Grid {
    fn new(features: &Features) -> Self {
        let columns = (features.width as f64 / CELL) as usize + 1;
        let rows = (features.height as f64 / CELL) as usize + 1;
        let cell = |k: &local::Keypoint| {
            let at = |v: f32, n: usize| ((f64::from(v) / CELL).max(0.0) as usize).min(n - 1);
            at(k.y, rows) * columns + at(k.x, columns)
        };
        let mut starts = vec![0u32; columns * rows + 1];
        for keypoint in &features.keypoints {
            starts[cell(keypoint) + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0u16; features.keypoints.len()];
        for (i, keypoint) in features.keypoints.iter().enumerate() {
            let slot = &mut next[cell(keypoint)];
            members[*slot as usize] = i as u16;
            *slot += 1;
        }
        Self { columns, rows, starts, members }
    }
}
