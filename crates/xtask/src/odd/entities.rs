//! The entities of the model, and the tables of their state, read from its structs.

use super::source::{Field, Room, Table};
use super::{cell, find, one_line};
use std::fmt::Write;

/// An entity, what it is, and the structs that hold its state: all of a room, or those named.
struct Entity {
    title: &'static str,
    is: &'static str,
    of: &'static [(&'static str, &'static [&'static str])],
}

/// Every entity of the model.
const ENTITIES: [Entity; 7] = [
    Entity {
        title: "Operator (Z0)",
        is: "A post and the person who holds it. Posts stay for the whole run; leaving and hiring are states of a post.",
        of: &[("lattice/operator", &[])],
    },
    Entity {
        title: "Machine",
        is: "Equipment of a team. It has no behaviour of its own beyond wearing and breaking.",
        of: &[("lattice/machine", &["Machine"])],
    },
    Entity {
        title: "Team (Z1)",
        is: "A cell of the grid: posts, machines, stocks and orders that are managed together.",
        of: &[("lattice/team", &[]), ("lattice/blocks", &["Pantry"])],
    },
    Entity {
        title: "Sector (Z2)",
        is: "An industry: a patch of cells, with its demand, its links and its people out of work.",
        of: &[("lattice/sector", &["Sector"]), ("market", &["Market"])],
    },
    Entity {
        title: "City",
        is: "A read-out above the sectors. Nothing in it acts on them.",
        of: &[("lattice/sector", &["City"])],
    },
    Entity {
        title: "Environment",
        is: "What the world and the policy have in store, and what of it all teams see on a day.",
        of: &[
            ("morning", &["Agenda", "Occurrence"]),
            ("today", &["Today", "SectorToday", "Input", "Hit"]),
        ],
    },
    Entity {
        title: "Sums and readings",
        is: "Types that stand in the tables above: sums of a day, made anew each tick, and what is read from them.",
        of: &[
            ("tally", &["Tally", "Goods"]),
            ("gauge", &["Rolling", "Gauge"]),
            ("phase", &["PhaseState"]),
            ("cascade", &["Blame"]),
            ("warning", &["Watch"]),
        ],
    },
];

/// What the world of a run also holds and is no state of the city, each with what it is.
const NO_STATE: [(&str, &str); 5] = [
    ("Machines", "the list of all machines, in team order"),
    (
        "Blocks",
        "where the columns of teams are cut for the passes over them",
    ),
    ("Neighbours", "the fixed graph of neighbours"),
    ("Events", "the record of events that is handed out"),
    ("Audit", "the check of the ledgers"),
];

/// Structs that are read from the day and read by nothing in it.
const READINGS: [&str; 9] = [
    "OwnWork",
    "Pocket",
    "TeamPhase",
    "Causes",
    "Rolling",
    "Gauge",
    "PhaseState",
    "Blame",
    "Watch",
];

/// Every table of the model's state, with the room it stands in.
fn state(rooms: &[Room]) -> Result<Vec<(&'static Entity, Vec<Table>)>, String> {
    let mut all = Vec::new();
    for entity in &ENTITIES {
        let mut tables = Vec::new();
        for (name, wanted) in entity.of {
            let own = find(rooms, name)?.tables();
            for name in *wanted {
                if !own.iter().any(|table| table.name == *name) {
                    return Err(format!("there is no struct {name} any more"));
                }
            }
            let of_entity = |table: &Table| wanted.is_empty() || wanted.contains(&&*table.name);
            tables.extend(own.into_iter().filter(of_entity));
        }
        all.push((entity, tables));
    }
    for name in rooms.iter().flat_map(Room::held) {
        let told = all
            .iter()
            .flat_map(|(_, tables)| tables)
            .any(|table| table.name == name);
        if !told && !NO_STATE.iter().any(|(other, _)| *other == name) {
            return Err(format!(
                "the world holds {name}: name it in ENTITIES or NO_STATE of xtask/src/odd.rs"
            ));
        }
    }
    Ok(all)
}

/// Every entity with the tables of its state.
pub(super) fn tables(rooms: &[Room]) -> Result<String, String> {
    let all = state(rooms)?;
    let hashed = find(rooms, "simulation")?.fields_read("hash_dynamics");
    let tables = || all.iter().flat_map(|(_, tables)| tables);
    let known = |(of, name): &&(String, String)| {
        tables().any(|table| table.name == *of && table.fields.iter().any(|own| own.name == *name))
    };
    if let Some((of, name)) = hashed.iter().find(|own| !known(own)) {
        return Err(format!("{of}.{name} is hashed and stands in no table"));
    }
    if let Some((of, name)) = hashed.iter().find(|(of, _)| READINGS.contains(&&**of)) {
        return Err(format!(
            "{of}.{name} is a reading and in the hash of what moves the city"
        ));
    }
    if let Some(name) = READINGS
        .iter()
        .find(|own| !tables().any(|table| table.name == ***own))
    {
        return Err(format!("there is no reading {name} any more"));
    }
    let held = |name: &str| rooms.iter().flat_map(Room::held).any(|own| own == name);
    if let Some((name, _)) = NO_STATE.iter().find(|(name, _)| !held(name)) {
        return Err(format!("the world holds no {name} any more"));
    }
    if hashed.is_empty() {
        return Err("no field is hashed".to_owned());
    }
    let mut text = String::new();
    for (entity, tables) in &all {
        let _ = writeln!(text, "### {}\n\n{}\n", entity.title, entity.is);
        for table in tables {
            text.push_str(&table_of(table, &hashed)?);
        }
        for (name, _) in entity.of {
            text.push_str(&enums(find(rooms, name)?, tables));
        }
    }
    let _ = writeln!(text, "### What else a run holds\n");
    for (name, is) in NO_STATE {
        let _ = writeln!(text, "- `{name}`: {is}.");
    }
    Ok(text)
}

