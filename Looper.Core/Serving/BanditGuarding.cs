using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving;

/// <summary>Makes a bandit keep within the guardrails of its goal, from what it has learned of their harm.</summary>
internal static class BanditGuarding
{
    /// <summary>Contexts that a policy is looked at on at most, the newest.</summary>
    public const int MostRows = 1_000;

    private const int FewestRows = 100;
    private const double Work = 1e8; // numbers read per policy that is tried: seconds in all, at the widest

    /// <summary>A value as harm: more is worse.</summary>
    public static double HarmOf(Outcome outcome, double value) => outcome.Better == Direction.Lower ? value : -value;

    /// <summary>The outcomes of the guardrails, in the order of the goal.</summary>
    public static ImmutableArray<Outcome> OutcomesOf(BlueprintContent content) => [.. content.Goal.Guardrails.Select(g => content.Outcomes.FirstOrDefault(o => o.Name == g.Outcome)).OfType<Outcome>()];

    /// <summary>Nothing learned of any harm yet; null where the goal has no guardrail.</summary>
    public static BanditGuards? Beginning(BlueprintContent content, AnswerSet answers, int width)
    {
        ImmutableArray<string> outcomes = [.. OutcomesOf(content).Select(o => o.Name)];
        return outcomes.IsEmpty ? null : BanditGuards.Unknowing(outcomes, answers.Options[BanditKnowledge.BaselineOf(content, answers)], answers.Options.Length, width);
    }

    /// <summary>The state with the penalties that keep it within its guardrails, and how they were found.</summary>
    /// <param name="state">With the sums of the harm.</param>
    /// <param name="rows">Contexts in the terms of its design, oldest first; all is left to the baseline without any.</param>
    public static (BanditState State, FoundPenalty? Found) Guard(BanditState state, IReadOnlyList<double[]> rows, BlueprintContent content, BanditPolicy policy)
    {
        if (state.Guards is not { } guards || rows.Count == 0) return (state, null);
        var (answers, range, options) = (AnswerSet.Of(content).Value!, BanditKnowledge.RangeOf(content), state.Options);
        var (settings, baseline) = (BanditKnowledge.SettingsOf(policy, range), BanditKnowledge.BaselineOf(content, answers));
        var most = (int)Math.Clamp(Work / (options.Length * (double)state.Design.Width * state.Design.Width), FewestRows, MostRows);
        ImmutableArray<GuardedOutcome> outcomes = [.. guards.Harms.Select((h, g) => new GuardedOutcome(OutcomeBelief.Of(h, settings.Ridge), content.Goal.Guardrails[g].MarginRelative))];
        var found = PenaltySearch.Of(
            [.. rows.TakeLast(most)], OutcomeBelief.Of(state.Statistics, settings.Ridge), outcomes, baseline, BaselineShare.Chances(policy.Explore, options.Length, baseline),
            penalties => Chances(new(state with { Guards = guards with { Penalties = penalties, Share = 1 } }, range, guards.Outcomes, baseline), policy, options, baseline));
        return (state with { Guards = guards with { Multipliers = found.Multipliers, Share = found.Share, Penalties = found.Penalties } }, found);
    }

    private static RowChances Chances(BanditKnowledge knowledge, BanditPolicy policy, ImmutableArray<string> options, int @default)
    {
        var rule = knowledge.Rule(policy, options, [], @default);
        return (x, chances) => rule.Distribute(x, chances);
    }
}
