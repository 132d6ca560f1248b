//! Z1: one team, a cell of the grid, as components by concern.

use crate::cascade::Blame;
use crate::keyed;
use crate::ledger::{PURPOSES, Purpose};
use crate::phase::PhaseState;
use bevy_ecs::component::Component;
use serde::{Deserialize, Serialize};

/// What never changes about a team.
#[derive(Component, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Index of its sector.
    pub sector: u16,
    /// Index within the sector.
    pub team: u32,
    /// Column and row on the grid.
    pub cell: (u16, u16),
    /// Rank by distance from the centre of the patch, 0 to 1.
    pub centrality: f32,
    /// First post and number of posts, in city order.
    pub posts: (u32, u32),
    /// First machine and number of machines, in city order.
    pub machines: (u32, u32),
    /// Posts a role.
    pub roles: [u8; 8],
    /// Output at rest a day, in money.
    pub output_at_rest: f64,
    /// Share of the sector's output at rest.
    pub weight: f64,
    /// Hours of a master per unit of output, without shortcuts or upgrades.
    pub labour: f64,
    /// Hours a day on output at rest.
    pub output_hours_at_rest: f64,
    /// Errors expected a task at rest, with its mix of roles.
    pub errors_at_rest: f64,
    /// Wage of a paid post a day, in money.
    pub wage: f64,
    /// Supplier links.
    pub links: u32,
}

impl Place {
    /// Number of one of its posts or machines in draws, or of the team itself ([`keyed::TEAM`]).
    #[inline]
    pub fn id(&self, k: usize) -> u64 {
        keyed::id(self.sector.into(), self.team as usize, k)
    }

    /// Numbers of its posts or machines in draws, one after the other.
    #[inline]
    pub fn ids(&self) -> impl Iterator<Item = u64> + use<> {
        self.id(0)..self.id(keyed::TEAM)
    }
}

/// People of the team today.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Crew {
    /// Paid posts.
    pub employed: u32,
    /// At work.
    pub present: u32,
    /// Posts nobody holds.
    pub vacant: u32,
    /// People who left today.
    pub quits: u32,
    /// People who arrived today.
    pub hires: u32,
    /// Hours at hand today, in seconds, without absence.
    pub seconds: u32,
    /// Paid seconds of absence.
    pub seconds_absent: u32,
    /// Mean speed of those present.
    pub speed: f64,
    /// Share of those present who cover another role.
    pub misplaced: f64,
    /// Hours wanted over hours at hand.
    pub pressure: f64,
    /// Pressure, as an exponential mean of age `staff.pressure_memory`.
    pub pressure_mean: f64,
    /// Mean shortcut habit of those present.
    pub shortcuts: f64,
    /// Growth of shortcuts a day, without what enforcement takes back.
    pub shortcut_growth: f64,
    /// People expected to leave today.
    pub leaving: f64,
    /// Sums over paid posts: skill, fatigue, habit, trust.
    pub sums: [f64; 4],
}

/// How today's seconds were asked for and given.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HoursBook {
    /// Seconds asked for, by purpose.
    pub asked: [u32; PURPOSES],
    /// Seconds given, by purpose; with idle and absent they are all paid seconds.
    pub given: [u32; PURPOSES],
    /// Protected seconds done, over those needed, today.
    pub protected_done: f64,
    /// Repair seconds that neighbours sent last night.
    pub received: u32,
}

impl HoursBook {
    /// Share of the seconds asked for a purpose that was given; 1 where none were asked.
    pub fn done(&self, purpose: Purpose) -> f64 {
        let asked = self.asked[purpose as usize];
        if asked == 0 {
            1.0
        } else {
            f64::from(self.given[purpose as usize]) / f64::from(asked)
        }
    }
}

/// Orders and output.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trade {
    /// Orders that came today.
    pub orders: f64,
    /// Orders open from before.
    pub waiting: f64,
    /// Orders not served tonight, before the customers decide which stay.
    pub unserved: f64,
    /// Output made today; what is not scrapped is delivered.
    pub made: f64,
    /// Output that hours, machines and inputs would have allowed.
    pub able: [f64; 3],
    /// Wasted: found wrong and thrown away, in money.
    pub scrapped: f64,
    /// Smoothed loss of output by cause: labour, machines, inputs.
    pub losses: [f64; 3],
    /// Input that limits most today, or `u16::MAX`.
    pub scarce: u16,
    /// Smallest cover of a critical input, in days.
    pub cover: f64,
    /// Share of the inputs ordered that came.
    pub received_share: f64,
}

