//! `huoyan gallery`: reference pictures of a brand.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, stdin, stdout};
use std::path::{Path, PathBuf};

use huoyan_host::MappedFile;
use huoyan_model::{Locale, Localized};
use huoyan_report::sanitise;
use huoyan_vision::gallery::{
    self, Added, Entry, Gallery, GalleryError, Options, Prepared, Report, Store, build, prepare, read_hashes, stem,
    write_hashes,
};

use crate::args::{GalleryArgs, GalleryCommand};
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(crate) fn run(args: &GalleryArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        GalleryCommand::Build { dir, out } => make(dir, out, terminal),
        GalleryCommand::Add { gallery, pictures, item, brand } => {
            add(gallery, pictures, item.as_deref(), brand.as_deref(), terminal)
        }
        GalleryCommand::Remove { gallery, files, items, brands } => remove(gallery, [files, items, brands], terminal),
        GalleryCommand::List { gallery } => list(gallery, terminal),
        GalleryCommand::Verify { gallery } => verify(gallery, terminal),
        GalleryCommand::Import { gallery, list, brand } => {
            import(gallery, list, brand.as_deref().unwrap_or_default(), terminal)
        }
        GalleryCommand::Export { gallery, out } => export(gallery, out.as_deref(), terminal),
    }
}

/// Opens a gallery, read in place.
pub(crate) fn open(dir: &Path) -> Result<Gallery<MappedFile>, Failure> {
    Gallery::open_folder(dir, MappedFile::open).map_err(|e| explained(dir, e))
}

/// What went wrong with a gallery, in both languages.
pub(crate) fn explained(dir: &Path, error: GalleryError) -> Failure {
    let zh = match &error {
        GalleryError::Format(why) => format!("不是可用的图片库（{why}），请用 huoyan gallery build 重新生成"),
        GalleryError::Digest(part) => format!("图片库内容（{part}）与其摘要不符，文件已被改动或损坏，请重新生成"),
        GalleryError::Table(why) => format!("列表无法使用：{why}"),
        GalleryError::NoPictures(dir) => {
            format!("'{}' 中没有可用的图片，请放入 JPEG、PNG、WebP、GIF 或 BMP 文件", dir.display())
        }
        GalleryError::Occupied(path) => {
            format!("'{}' 已存在且不是图片库，未做任何改动，请换一个位置", path.display())
        }
        GalleryError::Busy(path) => format!("另一个程序正在修改 '{}'，请稍后再试", path.display()),
        GalleryError::TooLarge(what) => format!("图片库容纳不下：{what}，请分成两个"),
        GalleryError::Io(path, e) => format!("'{}'：{e}", path.display()),
        other => other.to_string(),
    };
    let en = error.to_string();
    failure(Localized { zh: format!("{}：{zh}", dir.display()), en: format!("{}: {en}", dir.display()) })
}

fn make(dir: &Path, out: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let report = build(dir, out, &Options::default(), MappedFile::open).map_err(|e| explained(out, e))?;
    note_left_out(&report, terminal);
    summary(out, &open(out)?, terminal);
    Ok(Exit::Complete)
}

fn add(
    dir: &Path,
    pictures: &[PathBuf],
    item: Option<&str>,
    brand: Option<&str>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let mut store = Store::open(dir, MappedFile::open).map_err(|e| explained(dir, e))?;
    let options = Options::default();
    let (folders, files): (Vec<_>, Vec<_>) = pictures.iter().partition(|path| path.is_dir());
    if !folders.is_empty() && (item.is_some() || brand.is_some()) {
        return Err(failure((
            "--item 与 --brand 只用于单张图片；文件夹请用其中的 gallery.csv 说明",
            "--item and --brand are for single pictures; a folder says it in its gallery.csv",
        )));
    }
    // All files are read before anything is changed.
    let mut singles: Vec<Prepared> = Vec::new();
    let mut names = BTreeSet::new();
    for path in files {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !names.insert(file.clone()) {
            return Err(failure((
                format!("两张图片同名“{file}”，请分别添加"),
                format!("two of the pictures are called '{file}'; add them apart"),
            )));
        }
        // What takes the place of another shows what that one showed, unless it is said otherwise.
        let plain = || Entry { item: stem(&file).to_owned(), brand: String::new(), file: file.clone() };
        let mut entry = store.known(&file).unwrap_or_else(plain);
        entry.item = item.map_or(entry.item, str::to_owned);
        entry.brand = brand.map_or(entry.brand, str::to_owned);
        let bytes = gallery::read(path, &options.limits).map_err(|e| failure(format!("{}: {e}", path.display())))?;
        let picture = prepare(entry, &bytes, &options.limits);
        singles.push(picture.map_err(|e| failure(format!("{}: {e}", path.display())))?);
    }
    let mut added = Added::default();
    for folder in folders {
        let report = gallery::add(&mut store, folder, &options).map_err(|e| explained(folder, e))?;
        note_left_out(&report, terminal);
        note_inherited(&report, terminal);
        count(&mut added, report.added);
    }
    count(&mut added, store.add(&singles).map_err(|e| explained(dir, e))?);
    note_added(added, terminal);
    summary(dir, store.gallery(), terminal);
    Ok(Exit::Complete)
}

