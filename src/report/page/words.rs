//! Every label of the page. A language is a constant of this struct, so that a label that is not translated does not
//! compile. What stands in braces is put in by whoever shows the label.

use serde::Serialize;

use crate::engine::proof::Identity;
use crate::report::language::Language;

use super::words_en::ENGLISH;
use super::words_nb::BOKMAAL;
use super::words_nn::NYNORSK;

/// The labels of the page in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Words {
    /// To the matrix.
    pub skip: &'static str,
    /// The chooser of languages.
    pub language: &'static str,
    /// The chooser of units.
    pub unit: &'static str,
    /// The chooser of light and dark.
    pub theme: &'static str,
    /// Light.
    pub light: &'static str,
    /// Dark.
    pub dark: &'static str,
    /// As the machine has it.
    pub auto: &'static str,
    /// The server answers, and the numbers are those of the files.
    pub live: &'static str,
    /// The numbers are older than the files.
    pub stale: &'static str,
    /// There are no numbers yet.
    pub waiting: &'static str,
    /// The server is gone.
    pub stopped: &'static str,
    /// The page does not follow.
    pub paused: &'static str,
    /// How far behind a paused page is.
    pub behind: &'static str,
    /// The button to stop following.
    pub pause: &'static str,
    /// The button to follow again.
    pub resume: &'static str,
    /// A generation of numbers.
    pub generation: &'static str,
    /// Thousandths of a second.
    pub milliseconds: &'static str,
    /// Files are looked at every second.
    pub polling: &'static str,
    /// The menu for taking things out.
    pub export: &'static str,
    /// The button that copies a table.
    pub copy: &'static str,
    /// It was copied.
    pub copied: &'static str,
    /// The button that saves a table.
    pub save_csv: &'static str,
    /// The button that prints.
    pub print: &'static str,
    /// What is shown.
    pub view: &'static str,
    /// A year.
    pub year: &'static str,
    /// All years together.
    pub all_years: &'static str,
    /// The chooser of what is shown.
    pub show: &'static str,
    /// The chooser of what it is compared with.
    pub against: &'static str,
    /// Compared with nothing.
    pub against_none: &'static str,
    /// Compared with the run before.
    pub against_previous: &'static str,
    /// The button that makes the numbers shown what is compared with.
    pub pin: &'static str,
    /// A pinned generation.
    pub pinned: &'static str,
    /// A scenario.
    pub scenario: &'static str,
    /// Variants of it.
    pub variants: &'static str,
    /// Other scenarios.
    pub others: &'static str,
    /// What cells show.
    pub cells: &'static str,
    /// Amounts.
    pub amounts: &'static str,
    /// What something changed by.
    pub change: &'static str,
    /// The same in percent.
    pub percent: &'static str,
    /// For each inhabitant.
    pub per: &'static str,
    /// The box for what is looked for.
    pub find: &'static str,
    /// What can be looked for.
    pub find_hint: &'static str,
    /// Nothing has such a name.
    pub nothing_found: &'static str,
    /// The page before.
    pub previous: &'static str,
    /// The page after.
    pub next: &'static str,
    /// Which measures are shown.
    pub measures_shown: &'static str,
    /// Which parties are shown.
    pub parties_shown: &'static str,
    /// Numbers of rules that can be tried.
    pub parameters: &'static str,
    /// The button that forgets what is tried.
    pub back_to_file: &'static str,
    /// The numbers shown are tried and not written.
    pub tried: &'static str,
    /// The line as it is.
    pub line_now: &'static str,
    /// The line as it would have to be.
    pub line_then: &'static str,
    /// The button that writes a variant.
    pub save_variant: &'static str,
    /// The name of a file.
    pub variant_name: &'static str,
    /// The title of a variant.
    pub variant_title: &'static str,
    /// A variant was written.
    pub saved: &'static str,
    /// The files that were read.
    pub files: &'static str,
    /// A file without faults.
    pub good: &'static str,
    /// A file with a fault.
    pub faulty: &'static str,
    /// A file that is not there.
    pub missing_file: &'static str,
    /// A file of rules.
    pub rules_file: &'static str,
    /// A table.
    pub table_file: &'static str,
    /// A variant.
    pub variant_file: &'static str,
    /// Published figures.
    pub expected_file: &'static str,
    /// What the last saving changed.
    pub last_change: &'static str,
    /// What differs from what is compared with.
    pub alterations: &'static str,
    /// Nothing differs.
    pub no_alterations: &'static str,
    /// The table of measures and parties.
    pub matrix: &'static str,
    /// A measure.
    pub measure: &'static str,
    /// A party.
    pub party: &'static str,
    /// A sum.
    pub sum: &'static str,
    /// The sum of what was found.
    pub sum_of_found: &'static str,
    /// Gross cost.
    pub gross: &'static str,
    /// What measures charge each other.
    pub charges: &'static str,
    /// Grants.
    pub grants: &'static str,
    /// Reserves.
    pub reserves: &'static str,
    /// Both.
    pub grants_and_reserves: &'static str,
    /// Net cost.
    pub net: &'static str,
    /// What is billed.
    pub billed: &'static str,
    /// Billed less net.
    pub residual: &'static str,
    /// It was not there before.
    pub new: &'static str,
    /// It is there no more.
    pub gone: &'static str,
    /// Why a number is what it is.
    pub why: &'static str,
    /// How to ask.
    pub why_hint: &'static str,
    /// There is nothing to tell.
    pub why_none: &'static str,
    /// What it was.
    pub was: &'static str,
    /// The button that closes.
    pub close: &'static str,
    /// It is being asked for.
    pub loading: &'static str,
    /// The button that copies a place.
    pub copy_place: &'static str,
    /// From gross cost to what is billed.
    pub waterfall: &'static str,
    /// The column with the bars.
    pub bar: &'static str,
    /// A step of it.
    pub step: &'static str,
    /// An amount.
    pub amount: &'static str,
    /// What each party pays.
    pub bars: &'static str,
    /// The part of all.
    pub of_all: &'static str,
    /// What is compared with.
    pub baseline: &'static str,
    /// The books of grants and reserves.
    pub ledgers: &'static str,
    /// Brought in.
    pub opening: &'static str,
    /// Awarded.
    pub award: &'static str,
    /// Put in.
    pub deposits: &'static str,
    /// Used.
    pub drawn: &'static str,
    /// Carried over.
    pub carried: &'static str,
    /// Paid back.
    pub repaid: &'static str,
    /// Lapsed.
    pub lapsed: &'static str,
    /// Paid to leavers.
    pub paid_out: &'static str,
    /// Brought on.
    pub closing: &'static str,
    /// One award.
    pub award_of: &'static str,
    /// What a funder has paid.
    pub payments: &'static str,
    /// Earned before and not yet paid.
    pub receivable_before: &'static str,
    /// Earned.
    pub earned: &'static str,
    /// Paid.
    pub paid: &'static str,
    /// Earned and not yet paid.
    pub receivable: &'static str,
    /// Paid until now.
    pub paid_so_far: &'static str,
    /// What may be paid until now.
    pub may_be_paid: &'static str,
    /// All that was earned.
    pub all_earned: &'static str,
    /// What there is besides shares.
    pub besides: &'static str,
    /// Charges between measures.
    pub charged: &'static str,
    /// To which.
    pub to: &'static str,
    /// Gross cost by tag.
    pub tags: &'static str,
    /// What is payable in all.
    pub payable: &'static str,
    /// Shares.
    pub shares: &'static str,
    /// What newcomers pay.
    pub buy_in: &'static str,
    /// What is brought forward.
    pub brought_forward: &'static str,
    /// What leavers got.
    pub paid_out_of: &'static str,
    /// Shares in instalments.
    pub instalments: &'static str,
    /// What each party pays in each year.
    pub by_year: &'static str,
    /// Actual share less billed share.
    pub settlement: &'static str,
    /// The same, as a column.
    pub settled: &'static str,
    /// Budget and accounts.
    pub actual: &'static str,
    /// Gross by the accounts.
    pub actual_gross: &'static str,
    /// Net by the accounts.
    pub actual_net: &'static str,
    /// Shares by the accounts.
    pub actual_shares: &'static str,
    /// What is wrong.
    pub problems: &'static str,
    /// Nothing is wrong.
    pub no_problems: &'static str,
    /// An error.
    pub error: &'static str,
    /// A notice.
    pub notice: &'static str,
    /// What the page shows meanwhile.
    pub stale_hint: &'static str,
    /// What the page waits for.
    pub waiting_hint: &'static str,
    /// Published figures that are checked.
    pub tests: &'static str,
    /// How many agree.
    pub tests_passed: &'static str,
    /// Declared differences.
    pub deviations: &'static str,
    /// There are none.
    pub no_tests: &'static str,
    /// The rules.
    pub catalogue: &'static str,
    /// Who uses a rule.
    pub used_by: &'static str,
    /// Nobody uses it.
    pub unused: &'static str,
    /// More names than are shown.
    pub and_more: &'static str,
    /// It has no documentation.
    pub undocumented: &'static str,
    /// There are no rules.
    pub no_rules: &'static str,
    /// The proof.
    pub reconciliation: &'static str,
    /// It adds up.
    pub holds: &'static str,
    /// It does not.
    pub fails: &'static str,
    /// How many checks.
    pub checks: &'static str,
    /// By how much.
    pub fails_by: &'static str,
    /// The seal.
    pub seal: &'static str,
    /// The seal of the rules.
    pub seal_rules: &'static str,
    /// The seal of the data.
    pub seal_data: &'static str,
    /// The first big number.
    pub net_to_share: &'static str,
    /// How it came about.
    pub gross_less: &'static str,
    /// The second, compared.
    pub largest_rise: &'static str,
    /// The third, compared.
    pub largest_fall: &'static str,
    /// The second, alone.
    pub largest_payer: &'static str,
    /// The third, alone.
    pub smallest_payer: &'static str,
    /// Nobody does.
    pub nobody: &'static str,
    /// The fourth.
    pub books: &'static str,
    /// All checks hold.
    pub books_close: &'static str,
    /// Some do not.
    pub books_open: &'static str,
    /// How many hold.
    pub checks_hold: &'static str,
    /// Why rounded rows may not add up.
    pub rounded_note: &'static str,
    /// What a dash means.
    pub dash_note: &'static str,
    /// What two points mean.
    pub missing_note: &'static str,
    /// How many inhabitants.
    pub per_note: &'static str,
    /// No driver counts heads.
    pub no_heads: &'static str,
    /// Nothing is compared.
    pub no_baseline: &'static str,
    /// There is no such year.
    pub no_such_year: &'static str,
    /// Of many grants and reserves, which are shown.
    pub some_funds: &'static str,
    /// A table is as wide as the page.
    pub only_page: &'static str,
    /// An answer did not come.
    pub failed: &'static str,
    /// The numbers are new.
    pub updated: &'static str,
    /// The number in the file.
    pub default_value: &'static str,
    /// How the table is used with keys.
    pub keyboard: &'static str,
}

impl Words {
    /// The labels of a language.
    pub fn of(language: Language) -> &'static Words {
        match language {
            Language::Bokmaal => &BOKMAAL,
            Language::Nynorsk => &NYNORSK,
            Language::English => &ENGLISH,
        }
    }
}

/// What a label says once the words in braces are put in.
///
/// ```
/// use fordel::report::page::words::filled;
/// assert_eq!(filled("{passed} of {figures} agree", &[("passed", "7"), ("figures", "8")]), "7 of 8 agree");
/// ```
pub fn filled(label: &str, parts: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(label.len());
    let mut rest = label;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        text.push_str(before);
        text.push_str(parts.iter().find(|(own, _)| *own == name).map_or("", |(_, part)| part));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// An identity in words.
pub fn identity(language: Language, identity: Identity) -> &'static str {
    match language {
        Language::English => identity.words(),
        Language::Bokmaal => super::words_nb::identity(identity),
        Language::Nynorsk => super::words_nn::identity(identity),
    }
}
