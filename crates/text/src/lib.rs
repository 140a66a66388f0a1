//! Sees words through their disguises: folding with exact offsets back, multi-pattern search, contact grammar.
//!
//! A seller who may not write 微信 writes 薇❤信, ＶＸ, v-x, 亻言 or wēixìn. Rather than listing spellings, this crate folds
//! the text once into *atoms* (one character each, with its bytes in the original), keeps what was hidden between
//! them, and searches the folded form. What must stay true:
//!
//! * every span handed out lies on character boundaries of the original text;
//! * the same text gives the same hits, whatever was searched before with the same [`Scratch`];
//! * no input makes it panic, and nothing is allocated per text once a [`Scratch`] is warm.
//!
//! The tables under `tables/` are written by the package in `generator/`, but for `pictures.txt` and `shapes.txt`, which are kept
//! by hand.

mod contact;
mod disguise;
mod emoji;
mod fold;
mod matcher;
mod parts;
mod pattern;
mod sound;
mod words;

pub use contact::{Contact, ContactKind, Figures, contacts, figures_from, figures_split};
pub use disguise::Disguises;
pub use fold::{Atom, Folded, Gap, Key, Kind, fold_char};
pub use matcher::{Hit, Matcher, MatcherBuilder, MatcherError, Scratch, Signs};
pub use parts::look_alike;
pub use pattern::{Boundary, Pattern, Variants};
pub use sound::sound_alike;
pub use words::{is_common_word, is_everyday};
