//! The morning: connectors, shocks and policy changes arrive, and orders are added up.

use crate::cascade::{Blame, Entity, Events, Kind};
use crate::connectors::Levels;
use crate::keyed::{self, Keys, Stream};
use crate::lattice::sector::Sector;
use crate::market::Market;
use crate::maths;
use crate::modules::supply::{OrderStream, Ordering, Supply};
use crate::parameters::Parameters;
use crate::shock;
use crate::spec::{Change, Comes, DemandPart, Run, Scenario, Shock, ShockKind};
use crate::today::{Hit, Rates, Today};
use bevy_ecs::prelude::*;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// What the world and the policy have in store.
#[derive(Resource, Clone, Serialize, Deserialize)]
pub struct Agenda {
    /// What the world does.
    pub scenario: Scenario,
    /// Name of the policy.
    pub policy: String,
    /// Dated policy changes, by day.
    pub changes: Vec<Change>,
    /// How many of them are in force.
    pub in_force: usize,
    /// Occurrences of shocks: shock, first day, event.
    pub occurrences: Vec<Occurrence>,
    /// Sector codes in order.
    pub codes: Vec<String>,
    /// Parameters of each sector before any policy.
    pub at_rest: Vec<Parameters>,
    /// The same as the policy leaves them, before connectors.
    pub rules: Vec<Parameters>,
    /// Sectors whose parameters another policy has changed since yesterday.
    pub turned: Vec<usize>,
    /// Levels of the connectors yesterday.
    pub levels: Levels,
    /// Event since which imports are short, 0 while they are not.
    pub imports_event: u32,
}

impl Agenda {
    /// What a run has in store, before its first tick; parameters are those of its sectors before any policy.
    pub fn of(run: &Run, at_rest: Vec<Parameters>, keys: Keys) -> Agenda {
        let mut changes = run.policy.changes.clone();
        changes.sort_by(|a, b| a.day.total_cmp(&b.day));
        Agenda {
            scenario: run.scenario.clone(),
            policy: run.policy.name.clone(),
            changes,
            in_force: 0,
            occurrences: occurrences(&run.scenario.shocks, keys),
            codes: run.city.sectors.keys().cloned().collect(),
            rules: at_rest.clone(),
            at_rest,
            turned: Vec::new(),
            levels: Levels::default(),
            imports_event: 0,
        }
    }

    /// From a day on what another run of the same city has in store: its levers as if they had been there all along,
    /// and what comes later. Gives the shock that should have come before and has not, or has and should not.
    pub fn turn(&mut self, run: &Run, keys: Keys, day: f64) -> Result<(), String> {
        let mut other = Agenda::of(run, self.at_rest.clone(), keys);
        let before = |own: &Occurrence| own.day < day - 1e-9;
        let come = |agenda: &Agenda| agenda.occurrences.iter().filter(|own| before(own)).count();
        for nth in 0..come(self).max(come(&other)) {
            let named = |agenda: &Agenda| {
                let own = agenda.occurrences.get(nth).filter(|own| before(own))?;
                Some((agenda.scenario.shocks[own.shock].clone(), own.day))
            };
            let (own, others) = (named(self), named(&other));
            if own != others {
                let name = own.or(others).map(|(shock, _)| shock.name);
                return Err(name.unwrap_or_default());
            }
            let own = self.occurrences[nth];
            (other.occurrences[nth].event, other.occurrences[nth].over) = (own.event, own.over);
        }
        while other
            .changes
            .get(other.in_force)
            .is_some_and(|change| change.day < day - 1e-9)
        {
            let change = &other.changes[other.in_force];
            for (code, rules) in other.codes.iter().zip(&mut other.rules) {
                if change.sectors.is_empty() || change.sectors.contains(code) {
                    rules.apply(&change.parameters);
                }
            }
            other.in_force += 1;
        }
        let sectors = 0..self.rules.len();
        other.turned = sectors
            .filter(|&k| self.rules[k] != other.rules[k])
            .collect();
        (other.levels, other.imports_event) = (self.levels, self.imports_event);
        *self = other;
        Ok(())
    }
}

