//! The memory that the program holds, where the system tells.

use std::fs;

/// Peak resident memory since the start, or since it was last forgotten, in bytes.
pub(crate) fn peak() -> Option<f64> {
    told("VmHWM:")
}

/// Resident memory now, in bytes.
pub(crate) fn resident() -> Option<f64> {
    told("VmRSS:")
}

/// Forgets the peak, so that the next one is of what comes; none where the system cannot.
pub(crate) fn forget_peak() -> Option<()> {
    fs::write("/proc/self/clear_refs", "5").ok()
}

/// Memory that this machine has free for programs, in bytes.
pub(crate) fn available() -> Option<f64> {
    told_by("/proc/meminfo", "MemAvailable:")
}

fn told(name: &str) -> Option<f64> {
    told_by("/proc/self/status", name)
}

fn told_by(file: &str, name: &str) -> Option<f64> {
    let status = fs::read_to_string(file).ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024.0)
}
