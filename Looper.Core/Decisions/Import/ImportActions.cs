using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Looper.Core.Runs;

namespace Looper.Core.Decisions.Import;

/// <summary>What an import's run needs to know; the file lies in the data directory under a name of ours.</summary>
public sealed record ImportInput(string File, ImportMapping Mapping, Guid Experiment)
{
    public string Write() => JsonSerializer.Serialize(this, BlueprintJson.Options);

    public static ImportInput Read(string json) => JsonSerializer.Deserialize<ImportInput>(json, BlueprintJson.Options)!;
}

/// <summary>Takes a file in and asks for the run that reads it.</summary>
public sealed class ImportActions(Importer importer, JobRequests jobs, DataDirectory directory, Ids ids)
{
    public const long MaxBytes = 1_073_741_824;
    private const string Folder = "imports";

    /// <param name="bytes">CSV, plain or gzipped, at most <see cref="MaxBytes"/>.</param>
    /// <returns>Id of the run.</returns>
    public async Task<Answered<Guid>> StartAsync(Caller caller, ImportMapping mapping, Stream bytes, CancellationToken cancel)
    {
        if (await CheckAsync(caller, mapping, cancel) is { Refusal: { } refusal }) return refusal;
        var name = $"{ids.Next():N}.csv";
        var path = PathOf(name);
        try
        {
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write)) await bytes.CopyToAsync(file, cancel);
            var point = (await importer.CheckAsync(mapping, cancel)).Value!;
            var run = await jobs.EnqueueAsync(caller, JobKinds.Import, point.Id, point.Key, new ImportInput(name, mapping, ids.Next()).Write(), cancel);
            if (run.Refusal is not null) File.Delete(path);
            return run;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>May this caller import with this mapping? Asked before the file is read.</summary>
    public async Task<Answered<DecisionPoint>> CheckAsync(Caller caller, ImportMapping mapping, CancellationToken cancel) =>
        caller.Lacks(JobKinds.Needs(JobKinds.Import)) is { } denied ? denied : await importer.CheckAsync(mapping, cancel);

    /// <param name="name">As in <see cref="ImportInput.File"/>: made by <see cref="StartAsync"/>, never by a user.</param>
    public string PathOf(string name) => Path.Combine(directory.Folder(Folder), name);
}
