//! Text that runs from margin to margin: the title, headings, paragraphs, facts, and boxes around text.

use std::ops::Range;

use super::Flow;
use crate::document::{Cited, Document};
use crate::error::{Error, Lang};
use crate::page::{Area, Entry};
use crate::text::breaks::{self, Mode};
use crate::text::{self, Cell, Style};
use crate::theme::{self, Ink};

/// Where a text runs.
#[derive(Clone, Copy)]
struct Run {
    x: f32,
    width: f32,
    style: Style,
    piece: u32,
}

/// How a box looks.
struct Frame {
    ground: Ink,
    bar: Ink,
}

impl Flow<'_> {
    /// The title, the case and the time, on the first page.
    pub(super) fn title(&mut self, document: &Document) -> Result<(), Error> {
        let cells = text::cells(self.fonts, &document.title, theme::TITLE);
        let piece = self.next_piece();
        self.run(&cells, Run { x: theme::SIDE, width: theme::WIDTH, style: theme::TITLE, piece })?;
        let (case, made) = match self.lang {
            Lang::Zh => ("案件", "制作时间"),
            Lang::En => ("Case", "Made"),
        };
        let byline = format!("{case} {}    {made} {}", document.case_id, document.made_at);
        let cells = text::cells(self.fonts, &byline, theme::BYLINE);
        self.run(&cells, Run { x: theme::SIDE, width: theme::WIDTH, style: theme::BYLINE, piece: 0 })?;
        self.space(4.0);
        let at = Area { x: theme::SIDE, y: self.y, w: theme::WIDTH, h: 0.8 };
        self.put_fill(at, Ink::Accent);
        self.space(10.0);
        Ok(())
    }

    pub(super) fn heading(&mut self, index: usize, level: u8, words: &str) -> Result<(), Error> {
        let Some(&style) = usize::from(level).checked_sub(1).and_then(|level| theme::HEADINGS.get(level)) else {
            return Err(Error::Block { index, detail: format!("a heading has level 1 to 3, this one {level}") });
        };
        let cells = text::cells(self.fonts, words, style);
        let lines = breaks::lines(&cells, theme::WIDTH / style.size, Mode::Words).len();
        self.space([14.0, 11.0, 8.0][usize::from(level) - 1]);
        // A heading at the foot of a page belongs to what follows.
        self.need((lines as f32 * style.leading).min(200.0) + 38.0)?;
        let entry = Entry { level, text: text::shown(&cells).replace('\n', " "), spot: self.spot() };
        self.outline.push(entry);
        let piece = self.next_piece();
        self.run(&cells, Run { x: theme::SIDE, width: theme::WIDTH, style, piece })?;
        self.space(3.0);
        Ok(())
    }

    pub(super) fn paragraph(&mut self, words: &str) -> Result<(), Error> {
        let cells = text::cells(self.fonts, words, theme::BODY);
        let piece = self.next_piece();
        self.run(&cells, Run { x: theme::SIDE, width: theme::WIDTH, style: theme::BODY, piece })?;
        self.space(6.0);
        Ok(())
    }

    pub(super) fn facts(&mut self, items: &[Cited]) -> Result<(), Error> {
        const INDENT: f32 = 24.0;
        for (at, item) in items.iter().enumerate() {
            let cells = self.fact(item);
            let style = theme::BODY;
            let lines = breaks::lines(&cells, (theme::WIDTH - INDENT) / style.size, Mode::Words).len();
            self.need(lines.min(2) as f32 * style.leading)?;
            let number = text::cells(self.fonts, &format!("{}.", at + 1), theme::NUMBER);
            let y = self.y;
            self.put_line(theme::SIDE, y, theme::NUMBER, &number, 0.0, 0);
            let piece = self.next_piece();
            self.run(&cells, Run { x: theme::SIDE + INDENT, width: theme::WIDTH - INDENT, style, piece })?;
            self.space(4.0);
        }
        self.space(4.0);
        Ok(())
    }

    /// A sentence and behind it its exhibits.
    fn fact(&mut self, item: &Cited) -> Vec<Cell> {
        let mut cells = text::cells(self.fonts, &item.text, theme::BODY);
        if item.exhibits.is_empty() {
            return cells;
        }
        let (open, between, close) = match self.lang {
            Lang::Zh => ("（证据 ", "、", "）"),
            Lang::En => (" (exhibit ", ", ", ")"),
        };
        for (at, exhibit) in item.exhibits.iter().enumerate() {
            cells.extend(text::cells(self.fonts, if at == 0 { open } else { between }, theme::BODY));
            let reference = text::cells(self.fonts, exhibit, theme::CITE);
            cells.extend(reference.into_iter().map(|cell| Cell { cites: true, ..cell }));
        }
        cells.extend(text::cells(self.fonts, close, theme::BODY));
        text::squeeze(&mut cells);
        cells
    }

    pub(super) fn ask(&mut self, label: &str, words: &str) -> Result<(), Error> {
        let label = text::cells(self.fonts, label, theme::ASK_LABEL);
        let cells = text::cells(self.fonts, words, theme::ASK);
        self.space(6.0);
        let parts = [(label, theme::ASK_LABEL), (cells, theme::ASK)];
        self.framed(&parts, &Frame { ground: Ink::AskGround, bar: Ink::Accent }, true)?;
        self.space(12.0);
        Ok(())
    }

    pub(super) fn notice(&mut self, index: usize, tone: &str, words: &str) -> Result<(), Error> {
        let frame = match tone {
            "info" => Frame { ground: Ink::InfoGround, bar: Ink::Accent },
            "missing" => Frame { ground: Ink::AmberGround, bar: Ink::Amber },
            "warning" => Frame { ground: Ink::AlarmGround, bar: Ink::Alarm },
            _ => {
                return Err(Error::Block {
                    index,
                    detail: format!("a notice is info, missing or warning, not {tone:?}"),
                });
            }
        };
        let cells = text::cells(self.fonts, words, theme::NOTICE);
        self.space(3.0);
        self.framed(&[(cells, theme::NOTICE)], &frame, true)?;
        self.space(8.0);
        Ok(())
    }

    /// At the end: which characters are shown as □, so that the page itself says so.
    pub(super) fn replacements(&mut self) -> Result<(), Error> {
        const LISTED: usize = 40;
        let replaced: Vec<_> = self.fonts.report().into_iter().filter(|line| !line.shown.is_empty()).collect();
        if replaced.is_empty() {
            return Ok(());
        }
        let list: Vec<String> =
            replaced.iter().take(LISTED).map(|line| format!("{} ×{}", line.char, line.count)).collect();
        let more = replaced.len().saturating_sub(LISTED);
        let (opening, rest) = match self.lang {
            Lang::Zh => ("下列字符无法显示，以 □ 代替：", format!("，另有 {more} 种")),
            Lang::En => ("These characters cannot be shown and stand as □: ", format!(", and {more} more")),
        };
        let words = format!("{opening}{}{}", list.join(", "), if more > 0 { &rest } else { "" });
        let cells = text::cells(self.fonts, &words, theme::NOTICE);
        self.space(6.0);
        self.framed(&[(cells, theme::NOTICE)], &Frame { ground: Ink::AmberGround, bar: Ink::Amber }, false)
    }

    /// Lines of text down the pages, never one line alone at the end or the beginning of a page.
    fn run(&mut self, cells: &[Cell], run: Run) -> Result<(), Error> {
        let lines = breaks::lines(cells, run.width / run.style.size, Mode::Words);
        for (at, range) in lines.iter().enumerate() {
            let left = lines.len() - at;
            let together = if left == 2 || (at == 0 && left > 1) { 2.0 } else { 1.0 };
            self.need(together * run.style.leading)?;
            let spread = spread(cells, range, run);
            let y = self.y;
            self.put_line(run.x, y, run.style, &cells[range.clone()], spread, run.piece);
            self.y += run.style.leading;
        }
        Ok(())
    }

    /// Texts under each other in a box, which goes on over as many pages as it needs.
    fn framed(&mut self, parts: &[(Vec<Cell>, Style)], frame: &Frame, counted: bool) -> Result<(), Error> {
        const PAD: f32 = 9.0;
        let (x, width) = (theme::SIDE + PAD + 4.0, theme::WIDTH - 2.0 * PAD - 4.0);
        let mut lines: Vec<(&[Cell], Range<usize>, Run)> = Vec::new();
        for (cells, style) in parts {
            let piece = if counted { self.next_piece() } else { 0 };
            let run = Run { x, width, style: *style, piece };
            let ranges = breaks::lines(cells, width / style.size, Mode::Words);
            // A box is held whole before it is drawn, so one that cannot fit is refused here.
            if ranges.len() > self.max_pages.saturating_mul(80) {
                return Err(Error::TooManyPages { limit: self.max_pages });
            }
            lines.extend(ranges.into_iter().map(|range| (&**cells, range, run)));
        }
        let mut rest = &lines[..];
        while !rest.is_empty() {
            // No line is lower than 10 points: 19 of them are enough to know that the rest is no small box.
            let whole: f32 = rest.iter().take(19).map(|line| line.2.style.leading).sum();
            let wanted = if whole < 180.0 { whole } else { rest[0].2.style.leading * 2.0 };
            self.need(wanted + 2.0 * PAD)?;
            let mut height = 2.0 * PAD;
            let mut fits = 0;
            while fits < rest.len() && (fits == 0 || height + rest[fits].2.style.leading <= self.room()) {
                height += rest[fits].2.style.leading;
                fits += 1;
            }
            self.put_fill(Area { x: theme::SIDE, y: self.y, w: theme::WIDTH, h: height }, frame.ground);
            self.put_fill(Area { x: theme::SIDE, y: self.y, w: 3.0, h: height }, frame.bar);
            let mut y = self.y + PAD;
            for (cells, range, run) in &rest[..fits] {
                self.put_line(run.x, y, run.style, &cells[range.clone()], spread(cells, range, *run), run.piece);
                y += run.style.leading;
            }
            self.y += height;
            rest = &rest[fits..];
            if !rest.is_empty() {
                self.begin_page()?;
            }
        }
        Ok(())
    }
}

/// What each character of a Chinese line gives so that the right edge is straight: nothing on a last line, on one that
/// is mostly Latin, or where the gap would show.
fn spread(cells: &[Cell], range: &Range<usize>, run: Run) -> f32 {
    let line = &cells[range.clone()];
    let is_last = cells[range.end..].iter().find(|cell| cell.ch != ' ').is_none_or(|cell| cell.ch == '\n');
    let wide = line.iter().filter(|cell| cell.width > 0.9).count();
    if is_last || line.len() < 12 || wide * 2 < line.len() {
        return 0.0;
    }
    let gap = run.width - text::width(line) * run.style.size;
    let each = gap / (line.len() - 1) as f32;
    if gap > 0.0 && each < 0.08 * run.style.size { each } else { 0.0 }
}
