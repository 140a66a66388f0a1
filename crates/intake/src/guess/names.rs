//! The names that exports give to fields, Chinese and English. Data: the order within a field is its preference when two
//! columns claim it.

use huoyan_model::RecordKind;

/// Names of one field. Names are normalised as by [`normalise`].
pub(crate) struct Field {
    pub field: &'static str,
    pub names: &'static [&'static str],
}

const SHOP: &[&str] = &[
    "shopid",
    "storeid",
    "sellerid",
    "店铺id",
    "商家id",
    "店铺编号",
    "merchantid",
    "vendorid",
    "shop",
    "store",
    "seller",
    "merchant",
    "店铺",
    "店铺名称",
    "店名",
    "店铺名",
    "商家",
    "商家名称",
    "卖家",
    "卖家昵称",
    "掌柜",
    "shopname",
    "storename",
    "sellername",
    "sellernick",
    "merchantname",
    "vendor",
    "旗舰店",
    "店铺昵称",
];

const CATEGORY: &[&str] = &[
    "category",
    "类目",
    "商品类目",
    "分类",
    "商品分类",
    "categoryname",
    "maincategory",
    "catname",
    "cat",
    "categories",
    "productcategory",
    "productcategorytree",
    "producttype",
    "类别",
    "商品类别",
    "品类",
    "一级类目",
    "所属类目",
    "subcategory",
    "categoryid",
    "catid",
];

const PICTURES: &[&str] = &[
    "images",
    "image",
    "图片",
    "商品图片",
    "主图",
    "商品主图",
    "imageurls",
    "imageurl",
    "imgs",
    "img",
    "imgurl",
    "imgurls",
    "pictures",
    "picture",
    "pics",
    "pic",
    "picurl",
    "picurls",
    "图片链接",
    "图片地址",
    "主图链接",
    "主图地址",
    "mainimage",
    "imagelinks",
    "imagelink",
    "thumbnail",
    "图片url",
    "主图url",
    "宝贝图片",
    "photos",
];

const PLATFORM: &[&str] = &["platform", "平台", "来源平台", "销售平台", "渠道", "site"];

const ATTRIBUTES: &[&str] = &["attributes", "属性", "商品属性", "产品属性"];

/// Fields of listings.
pub(crate) const LISTING: &[Field] = &[
    Field {
        field: "id",
        names: &[
            "id",
            "listingid",
            "商品id",
            "itemid",
            "productid",
            "goodsid",
            "skuid",
            "sku",
            "spuid",
            "asin",
            "宝贝id",
            "numiid",
            "offerid",
            "商品编号",
            "商品编码",
            "宝贝编号",
            "产品编号",
            "产品id",
            "产品编码",
            "货号",
            "编码",
            "编号",
            "商品货号",
            "款号",
            "uniqid",
            "uniqueid",
            "productcode",
            "商家编码",
            "pid",
            "商品sku",
        ],
    },
    Field { field: "shop_id", names: SHOP },
    Field {
        field: "title",
        names: &[
            "title",
            "商品标题",
            "标题",
            "宝贝标题",
            "producttitle",
            "itemtitle",
            "listingtitle",
            "goodstitle",
            "产品标题",
            "商品名称",
            "商品名",
            "宝贝名称",
            "产品名称",
            "产品名",
            "品名",
            "productname",
            "itemname",
            "goodsname",
            "skuname",
            "spuname",
            "subject",
            "名称",
            "name",
            "宝贝",
            "商品",
            "product",
        ],
    },
    Field {
        field: "description",
        names: &[
            "description",
            "productdescription",
            "商品描述",
            "描述",
            "宝贝描述",
            "商品详情",
            "详情",
            "产品描述",
            "商品介绍",
            "产品介绍",
            "itemdescription",
            "details",
            "detail",
            "desc",
            "bodyhtml",
            "卖点",
            "商品卖点",
            "bulletpoints",
            "aboutproduct",
            "副标题",
            "subtitle",
        ],
    },
    Field { field: "category", names: CATEGORY },
    Field { field: "brand", names: &["brand", "品牌", "brandname", "品牌名称", "商品品牌", "manufacturer"] },
    Field {
        field: "price",
        names: &[
            "price",
            "售价",
            "价格",
            "商品价格",
            "产品价格",
            "到手价",
            "券后价",
            "折后价",
            "现价",
            "活动价",
            "促销价",
            "销售价",
            "销售价格",
            "saleprice",
            "saleprices",
            "discountprice",
            "discountedprice",
            "currentprice",
            "sellingprice",
            "finalprice",
            "zkfinalprice",
            "jdprice",
            "单价",
            "商品单价",
            "unitprice",
            "一口价",
            "宝贝价格",
            "商品售价",
        ],
    },
    Field {
        field: "list_price",
        names: &[
            "listprice",
            "原价",
            "市场价",
            "划线价",
            "吊牌价",
            "originalprice",
            "actualprice",
            "retailprice",
            "marketprice",
            "mrp",
            "msrp",
            "标价",
            "定价",
            "reserveprice",
            "指导价",
            "商品原价",
        ],
    },
    Field { field: "currency", names: &["currency", "币种", "货币", "currencycode"] },
    Field { field: "attributes", names: ATTRIBUTES },
    Field { field: "images", names: PICTURES },
    Field { field: "platform", names: PLATFORM },
    Field {
        field: "url",
        names: &[
            "url",
            "商品链接",
            "链接",
            "宝贝链接",
            "详情链接",
            "detailurl",
            "producturl",
            "itemurl",
            "商品url",
            "商品地址",
            "宝贝地址",
            "link",
            "productlink",
            "href",
            "网址",
            "链接地址",
            "地址",
        ],
    },
    Field {
        field: "updated_at",
        names: &[
            "updatedat",
            "updatetime",
            "更新时间",
            "修改时间",
            "updated",
            "lastmodified",
            "lastupdated",
            "modifiedat",
            "采集时间",
            "抓取时间",
            "爬取时间",
            "crawltime",
            "crawltimestamp",
            "scrapedat",
            "date",
            "日期",
            "时间",
            "time",
            "timestamp",
            "createdat",
            "createtime",
            "创建时间",
            "上架时间",
            "发布时间",
        ],
    },
];

