//! The command line of `huoyan appeal`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
pub(crate) struct AppealArgs {
    #[command(subcommand)]
    pub(crate) command: AppealCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AppealCommand {
    /// Open a case, with what a scan found as its first exhibit
    New(NewArgs),
    /// Change what `new` set: the moments that start deadlines, the target, the shop
    Set(SetArgs),
    /// Add exhibits: chats, orders, payments, parcel traces, pictures, video, PDF, mail
    Add(AddArgs),
    /// Describe an exhibit anew: its title, kind, source, links, facts; its bytes and its number stay
    Edit(EditArgs),
    /// Take an exhibit out of the case; its number is not given again, and the custody record keeps what it was
    Remove(RemoveArgs),
    /// Add a claim: one fact, and the exhibits that show it; or take one out
    Claim(ClaimArgs),
    /// Say what is asked for, in one calm sentence
    Ask(AskArgs),
    /// Say exactly what is missing; it never blocks
    Check(CaseCheckArgs),
    /// Deadlines of a case or of one rule, with what is left, and as a calendar file
    Deadline(DeadlineArgs),
    /// Build the signed bundle: redacted copies, manifests, signature, mail draft
    ///
    /// Exhibits go out as copies without personal data; originals stay in the case, or are sealed with age to the keys that --seal-to
    /// names. A PDF, a video or another file that cannot be redacted goes out only when --as-is names its exhibit. The last step looks for every
    /// value that was replaced in every byte that leaves, and stops where one stands.
    Build(BuildArgs),
    /// Verify a bundle: 0 intact, 1 refused (tampered, damaged, another signer, contradictory), 2 unreadable or not one bundle, 3 a part is missing, 4 no pinned key
    Verify(VerifyArgs),
    /// Open one token of a bundle and no other, or check such an opening
    Disclose(DiscloseArgs),
    /// Make the key that bundles are signed with
    Key(KeyArgs),
    /// Ask a time-stamping authority about a part, and put its answer into the part
    Stamp(StampArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NewArgs {
    /// What is appealed: malicious_review, ship_timeout, … (a wrong one lists them all)
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) package: String,
    /// The shop's id on the platform [default: as the findings have it]
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) shop: String,
    /// The shop's name, as shown
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) shop_name: String,
    /// Who signs for the shop
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) contact: String,
    /// A review that the case is about
    #[arg(long, value_name = "ID", group = "about")]
    pub(crate) review: Option<String>,
    /// A finding that the case is about, by its fingerprint
    #[arg(long, value_name = "FINGERPRINT", group = "about", requires = "from")]
    pub(crate) fingerprint: Option<String>,
    /// A review of a campaign: the case is about all reviews that findings tie to it
    #[arg(long, value_name = "REVIEW", group = "about", requires = "from")]
    pub(crate) campaign: Option<String>,
    /// A listing that the case is about
    #[arg(long, value_name = "ID", group = "about")]
    pub(crate) listing: Option<String>,
    /// A picture of a listing that the case is about, as L1#0, or all of them, as L1
    #[arg(long, value_name = "PICTURE", group = "about", requires = "from")]
    pub(crate) picture: Option<String>,
    /// Findings that `-o jsonl` wrote, and scanned files (JSON Lines, CSV, XLSX, …) with the records themselves; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Vec<PathBuf>,
    /// The gallery that the scan used, for a picture
    #[arg(long, value_name = "GALLERY")]
    pub(crate) gallery: Vec<PathBuf>,
    /// The folder that the scan ran in, where pictures are looked for when that is another than this one; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Vec<PathBuf>,
    /// Who the scanned files come from: platform, merchant, … [default: merchant, who has them]
    #[arg(long, value_name = "PARTY")]
    pub(crate) party: Option<String>,
    /// When the penalty notice came, as 2026-11-22T10:00:00+08:00 or 2026-11-22 10:00 (China)
    #[arg(long, value_name = "TIME")]
    pub(crate) penalty_at: Option<String>,
    /// When something else that starts a deadline happened, as appeal_filed=2026-11-22 (a wrong event lists them all); may be given several times
    #[arg(long, value_name = "EVENT=TIME")]
    pub(crate) started: Vec<String>,
    /// Where it goes: douyin, 12315, court, …
    #[arg(long, value_name = "TARGET", default_value = "douyin")]
    pub(crate) target: String,
    /// The case's folder, which must not exist
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The case's name [default: CASE-YYYYMMDD-NNNN, the next number among the cases beside it]
    #[arg(long, value_name = "NAME")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) clock: Clock,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SetArgs {
    /// The case's folder
    pub(crate) case: PathBuf,
    /// When what starts a deadline happened, as penalty_notice=2026-11-22 10:00 (a wrong event lists them all; nothing behind = takes
    /// it back); may be given several times
    #[arg(long, value_name = "EVENT=TIME")]
    pub(crate) started: Vec<String>,
    /// Where it goes: douyin, 12315, court, …
    #[arg(long, value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// The shop's id on the platform
    #[arg(long, value_name = "ID")]
    pub(crate) shop: Option<String>,
    /// The shop's name, as shown
    #[arg(long, value_name = "NAME")]
    pub(crate) shop_name: Option<String>,
    /// Who signs for the shop
    #[arg(long, value_name = "NAME")]
    pub(crate) contact: Option<String>,
    #[command(flatten)]
    pub(crate) counted: Counted,
    #[command(flatten)]
    pub(crate) clock: Clock,
}

