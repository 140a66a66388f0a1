//! Rule packs, contexts and overlays of prohibited-keyword: a file is refused or compiles, and what compiles can be searched
//! for.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use prohibited_keyword::overlay::Overlay;
use prohibited_keyword::pack::{Contexts, Pack};
use prohibited_keyword::{CONTEXTS, Screen, Workspace, bundled, test_examples};

fuzz_target!(|toml: &str| {
    static BUNDLED: OnceLock<Screen> = OnceLock::new();
    let bundled = BUNDLED.get_or_init(|| bundled().expect("the bundled packs compile"));
    let _ = Contexts::parse(toml);
    if let Ok(overlay) = Overlay::parse("overlay", toml) {
        let _ = bundled.overlay(&overlay);
    }
    let Ok(pack) = Pack::parse("pack", toml) else { return };
    let contexts = Contexts::parse(CONTEXTS).expect("the bundled contexts are valid");
    let Ok(screen) = Screen::new(std::slice::from_ref(&pack), &contexts) else { return };
    let (mut work, mut found) = (Workspace::new(), Vec::new());
    let text: String = toml.chars().take(4096).collect();
    screen.scan(&text, "", &mut work, &mut found);
    for hit in &found {
        assert!(hit.start < hit.end && text.get(hit.start..hit.end).is_some());
    }
    let _ = test_examples(&screen, &pack);
});
