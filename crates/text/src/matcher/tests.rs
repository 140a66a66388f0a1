use crate::{Matcher, Pattern, Scratch, Variants};

fn found(words: &[&str], variants: Variants, allow: &[&str], cut: &[&str], text: &str) -> Vec<String> {
    let mut builder = Matcher::builder();
    for (id, word) in words.iter().enumerate() {
        builder = builder.pattern(Pattern::new(id as u32, *word).variants(variants));
    }
    builder = allow.iter().fold(builder, |builder, phrase| builder.allow(phrase));
    builder = cut.iter().fold(builder, |builder, word| builder.cut(word));
    let matcher = builder.build().unwrap();
    let mut scratch = Scratch::new();
    let hits = matcher.find(text, &mut scratch).iter();
    hits.map(|hit| {
        format!("{}{}", &text[hit.range()], hit.disguises.names().map(|n| format!(" {n}")).collect::<String>())
    })
    .collect()
}

fn plain(words: &[&str], text: &str) -> Vec<String> {
    found(words, Variants::NONE, &[], &[], text)
}

#[test]
fn finds_through_noise_width_and_repeats() {
    assert_eq!(
        plain(&["微信"], "加微❤️信，微 信、微微信信 微。信 威信"),
        ["微❤️信 emoji_noise", "微 信 space", "微微信信 repeat"]
    );
    assert_eq!(plain(&["拼多多"], "拼.多.多 拼多 拼多多彩"), ["拼.多.多 noise", "拼多多"]);
    assert_eq!(plain(&["qq"], "Q.Q 糖ＱＱＱ 果q"), ["Q.Q noise", "ＱＱＱ fullwidth repeat"]);
}

#[test]
fn letters_need_word_boundaries() {
    assert_eq!(plain(&["vx"], "加vx abc, v-x pvx vxl，v x，a v x b"), ["vx", "v-x noise", "v x space"]);
}

#[test]
fn allowed_phrase_beats_the_shorter_word_inside_it() {
    let all = Variants::NONE;
    assert_eq!(found(&["微信"], all, &["微信支付"], &[], "微信支付 加微信"), ["微信"]);
    assert_eq!(found(&["京东"], all, &[], &["北京", "东路"], "北京东路 京东 北京京东"), ["京东", "京东"]);
}

#[test]
fn sees_homophones_but_not_common_words() {
    let sounds = Variants::HOMOPHONE | Variants::PINYIN;
    assert_eq!(
        found(&["微信"], sounds, &[], &[], "加微芯 薇信 weixin 微xin 威信 未信任"),
        ["微芯 homophone", "薇信 homophone", "weixin pinyin", "微xin pinyin"]
    );
    assert_eq!(found(&["枪支"], sounds, &[], &[], "客厅墙纸"), [""; 0]);
}

#[test]
fn puts_taken_apart_characters_together() {
    let split = Variants::SPLIT;
    assert_eq!(found(&["微信"], split, &[], &[], "微亻言 彳攵亻言"), ["微亻言 split_char", "彳攵亻言 split_char"]);
    assert_eq!(found(&["扣扣"], split, &[], &[], "扌口扌口"), ["扌口扌口 split_char"]);
    assert_eq!(found(&["淘宝"], split, &[], &[], "氵匋 宀玉"), ["氵匋 宀玉 space split_char"]);
}

#[test]
fn sees_look_alikes_beside_a_true_character() {
    assert_eq!(
        found(&["微信", "淘宝"], Variants::GLYPH, &[], &[], "徽信 徾信 微伈 淘室 淘汰"),
        ["徽信 glyph", "徾信 glyph", "微伈 glyph", "淘室 glyph"]
    );
}

#[test]
fn reads_pictures_backwards_words_initials_and_figures() {
    assert_eq!(found(&["企鹅"], Variants::EMOJI, &[], &[], "加🐧号"), ["🐧 emoji"]);
    assert_eq!(found(&["闲鱼"], Variants::EMOJI, &[], &[], "闲🐟同名"), ["闲🐟 emoji"]);
    assert_eq!(found(&["淘宝"], Variants::REVERSED, &[], &[], "宝淘"), ["宝淘 reversed"]);
    assert_eq!(found(&["小红书"], Variants::INITIALS, &[], &[], "xhs同名"), ["xhs initials"]);
    assert_eq!(found(&["第一"], Variants::DIGITS, &[], &[], "第1"), ["第1 digits"]);
}

#[test]
fn hits_are_the_same_whatever_was_searched_before() {
    let matcher = Matcher::builder().pattern(Pattern::new(0, "微信").variants(Variants::HOMOPHONE)).build().unwrap();
    let mut used = Scratch::new();
    matcher.find("一大段别的文字，加薇信，微信，🐧🐧🐧", &mut used);
    let mut fresh = Scratch::new();
    assert_eq!(matcher.find("加薇信 微信", &mut used), matcher.find("加薇信 微信", &mut fresh));
}

#[test]
fn masked_figures_do_not_lengthen_a_word() {
    assert_eq!(plain(&["qq"], "业务：QQxxxxxxxxx"), ["QQ"]);
    assert_eq!(
        found(&["拼多多"], Variants::HOMOPHONE | Variants::PINYIN, &[], &[], "pinduoduo 拼duoduo 挺多"),
        ["pinduoduo pinyin", "拼duoduo pinyin"]
    );
}
