//! `huoyan check`: one listing or review, answered at once.

use std::io::{Read as _, Write as _};
use std::path::Path;

use huoyan_intake::StandIn;
use huoyan_model::{Locale, RecordKind};
use serde_json::{Map, Value};

use crate::args::{CheckArgs, KindArg};
use crate::exit::Exit;
use crate::plugins::{Failure, failure, load};
use crate::scan::Job;
use crate::terminal::Terminal;

/// The longest text that is checked, in bytes.
const MAX_BYTES: u64 = 4 << 20;

pub(crate) fn run(args: &CheckArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = load(&args.setup, toml::Table::new())?;
    let (text, came_from) = text(&args.what)?;
    let record = record(&text, args.kind.map(KindArg::kind), args.platform.as_deref())?;
    let io = |e: std::io::Error| {
        failure((format!("无法写入临时文件：{e}"), format!("a temporary file cannot be written: {e}")))
    };
    let mut file = tempfile::Builder::new().prefix("check-").suffix(".jsonl").tempfile().map_err(io)?;
    writeln!(file, "{record}").and_then(|()| file.flush()).map_err(io)?;
    let inputs = [file.path().to_string_lossy().into_owned()];
    let job = Job {
        inputs: &inputs,
        setup: &args.setup,
        loaded: &loaded,
        only: &[],
        quiet: true,
        progress: false,
        stand_in: Some(came_from),
        default_output: "text",
    };
    let exit = job.run(terminal)?;
    if is_review(&record) {
        terminal.note(pick(
            terminal.locale(loaded.config.locale),
            "单独一条评价只看得出文字与评分的问题：集中差评、雷同文本、协同账号要与同店其他评价一起，用 `huoyan scan` 检查",
            "one review by itself shows its wording and its rating only: bursts, copies and accounts that act together need the other \
             reviews, too; use `huoyan scan`",
        ));
    }
    Ok(exit)
}

fn pick(locale: Locale, zh: &'static str, en: &'static str) -> &'static str {
    match locale {
        Locale::Zh => zh,
        Locale::En => en,
    }
}

/// Whether the record is what reviews are: a text without a title.
fn is_review(record: &Value) -> bool {
    record.get("text").is_some() && record.get("title").is_none()
}

/// The text to check, and what it is told to come from.
fn text(what: &str) -> Result<(String, StandIn), Failure> {
    let mut bytes = Vec::new();
    let mut came_from = StandIn { name: what.to_owned(), folder: None };
    if what == "-" {
        std::io::stdin()
            .lock()
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| failure((format!("无法读取标准输入：{e}"), format!("standard input cannot be read: {e}"))))?;
    } else if what.len() < 4096 && Path::new(what).is_file() {
        std::fs::File::open(what)
            .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
            .map_err(|e| failure((format!("{what}：无法读取：{e}"), format!("{what}: it cannot be read: {e}"))))?;
        came_from.folder = Path::new(what).parent().map(Path::to_owned);
    } else {
        "text".clone_into(&mut came_from.name);
        bytes.extend_from_slice(what.as_bytes());
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(failure((
            format!("文本超过 {MAX_BYTES} 字节；文件请用 `huoyan scan`"),
            format!("the text has more than {MAX_BYTES} bytes; use `huoyan scan` for files"),
        )));
    }
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        failure((
            format!("文本在第 {at} 字节处不是 UTF-8；其他编码请用 `huoyan scan`"),
            format!("the text is not UTF-8 at byte {at}; use `huoyan scan` for other encodings"),
        ))
    })?;
    Ok((text, came_from))
}

/// A JSON object as it is; any other text as the title of a listing or the text of a review.
fn record(text: &str, kind: Option<RecordKind>, platform: Option<&str>) -> Result<Value, Failure> {
    let text = text.trim();
    if text.is_empty() {
        return Err(failure(("没有要检查的文本", "there is no text to check")));
    }
    let mut record = match serde_json::from_str::<Map<String, Value>>(text) {
        Ok(record) => record,
        Err(_) => {
            let field = if kind == Some(RecordKind::Review) { "text" } else { "title" };
            Map::from_iter([(field.to_owned(), Value::String(text.to_owned()))])
        }
    };
    record.entry("id").or_insert_with(|| Value::String("check".to_owned()));
    if let Some(platform) = platform {
        record.insert("platform".to_owned(), Value::String(platform.to_owned()));
    }
    Ok(Value::Object(record))
}
