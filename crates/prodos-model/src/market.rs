//! The market: sectors meet, in fixed order. Goods are delivered and rationed, orders kept or lost.
//!
//! Between the workday and the evening; within it no team acts. What it decides reaches the teams as
//! the evening's news: how much of last night's orders each supplier serves, what arrives from
//! abroad, and which unserved orders stay.

use crate::finance;
use crate::lattice::aid;
use crate::lattice::blocks::{Blocks, Columns, Lattice};
use crate::lattice::sector::Sector;
use crate::modules::supply::Rationing;
use crate::today::Today;
use bevy_ecs::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Firms' orders between sectors.
#[derive(Resource, Clone, Default, Serialize, Deserialize)]
pub struct Market {
    /// Number of sectors.
    pub n: usize,
    /// Orders placed last night, `supplier * n + user`.
    pub firm_orders: Vec<f64>,
    /// Orders for imports placed last night, by user.
    pub import_orders: Vec<f64>,
    /// Share of each link that is cut today, `supplier * n + user`.
    pub cut: Vec<f64>,
}

impl Market {
    /// A market of so many sectors without an order.
    pub fn new(n: usize) -> Market {
        Market {
            n,
            firm_orders: vec![0.0; n * n],
            import_orders: vec![0.0; n],
            cut: vec![0.0; n * n],
        }
    }
}

/// Step 12: deliver, ration, keep or lose orders.
pub fn trade(
    mut lattice: Lattice,
    mut sectors: Query<&mut Sector>,
    mut market: ResMut<Market>,
    mut today: ResMut<Today>,
    mut counter: Local<Counter>,
) {
    let n = market.n;
    let (market, counter) = (&mut *market, &mut *counter);
    lattice.columns(|mut columns, blocks, _| {
        aid::lend(&mut columns, &today);
        supplies(&columns, blocks, &today, &mut counter.supplies);
    });
    counter.trust.clear();
    counter.trust.extend(sectors.iter().map(trust_in_suppliers));
    for (i, mut sector) in sectors.iter_mut().enumerate() {
        let cut = &market.cut[i * n..(i + 1) * n];
        let firm = market.firm_orders[i * n..(i + 1) * n].iter().zip(cut);
        counter.wants.clear();
        counter
            .wants
            .extend(firm.map(|(order, cut)| order * (1.0 - cut)));
        today.sectors[i].kept = deliver(&mut sector, i, counter, today.dt);
        for (k, user) in today.sectors.iter_mut().enumerate() {
            user.fill[i] = counter.met[k] * (1.0 - cut[k]);
            user.price[i] = sector.price;
        }
    }
    for (user, mut sector) in sectors.iter_mut().enumerate() {
        ship(&mut sector, user, market, &mut today);
        staff_pool(&mut sector, today.dt);
    }
}

/// What the teams of a sector hand over.
#[derive(Clone, Copy, Debug, Default)]
struct Supply {
    delivered: f64,
    unserved: f64,
    revenue: f64,
    quits: f64,
    hires: f64,
}

/// What the teams of each sector hand over, summed in block order.
fn supplies(columns: &Columns, blocks: &Blocks, today: &Today, supplies: &mut Vec<Supply>) {
    supplies.clear();
    supplies.resize(today.sectors.len(), Supply::default());
    for block in blocks.starts.windows(2) {
        let sector = &today.sectors[usize::from(block[0].sector)];
        let supply = &mut supplies[usize::from(block[0].sector)];
        for team in block[0].team as usize..block[1].team as usize {
            let delivered = columns.trade[team].made - columns.trade[team].scrapped;
            supply.delivered += delivered;
            supply.unserved += columns.trade[team].unserved;
            supply.revenue += delivered
                * finance::price(
                    &sector.rules,
                    columns.standing[team].customers,
                    sector.trust_at_rest,
                );
            supply.quits += f64::from(columns.crew[team].quits);
            supply.hires += f64::from(columns.crew[team].hires);
        }
    }
}

/// Trust of a sector's teams in their suppliers, by size; 1 before the first night.
fn trust_in_suppliers(sector: &Sector) -> f64 {
    if sector.tally.output_at_rest > 0.0 {
        sector.tally.suppliers / sector.tally.output_at_rest
    } else {
        1.0
    }
}

/// Where goods are shared out, sector by sector; nothing is kept there from tick to tick.
#[derive(Debug, Default)]
pub struct Counter {
    /// What the teams of each sector hand over.
    supplies: Vec<Supply>,
    /// Trust of each sector's teams in their suppliers.
    trust: Vec<f64>,
    /// What is wanted: by firms, and by final users where they are not left the rest.
    wants: Vec<f64>,
    /// The weight of each want.
    weights: Vec<f64>,
    /// The share of each want that is met.
    met: Vec<f64>,
}

