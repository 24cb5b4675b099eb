using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Core.Models;

/// <summary>Since when the goal is what it is now.</summary>
/// <param name="WasTried">The last training was for all of its outcomes, as they are defined now.</param>
/// <param name="Counts">Decisions from here on count for it, those of some version before do not; null where all do.</param>
internal readonly record struct GoalSince(bool WasTried, DateTimeOffset? Counts)
{
    /// <param name="content">The current version's.</param>
    /// <param name="blueprints">All versions up to the current one.</param>
    /// <param name="trainedAt">When the last training began.</param>
    public static GoalSince Of(BlueprintContent content, IReadOnlyCollection<Blueprint> blueprints, DateTimeOffset trainedAt)
    {
        var goal = TrainingPipeline.GoalOutcomes(content);
        var contents = new Dictionary<int, BlueprintContent>();
        foreach (var one in blueprints) if (BlueprintJson.Readable(one.Content) is { } readable) contents[one.Version] = BlueprintJson.WithOptions(readable); // what cannot be read counts as another goal
        var table = new VersionTable(content, contents);
        Blueprint[] newestFirst = [.. blueprints.OrderByDescending(b => b.Version)];
        var counting = newestFirst.TakeWhile(b => goal.All(o => table.SharesOutcome(b.Version, o))).ToImmutableArray();
        var then = newestFirst.FirstOrDefault(b => b.PublishedAt <= trainedAt);
        return new(
            then is not null && contents.GetValueOrDefault(then.Version) is { } tried && goal.All(o => VersionTable.Shares(tried, o) && tried.Goal.Terms.Any(t => t.Outcome == o.Name)),
            counting.IsEmpty || counting.Length == newestFirst.Length ? null : counting[^1].PublishedAt);
    }
}
