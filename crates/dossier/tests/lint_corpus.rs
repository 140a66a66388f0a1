//! Precision and recall of the self-check on a seeded corpus of templates that no rule's example contains.
//!
//! `FIRST` was written after the word lists and before a run on it; the lists were then widened by what it showed, and again by
//! what `SECOND` and `THIRD`, each written after that, showed. `HELD_OUT` was written last and nothing was changed for it. All are by the hand
//! that wrote the lists: they tell how far the lists carry, not how real chats read. `cargo test -p huoyan-dossier --test lint_corpus -- --nocapture` prints the tables
//! that benches/calendar/README.md shows.

#![expect(clippy::print_stdout, reason = "the table of figures is for people")]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::{BTreeMap, BTreeSet};

use huoyan_dossier::deadline::Instant;
use huoyan_dossier::lint::{Kind, LintPack, Message, Who, check_chats};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        from[((z ^ z >> 31) % from.len() as u64) as usize]
    }
}

const M: Who = Who::Merchant;
const B: Who = Who::Buyer;

/// A template: who writes it, and the kind that must be found (none: nothing of any kind but a low one).
const FIRST: &[(Who, Option<Kind>, &str)] = &[
    (M, Some(Kind::ReviewPressure), "{p}那条{neg}能撤下来吗，店里小本生意不容易"),
    (M, Some(Kind::ReviewPressure), "{p}后台看到您给了{neg}，辛苦抽空去改一改"),
    (M, Some(Kind::ReviewPressure), "{p}问题都给您解决了，{neg}是不是可以删一下了"),
    (M, Some(Kind::ReviewPressure), "{p}教您怎么操作：我的订单里点评价，点删除就行"),
    (M, Some(Kind::ReviewPressure), "您这边把{neg}处理掉，我们领导才不追究"),
    (M, Some(Kind::ReviewPressure), "{p}麻烦把刚刚的评论隐藏"),
    (M, Some(Kind::ReviewPressure), "{p}改个五星可以不"),
    (M, Some(Kind::ReviewPressure), "Would you mind removing the review you left for the {g}?"),
    (M, Some(Kind::CompensationForReview), "{p}{neg}撤了，{n}元马上到账"),
    (M, Some(Kind::CompensationForReview), "{p}给您转{n}，评价帮我们改成五星就行"),
    (M, Some(Kind::CompensationForReview), "{p}这边申请了{n}元红包，需要您先修改评价"),
    (M, Some(Kind::CompensationForReview), "收到{g}后五星带图，联系客服领{n}元"),
    (M, Some(Kind::CompensationForReview), "{p}15字以上好评加晒图，返{n}元现金"),
    (M, Some(Kind::CompensationForReview), "{p}您删掉评价之后我们免单"),
    (M, Some(Kind::CompensationForReview), "{p}好评截图发来，送您一份小礼品"),
    (M, Some(Kind::CompensationForReview), "We will give you {n} yuan once you change the review"),
    (M, Some(Kind::Threat), "{p}再不删我就把你的收货地址挂出去"),
    (M, Some(Kind::Threat), "别逼我们走法律程序，律师函下周到你单位"),
    (M, Some(Kind::Threat), "给{neg}是吧，那{g}的钱你也别想退了"),
    (M, Some(Kind::Threat), "你的电话和地址我都有，好自为之"),
    (M, Some(Kind::Threat), "不改{neg}我们就拉黑你不处理售后"),
    (M, Some(Kind::Insult), "没见过你这种不要脸的"),
    (M, Some(Kind::Insult), "买个{g}事这么多，穷逼一个"),
    (M, Some(Kind::Insult), "你脑子有问题吧"),
    (M, Some(Kind::Insult), "You are an idiot, read the page of the {g}"),
    (M, Some(Kind::OffPlatform), "{p}平台上不方便说，您加下我v信"),
    (M, Some(Kind::OffPlatform), "{p}留个微信吧，{n}元我私下补给您"),
    (M, Some(Kind::OffPlatform), "{p}扫这个二维码加客服QQ处理"),
    (M, Some(Kind::OffPlatform), "{p}我用支付宝把{n}元打给您，不走平台"),
    (M, Some(Kind::OffPlatform), "{p}wx：shop88612，备注{g}"),
    (M, Some(Kind::FaultAdmission), "{p}抱歉，{g}是我们这边发错型号了"),
    (M, Some(Kind::FaultAdmission), "{p}查了监控，打包的时候确实少放了一件，是我们的疏忽"),
    (M, Some(Kind::FaultAdmission), "{p}这个批次的{g}的确有瑕疵"),
    (M, Some(Kind::FaultAdmission), "{p}详情页尺寸标错了，我们的锅"),
    (M, Some(Kind::RefusesReturn), "{g}拆了就不给退"),
    (M, Some(Kind::RefusesReturn), "活动款概不退换，拍下视为同意"),
    (M, None, "{p}{g}今天下午发出，单号稍后发您"),
    (M, None, "{p}{n}元差价已经原路退回，请注意查收"),
    (M, None, "{p}抱歉让您久等了，给您申请{n}元运费补偿"),
    (M, None, "{p}您的{g}可以改地址，改好后联系我"),
    (M, None, "{p}非常抱歉没能让您满意，{neg}我们看到了，您方便说说是哪里的问题吗"),
    (M, None, "{p}您提到评论里的破损，麻烦拍张照片，我们给您补发"),
    (M, None, "{p}我们不会以任何补偿换取评价修改，退款照常办理"),
    (M, None, "{p}平台规则不允许商家要求删评，您放心"),
    (M, None, "{p}改不改{neg}由您决定，{n}元补偿都会给您"),
    (M, None, "{p}您说“不返{n}元就{neg}”，这个我们不能答应"),
    (M, None, "{p}感谢您的五星好评，期待下次光临"),
    (M, None, "{p}请在平台内沟通，谨防以微信转账为名的诈骗"),
    (M, None, "{p}{g}支持微信支付和支付宝支付"),
    (M, None, "{p}如果是仓库发错颜色，来回运费由我们承担"),
    (M, None, "{p}正在核实是否漏发，稍后回复您"),
    (M, None, "{p}满{n}元可用优惠券，首页领取"),
    (M, None, "{p}订单备注已修改，取消退款后会继续发货"),
    (M, None, "{p}您如需报警或起诉，我们会配合提供材料"),
    (M, None, "{p}{g}支持七天无理由退货，运费险已投保"),
    (M, None, "{p}加急已经备注，今天优先打包{g}"),
    (M, None, "{p}滚筒刷是赠品，随{g}一起发出"),
    (M, None, "{p}收到，退货地址已发您，请填写单号"),
    (M, None, "Thank you for your review, the refund of {n} yuan was sent today"),
    (M, None, "Please send a photo of the {g} so that we can replace it"),
    (B, Some(Kind::Extortion), "给我{n}块，{neg}马上删"),
    (B, Some(Kind::Extortion), "不给{n}元红包我就{neg}"),
    (B, Some(Kind::Extortion), "想让我改好评？先转{n}元"),
    (B, Some(Kind::Extortion), "赔{n}块这事就算了，不然{neg}伺候"),
    (B, Some(Kind::Extortion), "{g}我不退，给我返{n}元，否则挂到网上"),
    (B, Some(Kind::Extortion), "送我一件{g}我就撤销{neg}"),
    (B, Some(Kind::Extortion), "没有补偿就等着一星吧"),
    (B, Some(Kind::Extortion), "Give me {n} yuan or I leave a bad review"),
    (B, Some(Kind::ConditionalThreat), "再不退款我就去12315投诉"),
    (B, Some(Kind::ConditionalThreat), "{g}今天不退钱，{neg}等着"),
    (B, Some(Kind::ConditionalThreat), "按规定退一赔三，不然举报"),
    (B, Some(Kind::BuyerAdmission), "实话说吧，有人让我写{neg}的，{n}一条"),
    (B, Some(Kind::BuyerAdmission), "{g}其实挺好的，当时心情不好才给的{neg}"),
    (B, Some(Kind::BuyerAdmission), "我是接单写{neg}的，别找我"),
    (B, None, "{g}有色差，给了{neg}，希望改进"),
    (B, None, "{g}坏了，申请退款{n}元什么时候到账"),
    (B, None, "五星好评的{n}元红包怎么还没给我"),
    (B, None, "客服说删了{neg}才给退款，这合理吗"),
    (B, None, "我不要补偿，也不会改{neg}"),
    (B, None, "请问{g}有{n}克装的吗"),
    (B, None, "退款收到了，谢谢"),
    (B, None, "你们让我改评价，我不改"),
    (B, None, "买了{n}块的{g}，用三天就坏，差评"),
    (B, None, "要投诉的话找谁"),
];

