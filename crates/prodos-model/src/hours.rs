//! The three loops share one stock of hours.
//!
//! Output (loop A), repair and protected work (loop B) and upgrade (loop C) ask for hours. While
//! there are enough, everyone gets what they need and the rest is idle. When there are not, hours
//! are shared by pressure-weighted rationing: the more orders wait, the more output takes. Protected
//! work can also be cut by the budget, which is how a policy starves it without anyone noticing.

use crate::coordination;
use crate::lattice::blocks::Team;
use crate::ledger::{PURPOSES, Purpose};
use crate::maths;
use crate::modules::{maintenance, quality, supply, tools, upgrade};
use crate::parameters::Parameters;
use crate::shock;
use crate::today::{SectorToday, Today};
use prodos_quantity::params;
use smallvec::SmallVec;

params! {
    /// How hours are shared.
    pub struct Hours / HoursPatch in "hours" {
        /// Share of protected hours that is funded: inspection, preventive work, quality control, training, drills.
        protected_share: Share = 1.0, range 0.0..=1.0, typical 0.5..=1.0, Lever, "convention: fully funded";
        /// Weight of protected work in rationing.
        weight_protected: Ratio = 3.0, range 0.0..=100.0, typical 0.5..=6.0, Lever, "assumption";
        /// Weight of corrective repair in rationing.
        weight_repair: Ratio = 1.5, range 0.0..=100.0, typical 0.5..=6.0, Lever, "assumption";
        /// Weight of upgrade projects in rationing.
        weight_upgrade: Ratio = 0.5, range 0.0..=100.0, typical 0.0..=3.0, Lever, "assumption";
        /// Days of waiting orders that add to the weight of output, at most.
        ship_pressure: Days = 3.0, range 0.0..=100.0, typical 0.0..=10.0, Uncertain, "assumption";
        /// Days over which a backlog of orders is worked off.
        order_horizon: Days = 5.0, range 1.0..=365.0, typical 1.0..=20.0, Lever, "assumption";
        /// Pressure at rest, from which labour per unit of output follows.
        rest_pressure: Ratio = 0.85, range 0.05..=1.0, typical 0.8..=0.9, Uncertain, "convention: a sector at rest uses 85 % of its hours";
    }
}

/// What the team needs hours for today, and its pressure.
///
/// P = funded needs / hours at hand, at most 4
///
/// Output asks for what orders, machines, inputs and closures allow. Protected work that the policy does
/// not fund presses on nobody: that is why it can be starved without anyone noticing.
pub fn ask(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules;
    let dt = today.dt;
    supply::receive_orders(team, sector, today);
    let want = team.trade.orders + team.trade.waiting * (dt / rules.hours.order_horizon.0).min(1.0);
    let feasible = want.min(team.trade.able[1]).min(team.trade.able[2]);
    let output = tools::hours_for(team, rules, feasible) * 3600.0;
    let output = output.min(shock::output_seconds_allowed(team, sector, today));
    let posts = f64::from(team.crew.employed);
    let most = (f64::from(team.crew.seconds) * rules.coordination.most.0) as u32;
    let seconds = |hours: f64| maths::up((hours * 3600.0).min(4e9));
    let mut asked = [0u32; PURPOSES];
    asked[Purpose::Output as usize] = maths::up(output.min(4e9));
    asked[Purpose::Rework as usize] = team.work.rework_owed;
    asked[Purpose::Repair as usize] = maintenance::repair_seconds_asked(team, sector);
    let [inspection, preventive] = maintenance::rounds_asked(team, sector);
    asked[Purpose::Inspection as usize] = inspection;
    asked[Purpose::Preventive as usize] = preventive;
    asked[Purpose::Quality as usize] =
        seconds(quality::hours_share(&rules.quality) * output / 3600.0);
    asked[Purpose::Training as usize] =
        seconds(posts * rules.training.hours_per_year.0 / 365.0 * dt);
    asked[Purpose::Drills as usize] = seconds(posts * rules.safety.drill_hours.0 / 365.0 * dt);
    asked[Purpose::Upgrade as usize] = upgrade::seconds_asked(team, sector, today);
    asked[Purpose::Coordination as usize] =
        seconds(coordination::hours_needed(team, rules, dt)).min(most);
    team.hours.asked = asked;
    let needs: f64 = funded(&asked, rules)
        .iter()
        .map(|&seconds| f64::from(seconds))
        .sum();
    let at_hand = f64::from(team.crew.seconds);
    team.crew.pressure = if needs <= 0.0 {
        0.0
    } else {
        (needs / at_hand.max(1.0)).min(4.0)
    };
}

