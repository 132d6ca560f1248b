//! A run that is broken off and gone on from is the run that never was.

mod common;

use common::{advance, harbour, settled, uk};
use prodos_config::Experiment;
use prodos_model::build::Options;
use prodos_model::cascade::Event;
use prodos_model::simulation::{Hashes, Simulation};
use prodos_model::spec::{Change, Shock, ShockKind};
use prodos_model::state::State;

fn blow(name: &str, day: f64) -> Shock {
    Shock {
        hours: 24.0,
        ..Shock::new(name, ShockKind::Damage, 0.3, day, 0.0)
    }
}

fn come_to(mut city: Simulation, days: u32) -> (Hashes, Vec<Event>) {
    advance(&mut city, days);
    let events = city.take_events();
    (city.hashes(), events)
}

/// After some days, through bytes and back, on another number of threads.
fn broken_off(
    experiment: &Experiment,
    day: u32,
    days: u32,
    options: Options,
) -> (Hashes, Vec<Event>) {
    let mut city = Simulation::new(&experiment.run(), 1, 0, options);
    city.settle().expect("the ledgers close");
    advance(&mut city, day);
    let text = postcard::to_stdvec(&city.state()).expect("it can be written");
    drop(city);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build();
    pool.expect("a pool can be built").install(|| {
        let state: State = postcard::from_bytes(&text).expect("it can be read");
        come_to(Simulation::from_state(state), days - day)
    })
}

#[test]
fn what_goes_on_from_a_state_is_the_unbroken_run() {
    let mut shocked = harbour();
    shocked.scenario.shocks = vec![
        blow("storm", 20.0),
        Shock::new("cut", ShockKind::Link, 0.5, 35.0, 20.0),
    ];
    let mut large = uk(20_000.0);
    large.scenario.shocks = vec![blow("storm", 20.0)];
    for (experiment, days) in [(&shocked, 60), (&large, 40)] {
        for audit in [false, true] {
            let options = Options {
                audit,
                ..Options::default()
            };
            let mut city = Simulation::new(&experiment.run(), 1, 0, options);
            city.settle().expect("the ledgers close");
            let unbroken = come_to(city, days);
            for day in [0, 1, 20, 36] {
                let found = broken_off(experiment, day, days, options);
                assert_eq!(found, unbroken, "day {day}, audit {audit}");
            }
        }
    }
}

/// The experiment with another policy: less protected work from a day on.
fn with_less_upkeep(experiment: &Experiment, day: f64) -> Experiment {
    let mut other = experiment.clone();
    let mut change = Change {
        day,
        ..Change::default()
    };
    change.parameters.hours.protected_share = Some(prodos_quantity::Share(0.3));
    "less upkeep".clone_into(&mut other.policy.name);
    other.policy.changes = vec![change];
    other
}

#[test]
fn a_branch_that_changes_nothing_is_the_unbroken_run() {
    let mut experiment = with_less_upkeep(&harbour(), 5.0);
    experiment.scenario.shocks = vec![blow("storm", 10.0), blow("another", 40.0)];
    let run = experiment.run();
    let unbroken = come_to(settled(&run, 1, Options::default()), 60);
    for day in [0, 20, 40] {
        let mut city = settled(&run, 1, Options::default());
        advance(&mut city, day);
        city.turn(&run).expect("nothing parts them");
        assert_eq!(come_to(city, 60 - day), unbroken, "day {day}");
    }
}

#[test]
fn a_branch_at_the_start_is_the_run_of_its_own_policy_and_scenario() {
    let base = harbour();
    let mut other = with_less_upkeep(&base, 0.0);
    other.scenario.shocks = vec![blow("storm", 10.0)];
    let own = come_to(settled(&other.run(), 1, Options::default()), 60);
    let mut city = settled(&base.run(), 1, Options::default());
    city.turn(&other.run()).expect("nothing has come yet");
    let branched = come_to(city, 60);
    assert_eq!(branched, own);
    let plain = come_to(settled(&base.run(), 1, Options::default()), 60);
    assert_ne!(plain.0, own.0, "the policy does something");
}

#[test]
fn a_later_branch_has_the_levers_of_its_policy_from_its_day_on() {
    let base = harbour();
    let other = with_less_upkeep(&base, 0.0);
    let mut city = settled(&base.run(), 1, Options::default());
    advance(&mut city, 30);
    city.turn(&other.run()).expect("nothing parts them");
    let branched = come_to(city, 30);
    let same = come_to(
        settled(&with_less_upkeep(&base, 30.0).run(), 1, Options::default()),
        60,
    );
    assert_eq!(branched, same, "as if the policy were of that day");
    // And back: a policy whose levers are not there any more.
    let mut city = settled(&other.run(), 1, Options::default());
    advance(&mut city, 30);
    city.turn(&base.run()).expect("nothing parts them");
    advance(&mut city, 1);
    let noted = city.take_events();
    let policies = noted
        .iter()
        .filter(|event| event.detail == base.policy.name);
    assert_eq!(policies.count(), 1, "the levers that go are an event");
}

#[test]
fn a_shock_that_has_come_parts_runs() {
    let mut shocked = harbour();
    shocked.scenario.shocks = vec![blow("storm", 10.0)];
    let mut later = harbour();
    later.scenario.shocks = vec![blow("storm", 12.0)];
    let mut city = settled(&shocked.run(), 1, Options::default());
    advance(&mut city, 5);
    city.turn(&later.run()).expect("none has come");
    let mut city = settled(&shocked.run(), 1, Options::default());
    advance(&mut city, 20);
    for other in [&harbour(), &later] {
        assert_eq!(city.turn(&other.run()), Err("storm".to_owned()));
    }
}
