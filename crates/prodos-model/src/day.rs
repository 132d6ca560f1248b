//! The day: one constant table of steps, which composes the passes, and nothing else.
//!
//! Five parts. In the workday and the evening each team is alone: a pass over blocks of teams runs all
//! steps of that part on one team while its block is in cache. In the morning, the market and at night
//! sectors meet, in fixed order. Reading changes nothing that the other parts look at.

use crate::drift::{process, shortcuts, wear};
use crate::lattice::blocks::{Lattice, Team};
use crate::modules::{assignment, maintenance, quality, safety, supply, training, upgrade};
use crate::today::{SectorToday, Today};
use crate::{finance, gauge, hours, market, morning, night, phase, reading, trust};
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::SingleThreadedExecutor;
use smallvec::SmallVec;

/// Part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The world arrives; city and sectors.
    Morning,
    /// Each block of teams, alone.
    Workday,
    /// Sectors meet, in fixed order.
    Market,
    /// Each block of teams, alone.
    Evening,
    /// Nothing is changed that the other parts look at.
    Reading,
}

/// What a step of a team's own looks like.
pub type TeamStep = fn(&mut Team, &SectorToday, &Today);

/// One step of the day.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Number, as in the model description.
    pub number: u8,
    /// Part of the day.
    pub part: Part,
    /// What happens, in a few words.
    pub does: &'static str,
    /// The room in which it stands.
    pub room: &'static str,
    /// What runs for each team, in order; empty where sectors act.
    pub team_steps: &'static [TeamStep],
}

/// The fourteen steps, in order.
pub const STEPS: [Step; 14] = [
    step(
        1,
        Part::Morning,
        "connectors, shocks and policy arrive, orders are added up",
        "morning",
        &[],
    ),
    step(
        2,
        Part::Workday,
        "people come, stay away, leave, are hired",
        "modules/assignment",
        &[assignment::attend],
    ),
    step(
        3,
        Part::Workday,
        "roles are filled, hours counted",
        "modules/assignment",
        &[assignment::assign],
    ),
    step(
        4,
        Part::Workday,
        "needs are added up, pressure follows",
        "hours",
        &[hours::ask],
    ),
    step(
        5,
        Part::Workday,
        "hours are shared by weighted rationing",
        "hours",
        &[hours::share_out],
    ),
    step(
        6,
        Part::Workday,
        "shortcuts spread or recede",
        "drift/shortcuts",
        &[shortcuts::follow_norms],
    ),
    step(
        7,
        Part::Workday,
        "machines wear, defects arise and break",
        "drift/wear",
        &[wear::wear],
    ),
    step(
        8,
        Part::Workday,
        "crews repair what broke before today",
        "modules/maintenance",
        &[maintenance::repair],
    ),
    step(
        9,
        Part::Workday,
        "inspection and preventive rounds",
        "modules/maintenance",
        &[maintenance::make_rounds],
    ),
    step(
        10,
        Part::Workday,
        "output is made",
        "modules/supply",
        &[supply::produce],
    ),
    step(
        11,
        Part::Workday,
        "errors, checking, rework, incidents",
        "modules/quality, modules/safety",
        &[
            quality::work_and_check,
            safety::take_risks,
            supply::hand_over,
        ],
    ),
    step(
        12,
        Part::Market,
        "goods are delivered and rationed, orders kept or lost, neighbours helped, inputs restocked, bills paid",
        "market, lattice/aid, modules/supply, finance",
        &[supply::restock, finance::settle],
    ),
    step(
        13,
        Part::Evening,
        "trust, fatigue, skill, process and tools move; the day is summed up, orders and norms go out for tomorrow",
        "trust, modules/training, modules/upgrade, drift/process, gauge, night",
        &[
            trust::believe,
            training::learn,
            upgrade::improve,
            process::stray,
            gauge::sum_up,
        ],
    ),
    step(
        14,
        Part::Reading,
        "gauge, phases, symptoms, warnings, ledgers",
        "gauge, phase, reading",
        &[phase::classify],
    ),
];

const fn step(
    number: u8,
    part: Part,
    does: &'static str,
    room: &'static str,
    team_steps: &'static [TeamStep],
) -> Step {
    Step {
        number,
        part,
        does,
        room,
        team_steps,
    }
}

/// The schedule of a day: six systems in the written order.
pub fn schedule() -> Schedule {
    let mut schedule = Schedule::default();
    schedule.set_executor(SingleThreadedExecutor::new());
    schedule.add_systems(
        (
            morning::arrive,
            workday,
            market::trade,
            evening,
            night::hand_on,
            reading::look,
        )
            .chain(),
    );
    schedule
}

/// The workday: each block of teams, alone.
fn workday(mut lattice: Lattice, today: Res<Today>) {
    lattice.begin();
    run_steps(&mut lattice, &today, &[Part::Workday]);
}

/// What the market, the evening and the reading do to a team alone.
fn evening(mut lattice: Lattice, today: Res<Today>) {
    run_steps(
        &mut lattice,
        &today,
        &[Part::Market, Part::Evening, Part::Reading],
    );
}

fn run_steps(lattice: &mut Lattice, today: &Today, parts: &[Part]) {
    let steps = STEPS.iter().filter(|step| parts.contains(&step.part));
    let steps: SmallVec<[TeamStep; 16]> = steps.flat_map(|step| step.team_steps).copied().collect();
    lattice.each_team(|team| {
        let sector = &today.sectors[usize::from(team.place.sector)];
        for step in &steps {
            step(team, sector, today);
        }
    });
}
