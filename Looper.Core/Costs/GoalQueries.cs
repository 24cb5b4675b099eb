using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Costs;

/// <summary>A goal that may have a worth.</summary>
/// <param name="Key">See <see cref="Worth.Goal"/>.</param>
/// <param name="DecisionPoints">Keys of those that have it.</param>
public sealed record GoalView(string Key, string Name, string? UnitOfMeasure, ImmutableArray<string> DecisionPoints);

/// <summary>The goals of decision points as they are now.</summary>
public sealed class GoalQueries(IDbContextFactory<LooperDb> databases)
{
    public async Task<Answered<ImmutableArray<GoalView>>> ListAsync(Caller caller, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var points = await db.Set<DecisionPoint>().AsNoTracking().Where(p => p.CurrentVersion > 0 && !p.IsArchived).OrderBy(p => p.Key).Select(p => new { p.Id, p.Key, p.CurrentVersion }).ToListAsync(cancel);
        var contents = await db.Set<Blueprint>().AsNoTracking().Join(db.Set<DecisionPoint>(), b => new { Id = b.DecisionPointId, b.Version }, p => new { p.Id, Version = p.CurrentVersion }, (b, _) => new { b.DecisionPointId, b.Content })
            .ToDictionaryAsync(b => b.DecisionPointId, b => b.Content, cancel);
        var goals = new List<(string Key, string Name, string? Unit, string Point)>();
        foreach (var point in points)
        {
            if (contents.GetValueOrDefault(point.Id) is not { } stored || BlueprintJson.Readable(stored) is not { } content) continue;
            var terms = content.Goal.Terms.Select(t => content.Outcomes.FirstOrDefault(o => o.Name == t.Outcome)).Where(o => o is not null).ToList();
            if (terms.Count > 1) goals.Add(($"{point.Key}:goal", $"weighted goal of {point.Key}", null, point.Key));
            else if ((terms.Count == 1 ? terms[0] : content.Outcomes.FirstOrDefault()) is { } only) goals.Add((only.Name, only.Name, only.UnitOfMeasure, point.Key));
        }
        return (ImmutableArray<GoalView>)[.. goals.GroupBy(g => (g.Key, g.Unit)).Select(g => new GoalView(g.Key.Key, g.First().Name, g.Key.Unit, [.. g.Select(one => one.Point)]))];
    }
}
