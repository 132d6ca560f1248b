//! What every word means: parameters, probes, outcomes, steps, rooms, phases, shocks, connectors, ideas, kernels,
//! statistics.
//!
//! All of it is read from the tables in which the words are declared, and from the list of ideas in
//! `docs/seed-map.md`. [`explain`] answers one word; [`pages`] writes all of them as pages of the book.

pub mod pages;
mod words;

pub use words::{Entry, Kind, all};

/// An answer to a word.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// What it means: one entry, or several of one name.
    Found(Vec<Entry>),
    /// Nothing of that name; the words most like it.
    Unknown(Vec<String>),
}

/// Explains a word. Capitals do not matter; a parameter may be named with or without its room, and
/// blanks and dashes stand for underscores. A choice is explained by the parameters that
/// offer it as well.
pub fn explain(word: &str) -> Answer {
    let entries = all();
    let wanted = plain(word);
    let is = |entry: &&Entry| {
        let own = plain(&entry.word);
        let without_room = own.split_once('.').map(|(_, name)| name);
        let family = own.strip_suffix('*');
        singular(&own) == singular(&wanted)
            || without_room.is_some_and(|name| singular(name) == singular(&wanted))
            || family.is_some_and(|begin| wanted.starts_with(begin))
    };
    let offers = |entry: &&Entry| choices(entry).any(|name| plain(name) == wanted);
    let own = entries.iter().filter(is);
    let offering = entries.iter().filter(|entry| offers(entry) && !is(entry));
    let found: Vec<Entry> = own.chain(offering).cloned().collect();
    if !found.is_empty() {
        return Answer::Found(found);
    }
    // `M` is a symbol; a small word stands in every text.
    let tells_something = wanted.len() > 2 || word.contains(char::is_uppercase);
    let tells = |entry: &&Entry| {
        tells_something
            && matches!(entry.kind, Kind::Idea | Kind::Term)
            && speaks_of(&entry.meaning, &wanted)
    };
    let found: Vec<Entry> = entries.iter().filter(tells).cloned().collect();
    if !found.is_empty() {
        return Answer::Found(found);
    }
    let mut words: Vec<&str> = entries.iter().map(|entry| entry.word.as_str()).collect();
    words.extend(
        words
            .clone()
            .iter()
            .filter_map(|word| Some(word.split_once('.')?.1)),
    );
    words.sort_unstable();
    words.dedup();
    let near = prodos_config::nearest_words(&wanted, words.iter().copied(), 5);
    Answer::Unknown(near.into_iter().map(str::to_owned).collect())
}

/// Names of the choices that a parameter or a field offers.
fn choices(entry: &Entry) -> impl Iterator<Item = &str> {
    let lines = ["choices", "takes"].into_iter();
    let lines = lines
        .filter_map(|name| entry.line(name))
        .flat_map(str::lines);
    lines.filter_map(|line| Some(line.split_once(':')?.0))
}

/// Whether a text has a word or a phrase in it, in singular or plural.
fn speaks_of(text: &str, wanted: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let text = plain(text);
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| !word.is_empty())
            .map(singular)
            .collect()
    };
    let (text, wanted) = (words(text), words(wanted));
    !wanted.is_empty() && text.windows(wanted.len()).any(|words| words == wanted)
}

/// A word of an English plural in singular: policies, inputs; other words as they are.
fn singular(word: &str) -> String {
    match word.strip_suffix("ies") {
        Some(stem) if stem.len() > 1 => format!("{stem}y"),
        _ => match word.strip_suffix('s') {
            Some(one) if one.len() > 2 && !one.ends_with('s') => one.to_owned(),
            _ => word.to_owned(),
        },
    }
}

