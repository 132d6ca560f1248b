//! The 2-D grid: each sector a rectangular patch, each team a cell.
//!
//! Patches are tiled row by row in the order of the sectors, each as square as its team count
//! allows, until a row is as wide as the square root of all cells; then the next row begins.
//! Borders are open. Neighbours are stored as a graph, so that any other graph can take the place.

use crate::keyed::{Keys, Stream};
use crate::maths;
use crate::spec::{Lattice, Neighbourhood};
use bevy_ecs::resource::Resource;
use rand::Rng;
use serde::{Deserialize, Serialize};

/// A cell of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Column.
    pub x: u16,
    /// Row.
    pub y: u16,
}

/// Who is a neighbour of whom, as compressed rows.
#[derive(Resource, Default, Clone, Debug, Serialize, Deserialize)]
pub struct Neighbours {
    starts: Vec<u32>,
    others: Vec<u32>,
}

impl Neighbours {
    /// Neighbours of a team, in ascending order.
    #[inline]
    pub fn of(&self, team: usize) -> &[u32] {
        &self.others[self.starts[team] as usize..self.starts[team + 1] as usize]
    }

    /// From a list of neighbours for each team.
    pub fn from_lists(lists: &[Vec<u32>]) -> Self {
        let mut starts = vec![0];
        let mut others = Vec::new();
        for list in lists {
            others.extend_from_slice(list);
            starts.push(others.len() as u32);
        }
        Neighbours { starts, others }
    }
}

/// Cells of every team, sector by sector, and the patch of each sector as (x, y, width, height).
pub fn tile(teams_per_sector: &[usize]) -> (Vec<Vec<Cell>>, Vec<(u16, u16, u16, u16)>) {
    let total: usize = teams_per_sector.iter().sum();
    let row_width = libm::ceil(libm::sqrt(total as f64)) as usize;
    let (mut x0, mut y0, mut row_height) = (0, 0, 0);
    let mut cells = Vec::new();
    let mut patches = Vec::new();
    for &teams in teams_per_sector {
        if teams == 0 {
            cells.push(Vec::new());
            patches.push((x0 as u16, y0 as u16, 0, 0));
            continue;
        }
        let width = libm::ceil(libm::sqrt(teams as f64)) as usize;
        let height = teams.div_ceil(width);
        if x0 > 0 && x0 + width > row_width.max(1) + width / 2 {
            x0 = 0;
            y0 += row_height;
            row_height = 0;
        }
        cells.push(
            (0..teams)
                .map(|k| Cell {
                    x: (x0 + k % width) as u16,
                    y: (y0 + k / width) as u16,
                })
                .collect(),
        );
        patches.push((x0 as u16, y0 as u16, width as u16, height as u16));
        x0 += width;
        row_height = row_height.max(height);
    }
    (cells, patches)
}

/// Each pair of teams that may be neighbours is so with the same chance, z / (n - 1).
///
/// z mean number of neighbours · n teams, of the sector unless neighbours can be of any
/// Source: Erdős & Rényi 1959; Batagelj & Brandes 2005 (skipping pairs by a geometric number).
fn random_graph(lattice: Lattice, sectors: &[u16], keys: Keys) -> Neighbours {
    let mut lists = vec![Vec::new(); sectors.len()];
    let mut draws = keys.at(Stream::World, 0).generator(u64::MAX);
    let groups = sectors.chunk_by(|one, other| lattice.across_sectors || one == other);
    let mut first = 0;
    for group in groups {
        let end = first + group.len();
        let chance = lattice.degree / (group.len() as f64 - 1.0).max(1.0);
        for one in first..end {
            let mut other = one as f64;
            loop {
                other += maths::geometric(draws.next_u64(), chance);
                if other >= end as f64 {
                    break;
                }
                lists[one].push(other as u32);
                lists[other as usize].push(one as u32);
            }
        }
        first = end;
    }
    for list in &mut lists {
        list.sort_unstable();
    }
    Neighbours::from_lists(&lists)
}

/// The neighbour graph of the cells; `cells` and `sectors` by team in id order, sector by sector.
pub fn neighbours(lattice: Lattice, cells: &[Cell], sectors: &[u16], keys: Keys) -> Neighbours {
    let offsets: &[(i32, i32)] = match lattice.neighbourhood {
        Neighbourhood::None => &[],
        Neighbourhood::Random => return random_graph(lattice, sectors, keys),
        Neighbourhood::VonNeumann => &[(0, -1), (-1, 0), (1, 0), (0, 1)],
        Neighbourhood::Moore => &[
            (-1, -1),
            (0, -1),
            (1, -1),
            (-1, 0),
            (1, 0),
            (-1, 1),
            (0, 1),
            (1, 1),
        ],
    };
    let width = cells
        .iter()
        .map(|cell| usize::from(cell.x) + 1)
        .max()
        .unwrap_or(0);
    let height = cells
        .iter()
        .map(|cell| usize::from(cell.y) + 1)
        .max()
        .unwrap_or(0);
    let mut team_at = vec![u32::MAX; width * height];
    for (team, cell) in cells.iter().enumerate() {
        team_at[usize::from(cell.y) * width + usize::from(cell.x)] = team as u32;
    }
    let lists: Vec<Vec<u32>> = cells
        .iter()
        .enumerate()
        .map(|(team, cell)| {
            let mut list: Vec<u32> = offsets
                .iter()
                .filter_map(|(dx, dy)| {
                    let (x, y) = (i32::from(cell.x) + dx, i32::from(cell.y) + dy);
                    let inside = x >= 0 && y >= 0 && (x as usize) < width && (y as usize) < height;
                    let other = if inside {
                        team_at[y as usize * width + x as usize]
                    } else {
                        u32::MAX
                    };
                    let allowed = other != u32::MAX
                        && (lattice.across_sectors || sectors[other as usize] == sectors[team]);
                    allowed.then_some(other)
                })
                .collect();
            list.sort_unstable();
            list
        })
        .collect();
    Neighbours::from_lists(&lists)
}

