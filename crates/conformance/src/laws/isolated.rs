//! What a detector says does not hang on what a child process of a scan has not.

use huoyan_model::Localized;

use super::{Breach, Law, common, silent};
use crate::rows::Row;
use crate::said::difference;
use crate::shape::Shape;
use crate::subject::{Context, InChild, Subject};

pub(crate) static LAW: Law = Law {
    id: "isolated",
    zh: "隔离",
    en: "isolated",
    demands_zh: "在扫描时所用的子进程里（无线程、文件、网络、环境变量）输出逐字节相同",
    demands_en: "in a child process as scans use it, without threads, files, network or environment, it gives the same bytes",
    moot,
    inputs: common,
    holds,
    // Where the two differ can only be seen by another process: see `apart`.
    shrinks: false,
    by_fixture: true,
    note: silent,
};

fn moot(subject: &Subject<'_>) -> Option<Localized> {
    if cfg!(not(unix)) {
        return Some(Localized::new("此平台没有这样的子进程", "this platform has no such child processes"));
    }
    (subject.options.apart.is_none() || subject.options.child.is_none())
        .then(|| Localized::new("只在独立进程中检验", "it is judged in a process of its own only"))
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let here = subject.play(rows, &Shape::default()).map_err(|stop| Breach::Elsewhere(stop.what))?;
    let (zh, en) = ("在隔离的子进程里", "in an isolated child process");
    match subject.in_child(rows) {
        Some(Ok(said)) => difference(&here, said, zh, en).map_or(Ok(()), |what| Err(Breach::here(what))),
        Some(Err(stop)) => {
            let why = &stop.what;
            Err(Breach::here(Localized::new(
                format!(
                    "{zh}失败：{}；那里没有线程、文件、网络与环境变量（不能没有时，须以 plugin trust --in-process 信任）",
                    why.zh
                ),
                format!(
                    "{en} it fails: {}; there are no threads, files, network or environment there (what cannot do without must be trusted with plugin trust --in-process)",
                    why.en
                ),
            )))
        }
        None => Err(Breach::Elsewhere(Localized::new("没有在子进程里运行过", "it was not played in a child process"))),
    }
}

/// Plays every detector in child processes: on `rows` where they are given, else on the inputs of the law. Nothing of the
/// plugin runs in this process, which may still start others.
#[cfg(unix)]
pub(crate) fn in_children(
    path: &std::path::Path,
    context: Context<'_>,
    rows: Option<&[Row]>,
) -> Result<Vec<InChild>, Localized> {
    let Some((program, arguments)) = context.options.child.as_deref().and_then(<[String]>::split_first) else {
        return Ok(Vec::new());
    };
    let Some(mut file) = huoyan_host::PluginFile::inspect(path).map_err(Localized::from)? else {
        return Ok(Vec::new());
    };
    file.isolation = huoyan_host::Isolation::Child;
    let settings = huoyan_host::ChildSettings {
        program: program.into(),
        arguments: arguments.to_vec(),
        time_limit: context.options.time_limit,
        memory_limit: context.options.memory_limit.min(huoyan_host::ChildSettings::MEMORY_LIMIT),
    };
    let plugin = file.load_with(&settings).map_err(Localized::from)?;
    let mut all = Vec::new();
    for spec in plugin.file().manifest.detectors.clone() {
        let subject = Subject::new(&plugin, &spec, context)?;
        context.trail.begin(&spec.name, &[]);
        for rows in rows.map_or_else(|| common(&subject), |rows| vec![rows.to_vec()]) {
            context.trail.step(&rows, None);
            let said = subject.play(&rows, &Shape::default());
            all.push(InChild { detector: spec.name.clone(), rows, said });
        }
    }
    Ok(all)
}

#[cfg(not(unix))]
pub(crate) fn in_children(_: &std::path::Path, _: Context<'_>, _: Option<&[Row]>) -> Result<Vec<InChild>, Localized> {
    Ok(Vec::new())
}
