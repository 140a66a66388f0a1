//! Reviews that hang together, as groups: their days, who wrote on what, and what the suspicion rests on.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;

use huoyan_model::{Fingerprint, Locale};

use super::grouped;
use crate::campaign::{Campaign, Cell, Fact, Figures, Matrix, label};
use crate::evidence;
use crate::html::chart::{swatch, timeline};
use crate::html::escape::{both, html};
use crate::html::open;
use crate::html::page::Page;

/// Campaigns on the page.
const CAMPAIGNS: usize = 50;
/// Members of a campaign that are listed.
const MEMBERS: usize = 200;
/// Reviews without a finding that are listed for a campaign.
const COMPANIONS: usize = 40;
/// Columns of a timeline; a longer time has several days in one.
const COLUMNS: i32 = 90;
/// Reviews named in one cell of a matrix.
const IN_CELL: usize = 2;
/// Campaigns whose matrix is open at first.
const OPEN: usize = 3;

/// The campaigns on the page, with the numbers by which it calls them.
pub(in crate::html) fn shown_campaigns<'p>(page: &'p Page<'_>) -> impl Iterator<Item = (usize, &'p Campaign<'p>)> {
    (1..).zip(page.campaigns.campaigns.iter().take(CAMPAIGNS))
}

pub(in crate::html) fn campaigns(page: &Page<'_>) -> String {
    let groups = &page.campaigns;
    if groups.campaigns.is_empty() {
        return String::new();
    }
    let held: HashSet<Fingerprint> = page.items.iter().map(|shown| shown.item.finding.fingerprint).collect();
    let count = |number: usize| grouped(number as u64);
    let (all, alone) = (count(groups.campaigns.len()), count(groups.alone));
    let reviews = count(groups.campaigns.iter().map(|campaign| campaign.reviews).sum());
    let mut note = both(
        &format!("共 {all} 组、{reviews} 条评价；另有 {alone} 条疑似评价不属于任何一组"),
        &format!("groups: {all} · their reviews: {reviews} · suspected reviews in no group: {alone}"),
    );
    if groups.campaigns.len() > CAMPAIGNS {
        let rest = count(groups.campaigns.len() - CAMPAIGNS);
        note.push_str(&both(
            &format!("；此处列出最大的 {CAMPAIGNS} 组，其余 {rest} 组未列出"),
            &format!("; these are the {CAMPAIGNS} largest, {rest} are not shown"),
        ));
    }
    if page.ungrouped > 0 {
        let rest = grouped(page.ungrouped);
        note.push_str(&both(
            &format!("；置信度较低的 {rest} 条未参与分组"),
            &format!("; {rest} less sure ones were not grouped"),
        ));
    }
    let title = both("疑似有组织的评价", "Suspected review campaigns");
    let lead = both(
        "评价因检测器给出的关联（同期、雷同文字、账号同现等）归为一组。成组只是疑似，不等于有人组织，也不等于评价内容不实；须人工核对原文。",
        "Reviews are in one group because the detector ties them to each other (time, shared wording, accounts that meet). A group is suspected: it proves neither that somebody organised it nor that a review is untrue. A person has to check the originals.",
    );
    let mut out =
        format!("<section id=\"campaigns\"><h2>{title}<small>{note}</small></h2><p class=\"lead\">{lead}</p>");
    for (number, campaign) in shown_campaigns(page) {
        out.push_str(&card(number, campaign, &held));
    }
    out.push_str("</section>\n");
    out
}

fn card(number: usize, campaign: &Campaign<'_>, held: &HashSet<Fingerprint>) -> String {
    let figures = Figures::of(campaign);
    let title = both(&format!("疑似有组织的评价 第 {number} 组"), &format!("Suspected campaign {number}"));
    let mut out = format!("<article class=\"card campaign\" id=\"campaign-{number}\"><h3>{title}");
    if campaign.facts.iter().any(|fact| held.contains(&fact.fingerprint)) {
        let text = both("在清单中查看", "show in the list");
        let _ = write!(
            out,
            " <button type=\"button\" class=\"reset noprint\" data-filter=\"campaign:{number}\">{text}</button>"
        );
    }
    let _ = write!(out, "</h3>{}", facts(campaign, &figures));
    out.push_str(&days(&figures));
    let _ = write!(
        out,
        "<div class=\"halves\"><div>{}</div><div>{}</div></div>",
        families(campaign, &figures),
        against(campaign, &figures)
    );
    out.push_str(&composition(campaign));
    out.push_str(&matrix(campaign, number <= OPEN));
    out.push_str(&members(campaign, &figures, held));
    out.push_str(&open_case(campaign));
    out.push_str("</article>");
    out
}

