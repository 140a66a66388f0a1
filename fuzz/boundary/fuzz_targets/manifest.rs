//! What a plugin file says of itself: refused or read, never a crash. The first byte chooses the way in.
#![no_main]

use huoyan_model::Manifest;
use libfuzzer_sys::fuzz_target;

/// A whole plugin, to be damaged.
static PLUGIN: &[u8] = include_bytes!("../../../fixtures/abi/1.0/archived-x86_64-linux-gnu.so");

fuzz_target!(|bytes: &[u8]| {
    let Some((way, rest)) = bytes.split_first() else { return };
    match way % 5 {
        0 => {
            let Ok(manifest) = Manifest::parse(rest) else { return };
            let text = serde_json::to_vec(&manifest).expect("a manifest is JSON");
            assert_eq!(Manifest::parse(&text).as_ref(), Ok(&manifest), "what was read is not what was written");
        }
        1 => {
            if let Ok(json) = huoyan_abi::read_manifest(rest) {
                assert!(json.len() + 16 <= rest.len());
            }
        }
        2 => {
            let mut total = 0;
            let _ = huoyan_abi::read_resources(rest, |name, data| total += name.len() + data.len());
            assert!(total <= rest.len(), "resources overlap");
        }
        3 => {
            let _ = huoyan_host::read_rule_pack("rules", rest);
        }
        _ => {
            // Each four bytes: where, what. Half of the places are in the headers.
            let mut library = PLUGIN.to_vec();
            for change in rest.chunks_exact(4) {
                let place = usize::from(u16::from_le_bytes([change[0], change[1]]));
                let within = if change[2] & 1 == 0 { 1024 } else { library.len() };
                library[place % within] = change[3];
            }
            if let Ok(Some((manifest, resources))) = huoyan_host::look_into(&library) {
                assert!(!manifest.detectors.is_empty());
                assert!(resources.iter().map(|r| r.as_slice().len()).sum::<usize>() <= library.len());
            }
        }
    }
});
