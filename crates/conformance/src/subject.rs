//! The detector that is judged.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use huoyan_host::{Cancel, Detector, Plugin, ResourceData};
use huoyan_model::{DetectorSpec, Localized, RecordKind, RuleInfo, StageKind};

use crate::play::{self, Stop};
use crate::rows::Row;
use crate::said::Said;
use crate::shape::Shape;
use crate::trail::Trail;
use crate::{Options, generate, resources};

/// What all detectors of a plugin are judged with.
#[derive(Clone, Copy)]
pub(crate) struct Context<'p> {
    pub(crate) options: &'p Options,
    /// The rows of the fixture.
    pub(crate) fixture: &'p [Row],
    /// What is given besides what the plugin carries.
    pub(crate) resources: &'p [ResourceData],
    pub(crate) trail: &'p Trail,
    /// What was said in child processes, for the law that compares with them.
    pub(crate) in_children: &'p [InChild],
}

/// What came of a play in a child process.
pub(crate) struct InChild {
    pub(crate) detector: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) said: Result<Said, Stop>,
}

/// A detector of a loaded plugin, with all that is needed to make one more of it.
pub(crate) struct Subject<'p> {
    plugin: &'p Plugin,
    pub(crate) spec: DetectorSpec,
    pub(crate) options: &'p Options,
    pub(crate) trail: &'p Trail,
    in_children: &'p [InChild],
    resources: Vec<ResourceData>,
    /// The rules of its packs.
    pub(crate) rules: BTreeMap<String, RuleInfo>,
    declared: BTreeSet<String>,
    /// Rows of the fixture that its stages read.
    pub(crate) fixture: Vec<Row>,
    /// A detector that has done nothing wrong yet.
    at_hand: RefCell<Option<Arc<Detector>>>,
    /// Whether it said anything of a record; none as long as nothing was played.
    spoke: Cell<Option<bool>>,
}

impl<'p> Subject<'p> {
    pub(crate) fn new(plugin: &'p Plugin, spec: &DetectorSpec, context: Context<'p>) -> Result<Self, Localized> {
        let file = plugin.file();
        let resources = resources::of(&file.resources, spec, context.resources);
        let rules = file.rules_of(&resources).map_err(Localized::from)?;
        let declared: BTreeSet<String> = spec.rules.iter().chain(rules.keys()).cloned().collect();
        let kinds = kinds_of(spec);
        let fixture = context.fixture.iter().filter(|row| kinds.contains(&row.kind)).cloned().collect();
        Ok(Self {
            plugin,
            spec: spec.clone(),
            options: context.options,
            trail: context.trail,
            in_children: context.in_children,
            resources,
            rules,
            declared,
            fixture,
            at_hand: RefCell::new(None),
            spoke: Cell::new(None),
        })
    }

    /// The kinds of records that its stages read.
    pub(crate) fn kinds(&self) -> Vec<RecordKind> {
        kinds_of(&self.spec)
    }

    pub(crate) fn has(&self, kind: StageKind) -> bool {
        self.spec.stages.iter().any(|stage| stage.kind == kind)
    }

    /// Whether it compares records: then rows are sent to partitions by key.
    pub(crate) fn groups(&self) -> bool {
        self.spec.stages.iter().any(|stage| stage.kind == StageKind::Group || stage.reads.record.is_none())
    }

    /// Makes a detector.
    pub(crate) fn create(&self, config: &str, cancel: &Cancel) -> Result<Detector, Localized> {
        self.plugin
            .create(&self.spec.name, config, self.resources.clone(), self.declared.clone(), cancel)
            .map_err(Localized::from)
    }

    /// A new detector with the configuration that was asked for.
    pub(crate) fn fresh(&self) -> Result<Detector, Stop> {
        self.create(&self.options.config, &Cancel::default()).map_err(Stop::creating)
    }

    /// Plays rows on the detector at hand. One that did wrong is put away: after a panic it must not be called again.
    pub(crate) fn play(&self, rows: &[Row], shape: &Shape) -> Result<Said, Stop> {
        let at_hand = self.at_hand.borrow_mut().take();
        let detector = match at_hand {
            Some(detector) => detector,
            None => Arc::new(self.fresh()?),
        };
        let said = self.play_on(&detector, rows, shape)?;
        *self.at_hand.borrow_mut() = Some(detector);
        Ok(said)
    }

    /// Plays rows on a detector of the law's own.
    pub(crate) fn play_on(&self, detector: &Detector, rows: &[Row], shape: &Shape) -> Result<Said, Stop> {
        let said = play::play(detector, rows, shape)?;
        self.spoke.set(Some(said.speaks() || self.spoke.get().unwrap_or_default()));
        Ok(said)
    }

    /// Whether it said anything of a record in all that was played; none when nothing was.
    pub(crate) fn spoke(&self) -> Option<bool> {
        self.spoke.get()
    }

    /// What was said of these rows in a child process.
    pub(crate) fn in_child(&self, rows: &[Row]) -> Option<&Result<Said, Stop>> {
        self.in_children.iter().find(|c| c.detector == self.spec.name && c.rows == rows).map(|c| &c.said)
    }

    /// Generated rows of every kind it reads, mixed.
    pub(crate) fn generated(&self, n: usize, purpose: &str) -> Vec<Row> {
        generate::rows(self, n, purpose)
    }
}

fn kinds_of(spec: &DetectorSpec) -> Vec<RecordKind> {
    RecordKind::ALL.into_iter().filter(|kind| spec.stages.iter().any(|s| s.reads.record == Some(*kind))).collect()
}