/// Fields of reviews.
pub(crate) const REVIEW: &[Field] = &[
    Field {
        field: "id",
        names: &[
            "id",
            "reviewid",
            "commentid",
            "评论id",
            "评价id",
            "评论编号",
            "评价编号",
            "rateid",
            "feedbackid",
            "编号",
        ],
    },
    Field {
        field: "listing_id",
        names: &[
            "listingid",
            "商品id",
            "itemid",
            "productid",
            "goodsid",
            "asin",
            "parentasin",
            "skuid",
            "sku",
            "spuid",
            "宝贝id",
            "商品编号",
            "商品编码",
            "产品id",
            "auctionnumid",
            "prodid",
            "商品名称",
            "商品标题",
            "商品名",
            "产品名称",
            "宝贝标题",
            "宝贝名称",
            "productname",
            "producttitle",
            "itemname",
            "goodsname",
            "商品",
            "宝贝",
            "product",
        ],
    },
    Field { field: "shop_id", names: SHOP },
    Field {
        field: "reviewer_id",
        names: &[
            "reviewerid",
            "userid",
            "buyerid",
            "用户id",
            "买家id",
            "评论者id",
            "评价者id",
            "memberid",
            "customerid",
            "authorid",
            "uid",
            "会员id",
            "reviewername",
            "username",
            "usernick",
            "nickname",
            "displayusernick",
            "customername",
            "用户名",
            "用户昵称",
            "买家昵称",
            "昵称",
            "会员名",
            "买家",
            "评论人",
            "评价人",
            "评论者",
            "评价者",
            "用户",
            "reviewer",
            "buyer",
            "customer",
            "author",
            "user",
            "nick",
            "profilename",
            "买家名称",
            "用户名称",
        ],
    },
    Field {
        field: "order_id",
        names: &["orderid", "订单id", "订单号", "订单编号", "orderno", "ordernumber", "tradeid", "tid"],
    },
    Field {
        field: "rating",
        names: &[
            "rating",
            "overall",
            "评分",
            "星级",
            "评价星级",
            "stars",
            "star",
            "score",
            "starrating",
            "reviewrating",
            "打分",
            "分数",
            "ratings",
            "reviewscore",
            "评星",
            "rate",
            "评价分",
            "商品评分",
            "overallrating",
        ],
    },
    Field {
        field: "text",
        names: &[
            "text",
            "reviewtext",
            "评价内容",
            "评论内容",
            "reviewcontent",
            "commentcontent",
            "reviewbody",
            "ratecontent",
            "customerreview",
            "commenttext",
            "评论文本",
            "评论正文",
            "买家评价",
            "用户评论",
            "用户评价",
            "商品评价",
            "商品评论",
            "首评",
            "初评",
            "初次评价",
            "评论",
            "评价",
            "评语",
            "review",
            "comment",
            "reviews",
            "comments",
            "feedback",
            "content",
            "contents",
            "内容",
            "正文",
            "body",
            "message",
            "反馈内容",
            "文本",
        ],
    },
    Field {
        field: "images",
        names: &[
            "images",
            "reviewimages",
            "commentimages",
            "晒图",
            "评论图片",
            "评价图片",
            "买家秀",
            "image",
            "图片",
            "imageurls",
            "imageurl",
            "imgs",
            "pics",
            "pictures",
            "photos",
            "图片链接",
        ],
    },
    Field {
        field: "created_at",
        names: &[
            "createdat",
            "unixreviewtime",
            "评价时间",
            "评论时间",
            "评价日期",
            "评论日期",
            "reviewtime",
            "reviewdate",
            "commenttime",
            "commentdate",
            "creationtime",
            "creationdate",
            "createtime",
            "createdate",
            "createddate",
            "ratedate",
            "feedbackdate",
            "customerdate",
            "发表时间",
            "发布时间",
            "创建时间",
            "datetime",
            "date",
            "日期",
            "时间",
            "time",
            "timestamp",
        ],
    },
    Field {
        field: "verified_purchase",
        names: &["verifiedpurchase", "verified", "是否购买", "真实购买", "已购买", "是否已购买"],
    },
    Field { field: "refunded", names: &["refunded", "是否退款", "已退款", "退款", "isrefund", "isrefunded"] },
    Field {
        field: "hours_since_delivery",
        names: &["hourssincedelivery", "签收后小时数", "距签收小时数", "签收小时数"],
    },
    Field {
        field: "account_age_days", names: &["accountagedays", "账号天数", "注册天数", "账号年龄天数"]
    },
    Field { field: "category", names: CATEGORY },
    Field { field: "platform", names: PLATFORM },
    Field { field: "attributes", names: ATTRIBUTES },
];

