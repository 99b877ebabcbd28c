//! The faults of what rules declare, found when it is planned: one constructor each.

use crate::ground::diagnostic::Diagnostic;
use crate::ground::money::Money;
use crate::ground::numerals;
use crate::ground::ratio::{self, Ratio};
use crate::ground::source::{Place, Spanned};
use crate::ground::suggest::did_you_mean;
use crate::model::index::Index;
use crate::model::party::Party;
use crate::model::years::Year;

use super::faults::people_words;
use super::parameter_text::Literal;
use super::parameters::Parameter;

/// A rule that returns something else than was asked for.
pub fn wrong_result(place: &Place, wanted: &str, got: &str) -> Diagnostic {
    let wanted = if wanted == "true or false" { wanted.to_owned() } else { with_article(wanted) };
    let message = format!("{wanted} is needed here, and this gives {}", people_words(got));
    let diagnostic = Diagnostic::error("wrong-result", message);
    if got == "()" {
        return diagnostic
            .at(place, "")
            .help("does every `if` have an `else`, and does each of them end in a value?");
    }
    diagnostic.at(place, "").help(match wanted.as_str() {
        "an indexing" => "as in indexed(`deflator`)",
        "a payment" => "as in prepaid(75.percent)",
        _ => "",
    })
}

fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}

/// Factors that do not sum to 1.
pub fn factor_sum(place: &Place, sum: &Ratio) -> Diagnostic {
    let shown = numerals::exact_norwegian(sum);
    let percent = numerals::exact_norwegian(&(sum * crate::ground::ratio::whole(100)));
    Diagnostic::error("factor-sum", format!("the parts of this key sum to {shown} ({percent} %), not to 1"))
        .at(place, "")
        .help(if *sum == crate::ground::ratio::whole(100) { "write 40.percent and not 40" } else { "" })
        .help("each part is a factor times a key, and all factors sum to 1, as in 40.percent * equally() + 60.percent * by(\"…\")")
}

/// Percentages that do not sum to 100 over the participants.
pub fn percent_sum(place: &Place, sum: &Ratio, absent: &[&str], forgotten: &[&str]) -> Diagnostic {
    let hundred = crate::ground::ratio::whole(100);
    let difference = sum - &hundred;
    let word = if difference > crate::ground::ratio::whole(0) { "too much" } else { "missing" };
    let size = if difference > crate::ground::ratio::whole(0) { difference } else { -difference };
    let message = format!(
        "the percentages of this key sum to {} over the participants, not to 100: {} {word}",
        numerals::exact_norwegian(sum),
        numerals::exact_norwegian(&size)
    );
    let diagnostic = Diagnostic::error("percent-sum", message).at(place, "");
    if !absent.is_empty() {
        return diagnostic.help(format!("named in the key but not taking part: {}", absent.join(", ")));
    }
    if !forgotten.is_empty() {
        return diagnostic.help(format!("taking part but not named in the key: {}", forgotten.join(", ")));
    }
    diagnostic.help("correct the percentages; if only the proportions matter, use weights(#{…})")
}

/// Fixed amounts added to proportions.
pub fn mixed_kinds(place: &Place) -> Diagnostic {
    Diagnostic::error("mixed-kinds", "fixed amounts and proportions cannot be added")
        .at(place, "")
        .help("say what the proportion shares: amounts(…).rest(key) shares what the amounts leave")
}

/// A measure with costs in a year in which all its participants are gone.
pub fn nobody_takes_part_in(place: &Place, measure: &str, year: Year) -> Diagnostic {
    Diagnostic::error("no-participants", format!("nobody takes part in `{measure}` in {year}"))
        .at(place, "")
        .help("its participants have left, or have not come yet: see `since` and `until`")
}

/// A part that nobody shares in.
pub fn nobody_left(place: &Place, measure: &str, year: Year) -> Diagnostic {
    Diagnostic::error(
        "nobody-left",
        format!("nobody shares in this part of the key of `{measure}` in {year}"),
    )
    .at(place, "")
}

/// A value below zero where a weight is needed.
pub fn negative_weight(place: &Place, party: &str, value: &Ratio, measure: &str, year: Year) -> Diagnostic {
    let shown = numerals::exact_norwegian(value);
    let message = format!(
        "{party} has the value {shown} in the key of `{measure}` in {year}; a share cannot be in proportion to less than nothing"
    );
    Diagnostic::error("negative-weight", message)
        .at(place, "")
        .help("leave the party out of this part with .where(|p| …), or correct the value")
}

/// Nothing but zeros where weights are needed.
pub fn zero_weights(place: &Place, measure: &str, year: Year) -> Diagnostic {
    Diagnostic::error(
        "zero-weights",
        format!("everybody has the value 0 in this part of the key of `{measure}` in {year}"),
    )
    .at(place, "")
}