/// What is asked for, less the protected work that the policy does not fund.
fn funded(asked: &[u32; PURPOSES], rules: &Parameters) -> [u32; PURPOSES] {
    let mut wants = *asked;
    for protected in PROTECTED {
        let want = &mut wants[protected as usize];
        *want = maths::nearest(f64::from(*want) * rules.hours.protected_share.0);
    }
    wants
}

/// Shares today's hours: coordination first, the rest by weight; idle hours may go to neighbours tonight.
pub fn share_out(team: &mut Team, sector: &SectorToday, _today: &Today) {
    let asked = team.hours.asked;
    let mut wants = funded(&asked, &sector.rules);
    let rules = &sector.rules.hours;
    let mut given = [0u32; PURPOSES];
    let mut left = team.crew.seconds;
    let first = Purpose::Coordination as usize;
    given[first] = asked[first].min(left);
    left -= given[first];
    let waiting_days = team.trade.waiting / (team.place.output_at_rest).max(1e-12);
    let protected_weight = rules.weight_protected.0 * rules.protected_share.0;
    let mut weights = [0.0; PURPOSES];
    weights[Purpose::Output as usize] = 1.0 + waiting_days.min(rules.ship_pressure.0);
    weights[Purpose::Rework as usize] = weights[Purpose::Output as usize];
    weights[Purpose::Repair as usize] = rules.weight_repair.0;
    weights[Purpose::Upgrade as usize] = rules.weight_upgrade.0 * rules.protected_share.0;
    for protected in PROTECTED {
        weights[protected as usize] = protected_weight;
    }
    wants[Purpose::Coordination as usize] = 0;
    let shared = ration(left, &wants, &weights);
    for (sum, part) in given.iter_mut().zip(shared) {
        *sum += part;
    }
    given[Purpose::Idle as usize] = team.crew.seconds - given.iter().sum::<u32>();
    given[Purpose::Absent as usize] = team.crew.seconds_absent;
    let of = |book: &[u32; PURPOSES]| -> f64 {
        PROTECTED.iter().map(|&p| f64::from(book[p as usize])).sum()
    };
    team.hours.protected_done = if of(&asked) > 0.0 {
        of(&given) / of(&asked)
    } else {
        1.0
    };
    team.hours.given = given;
}

/// The purposes that a policy can protect or starve.
pub const PROTECTED: [Purpose; 5] = [
    Purpose::Preventive,
    Purpose::Inspection,
    Purpose::Quality,
    Purpose::Training,
    Purpose::Drills,
];

