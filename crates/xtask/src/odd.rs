//! The description of the model in the seven elements of the ODD protocol (Grimm et al. 2020).
//!
//! Prose stands in `odd/prose.md`, with a mark such as `{{entities}}` wherever a table goes. The tables
//! are read from where the model declares what they hold: its structs, functions and streams from its
//! source, parameters, steps, probes, shocks and connectors from their tables, cases and cities from
//! their files. What the source does not explain stops the generator, which says what it is.

mod entities;
mod source;

use crate::screen::weakly_known;
use prodos_config::Options;
use prodos_experiment::verification::Laboratory;
use prodos_guide::{Entry, Kind};
use prodos_model::connectors::CONNECTORS;
use prodos_model::day::{Part, STEPS};
use prodos_model::parameters::Parameters;
use prodos_quantity::{Parameter, Role, Value};
use source::Room;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const PROSE: &str = include_str!("odd/prose.md");

/// Rooms with laws that no step names, in the order in which they are described.
const LAWS: [&str; 12] = [
    "error",
    "modules/tools",
    "coordination",
    "shock",
    "lattice/grid",
    "warning",
    "cascade",
    "ledger",
    "audit",
    "keyed",
    "maths",
    "rest",
];

/// The chapter of the book with the reasons for a room.
const CHAPTERS: [(&str, &[&str]); 32] = [
    ("morning", &["shocks", "market"]),
    ("modules/assignment", &["people"]),
    ("hours", &["hours"]),
    ("drift/shortcuts", &["shortcuts"]),
    ("drift/wear", &["wear"]),
    ("modules/maintenance", &["maintenance"]),
    ("modules/supply", &["production"]),
    ("modules/quality", &["quality"]),
    ("modules/safety", &["safety"]),
    ("market", &["market"]),
    ("lattice/aid", &["maintenance"]),
    ("finance", &["finance"]),
    ("trust", &["trust"]),
    ("modules/training", &["training"]),
    ("modules/upgrade", &["upgrade"]),
    ("drift/process", &["quality"]),
    ("gauge", &["gauge"]),
    ("night", &["overview"]),
    ("phase", &["phases"]),
    ("reading", &["gauge"]),
    ("error", &["quality"]),
    ("modules/tools", &["production"]),
    ("coordination", &["coordination"]),
    ("shock", &["shocks"]),
    ("lattice/grid", &["overview"]),
    ("warning", &["warnings"]),
    ("cascade", &["cascades"]),
    ("ledger", &["overview"]),
    ("audit", &["overview", "derivations"]),
    ("keyed", &["overview"]),
    ("maths", &["overview"]),
    ("rest", &["overview"]),
];

/// The page, with links to the book as they are written where the page stands.
pub fn page(root: &Path, to_book: &str) -> Result<String, String> {
    let rooms = source::rooms(root)?;
    let mut page = PROSE.to_owned();
    for (mark, text) in [
        ("cases", cases(root)?),
        ("entities", entities::tables(&rooms)?),
        ("scales", scales(root)?),
        ("schedule", schedule()),
        ("streams", streams(&rooms)?),
        ("observation", observation()),
        ("shocks", shocks()),
        ("connectors", connectors(&rooms)?),
        ("assumptions", assumptions()),
        ("submodels", submodels(&rooms)?),
    ] {
        let mark = format!("{{{{{mark}}}}}");
        if page.matches(&mark).count() != 1 {
            return Err(format!("odd/prose.md must have {mark} once"));
        }
        page = page.replace(&mark, text.trim_end());
    }
    if let Some((_, rest)) = page.split_once("{{") {
        let mark = rest.split("}}").next().unwrap_or("");
        return Err(format!(
            "odd/prose.md asks for {{{{{mark}}}}}, which nothing makes"
        ));
    }
    Ok(page.replace("](book:", &format!("]({to_book}")))
}

fn scales(root: &Path) -> Result<String, String> {
    let mut text = String::from(
        "| city | day 0 | people an operator | tick | burn-in | sectors | teams | operators | neighbourhood |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for name in ["uk-baseline", "harbour"] {
        let file = root.join(format!("configs/experiments/{name}.ron"));
        let experiment = prodos_config::load(&file, &[], &Options::default());
        let city = experiment.map_err(|problems| problems.to_string())?.city;
        let sum = |of: fn(&prodos_model::spec::Sector, f64) -> usize| -> usize {
            city.sectors
                .values()
                .map(|sector| of(sector, city.scale))
                .sum()
        };
        let neighbours = prodos_quantity::Choice::name(city.lattice.neighbourhood);
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} day | {} days | {} | {} | {} | `{neighbours}` |",
            city.name,
            city.start,
            city.scale,
            city.tick,
            city.burn_in,
            city.sectors.len(),
            sum(prodos_model::spec::Sector::teams),
            sum(prodos_model::spec::Sector::posts),
        );
    }
    Ok(text)
}

