use huoyan_model::Locale;
use sha2::{Digest, Sha256};

use super::{Deadline, Instant};

/// The octets of a line without its end, as RFC 5545 §3.1 allows.
const MOST_OCTETS: usize = 75;

/// Deadlines as a calendar file (RFC 5545), one event each at the working deadline, with an alarm at each step of
/// escalation. Times are in UTC, so no time zone must travel with them.
///
/// `stamp` is the present, given by the caller so that equal input gives equal bytes. An event's UID depends on the case,
/// the rule and the start alone: a later export takes the place of an earlier one in the reader's calendar, even when the
/// table of days off has changed in between.
pub fn ics(case: &str, deadlines: &[Deadline], stamp: Instant, locale: Locale) -> String {
    let mut out = Lines::default();
    out.push("BEGIN:VCALENDAR");
    out.push("VERSION:2.0");
    out.push("PRODID:-//huoyan//deadline//ZH");
    out.push("CALSCALE:GREGORIAN");
    for deadline in deadlines {
        event(case, deadline, stamp, locale, &mut out);
    }
    out.push("END:VCALENDAR");
    out.text
}

fn event(case: &str, deadline: &Deadline, stamp: Instant, locale: Locale, out: &mut Lines) {
    let name = deadline.name.get(locale);
    out.push("BEGIN:VEVENT");
    out.push(&format!("UID:{}@huoyan", uid(case, deadline)));
    out.push(&format!("DTSTAMP:{}", stamp.compact_utc()));
    out.push(&format!("DTSTART:{}", deadline.working.compact_utc()));
    out.push("TRANSP:TRANSPARENT");
    out.text_property(
        "SUMMARY",
        &match locale {
            Locale::Zh => format!("【{case}】{name} 截止"),
            Locale::En => format!("[{case}] {name}: due"),
        },
    );
    out.text_property("DESCRIPTION", &description(deadline, locale));
    for hours in &deadline.escalate_hours {
        out.push("BEGIN:VALARM");
        out.push("ACTION:DISPLAY");
        out.push(&format!("TRIGGER:-PT{hours}H"));
        out.text_property(
            "DESCRIPTION",
            &match locale {
                Locale::Zh => format!("{name}：还剩 {hours} 小时"),
                Locale::En => format!("{name}: {hours} h left"),
            },
        );
        out.push("END:VALARM");
    }
    out.push("END:VEVENT");
}

fn description(deadline: &Deadline, locale: Locale) -> String {
    let colon = if locale == Locale::Zh { "：" } else { ": " };
    let mut lines = vec![deadline.text.get(locale).to_owned()];
    for reading in &deadline.readings {
        lines.push(format!("{}{colon}{}", reading.name.get(locale), reading.due));
    }
    for flag in &deadline.flags {
        lines.push(format!("! {}", flag.message().get(locale)));
    }
    let source = &deadline.source;
    lines.push(match locale {
        Locale::Zh => format!("来源：{}（核对 {}）", source.title, source.as_of),
        Locale::En => format!("source: {} (as of {})", source.title, source.as_of),
    });
    lines.join("\n")
}

fn uid(case: &str, deadline: &Deadline) -> String {
    let mut hash = Sha256::new();
    for part in [case, &deadline.rule, &deadline.start.compact_utc()] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// Adds a line, folded so that no part is longer than 75 octets and no character is cut.
    fn push(&mut self, line: &str) {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > MOST_OCTETS {
                self.text.push_str("\r\n ");
                octets = 1;
            }
            self.text.push(c);
            octets += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }

    /// Adds a property whose value is text, escaped as RFC 5545 §3.3.11 says.
    fn text_property(&mut self, name: &str, value: &str) {
        let mut line = format!("{name}:");
        for c in value.chars() {
            match c {
                '\\' | ';' | ',' => line.extend(['\\', c]),
                '\n' => line.push_str("\\n"),
                '\t' => line.push(c),
                // A carriage return or another control character would end or spoil the line.
                c if c.is_control() => {}
                c => line.push(c),
            }
        }
        self.push(&line);
    }
}
