//! What can go wrong, as data: a code, the numbers, the place and the next step, in Chinese and in English.

use std::path::PathBuf;

/// The language of the messages and of the few words that the pages add of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language of a tag such as `zh-CN`; what is not Chinese is English.
    pub fn of(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }
}

/// Why no PDF was written.
#[derive(Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are the numbers and names of the message")]
pub enum Error {
    /// `usage`: the command line is not understood.
    Usage { detail: String },
    /// `read`: a file or the standard input cannot be read.
    Read { path: PathBuf, detail: String },
    /// `write`: the PDF cannot be written or renamed.
    Write { path: PathBuf, detail: String },
    /// `json`: the input is no document.
    Json { detail: String },
    /// `date`: `made_at` is no RFC 3339 time.
    Date { text: String },
    /// `input_too_large`: the JSON is larger than is read.
    InputTooLarge { limit: usize },
    /// `block`: a block contradicts itself.
    Block { index: usize, detail: String },
    /// `font_missing`: no font with Chinese glyphs was found.
    FontMissing,
    /// `font_broken`: a font file cannot be used.
    FontBroken { path: PathBuf },
    /// `picture_missing`: a picture is not in the folder.
    PictureMissing { file: String, folder: PathBuf },
    /// `picture_path`: a picture's path leaves the folder.
    PicturePath { file: String },
    /// `picture_broken`: a picture cannot be decoded.
    PictureBroken { file: String, detail: String },
    /// `picture_changed`: a picture is not the one whose SHA-256 the document gives.
    PictureChanged { file: String, expected: String, found: String },
    /// `too_many_pages`: the document needs more pages than allowed.
    TooManyPages { limit: usize },
    /// `footer_too_long`: the footer takes more lines than a page can spare.
    FooterTooLong { lines: usize, limit: usize },
    /// `pdf`: the PDF writer refused the pages.
    Pdf { detail: String },
    /// `tool_missing`: `pdftotext` is needed and not installed.
    ToolMissing { tool: &'static str },
    /// `text_differs`: the text of the PDF is not what was drawn.
    TextDiffers { page: usize, expected: String, found: String },
}

impl Error {
    /// The code, stable for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Usage { .. } => "usage",
            Self::Read { .. } => "read",
            Self::Write { .. } => "write",
            Self::Json { .. } => "json",
            Self::Date { .. } => "date",
            Self::InputTooLarge { .. } => "input_too_large",
            Self::Block { .. } => "block",
            Self::FontMissing => "font_missing",
            Self::FontBroken { .. } => "font_broken",
            Self::PictureMissing { .. } => "picture_missing",
            Self::PicturePath { .. } => "picture_path",
            Self::PictureBroken { .. } => "picture_broken",
            Self::PictureChanged { .. } => "picture_changed",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::FooterTooLong { .. } => "footer_too_long",
            Self::Pdf { .. } => "pdf",
            Self::ToolMissing { .. } => "tool_missing",
            Self::TextDiffers { .. } => "text_differs",
        }
    }

    /// What happened and what to do next.
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.chinese(),
            Lang::En => self.english(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Usage { detail } => format!("{detail}; run `huoyan-pdf --help`"),
            Self::Read { path, detail } => format!("cannot read {}: {detail}; check the path and its permissions", path.display()),
            Self::Write { path, detail } => {
                format!("cannot write {}: {detail}; choose a folder that exists and may be written", path.display())
            }
            Self::Json { detail } => format!("the input is no document: {detail}; pass the JSON that `huoyan appeal build` gives"),
            Self::Date { text } => format!("made_at is {text:?}, which is no RFC 3339 time; write 2026-11-22T10:30:00+08:00"),
            Self::InputTooLarge { limit } => format!("the JSON is larger than {limit} bytes; split the case"),
            Self::Block { index, detail } => format!("block {index}: {detail}; correct the document"),
            Self::FontMissing => "found no font with Chinese characters; install one (Debian, Ubuntu: apt install fonts-noto-cjk) or name one with --font FILE".into(),
            Self::FontBroken { path } => format!("{} is no usable OpenType font; name another with --font FILE", path.display()),
            Self::PictureMissing { file, folder } => {
                format!("the picture {file:?} is not in {}; pass the bundle's data folder as --files", folder.display())
            }
            Self::PicturePath { file } => format!("the picture {file:?} lies outside the folder; use a path within --files"),
            Self::PictureBroken { file, detail } => {
                format!("the picture {file:?} cannot be decoded: {detail}; replace it by an intact JPEG, PNG or WebP")
            }
            Self::PictureChanged { file, expected, found } => format!(
                "the picture {file:?} has SHA-256 {found}, the document says {expected}; restore the file or build the document again"
            ),
            Self::TooManyPages { limit } => {
                format!("the document needs more than {limit} pages; split the case or allow more with --max-pages")
            }
            Self::FooterTooLong { lines, limit } => format!("the footer takes {lines} lines, {limit} at most; shorten it"),
            Self::Pdf { detail } => format!("the PDF writer refused the pages: {detail}; report this document"),
            Self::ToolMissing { tool } => format!("{tool} is not installed; install it (Debian, Ubuntu: apt install poppler-utils)"),
            Self::TextDiffers { page, expected, found } => {
                format!("page {page} reads {found:?} where {expected:?} was drawn; render the PDF again")
            }
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Usage { detail } => format!("命令行有误：{detail}；请运行 `huoyan-pdf --help`"),
            Self::Read { path, detail } => format!("无法读取 {}：{detail}；请检查路径和权限", path.display()),
            Self::Write { path, detail } => format!("无法写入 {}：{detail}；请选择存在且可写的目录", path.display()),
            Self::Json { detail } => format!("输入不是文书 JSON：{detail}；请使用 `huoyan appeal build` 给出的 JSON"),
            Self::Date { text } => format!("made_at 为 {text:?}，不是 RFC 3339 时间；请写成 2026-11-22T10:30:00+08:00"),
            Self::InputTooLarge { limit } => format!("JSON 超过 {limit} 字节；请拆分案件"),
            Self::Block { index, detail } => format!("第 {index} 个内容块有误：{detail}；请更正文书"),
            Self::FontMissing => {
                "未找到含中文的字体；请安装（Debian、Ubuntu：apt install fonts-noto-cjk）或用 --font 文件 指定".into()
            }
            Self::FontBroken { path } => {
                format!("{} 不是可用的 OpenType 字体；请用 --font 指定其他字体", path.display())
            }
            Self::PictureMissing { file, folder } => {
                format!("图片 {file:?} 不在 {} 中；请用 --files 指定证据包的 data 目录", folder.display())
            }
            Self::PicturePath { file } => format!("图片 {file:?} 在目录之外；请使用 --files 之内的路径"),
            Self::PictureBroken { file, detail } => {
                format!("图片 {file:?} 无法解码：{detail}；请换成完好的 JPEG、PNG 或 WebP")
            }
            Self::PictureChanged { file, expected, found } => {
                format!("图片 {file:?} 的 SHA-256 为 {found}，文书所载为 {expected}；请恢复原文件或重新生成文书")
            }
            Self::TooManyPages { limit } => format!("文书超过 {limit} 页；请拆分案件或用 --max-pages 放宽"),
            Self::FooterTooLong { lines, limit } => format!("页脚共 {lines} 行，至多 {limit} 行；请缩短"),
            Self::Pdf { detail } => format!("PDF 写入器拒绝了页面：{detail}；请反馈此文书"),
            Self::ToolMissing { tool } => format!("未安装 {tool}；请安装（Debian、Ubuntu：apt install poppler-utils）"),
            Self::TextDiffers { page, expected, found } => {
                format!("第 {page} 页读出 {found:?}，而绘制的是 {expected:?}；请重新生成 PDF")
            }
        }
    }
}
