using System.Collections.Immutable;

namespace Looper.Core.Optimization;

/// <summary>One Gaussian process a metric, all turned so that less is better, learned from the trials of a problem.</summary>
/// <remarks>Offline trials join as a second, correlated response, and are dropped again where they do not help to predict the live ones
/// left out (<see cref="OfflineHelps"/>). From three failed trials on the chance of failing is learned too. Immutable.</remarks>
public sealed class Surrogates
{
    private const int MaxOffline = 200;
    private readonly ImmutableSortedDictionary<string, GaussianProcess> _processes;

    private Surrogates(Problem problem, ImmutableArray<Trial> live, ImmutableSortedDictionary<string, GaussianProcess> processes) =>
        (Problem, Live, _processes) = (problem, live, processes);

    /// <summary>What is optimised.</summary>
    public Problem Problem { get; }

    /// <summary>The live measured trials, in the order of the first rows of each process.</summary>
    public ImmutableArray<Trial> Live { get; }

    /// <summary>Process of success (0) and failure (1); null below three failures.</summary>
    internal GaussianProcess? Failure { get; private init; }

    /// <summary>By metric: whether offline trials were kept. Empty without any.</summary>
    public ImmutableSortedDictionary<string, bool> OfflineHelps { get; private init; } = ImmutableSortedDictionary<string, bool>.Empty;

    /// <summary>Process of a metric, in the metric's unit and direction.</summary>
    /// <param name="metric">One of the problem.</param>
    public GaussianProcess this[string metric] => _processes[metric];

    /// <summary>Learns from trials.</summary>
    /// <param name="problem">What is optimised.</param>
    /// <param name="trials">All of it.</param>
    /// <returns>Null without a live measured trial, or when a covariance is singular beyond repair.</returns>
    public static Surrogates? Of(Problem problem, IReadOnlyList<Trial> trials)
    {
        ImmutableArray<Trial> live = [.. trials.Where(t => t.State == TrialState.Measured && !t.Offline)];
        if (live.IsEmpty) return null;
        var offline = Thinned([.. trials.Where(t => t.State == TrialState.Measured && t.Offline)]);
        var processes = ImmutableSortedDictionary.CreateBuilder<string, GaussianProcess>(StringComparer.Ordinal);
        var helps = ImmutableSortedDictionary.CreateBuilder<string, bool>(StringComparer.Ordinal);
        foreach (var metric in problem.Metrics)
        {
            if (GaussianProcess.Fit(Data(problem, metric, live, []), problem.Seed) is not { } alone) return null;
            processes[metric] = alone;
            var estimates = offline.Where(t => t.Metrics.ContainsKey(metric)).ToArray();
            if (estimates.Length == 0) continue;
            var both = GaussianProcess.Fit(Data(problem, metric, live, estimates), problem.Seed);
            helps[metric] = both is not null && (live.Length < 3 || LogScore(both, live.Length) >= LogScore(alone, live.Length));
            if (helps[metric]) processes[metric] = both!;
        }
        return new(problem, live, processes.ToImmutable()) { OfflineHelps = helps.ToImmutable(), Failure = FailureOf(problem, live, trials) };
    }

    /// <summary>Chance that every limit holds at a live measured trial.</summary>
    /// <param name="row">Its place in <see cref="Live"/>.</param>
    public double Feasibility(int row) => Problem.Limits.Aggregate(1.0, (p, limit) => p * Holds(limit, AtTrial(limit.Metric, row)));

    /// <summary>Chance that every limit holds at a point.</summary>
    /// <param name="point">Its coordinates.</param>
    public double Feasibility(ReadOnlySpan<double> point)
    {
        var p = 1.0;
        foreach (var limit in Problem.Limits) p *= Holds(limit, _processes[limit.Metric].At(point));
        return p;
    }

    /// <summary>What a metric is at a live measured trial: its exact value where that is known.</summary>
    /// <param name="metric">One of the problem.</param>
    /// <param name="row">Place of the trial in <see cref="Live"/>.</param>
    public Prediction AtTrial(string metric, int row)
    {
        var measured = Live[row].Metrics[metric];
        return measured.StandardError == 0 ? new(measured.Mean, 0) : _processes[metric].At(Live[row].Point.AsSpan());
    }

    /// <summary>Chance that a limit holds.</summary>
    /// <param name="limit">On one metric.</param>
    /// <param name="p">What is expected of that metric.</param>
    public static double Holds(MetricLimit limit, Prediction p) => limit.AtMost ? p.Below(limit.Limit) : new Prediction(-p.Mean, p.Variance).Below(-limit.Limit);

    internal static ProcessData Data(Problem problem, string metric, IReadOnlyList<Trial> live, IReadOnlyList<Trial> offline)
    {
        Trial[] all = [.. live, .. offline];
        return new(problem.Space.Dimensions, [.. all.SelectMany(t => t.Point)], [.. all.Select(t => t.Metrics[metric].Mean)],
            [.. all.Select(t => Own(t, metric))], problem.Space.Categorical)
        {
            Tasks = offline.Count == 0 ? [] : [.. all.Select(t => t.Offline ? 1 : 0)],
            Groups = all.All(t => t.Group < 0) ? [] : [.. all.Select(t => t.Group)],
            SharedNoise = all.All(t => t.Group < 0) ? [] : [.. all.Select(t => t.SharedVariance.GetValueOrDefault(metric))],
        };
    }

    private static double Own(Trial trial, string metric)
    {
        var error = trial.Metrics[metric].StandardError;
        return error * error;
    }

    // How well the live trials are foretold, each by the others: mean log density. The offline rows come last and are not judged.
    private static double LogScore(GaussianProcess process, int live)
    {
        var left = process.LeaveOneOut();
        return Enumerable.Range(0, live).Average(i =>
        {
            var z = (process.Data.Values[i] - left[i].Mean) / left[i].Deviation;
            return NormalLogs.LogDensity(z) - Math.Log(left[i].Deviation);
        });
    }

    private static Trial[] Thinned(Trial[] trials)
    {
        if (trials.Length <= MaxOffline) return trials;
        var kept = new List<int> { 0 };
        var distance = trials.Select(t => Distance(t, trials[0])).ToArray();
        while (kept.Count < MaxOffline)
        {
            var far = Array.IndexOf(distance, distance.Max());
            kept.Add(far);
            for (var i = 0; i < distance.Length; i++) distance[i] = Math.Min(distance[i], Distance(trials[i], trials[far]));
        }
        return [.. kept.Order().Select(i => trials[i])];
    }

    private static double Distance(Trial a, Trial b)
    {
        var sum = 0.0;
        for (var j = 0; j < a.Point.Length; j++) sum += (a.Point[j] - b.Point[j]) * (a.Point[j] - b.Point[j]);
        return sum;
    }

    private static GaussianProcess? FailureOf(Problem problem, ImmutableArray<Trial> live, IReadOnlyList<Trial> trials)
    {
        var failed = trials.Where(t => t.State == TrialState.Failed && !t.Offline).ToArray();
        if (failed.Length < 3) return null;
        Trial[] all = [.. live, .. failed];
        return GaussianProcess.Fit(new(problem.Space.Dimensions, [.. all.SelectMany(t => t.Point)], [.. all.Select((_, i) => i < live.Length ? 0.0 : 1)],
            [.. all.Select(_ => double.NaN)], problem.Space.Categorical), problem.Seed);
    }
}
