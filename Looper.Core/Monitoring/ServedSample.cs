using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Serving;

namespace Looper.Core.Monitoring;

/// <summary>The newest decisions of a decision point, read once for everything that is counted of them. No more of them are held than are read at most.</summary>
internal sealed class ServedSample(ExampleReader examples)
{
    /// <summary>Decisions read at most, the newest ones.</summary>
    public const int Most = ServedProfile.MostUnits;

    /// <summary>Gives each decision, oldest first, to the counts whose time it lies in.</summary>
    /// <param name="now">What is decided later, while this reads, does not count.</param>
    public async Task ReadAsync(LivePoint point, ImmutableArray<SampleCount> counts, DateTimeOffset now, CancellationToken cancel)
    {
        if (counts.IsEmpty) return;
        // The newest of a shorter time are the newest of all that lie in it, so one reading serves both.
        var query = new ExampleQuery(point.Id, []) { From = counts.Min(c => c.From), Until = After(now), Newest = Most };
        await foreach (var example in examples.ReadAsync(query, cancel).WithCancellation(cancel))
        {
            var then = point.Versions.Find(example.Decision.BlueprintVersion);
            foreach (var count in counts)
            {
                if (example.Decision.Time >= count.From) count.Add(example.Decision, then);
            }
        }
    }

    /// <summary>The end of a query that still takes what is decided at this moment.</summary>
    public static DateTimeOffset After(DateTimeOffset now) => now.AddTicks(1);
}

/// <summary>Counts decisions from one moment on.</summary>
internal abstract class SampleCount(DateTimeOffset from)
{
    public DateTimeOffset From => from;

    /// <param name="then">The version that it was made under, in the words of the current one; null where the two cannot be compared.</param>
    public abstract void Add(DecisionRecord decision, BlueprintContent? then);
}

/// <summary>Counts one decision of each unit in the bins of a model's profile, drawn by a hash as there; of a ranking one of the places that it showed.</summary>
internal sealed class UnitCount(ServedProfile then, DateTimeOffset from) : SampleCount(from)
{
    private readonly Dictionary<string, (ulong Draw, ImmutableArray<Feature> Features, byte[] Served)> _drawn = new(StringComparer.Ordinal);
    private readonly ChosenRow _chosen = new();

    public override void Add(DecisionRecord decision, BlueprintContent? then)
    {
        if (then is null || (then.Shape.TakesCandidates() && !_chosen.ReadAny(decision, then))) return;
        var draw = Draw(decision);
        if (_drawn.TryGetValue(decision.Unit, out var other) && other.Draw <= draw) return;
        _drawn[decision.Unit] = (draw, then.AllFeatures, (then.Shape.TakesCandidates() ? _chosen.Served : decision.Served.Span).ToArray());
    }

    public ProfileCounter Count()
    {
        var counter = then.Counter();
        foreach (var (_, features, served) in _drawn.Values) counter.Add(features, served);
        return counter;
    }

    /// <summary>The least of a unit's is counted.</summary>
    public static ulong Draw(DecisionRecord decision) => Assignment.Hash(Encoding.UTF8.GetBytes(decision.Id), 0);
}
