//! Charts as SVG.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Result;
use super::statistics::{Summary, short};

const WIDTH: u32 = 720;
const HEIGHT: u32 = 420;
const FONT: &str = "sans-serif";

/// Colors that are distinguishable with color vision deficiency.
const COLORS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(90, 90, 90),
];

/// A bar of a chart.
pub struct Bar {
    pub name: String,
    pub summary: Summary,
}

/// A line of a chart.
pub struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

impl Line {
    pub fn new(name: String) -> Self {
        Self {
            name,
            points: Vec::new(),
        }
    }

    /// Adds a point. The counts have to increase.
    #[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
    pub fn push(&mut self, count: usize, value: f64) {
        self.points.push((count as f64, value));
    }
}

/// Draws horizontal bars with whiskers for the spread.
pub fn bars(file: &Path, title: &str, bars: &[Bar]) -> Result<()> {
    const LEFT: i32 = 200;
    const RIGHT: i32 = 110;
    const TOP: i32 = 50;
    const ROW: i32 = 44;
    let rows = i32::try_from(bars.len())?;
    let height = u32::try_from(TOP + ROW * rows + 10)?;
    let area = SVGBackend::new(file, (WIDTH, height)).into_drawing_area();
    area.fill(&WHITE)?;
    let caption = (FONT, 18).into_font().color(&BLACK);
    area.draw(&Text::new(title.to_owned(), (10, 14), caption))?;
    let widest = bars.iter().map(|bar| bar.summary.high).fold(1.0, f64::max);
    let scale = (f64::from(WIDTH) - f64::from(LEFT + RIGHT)) / widest;
    #[expect(clippy::cast_possible_truncation, reason = "a pixel coordinate")]
    let x = |value: f64| LEFT + (value * scale) as i32;
    let label = |horizontal| {
        let position = Pos::new(horizontal, VPos::Center);
        (FONT, 14).into_font().color(&BLACK).pos(position)
    };
    for (row, (bar, color)) in (0..rows).zip(bars.iter().zip(COLORS.iter().cycle())) {
        let middle = TOP + ROW * row + ROW / 2;
        let Summary { median, low, high } = bar.summary;
        let corners = [(LEFT, middle - 12), (x(median), middle + 12)];
        area.draw(&Rectangle::new(corners, color.mix(0.8).filled()))?;
        let whisker = vec![(x(low), middle), (x(high), middle)];
        area.draw(&PathElement::new(whisker, BLACK.stroke_width(2)))?;
        area.draw(&Text::new(
            bar.name.clone(),
            (LEFT - 10, middle),
            label(HPos::Right),
        ))?;
        let value = (x(median.max(high)) + 8, middle);
        area.draw(&Text::new(short(median), value, label(HPos::Left)))?;
    }
    area.present()?;
    Ok(())
}

/// Draws lines over counts. Both axes are logarithmic.
pub fn lines(file: &Path, title: &str, x_axis: &str, lines: &[Line]) -> Result<()> {
    let points = || lines.iter().flat_map(|line| &line.points);
    let range = |coordinate: fn(&(f64, f64)) -> f64| {
        let low = points().map(coordinate).fold(f64::INFINITY, f64::min);
        let high = points().map(coordinate).fold(1.0, f64::max);
        (low, high)
    };
    let ((left, right), (low, high)) = (range(|it| it.0), range(|it| it.1));
    let area = SVGBackend::new(file, (WIDTH, HEIGHT)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, (FONT, 18))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(
            (left..right * 1.2).log_scale(),
            (low / 2.0..high * 2.0).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc(x_axis)
        .x_label_formatter(&|count| format!("{count}"))
        .y_label_formatter(&|value| format!("{value}"))
        .label_style((FONT, 13))
        .draw()?;
    for (line, color) in lines.iter().zip(COLORS.iter().cycle()) {
        let style = color.stroke_width(2);
        let key = move |(x, y)| PathElement::new(vec![(x, y), (x + 20, y)], style);
        let points = line.points.iter().copied();
        chart
            .draw_series(LineSeries::new(points, style).point_size(3))?
            .label(line.name.clone())
            .legend(key);
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .label_font((FONT, 14))
        .draw()?;
    area.present()?;
    Ok(())
}
