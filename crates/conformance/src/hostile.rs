//! Texts that stand in real exports and break programs that were only shown polite ones.

/// What is hostile about a text, and the text.
pub(crate) fn texts() -> Vec<(&'static str, String)> {
    let fixed: &[(&str, &str)] = &[
        ("empty", ""),
        ("space", " \t\u{3000}\u{a0}"),
        ("NUL", "\u{0}"),
        ("NUL inside", "正品\u{0}包邮"),
        ("other control characters", "a\u{1}\u{7}\u{8}\u{1b}[31mb\u{7f}\u{85}"),
        ("line breaks", "一\r\n二\n三\r四\u{2028}五\u{2029}"),
        ("lone combining marks", "\u{301}\u{300}\u{20dd}"),
        ("combining marks on Han", "最\u{336}好\u{336}"),
        ("right to left", "\u{202e}抢快\u{202c}abc\u{200f}שלום مرحبا"),
        ("unclosed right to left", "加\u{202e}微\u{2067}信"),
        ("four bytes", "𠮷野家𪚥🧧𝓋𝓍"),
        ("emoji sequence", "👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿👍🏽🇨🇳1️⃣"),
        ("Han and emoji", "最🉐好💯微❤️信"),
        ("byte order mark", "\u{feff}正品"),
        ("byte order mark inside", "正\u{feff}品"),
        ("non-characters", "\u{fffe}\u{ffff}\u{1ffff}\u{10ffff}\u{fdd0}"),
        ("private use", "\u{e000}\u{f8ff}\u{100000}"),
        ("replacement character", "\u{fffd}\u{fffd}"),
        ("zero width", "微\u{200b}信\u{200d}\u{2060}\u{ad}"),
        ("tags and variation selectors", "a\u{e0001}\u{e0061}\u{fe0f}\u{e0100}"),
        ("full width", "ＶＸ：１３８００１３８０００！！！"),
        ("dotted and sharp", "İıßẞﬁŐ"),
        ("Hangul and jamo", "각\u{1100}\u{1161}\u{11a8}"),
        ("quotes and backslashes", "\"\\'{}[]\\u0000<script>&amp;\\"),
        ("JSON", "{\"a\":[1,2"),
        ("percent and format", "%s%n%d{}{0}$1\\1"),
    ];
    let mut all: Vec<(&'static str, String)> = fixed.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    all.push(("a long run of one letter", "a".repeat(20_000)));
    all.push(("a long run of one sign", "!".repeat(20_000)));
    all.push(("a long run of a Han character", "最".repeat(20_000)));
    all.push(("a long run of combining marks", format!("a{}", "\u{301}".repeat(20_000))));
    all.push(("a long run of digits", "1234567890".repeat(2_000)));
    all.push(("a long run of brackets", "(".repeat(20_000)));
    all.push(("a long run of NUL", "\u{0}".repeat(10_000)));
    all.push(("a long run of emoji", "👍🏽".repeat(5_000)));
    all.push(("a long run of noise", "微.信-加 ".repeat(4_000)));
    all.push(("1 MiB", "这是一段很长的商品描述，没有什么特别之处。".repeat((1 << 20) / 63 + 1)));
    all
}
