//! The report page: one document that opens from disk, with no network, in light, dark and print.
//!
//! Its parts are functions that give back markup; style and script lie beside the fonts in `assets`.

use crate::explore;
use crate::figure::{Figure, MARGIN, Player, caption};
use crate::figures::ALL;
use crate::phrase;
use crate::pixels::base64;
use crate::sheet::{WIDTH, escape};
use crate::story::{Story, quantile};
use crate::{Report, colour};
use prodos_record::{Column, Data, Manifest, Table};
use serde_json::Value;
use std::fmt::Write as _;

const STYLE: &str = include_str!("../assets/report.css");
const SCRIPT: &str = include_str!("../assets/report.js");
const CHARTS: &str = include_str!("../assets/echarts.common.min.js");
const EXPLORE: &str = include_str!("../assets/explore.js");
const REGULAR: &[u8] = include_bytes!("../assets/Inter-Regular.latin.woff2");
const SEMIBOLD: &[u8] = include_bytes!("../assets/Inter-SemiBold.latin.woff2");

/// The whole page.
pub(crate) fn compose(story: &Story, report: &Report) -> String {
    let name = escape(&story.manifest.experiment);
    let brief = each(&report.brief, |sentence| {
        format!("<p>{}</p>\n", escape(sentence))
    });
    let figures = each(&report.figures, |own| figure(own, topic(own.name)));
    let chart = explore::data(story).map(|data| explore(&data));
    let header = format!(
        "<p class=\"kicker\">Production OS · report</p>\n<h1>{name}</h1>\n{}<div class=\"brief\">\n{brief}</div>\n{}",
        question(story),
        contents(report, chart.is_some()),
    );
    let sections = [
        figures,
        chart.unwrap_or_default(),
        outcomes(story),
        left_out(&report.left_out, topic),
        ledger(
            &story.manifest,
            story.runs.len(),
            story.experiment.as_deref(),
        ),
    ];
    let title = format!("{name} · report");
    document(&title, &header, &sections.concat(), &caption(story, false))
}

/// A document of its own: opens from disk, with fonts, style and script in it.
pub(crate) fn document(title: &str, header: &str, sections: &str, footer: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{}{STYLE}</style>\n</head>\n\
         <body>\n<header>\n{header}</header>\n<main>\n{sections}</main>\n<footer><p>{}</p></footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        fonts(),
        escape(footer),
    )
}

/// The markup of each thing, one after the other.
pub(crate) fn each<T>(things: impl IntoIterator<Item = T>, markup: impl Fn(T) -> String) -> String {
    things.into_iter().map(markup).collect()
}

fn fonts() -> String {
    [(400, REGULAR), (600, SEMIBOLD)]
        .map(|(weight, bytes)| {
            format!(
                "@font-face{{font-family:Inter;font-weight:{weight};src:url(data:font/woff2;base64,{}) format(\"woff2\")}}\n",
                base64(bytes)
            )
        })
        .concat()
}

fn question(story: &Story) -> String {
    let question = &story.manifest.question;
    if question.is_empty() {
        String::new()
    } else {
        format!("<p class=\"question\">{}</p>\n", escape(question))
    }
}

/// A chart to look into: any probe of the city and its sectors, with zoom and values.
fn explore(data: &Value) -> String {
    let data = data.to_string().replace('<', "\\u003c");
    format!(
        "<section id=\"explore\">\n<p class=\"topic\">Explore</p>\n<h2>Any probe of the city and its sectors</h2>\n\
         <p class=\"reading\">Choose a probe; drag or pinch in the chart, or set the days, to look closer; click a name to hide its line. The ground shows the \
         phase of the city.</p>\n<div class=\"controls chooser\"><label>Probe <select></select></label>\
         <label><input type=\"checkbox\"> sectors</label><label>from day <input type=\"number\"></label><label>to day <input type=\"number\"></label></div>\n\
         <p class=\"reading meaning\"></p>\n<div class=\"chart\" role=\"img\" aria-label=\"Chart of the chosen probe over days\"></div>\n\
         <noscript><p>This chart needs scripts; the figures above do not.</p></noscript>\n\
         <script type=\"application/json\">{data}</script>\n<script>\n{CHARTS}</script>\n<script>\n{EXPLORE}</script>\n</section>\n"
    )
}

