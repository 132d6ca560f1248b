//! Phases: an ordered automaton with dwell, the same at each zoom, each from its own variables.

use crate::cascade;
use crate::gauge::{self, Gauge};
use crate::lattice::blocks::Team;
use crate::lattice::operator::OwnWork;
use crate::maths;
use crate::modules::training;
use crate::today::{SectorToday, Today};
use prodos_quantity::params;
use serde::{Deserialize, Serialize};

params! {
    /// Thresholds and dwell times of the phases.
    pub struct Phases / PhasesPatch in "phases" {
        /// Age of the backlog that is no longer normal.
        backlog_normal: Days = 7.0, range 0.1..=365.0, typical 3.5..=14.0, Convention, "assumption: sweep it";
        /// Days of overload and old backlog before phase 0.
        enter_dwell: Days = 14.0, range 1.0..=365.0, typical 7.0..=28.0, Convention, "assumption: sweep it";
        /// Fill below which phase 0 is entered, and not left.
        fill_broken: Share = 0.7, range 0.0..=1.0, typical 0.5..=0.85, Convention, "assumption: sweep it";
        /// Days of broken fill before phase 0.
        broken_dwell: Days = 7.0, range 1.0..=365.0, typical 3.0..=14.0, Convention, "assumption: sweep it";
        /// Free repair capacity needed to leave phase 0.
        leave_free: Share = 0.1, range -1.0..=1.0, typical 0.05..=0.2, Convention, "assumption: sweep it";
        /// Days of that, with the backlog falling or hardly there, and fill no longer broken.
        leave_dwell: Days = 30.0, range 1.0..=365.0, typical 15.0..=60.0, Convention, "assumption: sweep it";
        /// Fill needed for phase 2.
        fill_rebuild: Share = 0.9, range 0.0..=1.0, typical 0.8..=0.97, Convention, "assumption: sweep it";
        /// Days of that before phase 2.
        rebuild_dwell: Days = 60.0, range 1.0..=730.0, typical 30.0..=120.0, Convention, "assumption: sweep it";
        /// Free repair capacity needed for phase 3.
        stable_free: Share = 0.15, range -1.0..=1.0, typical 0.1..=0.3, Convention, "assumption: sweep it";
        /// Age of the backlog needed for phase 3.
        stable_backlog: Days = 3.0, range 0.1..=365.0, typical 1.5..=6.0, Convention, "assumption: sweep it";
        /// Fill needed for phase 3.
        stable_fill: Share = 0.97, range 0.0..=1.0, typical 0.95..=0.99, Convention, "assumption: sweep it";
        /// Protected work done, needed for phase 3.
        stable_protected: Share = 0.95, range 0.0..=1.0, typical 0.9..=1.0, Convention, "assumption: sweep it";
        /// Margin needed for phase 3.
        stable_margin: Ratio = 0.4, range -2.0..=4.0, typical 0.0..=1.0, Convention, "assumption: sweep it";
        /// Days of all that before phase 3.
        stable_dwell: Days = 180.0, range 1.0..=1825.0, typical 90.0..=365.0, Convention, "assumption: sweep it";
        /// Protected work done below which phase 3 is lost.
        slip_protected: Share = 0.85, range 0.0..=1.0, typical 0.7..=0.95, Convention, "assumption: sweep it";
        /// Drift above which phase 3 is lost.
        slip_drift: Ratio = 1.1, range 0.0..=2.0, typical 1.0..=1.5, Convention, "assumption: sweep it";
        /// Fill below which phase 3 is lost.
        slip_fill: Share = 0.95, range 0.0..=1.0, typical 0.9..=0.98, Convention, "assumption: sweep it";
        /// Free repair capacity below which phase 2 is lost.
        slip_free: Share = 0.05, range -1.0..=1.0, typical 0.0..=0.1, Convention, "assumption: sweep it";
        /// Days of any of that before falling one phase.
        slip_dwell: Days = 28.0, range 1.0..=365.0, typical 14.0..=56.0, Convention, "assumption: sweep it";
        /// Mean age of the rolling mean behind all readings.
        window: Days = 14.0, range 0.1..=365.0, typical 7.0..=28.0, Convention, "convention: a rolling 28 days as an exponential filter of mean age 14 days";
        /// Pressure from which a day counts as a day at load.
        at_load: Ratio = 0.9, range 0.0..=4.0, typical 0.8..=1.0, Convention, "convention";
    }
}