/// The command that opens a case for all of its reviews, named by the surest.
fn open_case(campaign: &Campaign<'_>) -> String {
    let surest = campaign.facts.iter().max_by(|a, b| a.score.total_cmp(&b.score).then_with(|| b.record.cmp(&a.record)));
    surest.map_or_else(String::new, |fact| {
        let command = html(&open::review("--campaign", &fact.record, fact.shop.as_deref()));
        format!(
            "<p class=\"none\">{}<code>{command}</code></p>",
            both("为本组立案：", "To open a case for this group: ")
        )
    })
}

/// The line of numbers under the title.
fn facts(campaign: &Campaign<'_>, figures: &Figures<'_>) -> String {
    let nameless = |text: &str| {
        if figures.nameless == 0 { String::new() } else { text.replace('#', &grouped(figures.nameless as u64)) }
    };
    let stars = |unit: &str| {
        let told = (1..).zip(figures.stars).filter(|(_, count)| *count > 0);
        told.map(|(stars, count)| format!("{stars}{unit} ×{}", grouped(count))).collect::<Vec<_>>().join(" ")
    };
    let span = |none: &str| {
        figures.span().map_or(none.to_owned(), |(first, last)| {
            if first == last { label(first) } else { format!("{} – {}", label(first), label(last)) }
        })
    };
    let (least, most) = figures.scores;
    let (least, most) = (format!("{least:.2}"), format!("{most:.2}"));
    let scores = if least == most { most } else { format!("{least}–{most}") };
    let rows = [
        ("评价", "reviews", grouped(campaign.reviews as u64), String::new(), String::new()),
        (
            "账号",
            "accounts",
            grouped(figures.accounts as u64),
            nameless("，另 # 条未知"),
            nameless(", unknown for # reviews"),
        ),
        ("商品", "listings", grouped(figures.listings as u64), String::new(), String::new()),
        ("店铺", "shops", grouped(figures.shops as u64), String::new(), String::new()),
    ];
    let mut out = String::from("<ul class=\"legend facts\">");
    for (zh, en, count, more_zh, more_en) in rows {
        let _ = write!(
            out,
            "<li>{}</li>",
            both(&format!("{zh} <b>{count}</b>{more_zh}"), &format!("{en} <b>{count}</b>{more_en}"))
        );
    }
    let _ = write!(out, "<li>{}</li>", both(&span("没有日期"), &span("no dates")));
    let _ = write!(out, "<li>{}</li>", both(&stars("星"), &stars("★")));
    let _ = write!(out, "<li>{}</li></ul>", both(&format!("置信度 {scores}"), &format!("score {scores}")));
    out
}

