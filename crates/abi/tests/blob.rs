//! The exported byte strings: what is written is read, and what is cut off or made up is refused. Run under Miri, too.

use huoyan_abi::{Blob, BlobError, END, ResourceEntry, Resources, read_manifest, read_resources};

/// The bytes of a value without padding.
fn bytes<T>(value: &T) -> &[u8] {
    assert_eq!(align_of::<T>(), 1);
    #[expect(unsafe_code, reason = "the exported statics are read as bytes by whoever opens the file")]
    // SAFETY: the type has alignment 1 and no padding, as the module promises.
    unsafe {
        std::slice::from_raw_parts(std::ptr::from_ref(value).cast(), size_of::<T>())
    }
}

fn resources(blob: &[u8]) -> Result<Vec<(&str, &[u8])>, BlobError> {
    let mut out = Vec::new();
    read_resources(blob, |name, data| out.push((name, data)))?;
    Ok(out)
}

#[test]
fn a_manifest_is_read_back_and_every_cut_is_refused() {
    static MANIFEST: Blob<7> = Blob::manifest(b"{\"a\":1}");
    let whole = bytes(&MANIFEST);
    assert_eq!(read_manifest(whole), Ok(&b"{\"a\":1}"[..]));
    // What follows in the file is not the manifest's.
    assert_eq!(read_manifest(&[whole, b"more"].concat()), Ok(&b"{\"a\":1}"[..]));
    for end in 0..whole.len() {
        let expected = if end < 8 { BlobError::Magic } else { BlobError::Truncated };
        assert_eq!(read_manifest(&whole[..end]), Err(expected), "{end}");
    }
}

#[test]
fn resources_are_read_back_and_every_cut_is_refused() {
    type Chain = ResourceEntry<5, 3, ResourceEntry<7, 0, [u8; 8]>>;
    static RESOURCES: Resources<Chain> =
        Resources::new(ResourceEntry::new("rules", b"abc", ResourceEntry::new("rules/b", b"", END)));
    let whole = bytes(&RESOURCES);
    assert_eq!(resources(whole).unwrap(), [("rules", &b"abc"[..]), ("rules/b", b"")]);
    for end in 0..whole.len() {
        assert!(resources(&whole[..end]).is_err(), "{end}");
    }
}

#[test]
fn lengths_that_overflow_are_refused() {
    let entry =
        |name: u64, data: u64| [b"HYRESRC1".as_slice(), &name.to_le_bytes(), &data.to_le_bytes(), &[b'a'; 64]].concat();
    for (name, data) in
        [(u64::MAX, 1), (1, u64::MAX), (u64::MAX, u64::MAX), (1 << 63, 1 << 63), (65, 0), (1, 64), (64, 1)]
    {
        assert_eq!(resources(&entry(name, data)), Err(BlobError::Truncated), "{name} {data}");
    }
    let manifest = [b"HYMANIF1".as_slice(), &u64::MAX.to_le_bytes(), b"{}"].concat();
    assert_eq!(read_manifest(&manifest), Err(BlobError::Truncated));
    let mut name = entry(1, 0);
    name[24] = 0xff;
    assert_eq!(resources(&name), Err(BlobError::Name));
}
