//! The other side: what one law's process does.

use std::fs::File;
use std::path::Path;

use huoyan_host::PluginFile;
use huoyan_model::Localized;

use super::{Answer, Job, PLAIN, Task};
use crate::laws::{ALL, Breach};
use crate::shape::Shape;
use crate::subject::{Context, Subject};
use crate::trail::Trail;
use crate::{Options, judge as in_process, laws, resources, rows};

/// Does one job: what the command named in [`Options::apart`] calls with the two paths it is given.
///
/// # Errors
/// When the job cannot be read or the answer cannot be written.
pub fn serve(job: &Path, answer: &Path) -> std::io::Result<()> {
    use std::io::Write as _;
    let job: Job = serde_json::from_slice(&std::fs::read(job)?)?;
    // Later this process may open no file.
    let mut answer = File::create(answer)?;
    let said = work(&job).unwrap_or_else(Answer::Failed);
    answer.write_all(&serde_json::to_vec(&said)?)
}

fn work(job: &Job) -> Result<Answer, Localized> {
    let file = PluginFile::inspect(&job.plugin)
        .map_err(Localized::from)?
        .ok_or_else(|| Localized::new("不再是插件", "it is no plugin any more"))?;
    let law_of = |id: &str| {
        ALL.into_iter().find(|law| law.id == id).ok_or_else(|| Localized::from(format!("there is no law '{id}'")))
    };
    let read = |path: &Path| rows::read_fixture(path, &file.manifest);
    let fixture = job.options.fixture.as_deref().map_or(Ok(Vec::new()), read)?;
    let resources = resources::read(&job.options.resources)?;
    let (law, trail, tried) = match &job.task {
        Task::Judge { law, trail } => (Some(law_of(law)?), Some(trail.as_path()), None),
        Task::Try { law, rows, .. } => (Some(law_of(law)?), None, Some(read(rows)?)),
        Task::Plain => (None, None, None),
    };
    let trail = trail.map_or(Ok(Trail::default()), Trail::to).map_err(|e| {
        Localized::new(format!("无法写临时文件：{e}"), format!("no temporary file can be written: {e}"))
    })?;
    let mut context =
        Context { options: &job.options, fixture: &fixture, resources: &resources, trail: &trail, in_children: &[] };
    let in_children = match law {
        Some(law) if law.id == laws::ISOLATED.id => laws::in_children(&job.plugin, context, tried.as_deref())?,
        _ => Vec::new(),
    };
    context.in_children = &in_children;
    laws::open_what_is_measured();
    limit(&job.options);
    let gaps = give_up(&file.library_path());
    let plugin = file.load().map_err(Localized::from)?;
    match &job.task {
        Task::Judge { law, .. } => in_process::law(&plugin, law_of(law)?, context).map(Answer::Judged),
        Task::Try { law, detector, .. } => {
            let law = law_of(law)?;
            let spec = plugin
                .file()
                .manifest
                .detector(detector)
                .ok_or_else(|| Localized::from(format!("there is no detector '{detector}'")))?;
            let subject = Subject::new(&plugin, spec, context)?;
            let wrong = match (law.holds)(&subject, tried.as_deref().unwrap_or_default()) {
                Err(Breach::Here { what, .. }) => Some(what),
                _ => None,
            };
            Ok(Answer::Tried { wrong })
        }
        Task::Plain => {
            for spec in &plugin.file().manifest.detectors {
                let subject = Subject::new(&plugin, spec, context)?;
                // Whatever it answers: here it only counts that it does.
                let _ = subject.play(&subject.generated(PLAIN, "rows"), &Shape::default());
            }
            Ok(Answer::Played(gaps))
        }
    }
}

/// Bounds this process for good: it exists for one job.
#[cfg(unix)]
fn limit(options: &Options) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let bound = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    // Where the system refuses a limit, the time limit still stands.
    let _ = setrlimit(Resource::Core, bound(0));
    // What it prints must not fill a disk; the longest answer is far shorter.
    let _ = setrlimit(Resource::Fsize, bound(1 << 30));
    // One system takes no such limit.
    if cfg!(not(target_os = "macos")) {
        let _ = setrlimit(Resource::As, bound(options.memory_limit));
    }
}

#[cfg(not(unix))]
fn limit(_: &Options) {}

/// What the platform does not keep from the plugin.
fn give_up(library: &Path) -> Vec<Localized> {
    #[cfg(unix)]
    return huoyan_host::child::confine(library).into_iter().map(|gap| gap.text().clone()).collect();
    #[cfg(not(unix))]
    {
        let _ = library;
        vec![Localized::new("此系统不限制插件", "this system denies a plugin nothing")]
    }
}
