//! `huoyan appeal build`: the signed bundle of a case, for its target.

use std::collections::BTreeSet;
use std::path::Path;

use huoyan_dossier::assemble::{Built, Machine, Options, Treatment, assemble};
use huoyan_dossier::bundle::{Component, Sha256, SigningKey};
use huoyan_dossier::case::Case;
use huoyan_dossier::lint::ExhibitId;
use huoyan_dossier::package::{Target, Targets};
use huoyan_dossier::page::Document;
use huoyan_dossier::privacy::{Profile, Recipient};
use huoyan_model::{Locale, Localized};
use huoyan_report::sanitise;

use super::counted::Numbers;
use super::papers::Read;
use super::{key, named, pdf, time};
use crate::args::appeal::BuildArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &BuildArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let now = time::now(&args.clock)?;
    let store = super::open(&args.case, terminal)?;
    // The bundle speaks Chinese, as those who read it do, whatever the terminal speaks.
    let locale = terminal.locale(Some(Locale::Zh));
    let target = target(args.target.as_deref().unwrap_or(&store.case().target))?;
    // What is written says where it goes now; the case itself keeps where it was opened for.
    let case = Case { target: target.id.clone(), ..store.case().clone() };
    let mut seal_to = Vec::new();
    for key in &args.seal_to {
        seal_to.push(key.parse::<Recipient>().map_err(|_| {
            failure((
                format!("--seal-to {key}：不是 age 公钥；请给出以 age1 开头的公钥（age-keygen 可生成）"),
                format!("--seal-to {key}: no age public key; give one that begins with age1 (age-keygen makes them)"),
            ))
        })?);
    }
    let mut as_is = BTreeSet::new();
    for id in &args.as_is {
        as_is.insert(exhibit("--as-is", id)?);
    }
    let key = key::signing(&args.key)?;
    outside(&args.out, store.root())?;
    let options = Options {
        key: &key,
        case_key: store.key().map_err(|e| failure(e.message()))?,
        limits: target.limits(),
        profile: profile(&args.profile)?,
        now,
        locale,
        seal_to,
        as_is,
        machine: machine(time::source(&args.clock), &args.operator),
        mail_to: target.mail.clone().unwrap_or_default(),
    };
    let render = |document: &Document, figures: &Path| match &args.pdf {
        Some(program) => pdf::render(program, document, figures),
        None => Err(Localized::default()),
    };
    let numbers = Numbers::read(&args.counted)?;
    let fingerprint = key.public().fingerprint();
    let read = Read::new(&store, &case, numbers.tables(), now, locale)?;
    let mut papers = read.papers(&fingerprint);
    if args.pdf.is_some() {
        papers.pdf = Some(&render);
    }
    let built = assemble(&case, store.root(), &papers, &options, &args.out).map_err(failure)?;
    tell(&built, &key, &args.out, terminal);
    Ok(Exit::Complete)
}

/// A bundle within the case's folder would be taken for a part of the case.
fn outside(out: &Path, case: &Path) -> Result<(), Failure> {
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A parent that is not there is told by what makes the bundle.
    let (Ok(parent), Ok(case)) = (parent.canonicalize(), case.canonicalize()) else { return Ok(()) };
    if parent.starts_with(&case) {
        let why = ("在案件文件夹之内；请放到别处", "it lies within the case's folder; name a place outside");
        return Err(super::of_file(out, &why.into()));
    }
    Ok(())
}

/// A profile by its name.
pub(super) fn profile(name: &str) -> Result<Profile, Failure> {
    const NAMES: [&str; 3] = ["platform", "confidential", "public"];
    Profile::named(name).ok_or_else(|| named("--profile", name, NAMES.into_iter()))
}

pub(super) fn target(id: &str) -> Result<&'static Target, Failure> {
    let targets = Targets::built_in();
    targets.get(id).ok_or_else(|| named("--target", id, targets.iter().map(|target| target.id.as_str())))
}

/// An exhibit's number on the command line.
pub(super) fn exhibit(option: &str, text: &str) -> Result<ExhibitId, Failure> {
    ExhibitId::parse(text.trim()).ok_or_else(|| {
        failure((format!("{option} {text}：证据编号的写法是 E01"), format!("{option} {text}: write an exhibit as E01")))
    })
}

/// The tool and this machine, for `environment.json`.
pub(super) fn machine(clock_source: &str, operator: &str) -> Machine {
    let own = std::env::current_exe()
        .ok()
        .and_then(|path| std::fs::read(path).ok())
        .map(|bytes| format!("sha256:{}", Sha256::of(&bytes)));
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Machine {
        tool: Component { name: "huoyan".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), digest: own },
        os: format!("{} {} {}", std::env::consts::OS, std::env::consts::ARCH, release.trim()).trim().to_owned(),
        clock_source: clock_source.to_owned(),
        operator: operator.to_owned(),
    }
}

fn tell(built: &Built, key: &SigningKey, out: &Path, terminal: &Terminal) {
    let locale = terminal.language();
    let l = |zh: String, en: String| Localized::new(zh, en).get(locale).to_owned();
    let mut text = String::new();
    for part in &built.parts {
        let path = part.path.display();
        text.push_str(&l(
            format!("{path}  第 {}/{} 卷，{} 个文件，{} 字节\n", part.number, part.of, part.files, part.bytes),
            format!("{path}  part {} of {}, {} files, {} bytes\n", part.number, part.of, part.files, part.bytes),
        ));
    }
    for draft in &built.drafts {
        let draft = draft.display();
        text.push_str(&l(format!("{draft}  邮件草稿\n"), format!("{draft}  mail draft\n")));
    }
    terminal.print(&text);
    let count = |treatment| built.copies.iter().filter(|note| note.treatment == treatment).count();
    let (redacted, transcribed) = (count(Treatment::Redacted), count(Treatment::Transcribed));
    let (covered, stripped) = (count(Treatment::Covered), count(Treatment::Stripped));
    let (same, withheld) = (count(Treatment::Identical) + count(Treatment::AsIs), count(Treatment::Withheld));
    let values = built.redactions;
    terminal.note(&l(
        format!(
            "证据 {} 项：遮盖副本 {redacted}、转写 {transcribed}、涂黑 {covered}、去元数据 {stripped}、原样 {same}、未附上 {withheld}；共替换 {values} 处；\
             已替换的值在可读内容中未再出现",
            built.copies.len()
        ),
        format!(
            "{} exhibits: {redacted} redacted, {transcribed} transcribed, {covered} covered, {stripped} stripped of metadata, {same} as they are, {withheld} left out; \
             {values} values replaced; none of them stands in what could be looked into",
            built.copies.len()
        ),
    ));
    if !built.unseen.is_empty() {
        let names = |mark: &str| sanitise(&built.unseen.join(mark)).into_owned();
        terminal.note(&l(
            format!("注意：以下文件未能（完全）查看其内容，请自行确认：{}", names("、")),
            format!("note: these files could not be looked into, or not wholly; make sure of them: {}", names(", ")),
        ));
    }
    for warning in &built.warnings {
        let warning = sanitise(warning.get(locale)).into_owned();
        terminal.note(&l(format!("注意：{warning}"), format!("note: {warning}")));
    }
    let fingerprint = key.public().fingerprint();
    let out = out.display();
    terminal.note(&l(
        format!("签名公钥指纹 {fingerprint}\n核验：huoyan appeal verify {out} --key KEY.pub"),
        format!("signed with {fingerprint}\nverify: huoyan appeal verify {out} --key KEY.pub"),
    ));
}