/// As `FIRST`, written after the lists were widened by that.
const SECOND: &[(Who, Option<Kind>, &str)] = &[
    (M, Some(Kind::ReviewPressure), "{p}看您打了{neg}，有什么不满意跟我说，先把评价撤回来好不好"),
    (M, Some(Kind::ReviewPressure), "{p}我是新来的，这条{neg}要扣我工资的，求您高抬贵手删了它"),
    (M, Some(Kind::ReviewPressure), "{p}系统支持修改一次评价，辛苦您改成满意"),
    (M, Some(Kind::ReviewPressure), "请您于今天之内删除不实评论"),
    (M, Some(Kind::ReviewPressure), "{p}评论区那段话对我们影响很大，拜托去掉"),
    (M, Some(Kind::ReviewPressure), "{p}帮忙追评说一下问题已解决，把星级调高点"),
    (M, Some(Kind::ReviewPressure), "Kindly take down your comment about the {g}"),
    (M, Some(Kind::CompensationForReview), "{p}您看这样，{neg}换成五星，我给您补{n}元差价"),
    (M, Some(Kind::CompensationForReview), "{p}我们可以免单，前提是您把{neg}删除"),
    (M, Some(Kind::CompensationForReview), "扫描卡片二维码，上传五星截图，{n}元秒到账"),
    (M, Some(Kind::CompensationForReview), "{p}全五分好评的客户都能领一张{n}元无门槛券"),
    (M, Some(Kind::CompensationForReview), "{p}改评成功后截图给我，立马给您发红包"),
    (M, Some(Kind::CompensationForReview), "{p}好评就送{g}一个，数量有限"),
    (M, Some(Kind::CompensationForReview), "{p}不用退货，退您一半的钱，您看评价能不能改改"),
    (M, Some(Kind::CompensationForReview), "Leave five stars and claim your {n} yuan coupon"),
    (M, Some(Kind::Threat), "{p}你再这样乱评价，我们法务会起诉你的"),
    (M, Some(Kind::Threat), "信不信我找人去你家门口"),
    (M, Some(Kind::Threat), "敢给{neg}，以后别想在我们店买东西，拉黑了"),
    (M, Some(Kind::Threat), "已经把你的号码给了催收，后果你自己承担"),
    (M, Some(Kind::Insult), "你这种无赖我见多了"),
    (M, Some(Kind::Insult), "真是奇葩，{n}块的{g}还想要什么"),
    (M, Some(Kind::Insult), "买不起就别买，装什么大爷，滚"),
    (M, Some(Kind::OffPlatform), "{p}方便的话加个威信，发视频教您装{g}"),
    (M, Some(Kind::OffPlatform), "{p}退款走微信更快，您把收款码发我"),
    (M, Some(Kind::OffPlatform), "{p}我们换到QQ上聊，QQ：800123456"),
    (M, Some(Kind::OffPlatform), "{p}线下给您转{n}元，这边先把售后关了"),
    (M, Some(Kind::FaultAdmission), "{p}真对不起，是我疏忽把颜色看错了"),
    (M, Some(Kind::FaultAdmission), "{p}仓库反馈确实漏发了{g}的配件"),
    (M, Some(Kind::FaultAdmission), "{p}经检测这台{g}确实是坏的"),
    (M, Some(Kind::FaultAdmission), "We are sorry, we sent the wrong {g}"),
    (M, Some(Kind::RefusesReturn), "{p}清仓的{g}售出不退不换哦"),
    (M, Some(Kind::RefusesReturn), "{p}洗过了退不了的"),
    (M, None, "{p}您的评价我们认真看了，{g}的包装已经改进"),
    (M, None, "{p}{g}的评价区有买家秀，您可以参考一下"),
    (M, None, "{p}订单里可以修改收货信息，改完告诉我一下"),
    (M, None, "{p}您反映的问题已登记，质检后给您答复"),
    (M, None, "{p}{n}元红包是平台的活动，下单时自动抵扣"),
    (M, None, "{p}退款{n}元预计1到3天到账，请留意"),
    (M, None, "{p}无需修改评价，我们只想把{g}的问题解决好"),
    (M, None, "{p}客服不得以任何形式诱导好评，这是店里的规定"),
    (M, None, "{p}给您重新发一件{g}，旧的不用退回"),
    (M, None, "{p}欢迎如实评价，您的意见对其他买家很重要"),
    (M, None, "{p}{g}可以调节五档，性能评分见详情页"),
    (M, None, "{p}您刚才说“给我{n}元就删{neg}”，我们会提交平台处理"),
    (M, None, "{p}您好，这款{g}送人很合适，可以代写贺卡"),
    (M, None, "{p}支付宝付款成功后会自动分配仓库"),
    (M, None, "{p}已经帮您取消原来的快递，换成顺丰"),
    (M, None, "{p}您说的问题我理解，我们没有标错尺码，请您再量一下"),
    (M, None, "{p}请您核对地址电话，确认后我们就发出去"),
    (M, None, "{p}投诉处理结果以平台判定为准，我们配合"),
    (M, None, "{p}补差链接{n}元，拍下后给您换大号"),
    (M, None, "{p}{g}是定制的，签收后非质量问题不支持退货"),
    (M, None, "{p}感谢您的追评，已为您登记延保"),
    (M, None, "{p}不满意可以退，运费我们出，评价您随意"),
    (M, None, "The {g} can be returned within 7 days, we pay the postage"),
    (M, None, "Your refund request was approved, please keep the {g} boxed"),
    (B, Some(Kind::Extortion), "{n}块钱买你们店铺清净，不给就{neg}"),
    (B, Some(Kind::Extortion), "想撤{neg}可以，微信转我{n}"),
    (B, Some(Kind::Extortion), "别人家都返{n}元，你们不返我只能给一星了"),
    (B, Some(Kind::Extortion), "不补偿我{n}元我就找一群人来打{neg}"),
    (B, Some(Kind::Extortion), "免单，不然我天天追评骂你们"),
    (B, Some(Kind::Extortion), "赔我{n}元，要么就等着被曝光"),
    (B, Some(Kind::ConditionalThreat), "{g}是坏的，不退款就投诉到底"),
    (B, Some(Kind::ConditionalThreat), "假一赔十懂不懂，不赔我就举报"),
    (B, Some(Kind::BuyerAdmission), "跟你说实话，是收钱来刷{neg}的"),
    (B, Some(Kind::BuyerAdmission), "{g}是我自己弄坏的，但我不想付运费"),
    (B, None, "我给了{neg}，因为{g}味道太大"),
    (B, None, "{n}元的{g}你们还要我出运费？"),
    (B, None, "客服一直催我删{neg}，还说给我{n}元，我没要"),
    (B, None, "能给我补开发票吗"),
    (B, None, "{g}收到了，挺好的，谢谢老板送的小礼物"),
    (B, None, "我要退货，地址发我一下"),
    (B, None, "商家说好评返{n}元，我拍了照怎么不认"),
    (B, None, "上次的投诉平台已经处理了"),
    (B, None, "差{n}元没退，麻烦查一下"),
];

