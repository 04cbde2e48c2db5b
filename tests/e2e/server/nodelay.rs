//! `TCP_NODELAY`, both ways. How long things take would show it only sometimes; the sockets themselves are
//! asked, by a second descriptor of the gateway's own (`pidfd_getfd`, Linux 5.6).
#![cfg(target_os = "linux")]

use std::fs;
use std::os::fd::OwnedFd;

use hearthgate_tests::configs::{EASY, all_to_cloud, one_cloud};
use hearthgate_tests::connection::{Connection, chat_request};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::chat;
use rustix::io::Errno;
use rustix::net::sockopt::tcp_nodelay;
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

#[tokio::test]
async fn small_writes_leave_at_once_towards_clients_and_upstreams() {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    cloud.set(Behaviour::Stall(Point::BeforeHeaders));
    let mut connection = Connection::open(gateway.address()).await;
    connection.send(&chat_request(&chat("auto", EASY))).await;
    cloud.stalled(1).await;

    // Both connections are open now, and the request is held between them.
    let towards_client = sockets(&gateway, |local, _| local == gateway.address().port());
    let towards_cloud = sockets(&gateway, |_, remote| remote == cloud.address().port());
    for sockets in [towards_client, towards_cloud] {
        match sockets {
            Err(Errno::PERM | Errno::NOSYS) => {
                // A container may forbid it; everywhere else the assertions below are made.
                eprintln!("this machine lets no process look at another's sockets: not checked");
                return;
            }
            found => {
                let found = found.unwrap();
                assert_eq!(found.len(), 1);
                assert!(found.iter().all(|socket| tcp_nodelay(socket).unwrap()));
            }
        }
    }
    cloud.release();
    assert_eq!(connection.answer().await.status, 200);
}

/// The gateway's connected sockets with such ports, local and remote.
fn sockets(gateway: &Gateway, wanted: impl Fn(u16, u16) -> bool) -> Result<Vec<OwnedFd>, Errno> {
    let table = fs::read_to_string(format!("/proc/{}/net/tcp", gateway.pid())).unwrap();
    let wanted: Vec<String> = table
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields[3] == "01" && wanted(port(fields[1]), port(fields[2])))
        .map(|fields| format!("socket:[{}]", fields[9]))
        .collect();
    let pid = Pid::from_raw(i32::try_from(gateway.pid()).unwrap()).unwrap();
    let process = pidfd_open(pid, PidfdFlags::empty())?;
    let mut found = Vec::new();
    for entry in fs::read_dir(format!("/proc/{}/fd", gateway.pid())).unwrap().flatten() {
        let Ok(link) = fs::read_link(entry.path()) else { continue };
        if wanted.iter().any(|socket| link.as_os_str() == socket.as_str()) {
            let number = entry.file_name().to_str().unwrap().parse().unwrap();
            found.push(pidfd_getfd(&process, number, PidfdGetfdFlags::empty())?);
        }
    }
    Ok(found)
}

/// The port of `0100007F:1F90`.
fn port(address: &str) -> u16 {
    u16::from_str_radix(address.rsplit_once(':').unwrap().1, 16).unwrap()
}
