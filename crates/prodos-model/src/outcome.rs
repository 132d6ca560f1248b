//! Outcomes: what a run comes to, as one row of the summary; this is their list, with units and meaning.

use prodos_quantity::{Kind, Probe, Zoom, probes};

probes! {
    /// One row a run. A column that reduces a series over time says `mean`, `final`, `max` or `min`;
    /// `days` counts days, `first_day` is a day, `total` is a sum over days.
    pub struct Outcomes in City {
        /// Mean output over output at rest.
        output_mean: Level "share";
        /// Smallest 28-day mean of output over output at rest; null for shorter runs.
        output_min: Level "share";
        /// Output over output at rest, mean of the last 28 days.
        output_final: Level "share";
        /// Output lost against rest, added up (resilience triangle).
        area_lost_total: Level "days of output";
        /// Largest loss of output against rest, 28-day mean.
        depth_max: Level "share";
        /// Days from the first loss of 5 % (28-day mean) back to less than 5 %; null if never so much was lost, or never came back.
        recovery_days: Level "days";
        /// Day until which the 28-day mean of output stays within 5 % of rest; null if always.
        survival_first_day: Level "day";
        /// Mean share of final demand served.
        final_fill_mean: Level "share";
        /// Mean share of final orders kept within the promised time.
        schedulability_mean: Level "share";
        /// Share of final orders kept within the promised time, on the last day.
        schedulability_final: Level "share";
        /// Days of the city in phase 0.
        city_days_phase_0: Flow "days";
        /// Days of the city in phase 1.
        city_days_phase_1: Flow "days";
        /// Days of the city in phase 2.
        city_days_phase_2: Flow "days";
        /// Days of the city in phase 3.
        city_days_phase_3: Flow "days";
        /// Sector-days in phase 0.
        sector_days_phase_0: Flow "sector-days";
        /// Sector-days in phase 1.
        sector_days_phase_1: Flow "sector-days";
        /// Sector-days in phase 2.
        sector_days_phase_2: Flow "sector-days";
        /// Sector-days in phase 3.
        sector_days_phase_3: Flow "sector-days";
        /// Mean share of teams in phase 0.
        teams_phase_0_mean: Level "share";
        /// Mean share of teams in phase 1.
        teams_phase_1_mean: Level "share";
        /// Mean share of teams in phase 2.
        teams_phase_2_mean: Level "share";
        /// Mean share of teams in phase 3.
        teams_phase_3_mean: Level "share";
        /// Mean share of operators in phase 0.
        operators_phase_0_mean: Level "share";
        /// Mean share of operators in phase 1.
        operators_phase_1_mean: Level "share";
        /// Mean share of operators in phase 2.
        operators_phase_2_mean: Level "share";
        /// Mean share of operators in phase 3.
        operators_phase_3_mean: Level "share";
        /// Least share of teams in phase 3.
        teams_phase_3_min: Level "share";
        /// City phase on the last day.
        city_phase_final: State "phase";
        /// First day of the city in phase 0; null if never.
        phase_0_first_day: Level "day";
        /// First day on which the margin is below 0; null if never.
        margin_negative_first_day: Level "day";
        /// Least margin.
        margin_min: Level "index";
        /// Margin on the last day.
        margin_final: Level "index";
        /// Mean pressure on days with any hours at hand; null if there is none.
        pressure_mean: Level "ratio";
        /// Oldest repair backlog.
        backlog_age_max: Level "days";
        /// Mean offered repair load.
        offered_load_mean: Level "ratio";
        /// First day of the first four weeks in which the repair backlog was older than `phases.backlog_normal` throughout; null if never.
        chronic_backlog_first_day: Level "day";
        /// Largest number of machines that had been down for more than four weeks.
        repairs_unfinished_max: Level "machines";
        /// Largest share of machines down.
        machines_down_max: Level "share";
        /// Mean skill on the last day.
        skill_final: Level "share";
        /// Share of operators taking shortcuts on the last day.
        shortcuts_final: Level "share";
        /// Safety incidents.
        incidents_total: Flow "incidents";
        /// People who left.
        quits_total: Flow "people";
        /// Mean employment over posts filled on the first day.
        employment_mean: Level "share";
        /// Wages paid.
        income_total: Flow "money";
        /// Value added.
        value_added_total: Flow "money";
        /// Skilled hours nobody used, share of paid hours.
        unused_skill_mean: Level "share";
        /// Trust of customers on the last day.
        customer_trust_final: Level "share";
        /// Days from restored output (95 % of rest) to restored trust of customers (95 % of that on the first day); null if either did not fall or did not come back.
        trust_lag_days: Level "days";
        /// Protected hours given, share of those needed.
        protected_done_mean: Level "share";
        /// Paid for upkeep: wages of protected and upgrade hours, spares and new machines. What a policy costs is the difference of this between two policies.
        upkeep_cost_total: Flow "money";
        /// Mean cost of a unit of output over that at rest, weighted by output.
        unit_cost_mean: Level "ratio";
        /// Events that no other event caused and that caused others.
        cascades_total: Flow "cascades";
        /// Of those, cascades of ten events and more.
        cascades_of_10_total: Flow "cascades";
        /// Of those, cascades of a hundred events and more.
        cascades_of_100_total: Flow "cascades";
        /// Events in the largest cascade.
        cascade_size_max: Level "events";
        /// Days by which the defect-rate alarm came before phase 0; null without either, when it came later,
        /// or when the indicator had been back below its line for two weeks on end by then.
        lead_defect_rate_days: Level "days";
        /// Days by which the downtime alarm came before phase 0; null without either, when it came later,
        /// or when the indicator had been back below its line for two weeks on end by then.
        lead_downtime_days: Level "days";
        /// Days by which the delayed maintenance alarm came before phase 0; null without either, when it came later,
        /// or when the indicator had been back below its line for two weeks on end by then.
        lead_delayed_maintenance_days: Level "days";
        /// Days by which the churn alarm came before phase 0; null without either, when it came later,
        /// or when the indicator had been back below its line for two weeks on end by then.
        lead_churn_days: Level "days";
        /// Days by which the shortage alarm came before phase 0; null without either, when it came later,
        /// or when the indicator had been back below its line for two weeks on end by then.
        lead_shortage_days: Level "days";
    }
}