/// As `FIRST`, written after the lists were widened by `SECOND`.
const THIRD: &[(Who, Option<Kind>, &str)] = &[
    (M, Some(Kind::ReviewPressure), "{p}刚才通话里说好的，记得把{neg}取消哈"),
    (M, Some(Kind::ReviewPressure), "{p}您要是满意这次处理，可否将之前的评价更新为满意"),
    (M, Some(Kind::ReviewPressure), "{p}一个{neg}我们排名掉好多，您行行好撤了吧"),
    (M, Some(Kind::ReviewPressure), "请撤销您对{g}的评价，谢谢配合"),
    (M, Some(Kind::ReviewPressure), "{p}重新评一下打个高分呗，原来那条删了就行"),
    (M, Some(Kind::CompensationForReview), "{p}只要您肯删评，{g}的钱全退给您，东西也不用寄回"),
    (M, Some(Kind::CompensationForReview), "{p}晒图评价满20字，凭截图领现金{n}元"),
    (M, Some(Kind::CompensationForReview), "{p}再补一张{n}元券，麻烦您抬抬手把{neg}变成好评"),
    (M, Some(Kind::CompensationForReview), "{p}改完评价找我报支付宝，给您打{n}元"),
    (M, Some(Kind::CompensationForReview), "{p}给五星的都有返现，{n}元起"),
    (M, Some(Kind::Threat), "{p}恶意{neg}我们会报警抓你，别不识抬举"),
    (M, Some(Kind::Threat), "你的手机号我会挂到各个平台"),
    (M, Some(Kind::Threat), "{p}不撤评价，{g}的售后一律不处理"),
    (M, Some(Kind::Insult), "你全家都是神经病"),
    (M, Some(Kind::Insult), "见过贪小便宜的，没见过你这么贪的"),
    (M, Some(Kind::Insult), "就你这种垃圾客户，爱买不买"),
    (M, Some(Kind::OffPlatform), "{p}麻烦加一下售后微信，备注订单号"),
    (M, Some(Kind::OffPlatform), "{p}这边不让发，您搜微信号 shophelp2026"),
    (M, Some(Kind::OffPlatform), "{p}要不您报下QQ，我把{g}教程传给您"),
    (M, Some(Kind::FaultAdmission), "{p}实在抱歉，打包员把{g}装错了，是我们的责任"),
    (M, Some(Kind::FaultAdmission), "{p}我们这边录入时把规格写错，给您添麻烦了"),
    (M, Some(Kind::FaultAdmission), "{p}您那批{g}确实存在质量问题，已下架"),
    (M, Some(Kind::RefusesReturn), "{p}{g}属于特价，不支持退货"),
    (M, None, "{p}感谢反馈，{g}的评价我们转给产品部了"),
    (M, None, "{p}改约送货时间请直接联系快递员"),
    (M, None, "{p}保价差额{n}元稍后退到您的账户"),
    (M, None, "{p}评价有字数限制，您可以分两次写"),
    (M, None, "{p}我们从不以红包换好评，请您按真实体验评价"),
    (M, None, "{p}关于您说的“客服要求删评”，我们正在内部调查"),
    (M, None, "{p}您要是觉得{g}不合适，可以申请退货退款"),
    (M, None, "{p}微信小程序里也能查到{g}的说明书"),
    (M, None, "{p}若确实存在质量问题，检测费由我们出"),
    (M, None, "{p}请不要把验证码告诉任何自称客服的人"),
    (M, None, "{p}店铺评分近期有波动，活动价{n}元不变"),
    (M, None, "{p}麻烦您把{g}的瑕疵处拍清楚，删减过的图片无法判定"),
    (M, None, "{p}赠品和{g}分开发货，请注意查收"),
    (M, None, "{p}平台仲裁期间，请双方不要联系对方修改评价"),
    (M, None, "Sorry for the delay, the {g} will arrive tomorrow"),
    (B, Some(Kind::Extortion), "老板懂事点，发个{n}的红包，{neg}我秒删"),
    (B, Some(Kind::Extortion), "不想看到{neg}就转{n}元过来"),
    (B, Some(Kind::Extortion), "要么给我{n}元要么我把视频发抖音"),
    (B, Some(Kind::Extortion), "我有十个号，不赔钱就轮流打一星"),
    (B, Some(Kind::Extortion), "补我{n}块差价，否则{neg}"),
    (B, Some(Kind::ConditionalThreat), "{g}坏了不给退？那我只能给{neg}了"),
    (B, Some(Kind::ConditionalThreat), "三天内不退款我就起诉加曝光"),
    (B, Some(Kind::BuyerAdmission), "同行让我来写的，我也不想这样"),
    (B, Some(Kind::BuyerAdmission), "{g}没问题，我故意给的差评"),
    (B, None, "{n}元优惠券怎么用不了"),
    (B, None, "我就说一句，{g}真的不好用，一星"),
    (B, None, "老板让我删{neg}，还要给我发红包，我拒绝了"),
    (B, None, "退了{n}元运费，还可以"),
    (B, None, "给朋友买的{g}，他说评价不错"),
    (B, None, "要求换货，别的都不用"),
    (B, None, "这个{g}值{n}元吗"),
];

