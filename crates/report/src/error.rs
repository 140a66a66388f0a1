use std::fmt;
use std::io;

use huoyan_model::Localized;

/// Why an output could not be written. It names the file and what to do about it.
#[derive(Debug)]
pub struct Error {
    target: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Io(io::Error),
    Format(String),
}

impl Error {
    pub(crate) fn io(target: &str, error: io::Error) -> Self {
        Self { target: target.to_owned(), kind: Kind::Io(error) }
    }

    pub(crate) fn format(target: &str, error: impl fmt::Display) -> Self {
        Self { target: target.to_owned(), kind: Kind::Format(error.to_string()) }
    }

    /// Whether the reader of a pipe went away (`huoyan scan … | head`), which is no failure of the run.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(&self.kind, Kind::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Localized::from(self).en)
    }
}

impl From<&Error> for Localized {
    fn from(error: &Error) -> Self {
        let (what, help) = match &error.kind {
            Kind::Io(error) => {
                let help = match error.kind() {
                    io::ErrorKind::PermissionDenied => (
                        "；请换一个有写入权限的文件夹，例如 -o 格式=路径",
                        "; choose a folder you may write to, as in -o FORMAT=PATH",
                    ),
                    io::ErrorKind::StorageFull => {
                        ("；请腾出空间或换一个磁盘", "; free some space or choose another disk")
                    }
                    io::ErrorKind::NotFound => ("；请检查文件夹名称", "; check the folder's name"),
                    _ => ("", ""),
                };
                (error.to_string(), help)
            }
            Kind::Format(message) => (message.clone(), ("", "")),
        };
        let target = &error.target;
        Self::new(format!("无法写入 {target}：{what}{}", help.0), format!("cannot write {target}: {what}{}", help.1))
    }
}

impl From<Error> for Localized {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Io(error) => Some(error),
            Kind::Format(_) => None,
        }
    }
}
