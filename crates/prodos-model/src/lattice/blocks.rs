//! Views: slices of columns for a run of teams, cut at team borders, one pass over each block.
//!
//! Members of a team lie together in every column, so that one pass over a block of teams does all
//! that concerns the team alone while the block is in cache. Blocks never cross a sector border and
//! do not depend on the number of threads; sums over blocks are taken in block order.

use super::machine::{Machine, Machines};
use super::operator::{Ability, Habit, OwnWork, Pocket, Post, Strain};
use super::team::{
    Cash, Causes, Crew, HoursBook, Place, Project, Standing, TeamPhase, Trade, Upkeep, Work,
};
use crate::cascade::Draft;
use crate::gauge::{Gauge, Rolling};
use crate::tally::{Goods, Tally};
use bevy_ecs::change_detection::ContiguousMut;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use serde::{Deserialize, Serialize};

/// Teams a block, at most.
pub const BLOCK: usize = 32;

/// Posts from which a run of blocks is halved between threads; fewer are quicker done than handed over.
const WORTH_HANDING_OVER: u32 = 512;

/// Where a block begins in every column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Sector of all its teams.
    pub sector: u16,
    /// First team.
    pub team: u32,
    /// First post.
    pub post: u32,
    /// First machine.
    pub machine: u32,
}

/// What a block hands to its parents: sums and noted events.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BlockSum {
    /// Sums over the block's teams, in team order.
    pub tally: Tally,
    /// Goods by input.
    pub goods: Goods,
    /// Events noted, in team order; none between ticks.
    #[serde(skip)]
    pub events: Vec<Draft>,
    /// Operators in each phase.
    pub operators_in_phase: [u32; 4],
    /// Teams in each phase.
    pub teams_in_phase: [u32; 4],
}

/// All blocks of the city and their sums.
#[derive(Resource, Clone, Default, Serialize, Deserialize)]
pub struct Blocks {
    /// First rows of each block, and one past the end.
    pub starts: Vec<Block>,
    /// One sum a block.
    pub sums: Vec<BlockSum>,
}

/// Stocks and orders of inputs by team: a row a team, a column a supplier, imports last.
#[derive(Resource, Clone, Default, Serialize, Deserialize)]
pub struct Pantry {
    /// Columns a team.
    pub width: usize,
    /// Stock of each input, in money at base-year prices.
    pub stocks: Vec<f64>,
    /// Order of each input placed last night.
    pub ordered: Vec<f64>,
}

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident: $type:ty, $by:ident;)*) => {
        /// Slices of every column for a run of teams.
        pub struct Columns<'a> {
            $($(#[$doc])* pub $name: &'a mut [$type],)*
        }

        impl<'a> Columns<'a> {
            fn split(self, at: &Rows) -> (Columns<'a>, Columns<'a>) {
                $(let $name = self.$name.split_at_mut(at.$by);)*
                (Columns { $($name: $name.0,)* }, Columns { $($name: $name.1,)* })
            }
        }
    };
}

struct Rows {
    teams: usize,
    posts: usize,
    machines: usize,
    inputs: usize,
}

columns! {
    /// Whereabouts and roles.
    post: Post, posts;
    /// Skill and fit.
    ability: Ability, posts;
    /// Fatigue and trust.
    strain: Strain, posts;
    /// Shortcut habit.
    habit: Habit, posts;
    /// Own work.
    own: OwnWork, posts;
    /// PocketPhase.
    pocket: Pocket, posts;
    /// Machines.
    machine: Machine, machines;
    /// Stocks of inputs.
    stock: f64, inputs;
    /// Orders of inputs.
    ordered: f64, inputs;
    /// What never changes.
    place: Place, teams;
    /// People.
    crew: Crew, teams;
    /// Hours.
    hours: HoursBook, teams;
    /// Orders and output.
    trade: Trade, teams;
    /// Maintenance.
    upkeep: Upkeep, teams;
    /// Quality.
    work: Work, teams;
    /// Trust.
    standing: Standing, teams;
    /// Cash.
    cash: Cash, teams;
    /// Upgrades.
    project: Project, teams;
    /// Rolling means of the gauge.
    rolling: Rolling, teams;
    /// Readings.
    gauge: Gauge, teams;
    /// Phase.
    phase: TeamPhase, teams;
    /// Causes.
    causes: Causes, teams;
    /// Today's sums of the team.
    tally: Tally, teams;
}