fn remove(dir: &Path, [files, items, brands]: [&[String]; 3], terminal: &Terminal) -> Result<Exit, Failure> {
    if files.is_empty() && items.is_empty() && brands.is_empty() {
        return Err(failure((
            "请用 --file、--item 或 --brand 指明要移除的图片",
            "say which pictures by --file, --item or --brand",
        )));
    }
    let mut store = Store::open(dir, MappedFile::open).map_err(|e| explained(dir, e))?;
    let files: BTreeSet<&String> = files.iter().collect();
    let mut missing: Vec<&String> = files.iter().copied().filter(|file| store.known(file).is_none()).collect();
    let named = |names: &[String], name: &str| names.iter().any(|n| n == name);
    for name in items.iter().filter(|item| store.gallery().pictures().all(|(_, p)| p.item != **item)) {
        missing.push(name);
    }
    for name in brands.iter().filter(|brand| store.gallery().pictures().all(|(_, p)| p.brand != **brand)) {
        missing.push(name);
    }
    let mut gone = 0;
    for file in files {
        gone += usize::from(store.remove_named(file).map_err(|e| explained(dir, e))?);
    }
    if !items.is_empty() || !brands.is_empty() {
        let chosen = store.remove(|p| named(items, p.item) || named(brands, p.brand));
        gone += chosen.map_err(|e| explained(dir, e))?;
    }
    terminal.note(&match terminal.language() {
        Locale::Zh => format!("移除 {gone} 张"),
        Locale::En => format!("removed {gone}"),
    });
    summary(dir, store.gallery(), terminal);
    if missing.is_empty() {
        return Ok(Exit::Complete);
    }
    let missing: Vec<_> = missing.into_iter().map(|name| sanitise(name)).collect();
    Err(failure((
        format!("图片库中没有：{}", missing.join("、")),
        format!("not in the gallery: {}", missing.join(", ")),
    )))
}

fn list(dir: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let gallery = open(dir)?;
    let mut out = String::new();
    for (_, picture) in gallery.pictures() {
        let _ = writeln!(
            out,
            "{}\t{}\t{}\t{}x{}\tq{}\t{}",
            sanitise(picture.item),
            sanitise(picture.brand),
            sanitise(picture.file),
            picture.width,
            picture.height,
            picture.quality,
            picture.hash
        );
        if out.len() > 1 << 20 {
            terminal.print(&out);
            out.clear();
        }
    }
    terminal.print(&out);
    Ok(Exit::Complete)
}

fn verify(dir: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let gallery = open(dir)?;
    gallery.verify().map_err(|e| explained(dir, e))?;
    terminal.print(&match terminal.language() {
        Locale::Zh => format!("完好：{} 张图片，摘要 {}\n", gallery.len(), gallery.digest()),
        Locale::En => format!("intact: {} pictures, digest {}\n", gallery.len(), gallery.digest()),
    });
    Ok(Exit::Complete)
}

