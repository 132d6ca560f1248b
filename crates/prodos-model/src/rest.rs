//! The city at rest: what each sector is, worked out from its figures by the stationary laws of its rooms.

use crate::drift::{process, shortcuts, wear};
use crate::keyed::{self, Keys, Stream};
use crate::modules::{quality, training};
use crate::parameters::Parameters;
use crate::spec;
use crate::today::{Input, Rates};
use crate::{error, maths, trust};

/// A sector at rest, worked out from its figures.
pub(crate) struct AtRest {
    pub(crate) rules: Parameters,
    pub(crate) rates: Rates,
    pub(crate) posts: usize,
    pub(crate) sizes: Vec<usize>,
    pub(crate) output: f64,
    pub(crate) inputs: Vec<Input>,
    pub(crate) finals: [f64; 4],
    pub(crate) wage: f64,
    pub(crate) skill: f64,
    pub(crate) shortcut: f64,
    pub(crate) defect_rate: f64,
    pub(crate) role_error: f64,
    pub(crate) errors: f64,
    pub(crate) customers: f64,
    pub(crate) filled: f64,
    pub(crate) tax_rate: f64,
    pub(crate) value_added_rate: f64,
}

/// Works out a sector at rest from its figures: demand, people, hours, wear, errors, trust.
pub(crate) fn at_rest(city: &spec::City, k: usize, keys: Keys) -> AtRest {
    let (_, sector) = city.sectors.get_index(k).expect("k counts sectors");
    let mut rules = city.parameters;
    rules.apply(&sector.parameters);
    let rates = Rates::new(&rules, city.tick);
    let output = sector.output / 365.0;
    let inputs = inputs_of(city, sector);
    let finals = final_demand(city, k);
    let posts = sector.posts(city.scale);
    let sizes = team_sizes(sector, city.scale, keys, k);
    let hire = 1.0 / rules.staff.hiring_time.0;
    let filled = hire / (hire + rules.staff.quit_rate.0);
    let skill = over_roles(city, sector, |role| {
        training::skill_at_rest(&rules, role.training)
    });
    let shortcut = stationary_shortcuts(&rules);
    let defect_rate = stationary_defects(&rules).1;
    let role_error = over_roles(city, sector, |role| role.error);
    let e = &rules.error;
    let errors = error::heart(
        e.base.0 * role_error,
        &[
            (e.inexperience.0, 1.0 - skill),
            (e.misfit.0, 1.0 - rules.staff.fit.0),
            (e.shortcut.0, shortcut),
            (rules.process.error_gain.0, process::at_rest(&rules)),
        ],
        e.cap.0,
    );
    let escapes = quality::escapes_at_rest(&rules, errors);
    let spent: f64 = inputs.iter().map(|input| input.coefficient).sum();
    let tax_rate = ratio(sector.taxes, sector.output);
    AtRest {
        rates,
        posts,
        sizes,
        output,
        finals,
        wage: ratio(sector.wages / 365.0, posts as f64),
        skill,
        shortcut,
        defect_rate,
        role_error,
        errors,
        customers: trust::stationary(escapes, rules.trust.gain.0, rules.trust.loss.0),
        filled,
        tax_rate,
        value_added_rate: 1.0 - spent - tax_rate,
        inputs,
        rules,
    }
}

/// Mean of a number of each role over the posts of a sector; that of the city's first role where the
/// sector names none.
fn over_roles(city: &spec::City, sector: &spec::Sector, of: impl Fn(&spec::Role) -> f64) -> f64 {
    let plain = spec::Role {
        error: 1.0,
        training: 1.0,
    };
    let base = *city.roles.values().next().unwrap_or(&plain);
    let total: f64 = sector.roles.values().sum();
    if total <= 0.0 {
        return of(&base);
    }
    let sum: f64 = sector
        .roles
        .iter()
        .map(|(name, share)| share * of(city.roles.get(name).unwrap_or(&base)))
        .sum();
    sum / total
}

pub(crate) fn ratio(above: f64, below: f64) -> f64 {
    if below > 0.0 { above / below } else { 0.0 }
}

pub(crate) fn cost_rate(sector: &AtRest) -> f64 {
    sector
        .inputs
        .iter()
        .map(|input| input.coefficient)
        .sum::<f64>()
        + sector.tax_rate
        + ratio(
            sector.wage * sector.posts as f64 * sector.filled,
            sector.output,
        )
}

/// Inputs of a sector by supplier in city order, imports last.
fn inputs_of(city: &spec::City, sector: &spec::Sector) -> Vec<Input> {
    let domestic = city.sectors.keys().map(|code| Input {
        coefficient: sector.inputs.get(code).copied().unwrap_or(0.0),
        criticality: sector.critical.get(code).copied().unwrap_or(0.0),
        stock_days: sector.input_stock_days,
    });
    // Imports are important, not critical: two months without them slow work (assumption).
    let imports = Input {
        coefficient: ratio(sector.imported_inputs, sector.output),
        criticality: 0.5,
        stock_days: sector.input_stock_days,
    };
    domestic.chain([imports]).collect()
}

/// What is left of a sector's output for final demand.
///
/// f = max(x - sum_j a_j x_j, 0)     x output · a_j input per unit of user j · x_j output of user j
/// Source: Leontief 1936, balance of a row.
pub fn left_for_final(output: f64, uses: impl Iterator<Item = (f64, f64)>) -> f64 {
    let to_firms: f64 = uses.map(|(share, user)| share * user).sum();
    (output - to_firms).max(0.0)
}

