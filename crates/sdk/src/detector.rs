//! The traits that a detector implements.

use core::fmt;
use std::sync::Arc;

use huoyan_abi::Status;

use crate::{Batch, CreateContext, Sink, TaskContext};

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The configuration or a resource cannot be used.
    Config,
    /// The batch is not of the form the manifest asked for.
    Input,
    /// The plugin has no such stage or detector.
    Unsupported,
    /// A limit was hit.
    Limit,
    /// A fault of the plugin.
    Internal,
}

/// Why a detector failed. It takes this detector out of the run, so it is no way to report a bad record: for that there
/// is [`Sink::unjudged`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    /// The configuration or a resource cannot be used; say which and what is expected.
    pub fn config(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Config, message: message.into() }
    }

    /// The batch is not of the form the manifest asked for.
    pub fn input(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Input, message: message.into() }
    }

    /// There is no such stage or detector.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Unsupported, message: message.into() }
    }

    /// A limit was hit; say which and the value.
    pub fn limit(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Limit, message: message.into() }
    }

    /// A fault of the plugin.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Internal, message: message.into() }
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn of_column(self, name: &str) -> Self {
        Self { kind: self.kind, message: format!("column '{name}': {}", self.message) }
    }

    pub(crate) fn status(&self) -> Status {
        match self.kind {
            ErrorKind::Config => Status::INVALID_CONFIG,
            ErrorKind::Input => Status::INVALID_INPUT,
            ErrorKind::Unsupported => Status::UNSUPPORTED,
            ErrorKind::Limit => Status::LIMIT,
            ErrorKind::Internal => Status::INTERNAL,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A detector that judges each record alone. Export it with [`crate::export_record_detector!`].
pub trait RecordDetector: Send + Sync + Sized + 'static {
    /// Makes the detector.
    ///
    /// # Errors
    /// When its configuration or a resource cannot be used.
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error>;

    /// Judges some rows of the stage called `stage`. May be called from several threads at once; what comes out must not
    /// depend on how rows are batched.
    ///
    /// # Errors
    /// When the batch cannot be read. A bad record is no error: report it with [`Sink::unjudged`].
    fn scan(&self, stage: &str, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error>;
}

/// A detector as a graph of stages. Export it with [`crate::export_detector!`].
pub trait Detector: Send + Sync + Sized + 'static {
    /// Makes the detector.
    ///
    /// # Errors
    /// When its configuration or a resource cannot be used.
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error>;

    /// Opens the stage called `stage` over one partition of its rows.
    ///
    /// # Errors
    /// When there is no such stage or a summary cannot be read.
    fn open(self: &Arc<Self>, stage: &str, cx: &TaskContext<'_>) -> Result<Box<dyn Task>, Error>;

    /// Merges two summaries of a corpus stage. Must be associative and commutative byte for byte.
    ///
    /// # Errors
    /// When a summary cannot be read.
    fn merge(&self, stage: &str, a: &[u8], b: &[u8]) -> Result<Vec<u8>, Error> {
        let _ = (a, b);
        Err(Error::unsupported(format!("stage '{stage}' has no summary")))
    }
}

/// One stage over one partition. Used by one thread at a time. State belongs to the task, never to a key.
pub trait Task: Send {
    /// Judges some rows.
    ///
    /// # Errors
    /// When the batch cannot be read.
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error>;

    /// No more rows: flushes the last group, or gives the summary.
    ///
    /// # Errors
    /// When the rest cannot be judged.
    fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        let _ = sink;
        Ok(())
    }
}

/// A [`RecordDetector`] as a [`Detector`].
pub struct EachRecord<T>(T);

impl<T: RecordDetector> Detector for EachRecord<T> {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        T::create(cx).map(Self)
    }

    fn open(self: &Arc<Self>, stage: &str, _cx: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        Ok(Box::new(EachRecordTask { detector: Arc::clone(self), stage: stage.to_owned() }))
    }
}

struct EachRecordTask<T> {
    detector: Arc<EachRecord<T>>,
    stage: String,
}

impl<T: RecordDetector> Task for EachRecordTask<T> {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.detector.0.scan(&self.stage, batch, sink)
    }
}
