//! Wear: machines age with use, grow latent defects, and break.

use crate::keyed::{self, Stream};
use crate::lattice::blocks::Team;
use crate::lattice::machine::State;
use crate::maths;
use crate::modules::maintenance;
use crate::shock;
use crate::today::{SectorToday, Today};
use prodos_quantity::{choices, params};
use serde::{Deserialize, Serialize};

choices! {
    /// How spans of life are drawn.
    pub enum Lifetime {
        /// In continuous time; an event inside a tick is noted at its end.
        Continuous = "continuous",
        /// With the probability rate x dt each tick: the mean span is exact at any tick.
        PerTick = "per_tick",
        /// As one stream for the team: by chance alone, at the rate of all its machines, whichever are down.
        Stream = "stream",
    }
}

params! {
    /// How equipment wears.
    pub struct Wear / WearPatch in "wear" {
        /// Weibull shape of defects over virtual age; above 1 wears out.
        shape: Ratio = 2.5, range 0.1..=20.0, typical 1.5..=3.5, Uncertain, "reliability handbooks (from memory)";
        /// Weibull scale of defects, in operating days.
        scale: Days = 260.0, range 0.1..=1000000.0, typical 60.0..=2000.0, Uncertain, "reliability handbooks (from memory)";
        /// Hazard of defects that do not depend on age, per operating day.
        base_hazard: PerDay = 0.004, range 0.0..=10.0, typical 0.0005..=0.02, Uncertain, "assumption";
        /// Mean days from a latent defect to the breakdown; 0 breaks at once (one stage).
        delay: Days = 20.0, range 0.0..=10000.0, typical 5.0..=60.0, Uncertain, "Christer & Waller 1984, delay-time model";
        /// Share of wear that follows output; the rest follows the calendar.
        by_load: Share = 0.5, range 0.0..=1.0, typical 0.0..=1.0, Uncertain, "assumption";
        /// Extra wear by people who take shortcuts.
        shortcut_wear: Share = 0.5, range 0.0..=10.0, typical 0.0..=1.0, Uncertain, "assumption";
        /// Switch of Weibull wear: 0 leaves only the base hazard.
        ageing: Ratio = 1.0, range 0.0..=1.0, typical 0.0..=1.0, Uncertain, "convention: on";
        choices {
            /// How spans of life are drawn.
            lifetime: Lifetime = Continuous, Convention, "convention";
        }
    }
}

/// Operating days from virtual age `age` until the next defect, given two exponential numbers.
///
/// Two competing risks: H(v) = g (v/eta)^beta + h0 v, g the switch of ageing. The Weibull part is inverted exactly,
/// v' = eta ((v/eta)^beta + E1/g)^(1/beta); the constant part waits E2 / h0; the sooner one counts.
/// Source: inversion of the cumulative hazard; Weibull 1951.
pub fn until_defect(rules: &Wear, age: f64, weibull: f64, constant: f64) -> f64 {
    let ageing = rules.ageing.0;
    let by_age = if ageing > 0.0 {
        let (shape, scale) = (rules.shape.0, rules.scale.0);
        let now = maths::pow(age / scale, shape);
        // Beyond the largest number a machine is so old that it breaks at once.
        if now.is_finite() {
            scale * maths::pow(now + weibull / ageing, 1.0 / shape) - age
        } else {
            0.0
        }
    } else {
        f64::INFINITY
    };
    let by_chance = if rules.base_hazard.0 > 0.0 {
        constant / rules.base_hazard.0
    } else {
        f64::INFINITY
    };
    by_age.min(by_chance)
}

/// A hazard above this breaks a machine within the day; the formula knows no bound at extreme shapes.
const MOST_HAZARD: f64 = 1e6;

/// Hazard of a defect per operating day at a virtual age.
///
/// h(v) = h0 + g (beta/eta) (v/eta)^(beta - 1)
pub fn hazard(rules: &Wear, age: f64) -> f64 {
    if rules.ageing.0 <= 0.0 {
        return rules.base_hazard.0;
    }
    let (shape, scale) = (rules.shape.0, rules.scale.0);
    let hazard = rules.base_hazard.0
        + rules.ageing.0 * shape / scale * maths::pow((age / scale).max(1e-9), shape - 1.0);
    hazard.min(MOST_HAZARD)
}

