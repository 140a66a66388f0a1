use serde::{Deserialize, Serialize};

/// The language that messages, reports and rule texts are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Localized {
    /// A text in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The text in one language.
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::Zh => &self.zh,
            Locale::En => &self.en,
        }
    }
}

/// A text that is the same in both languages: a name, or what the system or a library said.
impl From<String> for Localized {
    fn from(text: String) -> Self {
        Self { zh: text.clone(), en: text }
    }
}

impl From<&str> for Localized {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// In Chinese and in English.
impl<Zh: Into<String>, En: Into<String>> From<(Zh, En)> for Localized {
    fn from((zh, en): (Zh, En)) -> Self {
        Self::new(zh, en)
    }
}
