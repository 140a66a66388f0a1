use std::io::{Error, ErrorKind};

use huoyan_model::Localized;

/// What the system says of a file, in both languages: the common reasons in words, any other as it was told.
pub fn io_words(error: &Error) -> Localized {
    let (zh, en) = match error.kind() {
        ErrorKind::NotFound => ("文件不存在", "there is no such file"),
        ErrorKind::PermissionDenied => ("没有权限", "permission was denied"),
        ErrorKind::IsADirectory => ("这是文件夹，请给出文件", "it is a folder; name a file"),
        ErrorKind::NotADirectory => ("路径中有一段不是文件夹", "a part of the path is no folder"),
        ErrorKind::AlreadyExists => ("已存在", "it exists already"),
        ErrorKind::InvalidData => ("不是 UTF-8 文本", "it is no UTF-8 text"),
        ErrorKind::UnexpectedEof => ("文件不完整", "it ends too early"),
        ErrorKind::StorageFull => ("磁盘已满", "the disk is full"),
        ErrorKind::ReadOnlyFilesystem => ("磁盘只读", "the disk is read only"),
        _ => return Localized::from(error.to_string()),
    };
    Localized::new(zh, en)
}