/// The days of the suspected reviews over what was to be expected.
fn days(figures: &Figures<'_>) -> String {
    let Some((first, last)) = figures.span() else { return String::new() };
    let edges = |days: [Option<i32>; 2]| days.into_iter().flatten();
    let first = edges([figures.expected.keys().next().copied(), Some(first)]).min().unwrap_or(first) - 1;
    let last = edges([figures.expected.keys().next_back().copied(), Some(last)]).max().unwrap_or(last) + 1;
    let step = ((last - first) / COLUMNS + 1).max(1);
    let mut data = Vec::new();
    let mut day = first;
    while day <= last {
        let expected = figures.expected.range(day..day + step);
        let known = expected.clone().next().is_some();
        let count = figures.days.range(day..day + step).map(|(_, count)| count).sum();
        data.push((label(day), count, known.then(|| expected.map(|(_, rate)| rate).sum())));
        day += step;
    }
    let mut out = format!("<div class=\"days\">{}</div><ul class=\"legend\">", timeline(&data));
    let per = if step == 1 {
        both("每日疑似评价", "suspected reviews by day")
    } else {
        both(&format!("疑似评价，每柱 {step} 天"), &format!("suspected reviews, {step} days a column"))
    };
    let _ = write!(out, "<li>{}{per}</li>", swatch("s3"));
    if let Some(window) = figures.window {
        let text = both(
            "同类评价的平常数量（所涉商品之和，取较高估计）",
            "what is usual for reviews of this polarity (all its listings, the higher estimate)",
        );
        let _ = write!(out, "<li>{}{text}</li>", swatch("line"));
        let (from, to, observed, expected) = (label(window.from), label(window.to), window.observed, window.expected);
        let expected = if expected < 1.0 { format!("{expected:.2}") } else { format!("{expected:.1}") };
        let text = both(
            &format!("最突出的时段 {from} – {to}：同类评价 {observed:.0} 条，平常约 {expected} 条"),
            &format!(
                "the most striking days {from} – {to}: {observed:.0} reviews of this polarity, about {expected} are usual"
            ),
        );
        let _ = write!(out, "<li>{text}</li>");
    }
    if figures.undated > 0 {
        let count = grouped(figures.undated as u64);
        let _ =
            write!(out, "<li>{}</li>", both(&format!("另有 {count} 条没有日期"), &format!("{count} carry no date")));
    }
    out.push_str("</ul>");
    out
}

/// A family or signal in both languages.
fn named<'n>(name: &'n str, word: fn(&'n str, Locale) -> &'n str) -> String {
    both(&html(word(name, Locale::Zh)), &html(word(name, Locale::En)))
}

fn families(campaign: &Campaign<'_>, figures: &Figures<'_>) -> String {
    let all = campaign.facts.len();
    let mut out = format!("<h4>{}</h4>", both("支持怀疑的信号类别", "Families that speak for the suspicion"));
    if figures.families.is_empty() {
        let text = both("证据中没有列出。", "The evidence names none.");
        return out + &format!("<p class=\"none\">{text}</p>");
    }
    out.push_str("<table class=\"plain\"><thead><tr>");
    for (class, zh, en) in [("", "类别", "Family"), ("num", "出现", "In"), ("num", "贡献中位数", "Median contribution")]
    {
        let _ = write!(out, "<th class=\"{class}\">{}</th>", both(zh, en));
    }
    out.push_str("</tr></thead><tbody>");
    for (family, count, median) in &figures.families {
        let name = named(family, evidence::family);
        let _ = write!(
            out,
            "<tr><td>{name}</td><td class=\"num\">{count} / {all}</td><td class=\"num\">{median:+.2}</td></tr>"
        );
    }
    out.push_str("</tbody></table>");
    out
}

fn against(campaign: &Campaign<'_>, figures: &Figures<'_>) -> String {
    let mut out = format!("<h4>{}</h4>", both("反对怀疑的信号", "What speaks against it"));
    if figures.against.is_empty() {
        let text =
            both("没有信号反对；这并不增加怀疑。", "No signal does, which does not make the suspicion stronger.");
        return out + &format!("<p class=\"none\">{text}</p>");
    }
    let all = campaign.facts.len();
    out.push_str("<ul class=\"chips\">");
    for (signal, count) in &figures.against {
        let _ = write!(out, "<li class=\"chip\">{}<i>{count} / {all}</i></li>", named(signal, evidence::signal));
    }
    out.push_str("</ul>");
    out
}

/// What the others of the reviews' windows read as, over the whole campaign.
fn composition(campaign: &Campaign<'_>) -> String {
    let known: Vec<&str> = campaign.facts.iter().filter_map(|fact| fact.reads_as()).collect();
    if known.is_empty() {
        return String::new();
    }
    let count = |what: &str| known.iter().filter(|reads_as| **reads_as == what).count();
    let (ordinary, unusual) = (count("ordinary_buyers"), count("unusual"));
    let parts = [
        (unusual, "# 条评价的同期评价者与普通买家明显不同", "for # reviews they differ from ordinary buyers"),
        (
            ordinary,
            "# 条评价的同期评价者如普通买家，次品批次或物流延误更能解释",
            "for # reviews they are like ordinary buyers, so that a bad batch or a courier explains it better",
        ),
        (known.len() - ordinary - unusual, "# 条无法判断", "for # reviews that is undecided"),
    ];
    let told = |text: fn(&(usize, &'static str, &'static str)) -> &'static str| {
        let told = parts.iter().filter(|part| part.0 > 0);
        told.map(|part| text(part).replace('#', &grouped(part.0 as u64))).collect::<Vec<_>>()
    };
    let text = both(
        &format!("同期其他评价者的构成：{}。", told(|part| part.1).join("；")),
        &format!("What the others of the same days are like: {}.", told(|part| part.2).join("; ")),
    );
    format!("<p class=\"none\">{text}</p>")
}

