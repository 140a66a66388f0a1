//! The model that a calibration starts from.

use std::path::Path;

use huoyan_ledger::{Model, ModelFile};

use crate::plugins::{Failure, failure};

/// The detector whose model comes with the command.
const BUNDLED: &str = "review-malice";
const MODEL: &str = include_str!("../../../../plugins/review-malice/rules/model.toml");
const RULES: &str = include_str!("../../../../plugins/review-malice/rules/malice.toml");

/// A model, with the names it knows in the order of a case's values.
pub(super) struct Start {
    pub(super) file: ModelFile,
    /// The model ready to be used.
    pub(super) model: Model,
    pub(super) names: Names,
}

/// What a model of a detector speaks of.
pub(super) struct Names {
    pub(super) signals: Vec<String>,
    families: Vec<String>,
    pub(super) sides: Vec<String>,
    pub(super) strata: Vec<String>,
    /// The detector's rules, where they are known.
    pub(super) rules: Vec<String>,
}

impl Names {
    fn of(file: &ModelFile) -> Self {
        let mut strata: Vec<String> = file.sides.values().flat_map(|side| side.strata.keys().cloned()).collect();
        strata.sort();
        strata.dedup();
        let (signals, families) = file.signals.iter().map(|(name, entry)| (name.clone(), entry.family.clone())).unzip();
        Self { signals, families, sides: file.sides.keys().cloned().collect(), strata, rules: Vec::new() }
    }

    /// Makes a model of these signals, sides and strata ready to be used.
    pub(super) fn ready(&self, file: &ModelFile) -> Result<Model, Failure> {
        let [sides, strata] =
            [&self.sides, &self.strata].map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
        let signals: Vec<(&str, &str)> =
            self.signals.iter().zip(&self.families).map(|(name, family)| (name.as_str(), family.as_str())).collect();
        Model::new(file, &signals, &sides, &strata).map_err(|error| failure(error.0))
    }
}

/// Reads a model, or takes the one that comes with the detector.
pub(super) fn read(path: Option<&Path>, detector: &str) -> Result<Start, Failure> {
    let bundled = (detector == BUNDLED).then(|| {
        toml::from_str::<ModelFile>(MODEL).expect("invariant: the model that comes with the detector is valid")
    });
    let (place, file) = match (path, &bundled) {
        (Some(path), _) => (path.display().to_string(), parse(path)?),
        (None, Some(bundled)) => (detector.to_owned(), bundled.clone()),
        (None, None) => {
            return Err(failure((
                format!("检测器 '{detector}' 没有自带的模型（{BUNDLED} 有），请用 --model 指明"),
                format!("no model comes with a detector '{detector}' ({BUNDLED} has one); name one by --model"),
            )));
        }
    };
    // What the detector itself would refuse is refused here, before a model is made of it.
    let mut names = Names::of(bundled.as_ref().unwrap_or(&file));
    if bundled.is_some() {
        names.rules = rules();
    }
    let model = names
        .ready(&file)
        .map_err(|why| failure((format!("{place}：模型无法使用：{}", why.zh), format!("{place}: {}", why.en))))?;
    Ok(Start { file, model, names })
}

fn rules() -> Vec<String> {
    let pack: toml::Table = RULES.parse().expect("invariant: the rules that come with the detector are valid");
    let rules = pack.get("rule").and_then(toml::Value::as_array).into_iter().flatten();
    rules.filter_map(|rule| Some(rule.get("id")?.as_str()?.to_owned())).collect()
}

fn parse(path: &Path) -> Result<ModelFile, Failure> {
    let place = path.display();
    let bytes = std::fs::read(path)
        .map_err(|e| failure((format!("{place}：无法读取：{e}"), format!("{place}: cannot be read: {e}"))))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| failure((format!("{place}：不是 UTF-8 文本"), format!("{place}: the text is not UTF-8"))))?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map_or(1, |s| s.matches('\n').count() + 1);
        let why = error.message().trim_end().replace('\n', "; ");
        failure((format!("{place}:{line}：不是可用的模型：{why}"), format!("{place}:{line}: this is no model: {why}")))
    })
}
