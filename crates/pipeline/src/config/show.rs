use toml::{Table, Value};

use super::Loaded;
use super::load::quoted;

impl Loaded {
    /// The settings in force as TOML, one value a line, sorted; `with_origin` adds where each comes from.
    ///
    /// What is printed can be saved as a `huoyan.toml`.
    pub fn show(&self, with_origin: bool) -> String {
        let mut lines = Vec::new();
        flatten(&self.table, "", &mut lines);
        let width = lines.iter().map(|(key, value)| key.len() + value.len() + 3).filter(|width| *width < 60).max();
        let mut out = String::new();
        for (key, value) in lines {
            let line = format!("{key} = {value}");
            match self.origins.get(&key) {
                Some(origin) if with_origin => {
                    out.push_str(&format!("{line:<width$}  # {origin}\n", width = width.unwrap_or(0)));
                }
                _ => out.push_str(&format!("{line}\n")),
            }
        }
        out
    }
}

fn flatten(table: &Table, prefix: &str, lines: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let key = if prefix.is_empty() { quoted(key) } else { format!("{prefix}.{}", quoted(key)) };
        match value {
            Value::Table(inner) => flatten(inner, &key, lines),
            value => lines.push((key, value.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Request, load};

    #[test]
    fn what_is_shown_can_be_loaded_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huoyan.toml");
        let first = load(&Request { profile: Some("strict-platform"), ..Request::default() }).unwrap();
        std::fs::write(&path, first.show(true)).unwrap();
        let second = load(&Request { file: Some(&path), ..Request::default() }).unwrap();
        assert_eq!(first.config, second.config);
        assert_eq!(first.digest, second.digest);
    }

    #[test]
    fn the_origin_stands_behind_each_value() {
        let shown = load(&Request::default()).unwrap().show(true);
        let line = shown.lines().find(|line| line.starts_with("fail_on")).unwrap();
        assert!(line.starts_with("fail_on = \"high\"") && line.ends_with("# profile default"), "{line}");
    }
}
