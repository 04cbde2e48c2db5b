//! Every message about a configuration that is refused: TOML in, the words that must be said of it.

use super::*;

#[test]
fn faults_of_overrides_name_the_variable() {
    let cases = [
        (
            "HEARTHGATE_SERVER__LISEN",
            "x",
            "environment variable `HEARTHGATE_SERVER__LISEN`: unknown key `lisen`; did you mean `listen`?",
        ),
        (
            "HEARTHGATE_SERVER__WORKERS",
            "many",
            "environment variable `HEARTHGATE_SERVER__WORKERS`: invalid type",
        ),
        (
            "HEARTHGATE_SERVER__WORKERS",
            "0",
            "environment variable `HEARTHGATE_SERVER__WORKERS`: 0 is out of bounds",
        ),
        (
            "HEARTHGATE_SERVER__LISTEN",
            "here",
            "environment variable `HEARTHGATE_SERVER__LISTEN`: `here` is not an address",
        ),
        (
            "HEARTHGATE_SERVER__OUTERMOST_ZONE",
            "cluod",
            "environment variable `HEARTHGATE_SERVER__OUTERMOST_ZONE`: unknown zone",
        ),
        ("HEARTHGATE_POLICY__FILE", "", "environment variable `HEARTHGATE_POLICY__FILE`: names no file"),
    ];
    for (name, value, expected) in cases {
        let said = fault(MODEL, &Env::from([("HOME", "/h"), (name, value)]));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn every_fault_is_named_with_its_place_and_mend() {
    let key = |lines: &str| format!("{MODEL}[[key]]\n{lines}");
    let cases: &[(String, &str)] = &[
        // Syntax, keys and types.
        ("[server\n".into(), "line 1"),
        (format!("{MODEL}\n[server]\nlisen = \"x\"\n"), "line 6, `server.lisen`: unknown field `lisen`"),
        (format!("{MODEL}\n[server]\nlisen = \"x\"\n"), "did you mean `listen`?"),
        (format!("{MODEL}[sever]\n"), "line 4, `sever`: unknown field `sever`"),
        (format!("{MODEL}[sever]\n"), "did you mean `server`?"),
        (
            format!("{MODEL}[server]\nworkers = \"four\"\n"),
            "line 5, `server.workers`: invalid type: string \"four\", expected u64",
        ),
        (format!("{MODEL}[server]\nworkers = -1\n"), "line 5, `server.workers`"),
        ("[[model]]\nname = \"x\"\n".into(), "line 1, `model[0]`: missing field `source`"),
        (
            format!("{MODEL}[[model]]\nname = \"y\"\nsuorce = \"x\"\n"),
            "line 6, `model[1].suorce`: unknown field `suorce`",
        ),
        ("".into(), "nothing can answer; add a `[[model]]` or an `[[upstream]]`"),
        // [server]
        (
            format!("{MODEL}[server]\nlisten = \"8080\"\n"),
            "line 5, `server.listen`: `8080` is not an address with a port",
        ),
        (format!("{MODEL}[server]\nlisten = \"127.0.0.1:99999\"\n"), "is not an address"),
        (
            format!("{MODEL}[server]\noutermost_zone = \"premisses\"\n"),
            "unknown zone `premisses`; did you mean `premises`?",
        ),
        (
            format!("{MODEL}[server]\nlisten = \"0.0.0.0:8080\"\n"),
            "no client key is configured; add a `[[key]]`, or listen on `127.0.0.1`",
        ),
        (format!("{MODEL}[server]\nlisten = \"[::]:8080\"\n"), "no client key is configured"),
        (
            format!("{MODEL}[server]\nadmin_listen = \"10.0.0.1:9090\"\n"),
            "`server.admin_listen`: `10.0.0.1:9090` is reachable from other machines and no admin key",
        ),
        (
            format!(
                "{}[server]\nadmin_listen = \"10.0.0.1:9090\"\n",
                key(&format!("name = \"a\"\nsha256 = \"{HASH}\"\n"))
            ),
            "no admin key is configured; set `server.admin_key_sha256`",
        ),
        (format!("{MODEL}[server]\nadmin_listen = \"127.0.0.1:8080\"\n"), "is the same as `server.listen`"),
        (
            format!("{MODEL}[server]\nadmin_key_sha256 = \"hunter2\"\n"),
            "`server.admin_key_sha256`: not 64 hexadecimal digits",
        ),
        (format!("{MODEL}[server]\ntls_certificate = \"c.pem\"\n"), "has no `tls_key` beside it"),
        (format!("{MODEL}[server]\ntls_key = \"c.pem\"\n"), "has no `tls_certificate` beside it"),
        (
            format!("{MODEL}[server]\nheader_bytes_max = 100\n"),
            "`server.header_bytes_max`: 100 is out of bounds; write 8192 to 1048576",
        ),
        (format!("{MODEL}[server]\nbody_timeout_ms = 0\n"), "0 is out of bounds; write 1 to 86400000"),
        (format!("{MODEL}[server]\ndrain_timeout_ms = 9223372036854775807\n"), "is out of bounds"),
        // [[model]]
        (format!("{MODEL}{MODEL}"), "line 5, `model[1].name`: `starter` stands twice"),
        (
            "[[model]]\nname = \"a/b\"\nsource = \"bundled:starter\"\n".into(),
            "line 2, `model[0].name`: `a/b` is not a name",
        ),
        (
            "[[model]]\nname = \"a\"\nsource = \"bundled:x\"\n".into(),
            "the only bundled model is `bundled:starter`",
        ),
        (format!("{MODEL}slots = 0\n"), "line 4, `model[0].slots`: 0 is out of bounds"),
        (format!("{MODEL}load = \"later\"\n"), "unknown word; write \"start\" or \"on-demand\""),
        (
            format!("{MODEL}embeddings = true\npinned = true\n"),
            "`model[0].pinned`: a model that embeds texts is",
        ),
        (format!("[device]\nmemory_mb = 0\n{MODEL}"), "`device.memory_mb`: 0 is out of bounds"),
        // [store]
        (
            format!("{MODEL}[store]\nenabled = true\n"),
            "line 5, `store.enabled`: is set and no `public_key` is",
        ),
        (store("days = 0"), "line 6, `store.days`: 0 is out of bounds; write 1 to 3660"),
        (store("megabytes = 0"), "`store.megabytes`: 0 is out of bounds"),
        (store("zone = \"clud\""), "unknown zone `clud`; did you mean `cloud`?"),
        (store("label = \"secret\""), "line 6, `store.label`"),
        (store("folder = \"\""), "`store.folder`: names no file"),
        (store("day = 1"), "unknown field `day`"),
        (
            store("").replace("store-public", "store-private"),
            "line 5, `store.public_key`: is not a public key of a store: `store-public-` and 64",
        ),
        (store("").replace("public-07", "public-7"), "`store.public_key`: is not a public key of a store"),
        // [[upstream]]
        (format!("{MODEL}{UPSTREAM}{UPSTREAM}"), "line 11, `upstream[1].name`: `up` stands twice"),
        (upstream("name = \"device\""), "`device` is this process; give the upstream another name"),
        (upstream("name = \"\""), "is not a name"),
        (upstream("zone = \"device\""), "an upstream is never on the device"),
        (upstream("zone = \"clud\""), "unknown zone `clud`; did you mean `cloud`?"),
        (upstream("models = []"), "`upstream[0].models`: names no model"),
        (upstream("models = [\"a\", \"b\", \"a\"]"), "`upstream[0].models[2]`: `a` stands twice"),
        (upstream("models = [\"a b\"]"), "`a b` is not a model's name"),
        (upstream("models = [\"*\"]"), "`*` is not a model's name"),
        (
            upstream("dialect = \"azure\""),
            "`upstream[0].api_version`: is missing; write the version of Azure's API",
        ),
        (upstream("dialect = \"azure\"\napi_version = \"a b\""), "`a b` is no version; write one such as"),
        (upstream("api_version = \"2024-10-21\""), "`upstream[0].api_version`: this dialect has no such key"),
        (
            upstream("api_key_header = \"host\""),
            "`host` is no header for a key; write one such as `authorization`",
        ),
        (upstream("dialect = \"opnai\""), "unknown dialect `opnai`; did you mean `openai`?"),
        (
            upstream("effort_field = \"reasoning_efort\""),
            "unknown effort field `reasoning_efort`; did you mean `reasoning_effort`?",
        ),
        (upstream("base_url = \"api.example/v1\""), "`api.example/v1` is not a URL"),
        (upstream("base_url = \"ftp://api.example/v1\""), "does not begin with `https://`"),
        (upstream("base_url = \"https://api.example/v1?a=b\""), "has a query or a fragment"),
        (upstream("base_url = \"https://api.example/v1#a\""), "has a query or a fragment"),
        (
            upstream("base_url = \"https://api.example:99999/v1\""),
            "`upstream[0].base_url`: `https://api.example:99999/v1`",
        ),
        (upstream("base_url = \"https://api.example:0/v1\""), "has no host, or a port that is none"),
        (upstream("base_url = \"https://me:pass@api.example\""), "put the key into `api_key`"),
        (upstream("base_url = \"https://\""), "`upstream[0].base_url`"),
        (upstream("api_key = \"\""), "`upstream[0].api_key`: is empty; set the variable"),
        (upstream("api_key = \"a\\nb\""), "`upstream[0].api_key`: holds white space"),
        (upstream("retries = 11"), "11 is out of bounds; write 0 to 10"),
        (upstream("breaker_faults = 0"), "0 is out of bounds; write 1 to 10000"),
        (upstream("connect_timeout_ms = 0"), "0 is out of bounds"),
        (upstream("ca_file = \"\""), "names no file"),
        (
            upstream("client_key = \"k.pem\""),
            "`upstream[0].client_key`: is set and no `client_certificate` is",
        ),
        (
            upstream(
                "base_url = \"http://a.example/v1\"\nclient_certificate = \"c.pem\"\nclient_key = \"k.pem\"",
            ),
            "`upstream[0].client_certificate`: is shown in TLS alone",
        ),
        (upstream("balance = \"fastest\""), "`upstream[0].balance`: unknown way to balance `fastest`"),
        (upstream("requests_max = 0"), "`upstream[0].requests_max`: 0 is out of bounds"),
        (upstream("retry_percent = 1001"), "`upstream[0].retry_percent`: 1001 is out of bounds"),
        (upstream("hedge_after_ms = 0"), "`upstream[0].hedge_after_ms`: 0 is out of bounds"),
        (upstream("weight = 2"), "`upstream[0].weight`: has no effect without an `[[upstream.endpoint]]`"),
        (upstream("balance = \"weighted\""), "`upstream[0].balance`: has no effect without"),
        (
            upstream("hedge_bytes_max = 9"),
            "`upstream[0].hedge_bytes_max`: has no effect without `hedge_after_ms`",
        ),
        (upstream("retries = 0\nretry_percent = 9"), "`upstream[0].retry_percent`: has no effect with"),
        (
            upstream("public_addresses = true"),
            "`upstream[0].public_addresses`: has no effect in zone `cloud`",
        ),
        (
            upstream(
                "base_url = \"https://a.example/v1\"\napi_key = \"k\"\nendpoint = [{ base_url = \"http://a.example/v1\" }]",
            ),
            "`upstream[0].endpoint[0].api_key`: is missing: the key of one server is not shown to another",
        ),
        (upstream("endpoint = [{ weight = 2 }]"), "`upstream[0].endpoint[0].base_url`: says nothing new"),
        (
            upstream("api_key = \"k\"\nendpoint = [{ base_url = \"https://b.example/v1\" }]"),
            "`upstream[0].endpoint[0].api_key`: is missing: the key of one server is not shown to another",
        ),
        (
            upstream(
                "dialect = \"bedrock\"\nbase_url = \"https://bedrock-runtime.eu-central-1.amazonaws.com\"\n\
                 aws_access_key_id = \"a\"\naws_secret_access_key = \"b\"\n\
                 endpoint = [{ base_url = \"https://bedrock-runtime.us-east-1.amazonaws.com\" }]",
            ),
            "`upstream[0].endpoint[0].base_url`: requests that are signed with keys of AWS go to one place",
        ),
        (
            upstream(
                "dialect = \"azure\"\nbase_url = \"https://a.example/openai/v1\"\napi_key = \"k\"\n\
                 endpoint = [{ base_url = \"https://b.example\", api_key = \"l\" }]",
            ),
            "`upstream[0].endpoint[0].base_url`: is of Azure's other surface",
        ),
        (
            upstream("endpoint = [{ base_url = \"https://api.mistral.ai/v1\" }]"),
            "`upstream[0].endpoint[0].base_url`: is another server, which takes other fields",
        ),
        (
            upstream(
                "dialect = \"azure\"\nbase_url = \"https://a.example/openai/\"\napi_version = \"2024-10-21\"",
            ),
            "`upstream[0].base_url`: ends in `/openai`; leave that out",
        ),
        (
            upstream("dialect = \"gemini\"\nbase_url = \"https://generativelanguage.googleapis.com\""),
            "`upstream[0].base_url`: names no version of the API",
        ),
        (
            upstream("dialect = \"gemini\"\nmodels = [\"models/gemini-2.5-pro\"]"),
            "`upstream[0].models`: `models/gemini-2.5-pro` begins with `models/`",
        ),
        (
            upstream("dialect = \"bedrock\"\napi_key = \"k\"\naws_region = \"eu-central-1\""),
            "`upstream[0].aws_region`: goes with keys of AWS",
        ),
        (
            upstream("aws_credentials_file = \"/x\""),
            "`upstream[0].aws_credentials_file`: this dialect has no such key",
        ),
        (
            upstream("dialect = \"bedrock\"\napi_key = \"k\"\naws_credential_process = [\"x\"]"),
            "`upstream[0].aws_credential_process`: stands beside other keys",
        ),
        (
            upstream("dialect = \"bedrock\"\naws_credential_process = []"),
            "`upstream[0].aws_credential_process`: names no command",
        ),
        (
            upstream("dialect = \"bedrock\"\naws_profile = \"x\""),
            "`upstream[0].aws_profile`: goes with `aws_credentials_file`",
        ),
        (
            upstream(
                "dialect = \"bedrock\"\naws_credentials_file = \"/x\"\naws_credential_process = [\"x\"]",
            ),
            "`upstream[0].aws_credential_process`: stands beside a file",
        ),
        (upstream("call_id_chars = 3"), "`upstream[0].call_id_chars`: an id has 8 to 40 letters and digits"),
        (
            key(&format!("name = \"local\"\nsha256 = \"{HASH}\"\n")),
            "`key[0].name`: `local` is the name of callers without a key",
        ),
        (
            upstream("refuses_in_messages = [\"role\"]"),
            "`upstream[0].refuses_in_messages`: `role` is in every message",
        ),
        (upstream("proxy = \"socks5://host:1\""), "`upstream[0].proxy`: is no proxy of a kind that is known"),
        // [[key]]
        (key("name = \"a\"\nsha256 = \"xyz\"\n"), "line 6, `key[0].sha256`: not 64 hexadecimal digits"),
        (key(&format!("name = \"a\"\nsha256 = \"{}g\"\n", &HASH[1..])), "not 64 hexadecimal digits"),
        (
            key(&format!("name = \"a\"\nsha256 = \"{HASH}\"\nlabel = \"secert\"\n")),
            "`key[0].label`: unknown label `secert`",
        ),
        (key(&format!("name = \"a\"\nsha256 = \"{HASH}\"\ntenant = \"\"\n")), "`key[0].tenant`: is empty"),
        (
            key(&format!("name = \"a\"\nsha256 = \"{HASH}\"\nrequests_per_minute = 0\n")),
            "0 is out of bounds; write 1 to 4294967295",
        ),
        (
            key(&format!("name = \"a\"\nsha256 = \"{HASH}\"\n[[key]]\nname = \"a\"\nsha256 = \"{HASH}\"\n")),
            "`key[1].name`: `a` stands twice",
        ),
        (
            key(&format!(
                "name = \"a\"\nsha256 = \"{HASH}\"\n[[key]]\nname = \"b\"\nsha256 = \"{}\"\n",
                HASH.to_lowercase()
            )),
            "another key has the same hash",
        ),
        // [limits], [audit], [[price]], [policy]
        (
            format!("{MODEL}[limits]\ntokens_per_minute = 0\n"),
            "line 5, `limits.tokens_per_minute`: 0 is out of bounds",
        ),
        (format!("{MODEL}[limits]\ntokens_per_minute = 4294967296\n"), "is out of bounds"),
        (format!("{MODEL}[audit]\nfile = \"\"\n"), "`audit.file`: names no file"),
        (
            format!(
                "{MODEL}{UPSTREAM}[[price]]\ntarget = \"up/bgi\"\ninput_usd_per_million = 1.0\noutput_usd_per_million = 1.0\n"
            ),
            "`price[0].target`: unknown target `up/bgi`; did you mean `up/big`?",
        ),
        (
            format!("{MODEL}{UPSTREAM}[[window]]\ntarget = \"up/big\"\ncontext_tokens = 1\n"),
            "`window[0].context_tokens`: 1 is out of bounds",
        ),
        (
            format!(
                "{MODEL}{UPSTREAM}[[price]]\ntarget = \"up/big\"\ninput_usd_per_million = -1.0\noutput_usd_per_million = 1.0\n"
            ),
            "`price[0].input_usd_per_million`: -1 is out of bounds",
        ),
        (
            format!(
                "{MODEL}{UPSTREAM}[[price]]\ntarget = \"up/big\"\ninput_usd_per_million = 1.0\noutput_usd_per_million = nan\n"
            ),
            "`price[0].output_usd_per_million`: NaN is out of bounds",
        ),
        (format!("{MODEL}[policy]\nfile = \"nowhere.toml\"\n"), "cannot read `"),
        (format!("{MODEL}[policy]\nflie = \"x\"\n"), "did you mean `file`?"),
    ];
    for (text, expected) in cases {
        let said = fault(text, &home());
        assert!(said.contains(expected), "{said}\nshould say: {expected}\nof:\n{text}");
    }
}

#[test]
fn secrets_are_not_repeated() {
    for text in [
        upstream("base_url = \"https://me:hunter2@api.example\""),
        upstream("api_key = \"hunter2 \""),
        format!("{MODEL}[server]\nadmin_key_sha256 = \"hunter2\"\n"),
        format!("{MODEL}[[key]]\nname = \"a\"\nsha256 = \"hunter2\"\n"),
    ] {
        assert!(!fault(&text, &home()).contains("hunter2"));
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let said = Config::load(Some(Path::new("/nonexistent/h.toml")), &home()).err().unwrap().to_string();
    assert!(said.starts_with("cannot read `/nonexistent/h.toml`: "), "{said}");
}

#[test]
fn a_policy_that_makes_no_sense_is_refused() {
    let text = format!("[policy]\nfile = \"p.toml\"\n{MODEL}{UPSTREAM}");
    let load = |policy: &str| Written::new(&text).with("p.toml", policy).load(&home());
    let error = load("packs = [\"pi\"]\n").err().unwrap();
    assert!(matches!(error, ConfigError::Policy { .. }) && error.to_string().contains("p.toml: "), "{error}");
    let home = "[[route]]\nname = \"home\"\nto = [\"device/*\"]\n";
    let error =
        load(&format!("{home}[[invariant]]\ntext = \"always look on the bright side\"\n")).err().unwrap();
    assert!(matches!(error, ConfigError::Unprovable { .. }), "{error}");
}

#[test]
fn a_policy_that_does_not_hold_is_refused_with_its_proof() {
    let text = format!("[policy]\nfile = \"p.toml\"\n{MODEL}{UPSTREAM}");
    let policy = "[ceiling]\nconfidential = \"cloud\"\n[[route]]\nname = \"out\"\nto = [\"up/big\", \"device/*\"]\n\
                  [[invariant]]\ntext = 'never \"confidential\" beyond \"premises\"'\n";
    let error = Written::new(&text).with("p.toml", policy).load(&home()).err().unwrap();
    let said = error.to_string();
    assert!(
        said.contains(
            "does not hold: never \"confidential\" beyond \"premises\"; `hearthgate check` shows the case"
        ),
        "{said}"
    );
    let ConfigError::Unproved { proof, .. } = error else { panic!("{said}") };
    assert_eq!(proof.broken().count(), 1);
}
