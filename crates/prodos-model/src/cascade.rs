//! Cascades: failure moves up and sideways, and every event keeps its cause.
//!
//! No event fires another. An event is noted when a condition has come to hold (an overload, a
//! shortage, a phase change); its cause is the last event on the way that hurts most just then, so
//! that the chain can be walked from the city down to one operator.

use crate::lattice::blocks::Team;
use crate::ledger::Purpose;
use crate::today::{SectorToday, Today};
use bevy_ecs::resource::Resource;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A shock arrives.
    Shock,
    /// A shock is over, recovery included.
    ShockEnd,
    /// A policy change takes hold.
    Policy,
    /// A phase changes; the size is the new phase.
    Phase,
    /// A team has had more to do than hours for two weeks.
    Overload,
    /// A team lacks an input.
    Shortage,
    /// A repair backlog has become old.
    Backlog,
    /// Errors are a third more than at rest.
    Defects,
    /// A safety incident.
    Incident,
    /// An operator is out by name.
    Absence,
    /// An early-warning indicator gives alarm.
    Warning,
}

impl Kind {
    /// Name as written in tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Shock => "shock",
            Kind::ShockEnd => "shock_end",
            Kind::Policy => "policy",
            Kind::Phase => "phase",
            Kind::Overload => "overload",
            Kind::Shortage => "shortage",
            Kind::Backlog => "backlog",
            Kind::Defects => "defects",
            Kind::Incident => "incident",
            Kind::Absence => "absence",
            Kind::Warning => "warning",
        }
    }
}

/// Conditions of a team that last: each begins with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Episode {
    /// Pressure above 1 over two weeks.
    Overload = 0,
    /// An input limits output.
    Shortage = 1,
    /// Repair backlog older than normal.
    Backlog = 2,
    /// Errors a third more than at rest.
    Defects = 3,
}

/// Number of [`Episode`]s.
pub const EPISODES: usize = 4;

/// Where something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// The city.
    City,
    /// A sector.
    Sector(u16),
    /// A team of a sector.
    Team(u16, u32),
    /// A post of a team of a sector.
    Operator(u16, u32, u32),
}

/// Something that happened, with its cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Number of the event, from 1, in order of time.
    pub id: u32,
    /// Day.
    pub day: f64,
    /// What.
    pub kind: Kind,
    /// Where.
    pub entity: Entity,
    /// The event that contributed most, 0 for none.
    pub cause: u32,
    /// Size: what it means depends on the kind.
    pub size: f64,
    /// Name of a shock, indicator or input, where there is one.
    pub detail: String,
}

/// An event noted inside a block, before it has a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draft {
    /// Team in city order.
    pub team: u32,
    /// What.
    pub kind: Kind,
    /// Cause.
    pub cause: u32,
    /// Size.
    pub size: f64,
    /// Index of the input that is short, or of the post.
    pub detail: u32,
    /// Where the team keeps the number of this event.
    pub keep: Keep,
}

/// Where a team keeps the number of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nowhere.
    Nowhere,
    /// As the running episode, and as what hurts on that way.
    Episode(usize, usize),
    /// As what hurts labour, machines or inputs.
    Hurt(usize),
}

/// All events so far, and those not yet handed out.
#[derive(Resource, Default)]
pub struct Events {
    fresh: Vec<Event>,
    last: u32,
    forgotten: u32,
}

impl Events {
    /// Notes an event and gives its number.
    pub fn note(
        &mut self,
        day: f64,
        kind: Kind,
        entity: Entity,
        cause: u32,
        size: f64,
        detail: String,
    ) -> u32 {
        self.last += 1;
        let cause = if cause > self.forgotten { cause } else { 0 };
        self.fresh.push(Event {
            id: self.last,
            day,
            kind,
            entity,
            cause,
            size,
            detail,
        });
        self.last
    }

    /// Forgets all events so far: none of them will be the cause of a later one.
    pub fn forget(&mut self) {
        self.fresh.clear();
        self.forgotten = self.last;
    }

