using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.AsCode;

/// <summary>What a file calls a decision point, held against what it is called. Names have no versions; what they were is in the audit.</summary>
internal static class Renaming
{
    /// <summary>The reason that the audit gives of a change of names that came from a file.</summary>
    internal const string FromFile = "Applied from a file";

    private const string ReadByPeople = "Only what people read changes.";

    /// <summary>What the decision point is called after.</summary>
    public static (string Name, string? Description) Named(PointEntry entry, DecisionPoint? point) =>
        (entry.Name ?? point?.Name ?? entry.DecisionPoint, entry.Description is null ? point?.Description : string.IsNullOrWhiteSpace(entry.Description) ? null : entry.Description);

    public static ImmutableArray<BlueprintChange> Between(PointEntry entry, DecisionPoint point)
    {
        var (name, description) = Named(entry, point);
        List<BlueprintChange> changes = [];
        if (name != point.Name) changes.Add(new(BlueprintChanges.Decides, "name", point.Name, name, ReadByPeople));
        if (description != point.Description) changes.Add(new(BlueprintChanges.Decides, "description", point.Description ?? "none", description ?? "none", ReadByPeople));
        return [.. changes];
    }

    /// <summary>Refused where somebody changed it, since the version that the file was made from, from just what the file says. What a file changed, a later file may change back.</summary>
    public static async Task<Refusal?> UndoneAsync(LooperDb db, PointEntry entry, DecisionPoint point, CancellationToken cancel)
    {
        var (name, description) = Named(entry, point);
        var versions = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point.Id && (b.Hash == entry.Hash || (entry.Hash == null && b.Version == entry.Version))).Select(b => b.PublishedAt).ToListAsync(cancel);
        var since = versions.Count > 0 ? versions.Max() : DateTimeOffset.MinValue;
        foreach (var change in (await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Subject == point.Key && e.Action == DecisionPointActions.Described && e.Reason != FromFile).OrderByDescending(e => e.Id).ToListAsync(cancel)).Where(e => e.At > since))
        {
            var (before, after) = (Read(change.Before), Read(change.After));
            if (name != point.Name && before.Name == name && after.Name != name) return Undone(change, "name", name, point.Name);
            if (description != point.Description && before.Description == description && after.Description != description) return Undone(change, "description", description, point.Description);
        }
        return null;
    }

    private static Refusal Undone(AuditEntry change, string field, string? file, string? now) => new(ApplyPlanning.OutdatedCode,
        $"the file says {Quoted(file)}, and {change.Who} changed that since the file was made; it is {Quoted(now)} now. Export again, or write that here. To change it back, force it.", field);

    private static string Quoted(string? text) => text is null ? "none" : $"“{text}”";

    private static Called Read(string? state) => JsonSerializer.Deserialize<Called>(state ?? "{}", JsonSerializerOptions.Web)!;

    private sealed record Called(string? Name, string? Description);
}
