//! What the tests of this crate start as a law's process, and as a child of the law `isolated`. The command does the same in
//! `huoyan plugin conformance-law` and `huoyan plugin-host`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [job, answer] => match huoyan_conformance::serve(job.as_ref(), answer.as_ref()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        #[cfg(unix)]
        [host] if host == "plugin-host" => huoyan_host::child::serve(),
        _ => ExitCode::FAILURE,
    }
}
