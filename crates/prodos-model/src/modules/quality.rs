//! Quality control: what is checked, found and put right before it leaves.

use super::tools;
use crate::error;
use crate::keyed::{self, Stream};
use crate::lattice::blocks::Team;
use crate::ledger::Purpose;
use crate::maths;
use crate::parameters::Parameters;
use crate::today::{SectorToday, Today};
use prodos_quantity::{choices, params};
use rand::Rng;

choices! {
    /// What happens to a task found wrong.
    pub enum Disposal {
        /// It is done again, and checked again.
        Rework = "rework",
        /// It is thrown away.
        Scrap = "scrap",
    }
}

params! {
    /// Quality control and rework.
    pub struct Quality / QualityPatch in "quality" {
        /// Checks a task: below 1 that share of tasks is checked once, 2 checks each twice.
        coverage: Ratio = 1.0, range 0.0..=10.0, typical 0.2..=3.0, Lever, "convention: each task is checked once";
        /// Hours of a check over the hours of the task.
        check_hours: Ratio = 0.05, range 0.0..=10.0, typical 0.01..=0.15, Uncertain, "assumption";
        /// Probability that one check finds an error.
        detection: Share = 0.9, range 0.0..=1.0, typical 0.6..=0.99, Lever, "human visual inspection about 0.8, with a second check 0.9 (from memory)";
        /// Probability that rework fails.
        rework_fails: Share = 0.1, range 0.0..=0.95, typical 0.02..=0.3, Uncertain, "assumption";
        /// Hours of rework over the hours of the task.
        rework_hours: Ratio = 0.5, range 0.0..=10.0, typical 0.2..=1.5, Uncertain, "assumption: half of the task";
        /// Mean days until an escaped error shows at the customer; 0 shows it at once.
        surfacing: Days = 14.0, range 0.0..=365.0, typical 5.0..=30.0, Uncertain, "assumption";
        /// Loss of detection by people who take shortcuts.
        shortcut_loss: Share = 0.5, range 0.0..=1.0, typical 0.2..=0.8, Uncertain, "assumption";
        choices {
            /// What happens to a task found wrong.
            disposal: Disposal = Rework, Lever, "assumption";
        }
    }
}

/// Expected share of tasks that leave with an error, after detection and rework.
///
/// e = p (1 - d) / (1 - r d)     p first-pass error · d detection · r rework that fails
/// Source: geometric sum over repeated checks; each rework is checked again.
pub fn escaped_share(error: f64, detection: f64, rework_fails: f64) -> f64 {
    error * (1.0 - detection) / (1.0 - rework_fails * detection)
}

/// Expected rework passes a task.
///
/// w = p d / (1 - r d)
/// Source: as for [`escaped_share`].
pub fn rework_passes(error: f64, detection: f64, rework_fails: f64) -> f64 {
    error * detection / (1.0 - rework_fails * detection)
}

/// Expected share of tasks that leave with an error where what is found wrong is thrown away.
///
/// e = p (1 - d) / (1 - p d)
/// Source: Bayes' rule; of the tasks that leave, those found wrong are missing.
pub fn escaped_share_of_scrap(error: f64, detection: f64) -> f64 {
    error * (1.0 - detection) / (1.0 - error * detection).max(1e-12)
}

/// Probability that an error is found when tasks are checked `checks` times on average.
///
/// d c for c <= 1 (a sample of the tasks is checked) · 1 - (1 - d)^c beyond (each check is independent)
pub fn found_by_checks(detection: f64, checks: f64) -> f64 {
    if checks <= 1.0 {
        detection * checks
    } else {
        1.0 - maths::pow(1.0 - detection, checks)
    }
}

/// Checks a task at rest, where everything that is funded is done.
pub fn checks_at_rest(rules: &Parameters) -> f64 {
    rules.quality.coverage.0 * rules.hours.protected_share.0
}

/// Share of tasks that leave with an error at rest, as the disposal has it.
pub fn escapes_at_rest(rules: &Parameters, error: f64) -> f64 {
    let own = &rules.quality;
    let found = found_by_checks(own.detection.0, checks_at_rest(rules));
    match own.disposal {
        Disposal::Rework => escaped_share(error, found, own.rework_fails.0),
        Disposal::Scrap => escaped_share_of_scrap(error, found),
    }
}

