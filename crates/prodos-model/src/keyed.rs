//! Draws by key: the same number for the same question, whatever else is asked.
//!
//! Every draw is keyed by (seed, replicate, stream, entity, tick). Where one decision needs one
//! number, a stateless [`Keyed::word`] answers; where it needs a sequence, a PCG generator is seeded
//! from the same key. Nothing depends on call order, on threads, or on which other draws exist.

use crate::maths::mix;
use rand_pcg::Pcg64;

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
    /// Draws that decide nothing; for tests of independence.
    Unused = 16,
    /// Which new machines arrive.
    Renewal = 17,
    /// Which escaped errors show.
    Surfacing = 18,
    /// How many final orders come.
    Orders = 19,
    /// When a shock comes that comes by chance.
    Arrival = 20,
}

/// The keys of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// Keys of one stream at one tick.
    #[inline]
    pub fn at(self, stream: Stream, tick: u64) -> Keyed {
        Keyed(mix(mix(self.0 ^ (stream as u64).wrapping_mul(STEP))
            ^ tick.wrapping_add(1).wrapping_mul(STEP)))
    }
}

impl Keyed {
    /// The word of one entity.
    #[inline]
    pub fn word(self, id: u64) -> u64 {
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

#[cfg(test)]
mod tests {
    use super::{Keys, Stream, id};

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
