//! Cash: revenue in, inputs, wages and taxes out, surplus paid out.

use crate::lattice::blocks::Team;
use crate::parameters::Parameters;
use crate::today::{SectorToday, Today};
use prodos_quantity::params;

params! {
    /// Cash.
    pub struct Finance / FinancePatch in "finance" {
        /// Cash a team keeps, in days of payroll.
        cash_target: Days = 30.0, range 0.0..=3650.0, typical 10.0..=90.0, Lever, "assumption";
        /// Days over which cash above the target is paid out.
        payout_time: Days = 10.0, range 1.0..=3650.0, typical 5.0..=90.0, Lever, "assumption";
        /// Price of a spare part, in days of one operator's wage.
        spare_price: Days = 0.5, range 0.0..=1000.0, typical 0.1..=5.0, Uncertain, "assumption";
        /// Price of a new machine, in days of one operator's wage.
        machine_price: Days = 40.0, range 0.0..=100000.0, typical 5.0..=1000.0, Uncertain, "assumption";
        /// Credit, in days of payroll: below minus this, no newcomers are hired and neither spares nor machines ordered.
        credit: Days = 30.0, range 0.0..=3650.0, typical 0.0..=180.0, Uncertain, "assumption";
    }
}

/// Revenue comes in; inputs, imports, taxes, wages, spares and new machines are paid; surplus is paid out.
///
/// Wages are paid by the hour, overtime and absence included. The price moves with trust:
///
/// p = (f + (1 - f) T) / (f + (1 - f) T at rest)     f share of the price that holds without trust · T trust of customers
pub fn settle(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules.finance;
    let place = team.place;
    let price = price(&sector.rules, team.standing.customers, sector.trust_at_rest);
    let delivered = team.trade.made - team.trade.scrapped;
    let imports = sector.arrivals.iter().sum::<f64>() * place.weight;
    let cash = &mut *team.cash;
    cash.revenue = delivered * price;
    cash.paid[1] = imports;
    cash.paid[2] = sector.tax_rate * team.trade.made;
    let paid_seconds = f64::from(team.crew.seconds) + f64::from(team.crew.seconds_absent);
    cash.paid[3] = paid_seconds / f64::from(sector.rates.duty.max(1)) * place.wage * today.dt;
    cash.paid[4] = f64::from(team.upkeep.breakdowns + team.upkeep.caught) * sector.spare_price
        + f64::from(team.upkeep.renewals) * sector.machine_price;
    cash.before = cash.balance;
    let left = cash.balance + cash.revenue - cash.paid[..5].iter().sum::<f64>();
    let target = rules.cash_target.0 * place.wage * f64::from(place.posts.1);
    cash.paid[5] = (left - target).max(0.0) * (today.dt / rules.payout_time.0).min(1.0);
    cash.balance = left - cash.paid[5];
}

/// Whether the team can still pay for newcomers, spares and machines.
pub fn solvent(team: &Team, sector: &SectorToday) -> bool {
    let place = team.place;
    let credit = sector.rules.finance.credit.0 * place.wage * f64::from(place.posts.1);
    team.cash.balance > -credit
}

/// Price over price at rest.
pub fn price(rules: &Parameters, trust: f64, at_rest: f64) -> f64 {
    let floor = rules.trust.price_floor.0;
    (floor + (1.0 - floor) * trust) / (floor + (1.0 - floor) * at_rest)
}
