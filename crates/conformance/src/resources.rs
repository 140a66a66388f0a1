//! What detectors are given besides what their plugin carries.

use std::path::{Path, PathBuf};

use huoyan_host::ResourceData;
use huoyan_model::{DetectorSpec, Localized, ResourceSpec};

/// The one resource that is a folder.
const GALLERY: &str = "gallery";

/// Maps files, and the folders of galleries.
pub(crate) fn read(named: &[(String, PathBuf)]) -> Result<Vec<ResourceData>, Localized> {
    let mut all = Vec::new();
    let mut galleries = 0;
    for (name, path) in named {
        if path.is_dir() {
            if name != GALLERY {
                return Err(Localized::new(
                    format!("资源 '{name}' 是文件夹 {}；只有 gallery 可以是文件夹，其他资源请给出文件", path.display()),
                    format!("resource '{name}' is the folder {}; only gallery is one, name a file", path.display()),
                ));
            }
            all.extend(ResourceData::map_gallery(galleries, path).map_err(Localized::from)?);
            galleries += 1;
        } else {
            if all.iter().any(|other: &ResourceData| other.name == *name) {
                return Err(Localized::new(
                    format!("资源 '{name}' 给出了两次；请只给一次"),
                    format!("resource '{name}' is given twice; give it once"),
                ));
            }
            all.push(ResourceData::map(name, path).map_err(Localized::from)?);
        }
    }
    Ok(all)
}

/// What a detector is given: what its plugin carries, overlaid with what was named.
pub(crate) fn of(carried: &[ResourceData], spec: &DetectorSpec, given: &[ResourceData]) -> Vec<ResourceData> {
    let carried = carried.iter().filter(|carried| given.iter().all(|g| g.name != carried.name));
    carried.chain(given).filter(|resource| spec.takes(&resource.name)).cloned().collect()
}

/// Whether all of that is asked for, and all that is needed is there.
pub(crate) fn fit(specs: &[DetectorSpec], carried: &[ResourceData], given: &[ResourceData]) -> Result<(), Localized> {
    if let Some(other) = given.iter().find(|resource| !specs.iter().any(|spec| spec.takes(&resource.name))) {
        let names: Vec<&str> = specs.iter().flat_map(|spec| &spec.resources).map(|r| r.name.as_str()).collect();
        let (name, names) = (&other.name, names.join(" "));
        return Err(if names.is_empty() {
            Localized::new(
                format!("资源 '{name}'：这个插件的检测器不接受任何资源"),
                format!("resource '{name}': the detectors of this plugin take none"),
            )
        } else {
            Localized::new(
                format!("资源 '{name}'：没有检测器接受；可以给出的有：{names}"),
                format!("resource '{name}': no detector takes it; these may be given: {names}"),
            )
        });
    }
    for spec in specs {
        let there = of(carried, spec, given);
        let given = |asked: &ResourceSpec| there.iter().any(|resource| asked.covers(&resource.name));
        if let Some(needed) = spec.resources.iter().find(|asked| asked.required && !given(asked)) {
            let (detector, name, Localized { zh, en }) = (&spec.name, &needed.name, &needed.summary);
            return Err(Localized::new(
                format!("检测器 '{detector}' 需要资源 '{name}'（{zh}）；请用 --resource {name}=路径 给出"),
                format!(
                    "detector '{detector}' needs the resource '{name}' ({en}); give it with --resource {name}=PATH"
                ),
            ));
        }
    }
    Ok(())
}

/// Paths that mean the same wherever a process stands.
pub(crate) fn absolute(named: &[(String, PathBuf)]) -> Vec<(String, PathBuf)> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    named.iter().map(|(name, path)| (name.clone(), absolute(path))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(resources: &[(&str, bool)]) -> DetectorSpec {
        let asked = |&(name, required): &(&str, bool)| ResourceSpec {
            name: name.to_owned(),
            required,
            summary: Localized::new(format!("{name} 的说明"), format!("what {name} is")),
        };
        DetectorSpec {
            name: "d".to_owned(),
            summary: Localized::default(),
            stages: Vec::new(),
            rules: Vec::new(),
            resources: resources.iter().map(asked).collect(),
            config: None,
            scores: false,
        }
    }

    #[test]
    fn what_is_given_takes_the_place_of_what_is_carried() {
        let carried = [ResourceData::copy("words", b"carried"), ResourceData::copy("other", b"of another detector")];
        let given = [ResourceData::copy("words", b"given"), ResourceData::copy("gallery/0/a", b"picture")];
        let seen = |given: &[ResourceData]| -> Vec<Vec<u8>> {
            let spec = spec(&[("words", false), ("gallery", false)]);
            of(&carried, &spec, given).iter().map(|resource| resource.as_slice().to_vec()).collect()
        };
        assert_eq!(seen(&[]), [b"carried".to_vec()]);
        assert_eq!(seen(&given), [b"given".to_vec(), b"picture".to_vec()]);
    }

    #[test]
    fn what_nobody_takes_and_what_is_lacking_are_named() {
        let copy = |name| [ResourceData::copy(name, b"x")];
        let told = |specs: &[DetectorSpec], given: &[ResourceData]| fit(specs, &[], given).unwrap_err();
        assert_eq!(told(&[spec(&[])], &copy("words")).en, "resource 'words': the detectors of this plugin take none");
        let specs = [spec(&[("words", true), ("gallery", false)])];
        // Not every name that begins alike.
        let other = told(&specs, &copy("galleryx/0/a"));
        assert!(
            other.en.contains("these may be given: words gallery") && other.zh.contains("words gallery"),
            "{other:?}"
        );
        let lacking = told(&specs, &[]);
        assert!(lacking.en.contains("needs the resource 'words' (what words is)"), "{lacking:?}");
        assert!(lacking.zh.contains("--resource words=路径") && lacking.zh.contains("words 的说明"), "{lacking:?}");
        assert_eq!(fit(&specs, &copy("words"), &copy("gallery/0/a")), Ok(()));
        let folder = tempfile::tempdir().unwrap();
        let folder = [("words".to_owned(), folder.path().to_owned())];
        let file = tempfile::NamedTempFile::new().unwrap();
        let twice = ["words", "words"].map(|name| (name.to_owned(), file.path().to_owned()));
        assert!(read(&twice).err().unwrap().en.contains("given twice"));
        assert!(read(&folder).err().unwrap().en.contains("only gallery is one"));
    }
}