fn matrix(campaign: &Campaign<'_>, open: bool) -> String {
    let matrix = Matrix::of(campaign);
    if matrix.accounts.is_empty() {
        return String::new();
    }
    if let ([listing], 0) = (matrix.listings.as_slice(), matrix.more_listings) {
        return row(&matrix, listing, open);
    }
    let title = both("账号 × 商品 × 日期", "Accounts × listings × days");
    // Only accounts with several listings need a table; the others stand one after the other.
    let listings_of = |account: &str| matrix.cells.keys().filter(|key| key.0 == account).count();
    let (several, one): (Vec<&str>, Vec<&str>) =
        matrix.accounts.iter().copied().partition(|account| listings_of(account) > 1);
    let open = if open { " open" } else { "" };
    let mut out = format!("<details{open}><summary>{title}</summary>");
    if !several.is_empty() {
        out.push_str(&table(&matrix, &several));
    }
    for listing in matrix.listings.iter().filter(|_| !one.is_empty()) {
        let here: Vec<&str> =
            one.iter().copied().filter(|account| matrix.cells.contains_key(&(*account, *listing))).collect();
        if !here.is_empty() {
            let name = html(listing);
            let _ = write!(
                out,
                "<p class=\"none\">{}</p>",
                both(&format!("仅商品 {name}"), &format!("listing {name} only"))
            );
            line(&mut out, &matrix, listing, here);
        }
    }
    let (accounts, listings) = (matrix.more_accounts, matrix.more_listings);
    let mut note = both(
        "格中为日期（月-日）与星级；加粗为疑似评价，其余为这些账号同现的其他评价。",
        "Month-day and stars; bold ones are suspected reviews, the others are further reviews where these accounts meet.",
    );
    let parts = |of_accounts: &str, of_listings: &str, and: &str| {
        let parts = [(accounts, of_accounts), (listings, of_listings)].into_iter().filter(|(count, _)| *count > 0);
        parts.map(|(count, of)| format!("{count} {of}")).collect::<Vec<_>>().join(and)
    };
    if accounts + listings > 0 {
        note.push_str(&both(
            &format!("另有 {} 未列出。", parts("个账号", "件商品", "、")),
            &format!(" {} are not shown.", parts("more accounts", "more listings", " and ")),
        ));
    }
    let _ = write!(out, "<p class=\"none\">{note}</p></details>");
    out
}

/// The table of accounts with several listings.
fn table(matrix: &Matrix<'_>, accounts: &[&str]) -> String {
    let mut out = String::from("<div class=\"wide\"><table class=\"plain matrix\"><thead><tr><th></th>");
    for listing in &matrix.listings {
        let _ = write!(out, "<th scope=\"col\">{}</th>", html(listing));
    }
    out.push_str("</tr></thead><tbody>");
    for account in accounts {
        let _ = write!(out, "<tr><th scope=\"row\"><code>{}</code></th>", html(account));
        for listing in &matrix.listings {
            let cell = matrix.cells.get(&(*account, *listing));
            out.push_str("<td>");
            entries(&mut out, cell);
            out.push_str("</td>");
        }
        out.push_str("</tr>");
    }
    out + "</tbody></table></div>"
}

/// A matrix of one listing, which needs no table.
fn row(matrix: &Matrix<'_>, listing: &str, open: bool) -> String {
    let name = html(listing);
    let title = both(&format!("商品 {name}：账号 × 日期"), &format!("Listing {name}: accounts × days"));
    let open = if open { " open" } else { "" };
    let mut out = format!("<details{open}><summary>{title}</summary>");
    line(&mut out, matrix, listing, matrix.accounts.clone());
    if matrix.more_accounts > 0 {
        let more = matrix.more_accounts;
        let note = both(&format!("另有 {more} 个账号未列出。"), &format!("{more} more accounts are not shown."));
        let _ = write!(out, "<p class=\"none\">{note}</p>");
    }
    out + "</details>"
}

