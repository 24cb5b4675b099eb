using System.Globalization;
using Looper.Core;
using Looper.Core.Decisions.Import;
using Looper.Core.Decisions.Retention;
using Looper.Core.Experiments;
using Looper.Core.Runs;
using Microsoft.Extensions.Logging;

namespace Looper.Jobs;

/// <summary>Reads an uploaded file of past decisions into the journal. Twice is harmless: ids come from the rows. The file stays until it has been read.</summary>
public sealed class ImportJob(Importer importer, ImportFiles files, Retentions retentions, JobRuns runs, ChangeFeed changes, TimeProvider clock, ILogger<ImportJob> log) : QueuedJob(runs, log)
{
    internal const string Stays = "What was read stays in the log; run it again to continue, or clear the decision point's data.";

    private long _rows; // that are in the journal, or refused

    protected override string Cancelled(RunningJob run) => _rows == 0 ? base.Cancelled(run) : string.Create(CultureInfo.InvariantCulture, $"Cancelled after {_rows:N0} rows. {Stays}");

    protected override async Task<Refusal?> RunAsync(RunningJob run, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(run);
        var input = ImportInput.Read(run.Input);
        var path = files.PathOf(input.File);
        if (!File.Exists(path)) return new("import.gone", "The uploaded file is not there any more: it was read before, or a unit in it was erased. Send it again, without that unit.");
        Answered<(ImportResult Result, Experiment? Experiment)> imported;
        await using (var bytes = File.OpenRead(path))
        using (var trail = files.Follow(input.File))
        {
            var pace = new ImportPace(clock);
            void Progress(long rows)
            {
                _rows = rows;
                run.Report("Reading rows", Math.Min(99, 100.0 * bytes.Position / Math.Max(1, bytes.Length)), pace.At(rows));
            }
            run.Report("Reading rows", 0);
            imported = await importer.RunAsync(input.Mapping, bytes, input.Experiment, "import", trail, Progress, cancel);
        }
        if (imported.Refusal is { } refusal)
        {
            foreach (var fault in refusal.Faults) run.Say(fault.Reason);
            return refusal;
        }
        var (result, experiment) = imported.Value;
        foreach (var fault in result.Faults) run.Say(fault.Masked().ToString()); // every reader sees the log, and it outlives an erasure; the list of refused rows has their words
        if (result.Refused > result.Faults.Length)
        {
            run.Say(string.Create(CultureInfo.InvariantCulture, $"{result.Refused - result.Faults.Length:N0} more rows were refused. By reason:"));
            foreach (var reason in result.Reasons) run.Say(reason.ToString());
        }
        if (run.DecisionPointId is { } of && result.From is { } first && (await retentions.ReadAsync(cancel)).Losing(of, first, clock.GetUtcNow()) is { } losing) run.Say(losing);
        var published = await run.PublishAsync(async (db, stop) =>
        {
            if (experiment is not null) db.Add(experiment);
            else await Importer.ExtendAsync(db, input.Mapping, result, stop);
        }, () => result.InWords + (experiment is null ? "" : $" Experiment `{experiment.Key}` can be reported on."), cancel);
        if (!published) return null;
        files.Remove(input.File);
        if (run.DecisionPointId is { } point) changes.Announce(ChangeKind.DecisionPoint, point);
        if (experiment is not null) changes.Announce(ChangeKind.Experiment, experiment.Id);
        return null;
    }
}
