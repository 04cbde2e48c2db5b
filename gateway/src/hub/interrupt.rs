//! Ctrl-C, and SIGTERM.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Resolves when a person, or the system, wants an end.
///
/// # Errors
/// Where signals cannot be watched.
pub async fn interrupted() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}