/// Shares out what a sector made between firms and final users, and ages the final orders left open; gives the share
/// of what its teams did not serve that customers keep open.
fn deliver(sector: &mut Sector, number: usize, counter: &mut Counter, dt: f64) -> f64 {
    let supply = counter.supplies[number];
    let firms: f64 = counter.wants.iter().sum();
    let open: f64 = sector.open.iter().sum();
    let finals = open + sector.final_orders;
    let made = if sector.staffed {
        supply.delivered
    } else {
        firms + finals
    };
    ration(sector, made, finals, counter);
    let firm = counter.wants.iter().take(counter.trust.len());
    let to_firms: f64 = counter
        .met
        .iter()
        .zip(firm)
        .map(|(share, order)| share * order)
        .sum();
    let to_finals = (made - to_firms).min(finals).max(0.0);
    sector.firms = [firms, to_firms];
    sector.final_served = to_finals;
    sector.price = if supply.delivered > 0.0 {
        supply.revenue / supply.delivered
    } else {
        1.0
    };
    sector.open.push_back(sector.final_orders);
    sector.placed.push_back(sector.final_orders);
    serve_oldest_first(sector, to_finals, dt);
    sector.pool += sector.rules.staff.stay_in_trade.0 * supply.quits - supply.hires;
    let kept: f64 = sector.open.iter().sum();
    if supply.unserved > 0.0 {
        (kept / supply.unserved).min(1.0)
    } else {
        0.0
    }
}

/// Shares out what there is as the rule of the sector has it; where that says nothing of final users, they get the rest.
fn ration(sector: &Sector, made: f64, finals: f64, counter: &mut Counter) {
    let trust = &counter.trust;
    counter.weights.clear();
    match sector.rules.supply.rationing {
        Rationing::FirmsFirst => counter.weights.resize(trust.len(), 1.0),
        Rationing::Proportional => {
            counter.wants.push(finals);
            counter.weights.resize(trust.len() + 1, 1.0);
        }
        Rationing::ByTrust => {
            let customers = sector.tally.customers / sector.tally.output_at_rest.max(1e-300);
            counter.wants.push(finals);
            counter.weights.extend_from_slice(trust);
            counter.weights.push(customers);
        }
    }
    share_out(made, &counter.wants, &counter.weights, &mut counter.met);
}

/// Share of each want that is met: all while there is enough, else in proportion to want times
/// weight, nobody getting more than they want.
fn share_out(goods: f64, wants: &[f64], weights: &[f64], met: &mut Vec<f64>) {
    // Not a number while it is not known.
    met.clear();
    met.resize(wants.len(), f64::NAN);
    let mut left = goods;
    loop {
        let open = |k: &usize| met[*k].is_nan();
        let pull: f64 = (0..wants.len())
            .filter(open)
            .map(|k| wants[k] * weights[k])
            .sum();
        let level = if pull > 0.0 {
            left / pull
        } else {
            f64::INFINITY
        };
        let mut none_sated = true;
        for k in 0..wants.len() {
            if met[k].is_nan() && (wants[k] <= 0.0 || weights[k] * level >= 1.0) {
                met[k] = 1.0;
                left -= wants[k];
                none_sated = false;
            }
        }
        if none_sated {
            for (share, weight) in met.iter_mut().zip(weights) {
                if share.is_nan() {
                    *share = weight * level.min(1e300);
                }
            }
            return;
        }
    }
}

/// Oldest orders are served first; those past their life are given up. Orders fall due when their promise
/// runs out, or their life if that is shorter: what is served of them by then is in time.
fn serve_oldest_first(sector: &mut Sector, goods: f64, dt: f64) {
    let ticks = |days: prodos_quantity::Days| (days.0 / dt) as usize;
    let supply = &sector.rules.supply;
    let (promise, life) = (ticks(supply.promise), ticks(supply.order_life));
    let (open, placed) = (&mut sector.open, &mut sector.placed);
    let evening = serve(open, placed, goods, promise, life);
    (sector.due, sector.lost, sector.waited) = (evening.due, evening.lost, evening.waited);
}

/// What became of orders in an evening.
#[derive(Default)]
struct Evening {
    /// Those that fell due, and of those the ones in time.
    due: [f64; 2],
    /// Given up.
    lost: f64,
    /// Ticks waited by those served, and by those given up, times their amount.
    waited: [f64; 2],
}

/// Serves cohorts of orders, the newest last, and gives up those past their life.
fn serve(
    open: &mut VecDeque<f64>,
    placed: &mut VecDeque<f64>,
    mut goods: f64,
    promise: usize,
    life: usize,
) -> Evening {
    let mut evening = Evening::default();
    let newest = open.len().saturating_sub(1);
    for (k, cohort) in open.iter_mut().enumerate() {
        let served = goods.min(*cohort);
        *cohort -= served;
        goods -= served;
        evening.waited[0] += served * (newest - k) as f64;
    }
    if let Some(k) = open.len().checked_sub(1 + promise.min(life)) {
        evening.due = [placed[k], placed[k] - open[k]];
    }
    while open.len() > life {
        let age = open.len() - 1;
        let lost = open.pop_front().unwrap_or(0.0);
        evening.lost += lost;
        evening.waited[1] += lost * age as f64;
        placed.pop_front();
    }
    // Cohorts that are served and judged are of no more use.
    while open.len() > 1 + promise.min(life) && open.front() == Some(&0.0) {
        open.pop_front();
        placed.pop_front();
    }
    evening
}

