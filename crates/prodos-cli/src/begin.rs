//! `prodos init`, `prodos completions`, `prodos schema`, `prodos man`: what one needs once.

use crate::say::{Exit, stop, tell};
use clap::Command;
use clap_complete::Shell;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

const EXPERIMENT: &str = include_str!("../assets/experiment.ron");
const CITY: &str = include_str!("../../../configs/cities/harbour.ron");

/// Writes a commented experiment and the small city it runs; an existing file is left alone.
pub(crate) fn init(name: &str) -> ExitCode {
    let name = name.trim_end_matches(".ron");
    let sound = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(sound) {
        return stop(
            Exit::Usage,
            format!(
                "error: `{name}` cannot name an experiment; expected letters, digits, `-` and `_`\n\nexample: prodos init my-question"
            ),
        );
    }
    let (experiment, city) = (format!("{name}.ron"), format!("{name}-city.ron"));
    let text = EXPERIMENT.replace("NAME-city.ron", &city);
    for (file, text) in [(&city, CITY), (&experiment, &text)] {
        let opened = OpenOptions::new().write(true).create_new(true).open(file);
        let written = opened.and_then(|mut opened| opened.write_all(text.as_bytes()));
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return stop(
                    Exit::Usage,
                    format!("error: {file} exists already; choose another name"),
                );
            }
            Err(_) => {
                return stop(
                    Exit::Run,
                    format!(
                        "error: cannot write {file} here; choose a folder that can be written to"
                    ),
                );
            }
        }
    }
    tell!("{experiment}: an experiment to change, with a comment on each line");
    tell!("{city}: its city, three sectors and sixty people");
    tell!("next: prodos run {experiment}");
    ExitCode::SUCCESS
}

/// Prints completions for a shell.
pub(crate) fn completions(shell: Shell, mut command: Command) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "prodos", &mut script);
    print(&script)
}

/// Prints the JSON schema of all files.
pub(crate) fn schema() -> ExitCode {
    match serde_json::to_string_pretty(&prodos_config::schema()) {
        Ok(text) => print(format!("{text}\n").as_bytes()),
        Err(error) => stop(
            Exit::Run,
            format!("error: cannot write the schema: {error}"),
        ),
    }
}

/// Prints the manual page, with a section for each command.
pub(crate) fn manual(command: Command) -> ExitCode {
    let mut page = Vec::new();
    let commands: Vec<Command> = command.get_subcommands().cloned().collect();
    let mut rendered = clap_mangen::Man::new(command).render(&mut page);
    for own in commands {
        let title = format!("prodos-{}", own.get_name());
        let section = clap_mangen::Man::new(own).title(title);
        rendered = rendered.and_then(|()| section.render(&mut page));
    }
    match rendered {
        Ok(()) => print(&page),
        Err(error) => stop(
            Exit::Run,
            format!("error: cannot write the manual page: {error}"),
        ),
    }
}

/// Writes to standard output what is of use only whole; a reader who has closed it is not an error.
fn print(bytes: &[u8]) -> ExitCode {
    let mut out = std::io::stdout();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => stop(
            Exit::Run,
            format!("error: cannot write standard output: {error}"),
        ),
        _ => ExitCode::SUCCESS,
    }
}
