using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Looper.Core.Events;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>
/// Examples in columns, as read in one pass: times, units, options, labels, and the served bytes packed end to end. Memory is
/// bounded by the number of rows asked for; features are encoded from the bytes later, once the categories are known.
/// </summary>
/// <param name="outcomes">Labels a row.</param>
/// <param name="isIdentified">Units and the whole can be told by their hashes; without, rows are cheaper to add.</param>
public sealed class ExampleSet(int outcomes, bool isIdentified = true)
{
    private const int PageBytes = 1 << 20;
    private readonly List<byte[]> _pages = [];
    private readonly List<(int Page, int Offset, int Length)> _served = [];
    private readonly List<long> _ticks = [];
    private readonly List<ulong> _units = [];
    private readonly List<int> _options = [];
    private readonly List<int> _versions = [];
    private readonly List<double>[] _labels = [.. Enumerable.Range(0, outcomes).Select(_ => new List<double>())];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _used;

    public int Rows => _ticks.Count;

    public long Ticks(int row) => _ticks[row];

    /// <summary>A hash: what tells units apart when rows of one unit are counted together.</summary>
    public ulong Unit(int row) => _units[row];

    /// <summary>Index into the options of the row's own blueprint version.</summary>
    public int Option(int row) => _options[row];

    public int Version(int row) => _versions[row];

    /// <summary>NaN where the outcome is unknown for this row.</summary>
    public double Label(int outcome, int row) => _labels[outcome][row];

    public ReadOnlySpan<byte> Served(int row)
    {
        var (page, offset, length) = _served[row];
        return _pages[page].AsSpan(offset, length);
    }

    /// <param name="served">What a model sees of it: the context as served, then the candidate where one was answered.</param>
    /// <param name="labels">One per outcome.</param>
    public void Add(DecisionRecord decision, ReadOnlySpan<byte> served, ReadOnlySpan<double> labels)
    {
        ArgumentNullException.ThrowIfNull(decision);
        if (_pages.Count == 0 || _used + served.Length > PageBytes) // the first row may be empty
        {
            _pages.Add(new byte[Math.Max(PageBytes, served.Length)]);
            _used = 0;
        }
        served.CopyTo(_pages[^1].AsSpan(_used));
        _served.Add((_pages.Count - 1, _used, served.Length));
        _used += served.Length;
        _ticks.Add(decision.Time.UtcTicks);
        _options.Add(decision.Option);
        _versions.Add(decision.BlueprintVersion);
        for (var o = 0; o < labels.Length; o++) _labels[o].Add(labels[o]);
        if (!isIdentified) return;
        _units.Add(UnitHash(decision.Unit));
        Hash(decision, served, labels);
    }

    /// <summary>Lets go of the served bytes, once features are encoded; all else stays.</summary>
    public void ForgetServed()
    {
        _pages.Clear();
        _served.Clear();
        _served.TrimExcess();
    }

    /// <summary>SHA-256 over every row added: the same data gives the same hash.</summary>
    public string HashText() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    private void Hash(DecisionRecord decision, ReadOnlySpan<byte> served, ReadOnlySpan<double> labels)
    {
        Span<byte> fixedPart = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(fixedPart, decision.Time.UtcTicks);
        BinaryPrimitives.WriteInt32LittleEndian(fixedPart[8..], decision.Option);
        BinaryPrimitives.WriteInt32LittleEndian(fixedPart[12..], decision.BlueprintVersion);
        _hash.AppendData(fixedPart);
        _hash.AppendData(Encoding.UTF8.GetBytes(decision.Unit));
        Span<byte> full = served.Length <= 400 ? stackalloc byte[ServedRow.InFullBytes(served.Length)] : new byte[ServedRow.InFullBytes(served.Length)];
        _hash.AppendData(full[..ServedRow.WriteInFull(served, full)]);
        foreach (var label in labels)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(fixedPart, label);
            _hash.AppendData(fixedPart[..8]);
        }
    }

    private static ulong UnitHash(string unit)
    {
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(unit), digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }
}
