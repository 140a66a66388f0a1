//! The command line of `huoyan plugin`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::Setup;

#[derive(Debug, ClapArgs)]
pub(crate) struct PluginArgs {
    #[command(subcommand)]
    pub(crate) command: PluginCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Write a new plugin that builds and passes its tests as it is
    New(NewPluginArgs),
    /// List the plugins that a scan would use
    List {
        /// Print a JSON object a line instead, with full digests
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        setup: Setup,
    },
    /// Show what a plugin says of itself, without loading it
    Inspect {
        /// A plugin's name or a library file
        #[arg(value_name = "NAME|FILE")]
        what: String,
        /// Print all of it as JSON: manifest, resources, rules
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        setup: Setup,
    },
    /// Let a plugin of others run, as it is now: writes its digest to plugins.lock
    Trust(TrustArgs),
    /// Let a plugin of others run no longer
    Untrust {
        /// Its name in plugins.lock
        name: String,
        #[command(flatten)]
        setup: Setup,
    },
    /// Check that every trusted plugin is still what was trusted; status 1 when one is not
    Verify {
        /// Only these library files
        files: Vec<PathBuf>,
        /// Print a JSON object a line instead
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        setup: Setup,
    },
    /// Judge a plugin, in any language, by the laws that every plugin keeps
    ///
    /// Runs the plugin's code, whether it is trusted or not, each law in a process of its own with a limit on time and memory. On
    /// Linux that process has no environment, opens no file but the system's libraries, and gets no network or further process;
    /// the law `isolated` plays the plugin in a child process as scans do. Elsewhere, and for what the report says is not enforced,
    /// the code has your rights: judge only plugins there that you built or trust.
    ///
    /// A broken law is named, with what differs and the smallest input found, as lines that `--fixture` takes. Ends with 0 when all
    /// laws are kept, 1 when one is broken or could not be judged, 2 when the file is no plugin.
    Conformance(ConformanceArgs),
    /// One law's process
    #[command(hide = true)]
    ConformanceLaw { job: PathBuf, answer: PathBuf },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ConformanceArgs {
    /// The plugin's library
    #[arg(value_name = "FILE", required_unless_present = "list")]
    pub(crate) file: Option<PathBuf>,
    /// List the laws and what they demand
    #[arg(long, conflicts_with = "json")]
    pub(crate) list: bool,
    /// Judge by this law only; may be given several times
    #[arg(long = "law", value_name = "NAME")]
    pub(crate) laws: Vec<String>,
    /// Configuration of the detectors, a JSON object
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(crate) config: String,
    /// JSON lines with further rows to judge, such as the input of a broken law; unless given, those in the `fixtures` folder
    /// that `plugin new` made for this plugin
    #[arg(long, value_name = "FILE")]
    pub(crate) fixture: Option<PathBuf>,
    /// A file that a detector needs, by the name that the manifest asks for, or a gallery's folder (gallery=FOLDER); may be given
    /// several times
    #[arg(long = "resource", value_name = "NAME=PATH")]
    pub(crate) resources: Vec<String>,
    /// Where generated rows come from: the same seed, the same rows
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Seconds that one law may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) time_limit: u64,
    /// Memory that one law's process may address, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 3072, value_parser = clap::value_parser!(u64).range(64..=1_048_576))]
    pub(crate) memory_limit: u64,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TrustArgs {
    /// A library file, or the name of a plugin in a configured folder
    #[arg(value_name = "FILE|NAME")]
    pub(crate) what: String,
    /// Run it in the process of huoyan: faster, and what it does wrong in memory takes the run with it
    #[arg(long)]
    pub(crate) in_process: bool,
    /// Only if this is the file's digest, as its author published it
    #[arg(long, value_name = "BLAKE3")]
    pub(crate) digest: Option<String>,
    /// Why, or what was looked at; kept in the lock
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Who trusts it; kept in the lock
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) setup: Setup,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NewPluginArgs {
    /// Its name: lower-case words joined by hyphens, as in loud-title
    pub(crate) name: String,
    /// What it compares: each record alone, records that share a key, or all records of a run
    #[arg(long, value_enum, default_value_t)]
    pub(crate) stage: StageArg,
    /// What it is written in
    #[arg(long, value_enum, default_value_t)]
    pub(crate) lang: LanguageArg,
    /// Folder of the SDK's sources [default: those this command was built from, else the registry's]
    #[arg(long, value_name = "PATH")]
    pub(crate) sdk: Option<PathBuf>,
    /// The folder to write [default: ./NAME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum StageArg {
    /// Each record alone
    #[default]
    Record,
    /// Records that share a key
    Group,
    /// All records of a run, by a summary
    Corpus,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LanguageArg {
    /// Rust, with the SDK
    #[default]
    Rust,
    /// C, with the header
    C,
}
