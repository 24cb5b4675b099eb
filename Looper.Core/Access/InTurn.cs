namespace Looper.Core.Access;

/// <summary>Orders what was read side by side by when the reading began: one that began earlier and ended later holds what has been changed since, and put
/// in place last it would let a revoked key or a removed user in again.</summary>
internal sealed class InTurn
{
    private readonly Lock _gate = new();
    private long _begun, _taken;

    /// <summary>Asked for before reading.</summary>
    public long Next() => Interlocked.Increment(ref _begun);

    /// <summary>Puts what was read in place, unless something that began later is there.</summary>
    /// <param name="turn">As it was drawn before reading.</param>
    /// <param name="take">Puts it in place.</param>
    public void Take(long turn, Action take)
    {
        lock (_gate)
        {
            if (turn < _taken) return;
            take();
            _taken = turn;
        }
    }
}