/// Interval over mean delay below which 1 - e^-x would lose its digits.
const MANY_INSPECTIONS: f64 = 1e-6;

/// Share of latent defects that inspection catches before breakdown.
///
/// caught = phi r / (1 - (1 - r) e^(-aT)),  phi = (1 - e^(-aT)) / (aT)     a 1/mean delay · T interval · r detection
/// Source: Christer & Waller 1984 (delay-time model), closed form for repeated imperfect inspection.
pub fn caught_by_inspection(delay: f64, interval: f64, detection: f64) -> f64 {
    if delay <= 0.0 || interval <= 0.0 || detection <= 0.0 {
        return 0.0;
    }
    let x = interval / delay;
    if x < MANY_INSPECTIONS {
        // 1 - e^-x to first order, which keeps its digits.
        let breaks = x - x * x / 2.0;
        return (1.0 - x / 2.0) * detection / (detection + (1.0 - detection) * breaks);
    }
    let survives = maths::exp(-x);
    (1.0 - survives) / x * detection / (1.0 - (1.0 - detection) * survives)
}

/// The hazard as a table over virtual age, read by straight lines between its points.
///
/// 256 steps from 0 to four scales; beyond that the formula itself. With shapes from 1.5 to 3.5 and
/// from a tenth of the scale upward, the error is below 2e-4 of the hazard at the scale.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Wear", into = "Wear")]
pub struct HazardTable {
    values: [f32; 257],
    per_age: f32,
    rules: Wear,
}

impl From<Wear> for HazardTable {
    fn from(rules: Wear) -> Self {
        HazardTable::new(&rules)
    }
}

impl From<HazardTable> for Wear {
    fn from(table: HazardTable) -> Self {
        table.rules
    }
}

impl HazardTable {
    /// Tabulates the hazard of these rules.
    pub fn new(rules: &Wear) -> Self {
        let step = rules.scale.0 / 64.0;
        let values = std::array::from_fn(|k| hazard(rules, step * k as f64) as f32);
        HazardTable {
            values,
            per_age: (1.0 / step) as f32,
            rules: *rules,
        }
    }

    /// Hazard per operating day at a virtual age.
    #[inline]
    pub fn at(&self, age: f32) -> f32 {
        let place = age * self.per_age;
        if place >= 256.0 {
            return hazard(&self.rules, f64::from(age)) as f32;
        }
        // At most 255, which a byte holds.
        let k = place as u8;
        let [here, next] = [self.values[usize::from(k)], self.values[usize::from(k) + 1]];
        here + (next - here) * (place - f32::from(k))
    }
}

/// Machines age with use; defects arise, and latent ones break.
pub fn wear(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules.wear;
    let dt = today.dt;
    let load = (team.trade.made / (team.place.output_at_rest * dt).max(1e-12)).min(1.5);
    let harder = 1.0 + rules.shortcut_wear.0 * team.crew.shortcuts;
    let used = (dt * (1.0 - rules.by_load.0 + rules.by_load.0 * load) * harder) as f32;
    let (mut ages, mut hazards) = (0.0f32, 0.0f32);
    team.upkeep.breakdowns = 0;
    (team.upkeep.repaired, team.upkeep.ticks_down) = (0, 0);
    team.upkeep.shock_work = 0;
    team.upkeep.renewals = 0;
    team.upkeep.fresh_work = 0;
    team.upkeep.spares_coming = team.upkeep.spares[1];
    shock::damage(team, sector, today);
    for k in 0..team.machine.len() {
        let machine = &mut team.machine[k];
        hazards += sector.hazard.at(machine.age);
        ages += machine.age;
        if !machine.up() {
            continue;
        }
        machine.age += used;
        machine.clock -= if machine.state == State::Sound {
            used
        } else {
            dt as f32
        };
        if machine.clock > 0.0 {
            continue;
        }
        let id = team.place.id(k);
        if machine.state == State::Sound {
            team.upkeep.latent += 1;
            machine.state = State::Latent;
            let rest = if used > 0.0 {
                f64::from(-machine.clock / used) * dt
            } else {
                0.0
            };
            let delay = rules.delay.0 * maths::exponential(today.draw(Stream::Delay).word(id));
            machine.clock = (delay - rest) as f32;
        }
        if team.machine[k].clock <= 0.0 {
            team.upkeep.breakdowns += 1;
            maintenance::open_job(
                team,
                sector,
                today,
                k,
                sector.rules.maintenance.repair_hours.0,
            );
        }
    }
    if rules.lifetime == Lifetime::Stream {
        break_by_stream(team, sector, today);
    }
    team.upkeep.age_sum = f64::from(ages);
    team.upkeep.hazard_sum = f64::from(hazards);
    team.upkeep.used = f64::from(used);
}

