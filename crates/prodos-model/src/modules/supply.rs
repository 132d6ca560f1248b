//! Supply chain: inputs, stocks, orders, rationing.
//!
//! A team orders what its demand uses and a part of what its stocks lack; what arrives depends on
//! how the supplying sector shares out what it made. Which inputs stop work, slow it or do not
//! matter for two months is data of the city.

use super::tools;
use crate::lattice::blocks::Team;
use crate::ledger::Purpose;
use crate::today::{Input, SectorToday, Today};
use prodos_quantity::{choices, params};

choices! {
    /// What missing inputs do to output.
    pub enum InputRule {
        /// Critical inputs stop work, important ones halve what is lost.
        HalfCritical = "half_critical",
        /// Every input stops work.
        Leontief = "leontief",
        /// Only critical inputs stop work.
        WeaklyCritical = "weakly_critical",
    }
}

choices! {
    /// Who is served when there is not enough.
    pub enum Rationing {
        /// Firms first, then households, government, investment and exports alike.
        FirmsFirst = "firms_first",
        /// Everyone in proportion to orders.
        Proportional = "proportional",
        /// Everyone in proportion to orders times trust: of firms in their suppliers, of final users in the sector.
        ByTrust = "by_trust",
    }
}

choices! {
    /// How final orders come.
    pub enum OrderStream {
        /// The same every day.
        Fixed = "fixed",
        /// In orders of `order_size`, a Poisson number a day.
        Poisson = "poisson",
        /// By a wave with `order_spread` and `order_memory`: autoregressive of order one, and never below 0.
        Autoregressive = "autoregressive",
    }
}

choices! {
    /// How much is ordered of an input.
    pub enum Ordering {
        /// What was used, and a part of what the stock lacks against its target at rest.
        UseAndGap = "use_and_gap",
        /// Up to the target at rest and `order_lead` days of the mean demand of the last `forecast_days`.
        OrderUpTo = "order_up_to",
    }
}

params! {
    /// Inputs, stocks, orders, rationing.
    pub struct Supply / SupplyPatch in "supply" {
        /// Time in which an order closes the gap between stock and target.
        adjust_time: Days = 10.0, range 1.0..=3650.0, typical 5.0..=60.0, Lever, "Pichler et al. 2022: inventory adjustment about 10 days";
        /// Days from dispatch abroad to arrival.
        import_lead: Days = 14.0, range 1.0..=120.0, typical 5.0..=60.0, Uncertain, "assumption";
        /// Share of a domestic shortfall that firms order abroad instead.
        import_replacement: Share = 0.5, range 0.0..=1.0, typical 0.0..=1.0, Uncertain, "assumption: half, after the import lead time";
        /// Days for which final orders that were not served stay open; 0 loses them at once.
        order_life: Days = 7.0, range 0.0..=3650.0, typical 0.0..=30.0, Uncertain, "assumption: a week";
        /// Scale of stock targets over the city file's days of use.
        stock_scale: Ratio = 1.0, range 0.0..=100.0, typical 0.5..=3.0, Lever, "convention: 1 keeps the city file's stocks";
        /// Over-ordering of teams that distrust their suppliers: extra orders per unit of trust below 0.5.
        overorder_gain: Ratio = 0.5, range 0.0..=10.0, typical 0.0..=2.0, Uncertain, "assumption";
        /// Days within which a final order is promised.
        promise: Days = 2.0, range 0.0..=60.0, typical 1.0..=14.0, Uncertain, "assumption";
        /// Worth of a final order, in days of final demand at rest (`order_stream` poisson).
        order_size: Days = 0.01, range 0.000001..=365.0, typical 0.001..=1.0, Uncertain, "assumption; no effect on a fixed stream";
        /// Standard deviation of final orders over their mean (`order_stream` autoregressive).
        order_spread: Share = 0.1, range 0.0..=1.0, typical 0.0..=0.3, Uncertain, "assumption; no effect on a fixed stream";
        /// Correlation of final orders with those of the day before (`order_stream` autoregressive).
        order_memory: Share = 0.7, range 0.0..=0.999, typical 0.0..=0.95, Uncertain, "assumption; no effect on a fixed stream";
        /// Days of demand over which orders up to a level forecast (`ordering`).
        forecast_days: Days = 28.0, range 1.0..=365.0, typical 4.0..=60.0, Lever, "assumption; no effect where orders are use and gap";
        /// Days of forecast demand that orders up to a level cover (`ordering`).
        order_lead: Days = 2.0, range 0.0..=365.0, typical 1.0..=30.0, Lever, "assumption; no effect where orders are use and gap";
        choices {
            /// How final orders come.
            order_stream: OrderStream = Fixed, Uncertain, "convention: as in the base year, every day";
            /// How much is ordered of an input.
            ordering: Ordering = UseAndGap, Lever, "Pichler et al. 2022; the other: Chen, Drezner, Ryan & Simchi-Levi 2000";
            /// What missing inputs do to output.
            inputs: InputRule = HalfCritical, Uncertain, "Pichler et al. 2022, half-critical rule";
            /// Who is served when there is not enough.
            rationing: Rationing = FirmsFirst, Uncertain, "assumption: firms serve firms first";
        }
    }
}

