//! What pictures mean when they stand in a word: 🐧 for 企鹅, 🐟 for 鱼.

/// Pictures by code point with the characters they stand for. Our own observation; kept sorted.
static MEANINGS: &[(char, &str)] = &[
    ('☎', "电话"),
    ('♥', "心"),
    ('✈', "飞机"),
    ('✉', "邮箱"),
    ('✋', "手"),
    ('✚', "加"),
    ('❣', "心"),
    ('❤', "心"),
    ('➕', "加"),
    ('⭐', "星"),
    ('🌱', "草"),
    ('🌿', "草"),
    ('🍃', "叶"),
    ('🍑', "桃"),
    ('🍠', "红薯"),
    ('🎁', "宝"),
    ('🎣', "鱼"),
    ('🎵', "音"),
    ('🎶', "音"),
    ('🏠', "家"),
    ('🐈', "猫"),
    ('🐎', "马"),
    ('🐕', "狗"),
    ('🐟', "鱼"),
    ('🐠', "鱼"),
    ('🐡', "鱼"),
    ('🐧', "企鹅"),
    ('🐱', "猫"),
    ('🐴', "马"),
    ('🐶', "狗"),
    ('👋', "手"),
    ('💉', "针"),
    ('💊', "药"),
    ('💌', "信"),
    ('💎', "宝"),
    ('💓', "心"),
    ('💕', "心"),
    ('💖', "心"),
    ('💗', "心"),
    ('💙', "心"),
    ('💚', "心"),
    ('💛', "心"),
    ('💜', "心"),
    ('💣', "炸弹"),
    ('💰', "钱"),
    ('📕', "红书"),
    ('📞', "电话"),
    ('📧', "邮箱"),
    ('📩', "信"),
    ('📨', "信"),
    ('📱', "手机"),
    ('🔍', "搜"),
    ('🔎', "搜"),
    ('🔪', "刀"),
    ('🔫', "枪"),
    ('🖐', "手"),
    ('🖤', "心"),
    ('🚬', "烟"),
    ('🤚', "手"),
    ('🧡', "心"),
    ('🧧', "红包"),
    ('🧨', "鞭炮"),
];

/// The characters that a picture stands for.
pub(crate) fn meaning(c: char) -> Option<&'static str> {
    if (c as u32) < 0x2600 {
        return None;
    }
    MEANINGS.iter().find(|(picture, _)| *picture == c).map(|(_, meaning)| *meaning)
}

/// The pictures that stand for characters.
pub(crate) fn pictures() -> impl Iterator<Item = char> {
    MEANINGS.iter().map(|(picture, _)| *picture)
}

#[cfg(test)]
mod tests {
    use super::meaning;

    #[test]
    fn pictures_have_meanings() {
        assert_eq!(meaning('🐧'), Some("企鹅"));
        assert_eq!(meaning('字'), None);
    }
}
