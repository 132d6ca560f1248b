//! A run of the city: built once, stepped tick by tick, read at any time, hashed at the end.

use crate::build::{self, Options};
use crate::cascade::{Event, Events};
use crate::day;
use crate::lattice::blocks::{Blocks, Pantry};
use crate::lattice::machine::Machines;
use crate::lattice::operator::{Ability, Habit, OwnWork, Pocket, Post, Strain};
use crate::lattice::sector::{City, Sector};
use crate::lattice::team::{
    Cash, Crew, HoursBook, Project, Standing, TeamPhase, Trade, Upkeep, Work,
};
use crate::ledger::Breach;
use crate::morning::Agenda;
use crate::spec::Run;
use crate::state::State;
use crate::today::Today;
use bevy_ecs::prelude::*;

/// The city in motion.
pub struct Simulation {
    pub(crate) world: World,
    schedule: Schedule,
    pub(crate) sectors: QueryState<&'static Sector>,
    burn_in: f64,
    posts: usize,
}

/// Hashes of the whole state, 16 hex digits each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashes {
    /// Everything that moves the model.
    pub dynamics: String,
    /// Gauge and phases.
    pub reading: String,
}

impl Simulation {
    /// Builds the city of a run at the start of its burn-in.
    pub fn new(run: &Run, seed: u64, replicate: u32, options: Options) -> Self {
        let world = build::build(run, seed, replicate, options);
        Simulation::of(world, run.city.burn_in.into())
    }

    /// Goes on from a state.
    pub fn from_state(state: State) -> Self {
        let (world, burn_in) = state.world();
        Simulation::of(world, burn_in)
    }

    fn of(mut world: World, burn_in: f64) -> Self {
        let posts = world.query::<&Post>().iter(&world).count();
        Simulation {
            sectors: world.query(),
            schedule: day::schedule(),
            world,
            burn_in,
            posts,
        }
    }

    /// Goes on with the scenario and the policy of another run of the same city; the error is the name of a shock that
    /// only one of them has had by now.
    pub fn turn(&mut self, run: &Run) -> Result<(), String> {
        let today = self.world.resource::<Today>();
        let keys = today.keys;
        let day = self.day();
        self.world.resource_mut::<Agenda>().turn(run, keys, day)
    }

    /// The state between two ticks.
    pub fn state(&mut self) -> State {
        State::of(&mut self.world, self.burn_in)
    }

    /// Day since the end of the burn-in, of the last tick done or of the start.
    pub fn day(&self) -> f64 {
        let today = self.world.resource::<Today>();
        today.tick as f64 * today.dt - self.burn_in
    }

    /// Length of a tick in days.
    pub fn tick_length(&self) -> f64 {
        self.world.resource::<Today>().dt
    }

    /// Number of posts.
    pub fn posts(&self) -> usize {
        self.posts
    }

    /// Number of teams.
    pub fn teams(&self) -> usize {
        let blocks = self.world.resource::<Blocks>();
        blocks.starts.last().map_or(0, |end| end.team as usize)
    }

    /// One tick. The only thing that can go wrong is a ledger that does not close.
    pub fn step(&mut self) -> Result<(), Breach> {
        let day = self.day();
        self.world.resource_mut::<Today>().day = day;
        self.schedule.run(&mut self.world);
        self.world.resource_mut::<Today>().tick += 1;
        self.world
            .resource_mut::<City>()
            .breach
            .take()
            .map_or(Ok(()), Err)
    }

    /// Runs the burn-in and forgets its events.
    pub fn settle(&mut self) -> Result<(), Breach> {
        while self.day() < -1e-9 {
            self.step()?;
        }
        self.world.resource_mut::<Events>().forget();
        Ok(())
    }

