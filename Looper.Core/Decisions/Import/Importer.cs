using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Files;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.Import;

/// <summary>A row that fits, with where it stood.</summary>
internal readonly record struct ImportedRow(long Index, long Line, string[] Cells, ImportRow Row, Guid? Experiment);

/// <summary>Reads a file of past decisions into the journal as imported records, in groups. A start that follows the trail of another goes on where that
/// one was; ids come from the rows, so rows that were written after the last step of the trail, or by an earlier import, are there once.</summary>
public sealed class Importer(IDbContextFactory<LooperDb> databases, Journal journal, EventReader events, TimeProvider clock)
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
            var planned = await PlanAsync(mapping, file.Header, cancel);
            if (planned.Refusal is { } refusal) return refusal;
            var (plan, there) = planned.Value;
            var experiment = mapping.Experiment is null ? (Guid?)null : there?.Id ?? newExperiment;
            var earlier = new EarlierPlans(databases, events, plan, file.Header, there);
            var changed = new ChangedRows(events, earlier, plan, clock);
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
                else group.Add(new(index, file.Line, cells, row, experiment));
                if (tally.Rows % Group != 0) continue;
                if (await WriteAsync(group, earlier, changed, tally, Refuse, cancel) is { } stopped) return stopped;
                trail?.Save(tally.Result);
                progress(tally.Rows);
            }
            if (tally.Rows == 0) return ImportTexts.NoRows();
            if (await WriteAsync(group, earlier, changed, tally, Refuse, cancel) is { } failed) return failed;
            trail?.Save(tally.Result);
            progress(tally.Rows);
            var result = tally.Result;
            return (result, experiment is not null && there is null && result.Stored + result.Replayed > 0 ? plan.PastExperiment(newExperiment, result, clock.GetUtcNow(), by) : null);
        }
        catch (InvalidDataException fault)
        {
            return ImportTexts.NotCsv(fault.Message);
        }
        catch (IOException fault) when (ImportActions.IsFull(fault))
        {
            return Unavailable(); // of the trail: what the journal has is told again as known
        }
    }

    /// <summary>Lets a past experiment that is there from an earlier file reach over the rows of this one too.</summary>
    public static async Task ExtendAsync(LooperDb db, ImportMapping mapping, ImportResult result, CancellationToken cancel)
    {
        if (mapping.Experiment is { } past && await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Key == past.Key && e.IsImported, cancel) is { } there) there.Extend(result.From, result.Until);
    }

    /// <summary>Why this mapping cannot be used at all, before any file is read; null when it may be tried.</summary>
    public async Task<Answered<DecisionPoint>> CheckAsync(ImportMapping mapping, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == mapping.DecisionPoint, cancel) is { } point
            ? point : DecisionPointActions.Unknown(mapping.DecisionPoint) with { Field = "decisionPoint" };
    }

    private async Task<Answered<(ImportPlan Plan, Experiment? There)>> PlanAsync(ImportMapping mapping, ImmutableArray<string> header, CancellationToken cancel)
    {
        var found = await CheckAsync(mapping, cancel);
        if (found.Refusal is { } unknown) return unknown;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var content = await db.Set<Blueprint>().Where(b => b.DecisionPointId == found.Value!.Id && b.Version == found.Value.CurrentVersion).Select(b => b.Content).SingleAsync(cancel);
        if (BlueprintJson.Readable(content) is not { } current) return DecisionPointQueries.Unreadable(mapping.DecisionPoint, found.Value!.CurrentVersion);
        var there = mapping.Experiment is { } past ? await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Key == past.Key, cancel) : null;
        if (there is not null && (!there.IsImported || there.DecisionPointId != found.Value!.Id)) return ImportTexts.ExperimentKeyTaken(there.Key);
        var plan = ImportPlan.Make(found.Value!, found.Value!.CurrentVersion, current, mapping, header, there);
        return plan.Refusal is { } refusal ? refusal : (plan.Value!, there);
    }

    /// <summary>Appends a group and empties it; null, or why the journal does not take it.</summary>
    private async Task<Refusal?> WriteAsync(List<ImportedRow> group, EarlierPlans earlier, ChangedRows changed, ImportTally tally, Action<string[], ImportFault> refuse, CancellationToken cancel)
    {
        if (group.Count == 0) return null;
        await changed.RecognizeAsync(group, cancel);
        var decisions = await AppendAsync(group, [.. group.Select(g => g.Row.Decision!)], earlier, cancel);
        if (decisions is null) return Unavailable();
        var kept = group.Where((g, i) => decisions[i].IsRecorded && g.Row.Observations.Length > 0).Select(g => g.Row.Observations).ToArray();
        var observed = kept.Length == 0 ? [] : await InsistAsync(() => journal.AppendAsync(kept, cancel), cancel);
        if (observed is null) return Unavailable();
        var next = 0;
        for (var i = 0; i < group.Count; i++)
        {
            var row = group[i].Row;
            var outcomes = decisions[i].IsRecorded && row.Observations.Length > 0 ? observed[next++] : decisions[i];
            if (outcomes.IsRecorded)
            {
                tally.Take(row, isNew: decisions[i].Status == AppendStatus.Stored);
                if (row.Observations.Length > 0) tally.Observe(row.Observations.Length, areNew: outcomes.Status == AppendStatus.Stored);
            }
            else
            {
                refuse(group[i].Cells, new(group[i].Line, "row", ImportTexts.OtherContent())); // the outcomes too may be there with other values: of another column
            }
        }
        group.Clear();
        return null;
    }

    /// <summary>Appends the decisions of a group; those that are there with other content once more, as an earlier version of the blueprint had them.</summary>
    /// <returns>One answer each; null where the journal does not take them.</returns>
    private async Task<Appended[]?> AppendAsync(List<ImportedRow> group, DecisionRecord[] rows, EarlierPlans earlier, CancellationToken cancel)
    {
        var answers = await InsistAsync(() => journal.AppendAsync(rows, durable: true, cancel), cancel);
        if (answers is null) return null;
        var tried = new HashSet<int>();
        for (var first = 0; first < rows.Length; first++)
        {
            if (answers[first].Status != AppendStatus.Conflict || await earlier.OfAsync(rows[first].Id, cancel) is not { } plan || !tried.Add(plan.Version)) continue;
            var then = new List<(int Row, DecisionRecord Decision)>();
            for (var i = first; i < rows.Length; i++)
            {
                if (answers[i].Status == AppendStatus.Conflict && ImportRow.Read(plan, group[i].Cells, group[i].Index, group[i].Line, group[i].Experiment, clock.GetUtcNow(), rows[i].Id).Decision is { } decision)
                    then.Add((i, decision));
            }
            var again = then.Count == 0 ? [] : await InsistAsync(() => journal.AppendAsync([.. then.Select(t => t.Decision)], durable: true, cancel), cancel);
            if (again is null) return null;
            for (var i = 0; i < again.Length; i++) if (again[i].IsRecorded) answers[then[i].Row] = again[i];
        }
        return answers;
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
}