/// Rank of each cell of a patch by distance from its centre, as a share of the patch: 0 is the centre.
pub fn centrality(cells: &[Cell], patch: (u16, u16, u16, u16)) -> Vec<f32> {
    let centre = (
        f64::from(patch.0) + (f64::from(patch.2) - 1.0) / 2.0,
        f64::from(patch.1) + (f64::from(patch.3) - 1.0) / 2.0,
    );
    let distance = |cell: &Cell| {
        let (dx, dy) = (f64::from(cell.x) - centre.0, f64::from(cell.y) - centre.1);
        dx * dx + dy * dy
    };
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by(|&a, &b| {
        distance(&cells[a])
            .total_cmp(&distance(&cells[b]))
            .then(a.cmp(&b))
    });
    let mut shares = vec![0.0; cells.len()];
    for (rank, &cell) in order.iter().enumerate() {
        shares[cell] = rank as f32 / cells.len() as f32;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::{Cell, centrality, neighbours, tile};
    use crate::keyed::Keys;
    use crate::spec::{Lattice, Neighbourhood};

    /// Of a random graph of 3000 teams in two sectors: mean number of neighbours, its variance, and whether
    /// any are of different sectors.
    fn random(across_sectors: bool) -> (f64, f64, bool) {
        let lattice = Lattice {
            neighbourhood: Neighbourhood::Random,
            across_sectors,
            degree: 4.0,
        };
        let sectors: Vec<u16> = (0..3000).map(|team| u16::from(team >= 1000)).collect();
        let cells = vec![Cell { x: 0, y: 0 }; 3000];
        let graph = neighbours(lattice, &cells, &sectors, Keys::new(3, 0));
        let degrees: Vec<f64> = (0..3000).map(|team| graph.of(team).len() as f64).collect();
        let mean = degrees.iter().sum::<f64>() / 3000.0;
        let variance = degrees.iter().map(|own| (own - mean).powi(2)).sum::<f64>() / 3000.0;
        let mut mixed = false;
        for (team, &own) in sectors.iter().enumerate() {
            for &other in graph.of(team) {
                mixed |= sectors[other as usize] != own;
                assert!(
                    graph.of(other as usize).contains(&(team as u32)),
                    "both ways"
                );
            }
        }
        (mean, variance, mixed)
    }

    #[test]
    fn a_random_graph_has_poisson_degrees_and_keeps_to_sectors_unless_told() {
        for across in [false, true] {
            let (mean, variance, mixed) = random(across);
            // Standard errors are 2 / sqrt(3000) and about 5.7 / sqrt(3000).
            assert!((mean - 4.0).abs() < 0.2, "{mean}");
            assert!((variance - 4.0).abs() < 0.5, "{variance}");
            assert_eq!(mixed, across);
        }
    }

    #[test]
    fn patches_do_not_overlap_and_hold_every_team() {
        let (cells, _) = tile(&[48, 5, 0, 251, 13, 20]);
        let mut all: Vec<(u16, u16)> = cells.iter().flatten().map(|c| (c.y, c.x)).collect();
        assert_eq!(all.len(), 48 + 5 + 251 + 13 + 20);
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 48 + 5 + 251 + 13 + 20);
    }

    #[test]
    fn an_inner_cell_has_four_or_eight_neighbours_and_a_corner_fewer() {
        let (cells, patches) = tile(&[25]);
        let count = |neighbourhood, team| {
            neighbours(
                Lattice {
                    neighbourhood,
                    across_sectors: false,
                    degree: 4.0,
                },
                &cells[0],
                &[0; 25],
                Keys::new(1, 0),
            )
            .of(team)
            .len()
        };
        assert_eq!(
            (
                count(Neighbourhood::VonNeumann, 12),
                count(Neighbourhood::VonNeumann, 0)
            ),
            (4, 2)
        );
        assert_eq!(
            (
                count(Neighbourhood::Moore, 12),
                count(Neighbourhood::Moore, 0)
            ),
            (8, 3)
        );
        assert_eq!(count(Neighbourhood::None, 12), 0);
        assert_eq!(cells[0][12], Cell { x: 2, y: 2 });
        assert_eq!(centrality(&cells[0], patches[0])[12], 0.0);
    }
}
