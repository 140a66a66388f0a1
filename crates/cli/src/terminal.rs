//! What is said to the person at the terminal: everything but data goes to stderr, in their language.

use std::io::{IsTerminal as _, Write as _};

use huoyan_model::{Locale, Localized};

/// The environment of the command, read once.
pub(crate) struct Terminal {
    asked: Option<Locale>,
    locale: Locale,
    pub(crate) colour_stdout: bool,
    pub(crate) interactive: bool,
    pub(crate) width: usize,
}

impl Terminal {
    pub(crate) fn new(asked: Option<Locale>) -> Self {
        let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
        let colour = !set("NO_COLOR") && !std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let width = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
        let level = std::env::var("HUOYAN_LOG").unwrap_or_else(|_| "warn".into());
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::new(level))
            .with_writer(std::io::stderr)
            .without_time()
            .with_ansi(false)
            .try_init();
        Self {
            asked,
            locale: asked.unwrap_or_else(from_environment),
            colour_stdout: colour && std::io::stdout().is_terminal(),
            interactive: std::io::stderr().is_terminal(),
            width,
        }
    }

    /// The language: what the command line asks for, else the configuration, else the environment.
    pub(crate) fn locale(&self, configured: Option<Locale>) -> Locale {
        self.asked.or(configured).unwrap_or(self.locale)
    }

    /// The language where no configuration is at hand.
    pub(crate) fn language(&self) -> Locale {
        self.locale
    }

    pub(crate) fn error(&self, error: &Localized) {
        let what = huoyan_report::sanitise(error.get(self.locale)).into_owned();
        match self.locale {
            Locale::Zh => self.note(&format!("huoyan: 错误：{what}")),
            Locale::En => self.note(&format!("huoyan: error: {what}")),
        }
    }

    /// A line on stderr.
    pub(crate) fn note(&self, line: &str) {
        // A closed stderr is no reason to fail.
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// A text on stdout. A reader that went away early (`| head`) is no error.
    pub(crate) fn print(&self, text: &str) {
        let _ = std::io::stdout().write_all(text.as_bytes());
    }
}

/// English where the environment asks for it, Chinese otherwise.
fn from_environment() -> Locale {
    let first = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
    match first.into_iter().find(|value| !value.is_empty()) {
        Some(value) if value.to_ascii_lowercase().starts_with("en") => Locale::En,
        _ => Locale::Zh,
    }
}
