use std::io::{self, Read, Seek, SeekFrom};

use super::{CENTRAL, CENTRAL_LEN, END, END_LEN, Entry, LOCAL, LOCAL_LEN, end_record};

/// Longest name of an entry, with the part's folder.
const MAX_NAME: usize = 320;
/// A central directory above this is not ours: 40,000 entries with long names.
const MAX_CENTRAL: u64 = 16 * 1024 * 1024;

/// Where a ZIP file has another shape than ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShapeFault {
    /// The name of the entry, or empty.
    pub entry: String,
    /// The offset in the file.
    pub at: u64,
    /// What is there.
    pub what: Shape,
}

/// How the shape differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The last 22 bytes are no end record of ours: cut off, bytes behind, a comment, a second directory, 64-bit fields.
    End,
    /// A central header that we would have written otherwise: method, flags, time, mode, extra field, lying length.
    Central,
    /// A local header that says something else than the central one, or stands elsewhere.
    Local,
    /// A name that is no UTF-8 or too long.
    Name,
    /// Names that do not ascend: twins are among those.
    Order,
    /// Bytes between entries, before them, or entries over each other.
    Gap,
    /// More entries or a larger directory than a bundle has.
    Limit,
}

impl Shape {
    pub fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::End => (
                "文件末尾不是证据包的结束记录（被截断、有多余字节、注释或第二个目录）",
                "the file does not end like a bundle: cut off, bytes behind, a comment or a second directory",
            ),
            Self::Central => (
                "目录项与证据包格式不符（压缩方式、标志、时间、权限、附加字段或长度）",
                "a directory entry is not as a bundle's: method, flags, time, mode, extra field or length",
            ),
            Self::Local => ("文件头与目录不一致", "a file's own header differs from the directory"),
            Self::Name => ("文件名不是 UTF-8 或过长", "a name is no UTF-8 or too long"),
            Self::Order => ("文件名未按顺序排列或重复", "the names do not ascend, or one is there twice"),
            Self::Gap => {
                ("文件之间有空隙、重叠或多余字节", "there are bytes between the files, or files over each other")
            }
            Self::Limit => {
                ("条目数或目录大小超出上限", "there are more entries, or a larger directory, than a bundle can have")
            }
        }
    }
}

/// Whether a file begins or ends like any ZIP at all.
pub(crate) fn looks_like_zip(reader: &mut (impl Read + Seek)) -> io::Result<bool> {
    let len = reader.seek(SeekFrom::End(0))?;
    let mut begin = [0; 4];
    reader.seek(SeekFrom::Start(0))?;
    reader.by_ref().take(4).read_exact(&mut begin).or_else(ended)?;
    let mut end = [0; 4];
    reader.seek(SeekFrom::Start(len.saturating_sub(END_LEN)))?;
    reader.by_ref().take(4).read_exact(&mut end).or_else(ended)?;
    Ok(begin == LOCAL || end == END)
}

fn ended(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::UnexpectedEof { Ok(()) } else { Err(error) }
}

/// An archive of our shape, checked byte for byte but for the files' own bytes.
pub(crate) struct Zip<R> {
    reader: R,
    pub entries: Vec<Entry>,
}

/// Whether any of these names stands in a file. Names stand in a ZIP as they are, whatever method and order its writer chose.
pub(crate) fn mentions(reader: &mut (impl Read + Seek), names: &[&str]) -> io::Result<bool> {
    reader.seek(SeekFrom::Start(0))?;
    let names = aho_corasick::AhoCorasick::new(names).map_err(io::Error::other)?;
    names.stream_find_iter(reader).next().transpose().map(|found| found.is_some())
}

