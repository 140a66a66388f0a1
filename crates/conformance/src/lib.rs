//! The laws that every detector plugin keeps, in whatever language it is written, and the smallest input on which one of
//! them is broken.
//!
//! The laws follow from `huoyan.h`: the host splits rows into batches, partitions and threads as it likes, so none of that
//! may be seen in what comes out; anything may stand in a record, so nothing may bring a detector down. Each law is a file
//! in `laws/`.
//!
//! ```no_run
//! use huoyan_conformance::{Options, check};
//!
//! let report = check("target/debug/libmine.so".as_ref(), &Options::default()).expect("a plugin");
//! assert!(report.all_kept(), "{:#?}", report.laws);
//! ```
//!
//! In a process of its own ([`Options::apart`]) a law also survives a plugin that crashes, hangs or eats memory, and on Linux
//! the plugin has no environment, files, network or processes there. Without one, the plugin's code runs with the caller's
//! rights and takes the caller with it.
//!
//! What must stay true: the same plugin, options and seed give the same report; nothing here prints.

mod apart;
mod batches;
mod generate;
mod hostile;
mod judge;
mod laws;
mod play;
mod random;
mod report;
mod resources;
mod rows;
mod said;
mod shape;
mod shrink;
mod subject;
mod told;
mod trail;

use std::path::{Path, PathBuf};
use std::time::Duration;

use huoyan_host::PluginFile;
use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

pub use apart::serve;
pub use report::{Break, LawReport, Outcome, Report};

/// How a plugin is judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Options {
    /// The configuration of every detector, a JSON object.
    pub config: String,
    /// Ids of the laws to judge by; empty: all.
    pub laws: Vec<String>,
    /// Where generated rows come from: the same seed, the same rows.
    pub seed: u64,
    /// JSON lines with further rows, such as the input of a broken law.
    pub fixture: Option<PathBuf>,
    /// What detectors are given besides what the plugin carries, by the name that the manifest asks for: a file, or the folder of a
    /// gallery. One takes the place of what the plugin carries under the same name.
    pub resources: Vec<(String, PathBuf)>,
    /// How many rows of each kind are generated for most laws.
    pub rows: usize,
    /// How many rows the law `huge` hands over.
    pub huge_rows: usize,
    /// How long one law may take, shrinking its input included.
    pub time_limit: Duration,
    /// Address space of a law's process, in bytes.
    pub memory_limit: u64,
    /// Program and leading arguments of a command that calls [`serve`] with the two paths that are appended; `None`: every
    /// law is judged in this process.
    pub apart: Option<Vec<String>>,
    /// Program and arguments of a command that calls `huoyan_host::child::serve`; `None`: the law `isolated` is not judged.
    pub child: Option<Vec<String>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            config: "{}".to_owned(),
            laws: Vec::new(),
            seed: 1,
            fixture: None,
            resources: Vec::new(),
            rows: 120,
            huge_rows: 100_000,
            time_limit: Duration::from_secs(60),
            memory_limit: 3 << 30,
            apart: None,
            child: None,
        }
    }
}

/// A law, for those who list them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LawInfo {
    /// Its id, such as `batches`.
    pub id: &'static str,
    /// Its name.
    pub name: Localized,
    /// What it demands.
    pub demands: Localized,
}

/// Every law, in the order in which they are judged.
pub fn laws() -> Vec<LawInfo> {
    laws::ALL.iter().map(|law| law.info()).collect()
}

/// Judges a plugin by every law that was asked for.
///
/// # Errors
/// When the file is no plugin or cannot be loaded, when there is no such law, when the configuration is no JSON object, or when
/// the fixture cannot be read; when a resource cannot be read, no detector takes it, or one that a detector needs is not given.
pub fn check(path: &Path, options: &Options) -> Result<Report, Localized> {
    let file = PluginFile::inspect(path).map_err(Localized::from)?.ok_or_else(|| {
        let at = path.display();
        Localized::new(
            format!("{at}：没有导出 huoyan 清单，不是插件"),
            format!("{at}: it exports no huoyan manifest, so it is no plugin"),
        )
    })?;
    let wanted = laws::wanted(&options.laws)?;
    if let Err(e) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&options.config) {
        return Err(Localized::new(
            format!("配置不是 JSON 对象：{e}；请写成 {{\"设置\": 值}}"),
            format!("the configuration is no JSON object: {e}; write it as {{\"setting\": value}}"),
        ));
    }
    let fixture = match &options.fixture {
        Some(path) => rows::read_fixture(path, &file.manifest)?,
        None => Vec::new(),
    };
    let resources = resources::read(&options.resources)?;
    resources::fit(&file.manifest.detectors, &file.resources, &resources)?;
    let head = (file.manifest.name.clone(), file.manifest.version.clone(), file.digest.clone());
    let (laws, gaps) = match &options.apart {
        Some(command) => apart::judge(path, options, &wanted, command)?,
        None => {
            let plugin = file.load().map_err(Localized::from)?;
            let trail = trail::Trail::default();
            let context =
                subject::Context { options, fixture: &fixture, resources: &resources, trail: &trail, in_children: &[] };
            let mut reports = Vec::new();
            for law in wanted {
                reports.extend(judge::law(&plugin, law, context)?);
            }
            (reports, Vec::new())
        }
    };
    let (plugin, version, digest) = head;
    Ok(Report { plugin, version, digest, seed: options.seed, laws, gaps })
}
