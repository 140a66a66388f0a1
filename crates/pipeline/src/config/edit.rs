use std::io::Write;
use std::path::Path;

use huoyan_model::Fingerprint;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::error::{COPY_FINGERPRINT, not_a_fingerprint};
use super::{Config, ConfigError, Suppression};

/// What became of a suppression that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New,
    /// One for the same fingerprint was there and now has this reason, author and date.
    Replaced,
}

/// Writes a suppression into a `huoyan.toml`, making the file if there is none. Comments and order are kept, and the
/// file is replaced in one step.
///
/// # Errors
/// A fingerprint of the wrong form, an empty reason, a file that is no valid configuration or cannot be written.
pub fn add_suppression(file: &Path, suppression: &Suppression) -> Result<Added, ConfigError> {
    let place = file.display().to_string();
    let Some(fingerprint) = Fingerprint::parse(&suppression.fingerprint) else {
        return Err(ConfigError::new("", not_a_fingerprint(&suppression.fingerprint)).with_help(COPY_FINGERPRINT));
    };
    if suppression.reason.trim().is_empty() {
        return Err(ConfigError::new("", ("没有写理由", "the reason is empty"))
            .with_help(("请说明为什么这项发现不算数", "say why the finding does not count")));
    }
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(ConfigError::io(file, &error)),
    };
    // A broken file is told as it is when it is loaded, and is not made worse.
    toml::from_str::<Config>(&text).map_err(|error| ConfigError::toml(&place, &text, &error))?;
    let mut document: DocumentMut = text.parse().map_err(|error| ConfigError::new(&place, format!("{error}")))?;

    let list = document.entry("suppress").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    if list.as_array_of_tables().is_none() {
        *list = Item::ArrayOfTables(list.clone().into_array_of_tables().unwrap_or_default());
    }
    let Some(list) = list.as_array_of_tables_mut() else {
        return Err(ConfigError::new(place, ("'suppress' 不是表的列表", "'suppress' is no list of tables"))
            .with_help(("请把条目写成 [[suppress]]", "write entries as [[suppress]]")));
    };
    let same = |table: &Table| {
        let text = table.get("fingerprint").and_then(Item::as_str);
        text.and_then(Fingerprint::parse) == Some(fingerprint)
    };
    let place_in_list = list.iter().position(same);
    let added = match place_in_list.and_then(|index| list.get_mut(index)) {
        Some(table) => {
            fill(table, suppression);
            Added::Replaced
        }
        None => {
            let mut table = Table::new();
            table["fingerprint"] = value(fingerprint.to_string());
            fill(&mut table, suppression);
            list.push(table);
            Added::New
        }
    };
    replace(file, &document.to_string()).map_err(|error| {
        ConfigError::new(place, (format!("无法写入：{error}"), format!("cannot be written: {error}")))
    })?;
    Ok(added)
}

fn fill(table: &mut Table, suppression: &Suppression) {
    table["reason"] = value(&suppression.reason);
    match &suppression.author {
        Some(author) => table["author"] = value(author),
        None => drop(table.remove("author")),
    }
    table["until"] = value(suppression.until.to_string());
}

fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".huoyan-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(file).map_or(0o666, |metadata| metadata.permissions().mode());
        builder.permissions(std::fs::Permissions::from_mode(mode));
    }
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Request, load};

    fn suppression(reason: &str) -> Suppression {
        Suppression {
            fingerprint: "0123456789abcdef0123456789abcdef".to_owned(),
            reason: reason.to_owned(),
            author: Some("li".to_owned()),
            until: "2027-01-31".parse().unwrap(),
        }
    }

    #[test]
    fn the_file_keeps_its_comments_and_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huoyan.toml");
        let before = "# our shop\nfail_on = \"low\"   # strict\n\n[rules.PK001]\nenabled = false # 赠品\n";
        std::fs::write(&path, before).unwrap();
        assert_eq!(add_suppression(&path, &suppression("authorised, \"see\" #12")), Ok(Added::New));
        let after = std::fs::read_to_string(&path).unwrap();
        assert!(after.starts_with(before), "{after}");
        let config = load(&Request { file: Some(&path), ..Request::default() }).unwrap().config;
        assert_eq!(config.suppress, [suppression("authorised, \"see\" #12")]);

        assert_eq!(add_suppression(&path, &suppression("again")), Ok(Added::Replaced));
        let config = load(&Request { file: Some(&path), ..Request::default() }).unwrap().config;
        assert_eq!(config.suppress, [suppression("again")]);
    }

    #[test]
    fn a_missing_file_is_made_and_an_inline_list_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huoyan.toml");
        assert_eq!(add_suppression(&path, &suppression("r")), Ok(Added::New));
        let other = "f".repeat(32);
        std::fs::write(
            &path,
            format!("suppress = [{{ fingerprint = \"{other}\", reason = \"r\", until = 2027-01-01 }}]\n"),
        )
        .unwrap();
        assert_eq!(add_suppression(&path, &suppression("r")), Ok(Added::New));
        let config = load(&Request { file: Some(&path), ..Request::default() }).unwrap().config;
        assert_eq!(config.suppress.len(), 2);
    }

    #[test]
    fn a_broken_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huoyan.toml");
        std::fs::write(&path, "thread = 1\n").unwrap();
        let error = add_suppression(&path, &suppression("r")).unwrap_err().to_string();
        assert!(error.contains("did you mean 'threads'?"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "thread = 1\n");
        assert!(add_suppression(&path, &Suppression { fingerprint: "zz".to_owned(), ..suppression("r") }).is_err());
    }
}
