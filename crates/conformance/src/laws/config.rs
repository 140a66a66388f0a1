//! What the manifest says of the configuration is so.

use huoyan_host::Cancel;
use huoyan_model::Localized;
use serde_json::{Map, Value, json};

use super::{Breach, Law, concerns_all, no_note};
use crate::play::{forgiven_text, play};
use crate::rows::Row;
use crate::shape::Shape;
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "config",
    zh: "配置",
    en: "configuration",
    demands_zh: "默认配置可用；模式中的默认值与边界值可用；未知键、越界与类型不符被拒绝或忽略，不得崩溃",
    demands_en: "its defaults are accepted, so are each setting's default, bounds and choices; unknown keys, values out of bounds and of another type are refused or passed over, never a panic",
    moot: concerns_all,
    inputs,
    holds,
    shrinks: false,
    note: no_note,
};

fn inputs(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    vec![subject.generated(8, "config")]
}

/// A configuration to try, and whether it must be accepted.
struct Attempt {
    config: Value,
    accepted: bool,
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let given: Value = serde_json::from_str(&subject.options.config).map_err(|e| {
        Breach::here(Localized::new(format!("配置不是 JSON：{e}"), format!("the configuration is no JSON: {e}")))
    })?;
    let properties =
        subject.spec.config.as_ref().and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let with = |name: &str, value: Value| {
        let mut object = given.as_object().cloned().unwrap_or_default();
        object.insert(name.to_owned(), value);
        Value::Object(object)
    };
    let mut attempts = vec![
        Attempt { config: given.clone(), accepted: true },
        Attempt { config: json!({}), accepted: true },
        Attempt { config: with("no-such-setting", json!(1)), accepted: false },
        Attempt { config: with("没有\u{0}这个设置", json!({"a": [null]})), accepted: false },
    ];
    for (name, schema) in properties.into_iter().flatten() {
        for value in promised(schema) {
            attempts.push(Attempt { config: with(name, value), accepted: true });
        }
        for value in beyond(schema) {
            attempts.push(Attempt { config: with(name, value), accepted: false });
        }
    }
    for attempt in attempts {
        judge(subject, rows, &attempt)?;
    }
    Ok(())
}

fn judge(subject: &Subject<'_>, rows: &[Row], attempt: &Attempt) -> Result<(), Breach> {
    let config = attempt.config.to_string();
    let wrong = |zh: String, en: String| Breach::Here { what: Localized::new(zh, en), config: Some(config.clone()) };
    let detector = match subject.create(&config, &Cancel::default()) {
        Ok(detector) => detector,
        Err(why) if !forgiven_text(&why.en) => {
            return Err(wrong(
                format!("配置 {config} 使它崩溃：{}", why.zh),
                format!("configuration {config} makes it panic: {}", why.en),
            ));
        }
        Err(why) if attempt.accepted => {
            return Err(wrong(
                format!("它拒绝了清单允许的配置 {config}：{}", why.zh),
                format!("it refuses configuration {config}, which its manifest allows: {}", why.en),
            ));
        }
        Err(_) => return Ok(()),
    };
    if attempt.accepted {
        // What it says of the rows is `declared`'s business; here it must only not come down.
        let shape = Shape { tolerant: true, ..Shape::default() };
        play(&detector, rows, &shape).map_err(|stop| {
            wrong(
                format!("配置 {config} 下：{}", stop.what.zh),
                format!("with configuration {config} {}", stop.what.en),
            )
        })?;
    }
    Ok(())
}

/// Values that a property's schema allows by name: its default, its bounds, its choices.
fn promised(schema: &Value) -> Vec<Value> {
    let mut out: Vec<Value> =
        ["default", "minimum", "maximum"].iter().filter_map(|name| schema.get(name).cloned()).collect();
    out.extend(schema.get("enum").and_then(Value::as_array).into_iter().flatten().cloned());
    if schema.get("type").and_then(Value::as_str) == Some("boolean") {
        out.extend([json!(true), json!(false)]);
    }
    out
}

/// Values that a property's schema does not allow.
fn beyond(schema: &Value) -> Vec<Value> {
    let mut out = vec![
        json!(null),
        json!("不是这种值"),
        json!(-1),
        json!(1e300),
        json!([[]]),
        json!({"a": Map::new()}),
        json!(false),
    ];
    let number = |name: &str| schema.get(name).and_then(Value::as_f64);
    out.extend(number("minimum").map(|least| json!(least - 1.0)));
    out.extend(number("maximum").map(|most| json!(most + 1.0)));
    out
}