fn cases(root: &Path) -> Result<String, String> {
    let folder = root.join("configs/verification");
    let entries = fs::read_dir(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "ron"));
    files.sort();
    let mut text = String::from(
        "| case | family | tried on | what holds | published or derived |\n|---|---|---|---|---|\n",
    );
    for file in files {
        let case = prodos_config::load_case(&file, &Laboratory)
            .map_err(|problems| problems.to_string())?;
        let tried = case.kernel.map_or_else(
            || "the whole model".to_owned(),
            |kernel| format!("`{kernel}`"),
        );
        let _ = writeln!(
            text,
            "| `{}` | {} | {tried} | {} | {} |",
            case.name,
            cell(&case.family),
            cell(&case.claim),
            cell(&case.source)
        );
    }
    Ok(text)
}

fn part(own: Part) -> &'static str {
    match own {
        Part::Morning => "morning",
        Part::Workday => "workday",
        Part::Market => "market",
        Part::Evening => "evening",
        Part::Reading => "reading",
    }
}

fn schedule() -> String {
    let mut text =
        String::from("| step | part of the day | what happens | submodels |\n|---|---|---|---|\n");
    for step in &STEPS {
        let rooms: Vec<String> = step
            .room
            .split(", ")
            .map(|room| format!("`{room}`"))
            .collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            step.number,
            part(step.part),
            cell(step.does),
            rooms.join(", ")
        );
    }
    text
}

fn streams(rooms: &[Room]) -> Result<String, String> {
    let mut text = String::from("| stream | what it decides | drawn in |\n|---|---|---|\n");
    let all = find(rooms, "keyed")?.variants("Stream");
    if all.is_empty() {
        return Err("no stream is declared".to_owned());
    }
    for (name, doc) in all {
        if doc.is_empty() {
            return Err(format!("Stream::{name} has no docstring"));
        }
        let call = format!("Stream::{name}");
        let whole = |text: &str| {
            text.match_indices(&call).any(|(at, _)| {
                let next = text[at + call.len()..].chars().next();
                !next.is_some_and(char::is_alphanumeric)
            })
        };
        let users = rooms
            .iter()
            .filter(|room| room.name != "keyed" && whole(&room.text));
        let mut users: Vec<String> = users.map(|room| format!("`{}`", room.name)).collect();
        if users.is_empty() {
            users.push("outside the model".to_owned());
        }
        let _ = writeln!(text, "| `{name}` | {} | {} |", cell(&doc), users.join(", "));
    }
    Ok(text)
}

fn of_kind(kind: Kind) -> impl Iterator<Item = Entry> {
    prodos_guide::all()
        .into_iter()
        .filter(move |entry| entry.kind == kind)
}

fn observation() -> String {
    let mut text = String::from(
        "#### Columns of the series\n\n| column | unit | kind | series | meaning |\n|---|---|---|---|---|\n",
    );
    let short = |tables: &str| tables.replace("series/", "").replace(".parquet", "");
    for entry in of_kind(Kind::Probe) {
        let line = |name: &str| entry.line(name).unwrap_or("");
        let mut meaning = entry.meaning.clone();
        for (_, elsewhere) in entry.lines.iter().filter(|(name, _)| *name == "elsewhere") {
            let _ = write!(meaning, " Elsewhere: {}", short(elsewhere));
        }
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            entry.word,
            cell(line("unit")),
            line("kind").split(':').next().unwrap_or(""),
            short(line("tables")),
            cell(&meaning)
        );
    }
    text.push_str("\n#### Columns of the summary, one row a run\n\n| column | unit | meaning |\n|---|---|---|\n");
    for entry in of_kind(Kind::Outcome) {
        let unit = cell(entry.line("unit").unwrap_or(""));
        let _ = writeln!(
            text,
            "| `{}` | {unit} | {} |",
            entry.word,
            cell(&entry.meaning)
        );
    }
    text
}

fn shocks() -> String {
    let mut text = String::from("| kind of shock | what it does while it lasts |\n|---|---|\n");
    for entry in of_kind(Kind::Shock) {
        let _ = writeln!(text, "| `{}` | {} |", entry.word, cell(&entry.meaning));
    }
    text.push_str("\n| value of a shock | meaning | takes |\n|---|---|---|\n");
    for entry in of_kind(Kind::Field) {
        if let Some(name) = entry.word.strip_prefix("shock.") {
            let takes = match name {
                "kind" => "one of these kinds".to_owned(),
                _ => entry.line("takes").unwrap_or("").replace('\n', " · "),
            };
            let _ = writeln!(
                text,
                "| `{name}` | {} | {} |",
                cell(&entry.meaning),
                cell(&takes)
            );
        }
    }
    text
}

