//! Training and certification: skill is built, used and lost.

use crate::keyed::Stream;
use crate::lattice::blocks::Team;
use crate::ledger::Purpose;
use crate::maths;
use crate::parameters::Parameters;
use crate::today::{SectorToday, Today};
use prodos_quantity::params;

params! {
    /// Skill, certificates, training.
    pub struct Training / TrainingPatch in "training" {
        /// Time in which full training closes the gap to mastery.
        train_time: Days = 90.0, range 1.0..=1000000000.0, typical 30.0..=180.0, Lever, "training time constant, usual range 30-180 days (from memory)";
        /// Time in which doing the work closes the gap to mastery.
        doing_time: Days = 600.0, range 1.0..=1000000000.0, typical 200.0..=2000.0, Uncertain, "assumption: much slower than training";
        /// Loss of skill a day that training and practice must make good.
        decay: PerDay = 0.0012, range 0.0..=0.1, typical 0.0005..=0.0035, Uncertain, "a third of the decay under non-use, ln 2 / 198 days for accuracy (Tatel & Ackerman, Psychol. Bull.)";
        /// Skill of a newcomer.
        newcomer_skill: Share = 0.3, range 0.0..=1.0, typical 0.1..=0.6, Uncertain, "assumption";
        /// Training hours of an operator a year.
        hours_per_year: Hours = 40.0, range 0.0..=2000.0, typical 10.0..=120.0, Lever, "assumption: one working week";
        /// Training hours a year that are full training: half as many close the gap half as fast.
        full_hours: Hours = 40.0, range 0.1..=2000.0, typical 20.0..=120.0, Uncertain, "assumption: one working week";
        /// Days for which a certificate is valid.
        certificate_life: Days = 365.0, range 1.0..=3650.0, typical 90.0..=1095.0, Lever, "assumption: yearly renewal";
        /// Share of the gap to mastery that the course for a new certificate closes at once.
        renewal_restores: Share = 0.0, range 0.0..=1.0, typical 0.0..=1.0, Uncertain, "assumption: renewal is an examination, and the training before it teaches";
        /// Speed of a person without skill over a master's.
        untrained_speed: Share = 0.5, range 0.0..=1.0, typical 0.3..=0.8, Uncertain, "assumption";
    }
}

/// Training wanted over full training.
pub fn full_share(rules: &Training) -> f64 {
    rules.hours_per_year.0 / rules.full_hours.0
}

/// Rates at which a person of a role learns and fades at rest, a day.
///
/// a = f / (tau_train m) + 1/tau_doing, delta     f training over full training · m training time of the role
pub fn rates_at_rest(rules: &Parameters, role: f64) -> (f64, f64) {
    let own = &rules.training;
    let trained = rules.hours.protected_share.0 * full_share(own);
    let learning = trained / (own.train_time.0 * role) + 1.0 / own.doing_time.0;
    (learning, own.decay.0)
}

/// Mean skill with training, doing, fading and turnover.
///
/// s = (a + h s0) / (a + delta + h)     h hazard of leaving · s0 skill of a newcomer
/// Source: balance of learning, fading and replacement.
pub fn skill_at_rest(rules: &Parameters, role: f64) -> f64 {
    let (learning, fading) = rates_at_rest(rules, role);
    let leaving = rules.staff.quit_rate.0;
    (learning + leaving * rules.training.newcomer_skill.0) / (learning + fading + leaving)
}

/// Skill after a span of training, doing and fading.
///
/// ds/dt = f (1 - s)/(tau_train m) + (1 - s)/tau_doing - delta s, explicit step of length dt; m training time of the role
/// Source: stationary mean (a + h s0)/(a + delta + h) of learning with turnover; exponential fading.
#[inline]
pub fn skill_after(skill: f32, trained: f32, per_training: f32, per_doing: f32, decay: f32) -> f32 {
    (skill + (1.0 - skill) * (trained * per_training + per_doing) - decay * skill).clamp(0.0, 1.0)
}

/// Speed of work of a person, relative to a master who fits the role.
///
/// e = e0 + (1 - e0) s
#[inline]
pub fn speed(skill: f32, untrained_speed: f32) -> f32 {
    untrained_speed + (1.0 - untrained_speed) * skill
}

/// Skill grows by training and doing and fades; certificates run out and are renewed in training.
pub fn learn(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rates = &sector.rates;
    let rules = &sector.rules.training;
    let trained = (team.hours.done(Purpose::Training) * full_share(rules)) as f32;
    let life = rules.certificate_life.0 as f32;
    let dt = today.dt as f32;
    let people = team.post.iter_mut().zip(&mut *team.ability);
    for (k, (post, ability)) in people.enumerate() {
        if !post.employed() {
            continue;
        }
        let doing = if post.present() { rates.doing } else { 0.0 };
        let slow = today
            .roles
            .get(usize::from(post.role))
            .map_or(1.0, |role| role.training as f32);
        ability.skill = skill_after(
            ability.skill,
            trained,
            rates.training / slow,
            doing,
            rates.decay,
        );
        post.certificate -= dt;
        if post.certificate < 0.0 {
            let id = team.place.id(k);
            let chance = f64::from(trained) * today.dt;
            if maths::unit(today.draw(Stream::Certificate).word(id)) < chance {
                post.certificate = life;
                ability.skill += rules.renewal_restores.0 as f32 * (1.0 - ability.skill);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{skill_after, speed};

    #[test]
    fn skill_settles_where_learning_and_fading_balance() {
        // a / (a + delta) with a = 1/90 + 1/600 and delta = 0.0012
        let (training, doing, decay) = (1.0 / 90.0, 1.0 / 600.0, 0.0012);
        let skill = (0..5000).fold(0.3, |skill, _| {
            skill_after(skill, 1.0, training, doing, decay)
        });
        assert!((skill - 0.914_13).abs() < 1e-4, "{skill}");
        let alone = (0..9000).fold(0.9, |skill, _| {
            skill_after(skill, 0.0, training, doing, decay)
        });
        assert!((alone - 0.581_4).abs() < 1e-3, "{alone}");
    }

    #[test]
    fn skill_without_practice_fades_by_its_rate() {
        let skill = (0..100).fold(0.8, |skill, _| skill_after(skill, 0.0, 0.01, 0.0, 0.0012));
        assert!((f64::from(skill) - 0.8 * 0.9988f64.powi(100)).abs() < 1e-5);
        assert_eq!(skill_after(0.5, 1.0, 3.0, 0.0, 0.0), 1.0);
        assert_eq!(skill_after(0.0, 0.0, 0.0, 0.0, 0.1), 0.0);
    }

    #[test]
    fn an_untrained_person_works_at_the_untrained_speed_and_a_master_at_one() {
        assert_eq!(
            [0.0, 0.5, 1.0].map(|skill| speed(skill, 0.5)),
            [0.5, 0.75, 1.0]
        );
    }
}