/// A driver without a value for a participant.
pub fn missing_value(place: &Place, driver: &str, party: &str, year: Year, values_at: &Place) -> Diagnostic {
    Diagnostic::error("missing-value", format!("`{driver}` has no value for {party} in {year}"))
        .at(values_at, "the values are read here")
        .also(place, "and needed here")
        .help("complete the values; or, if the party has no share in this, leave it out with .except([…])")
}

/// A driver without values for a year.
pub fn missing_year(
    place: &Place,
    driver: &str,
    year: Year,
    known: &[Year],
    values_at: &Place,
) -> Diagnostic {
    let diagnostic = Diagnostic::error("missing-year", format!("`{driver}` has no values for {year}"))
        .at(place, "")
        .also(values_at, "the values are read here");
    match (known.first(), known.last()) {
        (Some(first), Some(last)) if *last < year => diagnostic.help(format!(
            "its values are of {}: add hold: true to the driver to use the latest earlier year, or .as_of({last}) to the key",
            span(*first, *last)
        )),
        (Some(first), Some(last)) => diagnostic.help(format!("its values are of {}", span(*first, *last))),
        _ => diagnostic,
    }
}

/// A party that is named in a rule and takes no part.
pub fn takes_no_part(place: &Place, party: &Party, measure: &str, year: Year) -> Diagnostic {
    Diagnostic::error(
        "takes-no-part",
        format!("{} gets a fixed amount in `{measure}`, but takes no part in it in {year}", party.id),
    )
    .at(place, "")
    .help(if party.is_active(year) {
        "remove the party here, or let it take part in the measure".to_owned()
    } else {
        format!("{} is not a party in {year}: let the rule ask, as in fn my_rule(year) {{ if year < {year} {{ … }} else {{ … }} }}, and call it by my_rule(year)", party.id)
    })
}

/// An amount in a rule that is not a multiple of `round_to`.
pub fn not_a_multiple(place: &Place, amount: &Ratio, unit: Money, measure: &str) -> Diagnostic {
    let message = format!(
        "{} is not a multiple of {}, which shares of `{measure}` are rounded to",
        numerals::exact_norwegian(amount),
        numerals::money_norwegian(unit)
    );
    Diagnostic::error("not-a-multiple", message)
        .at(place, "")
        .help("round the amount yourself, or change `round_to`")
}

/// A measure without any figures whose key shares an amount.
pub fn nothing_to_share(place: &Place, measure: &str) -> Diagnostic {
    Diagnostic::error(
        "no-figures",
        format!("`{measure}` has no costs and no amount, and its key shares an amount"),
    )
    .at(place, "")
    .help("give it `costs` or an `amount`; only fixed amounts and rates can do without")
}

/// An expression that is asked once for all years, and asks which year it is.
pub fn asked_once(place: &Place, field: &str) -> Diagnostic {
    Diagnostic::error("no-year-here", format!("`{field}` is asked once for all years, so there is no `year`"))
        .at(place, "")
        .help("leave `year` out; what differs by year belongs into the figures, or into an index")
}

/// A closure that changes a variable outside of it.
pub fn remembers(place: &Place) -> Diagnostic {
    Diagnostic::error("rule-remembers", "this rule changes a variable from party to party")
        .at(place, "")
        .help("the order of the parties must not matter: work each party out from its own figures")
}

/// A draw that names no source.
pub fn draw_without_source(place: &Place) -> Diagnostic {
    Diagnostic::error("draw-without-source", "this draw does not say where the money comes from")
        .at(place, "")
        .help("add .from(\"grant\") or .from_reserve(\"reserve\")")
}

/// A minimum or maximum that looks like a part of something.
pub fn limit_of_what(place: &Place, limit: &Ratio) -> Diagnostic {
    let shown = numerals::exact_norwegian(limit);
    Diagnostic::error("limit-of-what", format!("is the limit {shown} an amount, or a part of something?"))
        .at(place, "")
        .help("say what it is a part of: .of_last_year(), .of_amount() or .per(\"driver\"); an amount below 10 is a whole number")
}

/// A limit of ten times or more of last year or of the amount.
pub fn limit_of_many_times(place: &Place, part: &Ratio) -> Diagnostic {
    let percent = numerals::exact_norwegian(&(part * crate::ground::ratio::whole(100)));
    Diagnostic::error("limit-of-what", format!("this limit is {percent} % of what it is a part of"))
        .at(place, "")
        .help("write 110.percent and not 110")
}

/// A limit of last year in a key for one tag.
pub fn last_year_of_a_tag(place: &Place) -> Diagnostic {
    Diagnostic::error(
        "last-year-of-a-tag",
        "a limit of last year is of the whole share, and this key shares one tag only",
    )
    .at(place, "")
    .help("make a measure of the cost with this tag")
}