/// One occurrence of a shock.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Occurrence {
    /// Index of the shock in the scenario.
    pub shock: usize,
    /// Keys who is hit: name of the shock, which repetition.
    pub key: u64,
    /// First day.
    pub day: f64,
    /// Its event once it has come, else 0.
    pub event: u32,
    /// Whether it is over.
    pub over: bool,
}

/// Every occurrence of every shock, in order of day.
pub fn occurrences(shocks: &[Shock], keys: Keys) -> Vec<Occurrence> {
    let mut all: Vec<Occurrence> = shocks
        .iter()
        .enumerate()
        .flat_map(|(k, shock)| {
            let own = key(shock);
            let days = days(shock, own, keys);
            let nth = days.into_iter().enumerate();
            nth.map(move |(nth, day)| Occurrence {
                shock: k,
                key: maths::mix(own ^ nth as u64),
                day,
                event: 0,
                over: false,
            })
        })
        .collect();
    all.sort_by(|a, b| a.day.total_cmp(&b.day).then(a.shock.cmp(&b.shock)));
    all
}

/// First days of a shock's occurrences: at equal spans, or by chance with exponential ones.
///
/// Source: Poisson stream; shot noise.
fn days(shock: &Shock, own: u64, keys: Keys) -> Vec<f64> {
    let draw = keys.at(Stream::Arrival, own);
    let times = 0..shock.times.max(1);
    match shock.comes {
        Comes::Regularly => times
            .map(|nth| shock.day + shock.every * f64::from(nth))
            .collect(),
        Comes::ByChance => times
            .scan(shock.day, |day, nth| {
                *day += shock.every * maths::exponential(draw.word(nth.into()));
                Some(*day)
            })
            .collect(),
    }
}

/// A key that no other shock of the scenario moves: its name, which no other has.
fn key(shock: &Shock) -> u64 {
    let hash = blake3::hash(shock.name.as_bytes());
    let word = hash.as_bytes()[..8].iter();
    let word = word.fold(0, |word, &byte| word << 8 | u64::from(byte));
    maths::mix(word)
}

/// Step 1: what arrives from outside today, and today's orders.
pub fn arrive(
    mut agenda: ResMut<Agenda>,
    mut today: ResMut<Today>,
    mut market: ResMut<Market>,
    mut sectors: Query<&mut Sector>,
    mut events: ResMut<Events>,
) {
    let agenda = &mut *agenda;
    let today = &mut *today;
    let changed = take_policy(agenda, today, &mut events);
    let levels = Levels::on(&agenda.scenario.connectors, today.day);
    if changed || levels != agenda.levels {
        note_levels(agenda, levels, today.day, &mut events);
        for (k, mut sector) in sectors.iter_mut().enumerate() {
            sector.rules = agenda.rules[k];
            let rules = levels.act_on(agenda.rules[k]);
            let news = &mut today.sectors[k];
            if news.rules.wear != rules.wear {
                news.hazard = crate::drift::wear::HazardTable::new(&rules.wear);
            }
            news.rates = Rates::new(&rules, today.dt);
            news.rules = rules;
            news.imports = levels.imports();
        }
    }
    let demand = take_shocks(agenda, today, &mut market, &mut sectors, &mut events);
    add_up_orders(today, &market, &mut sectors, &demand);
}

/// Each connector that changes its level is an event; imports are to blame as long as they are short.
fn note_levels(agenda: &mut Agenda, levels: Levels, day: f64, events: &mut Events) {
    for (name, level) in levels.changed_since(&agenda.levels) {
        let (kind, detail) = (Kind::Connector, name.to_owned());
        let id = events.note(day, kind, Entity::City, 0, level, detail);
        if name == "international" {
            agenda.imports_event = if level < 1.0 { id } else { 0 };
        }
    }
    agenda.levels = levels;
}

