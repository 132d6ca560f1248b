//! Repair: how old the backlog is, and how much work is offered for the hands there are.

use crate::colour::{ALARM, BLUE, MUTED, VERMILLION};
use crate::facts::{last, lowest, marks, phase_spells};
use crate::figure::{Draft, Figure, NoFigure, PANEL_LEFT, because};
use crate::findings;
use crate::marks::{city_head, mark_lines, marks_reading, phase_tint};
use crate::panel::{
    NAME, Panel, between, day_axis, day_range, end_names, line, range_of, value_axis,
};
use crate::phrase;
use crate::sheet::{Type, WIDTH, width_of};
use crate::story::Story;

/// The panel reaches at most so many times as high as the median.
const BAND: f64 = 3.0;

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
    let (spells, marks) = (phase_spells(story), marks(story));
    let reading = format!(
        "Above ρ = 1 more repair work is offered than the crews can do, shock work counted as its mean over half a year. \
         The age is open work over today's capacity, in days; a backlog older than seven days for four weeks on end is chronic.{}",
        marks_reading(&marks)
    );
    let mut draft = Draft::new("repair", title(story), reading);
    let top = draft.top;
    let sheet = &mut draft.sheet;
    let mut panel = Panel {
        x: PANEL_LEFT,
        y: top,
        width: WIDTH - PANEL_LEFT - 100.0,
        height: 180.0,
        days: day_range(story),
        values: (0.0, 1.0),
    };
    let mut y = city_head(sheet, &panel, top, &marks, &spells);
    for (column, name, limit, limit_name, colour, values) in &panels {
        panel.y = y + 9.0;
        let band = story.city.band(column);
        let edges = band
            .iter()
            .flat_map(|(low, high)| [low.as_slice(), high.as_slice()]);
        let whole = range_of(edges.chain([values.as_slice()]), &[0.0, 1.25 * limit]);
        let middle = range_of([values.as_slice()], &[0.0, 1.25 * limit]);
        // Without any capacity left the age of a backlog knows no bound, and a run like that would flatten
        // all others.
        panel.values = (whole.0, whole.1.min(BAND * middle.1));
        sheet.text(PANEL_LEFT, y, name, NAME);
        if panel.values.1 < whole.1 {
            let after = PANEL_LEFT + width_of(name, NAME) + 8.0;
            let note = Type::of(12.0).colour(MUTED);
            sheet.text(after, y, "the band goes on above", note);
        }
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
        mark_lines(sheet, &panel, &marks);
        y = panel.bottom() + 34.0;
    }
    let bottom = panel.bottom() + day_axis(sheet, &panel, story.calendar);
    draft.finish(story, bottom, false)
}

fn title(story: &Story) -> String {
    let load = load(story);
    let known = findings::backlog_peak(story).and_then(|peak| Some((peak.median()?, peak.aside())));
    let Some((peak, of_runs)) = known else {
        return load.map_or("The repair backlog and the work offered".into(), |load| {
            phrase::capital(&load)
        });
    };
    let peak = phrase::tick(peak, if peak < 10.0 { 0.1 } else { 1.0 });
    // Said once at the end where both are of the same runs.
    let tail = match load {
        Some(load) if load.ends_with(&of_runs) => format!("; {load}"),
        Some(load) => format!("{of_runs}; {load}"),
        None => of_runs,
    };
    let chronic = findings::chronic_backlog(story);
    match chronic.map(|chronic| (chronic.day(story), chronic.in_runs())) {
        Some((Some(day), in_runs)) => format!(
            "The repair backlog is chronic from {day} on{in_runs} and peaks at {peak} days{tail}"
        ),
        Some((None, _)) => format!(
            "The repair backlog never becomes chronic: its peak is {peak} days{}{tail}",
            peak_day(story)
        ),
        None => format!(
            "The repair backlog peaks at {peak} days{}{tail}",
            peak_day(story)
        ),
    }
}

/// The day of the peak, where rows of one run can date it.
fn peak_day(story: &Story) -> String {
    let age = story
        .city
        .run(0, "backlog_age")
        .filter(|_| story.is_daily() && story.runs.len() == 1);
    age.and_then(|age| lowest(&story.days, age, -1.0))
        .map_or(String::new(), |(day, _)| {
            format!(" on {}", phrase::day(story, day))
        })
}

/// How often load exceeds what can be done; of rows that are means of weeks, and of several runs, its mean.
fn load(story: &Story) -> Option<String> {
    if story.is_daily() && story.runs.len() == 1 {
        let load = story.city.run(0, "offered_load")?;
        let known = load.iter().filter(|value| value.is_finite()).count();
        let over = load.iter().filter(|&&value| value > 1.0).count();
        return Some(if over == 0 {
            "offered load never exceeds 1".into()
        } else {
            let share = phrase::percent(over as f64 / known as f64);
            format!("offered load exceeds 1 on {share} of days")
        });
    }
    let load = findings::offered_load(story)?;
    Some(format!(
        "offered load is {} on average{}",
        phrase::index(load.median()?),
        load.aside()
    ))
}
