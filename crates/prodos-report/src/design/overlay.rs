//! The course of all runs, a band for each line, on one axis.

use crate::colour::ALARM;
use crate::design::{Trials, colour};
use crate::figure::{Draft, Figure, MARGIN, NoFigure, PANEL_LEFT, because};
use crate::panel::{
    NAME, Panel, as_percent, between, day_axis, legend_in_rows, line, range_of, value_axis,
};
use crate::phrase;
use crate::sheet::WIDTH;

pub(super) fn draw(trials: &Trials) -> Result<Figure, NoFigure> {
    let course = &trials.course;
    if course.days.len() < 2 {
        return Err(because(
            "Fewer than two days of the city were recorded; `record: (city_every: 28)` keeps some.",
        ));
    }
    let colours = &trials.lines;
    let held = course.lines.iter().map(|own| own.drawn).sum::<usize>();
    let only = if held < trials.points.len() {
        format!(", of {} drawn here", phrase::count(held as f64, "run"))
    } else {
        String::new()
    };
    let reading = format!(
        "A line is the median of its runs on each recorded day, the band holds the middle 90\u{a0}% of them{only}; below, the share of its runs whose city is in phase\u{a0}0.{}",
        ended_early(course.ended_early)
    );
    let mut draft = Draft::new("overlay", title(trials), reading);
    let sheet = &mut draft.sheet;
    let mut y = legend_in_rows(sheet, MARGIN, draft.top + 8.0, &colours.legend()) + 30.0;
    let days = (course.days[0], course.days[course.days.len() - 1]);
    let mut panel = Panel {
        x: PANEL_LEFT,
        y,
        width: WIDTH - PANEL_LEFT - MARGIN,
        height: 190.0,
        days,
        values: (0.0, 1.0),
    };
    for (name, of) in [
        ("Output (share of output at rest)", 0),
        ("Margin M (index; red line: zero)", 1),
    ] {
        let band = |own: usize| [&course.lines[own].output, &course.lines[own].margin][of];
        let all = || 0..course.lines.len();
        let edges = all().flat_map(|own| [band(own).low.as_slice(), band(own).high.as_slice()]);
        sheet.text(MARGIN, y, name, NAME);
        panel.y = y + 9.0;
        panel.values = range_of(edges, &[0.0]);
        value_axis(
            sheet,
            &panel,
            5.0,
            if of == 0 { as_percent } else { phrase::tick },
        );
        if of == 1 {
            let zero = panel.up(0.0);
            sheet.line(&[(panel.x, zero), (panel.right(), zero)], ALARM, 1.5);
        }
        for own in all() {
            let shade = colour(own);
            between(
                sheet,
                &panel,
                &course.days,
                &band(own).low,
                &band(own).high,
                shade,
                0.16,
            );
        }
        for own in all() {
            line(
                sheet,
                &panel,
                &course.days,
                &band(own).middle,
                colour(own),
                2.0,
            );
        }
        y = panel.bottom() + 34.0;
    }
    sheet.text(MARGIN, y, "Runs in phase\u{a0}0 (share of runs)", NAME);
    panel.y = y + 9.0;
    panel.height = 110.0;
    panel.values = (0.0, 1.0);
    value_axis(sheet, &panel, 4.0, as_percent);
    for (own, traced) in course.lines.iter().enumerate() {
        line(
            sheet,
            &panel,
            &course.days,
            &traced.broken,
            colour(own),
            2.0,
        );
    }
    let bottom = panel.bottom() + day_axis(sheet, &panel, trials.calendar);
    Ok(draft.finish_with(&trials.caption(), bottom)?)
}

/// What becomes of runs that end before others.
fn ended_early(runs: usize) -> String {
    if runs == 0 {
        return String::new();
    }
    let runs = phrase::count(runs as f64, "run");
    format!(" {runs} ended before the last day; from then on they count as on their own last day.")
}

fn title(trials: &Trials) -> String {
    let last = |own: usize| {
        let line = &trials.course.lines[own];
        let (low, middle, high) = (&line.output.low, &line.output.middle, &line.output.high);
        let end = |values: &Vec<f64>| phrase::output(values.last().copied().unwrap_or(f64::NAN));
        let under = match trials.lines.names.as_slice() {
            [_] => String::new(),
            names => format!(" under {}", names[own]),
        };
        format!("{} ({} to {}){under}", end(middle), end(low), end(high))
    };
    let ends: Vec<(usize, f64)> = (0..trials.course.lines.len())
        .filter_map(|own| Some((own, *trials.course.lines[own].output.middle.last()?)))
        .filter(|(_, end)| end.is_finite())
        .collect();
    let by_end = |a: &&(usize, f64), b: &&(usize, f64)| a.1.total_cmp(&b.1);
    let (Some(least), Some(most)) = (ends.iter().min_by(by_end), ends.iter().max_by(by_end)) else {
        return "The course of the runs".to_owned();
    };
    if least.0 == most.0 {
        return format!("Output ends at {}", last(most.0));
    }
    format!("Output ends at {}, at {}", last(most.0), last(least.0))
}