fn take_policy(agenda: &mut Agenda, today: &mut Today, events: &mut Events) -> bool {
    let turned = std::mem::take(&mut agenda.turned);
    let mut changed = !turned.is_empty();
    if changed {
        let (size, policy) = (turned.len() as f64, agenda.policy.clone());
        let id = events.note(today.day, Kind::Policy, Entity::City, 0, size, policy);
        for k in turned {
            today.sectors[k].policy_event = id;
        }
    }
    while let Some(change) = agenda
        .changes
        .get(agenda.in_force)
        .filter(|change| change.day <= today.day + 1e-9)
    {
        agenda.in_force += 1;
        let concerned = |code: &String| change.sectors.is_empty() || change.sectors.contains(code);
        let mut touched: SmallVec<[usize; 24]> = SmallVec::new();
        for (k, code) in agenda.codes.iter().enumerate() {
            let before = agenda.rules[k];
            if concerned(code) {
                agenda.rules[k].apply(&change.parameters);
            }
            if agenda.rules[k] != before {
                touched.push(k);
            }
        }
        // What leaves everything as it is is no event: nothing is to blame on it.
        if touched.is_empty() {
            continue;
        }
        let id = events.note(
            today.day,
            Kind::Policy,
            Entity::City,
            0,
            touched.len() as f64,
            agenda.policy.clone(),
        );
        for k in touched {
            today.sectors[k].policy_event = id;
        }
        changed = true;
    }
    changed
}

/// Today's shocks by sector and link; gives the change of each part of final demand by sector.
fn take_shocks(
    agenda: &mut Agenda,
    today: &mut Today,
    market: &mut Market,
    sectors: &mut Query<&mut Sector>,
    events: &mut Events,
) -> SmallVec<[[f64; 4]; 24]> {
    let n = market.n;
    let mut demand: SmallVec<[[f64; 4]; 24]> = SmallVec::from_elem([1.0; 4], n);
    market.cut.fill(0.0);
    for news in &mut today.sectors {
        news.hits.clear();
        news.demand = Blame::default();
    }
    let come = agenda
        .occurrences
        .partition_point(|own| own.day <= today.day + 1e-9);
    let come = agenda.occurrences[..come].iter_mut();
    for occurrence in come.filter(|own| !own.over) {
        let shock = &agenda.scenario.shocks[occurrence.shock];
        let since = today.day - occurrence.day;
        let first = occurrence.event == 0;
        if first {
            occurrence.event = events.note(
                today.day,
                Kind::Shock,
                footprint(shock, &agenda.codes),
                0,
                shock.size,
                shock.name.clone(),
            );
        }
        let size = shock::size(shock, since);
        let over = since >= shock.days + shock.recovery_days
            && !(first && shock.kind == ShockKind::Damage);
        if over {
            occurrence.over = true;
            let entity = footprint(shock, &agenda.codes);
            events.note(
                today.day,
                Kind::ShockEnd,
                entity,
                occurrence.event,
                shock.size,
                shock.name.clone(),
            );
            continue;
        }
        for (k, mut sector) in sectors.iter_mut().enumerate() {
            let named = shock
                .operator
                .as_deref()
                .and_then(|name| name.split('/').next());
            let hit = named.map_or_else(
                || hits(&shock.sectors, &agenda.codes[k]),
                |code| code == agenda.codes[k],
            );
            if !hit {
                continue;
            }
            match shock.kind {
                ShockKind::Demand => {
                    for (part, factor) in PARTS.iter().zip(demand[k].iter_mut()) {
                        if shock.demand.is_empty() || shock.demand.contains(part) {
                            *factor *= 1.0 + size;
                        }
                    }
                    today.sectors[k].demand.take(occurrence.event, size as f32);
                }
                ShockKind::Link => {
                    for (user, code) in agenda.codes.iter().enumerate() {
                        if hits(&shock.users, code) {
                            let cut = &mut market.cut[k * n + user];
                            *cut = 1.0 - (1.0 - *cut) * (1.0 - size);
                        }
                    }
                }
                ShockKind::Supply | ShockKind::Staff | ShockKind::Damage => {
                    let operator = named_operator(shock);
                    today.sectors[k].hits.push(Hit {
                        kind: shock.kind,
                        size: if shock.kind == ShockKind::Damage {
                            shock.size
                        } else {
                            size
                        },
                        footprint: shock.footprint as f32,
                        shock: occurrence.key,
                        first,
                        seconds: (shock.hours * 3600.0) as u32,
                        operator,
                        event: occurrence.event,
                    });
                }
            }
            if shock.operator.is_none() {
                let share = size.abs() * shock.footprint;
                sector.hurt.take(occurrence.event, share as f32);
            }
        }
    }
    blame_suppliers(agenda, today, sectors);
    demand
}

