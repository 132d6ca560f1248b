//! Workforce assignment: who is here, in which role, for how long.
//!
//! Every post is filled, or it is not; a person in a post is present, absent,
//! injured, kept away by a shock or laid off. People
//! leave faster when they are worn out or distrust their employer, and come back at two speeds:
//! laid-off staff within days, newcomers within weeks. Posts whose holder is missing are covered by
//! members of other roles, who fit them less.

use super::training;
use crate::cascade::{Draft, Keep, Kind, LABOUR};
use crate::finance;
use crate::keyed::Stream;
use crate::lattice::blocks::Team;
use crate::lattice::operator::Whereabouts::{
    self, Absent, Away, Injured, LaidOff, Present, Vacant,
};
use crate::lattice::operator::{Ability, Habit, OwnWork, Pocket, Strain};
use crate::lattice::team::Crew;
use crate::maths;
use crate::phase::PhaseState;
use crate::spec::ShockKind;
use crate::today::{Hit, SectorToday, Today};
use prodos_quantity::{choices, params};

choices! {
    /// How vacancies are filled.
    pub enum FillRule {
        /// Wait for people who fit the role.
        FitFirst = "fit_first",
        /// Take whoever comes: sooner, and with a poorer fit.
        HeadcountFirst = "headcount_first",
    }
}

params! {
    /// People: absence, leaving, hiring, overtime, fit.
    pub struct Staff / StaffPatch in "staff" {
        /// Nominal working hours of a duty day.
        duty_hours: Hours = 8.0, range 1.0..=24.0, typical 7.0..=9.0, Convention, "convention: a duty day is 8 nominal hours";
        /// Share of working time lost to absence.
        absence: Share = 0.043, range 0.0..=0.9, typical 0.014..=0.08, Uncertain, "4.3 % of available days, NHS England hospital and community staff 2019 (Nuffield Trust, June 2023)";
        /// Mean length of an absence spell.
        absence_spell: Days = 3.0, range 1.0..=60.0, typical 1.0..=10.0, Uncertain, "assumption: geometric spells of three days";
        /// Hazard of leaving at nominal fatigue and trust.
        quit_rate: PerDay = 0.000526, range 0.0..=0.1, typical 0.0002..=0.0017, Uncertain, "1.6 % of employment a month, US all nonfarm quits March 2012 (BLS JOLTS table 4)";
        /// Log gain of leaving per unit of fatigue above nominal.
        quit_fatigue_gain: Ratio = 1.0, range 0.0..=10.0, typical 0.0..=3.0, Uncertain, "assumption";
        /// Log gain of leaving per unit of trust in the employer below 0.6.
        quit_distrust_gain: Ratio = 1.5, range 0.0..=10.0, typical 0.0..=4.0, Uncertain, "assumption";
        /// Mean time to fill a vacancy with a newcomer.
        hiring_time: Days = 30.0, range 1.0..=3650.0, typical 20.0..=90.0, Lever, "time to hire, usual range 30-60 days (from memory)";
        /// Mean time to recall a laid-off person.
        recall_time: Days = 5.0, range 1.0..=365.0, typical 1.0..=20.0, Uncertain, "assumption: days, not weeks";
        /// Mean time to lay a person off once work is short.
        layoff_time: Days = 15.0, range 1.0..=3650.0, typical 10.0..=60.0, Uncertain, "Pichler et al. 2022: firing over about 15 days";
        /// Mean age of the smoothed pressure by which people are laid off and recalled.
        pressure_memory: Days = 14.0, range 0.1..=365.0, typical 7.0..=60.0, Uncertain, "assumption: a rolling 28 days as an exponential filter";
        /// Smoothed pressure below which people are laid off.
        layoff_below: Ratio = 0.5, range 0.0..=2.0, typical 0.3..=0.7, Lever, "assumption: half of nominal work";
        /// Smoothed pressure above which people are recalled.
        recall_above: Ratio = 0.8, range 0.0..=4.0, typical 0.7..=0.9, Lever, "assumption: near pressure at rest";
        /// Largest overtime, as a share of nominal hours, when yesterday's pressure was above 1.
        overtime: Share = 0.15, range 0.0..=1.0, typical 0.0..=0.25, Lever, "assumption";
        /// Mean fit of a newcomer to the role when filling fit-first.
        fit: Share = 0.9, range 0.0..=1.0, typical 0.6..=0.98, Uncertain, "assumption";
        /// Spread of fit between people (standard deviation).
        fit_spread: Share = 0.05, range 0.0..=0.5, typical 0.0..=0.2, Uncertain, "assumption";
        /// Loss of fit, and shortening of the search, when headcount comes first.
        headcount_discount: Share = 0.3, range 0.0..=1.0, typical 0.1..=0.5, Uncertain, "assumption";
        /// Fit of a person who covers another role, over the fit to the own role.
        cross_training: Share = 0.7, range 0.0..=1.0, typical 0.4..=0.95, Lever, "assumption";
        /// People out of work in a sector at rest, as a share of its posts.
        labour_pool: Share = 0.04, range 0.0..=1.0, typical 0.02..=0.1, Uncertain, "UK unemployment about 4 % in 2019 (from memory)";
        /// Share of those who leave a team and stay in the trade.
        stay_in_trade: Share = 0.9, range 0.0..=1.0, typical 0.5..=1.0, Uncertain, "assumption";
        choices {
            /// How vacancies are filled.
            fill_rule: FillRule = FitFirst, Lever, "assumption";
        }
    }
}

