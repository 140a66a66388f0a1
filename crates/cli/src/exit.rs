//! How the command ends. The numbers are part of its interface.

use std::process::ExitCode;

use huoyan_dossier::bundle::Verdict;
use huoyan_model::Locale;

/// An exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Complete,
    Findings,
    Usage,
    Incomplete,
    Interrupted,
    /// `plugin verify` found a plugin that is not as it was trusted.
    Unverified,
    /// The answer of `appeal verify`, whose numbers have meanings of their own.
    Verified(Verdict),
}

impl Exit {
    pub(crate) const ALL: [Self; 5] =
        [Self::Complete, Self::Findings, Self::Usage, Self::Incomplete, Self::Interrupted];

    /// The statuses of `appeal verify`.
    pub(crate) const VERIFIED: [Self; 9] = [
        Self::Verified(Verdict::Intact),
        Self::Verified(Verdict::Tampered),
        Self::Verified(Verdict::Damaged),
        Self::Verified(Verdict::OtherSigner),
        Self::Verified(Verdict::Inconsistent),
        Self::Verified(Verdict::Unreadable),
        Self::Verified(Verdict::Mixed),
        Self::Verified(Verdict::PartMissing),
        Self::Verified(Verdict::NotVerifiable),
    ];

    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::Findings | Self::Unverified => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Interrupted => 130,
            Self::Verified(verdict) => verdict.exit_code(),
        }
    }

    pub(crate) fn meaning(self, locale: Locale) -> &'static str {
        let (zh, en) = match self {
            Self::Complete => ("全部完成，没有达到 --fail-on 的发现", "complete, and nothing at or above --fail-on"),
            Self::Findings => (
                "全部完成，有达到或高于 --fail-on 的疑似发现",
                "complete, with suspected findings at or above --fail-on",
            ),
            Self::Unverified => {
                ("plugin verify：有插件与当初信任的不一致", "plugin verify: a plugin is not as it was trusted")
            }
            Self::Usage => {
                ("用法、配置或输入有误，什么也没有扫描", "usage, configuration or input error; nothing was scanned")
            }
            Self::Incomplete => (
                "不完整：某检测器被隔离、坏行超过 --max-bad-rows，或触及上限（优先于 1）",
                "incomplete: a detector was taken out, bad rows above --max-bad-rows, or a limit was hit (outranks 1)",
            ),
            Self::Interrupted => ("被中断，已写出的部分注明不完整", "interrupted; partial output is marked so"),
            Self::Verified(verdict) => return verdict.text(locale),
        };
        match locale {
            Locale::Zh => zh,
            Locale::En => en,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
