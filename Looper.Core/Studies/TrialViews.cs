using System.Collections.Immutable;
using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>The trials of a study with what the model makes of each. Pure.</summary>
internal static class TrialViews
{
    private const int FewestToLeaveOut = 3;

    public static List<TrialView> Of(StudyAnalysis analysis, List<StudyTrial> rows, ImmutableArray<Judged> front)
    {
        var surrogates = analysis.Surrogates;
        var places = surrogates?.Live.Select((t, i) => (t.Number, i)).ToDictionary(p => p.Number, p => p.i) ?? [];
        var points = analysis.Trials.ToDictionary(t => t.Number, t => t.Point);
        var left = surrogates is { Live.Length: >= FewestToLeaveOut } ? analysis.Problem.Metrics.ToDictionary(m => m, m => surrogates[m].LeaveOneOut()) : [];
        return rows.ConvertAll(row =>
        {
            var view = new TrialView
            {
                Number = row.Number, Batch = row.Batch, State = row.State, IsLogged = row.IsLogged, Parameters = StudyJson.ReadValues(row.Parameters), Metrics = StudyJson.ReadMetrics(row.Metrics), Why = row.Why,
                Units = row.Units, Note = row.Note, OnFront = front.FirstOrDefault(j => j.Trial.Number == row.Number)?.OnFront ?? double.NaN,
            };
            if (surrogates is null || row.State == StudyTrialState.Failed || !points.TryGetValue(row.Number, out var point)) return view;
            var place = places.GetValueOrDefault(row.Number, -1);
            var predicted = analysis.Problem.Metrics.ToDictionary(m => m, m => place >= 0 ? surrogates.AtTrial(m, place) : surrogates[m].At(point.AsSpan()));
            var chances = analysis.Problem.Limits.Select(l => (l.Metric, Chance: Surrogates.Holds(l, predicted[l.Metric]))).ToList();
            return view with
            {
                Predicted = Metrics(predicted),
                LeftOut = place >= 0 ? Metrics(left.Select(m => KeyValuePair.Create(m.Key, m.Value[place]))) : ImmutableSortedDictionary<string, TrialMetric>.Empty,
                // two bounds on one metric: both must hold
                Chances = chances.GroupBy(c => c.Metric).ToImmutableSortedDictionary(g => g.Key, g => g.Aggregate(1.0, (p, c) => p * c.Chance), StringComparer.Ordinal),
                Feasibility = chances.Aggregate(1.0, (p, c) => p * c.Chance),
            };
        });
    }

    public static ImmutableSortedDictionary<string, TrialMetric> Metrics(IEnumerable<KeyValuePair<string, Prediction>> predictions) =>
        predictions.ToImmutableSortedDictionary(p => p.Key, p => new TrialMetric(p.Value.Mean, p.Value.Deviation), StringComparer.Ordinal);
}
