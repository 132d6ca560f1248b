//! Six ledgers: operator-hours, goods, jobs and cash close every tick; posts and waits where an audit
//! of all teams is asked for.
//!
//! Hours, jobs and posts are integers and must agree exactly; goods and money within 1e-9 of the day's
//! gross flow, waits within 1e-9 of all waiting so far. A breach is a value that names day, entity, ledger
//! and amount.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How many purposes an hour can have.
pub const PURPOSES: usize = 13;

/// What a paid hour is used for. The order is that of rounding and of all tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Purpose {
    /// Making output.
    Output = 0,
    /// Corrective repair.
    Repair = 1,
    /// Preventive overhauls.
    Preventive = 2,
    /// Inspection.
    Inspection = 3,
    /// Quality control.
    Quality = 4,
    /// Rework.
    Rework = 5,
    /// Training.
    Training = 6,
    /// Upgrade projects.
    Upgrade = 7,
    /// Coordination.
    Coordination = 8,
    /// Help for neighbours.
    Aid = 9,
    /// Drills.
    Drills = 10,
    /// Not needed.
    Idle = 11,
    /// Absent.
    Absent = 12,
}

/// A ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ledger {
    /// Operator-hours: paid = sum over purposes.
    Hours,
    /// Goods: made + imported = used + delivered + stocked + scrapped.
    Goods,
    /// Jobs: created = closed + open.
    Jobs,
    /// Cash: every payment has a payer and a payee; the outside world is an account.
    Cash,
    /// Posts: each is in one place.
    Posts,
    /// Waits: those within a queue, summed over time, = waits of those who left + ages of those within.
    Waits,
}

impl Ledger {
    fn name(self) -> &'static str {
        match self {
            Ledger::Hours => "hours",
            Ledger::Goods => "goods",
            Ledger::Jobs => "jobs",
            Ledger::Cash => "cash",
            Ledger::Posts => "posts",
            Ledger::Waits => "waits",
        }
    }
}

/// A ledger that did not close: a fault of the program, never of the user.
#[derive(Clone, Debug, PartialEq, Error, Serialize, Deserialize)]
#[error("the {} ledger of {entity} did not close on day {day}: {amount} too much", ledger.name())]
pub struct Breach {
    /// Day.
    pub day: f64,
    /// Sector, team or link.
    pub entity: String,
    /// Which ledger.
    pub ledger: Ledger,
    /// What is left over.
    pub amount: f64,
}

/// Refuses amounts that do not cancel within 1e-9 of the gross flow.
pub fn close(
    day: f64,
    ledger: Ledger,
    amount: f64,
    gross: f64,
    entity: impl Fn() -> String,
) -> Result<(), Breach> {
    if amount.abs() <= 1e-9 * gross.abs().max(1e-9) {
        return Ok(());
    }
    Err(Breach {
        day,
        entity: entity(),
        ledger,
        amount,
    })
}
