//! The curve as a picture: one SVG file that asks for nothing else, readable on light and on dark ground.

use std::fmt::Write as _;

use super::curve::{Curve, Point};

/// How a file begins that holds such a picture.
pub const SIGN: &str = r#"<svg xmlns="http://www.w3.org/2000/svg""#;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 696.0;
const TOP: f64 = 72.0;
const BOTTOM: f64 = 376.0;

/// Points nearer than this share of the width are drawn as one, which bounds the file.
const STEP_MIN: f64 = 1.0 / 600.0;

const STYLE: &str = "svg{color-scheme:light dark}\
.ground{fill:#fff}text{fill:#24292f;font:13px system-ui,sans-serif}.title{font-size:15px;font-weight:600}\
.grid{stroke:#d0d7de}.axis{stroke:#57606a}.curve{fill:none;stroke:#0969da;stroke-width:2.5}\
.random{stroke:#6e7781;stroke-dasharray:5 4}.level{stroke:#6e7781;stroke-dasharray:1 4}\
.band{fill:#0969da;fill-opacity:.15}.chosen{fill:#cf222e;stroke:none}\
@media(prefers-color-scheme:dark){.ground{fill:#0d1117}text{fill:#e6edf3}.grid{stroke:#30363d}\
.axis{stroke:#8b949e}.curve{stroke:#58a6ff}.band{fill:#58a6ff}.random,.level{stroke:#8b949e}.chosen{fill:#ff7b72}}";

