using System.Globalization;
using Looper.Core.Learning;
using Looper.Core.Monitoring;
using Looper.Core.Persistence;
using Looper.Core.Serving;

namespace Looper.Web.Hosting;

/// <summary>Keeps a live model that cannot be read from reaching the snapshot: the last one that could be read goes on serving in its place, from
/// memory or, after a start, from the newest snapshot on disk. What was unfit is set aside as a <c>.bad</c> file, said once, and alerted.</summary>
public sealed partial class ReadableModels(SnapshotFiles files, DataDirectory directory, UnreadableModels alerts, ILogger<ReadableModels> log)
{
    private readonly Dictionary<(Guid Point, string Outcome), ModelSource> _good = [];
    private readonly HashSet<(Guid Point, int Number)> _said = [];
    private bool _alerted = true; // alerts of the process before may have to be cleared
    private SnapshotSource? _disk;
    private bool _looked;

    public async Task<SnapshotSource> KeepAsync(SnapshotSource source, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(source);
        var unreadable = new List<UnreadableModel>();
        var kept = source with { Points = [.. source.Points.Select(p => p with { Models = [.. p.Models.SelectMany(m => Keep(p, m, unreadable))] })] };
        (_disk, _looked) = (null, false);
        if (unreadable.Count > 0 || _alerted) await alerts.ReportAsync(unreadable, cancel);
        _alerted = unreadable.Count > 0;
        return kept;
    }

    private IEnumerable<ModelSource> Keep(PointSource point, ModelSource model, List<UnreadableModel> unreadable)
    {
        var at = (point.Id, model.Outcome);
        var known = _good.GetValueOrDefault(at);
        if (known?.Number == model.Number && known.Artefact.Span.SequenceEqual(model.Artefact.Span)) return [known];
        if (Artefact.Read(model.Artefact.Span).Refusal is not { } refusal)
        {
            _good[at] = model;
            return [model];
        }
        var last = known ?? OnDisk(point.Id, model.Outcome);
        if (last is not null) _good[at] = last;
        unreadable.Add(new(point.Id, point.Key, model.Outcome, model.Number, refusal.Reason, last?.Number));
        if (_said.Add((point.Id, model.Number))) Rejected(log, SetAside(point, model), refusal.Reason);
        return last is null ? [model] : [last]; // without any it is left in, and the decision point says what is wrong with it
    }

    private ModelSource? OnDisk(Guid point, string outcome)
    {
        if (!_looked) (_disk, _looked) = (files.Load().Source, true);
        return _disk?.Points.FirstOrDefault(p => p.Id == point)?.Models.FirstOrDefault(m => m.Outcome == outcome && Artefact.Read(m.Artefact.Span).Refusal is null);
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
