//! A table for people.

/// Columns as wide as their widest cell; the ones with numbers are aligned to the right.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let wide = |text: &str| text.chars().count();
    let mut widths = head.map(wide);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(wide(cell));
        }
    }
    let line = |cells: [&str; N]| {
        let mut line = String::new();
        for (nth, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let right = (1..N - 1).contains(&nth);
            line += &if right { format!("{cell:>width$}  ") } else { format!("{cell:<width$}  ") };
        }
        line.trim_end().to_owned() + "\n"
    };
    let mut text = line(head);
    text += &line(widths.map(|width| "─".repeat(width)).each_ref().map(String::as_str));
    for row in rows {
        text += &line(row.each_ref().map(String::as_str));
    }
    text
}

/// A fingerprint need not be shown whole, since it stands above the table.
pub(super) fn shortened(identity: &str) -> String {
    match identity.find("SHA256:") {
        Some(at) => identity.chars().take(identity[..at].chars().count() + 15).chain(['…']).collect(),
        None => identity.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn cells_stand_below_each_other() {
        let rows =
            [["a".to_owned(), "12".to_owned(), "x".to_owned()], ["longer".to_owned(), "3".to_owned(), "y".to_owned()]];
        let text = super::table(["w", "n", "end"], &rows);
        assert_eq!(text, "w        n  end\n──────  ──  ───\na       12  x\nlonger   3  y\n");
        assert_eq!(super::shortened("jo, SHA256:0123456789abc"), "jo, SHA256:01234567…");
    }
}
