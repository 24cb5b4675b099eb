using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Policies;
using Looper.Core.Serving;

namespace Looper.Core.Ledger;

/// <summary>An experiment while it took units.</summary>
/// <param name="Holdout">Units whose place on the holdout's stream lies below this took no part; null where its plan cannot be read.</param>
internal sealed record TakingUnits(string Key, double? Holdout, DateTimeOffset From, DateTimeOffset? Until);

/// <summary>Which part of the units kept the baseline by lot when a decision was made.</summary>
/// <param name="Run">The first of the versions that start alike.</param>
/// <param name="Below">Places below this kept the baseline, whatever else went on.</param>
/// <param name="From">Places from here on were decided for: those between were in an experiment or not.</param>
/// <param name="WhyNot">Why nothing can be measured; null where it can.</param>
internal sealed record Lot(int Run, GainSource Source, double Below, double From, string? WhyNot);

/// <summary>Tells of each decision whether its unit kept the baseline by lot. The place of the unit says so, not the reason of the answer: a paused decision point answers its
/// default to everybody, and an experiment may choose its audience.</summary>
internal sealed class HeldOutLots
{
    private readonly ulong _holdout, _rollout;
    private readonly Dictionary<int, (int Run, Rollout? Starts, string? WhyNot)> _versions = [];
    private readonly List<(DateTimeOffset At, int Version)> _published = [];
    private readonly ImmutableArray<TakingUnits> _experiments;
    private readonly Dictionary<(int Version, string Taking), Lot> _lots = [];

    /// <param name="salt">Of the decision point.</param>
    /// <param name="versions">In order; content null where it cannot be read.</param>
    public HeldOutLots(long salt, IEnumerable<(int Version, DateTimeOffset PublishedAt, BlueprintContent? Content)> versions, GoalReward reward, ImmutableArray<TakingUnits> experiments)
    {
        (_holdout, _rollout, _experiments) = (Assignment.Stream(salt, "holdout"), Assignment.Stream(salt, "rollout"), experiments);
        var run = -1;
        (double Holdout, double? Share, string? Baseline, string? WhyNot) last = default;
        foreach (var (version, at, content) in versions)
        {
            _published.Add((at, version));
            var whyNot = content is null ? $"Version {version} cannot be read." : GainWords.Unlike(content, reward);
            var starts = content?.Rollout;
            // with a holdout the rollout's share changes neither who keeps the baseline nor what that is
            var now = (starts?.Holdout ?? 0, starts is { Holdout: > 0 } ? null : starts?.Share, content is null ? null : content.Rollout.Baseline ?? content.Default, whyNot);
            if (run < 0 || now != last) run = version;
            last = now;
            _versions[version] = (run, starts, whyNot);
        }
    }

    /// <summary>Null for what no lot decided: it came with an import, from a tester, or of a version that is not known.</summary>
    public Lot? Of(DecisionRecord decision)
    {
        if (decision.Marks.HasFlag(RecordMarks.Imported) || decision.Reason == Reason.Override || !_versions.TryGetValue(VersionOf(decision), out var version)) return null;
        var taking = _experiments.IsEmpty ? [] : _experiments.Where(e => e.From <= decision.Time && !(e.Until <= decision.Time)).ToList();
        var key = (VersionOf(decision), taking.Count == 0 ? "" : string.Join(' ', taking.Select(e => e.Key)));
        if (_lots.TryGetValue(key, out var known)) return known;
        return _lots[key] = Make(version.Run, version.Starts, version.WhyNot, taking);
    }

    /// <summary>The version that served, which said who is held out: an arm of an experiment may be another.</summary>
    public int VersionOf(DecisionRecord decision)
    {
        if (decision.ExperimentId is null) return decision.BlueprintVersion;
        var at = _published.FindLastIndex(p => p.At <= decision.Time);
        return at < 0 ? decision.BlueprintVersion : _published[at].Version;
    }

    /// <summary>The unit's place, to be compared with the bounds of the lot.</summary>
    public double PlaceOf(Lot lot, DecisionRecord decision)
    {
        var stream = lot.Source == GainSource.Rollout ? _rollout : _holdout;
        var place = decision.UnitUtf8.IsEmpty ? Assignment.Uniform(stream, decision.Unit) : Assignment.Uniform(stream, decision.UnitUtf8);
        return lot.Source == GainSource.Rollout ? 1 - place : place; // those decided for have the low places there
    }

    private static Lot Make(int run, Rollout? starts, string? whyNot, List<TakingUnits> taking)
    {
        if (whyNot is not null || starts is null) return new(run, GainSource.NotMeasured, 0, 0, whyNot);
        if (taking.Find(e => e.Holdout is null) is { } unread) return new(run, GainSource.NotMeasured, 0, 0, GainWords.PlanUnread(unread.Key));
        if (starts.Holdout > 0)
        {
            var below = taking.Select(e => e.Holdout!.Value).Append(starts.Holdout).Min();
            return below > 0 ? new(run, GainSource.Holdout, below, starts.Holdout, null) : new(run, GainSource.NotMeasured, 0, 0, GainWords.TakesAll(taking.First(e => e.Holdout == 0).Key));
        }
        if (starts.Share >= 1) return new(run, GainSource.NotMeasured, 0, 0, GainWords.NobodyKept);
        return taking is [var first, ..] ? new(run, GainSource.NotMeasured, 0, 0, GainWords.TakesOutside(first.Key)) : new(run, GainSource.Rollout, 1 - starts.Share, 1 - starts.Share, null);
    }
}
