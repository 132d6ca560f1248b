//! Watching a run for its outcomes.

use prodos_config::Experiment;
use prodos_model::cascade::{Entity, Event, Kind};
use prodos_model::outcome::shortage_column;
use prodos_model::rows::{CityRow, SectorRow};
use prodos_model::warning::INDICATORS;
use prodos_record::Column;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

pub use prodos_model::outcome::{Outcomes, SHORTAGE_DAYS, Sense, sense};

/// An alarm is over when its indicator has been at or below its line for so many days on end: single
/// days below are noise.
const QUIET: f64 = 14.0;
/// A backlog is chronic when it is old for so many days on end.
const CHRONIC: f64 = 28.0;
/// Days on which less than this share of a necessity's final demand is served, as a weekly mean, count
/// as shortage.
const SHORTAGE: f64 = 0.95;
const MONTH: usize = 28;

/// Watches a run day by day.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Observer {
    days: f64,
    relative: Vec<f64>,
    trust: Vec<f64>,
    sums: Outcomes,
    first_employed: f64,
    days_at_work: f64,
    hours: [f64; 2],
    priced: f64,
    backlog_normal: f64,
    old_backlog: f64,
    alarms: [Alarm; 5],
    leads: [f64; 5],
    parents: HashMap<u32, u32>,
    sizes: HashMap<u32, u32>,
    necessities: Vec<(String, Vec<usize>)>,
    served: Vec<f64>,
    shortage: Vec<f64>,
}

/// The alarm of one indicator.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Alarm {
    /// Day on which it sounded, while it is on.
    since: Option<f64>,
    /// Days for which the indicator has been at or below its line.
    quiet: f64,
}

impl Alarm {
    fn watch(&mut self, value: f64, line: f64) {
        self.quiet = if value > line { 0.0 } else { self.quiet + 1.0 };
        if self.quiet >= QUIET {
            self.since = None;
        }
    }
}

/// Names of the summary columns of an experiment's necessities, with their meaning.
pub fn necessity_columns(experiment: &Experiment) -> Vec<Column> {
    experiment
        .city
        .necessities
        .keys()
        .map(|name| {
            Column::float(
                &shortage_column(name),
                SHORTAGE_DAYS.unit,
                &SHORTAGE_DAYS
                    .doc
                    .replace("a necessity of the city file", name),
            )
        })
        .collect()
}

impl Observer {
    /// An observer of runs of this experiment.
    pub(crate) fn new(experiment: &Experiment) -> Self {
        let city = &experiment.city;
        let necessities: Vec<_> = city
            .necessities
            .iter()
            .map(|(name, codes)| {
                (
                    name.clone(),
                    codes
                        .iter()
                        .filter_map(|code| city.sectors.get_index_of(code))
                        .collect(),
                )
            })
            .collect();
        let never = Outcomes {
            margin_min: f64::INFINITY,
            teams_phase_3_min: 1.0,
            phase_0_first_day: f64::NAN,
            chronic_backlog_first_day: f64::NAN,
            ..Outcomes::default()
        };
        Observer {
            days: 0.0,
            relative: Vec::new(),
            trust: Vec::new(),
            sums: Outcomes {
                margin_negative_first_day: f64::NAN,
                ..never
            },
            first_employed: 0.0,
            days_at_work: 0.0,
            hours: [0.0; 2],
            priced: 0.0,
            backlog_normal: city.parameters.phases.backlog_normal.0,
            old_backlog: 0.0,
            alarms: [Alarm::default(); 5],
            leads: [f64::NAN; 5],
            parents: HashMap::new(),
            sizes: HashMap::new(),
            served: vec![1.0; necessities.len()],
            shortage: vec![0.0; necessities.len()],
            necessities,
        }
    }