fn plain(word: &str) -> String {
    word.trim().to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::{Answer, Entry, Kind, all, choices, explain};
    use prodos_experiment::verification::{FUNCTIONS, STATISTICS, named};
    use prodos_experiment::{KEYS, Outcomes, SHORTAGE_DAYS};
    use prodos_model::parameters::Parameters;
    use prodos_model::rows::{CityRow, OperatorRow, SectorRow, TeamRow};
    use prodos_quantity::Choice;

    fn found(word: &str) -> Vec<Entry> {
        match explain(word) {
            Answer::Found(entries) => entries,
            Answer::Unknown(near) => panic!("`{word}` is not known; near: {near:?}"),
        }
    }

    #[test]
    fn every_parameter_is_explained_and_read_somewhere() {
        for parameter in Parameters::table() {
            let entries = found(&parameter.path());
            let text = entries[0].text();
            assert!(text.contains(parameter.doc.trim()), "{text}");
            assert!(text.contains(parameter.source), "{text}");
            let readers = entries[0].line("read by");
            assert!(
                readers.is_some_and(|rooms| !rooms.is_empty()),
                "nobody reads {}",
                parameter.path()
            );
        }
    }

    #[test]
    fn every_choice_is_explained_by_a_parameter_that_offers_it() {
        for parameter in Parameters::table() {
            for (name, _) in parameter.choices {
                let path = parameter.path();
                let offers =
                    |entry: &Entry| entry.word == path && choices(entry).any(|own| own == *name);
                assert!(found(name).iter().any(offers), "{name} of {path}");
            }
        }
        let in_turn = found("in_turn");
        assert!(
            in_turn
                .iter()
                .any(|entry| entry.word == "maintenance.preventive"),
            "{in_turn:?}"
        );
    }

    #[test]
    fn every_kind_of_design_and_every_column_of_differences_is_explained() {
        for (name, doc) in prodos_config::design::Points::NAMES {
            let text: String = found(name).iter().map(Entry::text).collect();
            assert!(text.contains(doc.trim()), "{name}: {text}");
        }
        for column in prodos_experiment::compare::table(&[]).columns() {
            let text: String = found(&column.name).iter().map(Entry::text).collect();
            assert!(text.contains(&column.doc), "{}: {text}", column.name);
        }
    }

    #[test]
    fn every_kernel_is_explained_with_what_it_takes_and_gives() {
        for kernel in prodos_experiment::verification::kernels::KERNELS {
            let text = found(kernel.name)[0].text();
            let needs = kernel.needs.iter().map(|need| need.name);
            let gives = kernel.gives.iter().map(|(name, _)| *name);
            for word in needs.chain(gives).chain([kernel.source]) {
                assert!(text.contains(word), "{word}: {text}");
            }
        }
    }

    #[test]
    fn every_statistic_and_function_is_explained_and_on_the_page_of_cases() {
        let page = include_str!("../../../docs/book/src/start/checking.md");
        let functions = FUNCTIONS.map(|(form, meaning, _)| (form, meaning));
        for (form, meaning) in STATISTICS.into_iter().chain(functions) {
            let entries = found(named(form));
            let entry = entries.iter().find(|entry| entry.kind == Kind::Statistic);
            let text = entry.expect("it is a statistic").text();
            assert!(text.contains(form) && text.contains(meaning), "{text}");
            assert!(page.contains(form), "{form} is not on the page");
        }
    }

    #[test]
    fn every_column_of_every_table_is_explained_with_its_unit() {
        let tables = [
            OperatorRow::PROBES,
            TeamRow::PROBES,
            SectorRow::PROBES,
            CityRow::PROBES,
            Outcomes::PROBES,
        ];
        let probes = tables.into_iter().flatten().chain([&SHORTAGE_DAYS]);
        let probes = probes.map(|probe| (probe.name, probe.unit, probe.doc));
        let keys = KEYS.iter().map(|key| (key.name, key.unit, key.doc));
        for (name, unit, doc) in probes.chain(keys) {
            let text: String = found(name).iter().map(Entry::text).collect();
            assert!(
                text.contains(doc.trim()) && text.contains(unit),
                "{name}: {text}"
            );
            assert!(!unit.is_empty() && !doc.trim().is_empty(), "{name}");
        }
        assert_eq!(found("shortage_days_food")[0].kind, Kind::Outcome);
    }

    #[test]
    fn the_day_phases_rooms_shocks_connectors_and_ideas_are_explained() {
        for (word, kind) in [
            ("tick", Kind::Day),
            ("step 5", Kind::Step),
            ("phase 0", Kind::Phase),
            ("wear", Kind::Room),
            ("damage", Kind::Shock),
            ("healthcare", Kind::Connector),
            ("G7", Kind::Idea),
            ("extraction", Kind::Term),
            ("M", Kind::Idea),
            ("mode II", Kind::Term),
            ("footprint", Kind::Field),
            ("experiment.days", Kind::Field),
            ("Capability trap", Kind::Term),
            ("modules", Kind::Term),
            ("technician", Kind::Term),
            ("repair loops", Kind::Term),
            ("pocketphase", Kind::Term),
            ("telemetry", Kind::Term),
            ("cyber attack", Kind::Term),
            ("handover", Kind::Idea),
            ("policies", Kind::Field),
            ("necessities", Kind::Field),
        ] {
            let entries = found(word);
            assert!(
                entries.iter().any(|entry| entry.kind == kind),
                "{word}: {entries:?}"
            );
        }
    }

    #[test]
    fn a_misspelt_word_gets_the_nearest_ones_and_nonsense_none() {
        let Answer::Unknown(near) = explain("inspection_intervall") else {
            panic!("that is no word");
        };
        assert_eq!(near[0], "inspection_interval");
        assert_eq!(explain("qqqqqqqq"), Answer::Unknown(Vec::new()));
        assert!(
            matches!(explain("as"), Answer::Unknown(_)),
            "it stands in every text"
        );
    }

    #[test]
    fn no_word_is_explained_twice_in_one_kind() {
        let mut words: Vec<_> = all()
            .into_iter()
            .map(|entry| (entry.kind, entry.word))
            .collect();
        let many = words.len();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), many);
    }
}
