//! What is told of a calibration.

use std::fmt::Write as _;
use std::path::Path;

use huoyan_ledger::Model;
use huoyan_ledger::fit::ENOUGH;
use huoyan_model::{Locale, Localized};
use huoyan_report::{evidence_text, sanitise};

use super::refit::{Fitted, Refit};
use super::reviews::{Read, Review};
use super::start::Start;

/// Curves told.
const MOST: usize = 8;
/// A smaller loss of recall is chance.
const NOTABLE: f64 = 0.005;

/// What a person should know of the cases before they trust the figures.
pub(super) fn notes(start: &Start, read: &Read, detector: &str) -> Vec<Localized> {
    let mut notes = Vec::new();
    let decided = || read.reviews.iter().filter(|review| review.decided.is_some());
    for path in &read.cut_off {
        let path = path.display();
        notes.push(Localized::new(
            format!("警告：{path} 没有结尾的汇总行，扫描可能中断过"),
            format!("warning: {path} has no summary at its end; the scan may have been cut off"),
        ));
    }
    if read.others > 0 {
        let others = read.others;
        notes.push(Localized::new(
            format!("{others} 条决定涉及其他检测器，未用"),
            format!("{others} decisions are about other detectors and were not used"),
        ));
    }
    if read.missing > 0 {
        let missing = read.missing;
        notes.push(Localized::new(
            format!(
                "警告：{missing} 条决定在发现中找不到；请在 [detectors.{detector}] 下写 report_from = 0，并用 --all-findings 重新扫描"
            ),
            format!(
                "warning: {missing} decisions are about no finding that was read; set report_from = 0 under [detectors.{detector}] and scan again with --all-findings"
            ),
        ));
    }
    if decided().count() > 0 && decided().all(|review| review.score >= 0.5) {
        notes.push(Localized::new(
            "警告：已判定的案例全部来自 0.5 及以上的发现，样本有偏：低分的评价无从学习；请也抽查判定低分的评价",
            "warning: all decided cases come from findings of 0.5 and more, a biased sample that teaches nothing of the others; decide a sample of low scores, too",
        ));
    }
    let differ = read.reviews.iter().filter(|review| {
        review.differs(start.model.total(review.side, review.stratum, &review.values(start.names.signals.len())))
    });
    let (differ, all) = (differ.count(), read.reviews.len());
    if differ > 0 {
        notes.push(Localized::new(
            format!("警告：{all} 条发现中有 {differ} 条的分数出自另一个模型或设置；请用 --model 指明扫描所用的模型"),
            format!("warning: {differ} of {all} findings were scored by another model or other settings; name the scan's model by --model"),
        ));
    }
    notes
}

/// Cases, figures and curves of each side.
pub(super) fn report(start: &Start, refits: &[Refit], reviews: &[Review], model: &Model, locale: Locale) -> String {
    let l = |zh, en| said(locale, zh, en);
    let mut out = String::new();
    for refit in refits {
        let [malicious, genuine] = refit.cases;
        let name = side(&start.names.sides[refit.side], locale);
        let _ = match locale {
            Locale::Zh => writeln!(out, "{name}：恶意 {malicious} 条，正常 {genuine} 条"),
            Locale::En => writeln!(out, "{name}: {malicious} malicious, {genuine} genuine"),
        };
        let Some(fitted) = &refit.fitted else {
            let _ = match locale {
                Locale::Zh => writeln!(out, "  保持原样：恶意与正常至少各需 {ENOUGH} 条\n"),
                Locale::En => writeln!(out, "  left as it is: each needs at least {ENOUGH}\n"),
            };
            continue;
        };
        figures(&mut out, refit, fitted, locale);
        let (mut before, mut after, mut all) = (0, 0, 0);
        for review in reviews.iter().filter(|review| review.side == refit.side) {
            let values = review.values(start.names.signals.len());
            before += usize::from(start.model.total(review.side, review.stratum, &values) >= 0.0);
            after += usize::from(model.total(review.side, review.stratum, &values) >= 0.0);
            all += 1;
        }
        row(
            &mut out,
            &l("全部评价中达到一半的", "of all reviews, reach one half"),
            [before, after].map(|n| n.to_string()),
            &format!("/ {all}"),
        );
        if all > malicious + genuine && after > 2 * before.max(malicious) {
            let _ = writeln!(
                out,
                "  {}",
                l(
                    "注意：达到一半的评价大增；已判定的案例可能不能代表全部评价，请也抽查判定低分的评价",
                    "note: far more reviews reach one half; the decided cases may not stand for all reviews, decide a sample of low scores, too"
                )
            );
        }
        if fitted.after.recall < fitted.before.recall - NOTABLE {
            let _ = writeln!(
                out,
                "  {}",
                l(
                    "注意：误伤 1 % 正常时找出的恶意变少",
                    "note: less malice is found at 1 % of the genuine than before"
                )
            );
        }
        curves(&mut out, start, fitted, locale);
        out.push('\n');
    }
    out
}

