//! What is allowed and yet may not be meant: said kindly, never refused.

use crate::experiment::Experiment;
use prodos_model::parameters::Parameters;
use prodos_model::spec::{Comes, Shock, ShockKind};
use prodos_quantity::Value;

/// What to say about an experiment before it runs, a sentence each.
pub fn notices(experiment: &Experiment) -> Vec<String> {
    let shocks = experiment.scenario.shocks.iter();
    let idle = shocks.clone().filter_map(|shock| {
        reason_without_effect(shock)
            .map(|why| format!("shock `{}` changes nothing: {why}", shock.name))
    });
    let days = f64::from(experiment.days);
    let unfinished = shocks
        .clone()
        .filter(|shock| last_day(shock) < days && end(shock) > days)
        .map(|shock| {
            format!(
                "shock `{}` lasts until day {}, and the run ends on day {}",
                shock.name,
                end(shock),
                days - 1.0
            )
        });
    let dated = shocks.filter(|shock| shock.comes == Comes::Regularly);
    let cut = dated.filter(|shock| last_day(shock) >= days).map(|shock| {
        format!(
            "shock `{}` comes {} times, the last on day {}, after the run ends on day {}",
            shock.name,
            shock.times,
            last_day(shock),
            experiment.days.saturating_sub(1)
        )
    });
    idle.chain(unfinished)
        .chain(cut)
        .chain(unusual_parameters(&experiment.city.parameters))
        .collect()
}

fn last_day(shock: &Shock) -> f64 {
    shock.day + shock.every * f64::from(shock.times.saturating_sub(1))
}

/// Day on which the last repetition is over, recovery included.
fn end(shock: &Shock) -> f64 {
    last_day(shock) + shock.days + shock.recovery_days
}

fn reason_without_effect(shock: &Shock) -> Option<&'static str> {
    let lasts = shock.days > 0.0 || shock.recovery_days > 0.0;
    match shock.kind {
        _ if shock.size == 0.0 => Some("its size is 0"),
        _ if shock.footprint == 0.0 => Some("its footprint is 0"),
        ShockKind::Damage if shock.hours == 0.0 => Some("its machines need 0 hours of repair"),
        ShockKind::Damage => None,
        _ if !lasts => Some("it lasts 0 days"),
        _ => None,
    }
}

/// Values that are possible and rarely seen.
fn unusual_parameters(parameters: &Parameters) -> impl Iterator<Item = String> {
    Parameters::table()
        .into_iter()
        .zip(parameters.values())
        .filter_map(|(parameter, value)| {
            let Value::Number(number) = value else {
                return None;
            };
            let (low, high) = parameter.typical;
            let usual = (low..=high).contains(&number) || value == parameter.default;
            (!usual).then(|| {
                format!(
                    "`{}` is {number}; {low} to {high} is usual",
                    parameter.path()
                )
            })
        })
}
