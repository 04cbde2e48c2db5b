//! The limiter against a clock of the test's own.

use hearthgate_rules::target::Zone;
use proptest::prelude::*;

use super::*;
use crate::config::Wish;

fn limits(requests: Option<u32>, tokens: Option<u32>) -> Limits {
    Limits { requests_per_minute: requests, tokens_per_minute: tokens }
}

fn key(name: &str, limits: Limits) -> Key {
    let (tenant, workflow, label, zone) = (None, None, None, Some(Zone::Cloud));
    let (name, wish) = (name.to_owned(), Wish::default());
    Key { name, sha256: [0; 32], tenant, workflow, label, zone, roles: Vec::new(), limits, wish }
}

fn caller(name: &str) -> Identity {
    Identity { name: name.into(), tenant: None, workflow: None, label: None, zone: None, roles: Vec::new() }
}

fn one(own: Limits, start: Instant) -> (Limiter, Identity) {
    (Limiter::with(&[key("ann", own)], Limits::default(), start), caller("ann"))
}

/// An estimate of exactly this many tokens.
fn tokens(tokens: u64) -> Estimate {
    Estimate { prompt: 0, output: Some(tokens) }
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[test]
fn requests_come_back_evenly() {
    let start = clock::now();
    let (limiter, ann) = one(limits(Some(6), None), start);
    for left in (0..6).rev() {
        let ticket = limiter.admit_at(&ann, tokens(0), start).unwrap();
        let window = ticket.standing().requests.unwrap();
        assert_eq!((window.limit, window.remaining, window.reset), (6, left, secs(10) * (6 - left)));
        assert_eq!(ticket.standing().tokens, None);
    }
    let refused = limiter.admit_at(&ann, tokens(0), start).err().unwrap();
    assert_eq!(refused.retry_after(), Some(secs(10)));
    assert_eq!(refused.standing().requests.unwrap(), Window { limit: 6, remaining: 0, reset: secs(60) });
    assert!(limiter.admit_at(&ann, tokens(0), start + secs(9)).is_err());
    assert!(limiter.admit_at(&ann, tokens(0), start + secs(10)).is_ok());
    assert!(limiter.admit_at(&ann, tokens(0), start + secs(10)).is_err());
}

#[test]
fn tokens_are_reserved_then_settled() {
    let start = clock::now();
    let (limiter, ann) = one(limits(None, Some(600)), start);
    let first = limiter.admit_at(&ann, tokens(400), start).unwrap();
    assert_eq!(first.standing().tokens.unwrap(), Window { limit: 600, remaining: 200, reset: secs(40) });
    let refused = limiter.admit_at(&ann, tokens(300), start).err().unwrap();
    assert_eq!(refused.retry_after(), Some(secs(10)));
    assert!(refused.to_string().contains("try again in 10 s"), "{refused}");
    // What is reserved does not leak while its request runs.
    assert!(limiter.admit_at(&ann, tokens(300), start + secs(3600)).is_err());
    // Settling gives back at once what was not used.
    let later = start + secs(3600);
    first.settle_at(100, later);
    let second = limiter.admit_at(&ann, tokens(500), later).unwrap();
    assert_eq!(second.standing().tokens.unwrap().remaining, 0);
    // And takes what was used beyond the reservation: 100 + 800 of 600, so 300 must leak, 10 a second.
    second.settle_at(800, later);
    let refused = limiter.admit_at(&ann, tokens(1), later).err().unwrap();
    assert_eq!(refused.retry_after(), Some(Duration::from_millis(30_100)));
    assert!(limiter.admit_at(&ann, tokens(1), later + Duration::from_millis(30_100)).is_ok());
}

#[test]
fn a_request_beyond_the_whole_limit_is_told_so() {
    let start = clock::now();
    let (limiter, ann) = one(limits(Some(10), Some(600)), start);
    let refused = limiter.admit_at(&ann, tokens(601), start).err().unwrap();
    assert_eq!(refused.retry_after(), None);
    assert!(refused.to_string().contains("may need 601 tokens, the whole limit is 600"), "{refused}");
    assert_eq!(refused.standing().requests.unwrap().remaining, 10, "it is not counted");
    assert!(limiter.admit_at(&ann, tokens(600), start).is_ok());
}

#[test]
fn an_unbounded_answer_is_reckoned_within_the_limit() {
    let start = clock::now();
    let (limiter, ann) = one(limits(None, Some(600)), start);
    let ticket = limiter.admit_at(&ann, Estimate::new(2000, None), start).unwrap();
    assert_eq!(ticket.standing().tokens.unwrap().remaining, 0);
    ticket.settle_at(0, start);
    let long = limiter.admit_at(&ann, Estimate::new(2404, None), start).err().unwrap();
    assert!(matches!(long, Limited::TooLarge { needed: 601, .. }), "{long}");
    assert_eq!(Estimate::new(401, Some(50)).reserve(10_000), 151);
    assert_eq!(Estimate::new(400, None).reserve(10_000), 1124);
    assert_eq!(Estimate::new(usize::MAX, Some(u64::MAX)).reserve(1), u64::MAX);
}

#[test]
fn a_ticket_that_is_dropped_costs_the_prompt() {
    let start = clock::now();
    let (limiter, ann) = one(limits(None, Some(600)), start);
    drop(limiter.admit_at(&ann, Estimate::new(400, Some(500)), start).unwrap());
    let ticket = limiter.admit_at(&ann, tokens(0), start).unwrap();
    assert_eq!(ticket.standing().tokens.unwrap().remaining, 500);
}

#[test]
fn a_request_refused_by_its_count_gives_its_tokens_back() {
    let start = clock::now();
    let (limiter, ann) = one(limits(Some(1), Some(600)), start);
    limiter.admit_at(&ann, tokens(100), start).unwrap().settle_at(100, start);
    let refused = limiter.admit_at(&ann, tokens(500), start).err().unwrap();
    assert!(matches!(refused, Limited::Requests { limit: 1, .. }), "{refused}");
    assert_eq!(refused.standing().tokens.unwrap().remaining, 500);
}

#[test]
fn own_limits_come_before_shared_ones_and_callers_do_not_share() {
    let start = clock::now();
    let keys =
        [key("ann", limits(Some(1), None)), key("ben", Limits::default()), key("cat", Limits::default())];
    let limiter = Limiter::with(&keys, limits(Some(2), Some(50)), start);
    let window =
        |name: &str| limiter.admit_at(&caller(name), tokens(0), start).map(|ticket| *ticket.standing());
    let ann = window("ann").unwrap();
    assert_eq!((ann.requests.unwrap().limit, ann.tokens.unwrap().limit), (1, 50));
    assert!(window("ann").is_err());
    assert_eq!(window("ben").unwrap().requests.unwrap().remaining, 1);
    assert_eq!(window("cat").unwrap().requests.unwrap().remaining, 1);
    let open = Limiter::with(&[], Limits::default(), start);
    assert_eq!(
        *open.admit_at(&caller(LOCAL), tokens(u64::MAX), start).unwrap().standing(),
        Standing::default()
    );
}

#[test]
fn a_reload_resets_only_whose_limits_changed() {
    let start = clock::now();
    let keys = |ben| [key("ann", limits(Some(1), Some(100))), key("ben", limits(Some(ben), None))];
    let limiter = Limiter::with(&keys(1), Limits::default(), start);
    let running = limiter.admit_at(&caller("ann"), tokens(100), start).unwrap();
    limiter.admit_at(&caller("ben"), tokens(0), start).unwrap().settle_at(0, start);
    limiter.configure_at(&keys(5), Limits::default(), start);
    assert!(limiter.admit_at(&caller("ben"), tokens(0), start).is_ok());
    let minute = start + secs(60);
    assert!(matches!(limiter.admit_at(&caller("ann"), tokens(1), minute), Err(Limited::Tokens { .. })));
    // A request that was admitted before the reload settles into what it kept.
    running.settle_at(0, minute);
    assert!(limiter.admit_at(&caller("ann"), tokens(1), minute).is_ok());
}

#[test]
fn headers_tell_what_is_left_either_way() {
    let (limiter, ann) = one(limits(Some(1), Some(600)), clock::now());
    let mut headers = HeaderMap::new();
    limiter.admit(&ann, 600, &mut headers).unwrap().settle(0);
    assert_eq!(headers["x-ratelimit-remaining-requests"], "0");
    assert_eq!(headers["x-ratelimit-remaining-tokens"], "0");
    headers.clear();
    let refused = limiter.admit(&ann, 601, &mut headers).err().unwrap();
    assert_eq!((refused.kind(), &headers["x-ratelimit-limit-tokens"]), ("tokens", &"600".parse().unwrap()));
}

#[test]
fn time_does_not_go_back() {
    let start = clock::now();
    let (limiter, ann) = one(limits(Some(60), Some(60)), start);
    for _ in 0..60 {
        limiter.admit_at(&ann, tokens(1), start + secs(30)).unwrap().settle_at(1, start + secs(30));
    }
    assert!(limiter.admit_at(&ann, tokens(1), start).is_err());
    assert!(limiter.admit_at(&ann, tokens(1), start + secs(30)).is_err());
}

proptest! {
    /// Whatever is asked and whenever, and in whichever order requests end, no window sees more than the
    /// limit at once and what came back meanwhile.
    #[test]
    fn no_window_sees_more_than_its_quota(
        limit in 1u32..200,
        asks in prop::collection::vec((0u64..40_000, 0u64..250, 0u64..=100, 0usize..4), 1..60),
    ) {
        let start = clock::now();
        let (limiter, ann) = one(limits(Some(limit), Some(limit)), start);
        let mut now = start;
        let mut running: Vec<(Ticket, u64)> = Vec::new();
        let mut requests: Vec<Duration> = Vec::new();
        let mut used: Vec<(Duration, u64)> = Vec::new();
        for (wait_ms, wanted, percent, end) in asks {
            now += Duration::from_millis(wait_ms);
            if end < running.len() {
                let (ticket, actual) = running.swap_remove(end);
                ticket.settle_at(actual, now);
                used.push((now - start, actual));
            }
            if let Ok(ticket) = limiter.admit_at(&ann, tokens(wanted), now) {
                requests.push(now - start);
                running.push((ticket, wanted * percent / 100));
            }
        }
        for (ticket, actual) in running {
            ticket.settle_at(actual, now);
            used.push((now - start, actual));
        }
        let each = Duration::from_secs(60) / limit;
        for (index, first) in requests.iter().enumerate() {
            for (count, last) in (1u128..).zip(&requests[index..]) {
                prop_assert!(count <= u128::from(limit) + (*last - *first).as_nanos() / each.as_nanos());
            }
        }
        for (index, (first, _)) in used.iter().enumerate() {
            let mut sum = 0u128;
            for (last, actual) in &used[index..] {
                sum += u128::from(*actual);
                let bound = u128::from(limit) * (60_000_000_000 + (*last - *first).as_nanos());
                prop_assert!(sum * 60_000_000_000 <= bound);
            }
        }
    }

    /// A request that is admitted and settled with nothing leaves no trace among the tokens.
    #[test]
    fn settling_with_nothing_gives_everything_back(limit in 1u32..10_000, asks in prop::collection::vec(0u64..20_000, 1..20)) {
        let start = clock::now();
        let (limiter, ann) = one(limits(None, Some(limit)), start);
        for wanted in asks {
            if let Ok(ticket) = limiter.admit_at(&ann, tokens(wanted), start) {
                ticket.settle_at(0, start);
            }
            let whole = limiter.admit_at(&ann, tokens(u64::from(limit)), start);
            prop_assert!(whole.is_ok());
            whole.unwrap().settle_at(0, start);
        }
    }
}
