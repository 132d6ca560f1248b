//! What is planned is done: as many overhauls and projects as the rules ask for, where there are hours for them.

mod common;

use common::{harbour, means, set};
use prodos_model::build::Options;
use prodos_model::rows::CityRow;
use prodos_model::simulation::Simulation;
use prodos_model::spec::Run;

const YEAR: u32 = 365;

fn posts(run: &Run) -> f64 {
    Simulation::new(run, 1, 0, Options::default()).posts() as f64
}

#[test]
fn a_machine_that_is_up_has_its_turn_once_an_interval_and_one_that_is_down_costs_no_hours() {
    // Long repairs: a tenth of the machines is down.
    let worn = set(
        &harbour(),
        &[
            ("maintenance.preventive_interval", "30"),
            ("maintenance.preventive_hours", "4"),
            ("maintenance.spare_lead", "30"),
            ("maintenance.spare_stock", "0"),
            ("tools.machines_per_operator", "2"),
        ],
    );
    let run = worn.run();
    let read = |row: &CityRow| [row.overhauls, row.machines_down, row.hours_preventive];
    let [overhauls, down, hours] = means(&run, 1, (0, YEAR), read);
    assert!(down > 0.05, "{down}");
    let planned = 2.0 * posts(&run) * (1.0 - down) / 30.0;
    assert!(
        (overhauls / planned - 1.0).abs() < 0.02,
        "{overhauls} of {planned}"
    );
    assert!(
        (hours / (4.0 * overhauls) - 1.0).abs() < 0.02,
        "{hours} hours for {overhauls}"
    );
}

#[test]
fn a_project_that_falls_due_while_another_runs_is_begun_after_it() {
    // A project of 40 hours at a tenth of the hours takes about seven weeks of the two months between two.
    let improving = set(
        &harbour(),
        &[
            ("upgrade.projects_per_year", "6"),
            ("upgrade.project_hours", "40"),
            ("upgrade.pace", "0.1"),
            ("upgrade.restart", "1"),
            ("upgrade.unsettled_error", "0"),
        ],
    );
    let run = improving.run();
    let [given] = means(&run, 1, (0, 3 * YEAR), |row| [row.hours_upgrade]);
    let planned = 6.0 * 40.0 / f64::from(YEAR) * posts(&run);
    assert!((given / planned - 1.0).abs() < 0.05, "{given} of {planned}");
}
