//! `huoyan plugin new`: a plugin that builds, tests and passes as it is, to start from.

mod files;
mod name;

use std::io;
use std::path::{Path, PathBuf};

use crate::args::plugin::{LanguageArg, NewPluginArgs};
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;
use huoyan_model::Locale;

use self::files::files;
use self::name::Name;

pub(super) fn run(args: &NewPluginArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let name = Name::parse(&args.name)?;
    let folder = args.out.clone().unwrap_or_else(|| PathBuf::from(name.kebab()));
    let sdk = match args.lang {
        LanguageArg::Rust => Some(Sdk::find(args.sdk.as_deref())?),
        LanguageArg::C => None,
    };
    write(&folder, &files(&name, args.stage, args.lang, sdk.as_ref()))?;
    let (shown, library) = (huoyan_host::quoted(&folder), name.snake());
    let (test, build, dir) = match args.lang {
        LanguageArg::Rust => ("cargo test", "cargo build --release", "target/release"),
        LanguageArg::C => ("make test", "make", "build"),
    };
    let file = format!("{dir}/{}{library}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let locale = terminal.locale(None);
    let from = sdk.map(|sdk| sdk.told(locale)).unwrap_or_default();
    terminal.print(&match locale {
        Locale::Zh => format!(
            "已写好 {shown}\n{from}接下来：\n  cd {shown}\n  {test}\n  {build}\n  huoyan plugin conformance {file}\n"
        ),
        Locale::En => format!(
            "written: {shown}\n{from}next:\n  cd {shown}\n  {test}\n  {build}\n  huoyan plugin conformance {file}\n"
        ),
    });
    Ok(Exit::Complete)
}

/// Where the new crate takes the SDK from.
enum Sdk {
    /// A folder of sources.
    Folder(PathBuf),
    /// The registry, with the version of this command.
    Registry,
}

impl Sdk {
    /// The folder that was named; else the one that this command was built from, while it is there; else the registry.
    fn find(named: Option<&Path>) -> Result<Self, Failure> {
        let is_sdk = |folder: &Path| {
            let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            manifest.lines().any(|line| line.trim() == "name = \"huoyan-sdk\"")
        };
        if let Some(folder) = named {
            // A whole checkout is understood too.
            let inside = folder.join("crates").join("sdk");
            let folder = if is_sdk(&inside) { inside } else { folder.to_owned() };
            if !is_sdk(&folder) {
                return Err(failure((
                    format!(
                        "{} 不是 SDK 的源码文件夹；请给出含 huoyan-sdk 的 Cargo.toml 的文件夹（crates/sdk）",
                        folder.display()
                    ),
                    format!(
                        "{} is no source folder of the SDK; name the folder with the Cargo.toml of huoyan-sdk (crates/sdk)",
                        folder.display()
                    ),
                )));
            }
            let whole = folder.canonicalize().map_err(|e| cannot(&folder, &e))?;
            return Ok(Self::Folder(whole));
        }
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("sdk");
        Ok(match built_from.canonicalize() {
            Ok(folder) if is_sdk(&folder) => Self::Folder(folder),
            _ => Self::Registry,
        })
    }

    /// The dependency, as Cargo.toml says it.
    fn dependency(&self, testkit: bool) -> String {
        let place = match self {
            Self::Folder(folder) => format!("path = {}", toml::Value::from(folder.to_string_lossy().into_owned())),
            Self::Registry => {
                // A caret requirement of a 0.x version takes its patches only.
                let version: Vec<&str> = env!("CARGO_PKG_VERSION").split('.').take(2).collect();
                format!("version = \"{}\"", version.join("."))
            }
        };
        if testkit { format!("{{ {place}, features = [\"testkit\"] }}") } else { format!("{{ {place} }}") }
    }

    fn told(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Folder(folder), Locale::Zh) => format!("SDK 取自 {}（--sdk 可换）\n", folder.display()),
            (Self::Folder(folder), Locale::En) => {
                format!("the SDK is that in {} (--sdk names another)\n", folder.display())
            }
            (Self::Registry, Locale::Zh) => "SDK 取自公共包仓库（--sdk 可指定源码文件夹）\n".to_owned(),
            (Self::Registry, Locale::En) => {
                "the SDK is that of the package registry (--sdk names a folder of sources)\n".to_owned()
            }
        }
    }
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    failure((
        format!("{}：无法写入或读取：{error}；可用 --out 指定其他文件夹", path.display()),
        format!("{}: cannot be written or read: {error}; --out names another folder", path.display()),
    ))
}

/// Writes all files, or none: they are written beside the place and moved there at the end.
fn write(folder: &Path, files: &[(String, String)]) -> Result<(), Failure> {
    if folder.symlink_metadata().is_ok() {
        return Err(failure((
            format!("{} 已存在；请换一个名字，或用 --out 指定其他文件夹", folder.display()),
            format!("{} exists already; take another name, or another folder with --out", folder.display()),
        )));
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new().prefix(".huoyan-new-").tempdir_in(parent);
    // Its own text names a folder that nobody asked for.
    let beside = beside.map_err(|e| cannot(parent, &e.kind().into()))?;
    // Its own folder within, which has the usual permissions, unlike a temporary one.
    let made = beside.path().join("plugin");
    for (path, text) in files {
        let path = made.join(path);
        let within = path.parent().unwrap_or(&made);
        std::fs::create_dir_all(within).and_then(|()| std::fs::write(&path, text)).map_err(|e| cannot(&path, &e))?;
    }
    std::fs::rename(&made, folder).map_err(|e| cannot(folder, &e))
}
