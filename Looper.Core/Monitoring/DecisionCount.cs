using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Monitoring;

/// <summary>Reads every decision's features, and those of its candidates, as they were served.</summary>
/// <param name="candidatesEach">Candidates of one decision that count at most, spread evenly over its list.</param>
internal sealed class DecisionCount(BlueprintContent current, DateTimeOffset from, int candidatesEach) : SampleCount(from)
{
    public int CandidatesEach => candidatesEach;

    public FeatureTable Context { get; } = new(current.Features, countsEachTag: true);

    public FeatureTable Candidates { get; } = new(current.CandidateFeatures, countsEachTag: true);

    public long Decisions { get; private set; }

    /// <summary>Of versions that cannot be compared with the current one.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Candidates that these decisions came with.</summary>
    public long Sent { get; private set; }

    public override void Add(DecisionRecord decision, BlueprintContent? then)
    {
        Decisions++;
        if (then is null)
        {
            LeftOut++;
            return;
        }
        Context.Add(then.Features, decision.Served.Span);
        if (!then.Shape.TakesCandidates() || ServedCandidates.Read(decision.Candidates) is not { Count: > 0 } sent) return;
        Sent += sent.Count;
        var (taken, first) = (Math.Min(candidatesEach, sent.Count), (int)(Assignment.Hash(Encoding.UTF8.GetBytes(decision.Id), 0) % (uint)sent.Count));
        for (var i = 0; i < taken; i++) Candidates.Add(then.CandidateFeatures, sent.Row((first + (int)((long)i * sent.Count / taken)) % sent.Count));
    }
}
