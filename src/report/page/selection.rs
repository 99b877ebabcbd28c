//! Which measures and parties stand in the matrix: those whose names are looked for, as many as a page can hold.

use serde::Serialize;

use crate::model::measure::MeasureIx;
use crate::model::party::PartyIx;

use super::numbers::Manner;
use super::sides::{Sides, Subject};
use super::words::{Words, filled};

/// The most measures under each other.
pub const MEASURES_MAX: usize = 50;
/// The most parties beside each other.
pub const PARTIES_MAX: usize = 60;

/// What stands in the matrix.
pub struct Selection<'s, 'v> {
    /// The measures that were found, on all pages.
    pub found: Vec<&'s Subject<'v, MeasureIx>>,
    /// Whether they are all measures that there are.
    pub is_whole: bool,
    /// The measures of this page.
    pub measures: Vec<&'s Subject<'v, MeasureIx>>,
    /// The parties of this page, with their positions among all.
    pub parties: Vec<(usize, &'s Subject<'v, PartyIx>)>,
    /// Whether they are all parties that there are.
    pub has_all_parties: bool,
    /// Which page it is.
    pub paging: Paging,
}

/// Which page of how many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Paging {
    /// This page, from 1.
    pub page: usize,
    /// How many there are: all measures with the first parties, then with the next ones.
    pub pages: usize,
    /// How many measures were found.
    pub rows: usize,
    /// The measures of the page.
    pub measures: Span,
    /// The parties of the page.
    pub parties: Span,
}

/// Some of many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// In words; nothing where it is all.
    pub text: String,
    /// The page with those before.
    pub previous: Option<usize>,
    /// The page with those after.
    pub next: Option<usize>,
}

impl<'s, 'v> Selection<'s, 'v> {
    /// Looks for names and takes a page of them. Where only parties or only measures have such a name, all of the
    /// others are shown; a page past the last is the last.
    pub fn new(
        sides: &'s Sides<'v>,
        find: &str,
        page: usize,
        words: &Words,
        manner: Manner,
    ) -> Selection<'s, 'v> {
        let find = find.trim().to_lowercase();
        let is_like = |name: &str| name.to_lowercase().contains(&find);
        let all_parties = || sides.parties.iter().enumerate();
        let like = || sides.measures.iter().filter(|own| is_like(own.title) || is_like(own.id));
        let called = || all_parties().filter(|(_, own)| is_like(own.title) || is_like(own.id));
        let (mut found, mut parties): (Vec<_>, Vec<_>) = (like().collect(), called().collect());
        if found.is_empty() && !parties.is_empty() {
            found = sides.measures.iter().collect();
        } else if parties.is_empty() && !found.is_empty() {
            parties = all_parties().collect();
        }
        let (row_pages, column_pages) =
            (found.len().div_ceil(MEASURES_MAX).max(1), parties.len().div_ceil(PARTIES_MAX).max(1));
        let pages = row_pages * column_pages;
        let page = page.clamp(1, pages);
        let (row_page, column_page) = ((page - 1) % row_pages, (page - 1) / row_pages);
        let is_whole = found.len() == sides.measures.len();
        let has_all_parties = parties.len() == sides.parties.len() && column_pages == 1;
        let span = |label, position: usize, pages: usize, step: usize, size: usize, of: usize| Span {
            text: if pages == 1 { String::new() } else { shown(label, position * size, size, of, manner) },
            previous: (position > 0).then(|| page - step),
            next: (position + 1 < pages).then(|| page + step),
        };
        let paging = Paging {
            page,
            pages,
            rows: found.len(),
            measures: span(words.measures_shown, row_page, row_pages, 1, MEASURES_MAX, found.len()),
            parties: span(
                words.parties_shown,
                column_page,
                column_pages,
                row_pages,
                PARTIES_MAX,
                parties.len(),
            ),
        };
        let measures = found.iter().copied().skip(row_page * MEASURES_MAX).take(MEASURES_MAX).collect();
        let parties = parties.into_iter().skip(column_page * PARTIES_MAX).take(PARTIES_MAX).collect();
        Selection { found, is_whole, measures, parties, has_all_parties, paging }
    }

    /// Whether it is all that there is.
    pub fn is_all(&self) -> bool {
        self.is_whole && self.has_all_parties && self.measures.len() == self.found.len()
    }
}

fn shown(label: &str, before: usize, size: usize, of: usize, manner: Manner) -> String {
    let last = (before + size).min(of);
    let (from, to, of) = (manner.count(before + 1), manner.count(last), manner.count(of));
    filled(label, &[("from", &from), ("to", &to), ("of", &of)])
}