/// Where an automaton stands: its phase, and how long each condition has held, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseState {
    /// Phase 0 to 3.
    pub phase: u8,
    /// Ticks of overload with an old backlog, on end.
    overload: u32,
    /// Ticks of broken fill, on end.
    broken: u32,
    /// Ticks for which the conditions to rise have held.
    rise: u32,
    /// Ticks for which a condition to fall has held.
    fall: u32,
}

/// What an automaton looks at, today.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signs {
    /// Free repair capacity: 1 less offered load.
    pub free: f64,
    /// Age of the backlog in days.
    pub backlog_age: f64,
    /// Whether the backlog is falling.
    pub backlog_falls: bool,
    /// Fill, or for a person the share of tasks right first time.
    pub fill: f64,
    /// Protected work done.
    pub protected: f64,
    /// Drift index.
    pub drift: f64,
    /// Buffer index.
    pub buffer: f64,
    /// Margin.
    pub margin: f64,
    /// Whether safety incidents are below twice their nominal rate.
    pub safe: bool,
}

impl PhaseState {
    /// A state that has long been in its phase.
    pub fn settled(phase: u8) -> Self {
        PhaseState {
            phase,
            overload: 0,
            broken: 0,
            rise: 0,
            fall: 0,
        }
    }

    /// The state after a tick of `dt` days with these signs.
    ///
    /// Into phase 0: overload with an old backlog, or broken fill, each for its dwell; from any phase.
    /// Up one phase at a time, when all conditions have held for their dwell; down on any of its own.
    #[must_use]
    pub fn after(self, signs: &Signs, rules: &Phases, dt: f64) -> Self {
        let count = |held: u32, holds: bool| if holds { held.saturating_add(1) } else { 0 };
        let full = |held: u32, dwell: prodos_quantity::Days| f64::from(held) * dt >= dwell.0 - 1e-9;
        let overload = count(
            self.overload,
            signs.free < 0.0 && signs.backlog_age > rules.backlog_normal.0,
        );
        let broken = count(self.broken, signs.fill < rules.fill_broken.0);
        if self.phase > 0 && (full(overload, rules.enter_dwell) || full(broken, rules.broken_dwell))
        {
            return PhaseState {
                overload,
                broken,
                ..Self::settled(0)
            };
        }
        let (rises, rise_dwell) = match self.phase {
            0 => (
                // A backlog that is hardly there cannot fall day after day. What would lead to phase 0
                // again at once does not lead out of it.
                signs.free > rules.leave_free.0
                    && (signs.backlog_falls || signs.backlog_age < rules.stable_backlog.0)
                    && signs.fill >= rules.fill_broken.0,
                rules.leave_dwell,
            ),
            1 => (
                signs.backlog_age < rules.backlog_normal.0
                    && signs.fill > rules.fill_rebuild.0
                    && signs.safe,
                rules.rebuild_dwell,
            ),
            2 => (
                signs.free > rules.stable_free.0
                    && signs.backlog_age < rules.stable_backlog.0
                    && signs.fill > rules.stable_fill.0
                    && signs.protected > rules.stable_protected.0
                    && signs.drift < 1.0
                    && signs.buffer > 0.5
                    && signs.margin > rules.stable_margin.0,
                rules.stable_dwell,
            ),
            _ => (false, rules.stable_dwell),
        };
        let falls = match self.phase {
            3 => {
                signs.protected < rules.slip_protected.0
                    || signs.drift > rules.slip_drift.0
                    || signs.fill < rules.slip_fill.0
            }
            2 => signs.backlog_age > rules.backlog_normal.0 || signs.free < rules.slip_free.0,
            _ => false,
        };
        let (rise, fall) = (count(self.rise, rises), count(self.fall, falls));
        let phase = if full(fall, rules.slip_dwell) {
            self.phase - 1
        } else if full(rise, rise_dwell) {
            self.phase + 1
        } else {
            return PhaseState {
                overload,
                broken,
                rise,
                fall,
                ..self
            };
        };
        PhaseState {
            overload,
            broken,
            ..Self::settled(phase)
        }
    }
}