/// Which way an outcome is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither by itself: of days in a middle phase nobody can say.
    Neither,
}

/// Outcomes of which more is better.
const HIGHER: [&str; 24] = [
    "output_mean",
    "output_min",
    "output_final",
    "survival_first_day",
    "final_fill_mean",
    "schedulability_mean",
    "schedulability_final",
    "city_days_phase_3",
    "sector_days_phase_3",
    "teams_phase_3_mean",
    "operators_phase_3_mean",
    "teams_phase_3_min",
    "city_phase_final",
    "phase_0_first_day",
    "chronic_backlog_first_day",
    "margin_negative_first_day",
    "margin_min",
    "margin_final",
    "skill_final",
    "employment_mean",
    "income_total",
    "value_added_total",
    "customer_trust_final",
    "protected_done_mean",
];

/// Outcomes of which less is better.
const LOWER: [&str; 23] = [
    "area_lost_total",
    "depth_max",
    "recovery_days",
    "city_days_phase_0",
    "sector_days_phase_0",
    "teams_phase_0_mean",
    "operators_phase_0_mean",
    "pressure_mean",
    "backlog_age_max",
    "offered_load_mean",
    "repairs_unfinished_max",
    "machines_down_max",
    "shortcuts_final",
    "incidents_total",
    "quits_total",
    "unused_skill_mean",
    "trust_lag_days",
    "upkeep_cost_total",
    "unit_cost_mean",
    "cascades_total",
    "cascades_of_10_total",
    "cascades_of_100_total",
    "cascade_size_max",
];

/// Which way a column of the summary is better; none of a column that is no outcome.
pub fn sense(column: &str) -> Option<Sense> {
    let shortage = SHORTAGE_DAYS.name.trim_end_matches('*');
    if HIGHER.contains(&column) {
        Some(Sense::Higher)
    } else if LOWER.contains(&column) || column.starts_with(shortage) {
        Some(Sense::Lower)
    } else if Outcomes::PROBES.iter().any(|probe| probe.name == column) {
        Some(Sense::Neither)
    } else {
        None
    }
}

/// The columns of the summary for the necessities that a city file names, where `*` stands for one.
pub const SHORTAGE_DAYS: Probe = Probe {
    name: "shortage_days_*",
    doc: "Days on which less than 95 % of the final demand for a necessity of the city file was served, as an exponential mean over a week.",
    unit: "days",
    zoom: Zoom::City,
    kind: Kind::Flow,
};

/// Every outcome of a city with these necessities, in the order of the summary.
pub fn names<'a>(necessities: impl Iterator<Item = &'a str>) -> Vec<String> {
    let fixed = Outcomes::PROBES.iter().map(|probe| probe.name.to_owned());
    fixed.chain(necessities.map(shortage_column)).collect()
}

/// The column for a necessity.
pub fn shortage_column(necessity: &str) -> String {
    let plain = necessity.to_lowercase().replace([' ', '-'], "_");
    SHORTAGE_DAYS.name.replace('*', &plain)
}

#[cfg(test)]
mod tests {
    use super::{HIGHER, LOWER, Outcomes, names};

    /// Of these nobody can say whether more of it is better.
    const NEITHER: [&str; 13] = [
        "city_days_phase_1",
        "city_days_phase_2",
        "sector_days_phase_1",
        "sector_days_phase_2",
        "teams_phase_1_mean",
        "teams_phase_2_mean",
        "operators_phase_1_mean",
        "operators_phase_2_mean",
        "lead_defect_rate_days",
        "lead_downtime_days",
        "lead_delayed_maintenance_days",
        "lead_churn_days",
        "lead_shortage_days",
    ];

    #[test]
    fn of_every_outcome_it_is_decided_which_way_is_better() {
        for probe in Outcomes::PROBES {
            let lists = [&HIGHER[..], &LOWER[..], &NEITHER[..]];
            let listed = lists.iter().filter(|list| list.contains(&probe.name));
            assert_eq!(listed.count(), 1, "{}", probe.name);
        }
        assert_eq!(
            HIGHER.len() + LOWER.len() + NEITHER.len(),
            Outcomes::PROBES.len()
        );
        assert_eq!(
            names(["Health care"].into_iter()).pop().as_deref(),
            Some("shortage_days_health_care")
        );
    }
}
