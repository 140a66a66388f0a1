//! What intake did to a file, as data: one fact each, told to the user in either language.

use huoyan_model::{Localized, RecordKind};

use crate::guess::columns::Because;

/// Something that was done to single rows or cells; counted, and told at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub(crate) enum Repair {
    BlankRow,
    RepeatedHeader,
    RaggedRow,
    OffShelf,
    PriceUnclear,
    TimeRelative,
    TimeUnclear,
    Masked,
    IdLost,
    ValueUnclear,
}

/// Counts by [`Repair`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally([u64; Repair::ALL.len()]);

impl Repair {
    pub const ALL: [Self; 10] = [
        Self::BlankRow,
        Self::RepeatedHeader,
        Self::RaggedRow,
        Self::OffShelf,
        Self::PriceUnclear,
        Self::TimeRelative,
        Self::TimeUnclear,
        Self::Masked,
        Self::IdLost,
        Self::ValueUnclear,
    ];

    fn text(self, n: u64) -> Localized {
        let (zh, en) = match self {
            Self::BlankRow => (format!("略过空行 {n} 行"), format!("{n} blank rows left out")),
            Self::RepeatedHeader => (
                format!("略过数据中重复出现的表头 {n} 行"),
                format!("{n} repeats of the header inside the data left out"),
            ),
            Self::RaggedRow => (
                format!("{n} 行的单元格数与表头不同：缺的为空，多的放入 attributes"),
                format!(
                    "{n} rows have more or fewer cells than the header: missing ones are null, others go to attributes"
                ),
            ),
            Self::OffShelf => (
                format!("{n} 个价格为负数（已下架），视为空"),
                format!("{n} negative prices (off the shelf) taken as null"),
            ),
            Self::PriceUnclear => (
                format!("{n} 个价格不是单一数值，视为空，原文保留在 attributes"),
                format!("{n} prices are no single amount: null, kept in attributes"),
            ),
            Self::TimeRelative => (
                format!("{n} 个相对时间（如“8个月前”）无法换算，视为空，原文保留在 attributes"),
                format!("{n} relative times ('8个月前') have no date: null, kept in attributes"),
            ),
            Self::TimeUnclear => (
                format!("{n} 个时间无法识别，视为空，原文保留在 attributes"),
                format!("{n} times could not be read: null, kept in attributes"),
            ),
            Self::Masked => (
                format!("{n} 个打码昵称（如 j***k）不是身份，视为空"),
                format!("{n} masked nicknames (j***k) are no identities: null, kept in attributes"),
            ),
            Self::IdLost => (
                format!("{n} 个编号已丢失数字（如 1.00015E+11），改用内容哈希作键"),
                format!("{n} ids have lost their digits (1.00015E+11) or are empty words: not used as identities"),
            ),
            Self::ValueUnclear => (
                format!("{n} 个数值或是否值无法识别，视为空，原文保留在 attributes"),
                format!("{n} numbers, ratings or yes/no could not be read: null, kept in attributes"),
            ),
        };
        Localized { zh, en }
    }
}

impl Tally {
    pub fn add(&mut self, repair: Repair, count: u64) {
        self.0[repair as usize] += count;
    }

    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// What happened at least once.
    pub fn texts(&self) -> Vec<Localized> {
        Repair::ALL.into_iter().filter(|r| self.0[*r as usize] > 0).map(|r| r.text(self.0[r as usize])).collect()
    }
}

/// A fact about a file, known before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// The format, how it was packed, and whether its name says otherwise.
    Format { format: &'static str, packing: Vec<&'static str>, misnamed: Option<String> },
    /// The encoding and how it is known.
    Encoding { name: &'static str, mark: bool, guessed: bool },
    /// The separator of cells.
    Separator(u8),
    /// Which line names the columns.
    Header { line: u64, titles: usize },
    /// No line does.
    NoHeader,
    /// The kind of the records.
    Kind { kind: RecordKind, told: bool },
    /// A column taken for a field.
    Column { header: String, field: &'static str, because: Because },
    /// A field with something standing in for it.
    StandIn { header: String, field: &'static str },
    /// Columns kept for evidence only.
    Others { headers: Vec<String> },
    /// A part that was left out.
    LeftOut { what: String, reason: Localized },
    /// Times without a zone.
    Zoneless,
}

impl Note {
    pub fn text(&self) -> Localized {
        let (zh, en) = match self {
            Self::Format { format, packing, misnamed } => {
                let packed =
                    if packing.is_empty() { String::new() } else { format!("，{} 压缩", packing.join(" + ")) };
                let packed_en =
                    if packing.is_empty() { String::new() } else { format!(", packed with {}", packing.join(" + ")) };
                let (odd, odd_en) = match misnamed {
                    Some(ending) => (format!("（扩展名却是 .{ending}）"), format!(" (though named .{ending})")),
                    None => (String::new(), String::new()),
                };
                (format!("格式：{format}{packed}{odd}"), format!("format: {format}{packed_en}{odd_en}"))
            }
            Self::Encoding { name, mark, guessed } => {
                let (how, how_en) = match (mark, guessed) {
                    (true, _) => ("，有 BOM", ", by its byte order mark"),
                    (false, true) => ("，推测", ", guessed"),
                    (false, false) => ("", ""),
                };
                (format!("编码：{name}{how}"), format!("encoding: {name}{how_en}"))
            }
            Self::Separator(byte) => {
                let shown = match byte {
                    b'\t' => "TAB".to_owned(),
                    byte if byte.is_ascii_graphic() => format!("'{}'", char::from(*byte)),
                    byte => format!("0x{byte:02x}"),
                };
                (format!("分隔符：{shown}"), format!("separator: {shown}"))
            }
            Self::Header { line, titles: 0 } => (format!("表头：第 {line} 行"), format!("header: line {line}")),
            Self::Header { line, titles } => (
                format!("表头：第 {line} 行（其上 {titles} 行为标题，略过）"),
                format!("header: line {line} ({titles} title rows above it left out)"),
            ),
            Self::NoHeader => (
                "没有表头：第一行就是数据，列按内容推测".to_owned(),
                "no header: the first row is a record, columns guessed from their values".to_owned(),
            ),
            Self::Kind { kind, told } => {
                let name = if *kind == RecordKind::Review { "评价" } else { "商品" };
                let (how, how_en) = if *told { ("（指定）", " (told)") } else { ("（推测）", " (guessed)") };
                (format!("记录类型：{name}{how}"), format!("kind: {kind}{how_en}"))
            }
            Self::Column { header, field, because } => {
                let (how, how_en) = match because {
                    Because::Told => ("（指定）", " (told)"),
                    Because::Name => ("", ""),
                    Because::Values => ("（按内容推测）", " (guessed from its values)"),
                };
                (format!("列 {header} → {field}{how}"), format!("column {header} → {field}{how_en}"))
            }
            Self::StandIn { header, field } => (
                format!("没有 {field}，以列 {header} 的名称代替"),
                format!("no {field}: the name in column {header} stands in for it"),
            ),
            Self::Others { headers } => {
                let list = headers.join(", ");
                (format!("其余列保留在 attributes：{list}"), format!("other columns kept in attributes: {list}"))
            }
            Self::LeftOut { what, reason } => {
                (format!("略过 {what}：{}", reason.zh), format!("left out {what}: {}", reason.en))
            }
            Self::Zoneless => {
                ("未注明时区的时间按 UTC 处理".to_owned(), "times without a zone are taken as UTC".to_owned())
            }
        };
        Localized { zh, en }
    }
}
