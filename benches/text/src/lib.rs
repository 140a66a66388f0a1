//! Figures of the text matcher and of the two packs that are searched with it. The commands `text-bench` and `mention-bench`
//! use this; each module defines what it measures, and `benches/README.md` shows what came out.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

pub mod bare;
pub mod corpus;
pub mod memory;
pub mod variants;
pub mod worst;