/// Readings and phase of the team and of its operators.
pub fn classify(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rates = &sector.rates;
    team.rolling
        .roll(team.tally, today.dt, rates.window, rates.long_window);
    let before = team.phase.state.phase;
    if !today.readings_off {
        *team.gauge = gauge::read(team.tally, team.rolling, sector.rules.phases.window);
        team.gauge.symptoms = team.gauge.symptoms(team.tally, team.rolling);
    }
    team.phase.state = team
        .phase
        .state
        .after(&team.gauge.signs(), &sector.rules.phases, today.dt);
    let starved = team.gauge.protected < 0.9 && team.gauge.fill > sector.rules.phases.stable_fill.0;
    team.phase.starved_days = if starved {
        team.phase.starved_days + today.dt
    } else {
        0.0
    };
    cascade::note_phase(team, sector, before);
    cascade::notice(team, sector, today);
    classify_operators(team, sector, today);
    team.block.teams_in_phase[usize::from(team.phase.state.phase)] += 1;
}

/// PocketPhase: the same automaton on one person's own work.
fn classify_operators(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules;
    let untrained = rules.training.untrained_speed.0 as f32;
    let dt = today.dt as f32;
    let rates = &sector.rates;
    let shared = team.gauge.signs();
    let partners = f64::midpoint(team.standing.suppliers, team.standing.buyers);
    let others = team.standing.customers + partners;
    for k in 0..team.post.len() {
        if !team.post[k].employed() {
            continue;
        }
        let ability = team.ability[k];
        let load = team.crew.pressure as f32 * team.crew.speed as f32
            / training::speed(ability.skill, untrained).max(1e-6)
            / (1.0 + rules.staff.overtime.0 as f32);
        let own = &mut team.own[k];
        own.load += (load - own.load) * rates.window as f32;
        let owed_before = own.owed;
        if team.post[k].present() {
            own.owed = (own.owed + (load - 1.0) * dt).clamp(0.0, 365.0);
        }
        let phase = team.pocket[k].0.phase;
        let person = Person {
            others,
            own_trust: team.strain[k].trust,
            owed: own.owed,
            habit: team.habit[k].0,
            skill: ability.skill,
            pressure_mean: team.crew.pressure_mean,
        };
        let readings = person.readings(team.gauge, sector);
        let signs = Signs {
            free: f64::from(1.0 - own.load),
            backlog_age: own.owed.into(),
            backlog_falls: own.owed <= owed_before,
            fill: right_first_time(own, phase),
            protected: readings.alignment,
            drift: readings.drift,
            buffer: readings.buffer,
            margin: readings.margin,
            safe: shared.safe,
        };
        team.pocket[k].0 = team.pocket[k].0.after(&signs, &rules.phases, today.dt);
        team.block.operators_in_phase[usize::from(team.pocket[k].0.phase)] += 1;
    }
}

/// What the readings of one person are made of, beside those of the team.
pub struct Person {
    /// Trust of the team's customers and its partners, added up.
    pub others: f64,
    /// Trust in the employer.
    pub own_trust: f32,
    /// Unfinished own work, in days.
    pub owed: f32,
    /// Shortcut habit.
    pub habit: f32,
    /// Skill.
    pub skill: f32,
    /// Smoothed pressure of the team.
    pub pressure_mean: f64,
}

impl Person {
    /// The six readings and the margin of one person: B, C and the others' part of T are the team's.
    pub fn readings(&self, team: &Gauge, sector: &SectorToday) -> Gauge {
        let trust = (self.others + f64::from(self.own_trust)) / 3.0;
        let repair = maths::parity(1.0 / f64::from(self.owed.max(0.01)));
        let alignment = team.protected * (1.0 - f64::from(self.habit));
        let drift = own_drift(self.skill, sector, team.protected, self.pressure_mean);
        Gauge {
            trust,
            repair,
            alignment,
            drift,
            margin: trust + repair + team.buffer + alignment - team.coordination - drift,
            ..*team
        }
    }
}

