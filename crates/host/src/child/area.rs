//! Memory without a name, shared between a host and its child through an open file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;

use crate::Fault;

/// A file that has no name, in memory where the platform can.
fn nameless() -> io::Result<File> {
    #[cfg(target_os = "linux")]
    {
        let flags = rustix::fs::MemfdFlags::CLOEXEC | rustix::fs::MemfdFlags::ALLOW_SEALING;
        Ok(rustix::fs::memfd_create("huoyan", flags)?.into())
    }
    #[cfg(not(target_os = "linux"))]
    tempfile::tempfile()
}

/// A file that holds `bytes` and that nobody can change any more, where the platform can say so.
pub(crate) fn file_of(bytes: &[u8]) -> io::Result<File> {
    let file = nameless()?;
    file.write_all_at(bytes, 0)?;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::SealFlags;
        rustix::fs::fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    }
    Ok(file)
}

/// Where the batches of one child lie. The host writes, only while the child is idle; the child maps it to read.
pub(crate) struct Area {
    file: File,
    len: u64,
}

/// What a batch takes at least, so that the file seldom grows.
const LEAST: u64 = 1 << 20;

impl Area {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { file: nameless()?, len: 0 })
    }

    /// The file, for the child.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Puts bytes into the area; they end where the child is told to stop.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let wanted = (bytes.len() as u64).max(LEAST).next_power_of_two();
        if wanted > self.len {
            self.file.set_len(wanted)?;
            self.len = wanted;
        }
        self.file.write_all_at(bytes, 0)
    }
}

/// Encodes the batches of one task as an Arrow stream: the schema once, then batch after batch.
#[derive(Default)]
pub(crate) struct Encoder {
    writer: Option<StreamWriter<Vec<u8>>>,
    /// Memory for the writer: fresh memory for every task would cost more than the encoding.
    spare: Vec<u8>,
}

impl Encoder {
    /// An encoder that writes into memory that was used before.
    pub(crate) fn reusing(mut spare: Vec<u8>) -> Self {
        spare.clear();
        Self { writer: None, spare }
    }

    /// Gives the memory back.
    pub(crate) fn into_memory(self) -> Vec<u8> {
        self.writer.and_then(|writer| writer.into_inner().ok()).unwrap_or(self.spare)
    }

    /// The next piece of the stream.
    pub(crate) fn encode(&mut self, batch: &RecordBatch) -> Result<&[u8], Fault> {
        let fail = |e: arrow_schema::ArrowError| Fault::no_batch(e.to_string());
        let writer = match &mut self.writer {
            Some(writer) => {
                writer.get_mut().clear();
                writer
            }
            none => {
                let memory = std::mem::take(&mut self.spare);
                none.insert(StreamWriter::try_new(memory, &batch.schema()).map_err(fail)?)
            }
        };
        writer.write(batch).map_err(fail)?;
        Ok(writer.get_ref())
    }
}
