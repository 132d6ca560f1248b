//! Trust: slow to win, quick to lose.

use crate::lattice::blocks::Team;
use crate::today::{SectorToday, Today};
use prodos_quantity::params;

params! {
    /// Trust of customers, partners and workers.
    pub struct Trust / TrustPatch in "trust" {
        /// Gain of trust by a day of good experience, as a share of what is missing.
        gain: Share = 0.01, range 0.0..=1.0, typical 0.005..=0.05, Uncertain, "asymmetry principle, Slovic 1993 (numbers from memory)";
        /// Loss of trust by a day of bad experience, as a share of what is there.
        loss: Share = 0.1, range 0.0..=1.0, typical 0.025..=0.5, Uncertain, "5 to 30 times the gain, Slovic 1993 (numbers from memory)";
        /// Days over which workers' trust follows how they are worked.
        worker_time: Days = 60.0, range 1.0..=3650.0, typical 20.0..=180.0, Uncertain, "assumption";
        /// Pressure at which workers' trust would fall to nothing.
        worker_breaking: Ratio = 1.6, range 0.1..=10.0, typical 1.3..=2.0, Uncertain, "assumption";
        /// Workers' trust per unit of pressure below that.
        worker_slope: Ratio = 0.9, range 0.0..=10.0, typical 0.5..=1.2, Uncertain, "assumption";
        /// Days over which fatigue follows pressure upward.
        fatigue_time: Days = 14.0, range 1.0..=365.0, typical 7.0..=30.0, Uncertain, "assumption: exponential filter of two weeks";
        /// Days over which fatigue follows pressure downward.
        recovery_time: Days = 14.0, range 1.0..=365.0, typical 7.0..=30.0, Uncertain, "assumption: as fast as people tire";
        /// Trust in the employer of a newcomer.
        newcomer: Share = 0.65, range 0.0..=1.0, typical 0.5..=0.8, Uncertain, "assumption: a little above indifference";
        /// Share of the price that holds without any trust.
        price_floor: Share = 0.75, range 0.0..=1.0, typical 0.5..=1.0, Uncertain, "assumption";
    }
}

/// Trust after a day in which a share `bad` of experiences was bad.
///
/// T' = T + g (1 - T)(1 - b) - l T b
/// Source: linear asymmetric update; the asymmetry is Slovic 1993.
pub fn after_a_day(trust: f64, bad: f64, gain: f64, loss: f64) -> f64 {
    trust + gain * (1.0 - trust) * (1.0 - bad) - loss * trust * bad
}

/// Mean trust when each day is bad with probability `bad`.
///
/// E T = g (1 - p) / (g (1 - p) + l p)
pub fn stationary(bad: f64, gain: f64, loss: f64) -> f64 {
    let good = gain * (1.0 - bad);
    let total = good + loss * bad;
    if total > 0.0 { good / total } else { 1.0 }
}

/// Share of today's orders that was not delivered.
fn short(team: &Team) -> f64 {
    let trade = &team.trade;
    if trade.orders > 0.0 {
        (1.0 - (trade.made - trade.scrapped) / trade.orders).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// Customers, partners and workers make up their minds; people tire or recover.
///
/// regard = min(max(Pb - P, 0) k, 1),  u' = u + (regard - u) min(dt/tu, 1)
/// F' = F + (load - F) min(dt/tF, 1)
/// P pressure · Pb at which regard is nothing · k slope · u trust of a worker, follows in tu days · F fatigue ·
/// load P of those at work, else 0 · tF days of tiring where load > F, else of recovery
/// Source: exponential filters; numbers are assumptions.
pub fn believe(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules.trust;
    let (gain, loss) = (rules.gain.0 * today.dt, rules.loss.0 * today.dt);
    team.standing.customers = after_a_day(team.standing.customers, team.work.bad, gain, loss);
    let refused = 1.0 - team.trade.received_share;
    team.standing.suppliers = after_a_day(team.standing.suppliers, refused, gain, loss);
    team.standing.buyers = after_a_day(team.standing.buyers, short(team), gain, loss);
    let pressure = team.crew.pressure;
    let regard =
        ((rules.worker_breaking.0 - pressure).max(0.0) * rules.worker_slope.0).min(1.0) as f32;
    let rates = &sector.rates;
    for (post, strain) in team.post.iter().zip(&mut *team.strain) {
        if !post.employed() {
            continue;
        }
        let load = if post.present() { pressure as f32 } else { 0.0 };
        let step = if load > strain.fatigue {
            rates.tiring
        } else {
            rates.resting
        };
        strain.fatigue += (load - strain.fatigue) * step;
        strain.trust += (regard - strain.trust) * rates.trust;
    }
    team.crew.pressure_mean += (pressure - team.crew.pressure_mean) * rates.pressure;
}

#[cfg(test)]
mod tests {
    use super::{after_a_day, stationary};
    use crate::keyed::{Keys, Stream};
    use crate::maths;

    #[test]
    fn trust_at_its_stationary_value_stays_there() {
        for bad in [0.0, 0.01, 0.3, 1.0] {
            let rest = stationary(bad, 0.01, 0.1);
            assert!((after_a_day(rest, bad, 0.01, 0.1) - rest).abs() < 1e-15);
        }
        assert!((stationary(0.05, 0.01, 0.1) - 0.655_172_413_8).abs() < 1e-9);
    }

    #[test]
    fn trust_is_a_share_after_any_day() {
        for trust in [0.0, 0.5, 1.0] {
            for bad in [0.0, 0.5, 1.0] {
                assert!((0.0..=1.0).contains(&after_a_day(trust, bad, 1.0, 1.0)));
            }
        }
    }

    #[test]
    fn the_mean_over_good_and_bad_days_is_the_stationary_one() {
        // With steps of 1 and 10 % the memory is some ten days: 200,000 days are 20,000 independent ones.
        let (bad, gain, loss) = (0.1, 0.01, 0.1);
        let draw = Keys::new(1, 0).at(Stream::Reference, 0);
        let rest = stationary(bad, gain, loss);
        let (mut trust, mut sum) = (rest, 0.0);
        for day in 0..200_000 {
            let is_bad = maths::unit(draw.word(day)) < bad;
            trust = after_a_day(trust, f64::from(u8::from(is_bad)), gain, loss);
            sum += trust;
        }
        let mean = sum / 200_000.0;
        assert!((mean - rest).abs() < 0.005, "{mean} against {rest}");
    }
}
