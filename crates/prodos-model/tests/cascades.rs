//! Events have causes, and conditions that last are noted once.
//!
//! An overload, a shortage or an old backlog is one event when it begins, however long it lasts, and
//! may begin again only after two weeks of rest, or be noted again when it has grown by half. Every cause is an earlier event, and the chain from a
//! fall of a phase leads back to the shock that set it off.

mod common;

use common::{harbour, settled};
use prodos_model::build::Options;
use prodos_model::cascade::{Event, Kind};
use prodos_model::spec::{Shock, ShockKind};
use std::collections::HashMap;

/// All events of a run of harbour, with its burn-in.
fn events(shocks: Vec<Shock>, seed: u64, days: u32) -> Vec<Event> {
    let mut experiment = harbour();
    experiment.scenario.shocks = shocks;
    let mut city = settled(&experiment.run(), seed, Options::default());
    common::advance(&mut city, days);
    city.take_events()
}

fn overloads(events: &[Event]) -> Vec<&Event> {
    let lasting = |event: &&Event| event.kind == Kind::Overload;
    events.iter().filter(lasting).collect()
}

#[test]
fn a_quiet_city_lacks_nothing_and_its_overloads_are_overloads() {
    let events = events(Vec::new(), 1, 365);
    assert!(events.iter().all(|event| event.kind != Kind::Shortage));
    assert!(overloads(&events).iter().all(|event| event.size > 1.0));
}

#[test]
fn a_lasting_overload_is_noted_once_a_team_and_names_the_strike() {
    let strike = Shock::new("strike", ShockKind::Staff, 0.5, 30.0, 100.0);
    let events = events(vec![strike], 1, 130);
    let overloads = overloads(&events);
    let mut teams: HashMap<String, Vec<&Event>> = HashMap::new();
    for event in &overloads {
        let name = format!("{:?}", event.entity);
        teams.entry(name).or_default().push(event);
    }
    let sound =
        |pair: &[&Event]| pair[1].day - pair[0].day >= 14.0 || pair[1].size > 1.5 * pair[0].size;
    assert!(
        teams.values().all(|events| events.windows(2).all(sound)),
        "an episode is noted again only after two weeks of rest or when it has grown: {teams:?}"
    );
    let begun = events.iter().find(|event| event.kind == Kind::Shock);
    let begun = begun.expect("the strike is an event").id;
    // It must hold for three days; in the first month nothing else has had time to matter.
    let first: Vec<_> = overloads
        .iter()
        .filter(|event| (30.0..60.0).contains(&event.day))
        .collect();
    assert!(first.len() >= 4, "half the people are away: {first:?}");
    for event in first {
        assert!(event.day >= 32.0, "{event:?}");
        assert_eq!(root(&events, event), begun, "{event:?}");
    }
}

/// The first event on the way back from an event.
fn root(events: &[Event], event: &Event) -> u32 {
    let mut at = event;
    while let Some(cause) = events.iter().find(|other| other.id == at.cause) {
        at = cause;
    }
    at.id
}

#[test]
fn every_cause_is_an_earlier_event() {
    let storm = Shock {
        hours: 36.0,
        every: 40.0,
        times: 5,
        ..Shock::new("storm", ShockKind::Damage, 0.5, 20.0, 0.0)
    };
    let strike = Shock::new("strike", ShockKind::Staff, 0.4, 60.0, 60.0);
    let cut = Shock {
        sectors: vec!["works".into()],
        ..Shock::new("cut", ShockKind::Link, 1.0, 30.0, 90.0)
    };
    let events = events(vec![storm, strike, cut], 1, 365);
    let by_id: HashMap<u32, &Event> = events.iter().map(|event| (event.id, event)).collect();
    let mut caused = 0;
    for event in &events {
        if let Some(cause) = by_id.get(&event.cause) {
            assert!(cause.id < event.id && cause.day <= event.day, "{event:?}");
            caused += 1;
        }
    }
    assert!(caused > 10, "only {caused} events have a cause");
    let ids: Vec<u32> = events.iter().map(|event| event.id).collect();
    assert!(ids.windows(2).all(|pair| pair[1] == pair[0] + 1));
    for kind in [
        Kind::Shock,
        Kind::ShockEnd,
        Kind::Overload,
        Kind::Shortage,
        Kind::Phase,
    ] {
        assert!(events.iter().any(|event| event.kind == kind), "no {kind:?}");
    }
}

#[test]
fn a_shortage_names_the_input_that_is_short_and_the_shock_behind_it() {
    let cut = Shock {
        sectors: vec!["works".into()],
        ..Shock::new("cut", ShockKind::Link, 1.0, 30.0, 90.0)
    };
    let events = events(vec![cut], 1, 120);
    let begun = events.iter().find(|event| event.kind == Kind::Shock);
    let begun = begun.expect("the cut is an event").id;
    let shortages: Vec<_> = events
        .iter()
        .filter(|event| event.kind == Kind::Shortage)
        .collect();
    assert!(!shortages.is_empty());
    for event in shortages {
        assert_eq!(event.detail, "works", "{event:?}");
        assert_eq!(root(&events, event), begun, "{event:?}");
    }
}
