//! A time-stamping authority made with the system's openssl.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub struct Authority {
    folder: tempfile::TempDir,
}

const CONFIG: &str = "[req]\ndistinguished_name=n\n[n]\n[root]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n\
[tsa]\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=critical,timeStamping\n[ts]\ndefault_tsa=t\n[t]\nserial=DIR/serial\n\
default_policy=1.2.3.4.1\ndigests=sha256\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n";

/// Whether a program is there: it must be in CI. Elsewhere it says so if not, so that a skipped test does not look like a passed one.
#[expect(clippy::print_stderr, reason = "a skipped test must not look like one that passed")]
pub fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(there || std::env::var_os("CI").is_none(), "{program} is not installed, and CI tests everything");
    if !there {
        eprintln!("SKIPPED: {program} is not installed");
    }
    there
}

pub fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

impl Authority {
    /// `None`, and a word about it, where there is no openssl.
    pub fn new() -> Option<Self> {
        if !is_there("openssl") {
            return None;
        }
        let authority = Self { folder: tempfile::tempdir().unwrap() };
        let dir = authority.folder.path();
        std::fs::write(dir.join("cnf"), CONFIG.replace("DIR", &dir.display().to_string())).unwrap();
        std::fs::write(dir.join("serial"), "01").unwrap();
        let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "cnf"];
        authority.openssl(
            &[
                &["req", "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test-ca", "-days", "99"],
                &ec[..],
                &["-extensions", "root"],
            ]
            .concat(),
        );
        authority
            .openssl(&[&["req", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=test-tsa"], &ec[..]].concat());
        authority.openssl(&[
            "x509",
            "-req",
            "-in",
            "tsa.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "90",
            "-extfile",
            "cnf",
            "-extensions",
            "tsa",
            "-out",
            "tsa.pem",
        ]);
        Some(authority)
    }

    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The whole response to a request.
    pub fn answer(&self, request: &[u8]) -> Vec<u8> {
        let dir = self.folder.path();
        std::fs::write(dir.join("q"), request).unwrap();
        self.openssl(&[
            "ts",
            "-reply",
            "-config",
            "cnf",
            "-section",
            "t",
            "-queryfile",
            "q",
            "-signer",
            "tsa.pem",
            "-inkey",
            "tsa.key",
            "-sha256",
            "-out",
            "r",
        ]);
        std::fs::read(dir.join("r")).unwrap()
    }

    /// What `openssl ts -verify` says.
    pub fn verifies(&self, data: &Path, response: &Path) -> bool {
        let mut command = Command::new("openssl");
        command.args(["ts", "-verify", "-data"]).arg(data).arg("-in").arg(response).arg("-CAfile");
        run(command.arg(self.certificate())).0
    }

    fn openssl(&self, args: &[&str]) {
        let (good, text) = run(Command::new("openssl").args(args).current_dir(self.folder.path()));
        assert!(good, "openssl {args:?}: {text}");
    }
}
