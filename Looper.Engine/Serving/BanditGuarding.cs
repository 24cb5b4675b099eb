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
    private const long MostNumbers = 6_000_000; // of candidates' rows and of what draws expect of them: 48 MB
    private const double Work = 1e8; // numbers read per policy that is tried: seconds in all, at the widest

    /// <summary>Whether there is room for one more call.</summary>
    /// <param name="calls">That there are.</param>
    /// <param name="candidates">In all of them and in this one.</param>
    /// <param name="width">Numbers in a candidate's row.</param>
    public static bool Fits(int calls, long candidates, int width) => calls < FewestRows || (calls < MostRows && candidates * (width + SharedBandit.Draws) <= MostNumbers);

    /// <summary>A value as harm: more is worse.</summary>
    public static double HarmOf(Outcome outcome, double value) => outcome.Better == Direction.Lower ? value : -value;

    /// <summary>The outcomes of the guardrails, in the order of the goal.</summary>
    public static ImmutableArray<Outcome> OutcomesOf(BlueprintContent content) => [.. content.Goal.Guardrails.Select(g => content.Outcomes.FirstOrDefault(o => o.Name == g.Outcome)).OfType<Outcome>()];

    /// <summary>What the guardrails are, each in a text of its own that differs where they do.</summary>
    public static ImmutableArray<string> MeaningsOf(BlueprintContent content) =>
        [.. content.Goal.Guardrails.Select(g => MeaningOf(g, content.Outcomes.FirstOrDefault(o => o.Name == g.Outcome)))];

    private static string MeaningOf(Guardrail guardrail, Outcome? of) =>
        FormattableString.Invariant($"{guardrail.Outcome} within {guardrail.MarginRelative}: {of?.Kind}, {of?.Better}, {of?.Aggregation} in {of?.Window}, absent {of?.Absent}");

    /// <summary>What harm is measured against: an option's key, or the word for the candidates as sent.</summary>
    public static string BaselineOf(BlueprintContent content, AnswerSet answers) => answers.TakesCandidates ? DecisionShapes.AsSent : answers.Options[BanditKnowledge.BaselineOf(content, answers)];

    /// <summary>What is counted as harm of a candidate in a ranking that nobody looks at; 0 for all other shapes, which learn from the harm itself.</summary>
    public static double Unseen(Outcome outcome, BlueprintContent content) => content.Shape == DecisionShape.Ranking ? HarmOf(outcome, outcome.Absent ?? 0) : 0;

    /// <summary>Nothing learned of any harm yet; null where the goal has no guardrail.</summary>
    /// <param name="options">As the state has them.</param>
    public static BanditGuards? Beginning(BlueprintContent content, AnswerSet answers, ImmutableArray<string> options, int width)
    {
        ImmutableArray<string> outcomes = [.. OutcomesOf(content).Select(o => o.Name)];
        return outcomes.IsEmpty ? null
            : BanditGuards.Unknowing(outcomes, MeaningsOf(content), BaselineOf(content, answers), options.Length, width);
    }

    /// <summary>The state with the penalties that keep it within its guardrails, and how they were found.</summary>
    /// <param name="state">With the sums of the harm.</param>
    /// <param name="rows">Contexts in the terms of its design, or calls with a row for each candidate, oldest first; all is left to the baseline without any.</param>
    public static (BanditState State, FoundPenalty? Found) Guard(BanditState state, IReadOnlyList<double[]> rows, BlueprintContent content, BanditPolicy policy)
    {
        if (state.Guards is not { } guards || rows.Count == 0) return (state, null);
        if (state.IsOfCandidates) return GuardCandidates(state, guards, rows, content, policy);
        var (answers, range, options) = (AnswerSet.Of(content).Value!, BanditKnowledge.RangeOf(content), state.Options);
        var (settings, baseline) = (BanditKnowledge.SettingsOf(policy, range), BanditKnowledge.BaselineOf(content, answers));
        var most = (int)Math.Clamp(Work / (options.Length * (double)state.Design.Width * state.Design.Width), FewestRows, MostRows);
        ImmutableArray<GuardedOutcome> outcomes = [.. guards.Beliefs(h => OutcomeBelief.Of(h, settings.Ridge)).Select((b, g) => new GuardedOutcome(b, content.Goal.Guardrails[g].MarginRelative))];
        var found = OptionPenalties.Of(
            [.. rows.TakeLast(most)], OutcomeBelief.Of(state.Statistics, settings.Ridge), outcomes, baseline, BaselineShare.Chances(policy.Explore, options.Length, baseline),
            penalties => Chances(new(state with { Guards = guards with { Penalties = penalties, Share = 1 } }, range, guards.Meanings, baseline), policy, options, baseline));
        return (state with { Guards = guards with { Multipliers = found.Multipliers, Share = found.Share, Penalties = found.Penalties } }, found);
    }

    private static (BanditState, FoundPenalty?) GuardCandidates(BanditState state, BanditGuards guards, IReadOnlyList<double[]> calls, BlueprintContent content, BanditPolicy policy)
    {
        var ridge = BanditKnowledge.SettingsOf(policy, BanditKnowledge.RangeOf(content)).Ridge;
        var (reward, outcomes) = (OutcomeBelief.OfShared(state.Statistics, ridge), OutcomesOf(content));
        var beliefs = guards.Beliefs(h => OutcomeBelief.OfShared(h, ridge));
        var trials = new CandidateTrials(state, calls, content, policy, reward, beliefs);
        var found = PenaltySearch.Of(
            reward, [.. beliefs.Select((b, g) => new GuardedOutcome(b, content.Goal.Guardrails[g].MarginRelative, Unseen(outcomes[g], content)))], trials.Baseline, trials.Left, trials.Of);
        return (state with { Guards = guards with { Multipliers = found.Multipliers, Share = found.Share, Penalties = [] } }, found);
    }

    private static RowChances Chances(BanditKnowledge knowledge, BanditPolicy policy, ImmutableArray<string> options, int @default)
    {
        var rule = knowledge.Rule(policy, options, [], @default);
        return (x, chances) => rule.Distribute(x, chances);
    }
}