/// What is to blame for what each supplier may not deliver today, imports last.
fn blame_suppliers(agenda: &Agenda, today: &mut Today, sectors: &Query<&mut Sector>) {
    let blamed = sectors.iter().map(|sector| sector.hurt.event);
    for (supplier, event) in blamed.chain([agenda.imports_event]).enumerate() {
        for news in &mut today.sectors {
            news.supplier_event[supplier] = event;
        }
    }
}

const PARTS: [DemandPart; 4] = [
    DemandPart::Households,
    DemandPart::Government,
    DemandPart::Investment,
    DemandPart::Exports,
];

fn hits(list: &[String], code: &str) -> bool {
    list.is_empty() || list.iter().any(|other| other == code)
}

fn footprint(shock: &Shock, codes: &[String]) -> Entity {
    match shock.sectors.as_slice() {
        [only] => Entity::Sector(codes.iter().position(|code| code == only).unwrap_or(0) as u16),
        _ => Entity::City,
    }
}

/// Team and post of `sector/team/post`.
fn named_operator(shock: &Shock) -> Option<(u32, u32)> {
    let mut parts = shock.operator.as_deref()?.split('/').skip(1);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn add_up_orders(
    today: &mut Today,
    market: &Market,
    sectors: &mut Query<&mut Sector>,
    demand: &[[f64; 4]],
) {
    let n = market.n;
    for (k, mut sector) in sectors.iter_mut().enumerate() {
        let finals: f64 = sector
            .final_at_rest
            .iter()
            .zip(demand[k])
            .map(|(rest, factor)| rest * factor)
            .sum();
        sector.final_orders = final_orders(&mut sector, k, finals, today);
        let firms: f64 = (0..n)
            .map(|user| market.firm_orders[k * n + user] * (1.0 - market.cut[k * n + user]))
            .sum();
        let news = &mut today.sectors[k];
        news.orders = firms + sector.final_orders;
        news.forecast = forecast(&mut sector, news.orders, &news.rules.supply, today.dt);
        if sector.tally.output_at_rest > 0.0 {
            news.pull = sector.tally.customers / sector.tally.output_at_rest;
        }
        news.hiring = (sector.pool / sector.tally.vacant.max(1.0)).min(1.0);
    }
}

/// Final orders of a tick, as the stream of the sector has them, given their mean a day.
///
/// Poisson: s Poi(m dt / s)     m mean a day · s worth of an order
/// Autoregressive: m dt max(0, 1 + c x), x' = phi^dt x + sqrt(1 - phi^(2 dt)) e     c spread · phi memory a day · e normal
fn final_orders(sector: &mut Sector, k: usize, mean: f64, today: &Today) -> f64 {
    let rules = &today.sectors[k].rules.supply;
    let dt = today.dt;
    let id = keyed::id(k, 0, keyed::TEAM);
    let word = || today.draw(Stream::Orders).word(id);
    match rules.order_stream {
        OrderStream::Fixed => mean * dt,
        OrderStream::Poisson => {
            let worth = rules.order_size.0 * sector.final_at_rest.iter().sum::<f64>();
            if worth > 0.0 {
                maths::poisson(word(), mean * dt / worth) as f64 * worth
            } else {
                mean * dt
            }
        }
        OrderStream::Autoregressive => {
            let kept = maths::pow(rules.order_memory.0, dt);
            let word = word();
            let news = maths::normal(word, maths::mix(word));
            sector.wave = kept * sector.wave + libm::sqrt(1.0 - kept * kept) * news;
            mean * dt * (1.0 + rules.order_spread.0 * sector.wave).max(0.0)
        }
    }
}

/// Mean orders a day of the last days, as many as orders up to a level look back; those at rest before.
fn forecast(sector: &mut Sector, orders: f64, rules: &Supply, dt: f64) -> f64 {
    if rules.ordering != Ordering::OrderUpTo {
        return sector.output_at_rest;
    }
    let ticks = (rules.forecast_days.0 / dt).round().max(1.0) as usize;
    let recent = &mut sector.recent;
    recent.push_back(orders);
    while recent.len() < ticks {
        recent.push_front(sector.output_at_rest * dt);
    }
    while recent.len() > ticks {
        recent.pop_front();
    }
    recent.iter().sum::<f64>() / (ticks as f64 * dt)
}
