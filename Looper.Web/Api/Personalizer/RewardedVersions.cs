using System.Collections.Concurrent;
using System.Collections.Immutable;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Serving;

namespace Looper.Web.Api.Personalizer;

/// <summary>What a version says of rewards.</summary>
internal sealed record RewardedVersion(Goal Goal, ImmutableArray<Outcome> Outcomes);

/// <summary>The versions that rewards are of. One that serves no more is read from the database, once: what is published does not change.</summary>
internal sealed class RewardedVersions(VersionQueries stored)
{
    private const int MostKept = 1_000;

    private readonly ConcurrentDictionary<(Guid Point, int Version), RewardedVersion> _read = new();

    /// <summary>Refused where that version cannot be read.</summary>
    /// <param name="version">That decided; null takes the current one.</param>
    public async ValueTask<Answered<RewardedVersion>> FindAsync(DecisionPointSnapshot point, int? version, CancellationToken cancel)
    {
        if (point.Current is { } current && (version ?? current.Version) == current.Version) return new RewardedVersion(current.Goal, current.Outcomes);
        if (version is not { } number) return new Refusal("decision-point.unavailable", Reward.Unreadable(point.Key).Reason);
        if (_read.TryGetValue((point.Id, number), out var known)) return known;
        var found = await stored.ReadAsync(Caller.System, point.Key, number, cancel);
        if (found.Refusal is { } refusal) return refusal;
        if (_read.Count >= MostKept) _read.Clear();
        return _read[(point.Id, number)] = new(found.Value!.Content.Goal, found.Value.Content.Outcomes);
    }
}
