use crate::RecordKind;

/// How the values of a column cross the plugin boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text (Arrow `utf8`, format `u`).
    Text,
    /// JSON as UTF-8 text (Arrow `utf8`): an object for `attributes`, an array of strings for `images`.
    Json,
    /// 64-bit float (Arrow `float64`, format `g`).
    Float,
    /// Seconds since 1970-01-01T00:00:00Z (Arrow `int64`, format `l`).
    Time,
    /// Whole number (Arrow `int64`, format `l`).
    Integer,
    /// Arrow `bool`, format `b`.
    Boolean,
    /// Arrow `binary`, format `z`.
    Binary,
}

/// A field that records of a kind may have. All but the key may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field's name in files, manifests and findings.
    pub name: &'static str,
    /// The type of its values.
    pub ty: ColumnType,
}

const fn column(name: &'static str, ty: ColumnType) -> Column {
    Column { name, ty }
}

const LISTING: &[Column] = &[
    column("id", ColumnType::Text),
    column("shop_id", ColumnType::Text),
    column("title", ColumnType::Text),
    column("description", ColumnType::Text),
    column("category", ColumnType::Text),
    column("brand", ColumnType::Text),
    column("price", ColumnType::Float),
    column("list_price", ColumnType::Float),
    column("currency", ColumnType::Text),
    column("attributes", ColumnType::Json),
    column("images", ColumnType::Json),
    column("platform", ColumnType::Text),
    column("url", ColumnType::Text),
    column("updated_at", ColumnType::Time),
];

const REVIEW: &[Column] = &[
    column("id", ColumnType::Text),
    column("listing_id", ColumnType::Text),
    column("shop_id", ColumnType::Text),
    column("reviewer_id", ColumnType::Text),
    column("order_id", ColumnType::Text),
    column("rating", ColumnType::Float),
    column("text", ColumnType::Text),
    column("images", ColumnType::Json),
    column("created_at", ColumnType::Time),
    column("verified_purchase", ColumnType::Boolean),
    column("refunded", ColumnType::Boolean),
    column("hours_since_delivery", ColumnType::Float),
    column("account_age_days", ColumnType::Float),
    column("category", ColumnType::Text),
    column("platform", ColumnType::Text),
    column("attributes", ColumnType::Json),
];

const IMAGE: &[Column] = &[
    column("owner_kind", ColumnType::Text),
    column("owner", ColumnType::Text),
    column("shop_id", ColumnType::Text),
    column("brand", ColumnType::Text),
    column("price", ColumnType::Float),
    column("title", ColumnType::Text),
    column("category", ColumnType::Text),
    column("platform", ColumnType::Text),
    column("updated_at", ColumnType::Time),
    column("position", ColumnType::Integer),
    column("uri", ColumnType::Text),
    column("bytes", ColumnType::Binary),
];

/// The columns of a kind, in their fixed order.
pub fn columns_of(kind: RecordKind) -> &'static [Column] {
    match kind {
        RecordKind::Listing => LISTING,
        RecordKind::Review => REVIEW,
        RecordKind::Image => IMAGE,
    }
}

/// The column of `kind` called `name`.
pub fn find_column(kind: RecordKind, name: &str) -> Option<Column> {
    columns_of(kind).iter().copied().find(|column| column.name == name)
}
