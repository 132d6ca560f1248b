//! The merged experiment as a file, and its fingerprint.

use crate::experiment::Experiment;
use ron::ser::{PrettyConfig, to_string_pretty};

/// Goes up when the same experiment and seed give other results than before.
pub const RESULTS_SCHEME: u32 = 2;

const HEADER: &str = "\
// The experiment as it was run, complete: files merged, every value filled in.
// Running this file gives the same results, whatever becomes of the files it came from.
";

/// The merged experiment as text; it loads again to the same value.
pub fn to_ron(experiment: &Experiment) -> String {
    let layout = PrettyConfig::new()
        .depth_limit(4)
        .new_line("\n")
        .separate_tuple_members(false);
    // Writing plain data to a string has no way to fail; an empty body would be refused on loading.
    let body = to_string_pretty(experiment, layout).unwrap_or_default();
    format!("{HEADER}{body}\n")
}

/// Eight hex digits that tell experiments apart: everything but the number of replicates and of points, so that
/// more of them belong to the same.
pub fn hash8(experiment: &Experiment) -> String {
    let mut same = experiment.clone();
    for block in &mut same.design {
        block.count = 0;
    }
    let mut canonical = serde_json::to_value(same).unwrap_or_default();
    if let Some(fields) = canonical.as_object_mut() {
        fields.shift_remove("replicates");
    }
    let text = format!("results scheme {RESULTS_SCHEME}\n{canonical}");
    blake3::hash(text.as_bytes()).to_hex()[..8].to_owned()
}
