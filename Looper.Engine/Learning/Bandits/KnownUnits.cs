namespace Looper.Core.Learning.Bandits;

/// <summary>Units whose outcome is known, told apart until there are enough to speak for others: many decisions of few units say little of the rest.</summary>
/// <remarks>At most <see cref="Enough"/> hashes are kept. Not thread safe.</remarks>
public sealed class KnownUnits
{
    /// <summary>Units below which nothing counts as known.</summary>
    public const int Enough = 30;

    private readonly SortedSet<ulong> _hashes = [];

    /// <summary>Different ones, up to <see cref="Enough"/>.</summary>
    public int Count => _hashes.Count;

    internal IEnumerable<ulong> Hashes => _hashes;

    /// <summary>Takes in the unit of one decision.</summary>
    public void Add(ulong hash)
    {
        if (_hashes.Count < Enough) _hashes.Add(hash);
    }
}
