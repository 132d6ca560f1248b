//! Draws by key: the same number for the same question, whatever else is asked.
//!
//! Every draw is keyed by (seed, replicate, stream, entity, tick). Where one decision needs one
//! number, a stateless [`Keyed::word`] answers; where it needs a sequence, a PCG generator is seeded
//! from the same key. Nothing depends on call order, on threads, or on which other draws exist.

use crate::maths::mix;
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// What a draw decides. The numbers are part of the results: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Stream {
    /// Building the world.
    World = 1,
    /// Absence, leaving, arriving.
    Presence = 2,
    /// Who a newcomer is.
    Newcomer = 3,
    /// Whether a person reconsiders shortcuts, and how.
    Habit = 4,
    /// When a machine grows its next defect.
    Defect = 5,
    /// How long a defect stays latent.
    Delay = 6,
    /// How much work a repair is.
    Work = 7,
    /// What a repair does to age, and whether it is bad.
    Repair = 8,
    /// Whether inspection finds a defect.
    Inspection = 9,
    /// Which spare parts arrive.
    Spares = 10,
    /// Errors in tasks.
    Error = 11,
    /// What quality control finds, and what rework mends.
    Quality = 12,
    /// Safety incidents.
    Incident = 13,
    /// Who is hit by a shock.
    Shock = 14,
    /// Renewal of certificates.
    Certificate = 15,
    /// Processes that stand beside the model to be compared with it; in a run only where a test asks for an extra draw.
    Reference = 16,
    /// Which new machines arrive.
    Renewal = 17,
    /// Which escaped errors show.
    Surfacing = 18,
    /// How many final orders come.
    Orders = 19,
    /// When a shock comes that comes by chance.
    Arrival = 20,
    /// Points of a design of experiments.
    Design = 21,
    /// Runs that are drawn again from those there are, for intervals.
    Resample = 22,
}

/// The keys of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys(u64);

/// The keys of one stream at one tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyed(u64);

impl Keys {
    /// Keys of a replicate of an experiment.
    pub fn new(seed: u64, replicate: u32) -> Self {
        Keys(mix(
            mix(seed.wrapping_add(STEP)) ^ u64::from(replicate).wrapping_add(1).wrapping_mul(STEP)
        ))
    }

    /// The seed of the run: what its root seed and its replicate come to.
    pub fn seed(self) -> u64 {
        self.0
    }

    /// Keys of one stream at one tick.
    #[inline]
    pub fn at(self, stream: Stream, tick: u64) -> Keyed {
        let keyed = Keyed(mix(mix(self.0 ^ (stream as u64).wrapping_mul(STEP))
            ^ tick.wrapping_add(1).wrapping_mul(STEP)));
        #[cfg(test)]
        log::note_key(keyed, stream, tick);
        keyed
    }
}

impl Keyed {
    /// The word of one entity.
    #[inline]
    pub fn word(self, id: u64) -> u64 {
        #[cfg(test)]
        log::note_draw(self, id);
        mix(self.0.wrapping_add(id.wrapping_mul(STEP)))
    }

    /// A generator for one entity, for decisions that need a sequence.
    pub fn generator(self, id: u64) -> Pcg64 {
        let low = self.word(id);
        let high = mix(low ^ STEP);
        let stream = mix(high ^ STEP);
        Pcg64::new(u128::from(high) << 64 | u128::from(low), u128::from(stream))
    }
}

/// Stable id of a post: sector, team within the sector, post within the team.
///
/// No id depends on the size of anything else. `post` [`TEAM`] is the team itself.
#[inline]
pub fn id(sector: usize, team: usize, post: usize) -> u64 {
    (sector as u64) << 48 | (team as u64) << 24 | post as u64
}

/// The post number that stands for the team itself.
pub const TEAM: usize = 0xFF_FFFF;

/// The log of draws that tests keep; it is not in the program.
#[cfg(test)]
mod log {
    use super::{Keyed, Stream};
    use std::cell::RefCell;
    use std::collections::{BTreeSet, HashMap};

    /// What a word is drawn for: stream, tick (or key of an occurrence), entity.
    pub(super) type Question = (u64, u64, u64);

    #[derive(Default)]
    pub(super) struct Log {
        keys: HashMap<u64, (u64, u64)>,
        /// Every question.
        pub(super) all: BTreeSet<Question>,
        /// The questions since the tick began.
        today: BTreeSet<Question>,
        /// Those that were asked more than once within a tick.
        pub(super) again: Vec<Question>,
    }

    thread_local! {
        static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
    }

    pub(super) fn note_key(keyed: Keyed, stream: Stream, tick: u64) {
        LOG.with_borrow_mut(|log| {
            if let Some(log) = log {
                log.keys.insert(keyed.0, (stream as u64, tick));
            }
        });
    }

    pub(super) fn note_draw(keyed: Keyed, id: u64) {
        LOG.with_borrow_mut(|log| {
            if let Some(log) = log {
                let (stream, tick) = log.keys[&keyed.0];
                let question = (stream, tick, id);
                log.all.insert(question);
                if !log.today.insert(question) {
                    log.again.push(question);
                }
            }
        });
    }

    /// A tick begins: what was asked before may be asked again.
    pub(super) fn tick_begins() {
        LOG.with_borrow_mut(|log| log.iter_mut().for_each(|log| log.today.clear()));
    }

