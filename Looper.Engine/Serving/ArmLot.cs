using System.Buffers.Binary;
using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>To what an experiment gives its arms: to units, to all units with one value of a feature, or to slots of time. Compiled; no memory, so every
/// node gives the same.</summary>
/// <remarks>
/// <code>
/// unit, cluster  pick(uniform(arm, subject), shares); subject: the unit, the category's text, or the number's eight little-endian bytes
/// changing       the arm of least −ln(uniform(arm-i, unit))/shareᵢ: a race that arm i wins with shareᵢ (an exponential clock each), in which
///                a unit leaves its arm only for one whose share grew by a larger factor
/// slot           the week's position of a slot comes back every week: of n arms with equal shares, n weeks in a row have each once, in an order
///                drawn by position, group of weeks and region; with other shares each slot is drawn by itself
/// </code>
/// </remarks>
internal sealed class ArmLot
{
    private readonly ulong _stream;
    private readonly ulong[] _own;
    private readonly int _cluster = -1, _region = -1;
    private readonly TimeSlots _slots;
    private readonly long _first;
    private readonly bool _isBalanced;

    private ArmLot(ExperimentSource source, int cluster, int region)
    {
        (_stream, _cluster, _region) = (Assignment.Stream(source.Salt, "arm"), cluster, region);
        _own = source.Shares.IsEmpty ? [] : [.. source.Arms.Select((_, i) => Assignment.Stream(source.Salt, $"arm-{i}"))];
        if (source.Slots is not { } slots) return;
        _slots = new(slots.Minutes);
        _first = _slots.Of(source.StartedAt);
        _isBalanced = source.Arms.All(a => Math.Abs(a.Weight - source.Arms[0].Weight) < 1e-9);
    }

    public bool IsByCluster => _cluster >= 0;

    /// <summary>Refused where the feature it goes by is not there.</summary>
    public static Answered<ArmLot> Compile(ExperimentSource source, ImmutableArray<Feature> features)
    {
        int cluster = IndexOf(features, source.Cluster), region = IndexOf(features, source.Slots?.Region);
        if (source.Cluster is not null && cluster < 0) return new Refusal("experiment.invalid", $"arms are given by feature '{source.Cluster}', which is not there", "cluster");
        if (source.Slots?.Region is { } name && region < 0) return new Refusal("experiment.invalid", $"slots are drawn by feature '{name}', which is not there", "switchback.region");
        if (source.Slots is { } slots && (slots.Minutes < 1 || TimeSlots.MinutesOfDay % slots.Minutes != 0))
            return new Refusal("experiment.invalid", $"slots of {slots.Minutes} minutes do not divide a day", "switchback.slotMinutes");
        return new ArmLot(source, cluster, region);
    }

    /// <summary>What the lots are drawn by; empty where the call does not say, and then it has no part in the experiment.</summary>
    /// <param name="number">Eight bytes to write to.</param>
    public ReadOnlySpan<byte> Subject(in DecisionRequest request, DecisionWorkspace workspace, Span<byte> number) =>
        _cluster < 0 ? request.Unit : BytesOf(workspace, request.Context, _cluster, number);

    /// <returns>Index of the arm, or −1 where the call does not say its region.</returns>
    public int Arm(in DecisionRequest request, ReadOnlySpan<byte> subject, DecisionWorkspace workspace, double[] shares)
    {
        if (_slots.Minutes > 0) return OfSlot(request, workspace, shares);
        return _own.Length > 0 ? Race(_own, subject, shares) : Assignment.Pick(Assignment.Uniform(_stream, subject), shares);
    }

    /// <summary>The arm of a unit where nothing but its id counts.</summary>
    public int Arm(ReadOnlySpan<byte> utf8Unit, double[] shares) => _own.Length > 0 ? Race(_own, utf8Unit, shares) : Assignment.Pick(Assignment.Uniform(_stream, utf8Unit), shares);

    private static int Race(ulong[] streams, ReadOnlySpan<byte> subject, double[] shares)
    {
        var (winner, best) = (0, double.PositiveInfinity);
        for (var i = 0; i < streams.Length; i++)
        {
            if (!(shares[i] > 0)) continue;
            var time = -Math.Log(Assignment.Uniform(streams[i], subject)) / shares[i];
            if (time < best) (winner, best) = (i, time);
        }

        return winner;
    }

    private int OfSlot(in DecisionRequest request, DecisionWorkspace workspace, double[] shares)
    {
        Span<byte> key = stackalloc byte[24];
        if (_region >= 0)
        {
            var region = BytesOf(workspace, request.Context, _region, key[..8]);
            if (region.IsEmpty) return -1;
            BinaryPrimitives.WriteUInt64LittleEndian(key[16..], Assignment.Hash(region, _stream));
        }

        var slot = _slots.Of(request.At);
        if (!_isBalanced)
        {
            BinaryPrimitives.WriteInt64LittleEndian(key, slot);
            key[8..16].Clear();
            return Assignment.Pick(Assignment.Uniform(_stream, key), shares);
        }

        var (arms, week) = (shares.Length, Math.Max(0, slot - _first) / _slots.PerWeek);
        BinaryPrimitives.WriteInt64LittleEndian(key, slot % _slots.PerWeek);
        Span<int> order = stackalloc int[arms];
        for (var i = 0; i < arms; i++) order[i] = i;
        for (var i = arms - 1; i > 0; i--)
        {
            BinaryPrimitives.WriteInt64LittleEndian(key[8..], week / arms * arms + i);
            var j = (int)(Assignment.Uniform(_stream, key) * (i + 1));
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order[(int)(week % arms)];
    }

    private static ReadOnlySpan<byte> BytesOf(DecisionWorkspace workspace, ReadOnlySpan<byte> context, int feature, Span<byte> number)
    {
        ref readonly var value = ref workspace.Values[feature];
        if (value.Kind == ServedKind.Text) return workspace.TextOf(value, context);
        if (value.Kind != ServedKind.Number) return default;
        BinaryPrimitives.WriteDoubleLittleEndian(number, value.Number + 0.0); // −0 is 0
        return number;
    }

    private static int IndexOf(ImmutableArray<Feature> features, string? name)
    {
        for (var i = 0; name is not null && i < features.Length; i++)
        {
            if (features[i].Name == name) return i;
        }
        return -1;
    }
}
