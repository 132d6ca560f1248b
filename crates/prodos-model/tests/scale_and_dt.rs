//! Neither the length of a tick nor the number of people an operator stands for is a result.
//!
//! Tolerances are four standard errors of the difference of two means. They come from the spread
//! between seeds as it was measured once (24 seeds of harbour over two years, 8 of the United Kingdom
//! over one), so that a run that happens to be quiet does not tighten them.
//!
//! One difference is no noise and is stated. A job created today is served from tomorrow, so that each
//! repair waits up to one tick longer the longer the tick is: half as long at half a tick.

mod common;

use common::{harbour, means, uk};
use prodos_config::Experiment;
use prodos_model::rows::CityRow;
use prodos_model::spec::{Neighbourhood, Sector};
use rayon::prelude::*;

const OUTCOMES: [&str; 7] = [
    "pressure",
    "machines_down",
    "skill",
    "customer_trust",
    "output",
    "defects",
    "margin",
];

/// Standard deviations between seeds of means over two years of harbour.
const HARBOUR_NOISE: [f64; 7] = [0.0097, 0.0021, 0.005, 0.0042, 0.00011, 0.00027, 0.021];

/// The same over one year of the United Kingdom at scale 10,000, about 3,200 operators.
const UK_NOISE: [f64; 7] = [0.0013, 0.0004, 0.0013, 0.0006, 0.00005, 0.00003, 0.0041];

/// The outcomes, and repair jobs a machine and day.
fn read(row: &CityRow) -> [f64; 8] {
    let jobs = row.breakdowns + row.defects_caught;
    [
        row.pressure,
        row.machines_down,
        row.skill,
        row.customer_trust,
        row.output / row.output_at_rest,
        row.defects,
        row.margin,
        jobs,
    ]
}

/// Means over seeds and days.
fn measured(experiment: &Experiment, seeds: u64, days: u32) -> [f64; 8] {
    let run = experiment.run();
    let runs: Vec<[f64; 8]> = (1..=seeds)
        .into_par_iter()
        .map(|seed| means(&run, seed, (0, days), read))
        .collect();
    std::array::from_fn(|k| runs.iter().map(|run| run[k]).sum::<f64>() / seeds as f64)
}

fn agree(what: &str, found: &[f64; 8], other: &[f64; 8], tolerance: [f64; 7]) {
    for k in 0..7 {
        let off = (found[k] - other[k]).abs();
        assert!(
            off <= tolerance[k],
            "{what}: {} is {} and {}, {off} apart where {} is allowed",
            OUTCOMES[k],
            found[k],
            other[k],
            tolerance[k]
        );
    }
}

/// Four standard errors of the difference of two means over seeds.
fn four_errors(noise: [f64; 7], seeds: u64) -> [f64; 7] {
    noise.map(|spread| 4.0 * spread * (2.0 / seeds as f64).sqrt())
}

/// Machines of all teams.
fn machines(experiment: &Experiment) -> f64 {
    let city = &experiment.city;
    let of_sector = |sector: &Sector| {
        let mut rules = city.parameters;
        rules.apply(&sector.parameters);
        sector.jobs / city.scale * rules.tools.machines_per_operator.0
    };
    city.sectors.values().map(of_sector).sum()
}

/// Says which outcomes differ by more than noise between a day and half a day.
fn same_at_any_tick(
    experiment: &Experiment,
    noise: [f64; 7],
    seeds: u64,
    days: u32,
) -> Vec<&'static str> {
    let [a_day, half, quarter] = [1.0, 0.5, 0.25].map(|tick| {
        let mut experiment = experiment.clone();
        experiment.city.tick = tick;
        measured(&experiment, seeds, days)
    });
    let noise = four_errors(noise, seeds);
    for (tick, finer) in [(0.5, half), (0.25, quarter)] {
        let mut tolerance = noise;
        let waits = a_day[7] / machines(experiment) * (1.0 - tick);
        tolerance[1] += waits;
        agree(&format!("tick {tick}"), &finer, &a_day, tolerance);
        assert!(
            finer[1] < a_day[1] + noise[1],
            "a finer tick makes nobody wait longer"
        );
    }
    let mut differ = Vec::new();
    for k in 0..7 {
        let (first, second) = ((half[k] - a_day[k]).abs(), (quarter[k] - half[k]).abs());
        if first > noise[k] {
            differ.push(OUTCOMES[k]);
            assert!(
                second < 0.75 * first,
                "{}: {first}, then {second} at half the tick",
                OUTCOMES[k]
            );
        }
    }
    differ
}

#[test]
fn harbour_is_the_same_city_at_a_finer_tick() {
    let none: [&str; 0] = [];
    assert_eq!(same_at_any_tick(&harbour(), HARBOUR_NOISE, 24, 730), none);
}

#[test]
fn the_uk_is_the_same_city_at_a_finer_tick() {
    let differ = same_at_any_tick(&uk(10_000.0), UK_NOISE, 4, 365);
    assert_eq!(differ, ["machines_down"]);
}

/// The United Kingdom, of which no team looks at another.
fn apart(scale: f64, seeds: u64) -> [f64; 8] {
    let mut experiment = uk(scale);
    experiment.city.lattice.neighbourhood = Neighbourhood::None;
    measured(&experiment, seeds, 365)
}

#[test]
fn the_uk_is_the_same_city_whether_an_operator_stands_for_a_thousand_people_or_for_fewer() {
    let [first, second, third] = [1000.0, 500.0, 250.0].map(|scale| apart(scale, 1));
    // The variance of a mean over people falls with their number.
    let tolerance = |one: f64, other: f64| {
        let of_both = ((one + other) / 10_000.0).sqrt();
        UK_NOISE.map(|spread| 4.0 * spread * of_both)
    };
    agree("scale 500", &second, &first, tolerance(1000.0, 500.0));
    agree("scale 250", &third, &first, tolerance(1000.0, 250.0));
}

#[test]
fn the_uk_is_nearly_the_same_city_with_very_few_operators() {
    let middle = apart(10_000.0, 4);
    let tolerance = four_errors(UK_NOISE, 4);
    agree("scale 5000", &apart(5000.0, 4), &middle, tolerance);
    // At 20,000 the smallest sections are teams of three, who cannot stand in for each other: half a per
    // cent of each outcome on top of the noise.
    let few: [f64; 7] =
        std::array::from_fn(|k| tolerance[k] * std::f64::consts::SQRT_2 + 0.005 * middle[k].abs());
    agree("scale 20000", &apart(20_000.0, 4), &middle, few);
}

/// An hour is 3,600 whole seconds, 4.1 hours are not in binary: what is asked for must be what is paid for.
#[test]
fn rounds_are_made_whatever_their_hours_and_however_short_the_tick() {
    let hours = |length: &str, tick: &str| {
        let values = [
            ("maintenance.preventive_hours", length),
            ("city.tick", tick),
        ];
        let run = common::set(&harbour(), &values).run();
        let of = |seed| means(&run, seed, (0, 365), |row| [row.hours_preventive])[0];
        (1..=2).map(of).sum::<f64>() / 2.0
    };
    let whole = hours("4", "1");
    for (length, tick) in [("4.1", "1"), ("4.1", "0.25"), ("4", "0.0625")] {
        let expected = whole * length.parse::<f64>().expect("a number") / 4.0;
        let found = hours(length, tick);
        assert!(
            (found / expected - 1.0).abs() < 0.05,
            "{length} hours, tick {tick}: {found} hours a day, not {expected}"
        );
    }
}
