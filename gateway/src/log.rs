//! The log: plain lines on standard error. It never holds text of a request.

/// Something that a person who runs the gateway wants to know.
pub fn info(message: &str) {
    line("info", message);
}

/// Something that a person who runs the gateway should see to.
pub fn warn(message: &str) {
    line("warn", message);
}

fn line(level: &str, message: &str) {
    use std::io::Write as _;
    // A log that cannot be written must not stop a request.
    let _unwritten = writeln!(std::io::stderr(), "hearthgate {level}: {message}");
}
