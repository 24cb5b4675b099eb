using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Costs;

/// <summary>What it costs the app to obtain the values it sends, by the version that served on a day.</summary>
internal sealed class FeatureCosts
{
    private readonly Dictionary<Guid, List<(DateOnly From, double? PerThousand)>> _versions;

    private FeatureCosts(Dictionary<Guid, List<(DateOnly, double?)>> versions) => _versions = versions;

    /// <param name="points">Theirs alone.</param>
    public static async Task<FeatureCosts> ReadAsync(LooperDb db, IReadOnlyCollection<Guid> points, CancellationToken cancel)
    {
        var versions = new Dictionary<Guid, List<(DateOnly, double?)>>();
        var stored = db.Set<Blueprint>().AsNoTracking().Where(b => points.Contains(b.DecisionPointId)).OrderBy(b => b.DecisionPointId).ThenBy(b => b.Version)
            .Select(b => new { b.DecisionPointId, b.PublishedAt, b.Content }).AsAsyncEnumerable();
        await foreach (var version in stored.WithCancellation(cancel))
        {
            if (!versions.TryGetValue(version.DecisionPointId, out var own)) versions[version.DecisionPointId] = own = [];
            own.Add((DateOnly.FromDateTime(version.PublishedAt.UtcDateTime), Of(BlueprintJson.Readable(version.Content))));
        }
        return new(versions);
    }

    /// <summary>Of a thousand decisions of that day; null where no feature states a cost.</summary>
    public double? PerThousand(Guid point, DateOnly day) =>
        _versions.TryGetValue(point, out var versions) && versions.Count > 0 ? versions.FindLast(v => v.From <= day) is { From.DayNumber: > 0 } served ? served.PerThousand : versions[0].PerThousand : null;

    /// <summary>Of what is sent: what is derived costs the app nothing more. Null where no feature states a cost, and for a version that cannot be read.</summary>
    internal static double? Of(BlueprintContent? content)
    {
        var stated = content?.Features.Where(f => f.Derived is null && f.CostPerThousand is not null).ToList();
        return stated is { Count: > 0 } ? stated.Sum(f => f.CostPerThousand!.Value) : null;
    }
}
