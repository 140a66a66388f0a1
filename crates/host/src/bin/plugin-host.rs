//! What the tests of this crate start as a child. The command does the same in `huoyan plugin-host`.

fn main() -> std::process::ExitCode {
    #[cfg(unix)]
    return huoyan_host::child::serve();
    #[cfg(not(unix))]
    std::process::ExitCode::FAILURE
}
