using System.Collections.Frozen;
using Looper.Core.Serving;

namespace Looper.Web.Hosting;

/// <summary>Reads at a start what served last, while the databases are still being opened: which of it still holds is only known from them, but it
/// is nearly always all of it, and opening them keeps one core busy.</summary>
public sealed class CompiledAhead(SnapshotFiles files, CompiledFiles compiled)
{
    private readonly Lock _gate = new();
    private Task<ReadAhead>? _reading;

    public void Begin()
    {
        lock (_gate) _reading ??= Task.Run(Read);
    }

    /// <summary>What was read. It is let go of then, and read anew for whoever asks again.</summary>
    public Task<ReadAhead> TakeAsync()
    {
        lock (_gate)
        {
            var taken = _reading ?? Task.Run(Read);
            _reading = null;
            return taken;
        }
    }

    /// <summary>It is not needed now, and may be much.</summary>
    public void Forget()
    {
        lock (_gate) _reading = null;
    }

    private ReadAhead Read()
    {
        var listed = files.Newest();
        return new(listed, listed.Values.AsParallel().Select(file => (file.Id, Point: compiled.Read(file))).Where(read => read.Point is not null)
            .ToFrozenDictionary(read => read.Id, read => read.Point!));
    }
}

/// <param name="Files">The file of every decision point that served last.</param>
/// <param name="Points">Those of them whose compiled form is fit to serve.</param>
public sealed record ReadAhead(IReadOnlyDictionary<Guid, PointFile> Files, IReadOnlyDictionary<Guid, DecisionPointSnapshot> Points);
