//! Recognises files that are data, but no listings or reviews, so that the refusal can say what they are.

use huoyan_model::Localized;

/// Why a file holds no listings and no reviews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRecords {
    /// One token and one tag a line: training data for sequence labelling.
    SequenceLabels,
    /// `COL … VAL …` pairs: training data for entity matching.
    MatchingPairs,
    /// Short texts with a number: queries or keywords.
    Keywords,
    /// Running text or a list without columns.
    PlainText,
    /// No column says what a listing or a review is.
    NoField {
        /// The names of the columns, or what they hold.
        columns: Vec<String>,
    },
    /// A web page, often saved with the ending of a spreadsheet.
    WebPage,
    /// Bytes of no format that is read.
    Binary {
        /// What they look like.
        format: Localized,
    },
    /// Nothing at all, or only a header.
    Empty,
}

impl NotRecords {
    /// The reason for a person.
    pub fn text(&self) -> Localized {
        let (zh, en) = match self {
            Self::SequenceLabels => (
                "每行是一个字和一个标签（B-…/I-…/O）：这是序列标注训练数据".to_owned(),
                "each line is one token and one tag (B-…, I-…, O): training data for sequence labelling".to_owned(),
            ),
            Self::MatchingPairs => (
                "每行是 COL … VAL … 成对记录：这是实体匹配训练数据".to_owned(),
                "each line is a pair of COL … VAL … records: training data for entity matching".to_owned(),
            ),
            Self::Keywords => (
                "只有序号和短语，没有价格、店铺、日期或评分：这像是搜索词列表".to_owned(),
                "only numbers and short phrases, no price, shop, date or rating: this looks like a list of queries"
                    .to_owned(),
            ),
            Self::PlainText => ("没有分列的纯文本".to_owned(), "plain text without columns".to_owned()),
            Self::NoField { columns } => (
                format!("没有任何一列像商品标题或评价内容（列：{}）", columns.join("、")),
                format!("no column looks like a listing's title or a review's text (columns: {})", columns.join(", ")),
            ),
            Self::WebPage => {
                ("这是网页（HTML），不是表格".to_owned(), "this is a web page (HTML), not a spreadsheet".to_owned())
            }
            Self::Binary { format } => (format!("这是{}", format.zh), format!("these are bytes of {}", format.en)),
            Self::Empty => ("没有任何记录".to_owned(), "there is no record in it".to_owned()),
        };
        Localized { zh, en }
    }
}

/// What the lines of a text are, when they are known not to be records.
pub(crate) fn recognise(text: &str) -> Option<NotRecords> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(500).collect();
    // The last line of a sample may be cut.
    let lines = if lines.len() > 20 { &lines[..lines.len() - 1] } else { &lines[..] };
    let share =
        |test: &dyn Fn(&str) -> bool| lines.iter().filter(|line| test(line)).count() as f64 / lines.len().max(1) as f64;
    if share(&is_tagged_token) > 0.9 {
        Some(NotRecords::SequenceLabels)
    } else if share(&|line| line.starts_with("COL ") && line.contains(" VAL ")) > 0.9 {
        Some(NotRecords::MatchingPairs)
    } else {
        None
    }
}

fn is_tagged_token(line: &str) -> bool {
    let mut parts = line.split_whitespace();
    // The token itself may be a space that nobody sees.
    let (Some(last), more) = (parts.next_back(), parts.count()) else { return false };
    let tag = last == "O"
        || (last.len() >= 3
            && matches!(last.as_bytes()[0], b'B' | b'I' | b'E' | b'S' | b'M')
            && last.as_bytes()[1] == b'-');
    tag && more <= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_data_is_told_from_records() {
        assert_eq!(recognise("家 O\n用 O\n\n帽 B-HCCX\n子 I-HCCX\n"), Some(NotRecords::SequenceLabels));
        assert_eq!(recognise("COL title VAL a COL price VAL 1\tCOL title VAL b\t0\n"), Some(NotRecords::MatchingPairs));
        assert_eq!(recognise("id,title\n1,面霜\n"), None);
    }
}