/// This morning's orders: the team's part of the sector's, by size and trust, and what stays open.
///
/// Also what its machines and its stocks allow.
pub fn receive_orders(team: &mut Team, sector: &SectorToday, today: &Today) {
    team.trade.orders = sector.orders * part_of_orders(team, sector);
    team.trade.waiting = team.trade.unserved * sector.kept;
    team.trade.able[1] = tools::machine_limit(team, &sector.rules, today.dt);
    let at_rest = team.place.output_at_rest * today.dt;
    let (limit, scarce) = input_limit(
        sector.rules.supply.inputs,
        &sector.inputs,
        team.stock,
        at_rest,
    );
    team.trade.able[2] = limit;
    team.trade.scarce = scarce;
}

/// Share of its sector's orders that a team gets, by size and trust.
fn part_of_orders(team: &Team, sector: &SectorToday) -> f64 {
    team.place.weight * team.standing.customers / sector.pull.max(1e-300)
}

/// Output that the stocks of inputs allow, and the input that limits it.
///
/// half-critical: min over critical inputs of S/a, and over important ones of (S/a + max(x0, S/a))/2;
/// Leontief: min over all of S/a; weakly critical: min over critical ones.
/// Source: Pichler et al. 2022, J. Econ. Dyn. Control 144, 104527.
pub fn input_limit(rule: InputRule, inputs: &[Input], stock: &[f64], at_rest: f64) -> (f64, u16) {
    let mut limit = (f64::INFINITY, u16::MAX);
    for (k, (input, stock)) in inputs.iter().zip(stock).enumerate() {
        if input.coefficient <= 0.0 {
            continue;
        }
        let lasts = stock / input.coefficient;
        let allowed = match rule {
            InputRule::Leontief => lasts,
            _ if input.criticality >= 1.0 => lasts,
            InputRule::HalfCritical if input.criticality > 0.0 => {
                f64::midpoint(lasts, at_rest.max(lasts))
            }
            _ => continue,
        };
        if allowed < limit.0 {
            limit = (allowed, k as u16);
        }
    }
    limit
}

/// Output of the day: the least of what hours, machines and inputs allow and of what is wanted.
pub fn produce(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules;
    let hours = f64::from(team.hours.given[Purpose::Output as usize]) / 3600.0;
    let labour = tools::labour(team, rules);
    let trade = &mut *team.trade;
    trade.able[0] = if labour > 0.0 {
        hours * team.crew.speed / labour
    } else {
        f64::INFINITY
    };
    let want = trade.orders + trade.waiting * (today.dt / rules.hours.order_horizon.0).min(1.0);
    let made = want
        .min(trade.able[0])
        .min(trade.able[1])
        .min(trade.able[2]);
    trade.made = made;
    let lost = want - made;
    let cause = (0..3)
        .min_by(|&a, &b| trade.able[a].total_cmp(&trade.able[b]))
        .unwrap_or(0);
    for k in 0..3 {
        let today_lost = if k == cause { lost } else { 0.0 };
        trade.losses[k] += (today_lost - trade.losses[k]) * sector.rates.window;
    }
    for (k, input) in sector.inputs.iter().enumerate() {
        let used = (input.coefficient * made).min(team.stock[k]);
        team.stock[k] -= used;
        team.block.goods.used[k] += used;
    }
}

/// Hands good output over: what was thrown away is not delivered.
pub fn hand_over(team: &mut Team, _sector: &SectorToday, _today: &Today) {
    let delivered = team.trade.made - team.trade.scrapped;
    team.trade.unserved = (team.trade.orders + team.trade.waiting - delivered).max(0.0);
}

