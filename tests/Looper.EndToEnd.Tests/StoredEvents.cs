using Looper.Core.Events;
using Looper.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.EndToEnd.Tests;

/// <summary>What the journal of a data directory holds, read beside the running server; an id that is there twice fails.</summary>
/// <param name="Decisions">Id → the option, as a number.</param>
internal sealed record StoredEvents(Dictionary<string, int> Decisions, HashSet<string> Observations, long Corrupt)
{
    public static async Task<StoredEvents> ReadAsync(string directory, params Guid[] points)
    {
        var corrupt = new CorruptRecords(NullLogger<CorruptRecords>.Instance);
        var reader = new EventReader(JournalOptions.In(directory), corrupt);
        var decisions = new Dictionary<string, int>();
        foreach (var point in points)
        {
            var before = decisions.Count;
            await foreach (var decision in EachAsync(reader, point)) decisions.Add(decision.Id, decision.Option);
            await Eventually.IsTrueAsync(async () => // counted again after a kill, exactly
                (await reader.HoursAsync(point, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200), default)).Sum(h => h.Decisions) == decisions.Count - before);
        }
        var observations = new HashSet<string>();
        for (string? next = null; ;)
        {
            var page = await reader.ObservationsAsync(new(), next, 1_000, default);
            foreach (var observation in page.Items) Assert.True(observations.Add(observation.Id), $"{observation.Id} is there twice");
            if ((next = page.Next) is null) break;
        }
        return new(decisions, observations, corrupt.Count);
    }

    /// <summary>The ids of a decision point's decisions, none of them kept here; a record that cannot be read fails.</summary>
    public static async IAsyncEnumerable<string> DecisionsAsync(string directory, Guid point)
    {
        var corrupt = new CorruptRecords(NullLogger<CorruptRecords>.Instance);
        await foreach (var decision in EachAsync(new(JournalOptions.In(directory), corrupt), point)) yield return decision.Id;
        Assert.Equal(0, corrupt.Count);
    }

    private static async IAsyncEnumerable<DecisionRecord> EachAsync(EventReader reader, Guid point)
    {
        for (string? next = null; ;)
        {
            var page = await reader.DecisionsAsync(new(point), next, 1_000, default);
            foreach (var decision in page.Items) yield return decision;
            if ((next = page.Next) is null) break;
        }
    }
}
