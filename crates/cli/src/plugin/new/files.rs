//! The files of a new plugin. They are kept under `templates/plugin`: what both languages share, then each language's own.

use super::Sdk;
use super::name::Name;
use crate::args::plugin::{LanguageArg, StageArg};

macro_rules! template {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/plugin/", $path))
    };
}

macro_rules! header {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../abi/include/", $name))
    };
}

/// Paths within the new folder, and their texts.
pub(super) fn files(name: &Name, stage: StageArg, lang: LanguageArg, sdk: Option<&Sdk>) -> Vec<(String, String)> {
    let kebab = name.kebab();
    let [manifest, rules, fixture] = match stage {
        StageArg::Record => [
            template!("shared/record/manifest.json"),
            template!("shared/record/rules.toml"),
            template!("shared/record/fixture.jsonl"),
        ],
        StageArg::Group => [
            template!("shared/group/manifest.json"),
            template!("shared/group/rules.toml"),
            template!("shared/group/fixture.jsonl"),
        ],
        StageArg::Corpus => [
            template!("shared/corpus/manifest.json"),
            template!("shared/corpus/rules.toml"),
            template!("shared/corpus/fixture.jsonl"),
        ],
    };
    let mut files = vec![
        ("manifest.json".to_owned(), manifest),
        (format!("rules/{kebab}.toml"), rules),
        (format!("fixtures/{kebab}.jsonl"), fixture),
    ];
    let code = match lang {
        LanguageArg::Rust => {
            let (code, test) = match stage {
                StageArg::Record => (template!("rust/record/lib.rs"), template!("rust/record/detector.rs")),
                StageArg::Group => (template!("rust/group/lib.rs"), template!("rust/group/detector.rs")),
                StageArg::Corpus => (template!("rust/corpus/lib.rs"), template!("rust/corpus/detector.rs")),
            };
            files.extend([
                ("Cargo.toml".to_owned(), template!("rust/_Cargo.toml")),
                (".gitignore".to_owned(), template!("rust/_gitignore")),
                ("README.md".to_owned(), template!("rust/README.md")),
                ("src/lib.rs".to_owned(), code),
                ("tests/detector.rs".to_owned(), test),
            ]);
            [code, test].concat()
        }
        LanguageArg::C => {
            let (code, test) = match stage {
                StageArg::Record => (template!("c/record/plugin.c"), template!("c/record/test.c")),
                StageArg::Group => (template!("c/group/plugin.c"), template!("c/group/test.c")),
                StageArg::Corpus => (template!("c/corpus/plugin.c"), template!("c/corpus/test.c")),
            };
            files.extend([
                ("Makefile".to_owned(), template!("c/Makefile")),
                (".gitignore".to_owned(), template!("c/_gitignore")),
                ("README.md".to_owned(), template!("c/README.md")),
                ("plugin.c".to_owned(), code),
                ("embed.c".to_owned(), template!("c/embed.c")),
                ("test.c".to_owned(), test),
                ("huoyan.h".to_owned(), header!("huoyan.h")),
                ("huoyan_helpers.h".to_owned(), header!("huoyan_helpers.h")),
                ("huoyan_testing.h".to_owned(), header!("huoyan_testing.h")),
            ]);
            String::new()
        }
    };
    let dependency = |testkit| sdk.map(|sdk| sdk.dependency(testkit)).unwrap_or_default();
    let values = [
        ("{{name}}", kebab.to_owned()),
        ("{{snake}}", name.snake()),
        ("{{type}}", name.type_in(&code)),
        ("{{rule}}", name.rule()),
        ("{{sdk}}", dependency(false)),
        ("{{sdk_testkit}}", dependency(true)),
    ];
    let filled = |text: &str| values.iter().fold(text.to_owned(), |text, (slot, value)| text.replace(slot, value));
    files.into_iter().map(|(path, text)| (path, filled(text))).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn every_slot_is_filled() {
        let name = Name::parse("loud-title").expect("a good name");
        for stage in [StageArg::Record, StageArg::Group, StageArg::Corpus] {
            for (lang, sdk) in [
                (LanguageArg::Rust, Some(Sdk::Registry)),
                (LanguageArg::Rust, Some(Sdk::Folder(PathBuf::from("/a \"b\"\\c")))),
                (LanguageArg::C, None),
            ] {
                for (path, text) in files(&name, stage, lang, sdk.as_ref()) {
                    // What C opens twice begins no word.
                    let open = text
                        .match_indices("{{")
                        .find(|(at, _)| text[at + 2..].starts_with(|c: char| c.is_ascii_lowercase()));
                    assert!(open.is_none(), "{path}: {text}");
                    if path == "Cargo.toml" {
                        let crate_file: toml::Table = text.parse().expect("TOML");
                        let sdk = &crate_file["dev-dependencies"]["huoyan-sdk"];
                        assert_eq!(sdk["features"].as_array().map(Vec::len), Some(1));
                    }
                }
            }
        }
    }
}