/// Who is here today: absence, leaving, laying off, recalling, arriving.
/// Laid off is who is at work while smoothed pressure is below the lay-off line, and recalled while it is above the
/// recall line; a vacant post is filled while the team has credit, the slower the fewer people of the trade are at hand.
///
/// p = min(dt/t, 1) out of a state of mean length t;  into absence min(dt/s a/(1 - a), 1);
/// into work p = min(dt/t_h, 1) min(1, l/v)
/// a share of time absent · s mean spell · t_h time to fill a vacancy, shorter where headcount comes first · l people of
/// the trade out of work · v vacant posts of the sector
pub fn attend(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rates = &sector.rates;
    let draw = today.draw(Stream::Presence);
    let mut crew = Crew {
        pressure: team.crew.pressure,
        pressure_mean: team.crew.pressure_mean,
        ..Crew::default()
    };
    // Most people at work stay there, which two comparisons of whole numbers tell.
    let short_of_work = is_short_of_work(team, &sector.rules.staff);
    let plain_day = !short_of_work && !today.extra_draw && !sector.hits.iter().any(keeps_away);
    let [absences, quits] = [rates.absence_starts, rates.quit].map(maths::fractions_below);
    for (k, id) in (0..team.post.len()).zip(team.place.ids()) {
        let word = draw.word(id);
        if plain_day
            && team.post[k].present()
            && (word >> 40) as u32 >= absences
            && word as u32 >> 8 >= quits
            && is_content(team.strain[k])
        {
            crew.leaving += f64::from(rates.quit);
            crew.employed += 1;
            crew.present += 1;
        } else {
            come_or_go(team, sector, today, &mut crew, k, word);
        }
    }
    crew.seconds_absent = (crew.employed - crew.present) * rates.duty;
    *team.crew = crew;
}

fn is_short_of_work(team: &Team, rules: &Staff) -> bool {
    team.crew.pressure_mean < rules.layoff_below.0
}

/// What becomes of one post today, as the word of its holder has it.
#[cold]
fn come_or_go(
    team: &mut Team,
    sector: &SectorToday,
    today: &Today,
    crew: &mut Crew,
    k: usize,
    word: u64,
) {
    let rates = &sector.rates;
    let rules = &sector.rules.staff;
    let id = team.place.id(k);
    let [first, second] = [(word >> 32) as u32, word as u32].map(maths::fraction);
    let short_of_people = team.crew.pressure_mean > rules.recall_above.0;
    let hire = if finance::solvent(team, sector) {
        rates.hire * sector.hiring as f32
    } else {
        0.0
    };
    let before = team.post[k].whereabouts;
    let mut now = match before {
        Present if first < rates.absence_starts => Absent,
        Absent if first < rates.absence_ends => Present,
        Injured if first < rates.injury_ends => Present,
        LaidOff if short_of_people && first < rates.recall => Present,
        Vacant if first < hire => Present,
        same => same,
    };
    if matches!(now, Present | Absent | Away) && before != Vacant {
        let leaves = leaving(team.strain[k], rates.quit, rules);
        crew.leaving += f64::from(leaves);
        if second < leaves {
            now = Vacant;
            crew.quits += 1;
        } else if now == Present && is_short_of_work(team, rules) && 1.0 - second < rates.layoff {
            now = LaidOff;
        }
    }
    if let Some(hit) = takes_away(team, sector, today, k, id, now) {
        blame(team, hit, k, before != Away);
        now = Away;
    } else if now == Away {
        now = Present;
    }
    if before == Vacant && now != Vacant {
        crew.hires += 1;
        welcome(team, sector, today, k, id);
    }
    team.post[k].whereabouts = now;
    if team.post[k].employed() {
        crew.employed += 1;
    }
    match now {
        Present => crew.present += 1,
        Vacant => crew.vacant += 1,
        _ => {}
    }
    if today.extra_draw {
        std::hint::black_box(today.draw(Stream::Reference).word(id));
    }
}

/// Trust in the employer below which people leave for it.
const DISTRUST: f32 = 0.6;

/// Whether neither fatigue nor distrust makes a person leave.
fn is_content(strain: Strain) -> bool {
    strain.fatigue <= 1.0 && strain.trust >= DISTRUST
}

/// Chance that a person leaves in a tick: h = h0 exp(a1 max(F - 1, 0) + a2 max(0.6 - u, 0)).
fn leaving(strain: Strain, base: f32, rules: &Staff) -> f32 {
    if is_content(strain) {
        return base;
    }
    let push = rules.quit_fatigue_gain.0 * f64::from((strain.fatigue - 1.0).max(0.0))
        + rules.quit_distrust_gain.0 * f64::from((DISTRUST - strain.trust).max(0.0));
    if push <= 0.0 {
        return base;
    }
    (1.0 - maths::pow(1.0 - f64::from(base), maths::exp(push))) as f32
}

