//! What a host and its child say to each other: frames of `[u32 length][u8 kind][payload]`, all numbers little-endian.
//!
//! The child may be under a plugin's control, so the host believes no length: every one is checked against the bytes that
//! have arrived before it is used, nothing is allocated for bytes that have not, and nothing recurses.

use huoyan_model::AbiVersion;

use crate::Fault;
use crate::collect::{Collector, RawFinding};

/// The largest frame: what a call may give back, and room for what frames it.
pub(crate) const MAX_FRAME: usize = (256 << 20) + (1 << 16);

/// Bytes before the payload.
pub(crate) const HEADER: usize = 5;

/// What a frame is. Requests go to the child, answers come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    // Requests.
    Create = 1,
    Open = 2,
    Push = 3,
    Close = 4,
    Drop = 5,
    Merge = 6,
    // Answers.
    Hello = 128,
    Ready = 129,
    Log = 130,
    Output = 131,
    Done = 132,
    Failed = 133,
}

impl Kind {
    fn of(byte: u8) -> Result<Self, Malformed> {
        let all = [
            Self::Create,
            Self::Open,
            Self::Push,
            Self::Close,
            Self::Drop,
            Self::Merge,
            Self::Hello,
            Self::Ready,
            Self::Log,
            Self::Output,
            Self::Done,
            Self::Failed,
        ];
        all.into_iter()
            .find(|kind| *kind as u8 == byte)
            .ok_or(Malformed::new("类型不存在的帧", "a frame of a kind that does not exist"))
    }
}

/// Why bytes are no frame or no payload: what was sent, in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
}

impl Malformed {
    pub(crate) const fn new(zh: &'static str, en: &'static str) -> Self {
        Self { zh, en }
    }
}

/// The most of each of a fault's texts that is read: more than the host keeps of a plugin's message, were all of it replacement characters.
const MAX_FAULT_TEXT: usize = 16 << 10;

/// A frame: its kind, its payload, and how many bytes it takes in all.
pub(crate) type Whole<'b> = (Kind, &'b [u8], usize);

/// The first frame of some bytes, with how many bytes it takes. `None` while it has not arrived in full.
pub(crate) fn frame(bytes: &[u8]) -> Result<Option<Whole<'_>>, Malformed> {
    let Some((head, rest)) = bytes.split_first_chunk::<HEADER>() else { return Ok(None) };
    let len = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let kind = Kind::of(head[4])?;
    if len > MAX_FRAME {
        return Err(Malformed::new("超过上限的帧", "a frame longer than any may be"));
    }
    Ok(rest.get(..len).map(|payload| (kind, payload, HEADER + len)))
}

/// Writes a frame.
pub(crate) struct Frame<'b> {
    out: &'b mut Vec<u8>,
    start: usize,
}

impl<'b> Frame<'b> {
    /// Begins a frame at the end of `out`.
    pub(crate) fn begin(out: &'b mut Vec<u8>, kind: Kind) -> Self {
        let start = out.len();
        out.extend([0, 0, 0, 0, kind as u8]);
        Self { out, start }
    }

    pub(crate) fn u8(self, value: u8) -> Self {
        self.out.push(value);
        self
    }

    pub(crate) fn u32(self, value: u32) -> Self {
        self.out.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn u64(self, value: u64) -> Self {
        self.out.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        put_bytes(self.out, bytes);
        self
    }

    pub(crate) fn fault(self, fault: &Fault) -> Self {
        put_fault(self.out, fault);
        self
    }

    /// Ends the frame: its length is known now.
    pub(crate) fn end(self) {
        end(self.out, self.start);
    }
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    // Nothing of 4 GiB comes here: texts of a call are bounded far below, on both sides.
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn put_fault(out: &mut Vec<u8>, fault: &Fault) {
    put_bytes(out, fault.text().zh.as_bytes());
    put_bytes(out, fault.text().en.as_bytes());
}

/// Fills in the length of the frame that began at `start`.
pub(crate) fn end(out: &mut [u8], start: usize) {
    let len = (out.len() - start - HEADER) as u32;
    out[start..start + 4].copy_from_slice(&len.to_le_bytes());
}

/// Reads a payload front to back.
pub(crate) struct Payload<'p>(&'p [u8]);

impl<'p> Payload<'p> {
    pub(crate) fn new(bytes: &'p [u8]) -> Self {
        Self(bytes)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, rest) =
            self.0.split_first_chunk::<N>().ok_or(Malformed::new("过早结束的内容", "a payload that ends too early"))?;
        self.0 = rest;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        self.take::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        self.take().map(u64::from_le_bytes)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'p [u8], Malformed> {
        let len = self.u32()? as usize;
        if len > self.0.len() {
            return Err(Malformed::new("超出内容的长度", "a length that goes beyond its payload"));
        }
        let (head, rest) = self.0.split_at(len);
        self.0 = rest;
        Ok(head)
    }

