//! Nothing that a file may say breaks the model.
//!
//! Parameters anywhere in their hard ranges, ends included, and shocks of any kind and size, all at
//! once: sixty days of harbour end without a panic, with ledgers that close, shares that are shares,
//! and no number missing but those that have no denominator.

mod common;

use common::{AUDIT, harbour, settled, try_set};
use prodos_model::parameters::Parameters;
use prodos_model::rows::CityRow;
use prodos_model::spec::{DemandPart, Recovery, Shock, ShockKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Columns that are null on a day without what they are a share of, and what that is.
const NULL_WITHOUT: [(&str, &str); 28] = [
    ("order_days", "final orders served"),
    ("repair_days", "machines that came back"),
    ("pressure", "hours at hand"),
    ("protected_overdue", "protected work needed"),
    ("machines_down", "machines"),
    ("machines_waiting", "machines"),
    ("machine_age", "machines"),
    ("latent_defects", "machines"),
    ("skill", "filled posts"),
    ("fatigue", "filled posts"),
    ("shortcuts", "filled posts"),
    ("worker_trust", "filled posts"),
    ("escapes", "tasks"),
    ("defects", "tasks"),
    ("unit_cost", "output"),
    ("final_fill", "final orders"),
    ("firms_fill", "orders of firms"),
    ("customer_trust", "output at rest"),
    ("partner_trust", "output at rest"),
    ("stock_cover", "output at rest"),
    ("machines_renewing", "machines"),
    ("supplier_trust", "output at rest"),
    ("buyer_trust", "output at rest"),
    ("line_defect_rate", "days enough to learn it"),
    ("line_downtime", "days enough to learn it"),
    ("line_delayed_maintenance", "days enough to learn it"),
    ("line_churn", "days enough to learn it"),
    ("line_shortage", "days enough to learn it"),
];

/// A place in a hard range: one of its ends, anywhere between, or between by orders of size.
fn place() -> impl Strategy<Value = (u8, f64)> {
    (0u8..4, 0.0..1.0)
}

/// A value of parameter `k` of the table, as written in a file.
fn value(k: usize, (way, at): (u8, f64)) -> (String, String) {
    let parameter = Parameters::table()[k];
    let (low, high) = parameter.range;
    let written = if parameter.choices.is_empty() {
        let number = match way {
            0 if at < 0.5 => low,
            0 => high,
            1 if low >= 0.0 => {
                let least = low.max(high * 1e-6);
                least * (high / least).powf(at)
            }
            _ => low + (high - low) * at,
        };
        format!("{:?}", number.clamp(low, high))
    } else {
        let choice = (at * parameter.choices.len() as f64) as usize;
        parameter.choices[choice].0.to_owned()
    };
    (parameter.path(), written)
}

fn any_shock() -> impl Strategy<Value = Shock> {
    let kind = prop_oneof![
        Just(ShockKind::Supply),
        Just(ShockKind::Staff),
        Just(ShockKind::Damage),
        Just(ShockKind::Demand),
        Just(ShockKind::Link),
    ];
    let span = (0.0..50.0, 0.0..30.0, 0.0..30.0);
    let shape = (0usize..4, 0usize..3, 0.0..1.0, 0.0..2000.0);
    let again = (0.5..20.0, 1u32..5);
    (kind, -1.0..1.0, span, shape, again).prop_map(
        |(kind, size, (day, days, recovery), (sector, law, footprint, hours), (every, times))| {
            let size: f64 = if kind == ShockKind::Demand {
                size
            } else {
                size.abs()
            };
            let sectors = ["port", "works", "town"].get(sector);
            Shock {
                sectors: sectors.iter().map(|code| (**code).to_owned()).collect(),
                recovery_days: recovery,
                recovery: [Recovery::Linear, Recovery::Concave, Recovery::Convex][law],
                footprint,
                hours,
                demand: vec![DemandPart::Exports, DemandPart::Households],
                every,
                times,
                ..Shock::new("gust", kind, size, day, days)
            }
        },
    )
}

fn check_row(row: &CityRow, day: f64) -> Result<(), TestCaseError> {
    for (probe, value) in CityRow::PROBES.iter().zip(row.values()) {
        let name = probe.name;
        if value.is_nan() && NULL_WITHOUT.iter().any(|(column, _)| *column == name) {
            continue;
        }
        prop_assert!(value.is_finite(), "{name} is {value} on day {day}");
        // A line three standard deviations above a share can be beyond 1.
        if probe.unit == "share" && !name.starts_with("line_") {
            let is_share = (-1e-9..=1.0 + 1e-9).contains(&value);
            prop_assert!(is_share, "{name} is {value} on day {day}");
        }
        let counts = [
            "operators",
            "money/day",
            "hours/day",
            "machines/day",
            "days",
        ];
        if counts.contains(&probe.unit) && !["cash_cover", "value_added"].contains(&name) {
            prop_assert!(value >= -1e-6, "{name} is {value} on day {day}");
        }
    }
    Ok(())
}

fn weather(
    settings: &[(usize, (u8, f64))],
    shocks: &[Shock],
    seed: u64,
) -> Result<bool, TestCaseError> {
    let mut mild = harbour();
    mild.city.burn_in = 5;
    let written: Vec<(String, String)> = settings
        .iter()
        .map(|(k, place)| value(*k, *place))
        .collect();
    let values: Vec<(&str, String)> = written
        .iter()
        .map(|(path, value)| (path.as_str(), value.clone()))
        .collect();
    // The door may refuse what cannot go together; the caller counts how often it does.
    let Ok(mut experiment) = try_set(&mild, &values) else {
        return Ok(false);
    };
    experiment.scenario.shocks = shocks.to_vec();
    let mut city = settled(&experiment.run(), seed, AUDIT);
    for _ in 0..60 {
        let outcome = city.step();
        prop_assert!(outcome.is_ok(), "{written:?}: {}", outcome.unwrap_err());
        let day = city.day();
        check_row(&city.city_row(), day)
            .map_err(|error| TestCaseError::fail(format!("{written:?}: {error}")))?;
    }
    Ok(true)
}

fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn any_parameters_and_any_shocks_leave_a_city_that_can_be_read() {
    let count = Parameters::table().len();
    let settings = vec((0..count, place()), 1..25);
    let strategy = (settings, vec(any_shock(), 0..5), any::<u64>());
    let run = std::cell::Cell::new(0);
    runner(40)
        .run(&strategy, |(settings, shocks, seed)| {
            if weather(&settings, &shocks, seed)? {
                run.set(run.get() + 1);
            }
            Ok(())
        })
        .unwrap_or_else(|problem| panic!("{problem}"));
    assert!(run.get() >= 35, "only {} cases were run", run.get());
}

#[test]
fn every_end_of_every_hard_range_leaves_a_city_that_can_be_read() {
    let shocks = [
        Shock::new("strike", ShockKind::Staff, 0.5, 5.0, 20.0),
        Shock {
            hours: 24.0,
            ..Shock::new("storm", ShockKind::Damage, 0.5, 10.0, 0.0)
        },
    ];
    let mut refused = Vec::new();
    for (k, parameter) in Parameters::table().iter().enumerate() {
        let ends = if parameter.choices.is_empty() {
            vec![(0, 0.0), (0, 0.9)]
        } else {
            let count = parameter.choices.len();
            (0..count)
                .map(|choice| (0, (choice as f64 + 0.5) / count as f64))
                .collect()
        };
        for end in ends {
            match weather(&[(k, end)], &shocks, 1) {
                Ok(true) => {}
                Ok(false) => refused.push(value(k, end)),
                Err(problem) => panic!("{problem}"),
            }
        }
    }
    assert_eq!(
        refused,
        Vec::new(),
        "the door refuses values of the hard range"
    );
}