/// One team with all that is its own, for one step.
pub struct Team<'a> {
    /// Team in city order.
    pub index: usize,
    /// Whereabouts and roles, post by post.
    pub post: &'a mut [Post],
    /// Skill and fit.
    pub ability: &'a mut [Ability],
    /// Fatigue and trust.
    pub strain: &'a mut [Strain],
    /// Shortcut habit.
    pub habit: &'a mut [Habit],
    /// Own work.
    pub own: &'a mut [OwnWork],
    /// PocketPhase.
    pub pocket: &'a mut [Pocket],
    /// Machines.
    pub machine: &'a mut [Machine],
    /// Stocks of inputs, imports last.
    pub stock: &'a mut [f64],
    /// Orders of inputs, imports last.
    pub ordered: &'a mut [f64],
    /// What never changes.
    pub place: &'a Place,
    /// People.
    pub crew: &'a mut Crew,
    /// Hours.
    pub hours: &'a mut HoursBook,
    /// Orders and output.
    pub trade: &'a mut Trade,
    /// Maintenance.
    pub upkeep: &'a mut Upkeep,
    /// Quality.
    pub work: &'a mut Work,
    /// Trust.
    pub standing: &'a mut Standing,
    /// Cash.
    pub cash: &'a mut Cash,
    /// Upgrades.
    pub project: &'a mut Project,
    /// Rolling means of the gauge.
    pub rolling: &'a mut Rolling,
    /// Readings.
    pub gauge: &'a mut Gauge,
    /// Phase.
    pub phase: &'a mut TeamPhase,
    /// Causes.
    pub causes: &'a mut Causes,
    /// Today's sums.
    pub tally: &'a mut Tally,
    /// Sums and events of the block.
    pub block: &'a mut BlockSum,
}

impl Columns<'_> {
    fn team(
        &mut self,
        index: usize,
        offset: &Block,
        width: usize,
        block: &mut BlockSum,
        run: &impl Fn(&mut Team),
    ) {
        let k = index - offset.team as usize;
        let place = &self.place[k];
        let posts = (place.posts.0 - offset.post) as usize
            ..(place.posts.0 - offset.post + place.posts.1) as usize;
        let machines = (place.machines.0 - offset.machine) as usize
            ..(place.machines.0 - offset.machine + place.machines.1) as usize;
        run(&mut Team {
            index,
            post: &mut self.post[posts.clone()],
            ability: &mut self.ability[posts.clone()],
            strain: &mut self.strain[posts.clone()],
            habit: &mut self.habit[posts.clone()],
            own: &mut self.own[posts.clone()],
            pocket: &mut self.pocket[posts],
            machine: &mut self.machine[machines],
            stock: &mut self.stock[k * width..(k + 1) * width],
            ordered: &mut self.ordered[k * width..(k + 1) * width],
            place,
            crew: &mut self.crew[k],
            hours: &mut self.hours[k],
            trade: &mut self.trade[k],
            upkeep: &mut self.upkeep[k],
            work: &mut self.work[k],
            standing: &mut self.standing[k],
            cash: &mut self.cash[k],
            project: &mut self.project[k],
            rolling: &mut self.rolling[k],
            gauge: &mut self.gauge[k],
            phase: &mut self.phase[k],
            causes: &mut self.causes[k],
            tally: &mut self.tally[k],
            block,
        });
    }
}

/// Everything the passes touch: operators and teams as entities, machines and stocks in team order.
#[derive(SystemParam)]
pub struct Lattice<'w, 's> {
    operators: Query<
        'w,
        's,
        (
            &'static mut Post,
            &'static mut Ability,
            &'static mut Strain,
            &'static mut Habit,
            &'static mut OwnWork,
            &'static mut Pocket,
        ),
    >,
    teams: Query<
        'w,
        's,
        (
            (
                &'static mut Place,
                &'static mut Crew,
                &'static mut HoursBook,
                &'static mut Trade,
                &'static mut Upkeep,
                &'static mut Work,
                &'static mut Standing,
            ),
            (
                &'static mut Cash,
                &'static mut Project,
                &'static mut Rolling,
                &'static mut Gauge,
                &'static mut TeamPhase,
                &'static mut Causes,
                &'static mut Tally,
            ),
        ),
    >,
    machines: ResMut<'w, Machines>,
    pantry: ResMut<'w, Pantry>,
    /// Blocks and their sums.
    pub blocks: ResMut<'w, Blocks>,
}

