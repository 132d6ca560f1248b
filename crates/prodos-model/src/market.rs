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
use std::collections::VecDeque;

/// Firms' orders between sectors.
#[derive(Resource, Default)]
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

/// Step 12: deliver, ration, keep or lose orders.
pub fn trade(
    mut lattice: Lattice,
    mut sectors: Query<&mut Sector>,
    mut market: ResMut<Market>,
    mut today: ResMut<Today>,
) {
    let supplied = lattice.columns(|mut columns, blocks, _| {
        aid::lend(&mut columns, &today);
        supplies(&columns, blocks, &today)
    });
    let n = market.n;
    let market = &mut *market;
    for (i, (mut sector, supply)) in sectors.iter_mut().zip(supplied).enumerate() {
        let firm = &market.firm_orders[i * n..(i + 1) * n];
        let cut = &market.cut[i * n..(i + 1) * n];
        let served = deliver(&mut sector, &supply, firm, cut, today.dt);
        today.sectors[i].kept = served.kept;
        for (user, cut) in today.sectors.iter_mut().zip(cut) {
            user.fill[i] = served.firms * (1.0 - cut);
            user.price[i] = sector.price;
        }
    }
    for (user, mut sector) in sectors.iter_mut().enumerate() {
        ship(&mut sector, user, market, &mut today);
        staff_pool(&mut sector, today.dt);
    }
}

struct Supply {
    delivered: f64,
    unserved: f64,
    revenue: f64,
    quits: f64,
    hires: f64,
}

/// What the teams of each sector hand over, summed in block order.
fn supplies(columns: &Columns, blocks: &Blocks, today: &Today) -> Vec<Supply> {
    let empty = || Supply {
        delivered: 0.0,
        unserved: 0.0,
        revenue: 0.0,
        quits: 0.0,
        hires: 0.0,
    };
    let mut supplies: Vec<Supply> = today.sectors.iter().map(|_| empty()).collect();
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
    supplies
}

struct Served {
    firms: f64,
    kept: f64,
}

/// Shares out what a sector made between firms and final users, and ages the final orders left open.
fn deliver(sector: &mut Sector, supply: &Supply, firm: &[f64], cut: &[f64], dt: f64) -> Served {
    let firms: f64 = firm
        .iter()
        .zip(cut)
        .map(|(order, cut)| order * (1.0 - cut))
        .sum();
    let open: f64 = sector.open.iter().sum();
    let finals = open + sector.final_orders;
    let made = if sector.staffed {
        supply.delivered
    } else {
        firms + finals
    };
    let to_firms = match sector.rules.supply.rationing {
        Rationing::FirmsFirst => made.min(firms),
        Rationing::Proportional if firms + finals > 0.0 => {
            (made * firms / (firms + finals)).min(firms)
        }
        Rationing::Proportional => 0.0,
    };
    let to_finals = (made - to_firms).min(finals);
    sector.left_over = made - to_firms - to_finals;
    sector.firms = [firms, to_firms];
    sector.final_served = to_finals;
    sector.price = if supply.delivered > 0.0 {
        supply.revenue / supply.delivered
    } else {
        1.0
    };
    sector.open.push_back(sector.final_orders);
    serve_oldest_first(sector, to_finals, dt);
    sector.pool += sector.rules.staff.stay_in_trade.0 * supply.quits - supply.hires;
    let kept: f64 = sector.open.iter().sum();
    Served {
        firms: if firms > 0.0 { to_firms / firms } else { 1.0 },
        kept: if supply.unserved > 0.0 {
            (kept / supply.unserved).min(1.0)
        } else {
            0.0
        },
    }
}

/// Oldest orders are served first; those past their life are given up.
fn serve_oldest_first(sector: &mut Sector, mut goods: f64, dt: f64) {
    let promise = (sector.rules.supply.promise.0 / dt) as usize;
    let newest = sector.open.len() - 1;
    let mut in_time = 0.0;
    for (k, open) in sector.open.iter_mut().enumerate() {
        let served = goods.min(*open);
        *open -= served;
        goods -= served;
        if newest - k <= promise {
            in_time += served;
        }
    }
    sector.due = [sector.final_orders, in_time.min(sector.final_orders)];
    let life = (sector.rules.supply.order_life.0 / dt) as usize;
    sector.lost = 0.0;
    while sector.open.len() > life {
        sector.lost += sector.open.pop_front().unwrap_or(0.0);
    }
}

/// Goods leave abroad and arrive: imports as ordered, and replacements for what is short at home.
fn ship(sector: &mut Sector, user: usize, market: &mut Market, today: &mut Today) {
    let n = market.n;
    let share = sector.rules.supply.import_replacement.0;
    sector.replaced = 0.0;
    for k in 0..=n {
        let sent = if k == n {
            market.import_orders[user] * today.sectors[user].imports
        } else {
            let short = market.firm_orders[k * n + user] * (1.0 - today.sectors[user].fill[k]);
            let replaced = short.max(0.0) * share * today.sectors[user].imports;
            sector.replaced += replaced;
            replaced
        };
        let transit: &mut VecDeque<f64> = &mut sector.transit[k];
        transit.push_back(sent);
        today.sectors[user].arrivals[k] = transit.pop_front().unwrap_or(0.0);
        today.sectors[user].on_way[k] = transit.iter().sum::<f64>() - sector.transit_at_rest[k];
    }
}

/// People out of work: leavers join, newcomers come out, and the trade is taught to those it lacks.
fn staff_pool(sector: &mut Sector, dt: f64) {
    sector.pool += (sector.pool_at_rest - sector.pool) * dt / 365.0;
    sector.pool = sector.pool.max(0.0);
}
