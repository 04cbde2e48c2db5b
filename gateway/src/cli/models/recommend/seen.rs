//! Graphics cards as the system shows them, for a build that computes on none of them.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde::Serialize;

/// Cards that are looked at.
const CARDS_MAX: usize = 16;
/// How often NVIDIA's own tool is asked whether it is done, and how often at most: without a driver it can hang.
const ASK_EVERY: Duration = Duration::from_millis(50);
const ASK_TIMES: u32 = 100;

/// A card that the system shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) memory_bytes: Option<u64>,
    /// The feature that a build which computes on it has.
    pub(super) feature: &'static str,
}

/// The cards of the system whose files lie below `root`; `nvidia` has the word of NVIDIA's own tool.
pub(super) fn all(root: &Path, nvidia: impl FnOnce() -> Option<String>) -> Vec<Seen> {
    let mut seen = Vec::new();
    let by_nvidia = root.join("dev/nvidia0").exists();
    if by_nvidia {
        seen = nvidia().map(|said| of_tool(&said)).unwrap_or_default();
        if seen.is_empty() {
            seen = of_driver(&root.join("proc/driver/nvidia/gpus"));
        }
        if seen.is_empty() {
            seen.push(Seen { name: "an NVIDIA card".to_owned(), memory_bytes: None, feature: "cuda" });
        }
    }
    let has_kfd = root.join("dev/kfd").exists();
    for node in names(&root.join("dev/dri")).filter(|name| name.starts_with("renderD")) {
        let device = root.join("sys/class/drm").join(node).join("device");
        let vendor = line(&device.join("vendor"));
        let (make, feature) = match vendor.as_deref() {
            Some("0x10de") if by_nvidia => continue,
            Some("0x10de") => ("an NVIDIA card", "vulkan"),
            Some("0x1002") if has_kfd => ("an AMD card", "rocm"),
            Some("0x1002") => ("an AMD card", "vulkan"),
            Some("0x8086") => ("an Intel card", "vulkan"),
            // What a virtual machine shows its screen on computes nothing.
            Some("0x1af4" | "0x1234" | "0x15ad" | "0x1b36" | "0x1414") => continue,
            _ => ("a graphics card", "vulkan"),
        };
        let name = line(&device.join("product_name")).unwrap_or_else(|| make.to_owned());
        let memory_bytes = line(&device.join("mem_info_vram_total")).and_then(|text| text.parse().ok());
        seen.push(Seen { name, memory_bytes, feature });
    }
    if has_kfd && !seen.iter().any(|card| card.feature == "rocm") {
        seen.push(Seen { name: "an AMD card".to_owned(), memory_bytes: None, feature: "rocm" });
    }
    seen.truncate(CARDS_MAX);
    seen
}

/// `nvidia-smi --query-gpu=name,memory.total --format=csv,noheader`: a line for each, such as
/// `NVIDIA GeForce RTX 4090, 24564 MiB`.
fn of_tool(said: &str) -> Vec<Seen> {
    let card = |line: &str| {
        let (name, memory) = line.rsplit_once(',')?;
        let mebibytes =
            memory.trim().strip_suffix("MiB").and_then(|number| number.trim().parse::<u64>().ok());
        let memory_bytes = mebibytes.and_then(|number| number.checked_mul(1 << 20));
        Some(Seen { name: name.trim().to_owned(), memory_bytes, feature: "cuda" })
    };
    said.lines().filter_map(card).collect()
}

/// What the driver says of each: its name, but not its memory.
fn of_driver(folder: &Path) -> Vec<Seen> {
    let model = |gpu: String| {
        let text = fs::read_to_string(folder.join(gpu).join("information")).ok()?;
        let name = text.lines().find_map(|line| line.strip_prefix("Model:"))?.trim().to_owned();
        Some(Seen { name, memory_bytes: None, feature: "cuda" })
    };
    names(folder).filter_map(model).collect()
}