    /// Takes in one day.
    pub(crate) fn see(&mut self, day: f64, city: &CityRow, sectors: &[SectorRow]) {
        if self.days == 0.0 {
            self.first_employed = city.employed.max(1.0);
        }
        self.days += 1.0;
        self.relative.push(city.output / city.output_at_rest);
        self.trust.push(city.customer_trust);
        let sums = &mut self.sums;
        sums.final_fill_mean += city.final_fill.min(1.0);
        sums.schedulability_mean += city.schedulability;
        sums.schedulability_final = city.schedulability;
        count_phases(sums, city, sectors);
        sums.teams_phase_3_min = sums.teams_phase_3_min.min(city.teams_phase_3);
        sums.city_phase_final = city.phase;
        let indicators = [
            (city.escapes, city.line_defect_rate),
            (city.machines_down, city.line_downtime),
            (1.0 - city.protected_done, city.line_delayed_maintenance),
            (city.churn, city.line_churn),
            (1.0 - city.fill, city.line_shortage),
        ];
        for (alarm, (value, line)) in self.alarms.iter_mut().zip(indicators) {
            alarm.watch(value, line);
        }
        if city.phase == 0.0 && sums.phase_0_first_day.is_nan() {
            sums.phase_0_first_day = day;
            self.leads = self
                .alarms
                .map(|alarm| alarm.since.map_or(f64::NAN, |since| day - since));
        }
        self.old_backlog = if city.backlog_age > self.backlog_normal {
            self.old_backlog + 1.0
        } else {
            0.0
        };
        if self.old_backlog >= CHRONIC && sums.chronic_backlog_first_day.is_nan() {
            sums.chronic_backlog_first_day = day + 1.0 - CHRONIC;
        }
        sums.repairs_unfinished_max = sums.repairs_unfinished_max.max(city.repairs_unfinished);
        if city.margin < 0.0 && sums.margin_negative_first_day.is_nan() {
            sums.margin_negative_first_day = day;
        }
        sums.margin_min = sums.margin_min.min(city.margin);
        sums.margin_final = city.margin;
        if city.pressure.is_finite() {
            sums.pressure_mean += city.pressure;
            self.days_at_work += 1.0;
        }
        sums.backlog_age_max = sums.backlog_age_max.max(city.backlog_age);
        sums.offered_load_mean += city.offered_load;
        sums.machines_down_max = sums.machines_down_max.max(city.machines_down);
        sums.skill_final = city.skill;
        sums.shortcuts_final = city.shortcuts;
        sums.incidents_total += city.incidents;
        sums.quits_total += city.quits;
        sums.employment_mean += city.employed;
        sums.income_total += city.income;
        sums.value_added_total += city.value_added;
        sums.upkeep_cost_total += city.upkeep_cost;
        sums.customer_trust_final = city.customer_trust;
        sums.protected_done_mean += city.protected_done;
        if city.unit_cost.is_finite() {
            sums.unit_cost_mean += city.unit_cost * city.output;
            self.priced += city.output;
        }
        self.hours[0] += city.hours_unused_skill;
        self.hours[1] += [
            city.hours_output,
            city.hours_repair,
            city.hours_preventive,
            city.hours_inspection,
            city.hours_quality,
            city.hours_rework,
            city.hours_training,
            city.hours_upgrade,
            city.hours_coordination,
            city.hours_aid,
            city.hours_drills,
            city.hours_idle,
            city.hours_absent,
        ]
        .iter()
        .sum::<f64>();
        for (k, (_, members)) in self.necessities.iter().enumerate() {
            let wanted = members.iter().map(|&k| &sectors[k]);
            let wanted = wanted.filter(|sector| sector.final_orders > 0.0);
            let (ordered, served) = wanted.fold((0.0, 0.0), |(ordered, served), sector| {
                let orders = sector.final_orders;
                (ordered + orders, served + orders * sector.final_fill)
            });
            if ordered > 0.0 {
                self.served[k] += (served / ordered - self.served[k]) / 7.0;
                self.shortage[k] += f64::from(u8::from(self.served[k] < SHORTAGE));
            }
        }
    }

    /// Takes in events, in order.
    pub(crate) fn hear(&mut self, events: &[Event]) {
        for event in events {
            if event.kind == Kind::Warning
                && event.entity == Entity::City
                && let Some(k) = INDICATORS.iter().position(|name| *name == event.detail)
            {
                self.alarms[k].since.get_or_insert(event.day);
            }
            // The end of a shock is part of it and no consequence.
            if event.kind == Kind::ShockEnd {
                continue;
            }
            let root = if event.cause == 0 {
                event.id
            } else {
                self.parents
                    .get(&event.cause)
                    .copied()
                    .unwrap_or(event.cause)
            };
            self.parents.insert(event.id, root);
            *self.sizes.entry(root).or_insert(0) += 1;
        }
    }

