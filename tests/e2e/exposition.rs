//! A reader of Prometheus's text format, version 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::collections::BTreeMap;

use hearthgate_tests::gateway::Gateway;

/// One scrape.
pub struct Exposition {
    samples: Vec<Sample>,
    /// As it came.
    pub text: String,
}

struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Exposition {
    /// Asks a gateway's admin port.
    pub async fn scrape(gateway: &Gateway) -> Self {
        let answer = gateway.admin().get("/metrics").await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
        Self::read(&answer.text())
    }

    /// Asks until it is as wanted: what is counted at the end of a connection or a request is counted a little
    /// after its client has seen the end.
    pub async fn until(gateway: &Gateway, what: &str, wanted: impl Fn(&Self) -> bool) -> Self {
        let asked = async {
            loop {
                let metrics = Self::scrape(gateway).await;
                if wanted(&metrics) {
                    return metrics;
                }
                tokio::task::yield_now().await;
            }
        };
        hearthgate_tests::bounded(what, asked).await
    }

    fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self { samples: lines.map(sample).collect(), text: text.to_owned() }
    }

    /// The sum over all series of this name that have these labels, whatever else they have.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.with(name, labels).map(|sample| sample.value).sum()
    }

    /// How many series there are of this name with these labels.
    pub fn count(&self, name: &str, labels: &[(&str, &str)]) -> usize {
        self.with(name, labels).count()
    }

    /// How many series there are in all.
    pub fn series(&self) -> usize {
        self.samples.len()
    }

    /// Every value that this label has anywhere.
    pub fn values(&self, label: &str) -> Vec<&str> {
        let mut values: Vec<_> =
            self.samples.iter().filter_map(|sample| sample.labels.get(label)).map(String::as_str).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    fn with(&self, name: &str, labels: &[(&str, &str)]) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(move |sample| {
            sample.name == name
                && labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|v| v == value))
        })
    }
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').unwrap_or_else(|| panic!("no end: {line}"))),
        None => (series, ""),
    };
    // No name that these tests configure has a comma or a quote in it.
    let labels = labels.split(',').filter(|pair| !pair.is_empty()).map(|pair| {
        let (label, value) = pair.split_once('=').unwrap_or_else(|| panic!("no label: {line}"));
        (label.to_owned(), value.trim_matches('"').to_owned())
    });
    Sample { name: name.to_owned(), labels: labels.collect(), value: value.parse().unwrap() }
}

#[test]
fn samples_are_read() {
    let text = "# HELP a b\n# TYPE a counter\na{x=\"1\",y=\"p/q\"} 2\na{x=\"2\",y=\"p/q\"} 3.5\nb 7\n";
    let read = Exposition::read(text);
    assert_eq!((read.sum("a", &[("y", "p/q")]), read.sum("a", &[("x", "2")])), (5.5, 3.5));
    assert_eq!((read.sum("b", &[]), read.count("a", &[]), read.series()), (7.0, 2, 3));
    assert_eq!(read.values("x"), ["1", "2"]);
}
