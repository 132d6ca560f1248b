//! What the theory cases share: a case is a file, run with fixed seeds and seen through its probes.

use prodos_config::{Experiment, Options, Override, load, with_overrides};
use prodos_model::build;
use prodos_model::rows::SectorRow;
use prodos_model::simulation::Simulation;
use rayon::prelude::*;
use std::fmt::Display;
use std::path::Path;

/// A case as its file has it.
pub(crate) fn case(name: &str) -> Experiment {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../configs/verification")
        .join(format!("{name}.ron"));
    load(&path, &[], &Options::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The case with one value changed.
pub(crate) fn with(experiment: &Experiment, path: &str, value: impl Display) -> Experiment {
    with_overrides(experiment, &[Override::new(path, value)])
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// One replicate of a case, after its burn-in.
pub(crate) struct Replicate {
    /// The city.
    pub(crate) city: Simulation,
    ticks: usize,
}

impl Replicate {
    /// Replicate number `number`.
    pub(crate) fn new(experiment: &Experiment, number: u32) -> Self {
        let options = build::Options::default();
        let mut city = Simulation::new(&experiment.run(), experiment.seed, number, options);
        city.settle().unwrap_or_else(|breach| panic!("{breach}"));
        let ticks = (f64::from(experiment.days) / city.tick_length()).round() as usize;
        Replicate { city, ticks }
    }

    /// Ticks after the burn-in.
    pub(crate) fn ticks(&self) -> f64 {
        self.ticks as f64
    }

    /// Runs to the end and shows the city after every tick.
    pub(crate) fn watch(&mut self, mut look: impl FnMut(&mut Simulation)) {
        for _ in 0..self.ticks {
            self.city.step().unwrap_or_else(|breach| panic!("{breach}"));
            look(&mut self.city);
        }
    }

    /// Runs to the end and shows the only sector after every tick.
    pub(crate) fn watch_sector(&mut self, mut look: impl FnMut(&SectorRow)) {
        self.watch(|city| look(&city.sector_rows()[0]));
    }
}

/// Every replicate of a case, measured.
pub(crate) fn replicates<const N: usize>(
    experiment: &Experiment,
    measure: impl Fn(Replicate) -> [f64; N] + Sync,
) -> Samples<N> {
    assert!(
        experiment.replicates >= 20,
        "too few replicates for a verdict"
    );
    let each = (0..experiment.replicates)
        .into_par_iter()
        .map(|number| measure(Replicate::new(experiment, number)))
        .collect();
    Samples { each }
}

/// Measures of every replicate.
pub(crate) struct Samples<const N: usize> {
    each: Vec<[f64; N]>,
}

impl<const N: usize> Samples<N> {
    /// The mean of a measure must be as near the reference as the tolerance says, twice its standard
    /// error included. `tolerance` is absolute.
    pub(crate) fn agree(&self, measure: usize, what: &str, reference: f64, tolerance: f64) {
        let n = self.each.len() as f64;
        let values = || self.each.iter().map(|values| values[measure]);
        let mean = values().sum::<f64>() / n;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let error = (variance / n).sqrt();
        let found = format!(
            "{what}: {mean:.6}, standard error {error:.6}; reference {reference}, tolerance {tolerance:.6}"
        );
        eprintln!("{found}");
        assert!(
            (mean - reference).abs() + 2.0 * error <= tolerance,
            "{found}"
        );
    }

    /// As [`Samples::agree`], with the tolerance as a share of the reference.
    pub(crate) fn agree_within(&self, measure: usize, what: &str, reference: f64, share: f64) {
        self.agree(measure, what, reference, share * reference.abs());
    }
}

/// Mean, standard deviation and correlation with the value before, of a series.
#[derive(Default)]
pub(crate) struct Series {
    n: f64,
    sum: f64,
    squares: f64,
    products: f64,
    last: f64,
}

impl Series {
    /// Takes in the next value.
    pub(crate) fn add(&mut self, value: f64) {
        if self.n > 0.0 {
            self.products += value * self.last;
        }
        self.n += 1.0;
        self.sum += value;
        self.squares += value * value;
        self.last = value;
    }

    /// Mean.
    pub(crate) fn mean(&self) -> f64 {
        self.sum / self.n
    }

    /// Standard deviation.
    pub(crate) fn deviation(&self) -> f64 {
        (self.squares / self.n - self.mean().powi(2)).sqrt()
    }

    /// Correlation of a value with the one before.
    pub(crate) fn memory(&self) -> f64 {
        (self.products / (self.n - 1.0) - self.mean().powi(2)) / self.deviation().powi(2)
    }
}
