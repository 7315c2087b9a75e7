//! What every request can reach.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use crate::compute::Compute;
use crate::config::Config;
use crate::database::Database;
use crate::jobs::Queue;
use crate::models::Models;
use crate::operations::Operations;
use crate::supervisor::Crew;

/// What every request can reach; cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// The parts of a running server.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) started: Instant,
    pub(crate) database: Database,
    pub(crate) queue: Queue,
    pub(crate) models: Models,
    pub(crate) operations: Arc<dyn Operations>,
    pub(crate) compute: Compute,
    pub(crate) crew: Arc<Crew>,
}

impl App {
    /// Shares `parts`.
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