/// Hours of rework over hours of output at rest, as the disposal has it.
pub fn rework_at_rest(rules: &Parameters, error: f64) -> f64 {
    let own = &rules.quality;
    let found = found_by_checks(own.detection.0, checks_at_rest(rules));
    match own.disposal {
        Disposal::Rework => rework_passes(error, found, own.rework_fails.0) * own.rework_hours.0,
        Disposal::Scrap => 0.0,
    }
}

/// Hours of checking over hours of output that are needed.
pub fn hours_share(rules: &Quality) -> f64 {
    rules.coverage.0 * rules.check_hours.0
}

/// Checks a task today: those wanted, as far as hours were given for them.
pub fn checks(team: &Team, rules: &Quality) -> f64 {
    rules.coverage.0 * team.hours.done(Purpose::Quality)
}

/// Tasks are done, some with an error; checking finds most of them, rework mends most of those.
pub fn work_and_check(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules;
    let task_seconds = maths::nearest(rules.error.task_hours.0 * 3600.0).max(1);
    let needed = tools::hours_for(team, rules, team.trade.made) * 3600.0;
    let worked =
        team.hours.given[Purpose::Output as usize].min(maths::up(needed)) + team.work.carried;
    let tasks = worked / task_seconds;
    let reworked = team.hours.given[Purpose::Rework as usize];
    let work = &mut *team.work;
    work.rework_owed = work.rework_owed.saturating_sub(reworked);
    work.carried = worked % task_seconds;
    work.tasks = tasks;
    let defects = err(team, sector, today, tasks);
    team.work.defects = defects;
    let (found, passes, escapes) = check(team, sector, today);
    let work = &mut *team.work;
    work.reworked = passes;
    work.escapes = escapes;
    work.left = match rules.quality.disposal {
        Disposal::Rework => tasks,
        Disposal::Scrap => tasks - found,
    };
    let rework_seconds = rules.quality.rework_hours.0 * f64::from(task_seconds) * f64::from(passes);
    work.rework_owed = work
        .rework_owed
        .saturating_add(maths::nearest(rework_seconds));
    team.trade.scrapped = match rules.quality.disposal {
        Disposal::Scrap if tasks > 0 => team.trade.made * f64::from(found) / f64::from(tasks),
        _ => 0.0,
    };
    let late = late_share(team, sector, today.dt);
    surface(team, &sector.rates.surfacing, late, today);
}

/// Errors of each person at their tasks; also their own record of work at load.
fn err(team: &mut Team, sector: &SectorToday, today: &Today, tasks: u32) -> u32 {
    let rules = &sector.rules.error;
    let shared = rules.base.0 * error::shared(team, &sector.rules);
    let cover = (1.0 - team.crew.misplaced * (1.0 - sector.rules.staff.cross_training.0)) as f32;
    let [inexperience, misfit, shortcut, fatigue, uncertified] = [
        rules.inexperience,
        rules.misfit,
        rules.shortcut,
        rules.fatigue,
        rules.uncertified,
    ]
    .map(|gain| gain.0 as f32);
    let at_load = team.crew.pressure >= sector.rules.phases.at_load.0;
    let keep = 1.0 - sector.rates.window as f32 / 4.0;
    let draw = today.draw(Stream::Error);
    let present = team.crew.present.max(1);
    let (each, more) = (tasks / present, tasks % present);
    // Who has one more than others, in turn from day to day.
    let mut turn = (today.tick % u64::from(present)) as u32;
    let mut defects = 0;
    let mut expected = 0.0;
    let people = team.ability.iter().zip(&*team.strain).zip(&*team.habit);
    let people = team.post.iter().zip(&mut *team.own).zip(people);
    for (((post, own), ((ability, strain), habit)), id) in people.zip(team.place.ids()) {
        if !post.present() {
            continue;
        }
        let n = each + u32::from(turn < more);
        turn = if turn + 1 == present { 0 } else { turn + 1 };
        let personal = (1.0 + inexperience * (1.0 - ability.skill))
            * (1.0 + misfit * (1.0 - ability.fit * cover))
            * (1.0 + shortcut * habit.0)
            * (1.0 + fatigue * (strain.fatigue - 1.0).max(0.0))
            * (1.0
                + if post.certificate < 0.0 {
                    uncertified
                } else {
                    0.0
                });
        let role = today
            .roles
            .get(usize::from(post.role))
            .map_or(1.0, |role| role.error);
        let p = (shared * role * f64::from(personal)).min(rules.cap.0);
        expected += f64::from(n) * p;
        let word = draw.word(id);
        // (1 - p)^n >= 1 - n p, so most days need no power at all.
        let wrong = if maths::unit(word) < 1.0 - f64::from(n) * p {
            0
        } else {
            maths::binomial(word, n, p)
        };
        defects += wrong;
        if at_load {
            own.tasks = own.tasks * keep + n as f32;
            own.right = own.right * keep + (n - wrong) as f32;
        }
    }
    team.work.expected = expected;
    defects
}

