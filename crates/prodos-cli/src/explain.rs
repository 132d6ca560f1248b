//! `prodos explain`.

use crate::say::{Exit, stop, tell};
use prodos_guide::Answer;
use std::process::ExitCode;

/// Says what a word means, or which words are near it.
pub(crate) fn explain(word: &str) -> ExitCode {
    match prodos_guide::explain(word) {
        Answer::Found(entries) => {
            let texts: Vec<String> = entries.iter().map(prodos_guide::Entry::text).collect();
            tell!("{}", texts.join("\n").trim_end());
            ExitCode::SUCCESS
        }
        Answer::Unknown(near) if near.is_empty() => stop(
            Exit::Usage,
            format!(
                "error: nothing is called `{word}`\n\nexamples: prodos explain wear.scale, prodos explain tick, prodos explain margin"
            ),
        ),
        Answer::Unknown(near) => {
            let near: Vec<String> = near.iter().map(|word| format!("`{word}`")).collect();
            let near = near.join(", ");
            stop(
                Exit::Usage,
                format!("error: nothing is called `{word}`; did you mean {near}?"),
            )
        }
    }
}