/// An award that had lapsed before the first year.
pub fn opening_lapsed(place: &Place, grant: &str, award: Year, lapsed: Year) -> Diagnostic {
    Diagnostic::error(
        "opening-lapsed",
        format!("by its carry-over, what was left of the award of {award} of `{grant}` was gone at the end of {lapsed}"),
    )
    .at(place, "")
    .help("remove the opening, or correct `carry_over` (without one, nothing is carried over)")
}

/// Named lines of which none has the tags asked for.
pub fn no_line_with_tag(place: &Place, measure: &str) -> Diagnostic {
    Diagnostic::error(
        "no-line-with-tag",
        format!("none of the named cost lines of `{measure}` has these tags"),
    )
    .at(place, "")
    .help("name the lines or ask for tags; both together leave the lines that are named and have the tags")
}

/// `within` without what it is of.
pub fn within_of_what(place: &Place) -> Diagnostic {
    Diagnostic::error("unfinished-limit", "`within` does not say of what")
        .at(place, "")
        .help("end it with .of_last_year(), as in .within(5.percent).of_last_year()")
}

/// A limit for somebody who does not share in the key.
pub fn limit_of_a_stranger(place: &Place, party: &Party, measure: &str, year: Year) -> Diagnostic {
    let message =
        format!("{} has a limit, but does not share in this key of `{measure}` in {year}", party.id);
    Diagnostic::error("takes-no-part", message)
        .at(place, "")
        .help("remove the party here, or let it take part")
}

/// Amounts that should sum to zero.
pub fn transfers_sum(place: &Place, sum: &Ratio, measure: &str, year: Year) -> Diagnostic {
    let shown = numerals::exact_norwegian(sum);
    Diagnostic::error("transfers-sum", format!("the transfers of `{measure}` in {year} sum to {shown}, not to 0"))
        .at(place, "")
        .help("what some get others must pay: finance it by an equal deduction per inhabitant, say; compute sums outside the |p| … with sum_of")
}

/// A key by which newcomers buy in and that is not one proportion.
pub fn buy_in_key(place: &Place, measure: &str) -> Diagnostic {
    Diagnostic::error(
        "buy-in-key",
        format!(
            "newcomers buy in to `{measure}` by their part of its key, and it is not a key of proportions"
        ),
    )
    .at(place, "")
    .help("remove `buy_in`, or the fixed amounts, rounded rates, limits or tags of the key")
}

/// A key by which leavers get their part of a reserve and that is not one proportion.
pub fn exit_key(place: &Place, reserve: &str) -> Diagnostic {
    Diagnostic::error(
        "exit-key",
        format!("leavers get their part of `{reserve}` by a key of proportions, and this is none"),
    )
    .at(place, "")
    .help("as in exit_key: \"by(`inhabitants`)\"")
}

/// Rounding with memory of a key that it cannot be used with.
pub fn memory_of_limits(place: &Place, measure: &str) -> Diagnostic {
    Diagnostic::error(
        "memory-key",
        format!("`{measure}` is rounded with memory, which needs a key of proportions alone, or amounts with such a rest"),
    )
    .at(place, "")
    .help("remove `rounding: WithMemory`, or the limits, fixed amounts, rounded rates or tags of the key")
}

/// A draw of a measure on a reserve that is bound to another purpose.
pub fn other_purpose(
    place: &Place,
    reserve: &str,
    bound_to: &str,
    measure: &str,
    own: Option<&str>,
) -> Diagnostic {
    let own = own.map_or_else(|| "has no purpose".to_owned(), |own| format!("is for `{own}`"));
    Diagnostic::error(
        "other-purpose",
        format!("the reserve `{reserve}` is bound to `{bound_to}`, and the measure `{measure}` {own}"),
    )
    .at(place, "")
    .help(format!("if the measure serves it, write purpose: \"{bound_to}\" on the measure"))
}

/// A cost line that a key by tags does not select, or selects twice.
pub fn line_and_tags(place: &Place, line: &str, measure: &str, tags: &[&str]) -> Diagnostic {
    let message = match tags {
        [] => format!("the cost line `{line}` of `{measure}` has none of the tags of the key"),
        tags => format!(
            "the cost line `{line}` of `{measure}` has more than one tag of the key: {}",
            tags.join(", ")
        ),
    };
    Diagnostic::error("line-and-tags", message)
        .at(place, "")
        .help("a key by tags needs exactly one of its tags on every cost line")
}

