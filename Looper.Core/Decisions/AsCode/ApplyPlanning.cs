using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.AsCode;

/// <summary>Holds a file against what is published: what would change, or everything that keeps it from being applied.</summary>
internal static class ApplyPlanning
{
    public const string OutdatedCode = "configuration.outdated";

    /// <param name="force">Replaces whatever version is current.</param>
    public static async Task<Answered<ImmutableArray<PlannedPoint>>> PlanAsync(LooperDb db, PointsFile file, bool force, CancellationToken cancel)
    {
        List<Refusal> faults = [];
        var planned = ImmutableArray.CreateBuilder<PlannedPoint>();
        for (var i = 0; i < file.Entries.Length; i++)
        {
            var entry = file.Entries[i];
            var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == entry.DecisionPoint, cancel);
            var wrong = Faults(entry, point).Select(fault => file.Blame(i, fault)).ToList();
            faults.AddRange(wrong);
            if (wrong.Count > 0) continue;
            if (point is null) planned.Add(Created(entry));
            else
            {
                var replaced = await ReplacedAsync(db, point, entry, force, cancel);
                if (replaced.Value is { } change) planned.Add(change);
                else faults.Add(file.Blame(i, replaced.Refusal!, replaced.Refusal!.Code));
            }
        }
        return faults.Count > 0 ? PointsFile.Together(faults) : planned.DrainToImmutable();
    }

    private static IEnumerable<Refusal> Faults(PointEntry entry, DecisionPoint? point)
    {
        var (name, description) = Renaming.Named(entry, point);
        return [.. BlueprintRules.CheckNames(entry.DecisionPoint, name, description), .. BlueprintRules.Check(entry.Blueprint)];
    }

    private static PlannedPoint Created(PointEntry entry) => new()
    {
        DecisionPoint = entry.DecisionPoint,
        Action = PlannedAction.Create,
        Version = 0,
        Becomes = 1,
        InWords = BlueprintSummary.Paragraph(entry.DecisionPoint, entry.Blueprint),
        Warnings = [.. BlueprintSummary.Warnings(entry.Blueprint)],
    };

    private static async Task<Answered<PlannedPoint>> ReplacedAsync(LooperDb db, DecisionPoint point, PointEntry entry, bool force, CancellationToken cancel)
    {
        var current = await db.Set<Blueprint>().AsNoTracking().SingleAsync(b => b.DecisionPointId == point.Id && b.Version == point.CurrentVersion, cancel);
        var content = BlueprintJson.Readable(current.Content); // null: a later Looper wrote it, and whatever it was is replaced
        var renamed = Renaming.Between(entry, point);
        if (!force && !renamed.IsEmpty && await Renaming.UndoneAsync(db, entry, point, cancel) is { } undone) return undone;
        // As this Looper would write it: a field that came with a newer one is no change.
        if (content is not null && BlueprintJson.Write(content) == BlueprintJson.Write(entry.Blueprint)) return Described(point, renamed);
        if (!force && Outdated(entry, point, current) is { } outdated) return outdated;
        if (content is not null && await UnderTest.BlocksAsync(db, point, content, entry.Blueprint, cancel) is { } blocked) return blocked;
        var diff = content is null ? null : BlueprintDiff.Between(content, entry.Blueprint);
        return new PlannedPoint
        {
            DecisionPoint = point.Key,
            Action = PlannedAction.Publish,
            Version = point.CurrentVersion,
            Becomes = point.CurrentVersion + 1,
            InWords = diff is null ? $"nobody can tell: {DecisionPointQueries.Unreadable(point.Key, point.CurrentVersion).Reason}" : BlueprintDiff.Words([.. renamed, .. diff.Changes]),
            Changes = [.. renamed, .. diff?.Changes ?? []],
            Training = diff?.Compatibility.InWords,
            Yaml = diff?.Yaml ?? [],
            Warnings = [.. Rests(point), .. BlueprintSummary.Warnings(entry.Blueprint).Except(content is null ? [] : BlueprintSummary.Warnings(content))],
        };
    }

    private static PlannedPoint Described(DecisionPoint point, ImmutableArray<BlueprintChange> renamed) => new()
    {
        DecisionPoint = point.Key,
        Action = renamed.IsEmpty ? PlannedAction.Unchanged : PlannedAction.Describe,
        Version = point.CurrentVersion,
        Becomes = point.CurrentVersion,
        InWords = BlueprintDiff.Words(renamed),
        Changes = renamed,
    };

    private static IEnumerable<string> Rests(DecisionPoint point) => point switch
    {
        { IsArchived: true } => [$"{point.Key} is archived: your app goes on getting the default until somebody restores it."],
        { IsPaused: true } => [$"{point.Key} is paused: your app goes on getting the default until somebody resumes it."],
        _ => [],
    };

    /// <summary>The file was not made from what is current, so that applying it would undo somebody's change unseen.</summary>
    private static Refusal? Outdated(PointEntry entry, DecisionPoint point, Blueprint current)
    {
        if (entry.Hash is { } hash ? hash == current.Hash : entry.Version == current.Version) return null;
        var how = current.RestoredFrom is { } older ? $": went back to {older}" : current.Note is { } note ? $": {note}" : "";
        var from = entry switch
        {
            { Version: null, Hash: null } => "the file does not say which version it was made from",
            { Version: { } version } when version != current.Version => $"the file was made from version {version}",
            _ => "the file was made from another content, perhaps of another installation",
        };
        return new(OutdatedCode,
            $"{from}; version {current.Version} is current ({current.PublishedBy}{how}), and applying would undo what changed. Export again and put your change into that, or, once you have looked at it, write `version: {current.Version}` and `hash: {current.Hash}` here. To replace whatever is current, force it.", "version");
    }
}
