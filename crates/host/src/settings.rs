//! How detectors in child processes are started, and what a call of theirs may take.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// How children are started and what each call may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildSettings {
    /// The program that calls `child::serve`.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The time that one call may take.
    pub time_limit: Duration,
    /// The memory that a child may map besides its resources, in bytes.
    pub memory_limit: u64,
}

impl ChildSettings {
    /// The time of one call, unless the user sets another.
    pub const TIME_LIMIT: Duration = Duration::from_secs(60);
    /// The memory of one child, unless the user sets another.
    pub const MEMORY_LIMIT: u64 = 2 << 30;

    /// The running program, which must call `child::serve` when its only argument is `plugin-host`.
    ///
    /// # Errors
    /// When the system does not say which program runs.
    pub fn of_this_program() -> std::io::Result<Self> {
        // The link leads to the program that runs, even after another was installed in its place.
        let link = Path::new("/proc/self/exe");
        let program = if link.exists() { link.to_owned() } else { std::env::current_exe()? };
        Ok(Self {
            program,
            arguments: vec!["plugin-host".to_owned()],
            time_limit: Self::TIME_LIMIT,
            memory_limit: Self::MEMORY_LIMIT,
        })
    }
}
