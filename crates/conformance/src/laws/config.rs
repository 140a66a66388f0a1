//! What the manifest says of the configuration is so.

use huoyan_host::Cancel;
use huoyan_model::Localized;
use serde_json::{Map, Value, json};

use super::{Breach, Law, concerns_all, fixture_and, no_note};
use crate::play::forgiven_text;
use crate::rows::Row;
use crate::shape::Shape;
use crate::subject::Subject;

pub(crate) static LAW: Law = Law {
    id: "config",
    zh: "配置",
    en: "configuration",
    demands_zh: "所给的配置、各项设置自己声明的默认值、（没有必填设置时）空配置都可用；其余的值，无论边界、选项、未知键、越界还是类型不符，可以说明理由拒绝，不得崩溃",
    demands_en: "the configuration that is given, each setting's declared default and, unless a setting is required, an empty configuration are accepted; any other value, be it a bound, a choice, an unknown key, out of bounds or of another type, may be refused in words, never by a panic",
    moot: concerns_all,
    inputs,
    holds,
    // Most often to no rows at all: then the configuration alone breaks it.
    shrinks: true,
    by_fixture: true,
    note: no_note,
};

fn inputs(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    fixture_and(subject, [subject.generated(8, "config")])
}

/// A configuration to try.
struct Attempt {
    config: Value,
    /// Whether it must be accepted.
    accepted: bool,
    /// Whether rows are judged with it when it is accepted.
    played: bool,
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    // That it is an object was seen before any law is judged.
    let given: Map<String, Value> = serde_json::from_str(&subject.options.config).unwrap_or_default();
    let schema = subject.spec.config.as_ref();
    let properties = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let required = schema.and_then(|schema| schema.get("required")).and_then(Value::as_array);
    if let Some(required) = required.filter(|required| given.is_empty() && !required.is_empty()) {
        let names = Value::from(required.clone());
        return Err(Breach::Elsewhere(Localized::new(
            format!("清单要求设置 {names}；请用 --config 给出"),
            format!("its manifest requires the settings {names}; give them with --config"),
        )));
    }
    let with = |name: &str, value: Value| {
        let mut object = given.clone();
        object.insert(name.to_owned(), value);
        Value::Object(object)
    };
    let refusable = |config: Value| Attempt { config, accepted: false, played: false };
    let mut attempts = vec![Attempt { config: Value::Object(given.clone()), accepted: true, played: true }];
    // What a plugin requires, nobody can leave out.
    if !given.is_empty() && required.is_none_or(Vec::is_empty) {
        attempts.push(Attempt { config: json!({}), accepted: true, played: true });
    }
    attempts.push(refusable(with("no-such-setting", json!(1))));
    attempts.push(refusable(with("没有\u{0}这个设置", json!({"a": [null]}))));
    // A default goes with all that is left at its own default, but perhaps not with what the user set otherwise.
    let otherwise =
        given.keys().any(|name| properties.is_some_and(|p| p.get(name).is_some_and(|s| s.get("default").is_some())));
    for (name, schema) in properties.into_iter().flatten() {
        if let Some(default) = schema.get("default") {
            attempts.push(Attempt { config: with(name, default.clone()), accepted: !otherwise, played: true });
        }
        // Each of these may still be wrong beside the other settings, such as a lower bound above the upper one.
        for value in promised(schema) {
            attempts.push(Attempt { config: with(name, value), accepted: false, played: true });
        }
        attempts.extend(beyond(schema).into_iter().map(|value| refusable(with(name, value))));
    }
    for attempt in attempts {
        judge(subject, rows, &attempt)?;
    }
    Ok(())
}

fn judge(subject: &Subject<'_>, rows: &[Row], attempt: &Attempt) -> Result<(), Breach> {
    let config = attempt.config.to_string();
    let asked_for = serde_json::from_str::<Value>(&subject.options.config).is_ok_and(|given| given == attempt.config);
    let other = (!asked_for).then(|| config.clone());
    subject.trail.step(rows, other.as_deref());
    let wrong = |zh: String, en: String| Breach::Here { what: Localized::new(zh, en), config: other.clone() };
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
    if attempt.played {
        // What it says of the rows is `declared`'s business; here it must only not come down.
        let shape = Shape { tolerant: true, ..Shape::default() };
        subject.play_on(&detector, rows, &shape).map_err(|stop| {
            wrong(
                format!("配置 {config} 下：{}", stop.what.zh),
                format!("with configuration {config} {}", stop.what.en),
            )
        })?;
    }
    Ok(())
}

/// Values that a property's schema allows by name: its bounds, its choices.
fn promised(schema: &Value) -> Vec<Value> {
    let mut out: Vec<Value> = ["minimum", "maximum"].iter().filter_map(|name| schema.get(name).cloned()).collect();
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