    pub(crate) fn text(&mut self) -> Result<&'p str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed::new("不是 UTF-8 的文本", "a text that is not UTF-8"))
    }

    /// A fault. Neither of its texts is believed to be short, UTF-8 or there at all.
    pub(crate) fn fault(&mut self) -> Result<Fault, Malformed> {
        let mut text = |without: &str| {
            let bytes = self.bytes()?;
            let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_FAULT_TEXT)]).into_owned();
            Ok(if text.is_empty() { without.to_owned() } else { text })
        };
        Ok(Fault::new(text("失败了，没有说明原因")?, text("failed without saying why")?))
    }

    /// How many items of at least `least` bytes follow: no more than there are bytes for.
    pub(crate) fn count(&mut self, least: usize) -> Result<usize, Malformed> {
        let count = self.u32()? as usize;
        if count.saturating_mul(least) > self.0.len() {
            return Err(Malformed::new("多于其字节所能容纳的项数", "more items announced than there are bytes for"));
        }
        Ok(count)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Malformed::new("内容结束之后的字节", "bytes after the end of a payload"))
        }
    }
}

// Items of an output frame.
const FINDING: u8 = 1;
const SCORE: u8 = 2;
const ROW: u8 = 3;
const UNJUDGED: u8 = 4;
const SUMMARY: u8 = 5;
const REFUSED: u8 = 6;

pub(crate) fn put_finding(out: &mut Vec<u8>, finding: &RawFinding<'_>) {
    out.push(FINDING);
    for text in [finding.record, finding.rule, finding.field, finding.evidence] {
        put_bytes(out, text);
    }
    out.extend(finding.score.to_bits().to_le_bytes());
    out.extend(finding.span.0.to_le_bytes());
    out.extend(finding.span.1.to_le_bytes());
    out.extend((finding.members.len() as u32).to_le_bytes());
    for member in &finding.members {
        put_bytes(out, member);
    }
}

pub(crate) fn put_score(out: &mut Vec<u8>, record: &[u8], score: f64) {
    out.push(SCORE);
    put_bytes(out, record);
    out.extend(score.to_bits().to_le_bytes());
}

pub(crate) fn put_row(out: &mut Vec<u8>, key: &[u8], order: i64, record: &[u8], payload: &[u8]) {
    out.push(ROW);
    put_bytes(out, key);
    out.extend(order.to_le_bytes());
    put_bytes(out, record);
    put_bytes(out, payload);
}

pub(crate) fn put_unjudged(out: &mut Vec<u8>, record: &[u8], reason: &[u8]) {
    out.push(UNJUDGED);
    put_bytes(out, record);
    put_bytes(out, reason);
}

pub(crate) fn put_summary(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(SUMMARY);
    put_bytes(out, bytes);
}

pub(crate) fn put_refused(out: &mut Vec<u8>, fault: &Fault) {
    out.push(REFUSED);
    put_fault(out, fault);
}

/// Hands the items of an output frame to the same checks that a plugin in the host's process meets.
pub(crate) fn hear(payload: &[u8], out: &mut Collector<'_>) -> Result<(), Malformed> {
    let mut payload = Payload::new(payload);
    while !payload.is_empty() && !out.has_fault() {
        match payload.u8()? {
            FINDING => {
                let (record, rule) = (payload.bytes()?, payload.bytes()?);
                let (field, evidence) = (payload.bytes()?, payload.bytes()?);
                let score = f64::from_bits(payload.u64()?);
                let span = (payload.u32()?, payload.u32()?);
                let count = payload.count(4)?;
                // Grown as they come: what is announced may be many times what a finding has.
                let mut members = Vec::with_capacity(count.min(64));
                for _ in 0..count {
                    members.push(payload.bytes()?);
                }
                out.finding(&RawFinding { record, rule, field, evidence, score, span, members });
            }
            SCORE => {
                let record = payload.bytes()?;
                out.score(record, f64::from_bits(payload.u64()?));
            }
            ROW => {
                let key = payload.bytes()?;
                let order = payload.u64()?.cast_signed();
                let record = payload.bytes()?;
                out.row(key, order, record, payload.bytes()?);
            }
            UNJUDGED => {
                let record = payload.bytes()?;
                out.unjudged(record, payload.bytes()?);
            }
            SUMMARY => {
                out.summary(payload.bytes()?);
            }
            REFUSED => {
                out.refuse(payload.fault()?);
            }
            _ => return Err(Malformed::new("类型不存在的条目", "an item of a kind that does not exist")),
        }
    }
    Ok(())
}