/// Final demand at rest: f = x - A x, parted by the shares of the listed columns.
fn final_demand(city: &spec::City, k: usize) -> [f64; 4] {
    let (code, sector) = city.sectors.get_index(k).expect("k counts sectors");
    let uses = city.sectors.values().map(|user| {
        let share = user.inputs.get(code).copied().unwrap_or(0.0);
        (share, user.output)
    });
    let total = left_for_final(sector.output, uses) / 365.0;
    let columns = [
        sector.households,
        sector.government,
        sector.investment,
        sector.exports,
    ];
    let sum: f64 = columns.iter().sum();
    if sum > 0.0 {
        columns.map(|column| total * column / sum)
    } else {
        [total, 0.0, 0.0, 0.0]
    }
}

/// Sizes of teams that add up to the posts, within the range where the posts allow.
fn team_sizes(sector: &spec::Sector, scale: f64, keys: Keys, index: usize) -> Vec<usize> {
    let (posts, teams) = (sector.posts(scale), sector.teams(scale));
    let (low, high) = sector.team_size;
    let mut sizes: Vec<usize> = (0..teams)
        .map(|t| posts * (t + 1) / teams - posts * t / teams)
        .collect();
    let draw = keys.at(Stream::World, 0);
    for pair in 0..teams / 2 {
        let (a, b) = (sizes[2 * pair], sizes[2 * pair + 1]);
        let room = (a.saturating_sub(low as usize)).min((high as usize).saturating_sub(b));
        let moved =
            (draw.word(keyed::id(index, 2 * pair, keyed::TEAM)) % (room as u64 + 1)) as usize;
        sizes[2 * pair] -= moved;
        sizes[2 * pair + 1] += moved;
    }
    sizes
}

/// Share of shortcut takers at the pressure of rest: the fixed point reached from the initial share.
fn stationary_shortcuts(rules: &Parameters) -> f64 {
    let s = &rules.shortcuts;
    (0..200).fold(s.initial.0, |share, _| {
        shortcuts::inclination(
            s.inclination.0,
            s.pressure_gain.0,
            s.peer_gain.0,
            s.enforcement_gain.0,
            rules.hours.rest_pressure.0,
            share,
            rules.safety.enforcement.0,
        )
    })
}

/// Ages just after and just before an overhaul, and defects per machine-day, at rest.
pub(crate) fn stationary_defects(rules: &Parameters) -> ((f64, f64), f64) {
    let interval = rules.maintenance.preventive_interval.0;
    let restores = rules.maintenance.preventive_restores.0;
    if interval <= 0.0 || restores <= 0.0 {
        return ((0.0, 0.0), wear::hazard(&rules.wear, 0.0));
    }
    let before = interval / restores;
    let after = before * (1.0 - restores);
    let cumulative =
        |v: f64| maths::pow(v / rules.wear.scale.0, rules.wear.shape.0) * rules.wear.ageing.0;
    let spent = cumulative(before) - cumulative(after);
    let rate = if spent.is_finite() {
        rules.wear.base_hazard.0 + spent / interval
    } else {
        wear::hazard(&rules.wear, before)
    };
    ((after, before), rate)
}

/// Hours a day on output such that pressure at rest is as configured.
///
/// P H = output (1 + checking + rework) + coordination + training + drills + rounds + repair, solved for output.
pub(crate) fn output_hours(sector: &AtRest, posts: usize, machines: u32, links: u32) -> f64 {
    let rules = &sector.rules;
    let (n, m) = (posts as f64 * sector.filled, f64::from(machines));
    let at_hand = n * (1.0 - rules.staff.absence.0) * rules.staff.duty_hours.0;
    let maintenance = &rules.maintenance;
    let rounds = ratio(
        m * maintenance.inspection_hours.0,
        maintenance.inspection_interval.0,
    ) + ratio(
        m * maintenance.preventive_hours.0,
        maintenance.preventive_interval.0,
    );
    let speed = f64::from(training::speed(
        sector.skill as f32,
        rules.training.untrained_speed.0 as f32,
    ));
    let a_failure = sector.rates.caught * maintenance.planned_hours.0
        + (1.0 - sector.rates.caught) * maintenance.repair_hours.0;
    let repair = sector.defect_rate * m * a_failure / speed.max(1e-9);
    let learning = n * (rules.training.hours_per_year.0 + rules.safety.drill_hours.0) / 365.0;
    let own = &rules.coordination;
    let coordination = own.per_link.0 * f64::from(links)
        + own.per_handover.0 * n * (n - 1.0) / 2.0
        + own.regulation.0;
    let rework = quality::rework_at_rest(rules, sector.errors);
    let others = rounds + repair + learning + coordination;
    let left = rules.hours.rest_pressure.0 * at_hand - others;
    left.max(0.05 * at_hand) / (1.0 + quality::hours_share(&rules.quality) + rework)
}

#[cfg(test)]
mod tests {
    use super::stationary_shortcuts;
    use crate::parameters::Parameters;
    use prodos_quantity::{Ratio, Share};

    #[test]
    fn the_initial_share_decides_only_between_two_stable_norms() {
        let rest = |peers, initial| {
            let mut rules = Parameters::default();
            rules.shortcuts.peer_gain = Ratio(peers);
            rules.shortcuts.initial = Share(initial);
            stationary_shortcuts(&rules)
        };
        assert!((rest(2.5, 0.0) - rest(2.5, 1.0)).abs() < 1e-12);
        assert!(rest(12.0, 0.0) < 0.02);
        assert!(rest(12.0, 1.0) > 0.98);
    }
}