/// Whether a shock keeps people away today.
fn keeps_away(hit: &Hit) -> bool {
    hit.kind == ShockKind::Staff && hit.size > 0.0
}

/// The shock that keeps a person away: the same people for the whole shock, back in order as it
/// recovers. Who is absent or injured stays so, and is kept away after that.
fn takes_away<'a>(
    team: &Team,
    sector: &'a SectorToday,
    today: &Today,
    k: usize,
    id: u64,
    now: Whereabouts,
) -> Option<&'a Hit> {
    let mut hits = sector.hits.iter().filter(|hit| keeps_away(hit));
    hits.find(|hit| {
        matches!(now, Present | Away)
            && match hit.operator {
                Some(named) => named == (team.place.team, k as u32),
                None => {
                    team.place.centrality < hit.footprint
                        && maths::unit(today.keys.at(Stream::Shock, hit.shock).word(id)) < hit.size
                }
            }
    })
}

/// Blames a shock for the share of the team it keeps away; who is out by name has an event of its own.
fn blame(team: &mut Team, hit: &Hit, k: usize, goes: bool) {
    let one = 1.0 / team.post.len() as f32;
    let labour = &mut team.causes.hurt[LABOUR];
    if hit.operator.is_none() {
        labour.take(hit.event, hit.size as f32);
    } else if goes {
        team.block.events.push(Draft {
            team: team.index as u32,
            kind: Kind::Absence,
            cause: hit.event,
            size: 1.0,
            detail: k as u32,
            keep: Keep::Absence,
        });
    } else {
        labour.take(team.causes.absence, one);
    }
}

/// A newcomer takes the post.
fn welcome(team: &mut Team, sector: &SectorToday, today: &Today, k: usize, id: u64) {
    let rules = &sector.rules;
    let mut generator = today.draw(Stream::Newcomer).generator(id);
    let fit = draw_fit(&rules.staff, &mut generator);
    team.post[k].hires = team.post[k].hires.saturating_add(1);
    team.post[k].certificate = rules.training.certificate_life.0 as f32;
    team.ability[k] = Ability {
        skill: rules.training.newcomer_skill.0 as f32,
        fit,
    };
    team.strain[k] = Strain {
        fatigue: rules.hours.rest_pressure.0 as f32,
        trust: rules.trust.newcomer.0 as f32,
    };
    team.habit[k] = Habit(0.0);
    team.own[k] = OwnWork {
        load: rules.hours.rest_pressure.0 as f32,
        ..OwnWork::default()
    };
    team.pocket[k] = Pocket(PhaseState::settled(2));
}

/// Fit of a person to the role, as the fill rule leaves it.
pub fn draw_fit(rules: &Staff, generator: &mut impl rand::Rng) -> f32 {
    let mean = match rules.fill_rule {
        FillRule::FitFirst => rules.fit.0,
        FillRule::HeadcountFirst => rules.fit.0 * (1.0 - rules.headcount_discount.0),
    };
    let spread = rules.fit_spread.0 * maths::normal(generator.next_u64(), generator.next_u64());
    (mean + spread).clamp(0.0, 1.0) as f32
}

/// Who does what: hours at hand, mean speed, and the share who cover a role that is not theirs.
pub fn assign(team: &mut Team, sector: &SectorToday, _today: &Today) {
    let rules = &sector.rules;
    let untrained = rules.training.untrained_speed.0 as f32;
    let mut present_in_role = [0u32; 8];
    let (mut speed, mut habit) = (0.0f32, 0.0f32);
    let mut sums = [0.0f32; 4];
    let people = team.ability.iter().zip(&*team.strain).zip(&*team.habit);
    for (post, ((ability, strain), own)) in team.post.iter().zip(people) {
        if !post.employed() {
            continue;
        }
        sums[0] += ability.skill;
        sums[1] += strain.fatigue;
        sums[2] += own.0;
        sums[3] += strain.trust;
        if post.present() {
            present_in_role[usize::from(post.role)] += 1;
            speed += training::speed(ability.skill, untrained);
            habit += own.0;
        }
    }
    let crew = &mut *team.crew;
    let present = f64::from(crew.present.max(1));
    crew.sums = sums.map(f64::from);
    // What a team without anybody needs is told in hours of a master.
    crew.speed = if crew.present > 0 {
        f64::from(speed) / present
    } else {
        1.0
    };
    crew.shortcuts = f64::from(habit) / present;
    let posts = team.post.len().max(1) as f64;
    let uncovered: f64 = team
        .place
        .roles
        .iter()
        .zip(present_in_role)
        .map(|(&posts_in_role, here)| {
            (f64::from(posts_in_role) / posts * present - f64::from(here)).max(0.0)
        })
        .sum();
    crew.misplaced = if crew.present > 0 {
        uncovered / present
    } else {
        0.0
    };
    let overtime = (crew.pressure - 1.0).clamp(0.0, rules.staff.overtime.0);
    let seconds = f64::from(crew.present * sector.rates.duty) * (1.0 + overtime);
    crew.seconds = seconds as u32;
}