/// Breakdowns come at a rate of N h0 a day, N machines, and take the first that are up: while any is up, the
/// repair queue is open.
///
/// Source: Poisson stream of a queue M/G/c; rotable units, of which one stands in at once.
fn break_by_stream(team: &mut Team, sector: &SectorToday, today: &Today) {
    let machines = team.machine.len();
    let id = team.place.id(keyed::TEAM);
    let mean = machines as f64 * sector.rules.wear.base_hazard.0 * today.dt;
    let mut coming = maths::poisson(today.draw(Stream::Defect).word(id), mean);
    let hours = sector.rules.maintenance.repair_hours.0;
    for k in 0..machines {
        if coming == 0 {
            return;
        }
        if team.machine[k].up() {
            coming -= 1;
            team.upkeep.breakdowns += 1;
            maintenance::open_job(team, sector, today, k, hours);
        }
    }
}

/// The span to the next defect of a sound machine, as the clock keeps it.
pub fn wind_up(rules: &Wear, age: f32, word: u64, dt: f64) -> f32 {
    let second = maths::mix(word);
    match rules.lifetime {
        Lifetime::Continuous => until_defect(
            rules,
            f64::from(age),
            maths::exponential(word),
            maths::exponential(second),
        ) as f32,
        // Half a tick early, so that the day is met whatever the rounding of the sum of ticks.
        Lifetime::PerTick => ((maths::geometric(word, hazard(rules, f64::from(age)) * dt) - 0.5)
            * dt)
            .min(1e30) as f32,
        Lifetime::Stream => 1e30,
    }
}

#[cfg(test)]
mod tests {
    use super::{HazardTable, Wear, caught_by_inspection, hazard, until_defect};

    #[test]
    fn inspection_catches_the_published_shares() {
        assert!((1.0 - caught_by_inspection(10.0, 10.0, 1.0) - 0.367_879).abs() < 1e-6);
        assert!((caught_by_inspection(10.0, 10.0, 0.7) - 0.497_377).abs() < 1e-6);
    }

    #[test]
    fn the_span_to_a_defect_uses_up_exactly_the_drawn_hazard() {
        let rules = Wear {
            base_hazard: prodos_quantity::PerDay(0.0),
            ..Wear::default()
        };
        let cumulative = |v: f64| crate::maths::pow(v / rules.scale.0, rules.shape.0);
        let span = until_defect(&rules, 50.0, 0.7, 1.0);
        assert!((cumulative(50.0 + span) - cumulative(50.0) - 0.7).abs() < 1e-12);
    }

    #[test]
    fn the_table_is_within_its_stated_error() {
        for shape in [1.5, 2.0, 2.5, 3.5] {
            let rules = Wear {
                shape: prodos_quantity::Ratio(shape),
                ..Wear::default()
            };
            let table = HazardTable::new(&rules);
            let bound = 2e-4 * hazard(&rules, rules.scale.0);
            for age in (130..5000).map(|k| k as f32 * 0.2) {
                let error = (f64::from(table.at(age)) - hazard(&rules, f64::from(age))).abs();
                assert!(
                    error < bound,
                    "shape {shape}, age {age}: {error} against {bound}"
                );
            }
        }
    }
}
