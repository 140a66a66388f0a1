//! The command line, as plain data. What it means is each subcommand's business.

pub(crate) mod appeal;
pub(crate) mod plugin;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use huoyan_model::{Locale, RecordKind};

/// Screen product listings and reviews, and turn what is found into evidence. 火眼：商品与评价筛查
#[derive(Debug, Parser)]
#[command(name = "huoyan", version, max_term_width = 100)]
pub(crate) struct Args {
    /// Language of messages and reports
    #[arg(long, global = true, value_enum)]
    pub(crate) locale: Option<LocaleArg>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LocaleArg {
    Zh,
    En,
}

impl From<LocaleArg> for Locale {
    fn from(arg: LocaleArg) -> Self {
        match arg {
            LocaleArg::Zh => Self::Zh,
            LocaleArg::En => Self::En,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan files of listings and reviews
    Scan(Box<ScanArgs>),
    /// Check one listing or review, answered at once
    Check(CheckArgs),
    /// Explain a rule, a finding or the exit codes
    Explain(ExplainArgs),
    /// Show or test the rules
    Rules(RulesArgs),
    /// Write, judge, trust and list detector plugins
    Plugin(plugin::PluginArgs),
    /// Build and show galleries of reference pictures
    Gallery(GalleryArgs),
    /// Fit the scores of suspected reviews to what people decided
    ///
    /// Learns from decided cases what each signal is worth, so that scores mean what they say on your reviews, and writes a new
    /// model. Nothing else is changed: the detector uses the model when huoyan.toml names it.
    ///
    /// Decisions about findings of 0.5 and more alone teach little about what is genuine. Let the detector report every review, by
    /// `report_from = 0` under `[detectors.review-malice]` in huoyan.toml, and scan with `--all-findings -o jsonl=findings.jsonl`;
    /// then decide a sample from all of them.
    Calibrate(CalibrateArgs),
    /// Appeal a penalty or a review: cases, exhibits, what is missing, signed bundles
    Appeal(Box<appeal::AppealArgs>),
    /// Set a finding aside until a day
    Suppress(SuppressArgs),
    /// Show the configuration or its schema
    Config(ConfigArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Serve a plugin to the process that started this one
    #[command(hide = true)]
    PluginHost,
}

/// Where the configuration and the plugins are found: the same for every command that needs them.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct Setup {
    /// Configuration file, instead of the nearest huoyan.toml
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Profile to start from: default, strict-platform, cautious-merchant
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Folder (or file) with more plugins; may be given several times
    #[arg(long = "plugins", value_name = "DIR")]
    pub(crate) plugin_folders: Vec<PathBuf>,
    /// Which of those are trusted [default: plugins.lock beside huoyan.toml, or here, as far as you trusted it on this machine]
    #[arg(long, value_name = "FILE")]
    pub(crate) lock: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KindArg {
    Listing,
    Review,
}

impl KindArg {
    pub(crate) fn kind(self) -> RecordKind {
        match self {
            Self::Listing => RecordKind::Listing,
            Self::Review => RecordKind::Review,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressArg {
    /// On a terminal only
    #[default]
    Auto,
    Never,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ScanArgs {
    /// Files, globs or folders to scan; `-` is standard input
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) setup: Setup,
    /// The kind of every record, where the columns do not tell it
    #[arg(long, value_enum)]
    pub(crate) kind: Option<KindArg>,
    /// Which header holds a field, as in title=宝贝标题; may be given several times
    #[arg(long, value_name = "FIELD=HEADER")]
    pub(crate) map: Vec<String>,
    /// Gallery of reference pictures, or a folder of pictures of which one is made for this run
    #[arg(long, value_name = "FILE")]
    pub(crate) gallery: Vec<PathBuf>,
    /// Brands file: aliases, authorised shops, list prices
    #[arg(long, value_name = "FILE")]
    pub(crate) brands: Option<PathBuf>,
    /// Output, FORMAT or FORMAT=PATH: jsonl, csv, parquet, xlsx, html, text, scores, verdicts, baseline
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub(crate) output: Vec<String>,
    /// Severity from which a finding makes the exit status 1: info, low, medium, high, critical, never
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<String>,
    /// Known findings: a file that `-o baseline` wrote, or a decisions file
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Also write findings below 0.5; they never move a verdict
    #[arg(long)]
    pub(crate) all_findings: bool,
    /// Unusable rows that are still no reason for status 3: a number, or a share such as 1%
    #[arg(long, value_name = "N|P%")]
    pub(crate) max_bad_rows: Option<String>,
    /// Where unusable rows are written [default: quarantine.jsonl]
    #[arg(long, value_name = "FILE")]
    pub(crate) quarantine: Option<PathBuf>,
    /// Worker threads [default: every processor]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Progress bar on stderr
    #[arg(long, value_enum, default_value_t)]
    pub(crate) progress: ProgressArg,
    /// Run only these detectors; may be given several times
    #[arg(long = "only", value_name = "DETECTOR")]
    pub(crate) only: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    /// A text, a file with one, or `-`; a JSON object is taken as a record
    #[arg(value_name = "TEXT|FILE|-")]
    pub(crate) what: String,
    /// What a plain text is
    #[arg(long, value_enum)]
    pub(crate) kind: Option<KindArg>,
    /// The platform the shop is on, which is then no third party
    #[arg(long)]
    pub(crate) platform: Option<String>,
    #[command(flatten)]
    pub(crate) setup: Setup,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// A rule such as PK001, a finding's fingerprint, or `exit-codes`
    #[arg(value_name = "RULE|FINGERPRINT|exit-codes")]
    pub(crate) what: String,
    /// The findings file that has the fingerprint
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Write what a finding about a picture rests on into a new folder: the picture byte for byte, the reference, both aligned
    #[arg(long, value_name = "DIR", requires = "from")]
    pub(crate) files: Option<PathBuf>,
    /// The gallery that the scan used
    #[arg(long, value_name = "GALLERY", requires = "files")]
    pub(crate) gallery: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) setup: Setup,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List every rule of every detector
    List {
        /// One JSON object a line, with clause, source and rewrite
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        setup: Setup,
    },
    /// Run every rule's own examples
    Test {
        #[command(flatten)]
        setup: Setup,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GalleryArgs {
    #[command(subcommand)]
    pub(crate) command: GalleryCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GalleryCommand {
    /// Build a gallery from a folder of pictures, with an optional gallery.csv (file, item, brand)
    Build {
        /// Folder of pictures
        dir: PathBuf,
        /// The gallery's folder; one that is there then holds these pictures and no others
        #[arg(long, value_name = "GALLERY")]
        out: PathBuf,
    },
    /// Add pictures; one of a name that is there already takes its place
    Add {
        /// The gallery's folder
        gallery: PathBuf,
        /// Pictures, or folders of them with an optional gallery.csv
        #[arg(required = true)]
        pictures: Vec<PathBuf>,
        /// The item that single pictures show [default: as before, or the file's name]
        #[arg(long)]
        item: Option<String>,
        /// The brand of single pictures [default: as before, or unknown]
        #[arg(long)]
        brand: Option<String>,
    },
    /// Remove pictures by their names, items or brands
    Remove {
        /// The gallery's folder
        gallery: PathBuf,
        /// A picture's name, as `list` shows it
        #[arg(long = "file", value_name = "NAME")]
        files: Vec<String>,
        /// All pictures of an item
        #[arg(long = "item", value_name = "ITEM")]
        items: Vec<String>,
        /// All pictures of a brand
        #[arg(long = "brand", value_name = "BRAND")]
        brands: Vec<String>,
    },
    /// List the pictures of a gallery: item, brand, name, size, PDQ quality, hash
    List {
        /// The gallery's folder
        gallery: PathBuf,
    },
    /// Check a gallery in full
    Verify {
        /// The gallery's folder
        gallery: PathBuf,
    },
    /// Add a list of PDQ hashes (lines of hashes, CSV or JSON Lines); a match with one rests on the hash alone
    Import {
        /// The gallery's folder; made when it is not there
        gallery: PathBuf,
        /// The list, or - for stdin
        list: PathBuf,
        /// The brand of hashes of which the list names none
        #[arg(long)]
        brand: Option<String>,
    },
    /// Write the PDQ hashes as CSV: hash, quality, file, item, brand
    Export {
        /// The gallery's folder
        gallery: PathBuf,
        /// The file to write [default: stdout]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CalibrateArgs {
    /// What people decided: CSV with the columns fingerprint, decision, by, at, reason
    ///
    /// Malice is confirm, confirmed, uphold, upheld, malicious, malice, 确认, 属实, 恶意 or 成立; genuine is dismiss, dismissed, rejected,
    /// genuine, innocent, benign, normal, 误报, 驳回, 正常, 真实 or 不成立. The latest decision of a finding counts.
    #[arg(long, value_name = "FILE")]
    pub(crate) decisions: PathBuf,
    /// Findings as JSON Lines: a file that `-o jsonl` wrote, or a folder of such files
    #[arg(long, value_name = "DIR|FILE")]
    pub(crate) from: PathBuf,
    /// The model to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The model to start from: the one the scan used [default: the detector's own]
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    /// Be so cautious that at most this share of the genuine reviews reaches one half [default: the model's own `flag_at_most`]
    ///
    /// What is in doubt then scores just under one half, in its order; what is beyond keeps its score. 1 holds nothing back.
    #[arg(long, value_name = "SHARE")]
    pub(crate) flag_at_most: Option<f64>,
    /// The detector whose findings were decided
    #[arg(long, value_name = "DETECTOR", default_value = "review-malice")]
    pub(crate) detector: String,
    /// Replace the file that is there, and write a model that does worse than the old one
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SuppressArgs {
    /// The finding's fingerprint
    pub(crate) fingerprint: String,
    /// Why it does not count
    #[arg(long)]
    pub(crate) reason: String,
    /// The last day on which this holds, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    pub(crate) until: String,
    /// Who decided it
    #[arg(long)]
    pub(crate) author: Option<String>,
    /// Configuration file to write to [default: the nearest huoyan.toml, or a new one here]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the settings in force
    Show {
        /// Say where each comes from
        #[arg(long)]
        origin: bool,
        #[command(flatten)]
        setup: Setup,
    },
    /// Print the JSON Schema of huoyan.toml
    Schema,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Args::command().debug_assert();
    }
}
