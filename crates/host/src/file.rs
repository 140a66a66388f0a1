//! What a plugin file says of itself, read without loading it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use huoyan_abi::{self as abi, ENTRY_SYMBOL, MANIFEST_SYMBOL, RESOURCES_SYMBOL};
use huoyan_model::{AbiVersion, Isolation, Localized, Manifest, RuleInfo};
use object::{ExportTarget, Object, ObjectSegment};

use crate::{Fault, HostError, Plugin, PluginImage, ResourceData, ffi, read_rule_pack};

/// The ABI this host speaks.
const HOST_ABI: AbiVersion = AbiVersion { major: abi::ABI_MAJOR, minor: abi::ABI_MINOR };

/// Why a plugin may run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// The caller named the file, and answers for it.
    #[default]
    Named,
    /// It came with the command.
    Bundled,
    /// A lock lists its digest.
    Listed {
        /// BLAKE3 of the lock's file, in hexadecimal.
        lock: String,
    },
}

/// A plugin file that has been looked into but not loaded.
#[derive(Clone)]
pub struct PluginFile {
    /// Where it lies.
    pub path: PathBuf,
    /// BLAKE3 of the file, in hexadecimal.
    pub digest: String,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The resources it carries.
    pub resources: Vec<ResourceData>,
    /// The verified copy, which all of the above comes from and which is what is loaded.
    pub image: Arc<PluginImage>,
    /// Where its code runs.
    pub isolation: Isolation,
    /// Why it may run.
    pub trust: Trust,
}

impl PluginFile {
    /// Looks into a file. `None` when it is no library or exports no huoyan manifest.
    ///
    /// # Errors
    /// When it is a huoyan plugin but a broken one, or one of another ABI.
    pub fn inspect(path: &Path) -> Result<Option<Self>, HostError> {
        let image = Arc::new(PluginImage::read(path)?);
        Self::of_image(path, image).map_err(|what| HostError::new(path, what))
    }

    fn of_image(path: &Path, image: Arc<PluginImage>) -> Result<Option<Self>, Localized> {
        let Some((manifest, resources)) = look_into(image.as_slice())? else { return Ok(None) };
        let digest = image.digest().to_owned();
        let (isolation, trust) = (Isolation::default(), Trust::default());
        Ok(Some(Self { path: path.to_owned(), digest, manifest, resources, image, isolation, trust }))
    }

    /// The path by which this process loads the verified copy; [`Self::path`] is where the file lay.
    pub fn library_path(&self) -> PathBuf {
        self.image.library_path()
    }

    /// Loads the library where [`Self::isolation`] says. In children it is loaded when a detector is made.
    ///
    /// # Errors
    /// As for [`Self::load`], and when this platform has no child processes of the kind.
    #[cfg(unix)]
    pub fn load_with(self, settings: &crate::ChildSettings) -> Result<Plugin, HostError> {
        match self.isolation {
            Isolation::InProcess => self.load(),
            Isolation::Child => Ok(Plugin::in_children(self, settings.clone())),
        }
    }

    /// Loads the library into this process, for good.
    ///
    /// # Errors
    /// When the system cannot load it, its code is of another ABI than its manifest says, or it is to run in child processes.
    pub fn load(self) -> Result<Plugin, HostError> {
        if self.isolation == Isolation::Child {
            let way_out = (
                "它须在子进程中运行，而这里无法启动；请用 `huoyan plugin trust --in-process` 信任它，或改用 Unix 系统",
                "it is to run in child processes, which cannot be started here; trust it with `huoyan plugin trust \
                 --in-process`, or use a Unix system",
            );
            return Err(HostError::new(&self.path, way_out));
        }
        let table = self.table().map_err(|what| HostError::new(&self.path, what))?;
        let built = AbiVersion { major: table.abi_major, minor: table.abi_minor };
        if built != self.manifest.abi {
            let said = self.manifest.abi;
            return Err(HostError::new(
                &self.path,
                (
                    format!("它的代码属于 ABI {built}，而清单写的是 {said}；请把清单改为 {built}"),
                    format!("its code is of ABI {built} but its manifest says {said}; make the manifest say {built}"),
                ),
            ));
        }
        Ok(Plugin::here(self, table))
    }

    /// The table of the library: opened once for the same bytes, since a library is never closed.
    fn table(&self) -> Result<&'static abi::Plugin, Fault> {
        type Opened = BTreeMap<String, (&'static abi::Plugin, Option<Arc<PluginImage>>)>;
        // On Linux the images stay too: the loader knows a library by its path, and that of an open file names another one when it is closed.
        // Elsewhere no other file comes to have the path, and the folder must go with the run.
        static OPENED: Mutex<Opened> = Mutex::new(BTreeMap::new());
        let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((table, _)) = opened.get(&self.digest) {
            return Ok(table);
        }
        let table = ffi::load(&self.library_path(), &self.path)?;
        let kept = cfg!(target_os = "linux").then(|| Arc::clone(&self.image));
        opened.insert(self.digest.clone(), (table, kept));
        Ok(table)
    }

    /// The rules of a set of resources: every rule of every pack among them.
    ///
    /// # Errors
    /// When a pack cannot be read.
    pub fn rules_of(&self, resources: &[ResourceData]) -> Result<BTreeMap<String, RuleInfo>, HostError> {
        let mut rules = BTreeMap::new();
        for resource in resources.iter().filter(|r| is_rule_pack(&r.name)) {
            let pack =
                read_rule_pack(&resource.name, resource.as_slice()).map_err(|e| HostError::new(&self.path, e))?;
            for rule in pack {
                if let Some(twice) = rules.insert(rule.id.clone(), rule) {
                    let what = (
                        format!("规则 '{}' 出现在两个规则包中；请只留一个", twice.id),
                        format!("rule '{}' stands in two rule packs; keep one", twice.id),
                    );
                    return Err(HostError::new(&self.path, what));
                }
            }
        }
        Ok(rules)
    }
}