fn slice<T>(column: ContiguousMut<'_, T>) -> &mut [T] {
    ContiguousMut::bypass_change_detection_split(column).0
}

impl Lattice<'_, '_> {
    /// Lends all columns and the blocks to `use_them`.
    ///
    /// All operators share one archetype and so do all teams, which makes each column one slice.
    pub fn columns<R>(&mut self, use_them: impl FnOnce(Columns<'_>, &mut Blocks, usize) -> R) -> R {
        let mut operators = self
            .operators
            .contiguous_iter_mut()
            .expect("operator columns are tables");
        let (post, ability, strain, habit, own, pocket) =
            operators.next().map_or_else(Default::default, |c| {
                (
                    slice(c.0),
                    slice(c.1),
                    slice(c.2),
                    slice(c.3),
                    slice(c.4),
                    slice(c.5),
                )
            });
        let mut teams = self
            .teams
            .contiguous_iter_mut()
            .expect("team columns are tables");
        let (a, b) = teams.next().map_or_else(Default::default, |(a, b)| {
            (
                (
                    slice(a.0),
                    slice(a.1),
                    slice(a.2),
                    slice(a.3),
                    slice(a.4),
                    slice(a.5),
                    slice(a.6),
                ),
                (
                    slice(b.0),
                    slice(b.1),
                    slice(b.2),
                    slice(b.3),
                    slice(b.4),
                    slice(b.5),
                    slice(b.6),
                ),
            )
        });
        let Pantry {
            width,
            stocks,
            ordered,
        } = &mut *self.pantry;
        let columns = Columns {
            post,
            ability,
            strain,
            habit,
            own,
            pocket,
            machine: &mut self.machines.0,
            stock: stocks,
            ordered,
            place: a.0,
            crew: a.1,
            hours: a.2,
            trade: a.3,
            upkeep: a.4,
            work: a.5,
            standing: a.6,
            cash: b.0,
            project: b.1,
            rolling: b.2,
            gauge: b.3,
            phase: b.4,
            causes: b.5,
            tally: b.6,
        };
        use_them(columns, &mut self.blocks, *width)
    }

    /// Clears the sums of all blocks: a new day begins.
    pub fn begin(&mut self) {
        let width = self.pantry.width;
        for sum in &mut self.blocks.sums {
            sum.tally = Tally::default();
            sum.goods.clear(width);
            sum.events.clear();
            sum.operators_in_phase = [0; 4];
            sum.teams_in_phase = [0; 4];
        }
    }

    /// One pass over all blocks, in parallel: `run` sees each team once, with its block's sums.
    pub fn each_team(&mut self, run: impl Fn(&mut Team) + Sync) {
        self.columns(|columns, blocks, width| {
            let Blocks { starts, sums } = blocks;
            pass(columns, starts, sums, width, &run);
        });
    }
}

/// Halves the run of blocks while it is worth a thread of its own; the halves are independent.
fn pass(
    columns: Columns<'_>,
    starts: &[Block],
    sums: &mut [BlockSum],
    width: usize,
    run: &(impl Fn(&mut Team) + Sync),
) {
    if sums.len() < 2 || posts(starts) < WORTH_HANDING_OVER {
        let mut columns = columns;
        for (block, sum) in starts.windows(2).zip(sums) {
            for index in block[0].team..block[1].team {
                columns.team(index as usize, &starts[0], width, sum, run);
            }
        }
        return;
    }
    let half = sums.len() / 2;
    let (first, middle) = (&starts[0], &starts[half]);
    let teams = (middle.team - first.team) as usize;
    let (left, right) = columns.split(&Rows {
        teams,
        posts: (middle.post - first.post) as usize,
        machines: (middle.machine - first.machine) as usize,
        inputs: teams * width,
    });
    let (left_sums, right_sums) = sums.split_at_mut(half);
    rayon::join(
        || pass(left, &starts[..=half], left_sums, width, run),
        || pass(right, &starts[half..], right_sums, width, run),
    );
}

fn posts(starts: &[Block]) -> u32 {
    let ends = starts.first().zip(starts.last());
    ends.map_or(0, |(first, end)| end.post - first.post)
}
