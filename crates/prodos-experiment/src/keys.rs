//! The columns that say what a row is about: declared once, for the tables, their metadata and the
//! reference. What is measured stands in the tables of probes.

use prodos_record::{Column, Data, Words};

/// What the cells of a key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Whole,
    WholeOrNull,
    Number,
    Text,
}
use Holds::{Number, Text, Whole, WholeOrNull};

/// A key column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Name of the column.
    pub name: &'static str,
    /// Unit; `id` for what only tells apart, `text` for words.
    pub unit: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// Where it stands.
    pub tables: &'static str,
    holds: Holds,
}

macro_rules! keys {
    ($($constant:ident $name:literal $holds:ident $unit:literal $tables:literal $doc:literal;)*) => {
        $(pub(crate) const $constant: Key = Key {
            name: $name,
            unit: $unit,
            doc: $doc,
            tables: $tables,
            holds: $holds,
        };)*
        /// Every key column.
        pub const KEYS: &[Key] = &[$($constant),*];
    };
}

keys! {
    RUN_ID "run_id" Whole "id" "all" "Number of the run.";
    POINT_ID "point_id" Whole "id" "summary" "Number of the design point.";
    REPLICATE "replicate" Whole "id" "summary" "Which repetition with other draws.";
    SEED "seed" Whole "id" "summary" "Seed of the run, from root seed and replicate; runs of one replicate share it.";
    DYNAMICS "dynamics_final" Text "text" "summary" "Hash of the last state, without gauge and phases.";
    READING "reading_final" Text "text" "summary" "Hash of gauge and phases of the last day.";
    STATUS "status" Text "text" "summary" "ok, or failed.";
    STOPPED "stopped_day" Number "day" "summary" "Day after which the run was stopped, as its experiment says; null if it was not.";
    PRECISION "precision" Text "text" "summary" "met, or the outcomes whose confidence interval is wider than the experiment asks for at this point, with their half-width.";
    ERROR "error" Text "text" "summary" "Why the run failed.";
    DAY "day" Number "days" "series, events" "Days since the start; of a series the evening on which the row was read.";
    SECTOR "sector" Text "text" "series/sectors, teams, operators" "Code of the sector.";
    TEAM "team" Whole "id" "series/teams, operators" "Number of the team within its sector.";
    X "x" Whole "cells" "series/teams" "Column of the team's cell on the lattice.";
    Y "y" Whole "cells" "series/teams" "Row of the team's cell on the lattice.";
    POST "post" Whole "id" "series/operators" "Number of the post within its team.";
    ROLE "role" Text "text" "series/operators" "Role of the post.";
    EVENT "event" Whole "id" "events" "Number of the event within the run, in order of time.";
    KIND "kind" Text "text" "events" "What happened.";
    ZOOM "zoom" Text "text" "events" "Level of the lattice: operator, team, sector or city.";
    ENTITY "entity" Text "text" "events" "Where: city, sector, sector/team or sector/team/post.";
    CAUSE_EVENT "cause_event" WholeOrNull "id" "events" "The event that contributed most; null for none.";
    SIZE "size" Number "by kind" "events" "Size: the new phase of a phase change, else as the kind says.";
    DETAIL "detail" Text "text" "events" "Name of the shock, indicator or input, where there is one.";
}

impl Key {
    /// An empty column of it.
    pub(crate) fn column(&self) -> Column {
        let data = match self.holds {
            Whole => Data::Integer(Vec::new()),
            WholeOrNull => Data::OptionalInteger(Vec::new()),
            Number => Data::Float(Vec::new()),
            Text => Data::Text(Words::default()),
        };
        Column::of(self.name, self.unit, self.doc, data)
    }
}

/// Empty columns of keys.
pub(crate) fn columns(keys: &[Key]) -> Vec<Column> {
    keys.iter().map(Key::column).collect()
}
