using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>One step of an experiment's life.</summary>
/// <param name="Action">As the audit names it: <c>experiment.started</c>.</param>
/// <param name="Title">In words: “Started”.</param>
/// <param name="Who">Who did it; <c>Looper</c> for scheduled work.</param>
/// <param name="Why">What the person wrote; null when nothing.</param>
/// <param name="Detail">What it did, a sentence each.</param>
public sealed record ExperimentStep(long Id, DateTimeOffset At, string Action, string Title, string Who, string? Why, ImmutableArray<string> Detail);

/// <summary>Reads the steps of an experiment from the audit, which is append-only and sealed: there is no second record to drift from it.</summary>
public sealed class ExperimentHistory(IDbContextFactory<LooperDb> databases)
{
    /// <summary>Oldest first.</summary>
    public async Task<Answered<IReadOnlyList<ExperimentStep>>> OfAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (!await db.Set<Experiment>().AnyAsync(e => e.Id == id, cancel)) return ExperimentActions.Unknown(id);
        var subject = id.ToString();
        var entries = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Subject == subject && e.Action.StartsWith("experiment.")).OrderBy(e => e.Id).ToListAsync(cancel);
        return entries.ConvertAll(Step);
    }

    private static ExperimentStep Step(AuditEntry entry) =>
        new(entry.Id, entry.At, entry.Action, Title(entry.Action), entry.Who, entry.Reason, Detail(entry));

    private static string Title(string action) => action switch
    {
        "experiment.created" => "Draft made",
        "experiment.changed" => "Draft changed",
        "experiment.approval-asked" => "Approval asked for",
        "experiment.approval-withdrawn" => "Request taken back",
        "experiment.approval-rejected" => "Not approved",
        "experiment.started" => "Started",
        "experiment.stopped" => "Stopped",
        "experiment.ramp-stepped" => "Traffic raised",
        "experiment.ramp-held" => "Traffic held",
        "experiment.shares-renewed" => "Shares renewed",
        "experiment.testers-changed" => "Testers changed",
        "experiment.shipped" => "Shipped",
        "experiment.rolled-back" => "Rolled back",
        ExperimentNotes.Action => "Note",
        "experiment.reverted" => "Shipping taken back",
        _ => action[(action.IndexOf('.', StringComparison.Ordinal) + 1)..],
    };

    private static ImmutableArray<string> Detail(AuditEntry entry)
    {
        if (entry.After is not { Length: > 0 } after) return [];
        using var json = JsonDocument.Parse(after);
        var root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Object) return [];
        List<string> lines = [];
        if (entry.Action == "experiment.stopped" && Text(root, "conclusion") is { } conclusion) lines.Add($"Conclusion: {conclusion.Split(':')[0]}.");
        if (Text(root, "sentence") is { } sentence) lines.Add(sentence);
        if (root.TryGetProperty("accepted", out var accepted) && accepted.ValueKind == JsonValueKind.Array)
            lines.AddRange(accepted.EnumerateArray().Select(a => $"In spite of: {a.GetString()}"));
        return [.. lines];
    }

    private static string? Text(JsonElement from, string name) => from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