fn contents(report: &Report, charted: bool) -> String {
    let entries = each(&report.figures, |figure| {
        format!(
            "<li><a href=\"#{}\">{}</a></li>",
            figure.name,
            topic(figure.name)
        )
    });
    let explore = if charted {
        "<li><a href=\"#explore\">Explore</a></li>"
    } else {
        ""
    };
    format!(
        "<nav aria-label=\"Contents\"><ul>{entries}{explore}<li><a href=\"#outcomes\">Outcomes</a></li><li><a href=\"#ledger\">What was run</a></li></ul></nav>\n"
    )
}

fn topic(name: &str) -> &'static str {
    ALL.iter()
        .find(|entry| entry.0 == name)
        .map_or("", |entry| entry.1)
}

/// Title and reading as text of the page, the drawing without them.
pub(crate) fn figure(figure: &Figure, topic: &str) -> String {
    let drawing = match &figure.player {
        Some(player) => play(player),
        None => format!(
            "<div class=\"drawing\">{}</div>",
            cropped(
                &figure.svg,
                MARGIN - 4.0,
                figure.body.0,
                figure.body.1,
                WIDTH
            )
        ),
    };
    format!(
        "<section id=\"{0}\">\n<p class=\"topic\">{1}</p>\n<h2>{2}</h2>\n<p class=\"reading\">{3}</p>\n{drawing}\n</section>\n",
        figure.name,
        topic,
        escape(&figure.title),
        escape(&figure.reading)
    )
}

/// The same drawing with only a part of it in view: `aside` is left off on both sides.
fn cropped(svg: &str, aside: f64, top: f64, bottom: f64, width: f64) -> String {
    let fine = |points: f64| (points * 4.0).round();
    let Some((_, inside)) = svg.split_once('>') else {
        return String::new();
    };
    let opening = svg.split('>').next().unwrap_or_default();
    let labels = opening.split_once("role=").map_or("", |(_, labels)| labels);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{} {} {} {}\" role={labels}>{inside}",
        fine(aside),
        fine(top),
        fine(width - 2.0 * aside),
        fine(bottom - top)
    )
}

fn play(player: &Player) -> String {
    let high = player.wide * player.rows as f64 / player.columns as f64;
    let frames: Vec<serde_json::Value> = player
        .frames
        .iter()
        .map(|(day, zero, cells)| {
            serde_json::json!([
                format!("{day}, {} of teams in phase\u{a0}0", phrase::percent(*zero)),
                cells
            ])
        })
        .collect();
    let data = serde_json::json!({
        "columns": player.columns, "rows": player.rows,
        "colours": colour::PHASES.map(colour::hex), "frames": frames,
    });
    let keys = each(0..4, |phase| {
        format!(
            "<span><i style=\"background:{}\"></i>phase {phase}, {}</span>",
            colour::hex(colour::PHASES[phase]),
            colour::PHASE_NAMES[phase]
        )
    });
    format!(
        "<p class=\"keys\">{keys}</p>\n<div class=\"player\" style=\"max-width:{:.0}px\"><div class=\"stage\"><canvas></canvas>{}</div>\
         <div class=\"controls\"><button type=\"button\">Play</button>\
         <input type=\"range\" min=\"0\" max=\"{}\" value=\"0\" aria-label=\"Recorded day\"><output></output></div>\
         <script type=\"application/json\">{}</script></div>",
        player.wide,
        cropped(&player.outlines, 0.0, 0.0, high, player.wide).replacen(
            "<rect width",
            "<rect class=\"none\" width",
            1
        ),
        player.frames.len().saturating_sub(1),
        data.to_string().replace('<', "\\u003c"),
    )
}

