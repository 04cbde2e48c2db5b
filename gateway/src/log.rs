//! The log: plain lines on standard error. It never holds text of a request.

/// Something that a person who runs the gateway wants to know.
pub fn info(message: &str) {
    line("info", message);
}

/// Something that a person who runs the gateway should see to.
pub fn warn(message: &str) {
    line("warn", message);
}

/// Has a panic say where it happened and nothing more: its message may hold text of a request.
pub fn keep_panics_short() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        warn(&format!("a fault of the gateway's own at {place}"));
    }));
}

fn line(level: &str, message: &str) {
    use std::io::Write as _;
    // A log that cannot be written must not stop a request.
    let _unwritten = writeln!(std::io::stderr(), "hearthgate {level}: {message}");
}
