//! What a plugin file says of itself, read without loading it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use huoyan_abi::{self as abi, MANIFEST_SYMBOL, RESOURCES_SYMBOL};
use huoyan_model::{AbiVersion, Manifest, RuleInfo};
use object::{ExportTarget, Object, ObjectSegment};

use crate::{HostError, Plugin, ResourceData, ffi, read_rule_pack};

/// The ABI this host speaks.
const HOST_ABI: AbiVersion = AbiVersion { major: abi::ABI_MAJOR, minor: abi::ABI_MINOR };

/// The largest file that is looked into, in bytes.
const MAX_PLUGIN_BYTES: u64 = 1 << 30;

/// Where a plugin's code runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// In the host's own process: for plugins whose authors are trusted as huoyan's are.
    #[default]
    InProcess,
    /// In child processes, which can do nothing but judge.
    Child,
}

impl Isolation {
    /// As written in files: `in-process` or `child`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProcess => "in-process",
            Self::Child => "child",
        }
    }
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
    /// Where its code is to run.
    pub isolation: Isolation,
}

impl PluginFile {
    /// Looks into a file. `None` when it is no library or exports no huoyan manifest.
    ///
    /// # Errors
    /// When it is a huoyan plugin but a broken one, or one of another ABI.
    pub fn inspect(path: &Path) -> Result<Option<Self>, HostError> {
        let fail = |what: String| HostError::new(path, what);
        let io = |e: std::io::Error| fail(format!("it cannot be read: {e}"));
        let size = File::open(path).and_then(|file| file.metadata()).map_err(io)?.len();
        if size > MAX_PLUGIN_BYTES {
            return Err(fail(format!("it has {size} bytes, more than the {MAX_PLUGIN_BYTES} a plugin may have")));
        }
        let bytes = ffi::Bytes::map(path).map_err(io)?;
        let bytes = bytes.as_slice();
        let Ok(library) = object::File::parse(bytes) else { return Ok(None) };
        let Some(manifest) = exported(&library, MANIFEST_SYMBOL) else { return Ok(None) };
        let json = abi::read_manifest(manifest).map_err(|e| fail(format!("its manifest cannot be read: {e}")))?;
        check_abi(json).map_err(&fail)?;
        let manifest = Manifest::parse(json).map_err(|e| fail(e.to_string()))?;
        let mut resources = Vec::new();
        if let Some(blob) = exported(&library, RESOURCES_SYMBOL) {
            abi::read_resources(blob, |name, data| resources.push(ResourceData::copy(name, data)))
                .map_err(|e| fail(format!("its resources cannot be read: {e}")))?;
        }
        let digest = blake3::hash(bytes).to_hex().to_string();
        Ok(Some(Self { path: path.to_owned(), digest, manifest, resources, isolation: Isolation::default() }))
    }

    /// The file that is opened when the library is loaded.
    pub fn library_path(&self) -> &Path {
        &self.path
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
        let table = ffi::load(self.library_path()).map_err(|what| HostError::new(&self.path, what))?;
        let built = AbiVersion { major: table.abi_major, minor: table.abi_minor };
        if built != self.manifest.abi {
            let said = self.manifest.abi;
            return Err(HostError::new(
                &self.path,
                format!("its code is of ABI {built} but its manifest says {said}; make the manifest say {built}"),
            ));
        }
        Ok(Plugin::here(self, table))
    }

    /// The rules of a set of resources: every rule of every pack among them.
    ///
    /// # Errors
    /// When a pack cannot be read.
    pub fn rules_of(&self, resources: &[ResourceData]) -> Result<BTreeMap<String, RuleInfo>, HostError> {
        let mut rules = BTreeMap::new();
        for resource in resources.iter().filter(|r| is_rule_pack(&r.name)) {
            let pack = read_rule_pack(&resource.name, resource.as_slice())
                .map_err(|e| HostError::new(&self.path, e.to_string()))?;
            for rule in pack {
                if let Some(twice) = rules.insert(rule.id.clone(), rule) {
                    let what = format!("rule '{}' stands in two rule packs; keep one", twice.id);
                    return Err(HostError::new(&self.path, what));
                }
            }
        }
        Ok(rules)
    }
}

fn is_rule_pack(name: &str) -> bool {
    name == "rules" || name.starts_with("rules/")
}

/// Looks at the version alone first: a manifest of another ABI need not have today's other fields.
fn check_abi(json: &[u8]) -> Result<(), String> {
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
    let only: OnlyAbi = serde_json::from_slice(json).map_err(|e| format!("the manifest is not valid: {e}"))?;
    let built = AbiVersion { major: only.abi.major, minor: only.abi.minor };
    let name = only.name.unwrap_or_default();
    if serves(HOST_ABI, built) {
        return Ok(());
    }
    let way_out = if built > HOST_ABI {
        format!("update huoyan to one that speaks {built}, or rebuild the plugin with an SDK of ABI {HOST_ABI}")
    } else {
        format!("rebuild the plugin with an SDK of ABI {HOST_ABI}")
    };
    Err(format!("plugin '{name}' was built for ABI {built} and this host speaks {HOST_ABI}; {way_out}"))
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
