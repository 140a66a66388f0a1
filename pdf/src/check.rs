//! Reads the text of a PDF again and compares it, page by page, with what was drawn.
//!
//! Together with the test that what is drawn is the document's text in its order, this shows that a reader who copies or
//! searches the PDF finds what the document says.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::layout::Laid;

/// The program that reads the text, of poppler.
const TOOL: &str = "pdftotext";

/// The text of each page in the order of drawing, read by poppler.
pub fn extract(pdf: &Path) -> Result<Vec<String>, Error> {
    let output = Command::new(TOOL).args(["-raw", "-enc", "UTF-8"]).arg(pdf).arg("-").output();
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::ToolMissing { tool: TOOL },
        _ => Error::Read { path: pdf.into(), detail: error.to_string() },
    })?;
    if !output.status.success() {
        let detail = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Error::Read { path: pdf.into(), detail });
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut pages: Vec<String> = text.split('\u{0C}').map(str::to_owned).collect();
    // A form feed closes each page, so the last piece is empty.
    pages.pop();
    Ok(pages)
}

/// The text of each page as it was drawn.
pub fn drawn(laid: &Laid) -> Vec<String> {
    let stamp = crate::text::shown(&laid.stamp);
    laid.pages.iter().map(|page| page.texts().map(crate::page::Text::shown).collect::<String>() + &stamp).collect()
}

/// Compares the texts of the pages without their white space.
pub fn compare(expected: &[String], found: &[String]) -> Result<(), Error> {
    for at in 0..expected.len().max(found.len()) {
        let text = |pages: &[String]| pages.get(at).map(|page| squeezed(page)).unwrap_or_default();
        let (expected, found) = (text(expected), text(found));
        if expected != found {
            let same = expected.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
            let near = |text: &str| text.chars().skip(same.saturating_sub(10)).take(40).collect();
            return Err(Error::TextDiffers { page: at + 1, expected: near(&expected), found: near(&found) });
        }
    }
    Ok(())
}

/// A text without white space.
pub fn squeezed(text: &str) -> String {
    text.chars().filter(|ch| !ch.is_whitespace()).collect()
}
