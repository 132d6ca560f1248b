//! The reading: readings are made, events get their numbers, ledgers are checked. Nothing is changed
//! that the other parts of the day look at.

use crate::audit::Audit;
use crate::cascade::{Entity, Events, Keep, Kind, LABOUR};
use crate::gauge;
use crate::lattice::blocks::{Blocks, Columns, Lattice};
use crate::lattice::sector::{City, Sector};
use crate::phase::PhaseState;
use crate::tally::Tally;
use crate::today::Today;
use crate::warning::INDICATORS;
use bevy_ecs::prelude::*;
use smallvec::SmallVec;

/// Step 14 above the teams: readings, phases, events, alarms, ledgers.
pub fn look(
    mut lattice: Lattice,
    mut sectors: Query<&mut Sector>,
    mut city: ResMut<City>,
    today: Res<Today>,
    mut events: ResMut<Events>,
    mut audit: ResMut<Audit>,
) {
    let mut all: SmallVec<[Mut<Sector>; 24]> = sectors.iter_mut().collect();
    let noted = lattice.blocks.sums.iter().any(|sum| !sum.events.is_empty());
    let teams = if noted || audit.looks_at_teams() {
        lattice.columns(|mut columns, blocks, _| {
            number_events(&mut columns, blocks, &mut all, &mut events, &today);
            audit.teams(&columns, &today)
        })
    } else {
        Ok(())
    };
    city.breach = teams.and_then(|()| audit.sectors(&all, &today)).err();
    for sector in all.iter_mut().map(|sector| &mut **sector) {
        sector.stock_before.clone_from(&sector.goods.stock);
        sector.cash_before = sector.tally.cash;
    }
    read_sectors(&mut all, &today, &mut events);
    read_city(&mut city, &all, &today, &mut events);
}

/// Events noted in blocks get their numbers in team order, and teams keep those that matter to them.
fn number_events(
    columns: &mut Columns,
    blocks: &Blocks,
    sectors: &mut [Mut<Sector>],
    events: &mut Events,
    today: &Today,
) {
    for draft in blocks.sums.iter().flat_map(|sum| &sum.events) {
        let place = &columns.place[draft.team as usize];
        let entity = match draft.kind {
            Kind::Absence | Kind::Incident => {
                Entity::Operator(place.sector, place.team, draft.detail)
            }
            _ => Entity::Team(place.sector, place.team),
        };
        let detail = match draft.kind {
            Kind::Shortage => sectors
                .get(draft.detail as usize)
                .map_or("imports".into(), |other| other.code.clone()),
            _ => String::new(),
        };
        let id = events.note(
            today.day,
            draft.kind,
            entity,
            draft.cause,
            draft.size,
            detail,
        );
        let causes = &mut columns.causes[draft.team as usize];
        match draft.keep {
            Keep::Nowhere => {}
            Keep::Absence => {
                causes.absence = id;
                causes.hurt[LABOUR].take(id, 1.0 / place.posts.1 as f32);
            }
            Keep::Hurt { way, size } => causes.hurt[way].take(id, size),
            Keep::Episode { episode, way, size } => {
                causes.episode[episode] = id;
                if let Some(way) = way {
                    causes.hurt[way].pass_on(draft.cause, id, size);
                }
            }
        }
        if draft.kind == Kind::Phase && draft.size < f64::from(draft.detail) {
            let sector = &mut sectors[usize::from(place.sector)];
            sector.hurt.take(id, place.weight as f32);
        }
    }
}