/// Share of tasks at load that were right first time, as a 90 % Wilson bound: the lower one to rise,
/// the upper one to fall; 1 below ten such tasks.
fn right_first_time(own: &OwnWork, phase: u8) -> f64 {
    let (n, right) = (f64::from(own.tasks), f64::from(own.right));
    if n < 10.0 {
        return 1.0;
    }
    let z = 1.6449;
    let share = right / n;
    let centre = share + z * z / (2.0 * n);
    let spread = z * libm::sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n));
    let bound = if phase == 3 {
        centre + spread
    } else {
        centre - spread
    };
    // The person is held to 0.97 / 0.93 where a team is held to 0.97 / 0.95.
    let bound = bound / (1.0 + z * z / n);
    if phase == 3 { bound + 0.02 } else { bound }
}

/// D of one person: fading of skill against the training that funded hours, slack included, allow.
fn own_drift(skill: f32, sector: &SectorToday, protected: f64, pressure_mean: f64) -> f64 {
    let rules = &sector.rules.training;
    let loss = rules.decay.0 * f64::from(skill);
    // A quarter of the free hours could go to training.
    let slack = (1.0 - pressure_mean).max(0.0) * sector.rules.hours.protected_share.0 * 0.25;
    let full = rules.full_hours.0 / 365.0 / sector.rules.staff.duty_hours.0;
    let reach = (protected * training::full_share(rules) + slack / full).min(4.0);
    let restore = f64::from(1.0 - skill) * (reach / rules.train_time.0 + 1.0 / rules.doing_time.0);
    if loss <= 0.0 {
        0.0
    } else {
        2.0 * maths::parity(loss / restore.max(1e-12))
    }
}

#[cfg(test)]
mod tests {
    use super::{PhaseState, Phases, Signs};

    /// A shock that is over leaves no backlog, which stirs about nothing: the way out is open, once
    /// orders are served again.
    #[test]
    fn phase_zero_is_left_where_no_backlog_is_left_to_fall_and_not_while_fill_is_broken() {
        let leaves_after = |backlog_age, fill| {
            let signs = |day: u32| Signs {
                free: 0.8,
                backlog_age,
                backlog_falls: day.is_multiple_of(2),
                fill,
                protected: 1.0,
                drift: 0.4,
                buffer: 0.9,
                margin: 2.0,
                safe: true,
            };
            let mut state = PhaseState::settled(0);
            (0..200).find(|&day| {
                state = state.after(&signs(day), &Phases::default(), 1.0);
                state.phase > 0
            })
        };
        assert_eq!(leaves_after(0.2, 1.0), Some(29));
        assert_eq!(leaves_after(5.0, 1.0), None);
        assert_eq!(leaves_after(0.2, 0.5), None);
    }

    /// Published hysteresis case: phase 0 exactly from t = 133 to t = 228.
    #[test]
    fn v53_phase_zero_is_entered_and_left_after_its_dwell() {
        let free = |t| match t {
            0..100 | 110..120 | 140..200 => 0.05,
            100..110 | 120..140 => -0.01,
            _ => 0.12,
        };
        let mut state = PhaseState::settled(1);
        let phases: Vec<u8> = (0..260)
            .map(|t| {
                let signs = Signs {
                    free: free(t),
                    backlog_age: 8.0,
                    backlog_falls: true,
                    fill: 0.8,
                    protected: 1.0,
                    drift: 0.0,
                    buffer: 1.0,
                    margin: 1.0,
                    safe: true,
                };
                state = state.after(&signs, &Phases::default(), 1.0);
                state.phase
            })
            .collect();
        let broken: Vec<usize> = (0..260).filter(|&t| phases[t] == 0).collect();
        assert_eq!(
            (broken[0], broken.len(), broken[broken.len() - 1]),
            (133, 96, 228)
        );
    }
}
