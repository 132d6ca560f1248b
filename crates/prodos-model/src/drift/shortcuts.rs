//! Shortcuts: norms slip under pressure and by example.

use crate::keyed::Stream;
use crate::lattice::blocks::Team;
use crate::maths;
use crate::today::{SectorToday, Today};
use prodos_quantity::params;

params! {
    /// How shortcuts spread.
    pub struct Shortcuts / ShortcutsPatch in "shortcuts" {
        /// Logit of taking shortcuts at pressure 1, without peers or enforcement.
        inclination: Ratio = -3.0, range -100000.0..=100000.0, typical -5.0..=-2.0, Uncertain, "assumption";
        /// Logit gain of pressure above 1.
        pressure_gain: Ratio = 4.0, range 0.0..=1000.0, typical 1.0..=8.0, Uncertain, "assumption";
        /// Logit gain of peers: above 4 the norm has two stable states.
        peer_gain: Ratio = 2.5, range 0.0..=100000.0, typical 0.0..=6.0, Uncertain, "assumption; Brock & Durlauf 2001";
        /// Logit loss by full enforcement.
        enforcement_gain: Ratio = 1.5, range 0.0..=1000.0, typical 0.0..=4.0, Uncertain, "assumption";
        /// Mean days between two times a person reconsiders.
        inertia: Days = 20.0, range 0.01..=3650.0, typical 5.0..=60.0, Uncertain, "assumption";
        /// Weight of the own team among peers; the rest are the neighbours on the lattice.
        own_team: Share = 0.5, range 0.0..=1.0, typical 0.2..=1.0, Uncertain, "assumption";
        /// Labour saved per unit of output when taking shortcuts.
        labour_saving: Share = 0.15, range 0.0..=0.9, typical 0.0..=0.3, Uncertain, "assumption";
        /// Share of people who take shortcuts from which the norm at rest is found; decides where two are stable.
        initial: Share = 0.01, range 0.0..=1.0, typical 0.0..=0.1, Uncertain, "near the stationary share at rest";
        /// Side of a square of cells in the middle of each patch whose people all start with shortcuts; 0 for none.
        seed_block: Count = 0.0, range 0.0..=1000.0, typical 0.0..=10.0, Uncertain, "convention: none";
    }
}

/// Probability of choosing the shortcut when reconsidering.
///
/// Pr = 1 / (1 + exp(-(b0 + b1 (P - 1) + b2 x - b3 E)))     x share of peers · E enforcement
/// Source: logit choice with social interaction, Brock & Durlauf 2001.
pub fn inclination(
    b0: f64,
    b1: f64,
    b2: f64,
    b3: f64,
    pressure: f64,
    peers: f64,
    enforcement: f64,
) -> f64 {
    maths::logistic(b0 + b1 * (pressure - 1.0) + b2 * peers - b3 * enforcement)
}

/// People reconsider shortcuts, under today's pressure and yesterday's example.
pub fn follow_norms(team: &mut Team, sector: &SectorToday, today: &Today) {
    let neighbours = today.neighbours.of(team.index);
    let rules = &sector.rules.shortcuts;
    let own = f64::from(today.norms[team.index]);
    let peers = if neighbours.is_empty() {
        own
    } else {
        let sum: f64 = neighbours
            .iter()
            .map(|&other| f64::from(today.norms[other as usize]))
            .sum();
        rules.own_team.0 * own + (1.0 - rules.own_team.0) * sum / neighbours.len() as f64
    };
    let target = inclination(
        rules.inclination.0,
        rules.pressure_gain.0,
        rules.peer_gain.0,
        rules.enforcement_gain.0,
        team.crew.pressure,
        peers,
        sector.rules.safety.enforcement.0,
    );
    let draw = today.draw(Stream::Habit);
    let reconsider = f64::from(sector.rates.reconsider);
    let mut habit = 0.0f32;
    let people = team.post.iter().zip(&mut *team.habit);
    for ((post, own), id) in people.zip(team.place.ids()) {
        if !post.present() {
            continue;
        }
        let u = maths::unit(draw.word(id));
        if u < reconsider {
            own.0 = if u < reconsider * target { 1.0 } else { 0.0 };
        }
        habit += own.0;
    }
    team.crew.shortcuts = f64::from(habit) / f64::from(team.crew.present.max(1));
    team.crew.shortcut_growth = (1.0 - team.crew.shortcuts) * target * reconsider / today.dt;
}
