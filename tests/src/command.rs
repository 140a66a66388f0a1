use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;
use std::{env, fs};

use tempfile::TempDir;

use crate::root;

/// The built command, in the same profile as the running test. Cargo names a package's own commands to its tests only, so
/// this one is looked for beside the test, and built when it is missing or older than a source file. `HUOYAN_BINARY` names
/// another one to test, such as an installed one.
pub fn huoyan() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        if let Some(path) = env::var_os("HUOYAN_BINARY") {
            return path.into();
        }
        let test = env::current_exe().unwrap();
        // target/PROFILE/deps/test-0123456789abcdef
        let folder = test.parent().and_then(Path::parent).unwrap();
        let path = folder.join(format!("huoyan{}", env::consts::EXE_SUFFIX));
        let built = path.metadata().and_then(|m| m.modified());
        if built.is_err() || built.is_ok_and(|built| newest(&root()) > built) {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.current_dir(root()).args(["build", "--quiet", "--package", "huoyan"]);
            cargo.env("CARGO_TARGET_DIR", folder.parent().unwrap());
            if folder.file_name().is_some_and(|name| name == "release") {
                cargo.arg("--release");
            }
            assert!(cargo.status().unwrap().success(), "the command does not build");
        }
        path
    })
}

/// When a source of the command or of its plugins was last changed.
fn newest(root: &Path) -> SystemTime {
    fn visit(folder: &Path, newest: &mut SystemTime) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let name = entry.file_name();
            if kind.is_dir() {
                // What only tests and people read does not make the command stale.
                if !["tests", "examples", "benches", "docs", "generator"].iter().any(|skipped| name == *skipped) {
                    visit(&path, newest);
                }
            } else if path.extension().is_some_and(|e| e != "md")
                && let Ok(changed) = entry.metadata().and_then(|m| m.modified())
            {
                *newest = changed.max(*newest);
            }
        }
    }
    let mut newest = SystemTime::UNIX_EPOCH;
    visit(&root.join("crates"), &mut newest);
    visit(&root.join("plugins"), &mut newest);
    newest
}

/// A folder of a test's own, in which the command runs, with no configuration above it.
pub struct Scratch {
    folder: TempDir,
    /// What the command keeps for its user, in place of the real one's.
    state: TempDir,
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Scratch {
    /// A new empty folder; removed when dropped.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), state: tempfile::tempdir().unwrap() }
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Reads a file of text.
    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// Copies a library to the folder `plugins` here, where nobody else may write whatever the umask, and gives its path.
    pub fn plugin(&self, library: &Path) -> String {
        let name = library.file_name().unwrap().to_str().unwrap();
        let path = self.file(&format!("plugins/{name}"), fs::read(library).unwrap());
        #[cfg(unix)]
        for (path, mode) in [(self.path("plugins"), 0o755), (path.clone(), 0o644)] {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        path
    }

    /// Keeps here what the command, or one that it starts, writes for its user.
    pub fn keeps_state_of<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("XDG_STATE_HOME", self.state.path())
    }

    /// The folder where that is.
    pub fn state(&self) -> &Path {
        self.state.path()
    }

    /// Forgets it, as on another machine.
    pub fn forgets_state(&self) {
        for entry in fs::read_dir(self.state.path()).unwrap() {
            fs::remove_dir_all(entry.unwrap().path()).unwrap();
        }
    }

    /// Runs `huoyan` here, messages in English.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        self.run_with(arguments, &[])
    }

    /// As [`Self::run`], with something on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Finished {
        let stdin = tempfile::tempfile().unwrap();
        {
            use std::io::{Seek as _, Write as _};
            let mut stdin = &stdin;
            stdin.write_all(input).unwrap();
            stdin.rewind().unwrap();
        }
        let mut command = Command::new(huoyan());
        self.keeps_state_of(command.current_dir(self.folder.path()))
            .args(["--locale", "en"])
            .args(arguments)
            .stdin(Stdio::from(stdin));
        for variable in ["NO_COLOR", "HUOYAN_LOCALE", "HUOYAN_CONFIG"] {
            command.env_remove(variable);
        }
        let output = command.output().unwrap();
        Finished {
            arguments: arguments.join(" "),
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

/// A command that has ended.
pub struct Finished {
    arguments: String,
    /// Exit status; none when a signal ended it.
    pub status: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it told.
    pub stderr: String,
}

impl Finished {
    /// Asserts the exit status.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "huoyan {}\n{}", self.arguments, self.stderr);
        self
    }

    /// Asserts that standard error has the text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "huoyan {} should say '{text}':\n{}", self.arguments, self.stderr);
        self
    }
}