fn import(dir: &Path, list: &Path, brand: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    // Nothing is made before there is a hash to put into it.
    let mut store = None;
    let mut added = Added::default();
    let mut failed = None;
    let mut take = |pictures: Vec<Prepared>| {
        let mut put = || {
            let store = match &mut store {
                Some(store) => store,
                None => store.insert(Store::open_or_create(dir, MappedFile::open)?),
            };
            store.add(&pictures)
        };
        let more = put().inspect_err(|_| failed = Some(dir))?;
        count(&mut added, more);
        Ok(())
    };
    let refused = if list == Path::new("-") {
        read_hashes(stdin().lock(), brand, &mut take)
    } else {
        let file = File::open(list).map_err(|e| failure(format!("{}: {e}", list.display())))?;
        read_hashes(BufReader::new(file), brand, &mut take)
    };
    let refused = refused.map_err(|e| explained(failed.unwrap_or(list), e))?;
    for (line, why) in refused.iter().take(SHOWN) {
        let why = sanitise(why);
        terminal.note(&match terminal.language() {
            Locale::Zh => format!("第 {line} 行未收入：{why}"),
            Locale::En => format!("line {line} left out: {why}"),
        });
    }
    if refused.len() > SHOWN {
        let more = refused.len() - SHOWN;
        terminal.note(&match terminal.language() {
            Locale::Zh => format!("另有 {more} 行未收入"),
            Locale::En => format!("{more} more lines left out"),
        });
    }
    note_added(added, terminal);
    if let Some(store) = store {
        summary(dir, store.gallery(), terminal);
    }
    Ok(Exit::Complete)
}

/// Lines that were left out are named up to this many.
const SHOWN: usize = 20;

fn export(dir: &Path, out: Option<&Path>, terminal: &Terminal) -> Result<Exit, Failure> {
    let gallery = open(dir)?;
    let written = match out {
        Some(path) => File::create(path).and_then(|file| write_hashes(&gallery, file)),
        None => match write_hashes(&gallery, stdout().lock()) {
            // A reader that went away early is no error.
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
            other => other,
        },
    };
    let left_out = written.map_err(|e| failure(format!("{}: {e}", out.unwrap_or(Path::new("stdout")).display())))?;
    if left_out > 0 {
        terminal.note(&match terminal.language() {
            Locale::Zh => format!("{left_out} 张图片没有可用的哈希，未写出"),
            Locale::En => format!("{left_out} pictures have no usable hash and were left out"),
        });
    }
    Ok(Exit::Complete)
}

fn count(all: &mut Added, more: Added) {
    all.new += more.new;
    all.replaced += more.replaced;
    all.unchanged += more.unchanged;
}

fn note_left_out(report: &Report, terminal: &Terminal) {
    let locale = terminal.language();
    for skipped in &report.skipped {
        let (file, reason) = (sanitise(&skipped.file), sanitise(&skipped.reason));
        terminal.note(&match locale {
            Locale::Zh => format!("未收入 {file}：{reason}"),
            Locale::En => format!("left out {file}: {reason}"),
        });
    }
    for file in &report.unmatched {
        let file = sanitise(file);
        terminal.note(&match locale {
            Locale::Zh => format!("gallery.csv 提到的 {file} 不存在"),
            Locale::En => format!("gallery.csv names {file}, which is not there"),
        });
    }
}

/// Pictures that took the place of others and show what those showed, named so that a slip is seen.
fn note_inherited(report: &Report, terminal: &Terminal) {
    let locale = terminal.language();
    for entry in report.inherited.iter().take(SHOWN) {
        let [file, item, brand] = [&entry.file, &entry.item, &entry.brand].map(|name| sanitise(name));
        terminal.note(&match locale {
            Locale::Zh => format!("{file} 沿用库中同名图片的说明：条目 {item}，品牌 {brand}"),
            Locale::En => format!("{file} keeps what the picture of its name showed: item {item}, brand {brand}"),
        });
    }
    if report.inherited.len() > SHOWN {
        let more = report.inherited.len() - SHOWN;
        terminal.note(&match locale {
            Locale::Zh => format!("另有 {more} 张图片沿用库中的说明"),
            Locale::En => format!("{more} more pictures keep what those of their names showed"),
        });
    }
}

fn note_added(Added { new, replaced, unchanged }: Added, terminal: &Terminal) {
    terminal.note(&match terminal.language() {
        Locale::Zh => format!("新增 {new}，替换 {replaced}，未变 {unchanged}"),
        Locale::En => format!("added {new}, replaced {replaced}, unchanged {unchanged}"),
    });
}

fn summary<B: AsRef<[u8]>>(dir: &Path, gallery: &Gallery<B>, terminal: &Terminal) {
    let (pictures, bytes, digest) = (gallery.len(), gallery.size(), gallery.digest());
    terminal.note(&match terminal.language() {
        Locale::Zh => format!("{}：{pictures} 张图片，{bytes} 字节，摘要 {digest}", dir.display()),
        Locale::En => format!("{}: {pictures} pictures, {bytes} bytes, digest {digest}", dir.display()),
    });
}
