namespace Looper.Core.Serving.Candidates;

/// <summary>The candidates of one decision: ids, features as served, scores, and the order they are answered in. Part of a
/// <see cref="DecisionWorkspace"/>, used again for every decision; grows to what was needed once.</summary>
public sealed class CandidateSet
{
    /// <summary>Candidates of one call at most.</summary>
    public const int Max = 500;

    private readonly int[] _idEnds = new int[Max];
    private readonly int[] _rowEnds = new int[Max];
    private readonly double[] _scores = new double[Max];
    private readonly int[] _order = new int[Max];
    private readonly double[] _propensities = new double[Max];
    private double[] _votes = [];
    private byte[] _ids = new byte[2_048];
    private byte[] _rows = new byte[8_192];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>One per candidate, as sent; empty where no model scored.</summary>
    public ReadOnlySpan<double> Scores => HasScores ? _scores.AsSpan(0, Count) : [];

    /// <summary>Indices as sent, in the order of the answer.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, Count);

    /// <summary>One per place of the answer, from the first; see <see cref="ServedCandidates.Propensity"/>. Places below it are not drawn.</summary>
    public ReadOnlySpan<double> Propensities => _propensities.AsSpan(0, Drawn);

    internal bool HasScores { get; set; }

    /// <summary>One of them is picked; else they are put in an order.</summary>
    internal bool IsPick { get; set; }
    internal int Drawn { get; set; }
    internal Span<double> ScoreBuffer => _scores.AsSpan(0, Count);
    internal Span<int> OrderBuffer => _order.AsSpan(0, Count);
    internal Span<double> PropensityBuffer => _propensities;

    /// <summary>Scratch of the draw: who is not placed yet, and what each one's share of the next place is.</summary>
    internal int[] Remaining { get; } = new int[Max];

    internal double[] Shares { get; } = new double[Max];

    /// <summary>Of the next place, before what guardrails leave to the candidates as sent.</summary>
    internal double[] Believed { get; } = new double[Max];

    /// <summary>How little a bandit knows of each candidate as sent.</summary>
    internal double[] Doubts { get; } = new double[Max];

    /// <summary>Keeps an order while the candidates are read anew for another version.</summary>
    internal int[] Kept { get; } = new int[Max];

    /// <summary>Reads one candidate's features; apart from the workspace that holds the context's.</summary>
    internal DecisionWorkspace Row { get; } = new();

    /// <summary>UTF-8.</summary>
    public ReadOnlySpan<byte> Id(int candidate) => Part(_ids, _idEnds, candidate);

    /// <summary>In the format of <see cref="ServedRow"/>, in the order of the blueprint's candidate features.</summary>
    public ReadOnlySpan<byte> Served(int candidate) => Part(_rows, _rowEnds, candidate);

    internal void Clear() => (Count, Drawn, HasScores) = (0, 0, false);

    internal void Add(ReadOnlySpan<byte> id, ReadOnlySpan<byte> served)
    {
        Append(ref _ids, _idEnds, id);
        Append(ref _rows, _rowEnds, served);
        _order[Count] = Count;
        Count++;
    }

    /// <summary>The order as sent, for certain; no scores.</summary>
    internal void AsSent(bool isPick, int places)
    {
        for (var i = 0; i < Count; i++) _order[i] = i;
        IsPick = isPick;
        Drawn = Math.Min(places, Count);
        for (var i = 0; i < Drawn; i++) _propensities[i] = isPick && i > 0 ? 0 : 1;
        HasScores = false;
    }

    private void Append(ref byte[] all, int[] ends, ReadOnlySpan<byte> part)
    {
        var start = Count == 0 ? 0 : ends[Count - 1];
        if (start + part.Length > all.Length) Array.Resize(ref all, Math.Max(all.Length * 2, start + part.Length));
        part.CopyTo(all.AsSpan(start));
        ends[Count] = start + part.Length;
    }

    /// <summary>What each of a bandit's voters expects of each candidate, candidate by candidate. Made when first asked for.</summary>
    internal Span<double> VotesOf(int voters)
    {
        if (voters > 0 && _votes.Length < voters * Max) _votes = new double[voters * Max];
        return _votes.AsSpan(0, voters * Count);
    }

    private static ReadOnlySpan<byte> Part(byte[] all, int[] ends, int index)
    {
        var start = index == 0 ? 0 : ends[index - 1];
        return all.AsSpan(start, ends[index] - start);
    }
}
