//! Every way in, and every way that must stay shut.

use http::HeaderValue;

use super::*;
use crate::config::{Limits, Wish};

/// Headers by name.
type Pairs<'a> = &'a [(&'static str, &'a str)];

fn key(name: &str, secret: &str) -> Key {
    Key {
        name: name.to_owned(),
        sha256: Sha256::digest(secret).into(),
        tenant: Some(format!("{name}-tenant")),
        workflow: None,
        label: None,
        zone: Some(Zone::Premises),
        roles: Vec::new(),
        limits: Limits::default(),
        wish: Wish::default(),
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn ask(keys: &[Key], pairs: &[(&'static str, &str)], uri: &str, peer: &str) -> Result<String, AuthError> {
    let keys = Keys::of(keys, None);
    let identity = keys.authenticate(&headers(pairs), &uri.parse().unwrap(), peer.parse().unwrap())?;
    Ok(identity.name.to_string())
}

#[test]
fn a_key_tells_who_asks_from_any_peer_and_host() {
    let keys = [key("ann", "secret-a"), key("ben", "secret-b"), key("cat", "secret-c")];
    let far = "203.0.113.7:4000";
    let cases: [(Pairs<'_>, Result<&str, AuthError>); 17] = [
        (&[("authorization", "Bearer secret-a")], Ok("ann")),
        (&[("authorization", "bearer secret-b")], Ok("ben")),
        (&[("authorization", "Bearer   secret-c ")], Ok("cat")),
        (&[("x-api-key", "secret-b")], Ok("ben")),
        (&[("api-key", "secret-c")], Ok("cat")),
        (&[("authorization", "Basic c2VjcmV0"), ("x-api-key", "secret-a")], Ok("ann")),
        (&[("authorization", "Bearer "), ("api-key", "secret-a")], Ok("ann")),
        (&[("authorization", "Bearer secret-a"), ("x-api-key", "secret-b")], Ok("ann")),
        (&[("authorization", "Bearer secret-a"), ("host", "evil.example"), ("origin", "null")], Ok("ann")),
        (&[("authorization", "Bearer wrong"), ("x-api-key", "secret-b")], Err(AuthError::Unknown)),
        (&[("authorization", "Bearer secret-")], Err(AuthError::Unknown)),
        (&[("authorization", "Bearer secret-aa")], Err(AuthError::Unknown)),
        (&[("authorization", "secret-a")], Err(AuthError::Missing)),
        (&[("authorization", "Bearer")], Err(AuthError::Missing)),
        (&[("x-api-key", "")], Err(AuthError::Missing)),
        (&[("x-hearthgate-key", "secret-a")], Err(AuthError::Missing)),
        (&[], Err(AuthError::Missing)),
    ];
    for (pairs, expected) in cases {
        assert_eq!(
            ask(&keys, pairs, "/v1/models", far).as_deref(),
            expected.as_ref().map(|name| *name),
            "{pairs:?}"
        );
    }
    // A key is needed on this machine too, and its hash is not one.
    assert_eq!(ask(&keys, &[("host", "localhost")], "/", "127.0.0.1:1"), Err(AuthError::Missing));
    let hash: String = keys[0].sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(ask(&keys, &[("x-api-key", &hash)], "/", far), Err(AuthError::Unknown));
    let long = "k".repeat(KEY_BYTES_MAX + 1);
    assert_eq!(ask(&[key("long", &long)], &[("x-api-key", &long)], "/", far), Err(AuthError::Unknown));
}

#[test]
fn without_keys_only_this_machine_by_its_own_name() {
    let near = "127.0.0.1:4000";
    let cases: [(Pairs<'_>, &str, &str, Result<(), AuthError>); 32] = [
        (&[("host", "localhost")], "/", near, Ok(())),
        (&[("host", "LocalHost:8080")], "/", near, Ok(())),
        (&[("host", "127.0.0.1:8080")], "/", near, Ok(())),
        (&[("host", "127.8.9.10")], "/", near, Ok(())),
        (&[("host", "[::1]:8080")], "/", "[::1]:4000", Ok(())),
        (&[("host", "[::1]")], "/", "[::ffff:127.0.0.1]:4000", Ok(())),
        (&[("host", "localhost"), ("authorization", "Bearer anything")], "/", near, Ok(())),
        (&[], "http://localhost:8080/v1/models", near, Ok(())),
        (&[("host", "localhost")], "http://127.0.0.1:8080/", near, Ok(())),
        (&[("host", "localhost"), ("origin", "http://localhost:3000")], "/", near, Ok(())),
        (&[("host", "localhost"), ("origin", "https://[::1]")], "/", near, Ok(())),
        (&[("host", "localhost")], "/", "192.168.1.5:4000", Err(AuthError::NotLoopback)),
        (&[("host", "localhost")], "/", "[2001:db8::1]:4000", Err(AuthError::NotLoopback)),
        (&[("host", "localhost")], "/", "[::ffff:10.0.0.1]:4000", Err(AuthError::NotLoopback)),
        (&[], "/", near, Err(AuthError::BadHost)),
        (&[("host", "")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "evil.example")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "evil.example:8080")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "localhost.evil.example")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "127.0.0.1.evil.example")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "evil.example@localhost")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "localhost:8080@evil.example")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "128.0.0.1")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "0.0.0.0:8080")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "[::2]:8080")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "localhost"), ("host", "evil.example")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "localhost")], "http://evil.example/", near, Err(AuthError::BadHost)),
        (&[], "http://evil.example/v1/models", near, Err(AuthError::BadHost)),
        (&[("host", "localhost"), ("origin", "https://evil.example")], "/", near, Err(AuthError::BadHost)),
        (
            &[("host", "localhost"), ("origin", "http://localhost.evil.example")],
            "/",
            near,
            Err(AuthError::BadHost),
        ),
        (&[("host", "localhost"), ("origin", "http://evil.example:80")], "/", near, Err(AuthError::BadHost)),
        (&[("host", "localhost"), ("origin", "null")], "/", near, Err(AuthError::BadHost)),
    ];
    for (pairs, uri, peer, expected) in cases {
        let asked = ask(&[], pairs, uri, peer);
        assert_eq!(asked, expected.map(|()| LOCAL.to_owned()), "{pairs:?} {uri} {peer}");
        let admin = Keys::of(&[key("ann", "secret-a")], None);
        let (headers, uri, peer) = (headers(pairs), uri.parse().unwrap(), peer.parse().unwrap());
        assert_eq!(admin.authenticate_admin(&headers, &uri, peer), expected, "admin {pairs:?}");
    }
}

