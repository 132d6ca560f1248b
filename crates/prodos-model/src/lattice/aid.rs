//! Mutual aid: idle hours of neighbours go to repairs that were not served.

use super::blocks::Columns;
use super::machine::State;
use crate::ledger::Purpose;
use crate::maths;
use crate::modules::maintenance;
use crate::today::Today;
use prodos_quantity::params;

params! {
    /// Help between neighbouring teams.
    pub struct Aid / AidPatch in "aid" {
        /// Share of a team's idle hours that it offers to neighbours in need.
        share: Share = 0.2, range 0.0..=1.0, typical 0.0..=0.5, Lever, "assumption";
    }
}

/// Neighbours help: what they did not need today arrives at the team in need tomorrow.
///
/// Teams in need that have somebody present ask in fixed order, and their neighbours give in fixed order, each at most a share of
/// its idle hours. Every second that one gives, another receives.
pub fn lend(columns: &mut Columns, today: &Today) {
    for team in 0..columns.place.len() {
        let neighbours = today.neighbours.of(team);
        let nobody_there = columns.crew[team].present == 0;
        if neighbours.is_empty() || columns.upkeep[team].down == 0 || nobody_there {
            continue;
        }
        let mut need = unserved(columns, team, today);
        for &helper in neighbours {
            let helper = helper as usize;
            let rules = &today.sectors[usize::from(columns.place[helper].sector)].rules;
            let given = &mut columns.hours[helper].given;
            let [idle, aid] = [Purpose::Idle, Purpose::Aid].map(|purpose| purpose as usize);
            let offered = (rules.aid.share.0 * f64::from(given[idle] + given[aid])) as u32;
            let sent = offered.saturating_sub(given[aid]).min(need);
            given[idle] -= sent;
            given[aid] += sent;
            columns.hours[team].received += sent;
            need -= sent;
        }
    }
}

/// Repair seconds that were asked for and not given today, or that are too many for the own crews tomorrow.
fn unserved(columns: &Columns, team: usize, today: &Today) -> u32 {
    let place = &columns.place[team];
    let sector = &today.sectors[usize::from(place.sector)];
    let duty = sector.rates.duty;
    let crews = maintenance::crews(&sector.rules.maintenance, place.machines.1 as usize);
    let book = &columns.hours[team];
    let repair = Purpose::Repair as usize;
    let speed = columns.crew[team].speed.max(1e-9);
    let open: u64 = columns.machine[place.machines.0 as usize..][..place.machines.1 as usize]
        .iter()
        .filter(|machine| machine.state == State::Down)
        .map(|machine| u64::from(maths::up(f64::from(machine.work) / speed).min(duty)))
        .sum();
    let beyond_crews = open.saturating_sub(u64::from(crews) * u64::from(duty));
    let denied = u64::from(book.asked[repair].saturating_sub(book.given[repair]));
    (denied + beyond_crews).min(open).min(u32::MAX.into()) as u32
}
