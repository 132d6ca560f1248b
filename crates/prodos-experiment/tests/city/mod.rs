//! Running shipped experiments and keeping the rows of every day.

use prodos_config::{Experiment, Options, Override, load};
use prodos_model::build;
use prodos_model::cascade::Event;
use prodos_model::rows::{CityRow, SectorRow};
use prodos_model::simulation::Simulation;
use std::path::Path;

/// A run with the rows of every day and its events.
pub(crate) struct Watched {
    /// Codes of the sectors.
    #[allow(dead_code, reason = "not every test file names sectors")]
    pub(crate) codes: Vec<String>,
    /// City rows by day.
    pub(crate) city: Vec<CityRow>,
    /// Sector rows by day.
    pub(crate) sectors: Vec<Vec<SectorRow>>,
    /// Events.
    #[allow(dead_code, reason = "not every test file looks at events")]
    pub(crate) events: Vec<Event>,
}

/// A shipped experiment with some values changed.
pub(crate) fn shipped(name: &str, changes: &[(&str, &str)]) -> Experiment {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../configs/experiments/{name}.ron"));
    let overrides: Vec<Override> = changes
        .iter()
        .map(|(path, value)| Override::new(*path, value))
        .collect();
    load(&file, &overrides, &Options::default())
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

/// Runs an experiment with a seed and watches every day.
pub(crate) fn watch(experiment: &Experiment, seed: u64) -> Watched {
    let mut simulation = Simulation::new(&experiment.run(), seed, 0, build::Options::default());
    simulation
        .settle()
        .unwrap_or_else(|breach| panic!("{breach}"));
    let mut run = Watched {
        codes: simulation.sector_codes(),
        city: Vec::new(),
        sectors: Vec::new(),
        events: Vec::new(),
    };
    while simulation.day() < f64::from(experiment.days) - 1e-9 {
        simulation
            .step()
            .unwrap_or_else(|breach| panic!("{breach}"));
        run.city.push(simulation.city_row());
        run.sectors.push(simulation.sector_rows().collect());
        run.events.extend(simulation.take_events());
    }
    run
}

/// Means over each run of 28 days of output over output at rest.
#[allow(dead_code, reason = "not every test file looks at months")]
pub(crate) fn months(run: &Watched) -> Vec<f64> {
    let relative: Vec<f64> = run
        .city
        .iter()
        .map(|day| day.output / day.output_at_rest)
        .collect();
    relative
        .windows(28)
        .map(|days| days.iter().sum::<f64>() / 28.0)
        .collect()
}
