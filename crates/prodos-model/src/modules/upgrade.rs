//! Innovation and upgrade: projects that raise what a team can do, and unsettle it first.

use crate::lattice::blocks::Team;
use crate::ledger::Purpose;
use crate::today::{SectorToday, Today};
use prodos_quantity::params;

params! {
    /// Projects that raise what a team can do.
    pub struct Upgrade / UpgradePatch in "upgrade" {
        /// Projects a team starts a year; 0 for none.
        projects_per_year: Ratio = 0.0, range 0.0..=12.0, typical 0.0..=1.0, Lever, "assumption: none unless a policy asks";
        /// Hours of a project per member of the team.
        project_hours: Hours = 40.0, range 0.1..=10000.0, typical 20.0..=80.0, Uncertain, "assumption";
        /// Share of a crew's hours that a project may take in a day.
        pace: Share = 0.1, range 0.0..=1.0, typical 0.05..=0.3, Lever, "assumption: half a day a week";
        /// Gain of machine capacity by a project.
        machine_gain: Share = 0.05, range 0.0..=1.0, typical 0.025..=0.1, Uncertain, "assumption";
        /// Labour saved per unit of output by a project.
        labour_saving: Share = 0.04, range 0.0..=0.9, typical 0.02..=0.08, Uncertain, "assumption";
        /// Skill on the new tool on the first day, over skill before.
        restart: Share = 0.5, range 0.0..=1.0, typical 0.25..=1.0, Uncertain, "assumption";
        /// Extra error while the new tool is not mastered, as a multiple at skill 0.
        unsettled_error: Ratio = 2.0, range 0.0..=20.0, typical 0.0..=4.0, Uncertain, "assumption";
    }
}

/// Seconds that the running project still needs, at most what its crew can give in a tick.
pub fn seconds_asked(team: &mut Team, sector: &SectorToday, today: &Today) -> u32 {
    let rules = &sector.rules.upgrade;
    let project = &mut *team.project;
    project.due += rules.projects_per_year.0 / 365.0 * today.dt;
    if project.left > 0 {
        // The next may wait; what falls due beyond it is never begun.
        project.due = project.due.min(1.0);
    }
    if rules.projects_per_year.0 > 0.0 && project.left == 0 && project.due >= 1.0 {
        project.due -= 1.0;
        project.left = (rules.project_hours.0 * 3600.0 * team.post.len() as f64) as u64;
    }
    let most = f64::from(team.crew.seconds) * rules.pace.0;
    (project.left as f64).min(most) as u32
}

/// Hours given to a project; when it is done the tools are better and the crew has to relearn.
///
/// machines x (1 + g),  labour x (1 - s),  skill and mastery of the new x r     at the end of a project
/// mastery' = mastery + (1 - mastery) min(dt/t, 1)
/// g gain of machines · s saving of labour · r what is left at the restart · t time of training
pub fn improve(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules.upgrade;
    let project = &mut *team.project;
    project.mastery +=
        (1.0 - project.mastery) * (today.dt / sector.rules.training.train_time.0).min(1.0);
    if project.left == 0 {
        return;
    }
    project.left = project
        .left
        .saturating_sub(u64::from(team.hours.given[Purpose::Upgrade as usize]));
    if project.left == 0 {
        project.machine_factor *= 1.0 + rules.machine_gain.0;
        project.labour_factor *= 1.0 - rules.labour_saving.0;
        project.links += 1;
        project.mastery = rules.restart.0;
        for ability in team.ability.iter_mut() {
            ability.skill *= rules.restart.0 as f32;
        }
    }
}
