//! `huoyan appeal key`: the key that bundles are signed with.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use huoyan_dossier::bundle::{PublicKey, SigningKey};
use huoyan_model::Locale;

use crate::args::appeal::{KeyArgs, KeyCommand};
use crate::exit::Exit;
use crate::plugins::{Failure, failure};
use crate::terminal::Terminal;

pub(super) fn run(args: &KeyArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        KeyCommand::New { file, comment } => new(file, comment, terminal),
        KeyCommand::Show { file } => show(file, terminal),
    }
}

fn new(file: &Path, comment: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut public_file = file.as_os_str().to_owned();
    public_file.push(".pub");
    let public_file = Path::new(&public_file);
    let shown = public_file.display();
    if public_file.symlink_metadata().is_ok() {
        return Err(failure((
            format!("{shown} 已存在，未做任何改动；请换一个位置"),
            format!("{shown} exists; nothing was touched, name another place"),
        )));
    }
    let key = SigningKey::generate().map_err(failure)?;
    key.write(file, comment).map_err(failure)?;
    let line = format!("{} {comment}\n", key.public().openssh());
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(public_file)
        .and_then(|mut out| out.write_all(line.as_bytes()))
        .map_err(super::unwritable(public_file))?;
    terminal.print(&format!("{}\n", key.public().fingerprint()));
    let file = file.display();
    terminal.note(&match terminal.language() {
        Locale::Zh => format!(
            "私钥 {file}（只有您可读，请勿外传并备份），公钥 {shown}；请通过邮件以外的渠道把上面的指纹告诉核验方"
        ),
        Locale::En => format!(
            "private key {file} (readable by you alone: keep it, back it up), public key {shown}; tell those who verify the \
             fingerprint above by another way than the bundle's mail"
        ),
    });
    Ok(Exit::Complete)
}

fn show(file: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let public = match PublicKey::read(file) {
        Ok(key) => key,
        Err(_) => SigningKey::read(file).map_err(failure)?.public(),
    };
    terminal.print(&format!("{}\n", public.fingerprint()));
    Ok(Exit::Complete)
}

/// The private key that signs.
pub(super) fn signing(file: &Path) -> Result<SigningKey, Failure> {
    // Its half for others is most often named by mistake, and is readable by all as it should be.
    if PublicKey::read(file).is_ok() {
        let why =
            ("这是公钥；请给出同名、不带 .pub 的私钥", "this is a public key; name the private one, without .pub");
        return Err(super::of_file(file, &why.into()));
    }
    SigningKey::read(file).map_err(failure)
}
