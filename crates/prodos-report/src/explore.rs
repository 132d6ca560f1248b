//! What a reader may look into: series of the city and its sectors as data, for the chart of the page
//! that zooms and tells values.
//!
//! Long series are thinned to means over equal spans of days, so that the page stays small; the tables
//! hold every day.

use crate::colour::{self, INK};
use crate::facts::{chosen_spells, marks};
use crate::story::{Series, Story};
use serde_json::{Value, json};

/// Points of a series at most.
const POINTS: usize = 1000;

/// Probes that are offered, in this order, where they were recorded.
pub(crate) const PROBES: [&str; 36] = [
    "output_relative",
    "fill",
    "final_fill",
    "schedulability",
    "value_added",
    "pressure",
    "employed",
    "quits",
    "offered_load",
    "backlog_age",
    "repairs_unfinished",
    "machines_down",
    "machine_age",
    "breakdowns",
    "protected_done",
    "protected_overdue",
    "skill",
    "fatigue",
    "shortcuts",
    "defects",
    "escapes",
    "incidents",
    "customer_trust",
    "partner_trust",
    "worker_trust",
    "stock_cover",
    "cash_cover",
    "unit_cost",
    "upkeep_cost",
    "margin",
    "trust",
    "repair",
    "buffer",
    "alignment",
    "coordination",
    "drift",
];

/// Those of the sectors too; the others are offered for the city alone.
pub(crate) const OF_SECTORS: [&str; 6] = [
    "fill",
    "pressure",
    "offered_load",
    "machines_down",
    "customer_trust",
    "stock_cover",
];

/// The data of the chart, or nothing where no probe was recorded.
pub(crate) fn data(story: &Story) -> Option<Value> {
    let span = story.days.len().div_ceil(POINTS).max(1);
    let of_city: Vec<(&str, Vec<f64>)> = PROBES
        .iter()
        .filter_map(|&probe| Some((probe, story.city.median(probe)?)))
        .collect();
    if of_city.is_empty() {
        return None;
    }
    let probes: Vec<Value> = of_city
        .iter()
        .map(|(probe, _)| {
            let (unit, meaning) = story.meaning(probe);
            json!({"name": probe.replace('_', " "), "unit": unit, "meaning": meaning})
        })
        .collect();
    let city: Vec<Value> = of_city
        .iter()
        .map(|(_, values)| thinned(values, span))
        .collect();
    let places: Vec<Value> = story
        .sectors
        .iter()
        .map(|sector| {
            let name = if sector.name.is_empty() {
                sector.code.clone()
            } else {
                format!("{} {}", sector.code, sector.name)
            };
            json!({
                "name": name,
                "colour": colour::hex(colour::sector(sector.place)),
                "values": of_sector(&sector.series, &of_city, span),
            })
        })
        .collect();
    let spells: Vec<Value> = chosen_spells(story)
        .iter()
        .map(|spell| json!([spell.start, spell.end, spell.phase]))
        .collect();
    let marks: Vec<Value> = marks(story)
        .iter()
        .map(|mark| json!([mark.name, mark.start]))
        .collect();
    Some(json!({
        "days": thinned_days(&story.days, span),
        "span": span,
        "runs": story.runs.len(),
        "ink": colour::hex(INK),
        "phases": colour::PHASES.map(colour::hex),
        "probes": probes,
        "city": city,
        "sectors": places,
        "spells": spells,
        "marks": marks,
    }))
}

/// Values of one sector for the probes of the city, null for those it does not have.
fn of_sector(series: &Series, probes: &[(&str, Vec<f64>)], span: usize) -> Vec<Value> {
    probes
        .iter()
        .map(|(probe, _)| {
            let offered = *probe == "output_relative" || OF_SECTORS.contains(probe);
            match series.median(probe).filter(|_| offered) {
                Some(values) => thinned(&values, span),
                None => Value::Null,
            }
        })
        .collect()
}

/// The last day of each span.
fn thinned_days(days: &[f64], span: usize) -> Vec<f64> {
    days.chunks(span)
        .filter_map(|part| part.last().copied())
        .collect()
}

/// Means over spans of rows, to six significant digits; null where no row has a value.
fn thinned(values: &[f64], span: usize) -> Value {
    let means = values.chunks(span).map(|part| {
        let known = part.iter().filter(|value| value.is_finite());
        let (sum, number) = known.fold((0.0, 0.0), |(sum, number), value| {
            (sum + value, number + 1.0)
        });
        if number > 0.0 {
            json!(short(sum / number))
        } else {
            Value::Null
        }
    });
    Value::Array(means.collect())
}

fn short(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{short, thinned, thinned_days};
    use serde_json::json;

    #[test]
    fn long_series_become_means_of_equal_spans_without_what_is_missing() {
        let values = [1.0, 3.0, f64::NAN, 5.0, f64::NAN, f64::NAN, 7.0];
        assert_eq!(thinned(&values, 2), json!([2.0, 5.0, null, 7.0]));
        assert_eq!(thinned_days(&[0.0, 1.0, 2.0, 3.0, 4.0], 2), [1.0, 3.0, 4.0]);
    }

    #[test]
    fn numbers_keep_six_digits() {
        assert_eq!(short(0.123_456_78), 0.123_457);
        assert_eq!(short(1_234_567.0), 1_234_570.0);
        assert_eq!(short(-2.0), -2.0);
    }
}
