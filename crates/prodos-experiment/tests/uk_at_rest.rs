//! The default city at rest: the United Kingdom of 2019 stays as it is when nothing happens.
//!
//! The short form runs one seed for a year at the shipped scale. The full form, three seeds for ten
//! years, is a command of its own:
//! `cargo test --release -p prodos-experiment --test uk_at_rest -- --ignored`

mod city;

use city::{Watched, shipped, watch};
use prodos_config::Override;
use rayon::prelude::*;

#[test]
fn the_united_kingdom_of_2019_is_at_rest_for_a_year() {
    stays_at_rest(&watch(&shipped("uk-baseline", &[("days", "365")]), 1));
}

#[test]
#[ignore = "ten years and three seeds: run by its own command"]
fn the_united_kingdom_of_2019_is_at_rest_for_ten_years() {
    let experiment = shipped("uk-baseline", &[]);
    [1, 2, 3]
        .into_par_iter()
        .for_each(|seed| stays_at_rest(&watch(&experiment, seed)));
}

/// Yearly output of each section within 1 % of 2019, 28-day means within 2 % (3 % under 200 operators),
/// yearly pressure 0.80 to 0.90, phase 3 throughout, at least 90 % of teams in phase 3 every day.
fn stays_at_rest(run: &Watched) {
    for (k, code) in run.codes.iter().enumerate() {
        let relative: Vec<f64> = run
            .sectors
            .iter()
            .map(|day| day[k].output / day[k].output_at_rest)
            .collect();
        for (year, days) in relative.chunks_exact(365).enumerate() {
            let mean = days.iter().sum::<f64>() / 365.0;
            assert!(
                (mean - 1.0).abs() < 0.01,
                "section {code}, year {year}: mean output {mean}"
            );
        }
        let operators = run.sectors[0][k].employed;
        let allowed = if operators < 200.0 { 0.03 } else { 0.02 };
        for (day, month) in relative.windows(28).enumerate() {
            let mean = month.iter().sum::<f64>() / 28.0;
            assert!(
                (mean - 1.0).abs() < allowed,
                "section {code}, 28 days from day {day}: mean output {mean}"
            );
        }
        if operators == 0.0 {
            continue;
        }
        for (year, days) in run.sectors.chunks_exact(365).enumerate() {
            let pressure = days.iter().map(|day| day[k].pressure).sum::<f64>() / 365.0;
            assert!(
                (0.80..=0.90).contains(&pressure),
                "section {code}, year {year}: pressure {pressure}"
            );
        }
        assert!(
            run.sectors.iter().all(|day| day[k].phase == 3.0),
            "section {code} left phase 3"
        );
    }
    assert!(
        run.city.iter().all(|day| day.phase == 3.0),
        "the city left phase 3"
    );
    let least = run
        .city
        .iter()
        .map(|day| day.teams_phase_3)
        .fold(1.0, f64::min);
    assert!(least >= 0.9, "only {least} of the teams in phase 3");
}

#[test]
fn losing_a_third_of_two_small_sections_costs_little_more_than_their_own_share() {
    let loss: Vec<f64> = [1, 2, 3]
        .into_par_iter()
        .map(|seed| {
            let rest = shipped("uk-baseline", &[("days", "120")]);
            let shock = "[(name: \"B and N\", kind: \"supply\", sectors: [\"B\", \"N\"], size: 0.35, day: 30, days: 60)]";
            let hit = prodos_config::with_overrides(&rest, &[Override::new("scenario.shocks", shock)])
                .unwrap_or_else(|problems| panic!("{}", problems.render(false)));
            let added = |run: &Watched| run.city[30..90].iter().map(|day| day.value_added).sum::<f64>();
            1.0 - added(&watch(&hit, seed)) / added(&watch(&rest, seed))
        })
        .collect();
    for loss in loss {
        assert!(
            (0.018..=0.03).contains(&loss),
            "60 days without 35 % of B and N cost {loss} of value added"
        );
    }
}
