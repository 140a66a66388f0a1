//! A child's answers without a child, for those who fuzz them.

use std::io::Write as _;

use huoyan_model::Localized;

use super::channel::Inbox;
use super::process::{self, Broken};
use super::protocol::{Kind, Malformed, hear, hear_done, hear_failed, hear_ready};
use super::{WRONG_KIND, hello};
use crate::Output;
use crate::collect::Collector;

/// Hears bytes as a child's answers, through a channel and an inbox as the host does, for those who fuzz it. Gives what was heard.
///
/// # Errors
/// The first thing that is no answer or that an answer said went wrong.
pub fn hear_frames(bytes: &[u8]) -> Result<Output, Localized> {
    let unable = |e: std::io::Error| Localized::from(e.to_string());
    let wrong = |Malformed { zh, en }| Localized::new(zh, en);
    let (mut theirs, ours) = std::os::unix::net::UnixStream::pair().map_err(unable)?;
    let (mut inbox, mut output) = (Inbox::without_files(), Output::default());
    // Less than a channel holds, so that nobody waits.
    for piece in bytes.chunks(4096) {
        theirs.write_all(piece).map_err(unable)?;
        inbox.fill(&ours).map_err(unable)?;
        while let Some((kind, at)) = inbox.next().map_err(wrong)? {
            let payload = inbox.payload(at);
            let fault = match kind {
                Kind::Hello => hello(kind, payload).map(|_| None).map_err(Broken::fault)?,
                Kind::Ready => hear_ready(payload).map(|_| None).map_err(wrong)?,
                Kind::Log => process::pass_on("fuzzed", payload).map(|()| None).map_err(wrong)?,
                Kind::Output => {
                    let any = |_: &str| true;
                    let mut collector = Collector::new(&any, crate::Limits::default(), None, 8, 8, &mut output);
                    hear(payload, &mut collector).map_err(wrong)?;
                    collector.outcome(Ok(())).err()
                }
                Kind::Done => hear_done(payload).map_err(wrong)?.1,
                Kind::Failed => Some(hear_failed(payload).map_err(wrong)?.1),
                _ => return Err(wrong(WRONG_KIND)),
            };
            if let Some(fault) = fault {
                return Err(fault.into());
            }
        }
    }
    Ok(output)
}