fn figures(out: &mut String, refit: &Refit, fitted: &Fitted, locale: Locale) {
    let l = |zh, en| said(locale, zh, en);
    let Fitted { before, after, .. } = fitted;
    let [malicious, genuine] = refit.cases;
    row(out, &l("在留出的五分之一上", "on held-out fifths"), [l("原模型", "before"), l("新模型", "after")], "");
    let number = |figure: fn(&super::measure::Figures) -> f64| [before, after].map(|of| format!("{:.4}", figure(of)));
    row(out, &l("误伤 1 % 正常时找出的恶意", "malice found at 1 % of genuine"), number(|f| f.recall), "");
    row(out, &l("校准误差（10 段）", "calibration error, 10 bins"), number(|f| f.calibration), "");
    row(out, &l("对数损失", "log-loss"), number(|f| f.log_loss), "");
    for (at, name, count) in [
        (0, l("达到一半的恶意", "malicious that reach one half"), malicious),
        (1, l("达到一半的正常", "genuine that reach one half"), genuine),
    ] {
        row(out, &name, [before, after].map(|of| of.reach[at].to_string()), &format!("/ {count}"));
    }
}

fn curves(out: &mut String, start: &Start, fitted: &Fitted, locale: Locale) {
    let l = |zh, en| said(locale, zh, en);
    let name = |at: usize| {
        let id = &start.names.signals[at];
        let told = evidence_text("signal", &id.clone().into(), locale).filter(|told| told != id);
        sanitise(&told.map_or(id.clone(), |told| format!("{id} ({told})"))).into_owned()
    };
    let _ = writeln!(out, "  {}", l("变化最大的曲线（对数几率）：", "curves that changed most (log-odds):"));
    for change in fitted.changes.iter().take(MOST) {
        let (from, to, at, cases) = (change.from, change.to, change.at, change.cases);
        let name = name(change.signal);
        let _ = match locale {
            Locale::Zh => writeln!(out, "    {name}：{from:+.2} → {to:+.2}，取值 {at:.2}（{cases} 条的中位数）"),
            Locale::En => writeln!(out, "    {name}: {from:+.2} → {to:+.2} at {at:.2}, the median of {cases} cases"),
        };
    }
    if !fitted.rare.is_empty() {
        let rare: Vec<&str> = fitted.rare.iter().map(|at| start.names.signals[*at].as_str()).collect();
        let rare = rare.join(" ");
        let _ = match locale {
            Locale::Zh => writeln!(out, "  出现不足 {ENOUGH} 条、大致保持原样：{rare}"),
            Locale::En => writeln!(out, "  about as they were, seen in fewer than {ENOUGH} cases: {rare}"),
        };
    }
}

/// How a detector is told to use the model.
pub(super) fn how_to_use(path: &Path, detector: &str, locale: Locale) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let model = toml::Value::String(absolute.to_string_lossy().into_owned());
    let said = match locale {
        Locale::Zh => format!("已写出 {}；要使用它，请在 huoyan.toml 中加入：", path.display()),
        Locale::En => format!("written to {}; to use it, add to huoyan.toml:", path.display()),
    };
    format!("{said}\n\n[detectors.{detector}.resources]\nmodel = {model}\n")
}

/// A side in words.
fn side(name: &str, locale: Locale) -> String {
    match name {
        "negative" => said(locale, "差评（三星及以下、未评星）", "negative (up to three stars, or none)"),
        "positive" => said(locale, "好评（四、五星）", "positive (four and five stars)"),
        other => sanitise(other).into_owned(),
    }
}

fn said(locale: Locale, zh: &str, en: &str) -> String {
    match locale {
        Locale::Zh => zh.to_owned(),
        Locale::En => en.to_owned(),
    }
}

/// A line of a table whose names may be Chinese, which are twice as wide.
fn row(out: &mut String, name: &str, cells: [String; 2], after: &str) {
    const NAMES: usize = 34;
    let wide = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(wide(text)));
    let [old, new] = &cells;
    let line = format!("  {name}{} {}{old} {}{new} {after}", pad(name, NAMES), pad(old, 9), pad(new, 9));
    let _ = writeln!(out, "{}", line.trim_end());
}