    /// Events since the last time they were taken.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.world.resource_mut::<Events>().take()
    }

    /// Hashes of the state: `dynamics` without gauge and phases, and `reading` of those alone.
    pub fn hashes(&mut self) -> Hashes {
        Hashes {
            dynamics: self.hash_dynamics(),
            reading: self.hash_reading(),
        }
    }

    fn hash_dynamics(&mut self) -> String {
        let mut hash = blake3::Hasher::new();
        let mut operators = self.world.query::<(&Post, &Ability, &Strain, &Habit)>();
        for (post, ability, strain, habit) in operators.iter(&self.world) {
            hash.update(&[post.whereabouts as u8, post.role]);
            hash.update(&post.hires.to_le_bytes());
            for value in [
                post.certificate,
                ability.skill,
                ability.fit,
                strain.fatigue,
                strain.trust,
                habit.0,
            ] {
                hash.update(&value.to_bits().to_le_bytes());
            }
        }
        for machine in &self.world.resource::<Machines>().0 {
            hash.update(&[machine.state as u8]);
            for value in [machine.age, machine.clock, machine.renewed] {
                hash.update(&value.to_bits().to_le_bytes());
            }
            hash.update(&machine.work.to_le_bytes());
            hash.update(&machine.created.to_le_bytes());
        }
        let pantry = self.world.resource::<Pantry>();
        floats(
            &mut hash,
            pantry.stocks.iter().chain(&pantry.ordered).copied(),
        );
        let mut teams = self.world.query::<(
            &Crew,
            &HoursBook,
            &Trade,
            &Upkeep,
            &Work,
            &Standing,
            &Cash,
            &Project,
        )>();
        for (crew, hours, trade, upkeep, work, standing, cash, project) in teams.iter(&self.world) {
            floats(
                &mut hash,
                [
                    crew.pressure,
                    crew.pressure_mean,
                    trade.unserved,
                    trade.made,
                    upkeep.inspections_due,
                    upkeep.overhauls_due,
                    f64::from(work.hidden),
                    work.drift,
                    standing.customers,
                    standing.suppliers,
                    standing.buyers,
                    cash.balance,
                    project.due,
                    project.machine_factor,
                    project.labour_factor,
                    project.mastery,
                ],
            );
            let counts = [
                u64::from(upkeep.next[0]) << 32 | u64::from(upkeep.next[1]),
                u64::from(upkeep.carried[0]) << 32 | u64::from(upkeep.carried[1]),
                u64::from(upkeep.spares[0]) << 32 | u64::from(upkeep.spares[1]),
                upkeep.work,
                upkeep.jobs[0],
                upkeep.jobs[1],
                u64::from(work.carried) << 32 | u64::from(work.rework_owed),
                u64::from(hours.received),
                project.left,
                u64::from(project.links),
            ];
            for count in counts {
                hash.update(&count.to_le_bytes());
            }
        }
        for sector in self.sectors.iter(&self.world) {
            floats(&mut hash, sector.open.iter().copied());
            floats(&mut hash, sector.transit.iter().flatten().copied());
            floats(&mut hash, sector.recent.iter().copied());
            floats(&mut hash, [sector.pool, sector.price, sector.wave]);
        }
        short(&hash)
    }

    fn hash_reading(&mut self) -> String {
        let mut hash = blake3::Hasher::new();
        let mut operators = self.world.query::<(&OwnWork, &Pocket)>();
        for (own, pocket) in operators.iter(&self.world) {
            hash.update(&[pocket.0.phase]);
            hash.update(&own.owed.to_bits().to_le_bytes());
        }
        let mut teams = self.world.query::<(&crate::gauge::Gauge, &TeamPhase)>();
        for (gauge, phase) in teams.iter(&self.world) {
            hash.update(&[phase.state.phase]);
            floats(
                &mut hash,
                [
                    gauge.trust,
                    gauge.repair,
                    gauge.buffer,
                    gauge.alignment,
                    gauge.coordination,
                    gauge.drift,
                ],
            );
        }
        for sector in self.sectors.iter(&self.world) {
            hash.update(&[sector.phase.phase]);
            floats(&mut hash, [sector.gauge.margin, sector.gauge.offered_load]);
        }
        let city = self.world.resource::<City>();
        hash.update(&[city.phase.phase]);
        floats(&mut hash, [city.gauge.margin, city.gauge.offered_load]);
        short(&hash)
    }
}

fn floats(hash: &mut blake3::Hasher, values: impl IntoIterator<Item = f64>) {
    for value in values {
        hash.update(&value.to_bits().to_le_bytes());
    }
}

fn short(hash: &blake3::Hasher) -> String {
    hash.finalize().to_hex()[..16].to_string()
}