/// Accounts with their reviews of a listing, in the order of their first days.
fn line(out: &mut String, matrix: &Matrix<'_>, listing: &str, accounts: Vec<&str>) {
    out.push_str("<ul class=\"row\">");
    let mut accounts: Vec<_> =
        accounts.into_iter().map(|account| (matrix.cells.get(&(account, listing)), account)).collect();
    accounts.sort_by_key(|(cell, account)| (cell.and_then(|cell| cell.keys().next()), *account));
    for (cell, account) in accounts {
        let _ = write!(out, "<li><code>{}</code>", html(account));
        entries(out, cell);
        out.push_str("</li>");
    }
    out.push_str("</ul>");
}

/// The days and stars of a cell.
fn entries(out: &mut String, cell: Option<&Cell>) {
    for ((day, stars), suspected) in cell.into_iter().flatten().take(IN_CELL) {
        let day = day.map_or_else(|| "?".to_owned(), |day| label(day)[5..].to_owned());
        let stars = stars.map_or_else(String::new, |stars| format!(" {stars}★"));
        let class = if *suspected { "on" } else { "near" };
        let _ = write!(out, " <span class=\"{class}\">{day}{stars}</span>");
    }
    match cell.map_or(0, |cell| cell.len().saturating_sub(IN_CELL)) {
        0 => {}
        more => {
            let _ = write!(out, "<span class=\"sub\">+{more}</span>");
        }
    }
}

/// Every suspected review, linked to its finding where the page holds it, and the reviews that are only named.
fn members(campaign: &Campaign<'_>, figures: &Figures<'_>, held: &HashSet<Fingerprint>) -> String {
    let count = campaign.facts.len();
    let title = both(&format!("疑似评价 {count} 条"), &format!("{count} suspected reviews"));
    let mut out = format!("<details><summary>{title}</summary><ul class=\"chips\">");
    let mut listed: Vec<&Fact> = campaign.facts.iter().take(MEMBERS).copied().collect();
    listed.sort_by_key(|fact| (fact.post.day, &fact.record, fact.fingerprint));
    for fact in listed {
        let (record, print) = (html(&fact.record), fact.fingerprint);
        let name = if held.contains(&print) { format!("<a href=\"#{print}\">{record}</a>") } else { record };
        let day = fact.post.day.map_or_else(String::new, |day| label(day)[5..].to_owned());
        let _ = write!(out, "<li class=\"chip\">{name}<i>{day} {:.2}</i></li>", fact.score);
    }
    out.push_str("</ul>");
    let mut rest = |left_out: usize, zh: &str, en: &str| {
        if left_out > 0 {
            let count = grouped(left_out as u64);
            let _ = write!(out, "<p class=\"none\">{}</p>", both(&zh.replace('#', &count), &en.replace('#', &count)));
        }
    };
    rest(count.saturating_sub(MEMBERS), "置信度较低的 # 条未列出。", "# less sure ones are not listed.");
    let linked = campaign.facts.iter().filter(|fact| held.contains(&fact.fingerprint)).count();
    rest(
        count - linked,
        "# 条在本页没有详情，见 JSONL 输出。",
        "# have no details on this page; the JSONL output has them.",
    );
    out.push_str(&companions(&figures.companions));
    out.push_str("</details>");
    out
}

fn companions(companions: &BTreeSet<&str>) -> String {
    if companions.is_empty() {
        return String::new();
    }
    let text = both(
        "被列为同组、但自身没有达到 0.5 的评价（不计入本组，不应据此申诉）：",
        "Named along with these, but below 0.5 by themselves (not counted here, nothing to appeal against):",
    );
    let names: Vec<String> =
        companions.iter().take(COMPANIONS).map(|name| format!("<code>{}</code>", html(name))).collect();
    let more = companions.len().saturating_sub(COMPANIONS);
    let more =
        if more > 0 { both(&format!(" 等，另 {more} 条"), &format!(" and {more} more")) } else { String::new() };
    format!("<p class=\"none\">{text} {}{more}</p>", names.join(" "))
}