    /// Hands out the events since the last time.
    pub fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.fresh)
    }
}

/// Ticks for which a condition must hold to begin an episode, and be gone to end it, in days.
const BEGINS: f64 = 3.0;
const ENDS: f64 = 14.0;

/// Notes episodes that begin, with what hurt most as their cause.
pub fn notice(team: &mut Team, sector: &SectorToday, today: &Today) {
    if team.upkeep.down == 0 {
        team.causes.hurt[1] = 0;
    }
    let gauge = &*team.gauge;
    let want = team.trade.orders + team.trade.waiting;
    let short = team.trade.made < 0.99 * want
        && team.trade.able[2] <= team.trade.able[0].min(team.trade.able[1]);
    let [labour, machines, inputs] = team.causes.hurt;
    // Hours that are missing because people are, against hours that machines take.
    let missing = (team.post.len() as u32 - team.crew.present) * sector.rates.duty;
    let busy = if missing >= team.hours.asked[Purpose::Repair as usize] || machines == 0 {
        labour
    } else {
        machines
    };
    let supplier = sector
        .supplier_event
        .get(usize::from(team.trade.scarce))
        .copied()
        .unwrap_or(0);
    let overload = team.causes.episode[Episode::Overload as usize];
    let policy = starving_policy(team, sector);
    let or = |first: u32, second: u32| policy.max(if first > 0 { first } else { second });
    let watched = [
        (
            team.crew.pressure_mean > 1.0,
            Kind::Overload,
            or(busy, inputs),
            team.crew.pressure_mean,
            0,
        ),
        (
            short,
            Kind::Shortage,
            supplier,
            1.0 - team.trade.made / want.max(1e-300),
            2,
        ),
        (
            gauge.backlog_age > sector.rules.phases.backlog_normal.0,
            Kind::Backlog,
            or(machines, labour),
            gauge.backlog_age,
            1,
        ),
        (
            gauge.errors > 1.3,
            Kind::Defects,
            or(overload.max(labour), 0),
            gauge.errors,
            0,
        ),
    ];
    for (episode, (holds, kind, cause, size, way)) in watched.into_iter().enumerate() {
        let causes = &mut *team.causes;
        let running = causes.episode[episode] > 0;
        causes.held[episode] = if holds == running {
            0
        } else {
            causes.held[episode].saturating_add(1)
        };
        let days = f64::from(causes.held[episode]) * today.dt;
        if !running && days >= BEGINS {
            causes.held[episode] = 0;
            let detail = u32::from(team.trade.scarce);
            let keep = Keep::Episode(episode, way);
            team.block.events.push(Draft {
                team: team.index as u32,
                kind,
                cause,
                size,
                detail,
                keep,
            });
        } else if running && days >= ENDS {
            causes.episode[episode] = 0;
            causes.held[episode] = 0;
        }
    }
}

/// The last change of policy, where protected work is starved since; it counts until something newer hurts.
fn starving_policy(team: &Team, sector: &SectorToday) -> u32 {
    if team.gauge.protected < 0.9 {
        sector.policy_event
    } else {
        0
    }
}

/// Notes a change of the team's phase; its cause is what cost most output of late.
pub fn note_phase(team: &mut Team, sector: &SectorToday, before: u8) {
    let now = team.phase.state.phase;
    if now == before {
        return;
    }
    let most = (0..3)
        .max_by(|&a, &b| team.trade.losses[a].total_cmp(&team.trade.losses[b]))
        .unwrap_or(0);
    let hurt = team.causes.hurt;
    let worst = if team.trade.losses[most] > 0.0 {
        hurt[most]
    } else {
        0
    };
    let latest = hurt.into_iter().max().unwrap_or(0);
    let cause = starving_policy(team, sector).max(if worst > 0 { worst } else { latest });
    team.block.events.push(Draft {
        team: team.index as u32,
        kind: Kind::Phase,
        cause: if now < before { cause } else { 0 },
        size: f64::from(now),
        detail: u32::from(before),
        keep: Keep::Nowhere,
    });
}
