//! Files of platform-mention: each is refused or, among the bundled others, makes a lexicon that texts can be screened with.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use platform_mention::BUNDLED;
use platform_mention::lexicon::{Lexicon, Sources};
use platform_mention::overlay::{Overlaid, Overlay};
use platform_mention::screen::{Setting, Voice, Work, screen};

fuzz_target!(|input: (u8, &str)| {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    let bundled = LEXICON.get_or_init(|| Lexicon::new(&BUNDLED).expect("the bundled pack compiles"));
    let (which, toml) = input;
    let sources = match which % 6 {
        0 => Sources { mention: toml, ..BUNDLED },
        1 => Sources { contact: toml, ..BUNDLED },
        2 => Sources { aliases: toml, ..BUNDLED },
        3 => Sources { context: toml, ..BUNDLED },
        4 => Sources { domains: toml, ..BUNDLED },
        _ => {
            if let Ok(overlay) = Overlay::parse("overlay", toml) {
                let _ = Overlaid::new(bundled, &overlay);
            }
            return;
        }
    };
    let Ok(lexicon) = Lexicon::new(&sources) else { return };
    let text: String = toml.chars().take(4096).collect();
    for seen in screen(&lexicon, &text, Setting::of(Voice::Shop), &mut Work::default()) {
        assert!(seen.start < seen.end && text.get(seen.start as usize..seen.end as usize).is_some());
    }
});
