//! Repair: how old the backlog is, and how much work is offered for the hands there are.

use crate::colour::{ALARM, BLUE, VERMILLION};
use crate::facts::{first_lasting, last, lowest, phase_spells, shocks};
use crate::figure::{Draft, Figure, NoFigure, PANEL_LEFT, because};
use crate::panel::{
    NAME, Panel, between, city_head, day_axis, day_range, end_names, line, phase_tint, range_of,
    shock_lines, value_axis,
};
use crate::phrase;
use crate::sheet::WIDTH;
use crate::story::Story;

pub(crate) fn draw(story: &Story) -> Result<Figure, NoFigure> {
    let panels: Vec<_> = [
        (
            "backlog_age",
            "Age of the repair backlog, days of repair capacity",
            7.0,
            "7 days",
            BLUE,
        ),
        (
            "offered_load",
            "Offered repair load ρ, work offered over repair capacity",
            1.0,
            "ρ = 1",
            VERMILLION,
        ),
    ]
    .into_iter()
    .filter_map(|(column, name, limit, limit_name, colour)| {
        Some((
            column,
            name,
            limit,
            limit_name,
            colour,
            story.city.median(column)?,
        ))
    })
    .collect();
    if panels.is_empty() {
        return Err(because("Backlog age and offered load were not recorded."));
    }
    let (spells, shocks) = (phase_spells(story), shocks(story));
    let reading = "Above ρ = 1 more repair work arrives than can be done, and the backlog grows for as long as that lasts. \
                   A backlog older than seven days counts as chronic when it stays.";
    let mut draft = Draft::new("repair", title(story), reading.into());
    let sheet = &mut draft.sheet;
    let mut y = draft.top + if shocks.is_empty() { 4.0 } else { 32.0 };
    let mut panel = Panel {
        x: PANEL_LEFT,
        y,
        width: WIDTH - PANEL_LEFT - 100.0,
        height: 180.0,
        days: day_range(story),
        values: (0.0, 1.0),
    };
    y = city_head(sheet, &panel, y, &shocks, &spells);
    for (column, name, limit, limit_name, colour, values) in &panels {
        sheet.text(PANEL_LEFT, y, name, NAME);
        panel.y = y + 9.0;
        let band = story.city.band(column);
        let edges = band
            .iter()
            .flat_map(|(low, high)| [low.as_slice(), high.as_slice()]);
        panel.values = range_of(edges.chain([values.as_slice()]), &[0.0, 1.25 * limit]);
        phase_tint(sheet, &panel, &spells);
        value_axis(sheet, &panel, 5.0, phrase::tick);
        if let Some((low, high)) = &band {
            between(sheet, &panel, &story.days, low, high, *colour, 0.22);
        }
        let at = panel.up(*limit);
        sheet.line(&[(panel.x, at), (panel.right(), at)], ALARM, 1.5);
        line(sheet, &panel, &story.days, values, *colour, 1.75);
        let mut names = vec![(at, (*limit_name).to_owned(), ALARM)];
        if let Some(end) = last(values) {
            names.push((
                panel.up(end),
                format!(
                    "end {}",
                    phrase::tick(end, if end < 10.0 { 0.01 } else { 1.0 })
                ),
                *colour,
            ));
        }
        end_names(sheet, &panel, names, 12.0);
        shock_lines(sheet, &panel, &shocks);
        y = panel.bottom() + 34.0;
    }
    let bottom = panel.bottom() + day_axis(sheet, &panel, story);
    draft.finish(story, bottom, false)
}

fn title(story: &Story) -> String {
    let load = story.city.median("offered_load").and_then(|load| {
        let known: Vec<f64> = load.into_iter().filter(|value| value.is_finite()).collect();
        let over = known.iter().filter(|&&value| value > 1.0).count();
        (!known.is_empty()).then(|| over as f64 / known.len() as f64)
    });
    let load = load.map_or(String::new(), |share| {
        if share == 0.0 {
            "; offered load never exceeds 1".into()
        } else {
            format!(
                "; offered load exceeds 1 on {} of days",
                phrase::percent(share)
            )
        }
    });
    let Some(age) = story.city.median("backlog_age") else {
        return phrase::capital(load.trim_start_matches("; "));
    };
    let (peak_day, peak) = lowest(&story.days, &age, -1.0).unwrap_or((0.0, 0.0));
    let peak = phrase::tick(peak, if peak < 10.0 { 0.1 } else { 1.0 });
    match first_lasting(&story.days, &age, 14.0, |value| value > 7.0) {
        Some(day) => format!(
            "The repair backlog passes seven days to stay on {} and peaks at {peak} days{load}",
            phrase::day(story, day)
        ),
        None => format!(
            "The repair backlog does not stay above seven days: its peak is {peak} days on {}{load}",
            phrase::day(story, peak_day)
        ),
    }
}