/// The end of a call: whether the child still holds the batch, and the fault if there was one.
pub(crate) fn hear_done(payload: &[u8]) -> Result<(bool, Option<Fault>), Malformed> {
    let mut payload = Payload::new(payload);
    let held = payload.u8()? != 0;
    let fault = if payload.is_empty() { None } else { Some(payload.fault()?) };
    payload.end()?;
    Ok((held, fault))
}

/// Why a detector was not made, and whether it broke rather than refused.
pub(crate) fn hear_failed(payload: &[u8]) -> Result<(bool, Fault), Malformed> {
    let mut payload = Payload::new(payload);
    let (broke, fault) = (payload.u8()? != 0, payload.fault()?);
    payload.end()?;
    Ok((broke, fault))
}

/// The ABI of the code that a child has loaded.
pub(crate) fn hear_ready(payload: &[u8]) -> Result<AbiVersion, Malformed> {
    let mut payload = Payload::new(payload);
    let built = AbiVersion { major: payload.u32()?, minor: payload.u32()? };
    payload.end()?;
    Ok(built)
}

#[cfg(test)]
mod tests {
    use huoyan_model::Localized;

    use super::*;
    use crate::error::tests::in_both;
    use crate::{Limits, Output};

    fn heard(payload: &[u8]) -> (Result<(), Malformed>, Output) {
        let mut output = Output::default();
        let any = |_: &str| true;
        let mut collector = Collector::new(&any, Limits::default(), None, 8, 8, &mut output);
        let result = hear(payload, &mut collector);
        (result, output)
    }

