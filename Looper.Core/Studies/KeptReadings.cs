namespace Looper.Core.Studies;

/// <summary>Readings that somebody looked at lately, each made once for all who look, and one at a time: learning hundreds of trials takes a core for
/// many seconds, and every page of a study asks again whenever a trial is told.</summary>
/// <param name="most">Studies whose newest reading is kept.</param>
internal sealed class KeptReadings<T>(int most) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly LinkedList<Kept> _kept = []; // newest first

    /// <summary>The reading of what is stored now.</summary>
    /// <param name="stamp">Grows with every change of what is read.</param>
    /// <param name="make">Makes it; not called where it is kept, or another caller has it made.</param>
    /// <param name="cancel">Ends the waiting. What has begun is finished, because the next look wants it.</param>
    /// <returns>The reading, or a newer one that was asked for meanwhile.</returns>
    public Task<T> OfAsync(Guid study, long stamp, Func<T> make, CancellationToken cancel)
    {
        lock (_gate)
        {
            var known = _kept.FirstOrDefault(k => k.Study == study);
            if (known is null || known.Stamp < stamp)
            {
                if (known is not null) _kept.Remove(known);
                _kept.AddFirst(known = new(study, stamp));
                known.Reading = Task.Run(() => MadeAsync(known, make), CancellationToken.None);
                if (_kept.Count > most) _kept.RemoveLast();
            }

            return known.Reading.WaitAsync(cancel);
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<T> MadeAsync(Kept asked, Func<T> make)
    {
        await _turn.WaitAsync();
        try
        {
            if (Newer(asked) is not { } newer) return make();
            asked = newer;
        }
        catch
        {
            lock (_gate) _kept.Remove(asked); // the next look tries again
            throw;
        }
        finally
        {
            _turn.Release();
        }

        return await asked.Reading;
    }

    // What a later change has overtaken before its turn came is not made any more.
    private Kept? Newer(Kept asked)
    {
        lock (_gate) return _kept.FirstOrDefault(k => k.Study == asked.Study && k.Stamp > asked.Stamp);
    }

    private sealed record Kept(Guid Study, long Stamp)
    {
        public Task<T> Reading { get; set; } = null!;
    }
}
