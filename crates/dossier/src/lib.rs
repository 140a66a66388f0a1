//! Appeal evidence: from findings, records and files to a dossier that a third person can check.

pub mod bundle;
pub mod deadline;
pub mod lint;
pub mod privacy;
