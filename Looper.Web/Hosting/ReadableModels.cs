using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Learning;
using Looper.Core.Monitoring;
using Looper.Core.Persistence;
using Looper.Core.Serving;

namespace Looper.Web.Hosting;

/// <summary>Keeps a live model that cannot be read from reaching the snapshot: the last one that could be read goes on serving in its place, from
/// the decision point's files on disk. What was unfit is set aside as a <c>.bad</c> file, said once, and alerted.</summary>
public sealed partial class ReadableModels(SnapshotFiles files, DataDirectory directory, UnreadableModels alerts, ILogger<ReadableModels> log)
{
    private readonly Dictionary<Guid, ImmutableArray<UnreadableModel>> _unreadable = [];
    private readonly HashSet<(Guid Point, int Number)> _said = [];
    private bool _changed = true; // alerts of the process before may have to be cleared

    /// <summary>Remembers that a decision point needs no other models.</summary>
    public void Fits(Guid point) => _changed |= _unreadable.Remove(point);

    /// <summary>The same decision point with models that can be read, as far as there are any.</summary>
    public PointSource Keep(PointSource point)
    {
        ArgumentNullException.ThrowIfNull(point);
        var found = ImmutableArray.CreateBuilder<UnreadableModel>();
        var kept = point with { Models = [.. point.Models.Select(m => Artefact.Read(m.Artefact.Span).Refusal is { } refusal ? Instead(point, m, refusal, found) : m)] };
        _unreadable[point.Id] = point.IsArchived ? [] : found.ToImmutable(); // of what decides nothing nobody needs to hear
        _changed = true;
        return kept;
    }

    /// <summary>Fires and clears alerts where something changed since the last time.</summary>
    /// <param name="points">All decision points that serve.</param>
    public async Task ReportAsync(IEnumerable<Guid> points, CancellationToken cancel)
    {
        var present = points.ToHashSet();
        foreach (var gone in _unreadable.Keys.Where(id => !present.Contains(id)).ToList()) _changed |= _unreadable.Remove(gone);
        if (!_changed) return;
        await alerts.ReportAsync([.. _unreadable.Values.SelectMany(m => m)], cancel);
        _changed = false;
    }

    // Without any other the unfit one is left in, and the decision point says what is wrong with it.
    private ModelSource Instead(PointSource point, ModelSource model, Core.Refusal refusal, ImmutableArray<UnreadableModel>.Builder found)
    {
        var last = files.Written(point.Id).SelectMany(p => p.Models)
            .FirstOrDefault(m => m.Outcome == model.Outcome && Artefact.Read(m.Artefact.Span).Refusal is null);
        found.Add(new(point.Id, point.Key, model.Outcome, model.Number, refusal.Reason, last?.Number));
        if (_said.Add((point.Id, model.Number))) Rejected(log, SetAside(point, model), refusal.Reason);
        return last ?? model;
    }

    private string SetAside(PointSource point, ModelSource model)
    {
        var file = Path.Combine(directory.Folder("models"), string.Create(CultureInfo.InvariantCulture, $"{point.Key}-{model.Number}.bad"));
        try
        {
            File.WriteAllBytes(file, model.Artefact.ToArray());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"model {point.Key}/{model.Number}"; // it is in the database as well
        }
        return file;
    }

    [LoggerMessage(1201, LogLevel.Error, "snapshot.rejected: {File} was set aside. {Why}")]
    private static partial void Rejected(ILogger log, string file, string why);
}
