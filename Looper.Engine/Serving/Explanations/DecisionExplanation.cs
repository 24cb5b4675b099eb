using System.Collections.Immutable;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Serving.Explanations;

/// <summary>A decision as it was made: what an explanation needs of it.</summary>
/// <param name="Arm">Index of the unit's arm in the experiment; −1 outside.</param>
/// <param name="Option">As in the answer: index of the option or candidate; −1 for <c>value</c>.</param>
/// <param name="Served">The context's features as served.</param>
/// <param name="Candidates">In the format of <see cref="ServedCandidates"/>; empty where none were sent.</param>
/// <param name="Scores">One per option or candidate, or one for <c>value</c>; empty where no model scored.</param>
public readonly record struct MadeDecision(
    int BlueprintVersion, Guid? ExperimentId, int Arm, Reason Reason, int Option,
    ReadOnlyMemory<byte> Served, ReadOnlyMemory<byte> Candidates, ImmutableArray<double> Scores);

/// <summary>
/// Why a decision came out as it did: which rule decided, and what moved the predictions of the answer. Made from the decision as it was
/// kept, apart from deciding, so that a decision without it costs nothing more.
/// </summary>
/// <param name="Rule">Kind of the policy, or <c>arm</c>, <c>baseline</c>, <c>default</c>.</param>
/// <param name="Because">The rule in a sentence.</param>
/// <param name="Outcomes">One per outcome of the goal; empty where no model scored; default (absent) where the models that scored serve no more.</param>
public sealed record DecisionExplanation(string Rule, string Because, ImmutableArray<OutcomeExplanation> Outcomes)
{
    /// <summary>Scores are the same numbers added up in another order.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>Never throws: what fails inside is counted at the decision point, and the outcomes are absent.</summary>
    public static DecisionExplanation Of(DecisionPointSnapshot point, in MadeDecision made)
    {
        ArgumentNullException.ThrowIfNull(point);
        var blueprint = point.Serving(made.BlueprintVersion);
        var (rule, because) = RuleWords.Of(made.Reason, PolicyOf(point, blueprint, made));
        if (made.Scores.IsDefaultOrEmpty) return new(rule, because, []);
        try
        {
            return new(rule, because, blueprint is null ? default : OutcomesOf(blueprint, made));
        }
        catch (Exception fault) // the decision was made and stored: its answer must not be lost over its explanation
        {
            point.Count(fault);
            return new(rule, because, default);
        }
    }

    private static ImmutableArray<OutcomeExplanation> OutcomesOf(BlueprintSnapshot blueprint, in MadeDecision made)
    {
        var option = Math.Max(0, made.Option);
        if (option >= made.Scores.Length) return default;
        ImmutableArray<OutcomeExplanation> outcomes;
        if (blueprint.Candidates is { } strategy)
        {
            if (ServedCandidates.Read(made.Candidates) is not { } candidates || option >= candidates.Count) return default;
            outcomes = strategy.Explain(made.Served.Span, candidates.Row(option));
        }
        else outcomes = blueprint.Scorer.Explain(made.Served.Span, option);
        var goal = outcomes.Sum(o => o.Weight * o.Margin.Prediction);
        return outcomes.Length > 0 && Math.Abs(goal - made.Scores[option]) <= Tolerance * Math.Max(1, Math.Abs(goal)) ? outcomes : default;
    }

    /// <summary>The policy that the unit's arm or its version follows; null when it is not known any more.</summary>
    private static string? PolicyOf(DecisionPointSnapshot point, BlueprintSnapshot? blueprint, in MadeDecision made)
    {
        foreach (var experiment in point.Experiments)
        {
            if (experiment.Id == made.ExperimentId && made.Arm >= 0 && made.Arm < experiment.Arms.Length)
                return experiment.Arms[made.Arm].Candidates?.Word ?? experiment.Arms[made.Arm].Strategy.Word;
        }
        return made.ExperimentId is null ? blueprint?.Candidates?.Word ?? blueprint?.Strategy.Word : null;
    }
}
