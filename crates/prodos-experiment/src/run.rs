//! One run: a replicate of the experiment, stepped to its end.

use crate::outcomes::{Observer, Outcomes};
use crate::recorder::{Recorder, Rows};
use prodos_config::{Experiment, Record, Stop};
use prodos_model::build::Options;
use prodos_model::ledger::Breach;
use prodos_model::rows::{CityRow, SectorRow};
use prodos_model::simulation::{Hashes, Simulation};
use prodos_model::state::State;
use serde::{Deserialize, Serialize};

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Days done, burn-in included.
    pub done: f64,
    /// Days in all, burn-in included.
    pub of: f64,
}

/// Rows of the ticks of a day, as far as it has come.
#[derive(Debug, Default)]
struct Ticks {
    city: Vec<CityRow>,
    /// Tick by tick, in the order of sectors.
    sectors: Vec<SectorRow>,
}

impl Ticks {
    /// Takes in the rows of a tick.
    fn take(&mut self, simulation: &mut Simulation) {
        self.city.push(simulation.city_row());
        self.sectors.extend(simulation.sector_rows());
    }

    /// Makes of the rows of the ticks those of their day, one an entity.
    fn close(&mut self) {
        let ticks = self.city.len();
        // The day of a single tick is that tick.
        if ticks < 2 {
            return;
        }
        let count = self.sectors.len() / ticks;
        let sectors = (0..count).map(|k| {
            let rows = self.sectors.iter().skip(k).step_by(count);
            SectorRow::of_day(&rows.copied().collect::<Vec<_>>())
        });
        self.sectors = sectors.collect();
        self.city = vec![CityRow::of_day(&self.city)];
    }

    /// The next day begins.
    fn clear(&mut self) {
        self.city.clear();
        self.sectors.clear();
    }
}

/// What a run leaves behind.
pub(crate) struct Ran {
    /// The ledger that did not close, if one did not; the tables end on the day before.
    pub(crate) breach: Option<Breach>,
    /// The day after which it was stopped.
    pub(crate) stopped: Option<f64>,
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
}

impl Ran {
    /// Every outcome, in the order of the summary.
    pub(crate) fn values(&self) -> impl Iterator<Item = f64> {
        self.outcomes.values().chain(self.shortage.iter().copied())
    }
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
        events: false,
    };
    let keep = |_: &mut Recorder| Ok::<(), std::convert::Infallible>(());
    let Ok(ran) = run(&unrecorded, 0, replicate, Options::default(), keep, &|_| {});
    ran.breach.map_or(Ok(ran.outcomes), Err)
}

/// Runs a replicate under a number; `flush` may empty the tables as they grow, `tell` hears of progress.
pub(crate) fn run<E>(
    experiment: &Experiment,
    run_id: i64,
    replicate: u32,
    options: Options,
    mut flush: impl FnMut(&mut Recorder) -> Result<(), E>,
    tell: &(impl Fn(Progress) + Sync),
) -> Result<Ran, E> {
    let mut course = Course::begin(experiment, run_id, replicate, options);
    course.until(experiment.days, &mut flush, tell)?;
    Ok(course.end())
}

/// A run on its way: at the end of its burn-in, or of a day.
pub(crate) struct Course {
    simulation: Simulation,
    recorder: Recorder,
    observer: Observer,
    breach: Option<Breach>,
    watch: Option<Watch>,
    /// Days of the burn-in and of the run.
    spans: (f64, f64),
}

/// What another run goes on from.
#[derive(Clone)]
pub(crate) struct Kept {
    recorder: Recorder,
    rest: Rest,
}

/// What another run goes on from, beside its rows.
#[derive(Clone, Serialize, Deserialize)]
struct Rest {
    state: State,
    watch: Option<Watch>,
    observer: Observer,
    breach: Option<Breach>,
}

/// The same in a form that can be written down.
#[derive(Serialize, Deserialize)]
pub(crate) struct Written {
    rows: Rows,
    codes: Vec<String>,
    rest: Rest,
}

impl Kept {
    /// It in a form that can be written down.
    pub(crate) fn write(self) -> Written {
        Written {
            codes: self.recorder.codes().to_vec(),
            rows: self.recorder.keep(),
            rest: self.rest,
        }
    }

    /// What was written down of a run of this experiment.
    pub(crate) fn read(written: Written, experiment: &Experiment) -> Kept {
        let mut recorder = Recorder::new(experiment, 0, &written.codes);
        recorder.restore(written.rows);
        Kept {
            recorder,
            rest: written.rest,
        }
    }
}

/// Looks every day whether a run is to be stopped.
#[derive(Clone, Serialize, Deserialize)]
struct Watch {
    stop: Stop,
    /// Days on end for which it has been so.
    days: u32,
    /// The day after which the run is stopped.
    stopped: Option<f64>,
}

