//! The renderer of PDF files: a program of its own, which reads a document as JSON and is shown nothing but it and its figures.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use huoyan_dossier::page::Document;
use huoyan_model::Localized;

/// Runs the program for one document.
pub(super) fn render(program: &Path, document: &Document, figures: &Path) -> Result<Vec<u8>, Localized> {
    let shown = program.display();
    let failed = |what: &str| {
        Localized::new(
            format!("{shown} 未能生成：{what}；可去掉 --pdf，封面仍有 HTML"),
            format!("{shown} failed: {what}; leave --pdf out, the cover is there as HTML"),
        )
    };
    let json = serde_json::to_vec(document).map_err(|e| failed(&e.to_string()))?;
    let folder = tempfile::tempdir().map_err(|e| failed(&e.to_string()))?;
    let out = folder.path().join("document.pdf");
    let mut child = Command::new(program)
        .args(["render", "--files"])
        .arg(figures)
        .arg("--out")
        .arg(&out)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| failed(&e.to_string()))?;
    // A program that ends without reading says why by its status.
    let written = child.stdin.take().map(|mut stdin| stdin.write_all(&json));
    let done = child.wait_with_output().map_err(|e| failed(&e.to_string()))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let status = done.status.to_string();
        return Err(failed(said.trim().lines().last().filter(|line| !line.is_empty()).unwrap_or(&status)));
    }
    if let Some(Err(error)) = written {
        return Err(failed(&error.to_string()));
    }
    std::fs::read(&out).map_err(|e| failed(&e.to_string()))
}
