//! How large a report may grow.

/// Rows of one table that are printed; how many are left out is said below it, and a CSV holds them all.
pub const ROWS: usize = 1_500;
/// Bars of one chart.
pub const BARS: usize = 16;
/// Letters of one cell that are printed; a CSV holds them all.
pub const CELL: usize = 400;
/// Lines of one cell.
pub const CELL_LINES: usize = 8;
