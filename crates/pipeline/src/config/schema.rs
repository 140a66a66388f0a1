//! The JSON Schema of `huoyan.toml`, generated from the types that read it, so that the two cannot differ.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Config;

/// The schema, as committed in `schema/huoyan.schema.json`.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Config>();
    schema.insert("title".to_owned(), "huoyan.toml".into());
    schema.to_value()
}

/// How a locale is written; the vocabulary crate does not know about schemas.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) enum LocaleName {
    Zh,
    En,
}

/// How a kind of record is written in a configuration.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) enum KindName {
    Listing,
    Review,
}

/// How a severity is written.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) enum SeverityName {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// How a verdict is written.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) enum VerdictName {
    Pass,
    Review,
    Reject,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// `UPDATE_SCHEMA=1 cargo test -p huoyan-pipeline schema` writes the file anew.
    #[test]
    fn the_committed_schema_is_fresh() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/huoyan.schema.json");
        let fresh = format!("{:#}\n", super::schema());
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&path, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        assert!(
            committed == fresh,
            "schema/huoyan.schema.json is stale; run UPDATE_SCHEMA=1 cargo test -p huoyan-pipeline schema"
        );
    }
}