/// Names that can only mean the text of a review.
pub(crate) const CERTAIN_TEXT: &[&str] = &[
    "reviewtext",
    "评价内容",
    "评论内容",
    "reviewcontent",
    "commentcontent",
    "reviewbody",
    "ratecontent",
    "customerreview",
    "commenttext",
    "评论文本",
    "评论正文",
    "买家评价",
    "用户评论",
    "用户评价",
    "商品评价",
    "商品评论",
    "首评",
    "初评",
    "初次评价",
    "评论",
    "评价",
    "评语",
    "review",
    "comment",
    "reviews",
    "comments",
    "feedback",
    "反馈内容",
];

/// Names of columns that number the rows of an export; no identities.
pub(crate) const ROW_NUMBERS: &[&str] = &["unnamed0", "index", "序号", "行号", "rownum", "rowid", "no", "#"];

/// The names of a kind.
pub(crate) fn fields_of(kind: RecordKind) -> &'static [Field] {
    match kind {
        RecordKind::Review => REVIEW,
        _ => LISTING,
    }
}

/// A header without what exports add to it: case, white space, separators, full-width forms, and what stands in brackets
/// or behind a colon (`is_self(0=no, 1=yes)`).
pub(crate) fn normalise(header: &str) -> String {
    let folded: String = header
        .chars()
        .map(|c| match c {
            '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            _ => c,
        })
        .flat_map(char::to_lowercase)
        .collect();
    let keep = |text: &str| -> String {
        text.chars()
            .filter(|c| {
                !c.is_whitespace() && !matches!(c, '_' | '-' | '.' | '/' | '"' | '\'' | '\u{feff}' | '\u{200b}' | '*')
            })
            .collect()
    };
    let before = keep(folded.split(['(', '[', '【', ':', '<', '{']).next().unwrap_or_default());
    if before.is_empty() { keep(&folded) } else { before }
}

/// Characters that a shop may put before a known name.
const MOST_PREFIX: usize = 6;

/// The field that a normalised header names in records of a kind, and its preference (less is better).
pub(crate) fn field_of(kind: RecordKind, name: &str) -> Option<(&'static str, usize)> {
    if name.is_empty() || ROW_NUMBERS.contains(&name) {
        return None;
    }
    let exact = fields_of(kind)
        .iter()
        .find_map(|field| field.names.iter().position(|known| *known == name).map(|rank| (field.field, rank)));
    exact.or_else(|| {
        // `京东产品名称`: a platform's or a shop's own prefix before a name long enough to be no accident.
        fields_of(kind).iter().find_map(|field| {
            field
                .names
                .iter()
                .position(|known| {
                    let (whole, end) = (name.chars().count(), known.chars().count());
                    end >= 4 && !known.is_ascii() && name.ends_with(known) && whole <= end + MOST_PREFIX
                })
                .map(|rank| (field.field, 100 + rank))
        })
    })
}

/// Whether a header is known for records of any kind.
pub(crate) fn is_known(name: &str) -> bool {
    [RecordKind::Listing, RecordKind::Review].into_iter().any(|kind| field_of(kind, name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use huoyan_model::find_column;

    #[test]
    fn every_field_is_a_column_of_its_kind_and_every_name_is_normal() {
        for kind in [RecordKind::Listing, RecordKind::Review] {
            for field in fields_of(kind) {
                assert!(find_column(kind, field.field).is_some(), "{kind} has no {}", field.field);
                for name in field.names {
                    assert_eq!(normalise(name), *name);
                }
            }
        }
    }

    #[test]
    fn no_name_means_two_fields_of_a_kind() {
        for kind in [RecordKind::Listing, RecordKind::Review] {
            let mut names: Vec<_> = fields_of(kind).iter().flat_map(|f| f.names).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{kind}");
        }
    }

    #[test]
    fn headers_are_known_however_they_are_written() {
        for (header, field) in [
            ("Product Name", "title"),
            ("商品ＩＤ", "id"),
            ("商品价格（元）", "price"),
            (" detail_url ", "url"),
            ("\u{feff}标题", "title"),
            ("京东产品名称", "title"),
        ] {
            assert_eq!(field_of(RecordKind::Listing, &normalise(header)).map(|f| f.0), Some(field), "{header}");
        }
        assert_eq!(field_of(RecordKind::Listing, &normalise("comment_count")), None);
        assert_eq!(field_of(RecordKind::Listing, &normalise("Unnamed: 0")), None);
    }
}
