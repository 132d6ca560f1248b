//! Phases: an ordered automaton with dwell, the same at each zoom, each from its own variables.

use crate::cascade;
use crate::gauge::{self, Gauge};
use crate::lattice::blocks::Team;
use crate::lattice::operator::OwnWork;
use crate::lattice::team::{Crew, Standing};
use crate::maths;
use crate::modules::training;
use crate::today::{SectorToday, Today};
use prodos_quantity::{Days, Share, params};
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

/// What an automaton looks at, today. Each sign is read only where the phase asks for it.
pub trait Signs {
    /// Free repair capacity: 1 less offered load.
    fn free(&self) -> f64;
    /// Age of the backlog in days.
    fn backlog_age(&self) -> f64;
    /// Whether the backlog is falling.
    fn backlog_falls(&self) -> bool;
    /// Fill, or for a person the share of tasks right first time.
    fn fill(&self) -> f64;
    /// Whether it is below a line.
    #[inline]
    fn fill_below(&self, line: Share) -> bool {
        self.fill() < line.0
    }
    /// Protected work done.
    fn protected(&self) -> f64;
    /// Drift index.
    fn drift(&self) -> f64;
    /// Buffer index.
    fn buffer(&self) -> f64;
    /// Margin.
    fn margin(&self) -> f64;
    /// Whether safety incidents are below twice their nominal rate.
    fn safe(&self) -> bool;
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

    /// Takes in a tick of `dt` days with these signs.
    ///
    /// Into phase 0: overload with an old backlog, or broken fill, each for its dwell; from any phase.
    /// Up one phase at a time, when all conditions have held for their dwell; down on any of its own.
    #[inline]
    pub fn take(&mut self, signs: &impl Signs, rules: &Phases, dt: f64) {
        let count = |held: u32, holds: bool| if holds { held.saturating_add(1) } else { 0 };
        // No dwell is shorter than a day.
        let full = |held: u32, dwell: Days| held > 0 && f64::from(held) * dt >= dwell.0 - 1e-9;
        let overloaded = signs.free() < 0.0 && signs.backlog_age() > rules.backlog_normal.0;
        self.overload = count(self.overload, overloaded);
        self.broken = count(self.broken, signs.fill_below(rules.fill_broken));
        let breaks_down =
            full(self.overload, rules.enter_dwell) || full(self.broken, rules.broken_dwell);
        if breaks_down && self.phase > 0 {
            self.enter(0);
            return;
        }
        let (rises, rise_dwell) = match self.phase {
            0 => (
                // A backlog that is hardly there cannot fall day after day. What would lead to phase 0
                // again at once does not lead out of it.
                signs.free() > rules.leave_free.0
                    && (signs.backlog_falls() || signs.backlog_age() < rules.stable_backlog.0)
                    && !signs.fill_below(rules.fill_broken),
                rules.leave_dwell,
            ),
            1 => (
                signs.backlog_age() < rules.backlog_normal.0
                    && signs.fill() > rules.fill_rebuild.0
                    && signs.safe(),
                rules.rebuild_dwell,
            ),
            2 => (
                signs.free() > rules.stable_free.0
                    && signs.backlog_age() < rules.stable_backlog.0
                    && signs.fill() > rules.stable_fill.0
                    && signs.protected() > rules.stable_protected.0
                    && signs.drift() < 1.0
                    && signs.buffer() > 0.5
                    && signs.margin() > rules.stable_margin.0,
                rules.stable_dwell,
            ),
            _ => (false, rules.stable_dwell),
        };
        let falls = match self.phase {
            3 => {
                signs.protected() < rules.slip_protected.0
                    || signs.drift() > rules.slip_drift.0
                    || signs.fill_below(rules.slip_fill)
            }
            2 => signs.backlog_age() > rules.backlog_normal.0 || signs.free() < rules.slip_free.0,
            _ => false,
        };
        self.rise = count(self.rise, rises);
        self.fall = count(self.fall, falls);
        if full(self.fall, rules.slip_dwell) {
            self.enter(self.phase - 1);
        } else if full(self.rise, rise_dwell) {
            self.enter(self.phase + 1);
        }
    }