#[test]
fn the_admin_key_opens_from_anywhere_and_nothing_else_does() {
    let admin = Keys::of(&[key("ann", "secret-a")], Some(Sha256::digest("root").into()));
    let enter = |pairs| {
        admin.authenticate_admin(&headers(pairs), &Uri::from_static("/"), "203.0.113.7:1".parse().unwrap())
    };
    assert_eq!(enter(&[("authorization", "Bearer root")]), Ok(()));
    assert_eq!(enter(&[("authorization", "Bearer toor")]), Err(AuthError::Unknown));
    assert_eq!(enter(&[("authorization", "Bearer secret-a")]), Err(AuthError::Unknown));
    assert_eq!(enter(&[("host", "localhost")]), Err(AuthError::Missing));
}

#[test]
fn the_caller_has_what_its_key_says() {
    let keys = Keys::of(&[key("ann", "secret-a")], None);
    let identity = keys
        .authenticate(
            &headers(&[("api-key", "secret-a")]),
            &Uri::from_static("/"),
            "10.0.0.1:1".parse().unwrap(),
        )
        .unwrap();
    let caller = identity.caller();
    assert_eq!((caller.name.as_str(), caller.tenant.as_deref()), ("ann", Some("ann-tenant")));
    assert_eq!((caller.zone, caller.label, caller.effort), (Some(Zone::Premises), None, None));
}
