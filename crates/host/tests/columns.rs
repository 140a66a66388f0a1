//! The SDK cannot know the host's crates, so it has a table of columns of its own for test rows: both tables are one.

use huoyan_model::{ColumnType, RecordKind, columns_of};
use huoyan_sdk::testkit;

#[test]
fn test_rows_have_the_columns_that_records_have() {
    for (kind, name) in [(RecordKind::Listing, "listing"), (RecordKind::Review, "review"), (RecordKind::Image, "image")]
    {
        let ours: Vec<_> = columns_of(kind)
            .iter()
            .map(|column| {
                let ty = match column.ty {
                    ColumnType::Text | ColumnType::Json => testkit::ColumnType::Text,
                    ColumnType::Float => testkit::ColumnType::Float,
                    ColumnType::Time | ColumnType::Integer => testkit::ColumnType::Integer,
                    ColumnType::Boolean => testkit::ColumnType::Boolean,
                    ColumnType::Binary => testkit::ColumnType::Binary,
                };
                (column.name, ty)
            })
            .collect();
        assert_eq!(testkit::columns_of(name), ours, "{name}");
    }
    assert!(testkit::columns_of("shop").is_empty());
}
