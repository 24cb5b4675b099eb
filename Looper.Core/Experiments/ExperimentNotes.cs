using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>What somebody wrote beside an experiment.</summary>
/// <param name="Id">Place in the audit, which is where notes are kept: none can be changed or taken back.</param>
public sealed record ExperimentNote(long Id, DateTimeOffset At, string Who, string Text);

/// <summary>Notes on experiments: who, when, what. An entry of the audit each, so they are sealed and in time order like every other step.</summary>
public sealed class ExperimentNotes(IDbContextFactory<LooperDb> databases, TimeProvider clock, ChangeFeed changes)
{
    public const int MostText = 2_000;
    internal const string Action = "experiment.noted";
    private const int MostNotes = 500;

    /// <summary>Oldest first.</summary>
    public async Task<Answered<IReadOnlyList<ExperimentNote>>> OfAsync(Caller caller, Guid experimentId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (!await db.Set<Experiment>().AnyAsync(e => e.Id == experimentId, cancel)) return ExperimentActions.Unknown(experimentId);
        var subject = experimentId.ToString();
        var entries = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Subject == subject && e.Action == Action).OrderByDescending(e => e.Id).Take(MostNotes).ToListAsync(cancel);
        entries.Reverse();
        return entries.ConvertAll(Of);
    }

    public async Task<Answered<ExperimentNote>> AddAsync(Caller caller, Guid experimentId, string? text, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        var written = text?.Trim() ?? "";
        if (written.Length == 0) return Invalid("it is empty. Write what you saw, or what was decided.");
        if (written.Length > MostText) return Invalid($"{written.Length:N0} characters are more than the {MostText:N0} there is room for. Shorten it, or write two.");
        if (written.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))) return Invalid("it holds control characters. Write plain text.");
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (!await db.Set<Experiment>().AnyAsync(e => e.Id == experimentId, cancel)) return ExperimentActions.Unknown(experimentId);
        var entry = AuditEntry.Of(caller, Action, experimentId, clock.GetUtcNow(), reason: written);
        db.Add(entry);
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Experiment, experimentId);
        return Of(entry);
    }

    private static ExperimentNote Of(AuditEntry entry) => new(entry.Id, entry.At, entry.Who, entry.Reason ?? "");

    private static Refusal Invalid(string what) => new("experiment-note.invalid", $"Note: {what}", "text");
}
