//! What a host and its child say to each other: frames of `[u32 length][u8 kind][payload]`, all numbers little-endian.
//!
//! The child may be under a plugin's control, so the host believes no length: every one is checked against the bytes that
//! have arrived before it is used, nothing is allocated for bytes that have not, and nothing recurses.

use huoyan_model::AbiVersion;

use crate::Fault;
use crate::collect::{Collector, RawFinding};

/// The largest frame: what a call may give back, and room for what frames it.
pub(crate) const MAX_FRAME: usize = (256 << 20) + (1 << 16);

/// The largest of the frames that carry no output: two texts of a fault, a line of a log.
const MAX_SMALL_FRAME: usize = 64 << 10;

/// The most members of one finding: as many as may be kept of a call, see [`Collector::finding`].
const MAX_MEMBERS: usize = MAX_FRAME / 24;

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
    let most = match kind {
        Kind::Hello | Kind::Ready | Kind::Log | Kind::Done | Kind::Failed => MAX_SMALL_FRAME,
        _ => MAX_FRAME,
    };
    if len > most {
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
                if count > MAX_MEMBERS {
                    return Err(Malformed::new("成员多于上限的发现", "a finding of more members than any may have"));
                }
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
mod tests;