/// The names in a folder, in order.
fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names.into_iter()
}

fn line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Asks NVIDIA's own tool, where there is one, and not for ever.
pub(super) fn ask_nvidia() -> Option<String> {
    let mut child = Command::new("nvidia-smi")
        .args(["--query-gpu=name,memory.total", "--format=csv,noheader"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    for _ in 0..ASK_TIMES {
        match child.try_wait() {
            Ok(None) => sleep(ASK_EVERY),
            Ok(Some(status)) => {
                let mut said = String::new();
                child.stdout.take()?.read_to_string(&mut said).ok()?;
                return status.success().then_some(said);
            }
            Err(_) => break,
        }
    }
    let _ended = child.kill();
    let _status = child.wait();
    None
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// A system with these files.
    fn system(files: &[(&str, &str)]) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn card(name: &str, memory_bytes: Option<u64>, feature: &'static str) -> Seen {
        Seen { name: name.to_owned(), memory_bytes, feature }
    }

    #[test]
    fn nvidias_cards_are_told_by_its_tool_or_else_by_its_driver() {
        let root = system(&[
            ("dev/nvidia0", ""),
            ("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA A2\nIRQ:   \t\t 90\n"),
            ("dev/dri/renderD128", ""),
            ("sys/class/drm/renderD128/device/vendor", "0x10de\n"),
        ]);
        let said = "NVIDIA GeForce RTX 4090, 24564 MiB\nNVIDIA GB10, [N/A]\n";
        let two =
            [card("NVIDIA GeForce RTX 4090", Some(24_564 << 20), "cuda"), card("NVIDIA GB10", None, "cuda")];
        assert_eq!(all(root.path(), || Some(said.to_owned())), two);
        for silent in [None, Some("Failed to initialize NVML: Driver/library version mismatch\n".to_owned())]
        {
            assert_eq!(all(root.path(), || silent), [card("NVIDIA A2", None, "cuda")]);
        }
        let bare = system(&[("dev/nvidia0", "")]);
        assert_eq!(all(bare.path(), || None), [card("an NVIDIA card", None, "cuda")]);
    }

    #[test]
    fn amds_and_intels_cards_are_told_by_the_kernel() {
        let amd = system(&[
            ("dev/kfd", ""),
            ("dev/dri/card0", ""),
            ("dev/dri/renderD128", ""),
            ("dev/dri/renderD129", ""),
            ("sys/class/drm/renderD128/device/vendor", "0x1002\n"),
            ("sys/class/drm/renderD128/device/product_name", "Radeon PRO W7900\n"),
            ("sys/class/drm/renderD128/device/mem_info_vram_total", "48301604864\n"),
            ("sys/class/drm/renderD129/device/vendor", "0x8086\n"),
        ]);
        let seen = all(amd.path(), || panic!("there is no NVIDIA card to ask for"));
        let w7900 = card("Radeon PRO W7900", Some(48_301_604_864), "rocm");
        assert_eq!(seen, [w7900, card("an Intel card", None, "vulkan")]);
        let mesa =
            system(&[("dev/dri/renderD128", ""), ("sys/class/drm/renderD128/device/vendor", "0x1002\n")]);
        assert_eq!(all(mesa.path(), || None), [card("an AMD card", None, "vulkan")]);
        assert_eq!(all(system(&[("dev/kfd", "")]).path(), || None), [card("an AMD card", None, "rocm")]);
    }

    #[test]
    fn a_virtual_screen_is_no_card_and_an_unknown_one_may_be() {
        let nothing =
            system(&[("dev/dri/renderD128", ""), ("sys/class/drm/renderD128/device/vendor", "0x1af4\n")]);
        assert_eq!(all(nothing.path(), || None), []);
        assert_eq!(all(system(&[]).path(), || None), []);
        let board = system(&[("dev/dri/renderD128", "")]);
        assert_eq!(all(board.path(), || None), [card("a graphics card", None, "vulkan")]);
    }
}