/// Maintenance.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Upkeep {
    /// Inspections due, in machines.
    pub inspections_due: f64,
    /// Preventive overhauls due, in machines.
    pub overhauls_due: f64,
    /// Next machine to inspect, and to overhaul, in the round.
    pub next: [u32; 2],
    /// Seconds given and not yet used up by a whole inspection or overhaul.
    pub carried: [u32; 2],
    /// Machines down.
    pub down: u32,
    /// Machines waiting for a spare part.
    pub waiting: u32,
    /// Machines for which a new one is ordered.
    pub renewing: u32,
    /// New machines ordered today.
    pub renewals: u32,
    /// Repair work open, in seconds of standard work.
    pub work: u64,
    /// Jobs created and closed so far.
    pub jobs: [u64; 2],
    /// Machines that broke down today.
    pub breakdowns: u32,
    /// Latent defects found today.
    pub caught: u32,
    /// Overhauls done today.
    pub overhauled: u32,
    /// Machines that work again since today.
    pub repaired: u32,
    /// Ticks that those were down, summed.
    pub ticks_down: u64,
    /// Repair work that arose today, in seconds; not part of tonight's backlog reading.
    pub fresh_work: u64,
    /// Work created today by shocks, in seconds.
    pub shock_work: u64,
    /// Spares at hand and on order.
    pub spares: [u32; 2],
    /// Spares on order this morning.
    pub spares_coming: u32,
    /// Machines sound or latent.
    pub up: u32,
    /// Machines with a latent defect.
    pub latent: u32,
    /// Sum of virtual ages.
    pub age_sum: f64,
    /// Sum of defect hazards, all machines up, per day.
    pub hazard_sum: f64,
    /// Mean use of a machine today, in operating days.
    pub used: f64,
}

/// Quality of the day's work.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Tasks done.
    pub tasks: u32,
    /// Tasks with an error before checking.
    pub defects: u32,
    /// Errors expected before checking.
    pub expected: f64,
    /// Rework passes.
    pub reworked: u32,
    /// Tasks that left: all, less those thrown away.
    pub left: u32,
    /// Tasks that left with an error.
    pub escapes: u32,
    /// Seconds given to output and not yet a whole task.
    pub carried: u32,
    /// Rework owed, in seconds.
    pub rework_owed: u32,
    /// Escaped errors that have not shown yet.
    pub hidden: u32,
    /// Share of today's experiences of customers that was bad.
    pub bad: f64,
    /// Expected incidents today.
    pub risk: f64,
    /// Incidents today.
    pub incidents: u32,
    /// Process drift, 0 to 1.
    pub drift: f64,
}

/// Trust in the team, and of the team: with its suppliers and buyers, its partners.
#[derive(Component, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Trust of customers.
    pub customers: f64,
    /// Trust of the team in its suppliers, as fills received tell.
    pub suppliers: f64,
    /// Trust of the firms that buy, as fills delivered tell.
    pub buyers: f64,
}

/// Cash and today's flows of it.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cash {
    /// Balance.
    pub balance: f64,
    /// Balance last night.
    pub before: f64,
    /// Revenue today.
    pub revenue: f64,
    /// Paid today to firms, abroad, as taxes, as wages, for spares, as surplus.
    pub paid: [f64; 6],
}

/// Upgrade projects.
#[derive(Component, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// Seconds still to do; 0 when no project runs.
    pub left: u64,
    /// Part of the next project that is due.
    pub due: f64,
    /// Machine capacity over the first day's.
    pub machine_factor: f64,
    /// Labour per unit over the first day's.
    pub labour_factor: f64,
    /// Links added by tools.
    pub links: u32,
    /// Mastery of the newest tool, 0 to 1.
    pub mastery: f64,
}

/// The phase automaton and its flags.
#[derive(Component, Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TeamPhase {
    /// The automaton.
    pub state: PhaseState,
    /// Days for which protected work was starved while delivery looked well.
    pub starved_days: f64,
}

/// What is to blame on each way a team can be hurt, and the events it is in.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Causes {
    /// What hurts labour, machines, inputs.
    pub hurt: [Blame; 3],
    /// Event of the person who is out by name, 0 for none so far.
    pub absence: u32,
    /// Running episodes of [`crate::cascade::Episode`], as event ids, 0 when not in one.
    pub episode: [u32; crate::cascade::EPISODES],
    /// Least weight of each running episode since it was last noted.
    pub least: [f32; crate::cascade::EPISODES],
    /// Ticks for which an episode has been about to begin, to grow or to end.
    pub held: [u16; crate::cascade::EPISODES],
}