fn connectors(rooms: &[Room]) -> Result<String, String> {
    let acts = find(rooms, "connectors")?.acts_on("act_on");
    let mut text = String::from(
        "| connector | what its level multiplies (×), divides (÷) or sets by a formula (=) |\n|---|---|\n",
    );
    for name in CONNECTORS {
        let own = acts
            .iter()
            .filter(|(_, _, names)| names.iter().any(|other| other == name));
        let own: Vec<String> = own
            .map(|(path, how, _)| format!("{how} `{path}`"))
            .collect();
        let own = match (name, own.is_empty()) {
            // The one level that no parameter stands for.
            ("international", true) => "× what is sent from abroad".to_owned(),
            (_, true) => return Err(format!("nothing is known of what connector {name} does")),
            _ => own.join(", "),
        };
        let _ = writeln!(text, "| `{name}` | {own} |");
    }
    let declared = Parameters::table();
    let unknown = acts
        .iter()
        .find(|(path, _, _)| !declared.iter().any(|parameter| parameter.path() == *path));
    unknown.map_or(Ok(text), |(path, _, _)| {
        Err(format!("a connector acts on {path}, which is no parameter"))
    })
}

/// Rooms in the order of the description: those of the steps, then the other laws.
fn described() -> Vec<&'static str> {
    let mut rooms: Vec<&'static str> = Vec::new();
    for room in STEPS
        .iter()
        .flat_map(|step| step.room.split(", "))
        .chain(LAWS)
    {
        if !rooms.contains(&room) {
            rooms.push(room);
        }
    }
    rooms
}

fn submodels(rooms: &[Room]) -> Result<String, String> {
    let described = described();
    for room in rooms {
        let law = room
            .functions()
            .iter()
            .any(|own| source::has_formula(&own.doc));
        let sets = group(room).is_some();
        if (law || sets) && !described.contains(&&*room.name) {
            return Err(format!(
                "room {} has laws or parameters and is in no step: name it in LAWS of xtask/src/odd.rs",
                room.name
            ));
        }
    }
    let mut text = String::new();
    for (k, name) in described.iter().enumerate() {
        let room = find(rooms, name)?;
        let title = name.rsplit('/').next().unwrap_or(name);
        let _ = writeln!(text, "### 7.{} {}\n", k + 1, capital(title));
        if !room.prose.is_empty() {
            text.push_str(&paragraphs(&room.prose));
        }
        let steps: Vec<String> = STEPS
            .iter()
            .filter(|step| step.room.split(", ").any(|own| own == *name))
            .map(|step| step.number.to_string())
            .collect();
        let acts = match steps.as_slice() {
            [] => "no step of its own".to_owned(),
            [one] => format!("step {one}"),
            more => format!("steps {}", more.join(" and ")),
        };
        let _ = writeln!(text, "Room `{name}`, {acts}. {}\n", reasons(name)?);
        for function in room.functions() {
            text.push_str(&told(&function.name, &function.doc));
        }
        if *name == "phase" {
            text.push_str(&phases());
        }
        text.push('\n');
        if let Some(group) = group(room) {
            text.push_str(&parameters(&group));
        }
    }
    Ok(text)
}

/// The four phases with the conditions of the automaton, at their default thresholds.
fn phases() -> String {
    let mut text = String::from("\nThe phases, with thresholds as they are by default:\n\n");
    for entry in of_kind(Kind::Phase) {
        let _ = writeln!(text, "- **{}**, {}", entry.word, one_line(&entry.meaning));
        for (name, line) in &entry.lines {
            let _ = writeln!(text, "  - {name}: {}", one_line(line));
        }
    }
    text
}

fn reasons(room: &str) -> Result<String, String> {
    let own = CHAPTERS.iter().find(|(other, _)| *other == room);
    let (_, chapters) = own.ok_or_else(|| format!("room {room} has no chapter in CHAPTERS"))?;
    let links: Vec<String> = chapters
        .iter()
        .map(|chapter| format!("[{}](book:model/{chapter}.md)", capital(chapter)))
        .collect();
    Ok(format!("Reasons: {}.", links.join(", ")))
}

