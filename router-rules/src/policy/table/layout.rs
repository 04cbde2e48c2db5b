//! Columns of plain text, no wider than a page.

use std::fmt;

/// The widest line.
const WIDTH_MAX: usize = 110;

/// No column but the last is wider than this; longer cells are broken at spaces.
const COLUMN_MAX: usize = 32;

const GAP: usize = 2;

/// Rows of cells under a heading.
pub(super) struct Layout<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Layout<N> {
    pub fn new(heading: [&str; N]) -> Self {
        Self { rows: vec![heading.map(str::to_owned)] }
    }

    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    fn widths(&self) -> [usize; N] {
        let mut left = WIDTH_MAX - GAP;
        std::array::from_fn(|column| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
            let most = if column + 1 == N { left } else { COLUMN_MAX.min(left) };
            let width = widest.min(most);
            left = left.saturating_sub(width + GAP);
            width
        })
    }
}

impl<const N: usize> fmt::Display for Layout<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for row in &self.rows {
            let cells: Vec<(usize, Vec<String>)> =
                widths.iter().zip(row).map(|(&width, cell)| (width, broken(cell, width))).collect();
            let height = cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
            for line in 0..height {
                let mut text = String::new();
                for (width, lines) in &cells {
                    let cell = lines.get(line).map_or("", String::as_str);
                    text.push_str(&format!("{:GAP$}{cell:<width$}", ""));
                }
                writeln!(f, "{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}

/// A cell broken at spaces into lines of at most this width; what has no space is cut.
fn broken(cell: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut push = |word: &str| {
        let Some(line) = lines.last_mut() else { return };
        let used = line.chars().count();
        if used == 0 {
            line.push_str(word);
        } else if used + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    };
    for word in cell.split(' ') {
        let chars: Vec<char> = word.chars().collect();
        chars.chunks(width).for_each(|piece| push(&piece.iter().collect::<String>()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_long_cells_wrap() {
        let mut layout = Layout::new(["a", "b"]);
        layout.row(["x".to_owned(), "word ".repeat(40).trim().to_owned()]);
        let text = layout.to_string();
        assert!(text.lines().all(|line| line.len() <= WIDTH_MAX), "{text}");
        assert_eq!(text.lines().next(), Some("  a  b"));
        assert!(text.lines().nth(2).unwrap().starts_with("     word"), "{text}");
    }

    #[test]
    fn a_word_longer_than_its_column_is_cut() {
        assert_eq!(broken("abcdef", 4), ["abcd", "ef"]);
        assert_eq!(broken("", 4), [""]);
    }
}
