//! The claims of the source, row by row, on the small city: each would be false without its mechanism.

mod city;

use city::{Watched, shipped, watch};
use prodos_config::{Experiment, Override, with_overrides};
use prodos_model::build::Options;
use prodos_model::cascade::{Entity, Event, Kind};
use prodos_model::rows::{CityRow, SectorRow};
use prodos_model::simulation::Simulation;
use std::collections::BTreeMap;

/// Harbour with some values changed, and levers that take hold on day 0.
fn harbour(days: u32, changes: &[(&str, &str)]) -> Experiment {
    let experiment = shipped("harbour", &[("days", &days.to_string())]);
    let overrides: Vec<Override> = changes
        .iter()
        .map(|(path, value)| Override::new(*path, value))
        .collect();
    with_overrides(&experiment, &overrides)
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

fn policy(parameters: &str) -> (&'static str, String) {
    (
        "policy",
        format!("(changes: [(day: 0, parameters: ({parameters}))])"),
    )
}

fn under(days: u32, parameters: &str) -> Watched {
    let (path, value) = policy(parameters);
    watch(&harbour(days, &[(path, &value)]), 1)
}

fn mean(run: &Watched, of: impl Fn(&CityRow) -> f64) -> f64 {
    run.city.iter().map(of).sum::<f64>() / run.city.len() as f64
}

fn last(run: &Watched) -> &CityRow {
    run.city.last().expect("the run has days")
}

/// P1: every paid hour has one purpose; work is income; hours that no role uses are recorded.
#[test]
fn p1_every_paid_hour_has_a_purpose_and_is_paid() {
    let run = watch(&harbour(200, &[]), 1);
    for day in &run.city {
        let hours = day.hours_output
            + day.hours_repair
            + day.hours_preventive
            + day.hours_inspection
            + day.hours_quality
            + day.hours_rework
            + day.hours_training
            + day.hours_upgrade
            + day.hours_coordination
            + day.hours_aid
            + day.hours_drills
            + day.hours_idle
            + day.hours_absent;
        let nominal = day.employed * 8.0;
        assert!(
            hours >= nominal - 1e-6 && hours <= nominal * 1.15 + 1e-6,
            "{hours} hours of {nominal}"
        );
        assert!(day.income > 0.0 && day.hours_unused_skill <= day.hours_idle + 1e-9);
    }
    // Wages are paid by the hour: the same wage an hour on each day, whatever was worked.
    for sector in 0..3 {
        let wage = |day: &Vec<SectorRow>| day[sector].income / paid_hours(&day[sector]);
        let first = wage(&run.sectors[0]);
        for day in &run.sectors {
            assert!((wage(day) / first - 1.0).abs() < 1e-9);
        }
    }
    assert!(mean(&run, |day| day.hours_unused_skill) > 0.0);
}

/// All paid hours of a sector: those of every purpose.
fn paid_hours(row: &SectorRow) -> f64 {
    let columns = SectorRow::PROBES.iter().zip(row.values());
    columns
        .filter(|(probe, _)| probe.name.starts_with("hours_") && probe.name != "hours_unused_skill")
        .map(|(_, hours)| hours)
        .sum()
}

/// P3: machines that are neither inspected nor overhauled wear, and break in the end.
#[test]
fn p3_without_maintenance_machines_wear_and_break() {
    let kept = watch(&harbour(400, &[]), 1);
    let left = under(
        400,
        "maintenance: (inspection_interval: 0, preventive_interval: 0)",
    );
    assert!(last(&left).machine_age > 3.0 * last(&kept).machine_age);
    let broke = |run: &Watched| {
        run.city[200..]
            .iter()
            .map(|day| day.breakdowns)
            .sum::<f64>()
    };
    assert!(
        broke(&left) > 3.0 * broke(&kept),
        "{} against {}",
        broke(&left),
        broke(&kept)
    );
}

/// P3: machines broken beyond repair are bought anew, from cash, and those worn out when a policy says so.
#[test]
fn p3_destroyed_and_worn_machines_are_renewed_from_cash() {
    let blow = |hours: u32| {
        let shocks =
            format!("[(name: \"blow\", kind: damage, size: 0.3, hours: {hours}, day: 30)]");
        watch(&harbour(300, &[("scenario.shocks", &shocks)]), 1)
    };
    let (repaired, destroyed) = (blow(200), blow(500));
    assert!(repaired.city.iter().all(|day| day.machines_renewing == 0.0));
    let just_after = &destroyed.city[31];
    assert!(
        just_after.machines_renewing > 0.15,
        "{}",
        just_after.machines_renewing
    );
    assert!(last(&destroyed).machines_renewing < 0.02);
    let cash = |run: &Watched| {
        run.city[30..60]
            .iter()
            .map(|day| day.cash_cover)
            .sum::<f64>()
    };
    let rest = watch(&harbour(300, &[]), 1);
    assert!(cash(&destroyed) < cash(&rest) - 30.0);
    // Small blows that come before repair is done add up to one that is beyond it.
    let again =
        "[(name: \"blows\", kind: damage, size: 1, hours: 150, day: 30, every: 2, times: 3)]";
    let worn_down = watch(&harbour(60, &[("scenario.shocks", again)]), 1);
    assert!(worn_down.city[33].machines_renewing < 0.01);
    assert!(worn_down.city[35].machines_renewing > 0.9);
    let starved = "hours: (protected_share: 0)";
    let kept = under(900, starved);
    let renewed = under(
        900,
        &format!("{starved}, maintenance: (economic_life: 200)"),
    );
    assert!(last(&renewed).machine_age < 0.7 * last(&kept).machine_age);
}

/// P6: what decides is the work offered, which can pass capacity where the work done cannot.
#[test]
fn p6_collapse_is_a_rate_law_of_offered_work() {
    let run = watch(
        &harbour(
            500,
            &[
                ("maintenance.machines_per_crew", "60"),
                ("wear.base_hazard", "0.3"),
            ],
        ),
        1,
    );
    assert!(
        last(&run).offered_load > 1.0,
        "offered load {}",
        last(&run).offered_load
    );
    assert!(
        last(&run).backlog_age > 7.0,
        "the backlog is {} days old",
        last(&run).backlog_age
    );
    let calm = watch(&harbour(500, &[]), 1);
    assert!(last(&calm).offered_load < 0.5 && last(&calm).backlog_age < 7.0);
}

/// G1 to G6: each reading answers to the flow it is made of.
#[test]
fn g1_to_g6_each_reading_follows_its_own_flow() {
    let rest = watch(&harbour(300, &[]), 1);
    let base = |of: fn(&CityRow) -> f64| rest.city[200..].iter().map(of).sum::<f64>() / 100.0;
    let with = |run: &Watched, of: fn(&CityRow) -> f64| {
        run.city[200..].iter().map(of).sum::<f64>() / 100.0
    };
    let careless = under(300, "quality: (coverage: 0)");
    assert!(
        with(&careless, |day| day.customer_trust) < base(|day| day.customer_trust) - 0.02,
        "G1: customers"
    );
    for day in &careless.city {
        let parts = (day.customer_trust + day.partner_trust + day.worker_trust) / 3.0;
        assert!(
            (day.trust - parts).abs() < 1e-9,
            "G1: trust is the mean of its parts"
        );
    }
    for day in &rest.city {
        let partners = f64::midpoint(day.supplier_trust, day.buyer_trust);
        assert!(
            (day.partner_trust - partners).abs() < 1e-9,
            "G1: partners are suppliers and buyers"
        );
    }
    let few_crews = watch(&harbour(300, &[("wear.base_hazard", "0.02")]), 1);
    assert!(
        with(&few_crews, |day| day.repair) < base(|day| day.repair) - 0.05,
        "G2: repair"
    );
    let lean = watch(&harbour(300, &[("supply.stock_scale", "0.1")]), 1);
    assert!(
        with(&lean, |day| day.buffer) < base(|day| day.buffer) - 0.05,
        "G3: buffer"
    );
    let poor = watch(
        &harbour(
            300,
            &[("finance.cash_target", "1"), ("finance.credit", "1")],
        ),
        1,
    );
    assert!(
        with(&poor, |day| day.buffer) < base(|day| day.buffer) - 0.05,
        "G3: cash is a buffer"
    );
    let tight = watch(&harbour(300, &[("tools.slack", "0.03")]), 1);
    assert!(
        with(&tight, |day| day.buffer) < base(|day| day.buffer) - 0.05,
        "G3: redundant machines are a buffer"
    );
    let starved = under(300, "hours: (protected_share: 0.5)");
    let gap = with(&starved, |day| day.alignment) - 0.5 * base(|day| day.alignment);
    assert!(
        gap.abs() < 0.05,
        "G4: alignment is half of what it was, {gap} off"
    );
    let tangled = watch(&harbour(300, &[("coordination.per_handover", "0.1")]), 1);
    assert!(
        with(&tangled, |day| day.coordination) > base(|day| day.coordination) + 0.05,
        "G5: coordination"
    );
    let drifting = under(300, "hours: (protected_share: 0)");
    assert!(
        with(&drifting, |day| day.drift) > base(|day| day.drift) + 0.3,
        "G6: drift"
    );
    for day in &rest.city {
        let margin =
            day.trust + day.repair + day.buffer + day.alignment - day.coordination - day.drift;
        assert!(
            (day.margin - margin).abs() < 1e-12,
            "G7: the margin is the sum of its parts"
        );
    }
}

/// T1, T2: the lock holds only after its dwell, and the symptoms of the starved city are on record.
#[test]
fn t1_phase_zero_comes_with_its_symptoms_and_not_in_a_day() {
    let run = under(1500, "hours: (protected_share: 0)");
    let broken = run
        .city
        .iter()
        .position(|day| day.phase == 0.0)
        .expect("the starved city breaks");
    assert!(broken > 28, "broken on day {broken}");
    let after = &run.city[broken..];
    let seen = |of: fn(&CityRow) -> f64| after.iter().any(|day| of(day) > 0.5);
    assert!(
        seen(|day| day.symptom_breakdowns),
        "breakdowns faster than repair"
    );
    assert!(seen(|day| day.symptom_defects), "defects are normal");
    assert!(seen(|day| day.symptom_shortage), "shortage");
    let rest = watch(&harbour(300, &[]), 1);
    assert!(
        mean(&rest, |day| day.symptom_breakdowns) < 0.02,
        "not at rest"
    );
}

/// L3: a project takes hours and unsettles the crew first; afterwards less labour makes the same.
#[test]
fn l3_upgrades_are_worse_before_they_are_better() {
    let (path, projects) = policy("upgrade: (projects_per_year: 0.5)");
    let run = watch(
        &harbour(900, &[(path, &projects), ("upgrade.labour_saving", "0.15")]),
        1,
    );
    let rest = watch(&harbour(900, &[]), 1);
    let between = |run: &Watched, from: usize, to: usize, of: fn(&CityRow) -> f64| {
        run.city[from..to].iter().map(of).sum::<f64>() / (to - from) as f64
    };
    assert!(run.city.iter().map(|day| day.hours_upgrade).sum::<f64>() > 0.0);
    let lowest = (0..850)
        .map(|from| between(&run, from, from + 30, |day| day.skill))
        .fold(1.0, f64::min);
    assert!(
        lowest < between(&rest, 0, 900, |day| day.skill) - 0.05,
        "skill fell to {lowest} on the new tools"
    );
    let (before, after) = (
        between(&rest, 840, 900, |day| day.hours_output),
        between(&run, 840, 900, |day| day.hours_output),
    );
    assert!(
        after < 0.95 * before,
        "hours of output {after} against {before}"
    );
}

/// C2: a starved city that still delivers breaks under a blow that its healthy twin takes, nearly always long
/// before it would have broken by itself.
#[test]
fn c2_a_starved_city_breaks_under_a_blow_its_healthy_twin_survives() {
    const BLOW: usize = 240;
    const SEEDS: u64 = 16;
    let blow = format!("[(name: \"blow\", kind: damage, size: 0.25, hours: 36, day: {BLOW})]");
    let blow = ("scenario.shocks", blow.as_str());
    let (path, starved) = policy("hours: (protected_share: 0)");
    let starved = (path, starved.as_str());
    let (mut sooner, mut gained) = (0, 0.0);
    for seed in 1..=SEEDS {
        let [healthy, alone, both] = [&[blow][..], &[starved], &[starved, blow]]
            .map(|values| watch(&harbour(420, values), seed));
        let broken = |run: &Watched| run.city.iter().position(|day| day.phase == 0.0);
        let weeks = &alone.city[BLOW - 28..BLOW];
        let delivered = weeks.iter().map(|day| day.fill).sum::<f64>() / 28.0;
        assert!(delivered > 0.95, "seed {seed} delivers {delivered} before");
        assert_eq!(broken(&healthy), None, "seed {seed}, healthy");
        let [alone, both] = [&alone, &both].map(|run| broken(run).unwrap_or(420));
        assert!(BLOW <= both, "seed {seed}: broken on day {both}");
        sooner += u64::from(both < alone);
        gained += (alone as f64 - both as f64) / SEEDS as f64;
    }
    assert!(sooner >= SEEDS - 2, "{sooner} broke sooner");
    assert!(gained > 30.0, "they broke {gained} days sooner");
}

/// Harbour at rest is in phase 3.
#[test]
fn f3_harbour_at_rest_is_in_phase_three() {
    for seed in [1, 2, 3] {
        let run = watch(&shipped("harbour", &[]), seed);
        assert!(run.city.iter().all(|day| day.phase == 3.0), "seed {seed}");
    }
}

/// Z0, Z3: one operator taken out of any team is the cause on record of that team's errors.
///
/// Each team of harbour, five seeds, against a twin in which nobody is missing and no other draw differs.
#[test]
fn z3_one_missing_operator_is_traceable_to_the_teams_errors() {
    let codes = ["port", "works", "town"];
    let (mut pairs, mut traced, mut ratios) = (0.0, 0.0, Vec::new());
    let (mut blamed, mut anyway) = (0.0, 0.0);
    for seed in 1..=5 {
        let twin = watch_teams(&harbour(150, &[]), seed);
        for key in twin.errors.keys() {
            let named = format!("{}/{}/0", codes[usize::from(key.0)], key.1);
            let shock = format!(
                "[(name: \"one is missing\", kind: staff, operator: \"{named}\", size: 1, day: 60, days: 90)]"
            );
            let run = watch_teams(&harbour(150, &[("scenario.shocks", &shock)]), seed);
            let absence = run.events.iter().find(|event| event.kind == Kind::Absence);
            let absence = absence.expect("the absence is an event");
            assert_eq!(absence.entity, Entity::Operator(key.0, key.1, 0));
            let defects = |event: &&Event| {
                event.kind == Kind::Defects && event.entity == Entity::Team(key.0, key.1)
            };
            let own: Vec<&Event> = run
                .events
                .iter()
                .filter(defects)
                .filter(|event| chain(&run.events, event).contains(&absence.id))
                .collect();
            let in_twin = |event: &&&Event| {
                let mut there = twin.events.iter().filter(defects);
                there.any(|other| (other.day - event.day).abs() <= 1.0)
            };
            pairs += 1.0;
            traced += f64::from(u8::from(!own.is_empty()));
            blamed += own.len() as f64;
            anyway += own.iter().filter(in_twin).count() as f64;
            ratios.push((run.errors[key] / twin.errors[key]).ln());
        }
    }
    let mean = ratios.iter().sum::<f64>() / pairs;
    let square = ratios.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (pairs - 1.0);
    let error = (square / pairs).sqrt();
    assert!(mean - 3.0 * error > 1.2_f64.ln(), "{mean} +- {error}");
    assert!(traced >= 0.8 * pairs, "{traced} of {pairs}");
    assert!(
        anyway <= 0.2 * blamed,
        "{anyway} of {blamed} blamed on the absence came in the twin as well"
    );
}

struct TeamsWatched {
    /// Sum of the share of tasks with an error, by sector and team, from day 60 on.
    errors: BTreeMap<(u16, u32), f64>,
    events: Vec<Event>,
}

fn watch_teams(experiment: &Experiment, seed: u64) -> TeamsWatched {
    let mut city = Simulation::new(&experiment.run(), seed, 0, Options::default());
    city.settle().unwrap_or_else(|breach| panic!("{breach}"));
    let (mut errors, mut events) = (BTreeMap::new(), Vec::new());
    while city.day() < f64::from(experiment.days) - 1e-9 {
        let counts = city.day() >= 60.0;
        city.step().unwrap_or_else(|breach| panic!("{breach}"));
        events.extend(city.take_events());
        for (key, row) in city.team_rows() {
            let sum = errors.entry((key.sector as u16, key.team)).or_insert(0.0);
            if counts && row.defects.is_finite() {
                *sum += row.defects;
            }
        }
    }
    TeamsWatched { errors, events }
}

/// Ids of the event and all its causes.
fn chain(events: &[Event], from: &Event) -> Vec<u32> {
    let mut ids = vec![from.id];
    let mut cause = from.cause;
    while let Some(event) = events.iter().find(|event| event.id == cause) {
        ids.push(event.id);
        cause = event.cause;
    }
    ids
}