fn read_sectors(sectors: &mut [Mut<Sector>], today: &Today, events: &mut Events) {
    for (k, sector) in sectors
        .iter_mut()
        .enumerate()
        .filter(|(_, sector)| sector.staffed)
    {
        let rates = &today.sectors[k].rates;
        let (short, long) = (rates.window, rates.long_window);
        let sector = &mut **sector;
        sector.rolling.roll(&sector.tally, today.dt, short, long);
        let finals = (sector.final_orders, sector.final_served, sector.due);
        sector
            .rolling
            .roll_final(finals.0, finals.1, finals.2[0], finals.2[1], short);
        if !today.readings_off {
            sector.gauge = gauge::read(
                &sector.tally,
                &sector.rolling,
                today.sectors[k].rules.phases.window,
            );
            sector.gauge.symptoms = sector.gauge.symptoms(&sector.tally, &sector.rolling);
        }
        let before = sector.phase;
        sector
            .phase
            .take(&sector.gauge, &sector.rules.phases, today.dt);
        let cause = sector.hurt.event;
        let entity = Entity::Sector(k as u16);
        if let Some(id) = note_phase(events, today.day, entity, before, sector.phase, cause) {
            let lost = (1.0 - sector.gauge.fill) as f32;
            sector.hurt.pass_on(cause, id, lost);
        }
        // What still lasts is not forgotten.
        if sector.phase.phase == 3 {
            sector.hurt.fade(short as f32);
        }
    }
}

/// Churn is watched as a share of people in four weeks, so that its line is on the scale of the others.
pub const CHURN_DAYS: f64 = 28.0;

fn read_city(city: &mut City, sectors: &[Mut<Sector>], today: &Today, events: &mut Events) {
    let mut tally = Tally::default();
    let mut finals = [0.0; 4];
    for sector in sectors.iter().filter(|sector| sector.staffed) {
        tally.add(&sector.tally);
        let parts = [
            sector.final_orders,
            sector.final_served,
            sector.due[0],
            sector.due[1],
        ];
        for (sum, part) in finals.iter_mut().zip(parts) {
            *sum += part;
        }
    }
    city.tally = tally;
    let window = (today.dt / city.phases.window.0).min(1.0);
    let long = (today.dt / (city.phases.window.0 * 90.0 / 14.0)).min(1.0);
    city.rolling.roll(&tally, today.dt, window, long);
    city.rolling
        .roll_final(finals[0], finals[1], finals[2], finals[3], window);
    if !today.readings_off {
        city.gauge = gauge::read(&city.tally, &city.rolling, city.phases.window);
        city.gauge.fill = city.rolling.final_fill();
        city.gauge.symptoms = city.gauge.symptoms(&city.tally, &city.rolling);
    }
    let before = city.phase;
    city.phase.take(&city.gauge, &city.phases, today.dt);
    let costs = |sector: &Sector| f64::from(sector.hurt.size) * sector.output_at_rest;
    let worst = sectors
        .iter()
        .filter(|sector| sector.staffed && sector.hurt.event > 0)
        .max_by(|a, b| costs(a).total_cmp(&costs(b)));
    note_phase(
        events,
        today.day,
        Entity::City,
        before,
        city.phase,
        worst.map_or(0, |sector| sector.hurt.event),
    );
    if today.day >= 0.0 && !today.readings_off {
        let gauge = &city.gauge;
        let share = |part: f64, of: f64| if of > 0.0 { part / of } else { 0.0 };
        let values = [
            share(tally.escapes, tally.left),
            share(tally.down, tally.machines),
            1.0 - gauge.protected,
            gauge.churn * CHURN_DAYS,
            1.0 - gauge.fill,
        ];
        for (k, value) in city.watch.look(values, &city.warnings, today.dt) {
            events.note(
                today.day,
                Kind::Warning,
                Entity::City,
                0,
                value,
                INDICATORS[k].into(),
            );
        }
    }
}

fn note_phase(
    events: &mut Events,
    day: f64,
    entity: Entity,
    before: PhaseState,
    now: PhaseState,
    cause: u32,
) -> Option<u32> {
    if before.phase == now.phase {
        return None;
    }
    let falls = now.phase < before.phase;
    let id = events.note(
        day,
        Kind::Phase,
        entity,
        if falls { cause } else { 0 },
        f64::from(now.phase),
        String::new(),
    );
    falls.then_some(id)
}