/// A key by tags of a measure whose cost is not cost lines alone.
pub fn tags_of_what(place: &Place, measure: &str, what: &str) -> Diagnostic {
    Diagnostic::error(
        "tags-of-what",
        format!("the key of `{measure}` goes by the tags of cost lines, and {what} has none"),
    )
    .at(place, "")
    .help("split it by cost lines alone, or by one key")
}

/// An index for figures of which none is written.
pub fn nothing_to_index(place: &Place) -> Diagnostic {
    Diagnostic::error("nothing-to-index", "no budget figure is written that could follow an index")
        .at(place, "")
        .help("write the first year's figure, as in budget: {2024: 150_000}; the index of a measure is that of its `amount`")
}

/// An index without a figure for a year.
pub fn index_without_year(place: &Place, index: &Index, year: Year) -> Diagnostic {
    let known: Vec<Year> = index.levels.keys().copied().collect();
    let known = known.first().zip(known.last()).map(|(first, last)| span(*first, *last)).unwrap_or_default();
    Diagnostic::error("missing-year", format!("the index `{}` has no figure for {year}", index.id))
        .at(place, "")
        .help(format!("its figures are of {known}: complete it, or write the figure of {year} yourself"))
}

/// One year, or from one year to another.
fn span(first: Year, last: Year) -> String {
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}

/// The same parameter, declared twice with other numbers.
pub fn unlike_parameters(first: &Parameter, again: &Parameter) -> Diagnostic {
    let message = format!("the parameter `{}` is declared with two sets of numbers", first.name);
    let numbers = |own: &Parameter| {
        let [default, low, high, step] =
            [&own.default, &own.minimum, &own.maximum, &own.step].map(numerals::exact_norwegian);
        format!("{default}, from {low} to {high} in steps of {step}")
    };
    let fault =
        Diagnostic::error("unlike-parameters", message).at(&again.place, format!("now {}", numbers(again)));
    if again.place == first.place {
        return fault.help(format!(
            "before, it was {}: a default, a range and a step are the same for whoever asks, in every year",
            numbers(first)
        ));
    }
    fault.also(&first.place, format!("first {}", numbers(first))).help(
        "write the same numbers in both places, give one of the two another name, or let both call a rule that declares it",
    )
}

/// A parameter set to a number outside of its range.
pub fn parameter_outside(parameter: &Parameter, set: &Spanned<Ratio>) -> Diagnostic {
    let (low, high) =
        (numerals::exact_norwegian(&parameter.minimum), numerals::exact_norwegian(&parameter.maximum));
    let message = format!(
        "{} is outside of the range of the parameter `{}`",
        numerals::exact_norwegian(&set.value),
        parameter.name
    );
    let rule = parameter.rule.as_ref().map_or_else(String::new, |rule| format!(" in `{rule}`"));
    let fault = Diagnostic::error("parameter-outside", message)
        .at(&set.place, format!("from {low} to {high}"))
        .also(&parameter.place, format!("declared here{rule}"));
    let hundredth = &set.value / ratio::whole(100);
    if parameter.maximum <= ratio::whole(1) && set.value > ratio::whole(1) && parameter.holds(&hundredth) {
        let percent = numerals::percent_norwegian(&hundredth);
        let written = Literal::plain(&hundredth);
        return fault.help(format!("{percent} is {written}"));
    }
    fault
}

/// An assumption that is the value of a parameter, outside of its range.
pub fn assumption_outside(parameter: &Parameter, assumed: &Ratio) -> Diagnostic {
    let [low, high, assumed] =
        [&parameter.minimum, &parameter.maximum, assumed].map(numerals::exact_norwegian);
    let message = format!(
        "the scenario's assumption `{}`, {assumed}, is outside of the range of the parameter of that name",
        parameter.name
    );
    Diagnostic::error("parameter-outside", message).at(&parameter.place, format!("from {low} to {high}"))
}

/// A parameter that is set, and stands in a rule that is not asked for it.
pub fn parameter_not_asked(place: &Place, name: &str, rule: &str, declared: &Place) -> Diagnostic {
    Diagnostic::notice("parameter-not-asked", format!("the parameter `{name}` counts nothing here"))
        .at(place, "")
        .also(declared, format!("`{rule}` is not asked for it"))
}

/// A parameter that is set, and that no rule asks for.
pub fn unknown_parameter(place: &Place, name: &str, known: &[Parameter]) -> Diagnostic {
    let names = known.iter().map(|parameter| parameter.name.as_str());
    let fault = Diagnostic::error(
        "unknown-parameter",
        format!("no rule of the scenario asks for a parameter `{name}`"),
    )
    .at(place, if known.is_empty() { String::new() } else { did_you_mean(name, names) });
    if known.is_empty() {
        return fault
            .help("a rule declares one as in param(\"equal_part\", 40.percent, 0.percent..100.percent)");
    }
    fault
}
