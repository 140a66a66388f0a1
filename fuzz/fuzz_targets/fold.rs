//! Folding: every atom and contact lies on character boundaries, in order, and a folded text folds to itself.
#![no_main]

use huoyan_text::{Folded, contacts, fold_char};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut folded = Folded::new();
    folded.fold(text);
    let mut end = 0;
    for atom in folded.atoms() {
        assert!(end <= atom.start && atom.start < atom.end, "{atom:?}");
        assert!(text.get(atom.start as usize..atom.end as usize).is_some(), "{atom:?}");
        assert_eq!(fold_char(atom.code).1, atom.code, "{atom:?}");
        end = atom.end;
    }
    let counted: u32 = folded.keys().iter().map(|key| key.atoms).sum();
    assert_eq!(counted as usize, folded.atoms().len());
    let mut found = Vec::new();
    contacts(text, &folded, &mut found);
    for contact in found {
        assert!(text.get(contact.start as usize..contact.end as usize).is_some(), "{contact:?}");
    }
});
