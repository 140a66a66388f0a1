//! Loads the pictures that records point to, and nothing else.
//!
//! A record is hostile: its paths may point anywhere. A picture is read only when its real path (links followed) lies in
//! one of the folders that the user gave, when it is not too large, and when its first bytes are a picture's. Anything
//! else is a reason, which makes the picture unjudged and never ends a run. Nothing is ever fetched.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use huoyan_model::Localized;

use crate::values::images;

/// The addresses in an `images` column, in order.
pub fn list(images_json: &str) -> Vec<String> {
    images::uris(images_json)
}

/// A picture that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The file as it is.
    pub bytes: Vec<u8>,
    /// `jpeg`, `png`, `webp`, `gif` or `bmp`, by its first bytes.
    pub format: &'static str,
    /// Its real path.
    pub path: PathBuf,
}

/// Why a picture was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// An address on the network.
    Remote,
    /// A path outside the folders given, by itself or through a link.
    Outside,
    /// No such file.
    Missing,
    /// More bytes than allowed.
    TooLarge {
        /// The bytes it has.
        bytes: u64,
        /// The bytes it may have.
        limit: u64,
    },
    /// An empty file.
    Empty,
    /// Not one of the formats that are decoded.
    NotAPicture,
    /// What the system says.
    Io {
        /// Its message.
        message: String,
    },
}

impl Unreadable {
    /// The reason for a person.
    pub fn text(&self) -> Localized {
        let (zh, en) = match self {
            Self::Remote => ("网络图片，不下载".to_owned(), "remote picture, not fetched".to_owned()),
            Self::Outside => {
                ("图片路径在允许的文件夹之外".to_owned(), "the picture lies outside the folders given".to_owned())
            }
            Self::Missing => ("图片文件不存在".to_owned(), "there is no such picture".to_owned()),
            Self::TooLarge { bytes, limit } => (
                format!("图片有 {bytes} 字节，超过上限 {limit}"),
                format!("the picture has {bytes} bytes, more than the limit of {limit}"),
            ),
            Self::Empty => ("图片文件是空的".to_owned(), "the picture is an empty file".to_owned()),
            Self::NotAPicture => (
                "不是 JPEG、PNG、WebP、GIF 或 BMP 图片".to_owned(),
                "the file is no JPEG, PNG, WebP, GIF or BMP picture".to_owned(),
            ),
            Self::Io { message } => (format!("无法读取图片：{message}"), format!("cannot read the picture: {message}")),
        };
        Localized { zh, en }
    }
}

/// The folders in which pictures may lie.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    folders: Vec<PathBuf>,
}

impl Roots {
    /// Folders as given; links in them are followed once, now.
    ///
    /// # Errors
    /// When a folder does not exist.
    pub fn new(folders: &[PathBuf]) -> io::Result<Self> {
        let real = |folder: &PathBuf| {
            if folder.as_os_str().is_empty() { Path::new(".").canonicalize() } else { folder.canonicalize() }
        };
        Ok(Self { folders: folders.iter().map(real).collect::<io::Result<_>>()? })
    }

    /// Reads the picture at `uri`, a path relative to `folder` (the one of the record's file) or to one of the roots.
    ///
    /// # Errors
    /// The reason why the picture is not judged.
    pub fn load(&self, uri: &str, folder: Option<&Path>, max_bytes: u64) -> Result<Picture, Unreadable> {
        let path = self.find(uri, folder)?;
        let file = File::open(&path).map_err(|e| Unreadable::Io { message: e.to_string() })?;
        let meta = file.metadata().map_err(|e| Unreadable::Io { message: e.to_string() })?;
        if !meta.is_file() {
            return Err(Unreadable::NotAPicture);
        }
        if meta.len() > max_bytes {
            return Err(Unreadable::TooLarge { bytes: meta.len(), limit: max_bytes });
        }
        let mut bytes = Vec::with_capacity(meta.len() as usize);
        // The file may grow while it is read.
        file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(|e| Unreadable::Io { message: e.to_string() })?;
        if bytes.len() as u64 > max_bytes {
            return Err(Unreadable::TooLarge { bytes: bytes.len() as u64, limit: max_bytes });
        }
        if bytes.is_empty() {
            return Err(Unreadable::Empty);
        }
        let format = format_of(&bytes).ok_or(Unreadable::NotAPicture)?;
        Ok(Picture { bytes, format, path })
    }

