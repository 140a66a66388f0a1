//! `plugins.lock`: refused or read, and what was read is what would be written.
#![no_main]

use huoyan_host::{Lock, Standing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(lock) = Lock::parse(text) else { return };
    let again = Lock::parse(&lock.to_text()).expect("what is written can be read");
    assert_eq!(again.entries(), lock.entries());
    assert_eq!(again.to_text(), lock.to_text());
    for entry in lock.entries() {
        assert_eq!(lock.standing(&entry.name, entry.hex()), Standing::Listed(entry));
        assert_eq!(lock.standing(&entry.name, ""), Standing::Changed(entry));
    }
});