/// Most that a team orders of an input at once, in days of use at rest: ten years. Sectors that answer
/// each other's orders with larger ones would else order without an end (decision 0025).
const MOST_ORDERED: f64 = 3650.0;

/// Inputs arrive, and tonight's orders go out.
///
/// order = max(0, a d + (target - S - on the way) dt / tau) (1 + g max(0, 0.5 - T))     d orders received today ·
/// g over-ordering · T trust in suppliers
/// Source: Pichler et al. 2022; Hallegatte 2014 (inventories as orders).
///
/// Up to a level: order = max(0, target + L a m - S - on the way)     L lead · m mean demand a day of the last p days
/// Source: Chen, Drezner, Ryan & Simchi-Levi 2000.
///
/// Either way at most ten years' use at rest at once.
pub fn restock(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules.supply;
    let last = sector.inputs.len() - 1;
    team.cash.paid[0] = 0.0;
    let (mut asked, mut came) = (0.0, 0.0);
    let mut cover = f64::INFINITY;
    let distrust = 1.0 + rules.overorder_gain.0 * (0.5 - team.standing.suppliers).max(0.0);
    let adjust = (today.dt / rules.adjust_time.0).min(1.0);
    for (k, input) in sector.inputs.iter().enumerate() {
        if input.coefficient <= 0.0 {
            continue;
        }
        let domestic = team.ordered[k] * sector.fill[k];
        let received = domestic + sector.arrivals[k] * team.place.weight;
        if k != last {
            asked += team.ordered[k];
            came += domestic;
        }
        team.stock[k] += received;
        team.cash.paid[0] += domestic * sector.price[k];
        team.block.goods.received[k] += received;
        team.block.goods.stock[k] += team.stock[k];
        let use_at_rest = input.coefficient * team.place.output_at_rest;
        if input.criticality >= 1.0 {
            cover = cover.min(team.stock[k] / use_at_rest.max(1e-300));
        }
        let covered = input.stock_days * rules.stock_scale.0;
        let lacks = |target: f64| target - team.stock[k] - sector.on_way[k] * team.place.weight;
        let wanted = match rules.ordering {
            Ordering::UseAndGap => {
                input.coefficient * team.trade.orders + lacks(covered * use_at_rest) * adjust
            }
            Ordering::OrderUpTo => {
                let demand = sector.forecast * part_of_orders(team, sector);
                let lead = rules.order_lead.0 * input.coefficient * demand;
                lacks(covered * use_at_rest + lead)
            }
        };
        let order = (wanted.max(0.0) * distrust).min(MOST_ORDERED * use_at_rest);
        team.ordered[k] = order;
        team.block.goods.ordered[k] += order;
    }
    team.trade.cover = cover;
    team.trade.received_share = if asked > 0.0 {
        (came / asked).min(1.0)
    } else {
        1.0
    };
}

#[cfg(test)]
mod tests {
    use super::{InputRule, input_limit};
    use crate::today::Input;

    fn inputs() -> [Input; 4] {
        [(0.2, 1.0), (0.5, 0.5), (0.0, 1.0), (0.1, 0.0)].map(|(coefficient, criticality)| Input {
            coefficient,
            criticality,
            stock_days: 10.0,
        })
    }

    #[test]
    fn the_three_rules_give_what_the_hand_gives() {
        use InputRule::{HalfCritical, Leontief, WeaklyCritical};
        // Stocks last for 50, 40 and 10 units of output; 100 is made at rest.
        let short = [10.0, 20.0, 0.0, 1.0];
        let limit = |rule, stock: &[f64]| input_limit(rule, &inputs(), stock, 100.0);
        assert_eq!(limit(Leontief, &short), (10.0, 3));
        assert_eq!(limit(HalfCritical, &short), (50.0, 0));
        assert_eq!(limit(WeaklyCritical, &short), (50.0, 0));
        // An important input halves what is lost: (40 + 100) / 2.
        let important = [30.0, 20.0, 0.0, 1.0];
        assert_eq!(limit(HalfCritical, &important), (70.0, 1));
        assert_eq!(limit(WeaklyCritical, &important), (150.0, 0));
        // With more than a day at rest in store it allows all that lies there.
        let plenty = [400.0, 80.0, 0.0, 1.0];
        assert_eq!(limit(HalfCritical, &plenty), (160.0, 1));
    }

    #[test]
    fn without_inputs_nothing_is_limited() {
        let none = input_limit(InputRule::Leontief, &[], &[], 100.0);
        assert_eq!(none, (f64::INFINITY, u16::MAX));
    }
}