/// Goods leave abroad and arrive: imports as ordered, and replacements for what is short at home.
fn ship(sector: &mut Sector, user: usize, market: &mut Market, today: &mut Today) {
    let n = market.n;
    let share = sector.rules.supply.import_replacement.0;
    let news = &mut today.sectors[user];
    for k in 0..=n {
        let ordered = if k == n {
            0.0
        } else {
            market.firm_orders[k * n + user]
        };
        let sent = if k == n {
            market.import_orders[user] * news.imports
        } else {
            (ordered * (1.0 - news.fill[k])).max(0.0) * share * news.imports
        };
        let transit: &mut VecDeque<f64> = &mut sector.transit[k];
        sector.transit_before[k] = transit.iter().sum();
        transit.push_back(sent);
        let arrived = transit.pop_front().unwrap_or(0.0);
        news.arrivals[k] = arrived;
        news.on_way[k] = transit.iter().sum::<f64>() - sector.transit_at_rest[k];
        sector.sent[k] = sent;
        sector.came[k] = ordered * news.fill[k] + arrived;
    }
}

/// People out of work return to their number at rest within a year or so: some find work elsewhere,
/// others learn the trade.
fn staff_pool(sector: &mut Sector, dt: f64) {
    sector.pool += (sector.pool_at_rest - sector.pool) * dt / 365.0;
    sector.pool = sector.pool.max(0.0);
}

#[cfg(test)]
mod tests {
    use super::{serve, share_out};
    use std::collections::VecDeque;

    /// Ten are ordered each day; nothing is made on days 3 and 4, and twice as much after that.
    fn kept(promise: usize, life: usize) -> ([f64; 2], f64, [f64; 2]) {
        let (mut open, mut placed) = (VecDeque::new(), VecDeque::new());
        let (mut due, mut lost, mut waited) = ([0.0; 2], 0.0, [0.0; 2]);
        for day in 0..20 {
            open.push_back(10.0);
            placed.push_back(10.0);
            let goods = match day {
                3 | 4 => 0.0,
                5.. => 20.0,
                _ => 10.0,
            };
            let evening = serve(&mut open, &mut placed, goods, promise, life);
            due = [due[0] + evening.due[0], due[1] + evening.due[1]];
            lost += evening.lost;
            waited = [waited[0] + evening.waited[0], waited[1] + evening.waited[1]];
        }
        (due, lost, waited)
    }

    #[test]
    fn an_order_is_kept_that_is_served_before_its_promise_runs_out() {
        // Orders of days 3 to 6 wait for 2, 1, 1 and no days, in order.
        assert_eq!(kept(2, 7), ([180.0, 180.0], 0.0, [40.0, 0.0]));
        assert_eq!(kept(1, 7), ([190.0, 180.0], 0.0, [40.0, 0.0]));
        assert_eq!(kept(0, 7), ([200.0, 170.0], 0.0, [40.0, 0.0]));
        // Orders that nobody keeps open fall due at once.
        assert_eq!(kept(2, 0), ([200.0, 180.0], 20.0, [0.0, 0.0]));
        // Those of day 3 wait for a day, and are given up.
        assert_eq!(kept(2, 1), ([190.0, 180.0], 10.0, [10.0, 10.0]));
    }

    #[test]
    fn everyone_is_served_while_there_is_enough_and_the_trusted_first_when_there_is_not() {
        let even = [1.0; 3];
        let share_out = |goods, wants: &[f64], weights: &[f64]| {
            let mut met = Vec::new();
            share_out(goods, wants, weights, &mut met);
            met
        };
        assert_eq!(share_out(7.0, &[4.0, 2.0, 0.0], &even), [1.0, 1.0, 1.0]);
        assert_eq!(share_out(3.0, &[4.0, 2.0, 0.0], &even), [0.5, 0.5, 1.0]);
        // 4 and 4 wanted, 5 there: weights 3 to 1 would give 3.75 and 1.25.
        assert_eq!(share_out(5.0, &[4.0, 4.0], &[0.75, 0.25]), [0.9375, 0.3125]);
        // 7 there: the first is sated, the second gets what is left.
        assert_eq!(share_out(7.0, &[4.0, 4.0], &[0.75, 0.25]), [1.0, 0.75]);
        assert_eq!(share_out(0.0, &[4.0], &[1.0]), [0.0]);
        assert_eq!(share_out(1.0, &[4.0], &[0.0]), [0.0]);
    }
}
