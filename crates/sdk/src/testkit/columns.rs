//! The columns that records have, for building test rows.

/// How the values of a column arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// [`crate::TextColumn`]; in test rows a text, or for `attributes` and `images` the object or list itself.
    Text,
    /// [`crate::FloatColumn`].
    Float,
    /// [`crate::IntegerColumn`]; times are seconds since 1970-01-01T00:00:00Z.
    Integer,
    /// [`crate::BooleanColumn`].
    Boolean,
    /// [`crate::BinaryColumn`]; in test rows a text whose bytes are meant.
    Binary,
}

use ColumnType::{Binary, Boolean, Float, Integer, Text};

/// The columns that records of a kind (`listing`, `review`, `image`) may have; none for another kind. A test of the host
/// compares this with the host's own table.
pub fn columns_of(kind: &str) -> &'static [(&'static str, ColumnType)] {
    match kind {
        "listing" => &[
            ("id", Text),
            ("shop_id", Text),
            ("title", Text),
            ("description", Text),
            ("category", Text),
            ("brand", Text),
            ("price", Float),
            ("list_price", Float),
            ("currency", Text),
            ("attributes", Text),
            ("images", Text),
            ("platform", Text),
            ("url", Text),
            ("updated_at", Integer),
        ],
        "review" => &[
            ("id", Text),
            ("listing_id", Text),
            ("shop_id", Text),
            ("reviewer_id", Text),
            ("order_id", Text),
            ("rating", Float),
            ("text", Text),
            ("images", Text),
            ("created_at", Integer),
            ("verified_purchase", Boolean),
            ("refunded", Boolean),
            ("hours_since_delivery", Float),
            ("account_age_days", Float),
            ("category", Text),
            ("platform", Text),
            ("attributes", Text),
        ],
        "image" => &[
            ("owner_kind", Text),
            ("owner", Text),
            ("shop_id", Text),
            ("brand", Text),
            ("price", Float),
            ("title", Text),
            ("category", Text),
            ("platform", Text),
            ("updated_at", Integer),
            ("position", Integer),
            ("uri", Text),
            ("bytes", Binary),
        ],
        _ => &[],
    }
}
