using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Files;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.Import;

/// <summary>Reads a file of past decisions into the journal as imported records, in groups. A start that follows the trail of another goes on where that
/// one was; ids come from the rows, so rows that were written after the last step of the trail, or by an earlier import, are there once.</summary>
public sealed class Importer(IDbContextFactory<LooperDb> databases, Journal journal, TimeProvider clock)
{
    private const int Group = 500;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <param name="newExperiment">Id to give the past experiment, where the mapping makes one that is not there yet.</param>
    /// <param name="trail">Where it was, and where it leaves what it did; null: from the first row, leaving nothing.</param>
    /// <param name="progress">Rows done so far.</param>
    /// <returns>The result, and the experiment still to be saved, if any.</returns>
    public async Task<Answered<(ImportResult Result, Experiment? Experiment)>> RunAsync(
        ImportMapping mapping, Stream bytes, Guid newExperiment, string by, ImportTrail? trail, Action<long> progress, CancellationToken cancel)
    {
        try
        {
            using var file = CsvFile.Open(bytes);
            var planned = await PlanAsync(mapping, file.Header, newExperiment, cancel);
            if (planned.Refusal is { } refusal) return refusal;
            var (plan, experiment, isNew) = planned.Value;
            var tally = new ImportTally(trail?.Resume());
            var (group, done) = (new List<ImportedRow>(Group), tally.Rows);
            void Refuse(string[] cells, ImportFault fault)
            {
                tally.Refuse(fault);
                trail?.Refuse(file.Header, cells, fault);
            }
            for (var index = 0L; file.Read(out var unfit) is { } cells; index++)
            {
                if (index < done) continue;
                tally.Rows++;
                var row = unfit is null ? ImportRow.Read(plan, cells, index, file.Line, experiment, clock.GetUtcNow()) : new(null, [], new(file.Line, "row", $"Row: {unfit}"));
                if (row.Fault is { } fault) Refuse(cells, fault);
                else group.Add(new(file.Line, cells, row));
                if (tally.Rows % Group != 0) continue;
                if (await WriteAsync(group, tally, Refuse, cancel) is { } stopped) return stopped;
                trail?.Save(tally.Result);
                progress(tally.Rows);
            }
            if (tally.Rows == 0) return ImportTexts.NoRows();
            if (await WriteAsync(group, tally, Refuse, cancel) is { } failed) return failed;
            trail?.Save(tally.Result);
            progress(tally.Rows);
            var result = tally.Result;
            return (result, isNew && result.Stored + result.Replayed > 0 ? plan.PastExperiment(newExperiment, result, clock.GetUtcNow(), by) : null);
        }
        catch (InvalidDataException fault)
        {
            return ImportTexts.NotCsv(fault.Message);
        }
    }

    /// <summary>Why this mapping cannot be used at all, before any file is read; null when it may be tried.</summary>
    public async Task<Answered<DecisionPoint>> CheckAsync(ImportMapping mapping, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == mapping.DecisionPoint, cancel) is { } point
            ? point : DecisionPointActions.Unknown(mapping.DecisionPoint) with { Field = "decisionPoint" };
    }

    private async Task<Answered<(ImportPlan, Guid?, bool)>> PlanAsync(ImportMapping mapping, ImmutableArray<string> header, Guid newExperiment, CancellationToken cancel)
    {
        var found = await CheckAsync(mapping, cancel);
        if (found.Refusal is { } unknown) return unknown;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var content = await db.Set<Blueprint>().Where(b => b.DecisionPointId == found.Value!.Id && b.Version == found.Value.CurrentVersion).Select(b => b.Content).SingleAsync(cancel);
        var plan = ImportPlan.Make(found.Value!, BlueprintJson.Stored(content), mapping, header);
        if (plan.Refusal is { } refusal) return refusal;
        if (mapping.Experiment is not { } past) return (plan.Value!, null, false);
        var there = await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Key == past.Key, cancel);
        if (there is not null && (!there.IsImported || there.DecisionPointId != found.Value!.Id)) return ImportTexts.ExperimentKeyTaken(past.Key);
        return (plan.Value!, there?.Id ?? newExperiment, there is null);
    }

    /// <summary>Appends a group and empties it; null, or why the journal does not take it.</summary>
    private async Task<Refusal?> WriteAsync(List<ImportedRow> group, ImportTally tally, Action<string[], ImportFault> refuse, CancellationToken cancel)
    {
        if (group.Count == 0) return null;
        var decisions = await InsistAsync(() => journal.AppendAsync([.. group.Select(g => g.Row.Decision!)], durable: true, cancel), cancel);
        if (decisions is null) return Unavailable();
        var kept = new List<ObservationRecord[]>(group.Count);
        for (var i = 0; i < group.Count; i++)
        {
            var (line, cells, row) = group[i];
            if (!decisions[i].IsRecorded)
            {
                refuse(cells, new(line, "row", ImportTexts.OtherContent()));
                continue;
            }
            tally.Take(row, isNew: decisions[i].Status == AppendStatus.Stored);
            if (row.Observations.Length > 0) kept.Add(row.Observations);
        }
        if (kept.Count > 0)
        {
            var observed = await InsistAsync(() => journal.AppendAsync([.. kept], cancel), cancel);
            if (observed is null) return Unavailable();
            for (var i = 0; i < kept.Count; i++)
                if (observed[i].IsRecorded) tally.Observe(kept[i].Length, areNew: observed[i].Status == AppendStatus.Stored);
        }
        group.Clear();
        return null;
    }

    /// <summary>Waits while the journal is full or cannot write; null when that lasts too long. Repeating is harmless: ids are the row's own.</summary>
    private async Task<Appended[]?> InsistAsync(Func<ValueTask<Appended[]>> append, CancellationToken cancel)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var answers = await append();
            if (!Array.Exists(answers, a => a.Status is AppendStatus.Full or AppendStatus.Unavailable)) return answers;
            if (clock.GetElapsedTime(started) > s_patience) return null;
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancel);
        }
    }

    private static Refusal Unavailable() => new("journal.unavailable",
        "The journal takes no records at the moment, so the import stopped. What was written is kept; run it again to continue.");

    private readonly record struct ImportedRow(long Line, string[] Cells, ImportRow Row);
}
