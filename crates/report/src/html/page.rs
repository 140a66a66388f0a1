//! The page as a whole: head, policy, sections in order, data, script.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huoyan_model::{Locale, RunHeader, RunSummary};
use sha2::{Digest, Sha256};

use super::appeals::Appeals;
use super::escape::{html, json_in_script};
use super::keep::Shown;
use super::tally::Tally;
use super::{UnjudgedTally, data, sections};
use crate::campaign::Groups;
use crate::sink::Sink;
use crate::words::pick;
use crate::{Error, References};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = concat!(
    "const EVIDENCE = ",
    include_str!("../evidence.json"),
    ";\n",
    include_str!("words.js"),
    include_str!("report.js")
);

const TITLE_ZH: &str = "火眼 · 疑似违规筛查报告";
const TITLE_EN: &str = "Huoyan · Screening report of suspected problems";

/// Everything the page is made of.
pub(super) struct Page<'a> {
    pub(super) locale: Locale,
    pub(super) references: Option<&'a References>,
    pub(super) header: &'a RunHeader,
    pub(super) summary: &'a RunSummary,
    pub(super) tally: &'a Tally,
    pub(super) unjudged: &'a UnjudgedTally,
    pub(super) campaigns: Groups<'a>,
    /// Findings that found no place among those that were grouped.
    pub(super) ungrouped: u64,
    pub(super) appeals: &'a Appeals,
    /// Findings handed over, of which `items` holds the strongest.
    pub(super) total: u64,
    pub(super) items: Vec<Arc<Shown>>,
}

impl Page<'_> {
    pub(super) fn write(&self, sink: &mut Sink) -> Result<(), Error> {
        let (payload, pictures_left_out) = data::payload(self);
        sink.put(self.head().as_bytes())?;
        sink.put(sections::masthead(self).as_bytes())?;
        sink.put(b"<main>")?;
        for section in [
            sections::banner(self),
            sections::figures(self),
            sections::charts(self),
            sections::reasons(self),
            sections::campaigns(self),
            sections::appeals(self),
            sections::findings(self, pictures_left_out),
            sections::gaps(self),
            sections::inputs(self),
            sections::replay(self),
        ] {
            sink.put(section.as_bytes())?;
        }
        sink.put(b"</main>")?;
        sink.put(sections::footer().as_bytes())?;
        let json = payload.to_string();
        sink.put(b"<script type=\"application/json\" id=\"data\">")?;
        sink.put(json_in_script(&json).as_bytes())?;
        sink.put(format!("</script>\n<script>{SCRIPT}</script>\n</body></html>\n").as_bytes())
    }

    fn head(&self) -> String {
        let lang = pick(self.locale, "zh", "en");
        let html_lang = pick(self.locale, "zh-CN", "en");
        let title = html(pick(self.locale, TITLE_ZH, TITLE_EN));
        // Nothing but this style sheet, this script and embedded pictures; no request, form or frame.
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
            digest(STYLE),
            digest(SCRIPT)
        );
        format!(
            "<!doctype html>\n<html lang=\"{html_lang}\" data-lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"huoyan {}\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
             <body data-title-zh=\"{TITLE_ZH}\" data-title-en=\"{TITLE_EN}\">\n",
            html(&self.header.tool_version)
        )
    }
}

/// The digest of an inline element, as a content-security policy names it.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_and_script_can_stand_inside_their_elements() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }

    #[test]
    fn the_script_never_parses_text_as_markup() {
        for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc"]
        {
            assert!(!SCRIPT.contains(way), "{way}");
        }
        for request in ["http:", "https:", "fetch(", "XMLHttp", "import(", "url("] {
            assert!(!SCRIPT.replace("http://www.w3.org/2000/svg", "").contains(request), "{request}");
            assert!(!STYLE.contains(request), "{request}");
        }
    }
}
