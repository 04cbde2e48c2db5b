//! Room on the disk, asked before anything is written.

use std::path::Path;

/// Bytes that may still be written below a folder; none where nobody says.
#[must_use]
pub fn free(folder: &Path) -> Option<u64> {
    let facts = rustix::fs::statvfs(folder).ok()?;
    facts.f_bavail.checked_mul(facts.f_frsize)
}