    /// A phase begins: nothing has held in it yet; what leads to phase 0 goes on.
    fn enter(&mut self, phase: u8) {
        (self.phase, self.rise, self.fall) = (phase, 0, 0);
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
    team.phase
        .state
        .take(&*team.gauge, &sector.rules.phases, today.dt);
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
    let window = sector.rates.window as f32;
    let overtime = 1.0 + rules.staff.overtime.0 as f32;
    let work = team.crew.pressure as f32 * team.crew.speed as f32;
    let shared = Shared::of(team.gauge, team.crew, team.standing, sector);
    let mut in_phase = [0; 4];
    let moving = team.own.iter_mut().zip(&mut *team.pocket);
    let standing = team.ability.iter().zip(&*team.strain).zip(&*team.habit);
    for ((post, (own, pocket)), ((ability, strain), habit)) in
        team.post.iter().zip(moving).zip(standing)
    {
        if !post.employed() {
            continue;
        }
        let load = work / training::speed(ability.skill, untrained).max(1e-6) / overtime;
        own.load += (load - own.load) * window;
        let owed_before = own.owed;
        if post.present() {
            own.owed = (own.owed + (load - 1.0) * dt).clamp(0.0, 365.0);
        }
        let pocket = &mut pocket.0;
        let person = Person {
            shared: &shared,
            trust: strain.trust,
            owed: own.owed,
            habit: habit.0,
            skill: ability.skill,
        };
        let signs = Own {
            work: own,
            phase: pocket.phase,
            free: f64::from(1.0 - own.load),
            backlog_falls: own.owed <= owed_before,
            person,
        };
        pocket.take(&signs, &rules.phases, today.dt);
        in_phase[usize::from(pocket.phase)] += 1;
    }
    for (sum, count) in team.block.operators_in_phase.iter_mut().zip(in_phase) {
        *sum += count;
    }
}

/// What the automaton of one person looks at.
struct Own<'a> {
    person: Person<'a>,
    work: &'a OwnWork,
    phase: u8,
    free: f64,
    backlog_falls: bool,
}

impl Signs for Own<'_> {
    fn free(&self) -> f64 {
        self.free
    }
    fn backlog_age(&self) -> f64 {
        self.person.owed.into()
    }
    fn backlog_falls(&self) -> bool {
        self.backlog_falls
    }
    fn fill(&self) -> f64 {
        right_first_time(self.work, self.phase)
    }
    fn fill_below(&self, line: Share) -> bool {
        // In phase 3 it is more than the plain share of tasks, which is told without a root.
        let (tasks, right) = (f64::from(self.work.tasks), f64::from(self.work.right));
        let plainly_above = self.phase == 3 && right >= line.0 * tasks;
        !plainly_above && self.fill() < line.0
    }
    fn protected(&self) -> f64 {
        self.person.alignment()
    }
    fn drift(&self) -> f64 {
        self.person.drift()
    }
    fn buffer(&self) -> f64 {
        self.person.shared.team.buffer
    }
    fn margin(&self) -> f64 {
        self.person.margin()
    }
    fn safe(&self) -> bool {
        self.person.shared.team.safe()
    }
}

/// What the readings of the people of a team have in common.
pub struct Shared<'a> {
    /// Readings of the team.
    pub team: &'a Gauge,
    /// Trust of the team's customers and its partners, added up.
    others: f64,
    /// Skill restored a day, as a share of what is missing.
    restores: f64,
    /// Skill lost a day, as a share of what is there.
    decay: f64,
}

impl<'a> Shared<'a> {
    /// Those of a team, with the training that funded hours, slack included, allow.
    pub fn of(
        team: &'a Gauge,
        crew: &Crew,
        standing: &Standing,
        sector: &SectorToday,
    ) -> Shared<'a> {
        let rules = &sector.rules.training;
        // A quarter of the free hours could go to training.
        let slack =
            (1.0 - crew.pressure_mean).max(0.0) * sector.rules.hours.protected_share.0 * 0.25;
        let full = rules.full_hours.0 / 365.0 / sector.rules.staff.duty_hours.0;
        let reach = (team.protected * training::full_share(rules) + slack / full).min(4.0);
        Shared {
            team,
            others: standing.customers + f64::midpoint(standing.suppliers, standing.buyers),
            restores: reach / rules.train_time.0 + 1.0 / rules.doing_time.0,
            decay: rules.decay.0,
        }
    }
}

/// What the readings of one person are made of: B, C and the others' part of T are the team's.
pub struct Person<'a> {
    /// What is the same for the whole team.
    pub shared: &'a Shared<'a>,
    /// Trust in the employer.
    pub trust: f32,
    /// Unfinished own work, in days.
    pub owed: f32,
    /// Shortcut habit.
    pub habit: f32,
    /// Skill.
    pub skill: f32,
}