/// One run: name and value. Several: median and the middle 90 %.
fn outcomes(story: &Story) -> String {
    let Some(table) = &story.summary else {
        return "<section id=\"outcomes\"><p class=\"topic\">Outcomes</p><h2>Outcomes</h2><p class=\"reading\">No summary was recorded.</p></section>\n".into();
    };
    let rows: Vec<usize> = match table.integers("run_id") {
        Ok(runs) => (0..table.rows())
            .filter(|&row| {
                [&story.runs, &story.failed]
                    .into_iter()
                    .any(|drawn| drawn.contains(&runs[row]))
            })
            .collect(),
        Err(_) => (0..table.rows()).collect(),
    };
    let several = rows.len() > 1;
    let head = if several {
        "<tr><th>Outcome</th><th>Unit</th><th>5&nbsp;%</th><th>Median</th><th>95&nbsp;%</th><th>Runs</th></tr>"
    } else {
        "<tr><th>Outcome</th><th>Unit</th><th>Value</th></tr>"
    };
    let (keys, numbers): (Vec<&Column>, Vec<&Column>) =
        table.columns.iter().partition(|column| is_key(column));
    let body = each(&numbers, |column| outcome(column, &rows, several));
    format!(
        "<section id=\"outcomes\">\n<p class=\"topic\">Outcomes</p>\n<h2>{}</h2>\n<p class=\"reading\">One row an outcome; the same numbers lie in \
         summary.csv. <button type=\"button\" class=\"copy\" data-copy=\"outcomes-table\">Copy table</button></p>\n\
         <div class=\"scroll\"><table id=\"outcomes-table\"><thead>{head}</thead><tbody>\n{body}</tbody></table></div>\n{}</section>\n",
        escape(&heading(table, &rows)),
        identity(&keys, &rows),
    )
}

/// Columns that tell runs apart and no outcome: numbers, seeds, hashes, and how a run went.
fn is_key(column: &Column) -> bool {
    matches!(column.data, Data::Text(_)) || column.unit == "id"
}

/// Ids and hashes of a run, or of each of several, apart from the outcomes.
fn identity(keys: &[&Column], rows: &[usize]) -> String {
    let cell = |column: &Column, row: usize| match &column.data {
        Data::Float(cells) => phrase::short(cells[row]),
        Data::Integer(cells) => cells[row].to_string(),
        Data::OptionalInteger(cells) => {
            cells[row].map_or_else(String::new, |value| value.to_string())
        }
        Data::Text(words) => words.get(row).into(),
    };
    let told = |column: &&&Column| rows.iter().any(|&row| !cell(column, row).is_empty());
    let keys: Vec<&&Column> = keys.iter().filter(told).collect();
    if keys.is_empty() {
        return String::new();
    }
    let head = each(&keys, |column| {
        format!(
            "<th title=\"{}\">{}</th>",
            escape(&column.doc),
            escape(&column.name.replace('_', " "))
        )
    });
    let body = each(rows, |&row| {
        let cells = each(&keys, |column| {
            format!("<td>{}</td>", escape(&cell(column, row)))
        });
        format!("<tr>{cells}</tr>\n")
    });
    format!(
        "<details><summary>Ids, seeds and hashes of {}</summary><div class=\"scroll\"><table class=\"keys-table\"><thead><tr>{head}</tr></thead>\
         <tbody>\n{body}</tbody></table></div></details>\n",
        phrase::count(rows.len() as f64, "run")
    )
}

fn heading(table: &Table, rows: &[usize]) -> String {
    let failed = table.words("status").map_or(0, |status| {
        rows.iter()
            .filter(|&&row| status.get(row) == "failed")
            .count()
    });
    let runs = phrase::count(rows.len() as f64, "run");
    if failed == 0 {
        format!("Outcomes of {runs}")
    } else {
        format!("Outcomes of {runs}, of which {failed} failed")
    }
}

fn outcome(column: &Column, rows: &[usize], several: bool) -> String {
    let mut values: Vec<f64> = match &column.data {
        Data::Float(cells) => rows
            .iter()
            .map(|&row| cells[row])
            .filter(|value| value.is_finite())
            .collect(),
        Data::Integer(cells) => rows.iter().map(|&row| cells[row] as f64).collect(),
        Data::OptionalInteger(cells) => rows
            .iter()
            .filter_map(|&row| cells[row])
            .map(|value| value as f64)
            .collect(),
        Data::Text(_) => return String::new(),
    };
    if values.is_empty() {
        return line(
            column,
            if several {
                "<td>–</td><td>–</td><td>–</td><td>0</td>"
            } else {
                "<td>–</td>"
            },
        );
    }
    if !several {
        return line(column, &format!("<td>{}</td>", phrase::short(values[0])));
    }
    let known = values.len();
    let [low, middle, high] =
        [0.05, 0.5, 0.95].map(|share| phrase::short(quantile(&mut values, share)));
    line(
        column,
        &format!("<td>{low}</td><td>{middle}</td><td>{high}</td><td>{known}</td>"),
    )
}

