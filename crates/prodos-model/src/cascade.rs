//! Cascades: failure moves up and sideways, and every event keeps its cause.
//!
//! No event fires another. An event is noted when a condition has come to hold (an overload, a
//! shortage, a phase change); its cause is the event to blame for the largest part of what is lost
//! just then, so that the chain can be walked from the city down to one operator. Blame fades once
//! what caused it is over.

use crate::lattice::blocks::Team;
use crate::ledger::Purpose;
use crate::today::{SectorToday, Today};
use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A shock arrives.
    Shock,
    /// A shock is over, recovery included.
    ShockEnd,
    /// A policy change takes hold.
    Policy,
    /// The level of a connector changes; the size is the new level.
    Connector,
    /// A phase changes; the size is the new phase.
    Phase,
    /// Smoothed pressure of a team has been above 1 for three days.
    Overload,
    /// A team lacks an input.
    Shortage,
    /// A repair backlog has become old.
    Backlog,
    /// Errors have been 1.3 times those at rest for three days.
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
            Kind::Connector => "connector",
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
    /// Smoothed pressure above 1.
    Overload = 0,
    /// An input limits output.
    Shortage = 1,
    /// Repair backlog older than normal.
    Backlog = 2,
    /// Errors above 1.3 times those at rest.
    Defects = 3,
}

/// Number of [`Episode`]s.
pub const EPISODES: usize = 4;

/// Where something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// The ways a team can be hurt.
pub const LABOUR: usize = 0;
/// As [`LABOUR`].
pub const MACHINES: usize = 1;
/// As [`LABOUR`].
pub const INPUTS: usize = 2;

/// Where a team keeps the number of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keep {
    /// Nowhere.
    Nowhere,
    /// As that of the person who is out by name.
    Absence,
    /// As what hurts one way, by a share of what the team can do.
    Hurt {
        /// [`LABOUR`], [`MACHINES`] or [`INPUTS`].
        way: usize,
        /// Share of what the team can do.
        size: f32,
    },
    /// As the running episode, and as what hurts one way if it does.
    Episode {
        /// Which [`Episode`].
        episode: usize,
        /// [`LABOUR`], [`MACHINES`] or [`INPUTS`].
        way: Option<usize>,
        /// Share of what the team can do.
        size: f32,
    },
}

/// The event to blame, and for how much: a share of what a team or sector can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Blame {
    /// Number of the event, 0 for none.
    pub event: u32,
    /// Share of what could be done without it.
    pub size: f32,
}

/// Blame below this share is forgotten.
const FORGOTTEN: f32 = 0.01;

impl Blame {
    /// Blames an event if it weighs more than the one blamed so far.
    pub fn take(&mut self, event: u32, size: f32) {
        if event > 0 && size > self.size {
            *self = Blame { event, size };
        }
    }

    /// Blames the consequence of what is blamed so far, or an event that weighs more.
    pub fn pass_on(&mut self, cause: u32, event: u32, size: f32) {
        if self.event == cause {
            let size = self.size.max(size);
            *self = Blame { event, size };
        } else {
            self.take(event, size);
        }
    }

    /// What is over hurts less each day, and is forgotten in the end.
    pub fn fade(&mut self, step: f32) {
        self.size -= self.size * step;
        if self.size < FORGOTTEN {
            *self = Blame::default();
        }
    }

    /// The one that weighs most; the first of equals.
    pub fn largest(all: impl IntoIterator<Item = Blame>) -> Blame {
        all.into_iter().fold(Blame::default(), |most, other| {
            if other.event > 0 && other.size > most.size {
                other
            } else {
                most
            }
        })
    }
}

/// All events so far, and those not yet handed out.
#[derive(Resource, Clone, Default, Serialize, Deserialize)]
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

/// Days for which a condition must hold to begin an episode, and be gone to end it.
const BEGINS: f64 = 3.0;
const ENDS: f64 = 14.0;
/// An episode that grows to this multiple of its least weight is noted again, with what is to blame by then.
const GROWS: f64 = 1.5;

/// Notes episodes that begin, with what hurts most as their cause.
pub fn notice(team: &mut Team, sector: &SectorToday, today: &Today) {
    if team.upkeep.down == 0 {
        team.causes.hurt[MACHINES] = Blame::default();
    }
    let down = f64::from(team.upkeep.down) / team.machine.len().max(1) as f64;
    let gauge = &*team.gauge;
    let pace = (today.dt / sector.rules.hours.order_horizon.0).min(1.0);
    let want = team.trade.orders + team.trade.waiting * pace;
    let short = team.trade.made < 0.99 * want
        && team.trade.able[2] <= team.trade.able[0].min(team.trade.able[1]);
    let [labour, broken, _] = team.causes.hurt;
    let policy = starving_policy(team, sector);
    let supplier = sector.supplier_event.get(usize::from(team.trade.scarce));
    let missing = 1.0 - team.trade.made / want.max(1e-300);
    let overload = Watched {
        holds: team.crew.pressure_mean > 1.0,
        kind: Kind::Overload,
        cause: Blame::largest([policy, labour, broken, sector.demand]).event,
        size: team.crew.pressure_mean,
        weight: team.crew.pressure_mean,
        way: Some((LABOUR, team.crew.pressure_mean - 1.0)),
    };
    let shortage = Watched {
        holds: short,
        kind: Kind::Shortage,
        cause: supplier.copied().unwrap_or(0),
        size: missing,
        weight: missing,
        way: Some((INPUTS, missing)),
    };
    // Missing hands are to blame for what is not repaired only where repair lacks hours.
    let repair = Purpose::Repair as usize;
    let hands = if team.hours.given[repair] < team.hours.asked[repair] {
        labour
    } else {
        Blame::default()
    };
    let backlog = Watched {
        holds: gauge.backlog_age > sector.rules.phases.backlog_normal.0,
        kind: Kind::Backlog,
        cause: Blame::largest([policy, broken, hands]).event,
        size: gauge.backlog_age,
        weight: down,
        way: Some((MACHINES, down)),
    };
    let defects = Watched {
        holds: gauge.errors > 1.3,
        kind: Kind::Defects,
        cause: Blame::largest([policy, labour]).event,
        size: gauge.errors,
        weight: gauge.errors,
        way: None,
    };
    for (episode, watched) in [overload, shortage, backlog, defects].iter().enumerate() {
        begin_or_end(team, today, episode, watched);
    }
    let causes = &mut *team.causes;
    for hurt in &mut causes.hurt {
        // What still lasts is not forgotten.
        if !causes.episode.contains(&hurt.event) {
            hurt.fade(sector.rates.window as f32);
        }
    }
}

