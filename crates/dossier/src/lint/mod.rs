//! What would sink an appeal, said before it is sent: the sentences of the statement, and the merchant's own chats.
//!
//! A platform refuses statements that insult, guess or claim more than the exhibits show, and a record in which the shop
//! paid for a review or pressed for its removal. The lint names the words and what to do; it never rewrites. What must
//! stay true:
//!
//! * words, reasons and advice are data (`data/lint/`), each rule with its own examples, which the tests run;
//! * a span lies on character boundaries of the text it was given for;
//! * what is quoted from somebody else is not the writer's own, and what is denied is not done;
//! * nothing here says that a review is malicious: of a buyer's words it says only where they stand.

mod chat;
mod cite;
mod finding;
mod link;
mod pack;
mod pattern;
mod quote;
mod sentence;
mod statement;
mod text;
mod wording;

pub use chat::{Message, Who, check_chats};
pub use cite::{Citation, ExhibitId, citations};
pub use finding::{ChatFinding, Kind, Severity, StatementFinding};
pub use pack::{LintPack, LintRule, PackError, RuleOrigin, Scope};
pub use sentence::{Sentence, sentences};
pub use statement::{StatementReport, check_statement};
pub use wording::{Phrase, Wording};
