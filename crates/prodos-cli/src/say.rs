//! What the program says when it cannot go on: the place, the fix, and the exit code.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

/// A path as a shell reads it: in quotes where it has more in it than letters, digits and a few signs.
pub(crate) fn shell(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Writes a line to standard output; a reader who has closed it is not an error.
macro_rules! tell {
    ($($words:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}
pub(crate) use tell;

/// Writes a line to standard error; a reader who has closed it is not an error.
macro_rules! complain {
    ($($words:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), $($words)*);
    }};
}
pub(crate) use complain;

/// Exit codes of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A check or a verification failed.
    Failed = 1,
    /// The command line is not understood, or would overwrite something.
    Usage = 2,
    /// A file is wrong.
    Config = 3,
    /// A run failed, or its results could not be written.
    Run = 4,
    /// Runs of a sweep are left to do.
    Incomplete = 5,
}

/// Says what went wrong and gives the exit code.
pub(crate) fn stop(exit: Exit, message: impl Display) -> ExitCode {
    complain!("{message}");
    ExitCode::from(exit as u8)
}

/// Works on so many threads from now on, where a number is given.
pub(crate) fn use_threads(threads: Option<u16>) -> Result<(), String> {
    let Some(threads) = threads else {
        return Ok(());
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.into())
        .build_global()
        .map_err(|error| format!("error: cannot use {threads} threads: {error}"))
}

/// Refuses a place for results that is something else than a folder.
pub(crate) fn is_folder(out: &Path) -> Result<(), String> {
    if out.exists() && !out.is_dir() {
        return Err(format!("error: --out {} is not a folder", out.display()));
    }
    Ok(())
}

/// A number of things in words: `1 run`, `2 runs`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A number of bytes in words: `12 kB`, `165 MB`.
pub(crate) fn size(bytes: f64) -> String {
    match bytes {
        ..1e6 => format!("{:.0} kB", bytes / 1e3),
        ..1e9 => format!("{:.0} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}

/// Says what is missing on the command line, with a complete example that works.
pub(crate) fn usage(what: &str) -> ExitCode {
    stop(
        Exit::Usage,
        format!(
            "error: {what}\n\nexample: prodos run configs/experiments/harbour.ron\nhelp: prodos --help"
        ),
    )
}