    /// The real path of a picture, inside one of the folders.
    fn find(&self, uri: &str, folder: Option<&Path>) -> Result<PathBuf, Unreadable> {
        let uri = uri.trim();
        let uri = uri.strip_prefix("file://").unwrap_or(uri);
        if uri.starts_with("//") || uri.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme)) {
            return Err(Unreadable::Remote);
        }
        if uri.is_empty() || uri.contains('\0') {
            return Err(Unreadable::Missing);
        }
        let path = PathBuf::from(uri.replace('\\', "/"));
        let starts = folder.into_iter().map(Path::to_owned).chain(self.folders.iter().cloned());
        let candidates: Vec<PathBuf> =
            if path.is_absolute() { vec![path.clone()] } else { starts.map(|start| start.join(&path)).collect() };
        let mut reason = if climbs_out(&path) { Unreadable::Outside } else { Unreadable::Missing };
        for candidate in candidates {
            // The real path is the only one that can be trusted: `..` and links are gone from it.
            match candidate.canonicalize() {
                Ok(real) if self.folders.iter().any(|root| real.starts_with(root)) => return Ok(real),
                Ok(_) => reason = Unreadable::Outside,
                Err(_) => {}
            }
        }
        Err(reason)
    }
}

/// `http`, `data`, … but not the `C` of a drive.
fn is_scheme(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn climbs_out(path: &Path) -> bool {
    let mut depth = 0_i64;
    for component in path.components() {
        match component {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
        if depth < 0 {
            return true;
        }
    }
    false
}

fn format_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("gif"),
        [b'B', b'M', ..] if bytes.len() > 26 => Some("bmp"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> (tempfile::TempDir, Roots, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let shop = dir.path().join("shop");
        std::fs::create_dir_all(shop.join("images")).unwrap();
        std::fs::write(shop.join("images/a.png"), b"\x89PNG\r\n\x1a\nrest").unwrap();
        std::fs::write(shop.join("images/bad.jpg"), b"no picture").unwrap();
        std::fs::write(shop.join("images/empty.jpg"), b"").unwrap();
        std::fs::write(dir.path().join("secret.png"), b"\x89PNG\r\n\x1a\nsecret").unwrap();
        let roots = Roots::new(std::slice::from_ref(&shop)).unwrap();
        (dir, roots, shop)
    }

    #[test]
    fn reads_what_lies_in_the_folder() {
        let (_dir, roots, shop) = shop();
        for uri in ["images/a.png", "./images/../images/a.png", "images\\a.png"] {
            assert_eq!(roots.load(uri, Some(&shop), 100).unwrap().format, "png", "{uri}");
        }
        let absolute = shop.join("images/a.png");
        assert!(roots.load(absolute.to_str().unwrap(), None, 100).is_ok());
    }

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let (dir, roots, shop) = shop();
        let secret = dir.path().join("secret.png");
        std::os::unix::fs::symlink(&secret, shop.join("images/link.png")).unwrap();
        for uri in
            ["../secret.png", "images/../../secret.png", secret.to_str().unwrap(), "images/link.png", "/etc/passwd"]
        {
            assert_eq!(roots.load(uri, Some(&shop), 100), Err(Unreadable::Outside), "{uri}");
        }
    }

    #[test]
    fn every_other_picture_has_its_reason() {
        let (_dir, roots, shop) = shop();
        let reason = |uri: &str, most: u64| roots.load(uri, Some(&shop), most).unwrap_err();
        assert_eq!(reason("https://example.com/a.jpg", 100), Unreadable::Remote);
        assert_eq!(reason("//example.com/a.jpg", 100), Unreadable::Remote);
        assert_eq!(reason("data:image/png;base64,AAAA", 100), Unreadable::Remote);
        assert_eq!(reason("images/none.png", 100), Unreadable::Missing);
        assert_eq!(reason("images/bad.jpg", 100), Unreadable::NotAPicture);
        assert_eq!(reason("images/empty.jpg", 100), Unreadable::Empty);
        assert_eq!(reason("images/a.png", 3), Unreadable::TooLarge { bytes: 12, limit: 3 });
        assert_eq!(reason("images", 100), Unreadable::NotAPicture);
    }
}
