//! The server as a client on the network meets it: protocols, bounds, timeouts, the drain.

mod bounds;
mod drain;
mod http;
mod nodelay;
mod surface;
mod timeouts;
mod tls;

use hearthgate_tests::configs::{all_at_home, device_only, with_server};
use hearthgate_tests::gateway::{Gateway, Setup};

/// A gateway with one model on the device, and these further keys of `[server]`.
async fn gateway(keys: &str) -> Gateway {
    Setup::new(&with_server(&device_only("hello"), keys)).policy(&all_at_home()).start().await
}
