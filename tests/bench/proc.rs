//! What the kernel says of a process and its children (`proc(5)`).

use std::fs;

/// User and system time so far of `pid` and its descendants, in microseconds.
pub fn cpu_us(pid: u32) -> f64 {
    let tick_us = 1e6 / rustix::param::clock_ticks_per_second() as f64;
    let ticks: u64 = tree(pid).into_iter().filter_map(stat).map(|stat| stat.ticks).sum();
    ticks as f64 * tick_us
}

/// The sum of the peak resident sizes of `pid` and its descendants.
pub fn peak_bytes(pid: u32) -> u64 {
    let peak = |pid: u32| -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse().ok()
    };
    tree(pid).into_iter().filter_map(peak).sum::<u64>() * 1024
}

struct Stat {
    parent: u32,
    ticks: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; fields are counted after it.
    let fields: Vec<&str> = line.rsplit_once(") ")?.1.split(' ').collect();
    let (user, system): (u64, u64) = (fields.get(11)?.parse().ok()?, fields.get(12)?.parse().ok()?);
    Some(Stat { parent: fields.get(1)?.parse().ok()?, ticks: user + system })
}

fn tree(root: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parents: Vec<(u32, u32)> = pids.filter_map(|pid| Some((pid, stat(pid)?.parent))).collect();
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(&parent) = tree.get(next) {
        tree.extend(parents.iter().filter(|(_, p)| *p == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    tree
}
