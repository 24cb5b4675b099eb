using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Web.Hosting;

internal readonly record struct FormerVersion(int Version, DateTimeOffset PublishedAt, ImmutableArray<Outcome> Outcomes);

/// <summary>A version that was replaced made decisions that wait for its outcomes, asked for today or not, until the last of their windows is over.</summary>
internal static class FormerVersions
{
    // A node that cannot reach the database goes on with what it has, and a report may be on its way.
    private static readonly TimeSpan s_grace = TimeSpan.FromDays(1);

    /// <param name="versions">Of one decision point, in the order of their numbers.</param>
    /// <param name="serving">Those that serve now.</param>
    /// <param name="arms">Of every experiment that was started: the version each was, and when it stopped.</param>
    public static ImmutableArray<AskedOutcome> WaitFor(
        ImmutableArray<FormerVersion> versions, IReadOnlySet<int> serving, ImmutableArray<(int? Version, DateTimeOffset? StoppedAt)> arms, DateTimeOffset now)
    {
        var waiting = new HashSet<AskedOutcome>();
        for (var i = 0; i < versions.Length; i++)
        {
            var version = versions[i];
            if (serving.Contains(version.Version)) continue;
            var last = i + 1 < versions.Length ? versions[i + 1].PublishedAt : now;
            foreach (var (arm, stopped) in arms)
            {
                if (arm == version.Version && stopped > last) last = stopped.Value;
            }
            foreach (var outcome in version.Outcomes)
            {
                if (now - last <= outcome.Window + s_grace) waiting.Add(new(outcome.Name, outcome.Kind));
            }
        }
        return [.. waiting.OrderBy(o => o.Name, StringComparer.Ordinal).ThenBy(o => o.Kind)];
    }
}
