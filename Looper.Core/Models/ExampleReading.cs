using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Histories;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Models;

/// <summary>
/// One pass over the examples: a row per decision, or in a ranking a row per place that was shown. A row counts for an outcome when its window is closed and its value known. With
/// <paramref name="provisional"/> a row whose window is open counts too if its outcome has arrived; one that is open and silent never
/// does, because silence so far is not yet absence. Where absence has a value, leaving the silent ones out makes the rest a biased
/// sample, so the share that has arrived is measured and a candidate is promoted by rule only when nearly all have.
/// </summary>
public sealed class ExampleReading(ImmutableArray<Outcome> outcomes, VersionTable versions, bool provisional)
{
    private readonly long[] _open = new long[outcomes.Length];
    private readonly long[] _arrived = new long[outcomes.Length];
    private readonly HashSet<int>[] _provisional = [.. outcomes.Select(_ => new HashSet<int>())];
    private readonly ChosenRow _chosen = new();
    private RecalledRow? _recalled;
    private long _read;
    private long _leftOut;

    public ExampleSet Examples { get; } = new(outcomes.Length);

    /// <summary>Decisions read.</summary>
    public long Decisions => _read;

    /// <summary>Those of them that gave no example.</summary>
    public long LeftOut => _leftOut;

    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"Read {_read:N0} decisions of {versions.Versions.Count()} compatible blueprint versions; {_leftOut:N0} left out (another blueprint, or an option that is gone).{(versions.IsRanking ? $" They showed {Examples.Rows:N0} candidates." : "")}");

    public async Task ReadAsync(ExampleReader reader, ExampleQuery query, Action<string, double> report, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(report);
        var labels = new double[outcomes.Length];
        if (versions.IsRanking) query = query with { ByPlace = true, Newest = query.Newest / versions.RowsPerDecision };
        var windows = versions.Recalls;
        HistoryReplay? replay = null;
        try
        {
            await foreach (var example in reader.ReadAsync(query, cancel).WithCancellation(cancel))
            {
                if (replay is null && windows.Count > 0 && RecalledRow.IsFor(example.Decision, versions)) // the oldest: no other looks further back
                    _recalled = new(replay = await reader.ReplayAsync(query.DecisionPointId, windows, versions.Delays, example.Decision.Time - windows.Values.Max(), cancel), versions);
                Add(example, labels);
                if (_read % 10_000 == 0) report("Gather examples", 1 + 18.0 * _read / (_read + 200_000)); // the total is not known; it slows down, and never lies by standing still
            }
        }
        finally
        {
            _recalled = null;
            replay?.Dispose();
        }
    }

    internal void Add(Example example, double[] labels)
    {
        _read++;
        var decision = _recalled?.Complete(example.Decision) ?? example.Decision;
        if (versions.CurrentOption(decision.BlueprintVersion, decision.Option) < 0 || versions.Find(decision.BlueprintVersion) is not { } then
            || (then.Shape == DecisionShape.Pick && !_chosen.Read(decision, then)))
        {
            _leftOut++;
            return;
        }
        if (then.Shape == DecisionShape.Ranking)
        {
            AddPlaces(example, decision, then, labels);
            return;
        }
        for (var o = 0; o < outcomes.Length; o++) labels[o] = Label(example, o, example.Values[o], example.SoFar[o]);
        Examples.Add(decision, then.Shape.TakesCandidates() ? _chosen.Served : decision.Served.Span, labels);
    }

    private void AddPlaces(Example example, DecisionRecord decision, BlueprintContent then, double[] labels)
    {
        if (ServedCandidates.Read(decision.Candidates) is not { IsRanking: true } candidates || example.Places.Length != candidates.Drawn || !_chosen.Read(decision, then))
        {
            _leftOut++;
            return;
        }
        for (var place = 0; place < candidates.Drawn; place++)
        {
            _chosen.ReadAt(decision, candidates, place, then);
            for (var o = 0; o < outcomes.Length; o++) labels[o] = Label(example, o, example.Places[place].Values[o], example.Places[place].SoFar[o]);
            Examples.Add(decision, _chosen.Served, labels);
        }
    }

    public OutcomeRows RowsOf(int outcome)
    {
        var rows = Enumerable.Range(0, Examples.Rows).Where(r => double.IsFinite(Examples.Label(outcome, r))).ToArray();
        var counts = outcomes[outcome].Absent is not null && _provisional[outcome].Count > 0;
        return new(outcomes[outcome], outcome, rows, _provisional[outcome].Count, counts ? (double)_arrived[outcome] / _open[outcome] : double.NaN);
    }

    private double Label(Example example, int o, double value, double soFar)
    {
        if (!versions.SharesOutcome(example.Decision.BlueprintVersion, outcomes[o])) return double.NaN;
        if (!example.Closed[o])
        {
            _open[o]++;
            value = double.NaN;
            if (provisional && double.IsFinite(soFar))
            {
                value = soFar;
                _arrived[o]++;
                _provisional[o].Add(Examples.Rows);
            }
        }
        if (outcomes[o].Kind == OutcomeKind.Boolean && double.IsFinite(value)) value = value > 0 ? 1 : 0;
        return value;
    }
}
