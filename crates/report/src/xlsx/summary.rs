//! The sheets beside the findings: the account of the run, and what could not be judged.

use huoyan_model::{DetectorOutcome, RunStatus, RunSummary, Severity, Verdict};
use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

use super::{Xlsx, cell_text, heading};
use crate::words::{self, pick};

impl Xlsx {
    pub(super) fn write_summary(&mut self, summary: &RunSummary) -> Result<(), XlsxError> {
        let locale = self.locale;
        let mut lines = Lines { sheet: self.workbook.worksheet_from_index(0)?, row: 0 };
        lines.title(pick(locale, "火眼疑似问题汇总", "Huoyan: suspected problems"))?;
        lines.pair(pick(locale, "运行状态", "Run"), words::status(&summary.status, locale))?;
        if let RunStatus::Incomplete { reasons } = &summary.status {
            for reason in reasons {
                lines.pair(pick(locale, "未覆盖", "Not covered"), reason)?;
            }
        }
        lines.number(pick(locale, "读取行数", "Rows read"), summary.read)?;
        lines.number(pick(locale, "已检查记录", "Records scanned"), words::records(summary))?;
        lines.number(pick(locale, "完全重复", "Exact duplicates"), summary.duplicates)?;
        lines.number(pick(locale, "隔离的坏行", "Rows quarantined"), summary.quarantined)?;
        lines.number(pick(locale, "已豁免", "Suppressed"), summary.suppressed)?;
        lines.number(pick(locale, "未能判断", "Not judged"), summary.unjudged)?;
        lines.section(pick(locale, "处理建议", "Verdicts"))?;
        for verdict in Verdict::ALL {
            let count = summary.verdicts.get(verdict.as_str()).copied().unwrap_or(0);
            lines.number(words::verdict(verdict, locale), count)?;
        }
        lines.section(pick(locale, "严重程度", "Severities"))?;
        for severity in Severity::ALL.into_iter().rev() {
            let count = summary.severities.get(&severity).copied().unwrap_or(0);
            lines.number(words::severity(severity, locale), count)?;
        }
        lines.section(pick(locale, "检测器", "Detectors"))?;
        for detector in &summary.detectors {
            lines.number(&detector.name, detector.findings)?;
            match &detector.outcome {
                DetectorOutcome::Complete => {}
                DetectorOutcome::Quarantined { reason } => lines.pair(pick(locale, "已隔离", "Quarantined"), reason)?,
                DetectorOutcome::Skipped { reason } => lines.pair(pick(locale, "未运行", "Skipped"), reason)?,
            }
        }
        lines.section(pick(locale, "输入", "Inputs"))?;
        for input in &summary.inputs {
            lines.number(&input.source.file, input.read)?;
            for fact in &input.account {
                lines.pair("", fact)?;
            }
        }
        if let Some(header) = &self.header {
            lines.section(pick(locale, "重放所需", "For replay"))?;
            lines.pair("run_id", &header.run_id)?;
            lines.pair("tool_version", &header.tool_version)?;
            lines.pair("profile", &header.profile)?;
            lines.pair("config", &header.config)?;
            for (name, digest) in header.inputs.iter().chain(&header.plugins).chain(&header.resources) {
                lines.pair(name, digest)?;
            }
        }
        Ok(())
    }

    pub(super) fn write_unjudged(&mut self, total: u64) -> Result<(), XlsxError> {
        let locale = self.locale;
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(pick(locale, "未能判断", "Not judged"))?;
        sheet.set_freeze_panes(1, 0)?;
        let heads = [
            ("检测器", "Detector"),
            ("对象", "Kind"),
            ("编号", "Record"),
            ("原因", "Reason"),
            ("文件", "File"),
            ("行", "Line"),
        ];
        for (column, ((zh, en), width)) in (0u16..).zip(heads.into_iter().zip([22.0, 9.0, 24.0, 50.0, 30.0, 8.0])) {
            sheet.set_column_width(column, width)?;
            sheet.write_string_with_format(0, column, pick(locale, zh, en), &heading())?;
        }
        let mut row = 0;
        for item in &self.unjudged {
            row += 1;
            let line = item.source.line.to_string();
            let cells =
                [&item.detector, item.record_kind.as_str(), &item.record, &item.reason, &item.source.file, &line];
            for (column, text) in (0u16..).zip(cells) {
                sheet.write_string(row, column, cell_text(text))?;
            }
        }
        let listed = self.unjudged.len() as u64;
        if total > listed {
            sheet.write_string(row + 1, 0, format!("… {} / {total}", listed))?;
        }
        Ok(())
    }
}

/// Writes label and value line by line.
struct Lines<'w> {
    sheet: &'w mut Worksheet,
    row: u32,
}

impl Lines<'_> {
    fn title(&mut self, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, 0, text, &Format::new().set_bold().set_font_size(16))?;
        self.row += 2;
        Ok(())
    }

    fn section(&mut self, text: &str) -> Result<(), XlsxError> {
        self.row += 1;
        self.sheet.write_string_with_format(self.row, 0, text, &heading())?;
        self.row += 1;
        Ok(())
    }

    fn pair(&mut self, label: &str, value: &str) -> Result<(), XlsxError> {
        self.sheet.write_string(self.row, 0, cell_text(label))?;
        self.sheet.write_string(self.row, 1, cell_text(value))?;
        self.row += 1;
        Ok(())
    }

    fn number(&mut self, label: &str, value: u64) -> Result<(), XlsxError> {
        self.sheet.write_string(self.row, 0, cell_text(label))?;
        self.sheet.write_number_with_format(self.row, 1, value as f64, &Format::new().set_align(FormatAlign::Left))?;
        self.row += 1;
        Ok(())
    }
}