/// As `FIRST`, never used to change the lists.
const HELD_OUT: &[(Who, Option<Kind>, &str)] = &[
    (M, Some(Kind::ReviewPressure), "{p}昨天那个{neg}您方便的时候撤一下哈"),
    (M, Some(Kind::ReviewPressure), "{p}问题处理好了，评分是否能给我们恢复成满分"),
    (M, Some(Kind::ReviewPressure), "请立即删除您发布的不实评价"),
    (M, Some(Kind::ReviewPressure), "{p}点进订单，找到评价，选修改，改成满意就可以啦"),
    (M, Some(Kind::ReviewPressure), "Please edit your review and give us five stars"),
    (M, Some(Kind::CompensationForReview), "{p}{n}块辛苦费给您，那条{neg}咱就删了吧"),
    (M, Some(Kind::CompensationForReview), "{p}参与晒单活动，写好评返{n}元话费"),
    (M, Some(Kind::CompensationForReview), "{p}把星级改上去，我这边给您走退款，货您留着用"),
    (M, Some(Kind::CompensationForReview), "{p}好评有礼，五星带图送{g}"),
    (M, Some(Kind::CompensationForReview), "{p}先退您{n}元，等您改评了再退另一半"),
    (M, Some(Kind::Threat), "你信不信我把你信息公开"),
    (M, Some(Kind::Threat), "{p}再这样恶意评价，我们只能报警处理，让你单位也知道"),
    (M, Some(Kind::Threat), "不改是吧，后果自负"),
    (M, Some(Kind::Insult), "你有没有素质，真是人渣"),
    (M, Some(Kind::Insult), "白痴才会这样用{g}"),
    (M, Some(Kind::OffPlatform), "{p}加我企业微信领安装视频"),
    (M, Some(Kind::OffPlatform), "{p}差价{n}元我微信转您，您发个收款码"),
    (M, Some(Kind::OffPlatform), "{p}商品问题联系售后VX：hy_shop01"),
    (M, Some(Kind::FaultAdmission), "{p}不好意思，是我们漏发了{g}的充电线"),
    (M, Some(Kind::FaultAdmission), "{p}刚核对过，确实是我们把地址打错了"),
    (M, Some(Kind::RefusesReturn), "{p}{g}已使用，概不退换"),
    (M, None, "{p}您的{neg}内容我们已反馈工厂，谢谢指正"),
    (M, None, "{p}物流信息更新有延迟，请稍后再看"),
    (M, None, "{p}店铺会员可领{n}元券，与评价没有关系"),
    (M, None, "{p}麻烦提供一下手机号，快递需要核对"),
    (M, None, "{p}我们不会因为您给了{neg}就拒绝售后"),
    (M, None, "{p}如果您要修改规格，请在付款后备注"),
    (M, None, "{p}{g}的好评率99%，您可以看看追评"),
    (M, None, "{p}请别担心，退款{n}元今天就能到"),
    (M, None, "{p}经核实不是我们发错，面单与订单一致"),
    (M, None, "{p}谢谢您的晒图，拍得真好看"),
    (M, None, "{p}您可以在平台申请售后，平台会介入"),
    (M, None, "{p}变成您说的样子是正常现象，{g}洗后会恢复"),
    (B, Some(Kind::Extortion), "要想我删{neg}，{n}元红包发过来"),
    (B, Some(Kind::Extortion), "不给补偿就给你们打一星"),
    (B, Some(Kind::Extortion), "转{n}块我马上改好评"),
    (B, Some(Kind::Extortion), "赔{n}元，否则曝光你们店"),
    (B, Some(Kind::ConditionalThreat), "不给退款我就找12315"),
    (B, Some(Kind::BuyerAdmission), "我收钱写的，你们找派单的人去"),
    (B, None, "{neg}是我真实感受，不会改"),
    (B, None, "店家说给{n}元让我改{neg}，我截图了"),
    (B, None, "这{g}才{n}块，要什么自行车"),
    (B, None, "什么时候退我那{n}元"),
    (B, None, "换了新的{g}，服务不错，改成好评了"),
];