/// A row of the table: the name, and under it what it means.
fn line(column: &Column, cells: &str) -> String {
    let meaning = if column.doc.is_empty() {
        String::new()
    } else {
        format!("<small>{}</small>", escape(&column.doc.replace('`', "")))
    };
    format!(
        "<tr><th scope=\"row\">{}{meaning}</th><td>{}</td>{cells}</tr>\n",
        escape(&column.name.replace('_', " ")),
        escape(&column.unit)
    )
}

pub(crate) fn left_out(
    left_out: &[(&'static str, String)],
    topic: fn(&str) -> &'static str,
) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let entries = each(left_out, |(name, reason)| {
        format!("<li><b>{}</b>: {}</li>\n", topic(name), escape(reason))
    });
    format!(
        "<section id=\"left-out\"><p class=\"topic\">Not drawn</p>\n<ul>\n{entries}</ul></section>\n"
    )
}

/// What was run, and how to run it again.
pub(crate) fn ledger(manifest: &Manifest, runs: usize, experiment: Option<&str>) -> String {
    let seeds: Vec<String> = manifest.seeds.iter().map(u64::to_string).collect();
    let seconds = |value: f64| {
        if value > 0.0 {
            format!("{value:.1} s")
        } else {
            String::new()
        }
    };
    let positive = |value: u64| {
        if value > 0 {
            phrase::grouped(value as f64)
        } else {
            String::new()
        }
    };
    let memory = if manifest.peak_memory_bytes > 0 {
        format!("{:.0} MB", manifest.peak_memory_bytes as f64 / 1e6)
    } else {
        String::new()
    };
    let cost = manifest.nanoseconds_per_operator_day;
    let rows = [
        ("Experiment", manifest.experiment.clone()),
        ("Configuration", manifest.configuration_hash.clone()),
        ("Seed", seeds.join(", ")),
        ("Runs", phrase::grouped(runs as f64)),
        ("City", manifest.city.clone()),
        ("Operators", positive(manifest.operators)),
        ("Teams", positive(manifest.teams)),
        (
            "Days",
            if manifest.days > 0.0 {
                phrase::grouped(manifest.days)
            } else {
                String::new()
            },
        ),
        ("Start", manifest.start_date.clone()),
        ("Currency", manifest.currency.clone()),
        (
            "Program",
            format!("{} {}", manifest.version, manifest.build)
                .trim()
                .to_owned(),
        ),
        ("Host", manifest.host.clone()),
        ("Threads", positive(manifest.threads)),
        ("Started", manifest.started.clone()),
        ("Finished", manifest.finished.clone()),
        ("Wall-clock time", seconds(manifest.wall_seconds)),
        (
            "Cost",
            if cost > 0.0 {
                format!("{cost:.0} ns per operator-day")
            } else {
                String::new()
            },
        ),
        ("Peak memory while running", memory),
    ];
    let mut body = String::new();
    for (name, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(
            body,
            "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>",
            escape(&value)
        );
    }
    let files = each(&manifest.files, |(name, sum)| {
        format!(
            "<tr><th scope=\"row\">{}</th><td><code>{}</code></td></tr>\n",
            escape(name),
            escape(sum)
        )
    });
    let command = if manifest.command.is_empty() {
        String::new()
    } else {
        format!(
            "<h3>To run it again</h3>\n<pre><code>{}</code></pre>\n",
            escape(&manifest.command)
        )
    };
    let experiment = experiment.map_or(String::new(), |text| {
        format!("<details><summary>experiment.ron, the complete experiment</summary><pre><code>{}</code></pre></details>\n", escape(text))
    });
    format!(
        "<section id=\"ledger\">\n<p class=\"topic\">What was run</p>\n<h2>Everything needed to get these numbers again</h2>\n\
         <div class=\"scroll\"><table class=\"ledger\"><tbody>\n{body}</tbody></table></div>\n{command}{experiment}\
         <details><summary>Recorded files with their BLAKE3 checksums</summary><div class=\"scroll\"><table class=\"ledger\"><tbody>\n{files}</tbody></table></div></details>\n</section>\n"
    )
}