    /// What was wrong, which must be told in both languages.
    #[track_caller]
    fn wrong<T: std::fmt::Debug>(result: Result<T, Malformed>) -> &'static str {
        let Malformed { zh, en } = result.unwrap_err();
        in_both(&Localized::new(zh, en));
        en
    }

    fn everything() -> Vec<u8> {
        let mut out = Vec::new();
        let members = vec![&b"b"[..], b"a"];
        let (record, rule, field, evidence) = (&b"r"[..], &b"MB001"[..], &b"title"[..], &b"{\"a\":1}"[..]);
        put_finding(&mut out, &RawFinding { record, rule, field, evidence, score: 0.75, span: (0, 3), members });
        put_score(&mut out, b"r", 0.25);
        put_row(&mut out, b"k", -7, b"r", b"\xff\x00");
        put_unjudged(&mut out, b"r", b"why");
        put_summary(&mut out, b"sum");
        out
    }

    #[test]
    fn what_is_put_is_heard() {
        let (result, output) = heard(&everything());
        assert_eq!(result, Ok(()));
        assert_eq!(output.findings[0].members, ["a", "b"]);
        assert_eq!((output.findings[0].score, output.findings[0].evidence.as_str()), (0.75, "{\"a\":1}"));
        assert_eq!(output.scores, [("r".to_owned(), 0.25)]);
        assert_eq!((output.rows[0].order, output.rows[0].payload.as_slice()), (-7, &b"\xff\x00"[..]));
        assert_eq!(output.unjudged, [("r".to_owned(), "why".to_owned())]);
        assert_eq!(output.summary.as_deref(), Some(&b"sum"[..]));
    }

    #[test]
    fn every_cut_of_a_payload_is_malformed_or_a_whole_number_of_items() {
        let all = everything();
        let whole = (0..all.len()).filter(|&cut| heard(&all[..cut]).0.is_ok()).count();
        // Before each of the five items.
        assert_eq!(whole, 5);
    }

    #[test]
    fn a_length_beyond_what_arrived_is_refused_before_it_is_used() {
        let mut out = vec![UNJUDGED];
        out.extend(u32::MAX.to_le_bytes());
        assert_eq!(wrong(heard(&out).0), "a length that goes beyond its payload");
        let mut out = Vec::new();
        let finding = RawFinding {
            record: b"r",
            rule: b"MB001",
            field: b"",
            evidence: b"",
            score: 0.5,
            span: (0, 0),
            members: Vec::new(),
        };
        put_finding(&mut out, &finding);
        let at = out.len() - 4;
        out[at..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(wrong(heard(&out).0), "more items announced than there are bytes for");
        assert_eq!(wrong(heard(&[99]).0), "an item of a kind that does not exist");
    }

    #[test]
    fn frames_are_taken_only_when_whole_and_of_a_known_kind() {
        let mut out = Vec::new();
        Frame::begin(&mut out, Kind::Log).u8(1).bytes(b"x").end();
        for cut in 0..out.len() {
            assert_eq!(frame(&out[..cut]), Ok(None), "{cut}");
        }
        let (kind, payload, taken) = frame(&out).unwrap().unwrap();
        assert_eq!((kind, payload.len(), taken), (Kind::Log, 6, out.len()));
        out[4] = 77;
        assert_eq!(wrong(frame(&out)), "a frame of a kind that does not exist");
        assert_eq!(wrong(frame(&[255, 255, 255, 255, 132])), "a frame longer than any may be");
    }

    fn fault() -> Fault {
        Fault::new("调用中崩溃：panic: why", "panic: why")
    }

    /// The payload of the only frame.
    fn payload(bytes: &[u8]) -> &[u8] {
        frame(bytes).unwrap().unwrap().1
    }

    #[test]
    fn a_fault_comes_over_in_both_languages() {
        let mut refused = Vec::new();
        put_refused(&mut refused, &fault());
        let mut output = Output::default();
        let any = |_: &str| true;
        let mut collector = Collector::new(&any, Limits::default(), None, 8, 8, &mut output);
        hear(&refused, &mut collector).unwrap();
        assert_eq!(collector.outcome(Ok(())), Err(fault()));
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        Frame::begin(&mut done, Kind::Done).u8(1).fault(&fault()).end();
        Frame::begin(&mut failed, Kind::Failed).u8(1).fault(&fault()).end();
        assert_eq!(hear_done(payload(&done)), Ok((true, Some(fault()))));
        assert_eq!(hear_failed(payload(&failed)), Ok((true, fault())));
        assert_eq!(hear_done(&[0]), Ok((false, None)));
    }

    #[test]
    fn a_fault_in_one_language_and_one_with_more_behind_it_are_malformed() {
        let mut failed = Vec::new();
        Frame::begin(&mut failed, Kind::Failed).fault(&fault()).end();
        let all = payload(&failed);
        for cut in 0..all.len() {
            let done = [&[0], &all[..cut]].concat();
            wrong(hear_failed(&done));
            assert_eq!(hear_done(&done).is_ok(), cut == 0, "{cut}");
        }
        assert_eq!(wrong(hear_failed(&[&[0], all, &[0]].concat())), "bytes after the end of a payload");
        assert_eq!(wrong(hear_done(&[&[0], all, &[0]].concat())), "bytes after the end of a payload");
        assert_eq!(wrong(hear_done(&[])), "a payload that ends too early");
    }

    #[test]
    fn a_fault_s_texts_are_bounded_mended_and_never_empty() {
        let read = |zh: &[u8], en: &[u8]| {
            let mut out = Vec::new();
            put_bytes(&mut out, zh);
            put_bytes(&mut out, en);
            hear_failed(&[&[0], &out[..]].concat()).unwrap().1
        };
        assert_eq!(read(b"", b""), Fault::new("失败了，没有说明原因", "failed without saying why"));
        assert_eq!(read(b"\xff", b"\xff"), Fault::new("\u{fffd}", "\u{fffd}"));
        let long = vec![b'x'; MAX_FAULT_TEXT + 1];
        assert_eq!(read(&long, &long).text().zh.len(), MAX_FAULT_TEXT);
    }

    #[test]
    fn the_seeds_of_the_fuzz_target_are_what_a_child_says() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/boundary/seeds/child_answers");
        let seed = |name: &str| crate::child::hear_frames(&std::fs::read(format!("{folder}/{name}")).unwrap());
        let all = seed("all").unwrap();
        assert_eq!((all.findings.len(), all.rows.len(), all.summary.is_some()), (1, 1, true));
        assert_eq!(seed("finding").unwrap().findings.len(), 1);
        for name in ["log", "score"] {
            assert_eq!(seed(name).unwrap().scores.len(), 1, "{name}");
        }
        let told = Localized::new("给出了第二份汇总", "gave a second summary");
        for name in ["refused", "fault", "failed"] {
            assert_eq!(seed(name).unwrap_err(), told, "{name}");
        }
    }
}