/// What the bytes of a library say of the plugin in it: its manifest and the resources it carries. None when they are no library or export
/// no manifest.
///
/// # Errors
/// When it is a plugin but a broken one, or one of another ABI.
pub fn look_into(bytes: &[u8]) -> Result<Option<(Manifest, Vec<ResourceData>)>, Localized> {
    let Ok(library) = object::File::parse(bytes) else { return Ok(None) };
    let Some(manifest) = exported(&library, MANIFEST_SYMBOL) else { return Ok(None) };
    let json = abi::read_manifest(manifest).map_err(|e| {
        Localized::new(
            format!("无法读取它的清单：{e}；请重新构建"),
            format!("its manifest cannot be read: {e}; rebuild it"),
        )
    })?;
    check_abi(json)?;
    let manifest = Manifest::parse(json)?;
    if exported(&library, ENTRY_SYMBOL).is_none() {
        return Err(Localized::new(
            format!("它没有导出函数 '{ENTRY_SYMBOL}'；请用插件 SDK 构建"),
            format!("it exports no function '{ENTRY_SYMBOL}'; build it with the plugin SDK"),
        ));
    }
    let mut resources = Vec::new();
    if let Some(blob) = exported(&library, RESOURCES_SYMBOL) {
        abi::read_resources(blob, |name, data| resources.push(ResourceData::copy(name, data))).map_err(|e| {
            Localized::new(
                format!("无法读取它的资源：{e}；请重新构建"),
                format!("its resources cannot be read: {e}; rebuild it"),
            )
        })?;
    }
    Ok(Some((manifest, resources)))
}

fn is_rule_pack(name: &str) -> bool {
    name == "rules" || name.starts_with("rules/")
}

/// Looks at the version alone first: a manifest of another ABI need not have today's other fields.
fn check_abi(json: &[u8]) -> Result<(), Localized> {
    #[derive(serde::Deserialize)]
    struct OnlyAbi {
        name: Option<String>,
        abi: AbiVersionLoose,
    }
    #[derive(serde::Deserialize)]
    struct AbiVersionLoose {
        major: u32,
        minor: u32,
    }
    let only: OnlyAbi = serde_json::from_slice(json).map_err(|e| {
        Localized::new(
            format!("清单无效：{e}；请改正 manifest.json 后重新构建"),
            format!("the manifest is not valid: {e}; mend manifest.json and rebuild"),
        )
    })?;
    let built = AbiVersion { major: only.abi.major, minor: only.abi.minor };
    // A name of an unchecked manifest may be of any length.
    let name: String = only.name.unwrap_or_default().chars().take(64).collect();
    if serves(HOST_ABI, built) {
        return Ok(());
    }
    let (zh, en) = if built > HOST_ABI {
        (
            format!("请把 huoyan 更新到支持 {built} 的版本，或用 ABI {HOST_ABI} 的 SDK 重新构建插件"),
            format!("update huoyan to one that speaks {built}, or rebuild the plugin with an SDK of ABI {HOST_ABI}"),
        )
    } else {
        (
            format!("请用 ABI {HOST_ABI} 的 SDK 重新构建插件"),
            format!("rebuild the plugin with an SDK of ABI {HOST_ABI}"),
        )
    };
    Err(Localized::new(
        format!("插件 '{name}' 按 ABI {built} 构建，本程序支持 {HOST_ABI}；{zh}"),
        format!("plugin '{name}' was built for ABI {built} and this host speaks {HOST_ABI}; {en}"),
    ))
}

/// A host serves plugins of its own major and of any minor up to its own.
fn serves(host: AbiVersion, built: AbiVersion) -> bool {
    host.major == built.major && built.minor <= host.minor
}

/// The bytes from an exported symbol on, to the end of its segment.
fn exported<'d>(library: &object::File<'d>, symbol: &str) -> Option<&'d [u8]> {
    let address = library.exports().ok()?.find_map(|export| {
        let export = export.ok()?;
        let name = export.name().name()?.to_owned();
        // Mach-O puts an underscore before every C name.
        if name != symbol.as_bytes() && name.strip_prefix(b"_") != Some(symbol.as_bytes()) {
            return None;
        }
        match export.target() {
            ExportTarget::Address { address } => Some(address),
            _ => None,
        }
    })?;
    library.segments().find_map(|segment| {
        let start = segment.address();
        let data = segment.data().ok()?;
        let at = usize::try_from(address.checked_sub(start)?).ok()?;
        data.get(at..).filter(|rest| !rest.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files in memory that may hold code are not to be had everywhere.
    #[test]
    fn a_copy_in_a_folder_is_loaded_and_leaves_nothing() {
        let name = format!("{}misbehaving{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let library = std::env::current_exe().unwrap().with_file_name(name);
        let image = Arc::new(PluginImage::read_to_folder(&library).unwrap());
        let file = PluginFile::of_image(&library, image).unwrap().unwrap();
        let path = file.library_path();
        let named = std::fs::canonicalize(&path).is_ok();
        assert_eq!(named, cfg!(not(target_os = "linux")), "{}", path.display());
        let rules = file.manifest.detectors[0].rules.iter().cloned().collect();
        let plugin = file.load().unwrap();
        let detector = plugin.create("misbehaving", "{}", Vec::new(), rules, &crate::Cancel::default()).unwrap();
        assert_eq!(detector.spec().name, "misbehaving");
        drop((plugin, detector));
        assert!(std::fs::canonicalize(&path).is_err());
    }
}
