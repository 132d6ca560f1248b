//! The state of a run: all that its next tick depends on, and all that can be read of it.
//!
//! A state can be kept, written down, and gone on from, as often as one likes: the run that goes on from it is the run
//! that was never broken off, bit for bit.

use crate::audit::Audit;
use crate::cascade::Events;
use crate::gauge::{Gauge, Rolling};
use crate::lattice::blocks::{Blocks, Pantry};
use crate::lattice::machine::Machines;
use crate::lattice::operator::{Ability, Habit, OwnWork, Pocket, Post, Strain};
use crate::lattice::sector::{City, Sector};
use crate::lattice::team::{
    Cash, Causes, Crew, HoursBook, Place, Project, Standing, TeamPhase, Trade, Upkeep, Work,
};
use crate::market::Market;
use crate::morning::Agenda;
use crate::tally::Tally;
use crate::today::Today;
use bevy_ecs::prelude::*;
use serde::{Deserialize, Serialize};

/// One operator, column by column.
type OperatorState = (Post, Ability, Strain, Habit, OwnWork, Pocket);

/// One team, column by column.
type TeamState = (
    (Place, Crew, HoursBook, Trade, Upkeep, Work, Standing),
    (Cash, Project, Rolling, Gauge, TeamPhase, Causes, Tally),
);

/// The state of a run.
#[derive(Clone, Serialize, Deserialize)]
pub struct State {
    operators: Vec<OperatorState>,
    teams: Vec<TeamState>,
    sectors: Vec<Sector>,
    machines: Machines,
    pantry: Pantry,
    blocks: Blocks,
    market: Market,
    today: Today,
    pub(crate) agenda: Agenda,
    city: City,
    events: Events,
    audit: Audit,
    burn_in: f64,
}

impl State {
    /// The state of a world.
    pub(crate) fn of(world: &mut World, burn_in: f64) -> State {
        fn kept<R: Resource + Clone>(world: &World) -> R {
            world.resource::<R>().clone()
        }
        let mut operators = world.query::<(&Post, &Ability, &Strain, &Habit, &OwnWork, &Pocket)>();
        let operators = operators
            .iter(world)
            .map(|(post, ability, strain, habit, own, pocket)| {
                (*post, *ability, *strain, *habit, *own, *pocket)
            })
            .collect();
        let mut teams = world.query::<(
            (&Place, &Crew, &HoursBook, &Trade, &Upkeep, &Work, &Standing),
            (
                &Cash,
                &Project,
                &Rolling,
                &Gauge,
                &TeamPhase,
                &Causes,
                &Tally,
            ),
        )>();
        let teams = teams
            .iter(world)
            .map(|(a, b)| {
                (
                    (a.0.clone(), *a.1, *a.2, *a.3, *a.4, *a.5, *a.6),
                    (*b.0, *b.1, *b.2, *b.3, *b.4, *b.5, *b.6),
                )
            })
            .collect();
        let sectors = world.query::<&Sector>().iter(world).cloned().collect();
        State {
            operators,
            teams,
            sectors,
            machines: kept(world),
            pantry: kept(world),
            blocks: kept(world),
            market: kept(world),
            today: kept(world),
            agenda: kept(world),
            city: kept(world),
            events: kept(world),
            audit: kept(world),
            burn_in,
        }
    }

    /// A world in this state, and the length of its burn-in.
    pub(crate) fn world(self) -> (World, f64) {
        let mut world = World::new();
        world.spawn_batch(self.operators);
        world.spawn_batch(self.teams);
        world.spawn_batch(self.sectors);
        world.insert_resource(self.machines);
        world.insert_resource(self.pantry);
        world.insert_resource(self.blocks);
        world.insert_resource(self.market);
        world.insert_resource(self.today);
        world.insert_resource(self.agenda);
        world.insert_resource(self.city);
        world.insert_resource(self.events);
        world.insert_resource(self.audit);
        (world, self.burn_in)
    }
}