impl Person<'_> {
    /// T: of customers and partners, and the person's own.
    pub fn trust(&self) -> f64 {
        (self.shared.others + f64::from(self.trust)) / 3.0
    }

    /// R: from own unfinished work.
    pub fn repair(&self) -> f64 {
        maths::parity(1.0 / f64::from(self.owed.max(0.01)))
    }

    /// A: protected work done without shortcuts.
    pub fn alignment(&self) -> f64 {
        self.shared.team.protected * (1.0 - f64::from(self.habit))
    }

    /// D: fading of skill against the training that funded hours allow.
    pub fn drift(&self) -> f64 {
        let loss = self.shared.decay * f64::from(self.skill);
        let restore = f64::from(1.0 - self.skill) * self.shared.restores;
        if loss <= 0.0 {
            0.0
        } else {
            // As 2 psi(loss / restore).
            2.0 * loss / (loss + restore.max(1e-12))
        }
    }

    /// M = T + R + B + A - C - D.
    pub fn margin(&self) -> f64 {
        let team = self.shared.team;
        self.trust() + self.repair() + team.buffer + self.alignment()
            - team.coordination
            - self.drift()
    }
}

/// Share of tasks at load that were right first time, as a 90 % Wilson bound: the lower one to rise,
/// the upper one to fall; 1 below ten such tasks.
///
/// (x + z^2/2 +- z sqrt(x (n - x)/n + z^2/4)) / (n + z^2)     n tasks · x right first time · z of 90 %
/// Source: Wilson 1927.
fn right_first_time(own: &OwnWork, phase: u8) -> f64 {
    let (n, right) = (f64::from(own.tasks), f64::from(own.right));
    if n < 10.0 {
        return 1.0;
    }
    let z = 1.6449;
    let centre = right + z * z / 2.0;
    let spread = z * libm::sqrt(right * (n - right).max(0.0) / n + z * z / 4.0);
    // The person is held to 0.97 / 0.93 where a team is held to 0.97 / 0.95.
    if phase == 3 {
        (centre + spread) / (n + z * z) + 0.02
    } else {
        (centre - spread) / (n + z * z)
    }
}

#[cfg(test)]
mod tests {
    use super::{Own, Person, PhaseState, Phases, Shared, Signs, right_first_time};
    use crate::gauge::Gauge;
    use crate::lattice::operator::OwnWork;
    use prodos_quantity::Share;

    /// The short way for people in phase 3 says what the bound itself says.
    #[test]
    fn fill_is_below_a_line_where_it_is_less_than_it() {
        let team = Gauge::default();
        let shared = Shared {
            team: &team,
            others: 0.0,
            restores: 0.0,
            decay: 0.0,
        };
        for (tasks, share) in [
            (5.0, 0.2),
            (20.0, 0.7),
            (20.0, 0.95),
            (200.0, 0.93),
            (2000.0, 0.95),
        ] {
            for (phase, line) in
                (0..4).flat_map(|phase| [0.7, 0.93, 0.95, 1.0].map(|line| (phase, line)))
            {
                let work = OwnWork {
                    tasks,
                    right: tasks * share,
                    ..OwnWork::default()
                };
                let person = Person {
                    shared: &shared,
                    trust: 0.0,
                    owed: 0.0,
                    habit: 0.0,
                    skill: 0.0,
                };
                let own = Own {
                    person,
                    work: &work,
                    phase,
                    free: 0.0,
                    backlog_falls: false,
                };
                let below = right_first_time(&work, phase) < line;
                assert_eq!(
                    own.fill_below(Share(line)),
                    below,
                    "{tasks} {share} {phase} {line}"
                );
            }
        }
    }

    /// A shock that is over leaves no backlog, which stirs about nothing: the way out is open, once
    /// orders are served again.
    #[test]
    fn phase_zero_is_left_where_no_backlog_is_left_to_fall_and_not_while_fill_is_broken() {
        let leaves_after = |backlog_age, fill| {
            let signs = |day: u32| Gauge {
                offered_load: 0.2,
                backlog_age,
                backlog_falls: day.is_multiple_of(2),
                fill,
                protected: 1.0,
                drift: 0.4,
                buffer: 0.9,
                margin: 2.0,
                ..Gauge::default()
            };
            let mut state = PhaseState::settled(0);
            (0..200).find(|&day| {
                state.take(&signs(day), &Phases::default(), 1.0);
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
                let signs = Gauge {
                    offered_load: 1.0 - free(t),
                    backlog_age: 8.0,
                    backlog_falls: true,
                    fill: 0.8,
                    protected: 1.0,
                    drift: 0.0,
                    buffer: 1.0,
                    margin: 1.0,
                    ..Gauge::default()
                };
                state.take(&signs, &Phases::default(), 1.0);
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
