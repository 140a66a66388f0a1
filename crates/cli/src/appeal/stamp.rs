//! `huoyan appeal stamp`: a trusted time for a part, in two steps, since the command itself never goes online.

use std::fs;
use std::path::Path;

use huoyan_dossier::bundle::SigningKey;
use huoyan_dossier::bundle::timestamp::{Anchor, attach, request_for};
use huoyan_model::Locale;

use crate::args::appeal::StampArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &StampArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if let Some(request) = &args.request {
        return ask(&args.part, request, terminal);
    }
    let (Some(response), Some(key)) = (&args.response, &args.key) else {
        return Err(failure(("请给出 --request，或 --response 与 --key", "give --request, or --response with --key")));
    };
    let mut anchors = Vec::new();
    for file in &args.tsa {
        anchors.extend(Anchor::read(file).map_err(failure)?);
    }
    let key = SigningKey::read(key).map_err(failure)?;
    let response = fs::read(response).map_err(|e| failure(format!("{}: {e}", response.display())))?;
    let stamp = attach(&args.part, &response, &key, &anchors).map_err(failure)?;
    let (part, time, authority) = (args.part.display(), &stamp.time, huoyan_report::sanitise(&stamp.authority));
    terminal.print(&match terminal.language() {
        Locale::Zh => format!("{part}：时间戳 {time}，{authority}\n"),
        Locale::En => format!("{part}: time stamp {time}, {authority}\n"),
    });
    if !stamp.trusted {
        terminal.note(match terminal.language() {
            Locale::Zh => "未给出 --tsa 证书：只核对了响应自带的证书",
            Locale::En => "no --tsa certificate was given: only the certificate in the response was checked",
        });
    }
    Ok(Exit::Complete)
}

fn ask(part: &Path, request: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let bytes = request_for(part).map_err(failure)?;
    fs::write(request, bytes).map_err(|e| failure(format!("{}: {e}", request.display())))?;
    let (part, request) = (part.display(), request.display());
    terminal.note(&match terminal.language() {
        Locale::Zh => format!(
            "已写出请求 {request}；把它发给时间戳机构，例如\n  curl -H 'Content-Type: application/timestamp-query' --data-binary \
             @{request} 机构地址 -o answer.tsr\n再执行\n  huoyan appeal stamp {part} --response answer.tsr --key KEY --tsa TSA-CA.pem"
        ),
        Locale::En => format!(
            "wrote the request {request}; send it to an authority, as by\n  curl -H 'Content-Type: application/timestamp-query' \
             --data-binary @{request} ADDRESS -o answer.tsr\nand then\n  huoyan appeal stamp {part} --response answer.tsr --key KEY --tsa \
             TSA-CA.pem"
        ),
    });
    Ok(Exit::Complete)
}
