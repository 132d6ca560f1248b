//! Each outcome of a series that can be worked out by hand.

use super::{Observer, Outcomes};
use prodos_config::{Experiment, Options, load};
use prodos_model::cascade::{Entity, Event, Kind};
use prodos_model::rows::{CityRow, SectorRow};
use std::path::Path;

fn harbour() -> Experiment {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/experiments/harbour.ron");
    load(&file, &[], &Options::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A day on which all is well, with lines that no indicator reaches.
fn calm() -> CityRow {
    CityRow {
        output: 10.0,
        output_at_rest: 10.0,
        fill: 1.0,
        final_fill: 1.0,
        protected_done: 1.0,
        employed: 50.0,
        customer_trust: 0.8,
        unit_cost: 1.0,
        phase: 3.0,
        teams_phase_3: 1.0,
        margin: 1.0,
        line_defect_rate: 0.1,
        line_downtime: 0.1,
        line_delayed_maintenance: 0.1,
        line_churn: 0.1,
        line_shortage: 0.1,
        ..CityRow::default()
    }
}

fn sectors(fills: [f64; 3]) -> Vec<SectorRow> {
    let sector = |(orders, final_fill): (f64, f64)| SectorRow {
        final_orders: orders,
        final_fill,
        phase: 3.0,
        ..SectorRow::default()
    };
    [1.0, 3.0, 6.0].into_iter().zip(fills).map(sector).collect()
}

/// Outcomes of so many days, each as told, with the events of the day before it.
fn over(days: u32, of: impl Fn(u32) -> (CityRow, Vec<Event>)) -> Outcomes {
    let mut observer = Observer::new(&harbour());
    for day in 0..days {
        let (row, events) = of(day);
        observer.hear(&events);
        observer.see(f64::from(day), &row, &sectors([1.0; 3]));
    }
    observer.outcomes().0
}

fn event(id: u32, day: u32, kind: Kind, cause: u32, detail: &str) -> Event {
    Event {
        id,
        day: f64::from(day),
        kind,
        entity: Entity::City,
        cause,
        size: 1.0,
        detail: detail.into(),
    }
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
}

/// Output falls to 0.4 of rest on days 100 to 199, trust on days 120 to 259.
fn outage() -> Outcomes {
    over(400, |day| {
        let output = if (100..200).contains(&day) { 4.0 } else { 10.0 };
        let trust = if (120..260).contains(&day) { 0.7 } else { 0.8 };
        let row = CityRow {
            output,
            customer_trust: trust,
            ..calm()
        };
        (row, Vec::new())
    })
}

#[test]
fn an_outage_has_its_area_depth_and_days() {
    let found = outage();
    close(found.output_mean, 1.0 - 0.6 * 100.0 / 400.0);
    close(found.area_lost_total, 60.0);
    close(found.output_min, 0.4);
    close(found.depth_max, 0.6);
    close(found.output_final, 1.0);
    // 28-day means: below 0.95 when three of the days are lost, so from day 102, and until the last day
    // on which three of 28 were, day 224.
    close(found.survival_first_day, 102.0);
    close(found.recovery_days, 225.0 - 102.0);
    close(found.trust_lag_days, 260.0 - 225.0);
}

#[test]
fn what_is_never_lost_is_never_recovered() {
    let found = over(60, |_| (calm(), Vec::new()));
    for null in [
        found.recovery_days,
        found.survival_first_day,
        found.trust_lag_days,
        found.phase_0_first_day,
        found.margin_negative_first_day,
        found.chronic_backlog_first_day,
        found.lead_churn_days,
    ] {
        assert!(null.is_nan(), "{null}");
    }
    close(found.depth_max, 0.0);
    assert!(over(27, |_| (calm(), Vec::new())).output_min.is_nan());
}

#[test]
fn days_in_each_phase_are_counted_and_first_days_are_the_first() {
    let found = over(100, |day| {
        let phase = [3.0, 3.0, 2.0, 0.0, 1.0][day as usize / 20];
        let row = CityRow {
            phase,
            margin: 1.0 - f64::from(day) / 50.0,
            teams_phase_3: 0.5,
            teams_phase_1: f64::from(day % 2),
            operators_phase_2: 0.25,
            upkeep_cost: 3.0,
            ..calm()
        };
        (row, Vec::new())
    });
    close(found.sector_days_phase_3, 300.0);
    close(found.sector_days_phase_0, 0.0);
    close(found.teams_phase_3_mean, 0.5);
    close(found.teams_phase_1_mean, 0.5);
    close(found.operators_phase_2_mean, 0.25);
    close(found.upkeep_cost_total, 300.0);
    let days = [
        found.city_days_phase_0,
        found.city_days_phase_1,
        found.city_days_phase_2,
        found.city_days_phase_3,
    ];
    assert_eq!(days, [20.0, 20.0, 20.0, 40.0]);
    close(found.phase_0_first_day, 60.0);
    close(found.margin_negative_first_day, 51.0);
    close(found.margin_min, 1.0 - 99.0 / 50.0);
    close(found.city_phase_final, 1.0);
}

/// Phase 0 from day 100, with an alarm of churn on some days, and churn above its line on others.
fn lead(alarms: &[u32], above: impl Fn(u32) -> bool) -> f64 {
    let found = over(120, |day| {
        let row = CityRow {
            phase: if day >= 100 { 0.0 } else { 3.0 },
            churn: if above(day) { 0.2 } else { 0.05 },
            ..calm()
        };
        let sounds = alarms.contains(&day);
        let events = sounds.then(|| event(day, day, Kind::Warning, 0, "churn"));
        (row, events.into_iter().collect())
    });
    found.lead_churn_days
}

#[test]
fn an_alarm_leads_by_the_days_from_its_sound_to_phase_zero_if_it_is_still_on() {
    close(lead(&[40], |day| day >= 26), 60.0);
    // Single days below the line are noise; it sounds again on day 70 and was never over.
    close(lead(&[40, 70], |day| day >= 26 && day != 55), 60.0);
    // Over for a month before it came again.
    close(
        lead(&[20, 80], |day| (6..30).contains(&day) || day >= 66),
        20.0,
    );
    // Over for good, and after the fact.
    assert!(lead(&[20], |day| (6..30).contains(&day)).is_nan());
    assert!(lead(&[110], |day| day >= 96).is_nan());
}

#[test]
fn a_backlog_is_chronic_from_the_first_of_four_old_weeks() {
    let found = over(200, |day| {
        let old = (20..40).contains(&day) || (100..140).contains(&day);
        let row = CityRow {
            backlog_age: if old { 8.0 } else { 2.0 },
            repairs_unfinished: f64::from(day % 7),
            ..calm()
        };
        (row, Vec::new())
    });
    close(found.chronic_backlog_first_day, 100.0);
    close(found.backlog_age_max, 8.0);
    close(found.repairs_unfinished_max, 6.0);
}

#[test]
fn a_cascade_is_a_root_with_all_that_follows() {
    let found = over(10, |day| {
        let events = match day {
            1 => vec![
                event(1, 1, Kind::Shock, 0, ""),
                event(2, 1, Kind::Overload, 1, ""),
                event(3, 1, Kind::Overload, 0, ""),
                event(7, 1, Kind::Shock, 0, ""),
            ],
            4 => vec![event(8, 4, Kind::ShockEnd, 7, "")],
            5 => vec![
                event(4, 5, Kind::Phase, 2, ""),
                event(5, 5, Kind::Shock, 0, ""),
                event(6, 5, Kind::Defects, 5, ""),
            ],
            _ => Vec::new(),
        };
        (calm(), events)
    });
    close(found.cascades_total, 2.0);
    close(found.cascade_size_max, 3.0);
}

#[test]
fn cascades_are_counted_by_their_size() {
    let found = over(1, |_| {
        let mut events = Vec::new();
        for size in [1, 2, 9, 10, 99, 100, 250] {
            let root = events.len() as u32 + 1;
            events.push(event(root, 0, Kind::Shock, 0, ""));
            events.extend((1..size).map(|k| event(root + k, 0, Kind::Overload, root, "")));
        }
        (calm(), events)
    });
    close(found.cascades_total, 6.0);
    close(found.cascades_of_10_total, 4.0);
    close(found.cascades_of_100_total, 2.0);
    close(found.cascade_size_max, 250.0);
}

#[test]
fn pressure_is_that_of_days_on_which_somebody_works() {
    let found = over(4, |day| {
        let pressure = [0.8, f64::NAN, 1.0, f64::NAN][day as usize];
        let row = CityRow { pressure, ..calm() };
        (row, Vec::new())
    });
    close(found.pressure_mean, 0.9);
}

#[test]
fn unit_cost_is_weighted_by_output_and_a_day_without_output_has_none() {
    let found = over(3, |day| {
        let (output, unit_cost) = [(10.0, 1.0), (30.0, 2.0), (0.0, f64::NAN)][day as usize];
        let row = CityRow {
            output,
            unit_cost,
            ..calm()
        };
        (row, Vec::new())
    });
    close(found.unit_cost_mean, (10.0 + 60.0) / 40.0);
}

#[test]
fn a_necessity_is_short_by_the_final_demand_that_is_not_served() {
    let mut experiment = harbour();
    experiment.city.necessities.clear();
    let members = vec!["port".to_owned(), "works".to_owned()];
    experiment.city.necessities.insert("food".into(), members);
    let days_short = |fills: [f64; 3]| {
        let mut observer = Observer::new(&experiment);
        for day in 0..100 {
            observer.see(f64::from(day), &calm(), &sectors(fills));
        }
        observer.outcomes().1[0]
    };
    // Final orders are 1 and 3: of 4, 3.85 and 3.7 are served; the third sector does not count.
    close(days_short([0.85, 1.0, 0.0]), 0.0);
    // An exponential mean over a week starts at 1 and nears 0.925: below 0.95 after 1.1 / ln(7/6) days.
    close(days_short([0.7, 1.0, 1.0]), 100.0 - 7.0);
}