impl<R: Read + Seek> Zip<R> {
    /// Reads the directory and every header. Nothing is trusted before it is compared with what we would have written, so a header cannot make
    /// this read or hold more than the file's own length and [`MAX_CENTRAL`].
    pub fn open(mut reader: R) -> io::Result<Result<Self, ShapeFault>> {
        let len = reader.seek(SeekFrom::End(0))?;
        let fault = |at, what| Ok(Err(ShapeFault { entry: String::new(), at, what }));
        let Some(end_at) = len.checked_sub(END_LEN) else { return fault(0, Shape::End) };
        let end = read_at(&mut reader, end_at, END_LEN)?;
        let (count, size, central_at) = (u16_at(&end, 8), u32_at(&end, 12), u32_at(&end, 16));
        if end != end_record(count.into(), central_at, size) || u64::from(central_at) + u64::from(size) != end_at {
            return fault(end_at, Shape::End);
        }
        if u64::from(size) > MAX_CENTRAL || count == u16::MAX {
            return fault(end_at, Shape::Limit);
        }
        let central = read_at(&mut reader, central_at.into(), size.into())?;
        let mut entries: Vec<Entry> = Vec::new();
        let (mut rest, mut expected_at) = (&central[..], 0_u64);
        while !rest.is_empty() {
            let at = end_at - rest.len() as u64;
            let entry = match central_entry(rest) {
                Ok(entry) => entry,
                Err(what) => return fault(at, what),
            };
            let named = |at, what| Ok(Err(ShapeFault { entry: entry.name.clone(), at, what }));
            if entries.last().is_some_and(|last| last.name >= entry.name) {
                return named(at, Shape::Order);
            }
            if u64::from(entry.at) != expected_at || entry.end() > central_at.into() {
                return named(at, Shape::Gap);
            }
            let local = entry.local();
            if read_at(&mut reader, entry.at.into(), LOCAL_LEN + entry.name.len() as u64)? != local {
                return named(entry.at.into(), Shape::Local);
            }
            expected_at = entry.end();
            rest = &rest[CENTRAL_LEN as usize + entry.name.len()..];
            entries.push(entry);
        }
        if entries.len() != usize::from(count) || expected_at != u64::from(central_at) {
            return fault(end_at, Shape::Gap);
        }
        Ok(Ok(Self { reader, entries }))
    }

    /// A file's bytes.
    pub fn read(&mut self, entry: usize) -> io::Result<impl Read + '_> {
        let (at, bytes) = (self.entries[entry].data_at(), self.entries[entry].bytes);
        self.reader.seek(SeekFrom::Start(at))?;
        Ok(self.reader.by_ref().take(bytes.into()))
    }
}

fn central_entry(bytes: &[u8]) -> Result<Entry, Shape> {
    let header = bytes.get(..CENTRAL_LEN as usize).filter(|header| header[..4] == CENTRAL).ok_or(Shape::Central)?;
    let length = usize::from(u16_at(header, 28));
    if length > MAX_NAME {
        return Err(Shape::Name);
    }
    let name = bytes.get(CENTRAL_LEN as usize..CENTRAL_LEN as usize + length).ok_or(Shape::Central)?;
    let name = std::str::from_utf8(name).map_err(|_| Shape::Name)?.to_owned();
    let entry = Entry { name, crc32: u32_at(header, 16), bytes: u32_at(header, 20), at: u32_at(header, 42) };
    if bytes.starts_with(&entry.central()) { Ok(entry) } else { Err(Shape::Central) }
}

fn read_at(reader: &mut (impl Read + Seek), at: u64, length: u64) -> io::Result<Vec<u8>> {
    reader.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; length as usize];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::ZipWriter;
    use super::*;

    fn archive() -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.bytes("x/a.txt", b"abc").unwrap();
        zip.stream("x/b/图.bin", &mut &[7_u8; 300][..], 300).unwrap();
        zip.bytes("x/c", b"").unwrap();
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn what_is_written_is_read() {
        let mut zip = Zip::open(Cursor::new(archive())).unwrap().unwrap();
        let names: Vec<&str> = zip.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["x/a.txt", "x/b/图.bin", "x/c"]);
        let mut bytes = Vec::new();
        zip.read(1).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, [7; 300]);
    }

    #[test]
    fn every_flipped_bit_outside_of_the_files_changes_the_shape_or_the_checksum() {
        let good = archive();
        let whole = Zip::open(Cursor::new(&good)).unwrap().unwrap().entries;
        let inside = |at: u64| whole.iter().any(|entry| (entry.data_at()..entry.end()).contains(&at));
        for bit in 0..good.len() * 8 {
            if !inside(bit as u64 / 8) {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(Zip::open(Cursor::new(bad)).unwrap().is_err(), "bit {bit}");
            }
        }
    }
}