const POLITE: &[&str] = &["亲，", "您好，", "亲亲~", "", "亲爱的，"];
const NEGATIVE: &[&str] = &["差评", "一星", "差评"];
const GOODS: &[&str] = &["耳罩", "浴巾", "充电器", "T恤", "面霜", "电饭煲"];
const AMOUNTS: &[&str] = &["5", "10", "20", "50", "100", "200", "８", "三十"];

fn fill(template: &str, random: &mut Random) -> String {
    let mut text = template.to_owned();
    for (slot, words) in [("{p}", POLITE), ("{neg}", NEGATIVE), ("{g}", GOODS), ("{n}", AMOUNTS)] {
        text = text.replace(slot, random.pick(words));
    }
    text
}

#[derive(Default)]
struct Count {
    hit: usize,
    missed: usize,
    wrong: usize,
}

/// Kinds that say little on their own and are not counted as wrong beside others.
fn is_mild(kind: Kind) -> bool {
    kind == Kind::AsksPraise
}

#[test]
fn finds_what_sinks_an_appeal_in_templates_it_was_not_written_for() {
    for (name, templates, least) in [
        ("first", FIRST, (0.9, 0.9)),
        ("second", SECOND, (0.9, 0.9)),
        ("third", THIRD, (0.0, 0.0)),
        ("held out", HELD_OUT, (0.0, 0.0)),
    ] {
        let (recall, precision) = measure(name, templates);
        assert!(recall >= least.0 && precision >= least.1, "{name}: recall {recall:.3}, precision {precision:.3}");
    }
}

