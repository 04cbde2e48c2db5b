//! OpenMP's threads spin while they wait, by default, and take the cores from everything else.
//!
//! The runtime reads its wait policy when the library loads, before `main`, so a policy that is missing
//! can only be set for the next image of this process.

/// Set before the second start, so that it cannot become a third.
#[cfg(target_os = "linux")]
const GUARD: &str = "HEARTHGATE_OPENMP_SET";

/// Starts this program again, in the same process, with `OMP_WAIT_POLICY=passive`, where no policy is
/// set. To be called first thing in `main`, before any thread. Returns where there is nothing to do, and
/// on other systems than Linux.
///
/// # Errors
/// The system's, where the program could not be started again; it is sound to go on, only slower.
pub fn ensure_passive_openmp() -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::CommandExt as _;
        let set = |name| std::env::var_os(name).is_some();
        if set("OMP_WAIT_POLICY") || set(GUARD) {
            return Ok(());
        }
        let mut args = std::env::args_os();
        let name = args.next().unwrap_or_else(|| "hearthgate".into());
        // By its path, since the system calls a process by the last part of what it was started as; the link does
        // where the file has been replaced.
        let path = std::env::current_exe().ok().filter(|path| path.exists());
        Err(std::process::Command::new(path.unwrap_or_else(|| "/proc/self/exe".into()))
            .arg0(name)
            .args(args)
            .env("OMP_WAIT_POLICY", "passive")
            .env(GUARD, "1")
            .exec())
    }
    #[cfg(not(target_os = "linux"))]
    Ok(())
}