/// Shares `hours` among wants: all of each while there is enough, else in proportion to weight times
/// want, nobody getting more than they want.
///
/// Whole seconds: shares round down, the remainder goes by largest fraction in the order of purposes.
pub fn ration(hours: u32, wants: &[u32; PURPOSES], weights: &[f64; PURPOSES]) -> [u32; PURPOSES] {
    if wants.iter().map(|&want| u64::from(want)).sum::<u64>() <= u64::from(hours) {
        return *wants;
    }
    let mut exact = [0.0; PURPOSES];
    let mut open: [bool; PURPOSES] = std::array::from_fn(|k| wants[k] > 0 && weights[k] > 0.0);
    let mut left = f64::from(hours);
    loop {
        let pull: f64 = (0..PURPOSES)
            .filter(|&k| open[k])
            .map(|k| weights[k] * f64::from(wants[k]))
            .sum();
        if pull <= 0.0 {
            break;
        }
        let level = left / pull;
        let mut none_sated = true;
        for k in 0..PURPOSES {
            if open[k] && weights[k] * level >= 1.0 {
                exact[k] = f64::from(wants[k]);
                left -= exact[k];
                open[k] = false;
                none_sated = false;
            }
        }
        if none_sated {
            for k in (0..PURPOSES).filter(|&k| open[k]) {
                exact[k] = weights[k] * f64::from(wants[k]) * level;
            }
            break;
        }
    }
    let mut shares = exact.map(|share| share as u32);
    let mut spare = hours.saturating_sub(shares.iter().sum::<u32>());
    let mut order: SmallVec<[usize; PURPOSES]> = (0..PURPOSES)
        .filter(|&k| shares[k] < wants[k] && weights[k] > 0.0)
        .collect();
    order.sort_by(|&a, &b| {
        let fraction = |k: usize| exact[k] - f64::from(exact[k] as u32);
        fraction(b).total_cmp(&fraction(a)).then(a.cmp(&b))
    });
    for k in order {
        if spare == 0 {
            break;
        }
        shares[k] += 1;
        spare -= 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::ration;
    use crate::ledger::PURPOSES;

    fn of(values: &[u32]) -> [u32; PURPOSES] {
        std::array::from_fn(|k| values.get(k).copied().unwrap_or(0))
    }

    #[test]
    fn everyone_gets_what_they_want_while_there_is_enough() {
        assert_eq!(
            ration(100, &of(&[40, 30, 20]), &[1.0; PURPOSES]),
            of(&[40, 30, 20])
        );
    }

    #[test]
    fn heavier_wants_are_sated_first_and_no_second_is_lost() {
        let mut weights = [1.0; PURPOSES];
        weights[1] = 9.0;
        let shares = ration(50, &of(&[40, 20, 40]), &weights);
        assert_eq!(shares, of(&[15, 20, 15]));
        let odd = ration(10, &of(&[7, 7, 7]), &[1.0; PURPOSES]);
        assert_eq!(odd, of(&[4, 3, 3]));
    }

    proptest::proptest! {
        #[test]
        fn short_hours_are_given_out_to_the_second_and_nobody_gets_more_than_they_want(
            hours in 0u32..500_000,
            wants in proptest::array::uniform13(proptest::prop_oneof![
                proptest::strategy::Just(0u32), 0u32..100, 0u32..200_000, 0u32..4_000_000_000,
            ]),
            weights in proptest::array::uniform13(proptest::prop_oneof![
                proptest::strategy::Just(0.0), 0.001f64..100.0,
            ]),
        ) {
            let shares = ration(hours, &wants, &weights);
            let sum = |of: &[u32; PURPOSES]| of.iter().map(|&x| u64::from(x)).sum::<u64>();
            for k in 0..PURPOSES {
                proptest::prop_assert!(shares[k] <= wants[k]);
            }
            if sum(&wants) <= u64::from(hours) {
                proptest::prop_assert_eq!(shares, wants);
            } else {
                let heard: [u32; PURPOSES] =
                    std::array::from_fn(|k| if weights[k] > 0.0 { wants[k] } else { 0 });
                proptest::prop_assert_eq!(sum(&shares), sum(&heard).min(hours.into()));
            }
        }
    }

    #[test]
    fn what_has_no_weight_gets_nothing_when_hours_are_short() {
        let mut weights = [1.0; PURPOSES];
        weights[2] = 0.0;
        assert_eq!(ration(50, &of(&[40, 20, 40]), &weights)[2], 0);
    }
}