fn measure(name: &str, templates: &[(Who, Option<Kind>, &str)]) -> (f64, f64) {
    println!("== {name}: {} templates, 10 messages each", templates.len());
    let (pack, mut random) = (LintPack::built_in(), Random(20_261_130));
    let (mut counts, mut innocent, mut accused) = (BTreeMap::<Kind, Count>::new(), 0, 0);
    let mut examples = BTreeMap::<String, String>::new();
    for (who, kind, template) in templates {
        for _ in 0..10 {
            let text = fill(template, &mut random);
            let at = Instant::parse("2026-11-22T10:00:00+08:00").unwrap();
            let found = check_chats(&[Message { who: *who, at, text: text.clone() }], pack);
            let mut kinds: Vec<Kind> = found.iter().map(|finding| finding.kind).filter(|k| !is_mild(*k)).collect();
            kinds.sort();
            kinds.dedup();
            match kind {
                Some(kind) => {
                    let count = counts.entry(*kind).or_default();
                    if kinds.contains(kind) {
                        count.hit += 1;
                    } else {
                        count.missed += 1;
                        examples.insert(format!("missed {kind:?} {template}"), text.clone());
                    }
                }
                None => {
                    innocent += 1;
                    accused += usize::from(!kinds.is_empty());
                }
            }
            for other in kinds {
                // Pressure with an offer is both; a threat over a review is also pressure.
                let beside = kind.is_some_and(|kind| kind == other || related(kind, other));
                if !beside {
                    counts.entry(other).or_default().wrong += 1;
                    examples.insert(format!("wrong {other:?} {template}"), text.clone());
                }
            }
        }
    }
    for (what, text) in &examples {
        println!("{what}\n    {text}");
    }
    let (mut hit, mut missed, mut wrong) = (0, 0, 0);
    for (kind, count) in &counts {
        println!("{kind:?}: found {} missed {} wrong {}", count.hit, count.missed, count.wrong);
        (hit, missed, wrong) = (hit + count.hit, missed + count.missed, wrong + count.wrong);
    }
    let recall = hit as f64 / (hit + missed) as f64;
    let precision = hit as f64 / (hit + wrong) as f64;
    println!("recall {recall:.3}, precision {precision:.3}, innocent messages accused {accused} of {innocent}");
    (recall, precision)
}

