//! What the shipped experiments claim, on recorded probes, three seeds of three.

mod city;

use city::{Watched, months, shipped, watch};
use prodos_model::cascade::Kind;
use rayon::prelude::*;

const SEEDS: [u64; 3] = [1, 2, 3];

/// L4, C2: starved maintenance looks well for 200 days and more, then breaks without any shock.
#[test]
fn l4_c2_starved_maintenance_looks_well_for_long_then_breaks_without_a_shock() {
    SEEDS.into_par_iter().for_each(|seed| {
        let rest = months(&watch(&shipped("uk-baseline", &[("days", "560")]), seed));
        let starved = watch(&shipped("uk-maintenance-starved", &[("days", "900")]), seed);
        let output = months(&starved);
        for day in 300..500 {
            let gap = (output[day] / rest[day] - 1.0).abs();
            assert!(
                gap < 0.01,
                "seed {seed}: 28-day output from day {day} is {gap} off the baseline"
            );
        }
        let broken = starved.city.iter().position(|day| day.phase == 0.0);
        let broken = broken.unwrap_or_else(|| panic!("seed {seed}: the city never broke"));
        let least = output[broken..].iter().copied().fold(1.0, f64::min);
        assert!(
            least < 0.95,
            "seed {seed}: output is at {least} after the city broke"
        );
        assert!(
            starved.events.iter().all(|event| event.kind != Kind::Shock),
            "seed {seed}: there was a shock"
        );
    });
}

/// Z1b, T1: the lock of the starved team shows while output still looks well, and long before phase 0.
#[test]
fn z1b_small_drift_becomes_normal_while_delivery_looks_well() {
    let starved = watch(&shipped("uk-maintenance-starved", &[("days", "800")]), 1);
    let flagged = starved
        .city
        .iter()
        .position(|day| day.drift_is_normal > 0.9)
        .expect("the flag is raised");
    let broken = starved
        .city
        .iter()
        .position(|day| day.phase == 0.0)
        .expect("the city breaks");
    assert!(
        flagged < 420 && starved.city[flagged].fill > 0.97,
        "flagged on day {flagged}"
    );
    assert!(
        broken > flagged + 100,
        "flagged on day {flagged}, broken on day {broken}"
    );
    // Where delivery is poor as well, it is no longer a drift that nobody sees.
    let broken = starved.city.last().expect("the run has days");
    assert!(
        broken.fill < 0.97 && broken.drift_is_normal < 0.1,
        "{} of teams flagged at a fill of {}",
        broken.drift_is_normal,
        broken.fill
    );
    let rest = watch(&shipped("uk-baseline", &[("days", "120")]), 1);
    assert!(rest.city.iter().all(|day| day.drift_is_normal < 0.05));
}

/// C3: a blow that the city survives once breaks it when it comes every ten days.
#[test]
fn c3_a_blow_survived_once_breaks_the_city_when_it_comes_every_ten_days() {
    SEEDS.into_par_iter().for_each(|seed| {
        let once = watch(&shipped("uk-single-shock", &[("days", "560")]), seed);
        let struck = 365;
        assert!(
            once.city[struck..].iter().all(|day| day.phase > 0.0),
            "seed {seed}: one blow broke the city"
        );
        assert!(
            (struck..struck + 180)
                .any(|day| once.city[day..].iter().all(|later| later.phase >= 2.0)),
            "seed {seed}: not in phase 2 or better for good within 180 days"
        );
        let again = watch(&shipped("uk-repeated-shocks", &[("days", "560")]), seed);
        assert!(
            again.city.iter().any(|day| day.phase == 0.0),
            "seed {seed}: repeated blows did not break the city"
        );
        // Repair loops that do not finish are counted: machines down for more than four weeks.
        let unfinished = |run: &Watched| {
            let after = run.city[struck + 60..].iter();
            after.map(|day| day.repairs_unfinished).fold(0.0, f64::max)
        };
        assert!(
            unfinished(&again) > 20.0 * unfinished(&once).max(1.0),
            "seed {seed}: {} against {}",
            unfinished(&again),
            unfinished(&once)
        );
    });
}

/// C1: one section is cut off; others lose output in the order in which their stocks of it run out.
#[test]
fn c1_a_cut_off_section_stops_others_in_the_order_their_stocks_run_out() {
    SEEDS.into_par_iter().for_each(|seed| {
        let hit = watch(&shipped("uk-supply-cutoff", &[("days", "460")]), seed);
        let rest = watch(&shipped("uk-baseline", &[("days", "460")]), seed);
        let experiment = shipped("uk-supply-cutoff", &[]);
        let shock = &experiment.scenario.shocks[0];
        let cut = experiment
            .city
            .sectors
            .get_index_of(&shock.sectors[0])
            .expect("the section exists");
        let mut losers: Vec<(usize, f64)> = Vec::new();
        for (k, (_, sector)) in experiment.city.sectors.iter().enumerate() {
            let critical = sector
                .critical
                .get(&shock.sectors[0])
                .copied()
                .unwrap_or(0.0)
                >= 1.0;
            if k != cut
                && critical
                && sector.jobs > 0.0
                && let Some(day) = first_loss(&hit, &rest, k, 0.02)
            {
                losers.push((day, sector.input_stock_days));
            }
        }
        assert!(
            losers.len() >= 3,
            "seed {seed}: only {} others lost over 2 %",
            losers.len()
        );
        losers.sort_by_key(|(day, _)| *day);
        for pair in losers.windows(2) {
            assert!(
                pair[0].1 <= pair[1].1 || pair[0].0 == pair[1].0,
                "seed {seed}: stocks of {} days ran out on day {}, of {} days on day {}",
                pair[0].1,
                pair[0].0,
                pair[1].1,
                pair[1].0
            );
        }
    });
}

/// First day from which a sector's output is lower than at rest by that share, as a 7-day mean.
fn first_loss(hit: &Watched, rest: &Watched, sector: usize, share: f64) -> Option<usize> {
    let week = |run: &Watched, day: usize| {
        run.sectors[day..day + 7]
            .iter()
            .map(|row| row[sector].output)
            .sum::<f64>()
    };
    (365..450).find(|&day| week(hit, day) < (1.0 - share) * week(rest, day))
}