/// Draws the curve, and the choice in it.
#[must_use]
pub fn draw(curve: &Curve, chosen: usize) -> String {
    let scale = Scale::of(curve);
    let mut svg = Svg(String::new());
    svg.line(format_args!(r#"{SIGN} viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title">"#));
    svg.line(format_args!(r#"<title id="title">Quality over the share sent to the cloud</title>"#));
    svg.line(format_args!("<style>{STYLE}</style>"));
    svg.line(format_args!(r#"<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>"#));
    svg.text(LEFT, 28.0, r#" class="title""#, "Quality over the share sent to the cloud");
    axes(&scale, &mut svg);
    levels(curve, &scale, &mut svg);
    path(curve, &scale, &mut svg);
    if let Some(point) = curve.points.get(chosen) {
        mark(point, &scale, &mut svg);
    }
    svg.line(format_args!("</svg>"));
    svg.0
}

fn axes(scale: &Scale, svg: &mut Svg) {
    for tick in 0..=10_u32 {
        let share = f64::from(tick) / 10.0;
        let x = Scale::x(share);
        svg.line(format_args!(r#"<path class="grid" d="M{x:.1} {TOP}V{BOTTOM}"/>"#));
        svg.text(x, BOTTOM + 20.0, r#" text-anchor="middle""#, &format!("{}", tick * 10));
    }
    for tick in 0..=scale.steps {
        let quality = scale.low + scale.step * f64::from(tick);
        let y = scale.y(quality);
        svg.line(format_args!(r#"<path class="grid" d="M{LEFT} {y:.1}H{RIGHT}"/>"#));
        svg.text(LEFT - 8.0, y + 4.5, r#" text-anchor="end""#, &format!("{:.0}", 100.0 * quality));
    }
    svg.line(format_args!(r#"<path class="axis" fill="none" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>"#));
    let middle = (LEFT + RIGHT) / 2.0;
    svg.text(middle, BOTTOM + 44.0, r#" text-anchor="middle""#, "requests sent to the cloud (%)");
    let middle = (TOP + BOTTOM) / 2.0;
    let turned = format!(r#" text-anchor="middle" transform="rotate(-90 22 {middle})""#);
    svg.text(22.0, middle, &turned, "mean quality of the answers (%)");
}

/// All local, all cloud, and a coin that is tossed between them.
fn levels(curve: &Curve, scale: &Scale, svg: &mut Svg) {
    for (quality, name) in [(curve.local, "all local"), (curve.cloud, "all cloud")] {
        let y = scale.y(quality);
        svg.line(format_args!(r#"<path class="level" d="M{LEFT} {y:.1}H{RIGHT}"/>"#));
        svg.text(RIGHT - 4.0, y - 5.0, r#" text-anchor="end""#, name);
    }
    let (low, high) = (scale.y(curve.local), scale.y(curve.cloud));
    svg.line(format_args!(r#"<path class="random" d="M{LEFT} {low:.1}L{RIGHT} {high:.1}"/>"#));
    svg.text(
        Scale::x(0.72),
        scale.y(curve.local + 0.66 * (curve.cloud - curve.local)) + 20.0,
        "",
        "at random",
    );
}

/// The curve, and the exact bounds of each of its points as a band around it.
fn path(curve: &Curve, scale: &Scale, svg: &mut Svg) {
    let (mut along, mut above, mut below) = (Line::default(), Line::default(), Line::default());
    for point in apart(curve) {
        let (low, high) = curve.quality_within(point);
        let x = Scale::x(point.share);
        along.to(x, scale.y(point.quality));
        above.to(x, scale.y(high));
        below.to(x, scale.y(low));
    }
    let band = above.and_back(below);
    svg.line(format_args!(r#"<path class="band" d="{band}"/>"#));
    svg.line(format_args!(r#"<path class="curve" d="{}"/>"#, along.path()));
}

/// The points that are far enough from each other to be seen apart, and the last.
fn apart(curve: &Curve) -> Vec<&Point> {
    let mut drawn: Vec<&Point> = Vec::new();
    for point in &curve.points {
        if drawn.last().is_none_or(|before| (point.share - before.share).abs() >= STEP_MIN) {
            drawn.push(point);
        }
    }
    drawn.extend(curve.points.last());
    drawn
}

/// Places, one after the other.
#[derive(Default)]
struct Line(Vec<(f64, f64)>);

impl Line {
    fn to(&mut self, x: f64, y: f64) {
        self.0.push((x, y));
    }

    fn path(&self) -> String {
        let places: Vec<_> = self.0.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        format!("M{}", places.join("L"))
    }

    /// Along this, and back along another.
    fn and_back(mut self, other: Self) -> String {
        self.0.extend(other.0.into_iter().rev());
        format!("{}Z", self.path())
    }
}

fn mark(point: &Point, scale: &Scale, svg: &mut Svg) {
    let (x, y) = (Scale::x(point.share), scale.y(point.quality));
    svg.line(format_args!(r#"<circle class="chosen" cx="{x:.1}" cy="{y:.1}" r="5"/>"#));
    let cost = point.cost_usd.map_or(String::new(), |cost| format!(", {cost:.2} USD per 1000 requests"));
    let told = format!(
        "chosen: hard from {}, {:.1} % to the cloud, quality {:.1} %{cost}",
        point.hard,
        (1000.0 * point.share).round() / 10.0,
        (1000.0 * point.quality).round() / 10.0
    );
    svg.text(LEFT, TOP - 24.0, "", &told);
    svg.text(LEFT, TOP - 8.0, "", "shaded: exact 95 % bounds of each point by itself");
}

/// From shares and qualities to places in the picture.
struct Scale {
    low: f64,
    step: f64,
    steps: u32,
}

impl Scale {
    /// Quality in steps of 5 %, or of 10 % where there would be more than ten.
    fn of(curve: &Curve) -> Self {
        let ends = [curve.local, curve.cloud];
        let within = apart(curve).into_iter().map(|point| curve.quality_within(point));
        let all = within.flat_map(|(low, high)| [low, high]).chain(ends);
        let (low, high) = all.fold((1.0_f64, 0.0_f64), |(low, high), q| (low.min(q), high.max(q)));
        let step = if high - low > 0.4 { 0.1 } else { 0.05 };
        let low = ((low / step) - 0.2).floor().max(0.0) * step;
        let steps = (1..=10_u32).find(|steps| low + step * f64::from(*steps) >= high - 1e-9).unwrap_or(10);
        Self { low, step, steps }
    }

    fn x(share: f64) -> f64 {
        LEFT + share * (RIGHT - LEFT)
    }

    fn y(&self, quality: f64) -> f64 {
        let whole = self.step * f64::from(self.steps);
        BOTTOM - (quality - self.low) / whole * (BOTTOM - TOP)
    }
}

/// What is written. None of it comes from a prompt or a name, so nothing has to be escaped.
struct Svg(String);

impl Svg {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }

    fn text(&mut self, x: f64, y: f64, attributes: &str, text: &str) {
        self.line(format_args!(r#"<text x="{x:.1}" y="{y:.1}"{attributes}>{text}</text>"#));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: u32) -> Curve {
        let point = |index: u32| {
            let share = f64::from(index) / f64::from(points);
            let quality = 0.4 + 0.5 * share;
            Point { hard: 0.5, moderate: 0.3, share, quality, recovered: Some(share), cost_usd: None }
        };
        Curve { points: (0..=points).map(point).collect(), local: 0.4, cloud: 0.9, prompts: 50.0 }
    }

    #[test]
    fn it_has_its_labels_units_and_both_grounds() {
        let svg = draw(&curve(4), 2);
        for words in [
            "requests sent to the cloud (%)",
            "mean quality of the answers (%)",
            "prefers-color-scheme:dark",
            "chosen: hard from 0.5, 50.0 % to the cloud, quality 65.0 %<",
            "all local",
            "all cloud",
            "95 % bounds",
            r#"class="band" d="M"#,
        ] {
            assert!(svg.contains(words), "{words}: {svg}");
        }
        assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("href"));
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }

    #[test]
    fn it_stays_small_however_many_points_there_are() {
        assert!(draw(&curve(100_000), 0).len() < 48 << 10);
    }

    #[test]
    fn ends_lie_on_the_axes() {
        let scale = Scale::of(&curve(4));
        assert!((scale.y(scale.low) - BOTTOM).abs() < 1e-9);
        assert!(scale.y(0.9) >= TOP - 1e-9 && scale.y(0.4) <= BOTTOM + 1e-9);
        // Bounds as well, few as the prompts may be.
        let few = Curve { prompts: 2.0, ..curve(2) };
        let scale = Scale::of(&few);
        for point in &few.points {
            let (low, high) = few.quality_within(point);
            assert!(scale.y(high) >= TOP - 1e-9 && scale.y(low) <= BOTTOM + 1e-9, "{point:?}");
        }
    }
}
