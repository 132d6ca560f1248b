//! Files that are wrong, each beside the exact message it gets.
//!
//! Set `ACCEPT=1` to write the messages anew; then read the difference.

use prodos_config::{Options, check};
use std::path::Path;

#[test]
fn every_invalid_file_gets_its_message() {
    // Messages name files as they were asked for, so they are asked for from here.
    std::env::set_current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"))
        .expect("the folder of tests is there");
    let accept = std::env::var_os("ACCEPT").is_some();
    let listing = std::fs::read_dir("invalid").expect("the folder is there");
    let mut files: Vec<_> = listing
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "ron"));
    files.sort();
    assert!(files.len() > 20);
    for file in files {
        let message = match check(&file, &[], &Options::default(), &()) {
            Ok(_) => "no problem\n".to_owned(),
            Err(problems) => problems.render(false),
        };
        let beside = file.with_extension("txt");
        if accept {
            std::fs::write(&beside, &message).expect("the message can be written");
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(message, expected, "{}", file.display());
        assert_ne!(message, "no problem\n", "{}", file.display());
    }
}
