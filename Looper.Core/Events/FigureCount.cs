using Looper.Core.Serving;
using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Events;

/// <summary>Counts what <see cref="OutcomeFigures"/> shows, one example at a time.</summary>
internal sealed class FigureCount(ImmutableArray<Outcome> outcomes)
{
    private const int Buckets = 26; // from one second, doubling, past 180 days

    private readonly OneOutcome[] _outcomes = [.. outcomes.Select(o => new OneOutcome(o.Name))];
    private long _examples, _late;

    /// <param name="firstDelays">Per outcome, ticks to the first observation in the window; the largest number where none came.</param>
    public void Add(Example example, ReadOnlySpan<long> firstDelays)
    {
        _examples++;
        _late += example.Late;
        for (var k = 0; k < _outcomes.Length; k++) _outcomes[k].Add(example, k, firstDelays[k]);
    }

    public OutcomeFigures Total() => new(_examples, _late, [.. _outcomes.Select(o => o.Total())]);

    private sealed class OneOutcome(string name)
    {
        private readonly SortedDictionary<int, Moments> _byOption = [];
        private readonly SortedDictionary<Reason, Moments> _byReason = [];
        private readonly long[] _delays = new long[Buckets];
        private long _closed, _joined, _open;

        public void Add(Example example, int k, long firstDelay)
        {
            var came = firstDelay != long.MaxValue;
            if (came) _delays[Bucket(firstDelay)]++;
            if (!example.Closed[k])
            {
                _open++;
                return;
            }
            _closed++;
            if (came) _joined++;
            if (double.IsNaN(example.Values[k])) return;
            _byOption[example.Decision.Option] = _byOption.GetValueOrDefault(example.Decision.Option).With(example.Values[k]);
            _byReason[example.Decision.Reason] = _byReason.GetValueOrDefault(example.Decision.Reason).With(example.Values[k]);
        }

        public OutcomeFigure Total() => new(
            name, _closed, _joined, _open,
            [.. _delays.Select((count, b) => new DelayCount(TimeSpan.FromSeconds(1L << b), count))],
            [.. _byOption.Select(m => new OptionMean(m.Key, (long)m.Value.Count, m.Value.Mean, m.Value.Variance))],
            [.. _byReason.Select(m => new ReasonMean(m.Key, (long)m.Value.Count, m.Value.Mean, m.Value.Variance))]);

        private static int Bucket(long ticks) =>
            Math.Min(Buckets - 1, ticks <= TimeSpan.TicksPerSecond ? 0 : 1 + (int)Math.Log2((ticks - 1) / TimeSpan.TicksPerSecond));
    }
}
