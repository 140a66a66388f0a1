use std::fmt::Write as _;

use super::text::css_string;

pub(super) const STYLE: &str = include_str!("style.css");

/// The margins of printed pages: the footer and the page's number. A browser that does not know them prints the pages without.
pub(super) fn page_margins(out: &mut String, footer: &str) {
    let _ = write!(
        out,
        "@page {{ size: A4; margin: 17mm 17mm 18mm;\n  @bottom-left {{ content: {}; {FONT} }}\n  @bottom-right {{ content: counter(page) \" / \" counter(pages); {FONT} }}\n}}\n",
        css_string(footer)
    );
}

const FONT: &str = "font: 8pt \"Noto Sans CJK SC\", \"Microsoft YaHei\", \"PingFang SC\", sans-serif; color: #555";
