//! The page of a design.

use crate::Report;
use crate::contrast::Contrasts;
use crate::design::{ALL, SUMMARY, Trials};
use crate::page::{document, each, figure, ledger};
use crate::phrase;
use crate::sheet::escape;
use crate::story::quantile;
use prodos_record::{Column, Data, Folder};
use std::fmt::Write as _;

/// Policies and scenarios that have columns of their own at most.
const ABREAST: usize = 6;
/// Runs that failed and are named.
const NAMED: usize = 20;

/// The whole page; outcomes are read column by column.
pub(crate) fn compose(
    trials: &Trials,
    report: &Report,
    folder: &Folder,
) -> Result<String, crate::Error> {
    let manifest = &trials.manifest;
    let name = escape(&manifest.experiment);
    let brief = each(&report.brief, |sentence| {
        format!("<p>{}</p>\n", escape(sentence))
    });
    let question = match manifest.question.as_str() {
        "" => String::new(),
        question => format!("<p class=\"question\">{}</p>\n", escape(question)),
    };
    let entries = each(&report.figures, |own| {
        format!("<li><a href=\"#{}\">{}</a></li>", own.name, topic(own.name))
    });
    let header = format!(
        "<p class=\"kicker\">Production OS · report of a design</p>\n<h1>{name}</h1>\n{question}<div class=\"brief\">\n{brief}</div>\n\
         <nav aria-label=\"Contents\"><ul>{entries}<li><a href=\"#outcomes\">Outcomes</a></li><li><a href=\"#ledger\">What was run</a></li></ul></nav>\n"
    );
    let figures = each(&report.figures, |own| figure(own, topic(own.name)));
    let differences = trials.contrasts.as_ref();
    let sections = [
        figures,
        differences.map_or_else(String::new, Contrasts::section),
        outcomes(trials, folder)?,
        short(trials),
        crate::page::left_out(&report.left_out, topic),
        ledger(manifest, trials.points.len(), trials.experiment.as_deref()),
    ];
    let title = format!("{name} · report");
    Ok(document(
        &title,
        &header,
        &sections.concat(),
        &trials.caption(),
    ))
}

fn topic(name: &str) -> &'static str {
    let own = ALL.iter().find(|entry| entry.0 == name);
    own.map_or("", |entry| entry.1)
}

/// Median and the middle 90 % of every outcome, for each policy and scenario.
fn outcomes(trials: &Trials, folder: &Folder) -> Result<String, crate::Error> {
    let variants = &trials.variants;
    let shown = variants.names.len().min(ABREAST);
    let names = each(&variants.names[..shown], |name| {
        format!("<th>{}</th>", escape(name))
    });
    let keys = folder.columns(SUMMARY, |name| name == "status")?;
    let status = keys.words("status").map_err(crate::Error::table(SUMMARY))?;
    let whole: Vec<usize> = (0..keys.rows())
        .filter(|&row| status.get(row) == "ok")
        .collect();
    let all = folder.columns_of(SUMMARY)?;
    let all: Vec<&str> = all.iter().map(|column| column.name.as_str()).collect();
    let mut body = String::new();
    for name in all
        .iter()
        .filter(|name| !trials.manifest.varied.iter().any(|own| own == *name))
    {
        let column = folder.columns(SUMMARY, |own| own == *name)?;
        let Some(column) = column.columns().first() else {
            continue;
        };
        let Data::Float(cells) = &column.data else {
            continue;
        };
        let told = each(0..shown, |line| {
            let runs = variants.runs(line).map(|run| cells[whole[run]]);
            let known: Vec<f64> = runs.filter(|cell| cell.is_finite()).collect();
            cell(known)
        });
        let _ = write!(body, "{}", row(column, &told));
    }
    let more = match variants.names.len() - shown {
        0 => String::new(),
        more => format!(" The first {shown} of {} are shown.", shown + more),
    };
    Ok(format!(
        "<section id=\"outcomes\">\n<p class=\"topic\">Outcomes</p>\n<h2>Outcomes of {}</h2>\n<p class=\"reading\">Median, and the middle 90\u{a0}% of runs under it; \
         – where no run has the outcome. Every run is a row of summary.csv.{more} <button type=\"button\" class=\"copy\" data-copy=\"outcomes-table\">Copy table</button></p>\n\
         <div class=\"scroll\"><table id=\"outcomes-table\"><thead><tr><th>Outcome</th><th>Unit</th>{names}</tr></thead><tbody>\n{body}</tbody></table></div>\n</section>\n",
        phrase::count(trials.points.len() as f64, "run")
    ))
}

fn cell(mut known: Vec<f64>) -> String {
    if known.is_empty() {
        return "<td>–</td>".to_owned();
    }
    let [low, middle, high] =
        [0.05, 0.5, 0.95].map(|share| phrase::short(quantile(&mut known, share)));
    if low == high {
        return format!("<td>{middle}</td>");
    }
    format!("<td>{middle}<small>{low} to {high}</small></td>")
}

fn row(column: &Column, cells: &str) -> String {
    format!(
        "<tr><th scope=\"row\">{}<small>{}</small></th><td>{}</td>{cells}</tr>\n",
        escape(&phrase::kind(&column.name)),
        escape(&column.doc.replace('`', "")),
        escape(&column.unit)
    )
}

/// Runs that failed or took too long.
fn short(trials: &Trials) -> String {
    let manifest = &trials.manifest;
    let all = manifest.failures.iter().chain(&manifest.timed_out);
    let number = manifest.failures.len() + manifest.timed_out.len();
    if number == 0 {
        return String::new();
    }
    let named = each(all.take(NAMED), |(run, why)| {
        format!("<li>run {run}: {}</li>\n", escape(why))
    });
    format!(
        "<section id=\"short\"><p class=\"topic\">Left out</p><h2>{} failed or took too long</h2><ul>\n{named}</ul></section>\n",
        phrase::capital(&phrase::count(number as f64, "run"))
    )
}
