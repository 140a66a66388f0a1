//! Characters so frequent that, where they stand, they mean themselves and are no look-alike of another: 是好用 is not 最好用.

use std::sync::OnceLock;

/// About the six hundred most frequent characters of running Chinese text, by our own observation.
const FREQUENT: &str = "的一是了我不在人有来他这上大着个到说们为子和你地出道也时年得就那要下以生会自去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理点月明其种声全工己话儿者向情部正名定女问力机给等几很业间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红决周保达办运武半候七必城父强步完深区即求品士转量空甚众轻程告江语英基派满式李息写呢识黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏木朱桂寸左右米布衣瓶盒袋装码洗货件套款质尺店买卖便宜贵评差赞送寄退换穿戴薄厚宽窄短软硬轻净味甜酸苦辣咸柜箱桌椅床灯锅杯盘碗壶鞋裤裙帽袜扣链绳管板纸棉毛皮钢铁铜银玉珠瓷砖漆胶泵阀轮轴螺钉剪钳锤锯架座垫枕被帘毯巾膜霜乳液粉膏笔册贴牌签卡票券份腰臀胸腿份盆桶篮袋筒油盐肉鱼菜饭茶酒果蛋奶糖";

/// The first and one past the last Han character of the basic block.
const BLOCK: std::ops::Range<usize> = 0x4E00..0xA000;

/// Whether `c` is one of them.
pub(crate) fn is_frequent(c: char) -> bool {
    static BITS: OnceLock<Vec<bool>> = OnceLock::new();
    let bits = BITS.get_or_init(|| {
        let mut bits = vec![false; BLOCK.len()];
        for at in FREQUENT.chars().filter_map(|c| (c as usize).checked_sub(BLOCK.start)) {
            if let Some(bit) = bits.get_mut(at) {
                *bit = true;
            }
        }
        bits
    });
    (c as usize).checked_sub(BLOCK.start).and_then(|at| bits.get(at)).copied().unwrap_or(false)
}