fn table_of(table: &Table, hashed: &[(String, String)]) -> Result<String, String> {
    let whole = one_line(&table.doc);
    if let Some(field) = table.fields.iter().find(|field| field.doc.is_empty()) {
        return Err(format!("{}.{} has no docstring", table.name, field.name));
    }
    // A struct of one nameless value is that value.
    if let [field] = table.fields.as_slice()
        && field.name == "0"
    {
        let mark = match mark(table, field, hashed) {
            "" => String::new(),
            mark => format!(" **{mark}**"),
        };
        return Ok(format!(
            "**`{}`** ({}): {whole}{mark}\n\n",
            table.name,
            in_words(&field.of)
        ));
    }
    let mut text = format!(
        "**`{}`**: {whole}\n\n| variable | is | meaning | mark |\n|---|---|---|---|\n",
        table.name
    );
    for field in &table.fields {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            field.name,
            in_words(&field.of),
            cell(&field.doc),
            mark(table, field, hashed)
        );
    }
    text.push('\n');
    Ok(text)
}

/// Whether a variable is a reading, state that is hashed, or neither.
fn mark(table: &Table, field: &Field, hashed: &[(String, String)]) -> &'static str {
    let of_reading = |name: &&&str| {
        let mut words = field.of.split(|c: char| !c.is_alphanumeric());
        table.name == ***name || words.any(|word| word == **name)
    };
    if READINGS.iter().any(|name| of_reading(&name)) {
        "R"
    } else if hashed.contains(&(table.name.clone(), field.name.clone())) {
        "S"
    } else {
        ""
    }
}

/// A type of the code, as a reader who does not write code would say it; types of the model by their names.
fn in_words(of: &str) -> String {
    let inside = |prefix: &str| of.strip_prefix(prefix)?.strip_suffix('>');
    match of {
        "f32" | "f64" => return "number".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => return "whole number".to_owned(),
        "bool" => return "yes or no".to_owned(),
        "String" => return "text".to_owned(),
        _ => {}
    }
    if let Some(own) = inside("Vec<").or_else(|| inside("VecDeque<")) {
        return format!("list: {}", in_words(own));
    }
    if let Some(own) = inside("Option<") {
        return format!("{}, or none", in_words(own));
    }
    if let Some(own) = inside("Box<") {
        return in_words(own);
    }
    let array = of.strip_prefix('[').and_then(|own| own.strip_suffix(']'));
    if let Some((own, length)) = array.and_then(|own| own.rsplit_once("; ")) {
        return format!("{} × {}", length.to_lowercase(), in_words(own));
    }
    let tuple = of.strip_prefix('(').and_then(|own| own.strip_suffix(')'));
    if let Some(own) = tuple {
        let parts: Vec<String> = own.split(", ").map(in_words).collect();
        return parts.join(" and ");
    }
    format!("`{of}`")
}

/// The states that a variable of these tables can be in.
fn enums(room: &Room, tables: &[Table]) -> String {
    let mut text = String::new();
    for name in room.enums() {
        let used = tables
            .iter()
            .flat_map(|table| &table.fields)
            .any(|field| field.of == name);
        if used {
            let _ = writeln!(text, "`{name}` is one of:\n");
            for (variant, doc) in room.variants(&name) {
                let _ = writeln!(text, "- `{variant}`: {}", one_line(&doc));
            }
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Field, Table, in_words, table_of};

    fn one_field(doc: &str) -> Table {
        Table {
            name: "Crew".to_owned(),
            doc: "People.".to_owned(),
            fields: vec![Field {
                name: "present".to_owned(),
                of: "u32".to_owned(),
                doc: doc.to_owned(),
            }],
        }
    }

    #[test]
    fn a_field_without_a_docstring_is_refused_by_name() {
        let refused = table_of(&one_field(""), &[]);
        assert_eq!(refused, Err("Crew.present has no docstring".to_owned()));
        let hashed = [("Crew".to_owned(), "present".to_owned())];
        let table = table_of(&one_field("At work."), &hashed).expect("it has one");
        assert!(
            table.ends_with("| `present` | whole number | At work. | S |\n\n"),
            "{table}"
        );
    }

    #[test]
    fn types_are_told_in_words() {
        for (of, told) in [
            ("f64", "number"),
            ("[u32; PURPOSES]", "purposes × whole number"),
            ("[f64; 4]", "4 × number"),
            ("VecDeque<f64>", "list: number"),
            ("Option<Vec<u32>>", "list: whole number, or none"),
            ("(u16, f32)", "whole number and number"),
            ("PhaseState", "`PhaseState`"),
        ] {
            assert_eq!(in_words(of), told);
        }
    }

    #[test]
    fn a_struct_of_one_nameless_value_is_told_in_a_line() {
        let mut table = one_field("Whether.");
        table.fields[0].name = "0".to_owned();
        let told = table_of(&table, &[("Crew".to_owned(), "0".to_owned())]);
        assert_eq!(
            told,
            Ok("**`Crew`** (whole number): People. **S**\n\n".to_owned())
        );
    }
}
