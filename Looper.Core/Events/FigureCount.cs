using Looper.Core.Serving;
using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events.Sqlite;
using Looper.Core.Statistics;

namespace Looper.Core.Events;

/// <summary>Counts what <see cref="OutcomeFigures"/> shows, one example at a time.</summary>
/// <param name="waits">See <see cref="ExampleReader.FiguresAsync"/>; asked once for each version.</param>
internal sealed class FigureCount(ImmutableArray<Outcome> outcomes, Func<int, Outcome, bool>? waits = null)
{
    private const int Buckets = 26; // from one second, doubling, past 180 days

    private readonly ImmutableArray<Outcome> _asked = outcomes;
    private readonly OneOutcome[] _outcomes = [.. outcomes.Select(o => new OneOutcome(o.Name))];
    private readonly Dictionary<int, bool[]> _waits = [];
    private long _examples;

    /// <param name="notes">Per outcome, how its observations arrived.</param>
    public void Add(Example example, ReadOnlySpan<JoinNote> notes)
    {
        _examples++;
        var counts = Waits(example.Decision.BlueprintVersion);
        for (var k = 0; k < _outcomes.Length; k++)
        {
            if (counts[k]) _outcomes[k].Add(example, k, notes[k]);
        }
    }

    private bool[] Waits(int version)
    {
        if (!_waits.TryGetValue(version, out var counts)) _waits[version] = counts = [.. _asked.Select(o => waits?.Invoke(version, o) ?? true)];
        return counts;
    }

    public OutcomeFigures Total() => new(_examples, [.. _outcomes.Select(o => o.Total())]);

    private sealed class OneOutcome(string name)
    {
        private readonly SortedDictionary<(int Version, int Option), Moments> _byOption = [];
        private readonly SortedDictionary<Reason, Moments> _byReason = [];
        private readonly long[] _delays = new long[Buckets];
        private long _closed, _joined, _open, _late;

        public void Add(Example example, int k, JoinNote note)
        {
            _late += note.Late;
            if (note.FirstDelay is { } delay) _delays[Bucket(delay)]++;
            if (!example.Closed[k])
            {
                _open++;
                return;
            }
            _closed++;
            if (note.FirstDelay is not null) _joined++;
            var version = example.Decision.BlueprintVersion;
            for (var place = 0; place < example.Places.Length; place++)
            {
                if (example.Places[place].Values[k] is var value && !double.IsNaN(value)) _byOption[(version, place)] = _byOption.GetValueOrDefault((version, place)).With(value);
            }
            if (double.IsNaN(example.Values[k])) return;
            var own = (version, example.Decision.Option);
            if (example.Places.IsEmpty) _byOption[own] = _byOption.GetValueOrDefault(own).With(example.Values[k]);
            _byReason[example.Decision.Reason] = _byReason.GetValueOrDefault(example.Decision.Reason).With(example.Values[k]);
        }

        public OutcomeFigure Total() => new(
            name, _closed, _joined, _open, _late,
            [.. _delays.Select((count, b) => new DelayCount(TimeSpan.FromSeconds(1L << b), count))],
            [.. _byOption.Select(m => new OptionMean(m.Key.Version, m.Key.Option, (long)m.Value.Count, m.Value.Mean, m.Value.Variance))],
            [.. _byReason.Select(m => new ReasonMean(m.Key, (long)m.Value.Count, m.Value.Mean, m.Value.Variance))]);

        private static int Bucket(long ticks) =>
            Math.Min(Buckets - 1, ticks <= TimeSpan.TicksPerSecond ? 0 : 1 + (int)Math.Log2((ticks - 1) / TimeSpan.TicksPerSecond));
    }
}