    /// The draws of some work, done on one thread.
    pub(super) fn of(work: impl FnOnce() + Send) -> Log {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        pool.expect("a pool can be built").install(|| {
            LOG.set(Some(Log::default()));
            work();
            LOG.take().expect("it was begun")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Keys, Stream, id, log};
    use crate::build::Options;
    use crate::modules::supply::OrderStream;
    use crate::simulation::Simulation;
    use crate::spec::{Comes, Run, Shock, ShockKind};
    use std::collections::BTreeSet;

    /// Harbour, three sectors that do not trade, with a strike, a storm and a lockout.
    fn shaken() -> Run {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../configs/experiments/harbour.ron");
        let given = prodos_config::Options::default();
        let experiment = prodos_config::load(&file, &[], &given).expect("it is shipped");
        // The same city, in the types of this test.
        let text = ron::to_string(&experiment.run()).expect("a run can be written");
        let mut run: Run = ron::from_str(&text).expect("a run can be read");
        run.city.burn_in = 0;
        for sector in run.city.sectors.values_mut() {
            sector.inputs.clear();
            sector.critical.clear();
        }
        let only = |code: &str, shock: Shock| Shock {
            sectors: vec![code.to_owned()],
            ..shock
        };
        run.scenario.shocks = vec![
            only(
                "port",
                Shock::new("strike", ShockKind::Staff, 0.4, 10.0, 20.0),
            ),
            Shock {
                hours: 30.0,
                ..only(
                    "works",
                    Shock::new("storm", ShockKind::Damage, 0.5, 15.0, 0.0),
                )
            },
            only(
                "town",
                Shock::new("lockout", ShockKind::Staff, 0.3, 12.0, 30.0),
            ),
        ];
        run
    }

    fn draws(run: &Run) -> log::Log {
        log::of(|| {
            let mut city = Simulation::new(run, 1, 0, Options::default());
            for _ in 0..60 {
                log::tick_begins();
                city.step().expect("the ledgers close");
            }
        })
    }

    #[test]
    fn removing_a_shock_changes_no_other_draw() {
        let all = shaken();
        let with = draws(&all).all;
        assert!(with.len() > 10_000, "only {} draws", with.len());
        for (removed, code) in ["port", "works", "town"].into_iter().enumerate() {
            let mut spared = all.clone();
            spared.scenario.shocks.remove(removed);
            let without = draws(&spared).all;
            // What is asked more or less belongs to the sector that was hit.
            let sector = all.city.sectors.get_index_of(code).expect("it is there") as u64;
            let mut moved = 0;
            for (stream, tick, entity) in with.symmetric_difference(&without) {
                assert_eq!(entity >> 48, sector, "stream {stream}, tick {tick}");
                moved += 1;
            }
            assert!(moved > 0, "the shock of {code} asks nothing");
        }
    }

    /// Every stream that a run draws from, in one run.
    fn all_at_once() -> Run {
        let mut run = shaken();
        let rules = &mut run.city.parameters;
        rules.supply.order_stream = OrderStream::Autoregressive;
        rules.training.certificate_life.0 = 30.0;
        rules.maintenance.write_off_hours.0 = 30.0;
        // Often, so that some machine is overhauled on the very day of its repair.
        rules.maintenance.preventive_interval.0 = 2.0;
        rules.error.base.0 = 0.02;
        run.scenario.shocks.push(Shock {
            comes: Comes::ByChance,
            every: 15.0,
            times: 4,
            ..Shock::new("flu", ShockKind::Staff, 0.2, 5.0, 5.0)
        });
        run
    }

    #[test]
    fn no_word_decides_two_things_in_a_tick() {
        let log = draws(&all_at_once());
        // A machine that is repaired and overhauled in a tick is wound up twice; only the second span counts.
        let defect = Stream::Defect as u64;
        let asked = log.again.into_iter();
        let (wound, again): (Vec<_>, Vec<_>) = asked.partition(|(stream, ..)| *stream == defect);
        assert!(again.is_empty(), "stream, tick, entity: {again:?}");
        assert!(!wound.is_empty(), "no machine is wound up twice");
        let once: BTreeSet<_> = wound.iter().collect();
        assert_eq!(once.len(), wound.len(), "a machine is wound up thrice");
        let never = [Stream::Reference as u64, Stream::Design as u64];
        let drawn = (1..=Stream::Design as u64).filter(|stream| !never.contains(stream));
        let streams: BTreeSet<u64> = log.all.iter().map(|(stream, ..)| *stream).collect();
        assert_eq!(streams, drawn.collect(), "a stream is not tried");
    }

    #[test]
    fn a_draw_depends_on_its_whole_key_and_on_nothing_else() {
        let draw = |seed, replicate, stream, tick, id| {
            Keys::new(seed, replicate).at(stream, tick).word(id)
        };
        let one = draw(1, 0, Stream::Habit, 5, id(1, 2, 3));
        assert_eq!(one, draw(1, 0, Stream::Habit, 5, id(1, 2, 3)));
        for other in [
            draw(2, 0, Stream::Habit, 5, id(1, 2, 3)),
            draw(1, 1, Stream::Habit, 5, id(1, 2, 3)),
            draw(1, 0, Stream::Error, 5, id(1, 2, 3)),
            draw(1, 0, Stream::Habit, 6, id(1, 2, 3)),
            draw(1, 0, Stream::Habit, 5, id(1, 3, 2)),
        ] {
            assert_ne!(one, other);
        }
    }
}