    /// The row of the run, and days of shortage of each necessity.
    pub(crate) fn outcomes(&self) -> (Outcomes, Vec<f64>) {
        let days = self.days.max(1.0);
        let months = rolling(&self.relative, MONTH);
        let least = months.iter().copied().fold(f64::NAN, f64::min);
        let lost = months
            .iter()
            .position(|&share| share < 0.95)
            .map(|k| k + MONTH - 1);
        let back = lost.and_then(|from| {
            (from..self.relative.len())
                .find(|&k| months[k + 1 - MONTH] >= 0.95)
                .map(|to| to - from)
        });
        let number = |value: Option<usize>| value.map_or(f64::NAN, |value| value as f64);
        let s = &self.sums;
        let mean = |sum: f64| sum / days;
        let of_size =
            |least: u32| self.sizes.values().filter(|&&size| size >= least).count() as f64;
        let largest = self.sizes.values().filter(|&&size| size > 1).max();
        let outcomes = Outcomes {
            output_mean: mean(self.relative.iter().sum()),
            output_min: least,
            output_final: months.last().copied().unwrap_or(f64::NAN),
            area_lost_total: area_lost(&self.relative),
            depth_max: if least.is_nan() {
                least
            } else {
                (1.0 - least).max(0.0)
            },
            recovery_days: number(back),
            survival_first_day: number(lost),
            final_fill_mean: mean(s.final_fill_mean),
            schedulability_mean: mean(s.schedulability_mean),
            teams_phase_0_mean: mean(s.teams_phase_0_mean),
            teams_phase_1_mean: mean(s.teams_phase_1_mean),
            teams_phase_2_mean: mean(s.teams_phase_2_mean),
            teams_phase_3_mean: mean(s.teams_phase_3_mean),
            operators_phase_0_mean: mean(s.operators_phase_0_mean),
            operators_phase_1_mean: mean(s.operators_phase_1_mean),
            operators_phase_2_mean: mean(s.operators_phase_2_mean),
            operators_phase_3_mean: mean(s.operators_phase_3_mean),
            pressure_mean: s.pressure_mean / self.days_at_work,
            offered_load_mean: mean(s.offered_load_mean),
            employment_mean: mean(s.employment_mean) / self.first_employed.max(1.0),
            protected_done_mean: mean(s.protected_done_mean),
            unit_cost_mean: s.unit_cost_mean / self.priced,
            unused_skill_mean: self.hours[0] / self.hours[1].max(1e-9),
            trust_lag_days: self.trust_lag(lost, back),
            cascades_total: of_size(2),
            cascades_of_10_total: of_size(10),
            cascades_of_100_total: of_size(100),
            cascade_size_max: largest.map_or(0.0, |&size| f64::from(size)),
            lead_defect_rate_days: self.leads[0],
            lead_downtime_days: self.leads[1],
            lead_delayed_maintenance_days: self.leads[2],
            lead_churn_days: self.leads[3],
            lead_shortage_days: self.leads[4],
            ..*s
        };
        (outcomes, self.shortage.clone())
    }

    /// Days from restored output to restored trust.
    fn trust_lag(&self, lost: Option<usize>, back: Option<usize>) -> f64 {
        let (Some(lost), Some(back)) = (lost, back) else {
            return f64::NAN;
        };
        let level = 0.95 * self.trust[0];
        let fell = (lost..self.trust.len()).find(|&day| self.trust[day] < level);
        let restored =
            fell.and_then(|fell| (fell..self.trust.len()).find(|&day| self.trust[day] >= level));
        restored.map_or(f64::NAN, |day| (day as f64 - (lost + back) as f64).max(0.0))
    }
}

/// Counts the day in the phases of the city and of its sectors, and adds the shares of teams and operators.
fn count_phases(sums: &mut Outcomes, city: &CityRow, sectors: &[SectorRow]) {
    let days = [
        (&mut sums.city_days_phase_0, &mut sums.sector_days_phase_0),
        (&mut sums.city_days_phase_1, &mut sums.sector_days_phase_1),
        (&mut sums.city_days_phase_2, &mut sums.sector_days_phase_2),
        (&mut sums.city_days_phase_3, &mut sums.sector_days_phase_3),
    ];
    for (phase, (city_days, sector_days)) in days.into_iter().enumerate() {
        let there = |at: f64| f64::from(u8::from(at == phase as f64));
        *city_days += there(city.phase);
        *sector_days += sectors
            .iter()
            .map(|sector| there(sector.phase))
            .sum::<f64>();
    }
    sums.teams_phase_0_mean += city.teams_phase_0;
    sums.teams_phase_1_mean += city.teams_phase_1;
    sums.teams_phase_2_mean += city.teams_phase_2;
    sums.teams_phase_3_mean += city.teams_phase_3;
    sums.operators_phase_0_mean += city.operators_phase_0;
    sums.operators_phase_1_mean += city.operators_phase_1;
    sums.operators_phase_2_mean += city.operators_phase_2;
    sums.operators_phase_3_mean += city.operators_phase_3;
}

/// Days of output lost.
///
/// sum over days of max(1 - Q, 0)     Q output over that at rest
/// Source: Bruneau et al. 2003 (resilience triangle).
pub(crate) fn area_lost(relative: &[f64]) -> f64 {
    relative.iter().map(|share| (1.0 - share).max(0.0)).sum()
}

/// Means over each run of `span` neighbours.
fn rolling(values: &[f64], span: usize) -> Vec<f64> {
    values
        .windows(span)
        .map(|window| window.iter().sum::<f64>() / span as f64)
        .collect()
}

#[cfg(test)]
mod tests;
