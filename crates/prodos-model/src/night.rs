//! The night: sums go up from the teams to their sectors, and what teams decided goes out for tomorrow.

use crate::lattice::blocks::Blocks;
use crate::lattice::sector::Sector;
use crate::lattice::team::Crew;
use crate::market::Market;
use crate::tally::Tally;
use crate::today::Today;
use bevy_ecs::prelude::*;
use smallvec::SmallVec;

/// The end of step 13 above the teams: sums, the example set to neighbours, orders to suppliers.
pub fn hand_on(
    blocks: Res<Blocks>,
    crews: Query<&Crew>,
    mut sectors: Query<&mut Sector>,
    mut today: ResMut<Today>,
    mut market: ResMut<Market>,
) {
    let n = market.n;
    let mut all: SmallVec<[Mut<Sector>; 24]> = sectors.iter_mut().collect();
    add_up(&blocks, &mut all);
    for (norm, crew) in today.norms.iter_mut().zip(&crews) {
        *norm = crew.shortcuts as f32;
    }
    for (user, sector) in all.iter().enumerate().filter(|(_, sector)| sector.staffed) {
        for supplier in 0..n {
            market.firm_orders[supplier * n + user] = sector.goods.ordered[supplier];
        }
        market.import_orders[user] = sector.goods.ordered[n];
    }
}

fn add_up(blocks: &Blocks, sectors: &mut [Mut<Sector>]) {
    for sector in sectors.iter_mut() {
        let width = sector.goods.stock.len();
        sector.tally = Tally::default();
        sector.goods.clear(width);
        sector.teams_in_phase = [0; 4];
        sector.operators_in_phase = [0; 4];
    }
    for (start, sum) in blocks.starts.iter().zip(&blocks.sums) {
        let sector = &mut sectors[usize::from(start.sector)];
        sector.tally.add(&sum.tally);
        sector.goods.add(&sum.goods);
        for k in 0..4 {
            sector.teams_in_phase[k] += sum.teams_in_phase[k];
            sector.operators_in_phase[k] += sum.operators_in_phase[k];
        }
    }
}
