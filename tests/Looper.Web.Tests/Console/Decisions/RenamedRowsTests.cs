using Looper.Core.Blueprints;
using Looper.Web.Console.Decisions.Wizard;

namespace Looper.Web.Tests.Console.Decisions;

/// <summary>Names are typed letter by letter, and every letter is an edit.</summary>
public sealed class RenamedRowsTests
{
    private readonly RowNames _rows = new();

    private static BlueprintContent Measured(params string[] names) => new()
    {
        Shape = DecisionShape.Binary,
        Default = "false",
        Outcomes = [.. names.Select(n => new Outcome(n, OutcomeKind.Boolean))],
        Goal = new() { Terms = [new(names[0])], Guardrails = [new(names[^1], 0.05)] },
    };

    private static BlueprintContent Chosen(string key, params string[] keys) => new()
    {
        Shape = DecisionShape.Choice,
        Default = key,
        Options = [.. keys.Select(k => new Option(k))],
        Rollout = new() { Baseline = key },
        Policy = new FixedPolicy(key),
    };

    private BlueprintContent Type(BlueprintContent content, int row, string text, Func<BlueprintContent, RowNames, int, string, BlueprintContent> rename)
    {
        for (var letters = 1; letters <= text.Length; letters++) content = rename(content, _rows, row, text[..letters]);
        return content;
    }

    private BlueprintContent TypeOutcome(BlueprintContent content, int row, string text) => Type(content, row, text, OutcomeEdits.Renamed);

    private BlueprintContent TypeOption(BlueprintContent content, int row, string text) => Type(content, row, text, OptionChoices.Renamed);

    private static (string Goal, string Guardrail) Aims(BlueprintContent content) => (Assert.Single(content.Goal.Terms).Outcome, Assert.Single(content.Goal.Guardrails).Outcome);

    private static string[] Fallbacks(BlueprintContent content) => [content.Default, content.Rollout.Baseline!, Assert.IsType<FixedPolicy>(content.Policy).Option];

    [Fact]
    public void What_an_outcome_is_for_follows_its_name()
    {
        Assert.Equal(("pressed", "dismissed"), Aims(TypeOutcome(Measured("clicked", "dismissed"), 0, "pressed")));
        Assert.Equal(("clicked", "shut"), Aims(TypeOutcome(Measured("clicked", "dismissed"), 1, "shut")));
    }

    [Fact]
    public void An_outcome_whose_longer_name_begins_with_another_takes_neither_its_goal_nor_its_guardrail()
    {
        Assert.Equal(("clicked", "dismissed"), Aims(TypeOutcome(Measured("clicked", "", "dismissed"), 1, "clicked_twice")));
        Assert.Equal(("clicked", "dismissed"), Aims(TypeOutcome(Measured("clicked", "", "dismissed"), 1, "dismissed_late")));
    }

    [Fact]
    public void An_outcome_that_is_called_like_another_for_a_letter_keeps_its_own_goal_and_guardrail()
    {
        Assert.Equal(("clicked_late", "clicked"), Aims(TypeOutcome(Measured("bought", "clicked"), 0, "clicked_late")));
        Assert.Equal(("clicked", "clicked_late"), Aims(TypeOutcome(Measured("clicked", "shut"), 1, "clicked_late")));
    }

    [Fact]
    public void The_outcome_that_had_the_name_first_takes_its_goal_along_when_it_is_renamed()
    {
        var alike = TypeOutcome(Measured("clicked", "", "shut"), 1, "clicked");
        Assert.Equal(("clicked_first", "shut"), Aims(OutcomeEdits.Renamed(alike, _rows, 0, "clicked_first")));
    }

    [Fact]
    public void The_other_of_two_outcomes_called_alike_has_its_guardrail_when_the_name_is_its_own()
    {
        var alike = TypeOutcome(Measured("clicked", "shut"), 1, "clicked");
        Assert.Equal(("pressed", "clicked"), Aims(OutcomeEdits.Renamed(alike, _rows, 0, "pressed")));
    }

    [Fact]
    public void Removing_an_outcome_takes_only_what_was_for_it()
    {
        var alike = TypeOutcome(Measured("clicked", "", "shut"), 1, "clicked");
        Assert.Equal(("clicked", "shut"), Aims(OutcomeEdits.Removed(alike, _rows, 1)));
        Assert.Empty(OutcomeEdits.Removed(Measured("clicked", "shut"), new(), 0).Goal.Terms);
    }

    [Fact]
    public void What_names_an_option_follows_its_key()
    {
        Assert.Equal(["nothing", "nothing", "nothing"], Fallbacks(TypeOption(Chosen("none", "ten", "none"), 1, "nothing")));
    }

    [Fact]
    public void An_option_whose_longer_key_begins_with_another_becomes_neither_default_nor_baseline_nor_policy()
    {
        Assert.Equal(["none", "none", "none"], Fallbacks(TypeOption(Chosen("none", "ten", "none", ""), 2, "none-yet")));
    }

    [Fact]
    public void An_option_that_is_called_like_another_for_a_letter_stays_default_baseline_and_policy()
    {
        Assert.Equal(["tenth", "tenth", "tenth"], Fallbacks(TypeOption(Chosen("none", "ten", "none"), 1, "tenth")));
    }
}
