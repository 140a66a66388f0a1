/// What the target takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file.
    pub max_file_bytes: u64,
    /// Files of one appeal.
    pub max_files: usize,
    /// Whether the limit counts a file as mail carries it: base64, 78 bytes for each 57.
    pub counts_encoded: bool,
}

/// A ZIP without the 64-bit extension cannot hold more, and ours has none.
const ZIP_BYTES: u64 = 0xffff_0000;

impl Limits {
    /// More parts than this are refused whatever the target takes: all are open at once while a bundle is written.
    pub const MOST_PARTS: usize = 400;

    /// Files of at most so many bytes, as many as needed.
    pub fn of_file(max_file_bytes: u64) -> Self {
        Self { max_file_bytes, max_files: Self::MOST_PARTS, counts_encoded: false }
    }

    /// No limit but the ZIP's own of 4 GiB.
    pub fn none() -> Self {
        Self::of_file(ZIP_BYTES)
    }

    /// Raw bytes of one file.
    pub fn raw_bytes(&self) -> u64 {
        let raw = if self.counts_encoded { self.max_file_bytes / 78 * 57 } else { self.max_file_bytes };
        raw.min(ZIP_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_leaves_14_6_of_20_megabytes() {
        let mut limits = Limits::of_file(20_000_000);
        assert_eq!(limits.raw_bytes(), 20_000_000);
        limits.counts_encoded = true;
        assert_eq!(limits.raw_bytes(), 14_615_370);
    }
}