/// A condition that may last.
struct Watched {
    holds: bool,
    kind: Kind,
    cause: u32,
    size: f64,
    /// What has to grow for the episode to be noted again.
    weight: f64,
    /// Which way it hurts, and by what share of what the team can do.
    way: Option<(usize, f64)>,
}

fn begin_or_end(team: &mut Team, today: &Today, episode: usize, watched: &Watched) {
    let causes = &mut *team.causes;
    let running = causes.episode[episode] > 0;
    let least = &mut causes.least[episode];
    *least = least.min(watched.weight as f32);
    let grown = running && watched.holds && watched.weight > GROWS * f64::from(*least);
    causes.held[episode] = if watched.holds != running || grown {
        causes.held[episode].saturating_add(1)
    } else {
        0
    };
    let days = f64::from(causes.held[episode]) * today.dt;
    if (grown || !running) && days >= BEGINS {
        causes.held[episode] = 0;
        causes.least[episode] = watched.weight as f32;
        team.block.events.push(Draft {
            team: team.index as u32,
            kind: watched.kind,
            cause: watched.cause,
            size: watched.size,
            detail: u32::from(team.trade.scarce),
            keep: Keep::Episode {
                episode,
                way: watched.way.map(|(way, _)| way),
                size: watched.way.map_or(0.0, |(_, share)| share as f32),
            },
        });
    } else if running && !watched.holds && days >= ENDS {
        causes.episode[episode] = 0;
        causes.held[episode] = 0;
    }
}

/// The policy change since which protected work is starved, by the share that is not done.
fn starving_policy(team: &Team, sector: &SectorToday) -> Blame {
    if team.gauge.protected < 0.9 {
        Blame {
            event: sector.policy_event,
            size: (1.0 - team.gauge.protected) as f32,
        }
    } else {
        Blame::default()
    }
}

/// Notes a change of the team's phase; its cause is to blame for what cost most output of late.
pub fn note_phase(team: &mut Team, sector: &SectorToday, before: u8) {
    let now = team.phase.state.phase;
    if now == before {
        return;
    }
    let most = (0..3)
        .filter(|&way| team.trade.losses[way] > 0.0)
        .max_by(|&a, &b| team.trade.losses[a].total_cmp(&team.trade.losses[b]));
    let hurt = team.causes.hurt;
    let worst = most
        .map(|way| hurt[way])
        .filter(|blame| blame.event > 0)
        .unwrap_or(Blame::largest(hurt));
    let cause = Blame::largest([starving_policy(team, sector), worst]).event;
    team.block.events.push(Draft {
        team: team.index as u32,
        kind: Kind::Phase,
        cause: if now < before { cause } else { 0 },
        size: f64::from(now),
        detail: u32::from(before),
        keep: Keep::Nowhere,
    });
}

#[cfg(test)]
mod tests {
    use super::Blame;

    #[test]
    fn the_larger_is_blamed_and_the_later_of_equals_is_not() {
        let mut blame = Blame::default();
        blame.take(3, 0.2);
        blame.take(4, 0.2);
        blame.take(5, 0.1);
        blame.take(0, 1.0);
        assert_eq!(
            blame,
            Blame {
                event: 3,
                size: 0.2
            }
        );
        blame.take(6, 0.3);
        assert_eq!(blame.event, 6);
    }

    #[test]
    fn a_consequence_takes_the_place_of_its_cause_and_of_nothing_larger() {
        let mut blame = Blame {
            event: 3,
            size: 0.2,
        };
        blame.pass_on(3, 7, 0.05);
        assert_eq!(
            blame,
            Blame {
                event: 7,
                size: 0.2
            }
        );
        blame.pass_on(3, 8, 0.1);
        assert_eq!(blame.event, 7);
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let mut blame = Blame {
            event: 3,
            size: 0.1,
        };
        let days = (1..200).find(|_| {
            blame.fade(1.0 / 14.0);
            blame.event == 0
        });
        // (1 - 1/14)^n < 0.1
        assert_eq!(days, Some(32));
    }
}
