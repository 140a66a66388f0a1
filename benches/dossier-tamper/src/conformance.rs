use std::collections::BTreeMap;
use std::path::Path;

use huoyan_dossier::bundle::bag::judge;

/// Every bag of the suite against the folder that it lies in: `valid` has no errors, `warning` has warnings and no errors, all others
/// have errors.
pub fn suite(root: &Path) -> bool {
    let mut sums: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for version in folders(root) {
        for class in folders(&version) {
            let name = class.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for bag in folders(&class) {
                let found = judge(&bag).unwrap();
                let right = match name.as_str() {
                    "valid" => found.is_valid(),
                    "warning" => found.is_valid() && !found.warnings.is_empty(),
                    _ => !found.is_valid(),
                };
                let sum = sums.entry(name.clone()).or_default();
                (sum.0, sum.1) = (sum.0 + usize::from(right), sum.1 + 1);
                if !right {
                    println!("WRONG {}: {found:#?}", bag.display());
                }
            }
        }
    }
    for (class, (right, all)) in &sums {
        println!("{class}: {right} of {all}");
    }
    let (right, all) = sums.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("all: {right} of {all} judged right");
    right == all && all > 0
}

fn folders(of: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    all.sort();
    all
}