fn related(kind: Kind, other: Kind) -> bool {
    use Kind::{CompensationForReview, ConditionalThreat, Extortion, OffPlatform, ReviewPressure, Threat};
    [
        (CompensationForReview, ReviewPressure),
        (Threat, ReviewPressure),
        (Extortion, ConditionalThreat),
        (OffPlatform, CompensationForReview),
    ]
    .contains(&(kind, other))
}

/// Phrases of buyers by another hand, made for benches/review_quality.py, and the reviews of the fixture shop. The lists were
/// widened once by the first: 1 of its 12 demands was found before, 7 after.
#[test]
fn reads_the_phrases_of_another_hand() {
    let text = include_str!("../../../benches/data/review_phrases_other.json");
    let groups: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).unwrap();
    let at = Instant::parse("2026-11-22T10:00:00+08:00").unwrap();
    let mut demands = 0;
    for (group, phrases) in &groups {
        let phrases = phrases.as_array().unwrap();
        let (mut found, mut rest) = (0, Vec::new());
        for phrase in phrases {
            let text = phrase.as_str().unwrap().replace("{w}", "abc88612").replace("{q}", "800123").replace("{p}", "5");
            let kinds: Vec<Kind> = check_chats(&[Message { who: B, at, text: text.clone() }], LintPack::built_in())
                .iter()
                .map(|finding| finding.kind)
                .collect();
            if kinds.is_empty() {
                rest.push(text);
            } else {
                found += 1;
                println!("   {group} {kinds:?} {text}");
            }
        }
        println!("{group}: {found} of {}", phrases.len());
        if matches!(group.as_str(), "CONTACT" | "THREAT") {
            println!("   nothing in {rest:?}");
            demands += found;
        } else {
            assert_eq!(found, 0, "{group}");
        }
    }
    assert!(demands >= 7, "{demands} of 12");
    let reviews = include_str!("../../../fixtures/shop/reviews.jsonl");
    let (mut all, mut found) = (0, BTreeSet::new());
    for line in reviews.lines() {
        // Some lines of the fixture are broken on purpose.
        let Ok(review) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let text = review["text"].as_str().unwrap_or_default().to_owned();
        all += 1;
        for finding in check_chats(&[Message { who: B, at, text: text.clone() }], LintPack::built_in()) {
            println!("   {:?} {text}", finding.kind);
            found.insert(text.clone());
        }
    }
    println!("reviews of the fixture shop: findings in {} of {all}", found.len());
    // All of them ask for money, and all of that gang sign with one account.
    assert!(found.len() >= 5 && found.iter().all(|text| text.contains("xiaozhang7788")), "{found:?}");
}
