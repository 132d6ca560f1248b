//! The manifest of a result folder: what was run, by which program, when and where.
//!
//! Clocks and host names live here and nowhere else, so that recorded tables depend on experiment
//! and seed alone. Dates and names come from the caller as text; this crate reads no clock.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What `manifest.json` holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// Version of the program, for example `0.1.0`.
    pub version: String,
    /// Which build of it: source revision, compiler, target.
    pub build: String,
    /// Name of the experiment.
    pub experiment: String,
    /// The question it asks, in a sentence.
    pub question: String,
    /// Hash of the canonical merged experiment and seed, as in the folder's name.
    pub configuration_hash: String,
    /// Root seeds, in the order of `run_id`, or one seed for all replicates.
    pub seeds: Vec<u64>,
    /// The outcome that the question is about.
    pub headline: String,
    /// Columns of the summary for what differs between points.
    pub varied: Vec<String>,
    /// Points of the design; 1 without one.
    pub points: u64,
    /// Replicates that each point was to have.
    pub replicates: u64,
    /// Number of runs recorded here.
    pub runs: u64,
    /// Runs that failed, and why, by their number.
    pub failures: BTreeMap<i64, String>,
    /// Runs that took too long and are not in the tables, by their number.
    pub timed_out: BTreeMap<i64, String>,
    /// Points of which an outcome is not known as well as the experiment asks for, with its half-width.
    pub imprecise: Vec<String>,
    /// Every stretch in which runs were done, in order of time.
    pub stretches: Vec<Stretch>,
    /// The state that runs went on from, where they did not begin at the beginning.
    pub parent: String,
    /// The command that gives the same folder again.
    pub command: String,
    /// Name of the city.
    pub city: String,
    /// Sectors in the order of the city file.
    pub sectors: Vec<Sector>,
    /// Currency of all money.
    pub currency: String,
    /// Calendar date of day 0, `YYYY-MM-DD`; empty if the city has none.
    pub start_date: String,
    /// Days simulated.
    pub days: f64,
    /// Posts in the city.
    pub operators: u64,
    /// Teams in the city.
    pub teams: u64,
    /// Whether the ledgers of every team were checked.
    pub audited: bool,
    /// Worker threads.
    pub threads: u64,
    /// Name of the machine.
    pub host: String,
    /// When the run began, ISO 8601.
    pub started: String,
    /// When it ended, ISO 8601.
    pub finished: String,
    /// Wall-clock time of the runs, in seconds.
    pub wall_seconds: f64,
    /// Cost of one operator for one day, in nanoseconds of wall-clock time.
    pub nanoseconds_per_operator_day: f64,
    /// Largest resident memory, in bytes.
    pub peak_memory_bytes: u64,
    /// BLAKE3 checksum of this manifest with this line empty. Filled in by sealing.
    pub manifest: String,
    /// BLAKE3 checksum of every recorded file, by its path inside the folder. Filled in by sealing.
    pub files: BTreeMap<String, String>,
}

impl Manifest {
    /// Checksum of what it says, apart from this checksum.
    pub(crate) fn checksum(&self) -> String {
        let said = Manifest {
            manifest: String::new(),
            ..self.clone()
        };
        let text = serde_json::to_vec(&said).unwrap_or_default();
        blake3::hash(&text).to_hex().to_string()
    }
}

/// A stretch of time in which a program worked on runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stretch {
    /// The command.
    pub command: String,
    /// Which build of the program.
    pub build: String,
    /// Name of the machine.
    pub host: String,
    /// Worker threads.
    pub threads: u64,
    /// When it began, ISO 8601.
    pub started: String,
    /// When the last runs of it were on the disk, ISO 8601.
    pub finished: String,
    /// Runs done.
    pub runs: u64,
    /// Runs of its part that were there already.
    pub skipped: u64,
}

/// A sector as figures name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sector {
    /// Short code, for example `C`.
    pub code: String,
    /// Name in words, for example `Manufacturing`.
    pub name: String,
}
