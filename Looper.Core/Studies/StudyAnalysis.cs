using System.Collections.Immutable;
using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>What the trials of a study say together: a pure function of its plan and trials.</summary>
public sealed class StudyAnalysis
{
    private readonly StudyPlan _plan;

    public StudyAnalysis(StudyPlan plan, IEnumerable<StudyTrial> trials)
    {
        var rows = trials.ToList();
        (_plan, Problem, IsFromLog) = (plan, ProblemOf(plan), plan.ReadsLog && rows.TrueForAll(t => t.IsLogged || t.State != StudyTrialState.Measured));
        Trials = [.. rows.OrderBy(t => t.Number).Select(TrialOf).OfType<Trial>()];
        Surrogates = Surrogates.Of(Problem, Trials);
    }

    public Problem Problem { get; }

    /// <summary>Whether all it knows are estimates on logged decisions: taken at their word until a live arm is measured, then as another, correlated response.</summary>
    public bool IsFromLog { get; }

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
    /// <param name="isFirstLive">They are the first live arms after estimates on the log, whose best setting is one of them.</param>
    public ImmutableArray<(ImmutableSortedDictionary<string, ParameterValue> Values, ProposalReason Why)> Next(int count, bool isFirstLive = false)
    {
        ImmutableArray<Proposal> known = isFirstLive && IsFromLog && Best() is { } best ? [new(best.Trial.Point, ProposalReason.Exploit)] : [];
        IEnumerable<Trial> pending = known.Select(p => Trial.Pending(Trials.Max(t => t.Number) + 1, p.Point.AsSpan()));
        return [.. known.Concat(Proposer.Next(Problem, [.. Trials, .. pending], count - known.Length, Surrogates)).Select(p => (Problem.Space.Values(p.Point.AsSpan()), p.Reason))];
    }

    /// <summary>The trial to keep; null before one is measured, and with several goals.</summary>
    public Judged? Best() => Surrogates is { } s && Problem.Goals.Length == 1 ? Standing.Recommended(s) : null;

    /// <summary>By how much the next settings are expected to beat the best so far: those being measured, else the one that would be tried next. NaN
    /// before the model speaks, and with several goals.</summary>
    public double FurtherGain()
    {
        if (Surrogates is not { } s || Problem.Goals.Length > 1 || s.Live.Length < Problem.Space.Dimensions + 2) return double.NaN;
        var open = Trials.Where(t => t.State == TrialState.Pending).Select(t => t.Point.AsMemory()).ToList();
        return ExpectedGain.Of(s, open.Count > 0 ? open : [.. Proposer.Next(Problem, Trials, known: s).Select(p => p.Point.AsMemory())]);
    }

    /// <summary>Whether the start by design is over, the model has learned how far settings resemble each other, a setting that keeps the guardrails is known, and the next one is expected to beat it by less.</summary>
    /// <param name="least">In the goal's unit.</param>
    public bool GainsLess(double least) => Surrogates is { } s && s.Live.Length >= Math.Max(Problem.StartTrials, GaussianProcess.FewestForLengths(Problem.Space.Dimensions)) && Best() is { Feasibility: >= Standing.Safe } && FurtherGain() < least;

    /// <summary>Whether the trials have looked long enough for one that keeps the guardrails, and none did.</summary>
    public bool IsHopeless => Surrogates is { } s && Problem.Limits.Length > 0 && s.Live.Length >= 3 * Problem.Space.Dimensions + 10
        && !Enumerable.Range(0, s.Live.Length).Any(i => s.Feasibility(i) >= 0.5);

    private Trial? TrialOf(StudyTrial trial)
    {
        if (Problem.Space.Point(StudyJson.ReadValues(trial.Parameters), out _) is not { } point) return null;
        var pending = Trial.Pending(trial.Number, point);
        if (trial.State == StudyTrialState.Failed) return pending with { State = TrialState.Failed, Offline = trial.IsLogged && !IsFromLog };
        if (trial.State != StudyTrialState.Measured) return pending;
        var metrics = StudyJson.ReadMetrics(trial.Metrics);
        return pending with
        {
            State = TrialState.Measured, Offline = trial.IsLogged && !IsFromLog,
            Metrics = metrics.ToImmutableSortedDictionary(m => m.Key, m => new Measured(m.Value.Mean, m.Value.StandardError), StringComparer.Ordinal),
            Group = _plan.Source == TrialSource.Live && !trial.IsLogged ? trial.Batch : -1,
            SharedVariance = metrics.ToImmutableSortedDictionary(m => m.Key, m => m.Value.SharedVariance, StringComparer.Ordinal),
        };
    }
}
