using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.Import;

/// <summary>What an import's run needs to know; the file lies in the data directory under a name of ours.</summary>
public sealed record ImportInput(string File, ImportMapping Mapping, Guid Experiment)
{
    public string Write() => JsonSerializer.Serialize(this, BlueprintJson.Options);

    public static ImportInput Read(string json) => JsonSerializer.Deserialize<ImportInput>(json, BlueprintJson.Options)!;
}

/// <summary>Takes a file in, asks for the run that reads it, and hands out the rows that were refused.</summary>
public sealed class ImportActions(Importer importer, JobRequests jobs, IDbContextFactory<LooperDb> databases, ImportFiles files, Ids ids)
{
    public const long MaxBytes = 1_073_741_824;

    /// <param name="bytes">CSV, plain or gzipped, at most <see cref="MaxBytes"/>.</param>
    /// <returns>Id of the run.</returns>
    public async Task<Answered<Guid>> StartAsync(Caller caller, ImportMapping mapping, Stream bytes, CancellationToken cancel)
    {
        if (await CheckAsync(caller, mapping, cancel) is { Refusal: { } refusal }) return refusal;
        var name = $"{ids.Next():N}.csv";
        var path = files.PathOf(name);
        try
        {
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
            {
                await bytes.CopyToAsync(file, cancel);
                file.Flush(flushToDisk: true); // before the run is stored: of a file that a power cut has shortened nobody could tell that rows are missing
            }
            var checkedAgain = await importer.CheckAsync(mapping, cancel); // a large file takes minutes to come
            var run = checkedAgain.Value is not { } point ? checkedAgain.Refusal!
                : await jobs.EnqueueAsync(caller, JobKinds.Import, point.Id, point.Key, new ImportInput(name, mapping, ExperimentId(point.Id, mapping)).Write(), cancel);
            if (run.Refusal is not null) File.Delete(path);
            return run;
        }
        catch (IOException fault) when (IsFull(fault))
        {
            File.Delete(path);
            return new Refusal("import.unavailable", "There is no room for the file on the disk of the data directory. Nothing of it was kept. Free space there, then send it again.", "file");
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    // No space, or no more of it for this account; by Windows: disk full.
    internal static bool IsFull(IOException fault) => fault.HResult is 28 or 122 or unchecked((int)0x80070070) or unchecked((int)0x80070027);

    // Of the decision point and the key: a file that is sent again, after a run that was cut off, goes on with the experiment that its rows are in.
    private static Guid ExperimentId(Guid point, ImportMapping mapping)
    {
        if (mapping.Experiment is not { } past) return Guid.Empty;
        var id = SHA256.HashData(Encoding.UTF8.GetBytes($"{point:N}|past-experiment|{past.Key}"));
        (id[6], id[8]) = ((byte)(0x80 | (id[6] & 0x0F)), (byte)(0x80 | (id[8] & 0x3F))); // a UUID of version 8
        return new Guid(id.AsSpan(0, 16), bigEndian: true);
    }

    /// <summary>May this caller import with this mapping? Asked before the file is read.</summary>
    public async Task<Answered<DecisionPoint>> CheckAsync(Caller caller, ImportMapping mapping, CancellationToken cancel) =>
        caller.Lacks(JobKinds.Needs(JobKinds.Import)) is { } denied ? denied : await importer.CheckAsync(mapping, cancel);

    /// <summary>The rows that a run refused, as CSV: the columns of the file, then the line, the field and the reason.</summary>
    /// <param name="run">Id of a run of kind <see cref="JobKinds.Import"/>.</param>
    /// <returns>Where the file lies; it may still grow while the run is open.</returns>
    public async Task<Answered<string>> RefusedAsync(Caller caller, Guid run, CancellationToken cancel)
    {
        if (caller.Lacks(JobKinds.Needs(JobKinds.Import)) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var input = await db.Set<JobRun>().AsNoTracking().Where(r => r.Id == run && r.Kind == JobKinds.Import).Select(r => r.Input).SingleOrDefaultAsync(cancel);
        if (input is not null && files.RefusedOf(ImportInput.Read(input).File) is var path && File.Exists(path)) return path;
        return new Refusal("refused-rows.unknown",
            $"There are no refused rows of run {run}: it refused none, they were removed after 30 days, or a unit among them was erased. Look at the run's log.");
    }
}
