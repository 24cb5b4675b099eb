using System.Collections.Immutable;
using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>What the trials of a study say together: a pure function of its plan and trials.</summary>
public sealed class StudyAnalysis
{
    private readonly StudyPlan _plan;

    public StudyAnalysis(StudyPlan plan, IEnumerable<StudyTrial> trials)
    {
        _plan = plan;
        Problem = ProblemOf(plan);
        Trials = [.. trials.OrderBy(t => t.Number).Select(TrialOf).OfType<Trial>()];
        Surrogates = Surrogates.Of(Problem, Trials);
    }

    public Problem Problem { get; }

    /// <summary>As the kernels see them.</summary>
    public ImmutableArray<Trial> Trials { get; }

    /// <summary>Null before the first measured trial.</summary>
    public Surrogates? Surrogates { get; }

    public static Problem ProblemOf(StudyPlan plan)
    {
        var space = new ParameterSpace([.. plan.Parameters.Select(p => p.ToParameter())], StudyRules.Between(plan));
        return new(space, [.. plan.Goals.Select(g => new Goal(g.Metric, g.Direction == Aim.Maximize, g.Threshold))], [.. plan.Guardrails.Select(g => g.ToLimit())], plan.Seed)
        {
            StatusQuo = !plan.StatusQuo.IsEmpty && space.Point(plan.StatusQuo, out _) is { } quo ? [.. quo] : null,
        };
    }

    /// <summary>Settings to try next.</summary>
    public ImmutableArray<(ImmutableSortedDictionary<string, ParameterValue> Values, ProposalReason Why)> Next(int count) =>
        [.. Proposer.Next(Problem, Trials, count).Select(p => (Problem.Space.Values(p.Point.AsSpan()), p.Reason))];

    /// <summary>The trial to keep; null before one is measured, and with several goals.</summary>
    public Judged? Best() => Surrogates is { } s && Problem.Goals.Length == 1 ? Standing.Recommended(s) : null;

    /// <summary>Whether the trials have looked long enough for one that keeps the guardrails, and none did.</summary>
    public bool IsHopeless => Surrogates is { } s && Problem.Limits.Length > 0 && s.Live.Length >= 3 * Problem.Space.Dimensions + 10
        && !Enumerable.Range(0, s.Live.Length).Any(i => s.Feasibility(i) >= 0.5);

    private Trial? TrialOf(StudyTrial trial)
    {
        if (Problem.Space.Point(StudyJson.ReadValues(trial.Parameters), out _) is not { } point) return null;
        var pending = Trial.Pending(trial.Number, point);
        if (trial.State == StudyTrialState.Failed) return pending with { State = TrialState.Failed };
        if (trial.State != StudyTrialState.Measured) return pending;
        var metrics = StudyJson.ReadMetrics(trial.Metrics);
        return pending with
        {
            State = TrialState.Measured,
            Metrics = metrics.ToImmutableSortedDictionary(m => m.Key, m => new Measured(m.Value.Mean, m.Value.StandardError), StringComparer.Ordinal),
            Group = _plan.Source == TrialSource.Live ? trial.Batch : -1,
            SharedVariance = metrics.ToImmutableSortedDictionary(m => m.Key, m => m.Value.SharedVariance, StringComparer.Ordinal),
        };
    }
}