impl Watch {
    fn of(stop: &Stop) -> Watch {
        Watch {
            stop: stop.clone(),
            days: 0,
            stopped: None,
        }
    }

    fn see(&mut self, day: f64, city: &CityRow) {
        let mut named = CityRow::PROBES.iter().zip(city.values());
        let value = named.find(|(probe, _)| probe.name == self.stop.probe);
        let value = value.map_or(f64::NAN, |(_, value)| value);
        let below = self.stop.below.is_some_and(|line| value < line);
        let above = self.stop.above.is_some_and(|line| value > line);
        self.days = if below || above { self.days + 1 } else { 0 };
        if self.days >= self.stop.days {
            self.stopped = Some(day);
        }
    }
}

impl Course {
    /// Builds the city of a replicate and settles it.
    pub(crate) fn begin(
        experiment: &Experiment,
        run_id: i64,
        replicate: u32,
        options: Options,
    ) -> Course {
        let run = experiment.run();
        let mut simulation = Simulation::new(&run, experiment.seed, replicate, options);
        let codes = simulation.sector_codes();
        let breach = simulation.settle().err();
        Course {
            simulation,
            recorder: Recorder::new(experiment, run_id, &codes),
            observer: Observer::new(experiment),
            breach,
            watch: experiment.stop.as_ref().map(Watch::of),
            spans: (experiment.city.burn_in.into(), experiment.days.into()),
        }
    }

    /// What others can go on from.
    pub(crate) fn keep(&mut self) -> Kept {
        Kept {
            recorder: self.recorder.clone(),
            rest: Rest {
                state: self.simulation.state(),
                watch: self.watch.clone(),
                observer: self.observer.clone(),
                breach: self.breach.clone(),
            },
        }
    }

    /// Goes on from what was kept, under the scenario and policy of another experiment of the same city.
    pub(crate) fn from(kept: Kept, experiment: &Experiment, run_id: i64) -> Result<Course, String> {
        let mut course = Course::again(kept, experiment, run_id);
        course.simulation.turn(&experiment.run())?;
        Ok(course)
    }

    /// Goes on from what was kept, as if nothing had been.
    pub(crate) fn again(kept: Kept, experiment: &Experiment, run_id: i64) -> Course {
        let Rest {
            state,
            watch,
            observer,
            breach,
        } = kept.rest;
        let mut recorder = kept.recorder;
        recorder.call(run_id);
        Course {
            simulation: Simulation::from_state(state),
            recorder,
            observer,
            breach,
            watch,
            spans: (experiment.city.burn_in.into(), experiment.days.into()),
        }
    }

    /// Steps to the beginning of a day. Each day has a row, from those of its ticks; events are read as they come.
    pub(crate) fn until<E>(
        &mut self,
        day: u32,
        flush: &mut (impl FnMut(&mut Recorder) -> Result<(), E> + ?Sized),
        tell: &(impl Fn(Progress) + Sync),
    ) -> Result<(), E> {
        let (burn_in, days) = self.spans;
        let come = |done: f64| {
            tell(Progress {
                done: burn_in + done,
                of: burn_in + days,
            });
        };
        let simulation = &mut self.simulation;
        come(simulation.day());
        let end = f64::from(day) - 1e-9;
        let mut ticks = Ticks::default();
        let stopped =
            |watch: &Option<Watch>| watch.as_ref().is_some_and(|own| own.stopped.is_some());
        while self.breach.is_none() && !stopped(&self.watch) && simulation.day() < end {
            let day = (simulation.day() + 1e-9).floor();
            let whole = simulation.day() + simulation.tick_length() > day + 1.0 - 1e-9;
            self.breach = simulation.step().err();
            if self.breach.is_some() {
                break;
            }
            let events = simulation.take_events();
            self.observer.hear(&events);
            self.recorder.note(&events);
            ticks.take(simulation);
            if whole {
                ticks.close();
                let (city, sectors) = (&ticks.city[0], &ticks.sectors);
                self.observer.see(day, city, sectors);
                if let Some(watch) = &mut self.watch {
                    watch.see(day, city);
                }
                self.recorder.write(day, city, sectors, simulation);
                ticks.clear();
                flush(&mut self.recorder)?;
                come(day + 1.0);
            }
        }
        Ok(())
    }

    /// Whether it has ended before its last day.
    pub(crate) fn is_over(&self) -> bool {
        let stopped = self.watch.as_ref().and_then(|watch| watch.stopped);
        self.breach.is_some() || stopped.is_some()
    }

    /// What it leaves behind.
    pub(crate) fn end(mut self) -> Ran {
        let (outcomes, shortage) = self.observer.outcomes();
        Ran {
            breach: self.breach,
            stopped: self.watch.and_then(|watch| watch.stopped),
            recorder: self.recorder,
            outcomes,
            shortage,
            hashes: self.simulation.hashes(),
            posts: self.simulation.posts(),
        }
    }
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
