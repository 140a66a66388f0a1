use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use huoyan_model::Localized;

/// An output format, as named after `-o`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For a terminal: an excerpt with the span marked, one paragraph a finding.
    Text,
    /// One JSON object a line: header, findings, unjudged records, summary.
    Jsonl,
    /// Findings as a table for spreadsheets, formula-escaped.
    Csv,
    /// Findings as a typed table.
    Parquet,
    /// Findings, verdict counts and the account of the inputs as a workbook.
    Xlsx,
    /// A self-contained page in Chinese and English.
    Html,
    /// CSV `detector,record_kind,record,score` for every judged record.
    Scores,
    /// One JSON object a record, pass included.
    Verdicts,
    /// Fingerprints to be taken as known by a later run.
    Baseline,
}

impl Format {
    /// Every format, in the order of the help.
    pub const ALL: [Self; 9] = [
        Self::Text,
        Self::Jsonl,
        Self::Csv,
        Self::Parquet,
        Self::Xlsx,
        Self::Html,
        Self::Scores,
        Self::Verdicts,
        Self::Baseline,
    ];

    /// The name after `-o`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Xlsx => "xlsx",
            Self::Html => "html",
            Self::Scores => "scores",
            Self::Verdicts => "verdicts",
            Self::Baseline => "baseline",
        }
    }

    /// The format with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// Where `-o FORMAT` without a path goes: the formats that read well on a terminal or in a pipe go to standard
    /// output, the others to a file in the current folder.
    pub fn default_destination(self) -> Destination {
        let name = match self {
            Self::Text | Self::Jsonl | Self::Csv => return Destination::Stdout,
            Self::Parquet => "huoyan-findings.parquet",
            Self::Xlsx => "huoyan-findings.xlsx",
            Self::Html => "huoyan-report.html",
            Self::Scores => "huoyan-scores.csv",
            Self::Verdicts => "huoyan-verdicts.jsonl",
            Self::Baseline => "huoyan-baseline.txt",
        };
        Destination::File(PathBuf::from(name))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Standard output, written `-`.
    Stdout,
    /// A file; it appears under its name when it is whole.
    File(PathBuf),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// What an output is made of, so that a run need not produce what nobody asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Findings and unjudged records.
    pub findings: bool,
    /// One verdict for every record.
    pub verdicts: bool,
    /// One score for every judged record of a scoring detector.
    pub scores: bool,
}

/// One `-o FORMAT[=PATH]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The format.
    pub format: Format,
    /// Where it goes.
    pub destination: Destination,
}

impl Spec {
    /// What the pipeline must hand to this output.
    pub fn needs(&self) -> Needs {
        match self.format {
            Format::Scores => Needs { scores: true, ..Needs::default() },
            Format::Verdicts => Needs { verdicts: true, ..Needs::default() },
            // The report counts verdicts by shop.
            Format::Html => Needs { findings: true, verdicts: true, ..Needs::default() },
            _ => Needs { findings: true, ..Needs::default() },
        }
    }
}

impl FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (name, path) = match text.split_once('=') {
            Some((name, path)) => (name, Some(path)),
            None => (text, None),
        };
        let Some(format) = Format::parse(name) else {
            let names: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
            let names = names.join(", ");
            return Err(SpecError(Localized::new(
                format!("'{name}' 不是输出格式；可用格式：{names}"),
                format!("'{name}' is no output format; use one of {names}"),
            )));
        };
        let destination = match path {
            None => format.default_destination(),
            Some("") => {
                return Err(SpecError(Localized::new(
                    format!("'{text}' 的 '=' 后没有路径；请写 {name}=路径，或用 {name}=- 表示标准输出"),
                    format!("'{text}' has no path after '='; write {name}=PATH, or {name}=- for stdout"),
                )));
            }
            Some("-") => Destination::Stdout,
            Some(path) => Destination::File(PathBuf::from(path)),
        };
        Ok(Self { format, destination })
    }
}

/// Why the outputs asked for make no sense together or one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError(Localized);

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for SpecError {}

impl From<SpecError> for Localized {
    fn from(error: SpecError) -> Self {
        error.0
    }
}

/// Refuses two outputs to one place, where the second would overwrite or garble the first.
pub fn check_specs(specs: &[Spec]) -> Result<(), SpecError> {
    for (i, spec) in specs.iter().enumerate() {
        if let Some(other) = specs[..i].iter().find(|other| other.destination == spec.destination) {
            let (first, second, place) = (other.format, spec.format, &spec.destination);
            return Err(SpecError(Localized::new(
                format!("输出 {first} 和 {second} 都写到 {place}；请给其中一个单独的路径，例如 -o {second}=路径"),
                format!(
                    "outputs {first} and {second} both go to {place}; give one of them its own path, as in -o \
                     {second}=PATH"
                ),
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> Spec {
        text.parse().unwrap()
    }

    #[test]
    fn a_format_alone_goes_to_its_default_place() {
        assert_eq!(spec("html").destination, Destination::File("huoyan-report.html".into()));
        assert_eq!(spec("jsonl").destination, Destination::Stdout);
        for format in Format::ALL {
            assert_eq!(Format::parse(format.as_str()), Some(format));
        }
    }

    #[test]
    fn a_path_may_hold_an_equals_sign() {
        assert_eq!(spec("csv=a=b.csv").destination, Destination::File("a=b.csv".into()));
        assert_eq!(spec("scores=-").destination, Destination::Stdout);
    }

    #[test]
    fn refusals_say_what_to_write() {
        let unknown = "pdf".parse::<Spec>().unwrap_err().to_string();
        assert!(unknown.contains("'pdf' is no output format; use one of text, jsonl"), "{unknown}");
        assert!("csv=".parse::<Spec>().is_err());
        let twice = check_specs(&[spec("jsonl"), spec("csv")]).unwrap_err().to_string();
        assert_eq!(
            twice,
            "outputs jsonl and csv both go to standard output; give one of them its own path, as in -o csv=PATH"
        );
        assert!(check_specs(&[spec("jsonl"), spec("csv=f.csv"), spec("html")]).is_ok());
    }
}
