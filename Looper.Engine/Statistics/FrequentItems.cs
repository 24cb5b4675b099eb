namespace Looper.Core.Statistics;

/// <summary>How often each text occurs in a stream: exactly while there is room for all of them, and then with a known bound.</summary>
/// <param name="room">Different texts held at most, ≥ 1.</param>
/// <param name="roomCharacters">Characters of all held texts together, at most; a single text may be as long.</param>
/// <remarks>When there is no room for a new text, every held count falls by one, the new text with them, and texts at 0 are let go: Misra and Gries 1982,
/// Science of Computer Programming 2:143, "Finding repeated elements". A count is then too small by at most <see cref="Shortfall"/>, which is at most
/// <see cref="Total"/>/(held + 1), so that no frequent text is missed. O(1) a text on average. Depends on the order of texts once there is no room. Not
/// thread safe.</remarks>
public sealed class FrequentItems(int room = 50_000, long roomCharacters = 4_000_000)
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private long _characters;

    /// <summary>Texts counted.</summary>
    public long Total { get; private set; }

    /// <summary>By how much a count may be too small; 0 while all are exact.</summary>
    public long Shortfall { get; private set; }

    /// <summary>Different texts; while <see cref="Shortfall"/> is 0 exactly, else at least so many.</summary>
    public long Distinct { get; private set; }

    /// <summary>Counts one more text.</summary>
    public void Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Total++;
        if (_counts.TryGetValue(text, out var count)) _counts[text] = count + 1;
        else if (_counts.Count < room && _characters + text.Length <= roomCharacters)
        {
            _counts.Add(text, 1);
            _characters += text.Length;
            Distinct = Math.Max(Distinct, _counts.Count);
        }
        else TakeOne();
    }

    /// <summary>How often a text occurred, too small by at most <see cref="Shortfall"/>; 0 for one not held.</summary>
    public long Count(string text) => _counts.GetValueOrDefault(text);

    /// <summary>The commonest texts, most often first, equal ones in ordinal order.</summary>
    /// <param name="most">At most so many.</param>
    public IEnumerable<KeyValuePair<string, long>> Commonest(int most) =>
        _counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(most);

    private void TakeOne()
    {
        Shortfall++;
        foreach (var (text, count) in _counts)
        {
            if (count > 1) _counts[text] = count - 1;
            else
            {
                _counts.Remove(text); // allowed while enumerating, as is setting
                _characters -= text.Length;
            }
        }
    }
}