/// Tasks found wrong at first check, rework passes, and tasks that left with an error.
fn check(team: &mut Team, sector: &SectorToday, today: &Today) -> (u32, u32, u32) {
    let mut suspect = team.work.defects;
    if suspect == 0 {
        return (0, 0, 0);
    }
    let rules = &sector.rules.quality;
    let careful = 1.0 - rules.shortcut_loss.0 * team.crew.shortcuts;
    let detection = found_by_checks(rules.detection.0 * careful, checks(team, rules));
    let id = team.place.id(keyed::TEAM);
    let mut generator = today.draw(Stream::Quality).generator(id);
    let found = maths::binomial(generator.next_u64(), suspect, detection);
    if rules.disposal == Disposal::Scrap {
        return (found, 0, suspect - found);
    }
    let (mut passes, mut escapes) = (found, suspect - found);
    suspect = maths::binomial(generator.next_u64(), found, rules.rework_fails.0);
    while suspect > 0 {
        let found_again = maths::binomial(generator.next_u64(), suspect, detection);
        escapes += suspect - found_again;
        passes += found_again;
        suspect = maths::binomial(generator.next_u64(), found_again, rules.rework_fails.0);
    }
    (found, passes, escapes)
}

/// Share of a day's orders and of those waiting that are late, or were refused last night: those not
/// served, and not kept open by their customers.
fn late_share(team: &Team, sector: &SectorToday, dt: f64) -> f64 {
    let refused = team.trade.unserved * (1.0 - sector.kept) / dt;
    let due = team.trade.orders / dt + team.trade.waiting + refused;
    let promised = sector.rules.supply.promise.0 * team.place.output_at_rest;
    if due > 0.0 {
        ((team.trade.waiting - promised).max(0.0) + refused) / due
    } else {
        0.0
    }
}

/// Escaped errors show at customers after a while, each with the same chance a tick; with late deliveries
/// they are the bad experiences.
fn surface(team: &mut Team, surfacing: &maths::Trial, late: f64, today: &Today) {
    let id = team.place.id(keyed::TEAM);
    let work = &mut *team.work;
    work.hidden = work.hidden.saturating_add(work.escapes);
    let word = today.draw(Stream::Surfacing).word(id);
    let shown = surfacing.successes(word, work.hidden);
    work.hidden -= shown;
    let wrong = if work.left > 0 {
        (f64::from(shown) / f64::from(work.left)).min(1.0)
    } else {
        0.0
    };
    work.bad = 1.0 - (1.0 - wrong) * (1.0 - late);
}

#[cfg(test)]
mod tests {
    use super::{escaped_share, escaped_share_of_scrap, found_by_checks, rework_passes};

    #[test]
    fn closed_forms_have_their_known_values() {
        assert!((escaped_share(0.05, 0.9, 0.1) - 0.005_494_51).abs() < 1e-8);
        assert!((rework_passes(0.05, 0.9, 0.1) - 0.049_450_55).abs() < 1e-8);
        assert!((escaped_share_of_scrap(0.05, 0.9) - 0.005_235_60).abs() < 1e-8);
    }

    #[test]
    fn nothing_is_found_without_checks_and_a_second_check_finds_more() {
        let found = [0.0, 0.5, 1.0, 2.0].map(|checks| found_by_checks(0.9, checks));
        for (found, expected) in found.into_iter().zip([0.0, 0.45, 0.9, 0.99]) {
            assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
        }
    }
}
