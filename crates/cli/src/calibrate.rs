//! `huoyan calibrate`: fits the scores of suspected reviews to what people decided.
//!
//! A model that was fitted on other shops ranks reviews well and still says 0.9 where one in three is malicious. People's decisions
//! on a shop's own reviews tell what each signal is worth there. What must stay true: the figures that are told come
//! from cases the model had not seen; a model that does worse is not written unasked; nothing is written when anything
//! is wrong; the same files give the same bytes.

mod measure;
mod refit;
mod reviews;
mod start;
mod told;

use std::io::Write as _;
use std::path::Path;

use huoyan_ledger::ModelFile;
use huoyan_ledger::fit::ENOUGH;
use huoyan_model::Locale;
use huoyan_pipeline::policy::read_decisions;

use self::refit::Refit;
use self::start::Start;
use crate::args::CalibrateArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(crate) fn run(args: &CalibrateArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let out = args.out.display();
    if args.out.exists() && (!args.force || args.out.is_dir()) {
        return Err(failure((
            format!("{out} 已存在，未做任何改动；请换一个文件名，或用 --force 覆盖"),
            format!("{out} is there already and was left as it is; choose another name, or replace it by --force"),
        )));
    }
    if let Some(share) = args.flag_at_most.filter(|share| !(0.0..=1.0).contains(share)) {
        return Err(failure((
            format!("--flag-at-most 应在 0 与 1 之间，而不是 {share}"),
            format!("--flag-at-most is a share between 0 and 1, not {share}"),
        )));
    }
    let start = start::read(args.model.as_deref(), &args.detector)?;
    let decisions = read_decisions(&args.decisions).map_err(failure)?;
    if decisions.is_empty() {
        let file = args.decisions.display();
        return Err(failure((format!("{file}：其中没有决定"), format!("{file}: there are no decisions in it"))));
    }
    let read = reviews::read(&args.from, &args.detector, &start.names, &decisions)?;
    for note in told::notes(&start, &read, &args.detector) {
        terminal.note(&format!("huoyan: {}", note.get(terminal.language())));
    }
    if read.reviews.iter().all(|review| review.decided.is_none()) {
        let (decisions, from) = (args.decisions.display(), args.from.display());
        return Err(failure((
            format!("{decisions} 中的决定都不涉及 {from} 中 {} 的发现", args.detector),
            format!("no decision in {decisions} is about a finding of {} in {from}", args.detector),
        )));
    }
    let refits = refit::refit(&start, &read.reviews, args.flag_at_most)?;
    let new = assemble(&start, &refits);
    let model = start.names.ready(&new)?;
    terminal.print(&told::report(&start, &refits, &read.reviews, &model, terminal.language()));
    if refits.iter().all(|refit| refit.fitted.is_none()) {
        return Err(failure((
            format!("判定的案例太少：恶意与正常至少各需 {ENOUGH} 条；未写出模型"),
            format!(
                "too few decided cases: at least {ENOUGH} malicious and {ENOUGH} genuine are needed; no model was written"
            ),
        )));
    }
    let contrary: Vec<&str> = refits
        .iter()
        .filter(|refit| refit.fitted.as_ref().is_some_and(|fitted| fitted.contrary))
        .map(|refit| start.names.sides[refit.side].as_str())
        .collect();
    if !contrary.is_empty() && !args.force {
        let sides = contrary.join(", ");
        return Err(failure((
            format!(
                "决定与分数相反（{sides}）：被判恶意的多半比被判正常的分数低，也许写反了；未写出，仍要写出请加 --force"
            ),
            format!(
                "the decisions run against the scores ({sides}): what was found malicious mostly scores lower than what was found genuine, perhaps they are the wrong way round; nothing was written, use --force to write it all the same"
            ),
        )));
    }
    let worse: Vec<&str> = refits
        .iter()
        .filter(|refit| refit.fitted.as_ref().is_some_and(|fitted| fitted.after.log_loss > fitted.before.log_loss))
        .map(|refit| start.names.sides[refit.side].as_str())
        .collect();
    if !worse.is_empty() {
        let sides = worse.join(", ");
        if !args.force {
            return Err(failure((
                format!("新模型在未见过的案例上不如旧模型（{sides}）；未写出，仍要写出请加 --force"),
                format!(
                    "the new model does worse than the old one on cases it has not seen ({sides}); it was not written, use --force to write it all the same"
                ),
            )));
        }
        terminal.note(&match terminal.language() {
            Locale::Zh => format!("huoyan: 警告：新模型在未见过的案例上不如旧模型（{sides}），因 --force 仍写出"),
            Locale::En => {
                format!("huoyan: warning: the new model does worse than the old one on cases it has not seen ({sides}); written because of --force")
            }
        });
    }
    let text = toml::to_string(&new).map_err(|e| failure(e.to_string()))?;
    write(&args.out, &text, args.force)
        .map_err(|e| failure((format!("{out}：无法写出：{e}"), format!("{out}: cannot be written: {e}"))))?;
    terminal.print(&told::how_to_use(&args.out, &args.detector, terminal.language()));
    Ok(Exit::Complete)
}

/// The old model with the sides that were fitted.
fn assemble(start: &Start, refits: &[Refit]) -> ModelFile {
    const BEFORE: &str = " Before: ";
    let mut new = start.file.clone();
    let mut fitted = Vec::new();
    for refit in refits {
        let side = &start.names.sides[refit.side];
        if let Some(from) = refit.fitted.as_ref().and_then(|fitted| fitted.file.sides.get(side)) {
            let [malicious, genuine] = refit.cases;
            fitted.push(format!("{side} to {malicious} malicious and {genuine} genuine"));
            new.sides.insert(side.clone(), from.clone());
        }
    }
    // A model that was calibrated before tells where it came from in the first place.
    let before = start.file.about.rsplit_once(BEFORE).map_or(start.file.about.as_str(), |(_, before)| before);
    new.about = format!("Refitted by huoyan calibrate: {}.{BEFORE}{before}", fitted.join(", "));
    new
}

/// Writes a file by renaming, so that a scan sees the old one or the new one.
fn write(path: &Path, text: &str, replace: bool) -> std::io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".huoyan-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    let kept = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map(drop).map_err(|error| error.error)
}
