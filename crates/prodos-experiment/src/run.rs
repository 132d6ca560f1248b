//! One run: a replicate of the experiment, stepped to its end.

use crate::outcomes::{Observer, Outcomes};
use crate::recorder::Recorder;
use prodos_config::{Experiment, Record};
use prodos_model::build::Options;
use prodos_model::ledger::Breach;
use prodos_model::rows::{CityRow, SectorRow};
use prodos_model::simulation::{Hashes, Simulation};

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Which replicate.
    pub replicate: u32,
    /// Days done, burn-in included.
    pub done: f64,
    /// Days in all, burn-in included.
    pub of: f64,
}

/// Rows of the ticks of a day, as far as it has come.
#[derive(Debug, Default)]
struct Ticks {
    city: Vec<CityRow>,
    sectors: Vec<Vec<SectorRow>>,
}

impl Ticks {
    /// The rows of the day; the next one begins.
    fn close(&mut self) -> (CityRow, Vec<SectorRow>) {
        let city = CityRow::of_day(&self.city);
        let count = self.sectors.first().map_or(0, Vec::len);
        let sectors = (0..count).map(|k| {
            let ticks: Vec<SectorRow> = self.sectors.iter().map(|rows| rows[k]).collect();
            SectorRow::of_day(&ticks)
        });
        let sectors = sectors.collect();
        self.city.clear();
        self.sectors.clear();
        (city, sectors)
    }
}

/// What a run leaves behind.
pub(crate) struct Ran {
    /// The ledger that did not close, if one did not; the tables end on the day before.
    pub(crate) breach: Option<Breach>,
    /// Its tables.
    pub(crate) recorder: Recorder,
    /// Its outcomes.
    pub(crate) outcomes: Outcomes,
    /// Days of shortage of each necessity.
    pub(crate) shortage: Vec<f64>,
    /// Hashes of its last state.
    pub(crate) hashes: Hashes,
    /// Posts of its city.
    pub(crate) posts: usize,
    /// Teams of its city.
    pub(crate) teams: usize,
}

/// The outcomes of a replicate, without a row recorded. Fails where a ledger does not close.
pub fn outcomes(experiment: &Experiment, replicate: u32) -> Result<Outcomes, Breach> {
    let mut unrecorded = experiment.clone();
    unrecorded.record = Record {
        city_every: 0,
        sectors_every: 0,
        teams_every: 0,
        operators: 0,
        operators_every: 0,
    };
    let keep = |_: &mut Recorder| Ok::<(), std::convert::Infallible>(());
    let Ok(ran) = run(&unrecorded, replicate, Options::default(), keep, &|_| {});
    ran.breach.map_or(Ok(ran.outcomes), Err)
}

/// Runs a replicate; `flush` may empty the tables as they grow, `tell` hears of progress.
///
/// Each day has a row, from those of its ticks; events are read as they come.
pub(crate) fn run<E>(
    experiment: &Experiment,
    replicate: u32,
    options: Options,
    mut flush: impl FnMut(&mut Recorder) -> Result<(), E>,
    tell: &(impl Fn(Progress) + Sync),
) -> Result<Ran, E> {
    let mut simulation = Simulation::new(&experiment.run(), experiment.seed, replicate, options);
    let burn_in = f64::from(experiment.city.burn_in);
    let of = burn_in + f64::from(experiment.days);
    let codes = simulation.sector_codes();
    let posts = simulation.posts();
    let mut recorder = Recorder::new(experiment, replicate.into(), &codes);
    let mut observer = Observer::new(experiment);
    let mut breach = simulation.settle().err();
    tell(Progress {
        replicate,
        done: burn_in,
        of,
    });
    let end = f64::from(experiment.days) - 1e-9;
    let mut ticks = Ticks::default();
    while breach.is_none() && simulation.day() < end {
        let day = (simulation.day() + 1e-9).floor();
        let whole = simulation.day() + simulation.tick_length() > day + 1.0 - 1e-9;
        breach = simulation.step().err();
        if breach.is_some() {
            break;
        }
        let events = simulation.take_events();
        observer.hear(&events);
        recorder.note(&events);
        ticks.city.push(simulation.city_row());
        ticks.sectors.push(simulation.sector_rows());
        if whole {
            let (city, sectors) = ticks.close();
            observer.see(day, &city, &sectors);
            recorder.write(day, &city, &sectors, &mut simulation);
            flush(&mut recorder)?;
            tell(Progress {
                replicate,
                done: burn_in + day + 1.0,
                of,
            });
        }
    }
    let (outcomes, shortage) = observer.outcomes();
    Ok(Ran {
        breach,
        recorder,
        outcomes,
        shortage,
        hashes: simulation.hashes(),
        posts,
        teams: simulation.teams(),
    })
}

#[cfg(test)]
mod tests {
    use super::outcomes;
    use prodos_config::{Options as Given, Override, load};
    use prodos_model::build::Options;
    use prodos_model::simulation::Simulation;
    use std::path::Path;

    /// Rounds fall due at the end of a day: its last tick alone is no picture of it.
    #[test]
    fn a_day_of_several_ticks_is_told_whole() {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/experiments/harbour.ron");
        let set = [
            Override::new("city.tick", 0.25),
            Override::new("city.burn_in", 0),
        ];
        let given = Given {
            days: Some(60),
            ..Given::default()
        };
        let experiment = load(&file, &set, &given).expect("it is shipped");
        let mut city = Simulation::new(&experiment.run(), experiment.seed, 0, Options::default());
        city.settle().expect("the ledgers close");
        let (mut pressure, mut quits) = (0.0, 0.0);
        for _ in 0..240 {
            city.step().expect("the ledgers close");
            pressure += city.city_row().pressure / 240.0;
            quits += city.city_row().quits / 4.0;
        }
        let own = outcomes(&experiment, 0).expect("the ledgers close");
        assert!((own.pressure_mean - pressure).abs() < 1e-12, "{own:?}");
        assert!(
            quits > 0.0 && (own.quits_total - quits).abs() < 1e-9,
            "{quits}"
        );
    }
}