/// The group of parameters that a room declares.
fn group(room: &Room) -> Option<String> {
    let block = room.text.split("params! {").nth(1)?;
    Some(block.split(" in \"").nth(1)?.split('"').next()?.to_owned())
}

/// How well the parameters are known.
fn assumptions() -> String {
    let table = Parameters::table();
    let weak = weakly_known().len();
    let of = |role: Role| table.iter().filter(|own| own.role == role).count();
    format!(
        "Of {} parameters {} are levers, {} uncertain and {} conventions. {weak} numbers have no better source than an assumption, or were \
         written from memory; [Which conclusions turn](book:model/sensitivity.md) moves all of them within their usual ranges, ranks \
         those that matter and says which conclusions of the shipped experiments change.",
        table.len(),
        of(Role::Lever),
        of(Role::Uncertain),
        of(Role::Convention),
    )
}

fn parameters(group: &str) -> String {
    let mut text = String::from(
        "| parameter | meaning | unit | default | range | usual | role | source |\n|---|---|---|---|---|---|---|---|\n",
    );
    for own in Parameters::table()
        .into_iter()
        .filter(|own| own.group == group)
    {
        let _ = writeln!(text, "{}", parameter(own));
    }
    text.push('\n');
    text
}

fn parameter(own: &Parameter) -> String {
    let role = own.role.word();
    let mut meaning = own.doc.trim().to_owned();
    let (default, range, usual) = match own.default {
        Value::Number(default) => {
            let span = |(low, high): (f64, f64)| format!("{low} to {high}");
            (default.to_string(), span(own.range), span(own.typical))
        }
        Value::Choice(default) => {
            let choices = own.choices.iter();
            let choices = choices.map(|(name, doc)| format!("`{name}`: {}", doc.trim()));
            meaning = format!("{meaning} {}", choices.collect::<Vec<_>>().join(" "));
            (
                format!("`{default}`"),
                "one of these".to_owned(),
                String::new(),
            )
        }
    };
    format!(
        "| `{}` | {} | {} | {default} | {range} | {usual} | {role} | {} |",
        own.path(),
        cell(&meaning),
        cell(own.unit),
        cell(own.source)
    )
}

/// A function with its formula set apart, its source in a sentence.
fn told(name: &str, doc: &str) -> String {
    let mut parts = doc.split("\n\n");
    let mut text = format!("- **`{name}`**: {}\n", one_line(parts.next().unwrap_or("")));
    for part in parts {
        let (sources, lines): (Vec<&str>, Vec<&str>) =
            part.lines().partition(|line| line.starts_with("Source: "));
        if lines.iter().any(|line| source::is_formula(line)) {
            let _ = writeln!(text, "\n  ```text");
            for line in lines {
                let _ = writeln!(text, "  {}", line.replace("[`", "`").replace("`]", "`"));
            }
            let _ = writeln!(text, "  ```");
        } else if !lines.is_empty() {
            let _ = writeln!(text, "\n  {}", one_line(&lines.join("\n")));
        }
        for source in sources {
            let _ = writeln!(text, "\n  {}", one_line(source));
        }
    }
    text
}

/// Prose of a room as paragraphs.
fn paragraphs(prose: &str) -> String {
    let all = prose.split("\n\n").map(|part| one_line(part) + "\n\n");
    all.collect()
}

fn find<'a>(rooms: &'a [Room], name: &str) -> Result<&'a Room, String> {
    let own = rooms.iter().find(|room| room.name == name);
    own.ok_or_else(|| format!("there is no room {name} any more"))
}

/// A text in one line, with names of items as code and signs of Markdown as they are.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    let joined = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    for (k, part) in joined.split('`').enumerate() {
        if k > 0 {
            line.push('`');
        }
        // Outside code a star or an underscore is itself, and a link to an item is its name.
        if k % 2 == 0 {
            line.push_str(&part.replace('*', "\\*").replace('<', "&lt;"));
        } else {
            line.push_str(part.trim_start_matches("crate::"));
        }
    }
    line.replace("[`", "`").replace("`]", "`")
}

/// A text as a cell of a table.
fn cell(text: &str) -> String {
    one_line(text.trim()).replace('|', "\\|")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::{cell, told};

    #[test]
    fn a_formula_stands_apart_and_a_cell_stays_one() {
        let text = told("heart", "Error.\n\nh = a * b\nSource: Williams 1986.");
        let expected =
            "- **`heart`**: Error.\n\n  ```text\n  h = a * b\n  ```\n\n  Source: Williams 1986.\n";
        assert_eq!(text, expected);
        assert_eq!(
            cell("a | b * c, [`crate::hours`]"),
            "a \\| b \\* c, `hours`"
        );
    }
}
