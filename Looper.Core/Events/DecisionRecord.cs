using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Events;

[Flags]
public enum RecordMarks : byte
{
    None = 0,
    Simulated = 1,
    Imported = 2,
    Default = 4,
}

/// <summary>A decision as it is journaled: everything that the answer said, and the features exactly as served.</summary>
public sealed record DecisionRecord
{
    /// <summary>Characters of a unit that a call, an import and an erasure may name.</summary>
    public const int MostUnit = 256;

    private readonly Guid _made; // default where the caller gave the id
    private readonly Guid _experiment; // default outside
    private readonly long _ticks; // UTC
    private readonly byte[] _names = []; // unit and id as they came, from _namesAt on
    private readonly int _namesAt;
    private readonly ushort _unitBytes, _idBytes; // 0 where it is a text
    private string? _id, _unit;

    public DecisionRecord()
    {
    }

    /// <param name="made">The id where the caller gave none. Its text is written when somebody asks for it: storing and answering need the number alone.</param>
    public DecisionRecord(Guid made) => _made = made;

    /// <summary>With names as they came over the wire: their texts too are written when somebody asks. All else that is required must be set as well.</summary>
    /// <param name="made">The id where <paramref name="id"/> is empty.</param>
    /// <param name="id">UTF-8.</param>
    /// <param name="unit">UTF-8, not empty.</param>
    /// <param name="served">See <see cref="Served"/>.</param>
    /// <param name="among">Of those it came with; null for one by itself.</param>
    [SetsRequiredMembers]
    public DecisionRecord(Guid made, ReadOnlySpan<byte> id, ReadOnlySpan<byte> unit, ReadOnlySpan<byte> served, RecordBytes? among)
    {
        ArgumentOutOfRangeException.ThrowIfZero(unit.Length);
        var length = unit.Length + id.Length + served.Length;
        (_names, _namesAt) = among?.Take(length) ?? (new byte[length], 0);
        (_made, _unitBytes, _idBytes) = (id.IsEmpty ? made : default, checked((ushort)unit.Length), checked((ushort)id.Length));
        var bytes = _names.AsMemory(_namesAt, length);
        unit.CopyTo(bytes.Span);
        id.CopyTo(bytes.Span[unit.Length..]);
        var features = bytes[(unit.Length + id.Length)..];
        served.CopyTo(features.Span);
        Served = features;
    }

    /// <summary>The caller's idempotency key, or a UUID v7. 1 to 128 characters. Unique over the installation. Set to null it is the one that came or was made here.</summary>
    /// <exception cref="ArgumentNullException">It is null, and none came or was made.</exception>
    [AllowNull]
    public required string Id
    {
        get => _id ??= _idBytes > 0 ? Encoding.UTF8.GetString(IdUtf8) : _made.ToString("D");
        init
        {
            if (value is not null) (_id, _idBytes, _made) = (value, 0, default);
            else if (_made == default && _idBytes == 0) throw new ArgumentNullException(nameof(value), "Give an id, or the number of one that was made.");
        }
    }

    /// <summary>The id as a number where it was made here; null for one that the caller gave, or that was read.</summary>
    public Guid? MadeId => _made == default ? null : _made;

    /// <summary>The id as it came; empty for one that was made here, or is a text.</summary>
    public ReadOnlySpan<byte> IdUtf8 => _names.AsSpan(_namesAt + _unitBytes, _idBytes);

    public required Guid DecisionPointId { get; init; }

    /// <summary>For whom. 1 to 1,024 characters. Set to null it is the one that came.</summary>
    /// <exception cref="ArgumentNullException">It is null, and none came.</exception>
    [AllowNull]
    public required string Unit
    {
        get => _unit ??= Encoding.UTF8.GetString(UnitUtf8);
        init
        {
            if (value is not null) (_unit, _namesAt, _unitBytes) = (value, _namesAt + _unitBytes, 0);
            else if (_unitBytes == 0) throw new ArgumentNullException(nameof(value), "Say for whom it was decided.");
        }
    }

    /// <summary>The unit as it came; empty where it is a text.</summary>
    public ReadOnlySpan<byte> UnitUtf8 => _names.AsSpan(_namesAt, _unitBytes);

    public required DateTimeOffset Time
    {
        get => new(_ticks, TimeSpan.Zero);
        init => _ticks = value.UtcTicks;
    }

    public required int BlueprintVersion { get; init; }

    /// <summary>Index into the blueprint's options, or of the first candidate of the answer as it was sent; −1 for <c>value</c> and <c>configuration</c>.</summary>
    public required int Option { get; init; }

    /// <summary>The answer of a <c>value</c> decision; NaN otherwise.</summary>
    public double Value { get; init; } = double.NaN;

    /// <summary>Probability with which this option was chosen for this unit and context, exact; in (0, 1]. NaN where unknown (imported).</summary>
    public required double Propensity { get; init; }

    public required Reason Reason { get; init; }

    /// <summary>The experiment that covered the unit, and the index of its arm; null and −1 outside.</summary>
    public Guid? ExperimentId
    {
        get => _experiment == default ? null : _experiment;
        init => _experiment = value ?? default;
    }

    /// <summary>The answer was drawn by the policy or an experiment's lot; forced and fallback answers say nothing about a policy. An arm whose policy has no model yet was
    /// drawn by lot all the same: its answer is part of what the other arms' chances were reckoned with.</summary>
    internal bool IsDrawn() => Reason is Reason.Policy or Reason.Explore or Reason.Experiment or Reason.Stale || (Reason == Reason.DefaultNoModel && ExperimentId is not null);

    public int Arm { get; init; } = -1;

    /// <summary>Highest number among the models used; 0 without one.</summary>
    public int ModelNumber { get; init; }

    public RecordMarks Marks { get; init; }

    /// <summary>The features in the blueprint's order, in the format of <see cref="ServedRow"/>.</summary>
    public required ReadOnlyMemory<byte> Served { get; init; }

    /// <summary>Ids, order, propensities and features of the candidates, in the format of <see cref="ServedCandidates"/>; empty where none were sent.</summary>
    public ReadOnlyMemory<byte> Candidates { get; init; }

    /// <summary>One score per option or candidate (or one for <c>value</c>); empty where no model scored.</summary>
    public ImmutableArray<double> Scores { get; init; } = [];

    /// <summary>JSON of the answer of a <c>configuration</c> decision; empty otherwise.</summary>
    public ReadOnlyMemory<byte> Configuration { get; init; }

    /// <summary>Hash of the canonical request: the same id with another hash is a conflict.</summary>
    public ulong RequestHash { get; init; }
}