/// By what deadlines are counted, beside what this version came with.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct Counted {
    /// Years of the holiday calendar that are added or put in place of the built-in ones, in the form of data/calendar/china.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) calendar: Option<PathBuf>,
    /// Deadlines that are added or put in place of the built-in ones, in the form of data/deadlines/douyin.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
}

/// The present, so that the same case can give the same bytes.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct Clock {
    /// The present moment, instead of the system's clock
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AddArgs {
    /// The case's folder
    pub(crate) case: PathBuf,
    /// Files to add; they are copied byte for byte
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// What they are: chat, order, payment, logistics, … [default: guessed, and the guess is told]
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// Who they come from: merchant, buyer, platform, carrier, lab, … [default: guessed from the kind]
    #[arg(long, value_name = "PARTY")]
    pub(crate) party: Option<String>,
    /// Which system they come from, such as 抖店后台
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) system: String,
    /// Where in it, such as an address
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    pub(crate) uri: String,
    /// Take a file in even where an exhibit has the same bytes [default: it is told and passed over]
    #[arg(long)]
    pub(crate) same_bytes: bool,
    /// A title for people [default: the kind's name]
    #[arg(long, value_name = "TITLE")]
    pub(crate) title: Option<String>,
    /// An order that they belong to; may be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) order: Vec<String>,
    /// A buyer that they belong to; may be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) buyer: Vec<String>,
    /// A review that they belong to; may be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) review: Vec<String>,
    /// A listing that they belong to; may be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) listing: Vec<String>,
    /// The picture beside which they are shown in the dossier, as E03
    #[arg(long, value_name = "EXHIBIT")]
    pub(crate) compare_with: Option<String>,
    /// When they were taken or exported
    #[arg(long, value_name = "TIME")]
    pub(crate) captured_at: Option<String>,
    /// Who took them
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) by: String,
    /// How: screenshot, photo, export, recording, download, scan, … [default: guessed]
    #[arg(long, value_name = "METHOD")]
    pub(crate) method: Option<String>,
    /// A fact on them that the check asks for, as report_no=…; may be given several times
    #[arg(long, value_name = "NAME=VALUE", long_help = crate::appeal::facts_help())]
    pub(crate) fact: Vec<String>,
    /// A region of a picture to black out in the copy that goes out, in pixels; may be given several times
    #[arg(long, value_name = "X,Y,W,H")]
    pub(crate) cover: Vec<String>,
    #[command(flatten)]
    pub(crate) clock: Clock,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct EditArgs {
    /// The case's folder
    pub(crate) case: PathBuf,
    /// The exhibit, as E03
    pub(crate) exhibit: String,
    /// A title for people
    #[arg(long, value_name = "TITLE")]
    pub(crate) title: Option<String>,
    /// What it is: chat, order, payment, logistics, …
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// Who it comes from: merchant, buyer, platform, carrier, lab, …
    #[arg(long, value_name = "PARTY")]
    pub(crate) party: Option<String>,
    /// Which system it comes from, such as 抖店后台
    #[arg(long, value_name = "NAME")]
    pub(crate) system: Option<String>,
    /// Where in it, such as an address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) uri: Option<String>,
    /// How it was taken: screenshot, photo, export, recording, download, scan, …
    #[arg(long, value_name = "METHOD")]
    pub(crate) method: Option<String>,
    /// When it was taken or exported
    #[arg(long, value_name = "TIME")]
    pub(crate) captured_at: Option<String>,
    /// Who took it
    #[arg(long, value_name = "NAME")]
    pub(crate) captured_by: Option<String>,
    /// A fact on it, as report_no=…; nothing behind = takes it back; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) fact: Vec<String>,
    /// The orders that it belongs to, in place of those before; may be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) order: Vec<String>,
    /// The buyers that it belongs to, in place of those before; may be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) buyer: Vec<String>,
    /// The reviews that it belongs to, in place of those before; may be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) review: Vec<String>,
    /// The listings that it belongs to, in place of those before; may be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) listing: Vec<String>,
    /// The picture beside which it is shown in the dossier, as E02
    #[arg(long, value_name = "EXHIBIT")]
    pub(crate) compare_with: Option<String>,
    /// Regions of a picture to black out in the copy that goes out, in place of those before; may be given several times
    #[arg(long, value_name = "X,Y,W,H")]
    pub(crate) cover: Vec<String>,
    /// Who does it
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) clock: Clock,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RemoveArgs {
    /// The case's folder
    pub(crate) case: PathBuf,
    /// The exhibit, as E05
    pub(crate) exhibit: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who does it
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) clock: Clock,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ClaimArgs {
    /// The case's folder
    pub(crate) case: PathBuf,
    /// The fact, in one sentence
    #[arg(required_unless_present = "remove")]
    pub(crate) text: Option<String>,
    /// Take a claim out instead, such as one that was drafted from findings; may be given several times
    #[arg(long, value_name = "C2", conflicts_with_all = ["text", "exhibit", "cover"])]
    pub(crate) remove: Vec<String>,
    /// The exhibits that show it, as E01,E02
    #[arg(long, value_name = "E01,E02", value_delimiter = ',')]
    pub(crate) exhibit: Vec<String>,
    /// Put it among the three facts on the cover
    #[arg(long)]
    pub(crate) cover: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AskArgs {
    /// The case's folder
    pub(crate) case: PathBuf,
    /// What is asked for
    pub(crate) text: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CaseCheckArgs {
    /// The case's folder
    pub(crate) case: PathBuf,
    /// The same for programs
    #[arg(long)]
    pub(crate) json: bool,
    /// Also write it as a page, for yourself
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) counted: Counted,
    #[command(flatten)]
    pub(crate) clock: Clock,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DeadlineArgs {
    /// The case's folder
    #[arg(required_unless_present = "rule", conflicts_with = "rule")]
    pub(crate) case: Option<PathBuf>,
    /// One rule, such as appeal (a wrong one lists them all)
    #[arg(long, value_name = "ID", requires = "from")]
    pub(crate) rule: Option<String>,
    /// What starts the rule's deadline
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Write a calendar file with an alarm at each step
    #[arg(long, value_name = "FILE")]
    pub(crate) ics: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) counted: Counted,
    #[command(flatten)]
    pub(crate) clock: Clock,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BuildArgs {
    /// The case's folder
    pub(crate) case: PathBuf,
    /// The key to sign with, as `huoyan appeal key` or ssh-keygen makes it
    #[arg(long, value_name = "KEY")]
    pub(crate) key: PathBuf,
    /// A new folder for the bundle
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Where it goes [default: as the case says]
    #[arg(long, value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// For whom it is redacted: platform, confidential, public
    #[arg(long, value_name = "PROFILE", default_value = "platform")]
    pub(crate) profile: String,
    /// Put sealed originals in that this age key opens; may be given several times
    #[arg(long, value_name = "age1…")]
    pub(crate) seal_to: Vec<String>,
    /// Exhibits that go out as they are, since they cannot be redacted here and you have looked through them
    #[arg(long, value_name = "E05", value_delimiter = ',')]
    pub(crate) as_is: Vec<String>,
    /// The program that renders the PDF (`huoyan-pdf`) [default: none, the cover is HTML]
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) pdf: Option<PathBuf>,
    /// Who builds it, for environment.json
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) operator: String,
    #[command(flatten)]
    pub(crate) counted: Counted,
    #[command(flatten)]
    pub(crate) clock: Clock,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// Parts (.zip), folders they were unzipped to, or folders with parts in them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A key known from elsewhere: a .pub or an allowed_signers file; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,
    /// Certificates of time-stamping authorities, PEM or DER; may be given several times
    #[arg(long, value_name = "CERT")]
    pub(crate) tsa: Vec<PathBuf>,
    /// The whole report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DiscloseArgs {
    /// The case's folder
    #[arg(required_unless_present = "check", value_name = "CASE")]
    pub(crate) case: Option<PathBuf>,
    /// The token to open, as [手机·A3F7]
    #[arg(required_unless_present_any = ["check", "span"], value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// The commitment of the one span to open, from redactions.jsonl
    #[arg(long, value_name = "COMMITMENT", conflicts_with = "token")]
    pub(crate) span: Option<String>,
    /// The profile that the bundle was built with
    #[arg(long, value_name = "PROFILE", default_value = "platform")]
    pub(crate) profile: String,
    /// Check an opening against a bundle: exit status 0 it fits, 1 it does not
    #[arg(long, num_args = 2, value_names = ["OPENING", "BUNDLE"], conflicts_with_all = ["case", "token", "span"])]
    pub(crate) check: Vec<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make an ed25519 key in OpenSSH's format: FILE and FILE.pub
    New {
        /// The private key's file, which must not exist
        file: PathBuf,
        /// A comment in it
        #[arg(long, value_name = "TEXT", default_value = "huoyan appeal")]
        comment: String,
    },
    /// Print the fingerprint of a key file, private or public
    Show {
        /// The key's file
        file: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StampArgs {
    /// The part (.zip)
    pub(crate) part: PathBuf,
    /// Write the request (.tsq), to be sent to an authority
    #[arg(long, value_name = "FILE", required_unless_present = "response")]
    pub(crate) request: Option<PathBuf>,
    /// The authority's answer (.tsr), to be put into the part
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with = "request")]
    pub(crate) response: Option<PathBuf>,
    /// The key that signed the part
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<PathBuf>,
    /// Certificates that the answer must lead to; may be given several times
    #[arg(long, value_name = "CERT")]
    pub(crate) tsa: Vec<PathBuf>,
}
