//! Measures what the crate `huoyan-vision` does in bulk. See benches/README.md.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "prints its measurements")]

mod gallery;
mod hamming;
mod hashing;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first() {
        Some((name, rest)) if name == "hamming" => hamming::run(rest),
        Some((name, rest)) if name == "gallery" => gallery::run(rest),
        Some((name, rest)) if name == "hashing" => hashing::run(rest),
        _ => Err("usage: vision-bench hamming [CODES [QUERIES [FOLDER [PARTS]]]] | hashing PICTURES_DIR | gallery [PICTURES [FOLDER]]".into()),
    };
    if let Err(error) = result {
        eprintln!("{error}");
        std::process::exit(2);
    }
}
